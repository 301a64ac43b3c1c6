/**
 * The seed system's LiveCoreView on top of MicRoom: live and co-guest under its names, with its parameters in its order.
 *
 * Methods give promises where the seed takes callbacks for success and failure; a refusal is a FacadeError. What
 * differs, and why, stands in docs/porting.md.
 */

import { Layout } from "../protocol.js";
import { isStaff } from "../room.js";
import { hearCallbacks } from "./callbacks.js";
import { facadeError, refuse, told } from "./errors.js";
import { Line } from "./line.js";
import { refuseCalls } from "./refusals.js";
import { isOurs, openRequest, otherSide } from "./requests.js";
import { timeoutOf, userIdOf } from "./room_engine_words.js";
import { VideoGrid } from "./video_grid.js";
import { elementOf } from "./views.js";

export { FacadeError } from "./errors.js";
export { roomOpener } from "./line.js";

/** @typedef {import("../media/session.js").MicMedia} MicMedia */
/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./line.js").OpenRoom} OpenRoom */
/** @typedef {import("./line.js").OwnDevice} OwnDevice */
/** @typedef {import("./video_grid.js").VideoViewDelegate} VideoViewDelegate */

/**
 * What an application implements to hear what happens; it may leave out what it does not need.
 * @typedef {object} ConnectionObserver
 * @property {(userList: ConnectedUser[], joinList: ConnectedUser[], leaveList: ConnectedUser[]) => void}
 *   [onConnectedUsersUpdated]
 * @property {(inviterUser: UserInfo) => void} [onUserConnectionRequest]
 * @property {(inviterUser: UserInfo) => void} [onUserConnectionCancelled]
 * @property {(userInfo: UserInfo) => void} [onUserConnectionAccepted]
 * @property {(userInfo: UserInfo) => void} [onUserConnectionRejected]
 * @property {(userInfo: UserInfo) => void} [onUserConnectionTimeout]
 * @property {() => void} [onUserConnectionTerminated]
 * @property {(userInfo: UserInfo) => void} [onUserConnectionExited]
 * @property {(roomId: string) => void} [onRoomDismissed]
 */

/** @typedef {"none" | "applying" | "linking"} CoGuestStatus */

/** @type {Record<string, import("../protocol.js").Layout | undefined>} */
const LAYOUTS = { grid: Layout.GRID, float: Layout.FLOAT };
const DEVICES = /** @type {const} */ (["microphone", "camera"]);

/** Fires `change` whenever its state may be another, as the seed system's observable state does. */
export class LiveCoreView extends EventTarget {
  /** Whether the own camera opens with the seat; set by `requestIntraRoomConnection`. */
  openCameraOnCoGuest = true;
  /** @type {Set<ConnectionObserver>} */
  #observers = new Set();
  #line;
  #grid;
  #seat = ""; // the connection id of the own time on air

