"""What a client says that changes no room: who comes, heartbeats, questions, and the exchange of SDP."""

from typing import Annotated

from msgspec import Meta

from micconnect.protocol.commands import WireCommand
from micconnect.protocol.words import NAME_MAX, NO_NUL, Sdp, Wire, WireVersion


class Hello(Wire, frozen=True, tag="hello"):
    """The first frame: who comes (signed ticket), in which wire versions. Answered by `snapshot`."""

    ticket: Annotated[str, Meta(min_length=1, max_length=2048)]
    versions: Annotated[tuple[WireVersion, ...], Meta(min_length=1, max_length=8)]


class Ping(Wire, frozen=True, tag="ping"):
    """Heartbeat; answered by a reply with the room's seq."""


class ListViewers(Wire, frozen=True, tag="listViewers"):
    """Staff: who is watching, for invitations. At most 200, newest first, by name prefix."""

    prefix: Annotated[str, Meta(max_length=NAME_MAX, pattern=NO_NUL)] = ""


class GetSummary(Wire, frozen=True, tag="getSummary"):
    """Staff: who was on air for how long, how requests ended, how many watched; also after the end."""


class Publish(Wire, frozen=True, tag="publish"):
    """Person on air: the browser's offer with microphone (and camera), or with the shared screen. The reply answers."""

    sdp: Sdp
    is_screen: bool = False


class Watch(Wire, frozen=True, tag="watch"):
    """Anyone: ask to see and hear the room. The reply carries the server's offer and its slots."""


class Answer(Wire, frozen=True, tag="answer"):
    """The browser's answer to the offer of `watch`."""

    watch_id: Annotated[str, Meta(min_length=1, max_length=64)]
    sdp: Sdp


MediaQuery = Publish | Watch | Answer
ClientMessage = WireCommand | Hello | Ping | ListViewers | GetSummary | MediaQuery
