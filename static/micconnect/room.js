/** The SDK of a room: commands as promises, callbacks as events, and always the newest state. */

import { ServerClock } from "./clock.js";
import { RoomCommands } from "./commands.js";
import { Lanes } from "./lanes.js";
import { WINDOW_MIN_MS, windowFor } from "./pauses.js";
import { MicSocket } from "./socket.js";
import { newWindowId } from "./window_id.js";

/** @typedef {import("./lanes.js").News} News */
/** @typedef {import("./protocol.js").Callback} Callback */
/** @typedef {import("./protocol.js").Callbacks} Callbacks */
/** @typedef {import("./protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./protocol.js").IceServers} IceServers */
/** @typedef {import("./protocol.js").InviteLinkInfo} InviteLinkInfo */
/** @typedef {import("./protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("./protocol.js").LiveSummary} LiveSummary */
/** @typedef {import("./protocol.js").MediaInfo} MediaInfo */
/** @typedef {import("./protocol.js").MyState} MyState */
/** @typedef {import("./protocol.js").Pong} Pong */
/** @typedef {import("./protocol.js").Quality} Quality */
/** @typedef {import("./protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./protocol.js").Resumed} Resumed */
/** @typedef {import("./protocol.js").Role} Role */
/** @typedef {import("./protocol.js").SanctionInfo} SanctionInfo */
/** @typedef {import("./protocol.js").SeatHealth} SeatHealth */
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
 * @property {number[] | null} pictures  the seats that moving pictures show, in the order of their slots, -1 for
 *   nobody; null until told, as in rooms where all are shown
 * @property {MediaInfo | null} media
 * @property {number} seq  up to which change all that concerns this page was heard
 */

/**
 * Fires `change` after every change of `state`, and every callback of the wire under its own name, with the callback
 * as `detail`: a moment once, also across cuts. What was missed is told afterwards as long as the server knows it; else
 * `snapshot` (detail: Snapshot) is fired, and moments are lost. `open` is fired whenever a line is up, the first time
 * and after each cut, with the state whole again.
 */
export class MicRoom extends RoomCommands {
  clock = new ServerClock();
  windowId;
  #lanes = new Lanes();
  #socket;

