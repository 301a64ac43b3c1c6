/** The choice to spare the own line: sound without pictures. This browser remembers it. */

import { html } from "./html.js";

const KEY = "micconnect.soundOnly";

/** Whether it was chosen here before; a browser that stores nothing for us has to be told each time. */
export function isSoundOnlyKept() {
  try {
    return localStorage.getItem(KEY) === "1";
  } catch {
    return false;
  }
}

/** @param {boolean} isSoundOnly */
export function keepSoundOnly(isSoundOnly) {
  try {
    if (isSoundOnly) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // it counts until the page is left
  }
}

/**
 * @param {boolean} isSoundOnly
 * @param {(isSoundOnly: boolean) => void} choose
 */
export function soundOnlySwitch(isSoundOnly, choose) {
  const change = (/** @type {Event} */ { target }) => choose(/** @type {HTMLInputElement} */ (target).checked);
  return html`<label class="switch wide">
    <input type="checkbox" role="switch" data-testid="sound-only" .checked=${isSoundOnly} @change=${change} />
    <span>Sound only <small>No pictures: saves data and battery.</small></span>
  </label>`;
}
