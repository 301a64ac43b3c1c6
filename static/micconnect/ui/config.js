/** What the server tells the page about itself, and the few requests a page makes besides the socket. */

import { MicError } from "../errors.js";
import { keepHere, kept } from "./kept.js";

/**
 * @typedef {object} Config
 * @property {string} roomId
 * @property {string} title  of the room, as the page was made
 * @property {"host" | "audience"} role
 * @property {string} ticketUrl
 * @property {string} nameUrl
 * @property {string} socketPath
 * @property {string} serverPath  of the example pages: the address of the site, without scheme and host
 * @property {string} csrfToken  as the page was made
 * @property {string} csrfCookie  the name of the cookie that has the newest one
 * @property {string} userName
 * @property {boolean} isNamed
 * @property {boolean} hasAccount
 * @property {string} loginUrl
 * @property {string} homeUrl
 * @property {string} studioUrl
 * @property {string} audienceUrl
 */

/** @returns {Config} */
export function readConfig() {
  return JSON.parse(document.getElementById("mic-config")?.textContent ?? "{}");
}

/**
 * @param {Response} response
 * @throws {MicError}
 */
async function told(response) {
  if (response.ok) return response.json();
  const isTemporary = response.status >= 500 || response.status === 429;
  const answer = await response.json().catch(() => null);
  throw new MicError("TICKET", answer?.error?.message ?? refusal(response.status), { temporary: isTemporary });
}

/**
 * @param {Config} config
 * @param {string} url
 * @param {object} body
 */
async function post(config, url, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": newestToken(config) },
    body: JSON.stringify(body),
    credentials: "same-origin",
  });
  return told(response);
}

/**
 * The token that proves where a request comes from. It is another one after a log-in, also in another window.
 * @param {Config} config
 */
function newestToken({ csrfToken, csrfCookie }) {
  const cookies = globalThis.document?.cookie?.split("; ") ?? [];
  return cookies.find((cookie) => cookie.startsWith(`${csrfCookie}=`))?.slice(csrfCookie.length + 1) ?? csrfToken;
}

/** @param {number} status  of HTTP */
function refusal(status) {
  if (status === 404) return "There is no such room, or this is no longer there.";
  if (status === 401) return "Log in again, then reload this page.";
  if (status === 403) return "This page is out of date. Reload it.";
  return "The server did not accept this. Try again.";
}

/**
 * A fresh join ticket.
 * @param {Config} config
 * @returns {Promise<string>}
 */
export async function fetchTicket(config) {
  return (await post(config, config.ticketUrl, {})).ticket;
}

/**
 * Sets the name by which the room knows a visitor.
 * @param {Config} config
 * @param {string} name
 * @returns {Promise<string>} the name as it was accepted
 * @throws {MicError}
 */
export async function saveName(config, name) {
  return (await post(config, config.nameUrl, { name })).userName;
}

/**
 * Where an invitation link leads; only the staff is told.
 * @param {Config} config
 * @param {string} linkId
 * @returns {Promise<import("./state.js").InviteAddress>}
 * @throws {MicError}
 */
export async function fetchInvite({ audienceUrl }, linkId) {
  const url = new URL(`invites/${linkId}/`, new URL(audienceUrl, location.href));
  return told(await fetch(url.pathname, { credentials: "same-origin", cache: "no-store" }));
}

/**
 * Whether this visitor is banned from the room.
 * @param {Config} config
 * @returns {Promise<{isBanned: boolean, leftMs: number | null}>} `leftMs`: until it ends by itself
 * @throws {MicError}
 */
export async function fetchBan({ audienceUrl }) {
  return told(await fetch(`${audienceUrl}ban/`, { credentials: "same-origin", cache: "no-store" }));
}

/**
 * What has become of the invitation link of a token.
 * @param {Config} config
 * @param {string} token
 * @returns {Promise<"open" | import("./words.js").LinkEnd>}
 * @throws {MicError}
 */
export async function fetchLinkState(config, token) {
  return (await post(config, `${config.audienceUrl}invites/`, { token })).state;
}

const INVITE = "#invite=";
const inviteKey = () => `invite ${location.pathname}`;

/**
 * The token of an invitation link, if this page was opened by one. It is worth a seat: out of the address it goes, and
 * until it is used or declined the window keeps it, also through a log in.
 */
export function inviteToken() {
  if (location.hash.startsWith(INVITE)) {
    keepHere("session", inviteKey(), location.hash.slice(INVITE.length));
    history.replaceState(null, "", location.pathname + location.search);
  }
  return kept("session", inviteKey()) ?? "";
}

export function forgetInvite() {
  keepHere("session", inviteKey(), null);
}

/** @param {Config} config */
export function socketUrl({ socketPath }) {
  const url = new URL(socketPath, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url;
}
