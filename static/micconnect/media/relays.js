/** The way to the relays (TURN) for people behind strict networks: asked for when a line is made, and kept for a while. */

import { MicError } from "../errors.js";

/** @typedef {import("../room.js").MicRoom} MicRoom */

const SPARE_S = 60; // a line that is begun with a credential's last seconds may meet the relay too late

/** What a room's lines need to know of its relays. A line that stands goes on when its credential ends. */
export class Relays {
  #room;
  /** @type {Promise<RTCConfiguration> | null} */
  #asking = null;
  /** @type {RTCConfiguration} */
  #found = {};
  #goodUntil = 0; // in Date.now()'s milliseconds, which go on while a laptop sleeps
  #isOnlyWay = false;

  /** @param {MicRoom} room */
  constructor(room) {
    this.#room = room;
  }

  /**
   * What to configure a new line with; null: nothing, there are no relays, or they cannot be asked for now.
   * @returns {Promise<RTCConfiguration | null>}
   * @throws {MicError} they cannot be asked for, and no line may be made without them
   */
  async find() {
    if (!this.#room.state.media?.hasRelay) return null;
    if (Date.now() < this.#goodUntil) return this.#found;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    try {
      return await this.#asking;
    } catch (error) {
      if (this.#isOnlyWay || !(error instanceof MicError)) throw error;
      return null;
    }
  }

  async #ask() {
    const { urls, username, credential, seconds, relayOnly } = await this.#room.getIceServers();
    this.#isOnlyWay = relayOnly;
    this.#goodUntil = Date.now() + (seconds - SPARE_S) * 1000;
    const iceServers = urls.length ? [{ urls, username, credential }] : [];
    this.#found = { iceServers, iceTransportPolicy: relayOnly ? "relay" : "all" };
    return this.#found;
  }
}
