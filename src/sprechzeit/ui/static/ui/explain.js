// 'Why is this time not offered?' in a drawer beside the book: by `?`, or by a right click in the book.

const { fragment, failed } = window.sprechzeit;
const { book, unitPixels, unitsOf, moment, clock, placeOf, stand, words, within, samePage, returnFocus } = window.sprechzeit.grid;

const drawer = document.getElementById("explain");
const address = document.getElementById("book-words")?.dataset.explainUrl;
const phone = matchMedia("(max-width: 900px)");
const MARK_UNITS = 3;
let opener = null;
let mark = null;

function showMark({ column, unit }) {
  mark ??= Object.assign(document.createElement("div"), { className: "entry draft asked", ariaHidden: "true" });
  stand(mark, { column, unit, length: MARK_UNITS });
  mark.innerHTML = "<b></b>";
  mark.firstChild.textContent = words("asked", { start: clock(moment(column, unit)) });
  mark.place = { column, unit };
}

/** The appointment that an entry is. */
const idOf = (entry) => /\/appointments\/([^/]+)\/$/.exec(entry.getAttribute("href") ?? "")?.[1];

/** Of free time it is asked why the calendar does not offer it; of an appointment, as if it were not there. */
async function at(place, from) {
  const { calendar } = place.column.dataset;
  const appointment = idOf(from);
  if (!calendar && !appointment) return;
  opener = from;
  if (appointment) dropMark();
  else showMark(place);
  const asked = appointment ? { appointment } : { calendar, start: moment(place.column, place.unit) };
  await load(`${within(place.column, address)}?${new URLSearchParams(asked)}`);
}

async function load(question) {
  const html = await fragment(question);
  if (html === null) {
    dropMark();
    failed();
    return;
  }
  drawer.innerHTML = html;
  htmx.process(drawer);
  if (!drawer.open) {
    if (phone.matches) drawer.showModal();
    else drawer.show();
  }
  const title = drawer.querySelector("h1, h2");
  title.id = "explain-title";
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
}

function dropMark() {
  mark?.remove();
  mark = null;
}

function closed() {
  dropMark();
  const back = opener?.isConnected ? opener : book;
  opener = null;
  returnFocus(back);
}

// Another question in the drawer is answered in the drawer.
const own = (url) => samePage(url, address);

if (book && address && drawer) {
  drawer.addEventListener("close", closed);
  drawer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    drawer.close();
  });
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("[data-close]")) return drawer.close();
    const link = event.target.closest("a[href]");
    if (!link || link.dataset.dialog !== undefined || event.ctrlKey || event.metaKey || !own(link.href)) return;
    event.preventDefault();
    load(link.href);
  });
  const ask = (form, submitter) => load(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form, submitter))}`);
  drawer.addEventListener(
    "submit",
    (event) => {
      if (event.target.method !== "get" || !own(event.target.action)) return;
      event.preventDefault();
      event.stopPropagation();
      ask(event.target, event.submitter);
    },
    true,
  );
  book.addEventListener("contextmenu", (event) => {
    const column = event.target.closest(".column");
    const entry = event.target.closest("a.entry");
    if (!column?.dataset.calendar && !(entry && idOf(entry))) return;
    if (event.shiftKey || event.ctrlKey || event.pointerType === "touch") return;
    event.preventDefault();
    const unit = Math.floor((event.clientY - column.getBoundingClientRect().top) / unitPixels() / MARK_UNITS) * MARK_UNITS;
    at(entry ? placeOf(entry) : { column, unit: Math.max(0, Math.min(unit, unitsOf(column) - 1)) }, entry ?? book);
  });
  document.addEventListener("sprechzeit:column", ({ target }) => {
    if (mark && !mark.isConnected && mark.place.column.id === target.id) showMark({ ...mark.place, column: target });
  });
  window.sprechzeit.explain = { at };
}
