"""What a client says that changes no room: who comes, heartbeats, questions, and the exchange of SDP."""

from typing import Annotated

from msgspec import Meta

from micconnect.protocol.commands import WireCommand
from micconnect.protocol.words import NAME_MAX, NO_NUL, Role, Sdp, UserId, WindowId, Wire, WireVersion

SEQ_MAX = (1 << 53) - 1  # the largest whole number every JavaScript keeps exactly
Seq = Annotated[int, Meta(ge=0, le=SEQ_MAX)]


class Cursors(Wire, frozen=True):
    """Up to where a client has heard each lane, as whom and in which role; `staff` counts for the staff only."""

    epoch: Annotated[str, Meta(max_length=64)]
    user_id: UserId
    role: Role
    room: Seq
    staff: Seq
    me: Seq


class Hello(Wire, frozen=True, tag="hello"):
    """The first frame: who comes (signed ticket), in which wire versions, and in which of the person's windows.

    Answered by `snapshot`, or, to somebody who was here before and says up to where, by `resumed`. A seat belongs to
    one window: the one that asked or sat down, or said `bringHere` later. A window that connects anew says the same id.
    """

    ticket: Annotated[str, Meta(min_length=1, max_length=2048)]
    versions: Annotated[tuple[WireVersion, ...], Meta(min_length=1, max_length=8)]
    resume: Cursors | None = None
    window_id: WindowId = ""


class Resume(Wire, frozen=True, tag="resume"):
    """Something was missed on this socket (a frame's `after` is beyond the own cursor, or a `pong` is ahead of it).

    Answered by `resumed` or `snapshot`.
    """

    cursors: Cursors


class Ping(Wire, frozen=True, tag="ping"):
    """Heartbeat; answered by `pong`, which tells up to where each lane has come."""


class ListViewers(Wire, frozen=True, tag="listViewers"):
    """Staff: who is watching, for invitations. At most 200, newest first, by name prefix."""

    prefix: Annotated[str, Meta(max_length=NAME_MAX, pattern=NO_NUL)] = ""


class GetSummary(Wire, frozen=True, tag="getSummary"):
    """Staff: who was on air for how long, how requests ended, how many watched; also after the end."""


class ListMissed(Wire, frozen=True, tag="listMissed"):
    """Staff: whose last request came to nothing in the last 15 minutes without the staff's doing, newest first.

    Invitations that were declined or not answered, applications that timed out, and whatever ended because the person
    went away or the room was changed. Not those who are or were on a seat since, ask or are invited again, or may not.
    """


class Publish(Wire, frozen=True, tag="publish"):
    """Person on air: the browser's offer with microphone (and camera), or with the shared screen. The reply answers."""

    sdp: Sdp
    is_screen: bool = False


class Watch(Wire, frozen=True, tag="watch"):
    """Anyone: ask to see and hear the room. The reply carries the server's offer and its slots.

    Without `hasPictures` only sound comes, and the shared screen does not. In a room with more seats than pictures are
    sent to everybody, plain viewers get slots whose pictures move: `pictures` of the reply, then `onPicturesChanged`.
    """

    has_pictures: bool = True


class Answer(Wire, frozen=True, tag="answer"):
    """The browser's answer to the offer of `watch`."""

    watch_id: Annotated[str, Meta(min_length=1, max_length=64)]
    sdp: Sdp


class GetIceServers(Wire, frozen=True, tag="getIceServers"):
    """Anyone: the relays (TURN) and credentials of one's own for them. No urls in the reply: there are none."""


class GetMediaHealth(Wire, frozen=True, tag="getMediaHealth"):
    """Staff: how the media of everybody on air arrive now."""


class ReportLine(Wire, frozen=True, tag="reportLine"):
    """Person on air, every few seconds: the way to the media server and back as the own browser measures it."""

    rtt_ms: Annotated[int, Meta(ge=0, le=60_000)]


MediaQuery = Publish | Watch | Answer | GetMediaHealth | ReportLine
ClientMessage = WireCommand | Hello | Resume | Ping | ListViewers | GetSummary | ListMissed | GetIceServers | MediaQuery
