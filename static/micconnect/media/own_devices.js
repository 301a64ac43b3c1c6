/** Tells the room what this page can no longer give, and opens again what only the system had paused. */

import { MicError } from "../errors.js";

/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./devices.js").Capture} Capture */

const OWN = /** @type {const} */ (["microphone", "camera"]);
const RETRY_MS = 2000;

/** Make one for each `MicMedia`; it acts only where this page has captured devices for a seat. */
export class OwnDevices {
  /** @type {Map<Device, string>} what the system paused while it was open, by the connection in which it was */
  #paused = new Map();
  /** @type {Set<Device>} what was lost while it was open */
  #lostOpen = new Set();
  /** @type {Set<Device>} what is being told, or is not told again at once */
  #telling = new Set();
  #room;
  #capture;
  #setOpen;
  #follow;

  /**
   * @param {object} parts
   * @param {MicRoom} parts.room
   * @param {Capture} parts.capture
   * @param {(device: Device, isOpen: boolean) => Promise<void>} parts.setOpen
   * @param {() => void} parts.follow  something may have to be told again
   */
  constructor({ room, capture, setOpen, follow }) {
    this.#room = room;
    this.#capture = capture;
    this.#setOpen = setOpen;
    this.#follow = follow;
  }

  /** Compares the room with the devices. */
  follow() {
    for (const device of OWN) this.#compare(device);
  }

  /**
   * Whether somebody was heard or seen by a device until it was lost.
   * @param {Device} device
   */
  wasLostOpen(device) {
    return this.#lostOpen.has(device);
  }

  /**
   * Whether a device opens by itself as soon as the system lets it.
   * @param {Device} device
   */
  isComingBack(device) {
    return this.#paused.has(device);
  }

  /**
   * The device stays closed when the system lets it go.
   * @param {Device} device
   */
  stayClosed(device) {
    this.#paused.delete(device);
  }

  /** @param {"microphone" | "camera"} device */
  #compare(device) {
    const { me, status } = this.#room.state;
    const connection = me?.connection;
    const isKnown = status.phase === "open";
    const isLost = this.#capture.isLost(device);
    // Whoever closed it meanwhile has closed it; of what happened while no line was there nothing is known.
    const isMine = isKnown && connection?.connectionId === this.#paused.get(device);
    if (!isMine || connection?.[device] === "locked" || isLost) this.#paused.delete(device);
    if (!isLost) this.#lostOpen.delete(device);
    if (!isKnown || !connection || !this.#capture.track(device) || this.#telling.has(device)) return;
    const isPaused = this.#capture.isPaused(device);
    if (connection[device] === "open" && (isLost || isPaused)) {
      if (isLost) this.#lostOpen.add(device);
      else this.#paused.set(device, connection.connectionId);
      void this.#tell(device, false);
    } else if (connection[device] === "closed" && this.#paused.has(device) && !isPaused) {
      this.#paused.delete(device);
      void this.#tell(device, true);
    }
  }

  /**
   * @param {"microphone" | "camera"} device
   * @param {boolean} isOpen
   */
  async #tell(device, isOpen) {
    this.#telling.add(device);
    let pauseMs = 0;
    try {
      await this.#setOpen(device, isOpen);
    } catch (error) {
      if (!(error instanceof MicError)) throw error;
      pauseMs = RETRY_MS;
    }
    const again = () => {
      this.#telling.delete(device);
      this.#follow();
    };
    if (pauseMs) setTimeout(again, pauseMs);
    else again();
  }
}
