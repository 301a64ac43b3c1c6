/** What the hashing of static files needs of our modules: relative, semicolon-ended, and in no circle. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../../static/micconnect");
const FILES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".js"))
  .map((name) => join(ROOT, name));

/** @param {string} file @param {RegExp} pattern */
const found = (file, pattern) =>
  [...readFileSync(file, "utf8").matchAll(pattern)].map(([, url]) => join(dirname(file), url ?? ""));
const STATIC = /^(?:import|export)\b[^;"]*from "([^"]+)";$/gm;
// the hashing also takes the types in comments for imports
const ANY = /(?:from |import\()"([^"]+)"/g;

test("every import is relative, exists, and ends with a semicolon", () => {
  for (const file of FILES) {
    const all = found(file, /^(?:import|export)\b[^"]*from "([^"]+)"/gm);
    assert.deepEqual(all, found(file, STATIC), relative(ROOT, file));
    for (const target of found(file, ANY)) assert.ok(existsSync(target), `${relative(ROOT, file)} → ${target}`);
  }
});

test("no module reaches itself again, types in comments counted", () => {
  /** @type {Map<string, "open" | "done">} */
  const seen = new Map();
  /** @param {string} file @param {string[]} path */
  const visit = (file, path) => {
    assert.notEqual(seen.get(file), "open", [...path, file].map((name) => relative(ROOT, name)).join(" → "));
    if (seen.has(file)) return;
    seen.set(file, "open");
    for (const target of found(file, ANY)) visit(target, [...path, file]);
    seen.set(file, "done");
  };
  for (const file of FILES) visit(file, []);
});

test("layers point down: nothing below ui/ knows it, and the DOM is touched in ui/ alone", () => {
  for (const file of FILES.filter((name) => !relative(ROOT, name).startsWith("ui"))) {
    for (const target of found(file, ANY)) assert.ok(!relative(ROOT, target).startsWith("ui"), relative(ROOT, file));
    assert.doesNotMatch(readFileSync(file, "utf8"), /\bdocument\b/, relative(ROOT, file));
  }
});

test("no markup is set as text, and no style as an attribute", () => {
  for (const file of FILES) {
    assert.doesNotMatch(
      readFileSync(file, "utf8"),
      /innerHTML|insertAdjacentHTML|unsafeHTML|\bstyle=/,
      relative(ROOT, file),
    );
  }
});
