// The week to paint. What is painted stands in the rows of the list below it: they are the form that is sent, whether
// somebody paints or types. A unit is five minutes; places are classes (`t12 d6`), as everywhere.

const UNIT = 5;
const COARSE = 15;
const DAY = 1440;
const EDGE_PIXELS = 7;
const LONGEST_BREAK = 180;

const painter = document.querySelector(".painter");
const form = document.getElementById("week");
const rows = form.querySelector("[data-rows]");
const template = document.getElementById("row");
const undoButton = form.querySelector("[data-undo]");
const keptFor = form.querySelector("[data-kept-for]");
const days = [...painter.querySelectorAll(".day")];
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
const names = Object.fromEntries([...keptFor.querySelectorAll("input")].map((box) => [box.value, box.dataset.name]));

let first = Number(painter.dataset.first);
let last = Number(painter.dataset.last);
let times = []; // { weekday, starts, ends, kind: "work" | "kept", types }
let before = []; // what it was like before each step, to be undone

const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const span = (time) => `${clock(time.starts)}–${clock(time.ends)}`;
const fill = (words, places) => words.replace(/\{(\w+)\}/g, (_, name) => places[name] ?? "");
const brush = () => form.querySelector('[name="brush"]:checked').value;
const same = (one, other) => one.weekday === other.weekday && one.kind === other.kind;
const inOrder = (one, other) => one.weekday - other.weekday || one.starts - other.starts || (one.kind === "kept") - (other.kind === "kept");
const copyOf = (some) => some.map((time) => ({ ...time, types: [...time.types] }));

// --- Rows -----------------------------------------------------------------------------------------------------------

function minutesOf(text) {
  const found = /^\s*(\d{1,2})(?:[:.h]?(\d{2}))?\s*(?:Uhr)?\s*$/.exec(text);
  const minutes = found ? Number(found[1]) * 60 + Number(found[2] ?? 0) : NaN;
  return minutes <= DAY && Number(found[2] ?? 0) < 60 ? minutes : NaN;
}

const field = (row, name) => row.querySelector(`[name$="-${name}"]`);

function read() {
  times = [...rows.querySelectorAll("[data-row]")]
    .map((row) => ({
      weekday: Number(field(row, "weekday").value),
      starts: minutesOf(field(row, "starts").value),
      ends: minutesOf(field(row, "ends").value),
      kind: field(row, "kind").value,
      types: [...row.querySelectorAll('[name$="-types"]:checked')].map((box) => box.value),
    }))
    .filter((time) => time.starts < time.ends);
}

function addRow(time) {
  const row = template.content.firstElementChild.cloneNode(true);
  rows.append(row);
  renumber(row, rows.children.length - 1);
  for (const button of row.querySelectorAll("[data-remove-row]")) button.hidden = false;
  if (time) {
    field(row, "weekday").value = time.weekday;
    field(row, "starts").value = clock(time.starts);
    field(row, "ends").value = clock(time.ends);
    field(row, "kind").value = time.kind;
    for (const box of row.querySelectorAll('[name$="-types"]')) box.checked = time.types.includes(box.value);
  }
  count();
  return row;
}

function renumber(row, place) {
  for (const element of row.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace(/rows-(?:__prefix__|\d+)/g, `rows-${place}`));
    }
  }
}

function count() {
  form.querySelector('[name="rows-TOTAL_FORMS"]').value = rows.children.length;
  form.querySelector('[name="rows-INITIAL_FORMS"]').value = 0;
}

function write() {
  rows.replaceChildren();
  for (const time of times.sort(inOrder)) addRow(time);
}

// --- The picture ----------------------------------------------------------------------------------------------------

function block(kind, starts, ends, tag = "div") {
  const element = document.createElement(tag);
  const top = Math.floor(starts / UNIT) - (first * 60) / UNIT;
  const length = Math.max(1, Math.ceil(ends / UNIT) - Math.floor(starts / UNIT));
  element.className = `time ${kind} t${top} d${length}${length < 6 ? " thin" : ""}`;
  return element;
}

function button(time) {
  const element = block(time.kind, time.starts, time.ends, "button");
  element.type = "button";
  element.dataset.place = times.indexOf(time);
  if (time.kind === "kept") {
    const title = document.createElement("b");
    title.textContent = time.types.map((type) => names[type]).join(", ");
    const when = document.createElement("span");
    when.textContent = span(time);
    element.append(title, when);
  } else {
    element.textContent = span(time);
  }
  return element;
}

function drawDay(day, weekday) {
  const here = times.filter((time) => time.weekday === weekday).sort(inOrder);
  const work = here.filter((time) => time.kind === "work");
  const breaks = work.slice(1).flatMap((time, place) => {
    const gap = time.starts - work[place].ends;
    if (gap <= 0 || gap > LONGEST_BREAK) return [];
    const element = block("break", work[place].ends, time.starts);
    element.textContent = painter.dataset.break;
    return [element];
  });
  day.replaceChildren(...breaks, ...here.map(button));
  day.className = `day d${((last - first) * 60) / UNIT}`;
  const hours = sum(work) / 60;
  painter.querySelectorAll("[data-sum]")[weekday].textContent = hours
    ? fill(painter.dataset.hours, { n: number.format(hours) })
    : painter.dataset.free;
}

