/** The dialogs of the staff about requests and seats, one for each act that needs a word or a second thought. */

import { TIME_LIMIT_MAX_S, TIME_LIMIT_MIN_S } from "../protocol.js";
import { html } from "./html.js";
import { choiceField, formSheet } from "./parts.js";
import { common, freeSeatField, noteField, reasonField } from "./staff_fields.js";
import { openRequests } from "./staff_state.js";
import { REJECT_CHOICES, REMOVAL_CHOICES, SANCTION_TIMES, isolated, plural } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").MovePolicy} MovePolicy */
/** @typedef {import("../protocol.js").RejectReason} RejectReason */
/** @typedef {import("../protocol.js").RemovalReason} RemovalReason */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

// -- the queue --------------------------------------------------------------------------------------------------------

/**
 * @param {RequestInfo} request
 * @param {PageState} state
 * @param {Staff} staff
 */
export function rejectSheet({ requestId, user }, state, staff) {
  return formSheet({
    ...common(state, staff),
    title: `Turn down ${isolated(user.userName)}?`,
    body: html`${reasonField(REJECT_CHOICES, "reject-reason")} ${noteField("reject-note")}`,
    confirm: "Reject",
    testid: "confirm-reject",
    isDanger: true,
    submit: (event) =>
      void staff.submit(event, (room, { reason, note }) => {
        const answer = { reason: /** @type {RejectReason} */ (reason), note };
        return room.respondToApplication({ requestId, isAccepted: false, ...answer });
      }),
  });
}

/**
 * @param {RequestInfo} request
 * @param {PageState} state
 * @param {Staff} staff
 */
export function acceptOnSheet({ requestId, user }, state, staff) {
  return formSheet({
    ...common(state, staff),
    title: `Bring ${isolated(user.userName)} on air`,
    body: freeSeatField(state, "accept-seat"),
    confirm: "Accept",
    testid: "confirm-accept-on",
    submit: (event) =>
      void staff.submit(event, (room, { seat }) =>
        room.respondToApplication({ requestId, isAccepted: true, seatIndex: Number(seat) }),
      ),
  });
}

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function rejectAllSheet(state, staff) {
  const waiting = openRequests(state.room, "application").length;
  return formSheet({
    ...common(state, staff),
    title: `Turn down ${plural(waiting, "request")}?`,
    body: html`${reasonField(REJECT_CHOICES, "reject-all-reason")} ${noteField("reject-all-note")}
      <p class="small">You can take it back for a minute.</p>`,
    confirm: "Reject all",
    testid: "confirm-reject-all",
    isDanger: true,
    submit: (event) => void staff.rejectAll(event),
  });
}

// -- the seats --------------------------------------------------------------------------------------------------------

/**
 * @param {UserInfo} user
 * @param {PageState} state
 * @param {Staff} staff
 */
export function takeOffSheet({ userId, userName }, state, staff) {
  return formSheet({
    ...common(state, staff),
    title: `Take ${isolated(userName)} off air?`,
    body: html`${reasonField(REMOVAL_CHOICES, "take-off-reason")} ${noteField("take-off-note")}`,
    confirm: "Take off air",
    testid: "confirm-take-off",
    isDanger: true,
    submit: (event) =>
      void staff.submit(event, (room, { reason, note }) =>
        room.disconnectUser({ userId, reason: /** @type {RemovalReason} */ (reason), note }),
      ),
  });
}

/**
 * @param {UserInfo} user
 * @param {PageState} state
 * @param {Staff} staff
 */
export function toQueueSheet({ userId, userName }, state, staff) {
  return formSheet({
    ...common(state, staff),
    title: `Put ${isolated(userName)} back into the queue?`,
    body: html`<p>They go to the end of the queue and wait there for another turn.</p>
      ${noteField("to-queue-note")}`,
    confirm: "Back to the queue",
    testid: "confirm-to-queue",
    submit: (event) => void staff.submit(event, (room, { note }) => room.returnToQueue({ userId, note })),
  });
}

/**
 * @param {ConnectedUser} user
 * @param {PageState} state
 * @param {Staff} staff
 */
export function limitSheet({ userId, userName }, state, staff) {
  return formSheet({
    ...common(state, staff),
    title: `How long may ${isolated(userName)} stay?`,
    body: html`<label
      >Seconds from now
      <input
        type="number"
        name="seconds"
        data-testid="limit-seconds"
        min=${TIME_LIMIT_MIN_S}
        max=${TIME_LIMIT_MAX_S}
        value="120"
        required
      />
    </label>`,
    confirm: "Set the limit",
    testid: "confirm-limit",
    submit: (event) =>
      void staff.submit(event, (room, { seconds }) => room.setTimeLimit({ userId, seconds: Number(seconds) })),
  });
}

/** @type {Record<MovePolicy, string>} */
const POLICIES = {
  swap: "they change places",
  replace: "that guest goes off air",
  abort: "nothing happens",
};

/**
 * @param {ConnectedUser} user
 * @param {PageState} state
 * @param {Staff} staff
 */
export function moveSheet({ userId, userName, seatIndex }, state, staff) {
  const { seats, info, connectedUsers } = state.room;
  const others = seats.filter(
    (seat) => seat.seatIndex > 0 && seat.seatIndex <= (info?.seatCount ?? 0) && seat.seatIndex !== seatIndex,
  );
  /** @type {[string, string][]} */
  const choices = others
    .filter(({ isLocked }) => !isLocked)
    .map((seat) => {
      const guest = connectedUsers.find((other) => other.seatIndex === seat.seatIndex);
      return [String(seat.seatIndex), `Seat ${seat.seatIndex}${guest ? ` – ${isolated(guest.userName)}` : ""}`];
    });
  return formSheet({
    ...common(state, staff),
    title: `Move ${isolated(userName)}`,
    body: html`${choiceField({ label: "To", name: "seat", testid: "move-seat", choices })}
    ${choiceField({ label: "If somebody sits there", name: "policy", testid: "move-policy", choices: Object.entries(POLICIES), value: "swap" })}`,
    confirm: "Move",
    testid: "confirm-move",
    submit: (event) =>
      void staff.submit(event, (room, { seat, policy }) =>
        room.moveSeat({ userId, seatIndex: Number(seat), policy: /** @type {MovePolicy} */ (policy) }),
      ),
  });
}

/**
 * @param {"bar" | "ban"} kind
 * @param {UserInfo} user
 * @param {PageState} state
 * @param {Staff} staff
 */
export function sanctionSheet(kind, { userId, userName }, state, staff) {
  const isBan = kind === "ban";
  return formSheet({
    ...common(state, staff),
    title: isBan ? `Ban ${isolated(userName)} from the room?` : `Bar ${isolated(userName)} from the mic?`,
    body: html`<p>
        ${isBan ? "They are put out of the room and cannot come back before the time is over." : "They may watch, but not go on air."}
      </p>
      ${choiceField({ label: "How long", name: "seconds", testid: "sanction-time", choices: Object.entries(SANCTION_TIMES), value: "3600" })}
      ${reasonField(REMOVAL_CHOICES, "sanction-reason", "other")} ${noteField("sanction-note")}`,
    confirm: isBan ? "Ban" : "Bar",
    testid: "confirm-sanction",
    isDanger: true,
    submit: (event) =>
      void staff.submit(event, (room, { seconds, reason, note }) => {
        const time = seconds ? { seconds: Number(seconds) } : {};
        const fields = { userId, ...time, reason: /** @type {RemovalReason} */ (reason), note };
        return isBan ? room.banUser(fields) : room.barUser(fields);
      }),
  });
}
