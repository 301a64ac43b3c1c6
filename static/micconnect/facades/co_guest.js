/**
 * The seed system's newest store for co-guests, CoGuestState, on top of a MicRoom; the seats are in live_seat.js.
 *
 * As there, it carries no media: the application opens its devices when it is told that it is on a seat. What differs,
 * and why, stands in docs/porting.md.
 */

import { hearCallbacks } from "./callbacks.js";
import { refuse, told } from "./errors.js";
import { isOurs, openRequest, otherSide } from "./requests.js";
import { seatIndexOf, timeoutOf, userIdOf } from "./room_engine_words.js";
import { RoomStore, composable } from "./room_store.js";
import { liveUser, seatUser } from "./store_words.js";

export { FacadeError } from "./errors.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */

/** What the host and the helpers hear. */
export const HostEvent = Object.freeze({
  onGuestApplicationReceived: "onGuestApplicationReceived",
  onGuestApplicationCancelled: "onGuestApplicationCancelled",
  onGuestApplicationProcessedByOtherHost: "onGuestApplicationProcessedByOtherHost",
  onHostInvitationResponded: "onHostInvitationResponded",
  onHostInvitationNoResponse: "onHostInvitationNoResponse",
});

/** What a guest hears. */
export const GuestEvent = Object.freeze({
  onHostInvitationReceived: "onHostInvitationReceived",
  onHostInvitationCancelled: "onHostInvitationCancelled",
  onGuestApplicationResponded: "onGuestApplicationResponded",
  onGuestApplicationNoResponse: "onGuestApplicationNoResponse",
  onGuestApplicationError: "onGuestApplicationError",
  onKickedOffSeat: "onKickedOffSeat",
});

export const NoResponseReason = Object.freeze({ timeout: 0, alreadySeated: 1 });

export const SeatApplicationErrorCode = Object.freeze({
  MAX_SEAT_COUNT_LIMIT: -2340,
  SEAT_INDEX_NOT_EXIST: -2344,
  INSUFFICIENT_OPERATION_PERMISSIONS: 100006,
  SEAT_LOCKED: 100200,
  SEAT_OCCUPIED: 100201,
  ALREADY_ON_THE_SEAT_QUEUE: 100202,
  ALREADY_IN_SEAT: 100203,
  NOT_ON_THE_SEAT_QUEUE: 100204,
  ALL_SEAT_OCCUPIED: 100205,
  USER_NOT_IN_SEAT: 100206,
  USER_ALREADY_ON_SEAT: 100210,
  SEAT_NOT_SUPPORT_LINK_MIC: 100211,
  EMPTY_SEAT_LIST: 100251,
});

const STATES = /** @type {const} */ (["connected", "applicants", "invitees", "candidates"]);

/**
 * The store as a composable: `const { applyForSeat, connected } = useCoGuestState(room, shallowRef)`.
 * @param {MicRoom} room  before it connects, or events may be missed
 * @param {import("./room_store.js").MakeRef} [makeRef]  `shallowRef` of Vue
 */
export function useCoGuestState(room, makeRef) {
  return composable(new CoGuestState(room), STATES, makeRef);
}

