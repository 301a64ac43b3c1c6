/** The numbers of the seed system: enumerations, errors, and values that are refused instead of being passed over. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { GuestEvent, useCoGuestState } from "../../static/micconnect/facades/co_guest.js";
import * as seat from "../../static/micconnect/facades/live_seat.js";
import * as tui from "../../static/micconnect/facades/room_engine.js";
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
  storesIn,
  viewIn,
} from "./facade_house.js";
import { connection, liveInfo, request, settled } from "./fakes.js";

afterEach(closeHouses);

test("the enumerations have the seed system's numbers", () => {
  const numbers = (/** @type {Record<string, number | string>} */ words) => Object.values(words).join(" ");
  assert.equal(numbers(tui.TUIRole), "0 1 2");
  assert.equal(numbers(tui.TUIRoomType), "1 2");
  assert.equal(numbers(tui.TUISeatMode), "1 2");
  assert.equal(numbers(tui.TUIMediaDevice), "1 2 3");
  assert.equal(numbers(tui.TUIVideoStreamType), "0 1 2");
  assert.equal(numbers(tui.TUIMoveSeatPolicy), "0 1 2");
  assert.equal(numbers(tui.TUIChangeReason), "0 1");
  assert.equal(numbers(tui.TUIKickedOutOfRoomReason), "0 1 2 3 4 5");
  assert.equal(numbers(tui.TUIRoomDismissedReason), "1 2");
  assert.equal(numbers(tui.TUINetworkQuality), "0 1 2 3 4 5 6");
  assert.equal(numbers(tui.TUIRequestAction), "0 1 2 3 4 5 6 7 8");
  assert.equal(numbers(tui.TUIRequestCallbackType), "0 1 2 3 4");
  assert.equal(numbers(seat.MoveSeatPolicy), "0 1 2");
  assert.equal(numbers(seat.DeviceControlPolicy), "1");
  assert.equal(numbers(seat.DeviceStatus), "0 1");
  assert.equal(numbers(seat.Role), "0 1 2");
  const { ERR_SEAT_INDEX_NOT_EXIST, ERR_REQUEST_ID_INVALID, ERR_NO_PERMISSION, ERR_SEAT_OCCUPIED } = tui.TUIErrorCode;
  assert.deepEqual(
    [ERR_SEAT_INDEX_NOT_EXIST, ERR_REQUEST_ID_INVALID, ERR_NO_PERMISSION, ERR_SEAT_OCCUPIED],
    [-2344, -2311, 100006, 100210],
  );
});

/** @type {[keyof typeof ERRORS, number][]} */
const SERVER_NUMBERS = [
  ["FORBIDDEN", 100006],
  ["ALREADY_PENDING", 100102],
  ["SEAT_TAKEN", 100210],
  ["NO_SUCH_SEAT", -2344],
  ["NOT_ON_SEAT", 100206],
];

for (const [code, number] of SERVER_NUMBERS) {
  test(`the server's ${code} is ${number}`, async () => {
    const { house, engine } = await engineIn();
    house.server.answers = { disconnectUser: { error: { code, ...ERRORS[code], details: {} } } };
    await assert.rejects(engine.kickUserOffSeatByAdmin({ seatIndex: -1, userId: "u" }), { code: number, name: code });
  });
}

