/** What the staff has locked for somebody who is not on a seat: seen, set and lifted before they come on air. */

import { html, nothing } from "./html.js";
import { button, icon } from "./parts.js";
import { LOCKED_TEXTS, isolated } from "./words.js";

/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/** @type {Device[]} */
const DEVICES = ["microphone", "camera"];

/**
 * One line for each lock, with the way to lift it.
 * @param {RequestInfo} request
 * @param {PageState} state
 * @param {Staff} staff
 */
export function lockBadges({ user, locked }, { busy }, staff) {
  if (!locked.length) return nothing;
  return html`<p class="locks">
    ${locked.map(
      (device) =>
        html`<span class="pill" data-testid="lock-badge" data-device=${device}
            >${icon("lock")}${LOCKED_TEXTS[device]}</span
          >${button({
            label: "Unlock",
            kind: "plain",
            testid: `lift-${device}-lock`,
            title: `${isolated(user.userName)} may open the ${device} on a seat again`,
            isBusy: busy.has(lockName(user.userId, device)),
            click: () => lock(staff, user.userId, device, false),
          })}`,
    )}
  </p>`;
}

/**
 * Entries of a menu for what is not locked yet.
 * @param {RequestInfo} request
 * @param {Staff} staff
 */
export function lockItems({ user, locked }, staff) {
  return DEVICES.filter((device) => !locked.includes(device)).map((device) =>
    button({
      label: `Lock ${device}`,
      icon: "lock",
      kind: "plain",
      testid: `set-${device}-lock`,
      title: "Stays locked on every seat until you unlock it",
      click: () => lock(staff, user.userId, device, true),
    }),
  );
}

/** @param {string} userId @param {Device} device */
function lockName(userId, device) {
  return `${device} ${userId}`;
}

/** @param {Staff} staff @param {string} userId @param {Device} device @param {boolean} isLocked */
function lock(staff, userId, device, isLocked) {
  void staff.do(lockName(userId, device), (room) => room.lockDevice({ userId, device, isLocked }));
}
