/** Sees and hears the room: the server offers one slot per seat, and the SDP stays the same when seats change. */

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

/** Fires `streams` when tracks came in. */
export class Watcher extends Peer {
  /** @type {Slot[]} */
  slots = [];
  /** @type {Map<number, SeatStreams>} by seat index */
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
    for (const { seatIndex } of slots) {
      this.streams.set(seatIndex, { audio: new MediaStream(), video: new MediaStream() });
    }
    await this.pc.setRemoteDescription({ type: "offer", sdp });
    const answer = await this.pc.createAnswer();
    await this.pc.setLocalDescription(answer);
    await this.room.answer(watchId, answer.sdp ?? "");
  }

  /** @param {RTCTrackEvent} event */
  #take({ transceiver, track }) {
    const slot = this.slots.find(({ audioMid, videoMid }) => [audioMid, videoMid].includes(transceiver.mid ?? ""));
    const streams = slot && this.streams.get(slot.seatIndex);
    if (!streams) return;
    (track.kind === "audio" ? streams.audio : streams.video).addTrack(track);
    this.dispatchEvent(new Event("streams"));
  }

  /**
   * What arrives for each seat, by seat index.
   * @returns {Promise<Record<number, SeatStats>>}
   */
  async stats() {
    const report = await this.pc.getStats();
    /** @type {Map<string, any>} inbound streams by mid */
    const inbound = new Map();
    report.forEach((entry) => {
      if (entry.type === "inbound-rtp") inbound.set(entry.mid, entry);
    });
    return Object.fromEntries(
      this.slots.map(({ seatIndex, audioMid, videoMid }) => {
        const [audio, video] = [inbound.get(audioMid), inbound.get(videoMid)];
        return [
          seatIndex,
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
