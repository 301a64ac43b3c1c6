/** The staff's side of a page: the same cards and dialogs for the host in the studio and for a helper in the room. */

import { freeSeats } from "./guest_state.js";
import { html, nothing } from "./html.js";
import { button } from "./parts.js";
import { absenceBox, endSheet } from "./staff_absence.js";
import { inviteCard } from "./staff_invite.js";
import { fillSheet, inviteSheet, linkSheet, placeSheet } from "./staff_invite_sheets.js";
import { linksCard } from "./staff_links.js";
import { missedCard } from "./staff_missed.js";
import { peopleCard } from "./staff_people.js";
import { queueCard } from "./staff_queue.js";
import { seatsCard } from "./staff_seats.js";
import { settingsSheet } from "./staff_settings.js";
import * as sheets from "./staff_sheets.js";

/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function staffCards(state, staff) {
  const isFull = !freeSeats(state.room).length;
  return html`${absenceBox(state, staff)} ${queueCard(state, staff, isFull)} ${missedCard(state, staff)}
  ${seatsCard(state, staff)} ${inviteCard(state, staff, isFull)} ${linksCard(state, staff)} ${peopleCard(state, staff)}`;
}

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function settingsButton(state, staff) {
  return button({
    label: "Room settings",
    icon: "settings",
    kind: "secondary",
    testid: "settings",
    isDisabled: state.room.status.phase !== "open",
    click: () => staff.open({ kind: "settings" }),
  });
}

/**
 * The open dialog, if it is one of the staff's.
 * @param {PageState} state
 * @param {Staff} staff
 */
export function staffSheet(state, staff) {
  const { sheet } = state;
  switch (sheet?.kind) {
    case "reject":
      return sheets.rejectSheet(sheet.request, state, staff);
    case "acceptOn":
      return sheets.acceptOnSheet(sheet.request, state, staff);
    case "rejectAll":
      return sheets.rejectAllSheet(state, staff);
    case "takeOff":
      return sheets.takeOffSheet(sheet.user, state, staff);
    case "toQueue":
      return sheets.toQueueSheet(sheet.user, state, staff);
    case "limit":
      return sheets.limitSheet(sheet.user, state, staff);
    case "move":
      return sheets.moveSheet(sheet.user, state, staff);
    case "bar":
    case "ban":
      return sheets.sanctionSheet(sheet.kind, sheet.user, state, staff);
    case "invite":
      return inviteSheet(sheet.users, state, staff);
    case "place":
      return placeSheet(sheet.user, state, staff);
    case "fill":
      return fillSheet(sheet.seatIndex, state, staff);
    case "link":
      return linkSheet(sheet.address, state, staff);
    case "end":
      return endSheet(state, staff);
    case "settings":
      return settingsSheet(state, staff);
    default:
      return nothing;
  }
}
