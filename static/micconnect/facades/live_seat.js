/** The seed system's newest store for seats, LiveSeatState, on top of a MicRoom and its media. */

import { told } from "./errors.js";
import { RoomStore } from "./room_store.js";

/** @typedef {import("../media/session.js").MicMedia} MicMedia */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").MovePolicy} MovePolicy */
/** @typedef {import("../room.js").MicRoom} MicRoom */

export const LiveSeatEvent = Object.freeze({
  onLocalMicrophoneOpenedByAdmin: "onLocalMicrophoneOpenedByAdmin",
  onLocalMicrophoneClosedByAdmin: "onLocalMicrophoneClosedByAdmin",
  onLocalCameraOpenedByAdmin: "onLocalCameraOpenedByAdmin",
  onLocalCameraClosedByAdmin: "onLocalCameraClosedByAdmin",
});

/** @type {Record<string, MovePolicy>} */
const POLICIES = { abortWhenOccupied: "abort", forceReplace: "replace", swapPosition: "swap" };

export class LiveSeatState extends RoomStore {
  #media;

  /** @param {MicRoom} room @param {MicMedia} media */
  constructor(room, media) {
    super(room);
    this.#media = media;
    this.hear("onLocalDeviceOpenedByAdmin", ({ device, policy }) => this.#byAdmin(device, "Opened", { policy }));
    this.hear("onLocalDeviceClosedByAdmin", ({ device }) => this.#byAdmin(device, "Closed", {}));
  }

  /** All seats, 0 first, with whoever sits there (null: nobody). */
  get seatList() {
    const { seats, connectedUsers } = this.room.state;
    return seats.map(({ seatIndex, isLocked }) => ({
      index: seatIndex,
      isLocked,
      userInfo: connectedUsers.find((user) => user.seatIndex === seatIndex) ?? null,
    }));
  }

  /** How loud they speak who speak now, 0-100, by user id. */
  get speakingUsers() {
    return new Map(Object.entries(this.room.state.volumes));
  }

  get networkQualities() {
    return new Map(Object.entries(this.room.state.qualities));
  }

  /** Sits down without asking, where that is allowed. @param {{seatIndex?: number, media?: LinkMedia}} [options] */
  async takeSeat({ seatIndex = -1, media = "video" } = {}) {
    await told(() => this.room.takeSeat({ seatIndex, media }));
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

  /** Lifts the lock; only the guest opens. @param {{userId: string}} options */
  openRemoteMicrophone({ userId }) {
    return this.#lock(userId, "microphone", false);
  }

  /** Mutes and locks. @param {{userId: string}} options */
  closeRemoteMicrophone({ userId }) {
    return this.#lock(userId, "microphone", true);
  }

  /** @param {{userId: string}} options */
  openRemoteCamera({ userId }) {
    return this.#lock(userId, "camera", false);
  }

  /** @param {{userId: string}} options */
  closeRemoteCamera({ userId }) {
    return this.#lock(userId, "camera", true);
  }

  /** @param {{seatIndex: number}} options */
  lockSeat({ seatIndex }) {
    return told(() => this.room.lockSeat({ seatIndex, isLocked: true }));
  }

  /** @param {{seatIndex: number}} options */
  unlockSeat({ seatIndex }) {
    return told(() => this.room.lockSeat({ seatIndex, isLocked: false }));
  }

  /** @param {{userId: string}} options */
  kickUserOutOfSeat({ userId }) {
    return told(() => this.room.disconnectUser({ userId }));
  }

  /** @param {{userId: string, targetIndex: number, policy?: keyof typeof POLICIES}} options */
  async moveUserToSeat({ userId, targetIndex: seatIndex, policy = "abortWhenOccupied" }) {
    const isMe = userId === this.room.state.me?.user.userId;
    await told(() => this.room.moveSeat(isMe ? { seatIndex } : { seatIndex, userId, policy: POLICIES[policy] }));
  }

  /** @param {string} userId @param {Device} device @param {boolean} isLocked */
  async #lock(userId, device, isLocked) {
    await told(() => this.room.lockDevice({ userId, device, isLocked }));
  }

  /** @param {Device} device @param {"Opened" | "Closed"} what @param {object} detail */
  #byAdmin(device, what, detail) {
    if (device !== "screen") this.tell(`onLocal${device === "camera" ? "Camera" : "Microphone"}${what}ByAdmin`, detail);
  }
}