/** @type {[string, object, number][]} method, argument, number */
const REFUSED = [
  ["takeSeat", { seatIndex: 10 }, -2344],
  ["takeSeat", { seatIndex: -2 }, -2344],
  ["takeSeat", { seatIndex: "1" }, -2344],
  ["takeUserOnSeatByAdmin", { userId: "u", timeout: 4 }, -1001],
  ["takeUserOnSeatByAdmin", { userId: "u", timeout: 601 }, -1001],
  ["updateRoomNameByAdmin", { roomName: " " }, -2107],
  ["updateRoomNameByAdmin", { roomName: "x".repeat(101) }, -2107],
  ["createRoom", { roomId: "r", maxSeatCount: 10 }, -2340],
  ["createRoom", { roomId: "r", maxSeatCount: 0 }, -2340],
  ["createRoom", { roomId: "r", roomName: "" }, -2107],
  ["moveToSeat", { targetSeatIndex: 42 }, -2344],
  ["moveToSeat", { targetSeatIndex: -1 }, -2344],
  ["moveUserToSeatByAdmin", { userId: "u", targetSeatIndex: 10, policy: 0 }, -2344],
  ["moveUserToSeatByAdmin", { userId: "u", targetSeatIndex: 2, policy: 3 }, -1001],
  ["moveUserToSeatByAdmin", { userId: "", targetSeatIndex: 2, policy: 0 }, -2200],
  ["takeUserOnSeatByAdmin", { userId: "u", seatIndex: 10 }, -2344],
  ["takeUserOnSeatByAdmin", { userId: "x".repeat(65) }, -2200],
  ["kickUserOffSeatByAdmin", { seatIndex: 10, userId: "" }, -2344],
  ["kickUserOffSeatByAdmin", { seatIndex: 5, userId: "" }, 100206],
  ["lockSeatByAdmin", { seatIndex: 10, lockParams: { lockSeat: true } }, -2344],
  ["cancelRequest", { requestId: "no id" }, -2311],
  ["cancelRequest", { requestId: undefined }, -2311],
  ["responseRemoteRequest", { requestId: "r0", agree: true }, -2311],
  ["changeUserRole", { userId: "u", userRole: 3 }, -1001],
  ["changeUserRole", { userId: "u", userRole: 0 }, -2103],
  ["kickRemoteUserOutOfRoom", { userId: undefined }, -2200],
  ["updateRoomSeatModeByAdmin", { seatMode: 3 }, -1001],
  ["openRemoteDeviceByAdmin", { userId: "u", device: 0 }, -1001],
  ["closeRemoteDeviceByAdmin", { userId: "u", device: 4 }, -1001],
  ["applyToAdminToOpenLocalDevice", { device: 4 }, -1001],
  ["disableDeviceForAllUserByAdmin", { device: 4, isDisable: true }, -1001],
  ["setRoomMetadataByAdmin", { metadata: "{" }, -1001],
  ["setRoomMetadataByAdmin", { metadata: "[]" }, -1001],
  ["getUserInfo", { userId: "nobody" }, -2200],
];

for (const [method, argument, code] of REFUSED) {
  test(`${method} of ${JSON.stringify(argument).slice(0, 60)} is ${code}, and nothing is sent`, async () => {
    const { house, engine } = await engineIn({ ...AS_HOST, role: "moderator" });
    house.server.answers = { listViewers: { result: { viewers: [] } } };
    const before = house.sent;
    await assert.rejects(/** @type {any} */ (engine)[method](argument), { code });
    if (house.sent?.type !== "listViewers") assert.deepEqual(house.sent, before);
  });
}

for (const [policy, sent] of /** @type {const} */ ([
  [tui.TUIMoveSeatPolicy.kAbortWhenOccupied, "abort"],
  [tui.TUIMoveSeatPolicy.kForceReplace, "replace"],
  [tui.TUIMoveSeatPolicy.kSwapPosition, "swap"],
])) {
  test(`moveUserToSeatByAdmin with policy ${policy} sends ${sent}`, async () => {
    const { house, engine } = await engineIn(AS_HOST);
    await engine.moveUserToSeatByAdmin({ userId: "u", targetSeatIndex: 3, policy });
    assert.deepEqual(house.sent, { type: "moveSeat", userId: "u", seatIndex: 3, policy: sent });
  });
}

test("waits at the edges are sent, and others are refused by every facade before anything is taken", async () => {
  for (const timeout of [0, 5, 600]) {
    const { house, engine } = await engineIn(AS_HOST);
    house.server.answers = { invite: { result: { request: request() } } };
    await engine.takeUserOnSeatByAdmin({ userId: "u", timeout });
    assert.equal(house.sent?.timeoutS, timeout);
  }
  for (const timeout of [-1, 1, 4, 601, 7.5, /** @type {any} */ ("60")]) {
    const [stores, view] = [await storesIn(), await viewIn()];
    await assert.rejects(stores.guests.applyForSeat({ timeout }), { code: -1001 });
    await assert.rejects(view.view.requestIntraRoomConnection("", timeout, true), { code: -1001 });
    assert.deepEqual([stores.house.sent, view.house.sent, view.house.capture.stream], [null, null, null]);
  }
});

test("a store's policies that do not exist are refused", async () => {
  const { house, places } = await storesIn(AS_HOST);
  for (const policy of [3, "forceReplace", null]) {
    const given = /** @type {any} */ (policy);
    await assert.rejects(places.moveUserToSeat({ userId: "u", targetIndex: 2, policy: given }), { code: -1001 });
    await assert.rejects(places.openRemoteCamera({ userId: "u", policy: given }), { code: -1001 });
  }
  await assert.rejects(places.lockSeat({ seatIndex: 10 }), { code: -2344 });
  assert.throws(() => places.subscribeEvent("onNothing", () => undefined), { code: -1001 });
  assert.equal(house.sent, null);
});

