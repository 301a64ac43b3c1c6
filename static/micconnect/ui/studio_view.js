/** What the host sees: the stage with the own controls, the queue, the seats and the invitations. */

import { choose, deviceCheck, mediaChoice } from "./check.js";
import { bars } from "./guest_state.js";
import { html, nothing } from "./html.js";
import { ownControls, ownTrouble } from "./on_air.js";
import { barList, button, errorBox, icon, modal } from "./parts.js";
import { stage } from "./stage.js";
import { guestNames, guestsOf } from "./studio_actions.js";
import { queueCard, rejectSheet, takeOffSheet } from "./studio_queue.js";
import { inviteCard, seatsCard } from "./studio_seats.js";
import { ROOM_END_TEXTS, duration, plural } from "./words.js";

/** @typedef {import("./state.js").PageState} PageState */
/** @typedef {import("./studio_actions.js").Studio} Studio */

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
export function studioView(state, studio) {
  const { page } = studio;
  const { room } = state;
  return html`
    <div class="bars" role="status" data-testid="status">
      ${barList(bars(room, page.room.clock, state.isOnline), { bringHere: () => studio.bringHere() })}
    </div>
    <div class="studio-main">
      ${stage(state, page)} ${about(state, studio)} ${errorBox(state.error, () => page.store.update({ error: "" }))}
      ${deck(state, studio)}
    </div>
    <div class="side" data-dimmed=${room.status.phase === "open" ? "false" : "true"}>${side(state, studio)}</div>
    ${sheet(state, studio)}
  `;
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function about({ room: { info, viewerCount }, isCopied }, studio) {
  const isLive = info?.status === "live";
  const status = { live: "Live", idle: "Not live yet", ended: "Ended" }[info?.status ?? "idle"];
  const time = isLive && info.liveSince ? duration(studio.page.room.clock.secondsSince(info.liveSince)) : "";
  return html`<header class="about">
    <h1>${info?.title ?? document.title}</h1>
    <p class="about-line">
      <span class="pill" data-status=${info?.status ?? "idle"} data-testid="live-status">${status} ${time}</span>
      <span class="about-item" data-testid="viewer-count" data-count=${viewerCount}
        >${icon("users")}${plural(viewerCount, "person", "people")} here</span
      >
      ${
        info?.status === "ended"
          ? nothing
          : button({
              label: isCopied ? "Copied" : "Copy the link for the audience",
              icon: isCopied ? "check" : "copy",
              kind: "plain",
              testid: "copy-link",
              click: () => void studio.copyLink(),
            })
      }
    </p>
  </header>`;
}

/**
 * The host's own controls, by what the room is doing.
 * @param {PageState} state
 * @param {Studio} studio
 */
function deck(state, studio) {
  const { info, me } = state.room;
  if (!info || !me) return html`<div class="card skeleton" aria-hidden="true"></div>`;
  if (info.status === "idle") return setUp(state, studio);
  if (info.status === "ended" || state.room.status.phase === "closed") return nothing;
  return html`<div class="card deck" data-testid="on-air" data-state=${me.connection?.state ?? "away"}>
    ${me.connection ? ownTrouble(me.connection, state, studio.page) : nothing}
    <div class="deck-row">
      ${me.connection ? ownControls(me.connection, state, studio.page) : nothing}
      ${button({
        label: "End the live",
        icon: "square",
        kind: "danger",
        testid: "end-live",
        click: () => studio.open({ kind: "end" }),
      })}
    </div>
  </div>`;
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function setUp(state, studio) {
  const { check, busy, room } = state;
  return html`<div class="card deck">
    <h2>Ready to go live?</h2>
    ${mediaChoice(state, studio.page)} ${deviceCheck(state, studio.page, { withPicture: false })}
    <div class="row">
      ${button({
        label: "Go live",
        icon: "radio",
        kind: "live",
        testid: "go-live",
        isBusy: busy.has("goLive"),
        isDisabled: room.status.phase !== "open" || check.phase === "asking",
        click: () => void studio.goLive(),
      })}
      ${
        check.phase === "idle"
          ? button({
              label: "Check my devices first",
              icon: "camera",
              kind: "secondary",
              testid: "check-devices",
              click: () => void choose(studio.page, "video"),
            })
          : nothing
      }
    </div>
  </div>`;
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function side(state, studio) {
  const { info, connectedUsers } = state.room;
  if (!info) return html`<div class="card skeleton" aria-hidden="true"></div>`;
  if (info.status === "ended") return summary(state, studio);
  if (state.room.status.phase === "closed") return nothing;
  if (info.status === "idle") {
    return html`<section class="card quiet">
      <h2>Before you start</h2>
      <ul class="plain-list">
        <li>${icon("share-2")}Share the link: people can come before you are live.</li>
        <li>${icon("hand")}Once you are live they ask for one of ${plural(info.seatCount, "place")} beside you.</li>
        <li>${icon("check")}You decide who comes on air, and may take anybody off at any time.</li>
      </ul>
    </section>`;
  }
  const guests = guestsOf(connectedUsers);
  const isFull = guests.length >= info.seatCount;
  return html`${queueCard(state, studio, isFull)} ${seatsCard(guests, state, studio)}
  ${inviteCard(state, studio, isFull)}`;
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function summary({ room: { info } }, studio) {
  const seconds = info?.liveSince && info.endedAt ? (Date.parse(info.endedAt) - Date.parse(info.liveSince)) / 1000 : 0;
  return html`<section class="card" data-testid="summary">
    <h2>That was it</h2>
    <p data-testid="message">${info?.endReason ? ROOM_END_TEXTS[info.endReason] : "The live has ended."}</p>
    <dl class="facts">
      <dt>Time on air</dt>
      <dd>${duration(seconds)}</dd>
    </dl>
    <a href=${studio.page.config.homeUrl} role="button" class="secondary">Back to all rooms</a>
  </section>`;
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function sheet(state, studio) {
  if (state.sheet?.kind === "reject") return rejectSheet(state.sheet.request, state, studio);
  if (state.sheet?.kind === "takeOff") return takeOffSheet(state.sheet.user, state, studio);
  if (state.sheet?.kind !== "end") return nothing;
  const guests = guestsOf(state.room.connectedUsers);
  return modal({
    title: "End the live?",
    close: () => studio.close(),
    body: html`<p>The room closes for everybody and cannot be opened again. <strong>${guestNames(guests)}</strong></p>`,
    actions: html`
      <button type="button" class="secondary" @click=${() => studio.close()}>Go on</button>
      ${button({
        label: "End it now",
        kind: "danger",
        testid: "confirm-end",
        isBusy: state.busy.has("endLive"),
        click: () => void studio.endLive(),
      })}
    `,
  });
}
