// A new appointment: a click in free time, a length drawn there, Enter on the keyboard's cursor. The draft stands
// dashed in the book while the dialog is open.

const { fragment, failed, send } = window.sprechzeit;
const { book, number, entries, shown, unitPixels, unitsOf, moment, later, between, clock, stand, current, words, within, samePage, returnFocus, UNIT_MINUTES } = window.sprechzeit.grid;
const { accepted } = window.sprechzeit.place ?? {};

const dialog = document.getElementById("new");
const CLICK_UNITS = 3; // a click means the quarter of an hour
const DRAFT_UNITS = 6; // how long a draft looks until a type says it
let draft = null;
let opener = null;
let landed = null; // where the saved appointment will stand

/** Where a click in free time means: its quarter, or right after the entry that ends within that. */
function placeOfClick(column, y) {
  const unit = (y - column.getBoundingClientRect().top) / unitPixels();
  const quarter = Math.floor(unit / CLICK_UNITS) * CLICK_UNITS;
  const ends = [...column.querySelectorAll(".entry:not(.cancelled)")].map((entry) => number(entry, "t") + number(entry, "d"));
  const after = ends.filter((end) => end > quarter && end <= unit).sort((a, b) => b - a)[0];
  return { column, unit: Math.max(0, Math.min(unitsOf(column) - 1, after ?? quarter)) };
}

function showDraft({ column, unit, length }) {
  draft ??= document.createElement("div");
  draft.className = "entry draft";
  draft.ariaHidden = "true";
  const shown = Math.max(1, Math.min(length ?? DRAFT_UNITS, unitsOf(column) - unit));
  stand(draft, { column, unit, length: shown });
  const start = moment(column, unit);
  const end = length ? `–${clock(later(start, length * UNIT_MINUTES))}` : "";
  draft.innerHTML = "<b></b>";
  draft.firstChild.textContent = `${clock(start)}${end} ${words("draft")}`;
  draft.place = { column, unit, length };
}

function dropDraft() {
  draft?.remove();
  draft = null;
}

function addressOf({ column, unit, length }) {
  const start = moment(column, unit);
  const query = new URLSearchParams({ start });
  if (column.dataset.calendar) query.set("calendar", column.dataset.calendar);
  if (column.dataset.room) query.set("room", column.dataset.room);
  if (length) query.set("end", later(start, length * UNIT_MINUTES));
  return `${within(column, book.dataset.newUrl)}?${query}`;
}

/** Open the dialog for a place in the book; focus comes back to `from`. */
async function create(place, from = document.activeElement) {
  showDraft(place);
  await openForm(addressOf(place), from);
}

/** Open a form's fragment in the dialog. */
async function openForm(url, from = document.activeElement) {
  opener = from;
  const html = await fragment(url);
  if (html === null) {
    dropDraft();
    failed();
    return;
  }
  window.sprechzeit.details?.close();
  opener = from;
  fill(html);
  if (!dialog.open) dialog.showModal();
  focusNext();
}

function fill(html) {
  dialog.innerHTML = html;
  dialog.querySelector("h2")?.setAttribute("id", "new-title");
  htmx.process(dialog);
  followForm();
}

// The draft stands where the form says: another time or type may have been chosen in it.
function followForm() {
  const field = (name) => dialog.querySelector(`[name="${name}"]`)?.value ?? "";
  const start = field("start");
  if (!start || !dialog.querySelector('[name="type"]')) return;
  const typed = dialog.querySelector('[name="type"]:checked')?.closest("label").querySelector(".num")?.textContent;
  const minutes = field("end") ? between(start, field("end")) : Number(typed) || DRAFT_UNITS * UNIT_MINUTES;
  const calendar = field("calendar");
  const old = draft?.place.column;
  const column =
    old && !old.dataset.calendar ? old
    : shown().find(({ dataset }) => dataset.calendar === calendar && dataset.day === start.slice(0, 10));
  const unit = column && Math.floor(between(moment(column, 0), start) / UNIT_MINUTES);
  dropDraft();
  if (column && unit >= 0 && unit < unitsOf(column)) {
    showDraft({ column, unit, length: Math.max(1, Math.ceil(minutes / UNIT_MINUTES)) });
  }
}

