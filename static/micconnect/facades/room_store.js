/** What the seed system's stores have in common: a room, and events of their own. */

import { Emitter } from "./emitter.js";

/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./emitter.js").Listener} Listener */

export class RoomStore {
  room;
  #events = new Emitter();

  /** @param {MicRoom} room */
  constructor(room) {
    this.room = room;
  }

  /** @param {string} event @param {Listener} listener */
  subscribeEvent(event, listener) {
    this.#events.on(event, listener);
  }

  /** @param {string} event @param {Listener} listener */
  unsubscribeEvent(event, listener) {
    this.#events.off(event, listener);
  }

  /** @param {string} event @param {object} detail */
  tell(event, detail) {
    this.#events.emit(event, detail);
  }

  /** @param {string} name  of the room's event @param {(detail: any) => void} task */
  hear(name, task) {
    this.room.addEventListener(name, (event) => task(/** @type {CustomEvent} */ (event).detail));
  }
}
