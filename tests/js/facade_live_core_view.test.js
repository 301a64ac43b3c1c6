/** LiveCoreView: live and co-guest, its observer, and the pictures in its container. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { LiveCoreView } from "../../static/micconnect/facades/live_core_view.js";
import { ERRORS } from "../../static/micconnect/protocol.js";
import { AS_HOST, HOST, House, UGO, closeHouses, hostSeat, ownInvitation, viewIn } from "./facade_house.js";
import { WINDOW, connection, liveInfo, myState, request, roomOptions, settled } from "./fakes.js";

afterEach(closeHouses);

test("the host previews, goes live, lays out the seats, and stops", async () => {
  const house = new House();
  const view = new LiveCoreView(house);
  await view.startCamera();
  await view.startMicrophone();
  assert.equal(house.capture.media, "video");
  const idle = { role: /** @type {const} */ ("host"), me: myState({ user: HOST }), info: liveInfo({ status: "idle" }) };
  await house.welcome(view.startLiveStream({ roomId: "r", name: "Night" }), idle);
  assert.deepEqual(house.server.line.last("updateRoom").title, "Night");
  assert.deepEqual(house.sent, { type: "goLive", media: "video" });
  await view.setLayoutMode("float");
  assert.deepEqual(house.sent, { type: "updateRoom", layout: "601" });
  await view.setLayoutMode("grid");
  assert.deepEqual(house.sent, { type: "updateRoom", layout: "600" });
  await assert.rejects(view.setLayoutMode("free"), { name: "NOT_OFFERED" });
  await house.tell([{ type: "onLiveInfoChanged", info: liveInfo() }]);
  await assert.rejects(view.leaveLiveStream(), { code: -2102 });
  const { line } = house.server;
  const ending = view.stopLiveStream();
  await settled();
  await house.tell([{ type: "onLiveInfoChanged", info: liveInfo({ status: "ended" }) }]);
  await ending;
  assert.equal(line.last("endLive").type, "endLive");
  assert.deepEqual([house.capture.stream, view.connectedUserList], [null, []]);
});

test("a host who previewed nothing goes live with both devices, and one whose show runs just comes back", async () => {
  const house = new House();
  const view = new LiveCoreView(house);
  await house.welcome(view.startLiveStream({ roomId: "r" }), AS_HOST);
  assert.equal(house.capture.media, "video");
  assert.equal(house.server.line.last("goLive"), undefined);
});

test("the audience asks with the devices in hand, and lets go of them when it does not come to a seat", async () => {
  const { house, view, heard } = await viewIn({ me: myState() });
  await view.requestIntraRoomConnection("", 60, false);
  assert.deepEqual(house.sent, { type: "apply", media: "audio", timeoutS: 60 });
  assert.deepEqual([house.capture.media, view.openCameraOnCoGuest, view.coGuestStatus], ["audio", false, "none"]);
  await house.tell([{ type: "onMyStateUpdated", me: myState({ request: request() }) }], "me");
  assert.deepEqual([view.coGuestStatus, view.myRequestId], ["applying", "r5"]);
  await view.cancelIntraRoomConnection("");
  assert.deepEqual([house.sent, house.capture.stream], [{ type: "cancelApplication" }, null]);
  await view.requestIntraRoomConnection("h", 0, true);
  assert.deepEqual(house.sent, { type: "apply", media: "video", timeoutS: 0 });
  await house.tell([{ type: "onUserConnectionRejected", request: request({ operator: HOST }) }], "me");
  assert.deepEqual(heard.at(-1), ["onUserConnectionRejected", HOST]);
  assert.equal(house.capture.stream, null);
  await assert.rejects(view.requestIntraRoomConnection("u", 0, true), { name: "NEEDS_STAFF" });
  house.server.answers = { apply: { error: { code: "COOL_DOWN", ...ERRORS.COOL_DOWN } } };
  await assert.rejects(view.requestIntraRoomConnection("", 0, true), { code: 100012 });
  assert.equal(house.capture.stream, null);
});

test("a guest on a seat mutes, stops, starts and leaves", async () => {
  const { house, view } = await viewIn();
  await view.requestIntraRoomConnection("", 60, true);
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  assert.equal(view.coGuestStatus, "linking");
  assert.equal(house.server.line.last("setDevice"), undefined, "the devices are on air as they were chosen");
  const own = async (/** @type {Partial<ReturnType<typeof connection>>} */ parts) =>
    house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection(parts) }) }], "me");
  await view.muteMicrophone(true);
  assert.deepEqual(house.sent, { type: "setDevice", device: "microphone", isOpen: false });
  await own({ microphone: "closed" });
  await view.muteMicrophone(false);
  assert.deepEqual(house.sent, { type: "setDevice", device: "microphone", isOpen: true });
  await own({});
  await view.stopMicrophone();
  await view.stopCamera();
  assert.deepEqual(house.sent, { type: "setDevice", device: "camera", isOpen: false });
  await own({ microphone: "closed", camera: "closed" });
  await view.startCamera();
  assert.deepEqual(house.sent, { type: "setDevice", device: "camera", isOpen: true });
  await view.terminateIntraRoomConnection();
  assert.deepEqual(house.sent, { type: "leaveSeat" });
  await view.leaveLiveStream();
  assert.equal(house.server.line.last("leave").type, "leave");
  assert.equal(view.coGuestStatus, "none");
});

