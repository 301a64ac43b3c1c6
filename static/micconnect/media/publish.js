/** Sends the own microphone and camera: one offer, posted at once, answered by the server. */

import { Peer } from "./peer.js";

/** @typedef {import("../room.js").MicRoom} MicRoom */

export class Publisher extends Peer {
  /**
   * @param {MicRoom} room
   * @param {MediaStream} stream
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} [open]
   */
  constructor(room, stream, open) {
    super(open);
    this.room = room;
    this.stream = stream;
  }

  /**
   * Does not wait for addresses to be gathered: the server's come with the answer, ours are seen when we call it.
   * How much may be sent stands in the answer too (b=AS), and the browser obeys it.
   * @throws {import("../errors.js").MicError}
   */
  async start() {
    for (const track of this.stream.getTracks()) {
      this.pc.addTransceiver(track, { direction: "sendonly", streams: [this.stream] });
    }
    const offer = await this.pc.createOffer();
    await this.pc.setLocalDescription(offer);
    const sdp = await this.room.publish(offer.sdp ?? "");
    if (this.isClosed) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
  }
}
