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

/** @type {Record<string, string[]>} what each folder may import besides itself; the files beside the folders are "." */
const MAY_KNOW = {
  ".": [],
  media: ["."],
  ui: [".", "media"],
  facades: [".", "media", "ui"],
  examples: [".", "media", "ui", "facades"],
};
/** @param {string} file */
const folder = (file) => dirname(relative(ROOT, file));

test("layers point down: pages know facades and ui, which know media, which knows the room", () => {
  for (const file of FILES) {
    const known = [folder(file), ...(MAY_KNOW[folder(file)] ?? [])];
    for (const target of found(file, ANY).filter((name) => name.startsWith(ROOT))) {
      assert.ok(known.includes(folder(target)), `${relative(ROOT, file)} → ${relative(ROOT, target)}`);
    }
  }
});

test("only pages reach for the document; a facade draws into the element that it is given, or given the id of", () => {
  const looksUp = join(ROOT, "facades/views.js");
  assert.deepEqual(readFileSync(looksUp, "utf8").match(/\bdocument\b.*/g), ["document;"]);
  for (const file of FILES.filter((name) => !["ui", "examples"].includes(folder(name)) && name !== looksUp)) {
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
