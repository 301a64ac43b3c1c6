/** What a window shows beside the one on air: that it only watches, how to bring the seat here, and the sound. */

import { html, nothing } from "./html.js";
import { closingControls } from "./on_air.js";
import { button, icon } from "./parts.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./guest_state.js").GuestState} GuestState */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./seat_actions.js").SeatActions} SeatActions */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * A window that only watches is silent, or the one on air would hear it; whoever uses headphones may want otherwise.
 * @param {PageState} state
 * @param {Page} page
 */
export function soundHere({ isSoundWanted }, page) {
  return html`<div class="note-box" data-tone="info">
    ${icon(isSoundWanted ? "volume-2" : "volume-x")}
    <div>
      <p>
        ${isSoundWanted ? "Sound is on in this window, too." : "Sound is off in this window, so that there is no echo."}
      </p>
      ${button({
        label: isSoundWanted ? "Turn sound off here" : "Turn sound on here",
        icon: isSoundWanted ? "volume-x" : "volume-2",
        kind: "secondary",
        testid: "sound-here",
        click: () => page.setSoundWanted(!isSoundWanted),
      })}
    </div>
  </div>`;
}

/**
 * What is so, and the way to have the seat here.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {SeatActions} seat
 * @param {number | null} [secondsLeft]  for which an empty seat is kept
 */
export function elsewhereBox({ state: connected }, state, seat, secondsLeft = null) {
  const { isNobodys } = state;
  return html`<p class="on-air-head" data-testid=${isNobodys ? "nobodys" : nothing}>
      <span class="on-air-sign" data-backstage="true"
        >${icon(isNobodys ? "circle-alert" : "radio")}${
          isNobodys ? "Nobody has the show now" : "On air in another window"
        }</span
      >
    </p>
    <p>${elsewhereText(connected, isNobodys, secondsLeft)}</p>
    ${button({
      label: isNobodys ? "Take the show back" : "Bring it here",
      icon: "mic",
      testid: "bring-here",
      isBusy: state.busy.has("bringHere"),
      isDisabled: state.room.status.phase !== "open",
      click: () => void seat.bringHere(),
    })}`;
}

/**
 * @param {ConnectedUser["state"]} connected
 * @param {boolean} isNobodys
 * @param {number | null} secondsLeft
 */
function elsewhereText(connected, isNobodys, secondsLeft) {
  if (isNobodys) return "The window that had it was closed or has lost its line: nothing of you is heard or seen.";
  if (connected === "live") {
    return "Your microphone and camera run there. This window only watches, and you can serve yourself from here.";
  }
  const left = secondsLeft === null ? "" : ` Your seat is kept for ${secondsLeft} s.`;
  return `The other window sends no sound just now.${left}`;
}

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "elsewhere"}>} now
 * @param {Page} page
 * @param {SeatActions} seat
 */
export function elsewhereCard(state, { connection, secondsLeft }, page, seat) {
  return html`<div class="card on-air" data-testid="elsewhere" data-state=${connection.state}>
    ${elsewhereBox(connection, state, seat, secondsLeft)} ${closingControls(connection, state, page)}
    ${soundHere(state, page)}
    ${button({
      label: "Leave the seat",
      icon: "phone-off",
      kind: "danger",
      testid: "leave-seat",
      isBusy: state.busy.has("leaveSeat"),
      click: () => seat.wantToLeave(),
    })}
  </div>`;
}

/**
 * The host at the door of the audience sees what the audience sees.
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "own"}>} now
 * @param {Page} page
 */
export function ownRoomCard(state, { isOnAir }, page) {
  return html`<div class="card" data-testid="own-room" data-on-air=${isOnAir ? "true" : "false"}>
    <h2>This is your own room</h2>
    <p>You see it here as your audience does.${isOnAir ? " You are on air in the studio." : ""}</p>
    ${state.room.info?.status === "live" ? soundHere(state, page) : nothing}
    <a href=${page.config.studioUrl} role="button" class="secondary">Open the studio</a>
  </div>`;
}
