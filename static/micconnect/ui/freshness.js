/** Which pictures on the stage are alive: a video that gets no new picture keeps showing its last one for good. */

const STALE_LOOKS = 14; // in a row without a new picture: 3.5 s, more than a hiccup
const SUSPECT_LOOKS = 4; // enough where the room says that the camera has stopped

/**
 * How many pictures a video has shown or dropped so far; null where the browser does not tell.
 * @param {HTMLVideoElement} video
 */
function frames(video) {
  return video.getVideoPlaybackQuality?.().totalVideoFrames ?? null;
}

/** Looks at the videos four times a second; its own pauses and those of a hidden page are nobody's fault. */
export class Freshness {
  /** @type {Map<string, {video: HTMLVideoElement, stream: unknown, count: number, quiet: number}>} by key of the tile */
  #seen = new Map();

  /**
   * One look.
   * @param {ParentNode} root  holds the tiles with their `data-key`
   * @param {boolean} isHidden  then browsers show nothing, and nothing is known
   * @returns {boolean} whether a picture has become stale, or is fresh again
   */
  look(root, isHidden) {
    const before = this.#stale();
    const videos = isHidden ? [] : root.querySelectorAll(".tile[data-key] video:not(.mirrored)");
    const seen = new Map();
    for (const element of videos) {
      const video = /** @type {HTMLVideoElement} */ (element);
      const key = /** @type {HTMLElement} */ (video.closest(".tile")).dataset.key ?? "";
      const count = frames(video);
      if (count === null) continue;
      const known = this.#seen.get(key);
      const isSame = known?.video === video && known.stream === video.srcObject;
      const isQuiet = isSame && known.count === count;
      seen.set(key, { video, stream: video.srcObject, count, quiet: isQuiet ? known.quiet + 1 : 0 });
    }
    this.#seen = seen;
    return this.#stale() !== before;
  }

  /**
   * Whether a tile's picture stands still.
   * @param {string} key  of the tile
   * @param {{isSuspect?: boolean}} [options]  the room says so; it may be well again by now, though
   */
  isStale(key, { isSuspect = false } = {}) {
    return (this.#seen.get(key)?.quiet ?? 0) >= (isSuspect ? SUSPECT_LOOKS : STALE_LOOKS);
  }

  #stale() {
    return [...this.#seen.keys()]
      .map((key) => `${key} ${this.isStale(key)} ${this.isStale(key, { isSuspect: true })}`)
      .join();
  }
}
