// Moving and resizing as one deed, whatever the hand was: the entry stands at its new place at once, the server
// decides, and what it refuses goes back with the reason.

const { send, toast, failed, live } = window.sprechzeit;
const { book, later, between, moment, clock, placeOf, stand, current, words, returnFocus, UNIT_MINUTES } = window.sprechzeit.grid;

const refusal = document.getElementById("refusal");
const reason = refusal?.querySelector("[data-reason]");
const phone = matchMedia("(max-width: 900px)");
let refused = null;

const snapped = (time) => {
  const minute = Number(time.slice(14));
  return later(time, Math.round(minute / UNIT_MINUTES) * UNIT_MINUTES - minute);
};

/** What the move to `target` asks of the server. An entry that began off the grid stays so until it is moved in time. */
function fieldsOf(entry, origin, target) {
  const { start, minutes } = entry.dataset;
  const ended = later(start, Number(minutes));
  const from = moment(origin.column, origin.unit);
  const to = moment(target.column, target.unit);
  const begins = from === to ? start : snapped(later(start, between(from, to)));
  const stretch = (target.length - origin.length) * UNIT_MINUTES;
  const ends = stretch ? snapped(later(ended, between(from, to) + stretch)) : later(begins, Number(minutes));
  const fields = { start: begins, end: ends };
  if (begins === start && entry.dataset.fold !== undefined) fields.fold = "1";
  const { calendar, room } = target.column.dataset;
  if (calendar) fields.calendar = calendar;
  else fields.room = room;
  return fields;
}

/** Words for where an entry stands, for who listens. */
function told(entry, place) {
  const start = moment(place.column, place.unit);
  return words("placed", {
    title: entry.querySelector("b").textContent,
    start: clock(start),
    end: clock(later(start, place.length * UNIT_MINUTES)),
    column: place.column.getAttribute("aria-label"),
  });
}

const same = (one, other) => one.column === other.column && one.unit === other.unit && one.length === other.length;

/** Remember how an entry stands, to be able to bring it back. */
const remember = (entry) => ({ ...placeOf(entry), className: entry.className, next: entry.nextSibling });

function restore(entry, origin) {
  if (!entry.isConnected || !origin.column.isConnected) return;
  const focused = entry === document.activeElement;
  entry.className = origin.className;
  origin.column.insertBefore(entry, origin.next?.parentNode === origin.column ? origin.next : null);
  if (focused) entry.focus({ preventScroll: true });
}

async function place(entry, target, origin = remember(entry)) {
  if (same(origin, target)) return restore(entry, origin);
  const fields = fieldsOf(entry, origin, target);
  stand(entry, target);
  await settle(entry, origin, () => send(entry.dataset.place, fields));
}

/** Wait for the answer with the entry at its new place. */
async function settle(entry, origin, asking) {
  const release = live.hold();
  entry.classList.add("pending");
  const answer = await asking();
  entry.classList.remove("pending");
  if (answer.status === 200) accepted(answer);
  else {
    restore(entry, origin);
    if (answer.status === 409 || answer.status === 422) refuse(answer.html, entry);
    else failed(answer.status ? "request-failed" : "request-offline");
  }
  release();
}

/** What was done is said, with the way to undo it, and its columns are fetched anew. */
function accepted(answer) {
  closeRefusal();
  toast(answer.html);
  live.refresh(answer.changed);
}

// The reason stands beside the entry. It is no question: work may go on without answering it.

function refuse(html, entry = null) {
  closeRefusal();
  window.sprechzeit.quiet();
  refused = entry;
  reason.innerHTML = html;
  if (phone.matches) refusal.showModal();
  else {
    refusal.show();
    window.sprechzeit.beside(refusal, (entry && current(entry)) ?? document.querySelector(".toolbar"));
  }
  entry?.classList.add("refused");
  // Enter closes it: nobody overbooks by pressing on.
  refusal.querySelector("[data-close]").focus({ preventScroll: true });
}

function closeRefusal() {
  if (refusal.open) refusal.close();
}

if (refusal) {
  refusal.addEventListener("close", () => {
    refusal.removeAttribute("style");
    const entry = refused && current(refused);
    refused = null;
    entry?.classList.remove("refused");
    returnFocus(entry);
  });
  refusal.addEventListener("click", (event) => event.target.closest("[data-close]") && closeRefusal());
  refusal.addEventListener("keydown", (event) => event.key === "Escape" && closeRefusal());
  document.addEventListener("pointerdown", (event) => refusal.open && !event.target.closest("#refusal") && closeRefusal());
  // 'All the same': the same question once more, with what the person accepts.
  refusal.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      const entry = refused && current(refused);
      const fields = new FormData(event.target, event.submitter);
      const address = event.target.getAttribute("action");
      closeRefusal();
      const asking = () => send(address, fields);
      if (entry) settle(entry, remember(entry), asking);
      else asking().then(answered);
    },
    true,
  );
}

/** What a write that moves nothing under a hand was answered: an undo, or something accepted all the same. */
function answered(answer) {
  if (answer.status === 200) accepted(answer);
  else if (answer.html.includes('class="toast')) toast(answer.html);
  else if (answer.status === 409) refuse(answer.html);
  else failed(answer.status ? "request-failed" : "request-offline");
}

/** Take back the last change: the one that the toast names, in its practice, else the server's last one of this person. */
function undo(form = document.querySelector("#toasts form")) {
  const address = form?.getAttribute("action") ?? document.getElementById("book-words").dataset.undoUrl;
  return address && send(address, form ? new FormData(form) : {}).then(answered);
}

document.getElementById("toasts").addEventListener(
  "submit",
  (event) => {
    if (!book) return;
    event.preventDefault();
    event.stopPropagation();
    undo(event.target);
  },
  true,
);

if (book) window.sprechzeit.place = { place, remember, restore, told, accepted, undo };

// Writes that htmx sends (a state, a cancellation, an undo) say with the same header what they changed.
document.addEventListener("htmx:after:request", (event) => {
  const changed = event.detail?.ctx?.response?.headers?.get("X-Changed-Columns");
  if (changed) live.refresh(changed.split(",").map((id) => id.trim()));
});
