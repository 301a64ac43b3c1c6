/** The people, seats and numbers of the seed system's newest stores, in their shapes. */

import { DeviceState } from "../protocol.js";
import { hasPicture, hasSound } from "./room_engine_words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Quality} Quality */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").RoomView} RoomView */

export const Role = Object.freeze({ Owner: 0, Administrator: 1, GeneralUser: 2 });
export const DeviceStatus = Object.freeze({ Off: 0, On: 1 });
export const MoveSeatPolicy = Object.freeze({ AbortWhenOccupied: 0, ForceReplace: 1, SwapPosition: 2 });
export const DeviceControlPolicy = Object.freeze({ UnlockOnly: 1 });
export const NetworkQuality = Object.freeze({
  Unknown: 0,
  Excellent: 1,
  Good: 2,
  Poor: 3,
  Bad: 4,
  VeryBad: 5,
  Down: 6,
});

/** @type {Record<Quality, number>} */
const QUALITIES = { good: NetworkQuality.Good, poor: NetworkQuality.Poor, bad: NetworkQuality.Bad };

/** Somebody as LiveUserInfo. @param {UserInfo} user */
export function liveUser({ userId, userName }) {
  return { userId, userName, avatarUrl: "" };
}

/**
 * Somebody on a seat as SeatUserInfo, with what our own protocol says beside.
 * @param {ConnectedUser} user
 * @param {RoomView} view
 */
export function seatUser(user, { info }) {
  const roomId = info?.roomId ?? "";
  return {
    ...user,
    ...liveUser(user),
    roomId,
    liveId: roomId,
    microphoneStatus: hasSound(user) ? DeviceStatus.On : DeviceStatus.Off,
    allowOpenMicrophone: user.microphone !== DeviceState.LOCKED,
    cameraStatus: hasPicture(user) ? DeviceStatus.On : DeviceStatus.Off,
    allowOpenCamera: user.media === "video" && user.camera !== DeviceState.LOCKED,
    onSeatTimestamp: Math.floor(Date.parse(user.since) / 1000),
    customInfo: {},
  };
}

/** A line as NetworkInfo; loss and delay are told to the staff alone, see `getMediaHealth`. @param {Quality} quality */
export function networkInfo(quality) {
  return { quality: QUALITIES[quality] ?? NetworkQuality.Unknown, upLoss: 0, downLoss: 0, delay: 0 };
}
