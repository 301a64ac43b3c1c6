/** Sees and hears the room: one slot per seat and one for a shared screen; the SDP stays the same when seats change. */

import { Peer } from "./peer.js";

/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("../room.js").Slot} Slot */

/**
 * What came in for one seat.
 * @typedef {object} SeatStats
 * @property {number} audioBytes
 * @property {number} audioEnergy
 * @property {number} videoBytes
 * @property {number} framesDecoded
 */

/** @typedef {{audio: MediaStream, video: MediaStream}} SeatStreams */

/** @typedef {number | "screen"} Place  a seat index, or the shared screen, which has no sound */

/** Fires `streams` when tracks came in. */
export class Watcher extends Peer {
  /** @type {Slot[]} */
  slots = [];
  /** @type {Map<Place, SeatStreams>} */
  streams = new Map();

  /**
   * @param {MicRoom} room
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} [open]
   */
  constructor(room, open) {
    super(open);
    this.room = room;
    this.pc.addEventListener("track", (event) => this.#take(event));
  }

  /** @throws {import("../errors.js").MicError} */
  async start() {
    const { sdp, watchId, slots } = await this.room.watch();
    if (this.isClosed) return;
    this.slots = slots;
    for (const slot of slots) this.streams.set(placeOf(slot), { audio: new MediaStream(), video: new MediaStream() });
    await this.pc.setRemoteDescription({ type: "offer", sdp });
    const answer = await this.pc.createAnswer();
    await this.pc.setLocalDescription(answer);
    await this.room.answer(watchId, answer.sdp ?? "");
  }

  /** @param {RTCTrackEvent} event */
  #take({ transceiver, track }) {
    const { mid } = transceiver;
    const slot = this.slots.find(({ audioMid, videoMid }) => mid === audioMid || mid === videoMid);
    const streams = slot && this.streams.get(placeOf(slot));
    if (!streams) return;
    (track.kind === "audio" ? streams.audio : streams.video).addTrack(track);
    this.dispatchEvent(new Event("streams"));
  }

  /**
   * What arrives for each seat, by seat index, and for the `screen`.
   * @returns {Promise<Partial<Record<Place, SeatStats>>>}
   */
  async stats() {
    const report = await this.pc.getStats();
    /** @type {Map<string, any>} inbound streams by mid */
    const inbound = new Map();
    report.forEach((entry) => {
      if (entry.type === "inbound-rtp") inbound.set(entry.mid, entry);
    });
    return Object.fromEntries(
      this.slots.map((slot) => {
        const [audio, video] = [inbound.get(slot.audioMid), inbound.get(slot.videoMid)];
        return [
          placeOf(slot),
          {
            audioBytes: audio?.bytesReceived ?? 0,
            audioEnergy: audio?.totalAudioEnergy ?? 0,
            videoBytes: video?.bytesReceived ?? 0,
            framesDecoded: video?.framesDecoded ?? 0,
          },
        ];
      }),
    );
  }

  /**
   * How loud each seat is now, 0 to 1, by seat index; seats from which nothing comes are left out.
   * @returns {Map<number, number>}
   */
  levels() {
    const levels = new Map();
    for (const transceiver of this.pc.getTransceivers()) {
      const slot = this.slots.find(({ audioMid }) => audioMid === transceiver.mid);
      const source = slot && transceiver.receiver.getSynchronizationSources()[0];
      if (slot && source?.audioLevel !== undefined) levels.set(slot.seatIndex, source.audioLevel);
    }
    return levels;
  }
}

/**
 * @param {Slot} slot
 * @returns {Place}
 */
function placeOf({ seatIndex, isScreen }) {
  return isScreen ? "screen" : seatIndex;
}
