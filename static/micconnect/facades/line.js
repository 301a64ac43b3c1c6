/** What the facades share: one room at a time with its media, its sound and the own devices. */

import { MicError } from "../errors.js";
import { Capture } from "../media/devices.js";
import { MicMedia } from "../media/session.js";
import { OwnWindow } from "../own_window.js";
import { CloseCode, ErrorCode, ERRORS } from "../protocol.js";
import { MicRoom } from "../room.js";
import { Player } from "../ui/player.js";
import { FacadeError, refuse } from "./errors.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {"microphone" | "camera"} OwnDevice */

/**
 * Makes the room of that id, not yet connected, with media that use the capture. `isReload`: the page was reloaded, and
 * the room goes on in the same window.
 * @typedef {(roomId: string, capture: Capture) => {room: MicRoom, media: MicMedia, isReload?: boolean}} OpenRoom
 */

/**
 * The usual way to open rooms: sockets to one server, and tickets from wherever the application gets them.
 * @param {{server: string | URL, fetchTicket: (roomId: string) => Promise<string>}} options  `server`: its address,
 *   with ws or wss, and with its path where the site stands under one; who somebody is, and in which role, stands in the ticket
 * @returns {OpenRoom}
 */
export function roomOpener({ server, fetchTicket }) {
  const { id: windowId, isReload } = new OwnWindow();
  return (roomId, capture) => {
    const url = new URL(`ws/rooms/${encodeURIComponent(roomId)}/`, folder(server));
    const room = new MicRoom({ url, windowId, fetchTicket: () => fetchTicket(roomId) });
    return { room, media: new MicMedia(room, { capture }), isReload };
  };
}

