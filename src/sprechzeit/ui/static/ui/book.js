// The appointment book: opening an entry, one stop for Tab in each column, the line of now.

const { fragment, failed, offerCopies } = window.sprechzeit;
const { book, number, columns, entries, current, returnFocus, UNIT_MINUTES } = window.sprechzeit.grid;

const details = document.getElementById("details");
const phone = matchMedia("(max-width: 900px)");
const TOP_BAR_PIXELS = 62;
const RENEW_MILLISECONDS = 100;
let opener = null;
let opened = 0;
let isOpening = false;
let standsIn = "";
let renewal = 0;

// Details of an entry

async function open(entry) {
  close();
  if (opener) current(opener)?.removeAttribute("aria-expanded");
  const mine = ++opened;
  isOpening = true;
  opener = entry;
  standsIn = entry.closest(".column").id;
  entry.ariaExpanded = "true";
  const html = await fragment(entry.getAttribute("href"));
  if (mine !== opened) return;
  isOpening = false;
  if (html === null) {
    opener.removeAttribute("aria-expanded");
    failed();
    return;
  }
  fill(html);
  if (phone.matches) details.showModal();
  else {
    details.show();
    beside(details, current(opener) ?? opener);
  }
  details.querySelector("#details-title").focus();
}

function fill(html) {
  details.innerHTML = html;
  htmx.process(details);
  offerCopies(details);
}

// Details follow what became of their entry, by whomever; only where somebody types in them they stay. What is no
// longer there, a block that was removed, closes.
async function renew() {
  const mine = opened;
  const html = await fragment(opener.getAttribute("href"));
  if (mine !== opened || !details.open) return;
  if (html === null) {
    if (!current(opener)) close();
    return;
  }
  if (isTyping()) return;
  const unfolded = [...details.querySelectorAll("details")].map((one) => one.open);
  const focused = details.contains(document.activeElement) ? document.activeElement.id || "details-title" : "";
  fill(html);
  details.querySelectorAll("details").forEach((one, index) => (one.open = unfolded[index] ?? false));
  if (focused) (document.getElementById(focused) ?? details.querySelector("#details-title")).focus({ preventScroll: true });
}

const isTyping = () =>
  [...details.querySelectorAll("input:not([type=hidden]), textarea")].some((field) =>
    field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue,
  ) || [...details.querySelectorAll("option")].some((option) => option.selected !== option.defaultSelected);

// Right of the entry, else left of it; where neither has room (one wide column), below or above its end.
function beside(dialog, entry) {
  const place = entry.getBoundingClientRect();
  const frame = book.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  let left = place.right + 10;
  let top = place.top - 10;
  if (left + width > innerWidth - 8) left = place.left - width - 10;
  if (left < frame.left) {
    left = frame.right - width - 24;
    top = place.bottom + 8 + height < innerHeight ? place.bottom + 8 : place.top - height - 8;
  }
  dialog.style.left = `${Math.max(8, left)}px`;
  // The top bar stays free, where toasts are, as long as the dialog is not too tall.
  const least = Math.max(8, Math.min(TOP_BAR_PIXELS, innerHeight - height - 12));
  dialog.style.top = `${Math.max(least, Math.min(top, innerHeight - height - 12))}px`;
}

window.sprechzeit.beside = beside;
window.sprechzeit.details = { open, close, opener: () => opener };

// What a form in the dialog answered stands in it now; reading goes on at its top.
document.addEventListener("htmx:after:swap", () => {
  if (details?.open && document.activeElement === document.body) details.querySelector("#details-title")?.focus();
});
// The dialog grows when a question unfolds in it.
details?.addEventListener("toggle", () => opener && !phone.matches && beside(details, current(opener) ?? opener), true);

document.addEventListener("keydown", (event) => event.key === "Escape" && close());

function close() {
  if (details?.open) details.close();
}

details?.addEventListener("close", () => {
  // It is told late: by then the next entry may be on its way, and that is no farewell to it.
  if (isOpening || details.open) return;
  details.removeAttribute("style");
  const entry = opener && current(opener);
  opener = null;
  if (!entry) return;
  entry.removeAttribute("aria-expanded");
  returnFocus(entry);
});
details?.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]") || (event.target === details && phone.matches)) close();
});
document.addEventListener("pointerdown", (event) => {
  if (details?.open && !event.target.closest("#details, a.entry")) close();
});
book?.addEventListener("click", (event) => {
  const entry = event.target.closest("a.entry");
  if (!entry || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(entry);
});
// One stop for Tab in each column; the arrows lead on from there.
function oneTabStop(column) {
  entries(column).forEach((entry, index) => (entry.tabIndex = index ? -1 : 0));
}
book?.addEventListener("focusin", (event) => {
  const entry = event.target.closest("a.entry");
  if (!entry) return;
  for (const other of entry.closest(".column").querySelectorAll('a.entry[tabindex="0"]')) other.tabIndex = -1;
  entry.tabIndex = 0;
});

// The line of now. The server places it by the practice's time zone, in units of five minutes; zones differ by
// quarters of an hour, so the minutes within a unit are the browser's.

const clock = book?.querySelector("[data-clock]");
const loadedAt = Math.floor(Date.now() / 60_000);
const loadedUnit = clock ? number(clock, "t") : 0;
const [hours, minutes] = clock ? clock.textContent.split(":").map(Number) : [0, 0];
const loadedMinute = hours * 60 + minutes + (new Date().getMinutes() % UNIT_MINUTES);

function tick() {
  if (!clock) return;
  const minute = loadedMinute + Math.floor(Date.now() / 60_000) - loadedAt;
  const unit = loadedUnit + Math.floor((minute - hours * 60 - minutes) / UNIT_MINUTES);
  const two = (value) => String(value).padStart(2, "0");
  clock.textContent = `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
  clock.className = `now t${unit}`;
  for (const line of book.querySelectorAll(".column > .now")) line.className = `now t${unit}`;
}

// The entry whose details are open stays marked, and they follow what became of it: where it stands, or stood.
function follow(column) {
  if (!opener) return;
  const entry = current(opener);
  const isHere = entry?.closest(".column") === column;
  if (details.open && (isHere || column.id === standsIn)) {
    clearTimeout(renewal);
    renewal = setTimeout(() => opener && renew(), RENEW_MILLISECONDS);
  }
  if (!isHere) return;
  opener = entry;
  standsIn = column.id;
  entry.ariaExpanded = "true";
  if (details.open && !phone.matches) beside(details, entry);
}

function refreshed(column) {
  oneTabStop(column);
  follow(column);
  tick();
  const count = document.querySelector("[data-count]");
  if (count) count.textContent = book.querySelectorAll(".entry.appointment:not(.cancelled)").length;
}

// An address that names an appointment opens it: what a search found is shown, wherever on the day it lies.
function openNamed() {
  const id = location.hash.slice(1);
  const entry = id && book.querySelector(`.column a.entry[href$="/${CSS.escape(id)}/"]`);
  if (!entry) return;
  entry.scrollIntoView({ block: "center" });
  open(entry);
}

if (book) {
  columns().forEach(oneTabStop);
  document.querySelector(".chips [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  tick();
  setInterval(tick, 20_000);
  document.addEventListener("sprechzeit:column", (event) => refreshed(event.target));
  const first = book.querySelector(".column .now") ?? columns().map((column) => entries(column)[0]).find(Boolean);
  const unit = parseFloat(getComputedStyle(book).getPropertyValue("--u"));
  if (first) book.scrollTop = Math.max(0, number(first, "t") * unit - book.clientHeight * 0.38);
  addEventListener("hashchange", openNamed);
  openNamed();
}
