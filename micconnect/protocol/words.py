"""The words of the wire: limits, roles, states and reasons."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

WIRE_VERSION = 1

# -- limits, each tested at its edge ----------------------------------------------------------------------------------
FRAME_MAX_BYTES = 64 * 1024
NAME_MAX = 40
NOTE_MAX = 140
TITLE_MAX = 100
GUESTS_MAX = 9
PENDING_MAX = 100
TIMEOUT_MIN_S = 5
TIMEOUT_MAX_S = 600
SDP_MAX = 48 * 1024

NO_NUL = r"^[^\u0000]*$"  # PostgreSQL stores no NUL: text that may reach a row or a query must not hold one
Ref = Annotated[
    str, Meta(min_length=1, max_length=40, pattern=NO_NUL, description="chosen by the sender; the reply repeats it")
]
UserId = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
RequestId = Annotated[str, Meta(pattern=r"^r[1-9][0-9]{0,17}(?!\n)$")]  # a bare $ would let a last newline pass
Note = Annotated[str, Meta(max_length=NOTE_MAX, pattern=NO_NUL)]
WireVersion = Annotated[int, Meta(ge=1, le=65535)]
Sdp = Annotated[str, Meta(min_length=1, max_length=SDP_MAX)]
SeatIndex = Annotated[int, Meta(ge=0, le=GUESTS_MAX, description="1-9 for guests, 0 is the host's")]
TimeoutS = Annotated[
    int, Meta(ge=0, le=TIMEOUT_MAX_S, description=f"seconds; 0 never times out, else at least {TIMEOUT_MIN_S}")
]


class Role(StrEnum):
    """Who somebody is in one room. The last four never come from a browser."""

    HOST = "host"
    MODERATOR = "moderator"
    AUDIENCE = "audience"
    ADMIN = "admin"
    SERVER = "server"
    CLOCK = "clock"
    MEDIA = "media"


class LinkMedia(StrEnum):
    """What a guest brings on air: picture and sound, or sound only."""

    VIDEO = "video"
    AUDIO = "audio"


class Device(StrEnum):
    MICROPHONE = "microphone"
    CAMERA = "camera"


class DeviceState(StrEnum):
    """`locked`: closed by the staff; only they lift it, and lifting leaves the device `closed`."""

    OPEN = "open"
    CLOSED = "closed"
    LOCKED = "locked"


class RoomStatus(StrEnum):
    IDLE = "idle"
    LIVE = "live"
    ENDED = "ended"


class RoomEnd(StrEnum):
    """Why a room was dismissed."""

    HOST = "host"
    MODERATOR = "moderator"
    SERVER = "server"
    HOST_AWAY = "host_away"


class RequestKind(StrEnum):
    APPLICATION = "application"
    INVITATION = "invitation"


class RequestState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    VOID = "void"


class VoidCause(StrEnum):
    """What ended a request that nobody answered."""

    ROOM_ENDED = "room_ended"
    LEFT = "left"


class ConnectionState(StrEnum):
    JOINING = "joining"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class ConnectionEnd(StrEnum):
    """Why somebody is no longer on air."""

    EXITED = "exited"
    TERMINATED = "terminated"
    LOST = "lost"
    DISMISSED = "dismissed"
    MEDIA_FAILED = "media_failed"


class RejectReason(StrEnum):
    NOT_NOW = "not_now"
    TOPIC = "topic"
    SOUND = "sound"
    OTHER = "other"


class RemovalReason(StrEnum):
    TIME = "time"
    TOPIC = "topic"
    SOUND = "sound"
    CONDUCT = "conduct"
    OTHER = "other"


class Wire(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Base of all that travels: immutable, camelCase, closed."""
