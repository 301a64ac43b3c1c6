"""What serving processes say to each other, as bytes."""

import hashlib
from datetime import datetime

import msgspec
from msgspec import Struct

from micconnect.domain.room import Actor
from micconnect.media.base import NodeFigures
from micconnect.protocol.callbacks import AnyCallback
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.queries import MediaQuery
from micconnect.protocol.views import MediaInfo, SeatHealth, Slot
from micconnect.protocol.words import Quality, Wire
from micconnect.roomhub import Change

CHANGE_MAX_BYTES = 256 * 1024  # a larger one is read from the log by those who need it


class Message(Struct, frozen=True, tag=True, array_like=True, kw_only=True):
    """`origin`: the process that says it."""

    origin: str


class Changed(Message, frozen=True):
    """To a room: a change was committed."""

    change: Change


class Grown(Message, frozen=True):
    """To a room: a change was committed that is too large to be told here."""

    slug: str


class Sampled(Message, frozen=True):
    """To a room: a sampled state, such as who speaks."""

    slug: str
    at: datetime
    callback: AnyCallback


class MediaSaid(Message, frozen=True):
    """To all, each second, from the keeper: which media server is in force."""

    media: MediaInfo


class Asker(Struct, frozen=True):
    """Who publishes or watches where. The process in between knows the room up to `seq`.

    `former`: the watch that a new one replaces.
    """

    slug: str
    seq: int
    actor: Actor
    former: str | None = None


class GetFigures(Wire, frozen=True, tag="getFigures"):
    """What a process asks for its metrics; no client can."""


class MediaFigures(Struct, frozen=True):
    """The media server's nodes, and how many people on air have a line of which quality."""

    nodes: tuple[NodeFigures, ...]
    qualities: dict[Quality, int]


class MediaAsked(Message, frozen=True):
    """To the keeper: somebody's question to the media server."""

    ref: int
    query: MediaQuery | GetFigures
    asker: Asker | None = None


class Left(Message, frozen=True):
    """To the keeper: somebody left a room on purpose, by the window with this watch."""

    slug: str
    user_id: str
    watch_id: str | None


class MediaAnswered(Message, frozen=True):
    """To the process that asked: an SDP and what belongs to it, or figures, or a refusal."""

    ref: int
    sdp: str = ""
    watch_id: str = ""
    slots: tuple[Slot, ...] = ()
    pictures: tuple[int, ...] = ()
    health: tuple[SeatHealth, ...] = ()
    figures: MediaFigures | None = None
    refusal: ErrorCode | None = None
    details: dict[str, str | int | None] = {}


class Echo(Message, frozen=True):
    """To oneself: the bus still carries."""


AnyMessage = Changed | Grown | Sampled | MediaSaid | MediaAsked | Left | MediaAnswered | Echo
# lost without harm: said again, refused to who asked, or seen a little later
PASSING = (Sampled, MediaSaid, MediaAsked, Left, Echo)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyMessage] = msgspec.msgpack.Decoder(AnyMessage)


def encode(message: AnyMessage) -> bytes:
    """As bytes; a change that is too large as `Grown`."""
    data = _encoder.encode(message)
    if len(data) > CHANGE_MAX_BYTES and isinstance(message, Changed):
        return _encoder.encode(Grown(origin=message.origin, slug=message.change.room.slug))
    return data


def decode(data: bytes) -> AnyMessage:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(data)


def dialect() -> str:
    """Names this language. Processes of two versions do not hear each other; they read the log meanwhile."""
    return hashlib.sha256(msgspec.json.encode(msgspec.json.schema(AnyMessage), order="sorted")).hexdigest()[:12]
