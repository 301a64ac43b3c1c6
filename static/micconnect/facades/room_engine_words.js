/** The people, seats, rooms and requests of the seed system's room engine, in its shapes. */

import {
  ANY_SEAT,
  DeviceState,
  GUESTS_MAX,
  MovePolicy,
  RequestKind,
  SeatMode,
  TIMEOUT_MAX_S,
  TIMEOUT_MIN_S,
  TITLE_MAX,
} from "../protocol.js";
import { refuse } from "./errors.js";
import { TUIMoveSeatPolicy, TUIRequestAction, TUIRole, TUIRoomType, TUISeatMode } from "./room_engine_enums.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").RoomView} RoomView */

/** @type {Record<number, Device | undefined>} */
const DEVICES = { 1: "microphone", 2: "camera", 3: "screen" };
/** @type {Record<Device, number>} what the staff asks of a guest; nobody is asked to share a screen there */
const ASKED = { microphone: 2, camera: 1, screen: 0 };
/** @type {Record<Device, number>} what a guest asks of the staff */
const ASKS = { microphone: 7, camera: 6, screen: 8 };
/** @type {Record<number, SeatMode | undefined>} */
const MODES = { [TUISeatMode.kFreeToTake]: SeatMode.FREE, [TUISeatMode.kApplyToTake]: SeatMode.APPLY };
/** @type {Record<number, MovePolicy | undefined>} */
const POLICIES = {
  [TUIMoveSeatPolicy.kAbortWhenOccupied]: MovePolicy.ABORT,
  [TUIMoveSeatPolicy.kForceReplace]: MovePolicy.REPLACE,
  [TUIMoveSeatPolicy.kSwapPosition]: MovePolicy.SWAP,
};

/**
 * What is meant by a value of the seed system's; a value that it does not have is refused, and never read as another.
 * @template T
 * @param {T | undefined} meant
 * @param {string} what
 * @param {unknown} given
 * @returns {T}
 * @throws {import("./errors.js").FacadeError} -1001
 */
export function meaning(meant, what, given) {
  if (meant === undefined) throw refuse("BAD_PARAMETER", `${String(given)} is no ${what}.`, { given });
  return meant;
}

/** @param {number} device  one of TUIMediaDevice @returns {Device} */
export function deviceOf(device) {
  return meaning(DEVICES[device], "TUIMediaDevice", device);
}

/** @param {number} policy  one of TUIMoveSeatPolicy @returns {MovePolicy} */
export function policyOf(policy) {
  return meaning(POLICIES[policy], "TUIMoveSeatPolicy", policy);
}

/** @param {number} role  one of TUIRole, but not the owner's */
export function isHelperRole(role) {
  if (role === TUIRole.kRoomOwner) throw refuse("NOT_OFFERED", "A room cannot be given away: its host is an account.");
  /** @type {Record<number, boolean | undefined>} */
  const isHelper = { [TUIRole.kAdministrator]: true, [TUIRole.kGeneralUser]: false };
  return meaning(isHelper[role], "TUIRole", role);
}

/**
 * A seat's number, before it is sent.
 * @param {number} seatIndex
 * @param {{isAny?: boolean}} [options]  `isAny`: -1 stands for any free seat
 * @throws {import("./errors.js").FacadeError} -2344
 */
export function seatIndexOf(seatIndex, { isAny = false } = {}) {
  const isSeat = Number.isInteger(seatIndex) && seatIndex >= 0 && seatIndex <= GUESTS_MAX;
  if (isSeat || (isAny && seatIndex === ANY_SEAT)) return seatIndex;
  throw refuse("NO_SUCH_SEAT", undefined, { seatIndex });
}

/**
 * How long a request waits, before it is sent.
 * @param {number | undefined} seconds  0 for ever; the room's own wait when left out
 * @throws {import("./errors.js").FacadeError} -1001
 */
export function timeoutOf(seconds) {
  const isWait = Number.isInteger(seconds) && Number(seconds) >= TIMEOUT_MIN_S && Number(seconds) <= TIMEOUT_MAX_S;
  if (seconds === undefined || seconds === 0 || isWait) return seconds;
  const waits = `A request waits ${TIMEOUT_MIN_S} to ${TIMEOUT_MAX_S} seconds, or 0 for ever.`;
  throw refuse("BAD_PARAMETER", waits, { timeout: seconds });
}

/**
 * A room's name, before it is sent.
 * @param {string | undefined} roomName  undefined leaves it as it is
 * @throws {import("./errors.js").FacadeError} -2107
 */
