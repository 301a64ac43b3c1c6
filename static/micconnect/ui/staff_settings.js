/** The room's options: each control acts at once, and goes back when the room refuses. */

import {
  COVER_MAX,
  GUESTS_MAX,
  LAYOUT_SEATS,
  METADATA_KEY_MAX_BYTES,
  METADATA_VALUE_MAX_BYTES,
  TITLE_MAX,
} from "../protocol.js";
import { html, nothing, svg } from "./html.js";
import { button, errorBox, modal } from "./parts.js";
import { guestsOf } from "./staff_state.js";
import { LAYOUTS, QUEUE_ORDERS, SEAT_MODES, plural, span } from "./words.js";

/** @typedef {import("../protocol.js").Layout} Layout */
/** @typedef {import("../protocol.js").RoomOptions} RoomOptions */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function settingsSheet(state, staff) {
  const { info } = state.room;
  if (!info) return nothing;
  const draw = new Controls(info.options, staff);
  return modal({
    title: "Room settings",
    close: staff.page.close,
    body: html`<form
        class="settings"
        data-testid="settings-form"
        @submit=${(/** @type {Event} */ event) => event.preventDefault()}
      >
        ${errorBox(state.error, staff.page.clearError)}
        <fieldset>
          <legend>Room</legend>
          ${draw.text("Title", "title", TITLE_MAX, true)}
          ${draw.text("Address of a cover picture", "cover", COVER_MAX, false)}
        </fieldset>
        <fieldset>
          <legend>Stage</legend>
          ${layoutField(info.options.layout, staff)} ${draw.number("Seats for guests", "seatCount", 1, GUESTS_MAX)}
          ${
            info.seatCount < info.options.seatCount
              ? html`<p class="small">This layout shows ${plural(info.seatCount, "seat")}.</p>`
              : nothing
          }
          ${draw.check("Sound only", "isAudioOnly", "Guests come without their picture")}
          ${draw.check("Behind the stage first", "hasBackstage", "Guests check their devices; you bring them on air")}
          ${draw.check("The host's seat is kept", "keepOwnerOnSeat", "Otherwise the host may leave it")}
        </fieldset>
        <fieldset>
          <legend>Microphones</legend>
          ${draw.check("Guests arrive muted", "isArrivingMuted", "They come with the microphone off")}
          ${draw.check("Guests may unmute themselves", "mayUnmute", "Otherwise only when you ask them to")}
        </fieldset>
        <fieldset>
          <legend>Requests</legend>
          ${draw.choice("How people get a seat", "seatMode", Object.entries(SEAT_MODES))}
          ${draw.check("Pause requests", "isPaused", "Nobody can ask until you lift it")}
          ${draw.check("Accept by itself", "isAutoAccepting", "Whoever is first gets the next free seat")}
          ${draw.choice("Who is next", "queueOrder", Object.entries(QUEUE_ORDERS))}
          ${draw.seconds("A request waits", "requestTimeoutS", [15, 30, 60, 120, 300, 600, 0], "for ever")}
          ${draw.check("Only people with an account", "needsLogin", "Others are asked to log in first")}
          ${draw.check("Names are optional", "allowsUnnamed", "Guests may come on air as “Guest …”")}
          ${draw.seconds("Watch first", "minStayS", [0, 60, 300, 600, 1800, 3600], "not needed")}
          ${draw.times("Turns for each", "maxTurns", [0, 1, 2, 3, 5, 10])}
        </fieldset>
        <fieldset>
          <legend>Time on air</legend>
          ${draw.seconds("Each guest may stay", "timeLimitS", [0, 30, 60, 120, 300, 600, 1800], "without limit")}
          ${limitAll(state, staff)}
          ${draw.check("Rotate", "isRotating", "When the time is up, the next of the queue comes on air")}
        </fieldset>
        <fieldset>
          <legend>When the host is away</legend>
          ${draw.seconds("The live waits", "hostAwayS", [30, 60, 120, 300, 600, 1800, 3600], "")}
          ${draw.check("A helper carries on", "isCarriedOn", "By itself, when the host's line is gone")}
        </fieldset>
      </form>
      ${metadataBox(state, staff)}`,
    actions: html`<button type="button" data-testid="settings-done" @click=${staff.page.close}>Done</button>`,
  });
}

/**
 * A new time on air goes for those who come; those who are there have theirs until the staff wants otherwise.
 * @param {PageState} state
 * @param {Staff} staff
 */