  /** @param {SocketOptions} options  without a `windowId` this is a window that nobody has seen before */
  constructor({ windowId = newWindowId(), ...options }) {
    const socket = new MicSocket(
      { windowId, ...options },
      {
        cursors: () => this.#lanes.cursors(this.state.role),
        windowMs: () => (hasStake(this.state) ? WINDOW_MIN_MS : windowFor(this.state.viewerCount)),
      },
    );
    super(socket);
    this.#socket = socket;
    this.windowId = windowId;
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
      pictures: null,
      media: null,
      seq: -1,
    };
    this.#socket.addEventListener("status", () => this.#follow(this.#socket.status));
    this.#socket.addEventListener("frame", (event) => {
      this.#hear(/** @type {CustomEvent<ServerFrame>} */ (event).detail);
    });
  }

  /** Whether the own seat is this window's: then, and only then, sound and picture are sent from here. */
  get isHere() {
    return !!this.state.me?.connection && this.state.me.window === this.windowId;
  }

  /** Connects; also brings the room back here after a close for good. */
  connect() {
    this.#socket.start();
  }

  /** Closes the socket; the seat is kept for a while. Use `leave` to give it up at once. */
  disconnect() {
    this.#socket.stop();
  }

  /** Connects anew and from a snapshot, so that a new name counts. */
  reconnect() {
    this.#lanes.forget();
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

  /** Whose requests came to nothing lately, newest first; for the staff. @returns {Promise<RequestInfo[]>} */
  async listMissed() {
    return (await this.#socket.request({ type: "listMissed" })).result?.missed ?? [];
  }

  /**
   * How the media of everybody on air arrive now; for the staff.
   * @returns {Promise<SeatHealth[]>}
   */
  async getMediaHealth() {
    return (await this.#socket.request({ type: "getMediaHealth" })).result?.health ?? [];
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

  /**
   * @param {{hasPictures?: boolean}} [what]
   * @returns {Promise<{sdp: string, watchId: string, slots: Slot[], pictures: number[]}>} the server's offer
   */
  async watch({ hasPictures = true } = {}) {
    const { result } = await this.#socket.request({ type: "watch", hasPictures });
    const { sdp, watchId, slots, pictures } = result ?? {};
    return { sdp: sdp ?? "", watchId: watchId ?? "", slots: slots ?? [], pictures: pictures ?? [] };
  }

  /**
   * @param {string} watchId
   * @param {string} sdp  the browser's answer
   */
  async answer(watchId, sdp) {
    await this.#socket.request({ type: "answer", watchId, sdp });
  }

  /**
   * The relays of the media server, and credentials of one's own for them that count for so many `seconds`.
   * @returns {Promise<IceServers>}
   */
  async getIceServers() {
    const { result } = await this.#socket.request({ type: "getIceServers" });
    return result?.iceServers ?? { urls: [], username: "", credential: "", seconds: 0, relayOnly: false };
  }

  /**
   * How long the way from here to the media server and back is.
   * @param {{rttMs: number}} line
   */
  async reportLine({ rttMs }) {
    await this.#socket.request({ type: "reportLine", rttMs });
  }

  // -- inside ----------------------------------------------------------------------------------------------------

  /** @param {SocketStatus} status */
  #follow(status) {
    if (status.phase === "closed") this.#lanes.forget(); // what happens meanwhile is nobody's business here
    this.#set({ status });
    if (status.phase === "open") this.dispatchEvent(new Event("open"));
  }

  /** @param {ServerFrame} frame */
  #hear(frame) {
    switch (frame.type) {
      case "snapshot":
        return this.#restore(frame);
      case "resumed":
        return this.#catchUp(frame);
      case "callbacks":
        return this.#take([frame]);
      case "batch":
        return this.#take(frame.frames);
      case "pong":
        return this.#compare(frame);
    }
  }

  /** @param {Snapshot} snapshot */
  #restore(snapshot) {
    this.clock.sample(snapshot.serverTime);
    this.#lanes.restore(snapshot);
    const { info, connectedUsers, seats, metadata, requests, sanctions, links, me, viewerCount, media, seq } = snapshot;
    const role = roleOf(snapshot.role, me);
    const lists = { info, connectedUsers, seats, metadata, requests, sanctions, links };
    this.#set({ ...lists, ...NO_SAMPLES, me, role, viewerCount, media, seq });
    this.dispatchEvent(new CustomEvent("snapshot", { detail: snapshot }));
  }

  /**
   * What was missed is taken in as one change; then its callbacks are fired, oldest first.
   * @param {Resumed} resumed
   */
  #catchUp({ serverTime, frames, seq, viewerCount, media }) {
    this.clock.sample(serverTime);
    const { changed, heard } = this.#gather(frames, (frame) => this.#lanes.replay(frame));
    this.#lanes.reach(seq);
    this.#set({ ...changed, ...NO_SAMPLES, viewerCount, media, seq: Math.max(seq, this.state.seq) });
    this.#fire(heard);
  }

  /** @param {Callbacks[]} frames */
  #take(frames) {
    let isGap = false;
    const { changed, heard } = this.#gather(frames, (frame) => {
      const news = this.#lanes.take(frame);
      if (news === "gap") isGap = true;
      else if (news !== "known") this.clock.sample(frame.serverTime); // an old time would pass for a clock put right
      return news;
    });
    if (changed) this.#set(changed);
    this.#fire(heard);
    if (isGap) this.#socket.resume();
  }

  /**
   * Either something was missed, or nothing was said in any lane between the own cursors and the room's number: then
   * they move there, so that a lane in which little is said stays within what the server remembers.
   * @param {Pong} pong
   */
  #compare(pong) {
    this.clock.sample(pong.serverTime);
    if (this.#lanes.lags(pong, isStaff(this.state.role))) {
      this.#socket.resume();
      return;
    }
    this.#lanes.reach(pong.seq);
    if (pong.seq > this.state.seq) this.#set({ seq: pong.seq });
  }

  /**
   * What frames change, and which callbacks are to be fired. A frame of the staff that was on its way to somebody who
   * is none of them (any more) is nothing.
   * @param {Callbacks[]} frames
   * @param {(frame: Callbacks) => News} judge
   * @returns {{changed: Partial<RoomView> | null, heard: Callback[]}} null when there was nothing new
   */
  #gather(frames, judge) {
    /** @type {Callback[]} */
    const heard = [];
    /** @type {Partial<RoomView>} */
    const changed = {};
    let { role, seq } = this.state;
    let isNews = false;
    for (const frame of frames) {
      if (frame.lane === "staff" && !isStaff(role)) continue;
      const news = judge(frame);
      if (news === "known" || news === "gap") continue;
      isNews = true;
      if (frame.seq !== null) seq = Math.max(seq, frame.seq);
      for (const callback of frame.callbacks) {
        const part = stateOf(callback);
        Object.assign(changed, part);
        if (news === "new" || Object.keys(part).length > 0) heard.push(callback);
        if (part.me) {
          const before = role;
          role = roleOf(before, part.me);
          if (!isStaff(before) && isStaff(role)) this.#lanes.joinStaff(frame.seq ?? seq);
        }
      }
    }
    if (!isStaff(role)) Object.assign(changed, NOT_FOR_ALL);
    return { changed: isNews ? { ...changed, role, seq } : null, heard };
  }

  /** @param {Callback[]} heard */
  #fire(heard) {
    for (const callback of heard) this.dispatchEvent(new CustomEvent(callback.type, { detail: callback }));
  }

  /** @param {Partial<RoomView>} changed */
  #set(changed) {
    this.state = { ...this.state, ...changed };
    this.dispatchEvent(new CustomEvent("change", { detail: this.state }));
  }
}

/** What is null for all but the staff. */
const NOT_FOR_ALL = { requests: null, sanctions: null, links: null };

/** Samples of before a cut are old; the next ones come soon. */
const NO_SAMPLES = Object.freeze({ volumes: {}, qualities: {}, pictures: null });

/**
 * Who is waited for comes back first: the staff, people on a seat, and those with an open request.
 * @param {RoomView} state
 */
function hasStake({ role, me }) {
  return isStaff(role) || !!me?.connection || !!me?.request;
}

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
    case "onPicturesChanged":
      return { pictures: callback.seats };
    case "onMediaServerChanged":
      return { media: callback.media };
    default:
      return {};
  }
}
