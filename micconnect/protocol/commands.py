"""What changes a room: the commands of hosts, helpers, guests and viewers."""

from typing import Annotated, get_args

from msgspec import Meta
from msgspec.structs import force_setattr

from micconnect.protocol import words as w
from micconnect.text import clean_data, clean_line


class Command(w.Wire, frozen=True):
    """A wish to change the room; answered by exactly one reply with the same `ref`.

    However it is made, its texts are clean: one way in that forgets to clean cannot be.
    """

    def __post_init__(self) -> None:
        w.clean_texts(self)


class GoLive(Command, frozen=True, tag="goLive"):
    """Host: open the show and take seat 0, if the host's seat is kept (`keepOwnerOnSeat`)."""

    media: w.LinkMedia = w.LinkMedia.VIDEO


class EndLive(Command, frozen=True, tag="endLive"):
    """Host, or a helper who carries on: end the show for good. All leave the seats, open requests become void."""


class Leave(Command, frozen=True, tag="leave"):
    """Viewer: leave the room on purpose; a host ends the live instead.

    Gives up seat or open request at once, then this window is out of the room: its media end, and after the reply the
    server closes the socket with 4014. Whoever wants to come in again connects again. Other windows go on watching.
    """


class CarryOn(Command, frozen=True, tag="carryOn"):
    """Helper: go on without the host, whose line is cut. Who carries on may end the live."""


class WaitLonger(Command, frozen=True, tag="waitLonger"):
    """Staff: let the wait for the host begin anew, as long as `hostAwayS` says."""


class UpdateRoom(Command, frozen=True, tag="updateRoom"):
    """Staff: change options of the room; what is left out stays. Nobody is taken off a seat by it.

    Requests for which there is no way to a seat any more become void (`room_changed`); docs/options.md has all of it.
    """

    title: w.Title | None = None
    cover: w.Cover | None = None
    layout: w.Layout | None = None
    seat_count: w.SeatCount | None = None
    seat_mode: w.SeatMode | None = None
    is_paused: bool | None = None
    is_auto_accepting: bool | None = None
    queue_order: w.QueueOrder | None = None
    request_timeout_s: w.TimeoutS | None = None
    needs_login: bool | None = None
    min_stay_s: w.StayS | None = None
    max_turns: w.Turns | None = None
    is_audio_only: bool | None = None
    time_limit_s: w.TimeLimitS | None = None
    is_rotating: bool | None = None
    has_backstage: bool | None = None
    keep_owner_on_seat: bool | None = None
    host_away_s: w.HostAwayS | None = None
    is_carried_on: bool | None = None
    is_arriving_muted: bool | None = None
    may_unmute: bool | None = None
    allows_unnamed: bool | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        w.check_wait("requestTimeoutS", self.request_timeout_s, w.TIMEOUT_MIN_S)
        w.check_wait("timeLimitS", self.time_limit_s, w.TIME_LIMIT_MIN_S)


class SetMetadata(Command, frozen=True, tag="setMetadata"):
    """Staff: set entries of the room's metadata, which everybody sees; null removes one. Keys 50, values 200 bytes."""

    entries: Annotated[dict[w.MetadataKey, w.MetadataValue | None], Meta(min_length=1, max_length=w.METADATA_KEYS_MAX)]

    def __post_init__(self) -> None:
        entries = {clean_line(key): None if value is None else clean_data(value) for key, value in self.entries.items()}
        for key, value in entries.items():
            w.check_bytes("entries", key, w.METADATA_KEY_MAX_BYTES)
            w.check_bytes("entries", value or "", w.METADATA_VALUE_MAX_BYTES)
        force_setattr(self, "entries", entries)


# -- audience asks ----------------------------------------------------------------------------------------------------
class Apply(Command, frozen=True, tag="apply"):
    """Audience: ask for a seat. `timeoutS` overrides the room's wait; `entry`: what is open once accepted."""

    media: w.LinkMedia
    note: w.Note = ""
    timeout_s: w.TimeoutS | None = None
    seat_index: w.WantedSeat = w.ANY_SEAT
    extra_info: w.ExtraInfo = ""
    entry: w.Entry = w.Entry.OPEN

    def __post_init__(self) -> None:
        super().__post_init__()
        w.check_asking(self.timeout_s, self.extra_info)


class CancelApplication(Command, frozen=True, tag="cancelApplication"):
    """Applicant: withdraw the own open application."""


class RespondToApplication(Command, frozen=True, tag="respondToApplication"):
    """Staff: accept an application or reject it with a reason. `seatIndex` overrides the applicant's wish."""

    request_id: w.RequestId
    is_accepted: bool
    reason: w.RejectReason | None = None
    note: w.Note = ""
    seat_index: w.WantedSeat | None = None


