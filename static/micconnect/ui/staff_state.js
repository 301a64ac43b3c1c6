/** What the staff's side shows, derived from the room alone. */

import { STALLED_TEXTS, duration, plural, stalledText } from "./words.js";

/** @typedef {import("../clock.js").ServerClock} ServerClock */
/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").LiveInfo} LiveInfo */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").RequestKind} RequestKind */
/** @typedef {import("../protocol.js").RequestState} RequestState */
/** @typedef {import("../room.js").RoomView} RoomView */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * The open requests of one kind, as the server orders them.
 * @param {Pick<RoomView, "requests">} room
 * @param {RequestKind} kind
 */
export function openRequests({ requests }, kind) {
  return (requests ?? []).filter((request) => request.kind === kind);
}

/**
 * What the staff may want to know of an applicant, in the order of its weight.
 * @param {RequestInfo} request
 * @param {ServerClock} clock
 */
export function requestFacts({ createdAt, expiresAt, seatIndex, refusals, spokenS, limitS }, clock) {
  const left = clock.secondsLeft(expiresAt);
  return [
    `waiting ${duration(clock.secondsSince(createdAt))}`,
    left === null ? "" : `${left} s left`,
    seatIndex > 0 ? `wants seat ${seatIndex}` : "",
    refusals ? `turned down ${plural(refusals, "time")} before` : "",
    spokenS ? `on air ${duration(spokenS)} before` : "",
    limitS ? `time limit ${duration(limitS)}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * How it stands with the host's absence for a helper; null for everybody else, and while the host is here. `waiting`:
 * the live waits for the host. `own`, `other`: this helper carries on, or another one does.
 * @param {Pick<RoomView, "info" | "me" | "role">} room
 * @returns {"waiting" | "own" | "other" | null}
 */
export function absence({ info, me, role }) {
  if (role !== "moderator" || info?.status !== "live") return null;
  if (info.carriedOnBy) return info.carriedOnBy.userId === me?.user.userId ? "own" : "other";
  return info.hostAwayUntil ? "waiting" : null;
}

const MISSED_S = 900; // as long as the server lists them

/**
 * Those whom the staff has missed and may still invite, newest first: not put away, and nothing has come of them since.
 * @param {Pick<PageState, "room" | "missed" | "clearedAt">} state
 * @param {ServerClock} clock
 */
export function missedNow({ room: { requests, connectedUsers, sanctions, me }, missed, clearedAt }, clock) {
  const settled = new Set([
    ...(requests ?? []).map(({ user }) => user.userId),
    ...(sanctions ?? []).map(({ user }) => user.userId),
    ...connectedUsers.map(({ userId }) => userId),
    me?.user.userId,
  ]);
  const cleared = Date.parse(clearedAt) || 0;
  return missed.filter(
    ({ user, endedAt }) =>
      !settled.has(user.userId) && !!endedAt && Date.parse(endedAt) > cleared && clock.secondsSince(endedAt) < MISSED_S,
  );
}

/**
 * What became of a request that nobody of the staff ended; empty for one that somebody did.
 * @param {Pick<RequestInfo, "kind" | "state" | "cause">} request
 */
export function missedFact({ kind, state, cause }) {
  const isInvitation = kind === "invitation";
  if (state === "timeout") return isInvitation ? "did not answer the invitation" : "waited and got no answer in time";
  if (state === "rejected") return isInvitation ? "declined the invitation" : "";
  if (cause === "left") return isInvitation ? "went away before answering" : "went away while waiting";
  if (cause === "room_changed")
    return isInvitation ? "was invited when the room was changed" : "waited when the room was changed";
  return "";
}

/**
 * Who is on a seat beside the host.
 * @param {ConnectedUser[]} users
 */
export function guestsOf(users) {
  return users.filter(({ seatIndex }) => seatIndex > 0);
}

/**
 * Those who are watching and neither on a seat nor under way to one, the host and oneself left out.
 * @param {Pick<PageState, "room" | "viewers">} state
 */
export function idleViewers({ room: { requests, connectedUsers, me, info }, viewers }) {
  const taken = new Set([
    ...(requests ?? []).map(({ user }) => user.userId),
    ...connectedUsers.map(({ userId }) => userId),
    me?.user.userId,
    info?.host.userId,
  ]);
  return (viewers ?? []).filter(({ userId }) => !taken.has(userId));
}

/**
 * Whether a guest may not open the microphone unasked; lifting a lock changes nothing about that, asking does.
 * @param {Pick<ConnectedUser, "microphone">} guest
 * @param {LiveInfo | null} info
 */
export function isKeptSilent({ microphone }, info) {
  return microphone === "locked" && info?.options.mayUnmute === false;
}

/** @type {Record<ConnectedUser["state"], string>} */
const CONNECTION_STATES = { joining: "joining…", live: "", reconnecting: "reconnecting…", ended: "" };

/**
 * What the staff may want to know of somebody on a seat.
 * @param {ConnectedUser} guest
 * @param {LiveInfo | null} info
 * @param {ServerClock} clock
 */
export function guestFacts(guest, info, clock) {
  const [left, timeLeft] = [clock.secondsLeft(guest.deadline), clock.secondsLeft(guest.endsAt)];
  return [
    CONNECTION_STATES[guest.state] || duration(clock.secondsSince(guest.since)),
    left === null ? "" : `${left} s left`,
    guest.media === "audio" ? "sound only" : "",
    stalledText(guest),
    timeLeft === null ? "" : `time up in ${duration(timeLeft)}`,
    guest.isBackstage ? (guest.isReady ? "behind the stage, ready" : "behind the stage, not ready") : "",
    info?.spotlight === guest.userId ? "shown large" : "",
    guest.screen === "open" ? (guest.stalled.includes("screen") ? STALLED_TEXTS.screen : "shares the screen") : "",
    guest.asked ? `asked to open the ${guest.asked}` : "",
    guest.shut.includes("microphone") ? "was on when muted" : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @type {Record<RequestState, string>} */
const REQUEST_STATES = {
  accepted: "accepted",
  rejected: "turned down",
  cancelled: "taken back",
  timeout: "timed out",
  void: "void",
  pending: "open",
};

/**
 * How the requests of a kind ended, the most frequent first.
 * @param {Record<string, number>} requests  by kind and state
 * @param {RequestKind} kind
 */
export function requestsText(requests, kind) {
  return Object.entries(requests)
    .filter(([key, count]) => key.startsWith(`${kind}.`) && count)
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => `${count} ${REQUEST_STATES[/** @type {RequestState} */ (key.slice(kind.length + 1))]}`)
    .join(", ");
}
