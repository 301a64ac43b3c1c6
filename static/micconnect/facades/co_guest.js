/**
 * The seed system's newest store for co-guests, CoGuestState, on top of a MicRoom; the seats are in live_seat.js.
 *
 * As there, it carries no media: the application opens its devices when it is told that it is on a seat. What differs,
 * and why, stands in docs/porting.md.
 */

import { refuse, told } from "./errors.js";
import { isOurs, openRequest, otherSide } from "./requests.js";
import { RoomStore } from "./room_store.js";

export { FacadeError } from "./errors.js";

/** @typedef {import("../protocol.js").LinkMedia} LinkMedia */
/** @typedef {import("../protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("../room.js").MicRoom} MicRoom */

/** What the host and the helpers hear. */
export const CoHostEvent = Object.freeze({
  onGuestApplicationReceived: "onGuestApplicationReceived",
  onGuestApplicationCancelled: "onGuestApplicationCancelled",
  onGuestApplicationProcessedByOtherHost: "onGuestApplicationProcessedByOtherHost",
  onHostInvitationResponded: "onHostInvitationResponded",
  onHostInvitationNoResponse: "onHostInvitationNoResponse",
});

/** What a guest hears. */
export const CoGuestEvent = Object.freeze({
  onHostInvitationReceived: "onHostInvitationReceived",
  onHostInvitationCancelled: "onHostInvitationCancelled",
  onGuestApplicationResponded: "onGuestApplicationResponded",
  onGuestApplicationNoResponse: "onGuestApplicationNoResponse",
  onKickedOffSeat: "onKickedOffSeat",
});

export const NoResponseReason = Object.freeze({ timeout: 0, alreadySeated: 1 });

export class CoGuestState extends RoomStore {
  /** @param {MicRoom} room  before it connects, or events may be missed */
  constructor(room) {
    super(room);
    this.hear("onUserConnectionRequest", ({ request }) => this.#unlessOurs(request, "Received"));
    this.hear("onUserConnectionCancelled", ({ request }) => this.#gone(request));
    this.hear("onUserConnectionTimeout", ({ request }) => this.#gone(request));
    this.hear("onUserConnectionAccepted", ({ request }) => this.#responded(request, true));
    this.hear("onUserConnectionRejected", ({ request }) => this.#responded(request, false));
    this.hear("onRequestProcessed", ({ request: { user, operator } }) => {
      if (operator?.userId === room.state.me?.user.userId) return;
      this.tell(CoHostEvent.onGuestApplicationProcessedByOtherHost, { guestUser: user, hostUser: operator });
    });
    this.hear("onUserConnectionTerminated", ({ lastConnection: { seatIndex, operator } }) =>
      this.tell(CoGuestEvent.onKickedOffSeat, { seatIndex, hostUser: operator }),
    );
  }

  /** Everybody on air, the host first. */
  get connected() {
    return this.room.state.connectedUsers;
  }

  /** Who waits for an answer, in the order in which the server will serve them; empty for all but the staff. */
  get applicants() {
    return this.#people("application");
  }

  /** Who was invited and has not answered; empty for all but the staff. */
  get invitees() {
    return this.#people("invitation");
  }

  /** @param {{seatIndex?: number, timeout?: number, extraInfo?: string, media?: LinkMedia}} [options] */
  async applyForSeat({ seatIndex = -1, timeout, extraInfo, media = "video" } = {}) {
    await told(() => this.room.apply({ media, seatIndex, timeoutS: timeout, extraInfo }));
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
    await told(() => this.room.invite({ userId, media, seatIndex, timeoutS: timeout, extraInfo }));
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
    return (this.room.state.requests ?? []).filter((request) => request.kind === kind).map(({ user }) => user);
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
    const other = otherSide(this.room, request);
    if (request.kind === "application") this.tell(`onGuestApplication${what}`, { guestUser: other });
    else this.tell(`onHostInvitation${what}`, { hostUser: other });
  }

  /** @param {RequestInfo} request  withdrawn, void or timed out */
  #gone(request) {
    if (!isOurs(this.room, request)) return this.#unlessOurs(request, "Cancelled");
    const reason = request.cause === "seated_otherwise" ? NoResponseReason.alreadySeated : NoResponseReason.timeout;
    if (request.kind === "application") return this.tell(CoGuestEvent.onGuestApplicationNoResponse, { reason });
    return this.tell(CoHostEvent.onHostInvitationNoResponse, { guestUser: request.user, reason });
  }

  /** @param {RequestInfo} request @param {boolean} isAccept */
  #responded(request, isAccept) {
    const other = otherSide(this.room, request);
    if (request.kind === "application") {
      this.tell(CoGuestEvent.onGuestApplicationResponded, { isAccept, hostUser: other });
    } else this.tell(CoHostEvent.onHostInvitationResponded, { isAccept, guestUser: other });
  }
}
