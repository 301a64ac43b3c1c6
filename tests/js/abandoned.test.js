/** A studio beside one that was closed: it says after a while that nobody has the show, and calls the host. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Abandoned } from "../../static/micconnect/ui/abandoned.js";
import { WINDOW, connection, liveInfo, myState, snapshot } from "./fakes.js";
import { pass, useFakeTime } from "./fake_time.js";

useFakeTime();

/** @typedef {import("../../static/micconnect/room.js").RoomView} RoomView */

/**
 * The host's room, with the own seat in that window.
 * @param {Parameters<typeof connection>[0]} seat
 * @param {string} [window]
 * @returns {RoomView}
 */
function roomOf(seat, window = "another") {
  const own = connection({ userId: "h", seatIndex: 0, ...seat });
  const me = myState({ user: { userId: "h", userName: "Hanna" }, connection: own, window });
  const status = { phase: "open", code: 0, text: "", refusal: null, retryAt: 0 };
  return /** @type {any} */ ({ ...snapshot({ role: "host", me, connectedUsers: [own] }), status });
}

/** @param {RoomView} room */
function studio(room) {
  const calls = { chimes: 0, said: 0 };
  const state = { room, isNobodys: false };
  /** @type {(() => void)[]} */
  const listeners = [];
  const page = {
    state,
    window: { id: WINDOW },
    announcer: { assertive: () => calls.said++ },
    store: {
      subscribe: (/** @type {() => void} */ listener) => void listeners.push(listener),
      update: (/** @type {object} */ changed) => void Object.assign(state, changed),
    },
  };
  new Abandoned(/** @type {any} */ (page), /** @type {any} */ ({ called: () => calls.chimes++ }));
  setInterval(() => listeners.forEach((listener) => listener()), 1000);
  return { state, calls };
}

for (const state of /** @type {const} */ (["reconnecting", "joining"])) {
  test(`a seat that is ${state} in another window for long is nobody's, which is called out once`, async () => {
    const one = studio(roomOf({ state }));
    await pass(8500);
    assert.equal(one.state.isNobodys, false);
    await pass(10_000);
    assert.equal(one.state.isNobodys, true);
    assert.deepEqual(one.calls, { chimes: 1, said: 1 });
  });
}

test("a seat that changes windows is silent for a moment only, and nobody is called", async () => {
  const one = studio(roomOf({ state: "reconnecting" }));
  await pass(5000);
  one.state.room = roomOf({ state: "live" });
  await pass(2000);
  one.state.room = roomOf({ state: "reconnecting" });
  await pass(5000);
  assert.deepEqual([one.state.isNobodys, one.calls.chimes], [false, 0]);
});

test("whoever takes the show back has it", async () => {
  const one = studio(roomOf({ state: "reconnecting" }));
  await pass(10_000);
  one.state.room = roomOf({ state: "reconnecting" }, WINDOW);
  await pass(1000);
  assert.equal(one.state.isNobodys, false);
});

test("nobody is to blame for a media server, a line of one's own or a room that is not there", async () => {
  const room = roomOf({ state: "reconnecting" });
  const media = /** @type {any} */ ({ ...room.media, isUp: false });
  const status = /** @type {any} */ ({ ...room.status, phase: "waiting" });
  for (const parts of [{ media }, { status }, { info: liveInfo({ status: "ended" }) }]) {
    const one = studio({ ...room, ...parts });
    await pass(12_000);
    assert.equal(one.state.isNobodys, false);
  }
});
