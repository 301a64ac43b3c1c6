/** Plays the sound of the seats, and knows when the browser waits for a touch first. */

/** Fires `change` when `isBlocked` changes. */
export class Player extends EventTarget {
  isBlocked = false;
  /** @type {Map<number, HTMLAudioElement>} by seat index */
  #players = new Map();
  #open;

  /** @param {() => HTMLAudioElement} [open] */
  constructor(open = () => new Audio()) {
    super();
    this.#open = open;
  }

  /**
   * Plays exactly these seats.
   * @param {Map<number, MediaStream>} sounds  by seat index
   */
  sync(sounds) {
    for (const [seat, player] of this.#players) {
      if (sounds.get(seat) === player.srcObject) continue;
      player.pause();
      player.srcObject = null;
      this.#players.delete(seat);
    }
    for (const [seat, stream] of sounds) {
      if (this.#players.has(seat)) continue;
      const player = this.#open();
      player.srcObject = stream;
      this.#players.set(seat, player);
      if (!this.isBlocked) void this.#play(player);
    }
  }

  /** To be called from a click: the browser then lets all of them sound. */
  async unlock() {
    this.#setBlocked(false);
    await Promise.all([...this.#players.values()].map((player) => this.#play(player)));
  }

  /** @param {HTMLAudioElement} player */
  async #play(player) {
    try {
      await player.play();
    } catch (error) {
      // AbortError only says that the seat was left meanwhile
      if (error instanceof Error && error.name === "NotAllowedError") this.#setBlocked(true);
    }
  }

  /** @param {boolean} isBlocked */
  #setBlocked(isBlocked) {
    if (this.isBlocked === isBlocked) return;
    this.isBlocked = isBlocked;
    this.dispatchEvent(new Event("change"));
  }
}
