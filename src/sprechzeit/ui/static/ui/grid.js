// The grid of the appointment book: units of five minutes, and what time a place in it means. Times are local wall
// clock of the practice, as text ("2026-11-23T14:00"), so the browser's own time zone never matters.

const UNIT_MINUTES = 5;
const MINUTE_MILLISECONDS = 60_000;
const book = document.querySelector(".book");

const number = (element, letter) => Number(new RegExp(`\\b${letter}(\\d+)\\b`).exec(element.className)?.[1] ?? 0);
const columns = () => [...(book?.querySelectorAll(".column") ?? [])];
// Where several practices stand side by side, the address of a column names its own.
const PRACTICE = /^\/practices\/[^/]+(?=\/)/;
const practice = (column) => PRACTICE.exec(column.dataset.url)?.[0] ?? "";
const hours = (column) => column.dataset.hours.split("-").map(Number);

/** `moment` so many minutes later. */
const later = (moment, minutes) =>
  new Date(Date.parse(`${moment}Z`) + minutes * MINUTE_MILLISECONDS).toISOString().slice(0, 16);

/** How many minutes `to` lies after `from`. */
const between = (from, to) => (Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / MINUTE_MILLISECONDS;

window.sprechzeit.grid = {
  UNIT_MINUTES,
  book,
  number,
  columns,

  /** The columns that can be seen: a phone shows one at a time. */
  shown: () => columns().filter((column) => column.checkVisibility()),

  /** Of these, the columns of the same practice: no entry leaves its own. */
  kin: (column) => columns().filter((other) => other.checkVisibility() && practice(other) === practice(column)),

  /** The address of a page in the practice that a column belongs to. */
  within: (column, url) => practice(column) + url.replace(PRACTICE, ""),

  /** Whether two addresses are of the same page, in whichever practice. */
  samePage: (url, other) => {
    const path = (one) => new URL(one, location.href).pathname.replace(PRACTICE, "");
    return path(url) === path(other);
  },
  later,
  between,

  /** How many units the column shows. */
  unitsOf: (column) => ((hours(column)[1] - hours(column)[0]) * 60) / UNIT_MINUTES,

  /** The height of a unit in pixels. */
  unitPixels: () => parseFloat(getComputedStyle(book).getPropertyValue("--u")),

  /** The time at which a unit of a column begins. */
  moment: (column, unit) => later(`${column.dataset.day}T00:00`, hours(column)[0] * 60 + unit * UNIT_MINUTES),

  /** That time as people read it. */
  clock: (moment) => moment.slice(11),

  /** Where an entry stands. */
  placeOf: (entry) => ({ column: entry.closest(".column"), unit: number(entry, "t"), length: number(entry, "d") }),

  /** Put an element to a place; alone there, until the server has said who stands beside it. */
  stand(element, { column, unit, length }) {
    const others = element.className.split(/\s+/).filter((name) => !/^[tdlw]\d+$/.test(name));
    element.className = [...others, `t${unit}`, `d${length}`, "l0", "w1"].join(" ");
    if (element.parentElement !== column) column.append(element);
  },

  /** A phrase of the page with its {places} filled in; the words are the server's, in the reader's language. */
  words(name, places = {}) {
    const phrase = document.getElementById("book-words").dataset[name];
    return phrase.replace(/\{(\w+)\}/g, (_, place) => places[place] ?? "");
  },

  /** Entries of a column from top to bottom, left to right. */
  entries: (column) =>
    [...column.querySelectorAll("a.entry")].sort(
      (a, b) => number(a, "t") - number(b, "t") || number(a, "l") - number(b, "l"),
    ),

  /** A refreshed column holds new elements; the entry is found again by its address. */
  current: (entry) =>
    entry.isConnected ? entry : book.querySelector(`a.entry[href="${CSS.escape(entry.getAttribute("href"))}"]`),

  /** What was open has closed: the focus comes back. That is told late; who writes elsewhere by then keeps it, or the
      letters would become keys of the book. */
  returnFocus(element) {
    if (!document.activeElement?.matches("input, select, textarea")) element?.focus({ preventScroll: true });
  },
};
