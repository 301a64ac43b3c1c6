/** Two short sounds made by the browser itself: somebody is next, and somebody is called on air. */

const NEXT_HZ = [660];
const CALLED_HZ = [660, 880];
const TONE_S = 0.18;
const LOUDNESS = 0.15;

export class Chime {
  /** @type {AudioContext | null} */
  #context = null;
  #make;

  /** @param {() => AudioContext} [make] */
  constructor(make = () => new AudioContext()) {
    this.#make = make;
  }

  next() {
    this.#play(NEXT_HZ);
  }

  called() {
    this.#play(CALLED_HZ);
  }

  /**
   * One tone after the other. A browser that lets nothing sound here yet stays silent: the title says the same.
   * @param {readonly number[]} tones  in Hz
   */
  #play(tones) {
    try {
      this.#context ??= this.#make();
      const context = this.#context;
      if (context.state === "suspended") {
        context.resume().catch(() => undefined);
        return;
      }
      tones.forEach((tone, number) => {
        const [source, gain] = [context.createOscillator(), context.createGain()];
        const start = context.currentTime + number * TONE_S;
        source.frequency.value = tone;
        gain.gain.setValueAtTime(LOUDNESS, start);
        gain.gain.exponentialRampToValueAtTime(0.001, start + TONE_S);
        source.connect(gain).connect(context.destination);
        source.start(start);
        source.stop(start + TONE_S);
      });
    } catch {
      // no sound is no harm
    }
  }
}