export class CoGuestState extends RoomStore {
  /** @param {MicRoom} room  before it connects, or events may be missed; it may be left and entered again */
  constructor(room) {
    super(room, [...Object.values(HostEvent), ...Object.values(GuestEvent)]);
    this.hear("onUserConnectionRequest", ({ request }) => this.#unlessOurs(request, "Received"));
    this.hear("onUserConnectionCancelled", ({ request }) => this.#gone(request));
    this.hear("onUserConnectionTimeout", ({ request }) => this.#gone(request));
    this.hear("onUserConnectionAccepted", ({ request }) => this.#responded(request, true));
    this.hear("onUserConnectionRejected", ({ request }) => this.#responded(request, false));
    this.hear("onRequestProcessed", ({ request: { user, operator } }) => {
      if (operator?.userId === room.state.me?.user.userId) return;
      const hostUser = this.#hostUser(operator);
      this.tell(HostEvent.onGuestApplicationProcessedByOtherHost, { guestUser: liveUser(user), hostUser });
    });
    this.hear("onUserConnectionTerminated", ({ lastConnection: { seatIndex, operator } }) =>
      this.tell(GuestEvent.onKickedOffSeat, { seatIndex, hostUser: this.#hostUser(operator) }),
    );
  }

  /** Everybody on air, the host first. */
  get connected() {
    const { state } = this.room;
    return state.connectedUsers.map((user) => seatUser(user, state));
  }

  /** Who waits for an answer, in the order in which the server will serve them; empty for all but the staff. */
  get applicants() {
    return this.#people("application");
  }

  /** Who was invited and has not answered; empty for all but the staff. */
  get invitees() {
    return this.#people("invitation");
  }

  /** Always empty, as there: ask the room for its viewers, `room.listViewers()`. @returns {ReturnType<typeof liveUser>[]} */
  get candidates() {
    return [];
  }

  /** @param {{seatIndex?: number, timeout?: number, extraInfo?: string, media?: LinkMedia}} [options] */
  async applyForSeat({ seatIndex = -1, timeout, extraInfo, media = "video" } = {}) {
    try {
      await told(() => {
        const place = seatIndexOf(seatIndex, { isAny: true });
        return this.room.apply({ media, seatIndex: place, timeoutS: timeoutOf(timeout), extraInfo });
      });
    } catch (error) {
      const { code, message } = /** @type {import("./errors.js").FacadeError} */ (error);
      this.tell(GuestEvent.onGuestApplicationError, { code, message });
      throw error;
    }
  }

  async cancelApplication() {
    await told(() => this.room.cancelApplication());
  }

  /** @param {{userId: string}} options */
  acceptApplication({ userId }) {
    return this.#answerApplication(userId, true);
  }

  /** @param {{userId: string}} options */
  rejectApplication({ userId }) {
    return this.#answerApplication(userId, false);
  }

  /** @param {{userId: string, seatIndex?: number, timeout?: number, extraInfo?: string, media?: LinkMedia}} options */
  async inviteToSeat({ userId, seatIndex = -1, timeout, extraInfo, media = "video" }) {
    await told(() => {
      const whom = { userId: userIdOf(userId), seatIndex: seatIndexOf(seatIndex, { isAny: true }) };
      return this.room.invite({ ...whom, media, timeoutS: timeoutOf(timeout), extraInfo });
    });
  }

  /** @param {{inviteeId: string}} options */
  async cancelInvitation({ inviteeId }) {
    await told(() => this.room.cancelInvitation({ requestId: this.#open("invitation", inviteeId).requestId }));
  }

  /** @param {{inviterId?: string}} [options]  there is only one open invitation, so `inviterId` may be left out */
  acceptInvitation(options) {
    return this.#answerInvitation(true, options);
  }

  /** @param {{inviterId?: string}} [options] */
  rejectInvitation(options) {
    return this.#answerInvitation(false, options);
  }

  /** Leaves the seat. */
  disConnect() {
    return told(() => this.room.leaveSeat());
  }

  /** @param {RequestInfo["kind"]} kind */
  #people(kind) {
    return (this.room.state.requests ?? [])
      .filter((request) => request.kind === kind)
      .map(({ user }) => liveUser(user));
  }

  /** Who answered or acted; what nobody did by hand was done for the host. @param {import("../protocol.js").UserInfo | null} user */
  #hostUser(user) {
    const host = user ?? this.room.state.info?.host;
    return host ? liveUser(host) : null;
  }

  /** @param {RequestInfo["kind"]} kind @param {string} [userId] */
  #open(kind, userId) {
    const request = openRequest(this.room, kind, userId);
    if (!request) throw refuse("NO_SUCH_REQUEST");
    return request;
  }

  /** @param {string} userId @param {boolean} isAccepted */
  async #answerApplication(userId, isAccepted) {
    await told(() => {
      const { requestId } = this.#open("application", userId);
      return this.room.respondToApplication({ requestId, isAccepted });
    });
  }

  /** @param {boolean} isAccepted @param {{inviterId?: string}} [options] */
  async #answerInvitation(isAccepted, { inviterId } = {}) {
    await told(() => {
      const { requestId, operator } = this.#open("invitation");
      if (inviterId && inviterId !== operator?.userId) throw refuse("NO_SUCH_REQUEST");
      return this.room.respondToInvitation({ requestId, isAccepted });
    });
  }

  /** The side that is asked hears that a request came or went. @param {RequestInfo} request @param {string} what */
  #unlessOurs(request, what) {
    if (isOurs(this.room, request)) return;
    const other = liveUser(otherSide(this.room, request));
    if (request.kind === "application") this.tell(`onGuestApplication${what}`, { guestUser: other });
    else this.tell(`onHostInvitation${what}`, { hostUser: other });
  }

  /** @param {RequestInfo} request  withdrawn, void or timed out */
  #gone(request) {
    if (!isOurs(this.room, request)) return this.#unlessOurs(request, "Cancelled");
    const reason = request.cause === "seated_otherwise" ? NoResponseReason.alreadySeated : NoResponseReason.timeout;
    if (request.kind === "application") return this.tell(GuestEvent.onGuestApplicationNoResponse, { reason });
    return this.tell(HostEvent.onHostInvitationNoResponse, { guestUser: liveUser(request.user), reason });
  }

  /** @param {RequestInfo} request @param {boolean} isAccept */
  #responded(request, isAccept) {
    const other = liveUser(otherSide(this.room, request));
    if (request.kind === "application") {
      this.tell(GuestEvent.onGuestApplicationResponded, { isAccept, hostUser: other });
    } else this.tell(HostEvent.onHostInvitationResponded, { isAccept, guestUser: other });
  }
}

hearCallbacks(CoGuestState.prototype);
