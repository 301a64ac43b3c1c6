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

/** @typedef {{x: number, y: number, width: number, height: number}} Box  in CSS pixels */

const GAP = 6;
const STRIP = 0.24; // of the stage's longer side: the row beside the main tile
const FLOAT = 0.26; // of the stage's shorter side: one tile on the edge of the main one

/**
 * `count` boxes as large as they can be within `area`, a last row that is not full in its middle.
 * @param {number} count
 * @param {Box} area
 * @returns {Box[]}
 */
export function gridBoxes(count, area) {
  if (!count) return [];
  const { columns, rows } = bestFit(count, area.width, area.height);
  const width = (area.width - (columns - 1) * GAP) / columns;
  const height = (area.height - (rows - 1) * GAP) / rows;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const indent = ((columns - inRow) * (width + GAP)) / 2;
    return {
      x: area.x + indent + (index % columns) * (width + GAP),
      y: area.y + row * (height + GAP),
      width,
      height,
    };
  });
}

/**
 * Where the main tile and the `count` others stand.
 * @param {"grid" | "side" | "float"} mode
 * @param {boolean} hasMain
 * @param {number} count  of the others
 * @param {number} width  of the stage, in CSS pixels
 * @param {number} height
 * @returns {{main: Box, others: Box[]}}
 */
export function boxes(mode, hasMain, count, width, height) {
  const whole = { x: 0, y: 0, width, height };
  if (!hasMain || mode === "grid") return { main: whole, others: gridBoxes(count, whole) };
  if (!count) return { main: whole, others: [] };
  if (mode === "float") return { main: whole, others: floatBoxes(count, width, height) };
  if (width > height) {
    const strip = Math.min(width * STRIP, (height / count) * 2, 320);
    const main = { ...whole, width: width - strip - GAP };
    return { main, others: gridBoxes(count, { x: main.width + GAP, y: 0, width: strip, height }) };
  }
  const strip = Math.min(height * STRIP, width * 0.6);
  const main = { ...whole, height: height - strip - GAP };
  return { main, others: gridBoxes(count, { x: 0, y: main.height + GAP, width, height: strip }) };
}

/**
 * A column at the right edge, from the top down; a second one beside it when the first is full.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Box[]}
 */
function floatBoxes(count, width, height) {
  const side = Math.min(width, height) * FLOAT;
  const least = (height - 8 * GAP) / 6; // six fit below each other
  const size = Math.max(40, Math.min(side, least));
  const inColumn = Math.max(1, Math.floor((height - GAP) / (size + GAP)));
  return Array.from({ length: count }, (_, index) => ({
    x: width - (Math.floor(index / inColumn) + 1) * (size + GAP),
    y: GAP + (index % inColumn) * (size + GAP),
    width: size,
    height: size,
  }));
}

/** Puts the tiles where they belong while the stage changes its size, its layout or its people. */
export class StageFit {
  /** @type {HTMLElement | undefined} */
  #tiles;
  #drawn = "";
  #observer = globalThis.ResizeObserver && new ResizeObserver(() => this.update());

  /** For `ref`: the list of tiles came or went. */
  attach = (/** @type {Element | undefined} */ element) => {
    this.#observer?.disconnect();
    this.#tiles = element instanceof HTMLElement ? element : undefined;
    this.#drawn = "";
    if (this.#tiles) this.#observer?.observe(this.#tiles);
  };

  /** To be called after every drawing; does nothing while all is as before. */
  update() {
    if (!this.#tiles) return;
    const { clientWidth, clientHeight, dataset, children } = this.#tiles;
    const tiles = /** @type {HTMLElement[]} */ ([...children]);
    const main = tiles.find((tile) => tile.dataset.main === "true");
    const others = tiles.filter((tile) => tile !== main);
    const order = [main, ...others].map((tile) => tile?.dataset.key).join(" ");
    const drawn = `${clientWidth} ${clientHeight} ${dataset.mode} ${!!main} ${order}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const mode = /** @type {"grid" | "side" | "float"} */ (dataset.mode);
    const found = boxes(mode, !!main, others.length, clientWidth, clientHeight);
    if (main) put(main, found.main);
    others.forEach((tile, index) => put(tile, found.others[index]));
  }
}

/**
 * @param {HTMLElement} tile
 * @param {Box} box
 */
function put({ style }, { x, y, width, height }) {
  style.setProperty("--x", `${x}px`);
  style.setProperty("--y", `${y}px`);
  style.setProperty("--width", `${width}px`);
  style.setProperty("--height", `${height}px`);
}
