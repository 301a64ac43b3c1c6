/** The calls of the seed system that are not offered here: each is refused with a word, and none is missing. */

import { refuse } from "./errors.js";

/**
 * @typedef {object} Refusal
 * @property {string} why  what stands here instead, or why nothing does
 * @property {readonly string[]} calls  of those that give promises; they reject
 * @property {readonly string[]} [atOnce]  of those that give no promise; they throw
 */

const CHAT = "This system has no chat and no messages; embed a chat beside it.";
const CROSS_ROOM = "One room has one host here: rooms are not connected with each other, and there are no battles.";
const NAMES = "Who somebody is, and under which name, stands in the join ticket.";
const SENDING = "How pictures and sound are sent is decided by what the line carries and how many are on air.";
const DEVICES = "The browser chooses the devices; build a choice with the page's own navigator.mediaDevices.";
const SCREEN = "Browsers ask the person which screen to share: call startScreenSharing straight from a click.";
const INSIDE = "There is nothing of that kind inside: everything goes through MicRoom.";

/** @type {Record<string, readonly Refusal[]>} by class */
export const REFUSED = Object.freeze({
  TUIRoomEngine: [
    {
      why: CHAT,
      calls: [
        "sendTextMessage",
        "sendCustomMessage",
        "disableSendingMessageForAllUser",
        "disableSendingMessageByAdmin",
      ],
    },
    { why: NAMES, calls: ["changeUserNameCard", "setCustomInfoForUser"] },
    { why: "Who may enter is decided by whoever signs the tickets.", calls: ["updateRoomPasswordByAdmin"] },
    {
      why: SENDING,
      calls: ["updateVideoQuality", "updateVideoQualityEx", "setVideoResolutionMode", "updateAudioQuality"],
    },
    { why: "Mute single people with muteRemoteAudioStream.", calls: ["setAudioPlayoutVolume"] },
    {
      why: DEVICES,
      calls: [
        "getCameraDevicesList",
        "getMicDevicesList",
        "getSpeakerDevicesList",
        "setCurrentCameraDevice",
        "setCurrentMicDevice",
        "setCurrentSpeakerDevice",
        "switchCamera",
        "startCameraDeviceTest",
        "stopCameraDeviceTest",
        "startMicDeviceTest",
        "stopMicDeviceTest",
      ],
      atOnce: ["getCurrentCameraDevice", "getCurrentMicDevice", "getCurrentSpeakerDevice", "getMediaDeviceManager"],
    },
    {
      why: SCREEN,
      calls: [
        "startScreenSharingElectron",
        "stopScreenSharingElectron",
        "getScreenSharingTarget",
        "selectScreenSharingTarget",
        "startScreenCapture",
        "stopScreenCapture",
      ],
    },
    {
      why: "Shows are neither planned nor listed here: enterRoom and createRoom take the id of a room.",
      calls: [],
      atOnce: [
        "getConferenceListManager",
        "getConferenceInvitationManager",
        "getLiveListManager",
        "getLiveLayoutManager",
      ],
    },
    { why: CROSS_ROOM, calls: [], atOnce: ["getLiveConnectionManager", "getLiveBattleManager"] },
    { why: "This system has no gifts and no likes.", calls: [], atOnce: ["getLiveGiftManager"] },
    { why: INSIDE, calls: ["callExperimentalAPI"], atOnce: ["getTRTCCloud", "getTIM"] },
  ],
  "TUIRoomEngine (static)": [
    { why: NAMES, calls: ["setSelfInfo"] },
    { why: INSIDE, calls: ["callExperimentalAPI"], atOnce: ["setModule"] },
  ],
  LiveCoreView: [
    {
      why: CROSS_ROOM,
      calls: [
        "requestCrossRoomConnection",
        "cancelCrossRoomConnection",
        "respondToCrossRoomConnection",
        "terminateCrossRoomConnection",
        "requestBattle",
        "cancelBattle",
        "respondToBattle",
        "terminateBattle",
      ],
      atOnce: ["registerBattleObserver", "unregisterBattleObserver"],
    },
  ],
  CoGuestState: [],
  LiveSeatState: [
    {
      why: "These stores carry no media: show the streams of MicMedia, or use TUIRoomEngine or LiveCoreView.",
      calls: ["startPlayStream", "stopPlayStream"],
    },
  ],
});

/**
 * Gives a class the calls that it refuses.
 * @param {object} target  its prototype, or the class itself for calls of the class
 * @param {string} name  under which they are listed
 */
export function refuseCalls(target, name) {
  for (const { why, calls, atOnce = [] } of REFUSED[name] ?? []) {
    for (const call of [...calls, ...atOnce]) {
      const error = () => refuse("NOT_OFFERED", `${call} is not offered here. ${why}`, { call });
      const value = calls.includes(call)
        ? async () => {
            throw error();
          }
        : () => {
            throw error();
          };
      Object.defineProperty(target, call, { value, writable: true, configurable: true });
    }
  }
}
