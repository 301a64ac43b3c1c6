/** What a host can do: go live, answer the queue, mind the seats, invite, and end. */

import { Page } from "./page.js";
import { plural } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RejectReason} RejectReason */
/** @typedef {import("../protocol.js").RemovalReason} RemovalReason */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./state.js").Sheet} Sheet */

const SEARCH_MS = 300;
const VIEWERS_MS = 10_000;

export class Studio {
  page = new Page();
  #title = document.title;
  #hasReacquired = "";
  #wasLive = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #searchTimer;

  /** @param {(state: import("./state.js").PageState) => unknown} view */
  start(view) {
    this.page.start(view);
    this.page.store.subscribe(() => this.#follow());
    this.page.room.addEventListener("onUserConnectionRequest", (event) => {
      const { request } = /** @type {CustomEvent} */ (event).detail;
      this.page.announcer.polite(`${request.user.userName} asks to join.`);
    });
    this.page.room.addEventListener("onUserConnectionExited", (event) => {
      this.page.announcer.polite(`${/** @type {CustomEvent} */ (event).detail.user.userName} is off air.`);
    });
    setInterval(() => {
      if (this.page.room.state.info?.status === "live" && !document.hidden) void this.#look();
    }, VIEWERS_MS);
  }

  get #room() {
    return this.page.room;
  }

  // -- the show --------------------------------------------------------------------------------------------------

  /** Takes the devices if they were not tried before, then opens the show. */
  goLive() {
    const media = this.page.state.check.media ?? "video";
    return this.page.run("goLive", async () => {
      await this.page.takeDevices(media);
      await this.#room.goLive({ media });
    });
  }

  endLive() {
    return this.page.run("endLive", async () => {
      await this.#room.endLive();
      this.close();
    });
  }

  /** Takes the devices again after a reload of the page. */
  retake() {
    const { connection } = this.#room.state.me ?? {};
    return connection && this.page.takeDevices(connection.media).catch(() => undefined);
  }

  bringHere() {
    this.#hasReacquired = "";
    this.#room.connect();
  }

  async copyLink() {
    const url = new URL(this.page.config.audienceUrl, location.href).href;
    const isDone = await this.page.run("copy", () => navigator.clipboard.writeText(url));
    if (!isDone) return;
    this.page.store.update({ isCopied: true });
    this.page.announcer.polite("The link is copied.");
    setTimeout(() => this.page.store.update({ isCopied: false }), 3000);
  }

  // -- the queue -------------------------------------------------------------------------------------------------

  /** @param {RequestInfo} request */
  accept({ requestId }) {
    return this.page.run(requestId, () => this.#room.respondToApplication({ requestId, isAccepted: true }));
  }

  /**
   * @param {RequestInfo} request
   * @param {SubmitEvent} event
   */
  reject({ requestId }, event) {
    const { reason, note } = answers(event);
    return this.page.run(requestId, async () => {
      await this.#room.respondToApplication({
        requestId,
        isAccepted: false,
        reason: /** @type {RejectReason} */ (reason),
        note,
      });
      this.close();
    });
  }

  // -- the seats -------------------------------------------------------------------------------------------------

  /**
   * @param {ConnectedUser} user
   * @param {Device} device
   */
  lock({ userId, ...user }, device) {
    const isLocked = user[device] !== "locked";
    return this.page.run(`${device} ${userId}`, () => this.#room.lockDevice({ userId, device, isLocked }));
  }

  /**
   * @param {UserInfo} user
   * @param {SubmitEvent} event
   */
  takeOff({ userId }, event) {
    const { reason, note } = answers(event);
    return this.page.run(`off ${userId}`, async () => {
      await this.#room.disconnectUser({ userId, reason: /** @type {RemovalReason} */ (reason), note });
      this.close();
    });
  }

  // -- invitations -----------------------------------------------------------------------------------------------

  /** @param {string} prefix */
  search(prefix) {
    this.page.store.update({ prefix });
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => void this.#look(), SEARCH_MS);
  }

  /**
   * @param {UserInfo} user
   * @param {LinkMedia} media
   */
  invite({ userId }, media) {
    return this.page.run(`invite ${userId}`, () => this.#room.invite({ userId, media }));
  }

  /** @param {RequestInfo} invitation */
  cancelInvitation({ requestId }) {
    return this.page.run(requestId, () => this.#room.cancelInvitation({ requestId }));
  }

  // -- inside ----------------------------------------------------------------------------------------------------

  /** @param {Sheet} sheet */
  open(sheet) {
    this.page.store.update({ sheet, error: "" });
  }

  close() {
    this.page.store.update({ sheet: null });
  }

  /** Looks who is watching; a lost line is no news, the next look comes soon. */
  async #look() {
    const { prefix } = this.page.state;
    try {
      const viewers = await this.#room.listViewers({ prefix });
      if (prefix === this.page.state.prefix) this.page.store.update({ viewers });
    } catch {
      this.page.store.update({ viewers: null });
    }
  }

  #follow() {
    const { room, sheet } = this.page.state;
    const isLive = room.info?.status === "live" && room.status.phase !== "closed";
    const waiting = (room.requests ?? []).filter(({ kind }) => kind === "application").length;
    document.title = `${isLive ? "● ON AIR – " : ""}${waiting ? `(${waiting}) ` : ""}${this.#title}`;
    if (isLive !== this.#wasLive) {
      this.#wasLive = isLive;
      if (isLive) void this.#look();
      if (isLive) this.page.announcer.assertive("You are live.");
      else this.page.dropDevices();
    }
    this.#comeBack();
    const isGone =
      (sheet?.kind === "reject" && !room.requests?.some(({ requestId }) => requestId === sheet.request.requestId)) ||
      (sheet?.kind === "takeOff" && !room.connectedUsers.some(({ userId }) => userId === sheet.user.userId));
    if (isGone) this.close();
    if (room.status.phase === "closed") {
      this.#hasReacquired = ""; // whoever brings it back here takes the devices again
      if (this.page.media.capture.stream) this.page.media.stop();
    }
  }

  #comeBack() {
    const { me, status } = this.#room.state;
    if (!me?.connection || status.phase !== "open" || this.#hasReacquired === me.connection.connectionId) return;
    this.#hasReacquired = me.connection.connectionId;
    if (!this.page.media.capture.stream) void this.retake();
  }
}

/** @param {SubmitEvent} event */
function answers(event) {
  event.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
  return { reason: String(data.get("reason")), note: String(data.get("note") ?? "").trim() };
}

/**
 * Who is on a seat beside the host.
 * @param {ConnectedUser[]} users
 */
export function guestsOf(users) {
  return users.filter(({ seatIndex }) => seatIndex > 0);
}

/** @param {ConnectedUser[]} guests */
export function guestNames(guests) {
  const names = new Intl.ListFormat("en").format(guests.map(({ userName }) => userName));
  return guests.length ? `${names} ${guests.length === 1 ? "is" : "are"} still on air.` : "";
}

/** @param {number} free */
export function freeText(free) {
  return free ? `${plural(free, "place")} free` : "All places are taken";
}
