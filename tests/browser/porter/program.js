// A program of somebody who comes from the seed system: only the import, and what login is given, are ours.
import TUIRoomEngine, {
  TUIErrorCode,
  TUIRequestAction,
  TUIRequestCallbackType,
  TUIRoomEvents,
  TUIRoomType,
  TUISeatMode,
} from "micconnect/facades/room_engine.js";

const { searchParams } = new URL(location.href);
const roomId = searchParams.get("room");
const server = searchParams.get("server");

const roomEngine = new TUIRoomEngine();
const log = [];
/** For the test: what was heard, and what a call came to. */
globalThis.heard = (name) => log.filter(([other]) => other === name).map(([, event]) => event);
globalThis.attempt = async (name, ...given) => {
  try {
    const value = await roomEngine[name](...given);
    return { value: value === undefined ? null : value };
  } catch (error) {
    return { code: error.code, name: error.name, message: error.message };
  }
};
globalThis.TUIErrorCode = TUIErrorCode;

for (const name of Object.values(TUIRoomEvents)) roomEngine.on(name, (event) => log.push([name, event]));

const box = (id) => {
  const found = document.getElementById(id) ?? document.createElement("div");
  if (!found.id) {
    found.id = id;
    document.getElementById("remote").append(found);
  }
  return id;
};

let self = null;

roomEngine.on(TUIRoomEvents.onUserVideoStateChanged, async ({ userId, streamType, hasVideo }) => {
  if (userId === self) return;
  const view = box(`${userId}_${streamType}`);
  if (hasVideo) {
    await roomEngine.setRemoteVideoView({ userId, streamType, view });
    await roomEngine.startPlayRemoteVideo({ userId, streamType });
  } else {
    await roomEngine.stopPlayRemoteVideo({ userId, streamType });
  }
});

roomEngine.on(TUIRoomEvents.onRequestReceived, async ({ request }) => {
  if (request.requestAction !== TUIRequestAction.kRequestToTakeSeat) return;
  const button = document.createElement("button");
  button.textContent = `Accept ${request.fromUser.userName}`;
  button.addEventListener("click", async () => {
    await roomEngine.responseRemoteRequest({ requestId: request.requestId, agree: true });
    button.remove();
  });
  document.body.append(button);
});

async function openDevices() {
  await roomEngine.setLocalVideoView({ view: "local" });
  await roomEngine.openLocalMicrophone();
  await roomEngine.openLocalCamera();
}

const click = (id, task) => document.getElementById(id).addEventListener("click", task);

click("live", async () => {
  await openDevices();
  await roomEngine.createRoom({
    roomId,
    roomName: "From there",
    roomType: TUIRoomType.kLive,
    isSeatEnabled: true,
    seatMode: TUISeatMode.kApplyToTake,
  });
  await enter();
});

click("ask", () =>
  roomEngine.takeSeat({
    seatIndex: -1,
    timeout: 60,
    requestCallback: async ({ requestCallbackType, userId, code }) => {
      log.push(["request", { requestCallbackType, userId, code }]);
      if (requestCallbackType === TUIRequestCallbackType.kRequestAccepted) await openDevices();
    },
  }),
);

async function enter() {
  const info = await roomEngine.enterRoom({ roomId, roomType: TUIRoomType.kLive });
  self = (await TUIRoomEngine.getSelfInfo()).userId;
  log.push(["entered", info]);
  return info;
}

globalThis.enter = enter;

TUIRoomEngine.once("ready", async () => {
  await TUIRoomEngine.login({
    sdkAppId: 1400000001,
    userId: "someone",
    userSig: "",
    server,
    fetchTicket: globalThis.ticketFor,
  });
  document.body.dataset.state = "ready";
});
