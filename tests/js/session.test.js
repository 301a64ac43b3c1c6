/** Media follows the room: when it watches, when it sends, and when it starts again. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { DeviceError, ask } from "../../static/micconnect/media/devices.js";
import { loudness } from "../../static/micconnect/media/level.js";
import { Watcher } from "../../static/micconnect/media/watch.js";
import { Player } from "../../static/micconnect/ui/player.js";
import { connection, liveInfo, myState, settled } from "./fakes.js";
import { FakePeer, FakeStream, FakeTrack, Scene, seated } from "./media_fakes.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("it watches while the room is live, and not before or after", async () => {
  const scene = new Scene({ info: liveInfo({ status: "idle" }) });
  await scene.set({});
  assert.deepEqual(scene.asked, []);
  await scene.set({ info: liveInfo() });
  assert.deepEqual(scene.asked, ["watch", "answer"]);
  assert.deepEqual(scene.peers[0]?.described, [{ type: "offer", sdp: "server offer" }]);
  await scene.set({ info: liveInfo({ status: "ended" }) });
  assert.equal(scene.media.watch, null);
  assert.equal(scene.peers[0]?.connectionState, "closed");
});

test("people coming and going change nothing about watching", async () => {
  const scene = new Scene();
  await scene.set({});
  await scene.set({ connectedUsers: [connection()] });
  await scene.set({ connectedUsers: [] });
  assert.deepEqual(scene.asked, ["watch", "answer"]);
});

test("it sends with a seat and devices, and lets go of the devices with the seat", async () => {
  const scene = new Scene();
  await scene.set(seated);
  assert.equal(scene.media.publish, null);
  const stream = await scene.capture.start("video");
  await settled();
  assert.ok(scene.asked.includes("publish"));
  await scene.set({ me: myState() });
  assert.equal(scene.media.publish, null);
  assert.equal(scene.capture.stream, null);
  assert.ok(stream.getTracks().every(({ readyState }) => readyState === "ended"));
});

test("another media server, or a new seat, is served anew", async () => {
  const scene = new Scene(seated);
  await scene.capture.start("audio");
  await settled();
  await scene.set({ media: { family: "sdp", generation: 2, isUp: false, hasRelay: false } });
  assert.equal(scene.peers.length, 2, "nothing to talk to yet");
  await scene.set({ media: { family: "sdp", generation: 2, isUp: true, hasRelay: false } });
  assert.equal(scene.peers.length, 4);
  await scene.set({ me: myState({ connection: connection({ connectionId: "c9" }) }) });
  assert.equal(scene.peers.length, 5);
});

test("a failed line is tried again after a growing pause, a short gap is sat out", async () => {
  const scene = new Scene();
  await scene.set({});
  scene.peers[0]?.become("disconnected");
  mock.timers.tick(3999);
  scene.peers[0]?.become("connected");
  mock.timers.tick(10_000);
  assert.equal(scene.peers.length, 1);
  scene.peers[0]?.become("failed");
  mock.timers.tick(999);
  assert.equal(scene.peers.length, 1);
  mock.timers.tick(1);
  await settled();
  assert.equal(scene.peers.length, 2);
  scene.peers[1]?.become("failed");
  mock.timers.tick(1999);
  assert.equal(scene.peers.length, 2);
  mock.timers.tick(1);
  assert.equal(scene.peers.length, 3);
});

test("a line that finds no way, of which a browser says nothing, is tried again after 15 seconds", async () => {
  const scene = new Scene();
  await scene.set({});
  await settled();
  mock.timers.tick(14_999);
  assert.equal(scene.peers[0]?.connectionState, "new");
  mock.timers.tick(1);
  mock.timers.tick(1000);
  await settled();
  assert.equal(scene.peers[0]?.connectionState, "closed");
  scene.peers[1]?.become("connected");
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual([scene.peers.length, scene.peers[1]?.connectionState], [2, "connected"]);
});

test("a line that the server hangs up is made anew, without waiting for the connection to notice", async () => {
  const scene = new Scene();
  await scene.set({});
  scene.peers[0]?.become("connected");
  scene.peers[0]?.become("disconnected");
  scene.peers[0]?.become("connected");
  scene.peers[0]?.hangUp();
  mock.timers.tick(1000);
  await settled();
  assert.equal(scene.peers.length, 2);
  assert.equal(scene.peers[0]?.connectionState, "closed");
});

test("media that leave here and are missed by the room are sent anew, once it has had time to hear them", async () => {
  const scene = new Scene(seated);
  await scene.capture.start("audio");
  await settled();
  const sender = scene.peers[0];
  sender?.become("connected");
  const missed = { me: myState({ connection: connection({ state: "reconnecting" }) }) };
  await scene.set(missed);
  mock.timers.tick(7999);
  await scene.set({ me: myState({ connection: connection({ state: "live" }) }) });
  await scene.set(missed);
  mock.timers.tick(7999);
  await settled();
  assert.equal(scene.asked.filter((what) => what === "publish").length, 1);
  mock.timers.tick(1);
  await settled();
  assert.equal(scene.asked.filter((what) => what === "publish").length, 2);
  assert.equal(sender?.connectionState, "closed");
});

test("after a cut of the socket what is connected goes on, what hung halfway starts anew", async () => {
  const scene = new Scene();
  await scene.set({});
  scene.peers[0]?.become("connected");
  scene.room.dispatchEvent(new Event("open"));
  assert.equal(scene.peers.length, 1);
  scene.peers[0]?.become("connecting");
  scene.room.dispatchEvent(new Event("open"));
  assert.equal(scene.peers.length, 2);
});

test("a window beside the one on air sends nothing and takes nothing; one that loses the seat goes dark", async () => {
  const beside = { me: { ...myState({ connection: connection() }), window: "another" } };
  const scene = new Scene();
  await scene.set({});
  await scene.capture.start("video"); // a look at the devices, when the seat comes to the other window
  await scene.set(beside);
  assert.deepEqual([scene.capture.stream, scene.media.publish], [null, null]);
  assert.ok(!scene.asked.includes("publish"));

  await scene.set(seated); // brought here
  const stream = await scene.capture.start("video");
  await scene.media.screen.start();
  await settled();
  assert.equal(scene.asked.filter((what) => what === "publish").length, 1);
  await scene.set(beside); // and away again
  assert.deepEqual([scene.capture.stream, scene.media.screen.stream, scene.media.publish], [null, null, null]);
  assert.ok(stream.getTracks().every(({ readyState }) => readyState === "ended"));
  assert.equal(scene.media.watch?.isClosed, false, "it goes on watching");
});

test("muting is done here at once; a refusal takes it back; a lock holds it shut", async () => {
  const scene = new Scene(seated);
  await scene.capture.start("video");
  scene.room.setDevice = async () => {
    assert.equal(scene.capture.track("microphone")?.enabled, false);
    assert.equal(scene.media.deviceState("microphone"), "closed");
    throw new Error("refused");
  };
  await assert.rejects(scene.media.setOpen("microphone", false));
  assert.equal(scene.media.deviceState("microphone"), "open");
  assert.equal(scene.capture.track("microphone")?.enabled, true);
  await scene.set({ me: myState({ connection: connection({ camera: "locked" }) }) });
  assert.equal(scene.capture.track("camera")?.enabled, false);
  assert.equal(scene.media.deviceState("camera"), "locked");
});

// -- who sees what ----------------------------------------------------------------------------------------------------

test("whoever becomes a helper, or is none any more, watches anew", async () => {
  const scene = new Scene();
  await scene.set({ role: "moderator" });
  await scene.set({ role: "audience" });
  await scene.set({ role: "audience" });
  assert.equal(scene.asked.filter((what) => what === "watch").length, 2);
  assert.equal(scene.peers[0]?.connectionState, "closed");
});

test("more seats need another watch, fewer do not", async () => {
  const scene = new Scene({ info: liveInfo({ seatCount: 3 }) });
  for (const seatCount of [3, 6, 1, 6]) await scene.set({ info: liveInfo({ seatCount }) });
  assert.equal(scene.asked.filter((what) => what === "watch").length, 2);
});

test("streams stand under their seats, the shared screen under its own name", async () => {
  Object.assign(globalThis, { MediaStream: FakeStream });
  const room = Object.assign(/** @type {any} */ (new EventTarget()), {
    watch: async () => ({
      sdp: "offer",
      watchId: "w",
      slots: [
        { seatIndex: 0, audioMid: "0", videoMid: "1", isScreen: false, picture: null },
        { seatIndex: 1, audioMid: "", videoMid: "2", isScreen: true, picture: null },
      ],
      pictures: [],
    }),
    answer: async () => undefined,
  });
  const peer = /** @type {any} */ (new FakePeer());
  peer.getStats = async () => [{ type: "inbound-rtp", mid: "2", bytesReceived: 9, framesDecoded: 3 }];
  const watcher = new Watcher(room, { open: () => peer });
  await watcher.start();
  for (const [mid, kind] of /** @type {const} */ ([
    ["0", "audio"],
    ["2", "video"],
    [null, "video"],
  ])) {
    peer.dispatchEvent(Object.assign(new Event("track"), { transceiver: { mid }, track: new FakeTrack(kind) }));
  }
  assert.deepEqual([...watcher.streams.keys()], [0, "screen"]);
  assert.equal(watcher.streams.get(0)?.audio.getTracks().length, 1);
  assert.equal(watcher.streams.get("screen")?.video.getTracks().length, 1);
  const stats = await watcher.stats();
  assert.equal(stats.screen?.framesDecoded, 3);
  assert.equal(stats[0]?.framesDecoded, 0);
});

