/** Requests of this page that wait for an answer, and the callbacks that hear it: one of five, once. */

import { RequestState } from "../protocol.js";
import { call } from "./callbacks.js";
import { TUIRequestCallbackType } from "./room_engine_enums.js";
import { deviceRequestParts } from "./room_engine_words.js";
import { isOurs, otherSide } from "./requests.js";

/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */
/** @typedef {import("./errors.js").FacadeError} FacadeError */
/** @typedef {import("./room_engine_words.js").TUIRequest} TUIRequest */

/**
 * What a request may bring along: the one callback of the web engine, the five of the native ones, or both.
 * @typedef {object} RequestCallbacks
 * @property {((answer: {requestCallbackType: number, requestId: string, userId: string, code: number,
 *   message: string}) => void) | NativeCallbacks} [requestCallback]
 */

/**
 * @typedef {object} NativeCallbacks
 * @property {(requestId: string, userId: string) => void} [onAccepted]
 * @property {(requestId: string, userId: string, message: string) => void} [onRejected]
 * @property {(requestId: string, userId: string) => void} [onCancelled]
 * @property {(requestId: string, userId: string) => void} [onTimeout]
 * @property {(requestId: string, userId: string, code: number, message: string) => void} [onError]
 */

/** @typedef {RequestCallbacks & NativeCallbacks & {onSuccess?: (request: TUIRequest) => void}} Hearer */

/**
 * Everything that a request's caller gave, wherever a callback object stood: beside the options, in `requestCallback`,
 * or after them.
 * @param {...unknown} given
 * @returns {Hearer[]}
 */
export function hearersOf(...given) {
  const objects = given
    .filter((one) => typeof one === "object" && one !== null)
    .map((one) => /** @type {Hearer} */ (one));
  const within = objects.map(({ requestCallback }) => requestCallback);
  return [...objects, ...within.flatMap((one) => (typeof one === "object" && one !== null ? [one] : []))];
}

const { kRequestAccepted, kRequestRejected, kRequestCancelled, kRequestTimeout, kRequestError } =
  TUIRequestCallbackType;

/** @type {Partial<Record<import("../protocol.js").CallbackType, number>>} */
const ENDS = {
  onUserConnectionAccepted: kRequestAccepted,
  onUserConnectionRejected: kRequestRejected,
  onUserConnectionCancelled: kRequestCancelled,
  onUserConnectionTimeout: kRequestTimeout,
};

/** @type {Partial<Record<RequestInfo["state"], number>>} */
const STATE_ENDS = {
  [RequestState.ACCEPTED]: kRequestAccepted,
  [RequestState.REJECTED]: kRequestRejected,
  [RequestState.TIMEOUT]: kRequestTimeout,
};

export class PendingRequests {
  /** @type {Map<string, {hearers: Hearer[], userId: string}>} by request id; `userId`: who would sit or open */
  #pending = new Map();

  /** @param {MicRoom} room */
  follow(room) {
    this.#pending.clear();
    for (const [name, type] of Object.entries(ENDS)) {
      room.addEventListener(name, (event) => {
        const { request } = /** @type {CustomEvent<{request: RequestInfo}>} */ (event).detail;
        if (isOurs(room, request)) this.#answered(room, request, type);
      });
    }
    room.addEventListener("change", () => this.lookAtDevices(room));
    room.addEventListener("snapshot", () => this.#catchUp(room));
  }

  /**
   * @param {TUIRequest} request
   * @param {string} userId  who would sit down or open the device
   * @param {Hearer[]} hearers
   */
  add({ requestId }, userId, hearers) {
    this.#pending.set(requestId, { hearers, userId });
  }

  /**
   * Tells the end of a request; a second end of the same one is no news.
   * @param {string} requestId
   * @param {number} type  one of TUIRequestCallbackType
   * @param {string} userId  who answered
   * @param {string} [message]
   */
  end(requestId, type, userId, message = "") {
    const { hearers } = this.#pending.get(requestId) ?? {};
    this.#pending.delete(requestId);
    if (hearers) tell(hearers, type, requestId, userId, 0, message);
  }

  /**
   * @param {MicRoom} room
   * @param {RequestInfo} request
   * @param {number} type
   */
  #answered(room, request, type) {
    this.end(request.requestId, type, otherSide(room, request).userId, request.answerNote);
  }

  /**
   * A device that opened, or a lock that was lifted, is a yes; somebody who left the seat ends the question.
   * @param {MicRoom} room
   */
  lookAtDevices({ state }) {
    for (const [requestId, { userId }] of this.#pending) {
      const parts = deviceRequestParts(requestId);
      if (!parts) continue;
      const seat = state.connectedUsers.find((user) => user.userId === userId);
      const device = seat?.[parts.device];
      if (!seat) this.end(requestId, kRequestCancelled, userId);
      else if (parts.direction === "asked" ? device === "open" : device !== "locked") {
        this.end(requestId, kRequestAccepted, userId);
      }
    }
  }

  /**
   * After a cut: what was answered meanwhile stands in the new picture. How an invitation ended does not, but whether
   * the guest sits.
   * @param {MicRoom} room
   */
  #catchUp(room) {
    const { me, requests, connectedUsers } = room.state;
    for (const [requestId, { userId }] of this.#pending) {
      if (deviceRequestParts(requestId)) continue;
      const last = me?.lastRequest;
      const open = [...(requests ?? []), ...(me?.request ? [me.request] : [])];
      if (open.some((request) => request.requestId === requestId)) continue;
      if (last?.requestId === requestId) this.#answered(room, last, STATE_ENDS[last.state] ?? kRequestCancelled);
      else {
        const isSeated = connectedUsers.some((user) => user.userId === userId);
        this.end(requestId, isSeated ? kRequestAccepted : kRequestCancelled, userId);
      }
    }
  }
}

/**
 * @param {Hearer[]} hearers
 * @param {number} type
 * @param {string} requestId
 * @param {string} userId
 * @param {number} code
 * @param {string} message
 */
function tell(hearers, type, requestId, userId, code, message) {
  for (const hearer of hearers) {
    const { requestCallback } = hearer;
    call(() => {
      if (typeof requestCallback !== "function") return;
      requestCallback({ requestCallbackType: type, requestId, userId, code, message });
    });
    call(() => {
      if (type === kRequestAccepted) hearer.onAccepted?.(requestId, userId);
      if (type === kRequestRejected) hearer.onRejected?.(requestId, userId, message);
      if (type === kRequestCancelled) hearer.onCancelled?.(requestId, userId);
      if (type === kRequestTimeout) hearer.onTimeout?.(requestId, userId);
      if (type === kRequestError) hearer.onError?.(requestId, userId, code, message);
    });
  }
}

/**
 * Tells a request that it was granted without asking.
 * @param {Hearer[]} hearers
 * @param {string} userId
 */
export function grant(hearers, userId) {
  tell(hearers, kRequestAccepted, "", userId, 0, "");
}

/**
 * Tells a request that it was refused before anybody was asked.
 * @param {Hearer[]} hearers
 * @param {string} userId
 * @param {FacadeError} error
 */
export function fail(hearers, userId, { code, message }) {
  tell(hearers, kRequestError, "", userId, code, message);
}
