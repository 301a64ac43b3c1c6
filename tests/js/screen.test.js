/** The shared screen: picked first, told to the room, ended by whichever side ends it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { DeviceError } from "../../static/micconnect/media/devices.js";
import { ScreenCapture } from "../../static/micconnect/media/screen.js";
import { connection, myState, settled } from "./fakes.js";
import { FakeStream, FakeTrack, Scene, seated } from "./media_fakes.js";

/** A scene in which this page shares its screen. */
async function sharing() {
  const scene = new Scene(seated);
  await scene.media.openScreen();
  await settled();
  const stream = /** @type {any} */ (scene.media.screen.stream);
  assert.ok(stream);
  return { scene, track: stream.getVideoTracks()[0] };
}

test("a screen is picked first, then opened in the room, then sent on a line of its own", async () => {
  const scene = new Scene(seated);
  await scene.capture.start("video");
  await settled();
  assert.deepEqual(scene.asked, ["publish", "watch", "answer"]);
  scene.devices.getDisplayMedia = async () => {
    assert.deepEqual(scene.told, []);
    return new FakeStream([new FakeTrack("video")]);
  };
  await scene.media.openScreen();
  await settled();
  assert.deepEqual(scene.told, ["screen open"]);
  assert.deepEqual(scene.asked, ["publish", "watch", "answer", "publish screen"]);
  assert.equal(scene.media.deviceState("screen"), "open");
});

test("a screen that is closed here ends its line and is told once", async () => {
  const { scene, track } = await sharing();
  await scene.media.closeScreen();
  assert.deepEqual(scene.told, ["screen open", "screen closed"]);
  assert.equal(track.readyState, "ended");
  assert.equal(scene.peers.at(-1)?.connectionState, "closed");
});

test("the browser's own button ends the sharing for the room too", async () => {
  const { scene, track } = await sharing();
  track.dispatchEvent(new Event("ended"));
  await settled();
  assert.deepEqual(scene.told, ["screen open", "screen closed"]);
  assert.equal(scene.media.screen.stream, null);
});

for (const screen of /** @type {const} */ (["closed", "locked"])) {
  test(`a screen that the room has ${screen} goes dark here and nothing is told back`, async () => {
    const { scene, track } = await sharing();
    await scene.set({ me: myState({ connection: connection({ screen }) }) });
    assert.equal(track.readyState, "ended");
    assert.deepEqual(scene.told, ["screen open"]);
    assert.equal(scene.peers.at(-1)?.connectionState, "closed");
  });
}

test("a screen goes dark with the seat, and with a window that was taken over", async () => {
  for (const end of [{ me: myState() }, { status: { phase: "closed" } }]) {
    const { scene, track } = await sharing();
    await scene.set(end);
    assert.equal(track.readyState, "ended");
  }
});

test("a refusal of the room ends the sharing, a refusal of the person tells the room nothing", async () => {
  const scene = new Scene(seated);
  scene.refusal = new Error("somebody else shares");
  await assert.rejects(scene.media.openScreen(), scene.refusal);
  assert.equal(scene.media.screen.stream, null);
  assert.ok(!scene.asked.includes("publish screen"));
  scene.refusal = null;
  scene.devices.getDisplayMedia = async () => {
    throw Object.assign(new Error(""), { name: "NotAllowedError" });
  };
  await assert.rejects(scene.media.openScreen(), { name: "DeviceError", problem: "refused", what: "screen" });
  assert.deepEqual(scene.told, []);
});

test("a screen picked after the seat was lost is let go", async () => {
  const scene = new Scene(seated);
  await scene.set({});
  const track = new FakeTrack("video");
  scene.devices.getDisplayMedia = async () => {
    await scene.set({ me: myState() });
    return new FakeStream([track]);
  };
  await assert.rejects(scene.media.openScreen(), { problem: "aborted" });
  assert.equal(track.readyState, "ended");
  assert.deepEqual(scene.told, []);
});

test("a screen shared again at once survives the late answer to the end of the one before", async () => {
  const { scene } = await sharing();
  const closing = scene.media.closeScreen();
  const opening = scene.media.openScreen();
  await Promise.all([closing, opening]);
  await settled();
  assert.deepEqual(scene.told, ["screen open", "screen closed", "screen open"]);
  assert.ok(scene.media.screen.stream);
  assert.equal(scene.asked.filter((what) => what === "publish screen").length, 2);
});

test("a browser that cannot share screens says so", async () => {
  await assert.rejects(new ScreenCapture(undefined).start(), DeviceError);
});

test("another media server gets the screen that is still shared", async () => {
  const { scene } = await sharing();
  await scene.set({ media: { family: "sdp", generation: 2, isUp: true, hasRelay: false } });
  assert.equal(scene.asked.filter((what) => what === "publish screen").length, 2);
});
