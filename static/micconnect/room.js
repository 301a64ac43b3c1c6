/** The SDK of a room: commands as promises, callbacks as events, and always the newest state. */

import { ServerClock } from "./clock.js";
import { MicSocket } from "./socket.js";

/** @typedef {import("./protocol.js").Callback} Callback */
/** @typedef {import("./protocol.js").Callbacks} Callbacks */
/** @typedef {import("./protocol.js").Command} Command */
/** @typedef {import("./protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./protocol.js").Device} Device */
/** @typedef {import("./protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("./protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("./protocol.js").MediaInfo} MediaInfo */
/** @typedef {import("./protocol.js").MyState} MyState */
/** @typedef {import("./protocol.js").RejectReason} RejectReason */
/** @typedef {import("./protocol.js").RemovalReason} RemovalReason */
/** @typedef {import("./protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./protocol.js").Result} Result */
/** @typedef {import("./protocol.js").Role} Role */
/** @typedef {import("./protocol.js").ServerFrame} ServerFrame */
/** @typedef {import("./protocol.js").Slot} Slot */
/** @typedef {import("./protocol.js").Snapshot} Snapshot */
/** @typedef {import("./protocol.js").UserInfo} UserInfo */
/** @typedef {import("./socket.js").SocketOptions} SocketOptions */
/** @typedef {import("./socket.js").SocketStatus} SocketStatus */

/**
 * Everything known; `info`, `media` and `me` are null until the first snapshot, `requests` is null for all but staff.
 * @typedef {object} RoomView
 * @property {SocketStatus} status
 * @property {LiveInfo | null} info
 * @property {ConnectedUser[]} connectedUsers
 * @property {RequestInfo[] | null} requests
 * @property {MyState | null} me
 * @property {Role | null} role
 * @property {number} viewerCount
 * @property {MediaInfo | null} media
 * @property {number} seq  of the newest change that was heard of
 */

/**
 * Fires `change` after every change of `state`, and every callback of the wire under its own name, with the callback
 * as `detail`.
 */
export class MicRoom extends EventTarget {
  clock = new ServerClock();
  #snapshotSeq = -1;
  #socket;

