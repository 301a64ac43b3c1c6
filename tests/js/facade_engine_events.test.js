/** The room engine's own devices, pictures and sound, and its observer events. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import {
  TUIRequestAction,
  TUIRequestCallbackType,
  TUIRoomEngine,
  TUIRoomEvents,
} from "../../static/micconnect/facades/room_engine.js";
import { ERRORS } from "../../static/micconnect/protocol.js";
import {
  AS_HOST,
  GIL,
  HOST,
  House,
  ON_SEAT,
  UGO,
  application,
  closeHouses,
  engineIn,
  hostSeat,
  ownInvitation,
} from "./facade_house.js";
import { connection, liveInfo, myState, roomOptions, seats, settled } from "./fakes.js";
import { FakeStream, FakeTrack } from "./media_fakes.js";

afterEach(closeHouses);

/** Events of the seed system that this system has no reason for; docs/porting.md says why. */
const NEVER = [
  "onAllUserCameraDisableChanged",
  "onDeviceChange",
  "onKickedOffLine",
  "onReceiveCustomMessage",
  "onReceiveTextMessage",
  "onRemoteUserEnterRoom",
  "onRemoteUserLeaveRoom",
  "onScreenShareForAllUserDisableChanged",
  "onSendMessageForAllUserDisableChanged",
  "onSendMessageForUserDisableChanged",
  "onUserSigExpired",
];

test("on a seat nothing is sent before the program opens a device", async () => {
  const { house, engine } = await engineIn();
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  const closed = house.server.line.sent.filter(({ type }) => type === "setDevice");
  assert.deepEqual(
    closed.map(({ device, isOpen }) => [device, isOpen]),
    [
      ["microphone", false],
      ["camera", false],
    ],
  );
  const shut = connection({ microphone: "closed", camera: "closed" });
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: shut }) }], "me");
  await engine.openLocalMicrophone();
  assert.deepEqual(house.sent, { type: "setDevice", device: "microphone", isOpen: true });
  assert.equal(house.capture.media, "audio");
  await engine.openLocalCamera();
  assert.deepEqual(house.sent, { type: "setDevice", device: "camera", isOpen: true });
  assert.equal(house.capture.media, "video");
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  for (const [method, device, isOpen] of /** @type {const} */ ([
    ["muteLocalAudio", "microphone", false],
    ["closeLocalCamera", "camera", false],
  ])) {
    await engine[method]();
    assert.deepEqual(house.sent, { type: "setDevice", device, isOpen });
  }
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: shut }) }], "me");
  await engine.unmuteLocalAudio();
  assert.deepEqual(house.sent, { type: "setDevice", device: "microphone", isOpen: true });
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  await engine.closeLocalMicrophone();
  assert.deepEqual(house.sent, { type: "setDevice", device: "microphone", isOpen: false });
});

test("devices that were opened before go along to the seat, and a picture stays off a seat for sound only", async () => {
  const { house, engine } = await engineIn();
  await engine.openLocalMicrophone();
  await engine.openLocalCamera();
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  assert.equal(house.sent, null, "nothing is closed");
  await house.tell([{ type: "onMyStateUpdated", me: myState() }], "me");
  assert.equal(house.capture.stream, null);
  await engine.openLocalCamera();
  const audio = connection({ media: "audio", camera: "closed", connectionId: "c8" });
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: audio }) }], "me");
  assert.equal(house.capture.media, "audio");
});

test("outside a seat a device is a preview, and the last one that closes lets go", async () => {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  await engine.openLocalCamera();
  await engine.openLocalMicrophone();
  const view = { srcObject: /** @type {MediaProvider | null} */ (null) };
  engine.setLocalVideoView({ view });
  assert.equal(view.srcObject, house.capture.stream);
  await engine.closeLocalCamera();
  assert.ok(house.capture.stream);
  await engine.closeLocalMicrophone();
  assert.deepEqual([house.capture.stream, view.srcObject], [null, null]);
  house.refusal = Object.assign(new Error("no"), { name: "NotAllowedError" });
  await assert.rejects(engine.openLocalMicrophone(), { code: -1105, name: "DEVICE_REFUSED" });
});

test("the screen is shared and ended, and the browser's own button is an event", async () => {
  const { house, engine, events } = await engineIn(ON_SEAT);
  await engine.startScreenSharing();
  assert.deepEqual(house.sent, { type: "setDevice", device: "screen", isOpen: true });
  await engine.stopScreenSharing();
  assert.deepEqual(house.sent, { type: "setDevice", device: "screen", isOpen: false });
  assert.equal(events("onUserScreenCaptureStopped").length, 0);
  await engine.startScreenSharing();
  house.opened?.media.screen.stop();
  assert.equal(events("onUserScreenCaptureStopped").length, 1);
});

