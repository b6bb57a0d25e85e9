// The text of a message: its placeholders are chips, what is typed is in the field below, and nothing gets lost unseen.

const form = document.getElementById("template");
const choices = [...document.querySelectorAll("[data-insert]")];
const names = new Map(choices.map((button) => [button.dataset.insert, button.textContent.trim()]));
const WRITTEN = /%\p{L}[\p{L}\p{N}_-]{0,40}%/gu;
const MOST_STEPS = 200;

// --- What is not saved yet ---

let unsaved = "unsaved" in form.dataset;
const said = document.getElementById("unsaved");
function note(isUnsaved) {
  unsaved = isUnsaved;
  if (said) said.hidden = !unsaved;
  // What is sent as a sample is what was saved.
  const sample = document.getElementById("send-sample");
  if (sample) sample.disabled = unsaved;
}
note(unsaved);
form.addEventListener("submit", () => note(false));
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
document.getElementById("type").addEventListener("change", (event) => event.target.form.requestSubmit());

// Somebody else's data are looked at; the text is the same.
document.getElementById("sample").addEventListener("change", () => form.dispatchEvent(new Event("input")));

// --- A field with chips ---

// Everything stands flat in the box: pieces of text, chips, and at the end a break that shows an empty last line.
class Written {
  constructor(field) {
    this.field = field;
    this.isLong = field.localName === "textarea";
    this.box = document.createElement("div");
    this.box.className = this.isLong ? `written${field.rows < 10 ? " short" : ""}` : "written one";
    this.box.contentEditable = "true";
    this.box.role = "textbox";
    this.box.ariaMultiLine = String(this.isLong);
    this.box.spellcheck = true;
    const label = document.querySelector(`label[for="${field.id}"]`);
    label.id = `${field.id}_label`;
    this.box.setAttribute("aria-labelledby", label.id);
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (field.hasAttribute(name)) this.box.setAttribute(name, field.getAttribute(name));
    }
    label.addEventListener("click", () => this.box.focus());
    field.hidden = true;
    field.after(this.box);
    this.draw(field.value);
    this.steps = [{ text: field.value, at: field.value.length }];
    this.step = 0;
    this.caret = field.value.length;
    this.box.addEventListener("beforeinput", (event) => this.before(event));
    this.box.addEventListener("input", (event) => event.isComposing || this.taken());
    this.box.addEventListener("compositionend", () => this.taken());
    this.box.addEventListener("keydown", (event) => this.keys(event));
    for (const kind of ["copy", "cut"]) this.box.addEventListener(kind, (event) => this.copy(event));
  }

  chip(code) {
    const chip = document.createElement("span");
    chip.className = names.has(code.toUpperCase()) ? "placeholder" : "placeholder unknown";
    chip.contentEditable = "false";
    chip.dataset.code = code;
    chip.textContent = names.get(code.toUpperCase()) ?? code;
    return chip;
  }

  draw(text) {
    const parts = [];
    let place = 0;
    for (const found of text.matchAll(WRITTEN)) {
      if (found.index > place) parts.push(text.slice(place, found.index));
      parts.push(this.chip(found[0]));
      place = found.index + found[0].length;
    }
    if (place < text.length) parts.push(text.slice(place));
    this.box.replaceChildren(...parts, document.createElement("br"));
  }

  /** What stands in a node or piece of it. */
  static text(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replaceAll("\u00a0", " ");
    if (node.dataset?.code) return node.dataset.code;
    if (node.localName === "br") return node.nextSibling ? "\n" : "";
    const inner = [...node.childNodes].map(Written.text).join("");
    return node.localName === "div" && node.previousSibling ? `\n${inner}` : inner;
  }

  get text() {
    return [...this.box.childNodes].map(Written.text).join("");
  }

  /** How far into the text a place of the page is. */
  offset(node, place) {
    const range = document.createRange();
    range.setStart(this.box, 0);
    range.setEnd(node, place);
    const before = range.cloneContents();
    before.append(document.createElement("i"));
    return [...before.childNodes].map(Written.text).join("").length;
  }

  /** The chosen stretch of the text; where one was last, if the box has not the focus. */
  get chosen() {
    const selection = getSelection();
    if (!selection.rangeCount || !this.box.contains(selection.anchorNode)) return [this.caret, this.caret];
    const range = selection.getRangeAt(0);
    return [this.offset(range.startContainer, range.startOffset), this.offset(range.endContainer, range.endOffset)];
  }

  put(at) {
    let rest = at;
    const selection = getSelection();
    for (const node of this.box.childNodes) {
      const length = Written.text(node).length;
      if (node.nodeType === Node.TEXT_NODE && rest <= length) return selection.collapse(node, rest);
      if (rest < length || (rest === 0 && !length)) break;
      rest -= length;
    }
    const index = [...this.box.childNodes].findIndex((_, place, nodes) => nodes.slice(0, place).map(Written.text).join("").length >= at);
    selection.collapse(this.box, index < 0 ? this.box.childNodes.length : index);
  }

  /** Text in the place of what is chosen. */
  insert(text) {
    const [from, to] = this.chosen;
    const whole = this.text;
    this.set(whole.slice(0, from) + text + whole.slice(to), from + text.length);
  }

  set(text, at, { remember = true } = {}) {
    this.draw(text);
    this.box.focus();
    this.put(at);
    this.keep(text, at, remember);
  }

  keep(text, at, remember = true) {
    this.caret = at;
    if (text === this.field.value) return;
    this.field.value = text;
    note(true);
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    if (!remember) return;
    this.steps = [...this.steps.slice(0, this.step + 1), { text, at }].slice(-MOST_STEPS);
    this.step = this.steps.length - 1;
  }

  /** Something was typed: a placeholder that is whole now becomes a chip. */
  taken() {
    const text = this.text;
    const at = this.chosen[1];
    const typed = [...this.box.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.search(WRITTEN) >= 0);
    const isStrange = [...this.box.childNodes].some((node) => node.nodeType === Node.ELEMENT_NODE && !node.dataset.code && node.localName !== "br");
    if (typed || isStrange || this.box.lastChild?.localName !== "br") {
      this.draw(text);
      this.put(at);
    }
    this.keep(text, at);
  }

  before(event) {
    const kind = event.inputType;
    if (kind === "insertParagraph" || kind === "insertLineBreak") {
      event.preventDefault();
      if (this.isLong) this.insert("\n");
    } else if (kind === "insertFromPaste" || kind === "insertFromDrop") {
      event.preventDefault();
      const text = (event.dataTransfer?.getData("text/plain") ?? event.data ?? "").replaceAll(/\r\n?/g, "\n");
      this.insert(this.isLong ? text : text.replaceAll("\n", " "));
    } else if (kind === "historyUndo" || kind === "historyRedo") {
      event.preventDefault();
      this.back(kind === "historyUndo" ? -1 : 1);
    } else if (kind.startsWith("format")) event.preventDefault();
  }

  keys(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    this.back(key === "y" || event.shiftKey ? 1 : -1);
  }

  back(way) {
    const step = this.steps[this.step + way];
    if (!step) return;
    this.step += way;
    this.set(step.text, step.at, { remember: false });
  }

  copy(event) {
    const [from, to] = this.chosen;
    if (from === to) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", this.text.slice(from, to));
    if (event.type === "cut") this.insert("");
  }
}

const written = [...form.querySelectorAll("[data-words]:not(:disabled)")].map((field) => new Written(field));
const last = { one: written.at(-1) };
for (const one of written) {
  one.box.addEventListener("focus", () => (last.one = one));
  one.box.addEventListener("blur", () => (one.caret = Math.min(one.caret, one.text.length)));
}
document.addEventListener("selectionchange", () => {
  const one = written.find(({ box }) => box.contains(getSelection().anchorNode));
  if (one && document.activeElement === one.box) one.caret = one.chosen[1];
});

for (const button of choices) {
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => last.one?.insert(button.dataset.insert));
}
document.getElementById("faults").addEventListener("click", ({ target }) => {
  const { replace, with: by } = target.dataset;
  if (!replace) return;
  for (const one of written) {
    if (one.text.includes(replace)) one.set(one.text.replaceAll(replace, by), one.text.indexOf(replace) + by.length);
  }
});
