/** How a page measures and reports its own line, when it speaks of a weak one, and what the staff reads of all. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { LineReport, roundTripMs } from "../../static/micconnect/media/line.js";
import { OwnLine, Weakness } from "../../static/micconnect/ui/own_line.js";
import { SeatLines, lineText } from "../../static/micconnect/ui/staff_lines.js";
import { connection, liveInfo, myState, settled, snapshot } from "./fakes.js";
import { FakePeer, Scene, seated } from "./media_fakes.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval"] }));
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/**
 * A peer connection whose statistics are these.
 * @param {object[]} entries
 */
const measured = (...entries) =>
  /** @type {any} */ ({
    getStats: async () => new Map(entries.map((entry, index) => [index, { id: `${index}`, ...entry }])),
  });

// -- measuring ----------------------------------------------------------------------------------------------------

test("the way is that of the pair in use, in milliseconds", async () => {
  const other = { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 9 };
  const pair = { type: "candidate-pair", id: "p", currentRoundTripTime: 0.0426 };
  assert.equal(await roundTripMs(measured(other, pair, { type: "transport", selectedCandidatePairId: "p" })), 43);
});

test("a browser that names no pair in use has one that was nominated and works", async () => {
  const failed = { type: "candidate-pair", nominated: true, state: "failed", currentRoundTripTime: 1 };
  const spare = { type: "candidate-pair", nominated: false, state: "succeeded", currentRoundTripTime: 2 };
  const used = { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.12 };
  assert.equal(await roundTripMs(measured(failed, spare, used)), 120);
});

test("what was not measured yet is unknown, not nothing", async () => {
  assert.equal(await roundTripMs(measured()), null);
  assert.equal(await roundTripMs(measured({ type: "candidate-pair", nominated: true, state: "succeeded" })), null);
});

// -- reporting ----------------------------------------------------------------------------------------------------

/** @param {number | null} seconds */
function publisher(seconds) {
  const pair = { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: seconds };
  return /** @type {any} */ ({ isUp: true, pc: measured(seconds === null ? {} : pair) });
}

test("a line that is up is reported every five seconds, and one that is not never", async () => {
  /** @type {number[]} */
  const told = [];
  const report = new LineReport({ reportLine: async ({ rttMs }) => void told.push(rttMs) });
  const peer = publisher(0.05);
  for (let round = 0; round < 3; round++) {
    report.follow(peer); // as often as anything changes
    mock.timers.tick(4999);
    await settled();
    assert.equal(told.length, round);
    report.follow(peer);
    mock.timers.tick(1);
    await settled();
  }
  assert.deepEqual(told, [50, 50, 50]);
  report.follow(null);
  mock.timers.tick(20_000);
  await settled();
  report.follow({ ...peer, isUp: false });
  mock.timers.tick(20_000);
  await settled();
  assert.equal(told.length, 3);
});

test("what is unknown is not reported, and a refusal ends nothing", async () => {
  let refusals = 0;
  const report = new LineReport({
    reportLine: async () => {
      refusals++;
      throw new Error("refused");
    },
  });
  report.follow(publisher(null));
  mock.timers.tick(5000);
  await settled();
  assert.equal(refusals, 0);
  report.follow(publisher(0.1));
  for (let round = 0; round < 2; round++) {
    mock.timers.tick(5000);
    await settled();
  }
  assert.equal(refusals, 2);
});

test("whoever sends from a seat reports, on every page that has media", async () => {
  const scene = new Scene(seated);
  /** @type {number[]} */
  const told = [];
  scene.room.reportLine = async (/** @type {any} */ { rttMs }) => void told.push(rttMs);
  await scene.capture.start("audio");
  await settled();
  for (const peer of scene.peers) Object.assign(peer, publisher(0.03).pc);
  assert.ok(scene.media.publish?.pc);
  const out = /** @type {FakePeer} */ (/** @type {unknown} */ (scene.media.publish.pc));
  out.become("connected");
  mock.timers.tick(5000);
  await settled();
  assert.deepEqual(told, [30]);
  await scene.set({ me: myState() });
  mock.timers.tick(20_000);
  await settled();
  assert.equal(told.length, 1);
});

// -- the words about a weak line ----------------------------------------------------------------------------------

test("a weakness is spoken of when it lasts, and until the line has been good for a while", () => {
  const line = new Weakness();
  assert.equal(line.note("poor", 1_000_000), "");
  assert.equal(line.note("good", 1_003_000), "", "a short one is nobody's business");
  assert.equal(line.note("poor", 1_004_000), "");
  assert.equal(line.note("bad", 1_008_999), "");
  assert.equal(line.note("bad", 1_009_000), "bad");
  assert.equal(line.note("poor", 1_010_000), "poor");
  assert.equal(line.note("good", 1_011_000), "poor");
  assert.equal(line.note("poor", 1_012_000), "poor", "no blinking");
  assert.equal(line.note("good", 1_013_000), "poor");
  assert.equal(line.note("good", 1_020_999), "poor");
  assert.equal(line.note("good", 1_021_000), "");
  assert.equal(line.note("poor", 1_022_000), "", "and from the beginning");
});

