/** Tells the room how long the way of the own sound and picture is; only this end can measure it everywhere. */

/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./peer.js").Peer} Peer */

const REPORT_MS = 5000;

/** While a publisher is up, its way to the media server and back is reported every five seconds. */
export class LineReport {
  /** @type {Peer | null} */
  #peer = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #room;

  /** @param {Pick<MicRoom, "reportLine">} room */
  constructor(room) {
    this.#room = room;
  }

  /**
   * Call it whenever the publisher or its state changes.
   * @param {Peer | null} publisher
   */
  follow(publisher) {
    this.#peer = publisher?.isUp ? publisher : null;
    if (!this.#peer) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else {
      this.#timer ??= setTimeout(() => void this.#report(), REPORT_MS);
    }
  }

  async #report() {
    try {
      const rttMs = this.#peer && (await roundTripMs(this.#peer.pc));
      if (rttMs !== null) await this.#room.reportLine({ rttMs });
    } catch {
      // a lost line is no news: the next report comes soon
    }
    this.#timer = undefined;
    this.follow(this.#peer);
  }
}

/**
 * How long the way to the other end and back took when it was measured last, in milliseconds; null when unknown.
 * @param {Pick<RTCPeerConnection, "getStats">} pc
 * @returns {Promise<number | null>}
 */
export async function roundTripMs(pc) {
  /** @type {Map<string, any>} */
  const entries = new Map();
  (await pc.getStats()).forEach((/** @type {any} */ entry) => entries.set(entry.id, entry));
  const all = [...entries.values()];
  const chosen = all.find(({ type }) => type === "transport")?.selectedCandidatePairId;
  // Firefox names no chosen pair but marks it
  const pair =
    entries.get(chosen) ??
    all.find(({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded");
  const seconds = pair?.currentRoundTripTime;
  return typeof seconds === "number" ? Math.round(seconds * 1000) : null;
}
