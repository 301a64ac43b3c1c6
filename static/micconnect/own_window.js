/**
 * Which of the person's windows this is, and whether somebody has touched it.
 *
 * The name lives in memory. Only a reload goes on under it: the page puts it into sessionStorage when it goes (`pagehide`)
 * and takes it out again as soon as it is there. So while a page lives nothing of it lies there for "Duplicate tab" and
 * `window.open` to copy, and what a page of before left behind counts only if the browser says that this is a reload of
 * it. A page that was kept aside (bfcache) and comes back still has its name in memory, and takes it out as well.
 */

import { newWindowId } from "./window_id.js";

/** @returns {Storage | null} null where the browser keeps nothing for us: then a reload is a new window */
function usualStorage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

function usualNavigation() {
  const [entry] = globalThis.performance?.getEntriesByType?.("navigation") ?? [];
  return /** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type ?? "";
}

export class OwnWindow {
  id;
  /** Whether the same window was here before, and was reloaded: it may take the devices again that it had. */
  isReload;
  /** Whether somebody pressed a button here, since the page was loaded, that means devices. Without one none are taken. */
  hasPressed = false;
  #storage;
  #key;

  /**
   * @param {object} [parts]
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} [parts.storage]
   * @param {string} [parts.navigation]  how the browser says that the page came: "reload", "navigate", …
   * @param {EventTarget} [parts.target]  where `pagehide` and `pageshow` are fired
   * @param {string} [parts.path]  of the page, since one tab may have been in several rooms
   */
  constructor({
    storage = usualStorage(),
    navigation = usualNavigation(),
    target = globalThis.window ?? new EventTarget(),
    path = globalThis.location?.pathname ?? "",
  } = {}) {
    this.#storage = storage;
    this.#key = `micconnect.window ${path}`;
    const kept = this.#take();
    this.isReload = navigation === "reload" && !!kept;
    this.id = this.isReload && kept ? kept : newWindowId();
    target.addEventListener("pagehide", () => this.#put());
    target.addEventListener("pageshow", () => this.#take());
  }

  #take() {
    try {
      const kept = this.#storage?.getItem(this.#key) ?? null;
      this.#storage?.removeItem(this.#key);
      return kept;
    } catch {
      return null;
    }
  }

  #put() {
    try {
      this.#storage?.setItem(this.#key, this.id);
    } catch {
      // then this window is a new one after a reload, and asks before it takes the devices
    }
  }
}
