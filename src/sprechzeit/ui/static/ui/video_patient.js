// The patient's way: try camera and sound, wait, talk. The practitioner lets them in.

const { devices, stage } = window.sprechzeitVideo;
const { line, call } = stage;
const RELOAD_MILLISECONDS = 1_500;
const begins = document.querySelector("[data-room]");
const wait = document.querySelector("[data-on=test] [data-do=wait]");
let waits = "wasOn" in begins.dataset;

async function enter() {
  waits = true;
  if (!devices.tracks.length && !(await devices.open())) {
    test();
    return;
  }
  stage.phase("wait");
  await line.sit("waiting");
}

function test() {
  waits = false;
  stage.phase("test");
  line.sit("testing");
}

devices.addEventListener("change", () => (wait.disabled = !["", "without-camera"].includes(devices.problem) || !devices.audio));
document.addEventListener("click", ({ target }) => {
  const wanted = target.closest("[data-do]")?.dataset.do;
  if (wanted === "wait") enter();
  if (wanted === "end") leave("ended");
});

function leave(phase) {
  waits = false;
  line.leave();
  stage.clear();
  devices.stop();
  stage.phase(phase);
}

line.addEventListener("state", ({ detail: state }) => {
  if (!waits) return;
  if (!state.on) {
    if (document.body.dataset.phase === "call") stage.phase("wait");
    call.stop();
    return;
  }
  if (document.body.dataset.phase !== "call") {
    stage.phase("call");
    stage.note("connecting");
  }
  if (state.other) call.start(state.other);
  if (!state.other || (!state.otherIsHere && !call.isConnected)) stage.note(call.isConnected ? "" : "left");
});
call.addEventListener("soon", () => {
  for (const line of document.querySelectorAll("[data-said]")) line.hidden = line.dataset.said !== "soon";
});
line.addEventListener("over", ({ detail: why }) => {
  // The link's time is over and somebody went, or the appointment was cancelled: the page says which.
  if (why === "closed") {
    call.stop();
    return setTimeout(() => location.reload(), RELOAD_MILLISECONDS);
  }
  return leave(why === "elsewhere" ? "elsewhere" : "ended");
});

if (waits) enter();
else {
  test();
  devices.open();
}
