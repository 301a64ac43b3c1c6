/** What the dialogs of the staff are made of. */

import { NOTE_MAX } from "../protocol.js";
import { freeSeats, isSoundOnly } from "./guest_state.js";
import { html } from "./html.js";
import { choiceField, errorBox } from "./parts.js";
import { MEDIA_TEXTS } from "./words.js";

/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * What all dialogs with a form share.
 * @param {PageState} state
 * @param {Staff} staff
 */
export function common({ busy, error }, { page }) {
  return { isBusy: busy.has("sheet"), error: errorBox(error, page.clearError), close: page.close };
}

/** @param {string} testid */
export function noteField(testid) {
  return html`<label
    >A word to them <span class="small">(if you like)</span>
    <input name="note" dir="auto" data-testid=${testid} maxlength=${NOTE_MAX} autocomplete="off" />
  </label>`;
}

/**
 * @param {PageState} state
 * @param {string} testid
 */
export function freeSeatField(state, testid) {
  /** @type {[string, string][]} */
  const seats = freeSeats(state.room).map(({ seatIndex }) => [String(seatIndex), `Seat ${seatIndex}`]);
  return choiceField({
    label: "Seat",
    name: "seat",
    testid,
    choices: [["-1", "Any free seat"], ...seats],
    value: "-1",
  });
}

/**
 * @param {PageState} state
 * @param {string} testid
 */
export function mediaField(state, testid) {
  const choices = Object.entries(MEDIA_TEXTS).filter(([media]) => media === "audio" || !isSoundOnly(state.room));
  return choiceField({ label: "With", name: "media", testid, choices, value: choices[0][0] });
}

/**
 * @param {Record<string, string>} choices
 * @param {string} testid
 * @param {string} [value]  the first without it
 */
export function reasonField(choices, testid, value = Object.keys(choices)[0]) {
  return choiceField({ label: "Reason", name: "reason", testid, choices: Object.entries(choices), value });
}
