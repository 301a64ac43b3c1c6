/**
 * The commands of the wire as methods: one each, named by its tag, taking the command's fields as one object.
 *
 * What a command does, who may send it and its limits stand in docs/protocol.md. Each method gives what the reply
 * carries, or throws a MicError: the server's refusal, or SOCKET_CLOSED.
 */

/** @typedef {import("./protocol.js").Command} Command */
/** @typedef {import("./protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./protocol.js").InviteLinkInfo} InviteLinkInfo */
/** @typedef {import("./protocol.js").RequestInfo} RequestInfo */
/** @typedef {import("./protocol.js").SanctionInfo} SanctionInfo */
/** @typedef {import("./socket.js").Answered} Answered */
/** @typedef {import("./socket.js").MicSocket} MicSocket */
/** @typedef {import("./protocol.js").AppealBar} AppealBar */
/** @typedef {import("./protocol.js").Apply} Apply */
/** @typedef {import("./protocol.js").AskAllToOpen} AskAllToOpen */
/** @typedef {import("./protocol.js").AskToOpen} AskToOpen */
/** @typedef {import("./protocol.js").AskToSpeak} AskToSpeak */
/** @typedef {import("./protocol.js").BanUser} BanUser */
/** @typedef {import("./protocol.js").BarUser} BarUser */
/** @typedef {import("./protocol.js").CancelInvitation} CancelInvitation */
/** @typedef {import("./protocol.js").CreateInviteLink} CreateInviteLink */
/** @typedef {import("./protocol.js").DisconnectUser} DisconnectUser */
/** @typedef {import("./protocol.js").GoLive} GoLive */
/** @typedef {import("./protocol.js").Invite} Invite */
/** @typedef {import("./protocol.js").LiftSanction} LiftSanction */
/** @typedef {import("./protocol.js").LockAll} LockAll */
/** @typedef {import("./protocol.js").LockDevice} LockDevice */
/** @typedef {import("./protocol.js").LockSeat} LockSeat */
/** @typedef {import("./protocol.js").MoveSeat} MoveSeat */
/** @typedef {import("./protocol.js").MoveToFront} MoveToFront */
/** @typedef {import("./protocol.js").PlaceUser} PlaceUser */
/** @typedef {import("./protocol.js").RejectAll} RejectAll */
/** @typedef {import("./protocol.js").RespondToApplication} RespondToApplication */
/** @typedef {import("./protocol.js").RespondToInvitation} RespondToInvitation */
/** @typedef {import("./protocol.js").ReturnToQueue} ReturnToQueue */
/** @typedef {import("./protocol.js").RevokeInviteLink} RevokeInviteLink */
/** @typedef {import("./protocol.js").SetBackstage} SetBackstage */
/** @typedef {import("./protocol.js").SetDevice} SetDevice */
/** @typedef {import("./protocol.js").SetMetadata} SetMetadata */
/** @typedef {import("./protocol.js").SetModerator} SetModerator */
/** @typedef {import("./protocol.js").SetReady} SetReady */
/** @typedef {import("./protocol.js").SetSpotlight} SetSpotlight */
/** @typedef {import("./protocol.js").SetTimeLimit} SetTimeLimit */
/** @typedef {import("./protocol.js").TakeSeat} TakeSeat */
/** @typedef {import("./protocol.js").UndoLockAll} UndoLockAll */
/** @typedef {import("./protocol.js").UndoRejectAll} UndoRejectAll */
/** @typedef {import("./protocol.js").UpdateRoom} UpdateRoom */
/** @typedef {import("./protocol.js").UseInviteLink} UseInviteLink */

/**
 * What a command holds besides its tag.
 * @template T
 * @typedef {Omit<T, "type">} Fields
 */

export class RoomCommands extends EventTarget {
  #socket;

  /** @param {MicSocket} socket */
  constructor(socket) {
    super();
    this.#socket = socket;
  }

  // -- the show ---------------------------------------------------------------------------------------------------

  /** @param {Fields<GoLive>} [fields] */
  goLive(fields = {}) {
    return this.#done({ ...fields, type: "goLive" });
  }

