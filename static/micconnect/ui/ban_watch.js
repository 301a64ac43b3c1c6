/**
 * A page that was put out of its room has no line by which it could hear that this is over: it asks, with growing
 * pauses, and at the end of the time at once.
 */

import { CloseCode } from "../protocol.js";
import { fetchBan } from "./config.js";

/** @typedef {import("./state.js").PageState} PageState */

/**
 * What is needed of a page.
 * @typedef {object} Page
 * @property {import("./config.js").Config} config
 * @property {import("../room.js").MicRoom} room
 * @property {import("./store.js").Store<PageState>} store
 */

export const BAN_MIN_MS = 30_000;
export const BAN_MAX_MS = 300_000;
const END_MS = 250; // after the end of the time, by the server's clock

export class BanWatch {
  #isOut = false;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #page;
  #ask;
  #random;

  /**
   * @param {Page} page
   * @param {{ask?: typeof fetchBan, random?: () => number}} [parts]
   */
  constructor(page, { ask = fetchBan, random = Math.random } = {}) {
    this.#page = page;
    this.#ask = ask;
    this.#random = random;
    page.store.subscribe((state) => this.#follow(state));
  }

  /** @param {PageState} state */
  #follow({ room: { status }, kicked }) {
    const isOut = status.phase === "closed" && status.code === CloseCode.REMOVED;
    if (isOut === this.#isOut) return;
    this.#isOut = isOut;
    clearTimeout(this.#timer);
    if (!isOut) return;
    this.#tries = 0;
    const until = kicked ? kicked.until : status.refusal?.details.until;
    this.#wait(until ? Date.parse(String(until)) - this.#page.room.clock.now() : null);
  }

  /** @param {number | null} leftMs  of the ban; null: until somebody lifts it */
  #wait(leftMs) {
    const full = Math.min(BAN_MAX_MS, BAN_MIN_MS * 2 ** this.#tries++);
    const pause = full / 2 + (full / 2) * this.#random();
    const end = leftMs === null ? Infinity : Math.max(0, leftMs) + END_MS;
    this.#timer = setTimeout(() => void this.#look(), Math.min(pause, end));
  }

  async #look() {
    const { config, room, store } = this.#page;
    const { isBanned, leftMs } = await this.#ask(config).catch(() => ({ isBanned: true, leftMs: null }));
    if (!this.#isOut) return;
    if (isBanned) {
      this.#wait(leftMs);
      return;
    }
    store.update({ kicked: null });
    room.connect();
  }
}
