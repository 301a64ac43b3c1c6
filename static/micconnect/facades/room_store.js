/** What the seed system's stores have in common: a room, events of their own, and the way into composables. */

import { Emitter } from "./emitter.js";
import { refuse } from "./errors.js";

/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./emitter.js").Listener} Listener */

export class RoomStore {
  room;
  #events = new Emitter();
  #names;

  /**
   * @param {MicRoom} room
   * @param {readonly string[]} names  of the events that there are
   */
  constructor(room, names) {
    this.room = room;
    this.#names = names;
  }

  /** @param {string} event @param {Listener} listener */
  subscribeEvent(event, listener) {
    if (!this.#names.includes(event))
      throw refuse("BAD_PARAMETER", `There is no event ${String(event)} here.`, { event });
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

/**
 * Makes what holds a value of a composable: `shallowRef` of Vue, or anything else with a `value`.
 * @typedef {<T>(value: T) => {value: T}} MakeRef
 */

/**
 * A store as its composable gives it: methods that can be taken out of it, and its state as refs that follow the room.
 * @template {RoomStore} S
 * @template {Extract<keyof S, string>} N
 * @param {S} store
 * @param {readonly N[]} states  names of its state; everything else that it has are methods
 * @param {MakeRef} [makeRef]
 * @returns {Omit<S, N> & {[name in N]: {value: S[name]}}}
 */
export function composable(store, states, makeRef = (value) => ({ value })) {
  /** @type {Record<string, any>} */
  const given = {};
  for (let level = store; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === "function" && name !== "constructor") given[name] ??= value.bind(store);
    }
  }
  const followed = states.map((name) => {
    const ref = (given[name] = makeRef(store[name]));
    return { name, ref, shown: text(store[name]) };
  });
  store.room.addEventListener("change", () => {
    for (const one of followed) {
      const now = text(store[one.name]);
      if (now !== one.shown) one.ref.value = store[one.name]; // what is the same draws nothing anew
      one.shown = now;
    }
  });
  return /** @type {any} */ (given);
}

/** @param {unknown} value */
function text(value) {
  return JSON.stringify(value instanceof Map ? [...value] : value);
}
