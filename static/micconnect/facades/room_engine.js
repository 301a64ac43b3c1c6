/**
 * The seed system's room engine on top of MicRoom: seats, requests, roles and devices under its names.
 *
 * Methods take one object and give promises, as on the web; a refusal is a FacadeError. What differs, and why, stands
 * in docs/porting.md.
 */

import { isStaff } from "../room.js";
import { refuse, told } from "./errors.js";
import { openRequest } from "./requests.js";
import { EngineCore } from "./room_engine_core.js";
import { grant } from "./room_engine_requests.js";
import * as words from "./room_engine_words.js";

export * from "./room_engine_words.js";
export { FacadeError } from "./errors.js";
export { roomOpener } from "./line.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./emitter.js").Listener} Listener */
/** @typedef {import("./room_engine_core.js").View} View */
/** @typedef {import("./room_engine_requests.js").RequestCallbacks} RequestCallbacks */
/** @typedef {import("./room_engine_words.js").TUIRequest} TUIRequest */
/** @typedef {keyof typeof words.TUIRoomEvents} EventName */

const KICKED_S = 60; // so long somebody kicked out of the room stays out

export class TUIRoomEngine {
  #core;

  /** @param {import("./room_engine_core.js").EngineOptions} options */
  constructor(options) {
    this.#core = new EngineCore(options);
  }

  /** @param {EventName} event @param {Listener} listener */
  on(event, listener) {
    this.#core.events.on(event, listener);
  }

  /** @param {EventName} event @param {Listener} listener */
  once(event, listener) {
    this.#core.events.once(event, listener);
  }

  /** @param {EventName} event @param {Listener} listener */
  off(event, listener) {
    this.#core.events.off(event, listener);
  }

  // -- the room --------------------------------------------------------------------------------------------------

