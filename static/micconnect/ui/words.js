/** Every code of the wire as words for people. */

import { DeviceError } from "../media/devices.js";
import { MicError } from "../errors.js";

/** @typedef {import("../protocol.js").ConnectionEnd} ConnectionEnd */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").Layout} Layout */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").Quality} Quality */
/** @typedef {import("../protocol.js").QueueOrder} QueueOrder */
/** @typedef {import("../protocol.js").RejectReason} RejectReason */
/** @typedef {import("../protocol.js").RemovalReason} RemovalReason */
/** @typedef {import("../protocol.js").RoomEnd} RoomEnd */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").LastConnection} LastConnection */
/** @typedef {import("../protocol.js").SanctionInfo} SanctionInfo */
/** @typedef {import("../protocol.js").SanctionKind} SanctionKind */
/** @typedef {import("../protocol.js").SeatMode} SeatMode */

/** @type {Record<RejectReason, string>} what the host picks */
export const REJECT_CHOICES = {
  not_now: "Not now",
  topic: "Off topic",
  sound: "Sound problem",
  other: "Another reason",
};

/** @type {Record<RejectReason, string>} what the person reads; the general one says nothing */
const REJECT_TEXTS = {
  not_now: "Not now, perhaps later.",
  topic: "It does not fit the topic.",
  sound: "There was a problem with the sound.",
  other: "",
};

/** @type {Record<RemovalReason, string>} */
export const REMOVAL_CHOICES = {
  time: "Time is up",
  topic: "Off topic",
  sound: "Sound problem",
  conduct: "Conduct",
  other: "Another reason",
};

/** @type {Record<RemovalReason, string>} */
const REMOVAL_TEXTS = {
  time: "Time is up.",
  topic: "It no longer fits the topic.",
  sound: "There was a problem with the sound.",
  conduct: "Your conduct was not all right.",
  other: "",
};

/** @type {Record<RoomEnd, string>} */
export const ROOM_END_TEXTS = {
  host: "The host has ended the live.",
  moderator: "The live was ended by a moderator.",
  server: "The live was ended by the service.",
  host_away: "The host lost the connection and did not come back.",
  helper_away: "The host was away, and the helper who carried the live on did not come back.",
};

/** @type {Record<LinkMedia, string>} */
export const MEDIA_TEXTS = { video: "Picture and sound", audio: "Sound only" };

/** @type {Record<Device, string>} what the staff reads beside somebody's name */
export const LOCKED_TEXTS = { microphone: "Microphone locked", camera: "Camera locked", screen: "Screen locked" };

/**
 * What a person off the seat reads about the locks; empty without any.
 * @param {Device[]} locked
 */
export function lockedText(locked) {
  const names = locked.map((device) => (device === "screen" ? "shared screen" : device));
  const last = names.pop();
  if (!last) return "";
  const what = names.length ? `${names.join(", ")} and ${last}` : last;
  return `The host has locked your ${what}. On a seat this stays locked until the host lifts it.`;
}

/** @type {Record<SeatMode, string>} */
export const SEAT_MODES = {
  apply: "People ask, you decide",
  free: "Anybody may take a free seat",
  invite_only: "By invitation only",
  closed: "Nobody comes on air",
};

/** @type {Record<QueueOrder, string>} */
export const QUEUE_ORDERS = {
  arrival: "Whoever asked first",
  spoke_least: "Whoever has spoken least",
};

/** @type {Record<Layout, string>} */
export const LAYOUTS = {
  dual: "Two, face to face",
  200: "Landscape, 3 by sound",
  600: "Grid that grows",
  601: "Host large, 6 on the edge",
  800: "Fixed grid, all seats shown",
  801: "Host large, 6 fixed seats",
};

/** @type {Record<Quality, string>} */
export const QUALITIES = { good: "good line", poor: "poor line", bad: "bad line" };

/** Why somebody's picture is not seen here although their camera is on. */
export const PICTURE_TEXTS = {
  off: "you chose sound only",
  elsewhere: "camera on, shown when they speak",
  stopped: "no picture arrives here",
};

