/** The stage: one tile for everybody on a seat, always dark, always as large as fits. */

import { html, live, nothing, ref, repeat } from "./html.js";
import { icon } from "./parts.js";
import { ROOM_END_TEXTS, initial } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {PageState} state
 * @param {Page} page
 */
export function stage(state, page) {
  const { connectedUsers, info, me, status } = state.room;
  const isOnAir = !!me?.connection && status.phase !== "closed";
  return html`<section class="stage" aria-label="Stage" data-on-air=${isOnAir ? "true" : "false"}>
    ${
      connectedUsers.length
        ? html`<ul class="tiles" ${ref(page.fit.attach)}>
            ${repeat(
              connectedUsers,
              (user) => user.connectionId,
              (user) => tile(user, state, page),
            )}
          </ul>`
        : emptyStage(state, page)
    }
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
    ${info?.status === "live" ? html`<span class="live-badge">${icon("radio")}Live</span>` : nothing}
  </section>`;
}

/**
 * @param {PageState} state
 * @param {Page} page
 */
function emptyStage({ room: { info }, check }, page) {
  if (check.phase === "ready" && info?.status === "idle") return preview(page);
  let [name, title, text] = ["loader-circle", "Connecting…", ""];
  if (info?.status === "idle")
    [name, title, text] = ["clock", "Not live yet", "The picture starts as soon as the host goes live."];
  if (info?.status === "live") [name, title] = ["loader-circle", "The host is on the way…"];
  if (info?.status === "ended") {
    [name, title, text] = ["square", "The live has ended", info.endReason ? ROOM_END_TEXTS[info.endReason] : ""];
  }
  return html`<div class="stage-empty">
    ${icon(name)}
    <p class="stage-title">${title}</p>
    <p>${text}</p>
  </div>`;
}

/** @param {Page} page */
function preview(page) {
  return html`<div class="stage-preview">
    ${ownPicture(page)}<span class="stage-hint">Only you can see this</span>
  </div>`;
}

/**
 * The own camera as in a mirror, or the own sound as a sign. `live`: lit sets object properties at every drawing, and
 * a video that is given its stream anew starts over.
 * @param {Page} page
 */
export function ownPicture({ media: { capture } }) {
  if (capture.media !== "video") return html`<div class="avatar" aria-hidden="true">${icon("audio-lines")}</div>`;
  return html`<video
    class="mirrored"
    autoplay
    playsinline
    .muted=${true}
    .srcObject=${live(capture.stream)}
    aria-label="Your camera"
  ></video>`;
}

/**
 * @param {ConnectedUser} user
 * @param {PageState} state
 * @param {Page} page
 */
function tile(user, state, page) {
  const isMe = user.userId === state.room.me?.user.userId;
  const microphone = isMe ? page.media.deviceState("microphone") : user.microphone;
  const camera = isMe ? page.media.deviceState("camera") : user.camera;
  const hasPicture = user.media === "video" && camera === "open";
  return html`<li
    class="tile"
    data-testid="seat-${user.seatIndex}"
    data-seat=${user.seatIndex}
    data-user-id=${user.userId}
    data-state=${user.state}
    data-microphone=${microphone}
    data-camera=${user.media === "video" ? camera : "closed"}
    data-speaking=${state.speaking.has(user.seatIndex) && microphone === "open" ? "true" : "false"}
  >
    ${avatar(user)} ${hasPicture ? picture(user, isMe, page) : nothing}
    ${user.state === "live" ? nothing : overlay(user, state, page)}
    <div class="tile-foot">
      ${user.seatIndex === 0 ? html`<span class="badge">${icon("crown")}Host</span>` : nothing}
      <bdi class="tile-name">${user.userName}</bdi>${isMe ? html`<span class="tile-me">(you)</span>` : nothing}
      <span class="tile-signs"
        >${deviceSign(microphone, "microphone")}
        ${user.media === "video" ? deviceSign(camera, "camera") : sign("audio-lines", "sound only")}</span
      >
    </div>
  </li>`;
}

/** @param {ConnectedUser} user */
function avatar({ userName }) {
  return html`<div class="avatar" aria-hidden="true">${initial(userName)}</div>`;
}

/**
 * @param {ConnectedUser} user
 * @param {boolean} isMe
 * @param {Page} page
 */
function picture(user, isMe, page) {
  const stream = isMe ? page.media.capture.stream : page.media.watch?.streams.get(user.seatIndex)?.video;
  return html`<video
    class=${isMe ? "mirrored" : ""}
    autoplay
    playsinline
    .muted=${true}
    .srcObject=${live(stream ?? null)}
    tabindex="-1"
  ></video>`;
}

/**
 * @param {ConnectedUser} user
 * @param {PageState} state
 * @param {Page} page
 */
function overlay(user, { room: { media } }, page) {
  const left = page.room.clock.secondsLeft(user.deadline);
  const text = user.state === "joining" ? "Joining…" : "Reconnecting…";
  const more = media && !media.isUp ? "waiting for the media server" : left === null ? "" : `${left} s left`;
  return html`<div class="tile-overlay">
    ${icon("loader-circle")}<span>${text}</span><span class="small">${more}</span>
  </div>`;
}

/**
 * @param {"open" | "closed" | "locked"} deviceState
 * @param {"microphone" | "camera"} device
 */
function deviceSign(deviceState, device) {
  const [on, off] = device === "microphone" ? ["mic", "mic-off"] : ["video", "video-off"];
  if (deviceState === "open") return device === "microphone" ? sign(on, "microphone on") : nothing;
  const lock = deviceState === "locked" ? sign("lock", `${device} locked by the host`) : nothing;
  return html`${sign(off, `${device} off`)}${lock}`;
}

/**
 * @param {string} name
 * @param {string} text
 */
function sign(name, text) {
  return html`<span class="sign" title=${text}>${icon(name)}<span class="visually-hidden">${text}</span></span>`;
}
