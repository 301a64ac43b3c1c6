/** Media follows the room: when it watches, when it sends, and when it starts again. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Capture, DeviceError, ask } from "../../static/micconnect/media/devices.js";
import { loudness } from "../../static/micconnect/media/level.js";
import { MicMedia } from "../../static/micconnect/media/session.js";
import { Player } from "../../static/micconnect/ui/player.js";
import { connection, liveInfo, myState, settled, snapshot } from "./fakes.js";

class FakeTrack extends EventTarget {
  readyState = "live";
  enabled = true;

  /** @param {"audio" | "video"} kind */
  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {
    this.readyState = "ended";
  }
}

let streams = 0;
class FakeStream {
  id = `s${++streams}`;

  /** @param {FakeTrack[]} [tracks] */
  constructor(tracks = []) {
    this.tracks = tracks;
  }

  getTracks() {
    return this.tracks;
  }

  getAudioTracks() {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }

  getVideoTracks() {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}

class FakePeer extends EventTarget {
  connectionState = "new";
  /** @type {any[]} */
  described = [];
  createOffer = async () => ({ type: "offer", sdp: "our offer" });
  createAnswer = async () => ({ type: "answer", sdp: "our answer" });
  setLocalDescription = async () => undefined;
  addTransceiver = () => undefined;

  /** @param {any} description */
  async setRemoteDescription(description) {
    this.described.push(description);
  }

  close() {
    this.connectionState = "closed";
  }

  /** @param {string} state */
  become(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

/** A room that the test moves by hand, and the peers that were opened for it. */
class Scene {
  /** @type {FakePeer[]} */
  peers = [];
  /** @type {string[]} */
  asked = [];

  /** @param {object} [parts] */
  constructor(parts) {
    const room = /** @type {any} */ (new EventTarget());
    room.state = { status: { phase: "open" }, ...snapshot(), ...parts };
    room.publish = async () => (this.asked.push("publish"), "server answer");
    room.watch = async () => (this.asked.push("watch"), { sdp: "server offer", watchId: "w", slots: [] });
    room.answer = async () => void this.asked.push("answer");
    room.setDevice = async () => null;
    this.room = room;
    const devices = /** @type {any} */ ({
      getUserMedia: async (/** @type {any} */ { video }) =>
        new FakeStream([new FakeTrack("audio"), ...(video ? [new FakeTrack("video")] : [])]),
    });
    this.capture = new Capture(devices);
    this.media = new MicMedia(room, {
      capture: this.capture,
      open: () => {
        const peer = new FakePeer();
        this.peers.push(peer);
        return /** @type {any} */ (peer);
      },
    });
  }

  /** @param {object} parts */
  async set(parts) {
    this.room.state = { ...this.room.state, ...parts };
    this.room.dispatchEvent(new Event("change"));
    await settled();
  }
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const seated = { me: myState({ connection: connection() }) };

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
  await scene.set({ media: { family: "sdp", generation: 2, isUp: false } });
  assert.equal(scene.peers.length, 2, "nothing to talk to yet");
  await scene.set({ media: { family: "sdp", generation: 2, isUp: true } });
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

test("after a cut of the socket what is connected goes on, what hung halfway starts anew", async () => {
  const scene = new Scene();
  await scene.set({});
  scene.peers[0]?.become("connected");
  scene.room.dispatchEvent(new Event("snapshot"));
  assert.equal(scene.peers.length, 1);
  scene.peers[0]?.become("connecting");
  scene.room.dispatchEvent(new Event("snapshot"));
  assert.equal(scene.peers.length, 2);
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

test("blocked sound is noticed once, and a touch lets all seats sound", async () => {
  let isAllowed = false;
  const player = new Player(
    () =>
      /** @type {any} */ ({
        srcObject: null,
        pause: () => undefined,
        play: async () => {
          if (!isAllowed) throw Object.assign(new Error(""), { name: "NotAllowedError" });
        },
      }),
  );
  let changes = 0;
  player.addEventListener("change", () => changes++);
  const sounds = new Map([
    [0, /** @type {any} */ (new FakeStream())],
    [3, /** @type {any} */ (new FakeStream())],
  ]);
  player.sync(sounds);
  await settled();
  assert.deepEqual([player.isBlocked, changes], [true, 1]);
  isAllowed = true;
  await player.unlock();
  assert.equal(player.isBlocked, false);
});
