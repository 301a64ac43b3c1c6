/** Pictures that move between seats, sound without pictures, and who watches when: what the page makes of them. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { MicError } from "../../static/micconnect/errors.js";
import { Watcher } from "../../static/micconnect/media/watch.js";
import { connection, liveInfo, myState, settled } from "./fakes.js";
import { FakePeer, FakeStream, FakeTrack, Scene, seated } from "./media_fakes.js";

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { MediaStream: FakeStream });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

/**
 * The slots of a room: a sound for each seat, so many pictures that move, and the screen; all mids by name.
 * @param {number} seats
 * @param {number} pictures
 */
function movingSlots(seats, pictures) {
  return [
    ...Array.from({ length: seats }, (_, seat) => slot({ seatIndex: seat, audioMid: `a${seat}` })),
    ...Array.from({ length: pictures }, (_, picture) => slot({ videoMid: `p${picture}`, picture })),
    slot({ seatIndex: seats, videoMid: "s", isScreen: true }),
  ];
}

/** @param {number} seats */
function fullSlots(seats) {
  return [
    ...Array.from({ length: seats }, (_, seat) =>
      slot({ seatIndex: seat, audioMid: `a${seat}`, videoMid: `v${seat}` }),
    ),
    slot({ seatIndex: seats, videoMid: "s", isScreen: true }),
  ];
}

/** @param {object} parts */
const slot = (parts) => ({ seatIndex: -1, audioMid: "", videoMid: "", isScreen: false, picture: null, ...parts });

/** A watcher of four seats and two pictures whose tracks have come; `answers` is what the room says to the question. */
async function watching(answers = { pictures: [0, 2] }) {
  const room = Object.assign(/** @type {any} */ (new EventTarget()), {
    asked: /** @type {any[]} */ ([]),
    watch: async (/** @type {any} */ what) => {
      room.asked.push(what);
      return { sdp: "offer", watchId: "w", slots: movingSlots(4, 2), ...answers };
    },
    answer: async () => undefined,
  });
  const peer = /** @type {any} */ (new FakePeer());
  const watcher = new Watcher(room, { open: () => peer });
  const move = (/** @type {number[]} */ ...seats) =>
    room.dispatchEvent(new CustomEvent("onPicturesChanged", { detail: { type: "onPicturesChanged", seats } }));
  const start = async () => {
    await watcher.start();
    for (const { audioMid, videoMid } of watcher.slots) {
      const kind = audioMid ? "audio" : "video";
      const track = Object.assign(new FakeTrack(kind), { id: audioMid || videoMid });
      peer.dispatchEvent(Object.assign(new Event("track"), { transceiver: { mid: track.id }, track }));
    }
  };
  return { room, peer, watcher, move, start };
}

/**
 * Which m-line a seat's picture comes from.
 * @param {Watcher} watcher
 * @returns {(string | undefined)[]}
 */
const shown = (watcher) =>
  [0, 1, 2, 3].map((seat) => /** @type {any} */ (watcher.streams.get(seat)?.video.getTracks()[0])?.id);

test("a picture that moves stands under the seat that it shows, and every seat keeps its sound", async () => {
  const { watcher, start } = await watching();
  await start();
  assert.deepEqual([...watcher.streams.keys()], [0, 1, 2, 3, "screen"]);
  assert.deepEqual(shown(watcher), ["p0", undefined, "p1", undefined]);
  assert.deepEqual([watcher.isMoving, watcher.pictureCount], [true, 2]);
  assert.deepEqual(
    [0, 1, 2, 3].map((seat) => watcher.shows(seat)),
    [true, false, true, false],
  );
  for (const seat of [0, 1, 2, 3]) assert.equal(watcher.streams.get(seat)?.audio.getTracks().length, 1);
});

test("a moved picture leaves its seat at once and appears on the new one when nothing old can be seen any more", async () => {
  const { watcher, move, start } = await watching();
  await start();
  const sound = watcher.streams.get(3)?.audio;
  let changes = 0;
  watcher.addEventListener("streams", () => changes++);
  move(0, 3);
  assert.deepEqual(shown(watcher), ["p0", undefined, undefined, undefined]);
  mock.timers.tick(499);
  assert.deepEqual(shown(watcher), ["p0", undefined, undefined, undefined]);
  mock.timers.tick(1);
  assert.deepEqual(shown(watcher), ["p0", undefined, undefined, "p1"]);
  assert.equal(watcher.streams.get(3)?.audio, sound);
  assert.equal(changes, 2);
});

