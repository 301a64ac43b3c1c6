/** How loud the microphone is, so that people see that it works. */

/** Measures one stream; `read` gives 0 to 1. */
export class LevelMeter {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {Float32Array<ArrayBuffer>} */
  #samples = new Float32Array(1024);

  /** @param {MediaStream} stream */
  start(stream) {
    this.stop();
    if (!stream.getAudioTracks().length || !globalThis.AudioContext) return; // then no level is shown
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = this.#samples.length;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.wake();
  }

  /** The system may have suspended it, or interrupted it for a call: goes on as soon as it may. */
  wake() {
    if (this.#context && this.#context.state !== "running") this.#context.resume().catch(() => undefined);
  }

  /** @returns {number} */
  read() {
    if (!this.#analyser) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return loudness(this.#samples);
  }

  stop() {
    void this.#context?.close();
    this.#context = null;
    this.#analyser = null;
  }
}

/**
 * Loudness of samples as people see it: 0 at -60 dB and below, 1 at full scale.
 * @param {Float32Array} samples  -1 to 1
 */
export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / (samples.length || 1));
  return rms > 0 ? Math.min(1, Math.max(0, 1 + (20 * Math.log10(rms)) / 60)) : 0;
}