/** @type {Record<Device, string>} an open device that brings nothing */
export const STALLED_TEXTS = {
  microphone: "microphone stopped",
  camera: "camera stopped",
  screen: "the screen stands still",
};

/**
 * Which of somebody's own devices have stopped; empty while all is well. The screen has a place of its own.
 * @param {{stalled: readonly Device[]}} user
 */
export function stalledText({ stalled }) {
  return stalled
    .filter((device) => device !== "screen")
    .map((device) => STALLED_TEXTS[device])
    .join(" · ");
}

/** @type {Record<SanctionKind, string>} */
export const SANCTION_KINDS = { mic_bar: "may not go on air", room_ban: "may not be in the room" };

/** How long a bar or a ban lasts, by seconds; empty until it is lifted. */
export const SANCTION_TIMES = {
  600: "10 minutes",
  3600: "1 hour",
  86400: "1 day",
  2592000: "30 days",
  "": "Until it is lifted",
};

/** @param {(string | undefined | null | false)[]} parts */
const sentence = (...parts) => parts.filter(Boolean).join(" ");

/**
 * Somebody's text between our words where no element can keep it apart (sentences, titles, labels): whichever
 * direction it is written in, it turns nothing but itself. In markup a `<bdi>` does the same.
 * @param {string} text
 */
export const isolated = (text) => `\u2068${text.replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, "")}\u2069`;

/** @param {{userName: string} | null | undefined} user */
const nameOrHost = (user) => (user ? isolated(user.userName) : "The host");

/** @param {string} note */
const quoted = (note) => (note ? `“${isolated(note)}”` : "");

/**
 * Why a request ended; empty when it was accepted, or when other words on the page say it.
 * @param {RequestInfo} request
 */
export function requestEndText(request) {
  const isInvitation = request.kind === "invitation";
  switch (request.state) {
    case "rejected":
      if (isInvitation) return "You declined the invitation.";
      return sentence(
        `${nameOrHost(request.operator)} did not take your request.`,
        REJECT_TEXTS[request.reason ?? "other"],
        quoted(request.answerNote),
      );
    case "timeout":
      return isInvitation ? "The invitation has expired." : "The host did not answer in time. You can ask again.";
    case "cancelled":
      return isInvitation ? "The invitation was taken back." : "You took your request back.";
    case "void":
      if (request.cause === "left") return "Your request ended because you were away.";
      if (request.cause === "room_changed") {
        const what = isInvitation ? "the invitation" : "your request";
        return `The host has changed how people come on air, so ${what} has ended.`;
      }
      return "";
    default:
      return "";
  }
}

/**
 * Why the time on air ended; empty when the end of the live says it.
 * @param {LastConnection} last
 */
export function connectionEndText(last) {
  const who = nameOrHost(last.operator);
  const why = sentence(REMOVAL_TEXTS[last.reason ?? "other"], quoted(last.note));
  /** @type {Record<ConnectionEnd, string>} */
  const texts = {
    exited: "You left the seat.",
    terminated: sentence(`${who} took you off air.`, why, "You may ask again."),
    lost: "You were away too long, so your seat was given up.",
    dismissed: "",
    media_failed: "Your sound did not reach the room, so your seat was given up.",
    time_up: "Your time on air is up. Thank you!",
    returned: sentence(`${who} put you back into the queue.`, quoted(last.note), "You will get another turn."),
    replaced: sentence(`${who} gave your seat to somebody else.`, why, "You may ask again."),
    seat_locked: sentence(`${who} closed your seat.`, why),
    barred: sentence(`${who} took you off air and barred you from going on air.`, why),
    banned: sentence(`${who} put you out of the room.`, why),
  };
  return texts[last.endReason];
}

/**
 * A bar or a ban, for the person it is about.
 * @param {Pick<SanctionInfo, "kind" | "operator" | "until" | "reason" | "note">} sanction
 */
export function sanctionText({ kind, operator, until, reason, note }) {
  const what = kind === "mic_bar" ? "has barred you from going on air" : "has put you out of the room";
  const end = until ? `until ${timeOf(until)}` : "for good";
  return sentence(`${isolated(operator.userName)} ${what} ${end}.`, REMOVAL_TEXTS[reason], quoted(note));
}