  /** @param {SocketOptions} options */
  constructor(options) {
    super();
    this.#socket = new MicSocket(options);
    /** @type {RoomView} */
    this.state = {
      status: this.#socket.status,
      info: null,
      connectedUsers: [],
      requests: null,
      me: null,
      role: null,
      viewerCount: 0,
      media: null,
      seq: -1,
    };
    this.#socket.addEventListener("status", () => this.#set({ status: this.#socket.status }));
    this.#socket.addEventListener("frame", (event) => {
      this.#hear(/** @type {CustomEvent<ServerFrame>} */ (event).detail);
    });
  }

  /** Connects; also brings the room back here after a close for good. */
  connect() {
    this.#socket.start();
  }

  /** Closes the socket; the seat is kept for a while. Use `leave` to give it up at once. */
  disconnect() {
    this.#socket.stop();
  }

  /** Connects anew, so that a new name counts. */
  reconnect() {
    this.#socket.restart();
  }

  // -- host and staff --------------------------------------------------------------------------------------------

  /** @param {{media?: LinkMedia}} [options] */
  goLive({ media } = {}) {
    return this.#send({ type: "goLive", media });
  }

  endLive() {
    return this.#send({ type: "endLive" });
  }

  /** @param {{requestId: string, isAccepted: boolean, reason?: RejectReason, note?: string}} answer */
  async respondToApplication({ requestId, isAccepted, reason, note }) {
    return this.#request(await this.#send({ type: "respondToApplication", requestId, isAccepted, reason, note }));
  }

  /** @param {{userId: string, media?: LinkMedia, timeoutS?: number}} invitation */
  async invite({ userId, media, timeoutS }) {
    return this.#request(await this.#send({ type: "invite", userId, media, timeoutS }));
  }

  /** @param {{requestId: string}} invitation */
  async cancelInvitation({ requestId }) {
    return this.#request(await this.#send({ type: "cancelInvitation", requestId }));
  }

  /** @param {{userId: string, reason?: RemovalReason, note?: string}} guest */
  disconnectUser({ userId, reason, note }) {
    return this.#send({ type: "disconnectUser", userId, reason, note });
  }

  /** @param {{userId: string, device: Device, isLocked: boolean}} lock */
  async lockDevice({ userId, device, isLocked }) {
    return this.#connection(await this.#send({ type: "lockDevice", userId, device, isLocked }));
  }

  /**
   * Who is watching, newest first, at most 200.
   * @param {{prefix?: string}} [filter]
   * @returns {Promise<UserInfo[]>}
   */
  async listViewers({ prefix = "" } = {}) {
    const result = await this.#socket.request({ type: "listViewers", prefix });
    return result?.viewers ?? [];
  }

  // -- audience --------------------------------------------------------------------------------------------------

  /** @param {{media: LinkMedia, note?: string, timeoutS?: number}} application */
  async apply({ media, note, timeoutS }) {
    return this.#request(await this.#send({ type: "apply", media, note, timeoutS }));
  }

  async cancelApplication() {
    return this.#request(await this.#send({ type: "cancelApplication" }));
  }

  /** @param {{requestId: string, isAccepted: boolean, media?: LinkMedia}} answer */
  async respondToInvitation({ requestId, isAccepted, media }) {
    return this.#request(await this.#send({ type: "respondToInvitation", requestId, isAccepted, media }));
  }

  leaveSeat() {
    return this.#send({ type: "leaveSeat" });
  }

  leave() {
    return this.#send({ type: "leave" });
  }

  /** @param {{device: Device, isOpen: boolean}} wish */
  async setDevice({ device, isOpen }) {
    return this.#connection(await this.#send({ type: "setDevice", device, isOpen }));
  }

  // -- media signalling, for media/ ------------------------------------------------------------------------------

  /**
   * @param {string} sdp  the browser's offer
   * @returns {Promise<string>} the server's answer
   */
  async publish(sdp) {
    const result = await this.#socket.request({ type: "publish", sdp });
    return result?.sdp ?? "";
  }

  /** @returns {Promise<{sdp: string, watchId: string, slots: Slot[]}>} the server's offer */
  async watch() {
    const result = await this.#socket.request({ type: "watch" });
    return { sdp: result?.sdp ?? "", watchId: result?.watchId ?? "", slots: result?.slots ?? [] };
  }

  /**
   * @param {string} watchId
   * @param {string} sdp  the browser's answer
   */
  async answer(watchId, sdp) {
    await this.#socket.request({ type: "answer", watchId, sdp });
  }

  // -- inside ----------------------------------------------------------------------------------------------------

  /** @param {Command} command  fields that are undefined are not sent */
  #send(command) {
    return this.#socket.request(command);
  }

  /** @param {Result | null} result */
  #request(result) {
    return result?.request ?? null;
  }

  /** @param {Result | null} result */
  #connection(result) {
    return result?.connection ?? null;
  }

  /** @param {ServerFrame} frame */
  #hear(frame) {
    if (frame.type === "snapshot") this.#restore(frame);
    else if (frame.type === "callbacks") this.#take(frame);
  }

  /** @param {Snapshot} snapshot */
  #restore(snapshot) {
    this.clock.sample(snapshot.serverTime);
    this.#snapshotSeq = snapshot.seq;
    const { info, connectedUsers, requests, me, role, viewerCount, media, seq } = snapshot;
    this.#set({ info, connectedUsers, requests: requests ?? null, me, role, viewerCount, media, seq });
    this.dispatchEvent(new CustomEvent("snapshot", { detail: snapshot }));
  }

  /**
   * One change makes one frame per lane, all with the same seq: only what the snapshot holds already is dropped.
   * @param {Callbacks} frame
   */
  #take(frame) {
    this.clock.sample(frame.serverTime);
    if (frame.seq !== null && frame.seq <= this.#snapshotSeq) return;
    /** @type {Partial<RoomView>} */
    const changed = frame.seq === null ? {} : { seq: frame.seq };
    for (const callback of frame.callbacks) Object.assign(changed, stateOf(callback));
    this.#set(changed);
    for (const callback of frame.callbacks) {
      this.dispatchEvent(new CustomEvent(callback.type, { detail: callback }));
    }
  }

  /** @param {Partial<RoomView>} changed */
  #set(changed) {
    this.state = { ...this.state, ...changed };
    this.dispatchEvent(new CustomEvent("change", { detail: this.state }));
  }
}

/**
 * The part of the state that a callback replaces; moments replace none.
 * @param {Callback} callback
 * @returns {Partial<RoomView>}
 */
export function stateOf(callback) {
  switch (callback.type) {
    case "onLiveInfoChanged":
      return { info: callback.info };
    case "onConnectedUsersUpdated":
      return { connectedUsers: callback.connectedUsers };
    case "onRequestsUpdated":
      return { requests: callback.requests };
    case "onMyStateUpdated":
      return { me: callback.me };
    case "onRoomUserCountChanged":
      return { viewerCount: callback.count };
    case "onMediaServerChanged":
      return { media: callback.media };
    default:
      return {};
  }
}
