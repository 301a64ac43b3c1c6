/** What may be done with one guest, and with the locks of one seat. */

import { html, nothing } from "./html.js";
import { button } from "./parts.js";
import { isKeptSilent } from "./staff_state.js";
import { isolated } from "./words.js";

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").SeatInfo} SeatInfo */
/** @typedef {import("./staff_actions.js").Staff} Staff */
/** @typedef {import("./state.js").PageState} PageState */

/** @type {Record<Device, {short: string, on: string, off: string, lock: string, unlock: string}>} */
const DEVICES = {
  microphone: { short: "mic", on: "mic", off: "mic-off", lock: "Mute", unlock: "Allow mic" },
  camera: { short: "camera", on: "video", off: "video-off", lock: "Camera off", unlock: "Allow camera" },
  screen: { short: "screen", on: "monitor-up", off: "monitor-up", lock: "Lock screen", unlock: "Allow screen" },
};

/**
 * Whether the seat itself keeps the device shut; then the person's own lock changes nothing.
 * @param {SeatInfo | undefined} seat
 * @param {Device} device
 */
function isSeatLocked(seat, device) {
  return !!seat && (device === "microphone" ? seat.isMicrophoneLocked : seat.isCameraLocked);
}

/**
 * @param {Device} device
 * @param {ConnectedUser} guest
 * @param {SeatInfo | undefined} seat
 * @param {PageState} state
 * @param {Staff} staff
 */
export function lockButton(device, guest, seat, state, staff) {
  const { short, on, off, lock, unlock } = DEVICES[device];
  const { userId, userName } = guest;
  const isLocked = guest[device] === "locked";
  const isBySeat = isSeatLocked(seat, device);
  if (device === "microphone" && !isBySeat && isKeptSilent(guest, state.room.info))
    return askButton(guest, state, staff);
  const freely = isLocked ? `${isolated(userName)} may switch it on again` : "Switches it off and locks it";
  return button({
    label: isLocked ? unlock : lock,
    icon: isLocked ? "lock-open" : guest[device] === "open" ? on : off,
    kind: device === "screen" ? "plain" : "secondary",
    testid: `${isLocked ? "unlock" : "lock"}-${short}`,
    title: isBySeat ? "The seat keeps it locked; see More" : freely,
    isBusy: state.busy.has(`${device} ${userId}`),
    isDisabled: isBySeat,
    click: () =>
      void staff.do(`${device} ${userId}`, (room) => room.lockDevice({ userId, device, isLocked: !isLocked })),
  });
}

/**
 * @param {ConnectedUser} guest
 * @param {PageState} state
 * @param {Staff} staff
 */
function askButton({ userId, userName }, { busy }, staff) {
  return button({
    label: "Ask to unmute",
    icon: "mic",
    kind: "secondary",
    testid: "ask-to-unmute",
    title: `${isolated(userName)} opens the microphone only when asked`,
    isBusy: busy.has(`microphone ${userId}`),
    click: () => void staff.do(`microphone ${userId}`, (room) => room.askToOpen({ userId, device: "microphone" })),
  });
}

/**
 * @param {ConnectedUser} guest
 * @param {SeatInfo | undefined} seat
 * @param {PageState} state
 * @param {Staff} staff
 */
