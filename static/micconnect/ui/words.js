/** Every code of the wire as words for people. */

import { DeviceError } from "../media/devices.js";
import { MicError } from "../errors.js";

/** @typedef {import("../protocol.js").ConnectionEnd} ConnectionEnd */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RejectReason} RejectReason */
/** @typedef {import("../protocol.js").RemovalReason} RemovalReason */
/** @typedef {import("../protocol.js").RoomEnd} RoomEnd */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").LastConnection} LastConnection */

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
};

/** @type {Record<ConnectionEnd, string>} `terminated` is told with name and reason */
const CONNECTION_END_TEXTS = {
  exited: "You left the seat.",
  terminated: "You were taken off air.",
  lost: "You were away too long, so your seat was given up.",
  dismissed: "",
  media_failed: "Your sound did not reach the room, so your seat was given up.",
};

/** @type {Record<LinkMedia, string>} */
export const MEDIA_TEXTS = { video: "Picture and sound", audio: "Sound only" };

/** @param {(string | undefined | null)[]} parts */
const sentence = (...parts) => parts.filter(Boolean).join(" ");

/** @param {string} note */
const quoted = (note) => (note ? `“${note}”` : "");

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
        `${request.operator?.userName ?? "The host"} did not take your request.`,
        REJECT_TEXTS[request.reason ?? "other"],
        quoted(request.answerNote),
      );
    case "timeout":
      return isInvitation ? "The invitation has expired." : "The host did not answer in time. You can ask again.";
    case "cancelled":
      return isInvitation ? "The invitation was taken back." : "You took your request back.";
    case "void":
      if (request.cause === "left") return "Your request ended because you were away.";
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
  if (last.endReason !== "terminated") return CONNECTION_END_TEXTS[last.endReason];
  return sentence(
    `${last.operator?.userName ?? "The host"} took you off air.`,
    REMOVAL_TEXTS[last.reason ?? "other"],
    quoted(last.note),
    "You may ask again.",
  );
}

/**
 * A failure as one or two sentences.
 * @param {unknown} error
 */
export function errorText(error) {
  if (error instanceof DeviceError) return sentence(error.message, error.hint);
  if (!(error instanceof MicError)) return "Something went wrong on this page. Reload it.";
  if (error.code === "ALREADY_HANDLED") {
    const { by, outcome } = error.details;
    if (outcome === "accepted") return `This was accepted already${by ? ` by ${by}` : ""}.`;
    if (outcome === "rejected") return `This was turned down already${by ? ` by ${by}` : ""}.`;
    return "This request is no longer open.";
  }
  if (error.code === "COOL_DOWN") return "Wait a little before asking again.";
  return error.message;
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
