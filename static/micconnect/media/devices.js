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
  none: (what) => ({
    text: `No ${what} was found.`,
    hint: what === "camera" ? "Plug one in, then try again, or choose sound only." : "Plug one in, then try again.",
  }),
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

  /** Whether sound alone may be had where picture and sound could not. */
  get leavesSound() {
    return this.problem !== "unsupported" && !(this.problem === "none" && this.what === "microphone");
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

/**
 * A device that was taken from the page.
 * @typedef {object} Loss
 * @property {string} label  its name, as far as the browser tells
 * @property {"gone" | "refused" | "stopped"} reason  unplugged; the leave to use it was taken back; nobody knows why
 * @property {string} spare  the name of another one that is there; empty without one
 * @property {string} spareId
 */

/** @type {Readonly<Record<"microphone" | "camera", MediaDeviceKind>>} */
const KINDS = { microphone: "audioinput", camera: "videoinput" };
const PAUSE_MS = 1000; // a shorter pause by the system is none: some browsers make one at the start
const ALIASES = ["default", "communications"]; // other names of devices that stand in the list themselves

const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: "user" };

/**
 * Asks the browser. A device that cannot do what would be ideal is asked for once more without wishes.
 * @param {MediaDevices | undefined} devices
 * @param {{audio: boolean, video: boolean, deviceId?: string}} wanted  `deviceId`: rather this one
 * @returns {Promise<MediaStream>}
 * @throws {DeviceError}
 */
export async function ask(devices, { audio, video, deviceId }) {
  const media = video ? "video" : "audio";
  const rather = deviceId ? { deviceId: { ideal: deviceId } } : {};
  if (!devices?.getUserMedia)
    throw new DeviceError(globalThis.isSecureContext ? "unsupported" : "insecure", "microphone");
  try {
    return await devices.getUserMedia({
      audio: audio && { ...AUDIO, ...rather },
      video: video && { ...VIDEO, ...rather },
    });
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
  /** The same for as long as the same kinds of media are sent, whichever devices they come from. */
  key = "";
  /** @type {Map<Device, Loss>} what was taken from this page since it started */
  losses = new Map();
  /** @type {Set<MediaStreamTrack>} what the system has paused for a while */
  #paused = new Set();
  #round = 0;
  #devices;

  /** @param {MediaDevices | undefined} devices */
  constructor(devices = globalThis.navigator?.mediaDevices) {
    super();
    this.#devices = devices;
    devices?.addEventListener?.("devicechange", () => void this.#lookAround());
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
    this.key = stream.id;
    for (const track of stream.getTracks()) this.#follow(track);
    this.#changed();
    return stream;
  }

  /**
   * Takes another device in place of one that was lost; the other one goes on. Call it straight from a click.
   * @param {"microphone" | "camera"} device
   * @throws {DeviceError} also "aborted" when `stop` or another start came meanwhile
   */
  async replace(device) {
    const round = this.#round;
    const audio = device === "microphone";
    const deviceId = this.losses.get(device)?.spareId;
    const found = await ask(this.#devices, { audio, video: !audio, deviceId }).catch((error) => {
      throw error instanceof DeviceError ? new DeviceError(error.problem, device) : error;
    });
    const former = this.track(device);
    if (round !== this.#round || !this.stream) {
      for (const track of found.getTracks()) track.stop();
      throw new DeviceError("aborted", device);
    }
    former?.stop();
    const kept = this.stream.getTracks().filter((track) => track !== former);
    for (const track of found.getTracks()) this.#follow(track);
    this.stream = new MediaStream([...kept, ...found.getTracks()]);
    if (!former) this.key = this.stream.id;
    this.losses.delete(device);
    this.#changed();
  }

  /** Lets go of the devices; their lights go out. */
  stop() {
    this.#round++;
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.media = null;
    this.losses.clear();
    this.#paused.clear();
    this.#changed();
  }

  /** Looks for devices that ended without a word, as some do while a page is frozen or a laptop is shut. */
  check() {
    for (const track of this.stream?.getTracks() ?? []) if (track.readyState === "ended") this.#lose(track);
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

  /**
   * Whether a device was there and is not any more.
   * @param {Device} device
   */
  isLost(device) {
    return this.track(device)?.readyState === "ended";
  }

  /**
   * Whether the system holds a device back for the moment: another app has it, or a switch or key is off.
   * @param {Device} device
   */
  isPaused(device) {
    const track = this.track(device);
    return !!track && this.#paused.has(track) && this.works(device);
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
    track.addEventListener("ended", () => this.#lose(track));
    track.addEventListener("mute", () => this.#pause(track));
    track.addEventListener("unmute", () => {
      if (this.#paused.delete(track)) this.#changed();
    });
    if (track.muted) this.#pause(track);
  }

  /** @param {MediaStreamTrack} track */
  #pause(track) {
    setTimeout(() => {
      if (!track.muted || this.#paused.has(track) || !this.stream?.getTracks().includes(track)) return;
      this.#paused.add(track);
      this.#changed();
    }, PAUSE_MS);
  }

  /** @param {MediaStreamTrack} track */
  #lose(track) {
    const device = track.kind === "audio" ? "microphone" : "camera";
    if (this.track(device) !== track || this.losses.has(device)) return;
    this.losses.set(device, { label: track.label, reason: "stopped", spare: "", spareId: "" });
    this.#changed();
    void this.#lookAround();
  }

  /** Why devices were lost, and what there is in their place. */
  async #lookAround() {
    for (const [device, loss] of [...this.losses]) {
      if (device === "screen") continue;
      const id = this.track(device)?.getSettings?.().deviceId;
      const present = await Promise.resolve(this.#devices?.enumerateDevices()).catch(() => []);
      const alike = (present ?? []).filter(
        ({ kind, deviceId }) => kind === KINDS[device] && !ALIASES.includes(deviceId),
      );
      const spare = alike.find(({ deviceId }) => deviceId !== id);
      const isGone = !!id && !alike.some(({ deviceId }) => deviceId === id);
      const reason = (await isRefused(device)) ? "refused" : isGone ? "gone" : "stopped";
      if (this.losses.get(device) !== loss) continue;
      this.losses.set(device, { ...loss, reason, spare: spare?.label ?? "", spareId: spare?.deviceId ?? "" });
      this.#changed();
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * Whether the person, or the system, has taken the leave to use a device back. Not every browser tells.
 * @param {"microphone" | "camera"} name
 */
async function isRefused(name) {
  const asking = globalThis.navigator?.permissions?.query(
    /** @type {PermissionDescriptor} */ (/** @type {unknown} */ ({ name })),
  );
  const { state } = (await Promise.resolve(asking).catch(() => undefined)) ?? {};
  return state === "denied";
}