/** What comes next in the form: what is wrong, else the control that was pressed, else the field to begin with. */
function focusNext(pressed) {
  const visible = (selector) => [...dialog.querySelectorAll(selector)].find((one) => one.checkVisibility());
  const alert = visible('[role="alert"]');
  if (alert) alert.tabIndex = -1;
  const same = pressed?.name && `[name="${CSS.escape(pressed.name)}"][value="${CSS.escape(pressed.value)}"]`;
  const next =
    visible('[aria-invalid="true"]') ?? alert ?? (same && visible(same)) ??
    visible("[data-focus], [autofocus]") ?? visible("input:not([type=hidden]), select, textarea");
  next?.focus();
}

// What a form of the dialog asks is sent from here: its answer is either the form again, or a toast and a changed book.
async function submit(event) {
  const form = event.target;
  if (form.method !== "post" || !dialog.contains(form)) return;
  event.preventDefault();
  event.stopPropagation();
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const fields = new FormData(form, event.submitter);
  const address = event.submitter?.getAttribute("formaction") || form.getAttribute("action") || book.dataset.newUrl;
  const answer = await send(address, fields);
  delete form.dataset.sent;
  if (answer.status === 200 && answer.changed.length) {
    landed = draft?.place;
    dialog.close();
    accepted(answer);
  } else if ([200, 409, 422].includes(answer.status)) {
    // The form again: it asks for more, or says what is wrong.
    if (answer.status !== 200) window.sprechzeit.quiet();
    fill(answer.html);
    focusNext(event.submitter);
  } else failed(answer.status ? "request-failed" : "request-offline");
}

function closed() {
  dropDraft();
  dialog.replaceChildren();
  const back = opener?.isConnected ? opener : opener?.matches?.("a.entry") ? current(opener) : null;
  opener = null;
  returnFocus(back && back !== document.body ? back : book);
}

// Work goes on at the new entry.
function land(column) {
  if (landed?.column.id !== column.id) return;
  const entry = entries(column).find((one) => number(one, "t") === landed.unit);
  if (!entry) return;
  landed = null;
  if (document.activeElement === book || document.activeElement === document.body) entry.focus({ preventScroll: true });
}

const isForm = (link) => link.dataset.dialog !== undefined || samePage(link.href, book.dataset.newUrl);

if (book && dialog && accepted) {
  dialog.addEventListener("submit", submit, true);
  dialog.addEventListener("close", closed);
  document.addEventListener("htmx:after:swap", () => dialog.open && followForm());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  // Enter means the form's own button, not the first in the page: that may be 'All the same'.
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || !event.target.matches("input, select")) return;
    const main = event.target.form?.querySelector("[data-default]");
    if (!main) return;
    event.preventDefault();
    main.click();
  });
  book.addEventListener("click", (event) => {
    const column = event.target.closest(".column");
    if (!column || !book.dataset.newUrl || event.target.closest(".entry, .cursor, a, button")) return;
    create(placeOfClick(column, event.clientY), book);
  });
  book.addEventListener("sprechzeit:create", ({ detail }) =>
    create({ ...detail, length: detail.drawn ? detail.length : undefined }, book),
  );
  document.addEventListener("sprechzeit:column", ({ target }) => {
    land(target);
    // A refreshed column lost its draft.
    if (draft && !draft.isConnected && draft.place.column.id === target.id) showDraft({ ...draft.place, column: target });
  });
  // Links to a form open it here: a new appointment, 'Move …', a block.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || !isForm(link)) return;
    event.preventDefault();
    openForm(link.href, link.closest("#details") ? window.sprechzeit.details.opener() : link);
  });
  window.sprechzeit.create = create;
}
