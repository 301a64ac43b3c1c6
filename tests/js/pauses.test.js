/** How long a lost line waits, and what people read meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../../static/micconnect/clock.js";
import { RETRY_MAX_MS, pauseBefore, secondsUntil, windowFor } from "../../static/micconnect/pauses.js";
import { CLOSES } from "../../static/micconnect/protocol.js";
import { bars } from "../../static/micconnect/ui/guest_state.js";
import { pass, useFakeTime } from "./fake_time.js";
import { snapshot } from "./fakes.js";

useFakeTime();

test("a room comes back at a hundred people a second, within one to twenty seconds", () => {
  assert.deepEqual([0, 100, 200, 2000, 100_000].map(windowFor), [1000, 1000, 2000, 20_000, 20_000]);
});

test("the first attempt falls anywhere in the window, the others double to half a minute, half of it by chance", () => {
  assert.deepEqual(
    [0, 0.5, 1].map((chance) => pauseBefore(0, 8000, chance)),
    [0, 4000, 8000],
  );
  const full = [1, 2, 3, 4, 5, 50].map((attempt) => pauseBefore(attempt, 1000, 1));
  assert.deepEqual(full, [2000, 4000, 8000, 16_000, RETRY_MAX_MS, RETRY_MAX_MS]);
  assert.equal(pauseBefore(3, 1000, 0), 4000);
});

test("a big room does not come all at once when its first attempts fail", () => {
  assert.deepEqual(
    [0, 1].map((chance) => pauseBefore(1, 20_000, chance)),
    [10_000, 20_000],
  );
});

test("seconds until a time count down to none", async () => {
  assert.deepEqual([secondsUntil(2500), secondsUntil(), secondsUntil(-5)], [3, 0, 0]);
  await pass(1600);
  assert.equal(secondsUntil(2500), 1);
});

test("people read when the page comes back", async () => {
  const view = (/** @type {object} */ status) =>
    bars(/** @type {any} */ ({ ...snapshot(), status: { phase: "waiting", ...status } }), new ServerClock(), true)
      .map(({ text }) => text)
      .join();
  const away = { code: 1001, text: CLOSES[1001]?.text, retryAt: 8000 };
  assert.equal(view(away), "The server is restarting. Back in 8 s.");
  const crowd = { code: 4013, text: "Many people are arriving.", retryAt: 5000, refusal: { code: "COME_BACK" } };
  assert.equal(view(crowd), "Many people are arriving. You are let in in 5 s.");
  const lost = { code: 1006, text: "The connection was lost.", retryAt: 12_000 };
  assert.equal(view(lost), "The connection was lost. Next try in 12 s.");
  await pass(7000);
  assert.equal(view(away), "Reconnecting… The server is restarting.");
  assert.equal(view({ code: 1006, text: "The connection was lost." }), "Reconnecting… The connection was lost.");
});
