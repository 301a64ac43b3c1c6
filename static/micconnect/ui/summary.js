/** What the show was, in figures, after its end. */

import { html, nothing } from "./html.js";
import { requestsText } from "./staff_state.js";
import { ROOM_END_TEXTS, duration, plural } from "./words.js";

/** @typedef {import("../protocol.js").RequestKind} RequestKind */
/** @typedef {import("./state.js").PageState} PageState */
/** @typedef {import("./studio_actions.js").Studio} Studio */

/** @type {Record<RequestKind, string>} */
const KINDS = { application: "Requests", invitation: "Invitations" };

/**
 * @param {PageState} state
 * @param {Studio} studio
 */
export function summaryCard({ room: { info }, summary }, studio) {
  const seconds = info?.liveSince && info.endedAt ? (Date.parse(info.endedAt) - Date.parse(info.liveSince)) / 1000 : 0;
  return html`<section class="card" data-testid="summary">
    <h2>That was it</h2>
    <p data-testid="message">${info?.endReason ? ROOM_END_TEXTS[info.endReason] : "The live has ended."}</p>
    <dl class="facts">
      <dt>Length</dt>
      <dd>${duration(summary?.durationS ?? seconds)}</dd>
      ${
        summary
          ? html`<dt>Most viewers at once</dt>
              <dd data-testid="peak">${summary.peakViewers.toLocaleString("en")}</dd>
              ${
                /** @type {const} */ (["application", "invitation"]).map((kind) => {
                  const text = requestsText(summary.requests, kind);
                  return text
                    ? html`<dt>${KINDS[kind]}</dt>
                        <dd>${text}</dd>`
                    : nothing;
                })
              }`
          : nothing
      }
    </dl>
    ${
      summary?.onAir.length
        ? html`<h3>On air</h3>
            <ul class="rows">
              ${summary.onAir.map(
                ({ user, seconds: time, times }) =>
                  html`<li class="person" data-testid="on-air-row">
                    <bdi class="person-name person-text">${user.userName}</bdi>
                    <span class="small">${duration(time)}, ${plural(times, "time")}</span>
                  </li>`,
              )}
            </ul>`
        : nothing
    }
    <a href=${studio.page.config.homeUrl} role="button" class="secondary">Back to all rooms</a>
  </section>`;
}
