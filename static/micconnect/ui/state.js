/** What a page holds besides the room: the person's own half-made choices. */

/** @typedef {import("../media/devices.js").DeviceError} DeviceError */
/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").LiveSummary} LiveSummary */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").SanctionInfo} SanctionInfo */
/** @typedef {import("../protocol.js").SeatHealth} SeatHealth */
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
 * The one open dialog. `sit`: straight onto a seat, by an invitation link or because seats are free to take.
 * @typedef {(
 *   | {kind: "name", next: Sheet | null}
 *   | {kind: "ask"}
 *   | {kind: "sit", token: string}
 *   | {kind: "invitation", request: RequestInfo}
 *   | {kind: "leaveSeat"}
 *   | StaffSheet
 * )} Sheet
 */

/**
 * @typedef {(
 *   | {kind: "reject", request: RequestInfo}
 *   | {kind: "acceptOn", request: RequestInfo}
 *   | {kind: "rejectAll"}
 *   | {kind: "takeOff", user: UserInfo}
 *   | {kind: "toQueue", user: UserInfo}
 *   | {kind: "limit", user: ConnectedUser}
 *   | {kind: "move", user: ConnectedUser}
 *   | {kind: "bar", user: UserInfo}
 *   | {kind: "ban", user: UserInfo}
 *   | {kind: "invite", users: UserInfo[]}
 *   | {kind: "place", user: UserInfo}
 *   | {kind: "fill", seatIndex: number}
 *   | {kind: "link", address: InviteAddress}
 *   | {kind: "settings"}
 *   | {kind: "end"}
 * )} StaffSheet
 */

/**
 * Where an invitation link leads. `qr` is an SVG.
 * @typedef {{url: string, qr: string}} InviteAddress
 */

/**
 * A short word about what was done, with a way back while there is one.
 * @typedef {{text: string, undo: (() => void) | null}} Toast
 */

/** @typedef {"" | "poor" | "bad"} WeakLine  what is said of the own line; empty while it is well */

/**
 * @typedef {object} PageState
 * @property {RoomView} room
 * @property {boolean} isOnline
 * @property {string} windowId  of this window
 * @property {boolean} isNobodys  in a studio: another window has the host's seat, and nothing comes from there
 * @property {boolean} isSoundBlocked
 * @property {boolean} isSoundWanted  in a window beside the one on air, which is silent unless somebody wants otherwise
 * @property {number} level  of the own microphone, 0 to 1
 * @property {ReadonlySet<string>} busy  commands on their way
 * @property {string} error  why the last command was refused
 * @property {Toast | null} toast
 * @property {Check} check
 * @property {Sheet | null} sheet
 * @property {string} note  that goes with the request
 * @property {number} seatWish  that goes with the request
 * @property {boolean} isMuted  to begin with the microphone off
 * @property {boolean} isKept  to keep the devices while waiting
 * @property {boolean} isStraight  to be heard as soon as the host accepts
 * @property {number | null} countIn  seconds until the devices open; null while nothing is counted
 * @property {boolean} isNamed
 * @property {string} putAway  key of the outcome that was read
 * @property {string} token  of an invitation link that was followed; empty without one
 * @property {boolean} isLinkKnown  whether the server has said that this link leads to a seat
 * @property {import("./words.js").LinkEnd | null} linkEnd  why a link that was followed leads nowhere, until put away
 * @property {SanctionInfo | null} kicked  why this page was put out of the room, when it was there to hear it
 * @property {string} notBefore  the server said that an application comes too early; until then
 * @property {Readonly<Record<string, number>>} loudness  how loud this listener wants people, 0 to 1, by user id
 * @property {UserInfo[] | null} viewers  null until asked for
 * @property {readonly RequestInfo[]} missed  whose requests came to nothing, newest first
 * @property {string} clearedAt  when the newest of those ended that were put away; empty without any
 * @property {string} prefix  of the names looked for
 * @property {ReadonlySet<string>} picked  viewers to be invited together
 * @property {LiveSummary | null} summary
 * @property {WeakLine} weakLine
 * @property {readonly SeatHealth[]} health  how the lines of those on air are, for the staff; empty while unknown
 * @property {string} copied  what was copied just now
 */

/** @type {Check} */
export const NO_CHECK = { phase: "idle", media: null, error: null };

/**
 * @param {RoomView} room
 * @param {{isNamed: boolean, token?: string, windowId?: string}} own
 * @returns {PageState}
 */
export function firstState(room, { isNamed, token = "", windowId = "" }) {
  return {
    room,
    isOnline: true,
    windowId,
    isNobodys: false,
    isSoundBlocked: false,
    isSoundWanted: false,
    level: 0,
    busy: new Set(),
    error: "",
    toast: null,
    check: NO_CHECK,
    sheet: null,
    note: "",
    seatWish: -1,
    isMuted: false,
    isKept: false,
    isStraight: false,
    countIn: null,
    isNamed,
    putAway: "",
    token,
    isLinkKnown: false,
    linkEnd: null,
    kicked: null,
    notBefore: "",
    loudness: {},
    viewers: null,
    missed: [],
    clearedAt: "",
    prefix: "",
    picked: new Set(),
    summary: null,
    weakLine: "",
    health: [],
    copied: "",
  };
}
