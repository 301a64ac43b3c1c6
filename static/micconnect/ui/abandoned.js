/** Whether the host's own seat is left alone: another window has it, and nothing comes from there any more. */

import { isElsewhere } from "./guest_state.js";

/** @typedef {import("../room.js").RoomView} RoomView */
/** @typedef {import("./chime.js").Chime} Chime */
/** @typedef {import("./page.js").Page} Page */

const PATIENCE_MS = 8000; // a seat that goes from window to window is silent for a moment, too

/**
 * @param {RoomView} room
 * @param {string} windowId  of this window
 */
export function isSilentElsewhere(room, windowId) {
  const { status, info, media, me } = room;
  if (status.phase !== "open" || info?.status !== "live" || !media?.isUp) return false; // not that window's doing
  return isElsewhere(room, windowId) && me?.connection?.state !== "live";
}

/** Keeps `isNobodys` of a page's state, and calls the host when it comes true. */
export class Abandoned {
  #page;
  #chime;
  /** @type {number | null} */
  #since = null;

  /**
   * @param {Page} page
   * @param {Chime} chime
   */
  constructor(page, chime) {
    this.#page = page;
    this.#chime = chime;
    page.store.subscribe(() => this.#look());
  }

  #look() {
    const isSilent = isSilentElsewhere(this.#page.state.room, this.#page.window.id);
    this.#since = isSilent ? (this.#since ?? performance.now()) : null;
    const isNobodys = this.#since !== null && performance.now() - this.#since >= PATIENCE_MS;
    if (isNobodys === this.#page.state.isNobodys) return;
    this.#page.store.update({ isNobodys });
    if (!isNobodys) return;
    this.#chime.called();
    this.#page.announcer.assertive("Nobody has the show now. You can take it back in this window.");
  }
}
