/** Whom to invite: those who are watching, and the invitations that are open. */

import { html, nothing, repeat } from "./html.js";
import { button, icon, lookalikeMark, menu } from "./parts.js";
import { lockBadges } from "./staff_locks.js";
import { helperItem, item } from "./staff_seat_menu.js";
import { idleViewers, openRequests } from "./staff_state.js";
import { MEDIA_TEXTS, isolated, plural } from "./words.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 * @param {boolean} isFull
 */
export function inviteCard(state, staff, isFull) {
  const invitations = openRequests(state.room, "invitation");
  const viewers = idleViewers(state);
  const picked = viewers.filter(({ userId }) => state.picked.has(userId));
  const search = (/** @type {InputEvent} */ event) =>
    staff.search(/** @type {HTMLInputElement} */ (event.target).value);
  return html`<section class="card" aria-labelledby="invite-title">
    <h2 id="invite-title">Invite</h2>
    ${
      invitations.length
        ? html`<ul class="rows">
            ${repeat(
              invitations,
              ({ requestId }) => requestId,
              (invitation) => invitationRow(invitation, state, staff),
            )}
          </ul>`
        : nothing
    }
    <label class="search">
      <span class="visually-hidden">Find somebody who is watching</span>
      <input
        type="search"
        data-testid="viewer-search"
        placeholder="Find a viewer by name"
        autocomplete="off"
        .value=${state.prefix}
        @input=${search}
      />
    </label>
    ${
      viewers.length
        ? html`<ul class="rows viewers">
            ${repeat(
              viewers,
              ({ userId }) => userId,
              (viewer) => viewerRow(viewer, state, staff, isFull),
            )}
          </ul>`
        : html`<p class="quiet">
            ${state.prefix ? "Nobody of this name is watching." : "Nobody else to invite right now. Share the link."}
          </p>`
    }
    ${
      picked.length
        ? html`<div class="row bulk">
            ${button({
              label: `Invite ${plural(picked.length, "person", "people")}…`,
              icon: "user-plus",
              testid: "invite-picked",
              click: () => staff.open({ kind: "invite", users: picked }),
            })}
          </div>`
        : nothing
    }
  </section>`;
}

/**
 * @param {RequestInfo} invitation
 * @param {PageState} state
 * @param {Staff} staff
 */
function invitationRow(invitation, state, staff) {
  const { requestId, user, expiresAt, media, seatIndex, operator } = invitation;
  const left = staff.page.room.clock.secondsLeft(expiresAt);
  const facts = [
    `invited by ${isolated(operator?.userName ?? "the host")}`,
    MEDIA_TEXTS[media].toLowerCase(),
    seatIndex > 0 ? `seat ${seatIndex}` : "",
    left === null ? "" : `${left} s left`,
  ];
  return html`<li class="person" data-testid="invitation-row" data-user-id=${user.userId} data-request-id=${requestId}>
    <div class="person-text">
      <p class="person-name"><bdi>${user.userName}</bdi>${lookalikeMark(user)}</p>
      <p class="small">${facts.filter(Boolean).join(" · ")}</p>
      ${lockBadges(invitation, state, staff)}
    </div>
    ${button({
      label: "Cancel",
      kind: "secondary",
      testid: "cancel-invitation",
      isBusy: state.busy.has(requestId),
      click: () => void staff.do(requestId, (room) => room.cancelInvitation({ requestId })),
    })}
  </li>`;
}

/**
 * @param {UserInfo} viewer
 * @param {PageState} state
 * @param {Staff} staff
 * @param {boolean} isFull
 */
function viewerRow(viewer, state, staff, isFull) {
  const { userId, userName } = viewer;
  const isBusy = state.busy.has(`invite ${userId}`);
  const isHelper = !!state.room.info?.moderators.some((helper) => helper.userId === userId);
  const invite = (/** @type {LinkMedia} */ media) =>
    void staff.do(`invite ${userId}`, (room) => room.invite({ userId, media }));
  return html`<li class="person" data-testid="invite-row" data-user-id=${userId}>
    <label class="person-text pick">
      <input
        type="checkbox"
        data-testid="pick"
        .checked=${state.picked.has(userId)}
        @change=${(/** @type {Event} */ event) =>
          staff.pick(userId, /** @type {HTMLInputElement} */ (event.target).checked)}
      />
      <bdi class="person-name">${userName}</bdi
      >${lookalikeMark(viewer)}${isHelper ? html`<span class="pill">${icon("shield")}helper</span>` : nothing}
    </label>
    <div class="row">
      ${button({
        label: "Invite",
        icon: "video",
        testid: "invite",
        kind: "secondary",
        isBusy,
        click: () => invite("video"),
      })}
      ${button({
        label: "Sound only",
        icon: "mic",
        testid: "invite-audio",
        kind: "secondary",
        isDisabled: isBusy,
        click: () => invite("audio"),
      })}
      ${menu({
        label: `More about ${isolated(userName)}`,
        items: html`
          ${item("Invite to seat…", "armchair", "invite-to", () => staff.open({ kind: "invite", users: [viewer] }))}
          ${isFull ? nothing : item("Put on a seat…", "user-plus", "place-user", () => staff.open({ kind: "place", user: viewer }))}
          ${helperItem(viewer, isHelper, staff)}
          ${item("Bar from the mic…", "mic-off", "bar", () => staff.open({ kind: "bar", user: viewer }))}
          ${item("Ban from the room…", "ban", "ban", () => staff.open({ kind: "ban", user: viewer }))}
        `,
      })}
    </div>
  </li>`;
}
