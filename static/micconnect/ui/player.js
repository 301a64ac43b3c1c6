/** Plays the sound of the seats, keeps sound and pictures playing, and knows when the browser waits for a touch. */

import { Revival } from "./revival.js";

const TOUCHES = ["click", "keydown", "touchend"];
const RETURNS = ["focus", "pageshow", ...TOUCHES];

/** Fires `change` when `isBlocked` changes, and `wake` when the person is back at the page or touches it. */
export class Player extends EventTarget {
  isBlocked = false;
  /** @type {Map<string, HTMLAudioElement>} by user id */
  #players = new Map();
  /** @type {ParentNode | null} where the pictures are */
  #stage = null;
  #open;
  #revival = new Revival(
    (element) => this.#isOurs(element),
    () => this.#setBlocked(true),
  );

  /** @param {() => HTMLAudioElement} [open] */
  constructor(open = () => new Audio()) {
    super();
    this.#open = open;
  }

  /**
   * Follows the page: what the system pauses is played again, at once, else when the person comes back, else by touch.
   * @param {Document} [page]
   * @param {EventTarget | null} [view]  its window
   */
  follow(page = globalThis.document, view = page?.defaultView) {
    if (!page) return;
    page.addEventListener("visibilitychange", () => page.visibilityState === "visible" && void this.wake());
    for (const sign of RETURNS) view?.addEventListener(sign, () => void this.wake());
  }

  /**
   * Keeps the pictures in there playing, too.
   * @param {Document | HTMLElement} stage  with no videos but ours
   */
  keepPictures(stage) {
    this.#stage = stage;
    stage.addEventListener("pause", (event) => this.#paused(event), true); // it does not bubble
  }

  /**
   * Plays exactly these people.
   * @param {Map<string, MediaStream>} sounds  by user id
   * @param {Readonly<Record<string, number>>} loudness  0 to 1, by user id; 1 for those not named
   */
  sync(sounds, loudness) {
    for (const [userId, player] of this.#players) {
      if (sounds.get(userId) === player.srcObject) continue;
      this.#players.delete(userId);
      player.pause();
      player.srcObject = null;
    }
    for (const [userId, stream] of sounds) {
      const player = this.#players.get(userId) ?? this.#add(userId, stream);
      player.volume = loudness[userId] ?? 1;
    }
    if (!this.#players.size) this.#look();
  }

  /**
   * @param {string} userId
   * @param {MediaStream} stream
   */
  #add(userId, stream) {
    const player = this.#open();
    player.srcObject = stream;
    player.addEventListener("pause", () => this.#revival.paused(player));
    player.addEventListener("playing", () => this.#look());
    this.#players.set(userId, player);
    if (!this.isBlocked) void this.#revival.play(player);
    return player;
  }

  /** To be called from a click: the browser then lets all of them sound. */
  async unlock() {
    this.#setBlocked(false);
    await Promise.all([...this.#players.values()].map((player) => this.#revival.play(player)));
    await this.#revival.wake(this.#pictures());
  }

  /** The person is back: what was paused plays on, if the browser lets it; a touch lets it. */
  async wake() {
    this.dispatchEvent(new Event("wake"));
    await this.#revival.wake([...this.#players.values(), ...this.#pictures()]);
    this.#look();
  }

  /** @param {Event} event */
  #paused({ target }) {
    if (globalThis.HTMLVideoElement && target instanceof HTMLVideoElement) this.#revival.paused(target);
  }

  /** @returns {Iterable<HTMLVideoElement>} */
  #pictures() {
    return this.#stage?.querySelectorAll("video") ?? [];
  }

  /** @param {HTMLMediaElement} element */
  #isOurs(element) {
    if (!element.srcObject || element.ended) return false;
    if (globalThis.HTMLVideoElement && element instanceof HTMLVideoElement) return element.isConnected;
    return [...this.#players.values()].includes(element);
  }

  /** Nothing waits for a touch once all that should sound does. */
  #look() {
    if (![...this.#players.values(), ...this.#pictures()].some((element) => element.paused && this.#isOurs(element))) {
      this.#setBlocked(false);
    }
  }

  /** @param {boolean} isBlocked */
  #setBlocked(isBlocked) {
    if (this.isBlocked === isBlocked) return;
    this.isBlocked = isBlocked;
    this.dispatchEvent(new Event("change"));
  }
}
