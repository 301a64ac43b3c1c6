/** Time that passes only when the test says so, for timers and performance.now() alike. */

import { afterEach, beforeEach, mock } from "node:test";

import { settled } from "./fakes.js";

let now = 0;

/** Gives each test of the file a clock at 0. */
export function useFakeTime() {
  beforeEach(() => {
    now = 0;
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    mock.method(performance, "now", () => now);
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });
}

/**
 * Lets time pass, in steps in which every promise can go on.
 * @param {number} ms
 */
export async function pass(ms) {
  for (let left = ms; left > 0; left -= 500) {
    now += Math.min(500, left);
    mock.timers.tick(Math.min(500, left));
    await settled();
  }
}
