"""The words of the wire: limits, roles, states and reasons."""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, get_args, get_type_hints

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from micconnect.text import clean_data, clean_line

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
EXTRA_INFO_MAX_BYTES = 900
COVER_MAX = 500
METADATA_KEY_MAX_BYTES = 50
METADATA_VALUE_MAX_BYTES = 200
METADATA_KEYS_MAX = 50
MODERATORS_MAX = 20
INVITE_LINKS_MAX = 20
SANCTIONS_MAX = 500
LINK_USES_MAX = 1000
LINK_MAX_S = 7 * 24 * 3600
SANCTION_MAX_S = 366 * 24 * 3600
STAY_MAX_S = 3600
TURNS_MAX = 100
TIME_LIMIT_MIN_S = 10
TIME_LIMIT_MAX_S = 4 * 3600
HOST_AWAY_MIN_S = 30
HOST_AWAY_MAX_S = 3600
COME_AGAIN_S = 120  # so long who was not answered in time has the old place when asking again
WINDOW_MAX = 32
ANY_SEAT = -1

LINE: dict[str, Any] = {"clean": clean_line}  # text of people, for people
DATA: dict[str, Any] = {"clean": clean_data}  # text of programs, for programs
NO_NUL = r"^[^\u0000]*$"  # PostgreSQL stores no NUL: text that may reach a row or a query must not hold one
Ref = Annotated[
    str, Meta(min_length=1, max_length=40, pattern=NO_NUL, description="chosen by the sender; the reply repeats it")
]
UserId = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL)]
WindowId = Annotated[
    str,
    Meta(
        max_length=WINDOW_MAX,
        pattern=r"^[A-Za-z0-9_-]*(?!\n)$",
        description="chosen at random by the page; empty for a client without one",
    ),
]
RequestId = Annotated[str, Meta(pattern=r"^r[1-9][0-9]{0,17}(?!\n)$")]  # a bare $ would let a last newline pass
Note = Annotated[str, Meta(max_length=NOTE_MAX, pattern=NO_NUL, extra=LINE)]
WireVersion = Annotated[int, Meta(ge=1, le=65535)]
Sdp = Annotated[str, Meta(min_length=1, max_length=SDP_MAX)]
Title = Annotated[str, Meta(max_length=TITLE_MAX, pattern=NO_NUL, extra=LINE)]
Cover = Annotated[
    str,
    Meta(
        max_length=COVER_MAX,
        pattern=NO_NUL,
        description="address of a picture, with https or as a path on this site, or empty",
    ),
]
LinkId = Annotated[str, Meta(pattern=r"^l[1-9][0-9]{0,17}(?!\n)$")]
SanctionId = Annotated[str, Meta(pattern=r"^x[1-9][0-9]{0,17}(?!\n)$")]
SeatIndex = Annotated[int, Meta(ge=0, le=GUESTS_MAX, description="1-9 for guests, 0 is the host's")]
WantedSeat = Annotated[int, Meta(ge=ANY_SEAT, le=GUESTS_MAX, description="1-9, or -1 for any free seat")]
SeatCount = Annotated[int, Meta(ge=1, le=GUESTS_MAX)]
StayS = Annotated[int, Meta(ge=0, le=STAY_MAX_S, description="seconds")]
Turns = Annotated[int, Meta(ge=0, le=TURNS_MAX, description="0 is no limit")]
TimeLimitS = Annotated[
    int,
    Meta(ge=0, le=TIME_LIMIT_MAX_S, description=f"seconds; 0 is no limit, else at least {TIME_LIMIT_MIN_S}"),
]
HostAwayS = Annotated[int, Meta(ge=HOST_AWAY_MIN_S, le=HOST_AWAY_MAX_S, description="seconds")]
ExtraInfo = Annotated[
    str,
    Meta(
        max_length=EXTRA_INFO_MAX_BYTES,
        pattern=NO_NUL,
        extra=DATA,
        description=f"the embedding application's own, never read by us; at most {EXTRA_INFO_MAX_BYTES} bytes of UTF-8",
    ),
]
MetadataKey = Annotated[str, Meta(min_length=1, max_length=METADATA_KEY_MAX_BYTES, pattern=NO_NUL)]
MetadataValue = Annotated[str, Meta(max_length=METADATA_VALUE_MAX_BYTES, pattern=NO_NUL)]
LinkUses = Annotated[int, Meta(ge=1, le=LINK_USES_MAX)]
LinkS = Annotated[int, Meta(ge=60, le=LINK_MAX_S, description="seconds")]
SanctionS = Annotated[int, Meta(ge=1, le=SANCTION_MAX_S, description="seconds")]
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
    SCREEN = "screen"


class Entry(StrEnum):
    """What is open when somebody comes on a seat: all that the seat allows, no microphone, or no device at all."""

    OPEN = "open"
    MUTED = "muted"
    CLOSED = "closed"


