/** A track that brings nothing to hear, in place of a microphone that is gone: the line stays, and with it the seat. */

export class Silence {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {MediaStreamTrack | null} */
  #track = null;

  /** The track; null where the browser has no means for one. */
  get track() {
    if (!this.#track && globalThis.AudioContext) {
      const context = new AudioContext();
      const [source, destination] = [context.createConstantSource(), context.createMediaStreamDestination()];
      source.offset.value = 0; // without a source nothing is sent at all
      source.connect(destination);
      source.start();
      void context.resume();
      this.#context = context;
      this.#track = destination.stream.getAudioTracks()[0] ?? null;
    }
    return this.#track;
  }

  stop() {
    this.#track?.stop();
    void this.#context?.close();
    this.#track = this.#context = null;
  }
}
