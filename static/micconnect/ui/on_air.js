/** The controls of somebody on air. */

import { deviceCheck } from "./check.js";
import { html, nothing } from "./html.js";
import { button, icon } from "./parts.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

/** @type {Record<Device, {testid: string, on: string, off: string, name: string}>} */
const DEVICES = {
  microphone: { testid: "toggle-mic", on: "mic", off: "mic-off", name: "Microphone" },
  camera: { testid: "toggle-camera", on: "video", off: "video-off", name: "Camera" },
};

/**
 * One toggle; a locked device says so and cannot be pressed.
 * @param {Device} device
 * @param {PageState} state
 * @param {Page} page
 */
function toggle(device, state, page) {
  const { testid, on, off, name } = DEVICES[device];
  const now = page.media.deviceState(device);
  const text = now === "locked" ? "locked" : now === "open" ? "on" : "off";
  return html`<button
    type="button"
    class="toggle"
    data-testid=${testid}
    data-state=${now}
    aria-pressed=${now === "open" ? "true" : "false"}
    ?disabled=${now === "locked" || state.busy.has(device)}
    @click=${() => void page.toggle(device)}
  >
    ${icon(now === "locked" ? "lock" : now === "open" ? on : off)}<span>${name}</span><small>${text}</small>
  </button>`;
}

/**
 * Microphone, and camera where there is one.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 */
export function ownControls(connection, state, page) {
  return html`<div class="controls" role="group" aria-label="Your devices">
    ${toggle("microphone", state, page)}${connection.media === "video" ? toggle("camera", state, page) : nothing}
  </div>`;
}

/**
 * What keeps the own sound from the others, in words; nothing while all is well.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 */
export function ownTrouble(connection, state, page) {
  const { capture } = page.media;
  if (state.check.phase === "asking" || state.check.phase === "failed") {
    return deviceCheck(state, page, { withPicture: false });
  }
  if (!capture.stream) {
    return html`<div class="note-box" data-tone="bad">
      ${icon("circle-alert")}
      <div>
        <p>Nobody can hear you: this page has no microphone.</p>
        ${button({
          label: "Turn on my devices",
          icon: "mic",
          testid: "retake",
          click: () => void page.takeDevices(connection.media).catch(() => undefined),
        })}
      </div>
    </div>`;
  }
  const lost = /** @type {const} */ (["microphone", "camera"]).find(
    (device) => capture.track(device)?.readyState === "ended",
  );
  if (!lost) return nothing;
  return html`<div class="note-box" data-tone="bad">
    ${icon("circle-alert")}
    <div>
      <p>Your ${lost} is gone. Was it unplugged?</p>
      ${button({
        label: "Use another one",
        icon: "refresh-cw",
        click: () => void page.takeDevices(connection.media).catch(() => undefined),
      })}
    </div>
  </div>`;
}

/**
 * What was locked, in words.
 * @param {Page} page
 */
export function lockTexts(page) {
  return /** @type {const} */ (["microphone", "camera"])
    .filter((device) => page.media.deviceState(device) === "locked")
    .map(
      (device) =>
        html`<p class="small lock-text">
          ${icon("lock")}<span>Your ${device} was switched off and locked by the host.</span>
        </p>`,
    );
}
