/**
 * The calls of the seed system by name, as its published packages have them: each is either there, or refused with a
 * word. A program that comes from there never finds a call that is no function.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as guests from "../../static/micconnect/facades/co_guest.js";
import { FacadeError } from "../../static/micconnect/facades/errors.js";
import { LiveCoreView } from "../../static/micconnect/facades/live_core_view.js";
import * as seats from "../../static/micconnect/facades/live_seat.js";
import { REFUSED } from "../../static/micconnect/facades/refusals.js";
import * as engine from "../../static/micconnect/facades/room_engine.js";
import { House } from "./facade_house.js";

const { TUIRoomEngine } = engine;
const words = (/** @type {string} */ text) => text.trim().split(/\s+/);

const ENGINE = words(`
  applyToAdminToOpenLocalDevice callExperimentalAPI cancelRequest changeUserNameCard changeUserRole closeLocalCamera
  closeLocalMicrophone closeRemoteDeviceByAdmin createRoom destroy destroyRoom disableDeviceForAllUserByAdmin
  disableSendingMessageByAdmin disableSendingMessageForAllUser enterRoom exitRoom fetchRoomInfo getCameraDevicesList
  getConferenceInvitationManager getConferenceListManager getCurrentCameraDevice getCurrentMicDevice
  getCurrentSpeakerDevice getLiveBattleManager getLiveConnectionManager getLiveGiftManager getLiveLayoutManager
  getLiveListManager getMediaDeviceManager getMicDevicesList getRoomMetadata getScreenSharingTarget
  getSeatApplicationList getSeatList getSpeakerDevicesList getTIM getTRTCCloud getUserInfo getUserList
  kickRemoteUserOutOfRoom kickUserOffSeatByAdmin leaveSeat lockSeatByAdmin moveToSeat moveUserToSeatByAdmin
  muteLocalAudio muteRemoteAudioStream off on openLocalCamera openLocalMicrophone openRemoteDeviceByAdmin
  responseRemoteRequest selectScreenSharingTarget sendCustomMessage sendTextMessage setAudioPlayoutVolume
  setCurrentCameraDevice setCurrentMicDevice setCurrentSpeakerDevice setCustomInfoForUser setLocalVideoView
  setRemoteVideoView setRoomMetadataByAdmin setVideoResolutionMode startCameraDeviceTest startMicDeviceTest
  startPlayRemoteVideo startPushLocalVideo startScreenSharing startScreenSharingElectron stopCameraDeviceTest
  stopMicDeviceTest stopPlayRemoteVideo stopPushLocalVideo stopScreenSharing stopScreenSharingElectron switchCamera
  takeSeat takeUserOnSeatByAdmin unmuteLocalAudio updateAudioQuality updateRoomNameByAdmin updateRoomPasswordByAdmin
  updateRoomSeatModeByAdmin updateVideoQuality updateVideoQualityEx
`);
const ENGINE_STATIC = words(`
  callExperimentalAPI getInstance getSelfInfo login logout once setModule setSelfInfo
`);
const LIVE_CORE_VIEW = words(`
  cancelBattle cancelCrossRoomConnection cancelIntraRoomConnection disconnectUser joinLiveStream leaveLiveStream
  muteMicrophone registerConnectionObserver requestBattle requestCrossRoomConnection requestIntraRoomConnection
  respondIntraRoomConnection respondToBattle respondToCrossRoomConnection setLayoutMode setVideoViewDelegate startCamera
  startLiveStream startMicrophone stopCamera stopLiveStream stopMicrophone terminateBattle terminateCrossRoomConnection
  terminateIntraRoomConnection unregisterConnectionObserver
`);
const CO_GUEST = words(`
  acceptApplication acceptInvitation applyForSeat cancelApplication cancelInvitation disConnect inviteToSeat
  rejectApplication rejectInvitation subscribeEvent unsubscribeEvent
`);
const LIVE_SEAT = words(`
  closeRemoteCamera closeRemoteMicrophone kickUserOutOfSeat leaveSeat lockSeat moveUserToSeat muteMicrophone
  openRemoteCamera openRemoteMicrophone startPlayStream stopPlayStream subscribeEvent takeSeat unLockSeat unlockSeat
  unmuteMicrophone unsubscribeEvent
`);

const house = new House();
const { room, media } = house.open("r", house.capture);
/** @type {[string, any, string[]][]} */
const CALLS = [
  ["TUIRoomEngine", new TUIRoomEngine(house), ENGINE],
  ["TUIRoomEngine (static)", TUIRoomEngine, ENGINE_STATIC],
  ["LiveCoreView", new LiveCoreView(house), LIVE_CORE_VIEW],
  ["CoGuestState", guests.useCoGuestState(room), CO_GUEST],
  ["LiveSeatState", seats.useLiveSeatState(room, media), LIVE_SEAT],
];

