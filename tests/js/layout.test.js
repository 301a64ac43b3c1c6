/** How the stage is laid out: what is large, which empty seats are shown, and that no tile hides another. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LAYOUT_SEATS, Layout } from "../../static/micconnect/protocol.js";
import { arrange } from "../../static/micconnect/arrange.js";
import { bestFit, boxes, gridBoxes } from "../../static/micconnect/ui/layout.js";
import { liveInfo, roomOptions } from "./fakes.js";

/** @typedef {import("../../static/micconnect/ui/layout.js").Box} Box */

/** @param {any} layout @param {object} [parts] */
const info = (layout, parts) =>
  liveInfo({
    options: roomOptions({ layout }),
    seatCount: Math.min(9, LAYOUT_SEATS[/** @type {Layout} */ (layout)]),
    ...parts,
  });
const people = (/** @type {number[]} */ ...seats) => seats.map((seatIndex) => ({ userId: `u${seatIndex}`, seatIndex }));

test("each layout has its main tile and its empty seats", () => {
  const users = people(0, 2);
  assert.deepEqual(arrange(info("600"), users, false), { mode: "grid", main: null, empty: [] });
  assert.deepEqual(arrange(info("dual"), users, false), { mode: "grid", main: null, empty: [] });
  assert.deepEqual(arrange(info("601"), users, false), { mode: "float", main: 0, empty: [] });
  assert.deepEqual(arrange(info("200"), users, false), { mode: "side", main: 0, empty: [] });
  assert.deepEqual(arrange(info("800"), users, false).empty, [1, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(arrange(info("801"), users, false), { mode: "float", main: 0, empty: [1, 3, 4, 5, 6] });
  assert.equal(arrange(info("601"), people(3, 4), false).main, 3, "without the host the first guest is large");
});

test("a shared screen is large in every layout, before the spotlight; a spotlight before the host", () => {
  for (const layout of Object.values(Layout)) {
    const spotlight = info(layout, { spotlight: "u2" });
    assert.deepEqual(
      [arrange(spotlight, people(0, 2), true).main, arrange(spotlight, people(0, 2), false).main],
      ["screen", 2],
    );
  }
  assert.equal(arrange(info("600", { spotlight: "gone" }), people(0, 2), false).main, null);
});

test("tiles fill the stage: side by side when wide, stacked when tall, three columns for nine", () => {
  assert.deepEqual(bestFit(1, 800, 600), { columns: 1, rows: 1 });
  assert.deepEqual(bestFit(2, 1600, 700), { columns: 2, rows: 1 });
  assert.deepEqual(bestFit(2, 390, 600), { columns: 1, rows: 2 });
  assert.deepEqual(bestFit(9, 1200, 900), { columns: 3, rows: 3 });
  assert.deepEqual(bestFit(10, 1600, 700), { columns: 5, rows: 2 });
});

test("a last row that is not full stands in the middle", () => {
  const [first, second, third] = gridBoxes(3, { x: 0, y: 0, width: 1000, height: 800 });
  assert.equal(first.x, 0);
  assert.ok(second.x > first.x);
  assert.ok(Math.abs(third.x + third.width / 2 - 500) < 1 && third.y > first.y);
});

const STAGES = /** @type {const} */ ([
  [1440, 820],
  [820, 600],
  [366, 470],
  [366, 300],
]);
/** @param {Box} a @param {Box} b */
const overlap = (a, b) =>
  a.x < b.x + b.width - 0.01 &&
  b.x < a.x + a.width - 0.01 &&
  a.y < b.y + b.height - 0.01 &&
  b.y < a.y + a.height - 0.01;

test("on every stage all tiles are within it and none hides another, but for those that float on the main one", () => {
  for (const [width, height] of STAGES) {
    for (const mode of /** @type {const} */ (["grid", "side", "float"])) {
      for (let count = mode === "grid" ? 1 : 0; count <= 10; count++) {
        const { main, others } = boxes(mode, mode !== "grid", count, width, height);
        const all = mode === "side" ? [main, ...others] : others;
        const what = `${mode} ${count} on ${width}×${height}`;
        assert.equal(others.length, count, what);
        for (const { x, y, width: w, height: h } of [main, ...others]) {
          assert.ok(x >= -0.01 && y >= -0.01 && x + w <= width + 0.01 && y + h <= height + 0.01, what);
          assert.ok(w > 20 && h > 20, what);
        }
        for (const [index, box] of all.entries()) {
          for (const other of all.slice(index + 1)) assert.ok(!overlap(box, other), what);
        }
      }
    }
  }
});
