/** Sends the own microphone and camera, or the shared screen: one offer, posted at once, answered by the server. */

import { Peer } from "./peer.js";

/** @typedef {import("../room.js").MicRoom} MicRoom */

export class Publisher extends Peer {
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
    const sdp = await this.room.publish(offer.sdp ?? "", { isScreen: this.isScreen });
    if (this.isClosed) return;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
  }
}
