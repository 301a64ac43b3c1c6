/** What the staff's buttons do: the commands they send, and what can be taken back. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { ERRORS } from "../../static/micconnect/protocol.js";
import { MicRoom } from "../../static/micconnect/room.js";
import { Staff } from "../../static/micconnect/ui/staff_actions.js";
import { FakeServer, connection, frame, liveInfo, myState, request, roomOptions, settled } from "./fakes.js";
import { useFakeTime } from "./fake_time.js";

useFakeTime();

/** @type {Scene[]} */
const scenes = [];

afterEach(() => {
  for (const scene of scenes.splice(0)) scene.room.disconnect();
});

/** A page as far as the staff needs one. */
class Scene {
  server = new FakeServer();
  room = new MicRoom(this.server.options());
  /** @type {{text: string, undo?: () => void, ms?: number}[]} */
  toasts = [];
  /** @type {string[]} what was read out */
  said = [];
  /** @type {any} */
  own = { sheet: null, prefix: "", picked: new Set(), viewers: null, health: [], missed: [], clearedAt: "" };
  /** @type {(() => void)[]} */
  listeners = [];
  config = { roomId: "r" };
  announcer = { polite: (/** @type {string} */ text) => void (text && this.said.push(text)) };
  store = {
    subscribe: (/** @type {() => void} */ listener) => void this.listeners.push(listener),
    update: (/** @type {object} */ changed) => void Object.assign(this.own, changed),
  };
  staff = new Staff(/** @type {any} */ (this));

  constructor() {
    scenes.push(this);
    this.server.answers = {};
    this.room.addEventListener("change", () => this.listeners.forEach((listener) => listener()));
  }

  get state() {
    return { ...this.own, room: this.room.state };
  }

  /** @param {object} sheet */
  open(sheet) {
    this.own.sheet = sheet;
  }

  close() {
    this.own.sheet = null;
  }

  /** @param {string} text @param {{undo?: () => void, ms?: number}} [options] */
  toast(text, options) {
    this.toasts.push({ text, ...options });
  }

  closeToast() {
    this.toasts.pop();
  }

  /** @param {string} _name @param {() => Promise<unknown>} task */
  async run(_name, task) {
    await task();
    return true;
  }

  /** @param {Parameters<FakeServer["welcome"]>[0]} parts */
  async come(parts) {
    this.room.connect();
    await this.server.welcome({ role: "host", requests: [], sanctions: [], links: [], ...parts });
  }

