// The line to the server: one's seat, what the other page tells, and what is told to it. Posted, and heard by a stream.

const AGAIN_MILLISECONDS = 1_000;
const BATCH_MILLISECONDS = 60;
const LATE = [429, 500, 502, 503, 504];

class Line extends EventTarget {
  /** The id of this page's seat; empty while it has none. */
  seat = "";

  #facts;
  #token;
  #state = "";
  #stream = null;
  #timer = null;
  #taken = 0;
  #sending = Promise.resolve();
  #candidates = [];
  #batch = null;

  constructor(facts, token) {
    super();
    this.#facts = facts;
    this.#token = token;
  }

  /** Sit down, or say what one does there now: 'testing' or 'waiting'. Whether that is so. */
  async sit(state) {
    this.#state = state;
    const answer = await this.#post("seat", { state, seat: this.seat });
    if (!answer.ok) {
      this.#over(answer.status === 409 ? "elsewhere" : "closed");
      return false;
    }
    const { seat } = await answer.json();
    if (seat !== this.seat) {
      this.seat = seat;
      this.#taken = 0;
    }
    this.#open();
    return true;
  }

  /** Put a signal down for the other page, after those before it. */
  send(to, kind, body = "") {
    this.#flush();
    const { seat } = this;
    this.#sending = this.#sending.then(async () => {
      if (seat !== this.seat) return;
      await this.#post("signal", { seat, to, kind, body, taken: this.#taken });
    });
    return this.#sending;
  }

  /** Ways to reach this device, some at a time. */
  sendCandidate(to, candidate) {
    this.#candidates.push([to, candidate]);
    this.#batch ??= setTimeout(() => this.#flush(), BATCH_MILLISECONDS);
  }

  /** How the two find each other: the configuration of the connection. */
  async relays() {
    const answer = await fetch(this.#facts.relays, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`relays: ${answer.status}`);
    return answer.json();
  }

  /** One of the practitioner's buttons. Whether it was done. */
  async press(name) {
    return (await this.#post(name, {})).ok;
  }

  /** Go. Also while the page is being closed. */
  leave() {
    this.#close();
    if (!this.seat) return;
    navigator.sendBeacon(this.#facts.departure, this.#body({ seat: this.seat }));
    this.seat = "";
  }

  #flush() {
    clearTimeout(this.#batch);
    this.#batch = null;
    const some = this.#candidates;
    this.#candidates = [];
    if (some.length) this.send(some[0][0], "candidates", JSON.stringify(some.map(([, candidate]) => candidate)));
  }

  #body(fields) {
    return new URLSearchParams(this.#token ? { ...fields, csrfmiddlewaretoken: this.#token } : fields);
  }

  // What the network loses is sent again; what the server refuses is not.
  async #post(name, fields) {
    for (;;) {
      try {
        const answer = await fetch(this.#facts[name], { method: "POST", body: this.#body(fields), headers: { "HX-Request": "true" }, credentials: "same-origin" });
        if (!LATE.includes(answer.status)) return answer;
      } catch {
        // Away: again in a moment.
      }
      this.dispatchEvent(new Event("lost"));
      await new Promise((done) => setTimeout(done, AGAIN_MILLISECONDS));
    }
  }

  #open() {
    if (this.#stream && this.#stream.seat === this.seat && this.#stream.readyState !== EventSource.CLOSED) return;
    this.#close();
    const url = new URL(this.#facts.events, location.href);
    url.searchParams.set("seat", this.seat);
    url.searchParams.set("taken", this.#taken);
    const stream = new EventSource(url);
    stream.seat = this.seat;
    stream.addEventListener("open", () => this.dispatchEvent(new Event("open")));
    stream.addEventListener("state", (event) => this.#tell("state", JSON.parse(event.data)));
    stream.addEventListener("practice", () => this.dispatchEvent(new Event("practice")));
    stream.addEventListener("signal", (event) => {
      if (Number(event.lastEventId) <= this.#taken) return;
      this.#taken = Number(event.lastEventId);
      this.#tell("signal", JSON.parse(event.data));
    });
    stream.addEventListener("over", (event) => this.#over(event.data));
    stream.addEventListener("error", () => {
      this.dispatchEvent(new Event("lost"));
      if (stream.readyState !== EventSource.CLOSED || this.#stream !== stream) return;
      this.#timer = setTimeout(() => this.sit(this.#state), AGAIN_MILLISECONDS);
    });
    this.#stream = stream;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #over(why) {
    this.#close();
    this.seat = "";
    this.#tell("over", why);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#stream = null;
  }
}

window.sprechzeitVideo.Line = Line;