/** @param {string | URL} server  with or without the stroke at the end of its path */
function folder(server) {
  const url = new URL(server);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Fires `close` when the room is left, by whomever. */
export class Line extends EventTarget {
  capture;
  player;
  /** @type {Set<OwnDevice>} what the person has opened; nothing else is sent */
  wanted = new Set();
  /** @type {Set<string>} user ids that are not heard here */
  unheard = new Set();
  /** @type {{roomId: string, room: MicRoom, media: MicMedia, isReload: boolean, arrived: Promise<void>} | null} */
  #in = null;
  #open;
  #follow;
  /** @type {WeakSet<MicRoom>} those that are listened to: an application may open the same room object again */
  #followed = new WeakSet();

  /**
   * @param {OpenRoom} open
   * @param {(room: MicRoom, media: MicMedia) => void} follow  is called once, before a room connects, to listen to it
   * @param {{capture?: Capture, player?: Player}} [parts]
   */
  constructor(open, follow, { capture = new Capture(), player = new Player() } = {}) {
    super();
    this.#open = open;
    this.#follow = follow;
    this.capture = capture;
    this.player = player;
    player.follow();
  }

  get isIn() {
    return this.#in !== null;
  }

  /** @throws {import("./errors.js").FacadeError} when no room was entered */
  get room() {
    return this.#here().room;
  }

  /** @throws {import("./errors.js").FacadeError} when no room was entered */
  get media() {
    return this.#here().media;
  }

  /** Whether the page was reloaded: a seat that this window had is its own still. */
  get isReload() {
    return this.#in?.isReload ?? false;
  }

  /** What is known of the room; null outside. */
  get state() {
    return this.#in?.room.state ?? null;
  }

  /**
   * Connects to a room and waits for its picture. Whoever cannot come in is outside again, and may try anew.
   * @param {string} roomId
   * @throws {import("./errors.js").FacadeError | MicError}
   */
  async enter(roomId) {
    if (typeof roomId !== "string" || !roomId) throw refuse("BAD_ROOM_ID");
    if (this.#in && this.#in.roomId !== roomId) throw refuse("IN_OTHER_ROOM");
    const here = (this.#in ??= this.#connect(roomId));
    try {
      await here.arrived;
    } catch (error) {
      if (this.#in === here) this.close();
      throw error;
    }
  }

  /** @param {string} roomId */
  #connect(roomId) {
    const { room, media, isReload = false } = this.#open(roomId, this.capture);
    if (!this.#followed.has(room)) {
      this.#followed.add(room);
      this.#follow(room, media);
      room.addEventListener("change", () => this.#look(room)); // last, so that all have heard why the line was closed
      media.addEventListener("change", () => this.hear());
    }
    room.connect();
    return { roomId, room, media, isReload, arrived: arrival(room) };
  }

  /** Gives up seat or request, closes the line, and lets go of the devices. */
  async leave() {
    const { room } = this.#here();
    const { me, status } = room.state;
    try {
      if (status.phase === "open" && (me?.connection || me?.request)) await room.leave();
    } finally {
      this.close();
    }
  }

  /**
   * Host: ends the live, and leaves the room when its end was heard here as well.
   * @throws {MicError}
   */
  async end() {
    const { room } = this.#here();
    await room.endLive();
    await until(room, ({ info, status }) => info?.status === "ended" || status.phase === "closed");
    this.close();
  }

  /** Closes the line and lets go of the devices. */
  close() {
    const here = this.#in;
    this.#in = null;
    this.wanted.clear();
    this.unheard.clear();
    this.player.sync(new Map(), {});
    here?.media.stop();
    if (here?.room.state.status.phase !== "closed") here?.room.disconnect();
    this.capture.stop();
    this.dispatchEvent(new Event("close"));
  }

  /**
   * Takes the devices that a seat of this kind needs, and no others.
   * @param {import("../protocol.js").LinkMedia} media
   * @throws {import("../media/devices.js").DeviceError}
   */
  async takeFor(media) {
    this.wanted = new Set(media === "video" ? ["microphone", "camera"] : ["microphone"]);
    await this.capture.start(media);
  }

  /** Lets go of all devices, unless they are on air. */
  letGo() {
    if (this.state?.me?.connection) return;
    this.wanted.clear();
    this.capture.stop();
  }

  /**
   * Takes a device, and opens it if the person is on a seat. Outside a room it is a preview.
   * @param {OwnDevice} device
   * @throws {import("../media/devices.js").DeviceError | MicError}
   */
  async openDevice(device) {
    await this.bringHere();
    const isOnSeat = !!this.state?.me?.connection;
    const isLocked = isOnSeat && this.media.deviceState(device) === "locked"; // the server will say so; ask nobody
    this.wanted.add(device);
    try {
      if (!isLocked && !this.capture.works(device)) await this.capture.start(this.#kind());
      if (isOnSeat && this.media.deviceState(device) !== "open") await this.media.setOpen(device, true);
    } catch (error) {
      this.wanted.delete(device);
      throw error;
    }
  }

  /**
   * Has the own seat in this window: whoever opens a device here wants to be heard and seen from here.
   * @throws {MicError}
   */
  async bringHere() {
    if (this.state?.me?.connection && !this.room.isHere) await this.room.bringHere();
  }

  /**
   * @param {OwnDevice} device
   * @throws {MicError}
   */
  async closeDevice(device) {
    this.wanted.delete(device);
    if (!this.state?.me?.connection) {
      if (!this.wanted.size) this.capture.stop();
    } else await this.holdDevice(device);
  }

  /**
   * Closes a device for all others, but does not let go of it here.
   * @param {OwnDevice} device
   * @throws {MicError}
   */
  async holdDevice(device) {
    if (this.state?.me?.connection && this.media.deviceState(device) === "open")
      await this.media.setOpen(device, false);
  }

  /**
   * What is to be shown of somebody; null when there is no picture.
   * @param {ConnectedUser} user
   * @param {"camera" | "screen"} kind
   * @returns {MediaStream | null}
   */
  picture(user, kind) {
    if (!this.#in || user[kind] !== "open") return null;
    const { room, media } = this.#in;
    const isMe = user.userId === room.state.me?.user.userId && room.isHere;
    if (kind === "screen") return isMe ? media.screen.stream : (media.watch?.streams.get("screen")?.video ?? null);
    if (user.media !== "video") return null;
    return isMe ? this.capture.stream : (media.watch?.streams.get(user.seatIndex)?.video ?? null);
  }

  /** Plays everybody on a seat but the own person and those who are not to be heard. */
  hear() {
    /** @type {Map<string, MediaStream>} */
    const sounds = new Map();
    for (const { userId, seatIndex } of this.state?.connectedUsers ?? []) {
      const stream = this.#in?.media.watch?.streams.get(seatIndex)?.audio;
      const isHeard = userId !== this.state?.me?.user.userId && !this.unheard.has(userId);
      if (stream?.getTracks().length && isHeard) sounds.set(userId, stream);
    }
    this.player.sync(sounds, {});
  }

  /** An audio seat takes no picture, and a picture that runs is kept. */
  #kind() {
    if (this.state?.me?.connection?.media === "audio") return "audio";
    return this.wanted.has("camera") ? "video" : (this.capture.media ?? "audio");
  }

  #here() {
    if (!this.#in) throw refuse("NOT_IN_ROOM");
    return this.#in;
  }

  /** A line that is closed for good leaves the room. @param {MicRoom} room */
  #look(room) {
    if (this.#in?.room === room && room.state.status.phase === "closed") this.close();
  }
}

/** @type {Record<number, import("../protocol.js").ErrorCode>} what a close for good means to somebody who enters */
const REFUSED = {
  [CloseCode.LOGIN]: "BAD_TICKET",
  [CloseCode.FORBIDDEN]: "FORBIDDEN",
  [CloseCode.NO_ROOM]: "NO_ROOM",
  [CloseCode.SESSION_OVER]: "ROOM_ENDED",
  [CloseCode.REMOVED]: "BANNED",
  [CloseCode.VERSION]: "VERSION",
};

const TRIES = 3; // so often the server may be out of reach before whoever enters is told so

/**
 * What keeps somebody out. A crowd at the door and a line that breaks pass by themselves; the rest does not.
 * @param {import("../socket.js").SocketStatus} status
 * @param {number} cuts  so often no line came about
 * @returns {Error | null} null while it is worth waiting
 */
function refusalOf({ phase, code, text, refusal, ticketError }, cuts) {
  if (phase === "connecting" || phase === "open") return null;
  if (ticketError !== undefined) {
    const why = ticketError instanceof Error ? ticketError.message : String(ticketError);
    return new FacadeError(-1002, "TICKET", `No join ticket could be fetched. ${why}`.trim(), { cause: ticketError });
  }
  if (refusal?.code === ErrorCode.COME_BACK && phase === "waiting") return null;
  if (refusal) return new MicError(refusal.code, refusal.message, refusal);
  const known = REFUSED[code];
  if (known && (phase === "closed" || code === CloseCode.LOGIN)) {
    return new MicError(known, text, { number: ERRORS[known].number });
  }
  if (phase === "closed") return new MicError("SOCKET_CLOSED", text || "The line is closed.");
  return cuts < TRIES ? null : new MicError("SOCKET_LOST", text, { number: -1300, temporary: true });
}

/**
 * Settles with the first picture of the room.
 * @param {MicRoom} room  that has been told to connect
 */
async function arrival(room) {
  let cuts = 0;
  /** @type {object | null} */
  let last = null;
  /** @type {Error | null} */
  let refusal = null;
  await until(room, ({ info, status }) => {
    if (status.phase === "waiting" && status !== last && status.refusal?.code !== ErrorCode.COME_BACK) cuts++;
    last = status;
    refusal = refusalOf(status, cuts);
    return refusal !== null || (status.phase === "open" && info !== null);
  });
  if (refusal) throw refusal;
}

/**
 * @param {MicRoom} room
 * @param {(state: import("../room.js").RoomView) => boolean} isSo
 * @returns {Promise<void>}
 */
function until(room, isSo) {
  return new Promise((resolve) => {
    const done = new AbortController();
    const look = () => {
      if (!isSo(room.state)) return;
      done.abort();
      resolve();
    };
    room.addEventListener("change", look, { signal: done.signal });
    look();
  });
}
