/** The SDK: state from snapshot and callbacks, events by name, and the clock. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { ServerClock } from "../../static/micconnect/clock.js";
import { CALLBACKS, COMMANDS } from "../../static/micconnect/protocol.js";
import { MicRoom, stateOf } from "../../static/micconnect/room.js";
import { FakeServer, connection, liveInfo, myState, request, settled } from "./fakes.js";

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

/**
 * @param {number | null} seq
 * @param {object[]} callbacks
 */
const frame = (seq, callbacks) => ({
  type: "callbacks",
  lane: "room",
  seq,
  serverTime: "2026-01-01T12:00:01Z",
  callbacks,
});

test("the snapshot is the whole state", async () => {
  const { room } = await joined({ seq: 4, viewerCount: 12, connectedUsers: [connection()] });
  const { info, connectedUsers, me, role, viewerCount, media, requests, seq } = room.state;
  assert.equal(info?.title, "Open mic");
  assert.equal(connectedUsers.length, 1);
  assert.deepEqual(
    [me?.user.userId, role, viewerCount, media?.generation, requests, seq],
    ["g", "audience", 12, 1, null, 4],
  );
});

test("a change at or below the snapshot's seq is dropped, a later one counts", async () => {
  const { server, room } = await joined({ seq: 10 });
  const title = (/** @type {string} */ text) => ({ type: "onLiveInfoChanged", info: liveInfo({ title: text }) });
  server.line.say(frame(9, [title("older")]));
  server.line.say(frame(10, [title("same")]));
  assert.equal(room.state.info?.title, "Open mic");
  server.line.say(frame(11, [title("newer")]));
  assert.equal(room.state.info?.title, "newer");
  assert.equal(room.state.seq, 11);
});

test("two lanes of one change both count, though they carry the same seq", async () => {
  const { server, room } = await joined({ seq: 10 });
  server.line.say(frame(11, [{ type: "onConnectedUsersUpdated", connectedUsers: [connection()] }]));
  server.line.say({
    ...frame(11, [{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }]),
    lane: "me",
  });
  assert.equal(room.state.connectedUsers.length, 1);
  assert.equal(room.state.me?.connection?.connectionId, "c7");
});

test("sampled states without a seq always count, and leave the seq alone", async () => {
  const { server, room } = await joined({ seq: 10 });
  server.line.say(frame(null, [{ type: "onRoomUserCountChanged", count: 99 }]));
  server.line.say(
    frame(null, [{ type: "onMediaServerChanged", media: { family: "sdp", generation: 2, isUp: false } }]),
  );
  assert.equal(room.state.viewerCount, 99);
  assert.equal(room.state.media?.generation, 2);
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
  server.line.say(frame(11, [{ type: "onSomethingNew", info: liveInfo({ title: "x" }) }]));
  assert.equal(room.state.info?.title, "Open mic");
});

test("exactly the states replace something", () => {
  const states = CALLBACKS.filter((type) => Object.keys(stateOf(/** @type {any} */ ({ type }))).length > 0);
  assert.deepEqual(
    states,
    CALLBACKS.filter((name) => /^on.*(Changed|Updated)$/.test(name)),
  );
});

test("each command of the wire has its verb, and undefined fields are not sent", async () => {
  const { server, room } = await joined();
  const quiet = (/** @type {Promise<unknown>} */ promise) => void promise.catch(() => undefined);
  quiet(room.goLive());
  quiet(room.endLive());
  quiet(room.leave());
  quiet(room.apply({ media: "audio", note: "hi" }));
  quiet(room.cancelApplication());
  quiet(room.respondToApplication({ requestId: "r1", isAccepted: false, reason: "topic", note: "" }));
  quiet(room.invite({ userId: "u" }));
  quiet(room.cancelInvitation({ requestId: "r2" }));
  quiet(room.respondToInvitation({ requestId: "r2", isAccepted: true, media: "audio" }));
  quiet(room.leaveSeat());
  quiet(room.disconnectUser({ userId: "u", reason: "time", note: "bye" }));
  quiet(room.setDevice({ device: "camera", isOpen: false }));
  quiet(room.lockDevice({ userId: "u", device: "microphone", isLocked: true }));
  await settled();
  const sent = server.line.sent.slice(1);
  assert.deepEqual(
    sent.map(({ type }) => type),
    [...COMMANDS],
  );
  const { ref, ...apply } = server.line.last("apply");
  assert.match(ref, /^.{1,40}$/);
  assert.deepEqual(apply, { type: "apply", media: "audio", note: "hi" });
  assert.deepEqual(Object.keys(server.line.last("goLive")), ["type", "ref"]);
});

test("a verb gives what the reply carries", async () => {
  const { server, room } = await joined();
  const asked = room.apply({ media: "video" });
  server.line.say({
    type: "reply",
    ref: server.line.last("apply").ref,
    seq: 11,
    error: null,
    result: { request: request() },
  });
  assert.equal((await asked)?.requestId, "r5");
  const looked = room.listViewers({ prefix: "A" });
  assert.equal(server.line.last("listViewers").prefix, "A");
  const viewers = [{ userId: "a", userName: "Ann" }];
  server.line.say({
    type: "reply",
    ref: server.line.last("listViewers").ref,
    seq: 11,
    error: null,
    result: { viewers },
  });
  assert.deepEqual(await looked, viewers);
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
