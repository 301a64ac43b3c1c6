/** What a page should show, derived from the room alone: one tag with its own fields for each state of a guest. */

import { CloseCode } from "../protocol.js";
import { ROOM_END_TEXTS, connectionEndText, plural, requestEndText } from "./words.js";

/** @typedef {import("../clock.js").ServerClock} ServerClock */
/** @typedef {import("../room.js").RoomView} RoomView */
/** @typedef {import("../protocol.js").MyState} MyState */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */

/**
 * `away`: the line is closed for good, so that what is known may no longer be so.
 * @typedef {(
 *   | {tag: "connecting"}
 *   | {tag: "away"}
 *   | {tag: "notLive"}
 *   | {tag: "ended", text: string}
 *   | {tag: "watching", isFull: boolean, seatCount: number, pauseS: number}
 *   | {tag: "waiting", request: RequestInfo, place: number, secondsLeft: number | null, share: number}
 *   | {tag: "invited", request: RequestInfo, secondsLeft: number | null, share: number}
 *   | {tag: "onAir", connection: ConnectedUser, secondsLeft: number | null}
 * )} GuestState
 */

/**
 * @param {RoomView} room
 * @param {ServerClock} clock
 * @returns {GuestState}
 */
export function guestState({ status, info, me, connectedUsers }, clock) {
  if (info?.status === "ended") return { tag: "ended", text: info.endReason ? ROOM_END_TEXTS[info.endReason] : "" };
  if (status.phase === "closed") return { tag: "away" };
  if (!info || !me) return { tag: "connecting" };
  if (info.status === "idle") return { tag: "notLive" };
  const { connection, request } = me;
  if (connection) return { tag: "onAir", connection, secondsLeft: clock.secondsLeft(connection.deadline) };
  if (request) {
    const wait = { request, secondsLeft: clock.secondsLeft(request.expiresAt), share: shareLeft(request, clock) };
    if (request.kind === "invitation") return { tag: "invited", ...wait };
    return { tag: "waiting", place: me.place ?? 1, ...wait };
  }
  const guests = connectedUsers.filter(({ seatIndex }) => seatIndex > 0).length;
  const pauseS = clock.secondsLeft(me.canApplyAt) ?? 0;
  return { tag: "watching", isFull: guests >= info.seatCount, seatCount: info.seatCount, pauseS };
}

/**
 * How much of the wait is left, 1 to 0; 1 for a request that never expires.
 * @param {RequestInfo} request
 * @param {ServerClock} clock
 */
export function shareLeft({ createdAt, expiresAt }, clock) {
  if (!expiresAt) return 1;
  const [start, end] = [Date.parse(createdAt), Date.parse(expiresAt)];
  return Math.min(1, Math.max(0, (end - clock.now()) / (end - start)));
}

const FRESH_S = 600; // an older end is no news to somebody who opens the page

/**
 * How the last request or time on air ended, while it is news.
 * @param {RoomView} room
 * @param {ServerClock} clock
 * @returns {{key: string, text: string, isGrave: boolean} | null}
 */
export function lastOutcome({ me, info, status }, clock) {
  if (!me || status.phase === "closed" || me.request || me.connection || info?.status !== "live") return null;
  const { lastRequest, lastConnection } = me;
  const requestAt = lastRequest?.endedAt ?? "";
  const isConnection = lastConnection && lastConnection.endedAt >= requestAt;
  const endedAt = isConnection ? lastConnection.endedAt : requestAt;
  if (!endedAt || clock.secondsSince(endedAt) > FRESH_S) return null;
  const text = isConnection ? connectionEndText(lastConnection) : lastRequest ? requestEndText(lastRequest) : "";
  if (!text) return null;
  return { key: endedAt, text, isGrave: !!isConnection && lastConnection.endReason !== "exited" };
}

/**
 * @typedef {object} Bar  a line above the stage
 * @property {"warn" | "bad"} tone
 * @property {"wifi-off" | "clock" | "circle-alert"} icon
 * @property {string} text
 * @property {"bringHere" | "reload" | null} action
 */

/**
 * What stands between this page and the room, the weightiest first; empty while all is well.
 * @param {RoomView} room
 * @param {ServerClock} clock
 * @param {boolean} isOnline  what the browser knows of its network
 * @returns {Bar[]}
 */
export function bars({ status, info, media }, clock, isOnline) {
  /** @type {Bar[]} */
  const found = [];
  if (status.phase === "closed" && status.code === CloseCode.TAKEN_OVER) {
    found.push({
      tone: "bad",
      icon: "circle-alert",
      text: "This room is open in another window of yours.",
      action: "bringHere",
    });
  } else if (status.phase === "closed" && status.code !== CloseCode.SESSION_OVER && status.code !== 1000) {
    found.push({
      tone: "bad",
      icon: "circle-alert",
      text: status.text || "The connection was closed.",
      action: "reload",
    });
  } else if (!isOnline) {
    found.push({
      tone: "bad",
      icon: "wifi-off",
      text: "You are offline. The page comes back by itself.",
      action: null,
    });
  } else if (status.phase === "waiting") {
    found.push({ tone: "warn", icon: "wifi-off", text: `Reconnecting… ${status.text}`, action: null });
  }
  if (info?.status === "live" && info.hostAwayUntil) {
    const left = plural(clock.secondsLeft(info.hostAwayUntil) ?? 0, "second");
    const text = `The host is away. The live ends in ${left} unless the host comes back.`;
    found.push({ tone: "warn", icon: "clock", text, action: null });
  }
  if (info?.status === "live" && media && !media.isUp) {
    const text = "The media server is away. Sound and picture come back by themselves.";
    found.push({ tone: "warn", icon: "circle-alert", text, action: null });
  }
  return found;
}
