/** The walk through CoGuestState and LiveSeatState, on a MicRoom and the media that follow it. */

import { CoGuestState, GuestEvent, HostEvent } from "../facades/co_guest.js";
import { LiveSeatEvent, LiveSeatState } from "../facades/live_seat.js";
import { Capture } from "../media/devices.js";
import { Player } from "../ui/player.js";
import { button, config, drawFaces, isHost, log, names, open, rows, run } from "./page.js";

const capture = new Capture();
const player = new Player();
const { room, media } = open(config.roomId, capture);
const guests = new CoGuestState(room);
const seats = new LiveSeatState(room, media);
/** @type {Map<string, HTMLVideoElement>} */
const videos = new Map();
/** @type {import("../protocol.js").LinkMedia} */
let wanted = "video";

function draw() {
  rows("requests", guests.applicants, {
    Accept: ({ userId }) => guests.acceptApplication({ userId }),
    Reject: ({ userId }) => guests.rejectApplication({ userId }),
  });
  const seated = seats.seatList.flatMap(({ userInfo }) => (userInfo ? [userInfo] : []));
  rows(
    "on-air",
    seated.filter(({ seatIndex }) => seatIndex > 0),
    { "Take off": ({ userId }) => seats.kickUserOutOfSeat({ userId }) },
  );
  drawFaces(seated, (userId, video) => (video ? videos.set(userId, video) : videos.delete(userId)));
}

/** Plays what comes in, and shows the own camera from here. */
function play() {
  const me = room.state.me?.user.userId;
  /** @type {Map<string, MediaStream>} */
  const sounds = new Map();
  for (const { userId, seatIndex } of room.state.connectedUsers) {
    const incoming = media.watch?.streams.get(seatIndex);
    const video = videos.get(userId);
    const picture = userId === me ? capture.stream : (incoming?.video ?? null);
    if (video && video.srcObject !== picture) video.srcObject = picture;
    if (userId !== me && incoming?.audio.getTracks().length) sounds.set(userId, incoming.audio);
  }
  player.sync(sounds, {});
}

let seated = "";
room.addEventListener("change", () => {
  draw();
  const now = names(guests.connected);
  if (now !== seated) log("connected", now);
  seated = now;
});
media.addEventListener("change", play);
player.follow();

for (const name of [...Object.values(HostEvent), ...Object.values(GuestEvent)]) {
  guests.subscribeEvent(name, (event) => log(name, JSON.stringify(event)));
}
for (const name of Object.values(LiveSeatEvent))
  seats.subscribeEvent(name, (event) => log(name, JSON.stringify(event)));
guests.subscribeEvent(GuestEvent.onGuestApplicationResponded, ({ isAccept }) => {
  if (isAccept) void run(() => capture.start(wanted));
});

/** @param {typeof wanted} kind */
function ask(kind) {
  wanted = kind;
  return guests.applyForSeat({ seatIndex: -1, timeout: 60, media: kind });
}

button("start", async () => {
  await capture.start("video");
  await room.goLive({ media: "video" });
});
button("stop", () => room.endLive());
button("ask-video", () => ask("video"));
button("ask-audio", () => ask("audio"));
button("cancel", () => guests.cancelApplication());
button("leave-seat", () => guests.disConnect());
log("page", isHost ? "host" : "audience");
room.connect();
