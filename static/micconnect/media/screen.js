/** The shared screen: a window or a whole screen that the person picks in the browser's own dialog. */

import { DeviceError, problemOf } from "./devices.js";

// Letters have to be sharp, movement need not be smooth; larger pictures only cost bitrate that there is not.
const VIDEO = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 15 } };

/** The one shared screen of this page. Fires `change` when it starts or ends, also by the browser's own button. */
export class ScreenCapture extends EventTarget {
  /** @type {MediaStream | null} */
  stream = null;
  #round = 0;
  #devices;

  /** @param {MediaDevices | undefined} devices */
  constructor(devices = globalThis.navigator?.mediaDevices) {
    super();
    this.#devices = devices;
  }

  /**
   * Has the person pick a screen; one that is shared already is kept. Call it straight from a click.
   * @throws {DeviceError} also "aborted" when `stop` or another start came meanwhile
   */
  async start() {
    if (this.stream) return this.stream;
    const round = ++this.#round;
    const stream = await this.#ask();
    if (round !== this.#round) {
      for (const track of stream.getTracks()) track.stop();
      throw new DeviceError("aborted", "screen");
    }
    this.stream = stream;
    for (const track of stream.getVideoTracks()) {
      track.contentHint = "detail";
      track.addEventListener("ended", () => {
        if (this.stream === stream) this.stop();
      });
    }
    this.#changed();
    return stream;
  }

  /** Ends the sharing, or the asking for it. */
  stop() {
    this.#round++;
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.#changed();
  }

  /** @returns {Promise<MediaStream>} */
  async #ask() {
    if (!this.#devices?.getDisplayMedia) {
      throw new DeviceError(globalThis.isSecureContext ? "unsupported" : "insecure", "screen");
    }
    try {
      return await this.#devices.getDisplayMedia({ video: VIDEO, audio: false });
    } catch (error) {
      throw new DeviceError(problemOf(error), "screen");
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
