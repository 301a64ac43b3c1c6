/** What the room pages have in common: room, media, sound, clock and one store, tied together. */

import { DeviceError } from "../media/devices.js";
import { LevelMeter } from "../media/level.js";
import { MicMedia } from "../media/session.js";
import { OwnWindow } from "../own_window.js";
import { MicRoom } from "../room.js";
import { Announcer } from "./announce.js";
import { fetchTicket, inviteToken, readConfig, socketUrl } from "./config.js";
import { CountIn } from "./count_in.js";
import { Freshness } from "./freshness.js";
import { isElsewhere, isMissed, shownUsers } from "./guest_state.js";
import { render } from "./html.js";
import { StageFit } from "./layout.js";
import { LinkCheck } from "./link_check.js";
import { Player } from "./player.js";
import { isSoundOnlyKept, keepSoundOnly } from "./sound_only.js";
import { NO_CHECK, firstState } from "./state.js";
import { Store } from "./store.js";
import { errorText, isolated } from "./words.js";

/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("./state.js").PageState} PageState */
/** @typedef {import("./state.js").Sheet} Sheet */

const LISTEN_MS = 250;
const TOAST_MS = 6000;

export class Page {
  config = readConfig();
  window = new OwnWindow();
  room = new MicRoom({
    url: socketUrl(this.config),
    windowId: this.window.id,
    fetchTicket: () => fetchTicket(this.config),
  });
  media = new MicMedia(this.room);
  player = new Player();
  fit = new StageFit();
  freshness = new Freshness();
  announcer = new Announcer(document);
  /** @type {Store<PageState>} */
  store = new Store(
    firstState(this.room.state, {
      isNamed: this.config.isNamed,
      token: inviteToken(),
      windowId: this.window.id,
    }),
  );
  countIn = new CountIn(this);
  link = new LinkCheck(this);
  isBringing = false; // the seat is on its way here, and the devices are taken by that press
  #firstTitle = document.title;
  #meter = new LevelMeter();
  /** @type {MediaStream | null} the stream that is measured */
  #measured = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #toastTimer;