export function titleOf(roomName) {
  const isTitle = typeof roomName === "string" && roomName.trim() !== "" && [...roomName].length <= TITLE_MAX;
  if (roomName === undefined || isTitle) return roomName;
  throw refuse("BAD_ROOM_NAME", undefined, { roomName });
}

/**
 * A room's seats for guests, before they are sent.
 * @param {number | undefined} maxSeatCount  undefined leaves them as they are
 * @throws {import("./errors.js").FacadeError} -2340
 */
export function seatCountOf(maxSeatCount) {
  const isCount = Number.isInteger(maxSeatCount) && Number(maxSeatCount) >= 1 && Number(maxSeatCount) <= GUESTS_MAX;
  if (maxSeatCount === undefined || isCount) return maxSeatCount;
  throw refuse("TOO_MANY_SEATS", undefined, { maxSeatCount });
}

/**
 * Somebody's id, before it is sent.
 * @param {string} userId
 * @throws {import("./errors.js").FacadeError} -2200
 */
export function userIdOf(userId) {
  if (typeof userId === "string" && /^[^\0]{1,64}$/su.test(userId)) return userId;
  throw refuse("NO_SUCH_USER", undefined, { userId });
}

/**
 * The id of an application or invitation, before it is sent.
 * @param {string} requestId
 * @throws {import("./errors.js").FacadeError} -2311
 */
export function requestIdOf(requestId) {
  if (typeof requestId === "string" && /^r[1-9]\d{0,17}$/.test(requestId)) return requestId;
  throw refuse("NO_SUCH_REQUEST", undefined, { requestId });
}

/** What a room cannot be made with here; it would be taken for granted if it were passed over. */
const NOT_OF_ROOMS = [
  "password",
  "isMicrophoneDisableForAllUser",
  "isCameraDisableForAllUser",
  "isScreenShareDisableForAllUser",
];

/**
 * @param {Record<string, unknown>} options  of `createRoom`, besides those that it knows
 * @throws {import("./errors.js").FacadeError} -2103
 */
export function refuseUnknownOptions(options) {
  const refused = NOT_OF_ROOMS.find((name) => options[name]);
  if (refused) throw refuse("NOT_OFFERED", `createRoom: this system has no ${refused}.`, { call: "createRoom" });
}

/**
 * Metadata as an object, which the seed system wants as JSON.
 * @param {unknown} metadata
 * @returns {Record<string, string | null>}
 * @throws {import("./errors.js").FacadeError} -1001
 */
export function entriesOf(metadata) {
  let entries = metadata;
  try {
    if (typeof metadata === "string") entries = JSON.parse(metadata);
  } catch {
    entries = null;
  }
  const isRecord = typeof entries === "object" && entries !== null && !Array.isArray(entries);
  return meaning(isRecord ? /** @type {any} */ (entries) : undefined, "object of texts, nor its JSON", metadata);
}

/** @param {string} seatMode  modes that the seed system does not have are shown as its nearest, ApplyToTake */
export function seatModeNumber(seatMode) {
  return seatMode === SeatMode.FREE ? TUISeatMode.kFreeToTake : TUISeatMode.kApplyToTake;
}

/** @param {number} seatMode  one of TUISeatMode */
export function seatModeOf(seatMode) {
  return meaning(MODES[seatMode], "TUISeatMode", seatMode);
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
    hasAudioStream: hasSound(seat),
    hasVideoStream: hasPicture(seat),
    hasScreenStream: seat?.screen === DeviceState.OPEN,
    isMessageDisabled: false,
    roomCustomInfo: {},
  };
}

/** @param {ConnectedUser | undefined} user */
export function hasPicture(user) {
  return user?.media === "video" && user.camera === DeviceState.OPEN && !user.stalled.includes("camera");
}

/** @param {ConnectedUser | undefined} user */
export function hasSound(user) {
  return user?.microphone === DeviceState.OPEN && !user.stalled.includes("microphone");
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
    isLocked,
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
    roomType: TUIRoomType.kLive,
    isSeatEnabled: true,
    seatMode: seatModeNumber(options.seatMode),
    password: "",
    isMicrophoneDisableForAllUser: !options.mayUnmute,
    isScreenShareDisableForAllUser: false,
    isCameraDisableForAllUser: false,
    isMessageDisableForAllUser: false,
    maxSeatCount: info?.seatCount ?? 0,
    roomOwner: host.userId,
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
  const fromUser = { userId: from.userId, userName: from.userName, nameCard: "", avatarUrl: "" };
  return { requestAction, requestId, ...fromUser, fromUser, timestamp, content };
}

/** @typedef {ReturnType<typeof tuiRequest>} TUIRequest */
