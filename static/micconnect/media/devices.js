/** Microphone and camera: one capture at a time, and every failure as words that say what to do. */

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").Device} Device */

/**
 * @typedef {"refused" | "none" | "busy" | "unfit" | "insecure" | "aborted" | "unsupported" | "unknown"} DeviceProblem
 */

/** @type {Record<string, DeviceProblem>} names of the browser's exceptions */
const PROBLEMS = {
  NotAllowedError: "refused",
  NotFoundError: "none",
  NotReadableError: "busy",
  OverconstrainedError: "unfit",
  SecurityError: "insecure",
  AbortError: "aborted",
  TypeError: "unsupported",
};

/** @type {Record<DeviceProblem, (what: string) => {text: string, hint: string}>} */
const TEXTS = {
  refused: (what) =>
    what === "screen"
      ? { text: "No screen was shared.", hint: "Choose a screen or a window in the browser's dialog, then share it." }
      : {
          text: `The browser does not let this page use your ${what}.`,
          hint: "Click the icon at the left of the address bar, allow it for this site, then try again.",
        },
  none: (what) => ({ text: `No ${what} was found.`, hint: "Plug one in, or choose sound only, then try again." }),
  busy: (what) => ({
    text: `Your ${what} is used by another program.`,
    hint: "Close other calls and recorders, then try again.",
  }),
  unfit: (what) => ({ text: `Your ${what} does not offer what is needed.`, hint: "Choose another device." }),
  insecure: () => ({
    text: "The browser allows devices on secure pages only.",
    hint: "Open this page with an address that starts with https.",
  }),
  aborted: (what) => ({ text: `Your ${what} could not be started.`, hint: "Plug it in again, then try again." }),
  unsupported: () => ({
    text: "This browser cannot send sound or picture.",
    hint: "Use a current version of Chrome, Edge, Firefox or Safari. You can go on watching.",
  }),
  unknown: (what) => ({ text: `Your ${what} could not be started.`, hint: "Try again, or restart the browser." }),
};

export class DeviceError extends Error {
  /**
   * @param {DeviceProblem} problem
   * @param {"microphone" | "camera" | "microphone and camera" | "screen"} what
   */
  constructor(problem, what) {
    const { text, hint } = TEXTS[problem](what);
    super(text);
    this.name = "DeviceError";
    this.problem = problem;
    this.what = what;
    this.hint = hint;
  }
}

/**
 * @param {unknown} error  what the browser threw
 * @returns {DeviceProblem}
 */
export function problemOf(error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return PROBLEMS[name] ?? "unknown";
}

/**
 * What a failed getUserMedia means.
 * @param {unknown} error
 * @param {LinkMedia} media
 * @param {readonly {kind: string}[]} present  the devices there are
 */
export function deviceError(error, media, present) {
  const problem = problemOf(error);
  const has = (/** @type {string} */ kind) => present.some((device) => device.kind === kind);
  if (media === "audio") return new DeviceError(problem, "microphone");
  if (problem === "none") return new DeviceError("none", has("audioinput") ? "camera" : "microphone");
  return new DeviceError(problem, "microphone and camera");
}

const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: "user" };

/**
 * Asks the browser. A device that cannot do what would be ideal is asked for once more without wishes.
 * @param {MediaDevices | undefined} devices
 * @param {{audio: boolean, video: boolean}} wanted
 * @returns {Promise<MediaStream>}
 * @throws {DeviceError}
 */
export async function ask(devices, { audio, video }) {
  const media = video ? "video" : "audio";
  if (!devices?.getUserMedia)
    throw new DeviceError(globalThis.isSecureContext ? "unsupported" : "insecure", "microphone");
  try {
    return await devices.getUserMedia({ audio: audio && AUDIO, video: video && VIDEO });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "OverconstrainedError") throw await explain(devices, error, media);
  }
  try {
    return await devices.getUserMedia({ audio, video });
  } catch (error) {
    throw await explain(devices, error, media);
  }
}

/**
 * @param {MediaDevices} devices
 * @param {unknown} error
 * @param {LinkMedia} media
 */
async function explain(devices, error, media) {
  const present = await devices.enumerateDevices().catch(() => []);
  return deviceError(error, media, present);
}

/** The one capture of this page. Fires `change` when it starts, stops or loses a device. */
export class Capture extends EventTarget {
  /** @type {MediaStream | null} */
  stream = null;
  /** @type {LinkMedia | null} */
  media = null;
  #round = 0;
  #devices;

  /** @param {MediaDevices | undefined} devices */
  constructor(devices = globalThis.navigator?.mediaDevices) {
    super();
    this.#devices = devices;
  }

  /**
   * Takes the devices for `media`; a running capture of the same kind is kept, another one is ended first.
   * @param {LinkMedia} media
   * @throws {DeviceError} also "aborted" when `stop` or another start came meanwhile
   */
  async start(media) {
    if (this.stream && this.media === media && this.isComplete()) return this.stream;
    this.stop();
    const round = ++this.#round;
    const stream = await ask(this.#devices, { audio: true, video: media === "video" });
    if (round !== this.#round) {
      for (const track of stream.getTracks()) track.stop();
      throw new DeviceError("aborted", "microphone");
    }
    this.stream = stream;
    this.media = media;
    for (const track of stream.getTracks()) this.#follow(track);
    this.#changed();
    return stream;
  }

  /** Lets go of the devices; their lights go out. */
  stop() {
    this.#round++;
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.media = null;
    this.#changed();
  }

  /** @param {Device} device  of a screen there is never a track here: `ScreenCapture` has it */
  track(device) {
    if (device === "screen") return null;
    const tracks = device === "microphone" ? this.stream?.getAudioTracks() : this.stream?.getVideoTracks();
    return tracks?.[0] ?? null;
  }

  /**
   * Whether a device gives sound or picture: it was not unplugged.
   * @param {Device} device
   */
  works(device) {
    return this.track(device)?.readyState === "live";
  }

  /** Whether everything the kind needs is there. */
  isComplete() {
    return this.works("microphone") && (this.media !== "video" || this.works("camera"));
  }

  /**
   * Lets a device through or holds it shut, at once and only here.
   * @param {Device} device
   * @param {boolean} isOpen
   */
  enable(device, isOpen) {
    const track = this.track(device);
    if (track) track.enabled = isOpen;
  }

  /** @param {MediaStreamTrack} track */
  #follow(track) {
    track.addEventListener("ended", () => this.#changed());
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