for (const [name, target, calls] of CALLS) {
  test(`${name} has every call of the seed system, or refuses it with a word that names it`, async () => {
    const refused = (REFUSED[name] ?? []).flatMap(({ calls: late, atOnce = [] }) => [...late, ...atOnce]);
    assert.deepEqual(
      calls.filter((call) => typeof target[call] !== "function"),
      [],
    );
    for (const call of refused) {
      const asked = async () => target[call]({});
      await assert.rejects(asked(), (/** @type {any} */ error) => {
        assert.ok(error instanceof FacadeError);
        assert.deepEqual([error.code, error.name, error.details], [-2103, "NOT_OFFERED", { call }]);
        assert.match(error.message, new RegExp(`^${call} is not offered here\\. .{20,}\\.$`));
        return true;
      });
    }
  });
}

test("a refused call that gives a promise there gives one here, and the others throw", async () => {
  for (const [name, target] of CALLS) {
    for (const { calls, atOnce = [] } of REFUSED[name] ?? []) {
      for (const call of calls) await target[call]({}).catch(() => undefined);
      for (const call of atOnce) assert.throws(() => target[call]({}), FacadeError);
    }
  }
});

test("the events of the seed system are there by name", () => {
  const names = (/** @type {object} */ events) => Object.keys(events).sort();
  assert.deepEqual(
    names(engine.TUIRoomEvents),
    words(`
      onAllUserCameraDisableChanged onAllUserMicrophoneDisableChanged onAutoPlayFailed onDeviceChange onError
      onKickedOffLine onKickedOffSeat onKickedOutOfRoom onReceiveCustomMessage onReceiveTextMessage
      onRemoteUserEnterRoom onRemoteUserLeaveRoom onRequestCancelled onRequestProcessed onRequestReceived
      onRoomDismissed onRoomMaxSeatCountChanged onRoomMetadataChanged onRoomNameChanged onRoomSeatModeChanged
      onRoomUserCountChanged onScreenShareForAllUserDisableChanged onSeatListChanged
      onSendMessageForAllUserDisableChanged onSendMessageForUserDisableChanged onUserAudioStateChanged
      onUserInfoChanged onUserNetworkQualityChanged onUserRoleChanged onUserScreenCaptureStopped onUserSigExpired
      onUserVideoStateChanged onUserVoiceVolumeChanged
    `),
  );
  assert.deepEqual(
    names(guests.HostEvent),
    words(`
      onGuestApplicationCancelled onGuestApplicationProcessedByOtherHost onGuestApplicationReceived
      onHostInvitationNoResponse onHostInvitationResponded
    `),
  );
  assert.deepEqual(
    names(guests.GuestEvent),
    words(`
      onGuestApplicationError onGuestApplicationNoResponse onGuestApplicationResponded onHostInvitationCancelled
      onHostInvitationReceived onKickedOffSeat
    `),
  );
  assert.ok(!("CoHostEvent" in guests), "that is the seed system's name for rooms that join each other");
  const listening = new TUIRoomEngine(new House());
  for (const name of Object.values(engine.TUIRoomEvents)) listening.on(name, () => undefined);
  assert.throws(() => listening.on(/** @type {any} */ (undefined), () => undefined), { code: -1001 });
});

test("the names that a program imports are there", () => {
  const theirs = words(`
    default TRTCRole TUIAudioQuality TUIAudioRoute TUICaptureSourceType TUIChangeReason TUIDeviceStatus TUIErrorCode
    TUIKickedOutOfRoomReason TUIMediaDevice TUIMediaDeviceState TUIMediaDeviceType TUIMoveSeatPolicy TUINetworkQuality
    TUIRenderMode TUIRequestAction TUIRequestCallbackType TUIResolutionMode TUIRole TUIRoomDismissedReason
    TUIRoomEvents TUIRoomType TUISeatMode TUIVideoQuality TUIVideoStreamType
  `);
  assert.deepEqual(
    theirs.filter((name) => !(name in engine)),
    [],
  );
  assert.equal(engine.default, TUIRoomEngine);
  assert.deepEqual(
    words("HostEvent GuestEvent NoResponseReason SeatApplicationErrorCode useCoGuestState").filter(
      (name) => !(name in guests),
    ),
    [],
  );
  assert.deepEqual(
    words("LiveSeatEvent MoveSeatPolicy DeviceControlPolicy DeviceStatus NetworkQuality Role useLiveSeatState").filter(
      (name) => !(name in seats),
    ),
    [],
  );
});
