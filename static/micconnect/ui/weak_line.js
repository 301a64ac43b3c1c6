/** Says calmly, on the page of whom it concerns, that the own line is weak, with a button for what helps. */

import { html, nothing } from "./html.js";
import { WEAK_HEADS, helpText } from "./own_line.js";
import { button, icon } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * Nothing while the line is well.
 * @param {PageState} state
 * @param {Page} page
 */
export function weakLineBox({ weakLine, busy }, page) {
  if (!weakLine) return nothing;
  return html`<div class="note-box" data-tone="warn" data-testid="weak-line" data-quality=${weakLine}>
    ${icon(weakLine === "bad" ? "signal-low" : "signal-medium")}
    <div>
      <p><strong>${WEAK_HEADS[weakLine]}</strong> ${helpText(page)}</p>
      ${
        page.media.deviceState("camera") === "open"
          ? button({
              label: "Turn camera off",
              icon: "video-off",
              kind: "secondary",
              testid: "weak-camera-off",
              isBusy: busy.has("camera"),
              click: () => void page.toggle("camera"),
            })
          : nothing
      }
    </div>
  </div>`;
}
