// The stage: what both sides see of a call, its buttons and keys, the chat. Words stand in the page, the script shows them.

const { devices, Line, Call } = window.sprechzeitVideo;
const one = (name) => document.querySelector(`[data-${name}]`);
const show = (element, shown) => element && (element.hidden = !shown);
const KEYS = { m: "microphone", k: "camera", b: "screen", c: "chat" };
const IN_FIELDS = "input, select, textarea, dialog";

class Stage {
  #facts;
  #began = 0;
  #before = 0;
  #screens = { own: null, other: null, isOther: false };
  #awake = null;

  constructor(room) {
    this.#facts = JSON.parse(room.dataset.facts);
    // Loaded again within a call: its clock goes on.
    if (room.dataset.wasOn) this.#before = Date.now() - Number(room.dataset.wasOn) * 1_000;
    this.line = new Line(this.#facts, document.body.dataset.token);
    this.call = new Call(this.line, devices, this.#facts.side === "practitioner");
    this.#listen();
    setInterval(() => this.#tick(), 1_000);
  }

  /** The part of the page that is shown now; its heading is where one is. */
  phase(name) {
    document.body.classList.toggle("on-stage", name === "call" || this.#facts.side === "practitioner");
    document.body.dataset.phase = name;
    for (const part of document.querySelectorAll("[data-on]")) part.hidden = part.dataset.on !== name;
    document.querySelector(`[data-on=${name}] :is(h1, h2)[tabindex]`)?.focus();
    if (name === "call") this.#stayAwake();
  }

  /** What is said in the middle of the picture; empty for nothing. */
  note(name) {
    for (const note of document.querySelectorAll("[data-note]")) note.hidden = note.dataset.note !== name;
  }

  /** The call is over: what was written is gone. */
  clear() {
    this.call.stop();
    this.#began = this.#before = 0;
    one("messages")?.replaceChildren();
    for (const video of document.querySelectorAll("[data-other], [data-other-small], [data-sound]")) video.srcObject = null;
    this.#screens = { own: null, other: null, isOther: false };
    this.#arrange();
    show(one("encrypted"), false);
    show(one("clock"), false);
    this.#awake?.release().catch(() => {});
  }

  #listen() {
    const { call, line } = this;
    call.addEventListener("track", ({ detail }) => this.#place(detail));
    call.addEventListener("connection", ({ detail }) => this.#connection(detail));
    call.addEventListener("quality", ({ detail }) => {
      for (const sign of document.querySelectorAll("[data-quality]")) sign.hidden = sign.dataset.quality !== detail;
    });
    call.addEventListener("text", ({ detail }) => this.#message(detail.text, false));
    call.addEventListener("screen", ({ detail }) => {
      this.#screens.own = detail;
      this.#arrange();
    });
    call.addEventListener("switched", ({ detail }) => {
      for (const sign of document.querySelectorAll("[data-other-off]")) sign.hidden = detail[sign.dataset.otherOff];
      one("other").classList.toggle("dark", !detail.camera);
      this.#screens.isOther = detail.screen;
      this.#arrange();
    });
    line.addEventListener("state", ({ detail }) => {
      one("closes").textContent = detail.closes;
      show(one("closing"), detail.closes);
    });
    line.addEventListener("open", () => this.#line(true));
    line.addEventListener("lost", () => this.#line(false));
    addEventListener("pagehide", () => line.leave());
    // Back from the browser's memory the page is as it was, but has left.
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    document.addEventListener("click", ({ target }) => {
      const wanted = target.closest("[data-do]")?.dataset.do;
      if (wanted === "screen") call.share();
      if (wanted === "chat") this.#chat();
      if (wanted === "devices") one("devices").showModal();
    });
    document.addEventListener("keydown", (event) => {
      const wanted = KEYS[event.key.toLowerCase()];
      if (!wanted || event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.closest(IN_FIELDS)) return;
      if (document.body.dataset.phase !== "call") return;
      event.preventDefault();
      document.querySelector(`.stage-bar [data-do=${wanted}]`)?.click();
    });
    one("write")?.addEventListener("submit", (event) => {
      event.preventDefault();
      const field = event.target.querySelector("input");
      const text = field.value.trim();
      if (!text || !call.tell({ text })) return;
      this.#message(text, true);
      field.value = "";
    });
    if (!navigator.mediaDevices?.getDisplayMedia) document.querySelectorAll(".share").forEach((button) => (button.hidden = true));
  }

  #place({ place, track }) {
    const stream = new MediaStream([track]);
    if (place === "sound") one("sound").srcObject = stream;
    if (place === "camera") for (const name of ["other", "other-small"]) one(name).srcObject = stream;
    if (place === "screen") this.#screens.other = stream;
    this.#arrange();
  }

  // A shared screen has the stage, whosever it is; the other's camera then goes beside one's own.
  #arrange() {
    const { own, other, isOther } = this.#screens;
    const screen = own ?? (isOther ? other : null);
    const place = one("screen");
    if (place.srcObject !== screen) place.srcObject = screen;
    show(place, screen);
    show(one("second"), screen);
    show(one("sharing"), own);
    document.querySelector(".stage-bar [data-do=screen]").ariaPressed = String(Boolean(own));
    one("stage").classList.toggle("with-screen", Boolean(screen));
  }

  #connection(state) {
    const isOn = state === "connected";
    if (isOn) {
      this.#began ||= this.#before || Date.now();
      this.note("");
    } else if (["disconnected", "failed"].includes(state)) this.note("reconnecting");
    show(one("encrypted"), isOn);
    show(one("clock"), this.#began);
    if (!isOn) for (const sign of document.querySelectorAll("[data-quality]")) sign.hidden = true;
    this.#tick();
  }

  #line(isOpen) {
    for (const sign of document.querySelectorAll("[data-line]")) sign.hidden = (sign.dataset.line === "open") !== isOpen;
  }

  #tick() {
    if (!this.#began) return;
    const seconds = Math.floor((Date.now() - this.#began) / 1_000);
    one("elapsed").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  #chat() {
    const chat = one("chat");
    chat.hidden = !chat.hidden;
    for (const button of document.querySelectorAll(".stage-bar [data-do=chat]")) button.ariaExpanded = String(!chat.hidden);
    for (const mark of document.querySelectorAll("[data-unread]")) mark.hidden = true;
    if (chat.hidden) document.querySelector(".stage-bar [data-do=chat]").focus();
    else chat.querySelector("input").focus();
  }

  #message(text, isMine) {
    const message = one("message").content.cloneNode(true);
    message.firstElementChild.classList.toggle("mine", isMine);
    message.querySelector("p").textContent = text;
    message.querySelector("time").textContent = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    show(message.querySelector("[data-mine]"), isMine);
    const place = one("messages");
    place.append(message);
    place.scrollTop = place.scrollHeight;
    if (one("chat").hidden && !isMine) for (const mark of document.querySelectorAll("[data-unread]")) mark.hidden = false;
  }

  async #stayAwake() {
    // A phone that falls asleep ends the call; where it cannot be asked not to, it is as it is.
    this.#awake = await navigator.wakeLock?.request("screen").catch(() => null);
  }
}

const room = document.querySelector("[data-room]");
if (room && one("stage")) window.sprechzeitVideo.stage = new Stage(room);