  endLive() {
    return this.#done({ type: "endLive" });
  }

  carryOn() {
    return this.#done({ type: "carryOn" });
  }

  waitLonger() {
    return this.#done({ type: "waitLonger" });
  }

  /** Out of the room by this window: the server then closes the socket with 4014. `connect` comes in again. */
  leave() {
    return this.#done({ type: "leave" });
  }

  /** @param {Fields<UpdateRoom>} fields */
  updateRoom(fields) {
    return this.#done({ ...fields, type: "updateRoom" });
  }

  /** @param {Fields<SetMetadata>} fields */
  setMetadata(fields) {
    return this.#done({ ...fields, type: "setMetadata" });
  }

  // -- the audience asks ------------------------------------------------------------------------------------------

  /** @param {Fields<Apply>} fields */
  apply(fields) {
    return this.#request({ ...fields, type: "apply" });
  }

  cancelApplication() {
    return this.#request({ type: "cancelApplication" });
  }

  /** @param {Fields<RespondToApplication>} fields */
  respondToApplication(fields) {
    return this.#request({ ...fields, type: "respondToApplication" });
  }

  acceptNext() {
    return this.#request({ type: "acceptNext" });
  }

  /** Whom it seated, and how many applications wait still. */
  async acceptAll() {
    const { result } = await this.#send({ type: "acceptAll" });
    return { accepted: result?.accepted ?? [], left: result?.left ?? 0 };
  }

  /**
   * The `seq` that `undoRejectAll` needs.
   * @param {Fields<RejectAll>} [fields]
   */
  rejectAll(fields = {}) {
    return this.#seq({ ...fields, type: "rejectAll" });
  }

  /** @param {Fields<UndoRejectAll>} fields */
  undoRejectAll(fields) {
    return this.#done({ ...fields, type: "undoRejectAll" });
  }

  /** @param {Fields<MoveToFront>} fields */
  moveToFront(fields) {
    return this.#request({ ...fields, type: "moveToFront" });
  }

  // -- the staff asks ---------------------------------------------------------------------------------------------

  /** @param {Fields<Invite>} fields */
  invite(fields) {
    return this.#request({ ...fields, type: "invite" });
  }

  /** @param {Fields<CancelInvitation>} fields */
  cancelInvitation(fields) {
    return this.#request({ ...fields, type: "cancelInvitation" });
  }

  /** @param {Fields<RespondToInvitation>} fields */
  respondToInvitation(fields) {
    return this.#request({ ...fields, type: "respondToInvitation" });
  }

  /** @param {Fields<CreateInviteLink>} [fields] */
  createInviteLink(fields = {}) {
    return this.#link({ ...fields, type: "createInviteLink" });
  }

  /** @param {Fields<RevokeInviteLink>} fields */
  revokeInviteLink(fields) {
    return this.#done({ ...fields, type: "revokeInviteLink" });
  }

  /** @param {Fields<UseInviteLink>} fields */
  useInviteLink(fields) {
    return this.#connection({ ...fields, type: "useInviteLink" });
  }

  // -- on and off the seat ----------------------------------------------------------------------------------------

  /** @param {Fields<TakeSeat>} [fields] */
  takeSeat(fields = {}) {
    return this.#connection({ ...fields, type: "takeSeat" });
  }

  leaveSeat() {
    return this.#done({ type: "leaveSeat" });
  }

  /** From now on this window has the own seat, and may send; the one that had it sends no more. */
  bringHere() {
    return this.#connection({ type: "bringHere" });
  }

  /** @param {Fields<MoveSeat>} fields */
  moveSeat(fields) {
    return this.#connection({ ...fields, type: "moveSeat" });
  }

  /** @param {Fields<PlaceUser>} fields */
  placeUser(fields) {
    return this.#connection({ ...fields, type: "placeUser" });
  }

  /** @param {Fields<DisconnectUser>} fields */
  disconnectUser(fields) {
    return this.#done({ ...fields, type: "disconnectUser" });
  }

  /** @param {Fields<ReturnToQueue>} fields */
  returnToQueue(fields) {
    return this.#request({ ...fields, type: "returnToQueue" });
  }

