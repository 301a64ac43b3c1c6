/** What the host sees: the stage with the own controls, and the staff's cards beside it. */

import { choose, deviceCheck, mediaChoice } from "./check.js";
import { elsewhereBox, soundHere } from "./elsewhere.js";
import { bars, isElsewhere } from "./guest_state.js";
import { html, nothing } from "./html.js";
import { listenCard } from "./listen_card.js";
import { closingControls, ownControls, ownTrouble } from "./on_air.js";
import { barList, button, errorBox, icon, toastBox } from "./parts.js";
import { stage } from "./stage.js";
import { endButton } from "./staff_absence.js";
import { linksCard } from "./staff_links.js";
import { settingsButton, staffCards, staffSheet } from "./staff_view.js";
import { summaryCard } from "./summary.js";
import { weakLineBox } from "./weak_line.js";
import { duration, plural } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./page.js").Page} Page */
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
      ${barList(bars(room, page.room.clock, state.isOnline, page.media.isAble))}
    </div>
    <div class="studio-main">
      ${stage(state, page)} ${about(state, studio)} ${state.sheet ? nothing : errorBox(state.error, page.clearError)}
      ${deck(state, studio)}
    </div>
    <div class="side" data-dimmed=${room.status.phase === "open" ? "false" : "true"}>${side(state, studio)}</div>
    ${staffSheet(state, studio.staff)} ${toastBox(state.toast, page.closeToast)}
  `;
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function about(state, studio) {
  const { info, viewerCount } = state.room;
  const isLive = info?.status === "live";
  const status = { live: "Live", idle: "Not live yet", ended: "Ended" }[info?.status ?? "idle"];
  const time = isLive && info.liveSince ? duration(studio.page.room.clock.secondsSince(info.liveSince)) : "";
  const isCopied = state.copied === "audience";
  return html`<header class="about">
    <h1><bdi>${info?.options.title ?? studio.page.config.title}</bdi></h1>
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
  const { connection } = me;
  return html`<div class="card deck" data-testid="on-air" data-state=${connection?.state ?? "away"}>
    ${connection ? ownSide(connection, state, studio) : nothing}
    ${connection ? nothing : html`<p>You are not on air. The live goes on without your picture and sound.</p>`}
    <div class="deck-row">
      ${connection ? controls(connection, state, studio.page) : nothing}
      <div class="row">
        ${ownSeat(connection, state, studio)} ${settingsButton(state, studio.staff)} ${endButton(studio.staff)}
      </div>
    </div>
  </div>`;
}

/**
 * What stands between the host and the show; beside the studio on air, that it is another one.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Studio} studio
 */
function ownSide(connection, state, { page, seat }) {
  if (!isElsewhere(state.room, state.windowId)) {
    return html`${ownTrouble(connection, state, page)} ${weakLineBox(state, page)}`;
  }
  return html`<div data-testid="elsewhere">${elsewhereBox(connection, state, seat)} ${soundHere(state, page)}</div>`;
}

/**
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 */
function controls(connection, state, page) {
  const show = isElsewhere(state.room, state.windowId) ? closingControls : ownControls;
  return show(connection, state, page);
}

/**
 * Where the room does not keep the host's seat, the host sits down and stands up like others.
 * @param {ConnectedUser | null} connection
 * @param {PageState} state
 * @param {Studio} studio
 */
function ownSeat(connection, { room, busy }, studio) {
  if (!connection) {
    return button({
      label: "Take my seat",
      icon: "armchair",
      testid: "take-seat",
      isBusy: busy.has("takeSeat"),
      click: () => void studio.takeSeat(),
    });
  }
  if (room.info?.options.keepOwnerOnSeat) return nothing;
  return button({
    label: "Leave my seat",
    icon: "phone-off",
    kind: "secondary",
    testid: "leave-seat",
    isBusy: busy.has("leaveSeat"),
    click: () => void studio.seat.leaveSeat(),
  });
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
      ${check.phase === "failed" ? offStageButton(state, studio) : nothing} ${settingsButton(state, studio.staff)}
    </div>
    ${
      check.phase === "failed"
        ? html`<p class="small">Without you on stage your guests are heard and seen, and you can join them later.</p>`
        : nothing
    }
  </div>`;
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function offStageButton({ room, busy }, studio) {
  return button({
    label: "Go live without me on stage",
    icon: "radio",
    kind: "secondary",
    testid: "go-live-off-stage",
    isBusy: busy.has("goLive"),
    isDisabled: room.status.phase !== "open",
    click: () => void studio.goLiveOffStage(),
  });
}

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
function side(state, studio) {
  const { info } = state.room;
  if (!info) return html`<div class="card skeleton" aria-hidden="true"></div>`;
  if (info.status === "ended") return summaryCard(state, studio);
  if (state.room.status.phase === "closed") return nothing;
  if (info.status === "idle") {
    return html`<section class="card quiet">
        <h2>Before you start</h2>
        <ul class="plain-list">
          <li>${icon("share-2")}Share the link: people can come before you are live.</li>
          <li>${icon("hand")}Once you are live they ask for one of ${plural(info.seatCount, "place")} beside you.</li>
          <li>${icon("check")}You decide who comes on air, and may take anybody off at any time.</li>
        </ul>
      </section>
      ${linksCard(state, studio.staff)}`;
  }
  return html`${staffCards(state, studio.staff)} ${listenCard(state, studio.page)}`;
}