test("of several moves the last one counts, and who stays is not touched", async () => {
  const { watcher, move, start } = await watching();
  await start();
  const video = watcher.streams.get(0)?.video;
  move(0, 1);
  mock.timers.tick(300);
  move(0, -1);
  move(0, 3);
  mock.timers.tick(500);
  assert.deepEqual(shown(watcher), ["p0", undefined, undefined, "p1"]);
  assert.equal(watcher.streams.get(0)?.video, video);
  move();
  mock.timers.tick(500);
  assert.deepEqual(shown(watcher), [undefined, undefined, undefined, undefined]);
  assert.notEqual(watcher.streams.get(0)?.video, watcher.streams.get(1)?.video);
});

test("what is told again changes nothing, also while a picture is on its way to its new seat", async () => {
  const { watcher, move, start } = await watching();
  await start();
  move(0, 3);
  let changes = 0;
  watcher.addEventListener("streams", () => changes++);
  mock.timers.tick(300);
  move(0, 3);
  assert.equal(changes, 0);
  mock.timers.tick(200);
  assert.deepEqual(shown(watcher), ["p0", undefined, undefined, "p1"]);
  move(0, 3);
  assert.equal(changes, 1);
});

test("more seats than pictures are not shown", async () => {
  const { watcher, start } = await watching({ pictures: [3, 1, 0, 2] });
  await start();
  assert.deepEqual(shown(watcher), [undefined, "p1", undefined, "p0"]);
  assert.equal(watcher.shows(0), false);
});

test("a move that was told while the question was on its way counts more than the answer", async () => {
  const { watcher, move, start } = await watching();
  const starting = start();
  move(1, 3);
  await starting;
  assert.deepEqual(shown(watcher), [undefined, "p0", undefined, "p1"]);
});

test("a closed watch hears of no moves", async () => {
  const { watcher, move, start } = await watching();
  await start();
  move(0, 3);
  watcher.close();
  mock.timers.tick(500);
  move(1, 2);
  assert.deepEqual(shown(watcher), ["p0", undefined, undefined, undefined]);
});

test("what came in is told for the seat that a picture shows", async () => {
  const { watcher, peer, start } = await watching();
  await start();
  peer.getStats = async () => [
    { type: "inbound-rtp", mid: "p1", bytesReceived: 9, framesDecoded: 3 },
    { type: "inbound-rtp", mid: "a1", bytesReceived: 5, totalAudioEnergy: 1 },
  ];
  const stats = await watcher.stats();
  assert.deepEqual(Object.keys(stats), ["0", "1", "2", "3", "screen"]);
  assert.deepEqual([stats[2]?.videoBytes, stats[0]?.videoBytes, stats[1]?.videoBytes], [9, 0, 0]);
  assert.equal(stats[1]?.audioBytes, 5);
});

// -- which watch it asks for ------------------------------------------------------------------------------------------

/** How often the room was asked for a watch. @param {Scene} scene */
const watches = (scene) => scene.asked.filter((what) => what === "watch").length;

/**
 * A room that gives the audience two pictures that move, and whoever has a stake all.
 * @param {object} [parts]
 */
function largeRoom(parts) {
  const scene = new Scene(parts);
  scene.room.watch = async () => {
    scene.asked.push("watch");
    const { me, role, info } = scene.room.state;
    const seats = info.seatCount + 1;
    const slots = me.connection || role !== "audience" || seats <= 2 ? fullSlots(seats) : movingSlots(seats, 2);
    return { sdp: "offer", watchId: "w", slots, pictures: [] };
  };
  return scene;
}

test("who takes a seat sees everybody from then on, and with the seat that ends", async () => {
  const scene = largeRoom();
  await scene.set({});
  assert.equal(scene.media.watch?.isMoving, true);
  await scene.set(seated);
  await scene.set({});
  assert.deepEqual([watches(scene), scene.media.watch?.isMoving], [2, false]);
  await scene.set({ me: myState() });
  await scene.set({});
  assert.deepEqual([watches(scene), scene.media.watch?.isMoving], [3, true]);
});

test("in a small room a seat changes nothing about watching", async () => {
  const scene = largeRoom({ info: liveInfo({ seatCount: 1 }) });
  for (const parts of [{}, seated, { me: myState() }]) await scene.set(parts);
  assert.equal(watches(scene), 1);
});

test("with fewer seats than before the audience sees everybody too", async () => {
  const scene = largeRoom();
  await scene.set({});
  await scene.set({ info: liveInfo({ seatCount: 1 }) });
  await scene.set({});
  assert.deepEqual([watches(scene), scene.media.watch?.isMoving], [2, false]);
});

test("a server that gives less than was hoped for is not asked again and again", async () => {
  const scene = largeRoom();
  scene.room.watch = async () => (
    scene.asked.push("watch"),
    { sdp: "offer", watchId: "w", slots: movingSlots(10, 2), pictures: [] }
  );
  await scene.set({});
  for (let i = 0; i < 5; i++) await scene.set(seated);
  assert.equal(watches(scene), 2);
});

