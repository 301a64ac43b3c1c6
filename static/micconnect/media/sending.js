/** How much of its bitrate a camera uses: many small tiles need less, and everybody's line is spared. */

import { arrange } from "../arrange.js";

/** @typedef {import("../room.js").RoomView} RoomView */

/**
 * @typedef {object} Sending
 * @property {number} share  of the bitrate that the server allows, above 0 to 1
 * @property {number} scale  width and height are divided by it, 1 or more
 */

/** @type {Sending} */
export const FULL = { share: 1, scale: 1 };

/**
 * By how many pictures are on air. Two fill half a stage each; of four each gets a quarter, of nine a ninth. A viewer
 * of nine then needs about three times the line of one picture instead of nine times.
 * @type {readonly {upTo: number, sending: Sending}[]}
 */
const STEPS = [
  { upTo: 2, sending: FULL },
  { upTo: 4, sending: { share: 0.6, scale: 1.5 } },
  { upTo: Infinity, sending: { share: 0.35, scale: 2 } },
];

/**
 * How the own camera is to be sent: in full while it is shown large, else by how many share the stage with it.
 * @param {Pick<RoomView, "info" | "connectedUsers" | "me">} room
 * @returns {Sending}
 */
export function sendingFor({ info, connectedUsers, me }) {
  const shown = connectedUsers.filter(({ isBackstage }) => !isBackstage);
  const mine = shown.find(({ userId }) => userId === me?.user.userId);
  if (!info || !mine) return FULL;
  const hasScreen = shown.some(({ screen }) => screen === "open");
  if (arrange(info, shown, hasScreen).main === mine.seatIndex) return FULL;
  const pictures = shown.filter(({ media, camera }) => media === "video" && camera === "open").length;
  return STEPS.find(({ upTo }) => pictures <= upTo)?.sending ?? FULL;
}

const DEFAULT_BPS = 600_000;

/**
 * The highest rate that an answer allows for the picture, in bit/s; a usual one if it names none.
 * @param {string} sdp
 */
export function allowedBps(sdp) {
  const video = sdp.split(/\r?\n(?=m=)/).find((section) => section.startsWith("m=video")) ?? "";
  const [, exact] = /^b=TIAS:(\d+)/m.exec(video) ?? [];
  const [, kbps] = /^b=AS:(\d+)/m.exec(video) ?? [];
  return Number(exact ?? 0) || Number(kbps ?? 0) * 1000 || DEFAULT_BPS;
}
