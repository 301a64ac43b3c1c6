/** What the audience sees: the stage, and beside it one card for the state the person is in. */

import { audienceSheet } from "./audience_sheets.js";
import { elsewhereCard, ownRoomCard } from "./elsewhere.js";
import { countInBox } from "./entry_fields.js";
import { joinCard, linkCard, linkEndBox } from "./join_card.js";
import { bars, lastOutcome, mustName } from "./guest_state.js";
import { html, nothing } from "./html.js";
import { listenCard } from "./listen_card.js";
import { ownControls, ownTrouble, readyBox, seatPicker, staffWishes } from "./on_air.js";
import { barList, button, errorBox, icon, ring, toastBox } from "./parts.js";
import { soundOnlySwitch } from "./sound_only.js";
import { stage } from "./stage.js";
import { settingsButton, staffCards, staffSheet } from "./staff_view.js";
import { weakLineBox } from "./weak_line.js";
import { HOLD_TEXTS, MEDIA_TEXTS, duration, lockedText, plural, span } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./audience_actions.js").Audience} Audience */
/** @typedef {import("./guest_state.js").GuestState} GuestState */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Audience} audience
 */
export function audienceView(state, audience) {
  const { page, staff } = audience;
  const { now } = audience;
  const { clock } = page.room;
  const isDimmed = state.room.status.phase !== "open" && now.tag !== "banned";
  const isHelper = state.room.role === "moderator" && state.room.info?.status === "live" && now.tag !== "away";
  return html`
    <div class="bars" role="status" data-testid="status">
      ${barList(bars(state.room, clock, state.isOnline, page.media.isAble))}
    </div>
    ${stage(state, page)}
    <div class="side" data-dimmed=${isDimmed ? "true" : "false"}>
      ${about(state, now, page)} ${outcome(state, audience)}
      ${state.sheet ? nothing : errorBox(state.error, page.clearError)}
      ${now.tag === "watching" || now.tag === "notLive" ? linkEndBox(state, audience) : nothing}
      ${state.token && now.tag === "watching" ? linkCard(audience) : card(state, now, audience)} ${lockHint(state, now)}
      ${isHelper ? html`<div class="staff-side">${settingsButton(state, staff)}${staffCards(state, staff)}</div>` : nothing}
      ${now.tag === "banned" ? nothing : listening(state, page)} ${footer(state, now, audience)}
    </div>
    ${audienceSheet(state, now, audience) ?? staffSheet(state, staff)} ${toastBox(state.toast, page.closeToast)}
  `;
}

/**
 * @param {PageState} state
 * @param {Audience["page"]} page
 */
function listening(state, page) {
  if (state.room.info?.status !== "live") return nothing;
  return html`${listenCard(state, page)}
  ${soundOnlySwitch(!page.media.hasPictures, (isSoundOnly) => page.setSoundOnly(isSoundOnly))}`;
}

/**
 * @param {PageState} state
 * @param {GuestState} now
 * @param {import("./page.js").Page} page
 */
