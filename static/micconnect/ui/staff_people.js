/** Helpers of the host, and those who are barred or banned. */

import { html, nothing, repeat } from "./html.js";
import { button, foldCard } from "./parts.js";
import { REMOVAL_CHOICES, SANCTION_KINDS, timeOf } from "./words.js";

/** @typedef {import("../protocol.js").SanctionInfo} SanctionInfo */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function peopleCard(state, staff) {
  const helpers = state.room.info?.moderators ?? [];
  const sanctions = state.room.sanctions ?? [];
  return foldCard({
    title: html`Helpers and bans <span class="count">${helpers.length + sanctions.length}</span>`,
    testid: "people",
    body: html`
      <h3>Helpers</h3>
      ${
        helpers.length
          ? html`<ul class="rows">
              ${repeat(
                helpers,
                ({ userId }) => userId,
                (helper) => helperRow(helper, state, staff),
              )}
            </ul>`
          : html`<p class="quiet">
              ${staff.isHost ? "None. Make somebody a helper under Invite or On air." : "None."}
            </p>`
      }
      <h3>Barred and banned</h3>
      ${
        sanctions.length
          ? html`<ul class="rows">
              ${repeat(
                sanctions,
                ({ sanctionId }) => sanctionId,
                (sanction) => sanctionRow(sanction, state, staff),
              )}
            </ul>`
          : html`<p class="quiet">Nobody.</p>`
      }
    `,
  });
}

/**
 * @param {UserInfo} helper
 * @param {PageState} state
 * @param {Staff} staff
 */
function helperRow({ userId, userName }, { busy }, staff) {
  return html`<li class="person" data-testid="helper-row" data-user-id=${userId}>
    <div class="person-text">
      <p class="person-name"><bdi>${userName}</bdi></p>
    </div>
    ${
      staff.isHost
        ? button({
            label: "End",
            kind: "secondary",
            testid: "end-helper",
            isBusy: busy.has(`helper ${userId}`),
            click: () => void staff.do(`helper ${userId}`, (room) => room.setModerator({ userId, isModerator: false })),
          })
        : nothing
    }
  </li>`;
}

/**
 * @param {SanctionInfo} sanction
 * @param {PageState} state
 * @param {Staff} staff
 */
function sanctionRow({ sanctionId, kind, user, operator, until, reason, note, appeal }, { busy }, staff) {
  return html`<li class="person" data-testid="sanction-row" data-user-id=${user.userId} data-kind=${kind}>
    <div class="person-text">
      <p class="person-name"><bdi>${user.userName}</bdi></p>
      <p class="small">
        ${SANCTION_KINDS[kind]} ${until ? `until ${timeOf(until)}` : "until lifted"} · ${REMOVAL_CHOICES[reason]} · by
        <bdi>${operator.userName}</bdi>
      </p>
      ${note ? html`<p class="small">“<bdi>${note}</bdi>”</p>` : nothing}
      ${appeal ? html`<p class="small" data-testid="appeal-text">They say: “<bdi>${appeal}</bdi>”</p>` : nothing}
    </div>
    ${button({
      label: "Lift",
      kind: "secondary",
      testid: "lift",
      isBusy: busy.has(sanctionId),
      click: () => void staff.do(sanctionId, (room) => room.liftSanction({ sanctionId })),
    })}
  </li>`;
}
