/** What a person on a seat does, host or guest alike; and the devices that have to follow the seat. */

import { MicError } from "../errors.js";
import { forgetInvite } from "./config.js";

/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("./page.js").Page} Page */

export class SeatActions {
  #hasReacquired = "";
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    page.store.subscribe(() => this.#follow());
  }

  get #room() {
    return this.#page.room;
  }

  leaveSeat() {
    return this.#page.run("leaveSeat", () => this.#room.leaveSeat());
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
      else await this.#room.takeSeat({ media, seatIndex: seatWish });
      this.#page.store.update({ sheet: null, seatWish: -1 });
    });
  }

  /**
   * @param {string} token
   * @param {LinkMedia} media
   */
  async #useLink(token, media) {
    try {
      await this.#room.useInviteLink({ token, media });
      this.forgetToken();
    } catch (error) {
      if (error instanceof MicError && error.code === "NO_SUCH_LINK") {
        this.forgetToken();
        this.#page.store.update({ sheet: null });
      }
      throw error;
    }
  }

  /** The invitation by link was used or declined. */
  forgetToken() {
    forgetInvite();
    this.#page.store.update({ token: "" });
  }

  /** Takes the devices again for a seat that is held already (after a reload, or after a refusal). */
  retake() {
    const { connection } = this.#room.state.me ?? {};
    return connection && this.#page.takeDevices(connection.media).catch(() => undefined);
  }

  /** Stays on the seat with sound alone, when the camera cannot be had. */
  retakeSound() {
    return this.#page.run("camera", async () => {
      await this.#page.takeDevices("audio");
      await this.#room.setDevice({ device: "camera", isOpen: false });
    });
  }

  bringHere() {
    this.#hasReacquired = "";
    this.#room.connect();
  }

  #follow() {
    const { me, status } = this.#room.state;
    if (status.phase === "closed") {
      this.#hasReacquired = ""; // whoever brings it back here takes the devices again
      if (this.#page.media.capture.stream) this.#page.media.stop();
    }
    const { connection } = me ?? {};
    if (!connection || status.phase !== "open" || this.#hasReacquired === connection.connectionId) return;
    this.#hasReacquired = connection.connectionId;
    // somebody whom the staff has just put on a seat has agreed to nothing yet: the page asks with a button
    const isPlaced = connection.state === "joining" && connection.microphone !== "open" && connection.camera !== "open";
    if (!this.#page.media.capture.stream && !isPlaced) void this.retake();
  }
}