class AcceptNext(Command, frozen=True, tag="acceptNext"):
    """Staff: accept whoever is first in the queue."""


class AcceptAll(Command, frozen=True, tag="acceptAll"):
    """Staff: accept in the order of the queue until no seat is free; the result says who, and how many are left."""


class RejectAll(Command, frozen=True, tag="rejectAll"):
    """Staff: reject every open application. The reply's `seq` names the act for `undoRejectAll`."""

    reason: w.RejectReason | None = None
    note: w.Note = ""


class UndoRejectAll(Command, frozen=True, tag="undoRejectAll"):
    """Staff: within a minute, put those whom one `rejectAll` rejected back at their places in the queue."""

    seq: Annotated[int, Meta(ge=1)]


class MoveToFront(Command, frozen=True, tag="moveToFront"):
    """Staff: serve an application before all others."""

    request_id: w.RequestId


# -- host asks --------------------------------------------------------------------------------------------------------
class Invite(Command, frozen=True, tag="invite"):
    """Staff: ask somebody of the audience onto a seat."""

    user_id: w.UserId
    media: w.LinkMedia = w.LinkMedia.VIDEO
    timeout_s: w.TimeoutS | None = None
    seat_index: w.WantedSeat = w.ANY_SEAT
    note: w.Note = ""
    extra_info: w.ExtraInfo = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        w.check_asking(self.timeout_s, self.extra_info)


class CancelInvitation(Command, frozen=True, tag="cancelInvitation"):
    """Staff: withdraw an open invitation."""

    request_id: w.RequestId


class RespondToInvitation(Command, frozen=True, tag="respondToInvitation"):
    """Invitee: accept (by picture, or by sound only) or decline. With all seats taken the invitation stays open."""

    request_id: w.RequestId
    is_accepted: bool
    media: w.LinkMedia | None = None
    entry: w.Entry = w.Entry.OPEN


class CreateInviteLink(Command, frozen=True, tag="createInviteLink"):
    """Staff: make a link that seats whoever follows it, `uses` times, until it expires."""

    media: w.LinkMedia = w.LinkMedia.VIDEO
    uses: w.LinkUses = 1
    expires_s: w.LinkS = 24 * 3600


class RevokeInviteLink(Command, frozen=True, tag="revokeInviteLink"):
    """Staff: end a link at once. Who sits already stays."""

    link_id: w.LinkId


class UseInviteLink(Command, frozen=True, tag="useInviteLink"):
    """Audience: sit down by a link's token. With all seats taken nothing is used up."""

    token: Annotated[str, Meta(min_length=1, max_length=200, pattern=w.NO_NUL)]
    media: w.LinkMedia | None = None
    entry: w.Entry = w.Entry.OPEN


# -- on and off the seat ----------------------------------------------------------------------------------------------
class TakeSeat(Command, frozen=True, tag="takeSeat"):
    """Anyone: sit down without asking: the audience in the mode `free`, helpers always, the host on seat 0."""

    media: w.LinkMedia = w.LinkMedia.VIDEO
    seat_index: w.WantedSeat = w.ANY_SEAT
    entry: w.Entry = w.Entry.OPEN


class LeaveSeat(Command, frozen=True, tag="leaveSeat"):
    """Guest: leave the seat, stay in the room."""


class BringHere(Command, frozen=True, tag="bringHere"):
    """Person on air: from now on this window has the seat. What another one sent ends, and this one may publish."""


class MoveSeat(Command, frozen=True, tag="moveSeat"):
    """Person on air: move to a free seat. Staff: move the guest `userId`; `policy` says what if the seat is taken."""

    seat_index: w.SeatIndex
    user_id: w.UserId | None = None
    policy: w.MovePolicy = w.MovePolicy.ABORT


class PlaceUser(Command, frozen=True, tag="placeUser"):
    """Staff: put somebody who is in the room on a seat, with microphone and camera closed until they open them."""

    user_id: w.UserId
    media: w.LinkMedia = w.LinkMedia.VIDEO
    seat_index: w.WantedSeat = w.ANY_SEAT


class DisconnectUser(Command, frozen=True, tag="disconnectUser"):
    """Staff: take a guest off air. It is no ban: the person may ask again."""

    user_id: w.UserId
    reason: w.RemovalReason = w.RemovalReason.OTHER
    note: w.Note = ""


class ReturnToQueue(Command, frozen=True, tag="returnToQueue"):
    """Staff: take a guest off air and to the end of the queue, without a time-out. The staff gives the next turn."""

    user_id: w.UserId
    note: w.Note = ""


class LockSeat(Command, frozen=True, tag="lockSeat"):
    """Staff: set the locks of a seat, each by itself; what is left out stays. Locking a taken seat frees it first."""

    seat_index: w.SeatIndex
    is_locked: bool | None = None
    is_microphone_locked: bool | None = None
    is_camera_locked: bool | None = None


