// The practitioner's way: see who waits, let them in, talk, end it.

const { devices, stage } = window.sprechzeitVideo;
const RELOAD_MILLISECONDS = 1_500;

if (stage) {
  const { line, call } = stage;
  const others = document.querySelector("[data-others]");
  let last = null;

  const begin = async () => {
    stage.phase("call");
    if (!devices.tracks.length) await devices.open();
    await line.sit("waiting");
    look();
  };

  // Who waits for another consultation, by the page's own rights.
  async function look() {
    const html = await window.sprechzeit.fragment(others.dataset.url);
    if (html !== null) others.innerHTML = html;
  }

  function finish(phase) {
    last = null;
    stage.clear();
    devices.stop();
    stage.phase(phase);
  }

  line.addEventListener("state", ({ detail: state }) => {
    last = state;
    if (state.on && state.other) call.start(state.other);
    if (!state.on) call.stop();
    if (call.isConnected && state.on) return;
    const isThere = state.other && state.otherIsHere;
    if (state.on) stage.note(isThere ? "connecting" : "left");
    else stage.note(isThere ? state.otherState : "away");
  });
  call.addEventListener("connection", ({ detail: state }) => {
    if (["disconnected", "failed"].includes(state) && !last?.other) stage.note("left");
  });
  line.addEventListener("practice", look);
  line.addEventListener("over", ({ detail: why }) => {
    if (why !== "closed") return finish(why);
    // Of a call that was held there is something to document; else the page says why it is closed.
    return last?.on ? finish("ended") : setTimeout(() => location.reload(), RELOAD_MILLISECONDS);
  });
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const wanted = button.dataset.do;
    if (wanted === "admit") line.press("admission");
    if (wanted === "soon") document.querySelector("[data-said=soon]").hidden = !(await line.press("soon"));
    if (wanted === "again") begin();
    if (wanted === "end" && !(await line.press("end"))) location.assign(document.querySelector("[data-back]").href);
    if (button.dataset.soon) {
      const body = new URLSearchParams({ csrfmiddlewaretoken: document.body.dataset.token });
      button.disabled = (await fetch(button.dataset.soon, { method: "POST", body, headers: { "HX-Request": "true" } })).ok;
    }
  });
  begin();
}
