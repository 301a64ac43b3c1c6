/** What a page should show, derived from the room alone: one tag with its own fields for each state of a guest. */

import { secondsUntil } from "../pauses.js";
import { COME_AGAIN_S, CloseCode, ErrorCode } from "../protocol.js";
import { ROOM_END_TEXTS, banText, connectionEndText, isolated, plural, requestEndText, sanctionText } from "./words.js";

/** @typedef {import("../clock.js").ServerClock} ServerClock */
/** @typedef {import("../room.js").RoomView} RoomView */
/** @typedef {import("../room.js").SocketStatus} SocketStatus */
/** @typedef {import("../protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("../protocol.js").MyState} MyState */
/** @typedef {import("../protocol.js").RemovalReason} RemovalReason */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").SanctionInfo} SanctionInfo */
/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./words.js").Hold} Hold */

/**
 * The way onto a seat that is open to a viewer. `sit`: without asking. `ask`: into the queue. The others: none now.
 * @typedef {"sit" | "ask" | "paused" | "invite_only" | "closed" | "login" | "barred"} Door
 */

/**
 * `away`: the line is closed for good, so that what is known may no longer be so. `own`: the room's host at the door of
 * the audience. `elsewhere`: on air in another window of the same person; `onAir` also while none has claimed the seat.
 * `keptS`: so long whoever was not answered in time gets the old place by asking again.
 * @typedef {(
 *   | {tag: "connecting"}
 *   | {tag: "banned", text: string}
 *   | {tag: "away"}
 *   | {tag: "notLive"}
 *   | {tag: "ended", text: string}
 *   | {tag: "own", isOnAir: boolean}
 *   | {tag: "watching", door: Door, isFull: boolean, seatCount: number, pauseS: number, keptS: number}
 *   | {tag: "waiting", request: RequestInfo, place: number, likelyS: number | null, secondsLeft: number | null,
 *       share: number, isHere: boolean, hold: Hold | null}
 *   | {tag: "invited", request: RequestInfo, secondsLeft: number | null, share: number}
 *   | {tag: "onAir", connection: ConnectedUser, secondsLeft: number | null, timeLeft: number | null}
 *   | {tag: "elsewhere", connection: ConnectedUser, secondsLeft: number | null, timeLeft: number | null}
 * )} GuestState
 */

/**
 * What a page knows besides the room.
 * @typedef {object} Own
 * @property {boolean} hasAccount
 * @property {SanctionInfo | null} kicked  why the line was closed, if this page was there to hear it
 * @property {string} notBefore  ISO 8601; the server said that an application comes too early
 * @property {string} [windowId]  of this window
 */

/** @type {Own} */
const NOBODY = { hasAccount: false, kicked: null, notBefore: "" };

/**
 * @param {RoomView} room
 * @param {ServerClock} clock
 * @param {Own} [own]
 * @returns {GuestState}
 */
export function guestState(room, clock, own = NOBODY) {
  const { status, info, me, connectedUsers } = room;
  if (status.phase === "closed" && status.code === CloseCode.REMOVED) {
    const { until, reason } = /** @type {{until?: string, reason?: RemovalReason}} */ (status.refusal?.details ?? {});
    return { tag: "banned", text: own.kicked ? sanctionText(own.kicked) : banText(until ?? null, reason ?? "other") };
  }
  if (info?.status === "ended") return { tag: "ended", text: info.endReason ? ROOM_END_TEXTS[info.endReason] : "" };
  if (status.phase === "closed") return { tag: "away" };
  if (!info || !me) return { tag: "connecting" };
  if (info.status === "idle") return { tag: "notLive" };
  const { connection, request } = me;
  if (me.user.userId === info.host.userId) return { tag: "own", isOnAir: !!connection };
  if (connection) {
    const [secondsLeft, timeLeft] = [connection.deadline, connection.endsAt].map((at) => clock.secondsLeft(at));
    return { tag: isElsewhere(room, own.windowId) ? "elsewhere" : "onAir", connection, secondsLeft, timeLeft };
  }
  if (request) {
    const wait = { request, secondsLeft: clock.secondsLeft(request.expiresAt), share: shareLeft(room, request, clock) };
    if (request.kind === "invitation") return { tag: "invited", ...wait };
    const isHere = me.window === (own.windowId ?? "");
    const likelyS = clock.secondsLeft(me.likelyAt);
    return { tag: "waiting", place: me.place ?? 1, likelyS, isHere, hold: holdOf(room), ...wait };
  }
  const guests = connectedUsers.filter(({ seatIndex }) => seatIndex > 0).length;
  const pauseS = Math.max(clock.secondsLeft(me.canApplyAt) ?? 0, clock.secondsLeft(own.notBefore) ?? 0);
  const door = doorOf(room, own);
  const { seatCount } = info;
  return { tag: "watching", door, isFull: guests >= seatCount, seatCount, pauseS, keptS: keptS(room, clock) };
}

