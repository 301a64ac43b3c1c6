/** The SDK: state from snapshot and callbacks, events by name, and the clock. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { ServerClock } from "../../static/micconnect/clock.js";
import { CALLBACKS, COMMANDS } from "../../static/micconnect/protocol.js";
import { MicRoom, roleOf, stateOf } from "../../static/micconnect/room.js";
import { FakeServer, connection, frame, liveInfo, myState, request, roomOptions, seats } from "./fakes.js";

/** @type {MicRoom[]} */
const rooms = [];
afterEach(() => {
  for (const room of rooms.splice(0)) room.disconnect();
});

/** @param {Parameters<FakeServer["welcome"]>[0]} [parts] */
async function joined(parts) {
  const server = new FakeServer();
  const room = new MicRoom(server.options());
  rooms.push(room);
  room.connect();
  await server.welcome(parts);
  return { server, room };
}

/** @param {string} title */
const titled = (title) => liveInfo({ options: roomOptions({ title }) });

test("the snapshot is the whole state", async () => {
  const { room } = await joined({ seq: 4, viewerCount: 12, connectedUsers: [connection()] });
  const { info, connectedUsers, me, role, viewerCount, media, requests, seq } = room.state;
  assert.equal(info?.options.title, "Open mic");
  assert.equal(connectedUsers.length, 1);
  assert.deepEqual(
    [me?.user.userId, role, viewerCount, media?.generation, requests, seq],
    ["g", "audience", 12, 1, null, 4],
  );
});

test("a change at or below the snapshot's seq is dropped, a later one counts", async () => {
  const { server, room } = await joined({ seq: 10 });
  const title = (/** @type {string} */ text) => ({ type: "onLiveInfoChanged", info: titled(text) });
  server.line.say(frame(9, [title("older")]));
  server.line.say(frame(10, [title("same")]));
  assert.equal(room.state.info?.options.title, "Open mic");
  server.line.say(frame(11, [title("newer")]));
  assert.equal(room.state.info?.options.title, "newer");
  assert.equal(room.state.seq, 11);
});