  #seq = 20;
  /** @param {object} callback @param {"room" | "staff" | "me"} [lane] */
  async tell(callback, lane = "room") {
    this.server.line.say(frame(this.#seq++, [callback], { lane }));
    await settled();
  }

  /** @param {string[]} types  the commands of these kinds that were sent, in order */
  sent(...types) {
    return this.server.line.sent.filter(({ type }) => types.includes(type)).map(({ ref, ...fields }) => fields);
  }
}

const guests = [connection(), connection({ userId: "u", userName: "Ugo", seatIndex: 2, connectionId: "c8" })];

test("muting all can be taken back for a minute, by the number of the change", async () => {
  const scene = new Scene();
  await scene.come({ connectedUsers: guests });
  await scene.staff.shutAll("microphone");
  const [toast] = scene.toasts;
  assert.deepEqual([toast?.text, toast?.ms], ["2 guests muted.", 60_000]);
  toast?.undo?.();
  await settled();
  assert.deepEqual(scene.toasts, []);
  assert.deepEqual(scene.sent("lockAll", "undoLockAll"), [
    { type: "lockAll", device: "microphone", isLocked: true },
    { type: "undoLockAll", device: "microphone", seq: 10 },
  ]);
});

test("where nobody was left to be muted there is nothing to take back", async () => {
  const scene = new Scene();
  await scene.come({ connectedUsers: guests.map((guest) => ({ ...guest, microphone: "locked" })) });
  await scene.staff.shutAll("microphone");
  assert.deepEqual(scene.toasts, [{ text: "Everybody is muted already." }]);
});

test("all are asked to unmute with one command", async () => {
  const scene = new Scene();
  await scene.come({ connectedUsers: guests });
  await scene.staff.askAll();
  assert.deepEqual(scene.sent("askAllToOpen"), [{ type: "askAllToOpen", device: "microphone" }]);
  assert.equal(scene.toasts.length, 1);
});

test("a helper who carries on ends the live, and is not asked any more once the host is back", async () => {
  const scene = new Scene();
  const user = { userId: "u", userName: "Ugo" };
  const hostAwaySince = "2026-01-01T12:00:00Z";
  const info = liveInfo({ moderators: [user], hostAwaySince, carriedOnBy: user });
  await scene.come({ role: "moderator", me: myState({ user, isModerator: true }), info });
  scene.staff.open({ kind: "end" });
  await scene.tell({ type: "onRoomMetadataChanged", metadata: {} });
  assert.deepEqual(scene.own.sheet, { kind: "end" });
  await scene.tell({ type: "onLiveInfoChanged", info: liveInfo({ moderators: [user] }) });
  assert.equal(scene.own.sheet, null);
  scene.staff.open({ kind: "end" });
  await scene.staff.endLive();
  assert.deepEqual([scene.sent("endLive").length, scene.own.sheet], [1, null]);
});

const ugo = { userId: "u", userName: "Ugo" };
const declined = request({
  kind: "invitation",
  user: ugo,
  state: "rejected",
  endedAt: "2026-01-01T12:00:00.5Z",
});

test("an invitation that is declined is said and listed, also after a reload, until it is put away or asked again", async () => {
  const scene = new Scene();
  scene.server.answers = { listMissed: { result: { missed: [] } } };
  await scene.come({});
  scene.server.answers = { listMissed: { result: { missed: [declined] } } };
  await scene.tell({ type: "onUserConnectionRejected", request: declined }, "staff");
  assert.deepEqual(scene.said, ["\u2068Ugo\u2069 declined the invitation."]);
  assert.deepEqual(scene.own.missed, [declined]);

  const reloaded = new Scene();
  reloaded.server.answers = scene.server.answers;
  await reloaded.come({});
  assert.deepEqual(reloaded.own.missed, [declined], "the page asks at the start");
  const open = request({ kind: "invitation", user: ugo, requestId: "r6" });
  await reloaded.tell({ type: "onRequestsUpdated", requests: [open] }, "staff");
  assert.deepEqual(reloaded.own.missed, []);

  scene.staff.clearMissed();
  assert.equal(scene.own.clearedAt, declined.endedAt);
  const later = new Scene();
  later.server.answers = scene.server.answers;
  await later.come({});
  await later.tell({ type: "onRoomMetadataChanged", metadata: {} });
  assert.deepEqual(later.own.missed, [], "put away for good");
});

test("what the staff did itself, and what a helper's own request came to, is no news to it", async () => {
  const scene = new Scene();
  await scene.come({ role: "moderator", me: myState({ user: ugo, isModerator: true }) });
  const before = scene.sent("listMissed").length;
  await scene.tell({ type: "onUserConnectionTimeout", request: { ...declined, state: "timeout" } }, "staff");
  const cancelled = request({ state: "cancelled" });
  await scene.tell({ type: "onUserConnectionCancelled", request: cancelled }, "staff");
  assert.deepEqual([scene.said, scene.sent("listMissed").length - before], [[], 0]);
});

test("a new time on air is given to all who are on air, and whoever has just left is passed over", async () => {
  const scene = new Scene();
  await scene.come({ connectedUsers: guests, info: liveInfo({ options: roomOptions({ timeLimitS: 120 }) }) });
  scene.server.answers = { setTimeLimit: { error: { code: "NOT_ON_SEAT", ...ERRORS.NOT_ON_SEAT, details: {} } } };
  await scene.staff.limitAll();
  assert.deepEqual(scene.sent("setTimeLimit"), [
    { type: "setTimeLimit", userId: "g", seconds: 120 },
    { type: "setTimeLimit", userId: "u", seconds: 120 },
  ]);
  assert.equal(scene.toasts.at(-1)?.text, "Everybody on air has 2 minutes from now.");
  scene.server.answers = { setTimeLimit: { error: { code: "TRY_LATER", ...ERRORS.TRY_LATER, details: {} } } };
  await assert.rejects(scene.staff.limitAll(), { code: "TRY_LATER" });
  assert.equal(scene.toasts.length, 1);
});
