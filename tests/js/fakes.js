/** Stand-ins for what a browser gives: a socket whose other end the test plays, and a peer connection. */

/** @typedef {import("../../static/micconnect/protocol.js").Snapshot} Snapshot */

/** A WebSocket whose server side is the test. */
export class FakeLine extends EventTarget {
  /** @type {any[]} frames the client sent */
  sent = [];
  isClosed = false;

  /** @param {string} data */
  send(data) {
    this.sent.push(JSON.parse(data));
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

/** Hands out one FakeLine per connect, and tickets with a number. */
export class FakeServer {
  /** @type {FakeLine[]} */
  lines = [];
  tickets = 0;

  options() {
    return {
      url: "ws://127.0.0.1/ws/rooms/r/",
      random: () => 1,
      fetchTicket: async () => `ticket-${++this.tickets}`,
      open: () => {
        const line = new FakeLine();
        this.lines.push(line);
        return /** @type {WebSocket} */ (/** @type {unknown} */ (line));
      },
    };
  }

  get line() {
    return /** @type {FakeLine} */ (this.lines.at(-1));
  }

  /**
   * Answers the newest connect with a snapshot.
   * @param {Partial<Snapshot>} [parts]
   */
  async welcome(parts) {
    await settled();
    this.line.open();
    this.line.say(snapshot(parts));
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
    title: "Open mic",
    status: /** @type {const} */ ("live"),
    host: { userId: "h", userName: "Hanna" },
    seatCount: 9,
    requestTimeoutS: 60,
    liveSince: "2026-01-01T12:00:00Z",
    endedAt: null,
    endReason: null,
    hostAwayUntil: null,
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
    ...parts,
  };
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
    viewerCount: 3,
    media: { family: "sdp", generation: 1, isUp: true },
    role: "audience",
    me: myState(),
    requests: null,
    ...parts,
  };
}
