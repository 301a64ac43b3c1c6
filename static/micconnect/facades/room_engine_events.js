/** The room engine's observer events: moments of the wire, and what differs between two pictures of the room. */

import { CloseCode, DeviceState, RoomEnd } from "../protocol.js";
import { isOurs, otherSide } from "./requests.js";
import {
  TUIChangeReason,
  TUIKickedOutOfRoomReason,
  TUINetworkQuality,
  TUIRoomDismissedReason,
  TUIVideoStreamType,
} from "./room_engine_enums.js";
import * as words from "./room_engine_words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LastConnection} LastConnection */
/** @typedef {import("../protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("../room.js").RoomView} RoomView */
/** @typedef {(name: keyof typeof import("./room_engine_enums.js").TUIRoomEvents, event: object) => void} Emit */

/** @type {Record<number, number>} why the server closed the line for good, as TUIKickedOutOfRoomReason */
const KICKED = {
  [CloseCode.REMOVED]: TUIKickedOutOfRoomReason.kKickedByAdmin,
  [CloseCode.TAKEN_OVER]: TUIKickedOutOfRoomReason.kKickedByLoggedOnOtherDevice,
  [CloseCode.BAD_FRAMES]: TUIKickedOutOfRoomReason.kKickedByServer,
  [CloseCode.FORBIDDEN]: TUIKickedOutOfRoomReason.kKickedByServer,
};
const UNMEASURED = Object.freeze({ upLoss: 0, downLoss: 0, delay: 0 }); // they are told to the staff alone
const QUALITIES = Object.freeze({
  good: TUINetworkQuality.kQualityGood,
  poor: TUINetworkQuality.kQualityPoor,
  bad: TUINetworkQuality.kQualityBad,
});

/**
 * Tells `emit` everything that happens in a room. To be called once for a room, before it connects.
 * @param {MicRoom} room
 * @param {Emit} emit
 */
export function followRoom(room, emit) {
  /** @type {RoomView | null} */
  let before = null;
  const devices = new DeviceEvents(room, emit);
  room.addEventListener("change", () => {
    const now = room.state;
    if (before) compare(before, now, emit);
    if (now.info && (before || now.status.phase === "open")) before = now; // what is left of a former entry is not
    devices.look();
    if (now.status.phase === "closed") before = null; // whoever enters again finds the room as it is then
  });
  /** @param {string} name @param {(detail: any) => void} task */
  const hear = (name, task) => room.addEventListener(name, (event) => task(/** @type {CustomEvent} */ (event).detail));

  hear("onRoomUserCountChanged", ({ count }) =>
    emit("onRoomUserCountChanged", { roomId: room.state.info?.roomId ?? "", userCount: count }),
  );
  hear("onUserVoiceVolumeChanged", ({ volumes }) =>
    emit("onUserVoiceVolumeChanged", {
      userVolumeList: Object.entries(volumes).map(([userId, volume]) => ({ userId, volume })),
    }),
  );
  hear("onUserNetworkQualityChanged", ({ qualities }) =>
    emit("onUserNetworkQualityChanged", {
      userNetworkList: Object.entries(qualities).map(([userId, quality]) => ({
        userId,
        quality: QUALITIES[/** @type {keyof typeof QUALITIES} */ (quality)] ?? TUINetworkQuality.kQualityUnknown,
        ...UNMEASURED,
      })),
    }),
  );
  hear("onRoomDismissed", ({ roomId, reason }) => {
    const { kByOwner, kByServer } = TUIRoomDismissedReason;
    emit("onRoomDismissed", { roomId, reason: reason === RoomEnd.HOST ? kByOwner : kByServer });
  });
  hear("onUserConnectionTerminated", (/** @type {{lastConnection: LastConnection}} */ { lastConnection }) => {
    const { seatIndex, operator, note: message } = lastConnection;
    emit("onKickedOffSeat", { seatIndex, ...operatorInfo(room, operator), message });
  });
  followRequests(room, emit, hear);
}

/**
 * @param {MicRoom} room
 * @param {Emit} emit
 * @param {(name: string, task: (detail: any) => void) => void} hear
 */
function followRequests(room, emit, hear) {
  const mine = () => /** @type {UserInfo} */ (room.state.me?.user);
  hear("onUserConnectionRequest", ({ request }) => {
    if (!isOurs(room, request)) emit("onRequestReceived", { request: words.takeSeatRequest(request) });
  });
  hear("onDeviceAsked", ({ device, operator }) =>
    emit("onRequestReceived", { request: words.deviceRequest("asked", device, operator, mine().userId) }),
  );
  hear("onDeviceRequested", ({ device, user }) =>
    emit("onRequestReceived", { request: words.deviceRequest("asks", device, user, user.userId) }),
  );
  // whoever could have answered hears only that the request is gone, by whichever end
  for (const name of ["onUserConnectionCancelled", "onUserConnectionTimeout"]) {
    hear(name, ({ request }) => {
      if (isOurs(room, request)) return;
      const { requestId } = request;
      const told = { request: words.takeSeatRequest(request), requestId };
      emit("onRequestCancelled", { ...told, ...operatorInfo(room, otherSide(room, request)) });
    });
  }
  hear("onRequestProcessed", ({ request }) => {
    const { operator, requestId } = /** @type {RequestInfo} */ (request);
    if (operator?.userId === mine().userId) return;
    const told = { request: words.takeSeatRequest(request), requestId };
    emit("onRequestProcessed", { ...told, ...operatorInfo(room, operator) });
  });
}

/**
 * Who did something; what nobody did by hand was done for the host.
 * @param {MicRoom} room
 * @param {UserInfo | null} operator
 */
function operatorInfo({ state }, operator) {
  const userInfo = words.userInfo(operator ?? /** @type {LiveInfo} */ (state.info).host, state);
  return { userId: userInfo.userId, userInfo };
}

