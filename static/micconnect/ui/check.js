/** The look at the own devices: what kind, how it looks, how loud it is, and what is wrong. */

import { html, nothing } from "./html.js";
import { button, icon } from "./parts.js";
import { ownPicture } from "./tile.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

/** @type {{media: LinkMedia, testid: string, icon: string, title: string, text: string}[]} */
const CHOICES = [
  {
    media: "video",
    testid: "choose-video",
    icon: "video",
    title: "Picture and sound",
    text: "Others see and hear you",
  },
  { media: "audio", testid: "choose-audio", icon: "mic", title: "Sound only", text: "Others see your initial" },
];

/**
 * Picture or sound, as two cards; choosing asks the browser for the devices.
 * @param {PageState} state
 * @param {Page} page
 * @param {{isSoundOnly?: boolean}} [limits]
 */
export function mediaChoice({ check }, page, { isSoundOnly = false } = {}) {
  const choices = CHOICES.filter(({ media }) => media === "audio" || !isSoundOnly);
  return html`<fieldset class="choices">
    <legend class="visually-hidden">What do you want to share?</legend>
    ${choices.map(
      ({ media, testid, icon: name, title, text }) =>
        html`<label class="choice" data-testid=${testid}>
          <input
            type="radio"
            name="media"
            .checked=${check.media === media}
            @change=${() => void choose(page, media)}
          />
          ${icon(name)}<span><strong>${title}</strong><small>${text}</small></span>
        </label>`,
    )}
  </fieldset>`;
}

/**
 * @param {Page} page
 * @param {LinkMedia} media
 */
export function choose(page, media) {
  return page.takeDevices(media).catch(() => undefined); // what is wrong stands in `check`
}

/**
 * The picture, the level, or what to do about the devices.
 * @param {PageState} state
 * @param {Page} page
 * @param {{withPicture?: boolean}} [options]
 */
export function deviceCheck({ check, level }, page, { withPicture = true } = {}) {
  if (check.phase === "idle") return nothing;
  if (check.phase === "asking") {
    return html`<div class="note-box" data-tone="info" data-testid="asking">
      ${icon("loader-circle")}
      <p>
        Your browser asks whether this page may use the microphone${check.media === "video" ? " and the camera" : ""}.
        Choose “Allow”.
      </p>
    </div>`;
  }
  if (check.phase === "failed") return problem(page, check);
  return html`<div class="green-room" data-testid="device-ready">
    ${withPicture ? html`<div class="preview">${ownPicture(page)}</div>` : nothing} ${levelMeter(level)}
  </div>`;
}

/**
 * How loud the own microphone is.
 * @param {number} level  0 to 1
 */
export function levelMeter(level) {
  return html`<label class="level">
    <span>${icon("mic")}${level > 0.25 ? "Your microphone works" : "Say something to test the microphone"}</span>
    <meter min="0" max="1" low="0.15" optimum="0.6" .value=${level}></meter>
  </label>`;
}

/**
 * @param {Page} page
 * @param {import("./state.js").Check} check
 */
function problem(page, { media, error }) {
  return html`<div class="note-box" data-tone="bad" data-testid="device-error">
    ${icon("circle-alert")}
    <div>
      <p><strong>${error?.message ?? ""}</strong> ${error?.hint ?? ""}</p>
      <p class="row">
        ${button({
          label: "Try again",
          icon: "refresh-cw",
          kind: "secondary",
          click: () => void choose(page, media ?? "audio"),
        })}
        ${
          media === "video" && error?.leavesSound
            ? button({
                label: "Use sound only",
                icon: "mic",
                kind: "secondary",
                testid: "use-sound-only",
                click: () => void choose(page, "audio"),
              })
            : nothing
        }
      </p>
    </div>
  </div>`;
}
