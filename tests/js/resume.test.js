/** What was missed is found, asked for and told once: gaps, heartbeats, batches, replays, and the way back. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { CloseCode } from "../../static/micconnect/protocol.js";
import { MicRoom } from "../../static/micconnect/room.js";
import { HELLO_MS, PING_MS } from "../../static/micconnect/socket.js";
import { pass, useFakeTime } from "./fake_time.js";
import { FakeServer, connection, frame, liveInfo, myState, request, resumed, roomOptions, snapshot } from "./fakes.js";

useFakeTime();

/** @type {MicRoom[]} */
const rooms = [];
afterEach(() => {
  for (const room of rooms.splice(0)) room.disconnect();
});

/** @param {Parameters<FakeServer["welcome"]>[0]} [parts] */
async function joined(parts) {
  const server = new FakeServer();
  server.chance = 0;
  const room = new MicRoom(server.options());
  rooms.push(room);
  /** @type {string[]} */
  const heard = [];
  room.addEventListener("onUserConnectionExited", (event) => {
    heard.push(/** @type {CustomEvent<{user: {userId: string}}>} */ (event).detail.user.userId);
  });
  room.connect();
  await server.welcome(parts);
  return { server, room, heard };
}

/** @param {FakeServer} server @param {number} [code] */
async function cut(server, code = 1006) {
  server.line.cut(code);
  await pass(1);
}

/** @param {string} title */
const titled = (title) => ({
  type: "onLiveInfoChanged",
  info: liveInfo({ options: roomOptions({ title }) }),
});
/** @param {string} userId */
const exited = (userId) => ({ type: "onUserConnectionExited", user: { userId, userName: userId } });
/** @param {MicRoom} room */
const title = (room) => room.state.info?.options.title;
const asks = (/** @type {FakeServer} */ { line }) => line.sent.filter(({ type }) => type === "resume");
/** @param {Partial<import("../../static/micconnect/protocol.js").Pong>} parts */
const pong = (parts) => ({
  type: "pong",
  ref: null,
  serverTime: "2026-01-01T12:00:20Z",
  seq: 10,
  room: 10,
  staff: 10,
  me: 10,
  ...parts,
});

test("a frame that comes after an unheard one is not taken: what was missed is asked for, once", async () => {
  const { server, room, heard } = await joined();
  server.line.say(frame(11, [titled("eleven"), exited("a")], { after: 9 }));
  server.line.say(frame(13, [titled("thirteen"), exited("c")], { after: 12 }));
  server.line.say(frame(14, [titled("fourteen")], { after: 13 }));
  assert.equal(title(room), "eleven");
  assert.deepEqual(asks(server), [
    { type: "resume", cursors: { epoch: "e", userId: "g", role: "audience", room: 11, staff: 10, me: 10 } },
  ]);
  const frames = [frame(12, [exited("b")]), frame(13, [exited("c")]), frame(14, [titled("fourteen")])];
  server.line.say(resumed({ seq: 15, frames }));
  assert.deepEqual([title(room), room.state.seq, heard], ["fourteen", 15, ["a", "b", "c"]]);
  server.line.say(frame(15, [titled("late")], { after: 14 }));
  server.line.say(frame(16, [titled("sixteen")], { after: 15 }));
  assert.deepEqual([title(room), asks(server).length], ["sixteen", 1]);
});

test("a gap in one lane holds up no other lane", async () => {
  const { server, room } = await joined();
  server.line.say(frame(12, [titled("twelve")], { after: 11 }));
  server.line.say(frame(13, [{ type: "onMyStateUpdated", me: myState({ place: 2 }) }], { lane: "me", after: 3 }));
  assert.deepEqual([title(room), room.state.me?.place, asks(server).length], ["Open mic", 2, 1]);
});

test("a snapshot may answer, too: then the moments of the gap are over", async () => {
  const { server, room, heard } = await joined();
  server.line.say(frame(12, [exited("b")], { after: 11 }));
  server.line.say(snapshot({ seq: 14, viewerCount: 77 }));
  server.line.say(frame(13, [exited("c")], { after: 12 }));
  server.line.say(frame(15, [exited("d")], { after: 13 }));
  assert.deepEqual([room.state.viewerCount, room.state.status.phase, heard], [77, "open", ["d"]]);
  assert.equal(asks(server).length, 1);
});

