"""The things that are talked about: rooms, seats, requests and people as the wire shows them."""

from datetime import datetime
from typing import Literal

from micconnect.protocol.codes import ERRORS, ErrorCode
from micconnect.protocol.words import (
    ConnectionEnd,
    ConnectionState,
    DeviceState,
    LinkMedia,
    RejectReason,
    RemovalReason,
    RequestKind,
    RequestState,
    RoomEnd,
    RoomStatus,
    SeatIndex,
    VoidCause,
    Wire,
)


class UserInfo(Wire, frozen=True):
    user_id: str
    user_name: str


class LiveInfo(Wire, frozen=True):
    """The room as everybody sees it. `hostAwayUntil`: the host's line is cut; the live ends then unless it returns."""

    room_id: str
    title: str
    status: RoomStatus
    host: UserInfo
    seat_count: int
    request_timeout_s: int
    live_since: datetime | None = None
    ended_at: datetime | None = None
    end_reason: RoomEnd | None = None
    host_away_until: datetime | None = None


class ConnectedUser(Wire, frozen=True):
    """Somebody on a seat; seat 0 is the host. `deadline`: the seat is freed then unless the person is back."""

    user_id: str
    user_name: str
    seat_index: SeatIndex
    connection_id: str
    media: LinkMedia
    state: ConnectionState
    microphone: DeviceState
    camera: DeviceState
    since: datetime
    deadline: datetime | None = None


class RequestInfo(Wire, frozen=True):
    """An application or an invitation. `user` is the one who would sit; `operator` answered or invited."""

    request_id: str
    kind: RequestKind
    user: UserInfo
    media: LinkMedia
    state: RequestState
    created_at: datetime
    is_present: bool = True
    note: str = ""
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    operator: UserInfo | None = None
    cause: VoidCause | None = None
    reason: RejectReason | None = None
    answer_note: str = ""


class LastConnection(Wire, frozen=True):
    """How somebody's last time on air ended."""

    seat_index: SeatIndex
    end_reason: ConnectionEnd
    ended_at: datetime
    operator: UserInfo | None = None
    reason: RemovalReason | None = None
    note: str = ""


class MyState(Wire, frozen=True):
    """All that the room knows about one person; a page can be drawn from it after any reconnect.

    `request`: the one open application or invitation. `place`: of an application in the queue, 1 is next.
    `canApplyAt`: set when the last answer asks for a pause before the next application.
    """

    user: UserInfo
    request: RequestInfo | None = None
    place: int | None = None
    connection: ConnectedUser | None = None
    last_request: RequestInfo | None = None
    last_connection: LastConnection | None = None
    can_apply_at: datetime | None = None


class Slot(Wire, frozen=True):
    """Which m-lines of the watch offer carry a seat."""

    seat_index: SeatIndex
    audio_mid: str
    video_mid: str


class MediaInfo(Wire, frozen=True):
    """Which media server the page talks to. A new `generation`: it restarted; publish and watch again."""

    family: Literal["sdp"]
    generation: int
    is_up: bool


class ErrorInfo(Wire, frozen=True):
    """`temporary`: the same command may succeed later. `details`: what the code's text promises."""

    code: ErrorCode
    message: str
    temporary: bool
    details: dict[str, str | int | None] = {}


class Result(Wire, frozen=True):
    """What a reply carries besides success; only the fields of the command's kind are set."""

    request: RequestInfo | None = None
    connection: ConnectedUser | None = None
    viewers: tuple[UserInfo, ...] | None = None
    sdp: str | None = None
    watch_id: str | None = None
    slots: tuple[Slot, ...] | None = None


def error_info(code: ErrorCode, details: dict[str, str | int | None] | None = None) -> ErrorInfo:
    """The error as it is told: the code with its text and whether it may pass."""
    text, temporary = ERRORS[code]
    return ErrorInfo(code=code, message=text, temporary=temporary, details=details or {})
