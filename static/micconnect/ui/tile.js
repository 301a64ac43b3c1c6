/** One place on the stage: a person, a shared screen, or an empty seat. */

import { html, live, nothing } from "./html.js";
import { icon, lookalikeMark } from "./parts.js";
import { PICTURE_TEXTS, QUALITIES, STALLED_TEXTS, initial, isolated, stalledText } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Quality} Quality */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").PageState} PageState */

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
 * @param {boolean} isMain
 */
export function seatTile(user, state, page, isMain) {
  const { info, me, volumes, qualities } = state.room;
  const isMe = user.userId === me?.user.userId;
  const isHere = isMe && page.room.isHere; // beside the window on air the own picture comes from the server
  const microphone = isMe ? page.media.deviceState("microphone") : user.microphone;
  const camera = isMe ? page.media.deviceState("camera") : user.camera;
  const hasPicture = user.media === "video" && camera === "open";
  const missing = hasPicture && !isHere ? whyMissing(user, page) : null;
  const isStopped = hasPicture && !isHere && !missing && hasStopped(user, page);
  const isHelper = info?.moderators.some(({ userId }) => userId === user.userId);
  const isSpeaking = (volumes[user.userId] ?? 0) > 0 && microphone === "open";
  return html`<li
    class="tile"
    data-testid="seat-${user.seatIndex}"
    data-key=${user.connectionId}
    data-main=${isMain ? "true" : "false"}
    data-seat=${user.seatIndex}
    data-user-id=${user.userId}
    data-state=${user.state}
    data-microphone=${microphone}
    data-camera=${user.media === "video" ? camera : "closed"}
    data-stalled=${user.stalled.join(" ")}
    data-picture=${missing ?? (isStopped ? "stopped" : hasPicture ? "shown" : "none")}
    data-backstage=${user.isBackstage ? "true" : "false"}
    data-speaking=${isSpeaking ? "true" : "false"}
  >
    <div class="avatar" aria-hidden="true">${initial(user.userName)}</div>
    ${hasPicture && !missing ? picture(user, isHere, page) : nothing}
    ${user.state === "live" ? nothing : overlay(user, state, page)}
    ${user.isBackstage ? html`<span class="tile-top">behind the stage</span>` : nothing}
    <div class="tile-foot">
      ${user.seatIndex === 0 ? html`<span class="badge">${icon("crown")}<span>Host</span></span>` : nothing}
      ${
        isHelper
          ? html`<span class="badge" data-kind="helper" title="Helper">${icon("shield")}<span>Helper</span></span>`
          : nothing
      }
      <bdi class="tile-name">${user.userName}</bdi
      >${lookalikeMark(user)}${isMe ? html`<span class="tile-me">(you)</span>` : nothing}
      <span class="tile-signs"
        >${missing ? sign("video", PICTURE_TEXTS[missing]) : nothing}
        ${stalledText(user) ? nothing : networkSign(qualities[user.userId])}
        ${deviceSign(microphone, "microphone", user)}
        ${
          user.media !== "video"
            ? sign("audio-lines", "sound only")
            : isStopped && !user.stalled.includes("camera")
              ? html`<span class="off">${sign("video-off", PICTURE_TEXTS.stopped)}</span>`
              : deviceSign(camera, "camera", user)
        }</span
      >
    </div>
  </li>`;
}

/**
 * Why a picture that somebody sends is not seen here; null: it is, or is on its way.
 * @param {ConnectedUser} user
 * @param {Page} page
 * @returns {"off" | "elsewhere" | null}
 */
function whyMissing({ seatIndex }, { media }) {
  if (!media.hasPictures) return "off";
  return media.watch && !media.watch.shows(seatIndex) ? "elsewhere" : null;
}

/**
 * Whether no picture comes of somebody who should be seen: the own eyes say so, the room's word makes them quicker.
 * @param {ConnectedUser} user
 * @param {Page} page
 */
function hasStopped({ connectionId, stalled }, { freshness }) {
  return freshness.isStale(connectionId, { isSuspect: stalled.includes("camera") });
}

