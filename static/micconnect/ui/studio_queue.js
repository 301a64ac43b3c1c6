/** Who asks to join, in the order of the queue, and how to answer. */

import { NOTE_MAX } from "../protocol.js";
import { html, nothing, repeat } from "./html.js";
import { button, icon, modal } from "./parts.js";
import { MEDIA_TEXTS, REJECT_CHOICES, REMOVAL_CHOICES, duration } from "./words.js";

/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./state.js").PageState} PageState */
/** @typedef {import("./studio_actions.js").Studio} Studio */

/**
 * @param {PageState} state
 * @param {Studio} studio
 * @param {boolean} isFull
 */
export function queueCard(state, studio, isFull) {
  const requests = (state.room.requests ?? []).filter(({ kind }) => kind === "application");
  return html`<section class="card" aria-labelledby="queue-title">
    <h2 id="queue-title">Requests <span class="count">${requests.length}</span></h2>
    ${isFull && requests.length ? fullHint() : nothing}
    ${
      requests.length
        ? html`<ol class="rows" data-testid="queue">
            ${repeat(
              requests,
              ({ requestId }) => requestId,
              (request, index) => row(request, index + 1, state, studio, isFull),
            )}
          </ol>`
        : html`<p class="quiet" data-testid="queue">Nobody is asking at the moment. Requests appear here.</p>`
    }
  </section>`;
}

function fullHint() {
  return html`<p class="small hint">${icon("info")}All places are taken. Free one to accept somebody.</p>`;
}

/**
 * @param {RequestInfo} request
 * @param {number} place
 * @param {PageState} state
 * @param {Studio} studio
 * @param {boolean} isFull
 */
function row(request, place, state, studio, isFull) {
  const { clock } = studio.page.room;
  const left = clock.secondsLeft(request.expiresAt);
  const isBusy = state.busy.has(request.requestId);
  const { userName, userId } = request.user;
  return html`<li class="person" data-testid="queue-row" data-user-id=${userId} data-request-id=${request.requestId}>
    <span class="place" aria-label="Place ${place}">${place}</span>
    <div class="person-text">
      <p class="person-name">
        <bdi>${userName}</bdi>
        <span class="sign" title=${MEDIA_TEXTS[request.media]}
          >${icon(request.media === "video" ? "video" : "mic")}<span class="visually-hidden"
            >${MEDIA_TEXTS[request.media]}</span
          ></span
        >
        ${request.isPresent ? nothing : html`<span class="pill">away</span>`}
      </p>
      ${request.note ? html`<p class="person-note"><bdi>${request.note}</bdi></p>` : nothing}
      <p class="small">
        waiting ${duration(clock.secondsSince(request.createdAt))}${left === null ? "" : ` · ${left} s left`}
      </p>
    </div>
    <div class="row">
      ${button({
        label: "Accept",
        icon: "check",
        testid: "accept",
        isBusy,
        isDisabled: isFull,
        title: isFull ? "All places are taken" : undefined,
        click: () => void studio.accept(request),
      })}
      ${button({
        label: "Reject",
        kind: "secondary",
        testid: "reject",
        isDisabled: isBusy,
        click: () => studio.open({ kind: "reject", request }),
      })}
    </div>
  </li>`;
}

/**
 * @param {RequestInfo} request
 * @param {PageState} state
 * @param {Studio} studio
 */
export function rejectSheet(request, state, studio) {
  return reasonSheet({
    title: `Turn down ${request.user.userName}?`,
    choices: REJECT_CHOICES,
    names: { reason: "reject-reason", note: "reject-note", confirm: "confirm-reject" },
    confirm: "Reject",
    isBusy: state.busy.has(request.requestId),
    close: () => studio.close(),
    submit: (event) => void studio.reject(request, event),
  });
}

/**
 * @param {UserInfo} user
 * @param {PageState} state
 * @param {Studio} studio
 */
export function takeOffSheet(user, state, studio) {
  return reasonSheet({
    title: `Take ${user.userName} off air?`,
    choices: REMOVAL_CHOICES,
    names: { reason: "take-off-reason", note: "take-off-note", confirm: "confirm-take-off" },
    confirm: "Take off air",
    isBusy: state.busy.has(`off ${user.userId}`),
    close: () => studio.close(),
    submit: (event) => void studio.takeOff(user, event),
  });
}

/**
 * @param {{title: string, choices: Record<string, string>, confirm: string, isBusy: boolean,
 *   names: {reason: string, note: string, confirm: string}, close: () => void,
 *   submit: (event: SubmitEvent) => void}} parts
 */
function reasonSheet({ title, choices, names, confirm, isBusy, close, submit }) {
  return modal({
    title,
    close,
    body: html`<form id="reason-form" @submit=${submit}>
      <label
        >Reason
        <select name="reason" data-testid=${names.reason}>
          ${Object.entries(choices).map(([value, text]) => html`<option value=${value}>${text}</option>`)}
        </select>
      </label>
      <label
        >A word to them <span class="small">(if you like)</span>
        <input name="note" data-testid=${names.note} maxlength=${NOTE_MAX} autocomplete="off" />
      </label>
    </form>`,
    actions: html`
      <button type="button" class="secondary" @click=${close}>Keep</button>
      <button
        type="submit"
        form="reason-form"
        class="danger"
        data-testid=${names.confirm}
        aria-busy=${isBusy ? "true" : nothing}
      >
        ${confirm}
      </button>
    `,
  });
}
