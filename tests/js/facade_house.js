/** One page with a facade: its server, which the test plays, its devices, and what the facade says. */

import { CoGuestState, GuestEvent, HostEvent } from "../../static/micconnect/facades/co_guest.js";
import { LiveCoreView } from "../../static/micconnect/facades/live_core_view.js";
import { LiveSeatEvent, LiveSeatState } from "../../static/micconnect/facades/live_seat.js";
import { TUIRoomEngine, TUIRoomEvents } from "../../static/micconnect/facades/room_engine.js";
import { Capture } from "../../static/micconnect/media/devices.js";
import { ScreenCapture } from "../../static/micconnect/media/screen.js";
import { MicMedia } from "../../static/micconnect/media/session.js";
import { MicRoom } from "../../static/micconnect/room.js";
import { Player } from "../../static/micconnect/ui/player.js";
import { FakeServer, connection, myState, request, settled } from "./fakes.js";
import { FakePeer, FakeStream, FakeTrack } from "./media_fakes.js";

export const HOST = { userId: "h", userName: "Hanna" };
export const GIL = { userId: "g", userName: "Gil" };
export const UGO = { userId: "u", userName: "Ugo" };
export const hostSeat = connection({ ...HOST, seatIndex: 0, connectionId: "c1" });
export const application = request({ requestId: "r1", user: UGO, createdAt: "2026-01-01T12:00:00Z", extraInfo: "{}" });
export const invitation = request({ requestId: "r2", kind: "invitation", user: UGO, operator: HOST });
export const ownInvitation = request({ requestId: "r3", kind: "invitation", user: GIL, operator: HOST });
export const AS_HOST = {
  role: /** @type {const} */ ("host"),
  me: myState({ user: HOST, connection: hostSeat }),
  connectedUsers: [hostSeat],
  requests: [application, invitation],
};
export const ON_SEAT = { me: myState({ connection: connection() }), connectedUsers: [hostSeat, connection()] };

/** One page: its server, its devices, and what a facade needs to open the room. */
export class House {
  server = new FakeServer();
  /** @type {Record<string, boolean>} */
  asked = {};
  /** @type {Error | null} what the browser says to the next question for devices */
  refusal = null;
  /** @type {{room: MicRoom, media: MicMedia, isReload: boolean} | null} */
  opened = null;
  isReload = false; // how the browser says that the page came

  constructor() {
    this.server.answers = {};
    this.devices = /** @type {any} */ ({
      getUserMedia: async (/** @type {any} */ { video }) => {
        if (this.refusal) throw this.refusal;
        return new FakeStream([new FakeTrack("audio"), ...(video ? [new FakeTrack("video")] : [])]);
      },
      getDisplayMedia: async () => new FakeStream([new FakeTrack("video")]),
      enumerateDevices: async () => [],
    });
    this.capture = new Capture(this.devices);
    const sound = () =>
      /** @type {any} */ ({ play: async () => undefined, pause: () => undefined, addEventListener: () => undefined });
    this.player = new Player(sound);
    houses.push(this);
  }

  get parts() {
    return { capture: this.capture, player: this.player };
  }

  /** @type {import("../../static/micconnect/facades/line.js").OpenRoom} */
  open = (_roomId, capture) => {
    const room = new MicRoom(this.server.options());
    const open = () => /** @type {any} */ (new FakePeer());
    const media = new MicMedia(room, { capture, screen: new ScreenCapture(this.devices), open });
    this.opened = { room, media, isReload: this.isReload };
    return this.opened;
  };

  /**
   * Waits for a facade's way into the room.
   * @template T
   * @param {Promise<T>} way
   * @param {Parameters<FakeServer["welcome"]>[0]} [parts]
   */
  async welcome(way, parts) {
    await settled();
    await this.server.welcome(parts);
    return way;
  }

