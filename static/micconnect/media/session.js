/** Makes media follow the room: watches while the room is live, sends while on a seat, and starts again after cuts. */

import { MicError } from "../errors.js";
import { Capture } from "./devices.js";
import { Publisher } from "./publish.js";
import { ScreenCapture } from "./screen.js";
import { Watcher } from "./watch.js";

/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").DeviceState} DeviceState */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./watch.js").Place} Place */
/** @typedef {import("./watch.js").SeatStats} SeatStats */

const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 8000;

/**
 * @template T
 * @typedef {object} Lane  one direction of media: what is wanted, what runs
 * @property {T | null} peer
 * @property {string} key  of what the peer was made for; another key needs another peer
 * @property {number} failures  in a row
 * @property {ReturnType<typeof setTimeout> | undefined} timer  set while waiting to try again
 */

/** Fires `change` when streams, states or the own devices change. */
export class MicMedia extends EventTarget {
  capture;
  screen;
  /** @type {Lane<Publisher>} */
  #out = { peer: null, key: "", failures: 0, timer: undefined };
  /** @type {Lane<Watcher>} */
  #in = { peer: null, key: "", failures: 0, timer: undefined };
  /** @type {Lane<Publisher>} */
  #screenOut = { peer: null, key: "", failures: 0, timer: undefined };
  /** @type {Map<Device, boolean>} own wishes on their way to the server */
  #wishes = new Map();
  #wasOnSeat = false;
  #isSharing = false; // the room knows that this page shares its screen
  /** @type {Promise<void>} the telling of the newest end of a sharing */
  #closing = Promise.resolve();
  #seats = 0; // so many seats the watch has to show; more than needed do no harm
  #open;
  #room;

