/**
 * Makes media follow the room: watches while the room is live, sends while this window has a seat, and starts again
 * after cuts.
 */

import { windowFor } from "../pauses.js";
import { isStaff } from "../room.js";
import { Capture } from "./devices.js";
import { Lane } from "./lane.js";
import { LineReport } from "./line.js";
import { OwnDevices } from "./own_devices.js";
import { Publisher } from "./publish.js";
import { Relays } from "./relays.js";
import { ScreenCapture } from "./screen.js";
import { sendingFor } from "./sending.js";
import { Watcher } from "./watch.js";

/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").DeviceState} DeviceState */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./watch.js").Place} Place */
/** @typedef {import("./watch.js").SeatStats} SeatStats */

const DOUBT_MS = 8000; // so long the room may take to hear that media have arrived

/** Fires `change` when streams, states or the own devices change. */
export class MicMedia extends EventTarget {
  capture;
  own;
  screen;
  /** @type {Lane<Publisher>} */
  #out;
  /** @type {Lane<Watcher>} */
  #in;
  /** @type {Lane<Publisher>} */
  #screenOut;
  /** @type {Map<Device, boolean>} own wishes on their way to the server */
  #wishes = new Map();
  #wasHere = false;
  #isSharing = false; // the room knows that this page shares its screen
  /** @type {Promise<void>} the telling of the newest end of a sharing */
  #closing = Promise.resolve();
  #seats = 0; // so many seats the watch has to show; more than needed do no harm
  #hasPictures = true;
  #generation = -1; // of the media server that was watched last
  /** @type {ReturnType<typeof setTimeout> | undefined} set while the room misses media that leave here */
  #doubt;
  #isMoved = false; // all lines of the room were lost at once since the last watch
  #pictures = 0; // so many the audience gets, that move; 0 while they get one of every seat, as far as is known
  #madeFor = ""; // the circumstances in which the watch was asked for
  #open;
  #relays;
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
    this.#relays = new Relays(room);
    this.#open = open;
    const parts = {
      prepare: (/** @type {import("./lane.js").StartingPeer} */ peer) => this.#prepare(peer),
      follow: () => this.#follow(),
      show: () => void this.dispatchEvent(new Event("change")),
    };
    this.#out = new Lane(parts);
    this.#in = new Lane(parts);
    this.#screenOut = new Lane(parts);
    this.capture = capture;
    this.screen = screen;
    this.own = new OwnDevices({
      room,
      capture,
      setOpen: (device, isOpen) => this.setOpen(device, isOpen),
      follow: () => this.#follow(),
    });
    room.addEventListener("change", () => this.#follow());
    room.addEventListener("open", () => this.#socketBack());
    room.addEventListener("onMediaMoved", () => this.#mediaMoved());
    const line = new LineReport(room);
    this.addEventListener("change", () => line.follow(this.publish));
    capture.addEventListener("change", () => this.#follow());
    screen.addEventListener("change", () => this.#follow());
  }

  /** Whether this browser can send and receive media at all. */
  get isAble() {
    return !!this.#open || !!globalThis.RTCPeerConnection;
  }

  get publish() {
    return this.#out.peer;
  }

  get watch() {
    return this.#in.peer;
  }

  /** Whether pictures are watched, not only sound. */
  get hasPictures() {
    return this.#hasPictures;
  }

  /** @param {boolean} hasPictures  false spares the line: only sound comes, and the shared screen does not */
  setPictures(hasPictures) {
    if (this.#hasPictures === hasPictures) return;
    this.#hasPictures = hasPictures;
    this.#follow();
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
    this.#endAll();
    this.screen.stop();
    this.capture.stop();
  }

  #follow() {
    const { info, me, media, status } = this.#room.state;
    const { isHere } = this.#room;
    const connection = isHere ? (me?.connection ?? null) : null;
    this.#seats = Math.max(this.#seats, info?.seatCount ?? 0);
    if (!isHere && (this.#wasHere || me?.connection)) {
      this.capture.stop(); // whatever ended the time on air here, the devices go dark with it
      this.screen.stop();
    }
    this.#wasHere = isHere;
    this.#followScreen(connection?.screen === "open" && this.#wishes.get("screen") !== false);
    for (const device of /** @type {const} */ (["microphone", "camera"])) {
      if (connection) this.capture.enable(device, this.deviceState(device) === "open");
    }
    if (status.phase === "closed" || info?.status !== "live") {
      this.#endAll();
      this.screen.stop();
    } else if (status.phase === "open" && media?.isUp && this.isAble) {
      const own = connection && `${media.generation} ${connection.connectionId}`;
      this.#send(this.#out, own, this.capture.stream, this.capture.key);
      if (this.capture.stream) this.#out.peer?.carry(this.capture.stream);
      const { stream } = this.screen;
      this.#send(this.#screenOut, this.#isSharing ? own : null, stream, stream?.id ?? "", { isScreen: true });
      this.#out.peer?.adapt(sendingFor(this.#room.state));
      this.#doubtOwn(connection?.state === "reconnecting" && !!this.#out.peer?.isUp);
      this.#see(media.generation);
    } else if (!connection) {
      this.#out.end();
      this.#screenOut.end();
    }
    this.own.follow();
    this.dispatchEvent(new Event("change"));
  }

  /**
   * A line may look sound here and end nowhere: the media server that had it lives on without anybody who knows of it.
   * @param {boolean} isMissed  by the room
   */
  #doubtOwn(isMissed) {
    if (!isMissed) {
      clearTimeout(this.#doubt);
      this.#doubt = undefined;
    } else {
      this.#doubt ??= setTimeout(() => {
        this.#doubt = undefined;
        this.#out.end();
        this.#follow();
      }, DOUBT_MS);
    }
  }

  /**
   * Watches what there is for this person to see: after their own media are on their way, and, when everybody comes
   * back at once, at some moment of a while in which the server can take them all.
   * @param {number} generation  of the media server
   */
  #see(generation) {
    const { me, info, role, viewerCount } = this.#room.state;
    const hasStake = !!me?.connection || isStaff(role);
    const isSending = this.#out.failures === 0 && this.#out.peer?.isSettled === false;
    // The staff is shown more than others, hence a role that changes needs another watch, as do more seats.
    const key = `${generation} ${role} ${this.#seats} ${this.#hasPictures}`;
    const circumstances = `${hasStake} ${info?.seatCount}`;
    const isKept = this.#in.key === key && (this.#madeFor === circumstances || this.#stillFits(hasStake));
    if (isSending && (!isKept || !this.#in.peer)) return;
    if (!isKept) this.#in.end();
    const isReturn = this.#isMoved || (this.#generation !== generation && this.#generation >= 0);
    this.#generation = generation;
    this.#isMoved = false;
    if (isReturn && !hasStake) this.#in.wait(key, windowFor(viewerCount) * Math.random());
    this.#in.keep(key, () => {
      this.#madeFor = circumstances;
      return new Watcher(this.#room, { hasPictures: this.#hasPictures, open: this.#open });
    });
  }

  /**
   * Whether the watch shows what it should after somebody took a seat or left one, or there are fewer seats: whoever
   * has a stake sees every seat, the audience of many seats only some.
   * @param {boolean} hasStake
   */
  #stillFits(hasStake) {
    const peer = this.#in.peer;
    if (!peer) return !hasStake; // it waits for its turn
    if (!peer.slots.length || !peer.hasPictures) return true;
    if (peer.isMoving) this.#pictures = peer.pictureCount;
    const seatCount = this.#room.state.info?.seatCount ?? 0;
    return peer.isMoving === (!hasStake && this.#pictures > 0 && seatCount >= this.#pictures);
  }

  /** Another media server carries the room: nothing of what ran will come back by itself. */
  #mediaMoved() {
    this.#isMoved = true;
    this.#endAll();
    this.#follow();
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
   * @param {string} key  of the stream: the same while its tracks can be exchanged
   * @param {{isScreen?: boolean}} [options]
   */
  #send(lane, leave, stream, key, { isScreen = false } = {}) {
    if (!leave || !stream) {
      lane.end();
      return;
    }
    lane.keep(`${leave} ${key}`, () => new Publisher(this.#room, stream, { isScreen, open: this.#open }));
  }

  /** The socket is back. What is connected goes on; what hangs halfway was asked for over the old line. */
  #socketBack() {
    if (!this.#in.peer?.isUp) this.#in.end();
    if (!this.#out.peer?.isUp) this.#out.end();
    if (!this.#screenOut.peer?.isUp) this.#screenOut.end();
    this.#follow();
  }

  #endAll() {
    this.#doubtOwn(false);
    this.#in.end();
    this.#out.end();
    this.#screenOut.end();
  }

  /** @param {import("./lane.js").StartingPeer} peer */
  async #prepare(peer) {
    const relays = await this.#relays.find();
    if (relays) peer.configure(relays);
  }
}
