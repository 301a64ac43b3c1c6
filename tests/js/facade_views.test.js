/** Views: ids of elements, elements and videos, in every call that takes one. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { LiveCoreView } from "../../static/micconnect/facades/live_core_view.js";
import { TUIRoomEngine, TUIVideoStreamType } from "../../static/micconnect/facades/room_engine.js";
import { House, ON_SEAT, UGO, closeHouses, engineIn, hostSeat } from "./facade_house.js";
import { connection, settled } from "./fakes.js";
import { FakeStream, FakeTrack } from "./media_fakes.js";

/** As much of an element as a view needs. */
class FakeElement extends EventTarget {
  style = {};
  dataset = {};
  /** @type {any[]} */
  children = [];
  /** @type {FakeElement | null} */
  parent = null;
  ownerDocument = page;
  querySelectorAll = () => [];

  /** @param {FakeElement[]} children */
  append(...children) {
    for (const child of children) child.parent = this;
    this.children.push(...children);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this);
  }
}

class FakeVideo extends FakeElement {
  srcObject = null;
}

/** @type {Record<string, FakeElement>} */
let elements = {};
const page = {
  addEventListener: () => undefined,
  getElementById: (/** @type {string} */ id) => elements[id] ?? null,
  createElement: (/** @type {string} */ name) => (name === "video" ? new FakeVideo() : new FakeElement()),
};

beforeEach(() => {
  elements = { box: new FakeElement(), other: new FakeElement(), film: new FakeVideo() };
  Object.assign(globalThis, { document: page });
});

afterEach(() => {
  closeHouses();
  Reflect.deleteProperty(globalThis, "document");
});

async function previewing() {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  await engine.openLocalCamera();
  return { house, engine };
}

test("setLocalVideoView takes the id of an element, which gets a video of its own", async () => {
  const { house, engine } = await previewing();
  await engine.setLocalVideoView({ view: "box" });
  const [video] = elements.box?.children ?? [];
  assert.deepEqual([video.srcObject, video.muted, video.autoplay], [house.capture.stream, true, true]);
  await engine.setLocalVideoView({ view: "box" });
  assert.deepEqual(elements.box?.children, [video], "the same view again changes nothing");
  await engine.setLocalVideoView({ view: null });
  assert.deepEqual([elements.box?.children, video.srcObject], [[], null]);
});

test("a view may be an element, a video, the id of a video, or several of them", async () => {
  const { house, engine } = await previewing();
  const stream = house.capture.stream;
  await engine.setLocalVideoView({ view: /** @type {any} */ (elements.box) });
  assert.equal(elements.box?.children[0].srcObject, stream);
  await engine.setLocalVideoView({ view: "film" });
  const film = /** @type {FakeVideo} */ (elements.film);
  assert.deepEqual([film.srcObject, film.children, elements.box?.children], [stream, [], []]);
  await engine.setLocalVideoView({ view: ["film", "other"] });
  assert.deepEqual([film.srcObject, elements.other?.children[0].srcObject], [stream, stream]);
  await engine.setLocalVideoView({ view: "" });
  assert.deepEqual([film.srcObject, elements.other?.children], [null, []]);
});

test("setRemoteVideoView takes ids, and unknown ones are refused without any harm", async () => {
  const { house, engine } = await engineIn({ connectedUsers: [hostSeat, connection({ ...UGO, screen: "open" })] });
  const streams = () => ({ audio: new FakeStream([new FakeTrack("audio")]), video: new FakeStream() });
  const places = new Map([0, 1, "screen"].map((place) => [place, streams()]));
  Object.assign(/** @type {any} */ (house.opened?.media.watch), { streams: places });
  await engine.setRemoteVideoView({ userId: "u", view: "box" });
  await engine.setRemoteVideoView({ userId: "u", streamType: TUIVideoStreamType.kScreenStream, view: "other" });
  const [camera, screen] = [elements.box?.children[0], elements.other?.children[0]];
  assert.deepEqual([camera.srcObject, screen.srcObject], [places.get(1)?.video, places.get("screen")?.video]);
  await assert.rejects(engine.setRemoteVideoView({ userId: "u", view: "nowhere" }), {
    code: -1001,
    name: "BAD_PARAMETER",
    message: /"nowhere"/,
  });
  await assert.rejects(engine.setLocalVideoView({ view: "nowhere" }), { code: -1001 });
  await assert.rejects(engine.setLocalVideoView({ view: /** @type {any} */ (7) }), { code: -1001 });
  assert.equal(camera.srcObject, places.get(1)?.video, "the old view stays");
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat] }]);
  assert.equal(camera.srcObject, null, "the engine goes on");
  const low = TUIVideoStreamType.kCameraStreamLow;
  await engine.setRemoteVideoView({ userId: "u", streamType: low, view: null });
  assert.deepEqual(elements.box?.children, [], "there is one picture of a camera");
  await assert.rejects(engine.setRemoteVideoView({ userId: "u", streamType: 9, view: "box" }), { code: -1001 });
});

test("what stopPlayRemoteVideo stops, startPlayRemoteVideo plays on", async () => {
  const { house, engine } = await engineIn({ connectedUsers: [hostSeat] });
  const video = new FakeStream();
  const places = new Map([[0, { audio: new FakeStream(), video }]]);
  Object.assign(/** @type {any} */ (house.opened?.media.watch), { streams: places });
  await engine.setRemoteVideoView({ userId: "h", streamType: 0, view: "film" });
  await engine.startPlayRemoteVideo({ userId: "h", streamType: 0 });
  const film = /** @type {FakeVideo} */ (elements.film);
  assert.equal(film.srcObject, video);
  await engine.stopPlayRemoteVideo({ userId: "h", streamType: 0 });
  assert.equal(film.srcObject, null);
  await engine.startPlayRemoteVideo({ userId: "h", streamType: 0 });
  assert.equal(film.srcObject, video);
});

test("startScreenSharing shows the own screen in a view, and an unknown one shares nothing", async () => {
  const { house, engine } = await engineIn(ON_SEAT);
  await assert.rejects(engine.startScreenSharing({ view: "nowhere" }), { code: -1001 });
  assert.equal(house.opened?.media.screen.stream, null);
  await engine.startScreenSharing({ view: "box" });
  const mine = connection({ screen: "open" });
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, mine] }]);
  assert.equal(elements.box?.children[0].srcObject, house.opened?.media.screen.stream);
});

test("LiveCoreView takes its container by id", async () => {
  const house = new House();
  const view = new LiveCoreView({ ...house, parts: house.parts, container: "box" });
  await house.welcome(view.joinLiveStream("r"), { connectedUsers: [hostSeat] });
  await settled();
  assert.equal(elements.box?.children.length, 1);
  assert.throws(() => new LiveCoreView({ ...house, container: "nowhere" }), { code: -1001 });
});
