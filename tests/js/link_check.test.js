/** An invitation link is asked after before anything is asked for, and its end is told as what it is. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LinkCheck } from "../../static/micconnect/ui/link_check.js";
import { Store } from "../../static/micconnect/ui/store.js";
import { LINK_ENDS } from "../../static/micconnect/ui/words.js";
import { settled } from "./fakes.js";

globalThis.location ??= /** @type {any} */ ({ pathname: "/live/r/" });

/**
 * A page as far as a link needs one.
 * @param {(token: string) => Promise<string>} ask
 */
function scene(ask) {
  /** @type {any} */
  const store = new Store({ token: "", isLinkKnown: false, linkEnd: null }, (draw) => draw());
  /** @type {string[]} */
  const asked = [];
  /** @type {string[]} what is read out */
  const said = [];
  const announcer = { polite: (/** @type {string} */ text) => void said.push(text) };
  const link = new LinkCheck(/** @type {any} */ ({ announcer, config: {}, store }), async (_config, token) => {
    asked.push(token);
    return /** @type {any} */ (await ask(token));
  });
  return { store, link, asked, said };
}

test("each end of a link is told in words of its own, and the link is forgotten", async () => {
  assert.equal(new Set(Object.values(LINK_ENDS)).size, 4);
  for (const [end, text] of Object.entries(LINK_ENDS)) {
    const { store, asked, said } = scene(async () => end);
    store.update({ token: "t" });
    assert.equal(store.state.isLinkKnown, false, "nothing is offered before it is known");
    await settled();
    assert.deepEqual([asked, store.state.token, store.state.linkEnd, said], [["t"], "", end, [text]]);
  }
});

test("a link that leads to a seat is asked after once, and again when somebody sits down in vain", async () => {
  let answer = "open";
  const { store, link, asked } = scene(async () => answer);
  store.update({ token: "t" });
  store.update({});
  await settled();
  store.update({});
  assert.deepEqual([asked, store.state.isLinkKnown, store.state.token], [["t"], true, "t"]);
  answer = "used_up";
  assert.equal(await link.look("t"), true);
  assert.deepEqual([store.state.linkEnd, store.state.token], ["used_up", ""]);
  store.update({ token: "t" });
  await settled();
  assert.equal(asked.length, 3, "whoever follows the same link again is answered again");
});

test("when the server cannot be asked the invitation stands, and an answer for a link that was put away is none", async () => {
  const away = scene(async () => Promise.reject(new Error("away")));
  away.store.update({ token: "t" });
  await settled();
  assert.deepEqual([away.store.state.isLinkKnown, away.store.state.token], [true, "t"]);
  /** @type {(end: string) => void} */
  let answer = () => undefined;
  const { store, link } = scene(() => new Promise((resolve) => (answer = resolve)));
  store.update({ token: "t" });
  link.forget();
  answer("expired");
  await settled();
  assert.equal(store.state.linkEnd, null);
});
