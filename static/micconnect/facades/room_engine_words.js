/** The numbers and names of the seed system's room engine, as its programs import them. */

import { DeviceState, RequestKind, SeatMode } from "../protocol.js";

export const TUIRole = Object.freeze({ kRoomOwner: 0, kAdministrator: 1, kGeneralUser: 2 });
export const TUISeatMode = Object.freeze({ kFreeToTake: 1, kApplyToTake: 2 });
export const TUIMediaDevice = Object.freeze({ kMicrophone: 1, kCamera: 2, kScreen: 3 });
export const TUIVideoStreamType = Object.freeze({ kCameraStream: 0, kScreenStream: 1 });
export const TUIChangeReason = Object.freeze({ kChangedBySelf: 0, kChangedByAdmin: 1 });
export const TUIRoomDismissedReason = Object.freeze({ kByOwner: 1, kByServer: 2 });
export const TUINetworkQuality = Object.freeze({
  kQualityUnknown: 0,
  kQualityGood: 2,
  kQualityPoor: 3,
  kQualityBad: 4,
});

export const TUIKickedOutOfRoomReason = Object.freeze({
  kKickedByAdmin: 0,
  kKickedByLoggedOnOtherDevice: 1,
  kKickedByServer: 2,
});

export const TUIRequestAction = Object.freeze({
  kInvalidAction: 0,
  kRequestToOpenRemoteCamera: 1,
  kRequestToOpenRemoteMicrophone: 2,
  kRequestToTakeSeat: 4,
  kRequestRemoteUserOnSeat: 5,
  kApplyToAdminToOpenLocalCamera: 6,
  kApplyToAdminToOpenLocalMicrophone: 7,
  kApplyToAdminToOpenLocalScreenShare: 8,
});

export const TUIRequestCallbackType = Object.freeze({
  kRequestAccepted: 0,
  kRequestRejected: 1,
  kRequestCancelled: 2,
  kRequestTimeout: 3,
  kRequestError: 4,
});

/** The observer events, by name. */
export const TUIRoomEvents = Object.freeze({
  onError: "onError",
  onAutoPlayFailed: "onAutoPlayFailed",
  onKickedOutOfRoom: "onKickedOutOfRoom",
  onRoomDismissed: "onRoomDismissed",
  onRoomNameChanged: "onRoomNameChanged",
  onRoomSeatModeChanged: "onRoomSeatModeChanged",
  onRoomMaxSeatCountChanged: "onRoomMaxSeatCountChanged",
  onRoomMetadataChanged: "onRoomMetadataChanged",
  onRoomUserCountChanged: "onRoomUserCountChanged",
  onUserInfoChanged: "onUserInfoChanged",
  onUserAudioStateChanged: "onUserAudioStateChanged",
  onUserVideoStateChanged: "onUserVideoStateChanged",
  onUserVoiceVolumeChanged: "onUserVoiceVolumeChanged",
  onUserNetworkQualityChanged: "onUserNetworkQualityChanged",
  onUserScreenCaptureStopped: "onUserScreenCaptureStopped",
  onSeatListChanged: "onSeatListChanged",
  onKickedOffSeat: "onKickedOffSeat",
  onRequestReceived: "onRequestReceived",
  onRequestCancelled: "onRequestCancelled",
  onRequestProcessed: "onRequestProcessed",
});

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").RoomView} RoomView */

/** @type {Record<number, Device>} */
const DEVICES = { 1: "microphone", 2: "camera", 3: "screen" };
/** @type {Record<Device, number>} what the staff asks of a guest; nobody is asked to share a screen there */
const ASKED = { microphone: 2, camera: 1, screen: 0 };
/** @type {Record<Device, number>} what a guest asks of the staff */
const ASKS = { microphone: 7, camera: 6, screen: 8 };

/** @param {number} device  one of TUIMediaDevice @returns {Device} */
export function deviceOf(device) {
  return DEVICES[device] ?? "microphone";
}

/** @param {string} seatMode  modes that the seed system does not have are shown as its nearest, ApplyToTake */
export function seatModeNumber(seatMode) {
  return seatMode === SeatMode.FREE ? TUISeatMode.kFreeToTake : TUISeatMode.kApplyToTake;
}

/** @param {number} seatMode  one of TUISeatMode */
export function seatModeOf(seatMode) {
  return seatMode === TUISeatMode.kFreeToTake ? SeatMode.FREE : SeatMode.APPLY;
}

/**
 * @param {string} userId
 * @param {LiveInfo | null} info
 */
