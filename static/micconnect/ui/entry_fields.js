/** How somebody wants to come on air: the switches in the sheets, and the box that counts in. */

import { arrivesMuted } from "./entry.js";
import { html, nothing } from "./html.js";
import { button, icon } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {{testid: string, text: string, hint: string, isOn: boolean, set: (isOn: boolean) => void}} parts
 */
function tick({ testid, text, hint, isOn, set }) {
  const change = (/** @type {Event} */ { target }) => set(/** @type {HTMLInputElement} */ (target).checked);
  return html`<label class="switch wide">
    <input type="checkbox" role="switch" data-testid=${testid} .checked=${isOn} @change=${change} />
    <span>${text} <small>${hint}</small></span>
  </label>`;
}

/**
 * The own wish, where the room does not decide.
 * @param {PageState} state
 * @param {Page} page
 */
export function startMuted({ isMuted, room }, page) {
  if (arrivesMuted(room)) {
    const then = room.info?.options.mayUnmute ? "You turn it on yourself." : "The host opens microphones here.";
    return html`<p class="small hint" data-testid="arrives-muted">
      ${icon("mic-off")}<span>You come on air with your microphone off. ${then}</span>
    </p>`;
  }
  return tick({
    testid: "start-muted",
    text: "Start with my microphone off",
    hint: "You turn it on when you want to speak.",
    isOn: isMuted,
    set: (isOn) => page.store.update({ isMuted: isOn }),
  });
}

/**
 * What happens while one waits, and when one is called.
 * @param {PageState} state
 * @param {Page} page
 */
export function waitingWishes({ isKept, isStraight }, page) {
  return html`${tick({
    testid: "keep-ready",
    text: "Keep my camera and microphone ready",
    hint: "Otherwise they are off while you wait.",
    isOn: isKept,
    set: (isOn) => page.store.update({ isKept: isOn }),
  })}
  ${tick({
    testid: "straight-in",
    text: "Let me straight in",
    hint: "Without the three seconds in which you can still say no.",
    isOn: isStraight,
    set: (isOn) => page.store.update({ isStraight: isOn }),
  })}`;
}

/**
 * Nothing unless the person was called just now.
 * @param {PageState} state
 * @param {Page} page
 */
export function countInBox({ countIn, isMuted, room }, { countIn: counting }) {
  if (!counting.isCalled) return nothing;
  const what = isMuted || arrivesMuted(room) ? "Everybody will see you" : "Everybody will hear and see you";
  return html`<div class="note-box" data-tone="info" data-testid="count-in" data-left=${countIn ?? ""}>
    ${icon("radio")}
    <div>
      <p>
        <strong>You are called on air.</strong>
        ${countIn === null ? `${what} once your devices are there.` : `${what} in ${countIn} s.`} Nobody does yet.
      </p>
      <div class="row">
        ${button({
          label: "Go on air now",
          icon: "radio",
          testid: "go-now",
          isDisabled: countIn === null,
          click: () => void counting.goNow(),
        })}
        ${button({
          label: "Not now",
          kind: "secondary",
          testid: "not-now",
          click: () => void counting.notNow(),
        })}
      </div>
    </div>
  </div>`;
}
