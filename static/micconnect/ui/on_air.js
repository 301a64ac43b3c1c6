/** The controls of somebody on a seat. */

import { deviceCheck, levelMeter } from "./check.js";
import { freeSeats } from "./guest_state.js";
import { html, nothing } from "./html.js";
import { lockText, openAgain } from "./own_locks.js";
import { button, icon } from "./parts.js";
import { isolated } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./seat_actions.js").SeatActions} SeatActions */
/** @typedef {import("./state.js").PageState} PageState */

/** @type {Record<Device, {testid: string, on: string, off: string, name: string}>} */
const DEVICES = {
  microphone: { testid: "toggle-mic", on: "mic", off: "mic-off", name: "Microphone" },
  camera: { testid: "toggle-camera", on: "video", off: "video-off", name: "Camera" },
  screen: { testid: "toggle-screen", on: "monitor-up", off: "monitor-up", name: "Screen" },
};

/**
 * One toggle; a locked device says so and cannot be pressed.
 * @param {Device} device
 * @param {PageState} state
 * @param {Page} page
 */
function toggle(device, state, page) {
  const { testid, on, off, name } = DEVICES[device];
  const now = page.media.deviceState(device);
  const text = now === "locked" ? "locked" : now === "open" ? "on" : "off";
  return html`<button
    type="button"
    class="toggle"
    data-testid=${testid}
    data-state=${now}
    data-device=${device}
    aria-pressed=${now === "open" ? "true" : "false"}
    ?disabled=${now === "locked" || state.busy.has(device)}
    @click=${() => void page.toggle(device)}
  >
    ${icon(now === "locked" ? "lock" : now === "open" ? on : off)}<span>${name}</span><small>${text}</small>
  </button>`;
}

/**
 * The own screen: one at a time is shared in a room, and only where the browser can.
 * @param {PageState} state
 * @param {Page} page
 */
function screenToggle(state, page) {
  if (!globalThis.navigator?.mediaDevices?.getDisplayMedia) return nothing;
  const { testid, on, name } = DEVICES.screen;
  const now = page.media.deviceState("screen");
  const { connectedUsers, me } = state.room;
  const other = connectedUsers.find(({ screen, userId }) => screen === "open" && userId !== me?.user.userId);
  const text = now === "locked" ? "locked" : now === "open" ? "stop sharing" : other ? "taken" : "share";
  return html`<button
    type="button"
    class="toggle"
    data-testid=${testid}
    data-state=${now}
    data-device="screen"
    aria-pressed=${now === "open" ? "true" : "false"}
    title=${other ? `${isolated(other.userName)} shares a screen` : nothing}
    ?disabled=${now === "locked" || !!other || state.busy.has("screen")}
    @click=${() => void page.toggleScreen()}
  >
    ${icon(now === "locked" ? "lock" : on)}<span>${name}</span><small>${text}</small>
  </button>`;
}

/**
 * Microphone, and camera and screen where there is a picture.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 */
export function ownControls(connection, state, page) {
  const hasPicture = connection.media === "video";
  return html`<div class="controls" role="group" aria-label="Your devices">
    ${toggle("microphone", state, page)}${hasPicture ? toggle("camera", state, page) : nothing}
    ${hasPicture ? screenToggle(state, page) : nothing}
  </div>`;
}

const OWN = /** @type {const} */ (["microphone", "camera"]);

/** @type {Record<import("../media/devices.js").Loss["reason"], (what: string) => string>} */
const LOSS_TEXTS = {
  gone: (what) => `Your ${what} is gone. Was it unplugged?`,
  refused: (what) => `The browser no longer lets this page use your ${what}. Allow it at the left of the address bar.`,
  stopped: (what) => `Your ${what} has stopped.`,
};

