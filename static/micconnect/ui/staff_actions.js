/** What the staff does, host and helpers alike: answer the queue, mind the seats, invite, bar and ban, set the room. */

import { MicError } from "../errors.js";
import { fetchInvite } from "./config.js";
import { keepHere, kept } from "./kept.js";
import { SeatLines } from "./staff_lines.js";
import { absence, guestsOf, missedFact, missedNow, openRequests } from "./staff_state.js";
import { isolated, plural, span } from "./words.js";

/** @typedef {import("../protocol.js").InviteLinkInfo} InviteLinkInfo */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RejectReason} RejectReason */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UpdateRoom} UpdateRoom */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").StaffSheet} StaffSheet */

const SEARCH_MS = 300;
const VIEWERS_MS = 10_000;
const UNDO_MS = 60_000;

export class Staff {
  #wasActive = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #searchTimer;

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.lines = new SeatLines(page, () => this.isActive);
    page.store.subscribe(() => this.#follow());
    const on = (/** @type {string} */ name, /** @type {(detail: any) => string} */ text) =>
      page.room.addEventListener(name, (event) => {
        if (this.isActive) page.announcer.polite(text(/** @type {CustomEvent} */ (event).detail));
      });
    // a viewer hears of an own invitation by the same name
    on("onUserConnectionRequest", ({ request }) =>
      request.kind === "application" ? `${isolated(request.user.userName)} asks to join.` : "",
    );
    for (const name of ["onUserConnectionTimeout", "onUserConnectionRejected", "onUserConnectionCancelled"]) {
      on(name, ({ request }) => this.#miss(request));
    }
    on("onUserConnectionExited", ({ user }) => `${isolated(user.userName)} is off air.`);
    on("onDeviceRequested", ({ user, device }) => `${isolated(user.userName)} asks to open the ${device}.`);
    page.room.addEventListener("open", () => this.isActive && void this.#lookMissed());
    setInterval(() => {
      if (this.isActive && !document.hidden) void this.#look();
    }, VIEWERS_MS);
  }

  /** Whether this person is of the staff of a show that goes on. */
  get isActive() {
    const { role, info, status } = this.page.state.room;
    return (role === "host" || role === "moderator") && info?.status === "live" && status.phase !== "closed";
  }

  get isHost() {
    return this.page.state.room.role === "host";
  }

  /**
   * Runs one command under a name by which its button knows that it is busy.
   * @param {string} name
   * @param {(room: MicRoom) => Promise<unknown>} task
   */
  do(name, task) {
    return this.page.run(name, () => task(this.page.room));
  }

  /**
   * Runs the command of the open dialog, which closes when it was done.
   * @param {SubmitEvent} event
   * @param {(room: MicRoom, fields: Record<string, string>) => Promise<unknown>} task  `fields`: trimmed, by name
   */
  async submit(event, task) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const fields = Object.fromEntries([...data].map(([name, value]) => [name, String(value).trim()]));
    if (await this.page.run("sheet", () => task(this.page.room, fields))) this.page.close();
  }

  /** @param {StaffSheet} sheet */
  open(sheet) {
    this.page.open(sheet);
  }

  /**
   * Changes options of the room. A refusal is said, and the control shows the former value again.
   * @param {Event} event  of the control
   * @param {Omit<UpdateRoom, "type">} fields
   */
  async update({ target }, fields) {
    if (await this.do("settings", (room) => room.updateRoom(fields))) return;
    reset(/** @type {HTMLInputElement | HTMLSelectElement} */ (target));
  }

  // -- the queue -------------------------------------------------------------------------------------------------

  acceptAll() {
    return this.do("acceptAll", async (room) => {
      const { accepted, left } = await room.acceptAll();
      this.page.toast(`${accepted.length} seated, ${left} still ${left === 1 ? "waits" : "wait"}.`);
    });
  }

  /** @param {SubmitEvent} event */
  rejectAll(event) {
    const waiting = openRequests(this.page.state.room, "application").length;
    return this.submit(event, async (room, { reason, note }) => {
      const { seq } = await room.rejectAll({ reason: /** @type {RejectReason} */ (reason), note });
      const undo = this.#undo((again) => again.undoRejectAll({ seq }));
      this.page.toast(`${plural(waiting, "request")} turned down.`, { undo, ms: UNDO_MS });
    });
  }

  // -- everybody on a seat ---------------------------------------------------------------------------------------

  /**
   * Shuts and locks a device of all guests, which can be taken back for a while.
   * @param {"microphone" | "camera"} device
   */
  shutAll(device) {
    const done = device === "microphone" ? "muted" : "without a camera";
    const open = guestsOf(this.page.state.room.connectedUsers).filter((guest) => guest[device] !== "locked");
    return this.do("lockAll", async (room) => {
      const { seq } = await room.lockAll({ device, isLocked: true });
      if (!open.length) return this.page.toast(`Everybody is ${done} already.`);
      const undo = this.#undo((again) => again.undoLockAll({ device, seq }));
      this.page.toast(`${plural(open.length, "guest")} ${done}.`, { undo, ms: UNDO_MS });
    });
  }

  /** @param {"microphone" | "camera"} device */
  allowAll(device) {
    return this.do("lockAll", (room) => room.lockAll({ device, isLocked: false }));
  }

  askAll() {
    return this.do("lockAll", async (room) => {
      await room.askAllToOpen({ device: "microphone" });
      this.page.toast("Everybody whose microphone is off is asked to switch it on.");
    });
  }

  /** The room's time on air, from now on, for all who are on a seat. Who leaves meanwhile needs none. */
  limitAll() {
    const { info, connectedUsers } = this.page.state.room;
    const seconds = info?.options.timeLimitS ?? 0;
    return this.do("limitAll", async (room) => {
      for (const { userId } of guestsOf(connectedUsers)) {
        await room.setTimeLimit({ userId, seconds }).catch(passOver("NOT_ON_SEAT"));
      }
      this.page.toast(seconds ? `Everybody on air has ${span(seconds)} from now.` : "Nobody on air has a time limit.");
    });
  }

  /**
   * What the toast's way back does.
   * @param {(room: MicRoom) => Promise<unknown>} task
   */
  #undo(task) {
    return () => {
      this.page.closeToast();
      void this.do("undo", task);
    };
  }

