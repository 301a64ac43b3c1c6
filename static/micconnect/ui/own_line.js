/** Notices that the own line is weak, once it has been so for a while, and has words for it and for what helps. */

/** @typedef {import("../protocol.js").Quality} Quality */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */
/** @typedef {import("./state.js").WeakLine} WeakLine */

const WEAK_MS = 5000; // a shorter weakness helps nobody to know
const WELL_MS = 8000; // longer, so that the words do not come and go

/** When the words are shown: a weakness that lasts, until the line has been good for a while. */
export class Weakness {
  /** @type {WeakLine} */
  shown = "";
  /** @type {number | null} since when it has been the other way round than what is shown */
  #since = null;

  /**
   * @param {Quality | undefined} quality  of the own line; undefined while nothing is known of it
   * @param {number} now  in milliseconds
   * @returns {WeakLine}
   */
  note(quality, now) {
    const weak = quality === "poor" || quality === "bad" ? quality : "";
    if (!weak === !this.shown) {
      this.#since = null;
      this.shown = weak;
      return weak;
    }
    this.#since ??= now;
    if (now - this.#since >= (weak ? WEAK_MS : WELL_MS)) {
      this.#since = null;
      this.shown = weak;
    }
    return this.shown;
  }

  /** Nobody is on air here any more. */
  forget() {
    this.shown = "";
    this.#since = null;
  }
}

/** Keeps `weakLine` of a page's state. Make one for each page. */
export class OwnLine {
  #weakness = new Weakness();
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    page.store.subscribe((state) => this.#follow(state));
  }

  /** @param {PageState} state */
  #follow({ room: { me, qualities }, weakLine }) {
    const connection = me?.connection;
    const quality = qualities[me?.user.userId ?? ""];
    if (connection) this.#weakness.note(quality, performance.now());
    else this.#weakness.forget();
    const { shown } = this.#weakness;
    if (shown === weakLine) return;
    this.#page.store.update({ weakLine: shown });
    if (shown && !weakLine) this.#page.announcer.polite(`${WEAK_HEADS[shown]} ${helpText(this.#page)}`);
    else if (quality === "good") this.#page.announcer.polite("Your network is good again.");
  }
}

/** @type {Record<Exclude<WeakLine, "">, string>} */
export const WEAK_HEADS = {
  poor: "Weak network. Others may hear you with gaps.",
  bad: "Very weak network. Others can hardly hear you.",
};

/**
 * What somebody with a weak line can do.
 * @param {Pick<Page, "media">} page
 */
export function helpText({ media }) {
  const more =
    media.deviceState("camera") === "open" ? ", or turn your camera off so that your voice gets through" : "";
  return `Move closer to your router or use a cable${more}.`;
}
