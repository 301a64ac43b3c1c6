/** The walk through TUIRoomEngine: a viewer takes a seat, the host answers, all see the list, the host kicks off. */

import { TUIRequestAction, TUIRequestCallbackType, TUIRoomEngine, TUIRoomEvents } from "../facades/room_engine.js";
import { button, config, drawFaces, isHost, log, names, open, rows, run } from "./page.js";

const engine = new TUIRoomEngine({ open });
let requestId = "";
let me = "";

async function openDevices() {
  await engine.openLocalMicrophone();
  await engine.openLocalCamera();
}

async function drawRequests() {
  if (!isHost) return;
  const applications = await engine.getSeatApplicationList();
  const answer = (/** @type {string} */ userId, /** @type {boolean} */ agree) => {
    const request = applications.find((other) => other.userId === userId);
    return request && engine.responseRemoteRequest({ requestId: request.requestId, agree }).then(drawRequests);
  };
  rows("requests", applications, {
    Accept: ({ userId }) => answer(userId, true),
    Reject: ({ userId }) => answer(userId, false),
  });
}

async function drawSeats() {
  const seated = (await engine.getSeatList()).filter(({ userId }) => userId);
  drawFaces(seated, (userId, view) =>
    userId === me ? engine.setLocalVideoView({ view }) : engine.setRemoteVideoView({ userId, view }),
  );
  rows(
    "on-air",
    seated.filter(({ index }) => index > 0),
    { "Take off": ({ userId }) => engine.kickUserOffSeatByAdmin({ seatIndex: -1, userId }) },
  );
}

const { onSeatListChanged, onUserVoiceVolumeChanged, onUserNetworkQualityChanged, ...others } = TUIRoomEvents;
for (const name of Object.values(others)) engine.on(name, (event) => log(name, JSON.stringify(event)));
engine.on(onSeatListChanged, ({ seatedList, leftList }) => {
  log(onSeatListChanged, `came: ${names(seatedList)}; went: ${names(leftList)}`);
  void run(drawSeats);
});
engine.on(TUIRoomEvents.onRequestReceived, ({ request }) => {
  if (request.requestAction === TUIRequestAction.kRequestToTakeSeat) void run(drawRequests);
});
engine.on(TUIRoomEvents.onRequestCancelled, () => void run(drawRequests));
engine.on(TUIRoomEvents.onAutoPlayFailed, ({ resume }) => addEventListener("click", resume, { once: true }));

/** @param {"video" | "audio"} media */
async function ask(media) {
  const { kRequestAccepted } = TUIRequestCallbackType;
  const request = await engine.takeSeat({
    seatIndex: -1,
    timeout: 60,
    media,
    requestCallback: ({ requestCallbackType, userId }) => {
      const [end] = Object.entries(TUIRequestCallbackType).find(([, type]) => type === requestCallbackType) ?? [""];
      log(end, userId);
      if (requestCallbackType !== kRequestAccepted) return;
      void run(media === "video" ? openDevices : () => engine.openLocalMicrophone());
    },
  });
  requestId = request.requestId;
}

/** @param {() => Promise<unknown>} enter */
async function come(enter) {
  await enter();
  me = (await TUIRoomEngine.getSelfInfo()).userId;
  await drawSeats();
}

async function start() {
  await openDevices();
  await come(() => engine.createRoom({ roomId: config.roomId }));
}

button("start", start);
button("stop", () => engine.destroyRoom());
button("ask-video", () => ask("video"));
button("ask-audio", () => ask("audio"));
button("cancel", () => engine.cancelRequest({ requestId }));
button("leave-seat", () => engine.leaveSeat());
if (!isHost) void run(() => come(() => engine.enterRoom({ roomId: config.roomId })));