/**
 * A ban that stood before the page came.
 * @param {string | null} until
 * @param {RemovalReason} reason
 */
export function banText(until, reason) {
  const end = until ? ` until ${timeOf(until)}` : " at the moment";
  return sentence(`You may not be in this room${end}.`, REMOVAL_TEXTS[reason]);
}

/** @type {Partial<Record<SeatMode, string>>} why the seat mode refuses */
const MODE_TEXTS = {
  free: "Seats are free to take now; there is no need to ask.",
  apply: "Ask for a seat; the host decides.",
  invite_only: "The host invites people onto the seats.",
  closed: "Nobody comes on air at the moment.",
};

/**
 * A failure as one or two sentences.
 * @param {unknown} error
 */
export function errorText(error) {
  if (error instanceof DeviceError) return sentence(error.message, error.hint);
  if (!(error instanceof MicError)) return "Something went wrong on this page. Reload it.";
  const { outcome, until, mode, guests, limit } = error.details;
  const by = error.details.by && isolated(String(error.details.by));
  const time = until ? timeOf(String(until)) : "";
  switch (error.code) {
    case "ALREADY_HANDLED":
      if (outcome === "accepted") return `This was accepted already${by ? ` by ${by}` : ""}.`;
      if (outcome === "rejected") return `This was turned down already${by ? ` by ${by}` : ""}.`;
      return "This request is no longer open.";
    case "COOL_DOWN":
      return "Wait a little before asking again.";
    case "TOO_EARLY":
      return sentence("Watch a little longer before asking.", time && `You can ask at ${time}.`);
    case "BARRED":
      return time ? `Barred from going on air until ${time}.` : "Barred from going on air.";
    case "BANNED":
      return time ? `Not allowed in this room until ${time}.` : "Not allowed in this room.";
    case "SEAT_MODE":
      return MODE_TEXTS[/** @type {SeatMode} */ (mode)] ?? error.message;
    case "SEAT_TAKEN":
      return by ? `${by} sits there.` : error.message;
    case "SCREEN_TAKEN":
      return by ? `${by} shares a screen already.` : error.message;
    case "SEATS_OCCUPIED":
      return guests
        ? `${plural(Number(guests), "guest")} would lose the seat. Free or move the seats first.`
        : error.message;
    case "HELD":
      return "The host has put you back in the queue and gives you the next turn.";
    case "TURNS_USED":
      return limit
        ? `You were on air ${limit === 1 ? "once" : `${limit} times`}, and nobody gets more turns.`
        : error.message;
    case "TOO_MANY":
      return limit ? `There are ${limit} already, and no more fit.` : error.message;
    default:
      return error.message;
  }
}

/**
 * Seconds as m:ss, or h:mm:ss from one hour on.
 * @param {number} seconds
 */
export function duration(seconds) {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const tail = `${String(s).padStart(2, "0")}`;
  return h ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

/**
 * A span as people say it: "45 seconds", "10 minutes", "2 hours", "3 days".
 * @param {number} seconds
 */
export function span(seconds) {
  for (const [size, name] of /** @type {const} */ ([
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ])) {
    if (seconds >= size && seconds % size === 0) return plural(seconds / size, name);
  }
  return plural(seconds, "second");
}

/**
 * The time of day, with the day when it is another one.
 * @param {string} at  ISO 8601
 * @param {Date} [today]
 */
export function timeOf(at, today = new Date()) {
  const date = new Date(at);
  const time = date.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (date.toDateString() === today.toDateString()) return time;
  return `${date.toLocaleDateString("en", { day: "numeric", month: "short" })}, ${time}`;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/**
 * The first letter of a name, whole even when it is made of several code points.
 * @param {string} name
 */
export function initial(name) {
  const segments = new Intl.Segmenter("en", { granularity: "grapheme" }).segment(name.trim());
  for (const { segment } of segments) return segment.toLocaleUpperCase("en");
  return "?";
}
