/** The room engine's own devices, pictures and sound. A device call is the program's press: nothing else opens one. */

import { told } from "./errors.js";
import { TUIVideoStreamType } from "./room_engine_enums.js";
import { meaning } from "./room_engine_words.js";

/** @typedef {import("./room_engine_core.js").EngineCore} EngineCore */
/** @typedef {import("./views.js").View} View */

/** @type {Record<number, "camera" | "screen" | undefined>} there is one picture of a camera, and no smaller one beside */
const STREAMS = {
  [TUIVideoStreamType.kCameraStream]: "camera",
  [TUIVideoStreamType.kCameraStreamLow]: "camera",
  [TUIVideoStreamType.kScreenStream]: "screen",
};

/** @param {number} streamType  one of TUIVideoStreamType */
function kindOf(streamType) {
  return meaning(STREAMS[streamType], "TUIVideoStreamType", streamType);
}

export class EngineMedia {
  #core;

  /** @param {EngineCore} core */
  constructor(core) {
    this.#core = core;
  }

  // -- own devices -----------------------------------------------------------------------------------------------

  openLocalMicrophone() {
    return told(() => this.#core.line.openDevice("microphone"));
  }

  closeLocalMicrophone() {
    return told(() => this.#core.line.closeDevice("microphone"));
  }

  muteLocalAudio() {
    return told(() => this.#core.line.closeDevice("microphone"));
  }

  unmuteLocalAudio() {
    return told(() => this.#core.line.openDevice("microphone"));
  }

  openLocalCamera() {
    return told(() => this.#core.line.openDevice("camera"));
  }

  closeLocalCamera() {
    return told(() => this.#core.line.closeDevice("camera"));
  }

  /** Sends the picture of the camera that runs, on a seat. */
  startPushLocalVideo() {
    return told(() => this.#core.line.openDevice("camera"));
  }

  /** Nobody gets the picture any more; the camera stays as it is here. */
  stopPushLocalVideo() {
    return told(() => this.#core.line.holdDevice("camera"));
  }

  /**
   * Call it straight from a click.
   * @param {{view?: View}} [options]  `view`: where the own screen shows here
   */
  startScreenSharing({ view } = {}) {
    return told(async () => {
      if (view !== undefined) this.#core.setView("", "screen", view);
      await this.#core.line.bringHere();
      await this.#core.line.media.openScreen();
    });
  }

  stopScreenSharing() {
    return told(() => this.#core.endScreen());
  }

  // -- pictures and sound ----------------------------------------------------------------------------------------

  /** Shows the own camera. @param {{view: View | View[] | null}} options  null ends the showing */
  setLocalVideoView({ view }) {
    return told(() => this.#core.setView("", "camera", view));
  }

  /**
   * Shows somebody, as soon as there is something to show.
   * @param {{userId: string, streamType?: number, view: View | View[] | null}} options  `streamType`: one of
   *   TUIVideoStreamType; a `view` of null ends the showing
   */
  setRemoteVideoView({ userId, streamType = TUIVideoStreamType.kCameraStream, view }) {
    return told(() => this.#core.setView(userId, kindOf(streamType), view));
  }

  /**
   * Pictures play by themselves in the views they are given; this plays on what `stopPlayRemoteVideo` has stopped.
   * @param {{userId: string, streamType?: number}} options
   */
  startPlayRemoteVideo({ userId, streamType = TUIVideoStreamType.kCameraStream }) {
    return told(() => this.#core.setPlaying(userId, kindOf(streamType), true));
  }

  /** @param {{userId: string, streamType?: number}} options */
  stopPlayRemoteVideo({ userId, streamType = TUIVideoStreamType.kCameraStream }) {
    return told(() => this.#core.setPlaying(userId, kindOf(streamType), false));
  }

  /** Mutes somebody for this listener alone. @param {{userId: string, isMute: boolean}} options */
  muteRemoteAudioStream({ userId, isMute }) {
    return told(() => {
      if (isMute) this.#core.line.unheard.add(userId);
      else this.#core.line.unheard.delete(userId);
      this.#core.line.hear();
    });
  }
}
