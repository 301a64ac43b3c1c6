/** Stand-ins for what a browser gives: a socket whose other end the test plays, and a peer connection. */

/** @typedef {import("../../static/micconnect/protocol.js").Snapshot} Snapshot */

/** A WebSocket whose server side is the test. */
export class FakeLine extends EventTarget {
  /** @type {any[]} frames the client sent */
  sent = [];
  isClosed = false;
  /** @type {((frame: any) => void) | null} */
  onSent = null;

  /** @param {string} data */
  send(data) {
    this.sent.push(JSON.parse(data));
    this.onSent?.(this.sent.at(-1));
  }

  close() {
    this.isClosed = true;
  }

  /** The line is up: the client will say hello. */
  open() {
    this.dispatchEvent(new Event("open"));
  }

  /** @param {object} frame */
  say(frame) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  /** @param {number} code */
  cut(code) {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  /** @param {string} type */
  last(type) {
    return this.sent.filter((frame) => frame.type === type).at(-1);
  }
}

/** What the page under test calls its window. */
export const WINDOW = "w1";

/** Hands out one FakeLine per connect, and tickets with a number. */
export class FakeServer {
  /** @type {FakeLine[]} */
  lines = [];
  tickets = 0;
  /** @type {Error | null} what asking for a ticket comes to */
  ticketError = null;
  /**
   * What the server says by itself to a command of that type, as soon as the client waits; null leaves all to the test.
   * @type {Record<string, {result?: object, error?: object}> | null}
   */
  answers = null;
  chance = 1; // what the client's dice show

  options() {
    return {
      url: "ws://127.0.0.1/ws/rooms/r/",
      windowId: WINDOW,
      random: () => this.chance,
      fetchTicket: async () => {
        if (this.ticketError) throw this.ticketError;
        return `ticket-${++this.tickets}`;
      },
      open: () => {
        const line = new FakeLine();
        line.onSent = (frame) => this.#answer(line, frame);
        this.lines.push(line);
        return /** @type {WebSocket} */ (/** @type {unknown} */ (line));
      },
    };
  }

  get line() {
    return /** @type {FakeLine} */ (this.lines.at(-1));
  }

  /**
   * @param {FakeLine} line
   * @param {{type: string, ref?: string}} frame
   */
  #answer(line, { type, ref }) {
    if (!this.answers || !ref) return;
    const { result = null, error = null } = this.answers[type] ?? {};
    queueMicrotask(() => line.say({ type: "reply", ref, seq: 10, result, error }));
  }

  /**
   * Answers the newest connect with a snapshot.
   * @param {Partial<Snapshot>} [parts]
   */
  async welcome(parts) {
    await this.greet(snapshot(parts));
  }

  /**
   * Answers the newest connect.
   * @param {object} frame
   */
  async greet(frame) {
    await settled();
    this.line.open();
    this.line.say(frame);
    await settled();
  }
}

/** Lets every promise that can go on go on. */
export async function settled() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/**
 * @param {Partial<import("../../static/micconnect/protocol.js").LiveInfo>} [parts]
 */
export function liveInfo(parts) {
  return {
    roomId: "r",
    status: /** @type {const} */ ("live"),
    host: { userId: "h", userName: "Hanna" },
    options: roomOptions(),
    seatCount: 9,
    moderators: [],
    spotlight: null,
    liveSince: "2026-01-01T12:00:00Z",
    endedAt: null,
    endReason: null,
    hostAwaySince: null,
    hostAwayUntil: null,
    carriedOnBy: null,
    ...parts,
  };
}

/**
 * @param {Partial<import("../../static/micconnect/protocol.js").RoomOptions>} [parts]
 */
export function roomOptions(parts) {
  return {
    title: "Open mic",
    cover: "",
    layout: /** @type {const} */ ("600"),
    seatCount: 9,
    seatMode: /** @type {const} */ ("apply"),
    isPaused: false,
    isAutoAccepting: false,
    queueOrder: /** @type {const} */ ("arrival"),
    requestTimeoutS: 60,
    needsLogin: false,
    minStayS: 0,
    maxTurns: 0,
    isAudioOnly: false,
    timeLimitS: 0,
    isRotating: false,
    hasBackstage: false,
    keepOwnerOnSeat: true,
    hostAwayS: 120,
    isCarriedOn: true,
    isArrivingMuted: false,
    mayUnmute: true,
    allowsUnnamed: false,
    ...parts,
  };
}