  /**
   * Draws into #room, and connects.
   * @param {(state: PageState) => unknown} view
   */
  start(view) {
    const root = /** @type {HTMLElement} */ (document.getElementById("room"));
    this.store.subscribe((state) => {
      render(view(state), root);
      this.fit.update();
    });
    this.room.addEventListener("change", () => {
      this.store.update({ room: this.room.state });
      if (!isElsewhere(this.room.state, this.window.id)) this.store.update({ isSoundWanted: false });
    });
    this.room.addEventListener("onKickedOutOfRoom", (event) => {
      this.store.update({ kicked: /** @type {CustomEvent} */ (event).detail.sanction });
    });
    this.media.addEventListener("change", () => this.#hearAndMeasure());
    this.player.addEventListener("change", () => this.#soundChanged());
    this.player.addEventListener("wake", () => this.#meter.wake());
    this.player.follow();
    this.player.keepPictures(document);
    addEventListener("hashchange", () => this.store.update({ token: inviteToken() }));
    this.#followNetwork();
    addEventListener("beforeunload", (event) => {
      if (!isMissed(this.room.state, this.window.id)) return;
      event.preventDefault();
      event.returnValue = true; // browsers of before 2023 ask for this only
    });
    if (this.config.role === "audience") this.media.setPictures(!isSoundOnlyKept()); // the host's page has no switch
    setInterval(() => this.store.update(), 1000);
    setInterval(() => {
      this.#measure();
      if (this.freshness.look(root, document.hidden)) this.store.update();
    }, LISTEN_MS);
    Object.assign(globalThis, { micRoom: this.room, micMedia: this.media });
    this.store.update();
    this.room.connect();
  }

  get state() {
    return this.store.state;
  }

  /** What the tab says of the room, by its newest name. */
  get title() {
    const title = this.state.room.info?.options.title;
    return title ? `${this.config.role === "host" ? "Studio: " : ""}${isolated(title)} – MicConnect` : this.#firstTitle;
  }

  /**
   * Runs one command; its button is busy meanwhile, and a refusal is shown and read out.
   * @param {string} name
   * @param {() => Promise<unknown>} task
   * @returns {Promise<boolean>} whether it was done
   */
  async run(name, task) {
    if (this.state.busy.has(name)) return false;
    this.store.update({ busy: new Set([...this.state.busy, name]), error: "" });
    try {
      await task();
      return true;
    } catch (error) {
      if (!(error instanceof DeviceError)) this.fail(errorText(error));
      return false;
    } finally {
      this.store.update({ busy: new Set([...this.state.busy].filter((other) => other !== name)) });
    }
  }

  /** @param {string} text */
  fail(text) {
    this.store.update({ error: text });
    this.announcer.assertive(text);
  }

  clearError = () => this.store.update({ error: "" });

  /** @param {Sheet} sheet */
  open(sheet) {
    this.store.update({ sheet, error: "" });
  }

  close = () => this.store.update({ sheet: null, error: "" });

  /**
   * Says shortly what was done.
   * @param {string} text
   * @param {{undo?: () => void, ms?: number}} [options]  `undo` takes it back, as long as the toast is there
   */
  toast(text, { undo, ms = TOAST_MS } = {}) {
    this.store.update({ toast: { text, undo: undo ?? null } });
    this.announcer.polite(text);
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(this.closeToast, ms);
  }

  closeToast = () => this.store.update({ toast: null });

  /**
   * @param {string} text
   * @param {string} what  named in the state until the button has shown that it worked
   */
  async copy(text, what) {
    const isDone = await this.run("copy", () => navigator.clipboard.writeText(text));
    if (!isDone) return;
    this.store.update({ copied: what });
    this.announcer.polite("The link is copied.");
    setTimeout(() => this.store.update({ copied: "" }), 3000);
  }

  /**
   * How loud this listener wants somebody; nobody else hears the difference.
   * @param {string} userId
   * @param {number} volume  0 to 1
   */
  setLoudness(userId, volume) {
    this.store.update({ loudness: { ...this.state.loudness, [userId]: volume } });
    this.#hearAndMeasure();
  }

  /**
   * Watches without pictures from now on, or with them again; this browser remembers it.
   * @param {boolean} isSoundOnly
   */
  setSoundOnly(isSoundOnly) {
    keepSoundOnly(isSoundOnly);
    this.media.setPictures(!isSoundOnly);
    this.announcer.polite(isSoundOnly ? "Pictures are off, you hear everybody." : "Pictures are on.");
  }

  /**
   * Takes the devices for `media`; what is wrong with them stands in `check`. To be called from a press, or with
   * `isPress` false where the law allows it without (see `SeatActions`).
   * @param {LinkMedia} media
   * @param {{isPress?: boolean}} [how]
   * @throws {DeviceError}
   */
  async takeDevices(media, { isPress = true } = {}) {
    if (isPress) this.window.hasPressed = true;
    this.store.update({ check: { phase: "asking", media, error: null } });
    this.announcer.assertive(`Allow the microphone${media === "video" ? " and the camera" : ""} in your browser.`);
    try {
      if (!this.media.isAble) throw new DeviceError("unsupported", "microphone");
      await this.media.capture.start(media);
      this.store.update({ check: { phase: "ready", media, error: null } });
    } catch (error) {
      if (error instanceof DeviceError && error.problem !== "aborted") {
        this.store.update({ check: { phase: "failed", media, error } });
        this.announcer.assertive(errorText(error));
      }
      throw error;
    }
  }

  /**
   * Has the own seat in this window, and takes the devices for it.
   * @throws {DeviceError | import("../errors.js").MicError}
   */
  async bringHere() {
    this.window.hasPressed = this.isBringing = true;
    try {
      if (!this.room.isHere) await this.room.bringHere();
      const { connection } = this.room.state.me ?? {};
      if (connection) await this.takeDevices(connection.media);
    } finally {
      this.isBringing = false;
    }
  }

  /** Lets go of the devices, unless they are on air here. */
  dropDevices() {
    if (!this.room.isHere) this.media.capture.stop();
    this.store.update({ check: NO_CHECK });
  }

  /**
   * Opens or closes the own microphone or camera; one that was unplugged is taken anew first.
   * @param {Device} device
   */
  toggle(device) {
    const isOpen = this.media.deviceState(device) !== "open";
    const media = this.room.state.me?.connection?.media ?? "audio";
    return this.run(device, async () => {
      const { capture } = this.media;
      if (isOpen && !this.room.isHere) await this.room.bringHere(); // the staff put this person on the seat
      if (isOpen && device !== "screen" && capture.isLost(device)) await this.#replace(device);
      else if (isOpen && !capture.works(device)) await this.takeDevices(media);
      await this.media.setOpen(device, isOpen);
    });
  }

  /**
   * Takes another device in place of one that is gone or brings nothing, and goes on as before with it.
   * @param {"microphone" | "camera"} device
   */
  replaceDevice(device) {
    const wasOpen = this.media.own.wasLostOpen(device);
    return this.run(device, async () => {
      await this.#replace(device);
      if (wasOpen && this.media.deviceState(device) === "closed") await this.media.setOpen(device, true);
    });
  }

  /** @param {"microphone" | "camera"} device */
  async #replace(device) {
    try {
      await this.media.capture.replace(device);
    } catch (error) {
      if (error instanceof DeviceError && error.problem !== "aborted") this.fail(errorText(error));
      throw error;
    }
  }

  /** Shares a screen or ends it. Somebody who closes the browser's dialog has changed their mind: no words. */
  toggleScreen() {
    return this.run("screen", async () => {
      if (this.media.deviceState("screen") === "open") return this.media.closeScreen();
      try {
        await this.media.openScreen();
      } catch (error) {
        const isUnwanted = error instanceof DeviceError && (error.problem === "refused" || error.problem === "aborted");
        if (error instanceof DeviceError && !isUnwanted) this.fail(errorText(error));
        throw error;
      }
    });
  }

  /**
   * Whether this window, beside the one on air, is heard as well.
   * @param {boolean} isSoundWanted
   */
  setSoundWanted(isSoundWanted) {
    this.store.update({ isSoundWanted });
    this.#hearAndMeasure();
    this.announcer.polite(isSoundWanted ? "Sound is on in this window." : "Sound is off in this window.");
  }

  #soundChanged() {
    this.store.update({ isSoundBlocked: this.player.isBlocked });
    if (this.player.isBlocked) this.announcer.polite("Sound is off.");
  }

  /**
   * Plays everybody on a seat but oneself, and measures the own microphone. Beside the window on air nothing sounds
   * unless it is wanted, since that one would hear it; then oneself, too.
   */
  #hearAndMeasure() {
    const isBeside = isElsewhere(this.room.state, this.window.id);
    /** @type {Map<string, MediaStream>} */
    const sounds = new Map();
    const heard = isBeside && !this.state.isSoundWanted ? [] : shownUsers(this.room.state, this.room.clock);
    for (const { userId, seatIndex } of heard) {
      const stream = this.media.watch?.streams.get(seatIndex)?.audio;
      const isOwn = userId === this.room.state.me?.user.userId;
      if (stream?.getTracks().length && (isBeside || !isOwn)) sounds.set(userId, stream);
    }
    this.player.sync(sounds, this.state.loudness);
    const stream = this.media.capture.stream;
    if (stream !== this.#measured) {
      this.#measured = stream;
      if (stream) this.#meter.start(stream);
      else this.#meter.stop();
    }
    this.store.update();
  }

  #measure() {
    const level = this.#measured ? this.#meter.read() : 0;
    if (level !== this.state.level) this.store.update({ level });
  }

  #followNetwork() {
    const look = () => this.store.update({ isOnline: navigator.onLine });
    look();
    addEventListener("offline", look);
    const comeBack = () => {
      if (this.room.state.status.phase === "waiting") this.room.connect();
    };
    addEventListener("online", () => {
      look();
      comeBack();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") comeBack();
    });
    // A page that was frozen, or a laptop that was shut, may have lost its devices without a word.
    const check = () => this.media.capture.check();
    for (const moment of ["visibilitychange", "resume"]) document.addEventListener(moment, check);
    addEventListener("pageshow", check);
  }
}
