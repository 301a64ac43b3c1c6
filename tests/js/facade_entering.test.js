/** The way into rooms by a facade: what keeps somebody out, several entries, and what whoever comes late is told. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { CoGuestState, GuestEvent } from "../../static/micconnect/facades/co_guest.js";
import { LiveCoreView } from "../../static/micconnect/facades/live_core_view.js";
import { TUIErrorCode, TUIRoomEngine } from "../../static/micconnect/facades/room_engine.js";
import { MicError } from "../../static/micconnect/errors.js";
import { ERRORS } from "../../static/micconnect/protocol.js";
import { GIL, HOST, House, UGO, aMoment, closeHouses, engineIn, hostSeat, ownInvitation } from "./facade_house.js";
import { connection, liveInfo, myState, request, seats, settled } from "./fakes.js";

afterEach(closeHouses);

/** @typedef {(house: House) => Promise<unknown>} Way */

/** @type {[string, Way][]} */
const WAYS = [
  ["enterRoom", (house) => new TUIRoomEngine(house).enterRoom({ roomId: "r" })],
  ["createRoom", (house) => new TUIRoomEngine(house).createRoom({ roomId: "r" })],
  ["joinLiveStream", (house) => new LiveCoreView(house).joinLiveStream("r")],
  ["startLiveStream", (house) => new LiveCoreView(house).startLiveStream({ roomId: "r" })],
];

for (const [name, way] of WAYS) {
  test(`${name} with a ticket that is not accepted rejects with -1002, and the page is outside`, async () => {
    const house = new House();
    const entering = way(house);
    const rejected = assert.rejects(entering, { code: -1002, name: "BAD_TICKET", message: ERRORS.BAD_TICKET.message });
    await settled();
    house.server.line.open();
    house.server.line.say({
      type: "reply",
      ref: null,
      seq: null,
      error: { code: "BAD_TICKET", ...ERRORS.BAD_TICKET, details: {} },
    });
    house.server.line.cut(4001);
    await rejected;
    assert.equal(house.opened?.room.state.status.phase, "closed", "no further ticket is asked for");
  });

  test(`${name} rejects with -1002 when fetchTicket fails, and says why`, async () => {
    const house = new House();
    house.server.ticketError = new Error("My backend is down.");
    await assert.rejects(way(house), { code: -1002, name: "TICKET", message: /My backend is down\./ });
  });
}

test("a ticket that is refused for good is a ticket's error too, and the next entry may succeed", async () => {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  house.server.ticketError = new MicError("TICKET", "Log in again, then reload this page.");
  await assert.rejects(engine.enterRoom({ roomId: "r" }), { code: -1002, name: "TICKET", message: /Log in again/ });
  await assert.rejects(engine.getSeatList(), { code: -2101 });
  house.server.ticketError = null;
  const info = await house.welcome(engine.enterRoom({ roomId: "r" }));
  assert.equal(info.roomId, "r");
});

test("a close of 4001 without a word is a ticket's error too", async () => {
  const house = new House();
  const entering = new TUIRoomEngine(house).enterRoom({ roomId: "r" });
  await settled();
  house.server.line.cut(4001);
  await assert.rejects(entering, { code: -1002, name: "BAD_TICKET" });
});

test("somebody banned is told so, with until when", async () => {
  const house = new House();
  const entering = new TUIRoomEngine(house).enterRoom({ roomId: "r" });
  await settled();
  const details = { until: "2026-01-02T00:00:00Z" };
  house.server.line.open();
  house.server.line.say({
    type: "reply",
    ref: null,
    seq: null,
    error: { code: "BANNED", ...ERRORS.BANNED, details },
  });
  house.server.line.cut(4011);
  await assert.rejects(entering, { code: 100016, name: "BANNED", details });
});

