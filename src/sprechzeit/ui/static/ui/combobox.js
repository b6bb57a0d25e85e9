// A field with hits below it: search in the top bar, the patient of a new appointment. What is typed is asked of
// `data-hits`; arrows choose, Enter takes, Ctrl+Enter takes the last one (a new patient), Escape empties.

const { fragment } = window.sprechzeit;

const PAUSE_MILLISECONDS = 150;
const timers = new WeakMap();

const combobox = (target) => target.closest?.('input[role="combobox"]');
const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
const options = (input) => [...(listOf(input)?.querySelectorAll('[role="option"]') ?? [])];
const chosen = (input) => options(input).find((option) => option.ariaSelected === "true");

function choose(input, option) {
  for (const other of options(input)) other.ariaSelected = String(other === option);
  if (option) {
    option.id ||= `${listOf(input).id}-${options(input).indexOf(option)}`;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function show(input, html) {
  const list = listOf(input);
  if (html !== undefined) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const nodes = fresh.querySelector('[role="listbox"]')?.childNodes ?? fresh.body.childNodes;
    list.replaceChildren(...nodes);
  }
  const any = list.childElementCount > 0;
  list.hidden = !any;
  input.ariaExpanded = String(any);
  choose(input, options(input)[0]);
}

const hide = (input) => show(input, "");

async function ask(input) {
  const asked = input.value.trim();
  if (!asked && !("recent" in input.dataset)) return hide(input);
  const address = new URL(input.dataset.hits, location.href);
  address.searchParams.set("q", asked);
  const html = await fragment(address);
  // A later key has asked anew.
  if (html !== null && input.value.trim() === asked) show(input, html);
}

function take(input, option) {
  const way = option.matches("a, button") ? option : option.querySelector("a, button");
  if (way) way.click();
  else option.click();
}

document.addEventListener("input", (event) => {
  const input = combobox(event.target);
  if (!input?.dataset.hits) return;
  clearTimeout(timers.get(input));
  timers.set(input, setTimeout(() => ask(input), PAUSE_MILLISECONDS));
});

// Before anything is typed, the search shows what was opened last.
document.addEventListener("focusin", (event) => {
  const input = combobox(event.target);
  if (input && "recent" in input.dataset && !input.value.trim()) ask(input);
});

document.addEventListener("keydown", (event) => {
  const input = combobox(event.target);
  if (!input || !listOf(input)) return;
  const all = options(input);
  const at = all.indexOf(chosen(input));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!all.length) return;
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(input, all[(at + step + all.length) % all.length]);
  } else if (event.key === "Enter" && all.length) {
    take(input, event.ctrlKey ? all.at(-1) : (chosen(input) ?? all[0]));
  } else if (event.key === "Escape" && all.length) {
    hide(input);
    event.stopPropagation();
  } else return;
  event.preventDefault();
}, true);

// Leaving the field puts its hits away, choosing one by pointer does not.
document.addEventListener("focusout", (event) => {
  const input = combobox(event.target);
  const list = input && listOf(input);
  if (list && !list.contains(event.relatedTarget)) setTimeout(() => input.isConnected && document.activeElement !== input && hide(input), 200);
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
  const search = document.querySelector("[data-search]");
  if (!search || document.querySelector("dialog:modal")) return;
  event.preventDefault();
  search.focus();
  search.select();
});
