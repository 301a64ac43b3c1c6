/** Plays the sound of the seats, and knows when the browser waits for a touch first. */

/** Fires `change` when `isBlocked` changes. */
export class Player extends EventTarget {
  isBlocked = false;
  /** @type {Map<string, HTMLAudioElement>} by user id */
  #players = new Map();
  #open;

  /** @param {() => HTMLAudioElement} [open] */
  constructor(open = () => new Audio()) {
    super();
    this.#open = open;
  }

  /**
   * Plays exactly these people.
   * @param {Map<string, MediaStream>} sounds  by user id
   * @param {Readonly<Record<string, number>>} loudness  0 to 1, by user id; 1 for those not named
   */
  sync(sounds, loudness) {
    for (const [userId, player] of this.#players) {
      if (sounds.get(userId) === player.srcObject) continue;
      player.pause();
      player.srcObject = null;
      this.#players.delete(userId);
    }
    for (const [userId, stream] of sounds) {
      const player = this.#players.get(userId) ?? this.#add(userId, stream);
      player.volume = loudness[userId] ?? 1;
    }
  }

  /**
   * @param {string} userId
   * @param {MediaStream} stream
   */
  #add(userId, stream) {
    const player = this.#open();
    player.srcObject = stream;
    this.#players.set(userId, player);
    if (!this.isBlocked) void this.#play(player);
    return player;
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
