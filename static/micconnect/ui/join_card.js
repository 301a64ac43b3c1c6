/** The way onto a seat, as the room opens or closes it: one card with its words and the right button. */

import { html, nothing } from "./html.js";
import { button, icon } from "./parts.js";
import { NOTE_MAX } from "../protocol.js";
import { LINK_ENDS, duration, sanctionText } from "./words.js";

/** @typedef {import("./audience_actions.js").Audience} Audience */
/** @typedef {import("./guest_state.js").GuestState} GuestState */
/** @typedef {import("./guest_state.js").Door} Door */
/** @typedef {import("./state.js").PageState} PageState */

/** @type {Partial<Record<Door, [icon: string, text: string]>>} the doors that are shut, and why */
const SHUT = {
  paused: ["clock", "The host takes no requests just now. The button comes back by itself."],
  invite_only: ["info", "In this room the host invites people on air."],
  closed: ["info", "Nobody comes on air at the moment."],
};

/**
 * @param {PageState} state
 * @param {Extract<GuestState, {tag: "watching"}>} now
 * @param {Audience} audience
 */
export function joinCard({ room }, { door, isFull, seatCount, pauseS, keptS }, audience) {
  const { config } = audience.page;
  if (door === "barred") return barredCard(room, audience);
  if (door === "login") {
    return html`<div class="card" data-testid="door" data-door=${door}>
      <p>In this room, people with an account can ask for a place beside the host.</p>
      <a href="${config.loginUrl}?next=${encodeURIComponent(location.pathname)}" role="button" data-testid="login"
        >Log in to ask</a
      >
    </div>`;
  }
  const shut = SHUT[door];
  if (shut) {
    return html`<div class="card quiet" data-testid="door" data-door=${door}>
      <p class="hint">${icon(shut[0])}<span>${shut[1]}</span></p>
    </div>`;
  }
  const isFree = door === "sit";
  const free = room.role === "moderator" ? "As a helper you may take a seat." : "Seats are free to take.";
  const invitation = isFree ? free : "Want to say something? Ask for a place beside the host.";
  const full = isFree ? "Wait until one is free." : "You can queue for the next one.";
  const again = keptS ? `Ask again: you keep your place (${duration(keptS)})` : "";
  const label = isFree ? "Take a seat" : again || (isFull ? "Join the queue" : "Join on air");
  return html`<div class="card" data-testid="door" data-door=${door} data-kept=${keptS && !isFree ? "true" : "false"}>
    <p>${isFull ? `All ${seatCount} places are taken. ${full}` : invitation}</p>
    ${button({
      label: pauseS ? `You can ask again in ${pauseS} s` : label,
      icon: pauseS ? "clock" : isFree ? "armchair" : "hand",
      testid: isFree ? "take-seat" : "join",
      isDisabled: pauseS > 0 || room.status.phase !== "open" || (isFree && isFull),
      click: () => audience.named(isFree ? { kind: "sit", token: "" } : { kind: "ask" }),
    })}
  </div>`;
}

/**
 * @param {PageState["room"]} room
 * @param {Audience} audience
 */
function barredCard({ me }, audience) {
  const bar = me?.bar;
  if (!bar) return nothing;
  const { busy } = audience.page.state;
  return html`<div class="card" data-testid="door" data-door="barred">
    <h2>You can watch, but not go on air</h2>
    <p>${sanctionText(bar)}</p>
    ${
      bar.appeal
        ? html`<p class="small">You wrote to the host: “<bdi>${bar.appeal}</bdi>”</p>`
        : html`<form @submit=${(/** @type {SubmitEvent} */ event) => void audience.appeal(event)}>
            <label
              >A word to the host, once
              <input
                name="note"
                dir="auto"
                data-testid="appeal-note"
                required
                maxlength=${NOTE_MAX}
                autocomplete="off"
              />
            </label>
            <button
              type="submit"
              class="secondary"
              data-testid="appeal"
              aria-busy=${busy.has("appeal") ? "true" : nothing}
            >
              Send it
            </button>
          </form>`
    }
  </div>`;
}

/**
 * Why an invitation link that was followed leads nowhere; the room's own door, if it is open, stands below.
 * @param {PageState} state
 * @param {Audience} audience
 */
export function linkEndBox({ linkEnd }, { page }) {
  if (!linkEnd) return nothing;
  return html`<div class="note-box" data-tone="info" data-testid="link-end" data-end=${linkEnd}>
    ${icon("info")}
    <p>${LINK_ENDS[linkEnd]}</p>
    <button type="button" class="ghost" aria-label="Put away" @click=${() => page.store.update({ linkEnd: null })}>
      ${icon("x")}
    </button>
  </div>`;
}

/**
 * Somebody came by an invitation link.
 * @param {Audience} audience
 */
export function linkCard(audience) {
  const { page, seat } = audience;
  if (!page.state.isLinkKnown) return html`<div class="card skeleton" aria-hidden="true"></div>`;
  return html`<div class="card invited" data-testid="link-invitation">
    <h2>You are invited to come on air</h2>
    <p>Choose picture or sound, look how you come across, then sit down. Nobody sees or hears you before.</p>
    <div class="row">
      ${button({
        label: "Come on air",
        icon: "radio",
        testid: "use-link",
        isDisabled: page.state.room.status.phase !== "open",
        click: () => audience.named({ kind: "sit", token: page.state.token }),
      })}
      ${button({ label: "No, thanks", kind: "secondary", testid: "decline-link", click: () => seat.forgetToken() })}
    </div>
  </div>`;
}
