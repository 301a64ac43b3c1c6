/** The room engine's methods: rooms, seats, people and requests, and the five ends of a request. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { TUIRequestAction, TUIRoomEngine } from "../../static/micconnect/facades/room_engine.js";
import { ERRORS } from "../../static/micconnect/protocol.js";
import {
  AS_HOST,
  HOST,
  House,
  ON_SEAT,
  UGO,
  callbacks,
  closeHouses,
  engineIn,
  hostSeat,
  houses,
  invitation,
  ownInvitation,
} from "./facade_house.js";
import { connection, liveInfo, myState, request, roomOptions, seats, settled } from "./fakes.js";

afterEach(closeHouses);

test("the host goes live with createRoom, ends with destroyRoom, and may not simply exit", async () => {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  const way = engine.createRoom({ roomId: "r", roomName: "Night", seatMode: 1, maxSeatCount: 4 });
  await house.welcome(way, { role: "host", me: myState({ user: HOST }), info: liveInfo({ status: "idle" }) });
  const [update, live] = house.server.line.sent.slice(1);
  assert.deepEqual([update.title, update.seatMode, update.seatCount], ["Night", "free", 4]);
  assert.deepEqual([live.type, live.media], ["goLive", "video"]);
  await house.tell([{ type: "onLiveInfoChanged", info: liveInfo() }]);
  await assert.rejects(engine.exitRoom(), { code: -2102, name: "HOST_MUST_END" });
  const { line } = house.server;
  /** @type {number[]} */
  const reasons = [];
  engine.on("onRoomDismissed", ({ reason }) => reasons.push(reason));
  const ending = engine.destroyRoom();
  await settled();
  assert.equal(line.last("endLive").type, "endLive");
  assert.ok(!line.isClosed, "the end has yet to be heard");
  await house.tell([
    { type: "onLiveInfoChanged", info: liveInfo({ status: "ended" }) },
    { type: "onRoomDismissed", roomId: "r", reason: "host" },
  ]);
  await ending;
  assert.deepEqual([reasons, line.isClosed], [[1], true]);
});

test("whoever exits gives up seat or request, and the room is left", async () => {
  const { house, engine } = await engineIn(ON_SEAT);
  const { line } = house.server;
  await engine.exitRoom();
  assert.equal(line.last("leave").type, "leave");
  assert.ok(line.isClosed);
  await assert.rejects(engine.getSeatList(), { code: -2101 });
});

/** @type {[string, any, any][]} method, argument, what is sent */
const ENGINE_CALLS = [
  ["updateRoomNameByAdmin", { roomName: "New" }, { type: "updateRoom", title: "New" }],
  ["updateRoomSeatModeByAdmin", { seatMode: 2 }, { type: "updateRoom", seatMode: "apply" }],
  ["setRoomMetadataByAdmin", { metadata: { a: "1", b: null } }, { type: "setMetadata", entries: { a: "1", b: null } }],
  ["changeUserRole", { userId: "u", userRole: 1 }, { type: "setModerator", userId: "u", isModerator: true }],
  ["changeUserRole", { userId: "u", userRole: 2 }, { type: "setModerator", userId: "u", isModerator: false }],
  ["kickRemoteUserOutOfRoom", { userId: "u" }, { type: "banUser", userId: "u", seconds: 60 }],
  ["leaveSeat", undefined, { type: "leaveSeat" }],
  ["moveToSeat", { targetSeatIndex: 3 }, { type: "moveSeat", seatIndex: 3 }],
  ["kickUserOffSeatByAdmin", { seatIndex: -1, userId: "u" }, { type: "disconnectUser", userId: "u" }],
  ["kickUserOffSeatByAdmin", { seatIndex: 0 }, { type: "disconnectUser", userId: "h" }],
  [
    "lockSeatByAdmin",
    { seatIndex: 2, lockParams: { lockSeat: true, lockVideo: false } },
    { type: "lockSeat", seatIndex: 2, isLocked: true, isCameraLocked: false },
  ],
  [
    "closeRemoteDeviceByAdmin",
    { userId: "u", device: 1 },
    { type: "lockDevice", userId: "u", device: "microphone", isLocked: true },
  ],
  [
    "disableDeviceForAllUserByAdmin",
    { device: 2, isDisable: true },
    { type: "lockAll", device: "camera", isLocked: true },
  ],
];

