/** The room engine's observer events: moments of the wire, and what differs between two pictures of the room. */

import { CloseCode, DeviceState, RoomEnd } from "../protocol.js";
import { isOurs, otherSide } from "./requests.js";
import * as words from "./room_engine_words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LastConnection} LastConnection */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("../room.js").RoomView} RoomView */
/** @typedef {(name: keyof typeof words.TUIRoomEvents, event: object) => void} Emit */

/** @type {Record<number, number>} why the server closed the line for good, as TUIKickedOutOfRoomReason */
const KICKED = {
  [CloseCode.REMOVED]: words.TUIKickedOutOfRoomReason.kKickedByAdmin,
  [CloseCode.TAKEN_OVER]: words.TUIKickedOutOfRoomReason.kKickedByLoggedOnOtherDevice,
  [CloseCode.BAD_FRAMES]: words.TUIKickedOutOfRoomReason.kKickedByServer,
  [CloseCode.FORBIDDEN]: words.TUIKickedOutOfRoomReason.kKickedByServer,
};
const QUALITIES = Object.freeze({
  good: words.TUINetworkQuality.kQualityGood,
  poor: words.TUINetworkQuality.kQualityPoor,
  bad: words.TUINetworkQuality.kQualityBad,
});

/**
 * Tells `emit` everything that happens in a room. To be called before it connects.
 * @param {MicRoom} room
 * @param {Emit} emit
 */
export function followRoom(room, emit) {
  /** @type {RoomView | null} */
  let before = null;
  room.addEventListener("change", () => {
    const now = room.state;
    if (before) compare(before, now, emit);
    if (now.info) before = now;
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
        quality: QUALITIES[/** @type {keyof typeof QUALITIES} */ (quality)] ?? words.TUINetworkQuality.kQualityUnknown,
      })),
    }),
  );
  hear("onRoomDismissed", ({ roomId, reason }) => {
    const { kByOwner, kByServer } = words.TUIRoomDismissedReason;
    emit("onRoomDismissed", { roomId, reason: reason === RoomEnd.HOST ? kByOwner : kByServer });
  });
  hear("onUserConnectionTerminated", (/** @type {{lastConnection: LastConnection}} */ { lastConnection }) => {
    const { seatIndex, operator, note } = lastConnection;
    emit("onKickedOffSeat", { seatIndex, operator: operator && words.userInfo(operator, room.state), message: note });
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
      const { userId } = otherSide(room, request);
      emit("onRequestCancelled", { request: words.takeSeatRequest(request), requestId, userId });
    });
  }
  hear("onRequestProcessed", ({ request }) => {
    const { operator } = /** @type {RequestInfo} */ (request);
    if (operator?.userId === mine().userId) return;
    emit("onRequestProcessed", {
      request: words.takeSeatRequest(request),
      operator: operator && words.userInfo(operator, room.state),
    });
  });
}

/**
 * @param {RoomView} before
 * @param {RoomView} now
 * @param {Emit} emit
 */
function compare(before, now, emit) {
  compareSeats(words.seatList(before), words.seatList(now), emit);
  for (const user of union(before.connectedUsers, now.connectedUsers)) compareDevices(user, before, now, emit);
  compareOptions(before, now, emit);
  for (const user of union(before.info?.moderators ?? [], now.info?.moderators ?? [])) {
    const info = words.userInfo(user, now);
    if (words.roleNumber(user.userId, before.info) !== info.userRole) emit("onUserInfoChanged", { userInfo: info });
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

/**
 * @param {UserInfo} user
 * @param {RoomView} before
 * @param {RoomView} now
 * @param {Emit} emit
 */
function compareDevices({ userId }, before, now, emit) {
  const [old, seat] = [before, now].map((view) => view.connectedUsers.find((user) => user.userId === userId));
  const { kCameraStream, kScreenStream } = words.TUIVideoStreamType;
  const hasAudio = seat?.microphone === DeviceState.OPEN;
  if ((old?.microphone === DeviceState.OPEN) !== hasAudio) {
    emit("onUserAudioStateChanged", { userId, hasAudio, reason: reasonOf(seat, "microphone") });
  }
  const hasVideo = words.hasPicture(seat);
  if (words.hasPicture(old) !== hasVideo) {
    const reason = reasonOf(seat, "camera");
    emit("onUserVideoStateChanged", { userId, streamType: kCameraStream, hasVideo, reason });
  }
  const hasScreen = seat?.screen === DeviceState.OPEN;
  if ((old?.screen === DeviceState.OPEN) !== hasScreen) {
    const reason = reasonOf(seat, "screen");
    emit("onUserVideoStateChanged", { userId, streamType: kScreenStream, hasVideo: hasScreen, reason });
  }
}

/** @param {ConnectedUser | undefined} seat @param {Device} device */
function reasonOf(seat, device) {
  const { kChangedByAdmin, kChangedBySelf } = words.TUIChangeReason;
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
