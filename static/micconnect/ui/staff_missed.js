/** Whose request came to nothing while the staff looked elsewhere, and the way to make up for it. */

import { html, nothing, repeat } from "./html.js";
import { button, lookalikeMark } from "./parts.js";
import { missedFact, missedNow } from "./staff_state.js";
import { duration } from "./words.js";

/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function missedCard(state, staff) {
  const missed = missedNow(state, staff.page.room.clock);
  if (!missed.length) return nothing;
  return html`<section class="card" aria-labelledby="missed-title" data-testid="missed">
    <header class="card-head">
      <h2 id="missed-title">Missed <span class="count">${missed.length}</span></h2>
      ${button({ label: "Clear", icon: "x", kind: "plain", testid: "clear-missed", click: () => staff.clearMissed() })}
    </header>
    <ul class="rows">
      ${repeat(
        missed,
        ({ requestId }) => requestId,
        (request) => row(request, state, staff),
      )}
    </ul>
  </section>`;
}

/**
 * @param {RequestInfo} request
 * @param {PageState} state
 * @param {Staff} staff
 */
function row(request, { busy }, staff) {
  const { user, note, media, endedAt } = request;
  const { userId, userName } = user;
  const ago = duration(staff.page.room.clock.secondsSince(endedAt ?? ""));
  return html`<li class="person" data-testid="missed-row" data-user-id=${userId}>
    <div class="person-text">
      <p class="person-name"><bdi>${userName}</bdi>${lookalikeMark(user)}</p>
      ${note ? html`<p class="person-note"><bdi>${note}</bdi></p>` : nothing}
      <p class="small">${missedFact(request)} · ${ago} ago</p>
    </div>
    ${button({
      label: request.kind === "invitation" ? "Invite again" : "Invite",
      icon: "user-plus",
      kind: "secondary",
      testid: "invite-missed",
      isBusy: busy.has(`invite ${userId}`),
      click: () => void staff.do(`invite ${userId}`, (room) => room.invite({ userId, media })),
    })}
  </li>`;
}