test("a server out of reach is tried three times, then told; a crowd at the door is waited for", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const house = new House();
  const entering = new TUIRoomEngine(house).enterRoom({ roomId: "r" });
  const rejected = assert.rejects(entering, {
    code: TUIErrorCode.ERR_LIVE_REQUEST_SERVER_TIMEOUT,
    name: "SOCKET_LOST",
  });
  for (let tries = 1; tries <= 3; tries++) {
    await settled();
    assert.equal(house.server.lines.length, tries);
    house.server.line.cut(1006);
    t.mock.timers.tick(60_000);
  }
  await rejected;

  const patient = new House();
  let isIn = false;
  const waiting = new TUIRoomEngine(patient).enterRoom({ roomId: "r" }).then(() => (isIn = true));
  for (let tries = 0; tries < 5; tries++) {
    await settled();
    const error = { code: "COME_BACK", ...ERRORS.COME_BACK, details: { retryInMs: 500 } };
    patient.server.line.open();
    patient.server.line.say({ type: "reply", ref: null, seq: null, error });
    t.mock.timers.tick(500);
  }
  assert.equal(isIn, false);
  await patient.welcome(waiting);
  assert.ok(isIn);
});

test("a room without a name is refused before anything is sent", async () => {
  for (const roomId of ["", undefined, 7]) {
    const engine = new TUIRoomEngine(new House());
    await assert.rejects(engine.enterRoom({ roomId: /** @type {any} */ (roomId) }), { code: -2105 });
  }
});

test("one engine enters, leaves and enters again, each time as if for the first time", async () => {
  const { house, engine, events } = await engineIn({ connectedUsers: [hostSeat] });
  for (const [viewers, roomId] of /** @type {[number, string][]} */ ([
    [8, "r"],
    [9, "s"],
  ])) {
    await engine.exitRoom();
    await assert.rejects(engine.getSeatList(), { code: -2101 });
    await house.welcome(engine.enterRoom({ roomId }), { connectedUsers: [hostSeat] });
    assert.equal((await engine.getSeatList()).length, 10);
    await house.tell([{ type: "onRoomUserCountChanged", count: viewers }]);
  }
  assert.deepEqual(
    events("onRoomUserCountChanged").map(({ userCount }) => userCount),
    [8, 9],
  );
});

test("the same room object may be opened again: events come once, and old pictures are no news", async () => {
  const house = new House();
  const { room, media } = house.open("r", house.capture);
  const engine = new TUIRoomEngine({ open: () => ({ room, media }), parts: house.parts });
  /** @type {[string, any][]} */
  const heard = [];
  engine.on("onRoomNameChanged", (event) => heard.push(["name", event]));
  engine.on("onRoomUserCountChanged", (event) => heard.push(["count", event.userCount]));
  engine.on("onUserAudioStateChanged", (event) => heard.push(["audio", event.userId]));
  for (let entry = 1; entry <= 3; entry++) {
    const options = { ...liveInfo().options, title: `Night ${entry}` };
    const parts = { connectedUsers: [hostSeat], info: liveInfo({ options }) };
    await house.welcome(engine.enterRoom({ roomId: "r" }), parts);
    await aMoment();
    await house.tell([{ type: "onRoomUserCountChanged", count: entry }]);
    assert.equal((await engine.fetchRoomInfo()).roomName, `Night ${entry}`);
    await engine.exitRoom();
  }
  assert.deepEqual(heard, [
    ["audio", "h"],
    ["count", 1],
    ["audio", "h"],
    ["count", 2],
    ["audio", "h"],
    ["count", 3],
  ]);
});

test("LiveCoreView may leave and join again, and tells everybody as new each time", async () => {
  const house = new House();
  const { room, media } = house.open("r", house.capture);
  const view = new LiveCoreView({ open: () => ({ room, media }), parts: house.parts });
  /** @type {string[][]} */
  const joined = [];
  view.registerConnectionObserver({ onConnectedUsersUpdated: (_, came) => joined.push(came.map((u) => u.userName)) });
  for (let entry = 0; entry < 2; entry++) {
    await house.welcome(view.joinLiveStream("r"), { connectedUsers: [hostSeat] });
    await view.leaveLiveStream();
  }
  assert.deepEqual(joined, [["Hanna"], ["Hanna"]]);
});