test("pictures go to the views they are given, and one voice can be muted here alone", async () => {
  const { house, engine } = await engineIn({ connectedUsers: [hostSeat, connection({ ...UGO, screen: "open" })] });
  const streams = () => ({ audio: new FakeStream([new FakeTrack("audio")]), video: new FakeStream() });
  const places = new Map([0, 1, "screen"].map((place) => [place, streams()]));
  Object.assign(/** @type {any} */ (house.opened?.media.watch), { streams: places });
  const [camera, screen] = [{ srcObject: null }, { srcObject: null }];
  engine.setRemoteVideoView({ userId: "u", view: camera });
  engine.setRemoteVideoView({ userId: "u", streamType: 1, view: screen });
  assert.equal(camera.srcObject, places.get(1)?.video);
  assert.equal(screen.srcObject, places.get("screen")?.video);
  /** @type {string[][]} */
  const played = [];
  house.player.sync = (sounds) => void played.push([...sounds.keys()]);
  engine.muteRemoteAudioStream({ userId: "u", isMute: true });
  engine.muteRemoteAudioStream({ userId: "u", isMute: false });
  assert.deepEqual(played, [["h"], ["h", "u"]]);
  engine.setRemoteVideoView({ userId: "u", view: null });
  assert.equal(camera.srcObject, null);
});

test("every observer event of the engine is heard, in the seed system's shape", async () => {
  const { house, events, heard } = await engineIn({ connectedUsers: [hostSeat], seats: seats({ 0: { userId: "h" } }) });
  await house.tell([
    { type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, connection({ ...UGO, screen: "open" })] },
    { type: "onSeatListChanged", seats: seats({ 0: { userId: "h" }, 1: { userId: "u" } }) },
  ]);
  const [seated] = events("onSeatListChanged");
  assert.deepEqual([seated.seatList.length, seated.seatedList[0].userId, seated.leftList], [10, "u", []]);
  assert.deepEqual(events("onUserAudioStateChanged"), [{ userId: "u", hasAudio: true, reason: 0 }]);
  assert.deepEqual(events("onUserVideoStateChanged"), [
    { userId: "u", streamType: 0, hasVideo: true, reason: 0 },
    { userId: "u", streamType: 1, hasVideo: true, reason: 0 },
  ]);
  await house.tell([
    { type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, connection({ ...UGO, microphone: "locked" })] },
  ]);
  assert.deepEqual(events("onUserAudioStateChanged").at(-1), { userId: "u", hasAudio: false, reason: 1 });
  assert.equal(events("onSeatListChanged").length, 1, "a device is no change of the seats");
  await house.tell([
    { type: "onConnectedUsersUpdated", connectedUsers: [hostSeat] },
    { type: "onSeatListChanged", seats: seats({ 0: { userId: "h" } }) },
  ]);
  assert.equal(events("onSeatListChanged").at(-1).leftList[0].userId, "u");

  const options = roomOptions({ title: "Night", seatMode: "free", mayUnmute: false });
  await house.tell([{ type: "onLiveInfoChanged", info: liveInfo({ options, seatCount: 6, moderators: [UGO] }) }]);
  assert.deepEqual(events("onRoomNameChanged"), [{ roomId: "r", roomName: "Night" }]);
  assert.deepEqual(events("onAllUserMicrophoneDisableChanged"), [{ isDisable: true }]);
  assert.deepEqual(events("onRoomSeatModeChanged"), [{ roomId: "r", seatMode: 1 }]);
  assert.deepEqual(events("onRoomMaxSeatCountChanged"), [{ maxSeatNumber: 6 }]);
  assert.deepEqual(
    events("onUserInfoChanged").map(({ userInfo }) => [userInfo.userId, userInfo.userRole]),
    [["u", 1]],
  );
  await house.tell([{ type: "onRoomMetadataChanged", metadata: { a: "1" } }]);
  await house.tell([{ type: "onRoomMetadataChanged", metadata: {} }]);
  assert.deepEqual(events("onRoomMetadataChanged"), [
    { key: "a", value: "1" },
    { key: "a", value: "" },
  ]);
  await house.tell([{ type: "onRoomUserCountChanged", count: 7 }]);
  assert.deepEqual(events("onRoomUserCountChanged"), [{ roomId: "r", userCount: 7 }]);
  await house.tell([{ type: "onUserVoiceVolumeChanged", volumes: { u: 40 } }]);
  assert.deepEqual(events("onUserVoiceVolumeChanged"), [{ userVolumeList: [{ userId: "u", volume: 40 }] }]);
  await house.tell([{ type: "onUserNetworkQualityChanged", qualities: { u: "poor", h: "good" } }]);
  assert.deepEqual(events("onUserNetworkQualityChanged")[0].userNetworkList, [
    { userId: "u", quality: 3, upLoss: 0, downLoss: 0, delay: 0 },
    { userId: "h", quality: 2, upLoss: 0, downLoss: 0, delay: 0 },
  ]);

  await house.tell([{ type: "onUserConnectionRequest", request: ownInvitation }], "me");
  await house.tell([{ type: "onDeviceAsked", device: "camera", operator: HOST }], "me");
  assert.deepEqual(
    events("onRequestReceived").map((event) => [event.request.requestAction, event.request.userId]),
    [
      [TUIRequestAction.kRequestRemoteUserOnSeat, "h"],
      [TUIRequestAction.kRequestToOpenRemoteCamera, "h"],
    ],
  );
  await house.tell([{ type: "onUserConnectionCancelled", request: ownInvitation }], "me");
  const [cancelled] = events("onRequestCancelled");
  assert.deepEqual([cancelled.requestId, cancelled.userId, cancelled.userInfo.userName], ["r3", "h", "Hanna"]);
  const lastConnection = { seatIndex: 1, endReason: "terminated", operator: HOST, note: "time" };
  await house.tell([{ type: "onUserConnectionTerminated", lastConnection }], "me");
  const [kicked] = events("onKickedOffSeat");
  assert.deepEqual(
    [kicked.seatIndex, kicked.userInfo.userName, kicked.userId, kicked.message],
    [1, "Hanna", "h", "time"],
  );

  house.player.isBlocked = true;
  house.player.dispatchEvent(new Event("change"));
  events("onAutoPlayFailed")[0].resume();
  assert.equal(house.player.isBlocked, false);
  await house.tell([{ type: "onRoomDismissed", roomId: "r", reason: "host" }]);
  assert.deepEqual(events("onRoomDismissed"), [{ roomId: "r", reason: 1 }]);
  const elsewhere = ["onError", "onKickedOutOfRoom", "onRequestProcessed", "onUserScreenCaptureStopped"];
  const silent = Object.keys(TUIRoomEvents).filter((name) => !heard.some(([other]) => other === name));
  assert.deepEqual(silent.sort(), [...elsewhere, ...NEVER].sort());
});

