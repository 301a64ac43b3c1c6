/** A page that was put out of its room comes back by itself, soon after it may. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { BAN_MAX_MS, BAN_MIN_MS, BanWatch } from "../../static/micconnect/ui/ban_watch.js";
import { Store } from "../../static/micconnect/ui/store.js";
import { pass, useFakeTime } from "./fake_time.js";

useFakeTime();

const OUT = { phase: "closed", code: 4011, text: "" };
const START = Date.parse("2026-01-01T12:00:00Z");

/** A page as far as a ban needs one; what the server says of it stands in `ban`. */
class Scene {
  /** @type {{isBanned: boolean, leftMs: number | null} | Error} */
  ban = { isBanned: true, leftMs: null };
  /** @type {number[]} when the page asked, in seconds */
  asked = [];
  /** @type {number[]} */
  connected = [];
  chance = 1;
  /** @type {any} */
  store = new Store(/** @type {any} */ ({ room: { status: { phase: "open" } }, kicked: null }), (draw) => draw());
  room = {
    clock: { now: () => START + performance.now() },
    connect: () => {
      this.connected.push(performance.now() / 1000);
      this.store.update({ room: { status: { phase: "connecting", code: 0, text: "" } } });
    },
  };
  watch = new BanWatch(/** @type {any} */ ({ config: {}, room: this.room, store: this.store }), {
    ask: async () => {
      this.asked.push(performance.now() / 1000);
      if (this.ban instanceof Error) throw this.ban;
      return this.ban;
    },
    random: () => this.chance,
  });

  /** @param {object} [refusal] @param {object | null} [kicked] */
  out(refusal = {}, kicked = null) {
    this.store.update({ kicked });
    this.store.update({ room: { status: { ...OUT, refusal: { details: refusal } } } });
    this.store.update({});
  }
}

test("it asks after half a minute, then with pauses that double to five minutes, part of each by chance", async () => {
  const scene = new Scene();
  scene.out();
  await pass(15 * 60_000);
  assert.deepEqual(scene.asked, [30, 90, 210, 450, 750]);
  assert.deepEqual([BAN_MIN_MS, BAN_MAX_MS], [30_000, 300_000]);
  const lucky = new Scene();
  lucky.chance = 0;
  lucky.out();
  await pass(60_000);
  assert.equal(lucky.asked[0] - 900, 15);
});

test("a ban that is lifted lets the page in at the next asking, once, and nothing is asked any more", async () => {
  const scene = new Scene();
  scene.out({}, { until: null });
  await pass(40_000);
  scene.ban = { isBanned: false, leftMs: null };
  await pass(10 * 60_000);
  assert.deepEqual([scene.asked, scene.connected, scene.store.state.kicked], [[30, 90], [90], null]);
});

test("at the end of the ban's time it asks at once, by the server's word where the own clock is wrong", async () => {
  const scene = new Scene();
  scene.out({ until: "2026-01-01T12:00:10Z" });
  scene.ban = { isBanned: true, leftMs: 3500 };
  await pass(11_000);
  assert.deepEqual(scene.asked.map(Math.floor), [10], "the server's clock is behind");
  scene.ban = { isBanned: false, leftMs: null };
  await pass(4000);
  assert.deepEqual(scene.connected.map(Math.floor), [14]);
  const kicked = new Scene();
  kicked.ban = { isBanned: false, leftMs: null };
  kicked.out({}, { until: "2026-01-01T12:00:20Z" });
  await pass(6000);
  assert.deepEqual(kicked.connected.map(Math.floor), [20]);
});

test("a server that is away is asked again, and a page that is back by another way asks nothing", async () => {
  const scene = new Scene();
  scene.ban = new Error("away");
  scene.out();
  await pass(31_000);
  assert.deepEqual([scene.asked, scene.connected], [[30], []]);
  scene.store.update({ room: { status: { phase: "open", code: 0, text: "" } } });
  await pass(10 * 60_000);
  assert.equal(scene.asked.length, 1);
});
