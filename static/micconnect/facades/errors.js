/** Errors as programs of the seed system know them: a numeric `code`, and our own word as `name`. */

import { MicError } from "../errors.js";
import { DeviceError } from "../media/devices.js";

/** @typedef {import("../media/devices.js").DeviceProblem} DeviceProblem */

export class FacadeError extends Error {
  /**
   * @param {number} code  the seed system's number; see the table of errors in docs/protocol.md
   * @param {string} name  our code, which says more: several of ours share one number
   * @param {string} message  plain English, fit to be shown
   * @param {ErrorOptions & {details?: Record<string, unknown>}} [more]
   */
  constructor(code, name, message, { details = {}, ...options } = {}) {
    super(message, options);
    this.code = code;
    this.name = name;
    this.details = details;
  }
}

/** What the facades refuse by themselves, before anything is sent. */
export const OWN_ERRORS = Object.freeze({
  NOT_LOGGED_IN: { code: -1002, message: "Say first where tickets come from, with TUIRoomEngine.login." },
  BAD_PARAMETER: { code: -1001, message: "This is not a value that can be used here." },
  NOT_IN_ROOM: { code: -2101, message: "Enter a room first." },
  BAD_ROOM_ID: { code: -2105, message: "A room is named by its id, a text that is not empty." },
  BAD_ROOM_NAME: { code: -2107, message: "A room's name has 1 to 100 characters." },
  TOO_MANY_SEATS: { code: -2340, message: "A room has 1 to 9 seats for guests." },
  IN_OTHER_ROOM: { code: -2108, message: "Leave the other room first." },
  HOST_MUST_END: { code: -2102, message: "The host ends the live instead of leaving it." },
  NOT_OFFERED: { code: -2103, message: "This system does not offer that." },
  NO_SUCH_USER: { code: -2200, message: "This person is not in the room, or is nobody that this page knows of." },
  NEEDS_STAFF: { code: -2301, message: "Only the host and the helpers may do this." },
  NO_SUCH_REQUEST: { code: -2311, message: "There is no such request, or it was handled already." },
  NO_SUCH_SEAT: { code: -2344, message: "The room has no such seat." },
  NOBODY_THERE: { code: 100206, message: "Nobody is on that seat." },
});

/**
 * @param {keyof typeof OWN_ERRORS} name
 * @param {string} [text]  says more than the usual words
 * @param {Record<string, unknown>} [details]
 */
export function refuse(name, text, details) {
  const { code, message } = OWN_ERRORS[name];
  return new FacadeError(code, name, text ?? message, { details });
}

/** @type {Partial<Record<DeviceProblem, number>>} how far from the first number of the device */
const STEPS = { refused: 1, insecure: 1, busy: 2, none: 3 };

/** @param {DeviceError} error */
function deviceNumber({ what, problem }) {
  if (what === "screen") return problem === "refused" ? -1108 : -1109;
  return (what === "camera" ? -1100 : -1104) - (STEPS[problem] ?? 0);
}

/** @type {Record<string, number>} a lock that stands, by device; the table of errors knows one number for all */
const LOCKED = { microphone: -2360, camera: -2370, screen: -2372 };

/** @param {MicError} error */
function numberOf({ code, number, details }) {
  return (code === "DEVICE_LOCKED" && LOCKED[String(details.device)]) || number;
}

/**
 * Any error as one of the facades'.
 * @param {unknown} error
 */
export function facadeError(error) {
  if (error instanceof FacadeError) return error;
  if (error instanceof MicError) {
    return new FacadeError(numberOf(error), error.code, error.message, { details: error.details, cause: error });
  }
  if (error instanceof DeviceError) {
    return new FacadeError(deviceNumber(error), `DEVICE_${error.problem.toUpperCase()}`, error.message, {
      cause: error,
    });
  }
  return new FacadeError(-1, "INTERNAL", error instanceof Error ? error.message : String(error), { cause: error });
}

/**
 * Runs a task; whatever it throws becomes a FacadeError.
 * @template T
 * @param {() => T | Promise<T>} task
 * @returns {Promise<T>}
 * @throws {FacadeError}
 */
export async function told(task) {
  try {
    return await task();
  } catch (error) {
    throw facadeError(error);
  }
}