export function guestItems(guest, seat, state, staff) {
  const { userId, media, endsAt, isBackstage } = guest;
  const { info } = state.room;
  const isLarge = info?.spotlight === userId;
  const isHelper = !!info?.moderators.some((helper) => helper.userId === userId);
  return html`
    ${askItem("microphone", guest, seat, staff)} ${media === "video" ? askItem("camera", guest, seat, staff) : nothing}
    ${media === "video" ? lockButton("screen", guest, seat, state, staff) : nothing}
    ${
      isBackstage
        ? nothing
        : html`${item(isLarge ? "No longer large" : "Show large", "star", "spotlight", () =>
            staff.do("spotlight", (room) => room.setSpotlight({ userId: isLarge ? null : userId })),
          )}
          ${item("Behind the stage", "door-open", "to-backstage", () =>
            staff.do(`stage ${userId}`, (room) => room.setBackstage({ userId, isBackstage: true })),
          )}`
    }
    ${item("Move to seat…", "arrow-left-right", "move", () => staff.open({ kind: "move", user: guest }))}
    ${item("Time limit…", "timer", "limit", () => staff.open({ kind: "limit", user: guest }))}
    ${
      endsAt
        ? item("Lift the time limit", "timer", "lift-limit", () =>
            staff.do(`limit ${userId}`, (room) => room.setTimeLimit({ userId, seconds: 0 })),
          )
        : nothing
    }
    ${item("Back to the queue…", "undo-2", "to-queue", () => staff.open({ kind: "toQueue", user: guest }))}
    ${seat ? seatLockItems(seat, state, staff) : nothing} ${helperItem(guest, isHelper, staff)}
    ${item("Bar from the mic…", "mic-off", "bar", () => staff.open({ kind: "bar", user: guest }))}
    ${item("Ban from the room…", "ban", "ban", () => staff.open({ kind: "ban", user: guest }))}
  `;
}

/**
 * Only the host makes helpers.
 * @param {{userId: string}} user
 * @param {boolean} isHelper
 * @param {Staff} staff
 */
export function helperItem({ userId }, isHelper, staff) {
  if (!staff.isHost) return nothing;
  return item(isHelper ? "No helper any more" : "Make a helper", "shield", isHelper ? "demote" : "promote", () =>
    staff.do(`helper ${userId}`, (room) => room.setModerator({ userId, isModerator: !isHelper })),
  );
}

/**
 * @param {"microphone" | "camera"} device
 * @param {ConnectedUser} guest
 * @param {SeatInfo | undefined} seat
 * @param {Staff} staff
 */
function askItem(device, guest, seat, staff) {
  const { userId } = guest;
  if (guest[device] === "open" || isSeatLocked(seat, device)) return nothing;
  const { short, on } = DEVICES[device];
  return item(`Ask to open the ${short}`, on, `ask-${short}`, () =>
    staff.do(`${device} ${userId}`, (room) => room.askToOpen({ userId, device })),
  );
}

/**
 * The three locks of a seat, each by itself.
 * @param {SeatInfo} seat
 * @param {PageState} state
 * @param {Staff} staff
 */
export function seatLockItems(seat, { busy }, staff) {
  const { seatIndex, userId, isLocked, isMicrophoneLocked, isCameraLocked } = seat;
  const isBusy = busy.has(`seat ${seatIndex}`);
  const lock = (/** @type {Omit<import("../protocol.js").LockSeat, "type" | "seatIndex">} */ locks) => () =>
    staff.do(`seat ${seatIndex}`, (room) => room.lockSeat({ seatIndex, ...locks }));
  const micText = isMicrophoneLocked ? "Unlock the seat's mic" : "Lock the seat's mic";
  const cameraText = isCameraLocked ? "Unlock the seat's camera" : "Lock the seat's camera";
  const seatText = isLocked ? "Unlock the seat" : userId ? "Lock the seat (takes off)" : "Lock the seat";
  const [mic, camera, whole] = [isMicrophoneLocked, isCameraLocked, isLocked].map((is) => (is ? "unlock" : "lock"));
  return [
    item(micText, "mic-off", `${mic}-seat-mic`, lock({ isMicrophoneLocked: !isMicrophoneLocked }), isBusy),
    item(cameraText, "video-off", `${camera}-seat-camera`, lock({ isCameraLocked: !isCameraLocked }), isBusy),
    item(seatText, isLocked ? "lock-open" : "lock", `${whole}-seat`, lock({ isLocked: !isLocked }), isBusy),
  ];
}

/**
 * One line of a menu.
 * @param {string} label
 * @param {string} icon
 * @param {string} testid
 * @param {() => unknown} run
 * @param {boolean} [isBusy]
 */
export function item(label, icon, testid, run, isBusy = false) {
  return button({ label, icon, kind: "plain", testid, isBusy, click: () => void run() });
}