test("two lanes of one change both count, though they carry the same seq", async () => {
  const { server, room } = await joined({ seq: 10 });
  server.line.say(frame(11, [{ type: "onConnectedUsersUpdated", connectedUsers: [connection()] }]));
  server.line.say(frame(11, [{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], { lane: "me" }));
  assert.equal(room.state.connectedUsers.length, 1);
  assert.equal(room.state.me?.connection?.connectionId, "c7");
});

test("sampled states without a seq always count, and leave the seq alone", async () => {
  const { server, room } = await joined({ seq: 10 });
  server.line.say(frame(null, [{ type: "onRoomUserCountChanged", count: 99 }]));
  server.line.say(
    frame(null, [
      { type: "onMediaServerChanged", media: { family: "sdp", generation: 2, isUp: false, hasRelay: false } },
    ]),
  );
  server.line.say(frame(null, [{ type: "onUserVoiceVolumeChanged", volumes: { g: 40 } }]));
  server.line.say(frame(null, [{ type: "onUserNetworkQualityChanged", qualities: { g: "poor" } }]));
  assert.equal(room.state.viewerCount, 99);
  assert.equal(room.state.media?.generation, 2);
  assert.deepEqual([room.state.volumes, room.state.qualities], [{ g: 40 }, { g: "poor" }]);
  assert.equal(room.state.seq, 10);
});

test("every callback of the wire is an event of the same name, fired when the state is new already", async () => {
  const { server, room } = await joined();
  /** @type {string[]} */
  const heard = [];
  for (const name of CALLBACKS) room.addEventListener(name, () => heard.push(name));
  let count = 0;
  room.addEventListener("onRoomUserCountChanged", () => (count = room.state.viewerCount));
  server.line.say(
    frame(
      20,
      CALLBACKS.map((type) => ({ type, count: 5, connectedUsers: [] })),
    ),
  );
  assert.deepEqual(heard, [...CALLBACKS]);
  assert.equal(count, 5);
});

test("a callback of a later version changes nothing and hurts nobody", async () => {
  const { server, room } = await joined();
  server.line.say(frame(11, [{ type: "onSomethingNew", info: titled("x") }]));
  assert.equal(room.state.info?.options.title, "Open mic");
});

test("exactly the states replace something", () => {
  const states = CALLBACKS.filter((type) => Object.keys(stateOf(/** @type {any} */ ({ type }))).length > 0);
  assert.deepEqual(
    states,
    CALLBACKS.filter((name) => /^on.*(Changed|Updated)$/.test(name)),
  );
});

test("seats and metadata are in the snapshot, and the newest list replaces them", async () => {
  const { server, room } = await joined({ metadata: { topic: "bass" } });
  assert.equal(room.state.seats.length, 10);
  assert.deepEqual(room.state.metadata, { topic: "bass" });
  server.line.say(
    frame(11, [
      { type: "onSeatListChanged", seats: seats({ 2: { isLocked: true } }) },
      { type: "onRoomMetadataChanged", metadata: {} },
    ]),
  );
  assert.deepEqual(
    room.state.seats.filter(({ isLocked }) => isLocked).map(({ seatIndex }) => seatIndex),
    [2],
  );
  assert.deepEqual(room.state.metadata, {});
});

test("a snapshot forgets volumes and qualities, which belong to the line before", async () => {
  const { server, room } = await joined();
  server.line.say(frame(null, [{ type: "onUserVoiceVolumeChanged", volumes: { g: 40 } }]));
  server.line.say(frame(null, [{ type: "onUserNetworkQualityChanged", qualities: { g: "bad" } }]));
  room.reconnect();
  await server.welcome();
  assert.deepEqual([room.state.volumes, room.state.qualities], [{}, {}]);
});

const link = {
  linkId: "l1",
  media: "audio",
  usesLeft: 1,
  expiresAt: "2026-01-02T12:00:00Z",
  operator: { userId: "h", userName: "Hanna" },
};

const sanction = {
  sanctionId: "x1",
  kind: "mic_bar",
  user: { userId: "u", userName: "Ugo" },
  operator: { userId: "h", userName: "Hanna" },
  createdAt: "2026-01-01T12:00:00Z",
  until: null,
  reason: "other",
  note: "",
  appeal: "",
};

test("a helper gets the staff's lists with the grant, and loses them with its end", async () => {
  const { server, room } = await joined({ me: myState() });
  assert.deepEqual([room.state.role, room.state.requests], ["audience", null]);
  server.line.say(
    frame(
      11,
      [
        { type: "onMyStateUpdated", me: myState({ isModerator: true }) },
        { type: "onRequestsUpdated", requests: [request()] },
        { type: "onSanctionsUpdated", sanctions: [sanction] },
        { type: "onInviteLinksUpdated", links: [link] },
      ],
      { lane: "me" },
    ),
  );
  const lists = () => [room.state.requests, room.state.sanctions, room.state.links].map((list) => list?.length);
  assert.deepEqual([room.state.role, lists()], ["moderator", [1, 1, 1]]);
  server.line.say(frame(12, [{ type: "onRequestsUpdated", requests: [] }], { lane: "staff" }));
  assert.deepEqual(lists(), [0, 1, 1]);
  server.line.say(frame(13, [{ type: "onMyStateUpdated", me: myState({ isModerator: false }) }], { lane: "me" }));
  assert.equal(room.state.role, "audience");
  assert.deepEqual([room.state.requests, room.state.sanctions, room.state.links], [null, null, null]);
  server.line.say(frame(13, [{ type: "onRequestsUpdated", requests: [request()] }], { lane: "staff" }));
  assert.equal(room.state.requests, null, "a frame of the staff that was still on its way");
});

test("roles by ticket stay: a grant moves only audience and helpers", () => {
  /** @param {Parameters<typeof roleOf>[0]} role @param {boolean | null} isModerator */
  const now = (role, isModerator) => roleOf(role, myState({ isModerator }));
  assert.deepEqual(
    [now("host", true), now("host", false), now("moderator", null), now("audience", false)],
    ["host", "host", "moderator", "audience"],
  );
  assert.deepEqual([now("audience", true), now("moderator", false)], ["moderator", "audience"]);
});

/**
 * A call of every command's method, with its fields.
 * @type {Record<import("../../static/micconnect/protocol.js").CommandType, any>}
 */
const CALLS = {
  goLive: { media: "audio" },
  endLive: undefined,
  carryOn: undefined,
  waitLonger: undefined,
  leave: undefined,
  updateRoom: { seatMode: "free", timeLimitS: 60 },
  setMetadata: { entries: { topic: "bass", old: null } },
  apply: { media: "audio", note: "hi", seatIndex: 3, extraInfo: "{}" },
  cancelApplication: undefined,
  respondToApplication: { requestId: "r1", isAccepted: false, reason: "topic", note: "" },
  acceptNext: undefined,
  acceptAll: undefined,
  rejectAll: { reason: "not_now" },
  undoRejectAll: { seq: 4 },
  moveToFront: { requestId: "r1" },
  invite: { userId: "u", timeoutS: 0 },
  cancelInvitation: { requestId: "r2" },
  respondToInvitation: { requestId: "r2", isAccepted: true, media: "audio" },
  createInviteLink: { uses: 2 },
  revokeInviteLink: { linkId: "l1" },
  useInviteLink: { token: "t" },
  takeSeat: { seatIndex: 2 },
  leaveSeat: undefined,
  bringHere: undefined,
  moveSeat: { seatIndex: 2, userId: "u", policy: "swap" },
  placeUser: { userId: "u" },
  disconnectUser: { userId: "u", reason: "time", note: "bye" },
  returnToQueue: { userId: "u" },
  lockSeat: { seatIndex: 1, isLocked: true },
  setSpotlight: { userId: null },
  setTimeLimit: { userId: "u", seconds: 60 },
  setBackstage: { userId: "u", isBackstage: false },
  setReady: { isReady: true },
  setDevice: { device: "camera", isOpen: false },
  lockDevice: { userId: "u", device: "microphone", isLocked: true },
  lockAll: { device: "microphone", isLocked: true },
  undoLockAll: { device: "microphone", seq: 4 },
  askAllToOpen: { device: "microphone" },
  askToOpen: { userId: "u", device: "microphone" },
  askToSpeak: { device: "microphone" },
  setModerator: { userId: "u", isModerator: true },
  barUser: { userId: "u", seconds: 60 },
  banUser: { userId: "u" },
  liftSanction: { sanctionId: "x1" },
  appealBar: { note: "It was not me" },
};

test("each command of the wire is a method of its name, whose one argument holds the fields", async () => {
  const { server, room } = await joined();
  assert.deepEqual(Object.keys(CALLS), [...COMMANDS]);
  for (const type of COMMANDS) {
    void room[type](/** @type {any} */ CALLS[type]).catch(() => undefined);
    const { ref, ...sent } = server.line.sent.at(-1);
    assert.match(ref, /^.{1,40}$/);
    assert.deepEqual(sent, { ...CALLS[type], type });
  }
});

test("what may be left out may be left out, and undefined fields are not sent", async () => {
  const { server, room } = await joined();
  for (const type of /** @type {const} */ (["goLive", "rejectAll", "createInviteLink", "takeSeat"])) {
    void room[type]().catch(() => undefined);
    assert.deepEqual(Object.keys(server.line.sent.at(-1)), ["type", "ref"]);
  }
  void room.apply({ media: "audio", note: undefined }).catch(() => undefined);
  assert.deepEqual(Object.keys(server.line.last("apply")).sort(), ["media", "ref", "type"]);
});

/**
 * Answers the newest command.
 * @param {FakeServer} server
 * @param {object | null} result
 * @param {number} [seq]
 */
const reply = (server, result, seq = 11) =>
  server.line.say({ type: "reply", ref: server.line.sent.at(-1).ref, seq, error: null, result });

test("a method gives what the reply carries", async () => {
  const { server, room } = await joined();
  const asked = room.apply({ media: "video" });
  reply(server, { request: request() });
  assert.equal((await asked)?.requestId, "r5");
  const seated = room.takeSeat();
  reply(server, { connection: connection() });
  assert.equal((await seated)?.connectionId, "c7");
  const all = room.acceptAll();
  reply(server, { accepted: [request()], left: 2 });
  assert.deepEqual([(await all).accepted.length, (await all).left], [1, 2]);
  const rejected = room.rejectAll();
  reply(server, null, 31);
  assert.deepEqual(await rejected, { seq: 31 });
  const muted = room.lockAll({ device: "microphone", isLocked: true });
  reply(server, null, 32);
  assert.deepEqual(await muted, { seq: 32 });
  const made = room.createInviteLink();
  reply(server, { link });
  assert.deepEqual(await made, link);
  const barred = room.barUser({ userId: "u" });
  reply(server, { sanction });
  assert.deepEqual(await barred, sanction);
  const done = room.lockSeat({ seatIndex: 1, isLocked: true });
  reply(server, {});
  assert.equal(await done, undefined);
});

test("the questions give lists and figures", async () => {
  const { server, room } = await joined();
  const looked = room.listViewers({ prefix: "A" });
  assert.equal(server.line.last("listViewers").prefix, "A");
  const viewers = [{ userId: "a", userName: "Ann" }];
  reply(server, { viewers });
  assert.deepEqual(await looked, viewers);
  const counted = room.getSummary();
  const summary = { roomId: "r", durationS: 60, peakViewers: 3, onAir: [], requests: { "application.accepted": 1 } };
  reply(server, { summary });
  assert.deepEqual(await counted, summary);
  const sent = room.publish("v=0", { isScreen: true });
  assert.equal(server.line.last("publish").isScreen, true);
  reply(server, { sdp: "answer" });
  assert.equal(await sent, "answer");
});

test("countdowns follow the server's clock, whatever the device's says", (t) => {
  let now = 1000;
  t.mock.method(performance, "now", () => now);
  const clock = new ServerClock();
  clock.sample("2026-01-01T12:00:00Z");
  assert.equal(clock.secondsLeft("2026-01-01T12:00:30Z"), 30);
  now += 10_400;
  assert.equal(clock.secondsLeft("2026-01-01T12:00:30Z"), 20);
  assert.equal(clock.secondsSince("2026-01-01T12:00:00Z"), 10);
  assert.equal(clock.secondsLeft("2026-01-01T11:00:00Z"), 0);
  assert.equal(clock.secondsLeft(null), null);
});

test("a late frame does not set the clock back, a device that slept does set it forward", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const clock = new ServerClock();
  clock.sample("2026-01-01T12:00:00Z");
  now = 5000;
  clock.sample("2026-01-01T12:00:04Z"); // one second late
  assert.equal(clock.now(), Date.parse("2026-01-01T12:00:05Z"));
  clock.sample("2026-01-01T12:10:00Z");
  assert.equal(clock.now(), Date.parse("2026-01-01T12:10:00Z"));
  clock.sample("2026-01-01T12:00:06Z"); // the server's clock was put right
  assert.equal(clock.now(), Date.parse("2026-01-01T12:00:06Z"));
});