test("helpers hear what the others answered, and guests who ask", async () => {
  const { house, events } = await engineIn({ ...AS_HOST, connectedUsers: [hostSeat, connection(UGO)] });
  await house.tell([{ type: "onUserConnectionRequest", request: application }], "staff");
  await house.tell([{ type: "onDeviceRequested", device: "screen", user: UGO }], "staff");
  assert.deepEqual(
    events("onRequestReceived").map((event) => [event.request.requestAction, event.request.requestId]),
    [
      [TUIRequestAction.kRequestToTakeSeat, "r1"],
      [TUIRequestAction.kApplyToAdminToOpenLocalScreenShare, "asks:screen:u"],
    ],
  );
  await house.tell([{ type: "onRequestProcessed", request: { ...application, operator: HOST } }], "staff");
  assert.equal(events("onRequestProcessed").length, 0, "the own answer is no news");
  await house.tell([{ type: "onRequestProcessed", request: { ...application, operator: GIL } }], "staff");
  const [processed] = events("onRequestProcessed");
  assert.deepEqual([processed.requestId, processed.userId, processed.userInfo.userName], ["r1", "g", "Gil"]);
  assert.equal(processed.request.fromUser.userName, "Ugo");
  await house.tell([{ type: "onUserConnectionTimeout", request: application }], "staff");
  assert.equal(events("onRequestCancelled")[0].requestId, "r1", "for whoever could have answered it is gone");
});

for (const [code, reason] of [
  [4011, 0],
  [4010, 1],
  [4002, 2],
]) {
  test(`a line closed for good with ${code} is onKickedOutOfRoom with reason ${reason}, and the room is left`, async () => {
    const { house, engine, events } = await engineIn();
    house.server.line.cut(/** @type {number} */ (code));
    await settled();
    assert.deepEqual(
      events("onKickedOutOfRoom").map((event) => [event.roomId, event.reason]),
      [["r", reason]],
    );
    await assert.rejects(engine.getSeatList(), { code: -2101 });
  });
}

test("what fails without anybody waiting is onError", async () => {
  const { house, events } = await engineIn();
  house.server.answers = { setDevice: { error: { code: "TRY_LATER", ...ERRORS.TRY_LATER } } };
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  assert.deepEqual(events("onError")[0], { code: -1, message: ERRORS.TRY_LATER.message });
});

test("listeners can be taken off, and once means once, whatever another listener throws", async (t) => {
  const { house, engine } = await engineIn();
  t.mock.method(console, "error", () => undefined);
  let [always, once, never] = [0, 0, 0];
  const count = () => never++;
  engine.on("onRoomUserCountChanged", () => {
    throw new Error("a listener's own");
  });
  engine.on("onRoomUserCountChanged", () => always++);
  engine.once("onRoomUserCountChanged", () => once++);
  engine.on("onRoomUserCountChanged", count);
  engine.off("onRoomUserCountChanged", count);
  await house.tell([{ type: "onRoomUserCountChanged", count: 1 }]);
  await house.tell([{ type: "onRoomUserCountChanged", count: 2 }]);
  assert.deepEqual([always, once, never], [2, 1, 0]);
});

test("the numbers of requests are those of the seed system", () => {
  assert.deepEqual(Object.values(TUIRequestCallbackType), [0, 1, 2, 3, 4]);
});
