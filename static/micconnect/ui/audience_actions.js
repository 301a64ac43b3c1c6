/** What a person of the audience can do: ask, wait, be on air, leave; and how the page follows the room. */

import { saveName } from "./config.js";
import { guestState, lastOutcome } from "./guest_state.js";
import { Page } from "./page.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./guest_state.js").GuestState} GuestState */
/** @typedef {import("./state.js").Sheet} Sheet */

export class Audience {
  page = new Page();
  #title = document.title;
  /** @type {GuestState["tag"]} */
  #tag = "connecting";
  #said = "";
  #hasReacquired = "";

  /** @param {(state: import("./state.js").PageState) => unknown} view */
  start(view) {
    this.page.start(view);
    this.page.store.subscribe(() => this.#follow());
    this.page.room.addEventListener("onLocalDeviceClosedByAdmin", (event) => this.#locked(event, true));
    this.page.room.addEventListener("onLocalDeviceOpenedByAdmin", (event) => this.#locked(event, false));
  }

  get #state() {
    return this.page.state;
  }

  // -- the way onto a seat ---------------------------------------------------------------------------------------

  join() {
    this.#open(this.#state.isNamed ? { kind: "ask" } : { kind: "name" });
  }

  /** @param {SubmitEvent} event */
  name(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const name = String(new FormData(form).get("name") ?? "");
    return this.page.run("name", async () => {
      await saveName(this.page.config, name);
      this.page.store.update({ isNamed: true });
      this.page.room.reconnect(); // so that the room knows the name, too
      this.#open({ kind: "ask" });
    });
  }

  ask() {
    const { check, note } = this.#state;
    return this.page.run("ask", async () => {
      await this.page.room.apply({ media: check.media ?? "audio", note: note.trim() });
      this.page.store.update({ sheet: null, note: "" });
    });
  }

  cancel() {
    return this.page.run("cancel", () => this.page.room.cancelApplication());
  }

  /** @param {RequestInfo} request */
  accept(request) {
    this.#open({ kind: "invitation", request });
    return this.page.takeDevices(request.media).catch(() => undefined); // what is wrong stands in `check`
  }

  /** @param {RequestInfo} request */
  confirmInvitation({ requestId }) {
    const media = /** @type {LinkMedia} */ (this.#state.check.media ?? "audio");
    return this.page.run("invitation", async () => {
      await this.page.room.respondToInvitation({ requestId, isAccepted: true, media });
      this.page.store.update({ sheet: null });
    });
  }

  /** @param {RequestInfo} request */
  decline({ requestId }) {
    return this.page.run("invitation", () => this.page.room.respondToInvitation({ requestId, isAccepted: false }));
  }

  // -- on the seat, and away -------------------------------------------------------------------------------------

  leaveSeat() {
    return this.page.run("leaveSeat", () => this.page.room.leaveSeat());
  }

  async leave() {
    if (await this.page.run("leave", () => this.page.room.leave())) location.assign(this.page.config.homeUrl);
  }

  bringHere() {
    this.#hasReacquired = "";
    this.page.room.connect();
  }

  /** Takes the devices again for a seat that is held already (after a reload, or after a refusal). */
  retake() {
    const { connection } = this.page.room.state.me ?? {};
    return connection && this.page.takeDevices(connection.media).catch(() => undefined);
  }

  /** Stays on the seat with sound alone, when the camera cannot be had. */
  retakeSound() {
    return this.page.run("camera", async () => {
      await this.page.takeDevices("audio");
      await this.page.room.setDevice({ device: "camera", isOpen: false });
    });
  }

  close() {
    this.page.store.update({ sheet: null });
    this.page.dropDevices();
  }

  /** @param {string} key */
  putAway(key) {
    this.page.store.update({ putAway: key });
  }

  // -- following the room ----------------------------------------------------------------------------------------

  /** @param {Sheet} sheet */
  #open(sheet) {
    this.page.store.update({ sheet, error: "" });
  }

  #follow() {
    const { room } = this.#state;
    const now = guestState(room, this.page.room.clock);
    document.title = now.tag === "onAir" ? `● ON AIR – ${this.#title}` : this.#title;
    if (now.tag === "onAir") this.#comeBack(now.connection.connectionId);
    if (now.tag !== this.#tag) {
      this.#announce(now);
      this.#tidy(now);
      this.#tag = now.tag;
    }
    const outcome = lastOutcome(room, this.page.room.clock);
    if (outcome && outcome.key !== this.#said) {
      this.#said = outcome.key;
      if (outcome.isGrave) this.page.announcer.assertive(outcome.text);
      else this.page.announcer.polite(outcome.text);
    }
    if (now.tag === "away") {
      this.#hasReacquired = ""; // whoever brings it back here takes the devices again
      if (this.page.media.capture.stream) this.page.media.stop();
    }
  }

  /**
   * On a seat without devices: the page was loaded anew, or the answer came while nothing was open.
   * @param {string} connectionId
   */
  #comeBack(connectionId) {
    if (this.page.room.state.status.phase !== "open" || this.#hasReacquired === connectionId) return;
    this.#hasReacquired = connectionId;
    if (!this.page.media.capture.stream) void this.retake();
  }

  /**
   * Every way out ends with the devices dark and no dialog about what is over.
   * @param {GuestState} now
   */
  #tidy(now) {
    const { sheet } = this.#state;
    const isOver = now.tag === "ended" || now.tag === "notLive" || now.tag === "away";
    if (now.tag === "onAir" || isOver || (sheet?.kind === "invitation" && now.tag !== "invited")) {
      this.page.store.update({ sheet: null });
    }
    const wasUnderWay = this.#tag === "waiting" || this.#tag === "onAir" || this.#tag === "invited";
    if (isOver || (now.tag === "watching" && wasUnderWay)) {
      if (this.#state.sheet?.kind !== "ask") this.page.dropDevices();
    }
    if (now.tag !== "watching") this.page.store.update({ error: "" });
  }

  /** @param {GuestState} now */
  #announce(now) {
    const { announcer } = this.page;
    const { info } = this.#state.room;
    if (now.tag === "waiting") announcer.polite("Your request was sent. Waiting for the host.");
    if (now.tag === "invited")
      announcer.assertive(`${now.request.operator?.userName ?? "The host"} invites you on air.`);
    if (now.tag === "onAir") announcer.assertive("You are on air.");
    if (now.tag === "ended") announcer.assertive(`The live has ended. ${now.text}`);
    if (now.tag === "watching" && this.#tag === "connecting") announcer.polite(`Watching ${info?.title ?? ""}.`);
  }

  /**
   * @param {Event} event
   * @param {boolean} isLocked
   */
  #locked(event, isLocked) {
    const { device, operator } = /** @type {CustomEvent} */ (event).detail;
    const what = isLocked ? "switched off and locked" : "unlocked";
    const more = isLocked ? "" : " You can switch it on again.";
    this.page.announcer.assertive(`${operator.userName} has ${what} your ${device}.${more}`);
  }
}