/**
 * What is wrong with one device that was taken, and what helps.
 * @param {"microphone" | "camera"} device
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 */
function deviceTrouble(device, connection, state, page) {
  const { capture, own } = page.media;
  const loss = capture.losses.get(device);
  const isStalled = connection.stalled.includes(device) && page.media.deviceState(device) === "open";
  const what = loss?.label ? `${device} “${loss.label}”` : device;
  const nobody = device === "camera" ? "Nobody sees you" : "Nobody hears you";
  let [trouble, text] = ["", ""];
  if (loss) {
    [trouble, text] = ["lost", `${LOSS_TEXTS[loss.reason](what)} ${nobody}.`];
  } else if (own.isComingBack(device)) {
    [trouble, text] = [
      "paused",
      `Your ${what} is held back by your system: a call, or a switch? ${nobody} until it is back.`,
    ];
  } else if (isStalled) {
    [trouble, text] = ["stalled", `Nothing of your ${what} reaches the server. ${nobody}.`];
  }
  if (!trouble) return nothing;
  return html`<div
    class="note-box"
    data-tone="bad"
    role="alert"
    data-testid="device-trouble"
    data-device=${device}
    data-trouble=${trouble}
  >
    ${icon("circle-alert")}
    <div>
      <p>${text}</p>
      ${
        trouble === "paused"
          ? button({
              label: "Leave it off",
              icon: DEVICES[device].off,
              kind: "secondary",
              testid: `leave-off-${device}`,
              click: () => {
                own.stayClosed(device);
                page.store.update();
              },
            })
          : button({
              label: trouble === "stalled" ? "Start it again" : loss?.spare ? `Use “${loss.spare}”` : "Use another one",
              icon: "refresh-cw",
              testid: `replace-${device}`,
              isBusy: state.busy.has(device),
              click: () => void page.replaceDevice(device),
            })
      }
    </div>
  </div>`;
}

/**
 * In a window beside the one on air: what is open can be closed from here, and what is closed is opened there.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 */
export function closingControls(connection, state, page) {
  const devices = /** @type {const} */ (["microphone", "camera", "screen"]).filter(
    (device) => connection[device] === "open",
  );
  if (!devices.length) return html`<p class="small">Nobody hears or sees you: your devices are off.</p>`;
  return html`<div class="controls" role="group" aria-label="Your devices in the other window">
    ${devices.map((device) => toggle(device, state, page))}
  </div>`;
}

/**
 * What keeps the own sound from the others, in words; nothing while all is well.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 */
export function ownTrouble(connection, state, page) {
  const { capture } = page.media;
  if (state.check.phase === "asking" || state.check.phase === "failed") {
    return deviceCheck(state, page, { withPicture: false });
  }
  const take = () => void page.run("bringHere", () => page.bringHere());
  if (!capture.stream) {
    const isPlaced = connection.state === "joining" && connection.microphone !== "open";
    return html`<div class="note-box" data-tone=${isPlaced ? "info" : "bad"}>
      ${icon(isPlaced ? "armchair" : "circle-alert")}
      <div>
        <p>
          ${
            isPlaced
              ? "The host has put you on a seat. Turn on your devices to stay; nobody hears you until you open the microphone."
              : "Nobody can hear you: this page has no microphone."
          }
        </p>
        ${button({ label: "Turn on my devices", icon: "mic", testid: "retake", click: take })}
      </div>
    </div>`;
  }
  return OWN.map((device) => deviceTrouble(device, connection, state, page));
}

/** @type {Record<"microphone" | "camera", {text: string, open: string, stay: string}>} */
const AGAIN = {
  microphone: { text: "You may speak again.", open: "Unmute", stay: "Stay muted" },
  camera: { text: "You may be seen again.", open: "Turn my camera on", stay: "Leave it off" },
};

/**
 * @param {"microphone" | "camera"} device
 * @param {PageState} state
 * @param {Page} page
 */
function againBox(device, state, page) {
  const { text, open, stay } = AGAIN[device];
  return html`<div class="note-box" data-tone="info" role="status" data-testid="open-again" data-device=${device}>
    ${icon(DEVICES[device].on)}
    <div>
      <p>${text}</p>
      <div class="row">
        ${button({
          label: open,
          icon: DEVICES[device].on,
          testid: `reopen-${device}`,
          isBusy: state.busy.has(device),
          click: () => void page.toggle(device),
        })}
        ${button({
          label: stay,
          kind: "secondary",
          testid: `stay-shut-${device}`,
          isDisabled: state.busy.has(device),
          click: () => void page.run(device, () => page.media.setOpen(device, false)),
        })}
      </div>
    </div>
  </div>`;
}