function limitAll({ room, busy }, staff) {
  const guests = guestsOf(room.connectedUsers);
  const seconds = room.info?.options.timeLimitS ?? 0;
  if (!guests.some(({ endsAt }) => seconds || endsAt)) return nothing;
  const who = `${plural(guests.length, "guest")} on air`;
  return html`<div class="row">
    <p class="small">Who is on air keeps the time they have.</p>
    ${button({
      label: seconds ? `Give ${who} ${span(seconds)} from now` : `Lift the limit of ${who}`,
      icon: "timer",
      kind: "secondary",
      testid: "limit-all",
      isBusy: busy.has("limitAll"),
      click: () => void staff.limitAll(),
    })}
  </div>`;
}

/** Draws one control for one option; `data-value` is what a refusal gives back. */
class Controls {
  /**
   * @param {RoomOptions} options
   * @param {Staff} staff
   */
  constructor(options, staff) {
    this.options = options;
    this.staff = staff;
  }

  /**
   * @param {Event} event
   * @param {keyof RoomOptions} name
   * @param {string | number | boolean} value
   */
  #set(event, name, value) {
    void this.staff.update(event, { [name]: value });
  }

  /**
   * @param {string} label
   * @param {"title" | "cover"} name
   * @param {number} limit
   * @param {boolean} isRequired
   */
  text(label, name, limit, isRequired) {
    return html`<label
      >${label}
      <input
        name=${name}
        data-testid="set-${name}"
        data-value=${this.options[name]}
        dir="auto"
        maxlength=${limit}
        ?required=${isRequired}
        autocomplete="off"
        .value=${this.options[name]}
        @change=${(/** @type {Event} */ event) =>
          this.#set(event, name, /** @type {HTMLInputElement} */ (event.target).value.trim())}
      />
    </label>`;
  }

  /**
   * @param {string} label
   * @param {"seatCount"} name
   * @param {number} least
   * @param {number} most
   */
  number(label, name, least, most) {
    /** @type {[string, string][]} */
    const choices = Array.from({ length: most - least + 1 }, (_, index) => [`${least + index}`, `${least + index}`]);
    return this.#select(label, name, choices, Number);
  }

  /**
   * @param {string} label
   * @param {"seatMode" | "queueOrder"} name
   * @param {[string, string][]} choices
   */
  choice(label, name, choices) {
    return this.#select(label, name, choices, String);
  }

  /**
   * @param {string} label
   * @param {"requestTimeoutS" | "minStayS" | "timeLimitS" | "hostAwayS"} name
   * @param {number[]} usual  the room's own value is offered as well
   * @param {string} zero  what no wait at all means
   */
  seconds(label, name, usual, zero) {
    return this.#select(label, name, this.#offers(name, usual, zero, span), Number);
  }

  /**
   * @param {string} label
   * @param {"maxTurns"} name
   * @param {number[]} usual
   */
  times(label, name, usual) {
    return this.#select(label, name, this.#offers(name, usual, "any number", String), Number);
  }

  /**
   * @param {"requestTimeoutS" | "minStayS" | "timeLimitS" | "hostAwayS" | "maxTurns"} name
   * @param {number[]} usual
   * @param {string} zero
   * @param {(value: number) => string} say
   * @returns {[string, string][]}
   */
  #offers(name, usual, zero, say) {
    const own = this.options[name];
    const values = usual.includes(own) ? usual : [...usual, own];
    return values.map((value) => [String(value), value ? say(value) : zero]);
  }

  /**
   * @param {string} label
   * @param {keyof RoomOptions} name
   * @param {[string, string][]} choices
   * @param {(text: string) => string | number} read
   */
  #select(label, name, choices, read) {
    const now = String(this.options[name]);
    return html`<label class="inline-field"
      ><span>${label}</span>
      <select
        name=${name}
        data-testid="set-${name}"
        data-value=${now}
        @change=${(/** @type {Event} */ event) =>
          this.#set(event, name, read(/** @type {HTMLSelectElement} */ (event.target).value))}
      >
        ${choices.map(([value, text]) => html`<option value=${value} .selected=${value === now}>${text}</option>`)}
      </select>
    </label>`;
  }

  /**
   * @param {string} label
   * @param {"isPaused" | "isAutoAccepting" | "needsLogin" | "isAudioOnly" | "isRotating" | "hasBackstage"
   *   | "keepOwnerOnSeat" | "isCarriedOn" | "isArrivingMuted" | "mayUnmute" | "allowsUnnamed"} name
   * @param {string} help
   */
  check(label, name, help) {
    const isOn = this.options[name];
    return html`<label class="switch wide">
      <input
        type="checkbox"
        role="switch"
        name=${name}
        data-testid="set-${name}"
        data-value=${isOn ? "true" : "false"}
        .checked=${isOn}
        @change=${(/** @type {Event} */ event) =>
          this.#set(event, name, /** @type {HTMLInputElement} */ (event.target).checked)}
      />
      <span>${label}<small>${help}</small></span>
    </label>`;
  }
}