for (const [method, argument, sent] of ENGINE_CALLS) {
  test(`the engine's ${method} sends ${sent.type}`, async () => {
    const { house, engine } = await engineIn(AS_HOST);
    await /** @type {any} */ (engine)[method](argument);
    assert.deepEqual(house.sent, sent);
  });
}

test("a microphone is disabled for all users, be they on a seat or not yet, and the room says so", async () => {
  const { house, engine } = await engineIn(AS_HOST);
  await engine.disableDeviceForAllUserByAdmin({ device: 1, isDisable: true });
  const sent = house.server.line.sent.slice(-2).map(({ ref, ...fields }) => fields);
  assert.deepEqual(sent, [
    { type: "updateRoom", mayUnmute: false },
    { type: "lockAll", device: "microphone", isLocked: true },
  ]);
  const info = liveInfo({ options: roomOptions({ mayUnmute: false }) });
  await house.tell([{ type: "onLiveInfoChanged", info }]);
  assert.equal((await engine.fetchRoomInfo()).isMicrophoneDisableForAllUser, true);
});

test("lists and the room's figures come in the seed system's shapes", async () => {
  const { house, engine } = await engineIn({
    ...AS_HOST,
    seats: seats({ 0: { userId: "h" }, 2: { isLocked: true, isCameraLocked: true } }),
    metadata: { a: "1", b: "2" },
    info: liveInfo({ moderators: [UGO], options: roomOptions({ seatMode: "free" }) }),
  });
  const list = await engine.getSeatList();
  assert.deepEqual([list[0]?.index, list[0]?.userName], [0, "Hanna"]);
  assert.deepEqual([list[2]?.isLocked, list[2]?.isVideoLocked, list[2]?.isAudioLocked], [true, true, false]);
  assert.deepEqual(await engine.getRoomMetadata({ keys: ["b"] }), { b: "2" });
  assert.deepEqual(await engine.getRoomMetadata(), { a: "1", b: "2" });
  const { roomName, seatMode, maxSeatCount, ownerId, roomMemberCount } = await engine.fetchRoomInfo();
  assert.deepEqual([roomName, seatMode, maxSeatCount, ownerId, roomMemberCount], ["Open mic", 1, 9, "h", 3]);
  const ugo = { ...UGO, nameCard: "", avatarUrl: "" };
  assert.deepEqual(await engine.getSeatApplicationList(), [
    { ...ugo, fromUser: ugo, requestAction: 4, requestId: "r1", timestamp: 1767268800, content: "{}" },
  ]);
  house.server.answers = { listViewers: { result: { viewers: [UGO] } } };
  const { userInfoList, nextSequence } = await engine.getUserList();
  assert.deepEqual(
    userInfoList.map(({ userId, userRole, hasAudioStream }) => [userId, userRole, hasAudioStream]),
    [
      ["h", 0, true],
      ["u", 1, false],
    ],
  );
  assert.equal(nextSequence, 0);
  const { userId, userName, avatarUrl } = await TUIRoomEngine.getSelfInfo();
  assert.deepEqual([userId, userName, avatarUrl], ["h", "Hanna", ""]);
  await assert.rejects(engine.changeUserRole({ userId: "u", userRole: 0 }), { name: "NOT_OFFERED" });
});

test("applications are the staff's to see", async () => {
  const { engine } = await engineIn();
  await assert.rejects(engine.getSeatApplicationList(), { code: -2301, name: "NEEDS_STAFF" });
});

/** @type {[string, string, any[], Partial<ReturnType<typeof request>>][]} */
const ENDS = [
  ["onUserConnectionAccepted", "onAccepted", ["r5", "h"], { state: "accepted" }],
  ["onUserConnectionRejected", "onRejected", ["r5", "h", "not today"], { state: "rejected", answerNote: "not today" }],
  ["onUserConnectionCancelled", "onCancelled", ["r5", "h"], { state: "void", cause: "barred" }],
  ["onUserConnectionTimeout", "onTimeout", ["r5", "h"], { state: "timeout" }],
];

for (const [type, name, told, end] of ENDS) {
  test(`takeSeat asks, and ${name} hears the end once`, async () => {
    const { house, engine } = await engineIn();
    const { heard, given } = callbacks();
    house.server.answers = { apply: { result: { request: request() } } };
    const asked = await engine.takeSeat({ seatIndex: 4, timeout: 30, media: "audio", ...given });
    assert.deepEqual(house.sent, { type: "apply", media: "audio", seatIndex: 4, timeoutS: 30 });
    assert.deepEqual([asked.requestId, asked.requestAction], ["r5", TUIRequestAction.kRequestToTakeSeat]);
    const ended = request({ operator: HOST, ...end });
    await house.tell([{ type, request: ended }], "me");
    await house.tell([{ type, request: ended }], "me");
    assert.deepEqual(heard.map(([what]) => what).sort(), [name, "requestCallback"]);
    assert.deepEqual(heard.find(([what]) => what === name)?.slice(1), told);
  });
}

