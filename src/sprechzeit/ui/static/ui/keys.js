// The book by keyboard: arrows walk from entry to entry, Alt+arrows move one, Shift+Alt+arrows stretch it; Enter on
// the book brings a cursor into free time. What a key does is said to who listens.

const { announce, live, create, details: popover, explain } = window.sprechzeit;
const { book, number, shown, kin, entries, unitsOf, placeOf, moment, clock, stand, words } = window.sprechzeit.grid;
const { place, remember, restore, told, undo } = window.sprechzeit.place ?? {};

const SETTLE_MILLISECONDS = 600; // so long after the last key the move is meant
const CURSOR_UNITS = 3;
const details = document.getElementById("details");

// Walking

function neighbour(entry, key) {
  const column = entry.closest(".column");
  const own = entries(column);
  if (key === "ArrowUp") return own[own.indexOf(entry) - 1];
  if (key === "ArrowDown") return own[own.indexOf(entry) + 1];
  const all = shown();
  const step = key === "ArrowLeft" ? -1 : 1;
  const distance = (other) => Math.abs(number(other, "t") - number(entry, "t"));
  for (let index = all.indexOf(column) + step; all[index]; index += step) {
    const nearest = entries(all[index]).sort((a, b) => distance(a) - distance(b))[0];
    if (nearest) return nearest;
  }
  return undefined;
}

/** The place one key further among `all` columns, or undefined at the edge. */
function further({ column, unit, length }, key, stretch, units, all) {
  const down = { ArrowUp: -units, ArrowDown: units }[key] ?? 0;
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  if (stretch) {
    const longer = length + down;
    return down && longer > 0 && unit + longer <= unitsOf(column) ? { column, unit, length: longer } : undefined;
  }
  const to = all[all.indexOf(column) + aside];
  const at = unit + down;
  return to && at >= 0 && at < unitsOf(to) ? { column: to, unit: at, length } : undefined;
}

// Moving: the entry goes along with each key, and the server is asked once the keys rest.

let moving = null;

function move(entry, key, stretch) {
  if (moving?.entry !== entry) {
    settle();
    moving = { entry, origin: remember(entry), release: live.hold() };
  }
  clearTimeout(moving.timer);
  moving.timer = setTimeout(settle, SETTLE_MILLISECONDS);
  const target = further(placeOf(entry), key, stretch, 1, kin(entry.closest(".column")));
  if (!target) return;
  moving.busy = true;
  stand(entry, target);
  entry.focus({ preventScroll: true });
  entry.scrollIntoView({ block: "nearest", inline: "nearest" });
  moving.busy = false;
  announce(told(entry, target));
}

function settle() {
  const done = moving;
  moving = null;
  if (!done) return;
  clearTimeout(done.timer);
  place(done.entry, placeOf(done.entry), done.origin);
  done.release();
}

function giveUp() {
  const done = moving;
  moving = null;
  clearTimeout(done.timer);
  restore(done.entry, done.origin);
  announce(told(done.entry, done.origin));
  done.release();
}

// The cursor in free time

let cursor = null;

function showCursor({ column, unit }) {
  cursor ??= Object.assign(document.createElement("button"), { type: "button" });
  cursor.className = "cursor";
  stand(cursor, { column, unit, length: CURSOR_UNITS });
  cursor.place = { column, unit };
  cursor.ariaLabel = words("cursor", { start: clock(moment(column, unit)), column: column.getAttribute("aria-label") });
  cursor.focus({ preventScroll: true });
  cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
  announce(cursor.ariaLabel);
}

function dropCursor() {
  cursor?.remove();
  cursor = null;
}

/** Where the cursor begins: after the entry that has the focus, else now, else where the book is scrolled to. */
function startOfCursor(entry) {
  if (entry) {
    const { column, unit, length } = placeOf(entry);
    return { column, unit: Math.min(unit + length, unitsOf(column) - 1) };
  }
  const [column] = shown();
  const now = column.querySelector(".now");
  const off = column.querySelector(".off.t0");
  const unit = now ? number(now, "t") : off ? number(off, "d") : 0;
  return { column, unit: Math.min(Math.floor(unit / CURSOR_UNITS) * CURSOR_UNITS, unitsOf(column) - 1) };
}

