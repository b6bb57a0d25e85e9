// Live updates. An event says only which calendar changed; the page then fetches that column with its own rights, and
// what the navigation counts.

const { fragment } = window.sprechzeit;

const QUIET_MILLISECONDS = 5_000;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
const note = document.querySelector("[data-live-note]");
let attempt = 0;
let noteTimer = null;

const pending = new Map();

// While a hand holds an entry no column is drawn anew under it; what changed meanwhile is fetched when it lets go.
const waiting = new Set();
let hands = 0;

function hold() {
  let held = true;
  hands += 1;
  return () => {
    if (!held) return;
    held = false;
    hands -= 1;
    if (hands) return;
    const ids = [...waiting];
    waiting.clear();
    ids.forEach((id) => document.getElementById(id) && refresh(document.getElementById(id)));
  };
}

// Changes that arrive while a column is under way are answered by one more fetch, not by one each.
async function refresh(column) {
  const { id } = column;
  if (isCount(column) && !column.checkVisibility()) return;
  if (hands) {
    waiting.add(id);
    return;
  }
  if (pending.has(id)) {
    pending.set(id, true);
    return;
  }
  pending.set(id, false);
  const html = await fragment(column.dataset.url);
  const again = pending.get(id);
  pending.delete(id);
  if (hands) {
    waiting.add(id);
    return;
  }
  const fresh = html ? replace(document.getElementById(id), html) : null;
  if (fresh && again) refresh(fresh);
}

function replace(column, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(column.id);
  if (!fresh) return null;
  if (fresh.dataset.hours !== column.dataset.hours) {
    location.reload(); // The day begins earlier or ends later now: the whole page is drawn anew.
    return null;
  }
  const focused = column.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  // Which column a phone shows is the page's choice, and whether its name says the practice; one fetched by itself does
  // not know it.
  if (column.ariaLabel) fresh.ariaLabel = column.ariaLabel;
  fresh.classList.toggle("chosen", column.classList.contains("chosen"));
  // What somebody opened stays open.
  column.querySelectorAll("details[open][id]").forEach(({ id }) => fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", ""));
  column.replaceWith(fresh);
  if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  fresh.dispatchEvent(new CustomEvent("sprechzeit:column", { bubbles: true }));
  return fresh;
}

// It stands in the frame around the page, so that the page's own address does not answer with it.
const isCount = (column) => column.classList.contains("count");

// A change of a calendar concerns its columns, and those that show no single calendar: of rooms, the list.
const columns = (calendar) =>
  document.querySelectorAll(
    calendar ? `[data-calendar="${CSS.escape(calendar)}"], [data-calendar=""]` : "[data-calendar]",
  );

window.sprechzeit.live = {
  hold,
  /** Fetch anew what shows these calendars. */
  refresh: (calendars) => new Set(calendars.flatMap((calendar) => [...columns(calendar)])).forEach(refresh),
};

function away() {
  noteTimer ??= setTimeout(() => note && (note.hidden = false), QUIET_MILLISECONDS);
}

function back() {
  attempt = 0;
  clearTimeout(noteTimer);
  noteTimer = null;
  if (note) note.hidden = true;
}

// What changed between the page and its stream, or while the stream was away, is fetched in one go.
async function catchUp() {
  const all = [...columns()];
  all.filter(isCount).forEach(refresh);
  const own = all.filter((column) => !isCount(column));
  const html = own.length ? await fragment(location.href) : null;
  if (!html) return;
  if (hands) own.forEach((column) => waiting.add(column.id));
  else own.forEach((column) => replace(column, html));
}

let stream = null;
let timer = null;

// A browser allows few connections to one server, so a page that nobody sees gives its own back.
function disconnect() {
  clearTimeout(timer);
  stream?.close();
  stream = null;
}

function connect() {
  disconnect();
  stream = new EventSource(document.body.dataset.live);
  stream.addEventListener("open", back);
  stream.addEventListener("listening", catchUp);
  stream.addEventListener("calendar", (event) => columns(event.data).forEach(refresh));
  stream.addEventListener("ended", () => {
    disconnect();
    location.reload();
  });
  stream.addEventListener("error", () => {
    disconnect();
    away();
    const pause = Math.min(LONGEST_PAUSE_MILLISECONDS, 500 * 2 ** attempt++);
    timer = setTimeout(connect, pause * (0.5 + Math.random() / 2));
  });
}

if (document.querySelector("[data-calendar]")) {
  connect();
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
}
