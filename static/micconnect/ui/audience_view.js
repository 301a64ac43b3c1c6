/** What the audience sees: the stage, and beside it one card for the state the person is in. */

import { NAME_MAX, NOTE_MAX } from "../protocol.js";
import { deviceCheck, mediaChoice } from "./check.js";
import { bars, guestState, lastOutcome } from "./guest_state.js";
import { html, nothing } from "./html.js";
import { lockTexts, ownControls, ownTrouble } from "./on_air.js";
import { barList, button, errorBox, icon, modal, ring } from "./parts.js";
import { stage } from "./stage.js";
import { MEDIA_TEXTS, duration, plural } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./audience_actions.js").Audience} Audience */
/** @typedef {import("./guest_state.js").GuestState} GuestState */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Audience} audience
 */
export function audienceView(state, audience) {
  const { page } = audience;
  const { clock } = page.room;
  const now = guestState(state.room, clock);
  const isDimmed = state.room.status.phase !== "open";
  return html`
    <div class="bars" role="status" data-testid="status">
      ${barList(bars(state.room, clock, state.isOnline), { bringHere: () => audience.bringHere() })}
    </div>
    ${stage(state, page)}
    <div class="side" data-dimmed=${isDimmed ? "true" : "false"}>
      ${about(state, now)} ${outcome(state, audience)}
      ${state.sheet ? nothing : errorBox(state.error, () => page.store.update({ error: "" }))}
      ${card(state, now, audience)} ${footer(state, audience)}
    </div>
    ${sheet(state, now, audience)}
  `;
}

/**
 * @param {PageState} state
 * @param {GuestState} now
 */
function about({ room: { info, viewerCount } }, now) {
  const status = { live: "Live", idle: "Not live yet", ended: "Ended" }[info?.status ?? "idle"];
  return html`<header class="about">
    <h1>${info?.title ?? document.title}</h1>
    <p class="about-line">
      <span class="pill" data-status=${info?.status ?? "idle"} data-testid="live-status"
        >${now.tag === "connecting" ? "Connecting…" : status}</span
      >
      <span class="about-item">${icon("user")}<bdi>${info?.host.userName ?? ""}</bdi></span>
      <span class="about-item" data-testid="viewer-count" data-count=${viewerCount}
        >${icon("users")}${plural(viewerCount, "person", "people")} here</span
      >
    </p>
  </header>`;
}

/**
 * @param {PageState} state
 * @param {Audience} audience
 */
function outcome(state, audience) {
  const found = lastOutcome(state.room, audience.page.room.clock);
  if (!found || found.key === state.putAway) return nothing;
  return html`<div class="note-box" data-tone=${found.isGrave ? "bad" : "info"}>
    ${icon("info")}
    <p data-testid="message">${found.text}</p>
    <button type="button" class="ghost" aria-label="Put away" @click=${() => audience.putAway(found.key)}>
      ${icon("x")}
    </button>
  </div>`;
}

/**
 * @param {PageState} state
 * @param {GuestState} now
 * @param {Audience} audience
 */
function card(state, now, audience) {
  switch (now.tag) {
    case "connecting":
      return html`<div class="card skeleton" aria-hidden="true"></div>`;
    case "away":
      return html`<div class="card quiet"><p>This window is not in the room at the moment.</p></div>`;
    case "notLive":
      return html`<div class="card quiet">
        <p>The host is not live yet. You can stay: the picture starts by itself.</p>
      </div>`;
    case "ended":
      return html`<div class="card quiet">
        <p data-testid="message"><strong>The live has ended.</strong> ${now.text} Thank you for being here.</p>
        <a href=${audience.page.config.homeUrl} role="button" class="secondary">See what else is live</a>
      </div>`;
    case "watching":
      return joinCard(state, now, audience);
    case "waiting":
      return waitingCard(state, now, audience);
    case "invited":
      return invitationCard(state, now, audience);
    case "onAir":
      return onAirCard(state, now, audience);
  }
}

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "watching"}>} now
 * @param {Audience} audience
 */
function joinCard({ room }, { isFull, seatCount, pauseS }, audience) {
  if (room.role === "host") {
    return html`<div class="card">
      <p>This is your own room.</p>
      <a href=${audience.page.config.studioUrl} role="button">Open the studio</a>
    </div>`;
  }
  const places = `All ${seatCount} places are taken. You can queue for the next one.`;
  return html`<div class="card">
    <p>${isFull ? places : "Want to say something? Ask for a place beside the host."}</p>
    ${button({
      label: pauseS ? `You can ask again in ${pauseS} s` : isFull ? "Join the queue" : "Join on air",
      icon: pauseS ? "clock" : "hand",
      testid: "join",
      isDisabled: pauseS > 0 || room.status.phase !== "open",
      click: () => audience.join(),
    })}
  </div>`;
}

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "waiting"}>} now
 * @param {Audience} audience
 */
function waitingCard(state, { request, place, secondsLeft, share }, audience) {
  return html`<div class="card waiting" data-testid="waiting">
    ${ring(secondsLeft, share)}
    <div class="waiting-text">
      <h2>Waiting for the host</h2>
      <p>
        <span data-testid="place" data-place=${place}
          >${place === 1 ? "You are next." : `You are number ${place} in the queue.`}</span
        >
        <span class="small">${MEDIA_TEXTS[request.media]}</span>
      </p>
    </div>
    ${button({
      label: "Cancel request",
      kind: "secondary",
      testid: "cancel-request",
      isBusy: state.busy.has("cancel"),
      click: () => void audience.cancel(),
    })}
  </div>`;
}

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "invited"}>} now
 * @param {Audience} audience
 */
