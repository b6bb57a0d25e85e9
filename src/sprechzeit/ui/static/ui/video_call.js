// The connection of the two browsers: picture and sound, a shared screen, and what is written, all past the server.
//
// The practitioner's side makes every offer, so that no two ever meet: a sound, a camera and a screen, in this order,
// and a channel. A screen is put into its place and taken out of it without another offer. When the way between them is
// lost the practitioner's side looks for another one (an ICE restart), asked to by the patient's if that notices first.

const PATIENCE_MILLISECONDS = 2_500;
const LOOK_MILLISECONDS = 2_000;
const WEAK_SECONDS = 0.4;
const WEAK_LOSS = 0.05;
const PLACES = ["sound", "camera", "screen"];

class Call extends EventTarget {
  /** The seat of whom it is with; empty while there is no call. */
  other = "";

  #line;
  #devices;
  #offers;
  #connection = null;
  #channel = null;
  #early = [];
  #patience = null;
  #looking = null;
  #lost = { packets: 0, received: 0 };
  #screen = null;
  #making = Promise.resolve();

  constructor(line, devices, offers) {
    super();
    this.#line = line;
    this.#devices = devices;
    this.#offers = offers;
    line.addEventListener("signal", ({ detail }) => (this.#making = this.#making.then(() => this.#hear(detail)).catch((error) => console.info(error.name))));
    devices.addEventListener("change", () => this.#connection && this.#send());
    addEventListener("online", () => this.#restart());
  }

  get isConnected() {
    return this.#connection?.connectionState === "connected";
  }

  get isSharing() {
    return Boolean(this.#screen);
  }

  /** Begin with whoever sits at `other`; one that is there already goes on. */
  start(other) {
    if (other === this.other) return;
    const early = this.#early.filter(({ from }) => from === other);
    this.stop({ keepsScreen: true });
    this.other = other;
    this.#early = early;
    this.#making = this.#making.then(() => this.#begin(other)).catch((error) => console.info(error.name));
  }

  stop({ keepsScreen = false } = {}) {
    clearTimeout(this.#patience);
    clearInterval(this.#looking);
    if (!keepsScreen) this.#unshare();
    this.#channel?.close();
    this.#connection?.close();
    this.#connection = this.#channel = null;
    this.other = "";
    this.#early = [];
  }

  /** Something small for the other page: what is written, or what is switched off. */
  tell(facts) {
    if (this.#channel?.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(facts));
    return true;
  }

  async share() {
    if (this.#screen) {
      this.#unshare();
      return;
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
    } catch {
      return; // Nothing was chosen.
    }
    [this.#screen] = stream.getVideoTracks();
    this.#screen.contentHint = "detail";
    this.#screen.addEventListener("ended", () => this.#unshare());
    this.#send();
    this.#tellState();
    this.#say("screen", stream);
  }

  #unshare() {
    if (!this.#screen) return;
    this.#screen.stop();
    this.#screen = null;
    this.#send();
    this.#tellState();
    this.#say("screen", null);
  }

  async #begin(other) {
    const configuration = await this.#line.relays();
    if (other !== this.other) return;
    const connection = new RTCPeerConnection(configuration);
    this.#connection = connection;
    this.#lost = { packets: 0, received: 0 };
    connection.addEventListener("icecandidate", ({ candidate }) => candidate && this.#line.sendCandidate(other, candidate));
    connection.addEventListener("connectionstatechange", () => this.#changed(connection));
    connection.addEventListener("track", ({ track, transceiver }) => {
      this.#say("track", { place: PLACES[connection.getTransceivers().indexOf(transceiver)], track });
    });
    this.#channel = connection.createDataChannel("consultation", { negotiated: true, id: 0 });
    this.#channel.addEventListener("open", () => this.#tellState());
    this.#channel.addEventListener("message", ({ data }) => this.#told(data));
    this.#looking = setInterval(() => this.#look(connection), LOOK_MILLISECONDS);
    if (this.#offers) {
      for (const kind of ["audio", "video", "video"]) connection.addTransceiver(kind, { direction: "sendrecv" });
      await this.#send();
      await this.#offer();
    }
    const early = this.#early;
    this.#early = [];
    for (const one of early) await this.#hear(one);
  }

  async #offer(options) {
    const connection = this.#connection;
    if (connection.signalingState !== "stable") return;
    await connection.setLocalDescription(await connection.createOffer(options));
    this.#line.send(this.other, "description", JSON.stringify(connection.localDescription));
  }

  async #hear(signal) {
    if (signal.kind === "soon") {
      this.#say("soon");
      return;
    }
    if (!this.#connection) {
      this.#early.push(signal);
      return;
    }
    if (signal.from !== this.other) return;
    const connection = this.#connection;
    if (signal.kind === "restart" && this.#offers) {
      // Asked for before the first offer was answered, that offer is what it waits for.
      if (connection.currentRemoteDescription) await this.#offer({ iceRestart: true });
    } else if (signal.kind === "candidates") {
      for (const candidate of JSON.parse(signal.body)) await connection.addIceCandidate(candidate).catch(() => {});
    } else if (signal.kind === "description") {
      await this.#describe(connection, JSON.parse(signal.body));
    }
  }

  async #describe(connection, description) {
    if (description.type === "answer") {
      if (connection.signalingState === "have-local-offer") await connection.setRemoteDescription(description);
      return;
    }
    await connection.setRemoteDescription(description);
    for (const one of connection.getTransceivers()) one.direction = "sendrecv";
    await this.#send();
    await connection.setLocalDescription(await connection.createAnswer());
    this.#line.send(this.other, "description", JSON.stringify(connection.localDescription));
  }

  // Each track into its place; what is not there sends nothing.
  async #send() {
    const places = this.#connection?.getTransceivers() ?? [];
    const tracks = [this.#devices.audio, this.#devices.video, this.#screen];
    await Promise.all(places.map((one, index) => one.sender.replaceTrack(tracks[index] ?? null)));
    this.#tellState();
  }

  #tellState() {
    const { microphone, camera } = this.#devices.on;
    this.tell({ microphone: microphone && Boolean(this.#devices.audio), camera: camera && Boolean(this.#devices.video), screen: this.isSharing });
  }

  #told(data) {
    const facts = JSON.parse(data);
    this.#say("text" in facts ? "text" : "switched", facts);
  }

  #changed(connection) {
    if (connection !== this.#connection) return;
    const state = connection.connectionState;
    clearTimeout(this.#patience);
    if (state === "disconnected") this.#patience = setTimeout(() => this.#restart(), PATIENCE_MILLISECONDS);
    if (state === "failed") this.#restart();
    this.#say("connection", state);
  }

  // Another way to the other one: after a change of network, or when the way is lost.
  #restart() {
    if (!this.#connection || !this.other) return;
    if (!this.#offers) this.#line.send(this.other, "restart");
    else this.#making = this.#making.then(() => this.#connection && this.#offer({ iceRestart: true })).catch(() => {});
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => !this.isConnected && this.#restart(), 4 * PATIENCE_MILLISECONDS);
  }

  async #look(connection) {
    if (connection.connectionState !== "connected") return;
    let [seconds, packets, received] = [0, 0, 0];
    (await connection.getStats()).forEach((one) => {
      if (one.type === "candidate-pair" && one.nominated) seconds = one.currentRoundTripTime ?? 0;
      if (one.type === "inbound-rtp") [packets, received] = [packets + (one.packetsLost ?? 0), received + (one.packetsReceived ?? 0)];
    });
    const [lost, came] = [packets - this.#lost.packets, received - this.#lost.received];
    this.#lost = { packets, received };
    this.#say("quality", seconds > WEAK_SECONDS || lost / Math.max(1, lost + came) > WEAK_LOSS ? "weak" : "good");
  }

  #say(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

window.sprechzeitVideo.Call = Call;