function moveCursor(key, fine) {
  const target = further({ ...cursor.place, length: CURSOR_UNITS }, key, false, fine ? 1 : CURSOR_UNITS, shown());
  if (target) showCursor(target);
}

// A refreshed column lost the cursor; if its time is taken now, the reading goes on there.
function keepCursor(column) {
  if (!cursor || cursor.isConnected || cursor.place.column.id !== column.id) return;
  const { unit } = cursor.place;
  const taken = entries(column).find((entry) => number(entry, "t") <= unit && number(entry, "t") + number(entry, "d") > unit);
  if (document.activeElement !== document.body) dropCursor();
  else if (taken) {
    dropCursor();
    taken.focus({ preventScroll: true });
  } else showCursor({ column, unit });
}

// Keys

function onEntry(event, entry) {
  if (event.key.startsWith("Arrow")) {
    if (event.altKey) entry.dataset.place && move(entry, event.key, event.shiftKey);
    else neighbour(entry, event.key)?.focus();
    return true;
  }
  if (event.altKey) return false;
  if (event.key === "Insert" && create) return showCursor(startOfCursor(entry)), true;
  if (event.key === "?" && explain) return explain.at(placeOf(entry), entry), true;
  if (event.key !== "Delete") return false;
  popover.open(entry).then(() => details.querySelector('[data-key="Delete"], .details-foot > summary')?.click());
  return true;
}

function onCursor(event) {
  if (event.key.startsWith("Arrow")) return moveCursor(event.key, event.shiftKey), true;
  if (event.key === "Enter" || event.key === " ") return create({ ...cursor.place }, cursor), true;
  if (event.key === "?" && explain) return explain.at(cursor.place, cursor), true;
  if (event.key !== "Escape") return false;
  dropCursor();
  book.focus({ preventScroll: true });
  return true;
}

// In a book wider than the window the arrows scroll, as everywhere.
const scrollable = (key) => key === "ArrowUp" || key === "ArrowDown" || book.scrollWidth > book.clientWidth;

function onBook(event) {
  if (event.key === "Enter" && create && book.dataset.newUrl && shown().length) return showCursor(startOfCursor()), true;
  return false;
}

function handled(event) {
  if (event.key === "Escape" && moving) return giveUp(), true;
  const { target } = event;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey) return moving ? giveUp() : undo(), true;
  if (event.ctrlKey || event.metaKey) return false;
  const entry = target.closest("a.entry");
  if (entry && onEntry(event, entry)) return true;
  if (event.altKey) return false;
  if (target === cursor && cursor) return onCursor(event);
  if (target === book && book) {
    if (onBook(event)) return true;
    if (event.key.startsWith("Arrow") && scrollable(event.key)) return false;
  }
  return false;
}

/** The control of the page, or of the open details, that bears this key. */
function bearer(key) {
  const named = `[data-key="${CSS.escape(key.length === 1 ? key.toLowerCase() : key)}"]`;
  return (details?.open && details.querySelector(named)) || document.querySelector(`${named}:not(dialog *)`);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.target.closest("input, select, textarea, dialog:not(#details), [popover]")) return;
  if (book && place && handled(event)) return event.preventDefault();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === book && event.key.startsWith("Arrow") && scrollable(event.key)) return;
  const control = bearer(event.key);
  if (!control) return;
  event.preventDefault();
  control.click();
});

if (book && place) {
  book.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (moving && target === moving.entry && !moving.busy) settle();
    if (target === cursor && !document.querySelector("dialog[open]") && relatedTarget !== cursor) setTimeout(() => {
      if (cursor && document.activeElement !== cursor && document.activeElement !== document.body && !document.querySelector("dialog[open]")) dropCursor();
    });
  });
  document.addEventListener("sprechzeit:column", ({ target }) => keepCursor(target));
}
