/** What a page holds besides the room: the person's own half-made choices. */

/** @typedef {import("../media/devices.js").DeviceError} DeviceError */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").RoomView} RoomView */

/**
 * The look at the own devices before they are shown to anybody.
 * @typedef {object} Check
 * @property {"idle" | "asking" | "ready" | "failed"} phase
 * @property {LinkMedia | null} media
 * @property {DeviceError | null} error
 */

/**
 * The one open dialog.
 * @typedef {(
 *   | {kind: "name"}
 *   | {kind: "ask"}
 *   | {kind: "invitation", request: RequestInfo}
 *   | {kind: "reject", request: RequestInfo}
 *   | {kind: "takeOff", user: UserInfo}
 *   | {kind: "end"}
 * )} Sheet
 */

/**
 * @typedef {object} PageState
 * @property {RoomView} room
 * @property {boolean} isOnline
 * @property {boolean} isSoundBlocked
 * @property {ReadonlySet<number>} speaking  seats that are heard now
 * @property {number} level  of the own microphone, 0 to 1
 * @property {ReadonlySet<string>} busy  commands on their way
 * @property {string} error  why the last command was refused
 * @property {Check} check
 * @property {Sheet | null} sheet
 * @property {string} note  that goes with the request
 * @property {boolean} isNamed
 * @property {string} putAway  key of the outcome that was read
 * @property {UserInfo[] | null} viewers  null until asked for
 * @property {string} prefix  of the names looked for
 * @property {boolean} isCopied
 */

/** @type {Check} */
export const NO_CHECK = { phase: "idle", media: null, error: null };

/**
 * @param {RoomView} room
 * @param {boolean} isNamed
 * @returns {PageState}
 */
export function firstState(room, isNamed) {
  return {
    room,
    isOnline: true,
    isSoundBlocked: false,
    speaking: new Set(),
    level: 0,
    busy: new Set(),
    error: "",
    check: NO_CHECK,
    sheet: null,
    note: "",
    isNamed,
    putAway: "",
    viewers: null,
    prefix: "",
    isCopied: false,
  };
}
