/** The three seconds between the host's yes and being heard. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { COUNT_IN_MS, CountIn } from "../../static/micconnect/ui/count_in.js";
import { Chime } from "../../static/micconnect/ui/chime.js";
import { entryLater, entryNow } from "../../static/micconnect/ui/entry.js";
import { pass, useFakeTime } from "./fake_time.js";
import { connection, liveInfo, myState, request, roomOptions, settled } from "./fakes.js";

const CLOSED = /** @type {const} */ ({ state: "joining", microphone: "closed", camera: "closed" });
const called = (/** @type {object} */ parts = {}) => myState({ connection: connection({ ...CLOSED, ...parts }) });

/** A page as far as counting in needs one. */
class Scene {
  /** @type {any} */
  room = {
    state: { me: myState(), info: liveInfo() },
    isHere: false,
    leaveSeat: async () => void this.told.push("leave"),
  };
  /** @type {string[]} */
  told = [];
  media = {
    capture: { stream: /** @type {object | null} */ (null) },
    deviceState: (/** @type {string} */ device) => this.room.state.me.connection?.[device] ?? "closed",
    setOpen: async (/** @type {string} */ device) => void this.told.push(device),
  };
  announcer = { assertive: () => undefined };
  /** @type {(() => void)[]} */
  listeners = [];
  store = {
    state: { countIn: /** @type {number | null} */ (null) },
    subscribe: (/** @type {() => void} */ listener) => void this.listeners.push(listener),
    update: (/** @type {object} */ changed) => void Object.assign(this.store.state, changed),
  };
  countIn = new CountIn(/** @type {any} */ (this));

  /** @param {string} _name @param {() => Promise<unknown>} task */
  async run(_name, task) {
    await task();
    return true;
  }

  /** @param {object} me @param {{isHere?: boolean, hasDevices?: boolean}} [how] */
  become(me, { isHere = true, hasDevices = true } = {}) {
    this.room.state = { me, info: this.room.state.info };
    this.room.isHere = isHere;
    this.media.capture.stream = hasDevices ? {} : null;
    this.listeners.forEach((listener) => listener());
  }
}

useFakeTime();

test("the devices open three seconds after they are there, and not a moment before", async () => {
  const scene = new Scene();
  scene.countIn.expect({ isMuted: false });
  scene.become(myState({ request: request() }), { hasDevices: false });
  scene.become(called(), { hasDevices: false });
  assert.deepEqual([scene.countIn.isCalled, scene.store.state.countIn], [true, null]);
  await pass(60_000);
  assert.deepEqual(scene.told, [], "the browser asks still");
  scene.become(called());
  assert.equal(scene.store.state.countIn, 3);
  await pass(COUNT_IN_MS - 1);
  assert.deepEqual([scene.told, scene.store.state.countIn], [[], 1]);
  await pass(1);
  await settled();
  assert.deepEqual(
    [scene.told, scene.countIn.isCalled, scene.store.state.countIn],
    [["microphone", "camera"], false, null],
  );
});

test("who starts muted opens the camera alone, a seat for sound no camera, and what is locked stays so", async () => {
  for (const [isMuted, parts, told] of /** @type {const} */ ([
    [true, {}, ["camera"]],
    [false, { media: "audio" }, ["microphone"]],
    [true, { media: "audio" }, []],
    [false, { microphone: "locked" }, ["camera"]],
  ])) {
    const scene = new Scene();
    scene.countIn.expect({ isMuted });
    scene.become(called(parts));
    await pass(COUNT_IN_MS);
    await settled();
    assert.deepEqual(scene.told, told);
  }
});

test("where guests arrive muted the counting opens no microphone", async () => {
  for (const options of [{ isArrivingMuted: true }, { mayUnmute: false }]) {
    const scene = new Scene();
    scene.room.state.info = liveInfo({ options: roomOptions(options) });
    scene.countIn.expect({ isMuted: false });
    scene.become(called());
    await pass(COUNT_IN_MS);
    await settled();
    assert.deepEqual(scene.told, ["camera"]);
  }
});

