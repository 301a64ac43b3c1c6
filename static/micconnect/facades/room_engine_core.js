/** What the room engine keeps while it runs: the line, open requests, listeners and the places where pictures show. */

import { call } from "./callbacks.js";
import { Emitter } from "./emitter.js";
import { facadeError, told } from "./errors.js";
import { Line } from "./line.js";
import { followRoom } from "./room_engine_events.js";
import { PendingRequests, fail } from "./room_engine_requests.js";
import * as words from "./room_engine_words.js";
import { placesOf } from "./views.js";

/** @typedef {import("../media/session.js").MicMedia} MicMedia */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./line.js").OpenRoom} OpenRoom */
/** @typedef {import("./room_engine_requests.js").Hearer} Hearer */
/** @typedef {import("./room_engine_words.js").TUIRequest} TUIRequest */
/** @typedef {import("./views.js").Place} Place */
/** @typedef {import("./views.js").View} View */

/** @typedef {{open: OpenRoom, parts?: ConstructorParameters<typeof Line>[2]}} EngineOptions */

export class EngineCore {
  events = new Emitter();
  pending = new PendingRequests();
  line;
  /** @type {Map<string, {userId: string, kind: "camera" | "screen", places: Place[]}>} an empty `userId` is the own one */
  #views = new Map();
  /** @type {Set<string>} the views, by the same keys, whose playing the program has stopped */
  #stopped = new Set();
  #seat = ""; // the connection id of the own time on air
  #isEndingScreen = false;

