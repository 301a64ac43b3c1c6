"""How long requests wait for an answer: as long as the sender named, else as the room says.

The room's wait of an application runs only while the staff could give its sender a seat, so that nobody times out
before an answer was possible, and begins whole each time. An invitation waits for the invited, which needs no seat.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain.room import Request, RoomState
from micconnect.protocol.words import COME_AGAIN_S, RequestKind, RequestState, RoomStatus

COME_AGAIN = timedelta(seconds=COME_AGAIN_S)


def wait_of(room: RoomState, timeout_s: int | None) -> timedelta | None:
    """How long an answer to a request is waited for; None: for ever."""
    wait_s = room.options.request_timeout_s if timeout_s is None else timeout_s
    return timedelta(seconds=wait_s) if wait_s else None


def expiry(room: RoomState, kind: RequestKind, timeout_s: int | None, now: datetime) -> datetime | None:
    """When a request that is made now times out, before `run` has looked at it; None: for ever, or not known yet."""
    is_rooms = kind is RequestKind.APPLICATION and timeout_s is None
    wait = None if is_rooms else wait_of(room, timeout_s)
    return now + wait if wait else None


def run(room: RoomState, now: datetime) -> RoomState:
    """Starts and stops the room's waits of applications, as the seats that could be given now ask for."""
    free = _seats_to_give(room)
    for request in room.applications():
        # an absent person cannot be seated, one who is held only by a person's word: neither is in others' way
        is_next = free > 0 and request.gone_at is None and not request.is_held
        free -= is_next
        if request.timeout_s is not None:
            continue
        wait = wait_of(room, None) if is_next else None
        if (wait is None) != (request.expires_at is None):
            room = room.put_request(replace(request, expires_at=now + wait if wait else None))
    return room


def _seats_to_give(room: RoomState) -> int:
    """How many people the staff could seat now: none before the show, in a pause, and while nobody leads it."""
    is_led = room.host_away_until is None
    is_on = room.status is RoomStatus.LIVE and not room.options.is_paused and is_led
    return len(room.free_seats()) if is_on else 0


def begin_anew(room: RoomState) -> RoomState:
    """With the room's waits that run taken back; `run` begins them whole."""
    for request in room.applications():
        if request.timeout_s is None and request.expires_at is not None:
            room = room.put_request(replace(request, expires_at=None))
    return room


def lapsed(room: RoomState, user_id: str, now: datetime) -> Request | None:
    """The person's last application if nobody answered it, lately enough to come again to its place in the queue."""
    last = room.last_request_of(user_id)
    is_lapsed = last is not None and (last.kind, last.state) == (RequestKind.APPLICATION, RequestState.TIMEOUT)
    return last if last and last.ended_at and is_lapsed and last.ended_at + COME_AGAIN > now else None