  #seq = 20;
  /** @param {object[]} callbacks @param {"room" | "staff" | "me"} [lane] */
  async tell(callbacks, lane = "room") {
    const serverTime = "2026-01-01T12:00:01Z";
    this.server.line.say({ type: "callbacks", lane, seq: this.#seq++, serverTime, callbacks });
    await settled();
  }

  /** What was sent last besides questions of the media. */
  get sent() {
    const quiet = ["hello", "ping", "watch", "publish", "answer"];
    const { ref, ...frame } = this.server.line.sent.filter(({ type }) => !quiet.includes(type)).at(-1) ?? {};
    return ref ? frame : null;
  }

  close() {
    this.opened?.media.stop();
    this.opened?.room.disconnect();
  }
}

/** @type {House[]} the pages of the running test */
export const houses = [];

/** Lets timers of no length run. */
export async function aMoment() {
  await new Promise((resolve) => setTimeout(resolve, 0));
  await settled();
}

/** For `afterEach`. */
export function closeHouses() {
  for (const house of houses.splice(0)) house.close();
}

Object.assign(globalThis, { MediaStream: FakeStream });

/** @param {Parameters<FakeServer["welcome"]>[0]} [parts] */
export async function engineIn(parts) {
  const house = new House();
  const engine = new TUIRoomEngine(house);
  /** @type {[string, any][]} */
  const heard = [];
  for (const name of /** @type {(keyof typeof TUIRoomEvents)[]} */ (Object.keys(TUIRoomEvents))) {
    engine.on(name, (event) => heard.push([name, event]));
  }
  await house.welcome(engine.enterRoom({ roomId: "r" }), parts);
  await aMoment();
  const entering = heard.splice(0); // the devices that were open already
  const events = (/** @type {string} */ name) => heard.filter(([other]) => other === name).map(([, event]) => event);
  return { house, engine, heard, entering, events };
}

/** @param {Parameters<FakeServer["welcome"]>[0]} [parts] */
export async function viewIn(parts) {
  const house = new House();
  const view = new LiveCoreView(house);
  /** @type {any[][]} */
  const heard = [];
  const names = ["ConnectedUsersUpdated", "RoomDismissed"].concat(
    ["Request", "Cancelled", "Accepted", "Rejected", "Timeout", "Terminated", "Exited"].map(
      (n) => `UserConnection${n}`,
    ),
  );
  const observer = Object.fromEntries(
    names.map((name) => [`on${name}`, (/** @type {any[]} */ ...told) => heard.push([`on${name}`, ...told])]),
  );
  view.registerConnectionObserver(observer);
  await house.welcome(view.joinLiveStream("r"), parts);
  return { house, view, heard, observer };
}

/** @param {Parameters<FakeServer["welcome"]>[0]} [parts] */
export async function storesIn(parts) {
  const house = new House();
  const { room, media } = house.open("r", house.capture);
  const [guests, places] = [new CoGuestState(room), new LiveSeatState(room, media)];
  /** @type {[string, any][]} */
  const heard = [];
  for (const name of [...Object.keys(HostEvent), ...Object.keys(GuestEvent)]) {
    guests.subscribeEvent(name, (event) => heard.push([name, event]));
  }
  for (const name of Object.keys(LiveSeatEvent)) places.subscribeEvent(name, (event) => heard.push([name, event]));
  room.connect();
  await house.welcome(Promise.resolve(), parts);
  return { house, guests, places, heard };
}

/** Five callbacks, and what they heard. */
export function callbacks() {
  /** @type {any[][]} */
  const heard = [];
  const hear =
    (/** @type {string} */ name) =>
    (/** @type {any[]} */ ...told) =>
      void heard.push([name, ...told]);
  const named = ["onAccepted", "onRejected", "onCancelled", "onTimeout", "onError"].map((name) => [name, hear(name)]);
  return { heard, given: { ...Object.fromEntries(named), requestCallback: hear("requestCallback") } };
}
