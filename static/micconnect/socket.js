/** One lasting line to a room: connects, says hello, keeps alive, and comes back by itself. */

import { MicError } from "./errors.js";
import { TOLD_MAX_MS, WINDOW_MIN_MS, pauseBefore } from "./pauses.js";
import { CLOSES, COMMANDS, CloseCode, ErrorCode, WIRE_VERSION } from "./protocol.js";

/** @typedef {import("./protocol.js").ClientMessage} ClientMessage */
/** @typedef {import("./protocol.js").Cursors} Cursors */
/** @typedef {import("./protocol.js").ErrorInfo} ErrorInfo */
/** @typedef {import("./protocol.js").Reply} Reply */
/** @typedef {import("./protocol.js").Result} Result */
/** @typedef {import("./protocol.js").ServerFrame} ServerFrame */

/**
 * `connecting` first time · `open` the picture is whole · `waiting` cut, comes back by itself · `closed` for good.
 * @typedef {object} SocketStatus
 * @property {"connecting" | "open" | "waiting" | "closed"} phase
 * @property {number} code  close code of the last cut; 0 when there was none
 * @property {string} text  why, in plain English; empty while all is well
 * @property {ErrorInfo | null} [refusal]  what the server said against the hello before it closed
 * @property {unknown} [ticketError]  what `fetchTicket` threw, when that is why there is no line
 * @property {number} [retryAt]  while `waiting`: when the next attempt begins, in milliseconds by performance.now()
 */

/**
 * What a reply without an error carries.
 * @typedef {object} Answered
 * @property {number} seq  the room's number after the command
 * @property {Result | null} result
 */

/**
 * @typedef {object} Pending
 * @property {string} frame
 * @property {boolean} isCommand
 * @property {(answered: Answered) => void} resolve
 * @property {(error: Error) => void} reject
 */

/**
 * What the socket needs from outside; tests hand in their own.
 * @typedef {object} SocketOptions
 * @property {string | URL} url
 * @property {() => Promise<string>} fetchTicket  a fresh join ticket; a MicError that is not temporary ends the line
 * @property {string} [windowId]  which of the person's windows this is; at most 32 letters, digits, "_" and "-"
 * @property {(url: string | URL) => WebSocket} [open]
 * @property {() => number} [random]
 */

/**
 * What the line asks of the room that it serves.
 * @typedef {object} LineOwner
 * @property {() => Cursors | null} cursors  up to where the room was heard; null asks for a snapshot
 * @property {() => number} windowMs  the first attempt after a cut falls anywhere in here, in milliseconds
 */

export const PING_MS = 20_000;
export const DEAD_MS = 45_000;
export const HELLO_MS = 10_000;
export const RESUME_MS = 10_000;
const WATCH_MS = 5000; // how often the line is looked at
const CROWDED = "Many people are arriving.";
const SWALLOWED_MAX = 3; // attempts in a row of which only the ticket came through
const UNSUPPORTED =
  "This browser cannot keep a live connection: WebSocket is missing or switched off. Use another browser.";

/** @type {LineOwner} */
const NOBODY = { cursors: () => null, windowMs: () => WINDOW_MIN_MS };

/** Fires `status`, and `frame` (detail: ServerFrame) for all that tells of the room. */
export class MicSocket extends EventTarget {
  /** @type {SocketStatus} */
  status = { phase: "connecting", code: 0, text: "" };
  /** @type {Map<string, Pending>} in the order in which they were asked */
  #pending = new Map();
  /** @type {WebSocket | null} */
  #line = null;
  #attempt = 0;
  #swallowed = 0; // attempts in a row in which the server was reached, but not one word came over the line
  /** @type {ErrorInfo | null} */
  #refusal = null;
  /** @type {unknown} */
  #ticketError;
  #round = 0; // tells answers to an older attempt from those to the present one
  #heardAt = 0;
  #pingedAt = 0;
  #refs = 0;
  #refStart = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #helloTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} set while an answer to `resume` is due */
  #resumeTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #pingTimer;
  #options;
  #owner;