test("a seat that this window kept through a reload opens its devices again, and no other takes any", async () => {
  const kept = { me: myState({ connection: connection({ camera: "closed" }) }) };
  for (const [isReload, window, media] of /** @type {const} */ ([
    [true, WINDOW, "audio"],
    [false, WINDOW, null],
    [true, "another", null],
    [true, "", null],
  ])) {
    const house = new House();
    house.isReload = isReload;
    const view = new LiveCoreView(house);
    await house.welcome(view.joinLiveStream("r"), { me: { ...kept.me, window } });
    await settled();
    assert.equal(house.capture.media, media);
  }
});

test("a seat that comes after the reload waits for a call of the program", async () => {
  const house = new House();
  house.isReload = true;
  const view = new LiveCoreView(house);
  await house.welcome(view.joinLiveStream("r"), { me: myState({ request: request() }) });
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  assert.equal(house.capture.media, null);
  await view.startMicrophone();
  assert.equal(house.capture.media, "audio");
});

test("a device that is opened here brings the seat here first", async () => {
  const { house, view } = await viewIn({ me: { ...myState({ connection: connection() }), window: "another" } });
  const opening = view.startMicrophone();
  await settled();
  assert.deepEqual(house.server.line.sent.at(-1)?.type, "bringHere");
  await opening;
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: connection() }) }], "me");
  assert.equal(house.server.line.sent.filter(({ type }) => type === "bringHere").length, 1);
});

test("an invitation is accepted with the devices in hand, or declined without", async () => {
  const { house, view } = await viewIn({ me: myState({ request: ownInvitation }) });
  assert.deepEqual(view.connectionRequestList, [HOST]);
  await view.respondIntraRoomConnection("h", true);
  assert.deepEqual(house.sent, { type: "respondToInvitation", requestId: "r3", isAccepted: true });
  assert.equal(house.capture.media, "video");
  house.capture.stop();
  await view.respondIntraRoomConnection("h", false);
  assert.deepEqual([house.sent?.isAccepted, house.capture.stream], [false, null]);
});

test("the host invites, withdraws, answers and takes off", async () => {
  const { house, view } = await viewIn(AS_HOST);
  assert.deepEqual(view.connectionRequestList, [UGO]);
  /** @type {number[]} */
  const lengths = [];
  view.addEventListener("change", () => lengths.push(view.connectionRequestList.length));
  await house.tell([{ type: "onRequestsUpdated", requests: [] }], "staff");
  await house.tell([{ type: "onRequestsUpdated", requests: AS_HOST.requests }], "staff");
  assert.deepEqual(lengths, [0, 1]);
  await view.requestIntraRoomConnection("u", 60, false);
  assert.deepEqual(house.sent, { type: "invite", userId: "u", media: "audio", timeoutS: 60 });
  await view.cancelIntraRoomConnection("u");
  assert.deepEqual(house.sent, { type: "cancelInvitation", requestId: "r2" });
  await view.cancelIntraRoomConnection("x");
  assert.equal(house.sent?.requestId, "r2", "nothing is pending, nothing is sent");
  await view.respondIntraRoomConnection("u", true);
  assert.deepEqual(house.sent, { type: "respondToApplication", requestId: "r1", isAccepted: true });
  await assert.rejects(view.respondIntraRoomConnection("x", true), { code: -2311, name: "NO_SUCH_REQUEST" });
  await view.disconnectUser("u");
  assert.deepEqual(house.sent, { type: "disconnectUser", userId: "u" });
});

