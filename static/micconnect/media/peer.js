/** What sending and watching have in common: one peer connection that is either on its way, up, or broken. */

/** @type {RTCConfiguration} */
const CONFIGURATION = { bundlePolicy: "max-bundle" };
const PATIENCE_MS = 4000; // a line that is `disconnected` often comes back by itself
const CONNECT_MS = 15_000; // then the server has forgotten it; a browser that found no way at all never says so

/** Fires `state` when `isUp` or `isBroken` changes. */
export class Peer extends EventTarget {
  isBroken = false;
  isClosed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #connecting;
  #isFollowed = false;

  /** @param {(configuration: RTCConfiguration) => RTCPeerConnection} [open] */
  constructor(open = (configuration) => new RTCPeerConnection(configuration)) {
    super();
    this.pc = open(CONFIGURATION);
    this.pc.addEventListener("connectionstatechange", () => this.#moved());
  }

  get isUp() {
    return !this.isClosed && this.pc.connectionState === "connected";
  }

  /**
   * Adds to how it looks for ways, e.g. relays. Before `start`: later it has looked already.
   * @param {RTCConfiguration} more
   */
  configure(more) {
    if (!this.isClosed) this.pc.setConfiguration({ ...CONFIGURATION, ...more });
  }

  /** Both sides know of each other: from now on the line has a while to stand, or is given up. */
  expect() {
    if (this.isClosed || this.pc.connectionState === "connected") return;
    this.#connecting = setTimeout(() => this.fail(), CONNECT_MS);
  }

  /** Ends it; nothing is fired any more. */
  close() {
    this.isClosed = true;
    this.#stopTimers();
    this.pc.close();
  }

  /** Gives it up; `MicMedia` then builds a new one. */
  fail() {
    if (this.isBroken || this.isClosed) return;
    this.isBroken = true;
    this.#stopTimers();
    this.dispatchEvent(new Event("state"));
  }

  #moved() {
    if (this.isClosed) return;
    clearTimeout(this.#patience);
    const state = this.pc.connectionState;
    if (state === "failed" || state === "closed") {
      this.fail();
      return;
    }
    if (state === "connected") {
      clearTimeout(this.#connecting);
      this.#followTransport();
    }
    if (state === "disconnected") this.#patience = setTimeout(() => this.fail(), PATIENCE_MS);
    this.dispatchEvent(new Event("state"));
  }

  #stopTimers() {
    clearTimeout(this.#patience);
    clearTimeout(this.#connecting);
  }

  /** A server that hangs up says so on the one transport; the connection itself would notice seconds later. */
  #followTransport() {
    const transport = this.pc.getTransceivers()[0]?.receiver.transport;
    if (!transport || this.#isFollowed) return;
    this.#isFollowed = true;
    transport.addEventListener("statechange", () => {
      if (transport.state === "closed" || transport.state === "failed") this.fail();
    });
  }
}
