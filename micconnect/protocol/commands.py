"""What a client may say: commands, which change a room, and queries, which do not."""

from typing import Annotated, get_args

from msgspec import Meta

from micconnect.protocol.words import (
    NAME_MAX,
    NO_NUL,
    TIMEOUT_MIN_S,
    Device,
    LinkMedia,
    Note,
    RejectReason,
    RemovalReason,
    RequestId,
    Sdp,
    TimeoutS,
    UserId,
    Wire,
    WireVersion,
)


def check_timeout(timeout_s: int | None) -> None:
    """Raises ValueError for a wait that is neither 0 (never) nor at least TIMEOUT_MIN_S."""
    if timeout_s and timeout_s < TIMEOUT_MIN_S:
        raise ValueError(f"`timeoutS` must be 0 or at least {TIMEOUT_MIN_S}")


class Command(Wire, frozen=True):
    """A wish to change the room; answered by exactly one reply with the same `ref`."""


class GoLive(Command, frozen=True, tag="goLive"):
    """Host: open the show and take seat 0."""

    media: LinkMedia = LinkMedia.VIDEO


class EndLive(Command, frozen=True, tag="endLive"):
    """Host: end the show for good. Everybody leaves the seats, open requests become void."""


class Leave(Command, frozen=True, tag="leave"):
    """Viewer: leave the room on purpose. Gives up seat or open request at once; a host ends the live instead."""


class Apply(Command, frozen=True, tag="apply"):
    """Audience: ask for a seat. `timeoutS` overrides the room's wait."""

    media: LinkMedia
    note: Note = ""
    timeout_s: TimeoutS | None = None

    def __post_init__(self) -> None:
        check_timeout(self.timeout_s)


class CancelApplication(Command, frozen=True, tag="cancelApplication"):
    """Applicant: withdraw the own open application."""


class RespondToApplication(Command, frozen=True, tag="respondToApplication"):
    """Staff: accept an application or reject it with a reason."""

    request_id: RequestId
    is_accepted: bool
    reason: RejectReason | None = None
    note: Note = ""


class Invite(Command, frozen=True, tag="invite"):
    """Staff: ask somebody of the audience onto a seat."""

    user_id: UserId
    media: LinkMedia = LinkMedia.VIDEO
    timeout_s: TimeoutS | None = None

    def __post_init__(self) -> None:
        check_timeout(self.timeout_s)


class CancelInvitation(Command, frozen=True, tag="cancelInvitation"):
    """Staff: withdraw an open invitation."""

    request_id: RequestId


class RespondToInvitation(Command, frozen=True, tag="respondToInvitation"):
    """Invitee: accept (by picture, or by sound only) or decline."""

    request_id: RequestId
    is_accepted: bool
    media: LinkMedia | None = None


class LeaveSeat(Command, frozen=True, tag="leaveSeat"):
    """Guest: leave the seat, stay in the room."""


class DisconnectUser(Command, frozen=True, tag="disconnectUser"):
    """Staff: take a guest off air. It is no ban: the person may ask again."""

    user_id: UserId
    reason: RemovalReason = RemovalReason.OTHER
    note: Note = ""


class SetDevice(Command, frozen=True, tag="setDevice"):
    """Person on air: open or close the own microphone or camera."""

    device: Device
    is_open: bool


class LockDevice(Command, frozen=True, tag="lockDevice"):
    """Staff: mute and lock a guest's device, or lift the lock. Lifting never opens the device."""

    user_id: UserId
    device: Device
    is_locked: bool


WireCommand = (
    GoLive
    | EndLive
    | Leave
    | Apply
    | CancelApplication
    | RespondToApplication
    | Invite
    | CancelInvitation
    | RespondToInvitation
    | LeaveSeat
    | DisconnectUser
    | SetDevice
    | LockDevice
)


# -- other things a client says: no change of the room ----------------------------------------------------------------
class Hello(Wire, frozen=True, tag="hello"):
    """The first frame: who comes (signed ticket), in which wire versions. Answered by `snapshot`."""

    ticket: Annotated[str, Meta(min_length=1, max_length=2048)]
    versions: Annotated[tuple[WireVersion, ...], Meta(min_length=1, max_length=8)]


class Ping(Wire, frozen=True, tag="ping"):
    """Heartbeat; answered by a reply with the room's seq."""


class ListViewers(Wire, frozen=True, tag="listViewers"):
    """Staff: who is watching, for invitations. At most 200, newest first, by name prefix."""

    prefix: Annotated[str, Meta(max_length=NAME_MAX, pattern=NO_NUL)] = ""


class Publish(Wire, frozen=True, tag="publish"):
    """Person on air: the browser's offer with microphone (and camera). The reply carries the answer."""

    sdp: Sdp


class Watch(Wire, frozen=True, tag="watch"):
    """Anyone: ask to see and hear the room. The reply carries the server's offer and its slots."""


class Answer(Wire, frozen=True, tag="answer"):
    """The browser's answer to the offer of `watch`."""

    watch_id: Annotated[str, Meta(min_length=1, max_length=64)]
    sdp: Sdp


MediaQuery = Publish | Watch | Answer
ClientMessage = WireCommand | Hello | Ping | ListViewers | MediaQuery

COMMAND_TYPES: tuple[type[Command], ...] = get_args(WireCommand)
