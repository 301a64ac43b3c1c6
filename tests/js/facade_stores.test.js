/** The stores CoGuestState and LiveSeatState. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { GuestEvent, HostEvent, NoResponseReason } from "../../static/micconnect/facades/co_guest.js";
import {
  DeviceControlPolicy,
  LiveSeatEvent,
  MoveSeatPolicy,
  NetworkQuality,
} from "../../static/micconnect/facades/live_seat.js";
import {
  AS_HOST,
  GIL,
  HOST,
  ON_SEAT,
  UGO,
  application,
  closeHouses,
  invitation,
  ownInvitation,
  storesIn,
} from "./facade_house.js";
import { myState, request, seats } from "./fakes.js";

afterEach(closeHouses);

/** @param {{userId: string, userName: string}} user  as LiveUserInfo */
const live = (user) => ({ ...user, avatarUrl: "" });

test("CoGuestState asks, answers, invites and leaves", async () => {
  const { house, guests } = await storesIn();
  await guests.applyForSeat({ seatIndex: 2, timeout: 30, extraInfo: "{}" });
  assert.deepEqual(house.sent, { type: "apply", media: "video", seatIndex: 2, timeoutS: 30, extraInfo: "{}" });
  await guests.cancelApplication();
  assert.deepEqual(house.sent, { type: "cancelApplication" });
  await guests.disConnect();
  assert.deepEqual(house.sent, { type: "leaveSeat" });
  await house.tell([{ type: "onMyStateUpdated", me: myState({ request: ownInvitation }) }], "me");
  await guests.rejectInvitation({ inviterId: "h" });
  assert.deepEqual(house.sent, { type: "respondToInvitation", requestId: "r3", isAccepted: false });
  await guests.acceptInvitation();
  assert.equal(house.sent?.isAccepted, true);
  await assert.rejects(guests.acceptInvitation({ inviterId: "x" }), { code: -2311 });
  assert.deepEqual([guests.connected, guests.applicants, guests.invitees], [[], [], []]);

  const host = await storesIn(AS_HOST);
  assert.deepEqual([host.guests.applicants, host.guests.invitees], [[live(UGO)], [live(UGO)]]);
  await host.guests.acceptApplication({ userId: "u" });
  assert.deepEqual(host.house.sent, { type: "respondToApplication", requestId: "r1", isAccepted: true });
  await host.guests.rejectApplication({ userId: "u" });
  assert.equal(host.house.sent?.isAccepted, false);
  await host.guests.inviteToSeat({ userId: "u", timeout: 30 });
  assert.deepEqual(host.house.sent, { type: "invite", userId: "u", media: "video", seatIndex: -1, timeoutS: 30 });
  await host.guests.cancelInvitation({ inviteeId: "u" });
  assert.deepEqual(host.house.sent, { type: "cancelInvitation", requestId: "r2" });
  await assert.rejects(host.guests.acceptApplication({ userId: "x" }), { name: "NO_SUCH_REQUEST" });
});

test("CoGuestState tells each side its own events", async () => {
  const { house, heard, guests } = await storesIn();
  const last = () => heard.at(-1);
  const tell = (/** @type {string} */ type, /** @type {object} */ told) => house.tell([{ type, request: told }], "me");
  await tell("onUserConnectionRequest", ownInvitation);
  assert.deepEqual(last(), [GuestEvent.onHostInvitationReceived, { hostUser: live(HOST) }]);
  await tell("onUserConnectionCancelled", ownInvitation);
  assert.deepEqual(last(), [GuestEvent.onHostInvitationCancelled, { hostUser: live(HOST) }]);
  await tell("onUserConnectionAccepted", request({ operator: HOST }));
  assert.deepEqual(last(), [GuestEvent.onGuestApplicationResponded, { isAccept: true, hostUser: live(HOST) }]);
  await tell("onUserConnectionRejected", request({ operator: HOST }));
  assert.deepEqual(last()?.[1], { isAccept: false, hostUser: live(HOST) });
  await tell("onUserConnectionTimeout", request());
  assert.deepEqual(last(), [GuestEvent.onGuestApplicationNoResponse, { reason: NoResponseReason.timeout }]);
  await tell("onUserConnectionCancelled", request({ state: "void", cause: "seated_otherwise" }));
  assert.deepEqual(last()?.[1], { reason: NoResponseReason.alreadySeated });
  const lastConnection = { seatIndex: 1, endReason: "terminated", operator: HOST };
  await house.tell([{ type: "onUserConnectionTerminated", lastConnection }], "me");
  assert.deepEqual(last(), [GuestEvent.onKickedOffSeat, { seatIndex: 1, hostUser: live(HOST) }]);
  const count = heard.length;
  const listener = () => heard.push(["never", null]);
  guests.subscribeEvent(GuestEvent.onHostInvitationReceived, listener);
  guests.unsubscribeEvent(GuestEvent.onHostInvitationReceived, listener);
  await tell("onUserConnectionRequest", ownInvitation);
  assert.equal(heard.length, count + 1);
});

