/** The one state of a page, and who is told when it changes. */

/** @template {object} T */
export class Store {
  #isDue = false;
  /** @type {((state: T) => void)[]} */
  #listeners = [];
  #schedule;

  /**
   * @param {T} state
   * @param {(draw: () => void) => void} [schedule]  when to tell; the next frame, or soon in a hidden page
   */
  constructor(state, schedule = soon) {
    this.state = state;
    this.#schedule = schedule;
  }

  /**
   * Replaces some fields and tells everybody, once for all changes of one moment.
   * @param {Partial<T>} [changed]
   */
  update(changed) {
    if (changed) this.state = { ...this.state, ...changed };
    if (this.#isDue) return;
    this.#isDue = true;
    this.#schedule(() => {
      this.#isDue = false;
      for (const listener of this.#listeners) listener(this.state);
    });
  }

  /** @param {(state: T) => void} listener */
  subscribe(listener) {
    this.#listeners.push(listener);
  }
}

/**
 * A hidden page gets no frames, yet its title and its sound go on.
 * @param {() => void} draw
 */
function soon(draw) {
  if (document.hidden) setTimeout(draw, 50);
  else requestAnimationFrame(draw);
}
