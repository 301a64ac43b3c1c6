/** The SDK of a room: commands as promises, callbacks as events, and always the newest state. */

import { ServerClock } from "./clock.js";
import { RoomCommands } from "./commands.js";
import { MicSocket } from "./socket.js";

/** @typedef {import("./protocol.js").Callback} Callback */
/** @typedef {import("./protocol.js").Callbacks} Callbacks */
/** @typedef {import("./protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./protocol.js").InviteLinkInfo} InviteLinkInfo */
/** @typedef {import("./protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("./protocol.js").LiveSummary} LiveSummary */
/** @typedef {import("./protocol.js").MediaInfo} MediaInfo */
/** @typedef {import("./protocol.js").MyState} MyState */
/** @typedef {import("./protocol.js").Quality} Quality */
/** @typedef {import("./protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./protocol.js").Role} Role */
/** @typedef {import("./protocol.js").SanctionInfo} SanctionInfo */
/** @typedef {import("./protocol.js").SeatInfo} SeatInfo */
/** @typedef {import("./protocol.js").ServerFrame} ServerFrame */
/** @typedef {import("./protocol.js").Slot} Slot */
/** @typedef {import("./protocol.js").Snapshot} Snapshot */
/** @typedef {import("./protocol.js").UserInfo} UserInfo */
/** @typedef {import("./socket.js").SocketOptions} SocketOptions */
/** @typedef {import("./socket.js").SocketStatus} SocketStatus */

/**
 * Everything known. `info`, `media` and `me` are null until the first snapshot; `requests`, `sanctions` and `links` are
 * null for all but the staff.
 * @typedef {object} RoomView
 * @property {SocketStatus} status
 * @property {LiveInfo | null} info
 * @property {ConnectedUser[]} connectedUsers
 * @property {SeatInfo[]} seats  with their locks, 0 first
 * @property {Record<string, string>} metadata
 * @property {RequestInfo[] | null} requests
 * @property {SanctionInfo[] | null} sanctions
 * @property {InviteLinkInfo[] | null} links
 * @property {MyState | null} me
 * @property {Role | null} role  as of now: the host may have made somebody a helper, or ended it, since the snapshot
 * @property {number} viewerCount
 * @property {Record<string, number>} volumes  0-100, of those who speak now, by user id
 * @property {Record<string, Quality>} qualities  of the seats' lines, by user id
 * @property {MediaInfo | null} media
 * @property {number} seq  of the newest change that was heard of
 */

/**
 * Fires `change` after every change of `state`, and every callback of the wire under its own name, with the callback
 * as `detail`.
 */
export class MicRoom extends RoomCommands {
  clock = new ServerClock();
  #snapshotSeq = -1;
  #socket;

  /** @param {SocketOptions} options */
  constructor(options) {
    const socket = new MicSocket(options);
    super(socket);
    this.#socket = socket;
    /** @type {RoomView} */
    this.state = {
      status: this.#socket.status,
      info: null,
      connectedUsers: [],
      seats: [],
      metadata: {},
      requests: null,
      sanctions: null,
      links: null,
      me: null,
      role: null,
      viewerCount: 0,
      volumes: {},
      qualities: {},
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

  // -- questions -------------------------------------------------------------------------------------------------

  /**
   * Who is watching, newest first, at most 200.
   * @param {{prefix?: string}} [filter]
   * @returns {Promise<UserInfo[]>}
   */
  async listViewers({ prefix = "" } = {}) {
    const { result } = await this.#socket.request({ type: "listViewers", prefix });
    return result?.viewers ?? [];
  }

  /**
   * The show in figures; also after its end.
   * @returns {Promise<LiveSummary | null>}
   */
  async getSummary() {
    const { result } = await this.#socket.request({ type: "getSummary" });
    return result?.summary ?? null;
  }

  // -- media signalling, for media/ ------------------------------------------------------------------------------

  /**
   * @param {string} sdp  the browser's offer
   * @param {{isScreen?: boolean}} [what]
   * @returns {Promise<string>} the server's answer
   */
  async publish(sdp, { isScreen = false } = {}) {
    const { result } = await this.#socket.request({ type: "publish", sdp, isScreen });
    return result?.sdp ?? "";
  }

  /** @returns {Promise<{sdp: string, watchId: string, slots: Slot[]}>} the server's offer */
  async watch() {
    const { result } = await this.#socket.request({ type: "watch" });
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

  /** @param {ServerFrame} frame */
  #hear(frame) {
    if (frame.type === "snapshot") this.#restore(frame);
    else if (frame.type === "callbacks") this.#take(frame);
  }

  /** @param {Snapshot} snapshot */
  #restore(snapshot) {
    this.clock.sample(snapshot.serverTime);
    this.#snapshotSeq = snapshot.seq;
    const { info, connectedUsers, seats, metadata, requests, sanctions, links, me, viewerCount, media, seq } = snapshot;
    const role = roleOf(snapshot.role, me);
    const samples = { volumes: {}, qualities: {} }; // those of before the cut are old; the next ones come soon
    const lists = { info, connectedUsers, seats, metadata, requests, sanctions, links };
    this.#set({ ...lists, ...samples, me, role, viewerCount, media, seq });
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
    changed.role = changed.me ? roleOf(this.state.role, changed.me) : this.state.role;
    if (!isStaff(changed.role)) Object.assign(changed, NOT_FOR_ALL);
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

/** What is null for all but the staff. */
const NOT_FOR_ALL = { requests: null, sanctions: null, links: null };

/** @param {Role | null} role */
export function isStaff(role) {
  return role === "host" || role === "moderator";
}

/**
 * What somebody is now, who was `role` before.
 * @param {Role | null} role
 * @param {MyState} me
 * @returns {Role | null}
 */
export function roleOf(role, { isModerator }) {
  if (role === "audience" && isModerator === true) return "moderator";
  return role === "moderator" && isModerator === false ? "audience" : role;
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
    case "onSeatListChanged":
      return { seats: callback.seats };
    case "onRoomMetadataChanged":
      return { metadata: callback.metadata };
    case "onRequestsUpdated":
      return { requests: callback.requests };
    case "onSanctionsUpdated":
      return { sanctions: callback.sanctions };
    case "onInviteLinksUpdated":
      return { links: callback.links };
    case "onMyStateUpdated":
      return { me: callback.me };
    case "onRoomUserCountChanged":
      return { viewerCount: callback.count };
    case "onUserVoiceVolumeChanged":
      return { volumes: callback.volumes };
    case "onUserNetworkQualityChanged":
      return { qualities: callback.qualities };
    case "onMediaServerChanged":
      return { media: callback.media };
    default:
      return {};
  }
}