test("CoGuestState tells the staff its own events", async () => {
  const { house, heard } = await storesIn(AS_HOST);
  const tell = (/** @type {string} */ type, /** @type {object} */ told) =>
    house.tell([{ type, request: told }], "staff");
  await tell("onUserConnectionRequest", application);
  await tell("onUserConnectionCancelled", application);
  await tell("onUserConnectionTimeout", application);
  await tell("onRequestProcessed", { ...application, operator: GIL });
  await tell("onRequestProcessed", { ...application, operator: HOST });
  await tell("onUserConnectionAccepted", invitation);
  await tell("onUserConnectionRejected", invitation);
  await tell("onUserConnectionTimeout", invitation);
  assert.deepEqual(heard, [
    [HostEvent.onGuestApplicationReceived, { guestUser: live(UGO) }],
    [HostEvent.onGuestApplicationCancelled, { guestUser: live(UGO) }],
    [HostEvent.onGuestApplicationCancelled, { guestUser: live(UGO) }],
    [HostEvent.onGuestApplicationProcessedByOtherHost, { guestUser: live(UGO), hostUser: live(GIL) }],
    [HostEvent.onHostInvitationResponded, { isAccept: true, guestUser: live(UGO) }],
    [HostEvent.onHostInvitationResponded, { isAccept: false, guestUser: live(UGO) }],
    [HostEvent.onHostInvitationNoResponse, { guestUser: live(UGO), reason: NoResponseReason.timeout }],
  ]);
});

/** @param {string} device @param {boolean} isLocked */
const locking = (device, isLocked) => ({ type: "lockDevice", userId: "u", device, isLocked });

/** @type {[string, any, any][]} method, argument, what is sent */
const SEAT_CALLS = [
  ["takeSeat", { seatIndex: 3 }, { type: "takeSeat", seatIndex: 3, media: "video" }],
  ["leaveSeat", undefined, { type: "leaveSeat" }],
  ["muteMicrophone", undefined, { type: "setDevice", device: "microphone", isOpen: false }],
  ["unmuteMicrophone", undefined, { type: "setDevice", device: "microphone", isOpen: true }],
  ["lockSeat", { seatIndex: 2 }, { type: "lockSeat", seatIndex: 2, isLocked: true }],
  ["unLockSeat", { seatIndex: 3 }, { type: "lockSeat", seatIndex: 3, isLocked: false }],
  ["unlockSeat", { seatIndex: 2 }, { type: "lockSeat", seatIndex: 2, isLocked: false }],
  ["kickUserOutOfSeat", { userId: "u" }, { type: "disconnectUser", userId: "u" }],
  ["moveUserToSeat", { userId: "g", targetIndex: 4 }, { type: "moveSeat", seatIndex: 4 }],
  ...[
    [MoveSeatPolicy.AbortWhenOccupied, "abort"],
    [MoveSeatPolicy.ForceReplace, "replace"],
    [MoveSeatPolicy.SwapPosition, "swap"],
    [undefined, "abort"],
  ].map(([theirs, policy]) => [
    "moveUserToSeat",
    { userId: "u", targetIndex: 4, policy: theirs },
    { type: "moveSeat", seatIndex: 4, userId: "u", policy },
  ]),
  ["openRemoteMicrophone", { userId: "u" }, locking("microphone", false)],
  ["closeRemoteMicrophone", { userId: "u" }, locking("microphone", true)],
  ["openRemoteCamera", { userId: "u" }, locking("camera", false)],
  ["closeRemoteCamera", { userId: "u" }, locking("camera", true)],
].map(([method, argument, sent]) => [String(method), argument, sent]);

for (const [method, argument, sent] of SEAT_CALLS) {
  test(`LiveSeatState's ${method} sends ${sent.type} ${sent.policy ?? ""}`, async () => {
    const { house, places } = await storesIn(ON_SEAT);
    await /** @type {any} */ (places)[method](argument);
    assert.deepEqual(house.sent, sent);
  });
}

test("LiveSeatState shows seats, voices and lines, and what the staff did to the own devices", async () => {
  const { house, places, heard } = await storesIn({ ...ON_SEAT, seats: seats({ 2: { isLocked: true } }) });
  assert.deepEqual(
    places.seatList.slice(0, 3).map(({ index, isLocked, userInfo }) => [index, isLocked, userInfo?.userId ?? null]),
    [
      [0, false, "h"],
      [1, false, "g"],
      [2, true, null],
    ],
  );
  await house.tell([{ type: "onUserVoiceVolumeChanged", volumes: { g: 40 } }]);
  await house.tell([{ type: "onUserNetworkQualityChanged", qualities: { g: "bad" } }]);
  assert.deepEqual(
    [...places.speakingUsers, ...places.networkQualities],
    [
      ["g", 40],
      ["g", { quality: NetworkQuality.Bad, upLoss: 0, downLoss: 0, delay: 0 }],
    ],
  );
  for (const device of ["microphone", "camera", "screen"]) {
    await house.tell([{ type: "onLocalDeviceClosedByAdmin", device, operator: HOST }], "me");
    await house.tell([{ type: "onLocalDeviceOpenedByAdmin", device, operator: HOST, policy: "unlockOnly" }], "me");
  }
  assert.deepEqual(heard, [
    [LiveSeatEvent.onLocalMicrophoneClosedByAdmin, {}],
    [LiveSeatEvent.onLocalMicrophoneOpenedByAdmin, { policy: DeviceControlPolicy.UnlockOnly }],
    [LiveSeatEvent.onLocalCameraClosedByAdmin, {}],
    [LiveSeatEvent.onLocalCameraOpenedByAdmin, { policy: DeviceControlPolicy.UnlockOnly }],
  ]);
});
