/** Devices that are taken from the page: what the room is told, what is offered, and what comes back by itself. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { MicError } from "../../static/micconnect/errors.js";
import { connection, myState, settled } from "./fakes.js";
import { FakeStream, Scene, seated } from "./media_fakes.js";

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { MediaStream: FakeStream });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  Reflect.deleteProperty(globalThis, "MediaStream");
});

/** Somebody on a seat, sending. */
async function onAir() {
  const scene = new Scene(seated);
  await scene.capture.start("video");
  await settled();
  scene.peers[0]?.become("connected");
  const track = (/** @type {"microphone" | "camera"} */ device) => /** @type {any} */ (scene.capture.track(device));
  return { scene, track, sent: () => scene.peers[0]?.senders.map((sender) => sender.track?.label) };
}

/**
 * @param {Scene} scene
 * @param {object} parts  of the own connection
 */
function becomes(scene, parts) {
  return scene.set({ me: myState({ connection: { ...scene.room.state.me.connection, ...parts } }) });
}

test("a camera that is unplugged is closed for the room, and another one is offered by its name", async () => {
  const { scene, track } = await onAir();
  scene.devices.present = ["first audio", "other video"];
  track("camera").end();
  await settled();
  assert.deepEqual(scene.told, ["camera closed"]);
  const lost = { label: "first video", reason: "gone", spare: "other video", spareId: "other video" };
  assert.deepEqual(scene.capture.losses.get("camera"), lost);
  assert.equal(scene.media.own.wasLostOpen("camera"), true);
  assert.equal(scene.capture.works("microphone"), true, "the other one goes on");
});

test("a microphone that is gone is closed too, and the line stays", async () => {
  const { scene, track, sent } = await onAir();
  track("microphone").end();
  await settled();
  assert.deepEqual(scene.told, ["microphone closed"]);
  assert.equal(scene.media.deviceState("microphone"), "closed");
  assert.deepEqual([sent(), scene.peers.length], [[undefined, "first video"], 2], "one to send, one to watch");
});

test("another one takes its place on the same line, and nothing else is asked for", async () => {
  const { scene, track, sent } = await onAir();
  const microphone = track("microphone");
  scene.devices.present = ["first audio", "other video"];
  track("camera").end();
  await settled();
  await scene.capture.replace("camera");
  await settled();
  assert.equal(track("microphone"), microphone);
  assert.deepEqual([sent(), scene.peers.length], [["first audio", "other video"], 2]);
  assert.equal(scene.capture.losses.size, 0);
  assert.equal(track("camera").enabled, false, "closed until its owner opens it");
});

test("what is plugged in later is offered as well", async () => {
  const { scene, track } = await onAir();
  scene.devices.present = ["first audio"];
  track("camera").end();
  await settled();
  assert.equal(scene.capture.losses.get("camera")?.spare, "");
  scene.devices.present = ["first audio", "new video"];
  scene.devices.dispatchEvent(new Event("devicechange"));
  await settled();
  assert.equal(scene.capture.losses.get("camera")?.spare, "new video");
});

test("one that still is there was not unplugged", async () => {
  const { scene, track } = await onAir();
  track("camera").end();
  await settled();
  assert.equal(scene.capture.losses.get("camera")?.reason, "stopped");
});

test("leave that was taken back is known as that", async () => {
  const { scene, track } = await onAir();
  mock.getter(globalThis, "navigator", () => ({ permissions: { query: async () => ({ state: "denied" }) } }));
  track("camera").end();
  await settled();
  assert.equal(scene.capture.losses.get("camera")?.reason, "refused");
});

test("devices that ended without a word are found when the page looks", async () => {
  const { scene, track } = await onAir();
  track("camera").readyState = "ended";
  scene.capture.check();
  await settled();
  assert.deepEqual(scene.told, ["camera closed"]);
});

test("the room hears of it as soon as it can", async () => {
  const { scene, track } = await onAir();
  await scene.set({ status: { phase: "waiting" } });
  track("camera").end();
  await settled();
  assert.deepEqual(scene.told, []);
  scene.refusal = new MicError("MEDIA_UNAVAILABLE", "too fast", { temporary: true });
  await scene.set({ status: { phase: "open" } });
  assert.deepEqual(scene.told, []);
  scene.refusal = null;
  mock.timers.tick(2000);
  await settled();
  assert.deepEqual(scene.told, ["camera closed"]);
});

test("a page without devices of its own closes nobody's", async () => {
  const scene = new Scene(seated);
  await scene.set({});
  assert.deepEqual(scene.told, []);
});

test("what the system holds back is closed after a moment and opens by itself", async () => {
  const { scene, track } = await onAir();
  track("microphone").mute(true);
  mock.timers.tick(999);
  await settled();
  assert.deepEqual(scene.told, []);
  mock.timers.tick(1);
  await settled();
  assert.deepEqual(scene.told, ["microphone closed"]);
  assert.equal(scene.media.own.isComingBack("microphone"), true);
  track("microphone").mute(false);
  await settled();
  assert.deepEqual(scene.told, ["microphone closed", "microphone open"]);
  assert.equal(scene.media.own.isComingBack("microphone"), false);
});

test("a flicker of the system is no pause", async () => {
  const { scene, track } = await onAir();
  track("camera").mute(true);
  mock.timers.tick(500);
  track("camera").mute(false);
  mock.timers.tick(5000);
  await settled();
  assert.deepEqual(scene.told, []);
});

for (const [who, meanwhile] of /** @type {const} */ ([
  ["the staff locked and unlocked it", (/** @type {Scene} */ scene) => becomes(scene, { microphone: "locked" })],
  ["another seat was taken", (/** @type {Scene} */ scene) => becomes(scene, { connectionId: "c99" })],
  ["the line was away", (/** @type {Scene} */ scene) => scene.set({ status: { phase: "waiting" } })],
  ["the owner wants it so", async (/** @type {Scene} */ scene) => scene.media.own.stayClosed("microphone")],
])) {
  test(`nothing opens by itself when ${who} meanwhile`, async () => {
    const { scene, track } = await onAir();
    track("microphone").mute(true);
    mock.timers.tick(1000);
    await settled();
    await meanwhile(scene);
    await scene.set({ status: { phase: "open" } });
    await becomes(scene, { microphone: "closed" });
    track("microphone").mute(false);
    await settled();
    assert.deepEqual(scene.told, ["microphone closed"]);
  });
}

test("what was closed before the system held it back stays closed", async () => {
  const { scene, track } = await onAir();
  await scene.set({ me: myState({ connection: connection({ camera: "closed" }) }) });
  track("camera").mute(true);
  mock.timers.tick(1000);
  track("camera").mute(false);
  await settled();
  assert.deepEqual(scene.told, []);
});
