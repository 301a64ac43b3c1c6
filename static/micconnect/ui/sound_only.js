/** The choice to spare the own line: sound without pictures. This browser remembers it. */

import { html } from "./html.js";
import { keepHere, kept } from "./kept.js";

const KEY = "micconnect.soundOnly";

/** Whether it was chosen here before; a browser that stores nothing for us has to be told each time. */
export function isSoundOnlyKept() {
  return kept("local", KEY) === "1";
}

/** @param {boolean} isSoundOnly */
export function keepSoundOnly(isSoundOnly) {
  keepHere("local", KEY, isSoundOnly ? "1" : null);
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
