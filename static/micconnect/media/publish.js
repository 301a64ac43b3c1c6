/** Sends the own microphone and camera, or the shared screen: one offer, posted at once, answered by the server. */

import { Peer } from "./peer.js";
import { FULL, allowedBps } from "./sending.js";
import { Silence } from "./silence.js";

/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./sending.js").Sending} Sending */

/** Fires `state` also when the server has answered. */
export class Publisher extends Peer {
  isAnswered = false;
  /** @type {Sending} */
  #wanted = FULL;
  #fullBps = 0;
  /** @type {Map<string, RTCRtpSender>} by kind of media */
  #senders = new Map();
  #silence = new Silence();
  /** @type {Promise<void>} the newest change of what is sent; browsers take one at a time */
  #adapting = Promise.resolve();

  /**
   * @param {MicRoom} room
   * @param {MediaStream} stream
   * @param {{isScreen?: boolean, open?: (configuration: RTCConfiguration) => RTCPeerConnection}} [options]
   */
  constructor(room, stream, { isScreen = false, open } = {}) {
    super(open);
    this.room = room;
    this.stream = stream;
    this.isScreen = isScreen;
  }

  /** Whether nothing more is to be waited for: the server has answered, or never will. */
  get isSettled() {
    return this.isAnswered || this.isBroken || this.isClosed;
  }

  /**
   * Does not wait for addresses to be gathered: the server's come with the answer, ours are seen when we call it.
   * How much may be sent stands in the answer too (b=AS), and the browser obeys it.
   * @throws {import("../errors.js").MicError}
   */
  async start() {
    for (const track of this.stream.getTracks()) {
      const { sender } = this.pc.addTransceiver(track, { direction: "sendonly", streams: [this.stream] });
      this.#senders.set(track.kind, sender);
    }
    this.carry(this.stream);
    const offer = await this.pc.createOffer();
    await this.pc.setLocalDescription(offer);
    const sdp = await this.room.publish(offer.sdp ?? "", { isScreen: this.isScreen });
    if (this.isClosed) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
    this.#fullBps = allowedBps(sdp);
    this.isAnswered = true;
    this.expect();
    if (this.#wanted !== FULL) this.#adapt();
    this.dispatchEvent(new Event("state"));
  }

  /**
   * Sends what this stream has of each kind from now on; silence where its microphone is gone.
   * @param {MediaStream} stream
   */
  carry(stream) {
    this.stream = stream;
    for (const [kind, sender] of this.#senders) {
      const found = stream.getTracks().find((track) => track.kind === kind && track.readyState === "live");
      const track = found ?? (kind === "audio" && !this.isScreen ? this.#silence.track : null);
      // what cannot be sent is missed by the room, which says so
      if (!this.isClosed && sender.track !== track) sender.replaceTrack(track).catch(() => undefined);
    }
  }

  close() {
    this.#silence.stop();
    super.close();
  }

  /**
   * Sends the camera in full or smaller from now on. A browser that refuses goes on as before, which only costs more.
   * @param {Sending} wanted
   */
  adapt(wanted) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (this.isAnswered) this.#adapt();
  }

  #adapt() {
    this.#adapting = this.#adapting.then(() => this.#apply(this.#wanted)).catch(() => undefined);
  }

  /** @param {Sending} sending */
  async #apply({ share, scale }) {
    const sender = this.pc.getSenders().find(({ track }) => track?.kind === "video");
    if (!sender || this.isClosed) return;
    const parameters = sender.getParameters();
    // older browsers list no encodings of a sender that was given none
    const encodings = parameters.encodings?.length ? parameters.encodings : [{}];
    const change = { maxBitrate: Math.round(this.#fullBps * share), scaleResolutionDownBy: scale };
    await sender.setParameters({ ...parameters, encodings: encodings.map((one) => ({ ...one, ...change })) });
  }
}
