/** What a person of the audience can do: ask, wait, answer, leave; and how the page follows the room. */

import { MicError } from "../errors.js";
import { BanWatch } from "./ban_watch.js";
import { Chime } from "./chime.js";
import { saveName } from "./config.js";
import { entryLater, entryNow } from "./entry.js";
import { guestState, lastOutcome } from "./guest_state.js";
import { OwnLine } from "./own_line.js";
import { Page } from "./page.js";
import { SeatActions } from "./seat_actions.js";
import { Staff } from "./staff_actions.js";
import { HOLD_TEXTS, isolated, sanctionText } from "./words.js";

/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./guest_state.js").GuestState} GuestState */
/** @typedef {import("./state.js").Sheet} Sheet */

export class Audience {
  page = new Page();
  seat = new SeatActions(this.page);
  staff = new Staff(this.page); // idle until the host makes this person a helper
  line = new OwnLine(this.page);
  ban = new BanWatch(this.page);
  /** @type {GuestState["tag"]} */
  #tag = "connecting";
  #said = "";
  #chime = new Chime();
  #place = 0; // in the queue, when it was looked at last
  /** @type {boolean | null} */
  #wasBackstage = null;
  /** @type {boolean | null} */
  #wasHelper = null;

  constructor() {
    const { room, store } = this.page;
    store.subscribe(() => this.#follow());
    const on = (/** @type {string} */ name, /** @type {(detail: any) => string} */ text) =>
      room.addEventListener(name, (event) => {
        this.page.announcer.assertive(text(/** @type {CustomEvent} */ (event).detail));
      });
    on("onLocalDeviceClosedByAdmin", (moment) => lockText(moment, true, this.#isOnSeat()));
    on("onLocalDeviceOpenedByAdmin", (moment) => lockText(moment, false, this.#isOnSeat()));
    on("onDeviceAsked", ({ operator, device }) => `${isolated(operator.userName)} asks you to open your ${device}.`);
    on("onBarredFromMic", ({ sanction }) => sanctionText(sanction));
    on("onKickedOutOfRoom", ({ sanction }) => sanctionText(sanction));
    on("onSanctionLifted", () => "You may go on air again.");
  }

  #isOnSeat() {
    return !!this.page.state.room.me?.connection;
  }

  get #state() {
    return this.page.state;
  }

  get now() {
    const { config, room } = this.page;
    const { kicked, notBefore } = this.#state;
    const own = { hasAccount: config.hasAccount, kicked, notBefore, windowId: this.page.window.id };
    return guestState(this.#state.room, room.clock, own);
  }

  // -- the way onto a seat ---------------------------------------------------------------------------------------

  /** @param {Sheet} next  after the name is known */
  named(next) {
    this.page.open(this.#state.isNamed ? next : { kind: "name", next });
  }

  /**
   * @param {SubmitEvent} event
   * @param {Sheet | null} next  null: back to the page
   */
  name(event, next) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const name = String(new FormData(form).get("name") ?? "");
    return this.page.run("name", async () => {
      await saveName(this.page.config, name);
      this.page.store.update({ isNamed: true });
      this.page.room.reconnect(); // so that the room knows the name, too
      this.#goOn(next);
    });
  }

  /**
   * Goes on under the name that was made up, where the room allows that.
   * @param {Sheet | null} next
   */
  stayUnnamed(next) {
    this.page.store.update({ isNamed: true });
    this.#goOn(next);
  }

  /** @param {Sheet | null} next */
  #goOn(next) {
    if (next) this.page.open(next);
    else this.page.close();
  }

  ask() {
    const { check, note, seatWish, isMuted, isKept, isStraight } = this.#state;
    const { countIn, room } = this.page;
    return this.page.run("ask", async () => {
      if (isStraight) countIn.forget();
      else countIn.expect({ isMuted });
      const entry = entryLater(this.#state);
      try {
        await room.apply({ media: check.media ?? "audio", note: note.trim(), seatIndex: seatWish, entry });
      } catch (error) {
        countIn.forget();
        const until = error instanceof MicError && error.code === "TOO_EARLY" && error.details.until;
        if (until) this.page.store.update({ notBefore: String(until) });
        throw error;
      }
      this.page.store.update({ sheet: null, note: "", seatWish: -1 });
      if (!isKept) this.page.dropDevices(); // nobody needs them before it is this person's turn
    });
  }

  cancel() {
    return this.page.run("cancel", () => this.page.room.cancelApplication());
  }

  /** @param {RequestInfo} request */
  accept(request) {
    this.named({ kind: "invitation", request });
    if (!this.#state.isNamed) return; // the devices are chosen after the name
    return this.page.takeDevices(request.media).catch(() => undefined); // what is wrong stands in `check`
  }

  /** @param {RequestInfo} request */
  confirmInvitation({ requestId }) {
    const media = this.#state.check.media ?? "audio";
    return this.page.run("invitation", async () => {
      await this.page.room.respondToInvitation({ requestId, isAccepted: true, media, entry: entryNow(this.#state) });
      this.page.store.update({ sheet: null });
    });
  }

  /** @param {RequestInfo} request */
  decline({ requestId }) {
    return this.page.run("invitation", () => this.page.room.respondToInvitation({ requestId, isAccepted: false }));
  }

  /** @param {SubmitEvent} event  of the one word that a barred person has */
  appeal(event) {
    event.preventDefault();
    const note = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("note") ?? "").trim();
    return this.page.run("appeal", () => this.page.room.appealBar({ note }));
  }

  async leave() {
    if (await this.page.run("leave", () => this.page.room.leave())) location.assign(this.page.config.homeUrl);
  }

  close = () => {
    this.page.close();
    this.page.dropDevices();
  };

  /** @param {string} key */
  putAway(key) {
    this.page.store.update({ putAway: key });
  }

  // -- following the room ----------------------------------------------------------------------------------------

  #follow() {
    const { room } = this.#state;
    const now = this.now;
    const isBackstage = now.tag === "onAir" && this.page.room.isHere ? now.connection.isBackstage : null;
    document.title = `${this.#sign(now, isBackstage)}${this.page.title}`;
    this.#chimeFor(now);
    if (now.tag !== this.#tag) {
      this.#announce(now);
      this.#tidy(now);
      this.#tag = now.tag;
    }
    if (isBackstage !== this.#wasBackstage) {
      this.#wasBackstage = isBackstage;
      if (isBackstage === true) this.page.announcer.assertive("You are behind the stage. Only the host sees you.");
      if (isBackstage === false) this.page.announcer.assertive("You are on air.");
    }
    this.#followRole();
    const outcome = lastOutcome(room, this.page.room.clock);
    if (outcome && outcome.key !== this.#said) {
      this.#said = outcome.key;
      if (outcome.isGrave) this.page.announcer.assertive(outcome.text);
      else this.page.announcer.polite(outcome.text);
    }
  }

  /**
   * What the tab says before its name.
   * @param {GuestState} now
   * @param {boolean | null} isBackstage
   */
  #sign(now, isBackstage) {
    if (this.page.countIn.isCalled) return "You are being called – ";
    if (isBackstage === false) return "● ON AIR – ";
    return now.tag === "waiting" && now.isHere && now.place === 1 ? "You are next – " : "";
  }

  /**
   * A short sound for whoever looks elsewhere: next in the queue, and called.
   * @param {GuestState} now
   */
  #chimeFor(now) {
    const place = now.tag === "waiting" && now.isHere ? now.place : 0;
    if (place === 1 && this.#place > 1) this.#chime.next();
    if (now.tag === "onAir" && this.#place > 0 && this.page.room.isHere) this.#chime.called();
    this.#place = place;
  }

  #followRole() {
    const { role } = this.#state.room;
    if (!role) return;
    const isHelper = role === "moderator";
    if (this.#wasHelper !== null && this.#wasHelper !== isHelper) {
      this.page.toast(isHelper ? "The host made you a helper." : "You are no helper any more.");
    }
    this.#wasHelper = isHelper;
  }

  /**
   * Every way out ends with the devices dark and no dialog about what is over.
   * @param {GuestState} now
   */
  #tidy(now) {
    const { sheet } = this.#state;
    const isOver = ["ended", "notLive", "away", "banned"].includes(now.tag);
    const isOwn = sheet && ["name", "ask", "sit", "invitation"].includes(sheet.kind);
    const aim = sheet?.kind === "name" ? sheet.next : sheet;
    const isLate = aim?.kind === "invitation" && now.tag !== "invited";
    const isSeated = now.tag === "onAir" || now.tag === "elsewhere";
    const isLeft = sheet?.kind === "leaveSeat" && !isSeated;
    if (isOver || isLate || isLeft || (isSeated && isOwn)) this.page.store.update({ sheet: null });
    const wasUnderWay = this.#tag === "waiting" || this.#tag === "onAir" || this.#tag === "invited";
    if (now.tag === "elsewhere") this.page.dropDevices();
    if (isOver || (now.tag === "watching" && wasUnderWay)) {
      if (!isOwn || isLate || isOver) this.page.dropDevices();
    }
    if (now.tag === "onAir" && this.#state.token) this.seat.forgetToken();
    if (now.tag !== "watching") this.page.clearError();
  }

  /** @param {GuestState} now */
  #announce(now) {
    const { announcer } = this.page;
    const { info } = this.#state.room;
    if (now.tag === "waiting") {
      const why = now.hold ? `${HOLD_TEXTS[now.hold]} You keep your place.` : "Waiting for the host.";
      announcer.polite(`Your request was sent. ${why}`);
    }
    if (now.tag === "invited")
      announcer.assertive(`${isolated(now.request.operator?.userName ?? "The host")} invites you on air.`);
    if (now.tag === "elsewhere") announcer.polite("You are on air in another window. This one only watches.");
    if (now.tag === "banned") announcer.assertive(now.text);
    if (now.tag === "ended") announcer.assertive(`The live has ended. ${now.text}`);
    if (now.tag === "watching" && this.#tag === "connecting")
      announcer.polite(`Watching ${isolated(info?.options.title ?? "")}.`);
  }
}

/**
 * @param {{device: string, operator: {userName: string}}} moment
 * @param {boolean} isLocked
 * @param {boolean} isOnSeat  elsewhere nothing is on that could be switched off
 */
function lockText({ device, operator }, isLocked, isOnSeat) {
  const what = isLocked ? (isOnSeat ? "switched off and locked" : "locked") : "unlocked";
  const then = isOnSeat && !isLocked ? " You can switch it on again." : "";
  return `${isolated(operator.userName)} has ${what} your ${device}.${then}`;
}
