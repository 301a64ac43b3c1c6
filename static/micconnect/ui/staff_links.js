/** Invitation links: whoever has one may sit down, as often as it says and as long as it lasts. */

import { INVITE_LINKS_MAX, LINK_USES_MAX } from "../protocol.js";
import { html, nothing, repeat } from "./html.js";
import { button, choiceField, foldCard } from "./parts.js";
import { MEDIA_TEXTS, plural, timeOf } from "./words.js";

/** @typedef {import("../protocol.js").InviteLinkInfo} InviteLinkInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/** @type {[string, string][]} */
const LASTING = [
  ["3600", "1 hour"],
  ["86400", "1 day"],
  ["604800", "7 days"],
];

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function linksCard(state, staff) {
  const links = state.room.links ?? [];
  return foldCard({
    title: html`Invitation links <span class="count">${links.length}</span>`,
    testid: "links",
    body: html`
      <p class="small">Whoever opens such a link may sit down without asking.</p>
      ${
        links.length
          ? html`<ul class="rows">
              ${repeat(
                links,
                ({ linkId }) => linkId,
                (link) => linkRow(link, state, staff),
              )}
            </ul>`
          : nothing
      }
      ${links.length < INVITE_LINKS_MAX ? linkForm(state, staff) : html`<p class="small">No more links fit.</p>`}
    `,
  });
}

/**
 * @param {InviteLinkInfo} link
 * @param {PageState} state
 * @param {Staff} staff
 */
function linkRow(link, { busy }, staff) {
  const { linkId, media, usesLeft, expiresAt, operator } = link;
  return html`<li class="person" data-testid="link-row" data-link-id=${linkId} data-uses-left=${usesLeft}>
    <div class="person-text">
      <p class="person-name">${plural(usesLeft, "use")} left</p>
      <p class="small">${MEDIA_TEXTS[media]} · until ${timeOf(expiresAt)} · by <bdi>${operator.userName}</bdi></p>
    </div>
    <div class="row">
      ${button({
        label: "Show",
        icon: "qr-code",
        kind: "secondary",
        testid: "show-link",
        isBusy: busy.has(`show ${linkId}`),
        click: () => void staff.showLink(link),
      })}
      ${button({
        label: "Withdraw",
        kind: "secondary",
        testid: "revoke-link",
        isBusy: busy.has(linkId),
        click: () => void staff.do(linkId, (room) => room.revokeInviteLink({ linkId })),
      })}
    </div>
  </li>`;
}

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
function linkForm({ busy }, staff) {
  return html`<form class="form-grid" @submit=${(/** @type {SubmitEvent} */ event) => void staff.makeLink(event)}>
    ${choiceField({ label: "With", name: "media", testid: "link-media", choices: Object.entries(MEDIA_TEXTS), value: "video" })}
    <label
      >Uses
      <input type="number" name="uses" data-testid="link-uses" min="1" max=${LINK_USES_MAX} value="1" required />
    </label>
    ${choiceField({ label: "Lasts", name: "expires", testid: "link-expires", choices: LASTING, value: "86400" })}
    <button type="submit" data-testid="make-link" aria-busy=${busy.has("makeLink") ? "true" : nothing}>
      Make a link
    </button>
  </form>`;
}
