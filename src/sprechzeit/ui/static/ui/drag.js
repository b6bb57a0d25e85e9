// The book under a hand: dragging an entry to another time or column, stretching its edges, drawing a length in free
// time. A mouse drags at once; a finger after a long press, so that it scrolls as everywhere.
//
// While a hand moves, only the transform of one ghost changes: everything else was measured when it was lifted.

const { announce, live } = window.sprechzeit;
const { book, shown, kin, unitPixels, unitsOf, placeOf, moment, later, clock, current, UNIT_MINUTES } = window.sprechzeit.grid;
const { place, told } = window.sprechzeit.place ?? {};

const LONG_PRESS_MILLISECONDS = 400;
const MOUSE_SLACK = 5;
const FINGER_SLACK = 10;
const EDGE_PIXELS = 7; // the part of an entry by which a mouse stretches it; of a short one a quarter, the rest moves
const TIGHT_PIXELS = 72; // a finger's two grips would cover what is flatter
const SCROLL_EDGE = 44;
const SCROLL_SPEED = 16; // pixels a frame at the very edge
const DRAWN_UNITS = 3;

let gesture = null;
let grips = null;

// What the hand took hold of

function grasp(event) {
  const grip = event.target.closest(".grip");
  if (grip) return { kind: grip.dataset.edge, entry: grips.entry, at: placeOf(grips.entry) };
  const entry = event.target.closest(".entry");
  if (entry) return entry.dataset.place ? { kind: edge(entry, event), entry, at: placeOf(entry) } : null;
  const column = event.target.closest(".column");
  return column && book.dataset.newUrl && !event.target.closest(".draft") ? { kind: "draw", column } : null;
}

function edge(entry, event) {
  if (event.pointerType !== "mouse") return "move";
  const { top, bottom } = entry.getBoundingClientRect();
  if (bottom - event.clientY <= Math.min(EDGE_PIXELS, (bottom - top) / 4)) return "end";
  return event.clientY - top <= EDGE_PIXELS && bottom - top > 4 * EDGE_PIXELS ? "start" : "move";
}

function down(event) {
  if (event.button || event.ctrlKey || event.metaKey || !event.isPrimary || gesture) return;
  const grasped = grasp(event);
  // A tap beside the grips only puts them away.
  const putsAway = grips !== null && !event.target.closest(".grip, .entry");
  if (!event.target.closest(".grip")) dropGrips();
  if (!grasped) return;
  gesture = { ...grasped, putsAway, pointer: event.pointerId, finger: event.pointerType !== "mouse", x: event.clientX, y: event.clientY };
  gesture.begunX = gesture.x;
  gesture.begunY = gesture.y;
  gesture.release = live.hold();
  if (event.target.closest(".grip")) lift();
  else if (gesture.finger) gesture.timer = setTimeout(pressed, LONG_PRESS_MILLISECONDS);
}

function pressed() {
  navigator.vibrate?.(12);
  lift();
}

// Lifting: measure once, and make the ghost

function lift() {
  const unit = unitPixels();
  const frame = book.getBoundingClientRect();
  gesture.on = true;
  gesture.unit = unit;
  gesture.frame = frame;
  gesture.inner = { top: book.querySelector(".column-head")?.offsetHeight ?? 0, left: book.querySelector(".axis")?.offsetWidth ?? 0 };
  gesture.columns = (gesture.at ? kin(gesture.at.column) : shown()).map((column) => ({
    column, left: column.offsetLeft, width: column.offsetWidth, top: column.offsetTop, units: unitsOf(column),
  }));
  gesture.grabbed = contentY(gesture.begunY);
  if (gesture.kind === "draw") startDrawing();
  gesture.home = gesture.columns.find(({ column }) => column === gesture.at.column);
  gesture.target = { ...gesture.at };
  gesture.ghost = ghostOf(gesture);
  gesture.entry?.classList.add("lifted");
  grips?.frame.classList.add("held"); // It stays in the page: a finger's events belong to what it touched first.
  book.append(gesture.ghost);
  book.classList.add("dragging");
  book.setPointerCapture(gesture.pointer);
  write();
  gesture.frameRequest = requestAnimationFrame(step);
}

