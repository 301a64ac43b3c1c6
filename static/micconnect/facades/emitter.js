/** Events by name with one payload, as `on`, `once` and `off`. */

/** @typedef {(event: any) => void} Listener */

export class Emitter {
  /** @type {Map<string, Map<Listener, Listener>>} what was given to what is called */
  #listeners = new Map();

  /**
   * @param {string} name
   * @param {Listener} listener
   */
  on(name, listener) {
    this.#add(name, listener, listener);
  }

  /**
   * @param {string} name
   * @param {Listener} listener
   */
  once(name, listener) {
    this.#add(name, listener, (event) => {
      this.off(name, listener);
      listener(event);
    });
  }

  /**
   * @param {string} name
   * @param {Listener} listener
   */
  off(name, listener) {
    this.#listeners.get(name)?.delete(listener);
  }

  /**
   * Calls everybody; one that throws does not keep the others from hearing.
   * @param {string} name
   * @param {any} event
   */
  emit(name, event) {
    for (const listener of [...(this.#listeners.get(name)?.values() ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        console.error(error);
      }
    }
  }

  /**
   * @param {string} name
   * @param {Listener} given
   * @param {Listener} called
   */
  #add(name, given, called) {
    const listeners = this.#listeners.get(name) ?? new Map();
    this.#listeners.set(name, listeners.set(given, called));
  }
}
