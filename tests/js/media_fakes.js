/** Stand-ins for devices and peer connections, and a scene of a room, the media that follow it and its peers. */

import { afterEach } from "node:test";

import { Capture } from "../../static/micconnect/media/devices.js";
import { ScreenCapture } from "../../static/micconnect/media/screen.js";
import { MicMedia } from "../../static/micconnect/media/session.js";
import { MicRoom } from "../../static/micconnect/room.js";
import { WINDOW, connection, myState, settled, snapshot } from "./fakes.js";

export class FakeTrack extends EventTarget {
  readyState = "live";
  enabled = true;
  muted = false;
  label = "";

  /** @param {"audio" | "video"} kind */
  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {
    this.readyState = "ended";
  }

  /** It was unplugged, or the leave to use it was taken back. */
  end() {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  /** @param {boolean} muted  by the system */
  mute(muted) {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }

  getSettings() {
    return { deviceId: this.label };
  }
}

let streams = 0;
export class FakeStream {
  id = `s${++streams}`;

  /** @param {FakeTrack[]} [tracks] */
  constructor(tracks = []) {
    this.tracks = tracks;
  }

  /** @param {FakeTrack} track */
  addTrack(track) {
    this.tracks.push(track);
  }

  getTracks() {
    return this.tracks;
  }

  getAudioTracks() {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }

  getVideoTracks() {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}

export class FakePeer extends EventTarget {
  connectionState = "new";
  /** @type {any[]} */
  described = [];
  /** @type {any} what it was configured with last */
  configuration = null;
  createOffer = async () => ({ type: "offer", sdp: "our offer" });
  createAnswer = async () => ({ type: "answer", sdp: "our answer" });
  setLocalDescription = async () => undefined;
  /** @type {any[]} the tracks that are sent, by sender */
  senders = [];
  addTransceiver = (/** @type {any} */ track) => {
    const sender = { track, replaceTrack: async (/** @type {any} */ other) => void (sender.track = other) };
    this.senders.push(sender);
    return { sender };
  };
  transport = Object.assign(new EventTarget(), { state: "connected" });
  getTransceivers = () => [{ receiver: { transport: this.transport } }];

  /** @param {any} configuration */
  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  /** @param {any} description */
  async setRemoteDescription(description) {
    this.described.push(description);
  }

  close() {
    this.connectionState = "closed";
  }

  /** The server ends the line. */
  hangUp() {
    this.transport.state = "closed";
    this.transport.dispatchEvent(new Event("statechange"));
  }

  /** @param {string} state */
  become(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

const isHere = (/** @type {any} */ room) =>
  /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(MicRoom.prototype, "isHere")).get?.call(room);

/** @type {Scene[]} */
const scenes = [];

// A line tries again for as long as its room is there.
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.set({ status: { phase: "closed" } });
});

/** A room that the test moves by hand, and the peers that were opened for it. */
export class Scene {
  /** @type {FakePeer[]} */
  peers = [];
  /** @type {string[]} */
  asked = [];
  /** @type {string[]} what the room was told of devices */
  told = [];
  /** @type {Error | null} what the room says to the next `setDevice` */
  refusal = null;

  /** @param {object} [parts] */
  constructor(parts) {
    scenes.push(this);
    const room = /** @type {any} */ (new EventTarget());
    room.state = { status: { phase: "open" }, ...snapshot(), ...parts };
    room.windowId = WINDOW;
    Object.defineProperty(room, "isHere", { get: () => isHere(room) });
    room.publish = async (/** @type {string} */ _sdp, /** @type {{isScreen: boolean}} */ { isScreen }) => (
      this.asked.push(isScreen ? "publish screen" : "publish"),
      "server answer"
    );
    room.watch = async () => (this.asked.push("watch"), { sdp: "server offer", watchId: "w", slots: [] });
    room.answer = async () => void this.asked.push("answer");
    room.setDevice = async (/** @type {any} */ { device, isOpen }) => {
      if (this.refusal) throw this.refusal;
      this.told.push(`${device} ${isOpen ? "open" : "closed"}`);
      const mine = room.state.me.connection;
      if (mine) await this.set({ me: myState({ connection: { ...mine, [device]: isOpen ? "open" : "closed" } }) });
    };
    this.room = room;
    const taken = (/** @type {"audio" | "video"} */ kind, /** @type {any} */ wanted) =>
      Object.assign(new FakeTrack(kind), { label: wanted.deviceId?.ideal ?? `first ${kind}` });
    const devices = Object.assign(/** @type {any} */ (new EventTarget()), {
      getUserMedia: async (/** @type {any} */ { audio, video }) =>
        new FakeStream([...(audio ? [taken("audio", audio)] : []), ...(video ? [taken("video", video)] : [])]),
      /** @type {string[]} names of those that are plugged in; their ids are the same */
      present: ["first audio", "first video"],
      enumerateDevices: async () =>
        devices.present.map((/** @type {string} */ label) => {
          const kind = label.endsWith("audio") ? "audioinput" : "videoinput";
          return { kind, label, deviceId: label };
        }),
      getDisplayMedia: async () => new FakeStream([new FakeTrack("video")]),
    });
    this.devices = devices;
    this.capture = new Capture(devices);
    this.media = new MicMedia(room, {
      capture: this.capture,
      screen: new ScreenCapture(devices),
      open: () => {
        const peer = new FakePeer();
        this.peers.push(peer);
        return /** @type {any} */ (peer);
      },
    });
  }

  /** @param {object} parts */
  async set(parts) {
    this.room.state = { ...this.room.state, ...parts };
    this.room.dispatchEvent(new Event("change"));
    await settled();
  }
}

/** The own person is on a seat. */
export const seated = { me: myState({ connection: connection() }) };
