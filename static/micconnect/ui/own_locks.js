/** What locks do to the own devices on a seat: why one cannot be opened, and which may be opened again. */

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("../protocol.js").Device} Device */
/** @typedef {import("../protocol.js").DeviceState} DeviceState */
/** @typedef {import("../room.js").RoomView} RoomView */

const OWN = /** @type {const} */ (["microphone", "camera"]);

/**
 * The devices that were open until a lock shut them, and that may be opened now; nobody but their owner does.
 * @param {Pick<ConnectedUser, "shut" | "asked" | "media">} connection
 * @param {(device: Device) => DeviceState} stateOf
 */
export function openAgain({ shut, asked, media }, stateOf) {
  return OWN.filter((device) => {
    const isShown = device === "microphone" || media === "video";
    return shut.includes(device) && stateOf(device) === "closed" && isShown && asked !== device; // the asking says it
  });
}

/**
 * Why a device is locked: the staff's lock or the seat's, else the room's way with microphones.
 * @param {Device} device
 * @param {Pick<ConnectedUser, "seatIndex">} connection
 * @param {Pick<RoomView, "info" | "me" | "seats">} room
 */
export function lockText(device, { seatIndex }, { info, me, seats }) {
  const seat = seats.find((other) => other.seatIndex === seatIndex);
  const isLocked = me?.locked.includes(device) || seat?.isMicrophoneLocked;
  if (device === "microphone" && info && !info.options.mayUnmute && !isLocked) {
    return "The host opens microphones here. Ask to speak.";
  }
  return `Your ${device} was switched off and locked by the host.`;
}
