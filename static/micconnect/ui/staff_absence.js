/** While the host's line is gone: who goes on with the live, or how long it is waited for. */

import { html, nothing } from "./html.js";
import { button, errorBox, icon, modal } from "./parts.js";
import { absence, guestsOf } from "./staff_state.js";
import { isolated, plural } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function absenceBox(state, staff) {
  const { info } = state.room;
  switch (absence(state.room)) {
    case "waiting":
      return box(
        "waiting",
        html`<p>
          The host's line is gone. The live ends in
          ${plural(staff.page.room.clock.secondsLeft(info?.hostAwayUntil ?? null) ?? 0, "second")} unless the host comes
          back.
        </p>`,
        waitingButtons(state, staff),
      );
    case "own":
      return box("own", html`<p>You carry the live on until the host is back.</p>`, endButton(staff));
    case "other":
      return box("other", html`<p><bdi>${info?.carriedOnBy?.userName}</bdi> carries the live on.</p>`, nothing);
    default:
      return nothing;
  }
}

/**
 * @param {string} name
 * @param {unknown} text
 * @param {unknown} actions
 */
function box(name, text, actions) {
  return html`<div class="note-box" data-tone="info" data-testid="absence" data-state=${name}>
    ${icon("clock")}
    <div>
      ${text}
      <div class="row">${actions}</div>
    </div>
  </div>`;
}

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
function waitingButtons({ busy }, staff) {
  return html`${button({
    label: "Carry on without the host",
    icon: "radio",
    testid: "carry-on",
    isBusy: busy.has("carryOn"),
    click: () => void staff.do("carryOn", (room) => room.carryOn()),
  })}
  ${button({
    label: "Wait longer",
    icon: "timer",
    kind: "secondary",
    testid: "wait-longer",
    isBusy: busy.has("waitLonger"),
    click: () => void staff.do("waitLonger", (room) => room.waitLonger()),
  })}`;
}

/** @param {Staff} staff */
export function endButton(staff) {
  return button({
    label: "End the live",
    icon: "square",
    kind: "danger",
    testid: "end-live",
    click: () => staff.open({ kind: "end" }),
  });
}

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function endSheet(state, staff) {
  const { page } = staff;
  return modal({
    title: "End the live?",
    close: page.close,
    body: html`<p>
        The room closes for everybody and cannot be opened again.
        <strong>${guestNames(guestsOf(state.room.connectedUsers))}</strong>
      </p>
      ${errorBox(state.error, page.clearError)}`,
    actions: html`
      <button type="button" class="secondary" @click=${page.close}>Go on</button>
      ${button({
        label: "End it now",
        kind: "danger",
        testid: "confirm-end",
        isBusy: state.busy.has("endLive"),
        click: () => void staff.endLive(),
      })}
    `,
  });
}

/** @param {ConnectedUser[]} guests */
function guestNames(guests) {
  const names = new Intl.ListFormat("en").format(guests.map(({ userName }) => isolated(userName)));
  return guests.length ? `${names} ${guests.length === 1 ? "is" : "are"} still on air.` : "";
}