test("a heartbeat shows what was missed when nothing else is said", async () => {
  for (const parts of [{ room: 12 }, { me: 12 }]) {
    const { server } = await joined();
    await pass(PING_MS);
    assert.deepEqual(server.line.last("ping"), { type: "ping" });
    server.line.say(pong({ seq: 12, ...parts }));
    server.line.say(pong({ seq: 12, ...parts }));
    assert.equal(asks(server).length, 1, JSON.stringify(parts));
  }
});

test("the staff's lane is missed by the staff alone", async () => {
  for (const [role, count] of /** @type {const} */ ([
    ["audience", 0],
    ["moderator", 1],
    ["host", 1],
  ])) {
    const { server } = await joined({ role });
    server.line.say(pong({ seq: 12, staff: 12 }));
    assert.equal(asks(server).length, count, role);
  }
});

test("a heartbeat without news moves the cursors along, so that a quiet lane is not forgotten", async () => {
  const { server, room } = await joined();
  server.line.say(frame(40, [titled("forty")], { after: 5 }));
  server.line.say(pong({ seq: 40, room: 40, staff: 0, me: 0 }));
  await cut(server);
  await server.greet(resumed({ seq: 40 }));
  assert.deepEqual(server.line.last("hello").resume, {
    epoch: "e",
    userId: "g",
    role: "audience",
    room: 40,
    staff: 40,
    me: 40,
  });
  assert.equal(room.state.seq, 40);
});

test("a batch is one change, oldest first; a part of it that is known is left out", async () => {
  const { server, room, heard } = await joined();
  let changes = 0;
  room.addEventListener("change", () => changes++);
  server.line.say({
    type: "batch",
    frames: [
      frame(10, [exited("known")], { after: 9 }),
      frame(11, [exited("a")], { after: 10 }),
      frame(null, [{ type: "onRoomUserCountChanged", count: 99 }]),
      frame(12, [], { after: 11 }),
      frame(13, [titled("thirteen"), exited("b")], { after: 12 }),
    ],
  });
  assert.deepEqual([title(room), room.state.viewerCount, room.state.seq], ["thirteen", 99, 13]);
  assert.deepEqual([heard, changes, asks(server).length], [["a", "b"], 1, 0]);
});

test("a batch that begins after a gap is asked for as a whole", async () => {
  const { server, room, heard } = await joined();
  const lost = [frame(12, [exited("b")], { after: 11 }), frame(13, [titled("thirteen")], { after: 12 })];
  server.line.say({ type: "batch", frames: lost });
  assert.deepEqual([title(room), heard, asks(server)[0].cursors.room], ["Open mic", [], 10]);
});

test("what is told twice is heard once, in each lane by itself", async () => {
  const { server, room, heard } = await joined();
  for (let i = 0; i < 2; i++) {
    server.line.say(frame(11, [exited("a")], { after: 10 }));
    server.line.say(frame(11, [{ type: "onMyStateUpdated", me: myState({ place: 1 }) }], { lane: "me", after: 0 }));
  }
  assert.deepEqual([heard, room.state.me?.place], [["a"], 1]);
});

test("after a cut the missed changes come as one, and their moments once", async () => {
  const { server, room, heard } = await joined();
  server.line.say(frame(11, [exited("a")], { after: 10 }));
  server.line.say(frame(null, [{ type: "onUserVoiceVolumeChanged", volumes: { g: 40 } }]));
  await cut(server);
  let changes = 0;
  room.addEventListener("change", () => changes++);
  const media = /** @type {const} */ ({ family: "sdp", generation: 2, isUp: false, hasRelay: false });
  const frames = [frame(11, [exited("a")]), frame(12, []), frame(13, [titled("thirteen"), exited("b")])];
  await server.greet(resumed({ seq: 14, viewerCount: 44, media, frames }));
  assert.deepEqual(server.line.last("hello").resume, {
    epoch: "e",
    userId: "g",
    role: "audience",
    room: 11,
    staff: 10,
    me: 10,
  });
  assert.deepEqual([title(room), room.state.viewerCount, room.state.seq], ["thirteen", 44, 14]);
  assert.deepEqual([room.state.media, room.state.volumes], [media, {}]);
  assert.deepEqual(heard, ["a", "b"]);
  assert.equal(changes, 2, "the picture, and the status");
  server.line.say(frame(14, [exited("known")], { after: 13 }));
  assert.deepEqual(heard, ["a", "b"]);
});

