/** One direction of media: keeps the peer that is wanted running, and tries again after failures. */

import { MicError } from "../errors.js";

/** @typedef {import("./peer.js").Peer & {start: () => Promise<void>}} StartingPeer */

const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 8000;

/** @template {StartingPeer} T */
export class Lane {
  /** @type {T | null} */
  peer = null;
  key = ""; // of what the peer was made for; another key needs another peer
  failures = 0; // in a row
  /** @type {ReturnType<typeof setTimeout> | undefined} set while waiting to try again */
  #timer;
  #prepare;
  #follow;
  #show;

  /**
   * @param {object} parts
   * @param {(peer: StartingPeer) => Promise<void>} parts.prepare  a new peer, before it starts
   * @param {() => void} parts.follow  something is to be looked at anew: a peer's state, or a pause that is over
   * @param {() => void} parts.show  there is something else to see or hear
   */
  constructor({ prepare, follow, show }) {
    this.#prepare = prepare;
    this.#follow = follow;
    this.#show = show;
  }

  /**
   * Sees to it that a sound peer for `key` runs.
   * @param {string} key
   * @param {() => T} make
   */
  keep(key, make) {
    if (this.key !== key) this.end();
    if (this.#timer !== undefined || (this.peer && !this.peer.isBroken)) return;
    this.peer?.close();
    const peer = make();
    this.peer = peer;
    this.key = key;
    peer.addEventListener("state", () => {
      if (peer.isUp) this.failures = 0;
      if (peer.isBroken) this.#later(peer);
      else this.#follow();
    });
    peer.addEventListener("streams", () => this.#show());
    this.#begin(peer).catch((error) => {
      if (peer.isClosed) return;
      if (!(error instanceof MicError)) console.error(error);
      peer.fail();
    });
  }

  /** @param {T} peer */
  async #begin(peer) {
    await this.#prepare(peer);
    if (!peer.isClosed) await peer.start();
  }

  /**
   * Tries again after a pause that grows.
   * @param {T} peer
   */
  #later(peer) {
    if (this.peer !== peer || this.#timer !== undefined) return;
    this.wait(this.key, Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.failures++));
    this.#follow();
  }

  /**
   * Nothing new begins for so long, as long as the key stays the same.
   * @param {string} key
   * @param {number} pauseMs
   */
  wait(key, pauseMs) {
    this.key = key;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#follow();
    }, pauseMs);
  }

  /** Ends what runs, and the waiting. */
  end() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.peer?.close();
    this.peer = null;
    this.key = "";
    this.failures = 0;
  }
}