/**
 * Null while the wait runs, and where nothing but the staff's word is waited for.
 * @param {RoomView} room
 * @returns {Hold | null}
 */
function holdOf(room) {
  const { info, me } = room;
  if (!info || !me?.request || me.request.expiresAt) return null;
  if (info.hostAwayUntil) return "away";
  if (info.options.isPaused) return "paused";
  const free = freeSeats(room).length;
  if (!free) return "full";
  return (me.place ?? 1) > free ? "turn" : null;
}

/**
 * So many seconds the old place of an application that nobody answered is kept for whoever asks again.
 * @param {RoomView} room
 * @param {ServerClock} clock
 */
function keptS({ me }, clock) {
  const last = me?.lastRequest;
  if (last?.kind !== "application" || last.state !== "timeout" || !last.endedAt) return 0;
  return Math.max(0, COME_AGAIN_S - clock.secondsSince(last.endedAt));
}

/**
 * Whether another window of this person is on air, or may be at any moment: such a window as this shows the show and
 * neither sends nor sounds. The host at the door of the audience is in the studio, on the seat or not.
 * @param {RoomView} room
 * @param {string} [windowId]  of this window
 */
export function isElsewhere({ me, info, role }, windowId = "") {
  if (!me || !info) return false;
  if (role === "audience" && me.user.userId === info.host.userId) return true;
  return !!me.connection && !!me.window && me.window !== windowId;
}

/**
 * @param {RoomView} room
 * @param {Own} own
 * @returns {Door}
 */
function doorOf({ info, me, role }, { hasAccount }) {
  if (!info || me?.bar) return "barred";
  const { seatMode, isPaused, needsLogin } = info.options;
  if (role === "moderator") return "sit";
  if (seatMode === "closed" || seatMode === "invite_only") return seatMode;
  if (isPaused) return "paused";
  if (needsLogin && !hasAccount) return "login";
  return seatMode === "free" ? "sit" : "ask";
}

/**
 * Whether a name has to be chosen before anybody hears or sees this person, who may be heard already where the room
 * has only just stopped allowing that.
 * @param {RoomView} room
 * @param {boolean} isNamed
 */
export function mustName({ info, me }, isNamed) {
  const { microphone, camera } = me?.connection ?? {};
  return !isNamed && !info?.options.allowsUnnamed && microphone !== "open" && camera !== "open";
}

/**
 * Whether somebody who is on air can come back there without being invited.
 * @param {RoomView} room
 */
export function canComeBack({ info, role }) {
  const mode = info?.options.seatMode;
  return role === "moderator" || (mode !== "invite_only" && mode !== "closed");
}

/**
 * Whether others would miss this page at once: it holds the show, or a seat.
 * @param {RoomView} room
 * @param {string} [windowId]  of this window
 */
export function isMissed({ status, info, me, role }, windowId = "") {
  if (status.phase === "closed" || info?.status !== "live" || !me) return false;
  const isMine = me.window === windowId;
  return me.connection ? isMine : role === "host";
}

/**
 * Whether guests come by sound only: the room wants it so, or the layout shows no picture of them.
 * @param {RoomView} room
 */
export function isSoundOnly({ info }) {
  return !!info && (info.options.isAudioOnly || info.options.layout === "200");
}

/**
 * Those on a seat whom this page may show: who is behind the stage is the staff's, and one's own. A host who stays away
 * while somebody carries on has no tile.
 * @param {RoomView} room
 * @param {ServerClock} clock
 */
export function shownUsers(room, clock) {
  const { connectedUsers, role, me } = room;
  const isStaff = role === "host" || role === "moderator";
  const isHostless = isCarriedOn(room, clock);
  return connectedUsers.filter(
    ({ isBackstage, userId, seatIndex }) =>
      (!isBackstage || isStaff || userId === me?.user.userId) && (seatIndex > 0 || !isHostless),
  );
}

const HOST_GRACE_S = 30; // as long as a guest's seat is kept

/**
 * @param {RoomView} room
 * @param {ServerClock} clock
 */
function isCarriedOn({ info }, clock) {
  return !!info?.carriedOnBy && !!info.hostAwaySince && clock.secondsSince(info.hostAwaySince) >= HOST_GRACE_S;
}

/**
 * The seats of the room on which somebody could sit now: neither taken nor locked.
 * @param {RoomView} room
 */
export function freeSeats({ seats, info }) {
  const count = info?.seatCount ?? 0;
  return seats.filter(({ seatIndex, userId, isLocked }) => seatIndex > 0 && seatIndex <= count && !userId && !isLocked);
}

/**
 * How much of the wait is left, 1 to 0; 1 while none runs. The room's wait may have begun long after the request.
 * @param {RoomView} room
 * @param {RequestInfo} request
 * @param {ServerClock} clock
 */
