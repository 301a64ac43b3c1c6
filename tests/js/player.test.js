/** Sound that the system paused comes back: at once, with the person, or by a touch. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Player } from "../../static/micconnect/ui/player.js";
import { settled } from "./fakes.js";

/** An audio element that the system may pause, and may refuse to play. */
class FakeAudio extends EventTarget {
  srcObject = null;
  volume = 1;
  paused = true;
  ended = false;
  plays = 0;
  isAllowed = true;
  isFought = false; // it is paused again at once, whenever it plays

  async play() {
    this.plays++;
    if (!this.isAllowed) throw Object.assign(new Error(""), { name: "NotAllowedError" });
    this.paused = false;
    this.dispatchEvent(new Event("playing"));
    if (this.isFought) this.pause();
  }

  pause() {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }
}

function listening() {
  const audio = new FakeAudio();
  const player = new Player(() => /** @type {any} */ (audio));
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const view = new EventTarget();
  player.follow(/** @type {any} */ (page), view);
  player.sync(new Map([["ann", /** @type {any} */ ({})]]), {});
  return { audio, player, page, view };
}

test("what the system pauses plays on at once", async () => {
  const { audio, player } = listening();
  audio.pause();
  await settled();
  assert.deepEqual([audio.paused, audio.plays, player.isBlocked], [false, 2, false]);
});

test("whose seat is empty is not played again", async () => {
  const { audio, player } = listening();
  player.sync(new Map(), {});
  await settled();
  assert.deepEqual([audio.paused, audio.plays, player.isBlocked], [true, 1, false]);
});

test("a refusal after the first success asks for a touch, too", async () => {
  const { audio, player } = listening();
  audio.isAllowed = false;
  audio.pause();
  await settled();
  assert.equal(player.isBlocked, true);
  audio.isAllowed = true;
  await player.unlock();
  assert.deepEqual([audio.paused, player.isBlocked], [false, false]);
});

for (const sign of ["visibilitychange", "pageshow", "focus", "click", "keydown"]) {
  test(`a ${sign} plays what was refused before`, async () => {
    const { audio, player, page, view } = listening();
    audio.isAllowed = false;
    audio.pause();
    await settled();
    audio.isAllowed = true;
    (sign === "visibilitychange" ? page : view).dispatchEvent(new Event(sign));
    await settled();
    assert.deepEqual([audio.paused, player.isBlocked], [false, false]);
  });
}

test("a page that goes into the background wakes nothing", async () => {
  const { audio, page } = listening();
  audio.isAllowed = false;
  audio.pause();
  await settled();
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.equal(audio.plays, 2);
});

test("whoever pauses again and again is not fought: a touch decides", async () => {
  const { audio, player } = listening();
  audio.isFought = true;
  audio.pause();
  await settled();
  assert.equal(audio.paused, true);
  assert.equal(player.isBlocked, true);
  assert.ok(audio.plays <= 4, `${audio.plays} times`);
});
