// Live updates. An event says only which calendar changed; the page then fetches that column with its own rights.

const QUIET_MILLISECONDS = 5_000;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
const note = document.querySelector("[data-live-note]");
let attempt = 0;
let wasAway = false;
let noteTimer = null;

async function refresh(column) {
  if (column.dataset.refreshing) {
    column.dataset.refreshing = "again";
    return;
  }
  column.dataset.refreshing = "yes";
  const { id } = column;
  await htmx.ajax("GET", column.dataset.url, { target: column, swap: "outerMorph" }).catch(() => {});
  const fresh = document.getElementById(id);
  const again = column.dataset.refreshing === "again";
  delete column.dataset.refreshing;
  if (!fresh) return;
  delete fresh.dataset.refreshing;
  fresh.dispatchEvent(new CustomEvent("sprechzeit:column", { bubbles: true }));
  if (again) refresh(fresh);
}

const columns = (calendar) =>
  document.querySelectorAll(calendar ? `[data-calendar="${CSS.escape(calendar)}"]` : "[data-calendar]");

function away() {
  wasAway = true;
  noteTimer ??= setTimeout(() => (note.hidden = false), QUIET_MILLISECONDS);
}

function back() {
  attempt = 0;
  clearTimeout(noteTimer);
  noteTimer = null;
  note.hidden = true;
  if (wasAway) columns().forEach(refresh);
  wasAway = false;
}

function connect() {
  const stream = new EventSource("/live/");
  stream.addEventListener("open", back);
  stream.addEventListener("calendar", (event) => columns(event.data).forEach(refresh));
  stream.addEventListener("ended", () => {
    stream.close();
    location.reload();
  });
  stream.addEventListener("error", () => {
    stream.close();
    away();
    const pause = Math.min(LONGEST_PAUSE_MILLISECONDS, 500 * 2 ** attempt++);
    setTimeout(connect, pause * (0.5 + Math.random() / 2));
  });
}

if (document.querySelector("[data-calendar]")) connect();