function startDrawing() {
  const home = gesture.columns.find(({ column }) => column === gesture.column);
  gesture.first = Math.max(0, Math.min(home.units - 1, Math.floor((gesture.grabbed - home.top) / gesture.unit)));
  gesture.at = { column: gesture.column, unit: gesture.first, length: DRAWN_UNITS };
}

function ghostOf({ entry, home, at, unit }) {
  const ghost = entry ? entry.cloneNode(true) : document.createElement("div");
  ghost.className = entry ? `${entry.className} ghost` : "entry draft ghost";
  ghost.removeAttribute("href");
  ghost.removeAttribute("id");
  ghost.ariaHidden = "true";
  if (!entry) ghost.append(document.createElement("b"));
  ghost.style.left = `${home.left + 3}px`;
  ghost.style.top = `${home.top + at.unit * unit + 1}px`;
  ghost.style.width = `${home.width - 12}px`;
  ghost.style.height = `${at.length * unit - 2}px`;
  return ghost;
}

// Each frame: where the hand is, and what that means

const contentX = (x) => x - gesture.frame.left - book.clientLeft + book.scrollLeft;
const contentY = (y) => y - gesture.frame.top - book.clientTop + book.scrollTop;

function step() {
  if (!gesture?.on) return;
  scrollAtEdges();
  const moved = gesture.kind === "move" ? movedPlace() : stretchedPlace();
  const { target } = gesture;
  if (moved.column !== target.column || moved.unit !== target.unit || moved.length !== target.length) {
    gesture.target = moved;
    write();
  }
  gesture.frameRequest = requestAnimationFrame(step);
}

function movedPlace() {
  const x = contentX(gesture.x);
  const over = gesture.columns.find(({ left, width }) => x >= left && x < left + width);
  const { column, units } = over ?? gesture.columns.find(({ column: one }) => one === gesture.target.column);
  const shift = Math.round((contentY(gesture.y) - gesture.grabbed) / gesture.unit);
  const unit = Math.max(0, Math.min(units - Math.min(gesture.at.length, units), gesture.at.unit + shift));
  return { column, unit, length: gesture.at.length };
}

function stretchedPlace() {
  const { at, home, kind } = gesture;
  if (kind === "draw") {
    const now = Math.max(0, Math.min(home.units, Math.round((contentY(gesture.y) - home.top) / gesture.unit)));
    const unit = Math.min(now, gesture.first);
    return { column: at.column, unit, length: Math.max(1, Math.max(now, gesture.first) - unit) };
  }
  const shift = Math.round((contentY(gesture.y) - gesture.grabbed) / gesture.unit);
  if (kind === "end") return { ...at, length: Math.max(1, Math.min(home.units - at.unit, at.length + shift)) };
  const unit = Math.max(0, Math.min(at.unit + at.length - 1, at.unit + shift));
  return { ...at, unit, length: at.unit + at.length - unit };
}

function write() {
  const { ghost, target, at, home, unit } = gesture;
  const to = gesture.columns.find(({ column }) => column === target.column);
  ghost.style.transform = `translate(${to.left - home.left}px, ${(target.unit - at.unit) * unit}px)`;
  if (target.length !== gesture.shownLength) ghost.style.height = `${target.length * unit - 2}px`;
  gesture.shownLength = target.length;
  const start = moment(target.column, target.unit);
  const time = `${clock(start)}–${clock(later(start, target.length * UNIT_MINUTES))}`;
  (ghost.querySelector(".when") ?? ghost.querySelector("b")).textContent = time;
}