test("the first hello has nothing to go on from; two cuts in a row go on from the same place", async () => {
  const { server, room, heard } = await joined();
  assert.equal("resume" in server.line.last("hello"), false);
  server.line.say(frame(11, [exited("a")], { after: 10 }));
  await cut(server);
  server.line.open();
  server.line.cut(1006);
  await pass(1000);
  await server.greet(resumed({ seq: 12, frames: [frame(12, [exited("b")])] }));
  assert.equal(server.line.last("hello").resume.room, 11);
  await cut(server);
  await server.greet(resumed({ seq: 12 }));
  assert.equal(server.line.last("hello").resume.room, 12);
  assert.deepEqual([heard, room.state.status.phase], [["a", "b"], "open"]);
});

test("a cut while resume is under way asks again from the same place", async () => {
  const { server, heard } = await joined();
  server.line.say(frame(12, [exited("b")], { after: 11 }));
  await cut(server);
  const frames = [frame(11, [exited("a")]), frame(12, [exited("b")])];
  await server.greet(resumed({ seq: 12, frames }));
  assert.deepEqual([server.line.last("hello").resume.room, heard], [10, ["a", "b"]]);
  server.line.say(frame(14, [], { after: 13 }));
  assert.equal(asks(server).length, 1);
});

test("what comes before the answer to the hello is not lost", async () => {
  const { server, heard } = await joined();
  await cut(server);
  server.line.open();
  server.line.say(frame(13, [exited("c")], { after: 12 }));
  assert.equal(asks(server).length, 0);
  const frames = [frame(12, [exited("b")]), frame(13, [exited("c")])];
  server.line.say(resumed({ seq: 13, frames }));
  assert.deepEqual(heard, ["b", "c"]);
});

test("another epoch or another person begins anew, with numbers of its own", async () => {
  /** @type {Partial<import("../../static/micconnect/protocol.js").Snapshot>[]} */
  const others = [{ epoch: "f" }, { me: myState({ user: { userId: "x", userName: "Xu" } }) }];
  for (const parts of others) {
    const { server, room, heard } = await joined({ seq: 50 });
    server.line.say(frame(51, [exited("a")], { after: 50 }));
    await cut(server);
    await server.welcome({ seq: 3, ...parts });
    server.line.say(frame(4, [exited("b")], { after: 3 }));
    assert.deepEqual([heard, room.state.seq], [["a", "b"], 4]);
    await cut(server);
    await server.greet(resumed({ seq: 4 }));
    const { epoch, room: number } = server.line.last("hello").resume;
    assert.deepEqual([epoch, number], [parts.epoch ?? "e", 4]);
  }
});

test("a snapshot of a process that is a step behind takes the picture back, but tells no moment again", async () => {
  const { server, room, heard } = await joined();
  server.line.say(frame(11, [titled("eleven"), exited("a")], { after: 10 }));
  server.line.say(frame(12, [titled("twelve"), exited("b")], { after: 11 }));
  await cut(server);
  await server.welcome({ seq: 11, info: liveInfo({ options: roomOptions({ title: "eleven" }) }) });
  assert.equal(title(room), "eleven");
  server.line.say(frame(12, [titled("twelve"), exited("b")], { after: 11 }));
  server.line.say(frame(13, [exited("c")], { after: 12 }));
  assert.deepEqual([title(room), heard], ["twelve", ["a", "b", "c"]]);
});

test("a replay of a process that is a step behind takes nothing back", async () => {
  const { server, room, heard } = await joined();
  server.line.say(frame(12, [titled("twelve"), exited("b")], { after: 10 }));
  server.line.say(resumed({ seq: 11 }));
  server.line.say(frame(12, [titled("twelve"), exited("b")], { after: 10 }));
  assert.deepEqual([title(room), room.state.seq, heard], ["twelve", 12, ["b"]]);
});

test("a new name, and a return after a close for good, start from a snapshot", async () => {
  const { server, room } = await joined();
  room.reconnect();
  await server.welcome();
  assert.equal("resume" in server.line.last("hello"), false);
  await cut(server, CloseCode.TAKEN_OVER);
  room.connect();
  await server.welcome();
  assert.equal("resume" in server.line.last("hello"), false);
  await cut(server);
  server.line.open();
  assert.equal(server.line.last("hello").resume.room, 10);
});

const grant = [
  { type: "onMyStateUpdated", me: myState({ isModerator: true }) },
  { type: "onRequestsUpdated", requests: [request()] },
  { type: "onSanctionsUpdated", sanctions: [] },
  { type: "onInviteLinksUpdated", links: [] },
];
const dismissal = [{ type: "onMyStateUpdated", me: myState({ isModerator: false }) }];

