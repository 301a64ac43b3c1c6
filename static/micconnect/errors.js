/** The one error class of the SDK: a refusal of the server, or a socket that was lost meanwhile. */

/** @typedef {import("./protocol.js").ErrorInfo} ErrorInfo */
/** @typedef {import("./protocol.js").Result} Result */
/** @typedef {import("./protocol.js").ErrorCode | "SOCKET_LOST" | "SOCKET_CLOSED" | "TICKET"} AnyErrorCode */

export class MicError extends Error {
  /**
   * @param {AnyErrorCode} code
   * @param {string} message  plain English, fit to be shown
   * @param {Partial<Omit<ErrorInfo, "code" | "message">> & {result?: Result | null}} [more]  `number`: the seed
   *   system's nearest error number, -1 for "failed"
   */
  constructor(code, message, { number = -1, temporary = false, details = {}, result = null } = {}) {
    super(message);
    this.name = "MicError";
    this.code = code;
    this.number = number;
    this.temporary = temporary;
    this.details = details;
    this.result = result;
  }
}
