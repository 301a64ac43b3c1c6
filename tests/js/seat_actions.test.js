/** When a page takes the devices by itself: in the window that has the seat, after a press, or a reload of it. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { SeatActions } from "../../static/micconnect/ui/seat_actions.js";
import { MicRoom } from "../../static/micconnect/room.js";
import { FakeServer, WINDOW, connection, frame, liveInfo, myState, request, roomOptions, settled } from "./fakes.js";

/** @type {Scene[]} */
const scenes = [];

afterEach(() => {
  for (const scene of scenes.splice(0)) scene.room.disconnect();
});

/** A page as far as the seat needs one. */
class Scene {
  server = new FakeServer();
  room = new MicRoom(this.server.options());
  /** @type {string[]} what the devices were taken for */
  taken = [];
  /** @type {(() => void)[]} */
  listeners = [];
  /** @type {string[]} the dialogs that were opened */
  sheets = [];
  countIn = { isCalled: false };
  link = { forget: () => undefined, look: async () => this.isLinkEnded };
  isLinkEnded = true;
  /** @type {object[]} what the page was told */
  told = [];
  isBringing = false;
  window = { id: WINDOW, isReload: false, hasPressed: false };
  /** @type {string[]} */
  toasts = [];
  toast = (/** @type {string} */ text) => void this.toasts.push(text);
  media = { capture: { stream: null, media: "" }, stop: () => void this.taken.push("stop") };
  store = {
    subscribe: (/** @type {() => void} */ listener) => void this.listeners.push(listener),
    update: (/** @type {object} */ changed) => void this.told.push(changed),
  };
  seat = new SeatActions(/** @type {any} */ (this));

  constructor() {
    scenes.push(this);
    this.server.answers = {};
    this.room.addEventListener("change", () => this.listeners.forEach((listener) => listener()));
  }

  get state() {
    return { room: this.room.state, sheet: null, check: { media: "audio" }, seatWish: -1, isMuted: false };
  }

  /** @param {{kind: string}} sheet */
  open({ kind }) {
    this.sheets.push(kind);
  }

  /** @param {string} media @param {{isPress?: boolean}} [how] */
  async takeDevices(media, { isPress = true } = {}) {
    if (isPress) this.window.hasPressed = true;
    this.taken.push(media);
  }

  async bringHere() {
    this.window.hasPressed = this.isBringing = true;
    await this.room.bringHere();
    await this.takeDevices("video");
    this.isBringing = false;
  }

  /** @param {string} _name @param {() => Promise<unknown>} task */
  async run(_name, task) {
    await task();
    return true;
  }

  /** @param {object} [me] @param {object} [parts] */
  async come(me = myState(), parts = {}) {
    this.room.connect();
    await this.server.welcome({ me: /** @type {any} */ (me), ...parts });
  }