export function roleNumber(userId, info) {
  if (userId === info?.host.userId) return TUIRole.kRoomOwner;
  const isHelper = info?.moderators.some((helper) => helper.userId === userId);
  return isHelper ? TUIRole.kAdministrator : TUIRole.kGeneralUser;
}

/**
 * Somebody as TUIUserInfo, with the devices as they are on the seat.
 * @param {UserInfo} user
 * @param {RoomView} view
 */
export function userInfo({ userId, userName }, { info, connectedUsers }) {
  const seat = connectedUsers.find((user) => user.userId === userId);
  return {
    userId,
    userName,
    nameCard: "",
    avatarUrl: "",
    userRole: roleNumber(userId, info),
    hasAudioStream: seat?.microphone === DeviceState.OPEN,
    hasVideoStream: hasPicture(seat),
    hasScreenStream: seat?.screen === DeviceState.OPEN,
  };
}

/** @param {ConnectedUser | undefined} user */
export function hasPicture(user) {
  return user?.media === "video" && user.camera === DeviceState.OPEN;
}

/**
 * All seats as TUISeatInfo, 0 (the host's) first.
 * @param {RoomView} view
 */
export function seatList({ seats, connectedUsers }) {
  return seats.map(({ seatIndex, userId, isLocked, isMicrophoneLocked, isCameraLocked }) => ({
    index: seatIndex,
    userId,
    userName: connectedUsers.find((user) => user.userId === userId)?.userName ?? "",
    nameCard: "",
    avatarUrl: "",
    locked: isLocked,
    isVideoLocked: isCameraLocked,
    isAudioLocked: isMicrophoneLocked,
  }));
}

/** @typedef {ReturnType<typeof seatList>} SeatList */

/**
 * The room as TUIRoomInfo.
 * @param {RoomView} view
 */
export function roomInfo({ info, viewerCount }) {
  const { options, host } = /** @type {LiveInfo} */ (info);
  return {
    roomId: info?.roomId ?? "",
    roomName: options.title,
    roomType: 2,
    isSeatEnabled: true,
    seatMode: seatModeNumber(options.seatMode),
    maxSeatCount: info?.seatCount ?? 0,
    ownerId: host.userId,
    ownerName: host.userName,
    ownerAvatarUrl: "",
    createTime: info?.liveSince ? Math.floor(Date.parse(info.liveSince) / 1000) : 0,
    roomMemberCount: viewerCount,
  };
}

/**
 * An application or invitation as TUIRequest; `userId` is who asks.
 * @param {RequestInfo} request
 */
export function takeSeatRequest({ requestId, kind, user, operator, extraInfo, createdAt }) {
  const isApplication = kind === RequestKind.APPLICATION;
  const from = isApplication ? user : (operator ?? user);
  const action = isApplication ? TUIRequestAction.kRequestToTakeSeat : TUIRequestAction.kRequestRemoteUserOnSeat;
  return tuiRequest(action, requestId, from, createdAt, extraInfo);
}

/**
 * What the staff asks of a guest about a device (`isOurs` false) or a guest of the staff, as TUIRequest. The room
 * knows one such question per person and device, so that names it.
 * @param {"asked" | "asks"} direction
 * @param {Device} device
 * @param {UserInfo} from
 * @param {string} userId  on whose seat the device is
 */
export function deviceRequest(direction, device, from, userId) {
  const action = (direction === "asked" ? ASKED : ASKS)[device];
  return tuiRequest(action, `${direction}:${device}:${userId}`, from, new Date().toISOString(), "");
}

/**
 * The parts of a device request's id; null for the id of an application or invitation.
 * @param {string} requestId
 */
export function deviceRequestParts(requestId) {
  const [, direction, device, userId] = /^(asked|asks):(microphone|camera|screen):(.+)$/.exec(requestId) ?? [];
  return direction && userId ? { direction, device: /** @type {Device} */ (device), userId } : null;
}

/**
 * @param {number} requestAction
 * @param {string} requestId
 * @param {UserInfo} from
 * @param {string} at  ISO 8601
 * @param {string} content
 */
export function tuiRequest(requestAction, requestId, from, at, content) {
  const timestamp = Math.floor(Date.parse(at) / 1000);
  const { userId, userName } = from;
  return { requestAction, requestId, userId, userName, nameCard: "", avatarUrl: "", timestamp, content };
}

/** @typedef {ReturnType<typeof tuiRequest>} TUIRequest */
