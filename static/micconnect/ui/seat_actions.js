/** What a person on a seat does, host or guest alike; and the devices that have to follow the seat. */

import { MicError } from "../errors.js";
import { entryNow } from "./entry.js";
import { canComeBack } from "./guest_state.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("./page.js").Page} Page */

export class SeatActions {
  #unseen = ""; // the connection for which the camera was let go
  #taken = ""; // the connection for which devices were taken, or asked for with a button
  /** @type {string | null} the connection that was there when the page came; null before the first picture */
  #first = null;
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    page.store.subscribe(() => this.#follow());
  }

  get #room() {
    return this.#page.room;
  }

  /** Leaves the seat, after a question where there is no way back by oneself. */
  wantToLeave() {
    if (canComeBack(this.#room.state)) return void this.leaveSeat();
    this.#page.open({ kind: "leaveSeat" });
  }

  leaveSeat() {
    return this.#page.run("leaveSeat", async () => {
      await this.#room.leaveSeat();
      if (this.#page.state.sheet?.kind === "leaveSeat") this.#page.close();
    });
  }

  /** @param {number} seatIndex */
  move(seatIndex) {
    return this.#page.run("move", () => this.#room.moveSeat({ seatIndex }));
  }

  /**
   * Asks the staff to lift the lock of a device, or takes that back.
   * @param {Device} device
   * @param {boolean} isAsking
   */
  askToSpeak(device, isAsking) {
    return this.#page.run(`ask ${device}`, () => this.#room.askToSpeak({ device, isAsking }));
  }

  /** @param {boolean} isReady */
  setReady(isReady) {
    return this.#page.run("ready", () => this.#room.setReady({ isReady }));
  }

  /**
   * Sits down without asking: with the token of an invitation link by that, otherwise on a seat that is free to take.
   * @param {string} token
   */
  sit(token) {
    const { check, seatWish } = this.#page.state;
    const media = check.media ?? "audio";
    return this.#page.run("sit", async () => {
      if (token) await this.#useLink(token, media);
      else await this.#room.takeSeat({ media, seatIndex: seatWish, entry: entryNow(this.#page.state) });
      this.#page.store.update({ sheet: null, seatWish: -1 });
    });
  }

  /**
   * @param {string} token
   * @param {LinkMedia} media
   */
  async #useLink(token, media) {
    try {
      await this.#room.useInviteLink({ token, media, entry: entryNow(this.#page.state) });
      this.forgetToken();
    } catch (error) {
      const isEnded = error instanceof MicError && error.code === "NO_SUCH_LINK";
      if (!isEnded || !(await this.#page.link.look(token))) throw error;
    }
  }

  /** The invitation by link was used or declined. */
  forgetToken() {
    this.#page.link.forget();
  }

  /** Stays on the seat with sound alone, when the camera cannot be had. */
  retakeSound() {
    return this.#page.run("camera", async () => {
      await this.#page.takeDevices("audio");
      await this.#room.setDevice({ device: "camera", isOpen: false });
    });
  }

  /** Has the seat in this window from now on; the one that had it goes dark. */
  bringHere() {
    return this.#page.run("bringHere", () => this.#page.bringHere());
  }

  /**
   * On a seat for sound no picture goes anywhere, so the camera is let go: the room may have changed meanwhile.
   * @param {ConnectedUser} connection
   */
  #keepToSound({ connectionId, media }) {
    if (media !== "audio" || this.#page.media.capture.media !== "video" || this.#unseen === connectionId) return;
    this.#unseen = connectionId;
    this.#page.toast("You are on air by sound only: your camera is off.");
    void this.#page.takeDevices(media, { isPress: false }).catch(() => undefined); // what is wrong stands in `check`
  }

  /**
   * The devices follow the seat: only in the window that has it, and only if somebody has pressed a button here that
   * means devices. A reload of that window is the exception: it takes again what it had.
   */
  #follow() {
    const { me, status } = this.#room.state;
    if (status.phase === "closed" && this.#page.media.capture.stream) this.#page.media.stop();
    if (!me || status.phase !== "open") return;
    const connectionId = me.connection?.connectionId ?? "";
    this.#first ??= connectionId;
    if (!me.connection || !this.#room.isHere) {
      this.#taken = "";
      return;
    }
    this.#keepToSound(me.connection);
    if (this.#taken === connectionId) return;
    this.#taken = connectionId;
    const { hasPressed, isReload } = this.#page.window;
    if (this.#page.isBringing) return;
    if (!hasPressed && !(isReload && this.#first === connectionId)) return; // the page asks with a button
    const { microphone, camera, state, media } = me.connection;
    // whoever waits for another turn has agreed to nothing yet: the page asks with a button
    const isAsked = this.#page.countIn.isCalled;
    const isHeld = !isAsked && state === "joining" && microphone === "closed" && camera !== "open"; // a lock is no wish
    if (this.#page.media.capture.stream || isHeld) return;
    void this.#page.takeDevices(media, { isPress: false }).catch(() => undefined); // what is wrong stands in `check`
  }
}