test("not now gives the seat back and opens nothing, now opens at once", async () => {
  const refused = new Scene();
  refused.countIn.expect({ isMuted: false });
  refused.become(called());
  await refused.countIn.notNow();
  await pass(COUNT_IN_MS);
  assert.deepEqual(refused.told, ["leave"]);
  const hasty = new Scene();
  hasty.countIn.expect({ isMuted: false });
  hasty.become(called());
  await hasty.countIn.goNow();
  await pass(COUNT_IN_MS);
  assert.deepEqual(hasty.told, ["microphone", "camera"]);
});

test("what ends the seat or takes it elsewhere ends the counting, and so does the own hand", async () => {
  for (const [me, isHere] of /** @type {const} */ ([
    [myState(), false],
    [called(), false],
    [called({ microphone: "open" }), true],
    [called({ connectionId: "c9" }), true],
  ])) {
    const scene = new Scene();
    scene.countIn.expect({ isMuted: false });
    scene.become(called());
    scene.become(me, { isHere });
    await pass(COUNT_IN_MS);
    assert.deepEqual([scene.told, scene.countIn.isCalled], [[], false]);
  }
});

test("a device that is lost while counting stops it until there is another one", async () => {
  const scene = new Scene();
  scene.countIn.expect({ isMuted: false });
  scene.become(called());
  await pass(2000);
  scene.become(called(), { hasDevices: false });
  await pass(COUNT_IN_MS);
  assert.deepEqual([scene.told, scene.store.state.countIn], [[], null]);
  scene.become(called());
  await pass(COUNT_IN_MS);
  await settled();
  assert.deepEqual(scene.told, ["microphone", "camera"]);
});

test("only what this page asked for is counted in, and only once", async () => {
  const scene = new Scene();
  scene.become(called());
  assert.equal(scene.countIn.isCalled, false, "it did not ask");
  scene.become(myState());
  scene.countIn.expect({ isMuted: false });
  scene.become(myState(), { isHere: false });
  scene.become(myState({ request: request() }), { isHere: false });
  scene.become(myState(), { isHere: false }); // turned down
  scene.become(called());
  assert.equal(scene.countIn.isCalled, false);
  scene.countIn.expect({ isMuted: false });
  scene.countIn.forget();
  scene.become(called({ connectionId: "c9" }));
  assert.equal(scene.countIn.isCalled, false);
});

test("what is open at first: by the wish, and nothing where it is counted in", () => {
  const wish = (/** @type {boolean} */ isMuted, /** @type {boolean} */ isStraight) =>
    /** @type {any} */ ({ isMuted, isStraight });
  assert.deepEqual([entryNow(wish(false, false)), entryNow(wish(true, false))], ["open", "muted"]);
  assert.deepEqual([entryLater(wish(false, false)), entryLater(wish(true, false))], ["closed", "closed"]);
  assert.deepEqual([entryLater(wish(false, true)), entryLater(wish(true, true))], ["open", "muted"]);
});

test("a sound is made if the browser allows it, and none is missed", () => {
  /** @type {number[]} */
  const tones = [];
  const param = () => ({ value: 0, setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined });
  const node = () => ({ connect: (/** @type {any} */ next) => next });
  const context = {
    state: "running",
    currentTime: 0,
    destination: {},
    resume: async () => void (context.state = "running"),
    createGain: () => ({ ...node(), gain: param() }),
    createOscillator: () => {
      const frequency = param();
      return { ...node(), frequency, start: () => void tones.push(frequency.value), stop: () => undefined };
    },
  };
  const chime = new Chime(() => /** @type {any} */ (context));
  chime.next();
  chime.called();
  assert.deepEqual(tones, [660, 660, 880]);
  context.state = "suspended";
  chime.next();
  assert.equal(tones.length, 3);
  new Chime(() => {
    throw new Error("no AudioContext here");
  }).called();
});
