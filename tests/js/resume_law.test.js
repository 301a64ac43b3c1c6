/** The law: old state + what is heard = fresh snapshot, and no moment twice, whatever happens to the line. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CloseCode } from "../../static/micconnect/protocol.js";
import { MicRoom } from "../../static/micconnect/room.js";
import { pass, useFakeTime } from "./fake_time.js";
import { settled } from "./fakes.js";
import { Dice, ModelServer } from "./model_server.js";

const SEEDS = 60;
const STEPS = 300;
const MOMENTS = ["onUserConnectionExited", "onDeviceRequested", "onDeviceAsked"];

useFakeTime();

/**
 * One thing that may happen, or none.
 * @param {ModelServer} server
 * @param {Dice} dice
 */
async function step(server, dice) {
  const chance = dice.below(100);
  if (chance < 40) server.change();
  else if (chance < 50) server.tick();
  else if (chance < 72) server.deliver(dice.below(8));
  else if (chance < 76) server.repeat();
  else if (chance < 80) server.isDeaf = server.line !== null;
  else if (chance < 92) await pass(dice.below(4000));
  else if (chance < 96) {
    server.cut(dice.below(2) ? 1006 : CloseCode.SLOW);
    server.isBehind = dice.below(4) === 0;
  } else if (chance < 98) server.line?.say({ type: "goingAway", retryInMs: dice.below(3000) });
  else if (chance < 99) server.isCrowded = true;
  else if (dice.below(8) === 0) server.startAnew();
  else server.forget();
  if (dice.below(4) === 0) server.isDeaf = false;
  await settled();
}

/**
 * Lets the line work until all is said and a heartbeat has gone by.
 * @param {ModelServer} server
 */
async function calm(server) {
  server.isDeaf = server.isCrowded = server.isBehind = false;
  for (let i = 0; i < 150; i++) {
    server.tick();
    server.deliver(1000);
    await pass(500);
  }
  server.deliver(1000);
  await settled();
}

/** @param {MicRoom["state"] | ReturnType<ModelServer["picture"]>} picture */
function parts({ info, connectedUsers, seats, metadata, requests, sanctions, links, me, role, seq }) {
  return { info, connectedUsers, seats, metadata, requests, sanctions, links, me, role, seq };
}

for (const role of /** @type {const} */ (["audience", "host"])) {
  test(`random histories, cut at random, leave the ${role} with the true picture and each moment once`, async () => {
    const totals = { replays: 0, snapshots: 0, heard: 0, lost: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const dice = new Dice(seed);
      const server = new ModelServer(dice, role);
      const room = new MicRoom(server.options());
      /** @type {number[]} */
      const heard = [];
      const late = new Set();
      for (const name of MOMENTS) {
        room.addEventListener(name, (event) => {
          const { mark } = /** @type {CustomEvent<{mark: number}>} */ (event).detail;
          heard.push(mark);
        });
      }
      room.addEventListener("snapshot", (event) => {
        const { seq } = /** @type {CustomEvent<{seq: number}>} */ (event).detail;
        for (const [mark, at] of server.due) if (at <= seq && !heard.includes(mark)) late.add(mark);
      });
      room.connect();
      await settled();
      server.deliver(1);
      for (let i = 0; i < STEPS; i++) await step(server, dice);
      await calm(server);
      const about = `seed ${seed}`;
      assert.equal(room.state.status.phase, "open", about);
      assert.deepEqual(parts(room.state), parts(server.picture()), about);
      assert.equal(new Set(heard).size, heard.length, `${about}: a moment was told twice`);
      assert.deepEqual(
        heard.filter((mark) => late.has(mark)),
        [],
        `${about}: a moment was told after the snapshot that holds it`,
      );
      const missing = [...server.due.keys()].filter((mark) => !heard.includes(mark));
      assert.deepEqual(
        missing.filter((mark) => !server.excused.has(mark)),
        [],
        `${about}: a moment was lost without a snapshot`,
      );
      totals.replays += server.replays;
      totals.snapshots += server.snapshots;
      totals.heard += heard.length;
      totals.lost += missing.length;
      room.disconnect();
    }
    const about = JSON.stringify(totals);
    assert.ok(totals.replays > SEEDS && totals.snapshots > SEEDS, about);
    assert.ok(totals.heard > totals.lost && totals.lost > 0, about);
  });
}
