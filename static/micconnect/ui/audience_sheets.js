/** The dialogs of the audience: the name, and the look at the devices before each way onto a seat. */

import { NAME_MAX, NOTE_MAX } from "../protocol.js";
import { deviceCheck, mediaChoice } from "./check.js";
import { startMuted, waitingWishes } from "./entry_fields.js";
import { freeSeats, isSoundOnly } from "./guest_state.js";
import { html, nothing } from "./html.js";
import { button, choiceField, errorBox, modal } from "./parts.js";
import { plural } from "./words.js";

/** @typedef {import("./audience_actions.js").Audience} Audience */
/** @typedef {import("./guest_state.js").GuestState} GuestState */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */
/** @typedef {import("./state.js").Sheet} Sheet */

/**
 * Null when the open dialog is not one of the audience's.
 * @param {PageState} state
 * @param {GuestState} now
 * @param {Audience} audience
 */
export function audienceSheet(state, now, audience) {
  const { sheet } = state;
  if (sheet?.kind === "name") return nameSheet(state, sheet.next, audience);
  if (sheet?.kind === "ask") return askSheet(state, audience);
  if (sheet?.kind === "sit") return sitSheet(state, sheet.token, audience);
  if (sheet?.kind === "leaveSeat" && (now.tag === "onAir" || now.tag === "elsewhere"))
    return leaveSheet(state, audience);
  if (sheet?.kind === "invitation" && now.tag === "invited") return invitationSheet(state, now, audience);
  return null;
}

/**
 * @param {PageState} state
 * @param {Sheet | null} next
 * @param {Audience} audience
 */
function nameSheet(state, next, audience) {
  const { config, clearError } = audience.page;
  const back = encodeURIComponent(location.pathname);
  return modal({
    title: "What is your name?",
    close: audience.close,
    body: html`<form id="name-form" @submit=${(/** @type {SubmitEvent} */ event) => void audience.name(event, next)}>
      <label
        >Everybody in the room will see it
        <input name="name" dir="auto" data-testid="name" required maxlength=${NAME_MAX} autocomplete="nickname" />
      </label>
      ${errorBox(state.error, clearError)}
      <p class="small">You have an account? <a href="${config.loginUrl}?next=${back}">Log in</a></p>
    </form>`,
    actions: html`${
        state.room.info?.options.allowsUnnamed
          ? button({
              label: html`Stay <bdi>${state.room.me?.user.userName}</bdi>`,
              kind: "secondary",
              testid: "stay-unnamed",
              click: () => audience.stayUnnamed(next),
            })
          : nothing
      }
      <button
        type="submit"
        form="name-form"
        data-testid="save-name"
        aria-busy=${state.busy.has("name") ? "true" : nothing}
      >
        Continue
      </button>`,
  });
}

/**
 * A seat of one's own choice; any, if it does not matter.
 * @param {PageState} state
 * @param {Page} page
 */
function wishField(state, page) {
  const free = freeSeats(state.room);
  if (!free.length) return nothing;
  /** @type {[string, string][]} */
  const choices = free.map(({ seatIndex }) => [String(seatIndex), `Seat ${seatIndex}`]);
  return choiceField({
    label: html`Seat <span class="small">(if you like)</span>`,
    name: "seat-wish",
    choices: [["-1", "Any free seat"], ...choices],
    value: String(state.seatWish),
    change: (event) => page.store.update({ seatWish: Number(/** @type {HTMLSelectElement} */ (event.target).value) }),
  });
}

/**
 * @param {PageState} state
 * @param {Audience} audience
 */
function askSheet(state, audience) {
  const { page } = audience;
  const note = (/** @type {InputEvent} */ event) =>
    page.store.update({ note: /** @type {HTMLTextAreaElement} */ (event.target).value });
  return modal({
    title: "Join on air",
    close: audience.close,
    body: html`
      ${mediaChoice(state, page, { isSoundOnly: isSoundOnly(state.room) })} ${deviceCheck(state, page)}
      <label
        >A word to the host <span class="small">(if you like)</span>
        <textarea
          data-testid="note"
          dir="auto"
          rows="2"
          maxlength=${NOTE_MAX}
          .value=${state.note}
          @input=${note}
        ></textarea>
      </label>
      ${wishField(state, page)} ${startMuted(state, page)} ${waitingWishes(state, page)}
      ${errorBox(state.error, page.clearError)}
      <p class="small">Everybody in the room will see and hear you once the host accepts. You can leave at any time.</p>
    `,
    actions: goButton(state, {
      label: "Ask to join",
      icon: "send",
      testid: "ask",
      busy: "ask",
      click: () => void audience.ask(),
    }),
  });
}

/**
 * @param {PageState} state
 * @param {string} token
 * @param {Audience} audience
 */
function sitSheet(state, token, audience) {
  const { page, seat } = audience;
  return modal({
    title: "Go on air",
    close: audience.close,
    body: html`
      ${mediaChoice(state, page, { isSoundOnly: isSoundOnly(state.room) })} ${deviceCheck(state, page)}
      ${token ? nothing : wishField(state, page)} ${startMuted(state, page)} ${errorBox(state.error, page.clearError)}
      <p class="small">${whoSees(state)} You can leave at any time.</p>
    `,
    actions: goButton(state, {
      label: "Sit down",
      icon: "armchair",
      testid: "sit",
      busy: "sit",
      click: () => void seat.sit(token),
    }),
  });
}

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "invited"}>} now
 * @param {Audience} audience
 */
function invitationSheet(state, { request, secondsLeft }, audience) {
  const { page } = audience;
  const left = secondsLeft === null ? "" : `${plural(secondsLeft, "second")} left`;
  return modal({
    title: "Go on air",
    close: audience.close,
    body: html`
      ${mediaChoice(state, page, { isSoundOnly: request.media === "audio" || isSoundOnly(state.room) })}
      ${deviceCheck(state, page)} ${startMuted(state, page)} ${errorBox(state.error, page.clearError)}
      <p class="small">${whoSees(state)} ${left}</p>
    `,
    actions: goButton(state, {
      label: "Go on air now",
      icon: "radio",
      testid: "confirm-invitation",
      busy: "invitation",
      click: () => void audience.confirmInvitation(request),
    }),
  });
}

/**
 * @param {PageState} state
 * @param {Audience} audience
 */
function leaveSheet(state, { page, seat }) {
  return modal({
    title: "Leave the seat?",
    close: page.close,
    body: html`<p>You come back on air only if the host invites you again.</p>
      ${errorBox(state.error, page.clearError)}`,
    actions: html`${button({ label: "Stay", testid: "stay-on-seat", click: page.close })}
    ${button({
      label: "Leave",
      icon: "phone-off",
      kind: "danger",
      testid: "confirm-leave-seat",
      isBusy: state.busy.has("leaveSeat"),
      click: () => void seat.leaveSeat(),
    })}`,
  });
}

/** @param {PageState} state */
function whoSees({ room: { info } }) {
  return info?.options.hasBackstage
    ? "First only the host sees and hears you, behind the stage."
    : "Everybody in the room will see and hear you.";
}

/**
 * The button that ends the look at the devices; disabled until they work.
 * @param {PageState} state
 * @param {{label: string, icon: string, testid: string, busy: string, click: () => void}} parts
 */
function goButton({ check, busy: running, room }, { label, icon, testid, busy, click }) {
  return button({
    label: check.phase === "idle" ? "Choose picture or sound first" : label,
    icon,
    testid,
    isBusy: running.has(busy),
    isDisabled: check.phase !== "ready" || room.status.phase !== "open",
    click,
  });
}