test("a room is not made with what it cannot have", async () => {
  const house = new House();
  const engine = new tui.TUIRoomEngine(house);
  await assert.rejects(engine.createRoom({ roomId: "r", password: "1234" }), { code: -2103, message: /password/ });
  await assert.rejects(engine.createRoom({ roomId: "r", isCameraDisableForAllUser: true }), { code: -2103 });
  assert.equal(house.opened, null);
});

test("metadata may be JSON, as there", async () => {
  const { house, engine } = await engineIn(AS_HOST);
  await engine.setRoomMetadataByAdmin({ metadata: JSON.stringify({ a: "1" }) });
  assert.deepEqual(house.sent, { type: "setMetadata", entries: { a: "1" } });
});

test("rooms, people, seats and requests have every field of the seed system's", async () => {
  const { house, engine } = await engineIn({ ...AS_HOST, info: liveInfo({ moderators: [UGO] }) });
  const fields = (/** @type {object} */ info) => Object.keys(info).sort().join(" ");
  assert.equal(
    fields(await engine.fetchRoomInfo()),
    "createTime isCameraDisableForAllUser isMessageDisableForAllUser isMicrophoneDisableForAllUser " +
      "isScreenShareDisableForAllUser isSeatEnabled maxSeatCount ownerAvatarUrl ownerId ownerName password roomId " +
      "roomMemberCount roomName roomOwner roomType seatMode",
  );
  house.server.answers = { listViewers: { result: { viewers: [UGO] } } };
  assert.equal(
    fields(await engine.getUserInfo({ userId: "u" })),
    "avatarUrl hasAudioStream hasScreenStream hasVideoStream isMessageDisabled nameCard roomCustomInfo userId userName userRole",
  );
  const [first] = await engine.getSeatList();
  assert.equal(fields(first ?? {}), "avatarUrl index isAudioLocked isLocked isVideoLocked nameCard userId userName");
  const [asked] = await engine.getSeatApplicationList();
  assert.equal(
    fields(asked ?? {}),
    "avatarUrl content fromUser nameCard requestAction requestId timestamp userId userName",
  );
  const { places, guests } = await storesIn(AS_HOST);
  const theirs = ["userId", "userName", "avatarUrl", "roomId", "liveId", "microphoneStatus", "allowOpenMicrophone"];
  theirs.push("cameraStatus", "allowOpenCamera", "onSeatTimestamp", "customInfo");
  for (const user of [places.seatList[0]?.userInfo, guests.connected[0]]) {
    assert.deepEqual(
      theirs.filter((name) => !(name in (user ?? {}))),
      [],
    );
  }
  assert.equal(fields(places.seatList[0] ?? {}), "index isAudioLocked isLocked isVideoLocked userInfo");
});

test("the five callbacks are heard wherever a program puts them", async () => {
  class Native {
    /** @type {any[][]} */
    heard = [];
    onAccepted(/** @type {any[]} */ ...told) {
      this.heard.push(told);
    }
  }
  const [within, after, beside] = [new Native(), new Native(), callbacks()];
  const { house, engine } = await engineIn();
  house.server.answers = { apply: { result: { request: request() } } };
  await engine.takeSeat({ seatIndex: 1, timeout: 30, ...beside.given, requestCallback: within }, after);
  await house.tell(
    [{ type: "onUserConnectionAccepted", request: request({ operator: HOST, state: "accepted" }) }],
    "me",
  );
  assert.deepEqual([within.heard, after.heard], [[["r5", "h"]], [["r5", "h"]]]);
  assert.deepEqual(beside.heard, [["onAccepted", "r5", "h"]]);
});

test("a request's callback that throws keeps nobody else from hearing", async (t) => {
  t.mock.method(console, "error", () => undefined);
  const { house, engine } = await engineIn();
  house.server.answers = { apply: { result: { request: request() } } };
  let count = 0;
  const requestCallback = () => {
    throw new Error("a program's own");
  };
  await engine.takeSeat({ requestCallback }, { onAccepted: () => count++ });
  await house.tell([{ type: "onUserConnectionAccepted", request: request({ state: "accepted" }) }], "me");
  assert.equal(count, 1);
});