test("a refusal is thrown, and told to the fifth callback", async () => {
  const { house, engine } = await engineIn();
  const { heard, given } = callbacks();
  house.server.answers = { apply: { error: { code: "COOL_DOWN", ...ERRORS.COOL_DOWN } } };
  await assert.rejects(engine.takeSeat(given), { code: 100012, name: "COOL_DOWN" });
  const { message } = ERRORS.COOL_DOWN;
  assert.deepEqual(heard, [
    ["requestCallback", { requestCallbackType: 4, requestId: "", userId: "g", code: 100012, message }],
    ["onError", "", "g", 100012, message],
  ]);
});

test("where nobody has to be asked, takeSeat sits down and is accepted at once", async () => {
  const free = liveInfo({ options: roomOptions({ seatMode: "free" }) });
  for (const [parts, seatIndex] of /** @type {[object, number][]} */ ([
    [{ info: free }, -1],
    [{ role: "host" }, 0],
    [{ role: "moderator" }, -1],
  ])) {
    const { house, engine } = await engineIn(parts);
    const { heard, given } = callbacks();
    const asked = await engine.takeSeat(given);
    assert.deepEqual(house.sent, { type: "takeSeat", media: "video", seatIndex });
    assert.equal(asked.requestId, "");
    assert.deepEqual(heard.map(([what]) => what).sort(), ["onAccepted", "requestCallback"]);
  }
});

test("an invitation waits for its answer, and can be withdrawn", async () => {
  const { house, engine } = await engineIn(AS_HOST);
  const first = callbacks();
  house.server.answers = { invite: { result: { request: invitation } } };
  const asked = await engine.takeUserOnSeatByAdmin({ userId: "u", seatIndex: 2, timeout: 10, ...first.given });
  assert.deepEqual(house.sent, { type: "invite", userId: "u", media: "video", seatIndex: 2, timeoutS: 10 });
  assert.equal(asked.requestAction, TUIRequestAction.kRequestRemoteUserOnSeat);
  await house.tell([{ type: "onUserConnectionAccepted", request: { ...invitation, state: "accepted" } }], "staff");
  assert.deepEqual(first.heard.at(-1), ["onAccepted", "r2", "u"]);
  const second = callbacks();
  await engine.takeUserOnSeatByAdmin({ userId: "u", ...second.given });
  await engine.cancelRequest({ requestId: "r2" });
  assert.deepEqual(house.sent, { type: "cancelInvitation", requestId: "r2" });
  assert.deepEqual(second.heard.at(-1), ["onCancelled", "r2", "h"]);
});

test("cancelRequest withdraws the own application", async () => {
  const { house, engine } = await engineIn({ me: myState({ request: request() }) });
  await engine.cancelRequest({ requestId: "r5" });
  assert.deepEqual(house.sent, { type: "cancelApplication" });
  await assert.rejects(engine.cancelRequest({ requestId: "r9" }), { code: -2311, name: "NO_SUCH_REQUEST" });
});

test("what ended while the line was cut is told with the new picture", async () => {
  const { house, engine } = await engineIn();
  const { heard, given } = callbacks();
  house.server.answers = { apply: { result: { request: request() } } };
  await engine.takeSeat(given);
  house.opened?.room.reconnect();
  await house.server.welcome({ me: myState({ lastRequest: request({ state: "rejected", operator: HOST }) }) });
  assert.deepEqual(heard.at(-1), ["onRejected", "r5", "h", ""]);
});

test("an invitation that ended while the line was cut was accepted if the guest sits", async () => {
  for (const [users, name] of /** @type {[any[], string][]} */ ([
    [[hostSeat, connection(UGO)], "onAccepted"],
    [[hostSeat], "onCancelled"],
  ])) {
    const { house, engine } = await engineIn(AS_HOST);
    const { heard, given } = callbacks();
    house.server.answers = { invite: { result: { request: invitation } } };
    await engine.takeUserOnSeatByAdmin({ userId: "u", ...given });
    house.opened?.room.reconnect();
    await house.server.welcome({ ...AS_HOST, requests: [], connectedUsers: users });
    assert.deepEqual(heard.at(-1), [name, "r2", "u"]);
  }
});