test("a store goes on with its room through leaving and coming back", async () => {
  const house = new House();
  const { room } = house.open("r", house.capture);
  const guests = new CoGuestState(room);
  let invitations = 0;
  guests.subscribeEvent(GuestEvent.onHostInvitationReceived, () => invitations++);
  for (let entry = 1; entry <= 2; entry++) {
    room.connect();
    await house.welcome(Promise.resolve(), { connectedUsers: [hostSeat] });
    await house.tell([{ type: "onUserConnectionRequest", request: ownInvitation }], "me");
    assert.deepEqual([invitations, guests.connected[0]?.userName], [entry, "Hanna"]);
    room.disconnect();
  }
});

test("whoever comes late hears which devices are open, also when it listens only after entering", async () => {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  const ugo = connection({ ...UGO, screen: "open", microphone: "locked" });
  const vera = connection({ userId: "v", userName: "Vera", seatIndex: 2, media: "audio", connectionId: "c9" });
  await house.welcome(engine.enterRoom({ roomId: "r" }), { connectedUsers: [hostSeat, ugo, vera] });
  /** @type {[string, any][]} */
  const heard = [];
  for (const name of /** @type {const} */ (["onUserAudioStateChanged", "onUserVideoStateChanged"])) {
    engine.on(name, (event) => heard.push([name, event]));
  }
  await aMoment();
  assert.deepEqual(heard, [
    ["onUserAudioStateChanged", { userId: "h", hasAudio: true, reason: 0 }],
    ["onUserVideoStateChanged", { userId: "h", streamType: 0, hasVideo: true, reason: 0 }],
    ["onUserVideoStateChanged", { userId: "u", streamType: 0, hasVideo: true, reason: 0 }],
    ["onUserVideoStateChanged", { userId: "u", streamType: 1, hasVideo: true, reason: 0 }],
    ["onUserAudioStateChanged", { userId: "v", hasAudio: true, reason: 0 }],
  ]);
  house.opened?.room.reconnect();
  await house.server.welcome({ connectedUsers: [hostSeat, { ...ugo, microphone: "open" }, vera] });
  assert.deepEqual(heard.slice(5), [["onUserAudioStateChanged", { userId: "u", hasAudio: true, reason: 0 }]]);
});

test("the page logs in once, and all engines made without a way into rooms use it", async () => {
  const engine = new TUIRoomEngine();
  await assert.rejects(engine.enterRoom({ roomId: "r" }), { code: -1002, name: "NOT_LOGGED_IN" });
  const old = /** @type {any} */ ({ sdkAppId: 1, userId: "g", userSig: "x" });
  await assert.rejects(TUIRoomEngine.login(old), { code: -1001, message: /fetchTicket/ });
  const house = new House();
  await TUIRoomEngine.login({ open: house.open });
  assert.equal(TUIRoomEngine.getInstance(), TUIRoomEngine.getInstance());
  await house.welcome(TUIRoomEngine.getInstance().enterRoom({ roomId: "r" }), {
    me: myState({ request: request() }),
    seats: seats(),
  });
  assert.deepEqual(await TUIRoomEngine.getSelfInfo(), { ...GIL, avatarUrl: "", customInfo: {} });
  await TUIRoomEngine.logout();
  assert.equal(house.server.line.last("leave").type, "leave");
  await assert.rejects(TUIRoomEngine.getSelfInfo(), { code: -2101 });
  await assert.rejects(engine.enterRoom({ roomId: "r" }), { code: -1002 });
});

test("there is nothing to wait for, so whoever waits for ready is called", async () => {
  let isReady = false;
  TUIRoomEngine.once("ready", () => (isReady = true));
  await settled();
  assert.ok(isReady);
  assert.throws(() => TUIRoomEngine.once("other", () => undefined), { code: -1001 });
});

test("destroy closes the line without a word, so that a seat is kept for a while", async () => {
  const { house, engine } = await engineIn({ me: myState({ user: HOST, connection: hostSeat }) });
  engine.destroy();
  assert.ok(house.server.line.isClosed);
  assert.equal(house.server.line.last("leave"), undefined);
});