  // -- the live itself -------------------------------------------------------------------------------------------

  endLive() {
    return this.do("endLive", async (room) => {
      await room.endLive();
      this.page.close();
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
   * @param {string} userId
   * @param {boolean} isPicked
   */
  pick(userId, isPicked) {
    const picked = new Set(this.page.state.picked);
    if (isPicked) picked.add(userId);
    else picked.delete(userId);
    this.page.store.update({ picked });
  }

  /**
   * Invites several people at once; the first refusal ends it and is shown.
   * @param {UserInfo[]} users
   * @param {(user: UserInfo) => Parameters<MicRoom["invite"]>[0]} fields
   */
  async inviteAll(users, fields) {
    for (const user of users) {
      await this.page.room.invite(fields(user));
      this.pick(user.userId, false);
    }
    if (users.length > 1) this.page.toast(`${users.length} people are invited.`);
  }

  /**
   * Shows where a link leads, to be copied or photographed.
   * @param {InviteLinkInfo | null} link
   */
  showLink(link) {
    if (!link) return Promise.resolve(false);
    return this.page.run(`show ${link.linkId}`, async () => {
      this.open({ kind: "link", address: await fetchInvite(this.page.config, link.linkId) });
    });
  }

  /** @param {SubmitEvent} event */
  async makeLink(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    await this.do("makeLink", async (room) => {
      const link = await room.createInviteLink({
        media: /** @type {LinkMedia} */ (String(data.get("media"))),
        uses: Number(data.get("uses")),
        expiresS: Number(data.get("expires")),
      });
      if (link) this.open({ kind: "link", address: await fetchInvite(this.page.config, link.linkId) });
    });
  }

  /** Puts the list of missed people away; a reload does not bring them back. */
  clearMissed() {
    const [newest] = this.page.state.missed;
    if (!newest?.endedAt) return;
    keepHere("session", this.#clearedKey, newest.endedAt);
    this.page.store.update({ clearedAt: newest.endedAt });
  }

  get #clearedKey() {
    return `missed ${this.page.state.room.info?.roomId ?? ""}`;
  }

  /**
   * Looks anew whom the staff has missed, now that this request has ended.
   * @param {RequestInfo} request
   * @returns {string} what is said of it; empty when it is no news to the staff
   */
  #miss(request) {
    const fact = missedFact(request);
    if (!fact || request.user.userId === this.page.state.room.me?.user.userId) return "";
    void this.#lookMissed();
    return `${isolated(request.user.userName)} ${fact}.`;
  }

  /** A lost line is no news, the next look comes when it is back. */
  async #lookMissed() {
    const missed = await this.page.room.listMissed().catch(() => null);
    if (missed) this.page.store.update({ missed, clearedAt: kept("session", this.#clearedKey) ?? "" });
  }

  // -- following the room ----------------------------------------------------------------------------------------

  /** Looks who is watching; a lost line is no news, the next look comes soon. */
  async #look() {
    const { prefix } = this.page.state;
    try {
      const viewers = await this.page.room.listViewers({ prefix });
      if (prefix === this.page.state.prefix) this.page.store.update({ viewers });
    } catch {
      this.page.store.update({ viewers: null });
    }
  }

  #follow() {
    const { isActive } = this;
    if (isActive !== this.#wasActive) {
      this.#wasActive = isActive;
      if (isActive) void this.#look();
      if (isActive) void this.#lookMissed();
    }
    const missed = missedNow(this.page.state, this.page.room.clock);
    if (missed.length < this.page.state.missed.length) this.page.store.update({ missed });
    if (this.#isSheetOver()) this.page.close();
  }

  /** Whether the open dialog is about something that is no longer so. */
  #isSheetOver() {
    const { sheet, room } = this.page.state;
    const isSeated = (/** @type {string} */ id) => room.connectedUsers.some(({ userId }) => userId === id);
    switch (sheet?.kind) {
      case "reject":
      case "acceptOn":
        return !room.requests?.some(({ requestId }) => requestId === sheet.request.requestId);
      case "rejectAll":
        return !room.requests?.some(({ kind }) => kind === "application");
      case "takeOff":
      case "toQueue":
      case "limit":
      case "move":
        return !isSeated(sheet.user.userId);
      case "bar":
      case "ban":
      case "invite":
      case "place":
      case "fill":
      case "link":
      case "settings":
        return !this.isActive && room.info?.status !== "idle";
      case "end":
        return !this.isActive || (!this.isHost && absence(room) !== "own");
      default:
        return false;
    }
  }
}

/**
 * For a refusal that is no matter.
 * @param {import("../protocol.js").ErrorCode} code
 */
function passOver(code) {
  return (/** @type {unknown} */ error) => {
    if (!(error instanceof MicError) || error.code !== code) throw error;
  };
}

/**
 * Gives a control the value that it was drawn with.
 * @param {HTMLInputElement | HTMLSelectElement} control
 */
function reset(control) {
  if (control instanceof HTMLSelectElement) control.value = control.dataset.value ?? "";
  else if (control.type === "checkbox") control.checked = control.dataset.value === "true";
  else if (control.type === "radio") {
    const group = control.form?.elements.namedItem(control.name);
    if (group instanceof RadioNodeList) group.value = control.dataset.value ?? "";
  } else control.value = control.dataset.value ?? "";
}
