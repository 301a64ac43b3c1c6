/**
 * The seed system's room engine on top of MicRoom: seats, requests, roles and devices under its names.
 *
 * Methods take one object and give promises, as on the web; a refusal is a FacadeError. What differs, and why, stands
 * in docs/porting.md.
 */

import { isStaff } from "../room.js";
import { hearCallbacks } from "./callbacks.js";
import { refuse, told } from "./errors.js";
import { refuseCalls } from "./refusals.js";
import { openRequest } from "./requests.js";
import { EngineCore } from "./room_engine_core.js";
import { TUIRequestAction, TUIRequestCallbackType, TUIRoomEvents } from "./room_engine_enums.js";
import { EngineMedia } from "./room_engine_media.js";
import { grant, hearersOf } from "./room_engine_requests.js";
import * as session from "./room_engine_session.js";
import * as words from "./room_engine_words.js";

export * from "./room_engine_enums.js";
export { FacadeError } from "./errors.js";
export { roomOpener } from "./line.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./emitter.js").Listener} Listener */
/** @typedef {import("./room_engine_requests.js").RequestCallbacks} RequestCallbacks */
/** @typedef {import("./room_engine_words.js").TUIRequest} TUIRequest */
/** @typedef {import("./room_engine_requests.js").NativeCallbacks} NativeCallbacks */
/** @typedef {keyof typeof TUIRoomEvents} EventName */

const KICKED_S = 60; // so long somebody kicked out of the room stays out
/** @type {TUIRoomEngine | null} */
let shared = null;

export class TUIRoomEngine extends EngineMedia {
  #core;

  /**
   * @param {Partial<import("./room_engine_core.js").EngineOptions>} [options]  `open`: how rooms are opened; what
   *   `login` was given when left out
   */
  constructor({ open = session.open, parts } = {}) {
    const core = new EngineCore({ open, parts });
    super(core);
    this.#core = core;
  }

  // -- all engines of the page -----------------------------------------------------------------------------------

  /**
   * Says where rooms are and where tickets come from, for engines that are made without. Nothing is sent.
   * @param {session.Login} options  there is no user signature here: who somebody is stands in the ticket
   */
  static login(options = {}) {
    return told(() => session.logIn(options));
  }

  /** Leaves the room that was entered last, if any, and forgets what `login` was given. */
  static logout() {
    return told(() => session.logOut());
  }

  /** Who the ticket of the room that was entered last says that this page is. */
  static getSelfInfo() {
    return told(() => session.selfInfo());
  }

  /** The one engine that all callers share. */
  static getInstance() {
    return (shared ??= new TUIRoomEngine());
  }

  /** Nothing has to be loaded: whoever waits for `ready` is called at once. @param {string} event @param {() => void} listener */
  static once(event, listener) {
    words.meaning({ ready: true }[event], "event of all engines", event);
    queueMicrotask(listener);
  }

  // -- events ----------------------------------------------------------------------------------------------------

  /** @param {EventName} event @param {Listener} listener */
  on(event, listener) {
    this.#core.events.on(words.meaning(TUIRoomEvents[event], "TUIRoomEvents", event), listener);
  }

  /** @param {EventName} event @param {Listener} listener */
  once(event, listener) {
    this.#core.events.once(words.meaning(TUIRoomEvents[event], "TUIRoomEvents", event), listener);
  }

  /** @param {EventName} event @param {Listener} listener */
  off(event, listener) {
    this.#core.events.off(event, listener);
  }

  // -- the room --------------------------------------------------------------------------------------------------