test("onSuccess and onError are called, and a failure that was heard needs no catch", async () => {
  /** @type {any[][]} */
  const heard = [];
  const callback = {
    onSuccess: (/** @type {any[]} */ ...told) => heard.push(["success", ...told]),
    onError: (/** @type {any[]} */ ...told) => heard.push(["error", ...told]),
  };
  const unhandled = (/** @type {unknown} */ error) => heard.push(["unhandled", error]);
  process.on("unhandledRejection", unhandled);
  const { house, engine } = await engineIn(ON_SEAT);
  const call = async (/** @type {any} */ target, /** @type {string} */ name, /** @type {any[]} */ ...given) => {
    target[name](...given, callback);
    await settled();
  };
  await call(engine, "leaveSeat");
  await call(engine, "moveToSeat", { targetSeatIndex: 42 });
  await call(engine, "sendTextMessage", { textContent: "hi" });
  await call(engine, "takeSeat", { seatIndex: 42 });
  const { view } = await viewIn();
  house.refusal = null;
  await call(view, "terminateIntraRoomConnection");
  await call(view, "requestIntraRoomConnection", "u", 60, true);
  const { guests, places } = await storesIn();
  await call(guests, "acceptApplication", { userId: "u" });
  await call(places, "lockSeat", { seatIndex: 2 });
  await new Promise((resolve) => setTimeout(resolve, 0));
  process.off("unhandledRejection", unhandled);
  assert.deepEqual(
    heard.map(([what, code, userId, number]) => (what === "error" ? [what, number ?? code ?? userId] : [what])),
    [
      ["success"],
      ["error", -2344],
      ["error", -2103],
      ["error", -2344],
      ["success"],
      ["error", -2301],
      ["error", -2311],
      ["success"],
    ],
  );
});

test("a call that is not given what it takes rejects with -1001, and names itself", async () => {
  const { house, engine } = await engineIn();
  const { view } = await viewIn();
  const { guests, places } = await storesIn();
  /** @type {[any, string, unknown[]][]} */
  const calls = [
    [engine, "enterRoom", []],
    [engine, "moveToSeat", [null]],
    [engine, "lockSeatByAdmin", [{ seatIndex: 1 }]],
    [engine, "takeUserOnSeatByAdmin", []],
    [engine, "setRemoteVideoView", []],
    [view, "startLiveStream", []],
    [guests, "acceptApplication", []],
    [places, "moveUserToSeat", []],
  ];
  for (const [target, call, given] of calls) {
    const refused = { code: -1001, name: "BAD_PARAMETER", message: new RegExp(`^${call} `) };
    await assert.rejects(target[call](...given), refused);
  }
  assert.equal(house.sent, null);
});

test("the promise is given beside the callbacks, and rejects for whoever looks", async () => {
  const { engine } = await engineIn();
  const failed = /** @type {any} */ (engine).moveToSeat({ targetSeatIndex: 42 }, { onError: () => undefined });
  await assert.rejects(failed, { code: -2344 });
});

test("an application that fails is an event of the store too", async () => {
  const { house, guests, heard } = await storesIn();
  house.server.answers = { apply: { error: { code: "SEAT_TAKEN", ...ERRORS.SEAT_TAKEN, details: {} } } };
  await assert.rejects(guests.applyForSeat({ seatIndex: 2, timeout: 60 }), { code: 100210 });
  assert.deepEqual(heard, [[GuestEvent.onGuestApplicationError, { code: 100210, message: ERRORS.SEAT_TAKEN.message }]]);
});

test("composables give methods that stand alone, and refs that follow the room", async () => {
  const house = new House();
  const { room, media } = house.open("r", house.capture);
  /** @type {string[]} */
  const drawn = [];
  /** @type {import("../../static/micconnect/facades/room_store.js").MakeRef} */
  const makeRef = (first) => ({
    get value() {
      return first;
    },
    set value(next) {
      first = next;
      drawn.push(JSON.stringify(next));
    },
  });
  const { applyForSeat, subscribeEvent, connected, candidates } = useCoGuestState(room, makeRef);
  const { takeSeat, seatList, canvas, avStatistics } = seat.useLiveSeatState(room, media);
  let count = 0;
  subscribeEvent(GuestEvent.onHostInvitationReceived, () => count++);
  room.connect();
  await house.welcome(Promise.resolve(), { connectedUsers: [hostSeat] });
  await applyForSeat({ seatIndex: 1, timeout: 30 });
  await takeSeat({ seatIndex: 2 });
  assert.deepEqual(house.sent, { type: "takeSeat", seatIndex: 2, media: "video" });
  assert.deepEqual([connected.value[0]?.userName, seatList.value[0]?.userInfo?.userName], ["Hanna", "Hanna"]);
  assert.deepEqual([candidates.value, avStatistics.value, canvas.value.width, drawn.length], [[], [], 0, 1]);
  await house.tell([{ type: "onUserVoiceVolumeChanged", volumes: { h: 40 } }]);
  assert.equal(drawn.length, 1, "what is the same is not drawn anew");
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, connection(UGO)] }]);
  assert.equal(drawn.length, 2);
});
