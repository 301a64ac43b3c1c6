/** What the room pages have in common: room, media, sound, clock and one store, tied together. */

import { DeviceError } from "../media/devices.js";
import { LevelMeter } from "../media/level.js";
import { MicMedia } from "../media/session.js";
import { MicRoom } from "../room.js";
import { Announcer } from "./announce.js";
import { fetchTicket, readConfig, socketUrl } from "./config.js";
import { render } from "./html.js";
import { StageFit } from "./layout.js";
import { Player } from "./player.js";
import { NO_CHECK, firstState } from "./state.js";
import { Store } from "./store.js";
import { errorText } from "./words.js";

/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("./state.js").PageState} PageState */

const SPEAKING = 0.02; // audio level, 0 to 1
const LISTEN_MS = 250;

export class Page {
  config = readConfig();
  room = new MicRoom({ url: socketUrl(this.config), fetchTicket: () => fetchTicket(this.config) });
  media = new MicMedia(this.room);
  player = new Player();
  fit = new StageFit();
  announcer = new Announcer(document);
  /** @type {Store<PageState>} */
  store = new Store(firstState(this.room.state, this.config.isNamed));
  #meter = new LevelMeter();
  /** @type {MediaStream | null} the stream that is measured */
  #measured = null;

  /**
   * Draws into #room, and connects.
   * @param {(state: PageState) => unknown} view
   */
  start(view) {
    const root = /** @type {HTMLElement} */ (document.getElementById("room"));
    this.store.subscribe((state) => {
      render(view(state), root);
      this.fit.update(state.room.connectedUsers.length);
    });
    this.room.addEventListener("change", () => this.store.update({ room: this.room.state }));
    this.media.addEventListener("change", () => this.#hearAndMeasure());
    this.player.addEventListener("change", () => this.#soundChanged());
    // the browser waits for a touch before it lets anything sound; any touch of the page will do
    for (const touch of ["click", "keydown"]) {
      addEventListener(touch, () => this.player.isBlocked && void this.player.unlock());
    }
    this.#followNetwork();
    setInterval(() => this.store.update(), 1000);
    setInterval(() => this.#listen(), LISTEN_MS);
    Object.assign(globalThis, { micRoom: this.room, micMedia: this.media });
    this.store.update();
    this.room.connect();
  }

  get state() {
    return this.store.state;
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

  /**
   * Takes the devices for `media`; what is wrong with them stands in `check`.
   * @param {LinkMedia} media
   * @throws {DeviceError}
   */
  async takeDevices(media) {
    this.store.update({ check: { phase: "asking", media, error: null } });
    this.announcer.assertive(`Allow the microphone${media === "video" ? " and the camera" : ""} in your browser.`);
    try {
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

  /** Lets go of the devices, unless they are on air. */
  dropDevices() {
    if (!this.room.state.me?.connection) this.media.capture.stop();
    this.store.update({ check: NO_CHECK });
  }

  /**
   * Opens or closes an own device; one that was unplugged is taken anew first.
   * @param {Device} device
   */
  toggle(device) {
    const isOpen = this.media.deviceState(device) !== "open";
    const media = this.room.state.me?.connection?.media ?? "audio";
    return this.run(device, async () => {
      if (isOpen && !this.media.capture.works(device)) await this.takeDevices(media);
      await this.media.setOpen(device, isOpen);
    });
  }

  #soundChanged() {
    this.store.update({ isSoundBlocked: this.player.isBlocked });
    if (this.player.isBlocked) this.announcer.polite("Sound is off.");
  }

  /** Plays everybody on a seat but oneself, and measures the own microphone. */
  #hearAndMeasure() {
    const { connectedUsers, me } = this.room.state;
    /** @type {Map<number, MediaStream>} */
    const sounds = new Map();
    for (const { userId, seatIndex } of connectedUsers) {
      const stream = this.media.watch?.streams.get(seatIndex)?.audio;
      if (stream?.getTracks().length && userId !== me?.user.userId) sounds.set(seatIndex, stream);
    }
    this.player.sync(sounds);
    const stream = this.media.capture.stream;
    if (stream !== this.#measured) {
      this.#measured = stream;
      if (stream) this.#meter.start(stream);
      else this.#meter.stop();
    }
    this.store.update();
  }

  #listen() {
    /** @type {Set<number>} */
    const speaking = new Set();
    for (const [seat, level] of this.media.watch?.levels() ?? []) {
      if (level > SPEAKING) speaking.add(seat);
    }
    const level = this.#measured ? this.#meter.read() : 0;
    const { connection } = this.room.state.me ?? {};
    if (connection && this.media.deviceState("microphone") === "open" && level > 0.4)
      speaking.add(connection.seatIndex);
    const before = this.state.speaking;
    const isSame = before.size === speaking.size && [...speaking].every((seat) => before.has(seat));
    if (!isSame || level !== this.state.level) this.store.update({ speaking, level });
  }

  #followNetwork() {
    const look = () => this.store.update({ isOnline: navigator.onLine });
    look();
    addEventListener("offline", look);
    addEventListener("online", () => {
      look();
      if (this.room.state.status.phase === "waiting") this.room.connect();
    });
  }
}
