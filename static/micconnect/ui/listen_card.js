/** How loud this listener wants each of those on air; nobody else hears the difference. */

import { shownUsers } from "./guest_state.js";
import { html, nothing, repeat } from "./html.js";
import { foldCard, icon } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Page} page
 */
export function listenCard(state, page) {
  const { me, info } = state.room;
  const others = shownUsers(state.room, page.room.clock).filter(({ userId }) => userId !== me?.user.userId);
  if (info?.status !== "live" || !others.length) return nothing;
  return foldCard({
    title: html`Loudness for you`,
    testid: "loudness",
    body: html`<ul class="rows">
      ${repeat(
        others,
        ({ userId }) => userId,
        ({ userId, userName }) => {
          const volume = state.loudness[userId] ?? 1;
          const set = (/** @type {InputEvent} */ event) =>
            page.setLoudness(userId, Number(/** @type {HTMLInputElement} */ (event.target).value) / 100);
          return html`<li class="person">
            <label class="loudness"
              ><span>${icon(volume ? "volume-2" : "volume-x")}<bdi>${userName}</bdi></span>
              <input
                type="range"
                min="0"
                max="100"
                step="5"
                data-testid="loudness-${userId}"
                .value=${String(volume * 100)}
                @input=${set}
              />
            </label>
          </li>`;
        },
      )}
    </ul>`,
  });
}