test("sound only is another watch, and so are pictures again", async () => {
  const scene = new Scene();
  /** @type {any[]} */
  const asked = [];
  scene.room.watch = async (/** @type {any} */ what) => {
    asked.push(what);
    return { sdp: "offer", watchId: "w", slots: [], pictures: [] };
  };
  await scene.set({});
  scene.media.setPictures(false);
  await settled();
  scene.media.setPictures(false);
  assert.equal(scene.media.watch?.shows(0), false);
  assert.equal(scene.peers[0]?.connectionState, "closed");
  scene.media.setPictures(true);
  await settled();
  assert.deepEqual(asked, [{ hasPictures: true }, { hasPictures: false }, { hasPictures: true }]);
  assert.equal(scene.media.watch?.shows(0), true);
});

// -- when it asks -----------------------------------------------------------------------------------------------------

const second = { media: { family: "sdp", generation: 2, isUp: true, hasRelay: false } };

test("after a restart of the media server the audience comes back spread over a while", async () => {
  mock.method(Math, "random", () => 0.5);
  const scene = new Scene({ viewerCount: 600 });
  await scene.set({});
  await scene.set({ media: { ...second.media, isUp: false } });
  await scene.set(second);
  assert.equal(scene.media.watch, null);
  await scene.set({ viewerCount: 1 });
  mock.timers.tick(2999);
  await scene.set({});
  assert.equal(watches(scene), 1);
  mock.timers.tick(1);
  await settled();
  assert.equal(watches(scene), 2);
  scene.media.setPictures(false);
  await settled();
  assert.equal(watches(scene), 3, "what a person chooses is done at once");
});

test("the staff and people on a seat come back at once", async () => {
  for (const parts of [{ role: "moderator" }, seated]) {
    const scene = new Scene({ viewerCount: 600, ...parts });
    await scene.set({});
    await scene.set(second);
    assert.equal(watches(scene), 2);
  }
});

test("who takes a seat while they wait for their turn watches at once", async () => {
  mock.method(Math, "random", () => 0.5);
  const scene = new Scene({ viewerCount: 600 });
  await scene.set({});
  await scene.set(second);
  assert.equal(watches(scene), 1);
  await scene.set(seated);
  assert.equal(watches(scene), 2);
  mock.timers.tick(20_000);
  await settled();
  assert.equal(watches(scene), 2);
});

test("another server for the room: all lines end and are made anew, though nothing else has changed", async () => {
  mock.method(Math, "random", () => 0.5);
  const guest = new Scene(seated);
  await guest.capture.start("video");
  await settled();
  guest.room.dispatchEvent(new CustomEvent("onMediaMoved", { detail: { type: "onMediaMoved" } }));
  await settled();
  assert.deepEqual(guest.asked, ["publish", "watch", "answer", "publish", "watch", "answer"]);
  assert.deepEqual(
    guest.peers.map(({ connectionState }) => connectionState),
    ["closed", "closed", "new", "new"],
  );
  const viewer = new Scene();
  await viewer.set({});
  viewer.room.dispatchEvent(new CustomEvent("onMediaMoved", { detail: { type: "onMediaMoved" } }));
  assert.equal(viewer.media.watch, null);
  mock.timers.tick(500);
  await settled();
  assert.equal(watches(viewer), 2);
});

test("who is on air sends first, and watches when the server has answered", async () => {
  const scene = new Scene(seated);
  /** @type {(answer: string) => void} */
  let answer = () => undefined;
  scene.room.publish = () => (scene.asked.push("publish"), new Promise((resolve) => (answer = resolve)));
  await scene.capture.start("video");
  await settled();
  await scene.set({});
  assert.deepEqual(scene.asked, ["publish"]);
  answer("server answer");
  await settled();
  assert.deepEqual(scene.asked, ["publish", "watch", "answer"]);
});

test("who cannot send watches all the same, and a running watch goes on meanwhile", async () => {
  const scene = new Scene();
  await scene.set({});
  scene.room.publish = async () => {
    throw new MicError("MEDIA_UNAVAILABLE", "no");
  };
  await scene.set(seated);
  await scene.capture.start("video");
  await settled();
  assert.deepEqual(scene.asked, ["watch", "answer"]);
  await scene.set(second);
  assert.deepEqual(scene.asked, ["watch", "answer", "watch", "answer"]);
});

test("who comes on air in a large room keeps what they see until their own media are on their way", async () => {
  const scene = largeRoom();
  await scene.set({});
  /** @type {(answer: string) => void} */
  let answer = () => undefined;
  scene.room.publish = () => new Promise((resolve) => (answer = resolve));
  await scene.capture.start("video");
  await scene.set(seated);
  await scene.set({ connectedUsers: [connection()] });
  assert.deepEqual([watches(scene), scene.media.watch?.isMoving], [1, true]);
  answer("server answer");
  await settled();
  assert.deepEqual([watches(scene), scene.media.watch?.isMoving], [2, false]);
});
