/** What a guest reads when microphones are shut for all, when that is taken back, and where the host opens them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { lockText, openAgain } from "../../static/micconnect/ui/own_locks.js";
import { connection, liveInfo, myState, roomOptions, seats, snapshot } from "./fakes.js";

/** @typedef {import("../../static/micconnect/protocol.js").ConnectedUser} ConnectedUser */

/** @param {Partial<ConnectedUser>} parts */
function again(parts) {
  const own = connection(parts);
  return openAgain(own, (device) => own[device]);
}

test("what a lock shut may be opened again by its owner once the lock is gone, and is asked for once", () => {
  const shut = /** @type {ConnectedUser["shut"]} */ (["microphone", "camera", "screen"]);
  assert.deepEqual(again({ shut, microphone: "closed", camera: "closed" }), ["microphone", "camera"]);
  assert.deepEqual(again({ shut, microphone: "closed", camera: "locked" }), ["microphone"]);
  assert.deepEqual(again({ shut, microphone: "closed", camera: "closed", media: "audio" }), ["microphone"]);
  assert.deepEqual(again({ shut, microphone: "closed", camera: "open", asked: "microphone" }), []);
  assert.deepEqual(again({ shut: [], microphone: "closed", camera: "closed" }), [], "closed by the own hand");
});

test("a microphone that the room keeps shut is nobody's punishment; a lock of the staff or the seat is told as one", () => {
  const own = connection({ microphone: "locked" });
  const said = (/** @type {object} */ options, /** @type {object} */ parts = {}) => {
    const room = { ...snapshot({ info: liveInfo({ options: roomOptions(options) }) }), ...parts };
    return lockText("microphone", own, room);
  };
  const [room, staff] = [/^The host opens microphones here\. Ask to speak\.$/, /locked by the host/];
  assert.match(said({ mayUnmute: false }), room);
  assert.match(said({}), staff);
  assert.match(said({ mayUnmute: false }, { me: myState({ locked: ["microphone"] }) }), staff);
  assert.match(said({ mayUnmute: false }, { seats: seats({ 1: { isMicrophoneLocked: true } }) }), staff);
  const silent = snapshot({ info: liveInfo({ options: roomOptions({ mayUnmute: false }) }) });
  assert.match(lockText("camera", own, silent), /Your camera was/);
});