function scrollAtEdges() {
  const { frame, inner, x, y } = gesture;
  const depth = (least, most, value) =>
    value < least + SCROLL_EDGE ? Math.max(-1, (value - least - SCROLL_EDGE) / SCROLL_EDGE)
    : value > most - SCROLL_EDGE ? Math.min(1, (value - most + SCROLL_EDGE) / SCROLL_EDGE)
    : 0;
  const down_ = depth(frame.top + inner.top, frame.bottom, y);
  const right = gesture.kind === "move" ? depth(frame.left + inner.left, frame.right, x) : 0;
  if (down_) book.scrollTop += Math.round(down_ * SCROLL_SPEED);
  if (right) book.scrollLeft += Math.round(right * SCROLL_SPEED);
}

// Letting go

function end(commit) {
  const done = gesture;
  gesture = null;
  if (!done) return;
  clearTimeout(done.timer);
  if (done.on) letGo(done, commit);
  else if (done.putsAway) swallowClick();
  done.release();
}

function letGo(done, commit) {
  cancelAnimationFrame(done.frameRequest);
  dropGrips();
  done.ghost.remove();
  done.entry?.classList.remove("lifted");
  book.classList.remove("dragging");
  swallowClick();
  if (commit) drop(done);
}

function drop({ kind, entry, at, target, finger }) {
  const moved = target.column !== at.column || target.unit !== at.unit || target.length !== at.length;
  if (kind === "draw") {
    book.dispatchEvent(new CustomEvent("sprechzeit:create", { detail: { ...target, drawn: moved } }));
  } else if (moved) {
    announce(told(entry, target));
    place(entry, target);
  } else if (finger && kind === "move") showGrips(entry);
}

// The click that follows a drag means nothing.
function swallowClick() {
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, true), 50);
}

// A finger stretches by two grips, which a long press on an entry brings.

function showGrips(entry) {
  dropGrips();
  const { column, unit, length } = placeOf(entry);
  const frame = document.createElement("div");
  const pixels = unitPixels();
  frame.className = length * pixels < TIGHT_PIXELS ? "grips tight" : "grips";
  frame.ariaHidden = "true";
  for (const name of ["start", "end"]) {
    const grip = document.createElement("span");
    grip.className = `grip ${name}`;
    grip.dataset.edge = name;
    frame.append(grip);
  }
  frame.style.left = `${column.offsetLeft}px`;
  frame.style.top = `${column.offsetTop + unit * pixels}px`;
  frame.style.width = `${column.offsetWidth}px`;
  frame.style.height = `${length * pixels}px`;
  book.append(frame);
  grips = { entry, frame };
}

function dropGrips() {
  grips?.frame.remove();
  grips = null;
}

if (book && place) {
  book.addEventListener("pointerdown", down);
  book.addEventListener("pointermove", (event) => {
    if (!gesture || event.pointerId !== gesture.pointer) return;
    gesture.x = event.clientX;
    gesture.y = event.clientY;
    if (gesture.on) return;
    const distance = Math.hypot(gesture.x - gesture.begunX, gesture.y - gesture.begunY);
    if (gesture.finger && distance > FINGER_SLACK) end(false);
    else if (!gesture.finger && distance > MOUSE_SLACK) lift();
  });
  addEventListener("pointerup", (event) => {
    if (!gesture || event.pointerId !== gesture.pointer) return;
    if (gesture.on) step();
    end(true);
  });
  addEventListener("pointercancel", (event) => gesture?.pointer === event.pointerId && end(false));
  addEventListener("blur", () => end(false));
  // Once a finger holds something, it no longer scrolls; before, nothing keeps it from scrolling.
  book.addEventListener("touchmove", (event) => gesture?.on && event.cancelable && event.preventDefault(), { passive: false });
  // Links are draggable by nature, and a long press on one brings a menu.
  book.addEventListener("dragstart", (event) => event.preventDefault());
  book.addEventListener("contextmenu", (event) => gesture?.finger && event.preventDefault(), { capture: true });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || (!gesture?.on && !grips)) return;
      event.preventDefault();
      event.stopPropagation();
      dropGrips();
      end(false);
    },
    true,
  );
  document.addEventListener("sprechzeit:column", () => {
    if (!grips || grips.entry.isConnected) return;
    const entry = current(grips.entry);
    if (entry) showGrips(entry);
    else dropGrips();
  });
}
