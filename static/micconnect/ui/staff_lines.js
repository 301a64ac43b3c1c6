/** How the lines of those on air are, in figures, while somebody of the staff is looking. */

import { guestsOf } from "./staff_state.js";

/** @typedef {import("../protocol.js").SeatHealth} SeatHealth */
/** @typedef {import("./page.js").Page} Page */

const LOOK_MS = 3000;

/** Keeps `health` of a page's state. */
export class SeatLines {
  #page;
  #isActive;

  /**
   * @param {Page} page
   * @param {() => boolean} isActive  whether this person is of the staff of a show that goes on
   */
  constructor(page, isActive) {
    this.#page = page;
    this.#isActive = isActive;
    setInterval(() => void this.#look(), LOOK_MS);
  }

  /** A hidden page asks nothing; what it knew is old when it comes back. */
  async #look() {
    const isWanted = this.#isActive() && !document.hidden && guestsOf(this.#page.state.room.connectedUsers).length > 0;
    const health = isWanted ? await this.#page.room.getMediaHealth().catch(() => []) : [];
    if (health.length || this.#page.state.health.length) this.#page.store.update({ health });
  }
}

/**
 * What comes each second, what is lost of it, the way to the sender and back, and how loud it is (100: as loud as can
 * be).
 * @param {SeatHealth} seat
 */
export function lineText({ kbps, loss, rttMs, audioLevel, isScreen }) {
  return [
    `${kbps} kbit/s`,
    loss >= 1 ? "nothing arrives" : `${(loss * 100).toFixed(loss && loss < 0.1 ? 1 : 0)} % lost`,
    rttMs === null ? "" : `${rttMs} ms`,
    isScreen ? "" : `sound ${audioLevel}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
