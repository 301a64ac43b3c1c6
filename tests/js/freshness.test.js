/** When a picture on the stage counts as standing still. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Freshness } from "../../static/micconnect/ui/freshness.js";

/** A stage with one tile whose video has shown so many pictures. */
class Stage {
  count = 0;
  freshness = new Freshness();
  /** @type {any} */
  video = {
    srcObject: {},
    closest: () => ({ dataset: { key: "c7" } }),
    getVideoPlaybackQuality: () => ({ totalVideoFrames: this.count }),
  };
  /** @type {any} */
  root = { querySelectorAll: () => [this.video] };

  /**
   * @param {number} times
   * @param {{isHidden?: boolean, isMoving?: boolean}} [options]
   */
  look(times, { isHidden = false, isMoving = false } = {}) {
    let changes = 0;
    for (let time = 0; time < times; time++) {
      this.count += isMoving ? 1 : 0;
      changes += Number(this.freshness.look(this.root, isHidden));
    }
    return changes;
  }
}

test("a picture stands still after a while, and moves with the first new one", () => {
  const stage = new Stage();
  stage.look(5, { isMoving: true });
  stage.look(13);
  assert.equal(stage.freshness.isStale("c7"), false);
  assert.equal(stage.look(1), 1);
  assert.equal(stage.freshness.isStale("c7"), true);
  assert.equal(stage.look(1, { isMoving: true }), 1);
  assert.equal(stage.freshness.isStale("c7"), false);
});

test("the word of the room makes it quicker, and does not hide what moves", () => {
  const stage = new Stage();
  stage.look(5, { isMoving: true });
  assert.equal(stage.freshness.isStale("c7", { isSuspect: true }), false);
  stage.look(4);
  assert.equal(stage.freshness.isStale("c7", { isSuspect: true }), true);
  assert.equal(stage.freshness.isStale("c7"), false);
});

test("another picture in the same place begins anew", () => {
  const stage = new Stage();
  stage.look(20);
  stage.video.srcObject = {};
  stage.look(1);
  assert.equal(stage.freshness.isStale("c7"), false);
});

test("nothing is known while the page is hidden, in browsers that do not tell, and of nobody", () => {
  const stage = new Stage();
  stage.look(20);
  stage.look(1, { isHidden: true });
  stage.look(13);
  assert.equal(stage.freshness.isStale("c7"), false);
  stage.video.getVideoPlaybackQuality = undefined;
  stage.look(20);
  assert.equal(stage.freshness.isStale("c7"), false);
  assert.equal(stage.freshness.isStale("c8"), false);
});
