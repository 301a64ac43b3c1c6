/** What is open when somebody comes on a seat, by the person's own wish. */

/** @typedef {import("../protocol.js").Entry} Entry */
/** @typedef {Pick<import("./state.js").PageState, "isMuted" | "isStraight">} Wishes */

/**
 * What is to be open at the first moment of a seat for which somebody presses a button just then.
 * @param {Wishes} wishes
 * @returns {Entry}
 */
export function entryNow({ isMuted }) {
  return isMuted ? "muted" : "open";
}

/**
 * The same for a seat that comes later: nothing, until the page has counted in.
 * @param {Wishes} wishes
 * @returns {Entry}
 */
export function entryLater(wishes) {
  return wishes.isStraight ? entryNow(wishes) : "closed";
}

/**
 * Whether guests come onto a seat with their microphone closed, whatever they wish.
 * @param {Pick<import("../room.js").RoomView, "info">} room
 */
export function arrivesMuted({ info }) {
  return !!info && (info.options.isArrivingMuted || !info.options.mayUnmute);
}
