/** What all engines of a page share: where rooms are opened, and in which room the page was last. */

import { refuse } from "./errors.js";
import { roomOpener } from "./line.js";

/** @typedef {import("./line.js").Line} Line */
/** @typedef {import("./line.js").OpenRoom} OpenRoom */

/**
 * What `login` is given: the server and where its tickets come from, or, for everything else, how rooms are opened.
 * @typedef {object} Login
 * @property {string | URL} [server]  its address, with ws or wss
 * @property {(roomId: string) => Promise<string>} [fetchTicket]
 * @property {OpenRoom} [open]
 */

/** @type {OpenRoom | null} */
let opener = null;
/** @type {Line | null} */
let latest = null;

/** @type {OpenRoom} */
export function open(roomId, capture) {
  if (!opener) throw refuse("NOT_LOGGED_IN");
  return opener(roomId, capture);
}

/** @param {Login} options */
export function logIn({ server, fetchTicket, open: own }) {
  if (own) opener = own;
  else if (server && fetchTicket) opener = roomOpener({ server, fetchTicket });
  else {
    throw refuse(
      "BAD_PARAMETER",
      "There is no user signature here. Give login `server` and `fetchTicket`: who somebody is stands in the ticket.",
      { call: "login" },
    );
  }
}

/** Leaves the room, and gives up seat or request. */
export async function logOut() {
  opener = null;
  if (latest?.isIn) await latest.leave();
}

/** @param {Line} line */
export function entered(line) {
  latest = line;
}

/** @throws {import("./errors.js").FacadeError} -2101 outside: before a room nobody knows who this page is */
export function selfInfo() {
  const me = latest?.state?.me;
  if (!me) throw refuse("NOT_IN_ROOM");
  return { userId: me.user.userId, userName: me.user.userName, avatarUrl: "", customInfo: {} };
}
