/** Relays: when they are asked for, for how long an answer counts, and what becomes of lines without one. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { MicError } from "../../static/micconnect/errors.js";
import { MicRoom } from "../../static/micconnect/room.js";
import { FakeServer, settled, snapshot } from "./fakes.js";
import { Scene, seated } from "./media_fakes.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
afterEach(() => mock.timers.reset());

const ICE = { urls: ["turn:t:1"], username: "9:x", credential: "s", seconds: 600, relayOnly: false };
const SERVERS = [{ urls: ["turn:t:1"], username: "9:x", credential: "s" }];
const AWAY = new MicError("TRY_LATER", "Try again.");

/** A scene whose room has relays; `scene.ice` answers, an error refuses. */
class RelayedScene extends Scene {
  /** @type {any} */
  ice = ICE;

  /** @param {object} [parts] */
  constructor(parts) {
    super({ media: { family: "sdp", generation: 1, isUp: true, hasRelay: true }, ...parts });
    this.room.getIceServers = async () => {
      this.asked.push("ice");
      if (this.ice instanceof Error) throw this.ice;
      return this.ice;
    };
    const watch = this.room.watch;
    this.room.watch = () => (this.configured.push(/** @type {any} */ (this.media.watch?.pc).configuration), watch());
  }

  /** @type {any[]} with what each watch was configured when it was asked for */
  configured = [];

  /** The newest watch fails, and is tried again. */
  async again() {
    this.peers.at(-1)?.become("failed");
    mock.timers.tick(8000);
    await settled();
  }
}

test("without relays nobody is asked, and lines are made as ever", async () => {
  const scene = new RelayedScene({ media: { family: "sdp", generation: 1, isUp: true, hasRelay: false } });
  await scene.set({});
  assert.deepEqual(scene.asked, ["watch", "answer"]);
  assert.deepEqual(scene.configured, [null]);
});

test("a line knows the relays before it describes itself; lines that begin together ask once", async () => {
  const scene = new RelayedScene(seated);
  await scene.capture.start("audio");
  await settled();
  assert.deepEqual(scene.asked.toSorted(), ["answer", "ice", "publish", "watch"]);
  assert.equal(scene.asked[0], "ice");
  assert.equal(scene.peers.length, 2);
  for (const { configuration } of scene.peers) {
    assert.deepEqual(configuration, {
      bundlePolicy: "max-bundle",
      iceServers: SERVERS,
      iceTransportPolicy: "all",
    });
  }
  assert.deepEqual(scene.configured[0]?.iceServers, SERVERS);
});

test("an answer is kept until a minute before its end", async () => {
  const scene = new RelayedScene();
  await scene.set({});
  mock.timers.tick(530_000);
  await scene.again();
  assert.equal(scene.peers.length, 2);
  assert.equal(scene.asked.filter((what) => what === "ice").length, 1);
  mock.timers.tick(10_000);
  await scene.again();
  assert.equal(scene.asked.filter((what) => what === "ice").length, 2);
  assert.deepEqual(scene.configured[2]?.iceServers, SERVERS);
});

test("when they cannot be asked for a line is made without them, and the next one asks again", async () => {
  const scene = new RelayedScene();
  scene.ice = AWAY;
  await scene.set({});
  assert.deepEqual(scene.asked, ["ice", "watch", "answer"]);
  assert.equal(scene.configured[0], null);
  scene.ice = ICE;
  await scene.again();
  assert.deepEqual(scene.configured[1]?.iceServers, SERVERS);
});

test("where nothing but relays may be used no line is made without them", async () => {
  const scene = new RelayedScene();
  scene.ice = { ...ICE, relayOnly: true };
  await scene.set({});
  assert.equal(scene.configured[0]?.iceTransportPolicy, "relay");
  mock.timers.tick(600_000);
  scene.ice = AWAY;
  await scene.again();
  assert.deepEqual(scene.asked, ["ice", "watch", "answer", "ice"]);
  scene.ice = { ...ICE, relayOnly: true };
  mock.timers.tick(8000);
  await settled();
  assert.deepEqual(scene.asked.slice(4), ["ice", "watch", "answer"]);
  assert.equal(scene.configured[1]?.iceTransportPolicy, "relay");
});

test("a line that is no longer wanted when the answer comes is not begun", async () => {
  const scene = new RelayedScene();
  /** @type {(ice: object) => void} */
  let tell = () => undefined;
  scene.room.getIceServers = () => new Promise((resolve) => (tell = resolve));
  await scene.set({});
  assert.equal(scene.peers.length, 1);
  scene.media.stop();
  tell(ICE);
  await settled();
  assert.deepEqual(scene.asked, []);
  assert.equal(scene.peers[0]?.configuration, null);
});

test("the room asks the server", async () => {
  const server = new FakeServer();
  server.answers = { getIceServers: { result: { iceServers: ICE } } };
  const room = new MicRoom(server.options());
  room.connect();
  await server.greet(snapshot());
  assert.deepEqual(await room.getIceServers(), ICE);
  room.disconnect();
});