/**
 * What the staff locked, with a way to ask; and what the staff asks for.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {Page} page
 * @param {SeatActions} seat
 */
export function staffWishes(connection, state, page, seat) {
  const { asked, asks } = connection;
  const locked = /** @type {const} */ (["microphone", "camera", "screen"]).filter(
    (device) =>
      page.media.deviceState(device) === "locked" && (connection.media === "video" || device === "microphone"),
  );
  return html`${openAgain(connection, (device) => page.media.deviceState(device)).map((device) => againBox(device, state, page))}
  ${
    asked && page.media.deviceState(asked) === "closed"
      ? html`<div class="note-box" data-tone="info" data-testid="asked" data-device=${asked}>
          ${icon("hand")}
          <div>
            <p>The host asks you to open your ${asked}.</p>
            ${button({
              label: `Open my ${asked}`,
              icon: DEVICES[asked].on,
              testid: "open-asked",
              isBusy: state.busy.has(asked),
              click: () => void page.toggle(asked),
            })}
          </div>
        </div>`
      : nothing
  }
  ${locked.map(
    (device) =>
      html`<p class="small lock-text" data-testid="lock-text" data-device=${device}>
        ${icon("lock")}<span>${lockText(device, connection, state.room)}</span>
        ${
          device === "screen"
            ? nothing
            : button({
                label:
                  asks === device ? "You asked. Take it back" : device === "camera" ? "Ask to be seen" : "Ask to speak",
                icon: asks === device ? "undo-2" : "hand",
                kind: "secondary",
                testid: `ask-to-speak-${device}`,
                isBusy: state.busy.has(`ask ${device}`),
                click: () => void seat.askToSpeak(device, asks !== device),
              })
        }
      </p>`,
  )}`;
}

/**
 * Another seat for oneself, while one is free.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {SeatActions} seat
 */
export function seatPicker(connection, state, seat) {
  const free = freeSeats(state.room);
  if (!connection.seatIndex || !free.length) return nothing;
  const move = (/** @type {Event} */ event) => {
    const select = /** @type {HTMLSelectElement} */ (event.target);
    if (select.value) void seat.move(Number(select.value));
    select.value = "";
  };
  return html`<label class="inline-field"
    ><span>You sit on seat ${connection.seatIndex}</span>
    <select data-testid="move-me" @change=${move} ?disabled=${state.busy.has("move")}>
      <option value="">Move to…</option>
      ${free.map(({ seatIndex }) => html`<option value=${seatIndex}>Seat ${seatIndex}</option>`)}
    </select>
  </label>`;
}

/**
 * Behind the stage: the devices are checked here, then the guest says so.
 * @param {ConnectedUser} connection
 * @param {PageState} state
 * @param {SeatActions} seat
 */
export function readyBox(connection, state, seat) {
  if (!connection.isBackstage) return nothing;
  const { isReady } = connection;
  return html`<div class="note-box" data-tone="info" data-testid="backstage" data-ready=${isReady ? "true" : "false"}>
    ${icon(isReady ? "check" : "info")}
    <div>
      <p>
        Only the host and the helpers see and hear you.
        ${isReady ? "You are ready; the host brings you on air." : "Check how you look and sound, then say that you are ready."}
      </p>
      ${isReady ? nothing : levelMeter(state.level)}
      ${button({
        label: isReady ? "I am not ready yet" : "I am ready",
        icon: isReady ? "undo-2" : "check",
        kind: isReady ? "secondary" : "",
        testid: "ready",
        isBusy: state.busy.has("ready"),
        isDisabled: !isReady && connection.state !== "live",
        click: () => void seat.setReady(!isReady),
      })}
    </div>
  </div>`;
}