  #seq = 20;
  /** @param {object} me */
  async become(me) {
    this.server.line.say(frame(this.#seq++, [{ type: "onMyStateUpdated", me }], { lane: "me" }));
    await Promise.resolve();
  }
}

const onAir = myState({ connection: connection() });
const elsewhere = { ...onAir, window: "another" };
const placed = { ...onAir, window: "" };

test("a seat that comes to a window takes the devices there if somebody has pressed, and nowhere else", async () => {
  for (const [hasPressed, me, taken] of /** @type {const} */ ([
    [true, onAir, ["video"]],
    [false, onAir, []],
    [true, elsewhere, []],
    [true, placed, []],
  ])) {
    const scene = new Scene();
    scene.window.hasPressed = hasPressed;
    await scene.come(myState({ request: request() }));
    await scene.become(me);
    await scene.become(me);
    assert.deepEqual(scene.taken, taken);
  }
});

test("a reload takes again what the window had when it came, and nothing that comes later", async () => {
  for (const [isReload, first, then, taken] of /** @type {const} */ ([
    [true, onAir, onAir, ["video"]],
    [false, onAir, onAir, []],
    [true, elsewhere, elsewhere, []],
    [true, myState({ request: request() }), onAir, []],
    [true, onAir, myState({ connection: connection({ connectionId: "c9" }) }), ["video"]],
  ])) {
    const scene = new Scene();
    scene.window.isReload = isReload;
    await scene.come(first);
    await scene.become(then);
    assert.deepEqual(scene.taken, taken);
  }
});

test("what a reload takes is no press: the next seat waits for one", async () => {
  const scene = new Scene();
  scene.window.isReload = true;
  await scene.come(onAir);
  await scene.become(myState());
  await scene.become(myState({ connection: connection({ connectionId: "c9" }) }));
  assert.deepEqual([scene.taken, scene.window.hasPressed], [["video"], false]);
});

test("a guest whose seat is for sound from now on lets the camera go, once, and is told", async () => {
  const scene = new Scene();
  scene.window.hasPressed = true;
  await scene.come(onAir);
  scene.media.capture.media = "video";
  const heard = myState({ connection: connection({ media: "audio", camera: "closed" }) });
  await scene.become(heard);
  await scene.become(heard);
  assert.deepEqual(scene.taken, ["video", "audio"]);
  assert.deepEqual(scene.toasts, ["You are on air by sound only: your camera is off."]);
  const other = new Scene();
  other.media.capture.media = "video";
  await other.come({ ...heard, window: "another" });
  assert.deepEqual(other.taken, [], "in a window that only watches there is nothing to let go");
});

test("a socket that breaks and comes back by itself takes nothing over", async () => {
  const scene = new Scene();
  await scene.come(elsewhere);
  scene.server.line.cut(1006);
  await scene.come(elsewhere);
  assert.deepEqual(scene.taken, []);
  assert.ok(!scene.server.line.sent.some(({ type }) => type === "bringHere"));
});

test("bring here asks the room once and takes the devices once, and so does a second time", async () => {
  const scene = new Scene();
  await scene.come(elsewhere);
  const pressed = scene.seat.bringHere();
  await scene.become(onAir);
  await pressed;
  assert.deepEqual(scene.taken, ["video"]);
  await scene.become(elsewhere);
  await scene.become(onAir); // the seat came back without a press of now, but there was one in this page
  assert.deepEqual(scene.taken, ["video", "video"]);
});

test("whoever asked and is called sits with closed devices, and they are taken to count in", async () => {
  const scene = new Scene();
  scene.window.hasPressed = scene.countIn.isCalled = true;
  await scene.come();
  const shut = /** @type {const} */ ({ state: "joining", microphone: "closed", camera: "closed" });
  await scene.become(myState({ connection: connection(shut) }));
  assert.deepEqual(scene.taken, ["video"]);
});

test("a link that has ended closes the sheet and says so once; any other refusal is the sheet's own", async () => {
  for (const [code, isLinkEnded, isThrown] of /** @type {const} */ ([
    ["NO_SUCH_LINK", true, false],
    ["NO_SUCH_LINK", false, true],
    ["SEATS_FULL", true, true],
  ])) {
    const scene = new Scene();
    scene.isLinkEnded = isLinkEnded;
    await scene.come();
    scene.server.answers = { useInviteLink: { error: { code, message: "no", details: {}, temporary: false } } };
    const done = scene.seat.sit("t");
    if (isThrown) await assert.rejects(done, { code });
    else await done;
    assert.equal(
      scene.told.some((changed) => "sheet" in changed),
      !isThrown,
    );
  }
});

test("a seat to which no way leads back is left after a question only, any other at once", async () => {
  for (const [seatMode, sheets, leaves] of /** @type {const} */ ([
    ["apply", [], 1],
    ["invite_only", ["leaveSeat"], 0],
    ["closed", ["leaveSeat"], 0],
  ])) {
    const scene = new Scene();
    await scene.come(onAir, { info: liveInfo({ options: roomOptions({ seatMode }) }) });
    scene.seat.wantToLeave();
    await settled();
    const sent = scene.server.line.sent.filter(({ type }) => type === "leaveSeat").length;
    assert.deepEqual([scene.sheets, sent], [sheets, leaves]);
  }
});

test("whoever was put back into the queue and is called again is asked with a button", async () => {
  const scene = new Scene();
  scene.window.hasPressed = true;
  await scene.come();
  const shut = /** @type {const} */ ({ state: "joining", microphone: "closed", camera: "closed" });
  await scene.become(myState({ connection: connection(shut) }));
  assert.deepEqual(scene.taken, []);
});