/**
 * @param {Partial<import("../../static/micconnect/protocol.js").MyState>} [parts]
 */
export function myState(parts) {
  return {
    user: { userId: "g", userName: "Gil" },
    request: null,
    place: null,
    connection: null,
    lastRequest: null,
    lastConnection: null,
    canApplyAt: null,
    locked: [],
    likelyAt: null,
    isModerator: null,
    bar: null,
    window: parts?.connection || parts?.request ? WINDOW : null,
    ...parts,
  };
}

/**
 * @param {Partial<import("../../static/micconnect/protocol.js").ConnectedUser>} [parts]
 */
export function connection(parts) {
  return {
    userId: "g",
    userName: "Gil",
    seatIndex: 1,
    connectionId: "c7",
    media: /** @type {const} */ ("video"),
    state: /** @type {const} */ ("live"),
    microphone: /** @type {const} */ ("open"),
    camera: /** @type {const} */ ("open"),
    since: "2026-01-01T12:00:10Z",
    deadline: null,
    screen: /** @type {const} */ ("closed"),
    stalled: /** @type {import("../../static/micconnect/protocol.js").Device[]} */ ([]),
    shut: /** @type {import("../../static/micconnect/protocol.js").Device[]} */ ([]),
    isBackstage: false,
    isReady: false,
    endsAt: null,
    asks: null,
    asked: null,
    ...parts,
  };
}

/**
 * @param {Partial<import("../../static/micconnect/protocol.js").RequestInfo>} [parts]
 */
export function request(parts) {
  return {
    requestId: "r5",
    kind: /** @type {const} */ ("application"),
    user: { userId: "g", userName: "Gil" },
    media: /** @type {const} */ ("video"),
    state: /** @type {const} */ ("pending"),
    createdAt: "2026-01-01T12:00:00Z",
    isPresent: true,
    note: "",
    expiresAt: "2026-01-01T12:01:00Z",
    endedAt: null,
    operator: null,
    cause: null,
    reason: null,
    answerNote: "",
    seatIndex: -1,
    extraInfo: "",
    refusals: 0,
    locked: [],
    limitS: 0,
    spokenS: 0,
    ...parts,
  };
}

/**
 * Ten empty seats, but for those named.
 * @param {Record<number, Partial<import("../../static/micconnect/protocol.js").SeatInfo>>} [taken]  by seat index
 */
export function seats(taken = {}) {
  const empty = { userId: "", isLocked: false, isMicrophoneLocked: false, isCameraLocked: false };
  return Array.from({ length: 10 }, (_, seatIndex) => ({ seatIndex, ...empty, ...taken[seatIndex] }));
}

/**
 * @param {Partial<Snapshot>} [parts]
 * @returns {Snapshot}
 */
export function snapshot(parts) {
  return {
    type: "snapshot",
    version: 1,
    seq: 10,
    epoch: "e",
    serverTime: "2026-01-01T12:00:00Z",
    info: liveInfo(),
    connectedUsers: [],
    seats: seats(),
    metadata: {},
    viewerCount: 3,
    media: { family: "sdp", generation: 1, isUp: true, hasRelay: false },
    role: "audience",
    me: myState(),
    requests: null,
    sanctions: null,
    links: null,
    ...parts,
  };
}

/**
 * @param {Partial<import("../../static/micconnect/protocol.js").Resumed>} [parts]
 * @returns {import("../../static/micconnect/protocol.js").Resumed}
 */
export function resumed(parts) {
  return {
    type: "resumed",
    seq: 10,
    epoch: "e",
    serverTime: "2026-01-01T12:00:00Z",
    viewerCount: 3,
    media: { family: "sdp", generation: 1, isUp: true, hasRelay: false },
    frames: [],
    ...parts,
  };
}

/**
 * A frame of callbacks.
 * @param {number | null} seq
 * @param {object[]} told
 * @param {{lane?: "room" | "staff" | "me", after?: number | null}} [more]
 * @returns {import("../../static/micconnect/protocol.js").Callbacks}
 */
export function frame(seq, told, { lane = "room", after = null } = {}) {
  const callbacks = /** @type {import("../../static/micconnect/protocol.js").Callback[]} */ (told);
  return { type: "callbacks", lane, seq, after, serverTime: "2026-01-01T12:00:01Z", callbacks };
}
