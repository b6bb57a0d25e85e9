// The list of patients: selecting with the keyboard and the mouse as in any list, the menu of what is selected, and the
// dialog that shares it. Without this script checkboxes and a button do the same.

const { fragment, failed } = window.sprechzeit;

const dialog = document.getElementById("sharing");
const find = document.querySelector('.patients-search [name="q"]');
let form, menu, boxes, all; // of the list that is shown: it changes while somebody types whom they look for
const rowOf = (box) => box.closest("tr");
const boxIn = (target) => target.closest?.("tbody tr")?.querySelector('[name="patient"]');
let anchor = null; // where a range begins
let opener = null;

// --- What is selected ---

function say() {
  const count = boxes.filter((box) => box.checked).length;
  const words = count === 1 ? form.dataset.one : form.dataset.many.replace("#", String(count));
  form.querySelector("[data-count]").textContent = count ? words : "";
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
}

/** Exactly the records between two are selected, both included. */
function range(from, to) {
  const [first, last] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
  boxes.forEach((box, index) => (box.checked = index >= first && index <= last));
}

function every(checked) {
  anchor = null;
  for (const box of boxes) box.checked = checked;
  say();
}

/** One stop for Tab in the whole list; arrows walk in it. */
function stand(box) {
  for (const other of boxes) other.tabIndex = other === box ? 0 : -1;
}

function walk(box, key, extends_) {
  const step = { ArrowUp: -1, ArrowDown: 1, Home: -boxes.length, End: boxes.length }[key];
  const next = boxes[Math.max(0, Math.min(boxes.length - 1, boxes.indexOf(box) + step))];
  if (extends_) {
    anchor ??= box;
    range(anchor, next);
    say();
  } else anchor = next;
  next.focus();
  rowOf(next).scrollIntoView({ block: "nearest" });
}

// --- The menu ---

function openMenu(box, x, y) {
  if (!box.checked) {
    every(false);
    box.checked = true;
    say();
  }
  opener = box;
  menu.showPopover();
  const { offsetWidth: width, offsetHeight: height } = menu;
  if (matchMedia("(min-width: 901px)").matches) {
    menu.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
  } else menu.removeAttribute("style");
  menu.querySelector('[role="menuitem"]').focus();
}

function menuBelow(box) {
  const place = rowOf(box).getBoundingClientRect();
  openMenu(box, place.left + 40, place.bottom - 6);
}

// --- The dialog ---

async function share() {
  const chosen = new URLSearchParams(new FormData(form));
  const html = await fragment(`${form.getAttribute("action")}?${chosen}`);
  if (html === null) return failed();
  dialog.innerHTML = html;
  window.htmx.process(dialog);
  dialog.showModal();
  (dialog.querySelector('[name="to"]:checked') ?? dialog.querySelector("h2")).focus();
}

function onKey(event) {
  const box = event.target.matches('[name="patient"]') ? event.target : null;
  if (box && ["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) walk(box, event.key, event.shiftKey);
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") every(true);
  else if (box && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) menuBelow(box);
  else if (event.key === "Escape" && !menu.matches(":popover-open") && boxes.some((one) => one.checked)) every(false);
  else if (box && event.key === "Enter") share();
  else return;
  event.preventDefault();
}

/** What is listed now. */
function begin() {
  form = document.getElementById("patients");
  menu = form?.querySelector("[data-menu]"); // without an id, by which htmx would carry its style over
  boxes = form ? [...form.querySelectorAll('[name="patient"]')] : [];
  all = form?.querySelector("[data-all]");
  anchor = opener = null;
  if (!menu || !boxes.length) return;
  all.hidden = false;
  stand(boxes[0]);
  form.addEventListener("focusin", ({ target }) => target.matches('[name="patient"]') && stand(target));
  form.addEventListener("keydown", onKey);
  form.addEventListener("change", ({ target }) => (target === all ? every(all.checked) : say()));
  form.addEventListener("reset", () => setTimeout(say));
  form.addEventListener("click", (event) => {
    const box = boxIn(event.target);
    if (!box || event.target.closest("a, button") || getSelection()?.toString()) return;
    // A click anywhere in the row means it; its label and box know that themselves.
    if (!event.target.closest("label")) {
      box.checked = event.shiftKey || !box.checked;
      box.focus();
    } else if (event.target !== box) return;
    if (event.shiftKey && anchor) range(anchor, box);
    else anchor = box;
    say();
  });
  form.addEventListener("contextmenu", (event) => {
    const box = boxIn(event.target);
    if (!box || event.target.closest("a")) return;
    event.preventDefault();
    if (!menu.matches(":popover-open")) openMenu(box, event.clientX, event.clientY);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // It is a list still, and may be sent again.
    event.stopPropagation();
    opener ??= document.activeElement;
    if (menu.matches(":popover-open")) menu.hidePopover();
    share();
  });
  say();
}

dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});
dialog.addEventListener("close", () => {
  dialog.replaceChildren();
  (opener?.checkVisibility() ? opener : boxes.find((box) => box.tabIndex === 0))?.focus();
  opener = null;
});
dialog.addEventListener("htmx:after:swap", () => dialog.querySelector('[role="alert"]')?.focus());
addEventListener("pageshow", () => menu && say());
document.addEventListener("htmx:after:swap", () => {
  if (dialog.open) return;
  // Back and reload find what was typed.
  const asked = find.value.trim();
  history.replaceState(null, "", asked ? `?q=${encodeURIComponent(asked)}` : location.pathname);
  begin();
});
begin();
