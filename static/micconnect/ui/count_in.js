/**
 * Three seconds between the host's yes and being heard. The room has seated the person with every device closed (the
 * request said so: `entry`), so that nobody hears or sees anything meanwhile, whatever this page does; it opens them.
 */

import { arrivesMuted } from "./entry.js";

/**
 * What is needed of a page.
 * @typedef {object} Page
 * @property {import("../room.js").MicRoom} room
 * @property {import("../media/session.js").MicMedia} media
 * @property {import("./announce.js").Announcer} announcer
 * @property {import("./store.js").Store<import("./state.js").PageState>} store
 * @property {(name: string, task: () => Promise<unknown>) => Promise<boolean>} run
 */

export const COUNT_IN_MS = 3000;
const STEP_MS = 250;

export class CountIn {
  /** @type {{isMuted: boolean} | null} how the person wants to begin, once the application of this page is accepted */
  #wish = null;
  #wasWaiting = false;
  #connectionId = ""; // that is counted in
  #isMuted = false;
  #endsAt = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    page.store.subscribe(() => this.#follow());
  }

  /** Whether the person was called just now, and the devices are still closed. */
  get isCalled() {
    return this.#connectionId !== "";
  }

  /**
   * This page asks for a seat; what it gets will be counted in.
   * @param {{isMuted: boolean}} wish
   */
  expect(wish) {
    this.#wish = wish;
    this.#wasWaiting = false;
  }

  /** The room did not take the application, or another one is to be let straight in. */
  forget() {
    this.#wish = null;
  }

  /** Opens what the person wants to begin with, now. */
  goNow() {
    const { media, room } = this.#page;
    const isMuted = this.#isMuted || arrivesMuted(room.state);
    const seat = room.state.me?.connection;
    this.#end();
    return this.#page.run("countIn", async () => {
      if (!isMuted && media.deviceState("microphone") === "closed") await media.setOpen("microphone", true);
      if (seat?.media === "video" && media.deviceState("camera") === "closed") await media.setOpen("camera", true);
    });
  }

  /** Gives the seat back. */
  notNow() {
    this.#end();
    return this.#page.run("leaveSeat", () => this.#page.room.leaveSeat());
  }

  #follow() {
    const { room } = this.#page;
    const { me } = room.state;
    if (!me) return;
    const seat = room.isHere ? me.connection : null;
    if (me.request) this.#wasWaiting = true;
    else if (!me.connection && this.#wasWaiting) this.#wish = null; // it ended without a seat
    if (this.#wish && seat) {
      this.#connectionId = seat.connectionId;
      this.#isMuted = this.#wish.isMuted;
      this.#wish = null;
    }
    if (!this.isCalled) return;
    const isOver = seat?.connectionId !== this.#connectionId;
    if (isOver || seat.microphone === "open" || seat.camera === "open") this.#end();
    else if (this.#page.media.capture.stream) this.#begin();
    else this.#stop(); // the browser asks still, or a device was lost: nobody is counted in without it
  }

  #begin() {
    if (this.#timer !== undefined) return;
    this.#endsAt = performance.now() + COUNT_IN_MS;
    this.#timer = setInterval(() => this.#step(), STEP_MS);
    const then = this.#isMuted || arrivesMuted(this.#page.room.state) ? "you are on air, muted" : "everybody hears you";
    this.#page.announcer.assertive(`You are called on air. In three seconds ${then}.`);
    this.#show();
  }

  #step() {
    if (performance.now() >= this.#endsAt) void this.goNow();
    else this.#show();
  }

  #show() {
    const countIn = Math.ceil((this.#endsAt - performance.now()) / 1000);
    if (this.#page.store.state.countIn !== countIn) this.#page.store.update({ countIn });
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#page.store.state.countIn !== null) this.#page.store.update({ countIn: null });
  }

  #end() {
    this.#connectionId = "";
    this.#stop();
  }
}