function about({ room: { info, viewerCount, role } }, now, { config }) {
  const status = { live: "Live", idle: "Not live yet", ended: "Ended" }[info?.status ?? "idle"];
  const title = html`<h1><bdi>${info?.options.title ?? config.title}</bdi></h1>`;
  if (now.tag === "banned") return html`<header class="about">${title}</header>`;
  return html`<header class="about">
    ${title}
    <p class="about-line">
      <span class="pill" data-status=${info?.status ?? "idle"} data-testid="live-status"
        >${now.tag === "connecting" ? "Connecting…" : status}</span
      >
      <span class="about-item">${icon("user")}<bdi>${info?.host.userName ?? ""}</bdi></span>
      <span class="about-item" data-testid="viewer-count" data-count=${viewerCount}
        >${icon("users")}${plural(viewerCount, "person", "people")} here</span
      >
      ${
        role === "moderator"
          ? html`<span class="pill" data-testid="helper-badge">${icon("shield")}You are a helper</span>`
          : nothing
      }
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
 * What the staff locked, for those on the way to a seat; on one the buttons say it.
 * @param {PageState} state
 * @param {GuestState} now
 */
function lockHint({ room: { me } }, now) {
  const isOnTheWay = now.tag === "watching" || now.tag === "waiting" || now.tag === "invited";
  const text = isOnTheWay ? lockedText(me?.locked ?? []) : "";
  return text
    ? html`<p class="small hint lock-text" data-testid="locked">${icon("lock")}<span>${text}</span></p>`
    : nothing;
}

/**
 * @param {PageState} state
 * @param {GuestState} now
 * @param {Audience} audience
 */
function card(state, now, audience) {
  const { homeUrl } = audience.page.config;
  switch (now.tag) {
    case "connecting":
      return html`<div class="card skeleton" aria-hidden="true"></div>`;
    case "banned":
      return html`<div class="card" data-testid="banned">
        <h2>You are out of this room</h2>
        <p data-testid="message">${now.text}</p>
        <p class="small">This page looks by itself whether that is over, and comes back then.</p>
        <div class="row">
          <button type="button" class="secondary" @click=${() => location.reload()}>Try again</button>
          <a href=${homeUrl} role="button" class="secondary">See what else is live</a>
        </div>
      </div>`;
    case "away":
      return html`<div class="card quiet"><p>This window is not in the room at the moment.</p></div>`;
    case "notLive":
      return html`<div class="card quiet">
        <p>The host is not live yet. You can stay: the picture starts by itself.</p>
        ${state.token && state.isLinkKnown ? html`<p>Your invitation to come on air can be used then.</p>` : nothing}
      </div>`;
    case "ended":
      return html`<div class="card quiet">
        <p data-testid="message"><strong>The live has ended.</strong> ${now.text} Thank you for being here.</p>
        <a href=${homeUrl} role="button" class="secondary">See what else is live</a>
      </div>`;
    case "own":
      return ownRoomCard(state, now, audience.page);
    case "watching":
      return joinCard(state, now, audience);
    case "waiting":
      return waitingCard(state, now, audience);
    case "invited":
      return invitationCard(state, now, audience);
    case "onAir":
      return onAirCard(state, now, audience);
    case "elsewhere":
      return elsewhereCard(state, now, audience.page, audience.seat);
  }
}

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "waiting"}>} now
 * @param {Audience} audience
 */
function waitingCard(state, { request, place, likelyS, secondsLeft, share, isHere, hold }, audience) {
  const wish = request.seatIndex > 0 ? `, seat ${request.seatIndex} if it is free` : "";
  return html`<div class="card waiting" data-testid="waiting" data-hold=${hold ?? ""}>
    ${secondsLeft === null ? html`<span class="ring-still">${icon("hand")}</span>` : ring(secondsLeft, share)}
    <div class="waiting-text">
      <h2>Waiting for ${hold === "full" ? "a place" : "the host"}</h2>
      <p>
        <span data-testid="place" data-place=${place}
          >${place === 1 ? "You are next." : `You are number ${place} in the queue.`}</span
        >
        ${hold ? html`<span class="small" data-testid="hold">${HOLD_TEXTS[hold]} You keep your place.</span>` : nothing}
        ${likelyS === null ? nothing : html`<span class="small">Perhaps in ${likely(likelyS)}</span>`}
        <span class="small">${MEDIA_TEXTS[request.media]}${wish}</span>
      </p>
      <p class="small" data-testid="waiting-devices">${waitingText(isHere, audience.page)}</p>
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
 * What becomes of the devices while somebody waits, and then.
 * @param {boolean} isHere
 * @param {Audience["page"]} page
 */
function waitingText(isHere, { media, window }) {
  if (!isHere) return "You asked in another window. It goes on air there.";
  if (media.capture.stream) return "Your devices stay ready. Nobody sees or hears you yet.";
  return window.hasPressed
    ? "Your devices are off. They start when it is your turn; your browser may ask you for them then."
    : "Your devices are off. When it is your turn, turn them on here.";
}

/** @param {number} seconds */
function likely(seconds) {
  return seconds < 60 ? "less than a minute" : `about ${span(Math.round(seconds / 60) * 60)}`;
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
      ${request.note ? html`<p class="person-note"><bdi>${request.note}</bdi></p>` : nothing}
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
function onAirCard(state, { connection, secondsLeft, timeLeft }, audience) {
  const { page, seat } = audience;
  const { isBackstage } = connection;
  return html`<div
    class="card on-air"
    data-testid="on-air"
    data-state=${connection.state}
    data-backstage=${isBackstage ? "true" : "false"}
  >
    <p class="on-air-head">
      <span class="on-air-sign" data-backstage=${isBackstage ? "true" : "false"}
        >${icon(isBackstage ? "door-open" : "radio")}${isBackstage ? "Behind the stage" : "On air"}</span
      >
      <span class="on-air-time">${onAirText(connection, secondsLeft, page)}</span>
      ${
        timeLeft === null
          ? nothing
          : html`<span class="time-left" data-testid="time-left" data-short=${timeLeft <= 30 ? "true" : "false"}
              >${icon("timer")}${duration(timeLeft)} left</span
            >`
      }
    </p>
    ${mustName(state.room, state.isNamed) ? nameBox(audience) : ownSide(state, connection, audience)}
    ${seatPicker(connection, state, seat)}
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
 * The staff has put somebody on a seat who has no name yet.
 * @param {Audience} audience
 */
function nameBox({ page }) {
  return html`<div class="note-box" data-tone="info" data-testid="name-first">
    ${icon("user")}
    <div>
      <p>
        The host has put you on a seat. Say by which name everybody shall know you; nobody hears or sees you before.
      </p>
      ${button({
        label: "Choose a name",
        icon: "user",
        testid: "choose-name",
        click: () => page.open({ kind: "name", next: null }),
      })}
    </div>
  </div>`;
}

/**
 * What one has to do with the own devices on a seat.
 * @param {PageState} state
 * @param {ConnectedUser} connection
 * @param {Audience} audience
 */
function ownSide(state, connection, { page, seat }) {
  return html`${countInBox(state, page)} ${ownTrouble(connection, state, page)} ${weakLineBox(state, page)}
  ${
    state.check.phase === "failed" && connection.media === "video" && state.check.error?.leavesSound
      ? button({
          label: "Stay with sound only",
          icon: "mic",
          kind: "secondary",
          click: () => void seat.retakeSound(),
        })
      : nothing
  }
  ${readyBox(connection, state, seat)} ${ownControls(connection, state, page)}
  ${staffWishes(connection, state, page, seat)}`;
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
 * @param {GuestState} now
 * @param {Audience} audience
 */
function footer({ room, busy }, now, audience) {
  if (!room.me || now.tag === "own" || room.status.phase === "closed" || now.tag === "ended") return nothing;
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
