/** The microphones of all guests at once: the acts, and beside them how the room wants them. */

import { html, nothing } from "./html.js";
import { button, menu } from "./parts.js";
import { item } from "./staff_seat_menu.js";

/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 * @param {boolean} hasGuests
 */
export function soundOfAll(state, staff, hasGuests) {
  return html`${hasGuests ? acts(state, staff) : nothing}
    <div class="row">
      ${stateSwitch("isArrivingMuted", "Guests arrive muted", "arriving-muted", state, staff)}
      ${stateSwitch("mayUnmute", "Guests may unmute themselves", "may-unmute", state, staff)}
    </div>`;
}

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
function acts({ busy }, staff) {
  const isBusy = busy.has("lockAll");
  return html`<div class="row bulk">
    ${button({
      label: "Mute all",
      icon: "mic-off",
      kind: "secondary",
      testid: "lock-all",
      isBusy,
      click: () => void staff.shutAll("microphone"),
    })}
    ${button({
      label: "Allow all mics",
      icon: "lock-open",
      kind: "secondary",
      testid: "unlock-all",
      isDisabled: isBusy,
      click: () => void staff.allowAll("microphone"),
    })}
    ${button({
      label: "Ask all to unmute",
      icon: "mic",
      kind: "secondary",
      testid: "ask-all",
      isDisabled: isBusy,
      click: () => void staff.askAll(),
    })}
    ${menu({
      label: "More for all guests",
      testid: "more-all",
      items: [
        item("All cameras off", "video-off", "lock-all-cameras", () => staff.shutAll("camera")),
        item("Allow all cameras", "video", "unlock-all-cameras", () => staff.allowAll("camera")),
      ],
    })}
  </div>`;
}

/**
 * @param {"isArrivingMuted" | "mayUnmute"} name  of the option
 * @param {string} label
 * @param {string} testid
 * @param {PageState} state
 * @param {Staff} staff
 */
function stateSwitch(name, label, testid, { room }, staff) {
  const isOn = !!room.info?.options[name];
  return html`<label class="switch">
    <input
      type="checkbox"
      role="switch"
      data-testid=${testid}
      data-value=${isOn ? "true" : "false"}
      .checked=${isOn}
      @change=${(/** @type {Event} */ event) =>
        void staff.update(event, { [name]: /** @type {HTMLInputElement} */ (event.target).checked })}
    />
    ${label}
  </label>`;
}
