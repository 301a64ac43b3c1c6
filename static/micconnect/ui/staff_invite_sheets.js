/** The dialogs of the staff about people who are watching: invited, put on a seat, or sent a link. */

import { isSoundOnly } from "./guest_state.js";
import { html, nothing, repeat } from "./html.js";
import { button, errorBox, formSheet, icon, modal } from "./parts.js";
import { common, freeSeatField, mediaField, noteField } from "./staff_fields.js";
import { idleViewers } from "./staff_state.js";
import { isolated } from "./words.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").UserInfo} UserInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").InviteAddress} InviteAddress */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {UserInfo[]} users
 * @param {PageState} state
 * @param {Staff} staff
 */
export function inviteSheet(users, state, staff) {
  const isOne = users.length === 1;
  return formSheet({
    ...common(state, staff),
    title: isOne ? `Invite ${isolated(users[0].userName)}` : `Invite ${users.length} people`,
    body: html`${mediaField(state, "invite-media")} ${isOne ? freeSeatField(state, "invite-seat") : nothing}
    ${noteField("invite-note")}`,
    confirm: "Invite",
    testid: "confirm-invite",
    submit: (event) =>
      void staff.submit(event, (_, { media, seat = "-1", note }) =>
        staff.inviteAll(users, ({ userId }) => {
          return { userId, media: /** @type {LinkMedia} */ (media), seatIndex: Number(seat), note };
        }),
      ),
  });
}

/**
 * @param {UserInfo} user
 * @param {PageState} state
 * @param {Staff} staff
 */
export function placeSheet({ userId, userName }, state, staff) {
  return formSheet({
    ...common(state, staff),
    title: `Put ${isolated(userName)} on a seat`,
    body: html`${mediaField(state, "place-media")} ${freeSeatField(state, "place-seat")}
      <p class="small">Nobody hears or sees them until they open their devices themselves.</p>`,
    confirm: "Put on the seat",
    testid: "confirm-place",
    submit: (event) =>
      void staff.submit(event, (room, { media, seat }) =>
        room.placeUser({ userId, media: /** @type {LinkMedia} */ (media), seatIndex: Number(seat) }),
      ),
  });
}

/**
 * An empty seat: somebody is invited to it, or put on it.
 * @param {number} seatIndex
 * @param {PageState} state
 * @param {Staff} staff
 */
export function fillSheet(seatIndex, state, staff) {
  const viewers = idleViewers(state);
  const busy = state.busy.has("fill");
  const media = isSoundOnly(state.room) ? "audio" : "video";
  const act = async (/** @type {() => Promise<unknown>} */ task) => {
    if (await staff.do("fill", task)) staff.page.close();
  };
  return modal({
    title: `Who comes to seat ${seatIndex}?`,
    close: staff.page.close,
    body: html`
      ${errorBox(state.error, staff.page.clearError)}
      ${
        viewers.length
          ? html`<ul class="rows viewers">
              ${repeat(
                viewers,
                ({ userId }) => userId,
                ({ userId, userName }) =>
                  html`<li class="person" data-testid="fill-row" data-user-id=${userId}>
                    <div class="person-text">
                      <p class="person-name"><bdi>${userName}</bdi></p>
                    </div>
                    <div class="row">
                      ${button({
                        label: "Invite here",
                        kind: "secondary",
                        testid: "invite-here",
                        isDisabled: busy,
                        click: () => void act(() => staff.page.room.invite({ userId, media, seatIndex })),
                      })}
                      ${button({
                        label: "Put here",
                        kind: "secondary",
                        testid: "place-here",
                        isDisabled: busy,
                        click: () => void act(() => staff.page.room.placeUser({ userId, media, seatIndex })),
                      })}
                    </div>
                  </li>`,
              )}
            </ul>`
          : html`<p class="quiet">Nobody else is watching at the moment.</p>`
      }
    `,
    actions: html`<button type="button" class="secondary" @click=${staff.page.close}>Close</button>`,
  });
}

/**
 * Where an invitation link leads. The drawing is shown as a picture: nothing in it can act.
 * @param {InviteAddress} address
 * @param {PageState} state
 * @param {Staff} staff
 */
export function linkSheet({ url, qr }, { copied, error }, { page }) {
  return modal({
    title: "Invitation link",
    close: page.close,
    body: html`
      <img class="qr" src="data:image/svg+xml,${encodeURIComponent(qr)}" alt="QR code of the link" />
      <label
        >Address
        <input
          readonly
          data-testid="link-url"
          .value=${url}
          @focus=${(/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select()}
        />
      </label>
      <p class="small hint">
        ${icon("info")}Whoever has it may sit down without asking. Send it only to those you mean.
      </p>
      ${errorBox(error, page.clearError)}
    `,
    actions: button({
      label: copied === url ? "Copied" : "Copy the link",
      icon: copied === url ? "check" : "copy",
      testid: "copy-invite",
      click: () => void page.copy(url, url),
    }),
  });
}