  /** @param {EngineOptions} options */
  constructor({ open, parts }) {
    this.line = new Line(open, (room, media) => this.#follow(room, media), parts);
    this.line.capture.addEventListener("change", () => this.#show());
    this.line.addEventListener("close", () => this.#show());
    this.line.player.addEventListener("change", () => {
      const { player } = this.line;
      if (player.isBlocked) this.#emit("onAutoPlayFailed", { userId: "", resume: () => player.unlock() });
    });
  }

  /** @throws {import("./errors.js").FacadeError} when no room was entered */
  get room() {
    return this.line.room;
  }

  /**
   * Runs a request; a refusal is thrown, and told to the request's callbacks as well.
   * @param {Hearer[]} hearers
   * @param {() => Promise<TUIRequest>} task
   */
  ask(hearers, task) {
    const asking = this.#ask(hearers, task);
    // whoever hears of a failure by a callback need not look at the promise as well
    if (hearers.some(({ onError }) => onError)) asking.catch(() => undefined);
    return asking;
  }

  /** @param {Hearer[]} hearers @param {() => Promise<TUIRequest>} task */
  async #ask(hearers, task) {
    try {
      const request = await told(task);
      for (const hearer of hearers) call(() => hearer.onSuccess?.(request));
      return request;
    } catch (error) {
      fail(hearers, this.line.state?.me?.user.userId ?? "", facadeError(error));
      throw error;
    }
  }

  /**
   * Waits for the end of an application or invitation.
   * @param {RequestInfo | null} request
   * @param {Hearer[]} hearers
   */
  wait(request, hearers) {
    const asked = words.takeSeatRequest(/** @type {RequestInfo} */ (request));
    this.pending.add(asked, /** @type {RequestInfo} */ (request).user.userId, hearers);
    return asked;
  }

  /**
   * Waits for the end of a question about a device.
   * @param {"asked" | "asks"} direction
   * @param {Device} device
   * @param {string} userId  on whose seat the device is
   * @param {Hearer[]} hearers
   */
  waitForDevice(direction, device, userId, hearers) {
    const me = /** @type {UserInfo} */ (this.room.state.me?.user);
    const request = words.deviceRequest(direction, device, me, userId);
    this.pending.add(request, userId, hearers);
    this.pending.lookAtDevices(this.room); // what is open already needs no answer
    return request;
  }

  /**
   * A no changes nothing: a guest leaves the device closed, the staff leaves the lock.
   * @param {NonNullable<ReturnType<typeof words.deviceRequestParts>>} question
   * @param {boolean} isYes
   */
  async respondAboutDevice({ direction, device, userId }, isYes) {
    if (!isYes) return;
    if (direction === "asks") await this.room.lockDevice({ userId, device, isLocked: false });
    else if (device === "screen") await this.line.media.openScreen();
    else await this.line.openDevice(device);
  }

  /**
   * Only a microphone is kept shut for those who are not on a seat yet.
   * @param {Device} device
   * @param {boolean} isDisable
   */
  async disableForAll(device, isDisable) {
    if (device === "microphone") await this.room.updateRoom({ mayUnmute: !isDisable });
    await this.room.lockAll({ device, isLocked: isDisable });
  }

  async endScreen() {
    this.#isEndingScreen = true;
    try {
      await this.line.media.closeScreen();
    } finally {
      this.#isEndingScreen = false;
    }
  }

  /**
   * @param {string} userId  empty for the own picture
   * @param {"camera" | "screen"} kind
   * @param {View | View[] | null} view  null ends the showing
   * @throws {import("./errors.js").FacadeError} -1001 for what is no view; the old one stays then
   */
  setView(userId, kind, view) {
    const key = `${kind} ${userId}`;
    const places = placesOf(view, this.#views.get(key)?.places ?? []);
    if (places.length) this.#views.set(key, { userId, kind, places });
    else this.#views.delete(key);
    this.#show();
  }

  /**
   * @param {string} userId
   * @param {"camera" | "screen"} kind
   * @param {boolean} isPlaying
   */
  setPlaying(userId, kind, isPlaying) {
    if (isPlaying) this.#stopped.delete(`${kind} ${userId}`);
    else this.#stopped.add(`${kind} ${userId}`);
    this.#show();
  }

  /** @param {keyof typeof import("./room_engine_enums.js").TUIRoomEvents} name @param {object} event */
  #emit(name, event) {
    this.events.emit(name, event);
  }

  /** @param {MicRoom} room @param {MicMedia} media */
  #follow(room, media) {
    this.pending.follow(room);
    followRoom(room, (name, event) => this.#emit(name, event));
    room.addEventListener("change", () => this.#keepClosed(room));
    media.addEventListener("change", () => this.#show());
    let isSharing = false;
    media.screen.addEventListener("change", () => {
      const wasSharing = isSharing;
      isSharing = !!media.screen.stream;
      if (wasSharing && !isSharing && !this.#isEndingScreen) this.#emit("onUserScreenCaptureStopped", {});
    });
  }

  /**
   * Whoever comes on a seat is neither heard nor seen before the program opens a device, as in the seed system. A
   * picture that was previewed does not go along to a seat for sound only.
   * @param {MicRoom} room
   */
  #keepClosed(room) {
    const { me, status } = room.state;
    if (status.phase === "closed") this.#seat = "";
    const seat = room.isHere ? me?.connection : null; // in another window it is another program's
    if (status.phase !== "open" || (seat?.connectionId ?? "") === this.#seat) return;
    this.#seat = seat?.connectionId ?? "";
    if (!seat) {
      this.line.wanted.clear();
      return;
    }
    if (seat.media === "audio" && this.line.capture.media === "video") {
      this.#inBackground(this.line.capture.start("audio"));
    }
    for (const device of /** @type {const} */ (["microphone", "camera"])) {
      if (seat[device] === "open" && !this.line.wanted.has(device)) this.#inBackground(this.line.closeDevice(device));
    }
  }

  /** @param {Promise<unknown>} task  nobody waits for it, so its failure is an event */
  #inBackground(task) {
    task.catch((error) => {
      const { code, message } = facadeError(error);
      this.#emit("onError", { code, message });
    });
  }

  #show() {
    const { state } = this.line;
    for (const [key, { userId, kind, places }] of this.#views) {
      const user = state?.connectedUsers.find((seated) => seated.userId === (userId || state.me?.user.userId));
      const isPreview = !userId && kind === "camera" && !user;
      const shown = isPreview ? this.line.capture.stream : user ? this.line.picture(user, kind) : null;
      const stream = this.#stopped.has(key) ? null : shown;
      for (const { screen } of places) {
        if (screen.srcObject !== stream) screen.srcObject = stream; // a video that is given its stream anew starts over
      }
    }
  }
}
