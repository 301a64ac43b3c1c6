/** Applications and invitations from the side of whoever looks at them. */

/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */

/**
 * Whether this page asked: the own application, or an invitation of the staff to which it belongs.
 * @param {MicRoom} room
 * @param {RequestInfo} request
 */
export function isOurs({ state }, { kind, user }) {
  const isMe = user.userId === state.me?.user.userId;
  return kind === "application" ? isMe : !isMe;
}

/**
 * Who stands on the other side of a request: for the staff the guest, for the guest whoever acted, else the host.
 * @param {MicRoom} room
 * @param {RequestInfo} request
 * @returns {UserInfo}
 */
export function otherSide({ state }, { user, operator }) {
  const isMe = user.userId === state.me?.user.userId;
  return isMe ? (operator ?? state.info?.host ?? user) : user;
}

/**
 * The open request of one person: for that person `me` knows it, for the staff the list.
 * @param {MicRoom} room
 * @param {RequestInfo["kind"]} kind
 * @param {string} [userId]  whose; the own one when left out
 * @returns {RequestInfo | null}
 */
export function openRequest({ state }, kind, userId = state.me?.user.userId) {
  const known = [...(state.requests ?? []), ...(state.me?.request ? [state.me.request] : [])];
  return known.find((request) => request.kind === kind && request.user.userId === userId) ?? null;
}