/**
 * @param {ConnectedUser} user
 * @param {boolean} isHere  it is the own one, and is sent from here
 * @param {Page} page
 */
function picture(user, isHere, page) {
  const stream = isHere ? page.media.capture.stream : page.media.watch?.streams.get(user.seatIndex)?.video;
  return html`<video
    class=${isHere ? "mirrored" : ""}
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
 * The shared screen. Whoever shares it sees a word instead, or the picture would show itself without end.
 * @param {ConnectedUser} user
 * @param {PageState} state
 * @param {Page} page
 * @param {boolean} isMain
 */
export function screenTile(user, state, page, isMain) {
  const isHere = user.userId === state.room.me?.user.userId && page.room.isHere;
  const stream = page.media.watch?.streams.get("screen")?.video;
  // What does not move may be all that there is to see, so it stays in sight.
  const isStill = user.stalled.includes("screen") || (!isHere && page.freshness.isStale("screen"));
  return html`<li
    class="tile screen"
    data-testid="screen"
    data-key="screen"
    data-main=${isMain ? "true" : "false"}
    data-user-id=${user.userId}
    data-still=${isStill ? "true" : "false"}
  >
    ${isStill ? html`<span class="tile-top">The screen stands still</span>` : nothing}
    ${
      isHere
        ? html`<p class="screen-own">${icon("monitor-up")}<span>You share your screen</span></p>`
        : page.media.hasPictures
          ? html`<video
              autoplay
              playsinline
              .muted=${true}
              .srcObject=${live(stream ?? null)}
              aria-label="Screen of ${isolated(user.userName)}"
            ></video>`
          : html`<p class="screen-own">${icon("monitor-up")}<span>${PICTURE_TEXTS.off}</span></p>`
    }
    <div class="tile-foot">
      ${icon("monitor-up")}<span class="tile-name">Screen of <bdi>${user.userName}</bdi></span>
    </div>
  </li>`;
}

/**
 * @param {number} seatIndex
 * @param {PageState} state
 */
export function emptyTile(seatIndex, { room }) {
  const seat = room.seats.find((other) => other.seatIndex === seatIndex);
  return html`<li
    class="tile empty-tile"
    data-testid="empty-${seatIndex}"
    data-key="empty ${seatIndex}"
    data-main="false"
    data-locked=${seat?.isLocked ? "true" : "false"}
  >
    <p>${icon(seat?.isLocked ? "lock" : "armchair")}<span>${seatIndex}</span></p>
    <span class="visually-hidden">${seat?.isLocked ? "locked seat" : "free seat"}</span>
    <span class="tile-signs">
      ${seat?.isMicrophoneLocked ? sign("mic-off", "microphone of this seat locked") : nothing}
      ${seat?.isCameraLocked ? sign("video-off", "camera of this seat locked") : nothing}
    </span>
  </li>`;
}

export const BARS = { good: "signal-high", poor: "signal-medium", bad: "signal-low" };

/** @param {Quality | undefined} quality */
function networkSign(quality) {
  if (!quality) return nothing;
  return html`<span class="network" data-quality=${quality}>${sign(BARS[quality], QUALITIES[quality])}</span>`;
}

/**
 * @param {"open" | "closed" | "locked"} deviceState
 * @param {"microphone" | "camera"} device
 * @param {ConnectedUser} user
 */
function deviceSign(deviceState, device, { stalled }) {
  const [on, off] = device === "microphone" ? ["mic", "mic-off"] : ["video", "video-off"];
  if (deviceState === "open" && stalled.includes(device)) {
    return html`<span class="off">${sign(off, STALLED_TEXTS[device])}</span>`;
  }
  if (deviceState === "open") return device === "microphone" ? sign(on, "microphone on") : nothing;
  const lock = deviceState === "locked" ? sign("lock", `${device} locked by the host`) : nothing;
  return html`<span class="off">${sign(off, `${device} off`)}${lock}</span>`;
}

/**
 * @param {string} name
 * @param {string} text
 */
function sign(name, text) {
  return html`<span class="sign" title=${text}>${icon(name)}<span class="visually-hidden">${text}</span></span>`;
}