/**
 * @param {RoomView} before
 * @param {RoomView} now
 * @param {Emit} emit
 */
function compare(before, now, emit) {
  compareSeats(words.seatList(before), words.seatList(now), emit);
  compareOptions(before, now, emit);
  for (const user of union(before.info?.moderators ?? [], now.info?.moderators ?? [])) {
    const info = words.userInfo(user, now);
    const { userId, userRole } = info;
    if (words.roleNumber(userId, before.info) === userRole) continue;
    emit("onUserInfoChanged", { userInfo: info });
    emit("onUserRoleChanged", { userId, userRole, userInfo: info });
  }
  for (const key of new Set([...Object.keys(before.metadata), ...Object.keys(now.metadata)])) {
    const value = now.metadata[key] ?? "";
    if (before.metadata[key] !== now.metadata[key]) emit("onRoomMetadataChanged", { key, value });
  }
  if (now.status.phase === "closed" && before.status.phase !== "closed") {
    const reason = KICKED[now.status.code];
    const roomId = now.info?.roomId ?? "";
    if (reason !== undefined) emit("onKickedOutOfRoom", { roomId, reason, message: now.status.text });
  }
}

/**
 * @param {words.SeatList} before
 * @param {words.SeatList} now
 * @param {Emit} emit
 */
function compareSeats(before, now, emit) {
  if (JSON.stringify(before) === JSON.stringify(now)) return;
  const newIn = (/** @type {words.SeatList} */ list, /** @type {words.SeatList} */ other) =>
    list.filter(({ userId }) => userId && !other.some((seat) => seat.userId === userId));
  emit("onSeatListChanged", { seatList: now, seatedList: newIn(now, before), leftList: newIn(before, now) });
}

const NOTHING = Object.freeze({ microphone: false, camera: false, screen: false });

/**
 * What is told of devices. Whoever enters hears of all that are open, as soon as whoever waited for the entering had
 * time to listen; from then on, of what changes.
 */
class DeviceEvents {
  /** @type {Map<string, Record<Device, boolean>>} what was told of whom */
  #told = new Map();
  #phase = /** @type {"out" | "entering" | "in"} */ ("out");
  #room;
  #emit;

  /** @param {MicRoom} room @param {Emit} emit */
  constructor(room, emit) {
    this.#room = room;
    this.#emit = emit;
  }

  look() {
    const { info, status } = this.#room.state;
    if (status.phase === "closed") {
      this.#phase = "out";
      this.#told.clear();
    } else if (this.#phase === "in") this.#tell();
    else if (this.#phase === "out" && info && status.phase === "open") {
      this.#phase = "entering";
      setTimeout(() => this.#entered(), 0);
    }
  }

  #entered() {
    if (this.#phase !== "entering") return;
    this.#phase = "in";
    this.#tell();
  }

  #tell() {
    const { connectedUsers } = this.#room.state;
    for (const userId of new Set([...this.#told.keys(), ...connectedUsers.map((user) => user.userId)])) {
      const seat = connectedUsers.find((user) => user.userId === userId);
      const old = this.#told.get(userId) ?? NOTHING;
      const now = {
        microphone: words.hasSound(seat),
        camera: words.hasPicture(seat),
        screen: seat?.screen === DeviceState.OPEN,
      };
      if (seat) this.#told.set(userId, now);
      else this.#told.delete(userId);
      this.#compare(userId, old, now, seat);
    }
  }

  /**
   * @param {string} userId
   * @param {Record<Device, boolean>} old
   * @param {Record<Device, boolean>} now
   * @param {ConnectedUser | undefined} seat
   */
  #compare(userId, old, now, seat) {
    const { kCameraStream, kScreenStream } = TUIVideoStreamType;
    const reason = (/** @type {Device} */ device) => reasonOf(seat, device);
    if (old.microphone !== now.microphone) {
      this.#emit("onUserAudioStateChanged", { userId, hasAudio: now.microphone, reason: reason("microphone") });
    }
    for (const [device, streamType] of /** @type {const} */ ([
      ["camera", kCameraStream],
      ["screen", kScreenStream],
    ])) {
      if (old[device] === now[device]) continue;
      this.#emit("onUserVideoStateChanged", { userId, streamType, hasVideo: now[device], reason: reason(device) });
    }
  }
}

/** @param {ConnectedUser | undefined} seat @param {Device} device */
function reasonOf(seat, device) {
  const { kChangedByAdmin, kChangedBySelf } = TUIChangeReason;
  return seat?.[device] === DeviceState.LOCKED ? kChangedByAdmin : kChangedBySelf;
}

/**
 * @param {RoomView} before
 * @param {RoomView} now
 * @param {Emit} emit
 */
function compareOptions(before, now, emit) {
  const [old, info] = [words.roomInfo(before), words.roomInfo(now)];
  const { roomId, roomName, seatMode, maxSeatCount } = info;
  if (old.roomName !== roomName) emit("onRoomNameChanged", { roomId, roomName });
  if (old.seatMode !== seatMode) emit("onRoomSeatModeChanged", { roomId, seatMode });
  if (old.maxSeatCount !== maxSeatCount) emit("onRoomMaxSeatCountChanged", { maxSeatNumber: maxSeatCount });
  const isDisable = info.isMicrophoneDisableForAllUser;
  if (old.isMicrophoneDisableForAllUser !== isDisable) emit("onAllUserMicrophoneDisableChanged", { isDisable });
}

/**
 * @template {UserInfo} T
 * @param {T[]} first
 * @param {T[]} second
 * @returns {T[]} everybody once
 */
function union(first, second) {
  return [...new Map([...first, ...second].map((user) => [user.userId, user])).values()];
}
