// The appointment book: opening an entry, walking with the keyboard, the line of now.

const { fragment, failed } = window.sprechzeit;

const book = document.querySelector(".book");
const details = document.getElementById("details");
const phone = matchMedia("(max-width: 900px)");
const number = (element, letter) => Number(new RegExp(`\\b${letter}(\\d+)\\b`).exec(element.className)?.[1] ?? 0);
let opener = null;

// Details of an entry

async function open(entry) {
  close();
  opener = entry;
  entry.ariaExpanded = "true";
  const html = await fragment(entry.getAttribute("href"));
  if (opener !== entry) return;
  if (html === null) {
    entry.removeAttribute("aria-expanded");
    failed();
    return;
  }
  details.innerHTML = html;
  htmx.process(details);
  if (phone.matches) details.showModal();
  else {
    details.show();
    place(entry);
  }
  details.querySelector("#details-title").focus();
}

// Right of the entry, else left of it; where neither has room (one wide column), below or above its end.
function place(entry) {
  const beside = entry.getBoundingClientRect();
  const frame = book.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = details;
  let left = beside.right + 10;
  let top = beside.top - 10;
  if (left + width > innerWidth - 8) left = beside.left - width - 10;
  if (left < frame.left) {
    left = frame.right - width - 24;
    top = beside.bottom + 8 + height < innerHeight ? beside.bottom + 8 : beside.top - height - 8;
  }
  details.style.left = `${Math.max(8, left)}px`;
  details.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 12))}px`;
}

// What a form in the dialog answered stands in it now; reading goes on at its top.
document.addEventListener("htmx:after:swap", () => details.open && details.querySelector("#details-title")?.focus());
// The dialog grows when a question unfolds in it.
details.addEventListener("toggle", () => opener && !phone.matches && place(current(opener) ?? opener), true);

function close() {
  if (details.open) details.close();
}

details.addEventListener("close", () => {
  details.removeAttribute("style");
  const entry = opener && current(opener);
  opener = null;
  if (!entry) return;
  entry.removeAttribute("aria-expanded");
  entry.focus({ preventScroll: true });
});
details.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]") || (event.target === details && phone.matches)) close();
});
document.addEventListener("pointerdown", (event) => {
  if (details.open && !event.target.closest("#details, a.entry")) close();
});
book?.addEventListener("click", (event) => {
  const entry = event.target.closest("a.entry");
  if (!entry || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(entry);
});
// A refreshed column holds new elements; the entry is found again by its address.
const current = (entry) =>
  entry.isConnected ? entry : book.querySelector(`a.entry[href="${CSS.escape(entry.getAttribute("href"))}"]`);

// Keyboard

const columns = () => [...book.querySelectorAll(".column")];
const entries = (column) =>
  [...column.querySelectorAll("a.entry")].sort((a, b) => number(a, "t") - number(b, "t") || number(a, "l") - number(b, "l"));

function neighbour(entry, key) {
  const column = entry.closest(".column");
  const own = entries(column);
  if (key === "ArrowUp") return own[own.indexOf(entry) - 1];
  if (key === "ArrowDown") return own[own.indexOf(entry) + 1];
  const all = columns();
  const step = key === "ArrowLeft" ? -1 : 1;
  const distance = (other) => Math.abs(number(other, "t") - number(entry, "t"));
  for (let index = all.indexOf(column) + step; all[index]; index += step) {
    const nearest = entries(all[index]).sort((a, b) => distance(a) - distance(b))[0];
    if (nearest) return nearest;
  }
  return undefined;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && details.open) return close();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog, [popover]")) return;
  const entry = event.target.closest("a.entry");
  if (entry && event.key.startsWith("Arrow")) {
    event.preventDefault();
    neighbour(entry, event.key)?.focus();
    return;
  }
  if (event.target === book && event.key.startsWith("Arrow") && scrollable(event.key)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
});

// In a book wider than the window the arrows scroll, as everywhere.
function scrollable(key) {
  return key === "ArrowUp" || key === "ArrowDown" || book.scrollWidth > book.clientWidth;
}

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

const UNIT_MINUTES = 5;
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

function refreshed(column) {
  oneTabStop(column);
  tick();
  const count = document.querySelector("[data-count]");
  if (count) count.textContent = book.querySelectorAll(".entry.appointment:not(.cancelled)").length;
}

if (book) {
  columns().forEach(oneTabStop);
  tick();
  setInterval(tick, 20_000);
  document.addEventListener("sprechzeit:column", (event) => refreshed(event.target));
  const first = book.querySelector(".column .now") ?? columns().map((column) => entries(column)[0]).find(Boolean);
  const unit = parseFloat(getComputedStyle(book).getPropertyValue("--u"));
  if (first) book.scrollTop = Math.max(0, number(first, "t") * unit - book.clientHeight * 0.38);
}