test("responseRemoteRequest answers applications, invitations and questions about devices", async () => {
  const host = (await engineIn(AS_HOST)).engine;
  await host.responseRemoteRequest({ requestId: "r1", agree: true });
  assert.deepEqual(houses[0]?.sent, { type: "respondToApplication", requestId: "r1", isAccepted: true });
  await host.responseRemoteRequest({ requestId: "asks:microphone:u", agree: false });
  assert.equal(houses[0]?.sent?.type, "respondToApplication", "a no leaves the lock as it is");
  await host.responseRemoteRequest({ requestId: "asks:microphone:u", agree: true });
  assert.deepEqual(houses[0]?.sent, { type: "lockDevice", userId: "u", device: "microphone", isLocked: false });

  const invited = await engineIn({ me: myState({ request: ownInvitation }) });
  await invited.engine.responseRemoteRequest({ requestId: "r3", agree: false });
  assert.deepEqual(invited.house.sent, { type: "respondToInvitation", requestId: "r3", isAccepted: false });
  await assert.rejects(invited.engine.responseRemoteRequest({ requestId: "r9", agree: true }), { code: -2311 });

  const closed = connection({ microphone: "closed", camera: "closed" });
  const guest = await engineIn({ me: myState({ connection: closed }), connectedUsers: [hostSeat, closed] });
  await guest.engine.responseRemoteRequest({ requestId: "asked:microphone:g", agree: true });
  assert.deepEqual(guest.house.sent, { type: "setDevice", device: "microphone", isOpen: true });
  await guest.engine.responseRemoteRequest({ requestId: "asked:screen:g", agree: true });
  assert.deepEqual(guest.house.sent, { type: "setDevice", device: "screen", isOpen: true });
});

test("the staff asks for a device, and hears yes when the guest opened it", async () => {
  const closed = connection({ ...UGO, microphone: "closed" });
  const { house, engine } = await engineIn({ ...AS_HOST, connectedUsers: [hostSeat, closed] });
  const { heard, given } = callbacks();
  const asked = await engine.openRemoteDeviceByAdmin({ userId: "u", device: 1, ...given });
  assert.deepEqual(house.sent, { type: "askToOpen", userId: "u", device: "microphone" });
  assert.equal(asked.requestAction, TUIRequestAction.kRequestToOpenRemoteMicrophone);
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, connection(UGO)] }]);
  assert.deepEqual(heard.at(-1), ["onAccepted", "asked:microphone:u", "u"]);
  await assert.rejects(engine.cancelRequest({ requestId: "asked:microphone:u" }), { name: "NOT_OFFERED" });
  await engine.openRemoteDeviceByAdmin({ userId: "u", device: 1, ...given });
  assert.deepEqual(heard.at(-1), ["onAccepted", "asked:microphone:u", "u"], "it is open already");
  assert.equal(heard.length, 4);
});

test("a guest asks for a lock to be lifted; lifting is the yes, and the seat's end a no", async () => {
  const locked = connection({ camera: "locked" });
  for (const [users, name] of /** @type {[any[], string][]} */ ([
    [[hostSeat, connection({ camera: "closed" })], "onAccepted"],
    [[hostSeat], "onCancelled"],
  ])) {
    const { house, engine } = await engineIn({
      me: myState({ connection: locked }),
      connectedUsers: [hostSeat, locked],
    });
    const { heard, given } = callbacks();
    const asked = await engine.applyToAdminToOpenLocalDevice({ device: 2, ...given });
    assert.deepEqual(house.sent, { type: "askToSpeak", device: "camera" });
    assert.equal(asked.requestAction, TUIRequestAction.kApplyToAdminToOpenLocalCamera);
    await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: users }]);
    assert.deepEqual(heard.at(-1), [name, "asks:camera:g", "g"]);
  }
  const { house, engine } = await engineIn({ me: myState({ connection: locked }), connectedUsers: [hostSeat, locked] });
  const again = callbacks();
  await engine.applyToAdminToOpenLocalDevice({ device: 2, ...again.given });
  await engine.cancelRequest({ requestId: "asks:camera:g" });
  assert.deepEqual(house.sent, { type: "askToSpeak", device: "camera", isAsking: false });
  assert.deepEqual(again.heard.at(-1), ["onCancelled", "asks:camera:g", "g"]);
});