  /** @param {Fields<LockSeat>} fields */
  lockSeat(fields) {
    return this.#done({ ...fields, type: "lockSeat" });
  }

  /** @param {Fields<SetSpotlight>} fields */
  setSpotlight(fields) {
    return this.#done({ ...fields, type: "setSpotlight" });
  }

  /** @param {Fields<SetTimeLimit>} fields */
  setTimeLimit(fields) {
    return this.#connection({ ...fields, type: "setTimeLimit" });
  }

  /** @param {Fields<SetBackstage>} fields */
  setBackstage(fields) {
    return this.#connection({ ...fields, type: "setBackstage" });
  }

  /** @param {Fields<SetReady>} fields */
  setReady(fields) {
    return this.#connection({ ...fields, type: "setReady" });
  }

  // -- devices ----------------------------------------------------------------------------------------------------

  /** @param {Fields<SetDevice>} fields */
  setDevice(fields) {
    return this.#connection({ ...fields, type: "setDevice" });
  }

  /** @param {Fields<LockDevice>} fields */
  lockDevice(fields) {
    return this.#connection({ ...fields, type: "lockDevice" });
  }

  /**
   * The `seq` that `undoLockAll` needs.
   * @param {Fields<LockAll>} fields
   */
  lockAll(fields) {
    return this.#seq({ ...fields, type: "lockAll" });
  }

  /** @param {Fields<UndoLockAll>} fields */
  undoLockAll(fields) {
    return this.#done({ ...fields, type: "undoLockAll" });
  }

  /** @param {Fields<AskAllToOpen>} fields */
  askAllToOpen(fields) {
    return this.#done({ ...fields, type: "askAllToOpen" });
  }

  /** @param {Fields<AskToOpen>} fields */
  askToOpen(fields) {
    return this.#connection({ ...fields, type: "askToOpen" });
  }

  /** @param {Fields<AskToSpeak>} fields */
  askToSpeak(fields) {
    return this.#connection({ ...fields, type: "askToSpeak" });
  }

  // -- roles and sanctions ----------------------------------------------------------------------------------------

  /** @param {Fields<SetModerator>} fields */
  setModerator(fields) {
    return this.#done({ ...fields, type: "setModerator" });
  }

  /** @param {Fields<BarUser>} fields */
  barUser(fields) {
    return this.#sanction({ ...fields, type: "barUser" });
  }

  /** @param {Fields<BanUser>} fields */
  banUser(fields) {
    return this.#sanction({ ...fields, type: "banUser" });
  }

  /** @param {Fields<LiftSanction>} fields */
  liftSanction(fields) {
    return this.#sanction({ ...fields, type: "liftSanction" });
  }

  /** @param {Fields<AppealBar>} fields */
  appealBar(fields) {
    return this.#sanction({ ...fields, type: "appealBar" });
  }

  // -- inside -----------------------------------------------------------------------------------------------------

  /**
   * @param {Command} command  fields that are undefined are not sent
   * @returns {Promise<Answered>}
   */
  #send(command) {
    return this.#socket.request(command);
  }

  /** @param {Command} command */
  async #done(command) {
    await this.#send(command);
  }

  /**
   * Which change of the room it was, for those that can be taken back.
   * @param {Command} command
   */
  async #seq(command) {
    const { seq } = await this.#send(command);
    return { seq };
  }

  /**
   * @param {Command} command
   * @returns {Promise<RequestInfo | null>}
   */
  async #request(command) {
    return (await this.#send(command)).result?.request ?? null;
  }

  /**
   * @param {Command} command
   * @returns {Promise<ConnectedUser | null>}
   */
  async #connection(command) {
    return (await this.#send(command)).result?.connection ?? null;
  }

  /**
   * @param {Command} command
   * @returns {Promise<InviteLinkInfo | null>}
   */
  async #link(command) {
    return (await this.#send(command)).result?.link ?? null;
  }

  /**
   * @param {Command} command
   * @returns {Promise<SanctionInfo | null>}
   */
  async #sanction(command) {
    return (await this.#send(command)).result?.sanction ?? null;
  }
}
