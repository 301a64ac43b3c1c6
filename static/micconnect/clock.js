/** The server's time on this device, right even when the device's own clock is wrong or is put forward. */

/** Keeps the offset between the server's clock and this page's monotonic one. */
export class ServerClock {
  /** @type {number | null} milliseconds to add to performance.now() */
  #offset = null;

  /**
   * Takes in a time the server wrote. The sample with the least delay wins: a late frame makes the server look slow,
   * never fast. A jump of more than two seconds is believed either way (the device slept).
   * @param {string} serverTime  ISO 8601
   */
  sample(serverTime) {
    const offset = Date.parse(serverTime) - performance.now();
    if (Number.isNaN(offset)) return;
    if (this.#offset === null || offset > this.#offset || this.#offset - offset > 2000) this.#offset = offset;
  }

  /** Milliseconds since 1970 by the server's clock; the device's own before the first sample. */
  now() {
    return this.#offset === null ? Date.now() : performance.now() + this.#offset;
  }

  /**
   * Whole seconds until `at`, never below 0; null without a time.
   * @param {string | null | undefined} at  ISO 8601
   */
  secondsLeft(at) {
    return at ? Math.max(0, Math.ceil((Date.parse(at) - this.now()) / 1000)) : null;
  }

  /**
   * Whole seconds since `at`, never below 0.
   * @param {string} at  ISO 8601
   */
  secondsSince(at) {
    return Math.max(0, Math.floor((this.now() - Date.parse(at)) / 1000));
  }
}
