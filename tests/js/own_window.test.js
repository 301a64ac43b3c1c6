/** Which window this is: what a reload keeps, and what no copy of a tab ever gets. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { OwnWindow } from "../../static/micconnect/own_window.js";

/** What one tab keeps, and how pages come and go in it. */
class Tab {
  /** @type {Map<string, string>} */
  kept;

  /** @param {Map<string, string>} [kept]  a copied tab begins with what lay in the other */
  constructor(kept = new Map()) {
    this.kept = new Map(kept);
  }

  storage = {
    getItem: (/** @type {string} */ key) => this.kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void this.kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void this.kept.delete(key),
  };

  /** @param {string} navigation @param {string} [path] */
  open(navigation, path = "/live/r/") {
    const target = new EventTarget();
    const own = new OwnWindow({ storage: this.storage, navigation, target, path });
    return {
      own,
      leave: () => target.dispatchEvent(new Event("pagehide")),
      back: () => target.dispatchEvent(new Event("pageshow")),
    };
  }
}

test("a reload goes on under the same name, and only a reload", () => {
  const tab = new Tab();
  const first = tab.open("navigate");
  assert.match(first.own.id, /^[0-9a-f]{24}$/);
  assert.equal(first.own.isReload, false);
  first.leave();
  const again = tab.open("reload");
  assert.deepEqual([again.own.id, again.own.isReload, again.own.hasPressed], [first.own.id, true, false]);
  again.leave();
  for (const navigation of ["navigate", "back_forward", "prerender", ""]) {
    const other = tab.open(navigation);
    assert.notEqual(other.own.id, first.own.id);
    assert.equal(other.own.isReload, false);
  }
});

test("what was left behind counts once", () => {
  const tab = new Tab();
  const first = tab.open("navigate");
  first.leave();
  tab.open("navigate");
  assert.equal(tab.open("reload").own.isReload, false);
});

test("a copy of a tab gets nothing while the page lives, whatever the browser calls its coming", () => {
  const tab = new Tab();
  const first = tab.open("navigate");
  assert.equal(tab.kept.size, 0);
  for (const navigation of ["reload", "navigate", "back_forward"]) {
    const copy = new Tab(tab.kept).open(navigation);
    assert.notEqual(copy.own.id, first.own.id);
    assert.equal(copy.own.isReload, false);
  }
});

test("a page that was kept aside and comes back takes its name out of the tab again", () => {
  const tab = new Tab();
  const first = tab.open("navigate");
  first.leave();
  first.back();
  assert.equal(tab.kept.size, 0);
  first.leave();
  assert.equal(tab.open("reload").own.id, first.own.id);
});

test("a tab that was in several rooms knows which page is meant", () => {
  const tab = new Tab();
  const first = tab.open("navigate", "/live/a/");
  first.leave();
  assert.equal(tab.open("reload", "/live/b/").own.isReload, false);
  assert.equal(tab.open("reload", "/live/a/").own.id, first.own.id);
});

test("where the browser keeps nothing everything works, and a reload is a new window", () => {
  const refuse = () => {
    throw new DOMException("no", "SecurityError");
  };
  for (const storage of [null, { getItem: refuse, setItem: refuse, removeItem: refuse }]) {
    const target = new EventTarget();
    const own = new OwnWindow({ storage, navigation: "reload", target });
    target.dispatchEvent(new Event("pagehide"));
    target.dispatchEvent(new Event("pageshow"));
    assert.deepEqual([own.isReload, own.id.length], [false, 24]);
  }
});

test("a browser whose storage cannot even be looked at opens the page", () => {
  const former = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage");
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get() {
      throw new DOMException("no", "SecurityError");
    },
  });
  try {
    assert.equal(new OwnWindow({ target: new EventTarget() }).id.length, 24);
  } finally {
    if (former) Object.defineProperty(globalThis, "sessionStorage", former);
    else Reflect.deleteProperty(globalThis, "sessionStorage");
  }
});