const sum = (some) => some.reduce((minutes, time) => minutes + time.ends - time.starts, 0);

function drawAxis() {
  const axis = painter.querySelector("[data-axis]");
  axis.replaceChildren();
  for (let hour = first + 1; hour < last; hour++) {
    const mark = document.createElement("span");
    mark.className = `t${((hour - first) * 60) / UNIT}`;
    mark.textContent = clock(hour * 60);
    axis.append(mark);
  }
}

function draw() {
  first = Math.min(first, ...times.map((time) => Math.floor(time.starts / 60)));
  last = Math.max(last, ...times.map((time) => Math.ceil(time.ends / 60)));
  drawAxis();
  days.forEach(drawDay);
  const worked = sum(times.filter((time) => time.kind === "work")) / 60;
  const kept = sum(times.filter((time) => time.kind === "kept")) / 60;
  const total = form.querySelector("[data-total]");
  const rest = form.querySelector("[data-rest]");
  total.textContent = fill(total.dataset.total, { n: number.format(worked) });
  rest.textContent = [
    rest.dataset.rest,
    kept && fill(rest.dataset.kept, { n: number.format(kept) }),
    worked !== Number(rest.dataset.worked) && fill(rest.dataset.before, { n: number.format(rest.dataset.worked) }),
  ].filter(Boolean).join("");
  undoButton.disabled = !before.length;
}

// --- Steps ----------------------------------------------------------------------------------------------------------

/** Do one step that can be undone: `change` alters `times`. */
function step(change) {
  const former = copyOf(times);
  change();
  if (JSON.stringify(former) === JSON.stringify(times)) return draw();
  before.push(former);
  write();
  draw();
}

function undo() {
  if (!before.length) return;
  times = before.pop();
  write();
  draw();
}

/** Take minutes of a day out of all times that `which` says. */
function cut(weekday, starts, ends, which) {
  times = times.flatMap((time) => {
    if (time.weekday !== weekday || !which(time) || time.ends <= starts || time.starts >= ends) return [time];
    return [{ ...time, ends: starts }, { ...time, starts: ends }].filter((part) => part.starts < part.ends);
  });
}

/** Put a time in: working times grow together, a booking window takes the place of another. */
function put(time) {
  if (time.kind === "kept") {
    cut(time.weekday, time.starts, time.ends, (one) => one.kind === "kept");
  } else {
    const touching = times.filter((one) => same(one, time) && one.starts <= time.ends && one.ends >= time.starts);
    times = times.filter((one) => !touching.includes(one));
    time.starts = Math.min(time.starts, ...touching.map((one) => one.starts));
    time.ends = Math.max(time.ends, ...touching.map((one) => one.ends));
  }
  times.push(time);
  return time;
}

const chosenTypes = () => [...keptFor.querySelectorAll("input:checked")].map((box) => box.value);

function paint(weekday, starts, ends) {
  step(() => {
    if (brush() === "erase") cut(weekday, starts, ends, () => true);
    else put({ weekday, starts, ends, kind: brush(), types: brush() === "kept" ? chosenTypes() : [] });
  });
}

/** Put `time` elsewhere: what it covers there gives way as if it had been painted. */
function change(time, facts) {
  let moved = time;
  step(() => {
    times = times.filter((one) => one !== time);
    moved = put({ ...time, ...facts });
  });
  focusOn(moved);
}

function remove(time) {
  const day = days[time.weekday];
  step(() => (times = times.filter((one) => one !== time)));
  say(painter.dataset.gone, time);
  day.querySelector("button.time")?.focus();
}

function focusOn(time) {
  const place = times.findIndex((one) => same(one, time) && one.starts <= time.starts && one.ends >= time.ends);
  painter.querySelector(`[data-place="${place}"]`)?.focus();
  say(painter.dataset.said, time);
}

function say(words, time) {
  document.getElementById("announcements").textContent = fill(words, { day: days[time.weekday].ariaLabel, times: span(time) });
}

// --- By hand --------------------------------------------------------------------------------------------------------

let drag = null; // { day, weekday, anchor, draft, time, edge }

function minuteAt(day, event, grain) {
  const box = day.getBoundingClientRect();
  const minute = first * 60 + ((event.clientY - box.top) / box.height) * (last - first) * 60;
  return { at: minute, down: Math.floor(minute / grain) * grain, up: Math.ceil(minute / grain) * grain, near: Math.round(minute / grain) * grain };
}

function edgeAt(event) {
  const element = event.target.closest("button.time");
  if (!element) return null;
  const box = element.getBoundingClientRect();
  const depth = Math.min(EDGE_PIXELS, box.height / 3);
  if (event.clientY - box.top < depth) return { time: times[element.dataset.place], edge: "starts" };
  if (box.bottom - event.clientY < depth) return { time: times[element.dataset.place], edge: "ends" };
  return null;
}

