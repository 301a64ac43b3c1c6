/** Who is on air beside the host, and whom to invite. */

import { html, nothing, repeat } from "./html.js";
import { button } from "./parts.js";
import { freeText } from "./studio_actions.js";
import { duration } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./state.js").PageState} PageState */
/** @typedef {import("./studio_actions.js").Studio} Studio */

/**
 * @param {ConnectedUser[]} guests
 * @param {PageState} state
 * @param {Studio} studio
 */
export function seatsCard(guests, state, studio) {
  const count = state.room.info?.seatCount ?? 0;
  return html`<section class="card" aria-labelledby="seats-title">
    <h2 id="seats-title">On air <span class="count">${guests.length}/${count}</span></h2>
    ${
      guests.length
        ? html`<ul class="rows">
            ${repeat(
              guests,
              ({ connectionId }) => connectionId,
              (guest) => seatRow(guest, state, studio),
            )}
          </ul>`
        : html`<p class="quiet">Only you are on air. ${freeText(count)}.</p>`
    }
  </section>`;
}

/** @type {Record<ConnectedUser["state"], string>} */
const STATES = { joining: "joining…", live: "", reconnecting: "reconnecting…", ended: "" };

/**
 * @param {ConnectedUser} guest
 * @param {PageState} state
 * @param {Studio} studio
 */
function seatRow(guest, state, studio) {
  const { clock } = studio.page.room;
  const left = clock.secondsLeft(guest.deadline);
  const what = STATES[guest.state] || duration(clock.secondsSince(guest.since));
  return html`<li
    class="person"
    data-testid="seat-row"
    data-user-id=${guest.userId}
    data-seat-index=${guest.seatIndex}
    data-microphone=${guest.microphone}
    data-camera=${guest.camera}
  >
    <span class="place" aria-label="Seat ${guest.seatIndex}">${guest.seatIndex}</span>
    <div class="person-text">
      <p class="person-name"><bdi>${guest.userName}</bdi></p>
      <p class="small">
        ${what}${left === null ? "" : ` ${left} s left`} ${guest.media === "audio" ? "· sound only" : ""}
      </p>
    </div>
    <div class="row">
      ${lockButton("microphone", guest, state, studio)}
      ${guest.media === "video" ? lockButton("camera", guest, state, studio) : nothing}
      ${button({
        label: "Take off",
        icon: "user-minus",
        kind: "secondary",
        testid: "take-off",
        click: () => studio.open({ kind: "takeOff", user: guest }),
      })}
    </div>
  </li>`;
}

/** @type {Record<Device, {short: string, on: string, off: string, lock: string, unlock: string}>} */
const DEVICES = {
  microphone: { short: "mic", on: "mic", off: "mic-off", lock: "Mute", unlock: "Allow mic" },
  camera: { short: "camera", on: "video", off: "video-off", lock: "Camera off", unlock: "Allow camera" },
};

/**
 * @param {Device} device
 * @param {ConnectedUser} guest
 * @param {PageState} state
 * @param {Studio} studio
 */
function lockButton(device, guest, state, studio) {
  const { short, on, off, lock, unlock } = DEVICES[device];
  const isLocked = guest[device] === "locked";
  return button({
    label: isLocked ? unlock : lock,
    icon: isLocked ? "lock-open" : guest[device] === "open" ? on : off,
    kind: "secondary",
    testid: `${isLocked ? "unlock" : "lock"}-${short}`,
    title: isLocked ? `${guest.userName} may switch it on again` : "Switches it off and locks it",
    isBusy: state.busy.has(`${device} ${guest.userId}`),
    click: () => void studio.lock(guest, device),
  });
}

// -- invitations ------------------------------------------------------------------------------------------------------

/**
 * @param {PageState} state
 * @param {Studio} studio
 * @param {boolean} isFull
 */
export function inviteCard(state, studio, isFull) {
  const { requests, connectedUsers, me } = state.room;
  const invitations = (requests ?? []).filter(({ kind }) => kind === "invitation");
  const taken = new Set([
    ...(requests ?? []).map(({ user }) => user.userId),
    ...connectedUsers.map(({ userId }) => userId),
  ]);
  const viewers = (state.viewers ?? []).filter(({ userId }) => !taken.has(userId) && userId !== me?.user.userId);
  const search = (/** @type {InputEvent} */ event) =>
    studio.search(/** @type {HTMLInputElement} */ (event.target).value);
  return html`<section class="card" aria-labelledby="invite-title">
    <h2 id="invite-title">Invite</h2>
    ${
      invitations.length
        ? html`<ul class="rows">
            ${repeat(
              invitations,
              ({ requestId }) => requestId,
              (invitation) => invitationRow(invitation, state, studio),
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
              (viewer) => viewerRow(viewer, state, studio, isFull),
            )}
          </ul>`
        : html`<p class="quiet">
            ${state.prefix ? "Nobody of this name is watching." : "Nobody else to invite right now. Share the link."}
          </p>`
    }
  </section>`;
}

/**
 * @param {RequestInfo} invitation
 * @param {PageState} state
 * @param {Studio} studio
 */
function invitationRow(invitation, state, studio) {
  const left = studio.page.room.clock.secondsLeft(invitation.expiresAt);
  return html`<li
    class="person"
    data-testid="invitation-row"
    data-user-id=${invitation.user.userId}
    data-request-id=${invitation.requestId}
  >
    <div class="person-text">
      <p class="person-name"><bdi>${invitation.user.userName}</bdi></p>
      <p class="small">invited${left === null ? "" : ` · ${left} s left`}</p>
    </div>
    ${button({
      label: "Cancel",
      kind: "secondary",
      testid: "cancel-invitation",
      isBusy: state.busy.has(invitation.requestId),
      click: () => void studio.cancelInvitation(invitation),
    })}
  </li>`;
}

/**
 * @param {UserInfo} viewer
 * @param {PageState} state
 * @param {Studio} studio
 * @param {boolean} isFull
 */
function viewerRow(viewer, state, studio, isFull) {
  const isBusy = state.busy.has(`invite ${viewer.userId}`);
  const title = isFull ? "All places are taken" : undefined;
  return html`<li class="person" data-testid="invite-row" data-user-id=${viewer.userId}>
    <div class="person-text">
      <p class="person-name"><bdi>${viewer.userName}</bdi></p>
    </div>
    <div class="row">
      ${button({
        label: "Invite",
        icon: "video",
        testid: "invite",
        kind: "secondary",
        isBusy,
        isDisabled: isFull,
        title,
        click: () => void studio.invite(viewer, "video"),
      })}
      ${button({
        label: "Sound only",
        icon: "mic",
        testid: "invite-audio",
        kind: "secondary",
        isDisabled: isFull || isBusy,
        title,
        click: () => void studio.invite(viewer, "audio"),
      })}
    </div>
  </li>`;
}