  /**
   * @param {MicRoom} room
   * @param {object} [parts]
   * @param {Capture} [parts.capture]
   * @param {ScreenCapture} [parts.screen]
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} [parts.open]
   */
  constructor(room, { capture = new Capture(), screen = new ScreenCapture(), open } = {}) {
    super();
    this.#room = room;
    this.#open = open;
    this.capture = capture;
    this.screen = screen;
    room.addEventListener("change", () => this.#follow());
    room.addEventListener("open", () => this.#socketBack());
    capture.addEventListener("change", () => this.#follow());
    screen.addEventListener("change", () => this.#follow());
  }

  get publish() {
    return this.#out.peer;
  }

  get watch() {
    return this.#in.peer;
  }

  /**
   * What comes in for each seat and for the screen; empty while nothing is watched.
   * @returns {Promise<Partial<Record<Place, SeatStats>>>}
   */
  async stats() {
    return (await this.#in.peer?.stats()) ?? {};
  }

  /**
   * The state of an own device as it should be shown: an own wish counts at once.
   * @param {Device} device
   * @returns {DeviceState}
   */
  deviceState(device) {
    const known = this.#room.state.me?.connection?.[device] ?? "closed";
    const wish = this.#wishes.get(device);
    return known === "locked" || wish === undefined ? known : wish ? "open" : "closed";
  }

  /**
   * Opens or closes an own device: at once here, then at the server. A refusal takes it back.
   * @param {Device} device
   * @param {boolean} isOpen
   * @throws {MicError}
   */
  async setOpen(device, isOpen) {
    this.#wishes.set(device, isOpen);
    this.#follow();
    try {
      await this.#room.setDevice({ device, isOpen });
    } finally {
      if (this.#wishes.get(device) === isOpen) this.#wishes.delete(device);
      this.#follow();
    }
  }

  /**
   * Shares a screen that the person picks. Call it straight from a click. A refusal of the room ends the sharing.
   * @throws {import("./devices.js").DeviceError | MicError}
   */
  async openScreen() {
    await this.screen.start();
    try {
      await this.#closing; // or the answer to it would end this sharing as well
      await this.setOpen("screen", true);
    } catch (error) {
      this.screen.stop();
      throw error;
    }
  }

  /**
   * Ends the sharing: at once here, then for the room.
   * @throws {MicError}
   */
  async closeScreen() {
    this.#isSharing = false;
    this.screen.stop();
    await this.#tellClosed();
  }

  /** Ends everything and lets go of the devices. */
  stop() {
    this.#isSharing = false;
    this.#end(this.#screenOut);
    this.#end(this.#out);
    this.#end(this.#in);
    this.screen.stop();
    this.capture.stop();
  }

  #follow() {
    const { info, me, media, role, status } = this.#room.state;
    const connection = me?.connection ?? null;
    this.#seats = Math.max(this.#seats, info?.seatCount ?? 0);
    if (this.#wasOnSeat !== !!connection) {
      this.#wasOnSeat = !!connection;
      if (!connection) {
        this.capture.stop(); // whatever ended the time on air, the devices go dark with it
        this.screen.stop();
      }
    }
    this.#followScreen(connection?.screen === "open" && this.#wishes.get("screen") !== false);
    for (const device of /** @type {const} */ (["microphone", "camera"])) {
      if (connection) this.capture.enable(device, this.deviceState(device) === "open");
    }
    if (status.phase === "closed" || info?.status !== "live") {
      this.#end(this.#in);
      this.#end(this.#out);
      this.#end(this.#screenOut);
      this.screen.stop();
    } else if (status.phase === "open" && media?.isUp) {
      // The staff is shown more than others, hence a role that changes needs another watch, as do more seats.
      const key = `${media.generation} ${role} ${this.#seats}`;
      this.#keep(this.#in, key, () => new Watcher(this.#room, this.#open));
      const own = connection && `${media.generation} ${connection.connectionId}`;
      this.#send(this.#out, own, this.capture.stream, false);
      this.#send(this.#screenOut, this.#isSharing ? own : null, this.screen.stream, true);
    } else if (!connection) {
      this.#end(this.#out);
      this.#end(this.#screenOut);
    }
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Keeps the room and the shared screen of this page alike, whichever side ended it.
   * @param {boolean} isOpen  for the room
   */
  #followScreen(isOpen) {
    if (isOpen && this.screen.stream) {
      this.#isSharing = true;
    } else if (this.#isSharing) {
      this.#isSharing = false;
      this.screen.stop();
      // Should this fail, the media server reports the end of the line, which closes the screen as well.
      if (isOpen) this.#tellClosed().catch(() => undefined);
    }
  }

  #tellClosed() {
    const telling = this.setOpen("screen", false);
    this.#closing = telling.catch(() => undefined);
    return telling;
  }

  /**
   * Sends a stream while there is one and leave for it, else nothing.
   * @param {Lane<Publisher>} lane
   * @param {string | null} leave  names what the leave is for
   * @param {MediaStream | null} stream
   * @param {boolean} isScreen
   */
  #send(lane, leave, stream, isScreen) {
    if (!leave || !stream) {
      this.#end(lane);
      return;
    }
    this.#keep(lane, `${leave} ${stream.id}`, () => new Publisher(this.#room, stream, { isScreen, open: this.#open }));
  }

  /** The socket is back. What is connected goes on; what hangs halfway was asked for over the old line. */
  #socketBack() {
    if (!this.#in.peer?.isUp) this.#end(this.#in);
    if (!this.#out.peer?.isUp) this.#end(this.#out);
    if (!this.#screenOut.peer?.isUp) this.#end(this.#screenOut);
    this.#follow();
  }

  /**
   * Sees to it that a sound peer for `key` runs.
   * @template {Publisher | Watcher} T
   * @param {Lane<T>} lane
   * @param {string} key
   * @param {() => T} make
   */
  #keep(lane, key, make) {
    if (lane.key !== key) this.#end(lane);
    if (lane.timer !== undefined || (lane.peer && !lane.peer.isBroken)) return;
    lane.peer?.close();
    const peer = make();
    lane.peer = peer;
    lane.key = key;
    peer.addEventListener("state", () => {
      if (peer.isUp) lane.failures = 0;
      if (peer.isBroken) this.#later(lane, peer);
      else this.#follow();
    });
    peer.addEventListener("streams", () => this.dispatchEvent(new Event("change")));
    peer.start().catch((error) => {
      if (peer.isClosed) return;
      if (!(error instanceof MicError)) console.error(error);
      peer.fail();
    });
  }

  /**
   * Tries again after a pause that grows.
   * @template {Publisher | Watcher} T
   * @param {Lane<T>} lane
   * @param {T} peer
   */
  #later(lane, peer) {
    if (lane.peer !== peer || lane.timer !== undefined) return;
    const pause = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** lane.failures++);
    lane.timer = setTimeout(() => {
      lane.timer = undefined;
      this.#follow();
    }, pause);
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @template {Publisher | Watcher} T
   * @param {Lane<T>} lane
   */
  #end(lane) {
    clearTimeout(lane.timer);
    lane.timer = undefined;
    lane.peer?.close();
    lane.peer = null;
    lane.key = "";
    lane.failures = 0;
  }
}