function spanOf(event) {
  const minute = minuteAt(drag.day, event, event.altKey ? UNIT : COARSE);
  const low = first * 60;
  const high = last * 60;
  const clamp = (value) => Math.min(high, Math.max(low, value));
  if (drag.edge === "starts") return [clamp(Math.min(minute.near, drag.time.ends - UNIT)), drag.time.ends];
  if (drag.edge === "ends") return [drag.time.starts, clamp(Math.max(minute.near, drag.time.starts + UNIT))];
  return [clamp(Math.min(drag.anchor.down, minute.down)), clamp(Math.max(drag.anchor.up, minute.up))];
}

painter.addEventListener("pointerdown", (event) => {
  const day = event.target.closest(".day");
  if (!day || event.button || event.pointerType === "touch") return;
  const grain = event.altKey ? UNIT : COARSE;
  const edge = brush() === "erase" ? null : edgeAt(event);
  drag = { day, weekday: Number(day.dataset.weekday), anchor: minuteAt(day, event, grain), moved: false, y: event.clientY, ...edge };
  day.setPointerCapture(event.pointerId);
});

painter.addEventListener("pointermove", (event) => {
  if (!drag) {
    painter.classList.toggle("edge", event.pointerType !== "touch" && brush() !== "erase" && edgeAt(event) !== null);
    return;
  }
  if (!drag.moved && Math.abs(event.clientY - drag.y) < 3) return;
  drag.moved = true;
  const [starts, ends] = spanOf(event);
  const draft = block(brush() === "erase" ? "draft erase" : "draft", starts, ends);
  draft.textContent = `${clock(starts)}–${clock(ends)}`;
  drag.draft?.remove();
  drag.draft = draft;
  drag.day.append(draft);
});

painter.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { moved, edge, time, weekday } = drag;
  const [starts, ends] = spanOf(event);
  drag.draft?.remove();
  drag = null;
  if (!moved) return;
  if (edge) change(time, { starts, ends });
  else paint(weekday, starts, ends);
});

painter.addEventListener("pointercancel", () => {
  drag?.draft?.remove();
  drag = null;
});

// A drag captures the pointer, so a press without one never reaches the block as a click of its own.
painter.addEventListener("click", (event) => {
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("button.time");
  if (event.detail && under) under.focus();
});

painter.addEventListener("keydown", (event) => {
  const time = times[event.target.closest("button.time")?.dataset.place];
  if (!time) return;
  const grain = event.altKey ? UNIT : COARSE;
  const by = { ArrowUp: -grain, ArrowDown: grain }[event.key];
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (["Delete", "Backspace"].includes(event.key)) remove(time);
  else if (by && event.shiftKey) change(time, { ends: Math.min(DAY, Math.max(time.starts + UNIT, time.ends + by)) });
  else if (by && time.starts + by >= 0 && time.ends + by <= DAY) change(time, { starts: time.starts + by, ends: time.ends + by });
  else if (across && days[time.weekday + across]) change(time, { weekday: time.weekday + across });
  else if (!by && !across) return;
  event.preventDefault();
});

addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.target.matches("input, select")) return;
  event.preventDefault();
  undo();
});

// --- Around it ------------------------------------------------------------------------------------------------------

function chooseBrush() {
  keptFor.hidden = brush() !== "kept";
}

form.addEventListener("change", (event) => {
  if (event.target.name === "brush") chooseBrush();
  else if (keptFor.contains(event.target)) event.target.checked ||= !chosenTypes().length;
  else if (rows.contains(event.target)) {
    before.push(copyOf(times));
    read();
    draw();
  }
});

form.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed) return;
  if ("undo" in pressed.dataset) undo();
  if ("addRow" in pressed.dataset) field(addRow(), "weekday").focus();
  if ("removeRow" in pressed.dataset) {
    before.push(copyOf(times));
    pressed.closest("[data-row]").remove();
    [...rows.children].forEach(renumber);
    count();
    read();
    draw();
  }
  if ("copyMonday" in pressed.dataset) {
    step(() => {
      const monday = times.filter((time) => time.weekday === 0);
      times = times.filter((time) => ![1, 2, 3].includes(time.weekday));
      for (const weekday of [1, 2, 3]) times.push(...copyOf(monday).map((time) => ({ ...time, weekday })));
    });
  }
  if ("wholeDay" in pressed.dataset) {
    [first, last] = [0, 24];
    pressed.hidden = true;
    draw();
  }
});

for (const hidden of form.querySelectorAll("[data-tools], [data-add-row], [data-remove-row], [data-copy-monday], [data-whole-day]")) {
  hidden.hidden = false;
}
if (matchMedia("(max-width: 900px)").matches) form.querySelector(".as-list").open = true;
read();
chooseBrush();
draw();
