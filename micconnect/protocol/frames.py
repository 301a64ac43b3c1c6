"""The frames of both directions, and how bytes become one of them."""

from datetime import datetime

import msgspec
from msgspec import Struct

from micconnect.protocol.callbacks import AnyCallback, Lane
from micconnect.protocol.queries import ClientMessage, Hello, Ping, Resume
from micconnect.protocol.views import (
    ConnectedUser,
    ErrorInfo,
    InviteLinkInfo,
    LiveInfo,
    MediaInfo,
    MyState,
    RequestInfo,
    Result,
    SanctionInfo,
    SeatInfo,
)
from micconnect.protocol.words import Ref, Role, Wire


class Reply(Wire, frozen=True, tag="reply"):
    """The one answer to a command. `error` and `result` may both be set (ALREADY_PENDING)."""

    ref: str | None
    seq: int
    result: Result | None = None
    error: ErrorInfo | None = None


class Snapshot(Wire, frozen=True, tag="snapshot"):
    """The whole picture at `seq`; callbacks with a smaller or equal seq are contained in it.

    `requests`, `sanctions` and `links` are the staff's; null for everybody else.
    """

    version: int
    seq: int
    epoch: str
    server_time: datetime
    info: LiveInfo
    connected_users: tuple[ConnectedUser, ...]
    seats: tuple[SeatInfo, ...]
    metadata: dict[str, str]
    viewer_count: int
    media: MediaInfo
    role: Role
    me: MyState
    requests: tuple[RequestInfo, ...] | None = None
    sanctions: tuple[SanctionInfo, ...] | None = None
    links: tuple[InviteLinkInfo, ...] | None = None


class Callbacks(Wire, frozen=True, tag="callbacks"):
    """What one change of the room means to one lane. Room-lane frames are the same bytes for everybody.

    `seq` is the room's number of the change; null for sampled states, which belong to no change. `after` says which
    frame of the lane came before: whoever has heard the lane up to a smaller number has missed one. A frame whose
    `seq` is not above the own cursor is known already.
    """

    lane: Lane
    seq: int | None
    server_time: datetime
    callbacks: tuple[AnyCallback, ...]
    after: int | None = None


class Batch(Wire, frozen=True, tag="batch"):
    """What gathered while the room was busy, oldest first. A state that a later frame replaces is left out."""

    frames: tuple[Callbacks, ...]


class Resumed(Wire, frozen=True, tag="resumed"):
    """What somebody missed who was here before; with it the picture at `seq` is whole in every lane.

    Sampled volumes and qualities start anew. A state that a later frame replaces is left out.
    """

    seq: int
    epoch: str
    server_time: datetime
    viewer_count: int
    media: MediaInfo
    frames: tuple[Callbacks, ...]


class Pong(Wire, frozen=True, tag="pong"):
    """Up to where each lane was written to this socket; whoever has heard less has missed something, says `resume`.

    Whoever has not missed anything has heard all lanes up to `seq`.
    """

    ref: str | None
    server_time: datetime
    seq: int
    room: int
    staff: int
    me: int


class GoingAway(Wire, frozen=True, tag="goingAway"):
    """The server stops and closes with 1001 now; come back after this pause, so that not all come at once."""

    retry_in_ms: int


ServerMessage = Reply | Snapshot | Callbacks | Batch | Resumed | Pong | GoingAway


class Frame(Struct, frozen=True):
    """A decoded client frame: its `ref` and what it says."""

    ref: str | None
    message: ClientMessage


class BadFrame(Exception):
    """The bytes are no frame of ours; `ref` is set when one could be read, `text` names the field."""

    def __init__(self, text: str, ref: str | None = None) -> None:
        super().__init__(text)
        self.text, self.ref = text, ref


class _Envelope(Struct, frozen=True):
    ref: Ref | None = None


_envelope = msgspec.json.Decoder(_Envelope)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_message = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


def decode(data: bytes | str) -> Frame:
    """Reads one client frame; `ref` stands beside the message's own fields.

    Raises BadFrame for anything else: no JSON, not an object, unknown type, unknown field, a limit passed, or a
    command without `ref`.
    """
    ref = None
    try:
        fields = _fields.decode(data)
        if "ref" in fields:
            ref = _envelope.decode(data).ref
            del fields["ref"]
            data = _encoder.encode(fields)
        message = _message.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadFrame(str(error)[:200], ref) from None
    if ref is None and not isinstance(message, Hello | Ping | Resume):
        raise BadFrame("Object missing required field `ref`")
    return Frame(ref, message)


def encode(message: ServerMessage) -> bytes:
    """One frame of the server as UTF-8 JSON."""
    return _encoder.encode(message)


def encode_part(value: object) -> msgspec.Raw:
    """A field's value as JSON, to be put into many frames."""
    return msgspec.Raw(_encoder.encode(value))
