"""What the verbs ask before they act: rights, the state of the show, seats and requests, each with its refusal."""

from datetime import datetime

from msgspec.structs import replace

from micconnect.domain.naming import known
from micconnect.domain.outcome import Refused
from micconnect.domain.room import HOST_SEAT, Actor, Connection, Person, Request, RoomState
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import (
    ANY_SEAT,
    LinkMedia,
    RequestKind,
    RequestState,
    Role,
    RoomStatus,
    SanctionKind,
)

STAFF = frozenset({Role.HOST, Role.MODERATOR, Role.ADMIN, Role.SERVER})
OWNERS = frozenset({Role.HOST, Role.ADMIN, Role.SERVER})
OURSELVES = frozenset({Role.CLOCK, Role.MEDIA})


def need(is_met: bool, code: ErrorCode) -> None:
    """Refuses with `code` unless the condition is met."""
    if not is_met:
        raise Refused(code)


def is_host(room: RoomState, actor: Actor) -> bool:
    return actor.role is Role.HOST and actor.user_id == room.host.user_id


def need_staff(room: RoomState, actor: Actor) -> None:
    """The host of this very room, its helpers, the site's admins and the company's server."""
    need(actor.role in STAFF and (actor.role is not Role.HOST or is_host(room, actor)), ErrorCode.FORBIDDEN)


def need_owner(room: RoomState, actor: Actor) -> None:
    """The staff without the helpers."""
    need_staff(room, actor)
    need(actor.role in OWNERS, ErrorCode.FORBIDDEN)


def need_not_ended(room: RoomState) -> None:
    need(room.status is not RoomStatus.ENDED, ErrorCode.ROOM_ENDED)


def need_live(room: RoomState) -> None:
    need_not_ended(room)
    need(room.status is RoomStatus.LIVE, ErrorCode.ROOM_NOT_LIVE)


def need_not_banned(room: RoomState, user_id: str, now: datetime) -> None:
    """Not banned from the room. The refusal says until when, and why."""
    _need_no_sanction(room, user_id, SanctionKind.ROOM_BAN, ErrorCode.BANNED, now)


def need_not_barred(room: RoomState, user_id: str, now: datetime) -> None:
    """Neither banned from the room nor barred from the mic. The refusal says until when, and why."""
    need_not_banned(room, user_id, now)
    _need_no_sanction(room, user_id, SanctionKind.MIC_BAR, ErrorCode.BARRED, now)


def _need_no_sanction(room: RoomState, user_id: str, kind: SanctionKind, code: ErrorCode, now: datetime) -> None:
    if sanction := room.sanction(user_id, kind, now):
        until = sanction.until.isoformat() if sanction.until else None
        raise Refused(code, {"until": until, "reason": sanction.reason.value})


def need_named(room: RoomState, actor: Actor) -> None:
    """Known by a name of the person's own choice, unless the room lets guests on air under made-up ones."""
    need(actor.is_named or room.options.allows_unnamed, ErrorCode.NAME_REQUIRED)


def need_off_seat(room: RoomState, user_id: str) -> None:
    """On no seat, and not the host, who sits on seat 0 only."""
    need(room.connection_of(user_id) is None, ErrorCode.ALREADY_ON_SEAT)
    need(user_id != room.host.user_id, ErrorCode.FORBIDDEN)


def need_free_person(room: RoomState, user_id: str) -> None:
    """Neither on a seat nor with an open request, which the refusal carries."""
    need_off_seat(room, user_id)
    if request := room.request_of(user_id):
        raise Refused(ErrorCode.ALREADY_PENDING, request=request)


def need_not_held(room: RoomState, user_id: str) -> None:
    """Not returned to the queue by the staff, which then gives the next turn itself."""
    member = room.member(user_id)
    need(member is None or not member.is_held, ErrorCode.HELD)


def guest(room: RoomState, user_id: str) -> Connection:
    """The person's connection on a guest seat; the host's own seat is not the staff's to change."""
    connection = on_air(room, user_id)
    need(connection.seat_index != HOST_SEAT, ErrorCode.FORBIDDEN)
    return connection


def on_air(room: RoomState, user_id: str) -> Connection:
    """The person's connection, the host's too."""
    connection = room.connection_of(user_id)
    if connection is None:
        raise Refused(ErrorCode.NOT_ON_SEAT)
    return connection


def need_seat(room: RoomState, seat_index: int) -> None:
    """A guest seat that the room has now."""
    need(HOST_SEAT < seat_index <= room.seat_count, ErrorCode.NO_SUCH_SEAT)


def need_unlocked(room: RoomState, seat_index: int) -> None:
    need_seat(room, seat_index)
    need(not room.seats[seat_index].is_locked, ErrorCode.SEAT_LOCKED)


def pick_seat(room: RoomState, wanted: int) -> int:
    """The wanted guest seat, which must be free; for ANY_SEAT the lowest free one."""
    if wanted == ANY_SEAT:
        free = room.free_seats()
        need(bool(free), ErrorCode.SEATS_FULL)
        return free[0]
    need_unlocked(room, wanted)
    if occupant := room.occupant(wanted):
        raise Refused(ErrorCode.SEAT_TAKEN, {"by": occupant.person.name})
    return wanted


def allowed_media(room: RoomState, *wishes: LinkMedia | None) -> LinkMedia:
    """By picture only if everybody concerned wants it and the room shows pictures."""
    return LinkMedia.AUDIO if room.is_audio_only or LinkMedia.AUDIO in wishes else LinkMedia.VIDEO


def open_request(room: RoomState, request_id: str, kind: RequestKind, now: datetime) -> Request:
    """The open request; one that has ended is refused with how it ended and by whom."""
    request = room.find_request(request_id)
    if request is None or request.kind is not kind:
        raise Refused(ErrorCode.NO_SUCH_REQUEST)
    if request.state is not RequestState.PENDING:
        raise _handled(request)
    if is_expired(request, now):  # the clock has not come round yet
        raise _handled(replace(request, state=RequestState.TIMEOUT))
    return request


def is_expired(request: Request, now: datetime) -> bool:
    return request.expires_at is not None and request.expires_at <= now


def _handled(request: Request) -> Refused:
    by = _handler(request)
    details: dict[str, str | int | None] = {"outcome": request.state.value, "by": by.name if by else None}
    return Refused(ErrorCode.ALREADY_HANDLED, details, request=request)


def _handler(request: Request) -> Person | None:
    """Who ended the request: the answering or the withdrawing side; nobody for a time-out or a void."""
    if request.state in (RequestState.TIMEOUT, RequestState.VOID):
        return None
    is_application = request.kind is RequestKind.APPLICATION
    is_withdrawn = request.state is RequestState.CANCELLED
    return request.person if is_application == is_withdrawn else request.operator


def somebody(room: RoomState, user_id: str) -> Person:
    """The person, present or known from before. Refused with NO_SUCH_USER for a stranger."""
    if room.invitee is not None and room.invitee.user_id == user_id:
        return room.invitee
    found = known(room, user_id)
    if found is None:
        raise Refused(ErrorCode.NO_SUCH_USER)
    return found


def present(room: RoomState, user_id: str) -> Person:
    """The person, who must be in the room now. Refused with NO_SUCH_USER."""
    if room.invitee is None or room.invitee.user_id != user_id:
        raise Refused(ErrorCode.NO_SUCH_USER)
    return room.invitee
