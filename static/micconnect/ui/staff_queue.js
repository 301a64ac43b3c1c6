/** Who asks to join, in the order of the queue, and how to answer one or all. */

import { html, nothing, repeat } from "./html.js";
import { button, icon, lookalikeMark, menu } from "./parts.js";
import { lockBadges, lockItems } from "./staff_locks.js";
import { openRequests, requestFacts } from "./staff_state.js";
import { MEDIA_TEXTS, isolated } from "./words.js";

/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 * @param {boolean} isFull
 */
export function queueCard(state, staff, isFull) {
  const requests = openRequests(state.room, "application");
  const isPaused = !!state.room.info?.options.isPaused;
  return html`<section class="card" aria-labelledby="queue-title">
    <header class="card-head">
      <h2 id="queue-title">Requests <span class="count">${requests.length}</span></h2>
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          data-testid="pause"
          data-value=${isPaused ? "true" : "false"}
          .checked=${isPaused}
          @change=${(/** @type {Event} */ event) =>
            void staff.update(event, { isPaused: /** @type {HTMLInputElement} */ (event.target).checked })}
        />
        Pause requests
      </label>
    </header>
    ${isFull && requests.length ? fullHint() : nothing} ${requests.length ? answerAll(state, staff, isFull) : nothing}
    ${
      requests.length
        ? html`<ol class="rows" data-testid="queue">
            ${repeat(
              requests,
              ({ requestId }) => requestId,
              (request, index) => row(request, index + 1, state, staff, isFull),
            )}
          </ol>`
        : html`<p class="quiet" data-testid="queue">
            ${isPaused ? "Nobody can ask until you lift the pause." : emptyText(state)}
          </p>`
    }
  </section>`;
}

/** @param {PageState} state */
function emptyText({ room: { info } }) {
  const mode = info?.options.seatMode;
  if (mode === "free") return "Seats are free to take: nobody has to ask.";
  if (mode === "closed") return "Nobody can ask: the room is set so that nobody comes on air.";
  if (mode === "invite_only") return "Nobody can ask: people come on air by your invitation.";
  return "Nobody is asking at the moment. Requests appear here.";
}

function fullHint() {
  return html`<p class="small hint">${icon("info")}All places are taken. Free one to accept somebody.</p>`;
}

/**
 * @param {PageState} state
 * @param {Staff} staff
 * @param {boolean} isFull
 */
function answerAll({ busy }, staff, isFull) {
  return html`<div class="row bulk">
    ${button({
      label: "Accept next",
      icon: "check",
      kind: "secondary",
      testid: "accept-next",
      isBusy: busy.has("acceptNext"),
      isDisabled: isFull,
      click: () => void staff.do("acceptNext", (room) => room.acceptNext()),
    })}
    ${button({
      label: "Accept all",
      kind: "secondary",
      testid: "accept-all",
      isBusy: busy.has("acceptAll"),
      isDisabled: isFull,
      click: () => void staff.acceptAll(),
    })}
    ${button({
      label: "Reject all…",
      kind: "secondary",
      testid: "reject-all",
      click: () => staff.open({ kind: "rejectAll" }),
    })}
  </div>`;
}

/**
 * @param {RequestInfo} request
 * @param {number} place
 * @param {PageState} state
 * @param {Staff} staff
 * @param {boolean} isFull
 */
function row(request, place, state, staff, isFull) {
  const { requestId } = request;
  const { userName, userId } = request.user;
  const isBusy = state.busy.has(requestId);
  return html`<li class="person" data-testid="queue-row" data-user-id=${userId} data-request-id=${requestId}>
    <span class="place" aria-label="Place ${place}">${place}</span>
    <div class="person-text">
      <p class="person-name">
        <bdi>${userName}</bdi>${lookalikeMark(request.user)}
        <span class="sign" title=${MEDIA_TEXTS[request.media]}
          >${icon(request.media === "video" ? "video" : "mic")}<span class="visually-hidden"
            >${MEDIA_TEXTS[request.media]}</span
          ></span
        >
        ${request.isPresent ? nothing : html`<span class="pill">away</span>`}
      </p>
      ${request.note ? html`<p class="person-note"><bdi>${request.note}</bdi></p>` : nothing}
      <p class="small">${requestFacts(request, staff.page.room.clock)}</p>
      ${lockBadges(request, state, staff)}
    </div>
    <div class="row">
      ${button({
        label: "Accept",
        icon: "check",
        testid: "accept",
        isBusy,
        isDisabled: isFull,
        title: isFull ? "All places are taken" : undefined,
        click: () => void staff.do(requestId, (room) => room.respondToApplication({ requestId, isAccepted: true })),
      })}
      ${button({
        label: "Reject",
        kind: "secondary",
        testid: "reject",
        isDisabled: isBusy,
        click: () => staff.open({ kind: "reject", request }),
      })}
      ${menu({
        label: `More about ${isolated(userName)}`,
        items: html`
          ${button({
            label: "Accept on seat…",
            icon: "armchair",
            kind: "plain",
            testid: "accept-on",
            isDisabled: isFull,
            click: () => staff.open({ kind: "acceptOn", request }),
          })}
          ${button({
            label: "To the front",
            icon: "arrow-up-to-line",
            kind: "plain",
            testid: "to-front",
            isDisabled: place === 1,
            click: () => void staff.do(requestId, (room) => room.moveToFront({ requestId })),
          })}
          ${lockItems(request, staff)}
          ${button({
            label: "Bar from the mic…",
            icon: "mic-off",
            kind: "plain",
            testid: "bar",
            click: () => staff.open({ kind: "bar", user: request.user }),
          })}
          ${button({
            label: "Ban from the room…",
            icon: "ban",
            kind: "plain",
            testid: "ban",
            click: () => staff.open({ kind: "ban", user: request.user }),
          })}
        `,
      })}
    </div>
  </li>`;
}