test("of a line that is not known nothing is said, in the end", () => {
  const line = new Weakness();
  assert.equal(line.note(undefined, 0), "");
  assert.equal(line.note("bad", 1), "");
  assert.equal(line.note("bad", 5001), "bad");
  assert.equal(line.note(undefined, 6000), "bad");
  assert.equal(line.note(undefined, 14_000), "");
  line.note("bad", 20_000);
  line.note("bad", 25_000);
  line.forget();
  assert.equal(line.note("bad", 26_000), "", "a next time on air begins anew");
});

/** A page whose room the test moves by hand. */
class FakePage {
  /** @type {((state: any) => void)[]} */
  listeners = [];
  /** @type {string[]} */
  said = [];
  /** @type {any} */
  state = { weakLine: "", health: [], room: { ...snapshot(), ...seated, qualities: {}, info: liveInfo() } };
  store = {
    subscribe: (/** @type {(state: any) => void} */ listener) => void this.listeners.push(listener),
    update: (/** @type {object} */ changed) => void (this.state = { ...this.state, ...changed }),
  };
  announcer = { polite: (/** @type {string} */ text) => void this.said.push(text) };
  media = { deviceState: () => "open" };
  now = 0;
  /** @type {any} */
  room = {};

  /**
   * So many seconds pass, with a drawing in each.
   * @param {number} seconds
   * @param {object} [room]
   */
  pass(seconds, room = {}) {
    this.state = { ...this.state, room: { ...this.state.room, ...room } };
    for (let second = 0; second < seconds; second++) {
      this.now += 1000;
      for (const listener of this.listeners) listener(this.state);
    }
  }
}

test("the page says it once, with what helps, and says when it is over", () => {
  const page = new FakePage();
  mock.method(performance, "now", () => page.now);
  new OwnLine(/** @type {any} */ (page));
  const me = connection().userId;
  page.pass(4, { qualities: { [me]: "poor", other: "bad" } });
  assert.equal(page.state.weakLine, "");
  page.pass(10);
  assert.equal(page.state.weakLine, "poor");
  assert.equal(page.said.length, 1);
  assert.match(page.said[0] ?? "", /Weak network.*router.*camera off/);
  page.pass(20, { qualities: { [me]: "good", other: "bad" } });
  assert.equal(page.state.weakLine, "");
  assert.deepEqual(page.said.slice(1), ["Your network is good again."]);
  page.pass(10, { qualities: { [me]: "bad" } });
  assert.equal(page.state.weakLine, "bad");
  page.pass(1, { me: myState() });
  assert.equal(page.state.weakLine, "", "off air it does not matter");
  assert.equal(page.said.length, 3);
});

// -- what the staff reads -----------------------------------------------------------------------------------------

const SEAT = /** @type {const} */ ({ userId: "u", seatIndex: 1, isScreen: false, audioLevel: 40, quality: "good" });

test("figures of a line in words", () => {
  assert.equal(lineText({ ...SEAT, kbps: 412, loss: 0, rttMs: 38 }), "412 kbit/s · 0 % lost · 38 ms · sound 40");
  assert.equal(lineText({ ...SEAT, kbps: 31, loss: 0.034, rttMs: null }), "31 kbit/s · 3.4 % lost · sound 40");
  assert.equal(lineText({ ...SEAT, kbps: 9, loss: 0.25, rttMs: 600 }), "9 kbit/s · 25 % lost · 600 ms · sound 40");
  assert.equal(lineText({ ...SEAT, kbps: 0, loss: 1, rttMs: null }), "0 kbit/s · nothing arrives · sound 40");
  assert.equal(lineText({ ...SEAT, isScreen: true, kbps: 900, loss: 0, rttMs: 5 }), "900 kbit/s · 0 % lost · 5 ms");
});

test("lines are looked at while the staff can see them, and forgotten when nothing is known", async () => {
  const page = new FakePage();
  const health = [{ ...SEAT, kbps: 1, loss: 0, rttMs: 1 }];
  let [asked, isActive] = [0, true];
  /** @type {() => Promise<any>} */
  let answer = async () => health;
  page.room.getMediaHealth = () => (asked++, answer());
  const page_ = /** @type {any} */ (globalThis);
  page_.document = { hidden: false };
  try {
    new SeatLines(/** @type {any} */ (page), () => isActive);
    const look = async () => {
      mock.timers.tick(3000);
      await settled();
    };
    page.pass(1, { connectedUsers: [connection({ seatIndex: 0 })] });
    await look();
    assert.equal(asked, 0, "nobody but the host is on air");
    page.pass(1, { connectedUsers: [connection({ seatIndex: 1 })] });
    await look();
    assert.deepEqual([asked, page.state.health], [1, health]);
    page_.document.hidden = true;
    await look();
    assert.deepEqual([asked, page.state.health], [1, []]);
    page_.document.hidden = false;
    await look();
    assert.deepEqual([asked, page.state.health], [2, health]);
    answer = async () => Promise.reject(new Error("cut"));
    await look();
    assert.deepEqual([asked, page.state.health], [3, []]);
    isActive = false;
    await look();
    assert.equal(asked, 3);
  } finally {
    delete page_.document;
  }
});
