// Camera, microphone and loudspeaker of a consultation's page: opened once, tried out, chosen, switched off and on.

const LOUD_ENOUGH = 0.04;
const LEVEL_MILLISECONDS = 100;
const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 } };
const PROBLEMS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

class Devices extends EventTarget {
  /** `audio` and `video` once they are open; null for a camera that is not there. */
  audio = null;
  video = null;
  on = { microphone: true, camera: true };
  problem = "";

  #chosen = { audioinput: "", videoinput: "", audiooutput: "" };
  #level = null;
  #levelTimer = null;
  #heard = false;

  /** Open what was chosen. Whether one can be heard, and so may go on. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia || !window.RTCPeerConnection) return this.#say("unable");
    this.#close();
    try {
      await this.#get(true);
    } catch (error) {
      if (!["NotFoundError", "OverconstrainedError", "NotReadableError"].includes(error.name)) return this.#say(PROBLEMS[error.name] ?? "busy");
      try {
        await this.#get(false);
      } catch (silent) {
        return this.#say(PROBLEMS[silent.name] ?? "busy");
      }
    }
    this.#listen();
    await this.#list();
    return this.#say(this.video ? "" : "without-camera");
  }

  get tracks() {
    return [this.audio, this.video].filter(Boolean);
  }

  /** Everything off: the camera's light goes out. */
  stop() {
    this.#close();
    this.#apply();
    this.dispatchEvent(new Event("change"));
  }

  toggle(what) {
    this.on[what] = !this.on[what];
    this.#apply();
    this.dispatchEvent(new Event("change"));
  }

  /** Another device of a kind, as `enumerateDevices` calls it. */
  async choose(kind, id) {
    this.#chosen[kind] = id;
    if (kind === "audiooutput") this.#sink();
    else await this.open();
  }

  /** A short sound from the loudspeaker that was chosen. */
  async tone() {
    const context = new AudioContext();
    const place = context.createMediaStreamDestination();
    const sound = new Audio();
    sound.srcObject = place.stream;
    if (sound.setSinkId && this.#chosen.audiooutput) await sound.setSinkId(this.#chosen.audiooutput);
    const swell = context.createGain();
    const tone = context.createOscillator();
    swell.gain.setValueAtTime(0, context.currentTime);
    swell.gain.linearRampToValueAtTime(0.25, context.currentTime + 0.08);
    swell.gain.linearRampToValueAtTime(0, context.currentTime + 0.7);
    tone.frequency.value = 523;
    tone.connect(swell).connect(place);
    tone.start();
    tone.stop(context.currentTime + 0.8);
    tone.addEventListener("ended", () => context.close());
    await sound.play();
  }

  async #get(withCamera) {
    const { audioinput, videoinput } = this.#chosen;
    const exactly = (id) => (id ? { deviceId: { exact: id } } : {});
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, ...exactly(audioinput) },
      video: withCamera && { ...SIZE, ...exactly(videoinput) },
    });
    [this.audio, this.video] = [stream.getAudioTracks()[0] ?? null, stream.getVideoTracks()[0] ?? null];
    // Unplugged: whatever else there is.
    for (const track of this.tracks) {
      track.addEventListener("ended", () => {
        if (!this.tracks.includes(track)) return;
        this.#chosen[track.kind === "audio" ? "audioinput" : "videoinput"] = "";
        this.open();
      });
    }
    this.#apply();
  }

  #apply() {
    if (this.audio) this.audio.enabled = this.on.microphone;
    if (this.video) this.video.enabled = this.on.camera;
    for (const button of document.querySelectorAll("[data-do=microphone], [data-do=camera]")) button.ariaPressed = String(this.on[button.dataset.do]);
    const own = this.video ? new MediaStream([this.video]) : null;
    for (const place of document.querySelectorAll("[data-own]")) {
      if (place.srcObject?.getVideoTracks()[0] !== this.video) place.srcObject = own;
      place.classList.toggle("dark", !this.on.camera || !this.video);
    }
    this.#shown("camera", this.video && this.on.camera);
  }

  #shown(what, works) {
    for (const one of document.querySelectorAll(`[data-works=${what}]`)) one.hidden = !works;
    for (const one of document.querySelectorAll(`[data-missing=${what}]`)) one.hidden = Boolean(works);
  }

  #listen() {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(new MediaStream([this.audio])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#level = context;
    this.#heard = false;
    this.#shown("microphone", false);
    this.#levelTimer = setInterval(() => {
      if (context.state === "suspended") context.resume();
      analyser.getFloatTimeDomainData(samples);
      const loud = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      if (loud > LOUD_ENOUGH && !this.#heard) {
        this.#heard = true;
        this.#shown("microphone", true);
      }
      for (const meter of document.querySelectorAll("[data-meter]")) {
        if (!meter.checkVisibility()) continue;
        const lit = Math.min(meter.children.length, Math.round(Math.sqrt(loud) * 1.6 * meter.children.length));
        [...meter.children].forEach((bar, index) => bar.classList.toggle("lit", index < lit));
      }
    }, LEVEL_MILLISECONDS);
  }

  async #list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const used = { audioinput: this.audio?.getSettings().deviceId, videoinput: this.video?.getSettings().deviceId, audiooutput: this.#chosen.audiooutput };
    for (const select of document.querySelectorAll("[data-device]")) {
      const kind = select.dataset.device;
      const some = all.filter((one) => one.kind === kind);
      select.replaceChildren(...some.map((one, index) => new Option(one.label || `${index + 1}`, one.deviceId, false, one.deviceId === used[kind])));
      select.disabled = some.length < 2;
    }
    // Where the browser does not let a page choose, the system's loudspeaker it is.
    const chooses = "setSinkId" in HTMLMediaElement.prototype && all.some((one) => one.kind === "audiooutput");
    for (const place of document.querySelectorAll("[data-speakers]")) place.hidden = !chooses;
  }

  #sink() {
    for (const sound of document.querySelectorAll("[data-sound]")) sound.setSinkId?.(this.#chosen.audiooutput).catch(() => {});
  }

  #say(problem) {
    this.problem = problem;
    for (const note of document.querySelectorAll("[data-problem]")) note.hidden = note.dataset.problem !== problem;
    this.dispatchEvent(new Event("change"));
    return ["", "without-camera"].includes(problem);
  }

  #close() {
    clearInterval(this.#levelTimer);
    this.#level?.close();
    this.#level = null;
    const tracks = this.tracks;
    this.audio = this.video = null;
    tracks.forEach((track) => track.stop());
  }
}

const devices = new Devices();
window.sprechzeitVideo = { devices };

document.addEventListener("change", ({ target }) => {
  if (target.dataset?.device) devices.choose(target.dataset.device, target.value);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (["microphone", "camera"].includes(button.dataset.do)) devices.toggle(button.dataset.do);
  if ("tone" in button.dataset) devices.tone();
  if ("again" in button.dataset) devices.open();
});
navigator.mediaDevices?.addEventListener?.("devicechange", () => devices.tracks.length && devices.dispatchEvent(new Event("listed")));

// A page that only tries them out.
if (document.querySelector("[data-try-devices]")) devices.open();