test("a new helper hears the staff's lane from the grant on, a former one no more", async () => {
  const { server, room } = await joined();
  server.line.say(frame(15, grant, { lane: "me", after: 0 }));
  server.line.say(frame(15, [{ type: "onRequestsUpdated", requests: [] }], { lane: "staff", after: 9 }));
  assert.equal(room.state.requests?.length, 1, "the grant holds it already");
  server.line.say(frame(16, [{ type: "onRequestsUpdated", requests: [] }], { lane: "staff", after: 14 }));
  assert.deepEqual([room.state.requests, asks(server).length], [[], 0]);
  server.line.say(frame(18, [], { lane: "staff", after: 17 }));
  const cursors = { epoch: "e", userId: "g", role: "moderator", room: 10, staff: 16, me: 15 };
  assert.deepEqual(asks(server), [{ type: "resume", cursors }]);
  server.line.say(resumed({ seq: 18 }));
  let moments = 0;
  room.addEventListener("onDeviceRequested", () => moments++);
  server.line.say(frame(19, dismissal, { lane: "me", after: 15 }));
  server.line.say(frame(21, [{ type: "onDeviceRequested" }], { lane: "staff", after: 20 }));
  assert.deepEqual([room.state.role, room.state.requests, moments, asks(server).length], ["audience", null, 0, 1]);
  server.line.say(frame(30, grant, { lane: "me", after: 19 }));
  server.line.say(frame(31, [{ type: "onDeviceRequested" }], { lane: "staff", after: 29 }));
  assert.deepEqual([room.state.role, moments, asks(server).length], ["moderator", 1, 1]);
});

test("a role that was lost during a cut is lost with the replay", async () => {
  const { server, room } = await joined({ me: myState({ isModerator: true }), requests: [], sanctions: [], links: [] });
  assert.equal(room.state.role, "moderator");
  await cut(server);
  await server.greet(resumed({ seq: 12, frames: [frame(11, dismissal, { lane: "me" })] }));
  assert.equal(server.line.last("hello").resume.role, "moderator");
  assert.deepEqual([room.state.role, room.state.requests, room.state.links], ["audience", null, null]);
});

test("old times in a replay do not set the clock back", async () => {
  const { server, room } = await joined();
  const old = { ...frame(11, [exited("a")]), serverTime: "2026-01-01T11:58:00Z" };
  server.line.say(resumed({ seq: 12, serverTime: "2026-01-01T12:00:00Z", frames: [old] }));
  server.line.say({ ...frame(10, []), serverTime: "2026-01-01T11:58:00Z" });
  assert.ok(room.clock.now() >= Date.parse("2026-01-01T12:00:00Z"));
});

test("open is told with each line, when the picture is whole", async () => {
  const { server, room } = await joined();
  /** @type {unknown[]} */
  const opened = [];
  room.addEventListener("open", () => opened.push(title(room)));
  await cut(server);
  await server.greet(resumed({ seq: 11, frames: [frame(11, [titled("eleven")])] }));
  server.line.say(resumed({ seq: 12 }));
  assert.deepEqual(opened, ["eleven"]);
});

test("a whole room that was cut comes back over a time that fits its size; who is waited for comes at once", async () => {
  const helper = myState({ isModerator: true });
  /** @type {[Parameters<FakeServer["welcome"]>[0], number][]} */
  const cases = [
    [{ viewerCount: 10 }, 1000],
    [{ viewerCount: 500 }, 5000],
    [{ viewerCount: 50_000 }, 20_000],
    [{ viewerCount: 50_000, me: myState({ connection: connection() }) }, 1000],
    [{ viewerCount: 50_000, me: myState({ request: request() }) }, 1000],
    [{ viewerCount: 50_000, me: helper }, 1000],
    [{ viewerCount: 50_000, role: "host" }, 1000],
  ];
  for (const [parts, latest] of cases) {
    for (const chance of [0.5, 1]) {
      const { server, room } = await joined(parts);
      server.chance = chance;
      server.line.cut(1006);
      await pass(latest * chance - 1);
      assert.equal(server.lines.length, 1, JSON.stringify(parts));
      await pass(1);
      assert.equal(server.lines.length, 2, JSON.stringify(parts));
      room.disconnect();
    }
  }
});

test("a replay that never comes is not waited for for ever", async () => {
  const { server, room } = await joined();
  server.line.say(frame(12, [], { after: 11 }));
  await pass(HELLO_MS);
  assert.equal(room.state.status.phase, "waiting");
  await pass(1);
  await server.greet(resumed({ seq: 12 }));
  assert.deepEqual([server.line.last("hello").resume.room, room.state.status.phase], [10, "open"]);
});
