/** What all facades share: the way into a room, errors with numbers; and that no method goes untested. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";

import { CoGuestState } from "../../static/micconnect/facades/co_guest.js";
import { FacadeError, facadeError } from "../../static/micconnect/facades/errors.js";
import { roomOpener } from "../../static/micconnect/facades/line.js";
import { LiveCoreView } from "../../static/micconnect/facades/live_core_view.js";
import { REFUSED } from "../../static/micconnect/facades/refusals.js";
import { EngineMedia } from "../../static/micconnect/facades/room_engine_media.js";
import { LiveSeatState } from "../../static/micconnect/facades/live_seat.js";
import { TUIRoomEngine } from "../../static/micconnect/facades/room_engine.js";
import { DeviceError } from "../../static/micconnect/media/devices.js";
import { ERRORS } from "../../static/micconnect/protocol.js";
import { House, ON_SEAT, closeHouses, engineIn } from "./facade_house.js";
import { settled } from "./fakes.js";

afterEach(closeHouses);

test("a refusal of the server keeps our code as its name and gets the seed system's number", async () => {
  const { house, engine } = await engineIn();
  house.server.answers = {
    leaveSeat: { error: { code: "NOT_ON_SEAT", ...ERRORS.NOT_ON_SEAT, details: { n: 1 } } },
  };
  await assert.rejects(engine.leaveSeat(), (/** @type {any} */ error) => {
    assert.ok(error instanceof FacadeError);
    assert.deepEqual([error.code, error.name, error.details], [100206, "NOT_ON_SEAT", { n: 1 }]);
    return true;
  });
});

test("a device that the staff has locked has a number of its own", async () => {
  const { house, engine } = await engineIn(ON_SEAT);
  const refused = [];
  for (const device of ["microphone", "camera", "screen"]) {
    house.server.answers = {
      setDevice: { error: { code: "DEVICE_LOCKED", ...ERRORS.DEVICE_LOCKED, details: { device } } },
    };
    refused.push(await engine.startScreenSharing().catch((error) => error.code));
  }
  assert.deepEqual(refused, [-2360, -2370, -2372]);
});

test("devices that fail have the seed system's numbers, microphone and camera apart", () => {
  const number = (/** @type {any} */ problem, /** @type {any} */ what) => {
    return facadeError(new DeviceError(problem, what)).code;
  };
  assert.deepEqual(
    ["unknown", "refused", "busy", "none"].map((problem) => [number(problem, "camera"), number(problem, "microphone")]),
    [
      [-1100, -1104],
      [-1101, -1105],
      [-1102, -1106],
      [-1103, -1107],
    ],
  );
  assert.deepEqual([number("refused", "screen"), number("busy", "screen")], [-1108, -1109]);
  assert.equal(facadeError(new DeviceError("busy", "camera")).name, "DEVICE_BUSY");
  assert.deepEqual([facadeError(new RangeError("x")).code, facadeError("y").message], [-1, "y"]);
});

test("nothing works outside a room, and one page is in one room at a time", async () => {
  const outside = new TUIRoomEngine(new House());
  await assert.rejects(outside.leaveSeat(), { code: -2101, name: "NOT_IN_ROOM" });
  await assert.rejects(outside.getSeatList(), { code: -2101 });
  const { engine } = await engineIn();
  await assert.rejects(engine.enterRoom({ roomId: "another" }), { code: -2108, name: "IN_OTHER_ROOM" });
  assert.equal((await engine.enterRoom({ roomId: "r" })).roomId, "r", "the same room again");
});

test("a room that cannot be entered says why, and another one can be tried", async () => {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  const way = engine.enterRoom({ roomId: "gone" });
  await settled();
  house.server.line.cut(4004);
  await assert.rejects(way, { code: 100004, name: "NO_ROOM" });
  await house.welcome(engine.enterRoom({ roomId: "r" }));
  assert.equal((await engine.fetchRoomInfo()).roomName, "Open mic");
});

test("two calls at once enter once, and both wait for the room", async () => {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  const both = Promise.all([engine.enterRoom({ roomId: "r" }), engine.enterRoom({ roomId: "r" })]);
  const infos = await house.welcome(both);
  assert.deepEqual(
    infos.map(({ roomId }) => roomId),
    ["r", "r"],
  );
  assert.equal(house.server.lines.length, 1);
});

test("the opener asks for the ticket of that room and goes to its socket", async () => {
  /** @type {string[]} */
  const asked = [];
  const urls = /** @type {string[]} */ ([]);
  class Socket extends EventTarget {
    /** @param {URL} url */
    constructor(url) {
      super();
      urls.push(String(url));
    }
    close() {}
  }
  const former = globalThis.WebSocket;
  Object.assign(globalThis, { WebSocket: Socket });
  const fetchTicket = async (/** @type {string} */ roomId) => (asked.push(roomId), "t");
  for (const server of ["wss://live.example", "wss://live.example/mic", "wss://live.example/mic/"]) {
    const { room, isReload } = roomOpener({ server, fetchTicket })("a b", new House().capture);
    room.connect();
    await settled();
    room.disconnect();
    assert.deepEqual([room.windowId.length, isReload], [24, false]);
  }
  Object.assign(globalThis, { WebSocket: former });
  const under = "wss://live.example/mic/ws/rooms/a%20b/";
  assert.deepEqual([asked, urls], [Array(3).fill("a b"), ["wss://live.example/ws/rooms/a%20b/", under, under]]);
});

test("every method of the facades is called by some test", () => {
  const names = readdirSync(import.meta.dirname).filter((name) => /^facade_?(?!names).*\.test\.js$/.test(name));
  const text = names.map((name) => readFileSync(join(import.meta.dirname, name), "utf8")).join("");
  for (const facade of [TUIRoomEngine, EngineMedia, LiveCoreView, CoGuestState, LiveSeatState]) {
    const refused = (REFUSED[facade.name] ?? []).flatMap(({ calls, atOnce = [] }) => [...calls, ...atOnce]);
    for (const method of Object.getOwnPropertyNames(facade.prototype)) {
      if (refused.includes(method)) continue;
      assert.ok(new RegExp(`\\b${method}\\b`).test(text), `${facade.name}.${method}`);
    }
  }
});