function invitationCard(state, { request, secondsLeft, share }, audience) {
  return html`<div class="card waiting invited" data-testid="invitation">
    ${ring(secondsLeft, share)}
    <div class="waiting-text">
      <h2><bdi>${request.operator?.userName ?? "The host"}</bdi> invites you on air</h2>
      <p>${MEDIA_TEXTS[request.media]}. Before anybody sees or hears you, you can check your devices.</p>
    </div>
    <div class="row">
      ${button({
        label: "Accept",
        icon: "check",
        testid: "accept-invitation",
        isDisabled: state.sheet !== null,
        click: () => void audience.accept(request),
      })}
      ${button({
        label: "Decline",
        kind: "secondary",
        testid: "decline-invitation",
        isBusy: state.busy.has("invitation"),
        click: () => void audience.decline(request),
      })}
    </div>
  </div>`;
}

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "onAir"}>} now
 * @param {Audience} audience
 */
function onAirCard(state, { connection, secondsLeft }, audience) {
  const { page } = audience;
  return html`<div class="card on-air" data-testid="on-air" data-state=${connection.state}>
    <p class="on-air-head">
      <span class="on-air-sign">${icon("radio")}On air</span>
      <span class="on-air-time">${onAirText(connection, secondsLeft, page)}</span>
    </p>
    ${ownTrouble(connection, state, page)}
    ${
      state.check.phase === "failed" && connection.media === "video"
        ? button({
            label: "Stay with sound only",
            icon: "mic",
            kind: "secondary",
            click: () => void audience.retakeSound(),
          })
        : nothing
    }
    ${ownControls(connection, state, page)} ${lockTexts(page)}
    ${button({
      label: "Leave the seat",
      icon: "phone-off",
      kind: "danger",
      testid: "leave-seat",
      isBusy: state.busy.has("leaveSeat"),
      click: () => void audience.leaveSeat(),
    })}
  </div>`;
}

/**
 * @param {ConnectedUser} connection
 * @param {number | null} secondsLeft
 * @param {Audience["page"]} page
 */
function onAirText({ state, since }, secondsLeft, page) {
  const left = secondsLeft === null ? "" : ` Your seat is kept for ${secondsLeft} s.`;
  if (state === "joining") return `Connecting your sound…${left}`;
  if (state === "reconnecting") return `Reconnecting…${left}`;
  return duration(page.room.clock.secondsSince(since));
}

/**
 * @param {PageState} state
 * @param {Audience} audience
 */
function footer({ room, busy }, audience) {
  if (!room.me || room.role === "host" || room.status.phase === "closed") return nothing;
  return html`<p class="side-foot">
    ${button({
      label: "Leave the room",
      icon: "log-out",
      kind: "plain",
      testid: "leave-room",
      isBusy: busy.has("leave"),
      click: () => void audience.leave(),
    })}
  </p>`;
}

// -- dialogs ----------------------------------------------------------------------------------------------------------

/**
 * @param {PageState} state
 * @param {GuestState} now
 * @param {Audience} audience
 */
function sheet(state, now, audience) {
  if (state.sheet?.kind === "name") return nameSheet(state, audience);
  if (state.sheet?.kind === "ask") return askSheet(state, audience);
  if (state.sheet?.kind === "invitation" && now.tag === "invited") return invitationSheet(state, now, audience);
  return nothing;
}

/**
 * @param {PageState} state
 * @param {Audience} audience
 */
function nameSheet(state, audience) {
  const { config } = audience.page;
  return modal({
    title: "What is your name?",
    close: () => audience.close(),
    body: html`<form id="name-form" @submit=${(/** @type {SubmitEvent} */ event) => void audience.name(event)}>
      <label
        >Everybody in the room will see it
        <input name="name" data-testid="name" required maxlength=${NAME_MAX} autocomplete="nickname" />
      </label>
      ${errorBox(state.error, () => audience.page.store.update({ error: "" }))}
      <p class="small">You have an account? <a href=${config.loginUrl}>Log in</a></p>
    </form>`,
    actions: html`<button
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
 * @param {PageState} state
 * @param {Audience} audience
 */
function askSheet(state, audience) {
  const { page } = audience;
  const note = (/** @type {InputEvent} */ event) =>
    page.store.update({ note: /** @type {HTMLTextAreaElement} */ (event.target).value });
  return modal({
    title: "Join on air",
    close: () => audience.close(),
    body: html`
      ${mediaChoice(state, page)} ${deviceCheck(state, page)}
      <label
        >A word to the host <span class="small">(if you like)</span>
        <textarea data-testid="note" rows="2" maxlength=${NOTE_MAX} .value=${state.note} @input=${note}></textarea>
      </label>
      ${errorBox(state.error, () => page.store.update({ error: "" }))}
      <p class="small">Everybody in the room will see and hear you once the host accepts. You can leave at any time.</p>
    `,
    actions: button({
      label: state.check.phase === "idle" ? "Choose picture or sound first" : "Ask to join",
      icon: "send",
      testid: "ask",
      isBusy: state.busy.has("ask"),
      isDisabled: state.check.phase !== "ready" || state.room.status.phase !== "open",
      click: () => void audience.ask(),
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
    close: () => audience.close(),
    body: html`
      ${mediaChoice(state, page, { isSoundOnly: request.media === "audio" })} ${deviceCheck(state, page)}
      ${errorBox(state.error, () => page.store.update({ error: "" }))}
      <p class="small">Everybody in the room will see and hear you. ${left}</p>
    `,
    actions: button({
      label: "Go on air now",
      icon: "radio",
      testid: "confirm-invitation",
      isBusy: state.busy.has("invitation"),
      isDisabled: state.check.phase !== "ready",
      click: () => void audience.confirmInvitation(request),
    }),
  });
}