test("the observer hears the list with who came and who went, and every callback", async () => {
  const { house, view, heard, observer } = await viewIn({ connectedUsers: [hostSeat] });
  const ids = (/** @type {any[]} */ call) => call.slice(1).map((list) => list.map((/** @type {any} */ u) => u.userId));
  assert.deepEqual(ids(heard[0] ?? []), [["h"], ["h"], []]);
  const ugo = connection(UGO);
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, ugo] }]);
  assert.deepEqual(ids(heard.at(-1) ?? []), [["h", "u"], ["u"], []]);
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, { ...ugo, microphone: "closed" }] }]);
  assert.equal(heard.length, 2, "a device is no change of the seats");
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, { ...ugo, seatIndex: 5 }] }]);
  assert.deepEqual(ids(heard.at(-1) ?? []), [["h", "u"], [], []]);
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat] }]);
  assert.deepEqual(ids(heard.at(-1) ?? []), [["h"], [], ["u"]]);

  await house.tell([{ type: "onUserConnectionRequest", request: ownInvitation }], "me");
  assert.deepEqual(heard.at(-1), ["onUserConnectionRequest", HOST]);
  await house.tell([{ type: "onUserConnectionCancelled", request: ownInvitation }], "me");
  assert.deepEqual(heard.at(-1), ["onUserConnectionCancelled", HOST]);
  await house.tell([{ type: "onUserConnectionTimeout", request: ownInvitation }], "me");
  assert.deepEqual(heard.at(-1), ["onUserConnectionCancelled", HOST], "who was asked only hears that it is gone");
  await house.tell([{ type: "onUserConnectionTimeout", request: request() }], "me");
  assert.deepEqual(heard.at(-1), ["onUserConnectionTimeout", HOST]);
  await house.tell([{ type: "onUserConnectionAccepted", request: request({ operator: UGO }) }], "me");
  assert.deepEqual(heard.at(-1), ["onUserConnectionAccepted", UGO], "whoever answered, not always the host");
  const lastConnection = { seatIndex: 1, endReason: "terminated", operator: HOST, note: "" };
  await house.tell([{ type: "onUserConnectionTerminated", lastConnection }], "me");
  assert.deepEqual(heard.at(-1), ["onUserConnectionTerminated"]);
  await house.tell([{ type: "onUserConnectionExited", user: UGO, seatIndex: 1, endReason: "exited" }]);
  assert.deepEqual(heard.at(-1), ["onUserConnectionExited", UGO]);
  view.unregisterConnectionObserver(observer);
  await house.tell([{ type: "onRoomDismissed", roomId: "r", reason: "host" }]);
  assert.notEqual(heard.at(-1)?.[0], "onRoomDismissed");
  view.registerConnectionObserver(observer);
  await house.tell([{ type: "onRoomDismissed", roomId: "r", reason: "host" }]);
  assert.deepEqual(heard.at(-1), ["onRoomDismissed", "r"]);
});

test("whether applications are taken follows the mode and the pause", async () => {
  const { house, view } = await viewIn();
  assert.equal(view.enableConnection, true);
  const change = async (/** @type {Parameters<typeof roomOptions>[0]} */ parts) =>
    house.tell([{ type: "onLiveInfoChanged", info: liveInfo({ options: roomOptions(parts) }) }]);
  await change({ isPaused: true });
  assert.equal(view.enableConnection, false);
  await change({ seatMode: "invite_only" });
  assert.equal(view.enableConnection, false);
  await change({ seatMode: "free" });
  assert.equal(view.enableConnection, true);
});

/** As much of an element as the grid needs. */
class FakeElement extends EventTarget {
  ownerDocument = { createElement: () => new FakeElement() };
  dataset = {};
  /** @type {FakeElement[]} */
  children = [];
  /** @type {FakeElement | null} */
  parent = null;
  srcObject = null;
  hidden = false;
  textContent = "";

  querySelectorAll() {
    return [];
  }

  /** @param {FakeElement[]} children */
  append(...children) {
    for (const child of children) child.parent = this;
    this.children.push(...children);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this);
  }
}

test("the container shows a box for everybody on air, for their screens and for the own preview", async () => {
  const house = new House();
  const container = new FakeElement();
  const view = new LiveCoreView({ ...house, parts: house.parts, container: /** @type {any} */ (container) });
  const boxes = () => container.children.map(({ dataset, children: [video, name] }) => [dataset, video, name]);
  await house.welcome(view.joinLiveStream("r"), { connectedUsers: [hostSeat] });
  assert.deepEqual(
    boxes().map(([data, , name]) => [/** @type {any} */ (data).seat, /** @type {FakeElement} */ (name).textContent]),
    [["0", "Hanna"]],
  );
  await view.requestIntraRoomConnection("", 60, true);
  assert.equal(/** @type {any} */ (boxes()[1]?.[1]).srcObject, house.capture.stream, "the own preview");
  const mine = connection({ screen: "open" });
  await house.tell([{ type: "onMyStateUpdated", me: myState({ connection: mine }) }], "me");
  await house.tell([{ type: "onConnectedUsersUpdated", connectedUsers: [hostSeat, mine] }]);
  assert.deepEqual(
    boxes().map(([data]) => [/** @type {any} */ (data).seat, /** @type {any} */ (data).user]),
    [
      ["0", "h"],
      ["1", "g"],
      ["1", "g"],
    ],
  );
  /** @type {string[]} */
  const made = [];
  view.setVideoViewDelegate({
    createCoGuestView: ({ userName }) => (made.push(userName), /** @type {any} */ (new FakeElement())),
    updateCoGuestView: ({ userName }, overlay) => void (overlay.textContent = userName),
  });
  assert.deepEqual(made, ["Hanna", "Gil", "Gil"]);
  assert.equal(container.children[1]?.children[2]?.textContent, "Gil");
  house.player.isBlocked = true;
  container.dispatchEvent(new Event("click"));
  assert.equal(house.player.isBlocked, false, "a touch lets it sound");
  await view.leaveLiveStream();
  assert.deepEqual(container.children, []);
});

test("a room that the server closes leaves nothing in the container", async () => {
  const house = new House();
  const container = new FakeElement();
  const view = new LiveCoreView({ ...house, parts: house.parts, container: /** @type {any} */ (container) });
  await house.welcome(view.joinLiveStream("r"), { connectedUsers: [hostSeat] });
  assert.equal(container.children.length, 1);
  house.server.line.cut(4009);
  assert.deepEqual([container.children, view.connectedUserList], [[], []]);
});
