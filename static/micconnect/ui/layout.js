/** How tiles fill the stage. */

/**
 * The grid that shows `count` tiles largest: every count of columns is tried, and the one wins whose tiles hold the
 * largest picture of `ratio` (width to height). With equal pictures the fewer columns win. Two stand side by side on a
 * wide stage and above each other on a tall one, whatever fits better: host and guest face each other.
 * @param {number} count  tiles, at least 1
 * @param {number} width  of the stage, in CSS pixels
 * @param {number} height
 * @param {number} [ratio]
 * @returns {{columns: number, rows: number}}
 */
export function bestFit(count, width, height, ratio = 4 / 3) {
  if (count === 2) return width > height ? { columns: 2, rows: 1 } : { columns: 1, rows: 2 };
  let best = { columns: 1, rows: count };
  let bestArea = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const picture = Math.min(width / columns, (height / rows) * ratio);
    const area = (picture * picture) / ratio;
    if (area > bestArea * 1.001) {
      bestArea = area;
      best = { columns, rows };
    }
  }
  return best;
}

/** Keeps the grid of the tiles fitting while the stage changes its size or its people. */
export class StageFit {
  /** @type {HTMLElement | undefined} */
  #tiles;
  #count = 0;
  #observer = globalThis.ResizeObserver && new ResizeObserver(() => this.#apply());

  /** For `ref`: the list of tiles came or went. */
  attach = (/** @type {Element | undefined} */ element) => {
    this.#observer?.disconnect();
    this.#tiles = element instanceof HTMLElement ? element : undefined;
    if (this.#tiles) this.#observer?.observe(this.#tiles);
  };

  /** @param {number} count  of tiles */
  update(count) {
    if (count === this.#count) return;
    this.#count = count;
    this.#apply();
  }

  #apply() {
    if (!this.#tiles || !this.#count) return;
    const { clientWidth, clientHeight } = this.#tiles;
    const { columns, rows } = bestFit(this.#count, clientWidth, clientHeight);
    this.#tiles.style.setProperty("--columns", `${columns}`);
    this.#tiles.style.setProperty("--rows", `${rows}`);
  }
}
