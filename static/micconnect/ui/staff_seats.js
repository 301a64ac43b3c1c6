/** The seats: who is on them, what may be done with each person, and the empty ones. */

import { html, nothing, repeat } from "./html.js";
import { button, icon, lookalikeMark, menu } from "./parts.js";
import { lineText } from "./staff_lines.js";
import { guestItems, lockButton, seatLockItems } from "./staff_seat_menu.js";
import { soundOfAll } from "./staff_sound.js";
import { guestFacts, guestsOf } from "./staff_state.js";
import { BARS } from "./tile.js";
import { QUALITIES, isolated, plural, stalledText } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").SeatHealth} SeatHealth */
/** @typedef {import("../protocol.js").SeatInfo} SeatInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Staff} staff
 */
export function seatsCard(state, staff) {
  const { info, seats, connectedUsers } = state.room;
  const count = info?.seatCount ?? 0;
  const guests = guestsOf(connectedUsers);
  const empty = seats.filter(({ seatIndex, userId }) => seatIndex > 0 && seatIndex <= count && !userId);
  const host = connectedUsers.find(({ seatIndex }) => seatIndex === 0);
  return html`<section class="card" aria-labelledby="seats-title">
    <header class="card-head">
      <h2 id="seats-title">On air <span class="count">${guests.length}/${count}</span></h2>
      ${host ? spotlightHost(host, state, staff) : nothing}
    </header>
    ${
      guests.length
        ? html`<ul class="rows">
            ${repeat(
              guests,
              ({ connectionId }) => connectionId,
              (guest) => seatRow(guest, state, staff),
            )}
          </ul>`
        : html`<p class="quiet">No guest is on air. ${plural(empty.length, "place")} free.</p>`
    }
    ${soundOfAll(state, staff, guests.length > 0)} ${empty.length ? emptySeats(empty, state, staff) : nothing}
  </section>`;
}

/**
 * @param {ConnectedUser} host
 * @param {PageState} state
 * @param {Staff} staff
 */
function spotlightHost({ userId }, { room, busy }, staff) {
  const isLarge = room.info?.spotlight === userId;
  return button({
    label: isLarge ? "Host no longer large" : "Show the host large",
    icon: "star",
    kind: "plain",
    testid: "spotlight-host",
    isBusy: busy.has("spotlight"),
    click: () => void staff.do("spotlight", (mic) => mic.setSpotlight({ userId: isLarge ? null : userId })),
  });
}

/**
 * @param {ConnectedUser} guest
 * @param {PageState} state
 * @param {Staff} staff
 */
function seatRow(guest, state, staff) {
  const { info, seats } = state.room;
  const { userId, userName, seatIndex, asks, isBackstage, isReady } = guest;
  const isHelper = info?.moderators.some((helper) => helper.userId === userId);
  const seat = seats.find((other) => other.seatIndex === seatIndex);
  return html`<li
    class="person"
    data-testid="seat-row"
    data-user-id=${userId}
    data-seat-index=${seatIndex}
    data-microphone=${guest.microphone}
    data-camera=${guest.camera}
    data-screen=${guest.screen}
    data-stalled=${guest.stalled.join(" ")}
    data-backstage=${isBackstage ? "true" : "false"}
    data-ready=${isReady ? "true" : "false"}
  >
    <span class="place" aria-label="Seat ${seatIndex}">${seatIndex}</span>
    <div class="person-text">
      <p class="person-name">
        <bdi>${userName}</bdi
        >${lookalikeMark(guest)}${isHelper ? html`<span class="pill">${icon("shield")}helper</span>` : nothing}
      </p>
      <p class="small">${guestFacts(guest, info, staff.page.room.clock)}</p>
      ${state.health.filter((line) => line.userId === userId).map((line) => lineFacts(line, guest))}
      ${
        asks
          ? html`<p class="small hint" data-testid="asks">${icon("hand")}<span>asks to open the ${asks}</span></p>`
          : nothing
      }
    </div>
    <div class="row">
      ${
        isBackstage
          ? button({
              label: "Bring on air",
              icon: "radio",
              testid: "to-stage",
              isBusy: state.busy.has(`stage ${userId}`),
              isDisabled: !isReady,
              title: isReady ? undefined : `${isolated(userName)} has not finished the device check`,
              click: () =>
                void staff.do(`stage ${userId}`, (room) => room.setBackstage({ userId, isBackstage: false })),
            })
          : nothing
      }
      ${lockButton("microphone", guest, seat, state, staff)}
      ${guest.media === "video" ? lockButton("camera", guest, seat, state, staff) : nothing}
      ${button({
        label: "Take off",
        icon: "user-minus",
        kind: "secondary",
        testid: "take-off",
        click: () => staff.open({ kind: "takeOff", user: guest }),
      })}
      ${menu({ label: `More about ${isolated(userName)}`, items: guestItems(guest, seat, state, staff) })}
    </div>
  </li>`;
}

/**
 * A line may be good of which a device brings nothing: then that is said, and nothing of a good line.
 * @param {SeatHealth} seat
 * @param {ConnectedUser} guest
 */
function lineFacts(seat, guest) {
  const { quality, isScreen } = seat;
  const stopped = isScreen ? "" : stalledText(guest);
  return html`<p
    class="small line-facts"
    data-testid=${isScreen ? "screen-facts" : "line-facts"}
    data-quality=${stopped ? "bad" : quality}
    title="How sound and picture arrive at the server"
  >
    ${icon(stopped ? "circle-alert" : BARS[quality])}<span class="visually-hidden"
      >${stopped || QUALITIES[quality]}</span
    ><span>${isScreen ? "screen: " : nothing}${lineText(seat)}</span>
  </p>`;
}

/**
 * @param {SeatInfo[]} empty
 * @param {PageState} state
 * @param {Staff} staff
 */
function emptySeats(empty, state, staff) {
  const locked = empty.filter(({ isLocked }) => isLocked).length;
  return html`<details class="sub-fold">
    <summary data-testid="empty-seats">
      ${plural(empty.length, "empty seat")}${locked ? `, ${locked} of them locked` : ""}
    </summary>
    <ul class="rows">
      ${repeat(
        empty,
        ({ seatIndex }) => seatIndex,
        (seat) => emptyRow(seat, state, staff),
      )}
    </ul>
  </details>`;
}

/**
 * @param {SeatInfo} seat
 * @param {PageState} state
 * @param {Staff} staff
 */
function emptyRow(seat, state, staff) {
  const { seatIndex, isLocked, isMicrophoneLocked, isCameraLocked } = seat;
  const locks = [isLocked && "locked", isMicrophoneLocked && "mic locked", isCameraLocked && "camera locked"];
  return html`<li class="person" data-testid="empty-row" data-seat-index=${seatIndex}>
    <span class="place" aria-hidden="true">${seatIndex}</span>
    <div class="person-text">
      <p class="person-name">Seat ${seatIndex}</p>
      <p class="small">${locks.filter(Boolean).join(" · ") || "free"}</p>
    </div>
    <div class="row">
      ${button({
        label: "Fill it…",
        icon: "user-plus",
        kind: "secondary",
        testid: "fill",
        isDisabled: isLocked,
        click: () => staff.open({ kind: "fill", seatIndex }),
      })}
      ${menu({ label: `More about seat ${seatIndex}`, items: seatLockItems(seat, state, staff) })}
    </div>
  </li>`;
}
