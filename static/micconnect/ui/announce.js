/** Speaks to people who use a screen reader, through two live regions of the page. */

/** One queue for both regions: what comes within a moment is read together, and nothing twice in a row. */
export class Announcer {
  /** @type {Record<"polite" | "assertive", string[]>} */
  #waiting = { polite: [], assertive: [] };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Document} page */
  constructor(page) {
    this.regions = { polite: page.getElementById("polite"), assertive: page.getElementById("assertive") };
  }

  /** @param {string} text */
  polite(text) {
    this.#add("polite", text);
  }

  /** @param {string} text */
  assertive(text) {
    this.#add("assertive", text);
  }

  /**
   * @param {"polite" | "assertive"} kind
   * @param {string} text
   */
  #add(kind, text) {
    if (!text || this.#waiting[kind].at(-1) === text) return;
    this.#waiting[kind].push(text);
    this.#timer ??= setTimeout(() => this.#speak(), 300);
  }

  #speak() {
    this.#timer = undefined;
    for (const kind of /** @type {const} */ (["assertive", "polite"])) {
      const region = this.regions[kind];
      if (region && this.#waiting[kind].length) region.textContent = this.#waiting[kind].join(" ");
      this.#waiting[kind] = [];
    }
  }
}
