/** The stage: a tile for everybody on a seat and for a shared screen, laid out as the room wants it, always dark. */

import { arrange } from "../arrange.js";
import { CloseCode } from "../protocol.js";
import { shownUsers } from "./guest_state.js";
import { html, nothing, ref, repeat } from "./html.js";
import { icon } from "./parts.js";
import { emptyTile, ownPicture, screenTile, seatTile } from "./tile.js";
import { ROOM_END_TEXTS, isolated } from "./words.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Page} page
 */
export function stage(state, page) {
  const { info, me, status } = state.room;
  const { connection } = me ?? {};
  const isOnAir = !!connection && page.room.isHere && !connection.isBackstage && status.phase !== "closed";
  const isLive = info?.status === "live" && status.code !== CloseCode.REMOVED;
  return html`<section class="stage" aria-label="Stage" data-on-air=${isOnAir ? "true" : "false"}>
    ${tiles(state, page) ?? emptyStage(state, page)}
    ${
      state.isSoundBlocked
        ? html`<button
            type="button"
            class="tap-for-sound"
            data-testid="tap-for-sound"
            @click=${() => page.player.unlock()}
          >
            ${icon("volume-2")}<span>Tap for sound</span>
          </button>`
        : nothing
    }
    ${isLive ? html`<span class="live-badge">${icon("radio")}Live</span>` : nothing}
  </section>`;
}

/**
 * Null when there is nobody to show.
 * @param {PageState} state
 * @param {Page} page
 */
function tiles(state, page) {
  const { info, status } = state.room;
  const users = shownUsers(state.room, page.room.clock);
  if (!info || !users.length || status.code === CloseCode.REMOVED) return null;
  const sharer = users.find(({ screen }) => screen === "open");
  const { mode, main, empty } = arrange(info, users, !!sharer);
  const isMain = (/** @type {number | "screen"} */ place) => place === main;
  const drawn = [
    ...(sharer ? [{ key: "screen", seat: -1, draw: () => screenTile(sharer, state, page, isMain("screen")) }] : []),
    ...users.map((user) => ({
      key: user.connectionId,
      seat: user.seatIndex,
      draw: () => seatTile(user, state, page, isMain(user.seatIndex)),
    })),
    ...empty.map((seatIndex) => ({
      key: `empty ${seatIndex}`,
      seat: seatIndex,
      draw: () => emptyTile(seatIndex, state),
    })),
  ].sort((a, b) => a.seat - b.seat);
  return html`<ul class="tiles" data-mode=${mode} data-layout=${info.options.layout} ${ref(page.fit.attach)}>
    ${repeat(
      drawn,
      ({ key }) => key,
      ({ draw }) => draw(),
    )}
  </ul>`;
}

/**
 * @param {PageState} state
 * @param {Page} page
 */
function emptyStage({ room: { info, status }, check }, page) {
  if (check.phase === "ready" && info?.status === "idle") {
    return html`<div class="stage-preview">
      ${ownPicture(page)}<span class="stage-hint">Only you can see this</span>
    </div>`;
  }
  let [name, title, text] = ["loader-circle", "Connecting…", ""];
  if (info?.status === "idle")
    [name, title, text] = ["clock", "Not live yet", "The picture starts as soon as the host goes live."];
  if (info?.status === "live") {
    [name, title] = info.options.keepOwnerOnSeat
      ? ["loader-circle", "The host is on the way…"]
      : ["armchair", "Nobody is on a seat yet"];
    if (info.carriedOnBy) {
      [name, title] = ["shield", "The host is away"];
      text = `${isolated(info.carriedOnBy.userName)} carries on.`;
    }
  }
  if (info?.status === "ended") {
    [name, title, text] = ["square", "The live has ended", info.endReason ? ROOM_END_TEXTS[info.endReason] : ""];
  }
  if (status.phase === "closed" && info?.status !== "ended") {
    [name, title, text] = ["door-open", "You are not in this room", ""];
  }
  const cover = info?.status === "live" ? "" : (info?.options.cover ?? "");
  return html`${cover ? html`<img class="stage-cover" src=${cover} alt="" referrerpolicy="no-referrer" />` : nothing}
    <div class="stage-empty">
      ${icon(name)}
      <p class="stage-title">${title}</p>
      <p>${text}</p>
    </div>`;
}
