/** A small server of one room: it keeps numbers, lanes and a history, and its lines lose, repeat and delay frames. */

import { FakeLine, frame, liveInfo, myState, request, resumed, roomOptions, seats, snapshot } from "./fakes.js";

/** @typedef {import("../../static/micconnect/protocol.js").Callbacks} Callbacks */
/** @typedef {import("../../static/micconnect/protocol.js").Cursors} Cursors */
/** @typedef {import("../../static/micconnect/protocol.js").Role} Role */
/** @typedef {import("../../static/micconnect/protocol.js").Snapshot} Snapshot */
/** @typedef {"room" | "staff" | "me"} Lane */

const STATES = /^on.*(Changed|Updated)$/;

/** A source of chance that can be repeated. */
export class Dice {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed;
  }

  /** From 0 up to, not including, 1. */
  next = () => {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };

  /** @param {number} count */
  below(count) {
    return Math.floor(this.next() * count);
  }
}

/**
 * One frame as the room told it, for one listener; `isGrant` opens the staff's lane.
 * @typedef {{frame: Callbacks, isGrant: boolean}} Told
 */

/** Serves one listener, who is the host or somebody of the audience whom the host makes a helper and back. */
export class ModelServer {
  seq = 1;
  epoch = "e1";
  floor = 1;
  /** @type {Told[]} */
  told = [];
  /** @type {FakeLine | null} */
  line = null;
  /** @type {object[]} what is on its way to the listener */
  outbox = [];
  isDeaf = false; // frames do not reach the line
  isBehind = false; // the next snapshot is of an older state
  isCrowded = false; // the next hello is sent away
  replays = 0;
  snapshots = 0;
  /** @type {Map<number, number>} the moments that the listener should hear: number by mark */
  due = new Map();
  /** @type {Set<number>} moments that a snapshot stood in for */
  excused = new Set();
  #marks = 0;
  #after = { room: 1, staff: 1, me: 1 };
  /** @type {Callbacks[]} of the room's lane, until the next tick */
  #waiting = [];
  /** @type {Snapshot[]} the newest last */
  #pictures = [];
  #isHelper = false;
  #dice;
  #ticketRole;
  /** @type {Partial<Snapshot>} */
  #parts = {
    info: liveInfo(),
    connectedUsers: [],
    seats: seats(),
    metadata: {},
    me: myState(),
    requests: [],
    sanctions: [],
    links: [],
  };

  /**
   * @param {Dice} dice
   * @param {"host" | "audience"} ticketRole
   */
  constructor(dice, ticketRole) {
    this.#dice = dice;
    this.#ticketRole = ticketRole;
    this.#pictures.push(this.picture());
  }

  options() {
    return {
      url: "ws://127.0.0.1/ws/rooms/r/",
      random: this.#dice.next,
      fetchTicket: async () => "ticket",
      open: () => {
        const line = new FakeLine();
        line.onSent = (message) => this.#hear(line, message);
        queueMicrotask(() => line.open());
        return /** @type {WebSocket} */ (/** @type {unknown} */ (line));
      },
    };
  }

  /** @returns {Role} */
  get role() {
    return this.#ticketRole === "audience" && this.#isHelper ? "moderator" : this.#ticketRole;
  }

  get isStaff() {
    return this.role !== "audience";
  }

  /** What somebody who comes now is told. */
  picture() {
    const hidden = this.isStaff ? {} : { requests: null, sanctions: null, links: null };
    return snapshot({ ...this.#parts, ...hidden, role: this.role, seq: this.seq, epoch: this.epoch });
  }

  // -- the room

  /** Something happens: one number, one frame in each lane that it concerns. */
  change() {
    this.seq++;
    const news = { room: this.#maybe("room"), staff: this.#maybe("staff"), me: this.#maybe("me") };
    const isGrant = this.#ticketRole === "audience" && this.#dice.below(40) === 0 && this.#setHelper(news);
    for (const lane of /** @type {const} */ (["room", "staff", "me"])) {
      if (news[lane].length > 0) this.#tell(lane, news[lane], isGrant && lane === "me");
    }
    this.#pictures.push(this.picture());
    if (this.#pictures.length > 4) this.#pictures.shift();
  }

  /**
   * @param {{me: object[], staff: object[]}} news
   * @returns {boolean} whether the listener became a helper
   */
  #setHelper(news) {
    this.#isHelper = !this.#isHelper;
    this.#parts.me = { .../** @type {Snapshot["me"]} */ (this.#parts.me), isModerator: this.#isHelper };
    news.me = news.me.filter((callback) => !("me" in callback));
    news.me.push({ type: "onMyStateUpdated", me: this.#parts.me });
    news.staff = news.staff.filter((callback) => !("mark" in callback));
    const { requests, sanctions, links } = this.#parts;
    if (this.#isHelper) {
      news.me.push({ type: "onRequestsUpdated", requests });
      news.me.push({ type: "onSanctionsUpdated", sanctions }, { type: "onInviteLinksUpdated", links });
    }
    return this.#isHelper;
  }

  /**
   * @param {Lane} lane
   * @returns {object[]} states first, then moments
   */
  #maybe(lane) {
    if (this.#dice.below(2) === 0) return [];
    const n = this.seq;
    /** @type {Record<Lane, [string, keyof Snapshot, any][]>} */
    const states = {
      room: [
        ["onLiveInfoChanged", "info", liveInfo({ options: roomOptions({ title: `title ${n}` }) })],
        ["onRoomMetadataChanged", "metadata", { n: String(n) }],
        ["onSeatListChanged", "seats", seats({ [n % 9]: { isLocked: true } })],
      ],
      staff: [
        ["onRequestsUpdated", "requests", [request({ requestId: `r${n}` })]],
        ["onSanctionsUpdated", "sanctions", [{ sanctionId: `x${n}` }]],
        ["onInviteLinksUpdated", "links", [{ linkId: `l${n}` }]],
      ],
      me: [["onMyStateUpdated", "me", { ...this.#parts.me, place: n }]],
    };
    const moment = {
      room: "onUserConnectionExited",
      staff: "onDeviceRequested",
      me: "onDeviceAsked",
    }[lane];
    /** @type {object[]} */
    const callbacks = [];
    for (const [type, part, value] of states[lane]) {
      if (this.#dice.below(2) === 0) continue;
      Object.assign(this.#parts, { [part]: value });
      callbacks.push({ type, [part]: value });
    }
    if (this.#dice.below(2) === 0) callbacks.push({ type: moment, mark: ++this.#marks });
    return callbacks;
  }

  /**
   * @param {Lane} lane
   * @param {object[]} callbacks
   * @param {boolean} isGrant
   */
  #tell(lane, callbacks, isGrant) {
    const news = frame(this.seq, callbacks, { lane, after: this.#after[lane] });
    this.#after[lane] = this.seq;
    if (lane === "staff" && !this.isStaff) return;
    this.told.push({ frame: news, isGrant });
    for (const callback of callbacks) {
      if ("mark" in callback) this.due.set(/** @type {number} */ (callback.mark), this.seq);
    }
    if (lane === "room") this.#waiting.push(news);
    else this.#write(news);
  }

  /** Writes what gathered for everybody. */
  tick() {
    const gathered = condensed(this.#waiting.splice(0));
    if (gathered.length === 1) this.#write(/** @type {Callbacks} */ (gathered[0]));
    else if (gathered.length > 1) this.#write({ type: "batch", frames: gathered });
  }

  // -- the line

  /** @param {object} message */
  #write(message) {
    if (this.line && !this.isDeaf) this.outbox.push(message);
  }

  /** Says again what was said before. */
  repeat() {
    const old = this.told[this.#dice.below(this.told.length)];
    if (old) this.#write(old.frame);
  }

  /** @param {number} count  of frames that arrive now */
  deliver(count) {
    for (const message of this.outbox.splice(0, count)) this.line?.say(message);
  }

  /** @param {number} code */
  cut(code) {
    const { line } = this;
    this.line = null;
    this.outbox = [];
    line?.cut(code);
  }

  /** What is older cannot be told any more. */
  forget() {
    this.floor = Math.max(this.floor, this.seq - this.#dice.below(40));
  }

  /** Another history begins. */
  startAnew() {
    this.epoch = `${this.epoch}+`;
    this.floor = this.seq;
    this.cut(1001);
  }

  /**
   * @param {FakeLine} line
   * @param {any} message
   */
  #hear(line, message) {
    if (message.type === "hello") {
      this.outbox = [];
      this.line = line;
      if (this.isCrowded) this.#sendAway();
      else this.#catchUp(message.resume ?? null, true);
    } else if (line !== this.line) {
      return;
    } else if (message.type === "resume") {
      this.#catchUp(message.cursors, false);
    } else if (message.type === "ping") {
      const waiting = this.#waiting[0];
      const room = waiting ? (waiting.after ?? 0) : this.#after.room;
      const seq = waiting ? (waiting.seq ?? 0) - 1 : this.seq;
      const { staff, me } = this.#after;
      this.#write({ type: "pong", ref: null, serverTime: "2026-01-01T12:00:01Z", seq, room, staff, me });
    }
  }

  #sendAway() {
    this.isCrowded = false;
    const error = { code: "COME_BACK", number: -2, message: "", temporary: true, details: { retryInMs: 1500 } };
    this.outbox.push({ type: "reply", ref: null, seq: 0, result: null, error });
  }

  /**
   * @param {Cursors | null} cursors
   * @param {boolean} isFirst
   */
  #catchUp(cursors, isFirst) {
    const missed = cursors && this.#missed(cursors);
    if (missed) {
      this.replays++;
      const frames = condensed(missed);
      this.#write(resumed({ seq: this.seq, epoch: this.epoch, frames }));
      return;
    }
    this.snapshots++;
    const older = this.#pictures[0];
    const isOlder = this.isBehind && isFirst && older?.epoch === this.epoch && older.role === this.role;
    this.isBehind = false;
    const picture = isOlder ? older : this.picture();
    for (const [mark, seq] of this.due) if (seq <= picture.seq) this.excused.add(mark);
    this.#write(picture);
    // a process that was a step behind tells what it learns now
    for (const { frame: news } of this.told) if (isOlder && (news.seq ?? 0) > picture.seq) this.#write(news);
  }

  /** @param {Cursors} cursors */
  #missed(cursors) {
    const reached = [cursors.room, cursors.me, ...(this.isStaff ? [cursors.staff] : [])];
    if (cursors.epoch !== this.epoch || cursors.role !== this.role || this.isBehind) return null;
    if (Math.min(...reached) < this.floor || Math.max(...reached) > this.seq) return null;
    const missed = this.told.filter(({ frame: { seq, lane } }) => seq !== null && seq > cursors[lane]);
    return missed.some(({ isGrant }) => isGrant) ? null : missed.map((told) => told.frame);
  }
}

/**
 * The same news without the states that a later frame replaces; a frame that holds nothing then stays, empty.
 * @param {Callbacks[]} frames
 */
function condensed(frames) {
  const seen = new Set();
  return frames
    .reverse()
    .map((news) => {
      const callbacks = news.callbacks.filter(({ type }) => !STATES.test(type) || !seen.has(type));
      for (const { type } of callbacks) seen.add(type);
      return { ...news, callbacks };
    })
    .reverse();
}
