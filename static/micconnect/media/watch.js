/** Sees and hears the room: slots for seats and one for a shared screen; the SDP stays the same when seats change. */

import { Peer } from "./peer.js";

/** @typedef {import("../protocol.js").OnPicturesChanged} OnPicturesChanged */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("../room.js").Slot} Slot */

/**
 * What came in for one seat; of a picture that moves, what its slot brought, whoever it showed.
 * @typedef {object} SeatStats
 * @property {number} audioBytes
 * @property {number} audioEnergy
 * @property {number} videoBytes
 * @property {number} framesDecoded
 */

/** @typedef {{audio: MediaStream, video: MediaStream}} SeatStreams  `video` is empty while a seat is not shown */

/** @typedef {number | "screen"} Place  a seat index, or the shared screen, which has no sound */

/**
 * A moved picture is shown on its new tile so much later: until then it may still be that of somebody else.
 */
const SETTLE_MS = 500;

/** Fires `streams` when tracks came in or moved. */
export class Watcher extends Peer {
  /** @type {Slot[]} */
  slots = [];
  /** @type {Map<Place, SeatStreams>} */
  streams = new Map();
  /** @type {MediaStream[]} of the slots whose pictures move */
  #moving = [];
  /** @type {number[] | null} the seats that those show, as heard last; null until heard */
  #seats = null;
  /** @type {number[]} the seats under whose name they are shown */
  #shown = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settling;
  #unfollow;

  /**
   * @param {MicRoom} room
   * @param {object} [options]
   * @param {boolean} [options.hasPictures]  else only sound comes
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} [options.open]
   */
  constructor(room, { hasPictures = true, open } = {}) {
    super(open);
    this.room = room;
    this.hasPictures = hasPictures;
    this.pc.addEventListener("track", (event) => this.#take(event));
    const follow = (/** @type {Event} */ event) =>
      this.#hear(/** @type {CustomEvent<OnPicturesChanged>} */ (event).detail.seats);
    room.addEventListener("onPicturesChanged", follow);
    this.#unfollow = () => room.removeEventListener("onPicturesChanged", follow);
  }

  /** @throws {import("../errors.js").MicError} */
  async start() {
    const { sdp, watchId, slots, pictures } = await this.room.watch({ hasPictures: this.hasPictures });
    if (this.isClosed) return;
    this.slots = slots;
    for (const slot of slots) {
      if (slot.picture === null) this.streams.set(placeOf(slot), emptyStreams());
      else this.#moving[slot.picture] = new MediaStream();
    }
    // what was told since the question is at least as new as the answer to it
    this.#seats ??= pictures;
    if (this.isMoving) this.#show(this.#seats);
    await this.pc.setRemoteDescription({ type: "offer", sdp });
    const answer = await this.pc.createAnswer();
    await this.pc.setLocalDescription(answer);
    await this.room.answer(watchId, answer.sdp ?? "");
    this.expect();
  }

  /** Whether there are fewer pictures than seats, which show now these seats and now those. */
  get isMoving() {
    return this.#moving.length > 0;
  }

  /** How many seats are seen at the same time at most. */
  get pictureCount() {
    return this.slots.filter(({ videoMid, isScreen }) => videoMid && !isScreen).length;
  }

  /**
   * Whether the picture of a seat comes here, provided that there is one.
   * @param {number} seatIndex
   */
  shows(seatIndex) {
    return this.hasPictures && (!this.isMoving || this.#shown.includes(seatIndex));
  }

  close() {
    this.#unfollow();
    clearTimeout(this.#settling);
    super.close();
  }

  /** @param {RTCTrackEvent} event */
  #take({ transceiver, track }) {
    const { mid } = transceiver;
    const slot = this.slots.find(({ audioMid, videoMid }) => mid === audioMid || mid === videoMid);
    if (!slot) return;
    if (slot.picture !== null) this.#moving[slot.picture]?.addTrack(track);
    else this.streams.get(placeOf(slot))?.[track.kind === "audio" ? "audio" : "video"].addTrack(track);
    this.dispatchEvent(new Event("streams"));
  }

  /** @param {number[]} seats  that the pictures show, in the order of their slots; -1 for nobody */
  #hear(seats) {
    const isKnown = this.#seats?.join() === seats.join(); // it is told again whenever somebody comes
    this.#seats = seats;
    if (!this.isMoving || isKnown) return;
    this.#show(this.#shown.map((seat, picture) => (seat === seats[picture] ? seat : -1)));
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#show(seats), SETTLE_MS);
  }

  /**
   * Puts the pictures that move under the seats that they show.
   * @param {number[]} seats
   */
  #show(seats) {
    this.#shown = seats.slice(0, this.#moving.length);
    for (const { seatIndex, picture, isScreen } of this.slots) {
      const streams = this.streams.get(seatIndex);
      if (picture !== null || isScreen || !streams) continue;
      const video = this.#moving[this.#shown.indexOf(seatIndex)];
      const hadOne = this.#moving.includes(streams.video);
      if (video ? video === streams.video : !hadOne) continue;
      this.streams.set(seatIndex, { audio: streams.audio, video: video ?? new MediaStream() });
    }
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
      this.slots
        .filter(({ picture }) => picture === null)
        .map((slot) => {
          const [audio, video] = [inbound.get(slot.audioMid), inbound.get(this.#videoMid(slot))];
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
   * Where the picture of a seat or of the screen comes now.
   * @param {Slot} slot
   */
  #videoMid({ videoMid, seatIndex }) {
    if (videoMid || !this.isMoving) return videoMid;
    const at = this.#shown.indexOf(seatIndex);
    return this.slots.find(({ picture }) => picture === at)?.videoMid ?? "";
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

/** @returns {SeatStreams} */
function emptyStreams() {
  return { audio: new MediaStream(), video: new MediaStream() };
}

/**
 * @param {Slot} slot
 * @returns {Place}
 */
function placeOf({ seatIndex, isScreen }) {
  return isScreen ? "screen" : seatIndex;
}