  /**
   * Goes live as the host in a room that the server has. The host takes seat 0.
   * @param {{roomId: string, roomName?: string, seatMode?: number, maxSeatCount?: number, media?: LinkMedia}} options
   */
  createRoom({ roomId, roomName: title, seatMode, maxSeatCount: seatCount, media = "video" }) {
    return told(async () => {
      await this.#core.line.enter(roomId);
      const options = { title, seatCount, seatMode: seatMode ? words.seatModeOf(seatMode) : undefined };
      if (Object.values(options).some((option) => option !== undefined)) await this.#core.room.updateRoom(options);
      if (this.#core.room.state.info?.status !== "live") await this.#core.room.goLive({ media });
    });
  }

  destroyRoom() {
    return told(() => this.#core.line.end());
  }

  /** @param {{roomId: string}} options */
  enterRoom({ roomId }) {
    return told(async () => {
      await this.#core.line.enter(roomId);
      return words.roomInfo(this.#core.room.state);
    });
  }

  exitRoom() {
    return told(() => {
      const { role, info } = this.#core.room.state;
      if (role === "host" && info?.status === "live") throw refuse("HOST_MUST_END");
      return this.#core.line.leave();
    });
  }

  fetchRoomInfo() {
    return told(() => words.roomInfo(this.#core.room.state));
  }

  /** @param {{roomName: string}} options */
  updateRoomNameByAdmin({ roomName }) {
    return told(() => this.#core.room.updateRoom({ title: roomName }));
  }

  /** @param {{seatMode: number}} options  one of TUISeatMode */
  updateRoomSeatModeByAdmin({ seatMode }) {
    return told(() => this.#core.room.updateRoom({ seatMode: words.seatModeOf(seatMode) }));
  }

  /** @param {{keys?: string[]}} [options]  all keys when left out */
  getRoomMetadata({ keys } = {}) {
    return told(() => {
      const { metadata } = this.#core.room.state;
      return Object.fromEntries(Object.entries(metadata).filter(([key]) => !keys || keys.includes(key)));
    });
  }

  /** @param {{metadata: Record<string, string | null>}} options  null removes a key */
  setRoomMetadataByAdmin({ metadata }) {
    return told(() => this.#core.room.setMetadata({ entries: metadata }));
  }

  // -- people ----------------------------------------------------------------------------------------------------

  /** Who the ticket says that this page is. */
  getSelfInfo() {
    return told(() => {
      const { state } = this.#core.room;
      return words.userInfo(/** @type {UserInfo} */ (state.me?.user), state);
    });
  }

  /** Who is on a seat and who watches; the whole list at once, so `nextSequence` is 0. */
  getUserList() {
    return told(async () => {
      const viewers = await this.#core.room.listViewers();
      const { state } = this.#core.room;
      const everybody = new Map([...state.connectedUsers, ...viewers].map((user) => [user.userId, user]));
      const userInfoList = [...everybody.values()].map((user) => words.userInfo(user, state));
      return { userInfoList, nextSequence: 0 };
    });
  }

  /** @param {{userId: string, userRole: number}} options  one of TUIRole; a room cannot be given away */
  changeUserRole({ userId, userRole }) {
    return told(() => {
      if (userRole === words.TUIRole.kRoomOwner) throw refuse("NOT_OFFERED");
      return this.#core.room.setModerator({ userId, isModerator: userRole === words.TUIRole.kAdministrator });
    });
  }

  /** Puts somebody out, who may come back after a minute. @param {{userId: string}} options */
  async kickRemoteUserOutOfRoom({ userId }) {
    await told(() => this.#core.room.banUser({ userId, seconds: KICKED_S }));
  }

  // -- seats -----------------------------------------------------------------------------------------------------

  getSeatList() {
    return told(() => words.seatList(this.#core.room.state));
  }

  getSeatApplicationList() {
    return told(() => {
      const { requests } = this.#core.room.state;
      if (!requests) throw refuse("NEEDS_STAFF");
      return requests.filter(({ kind }) => kind === "application").map(words.takeSeatRequest);
    });
  }

  /**
   * Sits down, or asks to. `timeout`: seconds, 0 for ever; the room's wait when left out. `media`: with picture or
   * without.
   * @param {{seatIndex?: number, timeout?: number, media?: LinkMedia} & RequestCallbacks} [options]
   * @returns {Promise<TUIRequest>} without a `requestId` when nobody had to be asked
   */
  takeSeat({ seatIndex = -1, timeout, media = "video", ...callbacks } = {}) {
    return this.#core.ask(callbacks, async () => {
      const { me, role, info } = this.#core.room.state;
      const user = /** @type {UserInfo} */ (me?.user);
      if (isStaff(role) || info?.options.seatMode === "free") {
        await this.#core.room.takeSeat({ media, seatIndex: role === "host" ? 0 : seatIndex });
        grant(callbacks, user.userId);
        return words.tuiRequest(words.TUIRequestAction.kRequestToTakeSeat, "", user, new Date().toISOString(), "");
      }
      const request = await this.#core.room.apply({ media, seatIndex, timeoutS: timeout });
      return this.#core.wait(request, callbacks);
    });
  }

  leaveSeat() {
    return told(() => this.#core.room.leaveSeat());
  }

  /** @param {{targetSeatIndex: number}} options */
  async moveToSeat({ targetSeatIndex }) {
    await told(() => this.#core.room.moveSeat({ seatIndex: targetSeatIndex }));
  }

  /**
   * Invites somebody who is watching.
   * @param {{userId: string, seatIndex?: number, timeout?: number, media?: LinkMedia} & RequestCallbacks} options
   */
  takeUserOnSeatByAdmin({ userId, seatIndex = -1, timeout, media = "video", ...callbacks }) {
    return this.#core.ask(callbacks, async () =>
      this.#core.wait(await this.#core.room.invite({ userId, media, seatIndex, timeoutS: timeout }), callbacks),
    );
  }

  /** @param {{userId?: string, seatIndex?: number}} options  either one says who */
  kickUserOffSeatByAdmin({ userId, seatIndex }) {
    return told(() => {
      const seat = this.#core.room.state.connectedUsers.find((user) => user.seatIndex === seatIndex);
      return this.#core.room.disconnectUser({ userId: userId || (seat?.userId ?? "-") });
    });
  }

  /**
   * Each lock by itself; what is left out stays.
   * @param {{seatIndex: number, lockParams: {lockSeat?: boolean, lockVideo?: boolean, lockAudio?: boolean}}} options
   */
  lockSeatByAdmin({ seatIndex, lockParams: { lockSeat, lockVideo, lockAudio } }) {
    const locks = { isLocked: lockSeat, isCameraLocked: lockVideo, isMicrophoneLocked: lockAudio };
    return told(() => this.#core.room.lockSeat({ seatIndex, ...locks }));
  }

  // -- requests --------------------------------------------------------------------------------------------------

  /** Withdraws an own request. @param {{requestId: string}} options */
  cancelRequest({ requestId }) {
    return told(async () => {
      const { me, requests } = this.#core.room.state;
      const parts = words.deviceRequestParts(requestId);
      if (parts?.direction === "asks") await this.#core.room.askToSpeak({ device: parts.device, isAsking: false });
      else if (parts) throw refuse("NOT_OFFERED");
      else if (openRequest(this.#core.room, "application")?.requestId === requestId)
        await this.#core.room.cancelApplication();
      else if (requests) await this.#core.room.cancelInvitation({ requestId });
      else throw refuse("NO_SUCH_REQUEST");
      this.#core.pending.end(requestId, words.TUIRequestCallbackType.kRequestCancelled, me?.user.userId ?? "");
    });
  }

  /** Answers a request that `onRequestReceived` told. @param {{requestId: string, agree: boolean}} options */
  responseRemoteRequest({ requestId, agree }) {
    return told(async () => {
      const { me, requests } = this.#core.room.state;
      const parts = words.deviceRequestParts(requestId);
      if (parts) await this.#core.respondAboutDevice(parts, agree);
      else if (me?.request?.requestId === requestId) {
        await this.#core.room.respondToInvitation({ requestId, isAccepted: agree });
      } else if (requests) await this.#core.room.respondToApplication({ requestId, isAccepted: agree });
      else throw refuse("NO_SUCH_REQUEST");
    });
  }

  // -- other people's devices ------------------------------------------------------------------------------------

  /**
   * Lifts the lock and asks the guest to open the device; only the guest can.
   * @param {{userId: string, device: number} & RequestCallbacks} options
   */
  openRemoteDeviceByAdmin({ userId, device: number, ...callbacks }) {
    return this.#core.ask(callbacks, async () => {
      const device = words.deviceOf(number);
      await this.#core.room.askToOpen({ userId, device });
      return this.#core.waitForDevice("asked", device, userId, callbacks);
    });
  }

  /** @param {{userId: string, device: number}} options */
  async closeRemoteDeviceByAdmin({ userId, device }) {
    await told(() => this.#core.room.lockDevice({ userId, device: words.deviceOf(device), isLocked: true }));
  }

  /** Asks the staff to lift a lock. @param {{device: number} & RequestCallbacks} options */
  applyToAdminToOpenLocalDevice({ device: number, ...callbacks }) {
    return this.#core.ask(callbacks, async () => {
      const device = words.deviceOf(number);
      await this.#core.room.askToSpeak({ device });
      return this.#core.waitForDevice("asks", device, this.#core.room.state.me?.user.userId ?? "", callbacks);
    });
  }

  /** Locks a device of all who are on air now, or lifts the locks. @param {{device: number, isDisable: boolean}} options */
  disableDeviceForAllUserByAdmin({ device, isDisable }) {
    return told(() => this.#core.room.lockAll({ device: words.deviceOf(device), isLocked: isDisable }));
  }

  // -- own devices -----------------------------------------------------------------------------------------------

  openLocalMicrophone() {
    return told(() => this.#core.line.openDevice("microphone"));
  }

  closeLocalMicrophone() {
    return told(() => this.#core.line.closeDevice("microphone"));
  }

  muteLocalAudio() {
    return told(() => this.#core.line.closeDevice("microphone"));
  }

  unmuteLocalAudio() {
    return told(() => this.#core.line.openDevice("microphone"));
  }

  openLocalCamera() {
    return told(() => this.#core.line.openDevice("camera"));
  }

  closeLocalCamera() {
    return told(() => this.#core.line.closeDevice("camera"));
  }

  /** Call it straight from a click. */
  startScreenCapture() {
    return told(async () => {
      await this.#core.line.bringHere();
      await this.#core.line.media.openScreen();
    });
  }

  stopScreenCapture() {
    return told(() => this.#core.endScreen());
  }

  // -- pictures and sound ----------------------------------------------------------------------------------------

  /** Shows the own camera. @param {{view: View | null}} options */
  setLocalVideoView({ view }) {
    this.#core.setView("", "camera", view);
  }

  /** @param {{userId: string, streamType?: number, view: View | null}} options  null ends the showing */
  setRemoteVideoView({ userId, streamType = words.TUIVideoStreamType.kCameraStream, view }) {
    this.#core.setView(userId, streamType === words.TUIVideoStreamType.kScreenStream ? "screen" : "camera", view);
  }

  /** Mutes somebody for this listener alone. @param {{userId: string, isMute: boolean}} options */
  muteRemoteAudioStream({ userId, isMute }) {
    if (isMute) this.#core.line.unheard.add(userId);
    else this.#core.line.unheard.delete(userId);
    this.#core.line.hear();
  }
}
