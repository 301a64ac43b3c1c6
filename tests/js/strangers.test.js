/** Strangers' text on the pages: in markup a `<bdi>` keeps it to itself, in sentences, titles and labels `isolated`. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { errorText, isolated, requestEndText, sanctionText } from "../../static/micconnect/ui/words.js";
import { MicError } from "../../static/micconnect/errors.js";

const UI = join(import.meta.dirname, "../../static/micconnect/ui");
const FILES = readdirSync(UI).filter((name) => name.endsWith(".js"));

// what people write, by the names under which it comes from the wire
const THEIRS = String.raw`\b(?:userName|answerNote|appeal|options\.title|(?:request|last|sanction|bar)\.note)\b`;
/** Places where such a text stands between other words and nothing keeps it apart. @param {string} source */
function loose(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const kept = code
    .replace(new RegExp(String.raw`<bdi[^>]*>\s*\$\{[^{}]*${THEIRS}[^{}]*\}`, "g"), "")
    .replace(new RegExp(String.raw`(?:isolated|initial)\([^()]*${THEIRS}[^()]*\)`, "g"), "")
    .replace(new RegExp(String.raw`[.?a-z-]+=\$\{[^{}]*${THEIRS}[^{}]*\}`, "g"), ""); // a property has one text alone
  return [...kept.matchAll(new RegExp(String.raw`\$\{[^{}]*${THEIRS}[^{}]*\}|textContent =[^;]*${THEIRS}`, "g"))]
    .map(([found]) => found)
    .filter((found) => !/\?\s*html`|^\$\{\s*(?:request|last|bar)\.note\s*$/.test(found));
}

test("the search for loose texts finds them, and only them", () => {
  const found = ["`${user.userName} left`", "html`<p>${userName}</p>`", "`Watching ${info?.options.title ?? ''}.`"];
  for (const line of found) assert.equal(loose(line).length, 1, line);
  const kept = ["`${isolated(user.userName)} left`", "html`<bdi class=x>${userName}</bdi>`", "({ userName }) => 1"];
  for (const line of kept) assert.deepEqual(loose(line), [], line);
});

test("no page puts a stranger's text between its own words without keeping it apart", () => {
  let isolations = 0;
  for (const name of FILES) {
    const source = readFileSync(join(UI, name), "utf8");
    assert.deepEqual(loose(source), [], name);
    isolations += source.split("isolated(").length - 1;
  }
  assert.ok(isolations > 20);
});

test("an isolated text cannot end its own isolation", () => {
  assert.equal(isolated("a\u2069\u202Eb\u200F"), "\u2068ab\u2069");
});

test("sentences about people keep their names and notes apart", () => {
  const operator = { userId: "h", userName: "אבג" };
  const request = /** @type {any} */ ({ kind: "application", state: "rejected", operator, answerNote: "דהו" });
  assert.equal(requestEndText(request), "\u2068אבג\u2069 did not take your request. “\u2068דהו\u2069”");
  const sanction = /** @type {any} */ ({ kind: "mic_bar", operator, until: null, reason: "other", note: "דהו" });
  assert.equal(sanctionText(sanction), "\u2068אבג\u2069 has barred you from going on air for good. “\u2068דהו\u2069”");
  assert.equal(errorText(new MicError("SEAT_TAKEN", "", { details: { by: "אבג" } })), "\u2068אבג\u2069 sits there.");
});