export function shareLeft({ info }, { createdAt, expiresAt }, clock) {
  if (!expiresAt) return 1;
  const end = Date.parse(expiresAt);
  const most = end - Date.parse(createdAt);
  const whole = Math.min(most, (info?.options.requestTimeoutS ?? 0) * 1000 || most);
  return Math.min(1, Math.max(0, (end - clock.now()) / whole));
}

const FRESH_S = 600; // an older end is no news to somebody who opens the page

/**
 * How the last request or time on air ended, while it is news.
 * @param {RoomView} room
 * @param {ServerClock} clock
 * @returns {{key: string, text: string, isGrave: boolean} | null}
 */
export function lastOutcome(room, clock) {
  const { me, info, status } = room;
  if (!me || status.phase === "closed" || me.connection || info?.status !== "live") return null;
  const { lastRequest, lastConnection } = me;
  const requestAt = lastRequest?.endedAt ?? "";
  const last = lastConnection && lastConnection.endedAt >= requestAt ? lastConnection : null;
  // back in the queue: the end explains why one waits; any other open request is newer than the ends
  if (me.request && last?.endReason !== "returned") return null;
  const endedAt = last ? last.endedAt : requestAt;
  if (!endedAt || clock.secondsSince(endedAt) > FRESH_S) return null;
  const text = last ? connectionEndText(last) : lastRequest ? requestEndText(lastRequest, !!keptS(room, clock)) : "";
  if (!text) return null;
  return { key: endedAt, text, isGrave: !!last && !["exited", "returned", "time_up"].includes(last.endReason) };
}

/**
 * @typedef {object} Bar  a line above the stage
 * @property {"warn" | "bad"} tone
 * @property {"wifi-off" | "clock" | "circle-alert" | "shield"} icon
 * @property {string} text
 * @property {"reload" | null} action
 */

/** Closes that the page itself explains. */
const EXPLAINED = /** @type {number[]} */ ([1000, CloseCode.SESSION_OVER, CloseCode.REMOVED]);

/**
 * What stands between this page and the room, the weightiest first; empty while all is well.
 * @param {RoomView} room
 * @param {ServerClock} clock
 * @param {boolean} isOnline  what the browser knows of its network
 * @param {boolean} [isAble]  whether it can send and receive media
 * @returns {Bar[]}
 */
export function bars({ status, info, media, me }, clock, isOnline, isAble = true) {
  /** @type {Bar[]} */
  const found = [];
  if (status.phase === "closed") {
    const text = status.text || "The connection was closed.";
    if (!EXPLAINED.includes(status.code)) found.push({ tone: "bad", icon: "circle-alert", text, action: "reload" });
  } else if (!isOnline) {
    found.push({
      tone: "bad",
      icon: "wifi-off",
      text: "You are offline. The page comes back by itself.",
      action: null,
    });
  } else if (status.phase === "waiting") {
    found.push({ tone: "warn", icon: "wifi-off", text: returnText(status), action: null });
  }
  if (!isAble) {
    const text =
      "This browser cannot send or receive live sound and picture: WebRTC is missing or switched off. " +
      "Switch it on, or use another browser.";
    found.push({ tone: "bad", icon: "circle-alert", text, action: null });
  }
  const absence = info?.status === "live" ? absenceText(info, me, clock) : "";
  if (absence) found.push({ tone: "warn", icon: info?.carriedOnBy ? "shield" : "clock", text: absence, action: null });
  if (info?.status === "live" && media && !media.isUp) {
    const text = "The media server is away. Sound and picture come back by themselves.";
    found.push({ tone: "warn", icon: "circle-alert", text, action: null });
  }
  return found;
}

/**
 * What becomes of a live without its host; empty while the host is there.
 * @param {LiveInfo} info
 * @param {MyState | null} me
 * @param {ServerClock} clock
 */
function absenceText({ carriedOnBy, hostAwayUntil, options, moderators }, me, clock) {
  if (carriedOnBy) {
    const isMe = carriedOnBy.userId === me?.user.userId;
    return `${isMe ? "You carry" : `${isolated(carriedOnBy.userName)} carries`} on while the host is away.`;
  }
  if (!hostAwayUntil) return "";
  const who = options.isCarriedOn && moderators.length ? "the host or a helper" : "the host";
  const left = plural(clock.secondsLeft(hostAwayUntil) ?? 0, "second");
  return `The host is away. The live ends in ${left} unless ${who} comes back.`;
}

/**
 * When the page comes back; the last second is not counted.
 * @param {SocketStatus} status
 */
function returnText({ code, text, refusal, retryAt }) {
  const left = secondsUntil(retryAt);
  if (left <= 1) return `Reconnecting… ${text}`;
  if (refusal?.code === ErrorCode.COME_BACK) return `${text} You are let in in ${left} s.`;
  return `${text} ${code === CloseCode.GOING_AWAY ? "Back" : "Next try"} in ${left} s.`;
}
