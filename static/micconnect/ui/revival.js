/** Plays again what the system paused: a phone call, another app, a page in the background. */

const TRIES_MAX = 3; // in a row, so that we never fight with whoever pauses again and again
const TRIES_MS = 10_000;

export class Revival {
  /** @type {WeakMap<HTMLMediaElement, number[]>} when each was played again lately */
  #tries = new WeakMap();
  #isWanted;
  #refused;

  /**
   * @param {(element: HTMLMediaElement) => boolean} isWanted  whether it should play now, as far as we are concerned
   * @param {() => void} refused  the browser wants a touch first, or something pauses it again and again
   */
  constructor(isWanted, refused) {
    this.#isWanted = isWanted;
    this.#refused = refused;
  }

  /** @param {HTMLMediaElement} element  that fired `pause` */
  paused(element) {
    if (!this.#isWanted(element) || !element.paused) return;
    const now = performance.now();
    const tries = (this.#tries.get(element) ?? []).filter((at) => now - at < TRIES_MS);
    if (tries.length >= TRIES_MAX) {
      this.#refused();
      return;
    }
    this.#tries.set(element, [...tries, now]);
    void this.play(element);
  }

  /**
   * The person is back at the page, or touches it: what was given up is tried once more.
   * @param {Iterable<HTMLMediaElement>} elements
   */
  async wake(elements) {
    const asleep = [...elements].filter((element) => element.paused && this.#isWanted(element));
    for (const element of asleep) this.#tries.delete(element);
    await Promise.all(asleep.map((element) => this.play(element)));
  }

  /** @param {HTMLMediaElement} element */
  async play(element) {
    try {
      await element.play();
    } catch (error) {
      // AbortError only says that the seat was left meanwhile, or that it was paused again, which is heard by itself
      if (error instanceof Error && error.name === "NotAllowedError" && this.#isWanted(element)) this.#refused();
    }
  }
}