test("a device that cannot do the ideal is asked once more without wishes", async () => {
  /** @type {any[]} */
  const asked = [];
  const devices = /** @type {any} */ ({
    getUserMedia: async (/** @type {any} */ wanted) => {
      asked.push(wanted);
      if (wanted.video?.width) throw Object.assign(new Error(""), { name: "OverconstrainedError" });
      return new FakeStream();
    },
  });
  await ask(devices, { audio: true, video: true });
  assert.deepEqual(asked[1], { audio: true, video: true });
});

test("a browser without devices says so", async () => {
  await assert.rejects(ask(undefined, { audio: true, video: false }), DeviceError);
});

test("devices that come after they were given up are let go", async () => {
  const scene = new Scene();
  const starting = scene.capture.start("audio");
  scene.capture.stop();
  await assert.rejects(starting, { problem: "aborted" });
  assert.equal(scene.capture.stream, null);
});

test("loudness runs from silence to full scale", () => {
  assert.equal(loudness(new Float32Array(64)), 0);
  assert.equal(loudness(new Float32Array(64).fill(1)), 1);
  const half = loudness(new Float32Array(64).fill(0.03));
  assert.ok(half > 0.4 && half < 0.6);
});

test("blocked sound is noticed once, and a touch lets everybody sound, each as loud as set", async () => {
  let isAllowed = false;
  /** @type {any[]} */
  const opened = [];
  const player = new Player(() => {
    const element = {
      srcObject: null,
      volume: 1,
      pause: () => undefined,
      addEventListener: () => undefined,
      play: async () => {
        if (!isAllowed) throw Object.assign(new Error(""), { name: "NotAllowedError" });
      },
    };
    opened.push(element);
    return /** @type {any} */ (element);
  });
  let changes = 0;
  player.addEventListener("change", () => changes++);
  const sounds = new Map([
    ["ann", /** @type {any} */ (new FakeStream())],
    ["bob", /** @type {any} */ (new FakeStream())],
  ]);
  player.sync(sounds, { bob: 0.5 });
  await settled();
  assert.deepEqual([player.isBlocked, changes], [true, 1]);
  isAllowed = true;
  await player.unlock();
  assert.equal(player.isBlocked, false);
  assert.deepEqual(
    opened.map(({ volume }) => volume),
    [1, 0.5],
  );
});