  /**
   * Goes live as the host in a room that the server has. The host takes seat 0.
   * @param {{roomId: string, roomName?: string, seatMode?: number, maxSeatCount?: number, media?: LinkMedia} &
   *   Record<string, unknown>} options
   */
  createRoom({ roomId, roomName, seatMode, maxSeatCount, media = "video", ...others }) {
    return told(async () => {
      words.refuseUnknownOptions(others);
      const options = {
        title: words.titleOf(roomName),
        seatCount: words.seatCountOf(maxSeatCount),
        seatMode: seatMode === undefined ? undefined : words.seatModeOf(seatMode),
      };
      await this.#enter(roomId);
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
      await this.#enter(roomId);
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

  /** Closes the line without a word, as a page does that is closed: a seat is kept for a while. */
  destroy() {
    this.#core.line.close();
  }

  fetchRoomInfo() {
    return told(() => words.roomInfo(this.#core.room.state));
  }

  /** @param {{roomName: string}} options */
  updateRoomNameByAdmin({ roomName }) {
    return told(() => this.#core.room.updateRoom({ title: words.titleOf(roomName) }));
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

  /**
   * @param {{metadata: string | Record<string, string | null>}} options  an object, or its JSON; null removes a key
   */
  setRoomMetadataByAdmin({ metadata }) {
    return told(() => this.#core.room.setMetadata({ entries: words.entriesOf(metadata) }));
  }

  // -- people ----------------------------------------------------------------------------------------------------

  /**
   * Somebody in the room: everybody knows of the people on air, the host and the helpers; the staff of all.
   * @param {{userId: string}} options
   */
  getUserInfo({ userId }) {
    return told(async () => {
      const { state } = this.#core.room;
      const { info, me, connectedUsers } = state;
      const known = [...connectedUsers, ...(info ? [info.host, ...info.moderators] : []), ...(me ? [me.user] : [])];
      const viewers = isStaff(state.role) ? await this.#core.room.listViewers() : [];
      const user = [...known, ...viewers].find((other) => other.userId === userId);
      if (!user) throw refuse("NO_SUCH_USER", undefined, { userId });
      return words.userInfo(user, state);
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
      const isModerator = words.isHelperRole(userRole);
      return this.#core.room.setModerator({ userId: words.userIdOf(userId), isModerator });
    });
  }

  /** Puts somebody out, who may come back after a minute. @param {{userId: string}} options */
  async kickRemoteUserOutOfRoom({ userId }) {
    await told(() => this.#core.room.banUser({ userId: words.userIdOf(userId), seconds: KICKED_S }));
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
   * @param {{seatIndex?: number, timeout?: number, media?: LinkMedia} & RequestCallbacks & NativeCallbacks} [options]
   * @param {NativeCallbacks} [more]  where the native engines have them
   * @returns {Promise<TUIRequest>} without a `requestId` when nobody had to be asked
   */
  takeSeat(options = {}, more) {
    const hearers = hearersOf(options, more);
    const { seatIndex: wanted = -1, timeout, media = "video" } = options;
    return this.#core.ask(hearers, async () => {
      const seatIndex = words.seatIndexOf(wanted, { isAny: true });
      const { me, role, info } = this.#core.room.state;
      const user = /** @type {UserInfo} */ (me?.user);
      if (isStaff(role) || info?.options.seatMode === "free") {
        await this.#core.room.takeSeat({ media, seatIndex: role === "host" ? 0 : seatIndex });
        grant(hearers, user.userId);
        return words.tuiRequest(TUIRequestAction.kRequestToTakeSeat, "", user, new Date().toISOString(), "");
      }
      const request = await this.#core.room.apply({ media, seatIndex, timeoutS: words.timeoutOf(timeout) });
      return this.#core.wait(request, hearers);
    });
  }

  leaveSeat() {
    return told(() => this.#core.room.leaveSeat());
  }

  /** @param {{targetSeatIndex: number}} options */
  async moveToSeat({ targetSeatIndex }) {
    await told(() => this.#core.room.moveSeat({ seatIndex: words.seatIndexOf(targetSeatIndex) }));
  }

  /** @param {{userId: string, targetSeatIndex: number, policy?: number}} options  `policy`: one of TUIMoveSeatPolicy */
  async moveUserToSeatByAdmin({ userId, targetSeatIndex, policy = 0 }) {
    await told(() => {
      const where = { seatIndex: words.seatIndexOf(targetSeatIndex), policy: words.policyOf(policy) };
      return this.#core.room.moveSeat({ ...where, userId: words.userIdOf(userId) });
    });
  }

  /**
   * Invites somebody who is watching.
   * @param {{userId: string, seatIndex?: number, timeout?: number, media?: LinkMedia} & RequestCallbacks &
   *   NativeCallbacks} options
   * @param {NativeCallbacks} [more]
   */
  takeUserOnSeatByAdmin(options, more) {
    const hearers = hearersOf(options, more);
    const { userId, seatIndex: wanted = -1, timeout, media = "video" } = options;
    return this.#core.ask(hearers, async () => {
      const whom = { userId: words.userIdOf(userId), seatIndex: words.seatIndexOf(wanted, { isAny: true }) };
      return this.#core.wait(
        await this.#core.room.invite({ ...whom, media, timeoutS: words.timeoutOf(timeout) }),
        hearers,
      );
    });
  }

  /** @param {{userId?: string, seatIndex?: number}} options  either one says who */
  kickUserOffSeatByAdmin({ userId, seatIndex = -1 }) {
    return told(() => {
      if (userId) return this.#core.room.disconnectUser({ userId: words.userIdOf(userId) });
      const place = words.seatIndexOf(seatIndex);
      const seat = this.#core.room.state.connectedUsers.find((user) => user.seatIndex === place);
      if (!seat) throw refuse("NOBODY_THERE", undefined, { seatIndex });
      return this.#core.room.disconnectUser({ userId: seat.userId });
    });
  }

  /**
   * Each lock by itself; what is left out stays.
   * @param {{seatIndex: number, lockParams: {lockSeat?: boolean, lockVideo?: boolean, lockAudio?: boolean}}} options
   */
  lockSeatByAdmin({ seatIndex, lockParams: { lockSeat, lockVideo, lockAudio } }) {
    const locks = { isLocked: lockSeat, isCameraLocked: lockVideo, isMicrophoneLocked: lockAudio };
    return told(() => this.#core.room.lockSeat({ seatIndex: words.seatIndexOf(seatIndex), ...locks }));
  }

  // -- requests --------------------------------------------------------------------------------------------------

  /** Withdraws an own request. @param {{requestId: string}} options */
  cancelRequest({ requestId }) {
    return told(async () => {
      const { me, requests } = this.#core.room.state;
      const parts = words.deviceRequestParts(requestId);
      if (parts?.direction === "asks") await this.#core.room.askToSpeak({ device: parts.device, isAsking: false });
      else if (parts) throw refuse("NOT_OFFERED", "A question about somebody else's device cannot be withdrawn.");
      else if (requestId && openRequest(this.#core.room, "application")?.requestId === requestId)
        await this.#core.room.cancelApplication();
      else if (requests) await this.#core.room.cancelInvitation({ requestId: words.requestIdOf(requestId) });
      else throw refuse("NO_SUCH_REQUEST");
      this.#core.pending.end(requestId, TUIRequestCallbackType.kRequestCancelled, me?.user.userId ?? "");
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
      } else if (requests) {
        await this.#core.room.respondToApplication({ requestId: words.requestIdOf(requestId), isAccepted: agree });
      } else throw refuse("NO_SUCH_REQUEST");
    });
  }

  // -- other people's devices ------------------------------------------------------------------------------------

  /**
   * Lifts the lock and asks the guest to open the device; only the guest can.
   * @param {{userId: string, device: number} & RequestCallbacks & NativeCallbacks} options
   * @param {NativeCallbacks} [more]
   */
  openRemoteDeviceByAdmin(options, more) {
    const hearers = hearersOf(options, more);
    return this.#core.ask(hearers, async () => {
      const device = words.deviceOf(options.device);
      const userId = words.userIdOf(options.userId);
      await this.#core.room.askToOpen({ userId, device });
      return this.#core.waitForDevice("asked", device, userId, hearers);
    });
  }

  /** @param {{userId: string, device: number}} options */
  async closeRemoteDeviceByAdmin({ userId, device }) {
    await told(() => {
      const whose = { userId: words.userIdOf(userId), device: words.deviceOf(device) };
      return this.#core.room.lockDevice({ ...whose, isLocked: true });
    });
  }

  /**
   * Asks the staff to lift a lock.
   * @param {{device: number} & RequestCallbacks & NativeCallbacks} options
   * @param {NativeCallbacks} [more]
   */
  applyToAdminToOpenLocalDevice(options, more) {
    const hearers = hearersOf(options, more);
    return this.#core.ask(hearers, async () => {
      const device = words.deviceOf(options.device);
      await this.#core.room.askToSpeak({ device });
      return this.#core.waitForDevice("asks", device, this.#core.room.state.me?.user.userId ?? "", hearers);
    });
  }

  /** Locks it for all on air; a microphone also for who comes later. @param {{device: number, isDisable: boolean}} options */
  disableDeviceForAllUserByAdmin({ device, isDisable }) {
    return told(() => this.#core.disableForAll(words.deviceOf(device), isDisable));
  }

  /** @param {string} roomId */
  async #enter(roomId) {
    await this.#core.line.enter(roomId);
    session.entered(this.#core.line);
  }
}

/** These read their callbacks themselves: an error of theirs is told with the request. */
const ASKING = ["takeSeat", "takeUserOnSeatByAdmin", "openRemoteDeviceByAdmin", "applyToAdminToOpenLocalDevice"];

refuseCalls(TUIRoomEngine.prototype, "TUIRoomEngine");
refuseCalls(TUIRoomEngine, "TUIRoomEngine (static)");
hearCallbacks(EngineMedia.prototype);
hearCallbacks(TUIRoomEngine.prototype, ASKING);

export default TUIRoomEngine;