/** @type {Record<Layout, [x: number, y: number, width: number, height: number][]>} tiles on a field of 32 by 24 */
const SKETCHES = {
  dual: [
    [1, 1, 14.5, 22],
    [16.5, 1, 14.5, 22],
  ],
  200: [
    [1, 4, 22, 16],
    [24.5, 4, 6.5, 4.5],
    [24.5, 9.75, 6.5, 4.5],
    [24.5, 15.5, 6.5, 4.5],
  ],
  600: [
    [1, 1, 14.5, 10.5],
    [16.5, 1, 14.5, 10.5],
    [8.75, 12.5, 14.5, 10.5],
  ],
  601: [
    [1, 1, 30, 22],
    [23, 2.5, 6.5, 6],
    [23, 9.5, 6.5, 6],
  ],
  800: [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map(
      (column) => /** @type {[number, number, number, number]} */ ([1 + column * 10.25, 1 + row * 7.5, 9.5, 7]),
    ),
  ),
  801: [
    [1, 1, 30, 22],
    [23, 2, 6.5, 4.5],
    [23, 7.25, 6.5, 4.5],
    [23, 12.5, 6.5, 4.5],
    [23, 17.75, 6.5, 4.5],
  ],
};

/**
 * @param {Layout} layout
 * @param {Staff} staff
 */
function layoutField(layout, staff) {
  return html`<div class="layouts" role="radiogroup" aria-label="Layout">
    ${Object.entries(LAYOUTS).map(([key, name]) => {
      const value = /** @type {Layout} */ (key);
      return html`<label class="choice layout">
        <input
          type="radio"
          name="layout"
          value=${value}
          data-testid="layout-${value}"
          data-value=${layout}
          .checked=${value === layout}
          @change=${(/** @type {Event} */ event) => void staff.update(event, { layout: value })}
        />
        <svg viewBox="0 0 32 24" aria-hidden="true">
          ${SKETCHES[value].map(
            ([x, y, width, height]) => svg`<rect x=${x} y=${y} width=${width} height=${height} rx="1"></rect>`,
          )}
        </svg>
        <span><strong>${name}</strong><small>up to ${plural(LAYOUT_SEATS[value], "guest")}</small></span>
      </label>`;
    })}
  </div>`;
}

/**
 * Entries that the room keeps for an embedding application; everybody in the room receives them.
 * @param {PageState} state
 * @param {Staff} staff
 */
function metadataBox({ room: { metadata }, busy }, staff) {
  const entries = Object.entries(metadata);
  const add = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const data = new FormData(form);
    const entry = { [String(data.get("key")).trim()]: String(data.get("value")).trim() };
    if (await staff.do("metadata", (room) => room.setMetadata({ entries: entry }))) form.reset();
  };
  return html`<details class="sub-fold">
    <summary data-testid="metadata">Entries for applications (${entries.length})</summary>
    <p class="small">Small notes that everybody's page receives; this page shows them only here.</p>
    <ul class="rows">
      ${entries.map(
        ([key, value]) =>
          html`<li class="person" data-testid="metadata-row" data-key=${key}>
            <div class="person-text">
              <p class="small">
                <strong><bdi>${key}</bdi></strong> <bdi>${value}</bdi>
              </p>
            </div>
            ${button({
              label: "Remove",
              kind: "secondary",
              isBusy: busy.has("metadata"),
              click: () => void staff.do("metadata", (room) => room.setMetadata({ entries: { [key]: null } })),
            })}
          </li>`,
      )}
    </ul>
    <form class="form-grid" @submit=${(/** @type {SubmitEvent} */ event) => void add(event)}>
      <label>Key <input name="key" dir="auto" required maxlength=${METADATA_KEY_MAX_BYTES} autocomplete="off" /></label>
      <label>Value <input name="value" dir="auto" maxlength=${METADATA_VALUE_MAX_BYTES} autocomplete="off" /></label>
      <button type="submit" class="secondary" data-testid="set-metadata">Set</button>
    </form>
  </details>`;
}