class SetSpotlight(Command, frozen=True, tag="setSpotlight"):
    """Staff: show one person on air large to everybody; null ends it."""

    user_id: w.UserId | None


class SetTimeLimit(Command, frozen=True, tag="setTimeLimit"):
    """Staff: free a guest's seat so many seconds from now, in later turns after as many; 0 lifts the limit."""

    user_id: w.UserId
    seconds: w.TimeLimitS

    def __post_init__(self) -> None:
        super().__post_init__()
        w.check_wait("seconds", self.seconds, w.TIME_LIMIT_MIN_S)


class SetBackstage(Command, frozen=True, tag="setBackstage"):
    """Staff: bring a guest who is ready on air, or back behind the stage, where only the staff sees and hears them."""

    user_id: w.UserId
    is_backstage: bool


class SetReady(Command, frozen=True, tag="setReady"):
    """Guest: say behind the stage that the own devices work (or do not yet)."""

    is_ready: bool


class SetDevice(Command, frozen=True, tag="setDevice"):
    """Person on air: open the own microphone, camera or shared screen, in the window on air; close it, in any."""

    device: w.Device
    is_open: bool


class LockDevice(Command, frozen=True, tag="lockDevice"):
    """Staff: mute and lock a person's device, on the seat or off it, until lifted. Lifting never opens the device."""

    user_id: w.UserId
    device: w.Device
    is_locked: bool


class LockAll(Command, frozen=True, tag="lockAll"):
    """Staff: `lockDevice` for all guests who are on a seat now."""

    device: w.Device
    is_locked: bool


class UndoLockAll(Command, frozen=True, tag="undoLockAll"):
    """Staff: lift the locks that one `lockAll` set, by the `seq` of its reply; who was locked anew since stays so."""

    device: w.Device
    seq: Annotated[int, Meta(ge=1)]


class AskAllToOpen(Command, frozen=True, tag="askAllToOpen"):
    """Staff: `askToOpen` for all guests on a seat whose device is not open, where the seat does not lock it."""

    device: w.Device


class AskToOpen(Command, frozen=True, tag="askToOpen"):
    """Staff: lift the lock of a guest's device and ask the guest to open it."""

    user_id: w.UserId
    device: w.Device


class AskToSpeak(Command, frozen=True, tag="askToSpeak"):
    """Guest: ask the staff to lift the lock of a device; `isAsking` false withdraws it."""

    device: w.Device
    is_asking: bool = True


class SetModerator(Command, frozen=True, tag="setModerator"):
    """Host: make somebody a helper, or end it; both hold at once, for every window of the person."""

    user_id: w.UserId
    is_moderator: bool


class _Sanction(Command, frozen=True):
    user_id: w.UserId
    seconds: w.SanctionS | None = None
    reason: w.RemovalReason = w.RemovalReason.OTHER
    note: w.Note = ""


class BarUser(_Sanction, frozen=True, tag="barUser"):
    """Staff: no seat for this person until `seconds` have passed, or until lifted. Frees seat and queue place."""


class BanUser(_Sanction, frozen=True, tag="banUser"):
    """Staff: put somebody out of the room until `seconds` have passed, or until lifted."""


class AppealBar(Command, frozen=True, tag="appealBar"):
    """Person barred from the mic: say once, to the staff, why the bar should be lifted."""

    note: w.Note


class LiftSanction(Command, frozen=True, tag="liftSanction"):
    """Staff: end a bar or a ban before its time."""

    sanction_id: w.SanctionId


WireCommand = (
    GoLive
    | EndLive
    | CarryOn
    | WaitLonger
    | Leave
    | UpdateRoom
    | SetMetadata
    | Apply
    | CancelApplication
    | RespondToApplication
    | AcceptNext
    | AcceptAll
    | RejectAll
    | UndoRejectAll
    | MoveToFront
    | Invite
    | CancelInvitation
    | RespondToInvitation
    | CreateInviteLink
    | RevokeInviteLink
    | UseInviteLink
    | TakeSeat
    | LeaveSeat
    | BringHere
    | MoveSeat
    | PlaceUser
    | DisconnectUser
    | ReturnToQueue
    | LockSeat
    | SetSpotlight
    | SetTimeLimit
    | SetBackstage
    | SetReady
    | SetDevice
    | LockDevice
    | LockAll
    | UndoLockAll
    | AskAllToOpen
    | AskToOpen
    | AskToSpeak
    | SetModerator
    | BarUser
    | BanUser
    | LiftSanction
    | AppealBar
)

COMMAND_TYPES: tuple[type[Command], ...] = get_args(WireCommand)
NAMING = (Invite, PlaceUser, LockDevice, SetModerator, BarUser, BanUser)
"""Commands about somebody whom the room itself may not know; the door looks the person up."""
