"""Commands that no wire can produce: what sockets, the media server and the clock report about a room."""

from typing import Any

from msgspec import Struct, to_builtins

from micconnect.protocol.commands import Command, WireCommand
from micconnect.protocol.words import Device


class Internal(Command, frozen=True):
    """A fact reported by one of our own parts."""


class SocketUp(Internal, frozen=True, tag="socketUp"):
    """Somebody with a stake in the room has a line (again)."""

    user_id: str


class Renamed(Internal, frozen=True, tag="renamed"):
    """Somebody came in under another name than the room knows; the door has proven it."""

    user_id: str
    name: str


class PersonBecame(Internal, frozen=True, tag="personBecame"):
    """A guest has logged in to an account, in the same browser; the door has proven both."""

    old_user_id: str
    user_id: str
    name: str


class SocketsLost(Internal, frozen=True, tag="socketsLost"):
    """The last line of somebody with a stake is gone."""

    user_id: str


class AllSocketsLost(Internal, frozen=True, tag="allSocketsLost"):
    """The process that held all lines was restarted."""


class MediaUp(Internal, frozen=True, tag="mediaUp"):
    """Sound (or picture) of a connection has reached the media server; `number` is the connection's `feed`."""

    number: int


class MediaGone(Internal, frozen=True, tag="mediaGone"):
    """The media of a connection stopped arriving."""

    number: int


class ScreenGone(Internal, frozen=True, tag="screenGone"):
    """A shared screen stopped arriving; `number` is the connection's `screen_number`."""

    number: int


class MediaStalled(Internal, frozen=True, tag="mediaStalled"):
    """Of the devices of a connection that should bring sound or picture, these have brought nothing for some seconds.

    The whole list counts: what is not on it flows.
    """

    number: int
    devices: tuple[Device, ...] = ()


class ScreenStalled(Internal, frozen=True, tag="screenStalled"):
    """A shared screen brings nothing new for some seconds, or does again; `number` as with ScreenGone."""

    number: int
    is_stalled: bool


class MediaServerLost(Internal, frozen=True, tag="mediaServerLost"):
    """The media server itself is away; nobody loses a seat for it."""


class MediaServerBack(Internal, frozen=True, tag="mediaServerBack"):
    """The media server is there again, empty: everybody on air has to publish anew."""


class Tick(Internal, frozen=True, tag="tick"):
    """Carry out every deadline that has passed."""


AnyCommand = (
    WireCommand
    | SocketUp
    | Renamed
    | PersonBecame
    | SocketsLost
    | AllSocketsLost
    | MediaUp
    | MediaGone
    | ScreenGone
    | MediaStalled
    | ScreenStalled
    | MediaServerLost
    | MediaServerBack
    | Tick
)


def command_name(command: Struct) -> str:
    """The command's tag, as the log and the metrics show it."""
    return str(command.__struct_config__.tag)


def command_fields(command: Struct) -> dict[str, Any]:
    """The command's own fields as plain JSON values, without the tag and without secrets."""
    fields: dict[str, Any] = to_builtins(command)
    for name in ("type", "token"):
        fields.pop(name, None)
    return fields