  /**
   * @param {SocketOptions} options
   * @param {LineOwner} [owner]
   */
  constructor(options, owner = NOBODY) {
    super();
    this.#owner = owner;
    this.#options = {
      open: (/** @type {string | URL} */ url) => new WebSocket(url),
      random: Math.random,
      ...options,
    };
  }

  /** Connects now, also after a close for good, and without waiting for a running pause. */
  start() {
    if (this.#line && this.status.phase === "open") return;
    this.#drop();
    const { phase, code, text } = this.status;
    if (phase === "closed") this.#setStatus("connecting");
    else if (phase === "waiting") this.#setStatus("waiting", code, text);
    void this.#connect();
  }

  /** Ends the line for good; open questions are refused. */
  stop() {
    this.#drop();
    this.#close(1000, "");
  }

  /** Cuts the line and connects again at once, with a fresh ticket (after a change of name). */
  restart() {
    this.#drop();
    this.#cut("", 1000);
    this.start();
  }

  /**
   * Sends one message and waits for its reply. Commands survive a cut line: they are sent again with the same ref,
   * and the server answers a repeated ref with the same answer. Queries do not.
   * @param {ClientMessage} message
   * @returns {Promise<Answered>}
   * @throws {MicError} the server's refusal, SOCKET_LOST (a query only) or SOCKET_CLOSED
   */
  request(message) {
    const isCommand = /** @type {readonly string[]} */ (COMMANDS).includes(message.type);
    if (this.status.phase === "closed") {
      return Promise.reject(new MicError("SOCKET_CLOSED", this.status.text || "The line is closed."));
    }
    if (!isCommand && this.status.phase !== "open") return Promise.reject(socketLost());
    const ref = `${this.#refStart}-${++this.#refs}`;
    return new Promise((resolve, reject) => {
      const frame = JSON.stringify({ ...message, ref });
      this.#pending.set(ref, { frame, isCommand, resolve, reject });
      if (this.status.phase === "open") this.#line?.send(frame);
    });
  }

  /** Something was missed on this line: asks for it, once. Without an answer the line is given up. */
  resume() {
    const cursors = this.#owner.cursors();
    if (this.status.phase !== "open" || this.#resumeTimer !== undefined || !cursors) return;
    const round = this.#round;
    this.#resumeTimer = setTimeout(() => this.#lost(round, 0, "The server does not answer."), RESUME_MS);
    this.#line?.send(JSON.stringify({ type: "resume", cursors }));
  }

  async #connect() {
    const round = ++this.#round;
    this.#refusal = null;
    this.#ticketError = undefined;
    let ticket;
    try {
      ticket = await this.#options.fetchTicket();
    } catch (error) {
      if (round !== this.#round) return;
      this.#ticketError = error;
      this.#swallowed = 0; // not only the line is cut
      if (error instanceof MicError && !error.temporary) this.#close(CloseCode.FORBIDDEN, error.message);
      else this.#retry(0, "The server cannot be reached.");
      return;
    }
    if (round !== this.#round) return;
    let line;
    try {
      line = this.#options.open(this.#options.url);
    } catch {
      this.#close(0, UNSUPPORTED);
      return;
    }
    this.#line = line;
    this.#swallowed++;
    this.#helloTimer = setTimeout(() => this.#lost(round, 0, "The server does not answer."), HELLO_MS);
    line.addEventListener("open", () => {
      const cursors = this.#owner.cursors();
      const resume = cursors ? { resume: cursors } : {};
      const { windowId = "" } = this.#options;
      line.send(JSON.stringify({ type: "hello", ticket, versions: [WIRE_VERSION], windowId, ...resume }));
    });
    line.addEventListener("message", (event) => {
      if (round === this.#round) this.#hear(String(event.data));
    });
    line.addEventListener("close", (event) => this.#lost(round, event.code, ""));
  }

  /** @param {string} data */
  #hear(data) {
    this.#heardAt = performance.now();
    this.#swallowed = 0;
    /** @type {ServerFrame} */
    const frame = JSON.parse(data);
    if (frame.type === "reply") {
      this.#answer(frame);
    } else if (frame.type === "goingAway") {
      this.#lost(this.#round, CloseCode.GOING_AWAY, "", frame.retryInMs);
    } else {
      const isWhole = frame.type === "snapshot" || frame.type === "resumed";
      if (isWhole) this.#endResume();
      const round = this.#round;
      this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
      if (isWhole && round === this.#round && this.status.phase !== "open") this.#welcome();
    }
  }

  /** The picture is whole: the line counts as open, and what was asked before the cut is asked again. */
  #welcome() {
    clearTimeout(this.#helloTimer);
    this.#attempt = 0;
    this.#setStatus("open");
    for (const { frame } of this.#pending.values()) this.#line?.send(frame);
    this.#pingedAt = performance.now();
    this.#pingTimer = setInterval(() => this.#beat(), WATCH_MS);
  }

  #endResume() {
    clearTimeout(this.#resumeTimer);
    this.#resumeTimer = undefined;
  }

  #beat() {
    const now = performance.now();
    if (now - this.#heardAt >= DEAD_MS) {
      this.#lost(this.#round, 0, "The line went quiet.");
    } else if (now - this.#pingedAt >= PING_MS) {
      this.#pingedAt = now;
      this.#line?.send('{"type":"ping"}');
    }
  }

  /** @param {Reply} reply */
  #answer({ ref, seq, result, error }) {
    if (ref === null) {
      if (error) this.#refuse(error);
      return;
    }
    const pending = this.#pending.get(ref);
    if (!pending) return;
    this.#pending.delete(ref);
    if (error) pending.reject(new MicError(error.code, error.message, { ...error, result }));
    else pending.resolve({ seq, result });
  }

  /**
   * The server says something against the hello, or against the line itself; a close follows.
   * @param {ErrorInfo} error
   */
  #refuse(error) {
    if (this.status.phase !== "open" || error.code === ErrorCode.COME_BACK) this.#refusal = error;
    const { retryInMs } = error.details;
    if (error.code === ErrorCode.VERSION) this.#close(CloseCode.VERSION, error.message);
    else if (error.code === ErrorCode.COME_BACK) {
      this.#lost(this.#round, CloseCode.FULL, CROWDED, typeof retryInMs === "number" ? retryInMs : undefined);
    }
  }

  /**
   * @param {number} round
   * @param {number} code
   * @param {string} text  empty for what the table of closes says
   * @param {number} [retryInMs]  the pause that the server wants
   */
  #lost(round, code, text, retryInMs) {
    if (round !== this.#round) return;
    this.#drop();
    const known = CLOSES[code];
    if (known && !known.retry) this.#close(code, known.text);
    else this.#retry(code, this.#blockedText(code) || text || (known?.text ?? ""), retryInMs);
  }

  /**
   * What to do about a network that lets pages through and no lines; empty while that is not known.
   * @param {number} code
   */
  #blockedText(code) {
    if (this.#swallowed < SWALLOWED_MAX || CLOSES[code]) return "";
    const { protocol, host } = new URL(this.#options.url);
    return (
      "This network lets pages through, but no live connections (WebSocket). " +
      `Ask whoever runs it to allow ${protocol}//${host}, or use another network.`
    );
  }

  /**
   * @param {number} code
   * @param {string} text
   * @param {number} [retryInMs]
   */
  #retry(code, text, retryInMs) {
    const told = retryInMs === undefined ? undefined : Math.min(retryInMs, TOLD_MAX_MS);
    const pause = told ?? pauseBefore(this.#attempt, this.#owner.windowMs(), this.#options.random());
    this.#attempt++;
    this.#retryTimer = setTimeout(() => void this.#connect(), pause);
    this.#cut(text || "The connection was lost.", code, performance.now() + pause);
  }

  /**
   * The line is gone, but comes back: queries cannot be repeated, for what they asked about went with the line.
   * @param {string} text
   * @param {number} code
   * @param {number} [retryAt]
   */
  #cut(text, code, retryAt) {
    for (const [ref, pending] of this.#pending) {
      if (pending.isCommand) continue;
      this.#pending.delete(ref);
      pending.reject(socketLost());
    }
    this.#setStatus("waiting", code, text, retryAt);
  }

  /**
   * @param {number} code
   * @param {string} text
   */
  #close(code, text) {
    this.#drop();
    for (const pending of this.#pending.values()) {
      pending.reject(new MicError("SOCKET_CLOSED", text || "The line is closed."));
    }
    this.#pending.clear();
    this.#attempt = 0;
    this.#setStatus("closed", code, text);
  }

  /** Forgets the present line without a word to anybody. */
  #drop() {
    this.#round++;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#helloTimer);
    clearInterval(this.#pingTimer);
    this.#endResume();
    const line = this.#line;
    this.#line = null;
    line?.close();
  }

  /**
   * @param {SocketStatus["phase"]} phase
   * @param {number} [code]
   * @param {string} [text]
   * @param {number} [retryAt]
   */
  #setStatus(phase, code = 0, text = "", retryAt) {
    this.status = { phase, code, text };
    if (retryAt !== undefined) this.status.retryAt = retryAt;
    if (phase === "waiting" || phase === "closed") {
      if (this.#refusal) this.status.refusal = this.#refusal;
      if (this.#ticketError !== undefined) this.status.ticketError = this.#ticketError;
    }
    this.dispatchEvent(new CustomEvent("status", { detail: this.status }));
  }
}

function socketLost() {
  return new MicError("SOCKET_LOST", "The connection was lost. Try again when it is back.", { temporary: true });
}
