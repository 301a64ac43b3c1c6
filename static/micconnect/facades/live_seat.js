/** The seed system's newest store for seats, LiveSeatState, on top of a MicRoom and its media. */

import { hearCallbacks } from "./callbacks.js";
import { told } from "./errors.js";
import { refuseCalls } from "./refusals.js";
import { meaning, policyOf, seatIndexOf, userIdOf } from "./room_engine_words.js";
import { RoomStore, composable } from "./room_store.js";
import { DeviceControlPolicy, MoveSeatPolicy, networkInfo, seatUser } from "./store_words.js";

export { FacadeError } from "./errors.js";
export * from "./store_words.js";

/** @typedef {import("../media/session.js").MicMedia} MicMedia */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../room.js").MicRoom} MicRoom */

export const LiveSeatEvent = Object.freeze({
  onLocalMicrophoneOpenedByAdmin: "onLocalMicrophoneOpenedByAdmin",
  onLocalMicrophoneClosedByAdmin: "onLocalMicrophoneClosedByAdmin",
  onLocalCameraOpenedByAdmin: "onLocalCameraOpenedByAdmin",
  onLocalCameraClosedByAdmin: "onLocalCameraClosedByAdmin",
});

const STATES = /** @type {const} */ (["seatList", "speakingUsers", "networkQualities", "canvas", "avStatistics"]);

/**
 * The store as a composable: `const { seatList, takeSeat } = useLiveSeatState(room, media, shallowRef)`.
 * @param {MicRoom} room
 * @param {MicMedia} media
 * @param {import("./room_store.js").MakeRef} [makeRef]  `shallowRef` of Vue
 */
export function useLiveSeatState(room, media, makeRef) {
  return composable(new LiveSeatState(room, media), STATES, makeRef);
}

export class LiveSeatState extends RoomStore {
  #media;

  /** @param {MicRoom} room @param {MicMedia} media */
  constructor(room, media) {
    super(room, Object.values(LiveSeatEvent));
    this.#media = media;
    const { UnlockOnly: policy } = DeviceControlPolicy; // the only one there is
    this.hear("onLocalDeviceOpenedByAdmin", ({ device }) => this.#byAdmin(device, "Opened", { policy }));
    this.hear("onLocalDeviceClosedByAdmin", ({ device }) => this.#byAdmin(device, "Closed", {}));
  }

  /** All seats, 0 first, with whoever sits there; `userInfo` is undefined when nobody does. */
  get seatList() {
    const { state } = this.room;
    return state.seats.map(({ seatIndex, isLocked, isCameraLocked, isMicrophoneLocked }) => {
      const user = state.connectedUsers.find((other) => other.seatIndex === seatIndex);
      const userInfo = user && seatUser(user, state);
      return { index: seatIndex, isLocked, isVideoLocked: isCameraLocked, isAudioLocked: isMicrophoneLocked, userInfo };
    });
  }

  /** There is no mixed picture here, so it has no size. */
  get canvas() {
    return { width: 0, height: 0, background: "" };
  }

  /** Always empty: figures are told to the staff alone, by `room.getMediaHealth()`. @returns {object[]} */
  get avStatistics() {
    return [];
  }

  /** How loud they speak who speak now, 0-100, by user id. */
  get speakingUsers() {
    return new Map(Object.entries(this.room.state.volumes));
  }

  get networkQualities() {
    const lines = Object.entries(this.room.state.qualities);
    return new Map(lines.map(([userId, quality]) => [userId, networkInfo(quality)]));
  }

  /** Sits down without asking, where that is allowed. @param {{seatIndex?: number, media?: LinkMedia}} [options] */
  async takeSeat({ seatIndex = -1, media = "video" } = {}) {
    await told(() => this.room.takeSeat({ seatIndex: seatIndexOf(seatIndex, { isAny: true }), media }));
  }

  leaveSeat() {
    return told(() => this.room.leaveSeat());
  }

  muteMicrophone() {
    return told(() => this.#media.setOpen("microphone", false));
  }

  unmuteMicrophone() {
    return told(async () => {
      if (this.room.state.me?.connection && !this.room.isHere) await this.room.bringHere();
      await this.#media.setOpen("microphone", true);
    });
  }

  /** Lifts the lock; only the guest opens. @param {{userId: string, policy?: number}} options */
  openRemoteMicrophone({ userId, policy }) {
    return this.#unlock(userId, "microphone", policy);
  }

  /** Mutes and locks. @param {{userId: string}} options */
  closeRemoteMicrophone({ userId }) {
    return this.#lock(userId, "microphone", true);
  }

  /** @param {{userId: string, policy?: number}} options */
  openRemoteCamera({ userId, policy }) {
    return this.#unlock(userId, "camera", policy);
  }

  /** @param {{userId: string}} options */
  closeRemoteCamera({ userId }) {
    return this.#lock(userId, "camera", true);
  }

  /** @param {{seatIndex: number}} options */
  lockSeat({ seatIndex }) {
    return told(() => this.room.lockSeat({ seatIndex: seatIndexOf(seatIndex), isLocked: true }));
  }

  /** @param {{seatIndex: number}} options */
  unlockSeat({ seatIndex }) {
    return told(() => this.room.lockSeat({ seatIndex: seatIndexOf(seatIndex), isLocked: false }));
  }

  /** The older spelling. @param {{seatIndex: number}} options */
  unLockSeat(options) {
    return this.unlockSeat(options);
  }

  /** @param {{userId: string}} options */
  kickUserOutOfSeat({ userId }) {
    return told(() => this.room.disconnectUser({ userId: userIdOf(userId) }));
  }

  /** @param {{userId: string, targetIndex: number, policy?: number}} options  `policy`: one of MoveSeatPolicy */
  async moveUserToSeat({ userId, targetIndex, policy: given = MoveSeatPolicy.AbortWhenOccupied }) {
    await told(() => {
      const [seatIndex, policy] = [seatIndexOf(targetIndex), policyOf(given)];
      const isMe = userId === this.room.state.me?.user.userId;
      return this.room.moveSeat(isMe ? { seatIndex } : { seatIndex, userId: userIdOf(userId), policy });
    });
  }

  /** @param {string} userId @param {Device} device @param {number | undefined} policy  one of DeviceControlPolicy */
  async #unlock(userId, device, policy = DeviceControlPolicy.UnlockOnly) {
    await told(() => meaning(policy === DeviceControlPolicy.UnlockOnly || undefined, "DeviceControlPolicy", policy));
    await this.#lock(userId, device, false);
  }

  /** @param {string} userId @param {Device} device @param {boolean} isLocked */
  async #lock(userId, device, isLocked) {
    await told(() => this.room.lockDevice({ userId: userIdOf(userId), device, isLocked }));
  }

  /** @param {Device} device @param {"Opened" | "Closed"} what @param {object} detail */
  #byAdmin(device, what, detail) {
    if (device !== "screen") this.tell(`onLocal${device === "camera" ? "Camera" : "Microphone"}${what}ByAdmin`, detail);
  }
}

refuseCalls(LiveSeatState.prototype, "LiveSeatState");
hearCallbacks(LiveSeatState.prototype);