class SeatMode(StrEnum):
    """How the audience gets onto a seat: by asking, by sitting down, by invitation only, or not at all."""

    APPLY = "apply"
    FREE = "free"
    INVITE_ONLY = "invite_only"
    CLOSED = "closed"


class QueueOrder(StrEnum):
    """Who is next: the first who asked, or among those waiting the one who has spoken least in this room."""

    ARRIVAL = "arrival"
    SPOKE_LEAST = "spoke_least"


class Layout(StrEnum):
    """Layout templates by the numbers of the seed system; how many guests each can show is in LAYOUT_SEATS."""

    DUAL = "dual"
    LANDSCAPE = "200"
    GRID = "600"
    FLOAT = "601"
    FIXED_GRID = "800"
    FIXED_FLOAT = "801"


LAYOUT_SEATS: dict[Layout, int] = {
    Layout.DUAL: 1,
    Layout.LANDSCAPE: 3,
    Layout.GRID: GUESTS_MAX,
    Layout.FLOAT: 6,
    Layout.FIXED_GRID: GUESTS_MAX,
    Layout.FIXED_FLOAT: 6,
}


class MovePolicy(StrEnum):
    """When the seat to move to is taken: nothing happens, its guest goes off the seat, or the two change places."""

    ABORT = "abort"
    REPLACE = "replace"
    SWAP = "swap"


class SanctionKind(StrEnum):
    """`mic_bar`: may watch, may not go on air. `room_ban`: may not be in the room."""

    MIC_BAR = "mic_bar"
    ROOM_BAN = "room_ban"


class Quality(StrEnum):
    """How well a seat's media reach the server, by loss and delay of the last seconds."""

    GOOD = "good"
    POOR = "poor"
    BAD = "bad"


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
    """Why a room was dismissed. The last two: nobody came back, to a host's place or to that of who carried on."""

    HOST = "host"
    MODERATOR = "moderator"
    SERVER = "server"
    HOST_AWAY = "host_away"
    HELPER_AWAY = "helper_away"


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
    """What ended a request that nobody answered. `room_changed`: the room's options leave no way to a seat for it."""

    ROOM_ENDED = "room_ended"
    LEFT = "left"
    SEATED = "seated_otherwise"
    BARRED = "barred"
    BANNED = "banned"
    ROOM_CHANGED = "room_changed"


class ConnectionState(StrEnum):
    JOINING = "joining"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class ConnectionEnd(StrEnum):
    """Why somebody is no longer on air.

    The staff's doing: terminated, returned (to the queue), replaced (by somebody moved there), seat_locked, barred,
    banned. The clock's: lost, media_failed, time_up. The guest's: exited. Everybody's: dismissed.
    """

    EXITED = "exited"
    TERMINATED = "terminated"
    LOST = "lost"
    DISMISSED = "dismissed"
    MEDIA_FAILED = "media_failed"
    TIME_UP = "time_up"
    RETURNED = "returned"
    REPLACED = "replaced"
    SEAT_LOCKED = "seat_locked"
    BARRED = "barred"
    BANNED = "banned"


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


def clean_texts(struct: Struct) -> None:
    """Cleans what people and programs wrote into the fields of a command that was just made.

    Raises ValueError for a text that has become longer than it may be.
    """
    for name, clean, limit in _texts(type(struct)):
        if text := getattr(struct, name):
            cleaned = clean(text)
            if len(cleaned) > limit:
                raise ValueError(f"`{name}` may hold at most {limit} characters")
            force_setattr(struct, name, cleaned)


@lru_cache
def _texts(struct: type[Struct]) -> tuple[tuple[str, Callable[[str], str], int], ...]:
    """The fields of a kind of command that hold text, each with how it is cleaned and how long it may be."""
    found = []
    for name, hint in get_type_hints(struct, include_extras=True).items():
        for one in (hint, *get_args(hint)):
            for meta in getattr(one, "__metadata__", ()):
                if meta.extra:
                    found.append((name, meta.extra["clean"], meta.max_length))
    return tuple(found)


def check_bytes(name: str, text: str, limit: int) -> None:
    """Raises ValueError for a text of more than `limit` bytes in UTF-8."""
    if len(text.encode()) > limit:
        raise ValueError(f"`{name}` may hold at most {limit} bytes")


def check_wait(name: str, seconds: int | None, least: int) -> None:
    """Raises ValueError for a wait that is neither 0 nor at least `least` seconds."""
    if seconds and seconds < least:
        raise ValueError(f"`{name}` must be 0 or at least {least}")


def check_asking(timeout_s: int | None, extra_info: str) -> None:
    """Raises ValueError for a request's wait or extra information beyond the limits."""
    check_wait("timeoutS", timeout_s, TIMEOUT_MIN_S)
    check_bytes("extraInfo", extra_info, EXTRA_INFO_MAX_BYTES)
