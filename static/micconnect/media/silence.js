/** A track that brings nothing to hear, in place of a microphone that is gone: the line stays, and with it the seat. */

export class Silence {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;

  /** The track; null where the browser has no means for one. */
  get track() {
    if (!this.#track && globalThis.AudioContext) {
      this.#context = new AudioContext();
      this.#track = this.#context.createMediaStreamDestination().stream.getAudioTracks()[0] ?? null;
    }
    return this.#track;
  }

  stop() {
    this.#track?.stop();
    void this.#context?.close();
    this.#track = this.#context = null;
  }
}
