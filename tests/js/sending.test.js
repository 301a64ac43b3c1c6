/** How large a camera is sent: by how many share the stage, and by who is shown large. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Publisher } from "../../static/micconnect/media/publish.js";
import { FULL, allowedBps, sendingFor } from "../../static/micconnect/media/sending.js";
import { connection, liveInfo, myState, roomOptions, settled } from "./fakes.js";
import { FakePeer, FakeStream, FakeTrack, Scene, seated } from "./media_fakes.js";

/**
 * A room with so many people on air, oneself on seat 1.
 * @param {number} count
 * @param {object} [info]
 */
function room(count, info) {
  const others = Array.from({ length: count - 1 }, (_, i) =>
    connection({ userId: i ? `u${i}` : "h", seatIndex: i ? i + 1 : 0 }),
  );
  const connectedUsers = [connection(), ...others].sort((a, b) => a.seatIndex - b.seatIndex);
  return { info: liveInfo(info), connectedUsers, me: myState({ connection: connection() }) };
}

test("the more pictures there are the smaller is each", () => {
  const shares = [1, 2, 3, 4, 5, 10].map((count) => sendingFor(room(count)));
  assert.deepEqual(
    shares.map(({ share }) => share),
    [1, 1, 0.6, 0.6, 0.35, 0.35],
  );
  assert.deepEqual(
    shares.map(({ scale }) => scale),
    [1, 1, 1.5, 1.5, 2, 2],
  );
});

test("only pictures on the stage count: no sound-only seats, no closed cameras, nobody behind the stage", () => {
  const { connectedUsers, ...rest } = room(5);
  const own = connectedUsers.filter(({ userId }) => userId === "g");
  const others = connectedUsers.filter(({ userId }) => userId !== "g");
  const hidden = [{ media: "audio" }, { camera: "closed" }, { camera: "locked" }, { isBackstage: true }];
  const quiet = others.map((user, i) => ({ ...user, ...hidden[i] }));
  assert.equal(sendingFor(/** @type {any} */ ({ ...rest, connectedUsers: [...own, ...quiet] })), FULL);
});

test("who is shown large is sent in full: in the spotlight, or as the first one of a layout with a large tile", () => {
  assert.equal(sendingFor(room(9, { spotlight: "g" })), FULL);
  assert.notEqual(sendingFor(room(9, { spotlight: "u2" })), FULL);
  const layout = roomOptions({ layout: "200" });
  assert.notEqual(sendingFor(room(9, { options: layout })), FULL);
  const host = { ...room(9, { options: layout }), me: myState({ user: { userId: "h", userName: "Hanna" } }) };
  assert.equal(sendingFor(host), FULL);
  const [sharer = connection(), ...others] = host.connectedUsers;
  const withScreen = { ...host, connectedUsers: [{ ...sharer, screen: /** @type {const} */ ("open") }, ...others] };
  assert.notEqual(sendingFor(withScreen), FULL, "the shared screen is the large one then");
});

test("who is behind the stage sends in full, so that the host sees them well", () => {
  const { connectedUsers, ...rest } = room(9);
  const behind = connectedUsers.map((user) => (user.userId === "g" ? { ...user, isBackstage: true } : user));
  assert.equal(sendingFor({ ...rest, connectedUsers: behind }), FULL);
});

test("the cap of the picture is read from the answer", () => {
  const answer = (/** @type {string} */ lines) =>
    `v=0\r\nm=audio 9 X 1\r\nb=AS:64\r\nm=video 9 X 2\r\n${lines}a=mid:1\r\n`;
  assert.equal(allowedBps(answer("b=AS:800\r\nb=TIAS:750000\r\n")), 750_000);
  assert.equal(allowedBps(answer("b=AS:800\r\n")), 800_000);
  assert.equal(allowedBps(answer("")), 600_000);
  assert.equal(allowedBps("v=0\r\nm=audio 9 X 1\r\nb=TIAS:64000\r\n"), 600_000);
});

/**
 * A peer with a sender whose parameters are `parameters`, as browsers keep them.
 * @param {object} [parameters]
 */
function peerThatSends(parameters = { transactionId: "1", encodings: [{ active: true }] }) {
  /** @type {any[]} */
  const set = [];
  const sender = {
    track: new FakeTrack("video"),
    getParameters: () => ({ ...parameters }),
    setParameters: async (/** @type {any} */ wanted) => void set.push(wanted),
  };
  const peer = Object.assign(new FakePeer(), {
    getSenders: () => [{ track: new FakeTrack("audio") }, { track: null }, sender],
  });
  return { peer, sender, set };
}

/** @param {FakePeer} peer @param {object} [options] */
function publisherOn(peer, options) {
  const room = /** @type {any} */ ({ publish: async () => "v=0\r\nm=video 9 X 2\r\nb=TIAS:1000000\r\n" });
  const stream = /** @type {any} */ (new FakeStream([new FakeTrack("video")]));
  return new Publisher(room, stream, { ...options, open: () => /** @type {any} */ (peer) });
}

const SMALL = { share: 0.5, scale: 2 };

test("a smaller picture is asked of the browser once the server has answered, and once for each change", async () => {
  const { peer, set } = peerThatSends();
  const publisher = publisherOn(peer);
  publisher.adapt(SMALL);
  assert.equal(set.length, 0);
  await publisher.start();
  await settled();
  publisher.adapt(SMALL);
  await settled();
  assert.deepEqual(set, [
    { transactionId: "1", encodings: [{ active: true, maxBitrate: 500_000, scaleResolutionDownBy: 2 }] },
  ]);
  publisher.adapt(FULL);
  await settled();
  assert.deepEqual(set[1].encodings, [{ active: true, maxBitrate: 1_000_000, scaleResolutionDownBy: 1 }]);
});

test("a browser that lists no encodings is given one; one that refuses goes on, and is asked again", async () => {
  const { peer, sender, set } = peerThatSends({});
  const publisher = publisherOn(peer);
  await publisher.start();
  const take = sender.setParameters;
  sender.setParameters = async () => Promise.reject(new Error("InvalidModificationError"));
  publisher.adapt(SMALL);
  await settled();
  sender.setParameters = take;
  publisher.adapt({ ...SMALL });
  await settled();
  assert.deepEqual(set, [{ encodings: [{ maxBitrate: 500_000, scaleResolutionDownBy: 2 }] }]);
});

test("the page's camera follows the room; its shared screen is always sent in full", async () => {
  const { sender, set } = peerThatSends();
  Object.assign(FakePeer.prototype, { getSenders: () => [sender] });
  const scene = new Scene({ ...seated, connectedUsers: room(9).connectedUsers });
  await scene.capture.start("video");
  await settled();
  await scene.set({});
  assert.deepEqual(set.at(-1)?.encodings[0].scaleResolutionDownBy, 2);
  await scene.set({ connectedUsers: [connection()] });
  assert.deepEqual(set.at(-1)?.encodings[0].scaleResolutionDownBy, 1);
  assert.equal(set.length, 2);
});