  /**
   * @param {{open: OpenRoom, container?: HTMLElement | string | null, parts?: ConstructorParameters<typeof Line>[2]}} options
   *   `container`: the element that shows the people on air, or its id; without one there is sound only
   * @throws {import("./errors.js").FacadeError} -1001 when the page has no such element
   */
  constructor({ open, container: given = null, parts }) {
    super();
    const container = given === null ? null : elementOf(given);
    this.#line = new Line(open, (room, media) => this.#follow(room, media), parts);
    this.#grid = container && new VideoGrid(container, this.#line);
    this.#line.capture.addEventListener("change", () => this.#changed());
    this.#line.addEventListener("close", () => this.#changed());
    if (container) this.#line.player.keepPictures(container);
    container?.addEventListener("click", () => void this.#line.player.unlock()); // the browser waits for a touch
  }

  // -- the live --------------------------------------------------------------------------------------------------

  /**
   * Host: goes live in a room that the server has, and takes seat 0. What was not started before is started now. A
   * show that runs goes on in this window, with the devices that are open.
   * @param {{roomId: string, name?: string}} roomInfo
   */
  startLiveStream({ roomId, name }) {
    return told(async () => {
      const wasPreviewing = this.#line.wanted.size > 0;
      await this.#line.enter(roomId);
      const { info, me } = this.#room.state;
      const devices = me?.connection ? openOn(me.connection) : DEVICES;
      if (!wasPreviewing) for (const device of devices) await this.#line.openDevice(device);
      if (name && name !== info?.options.title) await this.#room.updateRoom({ title: name });
      if (info?.status !== "live") await this.#room.goLive({ media: "video" });
    });
  }

  /** Host: ends the live for everybody. */
  stopLiveStream() {
    return told(() => this.#line.end());
  }

  /** @param {string} roomId */
  joinLiveStream(roomId) {
    return told(async () => {
      await this.#line.enter(roomId);
      return this.#room.state.info;
    });
  }

  leaveLiveStream() {
    return told(async () => {
      const { role, info } = this.#room.state;
      if (role === "host" && info?.status === "live") throw refuse("HOST_MUST_END");
      await this.#line.leave();
    });
  }

  // -- own devices -----------------------------------------------------------------------------------------------

  /** Before the live it is a preview. */
  startCamera() {
    return told(() => this.#line.openDevice("camera"));
  }

  stopCamera() {
    return told(() => this.#line.closeDevice("camera"));
  }

  startMicrophone() {
    return told(() => this.#line.openDevice("microphone"));
  }

  stopMicrophone() {
    return told(() => this.#line.closeDevice("microphone"));
  }

  /** @param {boolean} isMuted */
  muteMicrophone(isMuted) {
    return isMuted ? this.stopMicrophone() : this.startMicrophone();
  }

  // -- co-guest --------------------------------------------------------------------------------------------------

  /**
   * Audience (`userId` empty, or the host's): asks for a seat; the devices are taken now, while the person clicks, and
   * opened with the seat. Host: invites `userId`.
   * @param {string} userId
   * @param {number} timeOut  seconds; 0 for ever
   * @param {boolean} openCamera  with picture, or by sound only
   */
  requestIntraRoomConnection(userId, timeOut, openCamera) {
    return told(async () => {
      const { role, info } = this.#room.state;
      const media = openCamera ? "video" : "audio";
      if (isStaff(role)) {
        await this.#room.invite({ userId: userIdOf(userId), media, timeoutS: timeoutOf(timeOut) });
        return;
      }
      if (userId && userId !== info?.host.userId) throw refuse("NEEDS_STAFF");
      const timeoutS = timeoutOf(timeOut);
      this.openCameraOnCoGuest = openCamera;
      await this.#take(media, () => this.#room.apply({ media, timeoutS }));
    });
  }

  /**
   * Withdraws the own application, or the invitation of `userId`; nothing happens when there is none.
   * @param {string} userId
   */
  cancelIntraRoomConnection(userId) {
    return told(async () => {
      if (openRequest(this.#room, "application")) {
        await this.#room.cancelApplication();
        this.#line.letGo();
        return;
      }
      const invitation = userId && isStaff(this.#room.state.role) && openRequest(this.#room, "invitation", userId);
      if (invitation) await this.#room.cancelInvitation({ requestId: invitation.requestId });
    });
  }

  /**
   * Host: answers the application of `userId`. Invitee: answers the invitation.
   * @param {string} userId
   * @param {boolean} isAccepted
   */
  respondIntraRoomConnection(userId, isAccepted) {
    return told(async () => {
      const invitation = openRequest(this.#room, "invitation");
      if (invitation) {
        const { requestId, media } = invitation;
        const answer = () => this.#room.respondToInvitation({ requestId, isAccepted });
        await (isAccepted ? this.#take(media, answer) : answer());
        return;
      }
      const application = openRequest(this.#room, "application", userId);
      if (!application || !isStaff(this.#room.state.role)) throw refuse("NO_SUCH_REQUEST");
      await this.#room.respondToApplication({ requestId: application.requestId, isAccepted });
    });
  }

  /** Host: takes a guest off air. @param {string} userId */
  disconnectUser(userId) {
    return told(() => this.#room.disconnectUser({ userId: userIdOf(userId) }));
  }

  /** Guest: leaves the seat, and stays in the room. */
  terminateIntraRoomConnection() {
    return told(() => this.#room.leaveSeat());
  }

  /** @returns {CoGuestStatus} */
  get coGuestStatus() {
    const { me } = this.#line.state ?? {};
    if (me?.connection && me.connection.seatIndex > 0) return "linking";
    return me?.request?.kind === "application" ? "applying" : "none";
  }

  /** Everybody on air, the host first. */
  get connectedUserList() {
    return this.#line.state?.connectedUsers ?? [];
  }

  /** Who waits for this person's answer, in the order in which the server will serve them. */
  get connectionRequestList() {
    const { requests, me } = this.#line.state ?? {};
    if (me?.request?.kind === "invitation") return [otherSide(this.#room, me.request)];
    return (requests ?? []).filter(({ kind }) => kind === "application").map(({ user }) => user);
  }

  /** The id of the own open application; empty when there is none. */
  get myRequestId() {
    const { me } = this.#line.state ?? {};
    return me?.request?.kind === "application" ? me.request.requestId : "";
  }

  /** Whether applications are taken just now. */
  get enableConnection() {
    const { options, status } = this.#line.state?.info ?? {};
    return status === "live" && !options?.isPaused && (options?.seatMode === "apply" || options?.seatMode === "free");
  }

  // -- the view --------------------------------------------------------------------------------------------------

  /** @param {"grid" | "float" | "free"} layoutMode  `free` and its JSON are not offered */
  setLayoutMode(layoutMode) {
    return told(async () => {
      const layout = LAYOUTS[layoutMode];
      if (!layout) throw refuse("NOT_OFFERED", `There is no layout ${layoutMode} here: take grid or float.`);
      await this.#room.updateRoom({ layout });
    });
  }

  /** @param {VideoViewDelegate | null} delegate  makes what lies over each picture */
  setVideoViewDelegate(delegate) {
    this.#grid?.setDelegate(delegate);
  }

  /** @param {ConnectionObserver} observer */
  registerConnectionObserver(observer) {
    this.#observers.add(observer);
  }

  /** @param {ConnectionObserver} observer */
  unregisterConnectionObserver(observer) {
    this.#observers.delete(observer);
  }

  // -- inside ----------------------------------------------------------------------------------------------------

  get #room() {
    return this.#line.room;
  }

  /**
   * Takes the devices, then asks; lets go of them when the room says no.
   * @param {"video" | "audio"} media
   * @param {() => Promise<unknown>} ask
   */
  async #take(media, ask) {
    try {
      await this.#line.takeFor(media);
      await ask();
    } catch (error) {
      this.#line.letGo();
      throw error;
    }
  }

  /** @param {MicRoom} room @param {MicMedia} media */
  #follow(room, media) {
    /** @type {ConnectedUser[] | null} */
    let before = null;
    room.addEventListener("change", () => {
      const { connectedUsers, info, status } = room.state;
      const isFirst = before === null;
      // what is left of a former entry is no news
      if (info && (before || status.phase === "open") && connectedUsers !== before) {
        this.#compare(before ?? [], connectedUsers);
        before = connectedUsers;
      }
      if (status.phase === "closed") before = null;
      this.#resume(room, isFirst);
      this.#changed();
    });
    media.addEventListener("change", () => this.#grid?.draw());
    /** @param {string} name @param {(detail: any) => void} task */
    const hear = (name, task) =>
      room.addEventListener(name, (event) => task(/** @type {CustomEvent} */ (event).detail));
    this.#hearRequests(room, hear);
    hear("onUserConnectionTerminated", () => this.#tell("onUserConnectionTerminated"));
    hear("onUserConnectionExited", ({ user }) => this.#tell("onUserConnectionExited", user));
    hear("onRoomDismissed", ({ roomId }) => this.#tell("onRoomDismissed", roomId));
  }

  /**
   * @param {MicRoom} room
   * @param {(name: string, task: (detail: any) => void) => void} hear
   */
  #hearRequests(room, hear) {
    hear("onUserConnectionRequest", ({ request }) => {
      if (!isOurs(room, request)) this.#tell("onUserConnectionRequest", otherSide(room, request));
    });
    hear("onUserConnectionCancelled", ({ request }) => this.#ended(room, request, "onUserConnectionCancelled"));
    hear("onUserConnectionAccepted", ({ request }) => this.#tell("onUserConnectionAccepted", otherSide(room, request)));
    hear("onUserConnectionRejected", ({ request }) => this.#ended(room, request, "onUserConnectionRejected"));
    hear("onUserConnectionTimeout", ({ request }) => {
      // only the requester hears of a time-out; for the other side the request is simply gone
      const name = isOurs(room, request) ? "onUserConnectionTimeout" : "onUserConnectionCancelled";
      this.#ended(room, request, name);
    });
  }

  /**
   * @param {MicRoom} room
   * @param {RequestInfo} request
   * @param {keyof ConnectionObserver} name
   */
  #ended(room, request, name) {
    if (request.user.userId === room.state.me?.user.userId) this.#line.letGo();
    this.#tell(name, otherSide(room, request));
  }

  /** @param {ConnectedUser[]} before @param {ConnectedUser[]} now */
  #compare(before, now) {
    const isIn = (/** @type {ConnectedUser[]} */ list, /** @type {ConnectedUser} */ { userId, seatIndex }) =>
      list.some((user) => user.userId === userId && user.seatIndex === seatIndex);
    if (now.every((user) => isIn(before, user)) && before.every((user) => isIn(now, user))) return;
    const newIn = (/** @type {ConnectedUser[]} */ list, /** @type {ConnectedUser[]} */ other) =>
      list.filter(({ userId }) => !other.some((user) => user.userId === userId));
    this.#tell("onConnectedUsersUpdated", now, newIn(now, before), newIn(before, now));
  }

  /**
   * On a seat that this window kept through a reload the devices open again by themselves, as far as they were open.
   * On no other seat: somebody has to press something first.
   * @param {MicRoom} room
   * @param {boolean} isFirst  the first picture of the room since the page was loaded
   */
  #resume(room, isFirst) {
    const { me, status } = room.state;
    if (status.phase === "closed") this.#seat = "";
    const seat = room.isHere ? me?.connection : null;
    if (status.phase !== "open" || (seat?.connectionId ?? "") === this.#seat) return;
    this.#seat = seat?.connectionId ?? "";
    if (!seat) this.#line.wanted.clear();
    else if (!this.#line.wanted.size && this.#line.isReload && isFirst) {
      void (async () => {
        for (const device of openOn(seat)) await this.#line.openDevice(device);
      })().catch((error) => console.error(facadeError(error)));
    }
  }

  #changed() {
    this.#grid?.draw();
    this.dispatchEvent(new Event("change"));
  }

  /** @param {keyof ConnectionObserver} name @param {any[]} told */
  #tell(name, ...told) {
    for (const observer of [...this.#observers]) {
      try {
        /** @type {((...told: any[]) => void) | undefined} */ (observer[name])?.(...told);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/** The own devices that are open on a seat. @param {ConnectedUser} seat */
function openOn(seat) {
  return DEVICES.filter((device) => seat[device] === "open" && (device !== "camera" || seat.media === "video"));
}

refuseCalls(LiveCoreView.prototype, "LiveCoreView");
hearCallbacks(LiveCoreView.prototype);
