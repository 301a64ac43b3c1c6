"""The moves that need no permission: taking and leaving seats, ends, lines, media and deadlines."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain.outcome import ConnectionEnded, Dismissed, Moment, Outcome, RequestEnded
from micconnect.domain.room import HOST_SEAT, Connection, Person, Request, RoomState
from micconnect.protocol.words import (
    ConnectionEnd,
    ConnectionState,
    DeviceState,
    LinkMedia,
    RequestState,
    RoomEnd,
    RoomStatus,
    VoidCause,
)

SEAT_GRACE = timedelta(seconds=30)
HOST_AWAY = timedelta(seconds=120)


def seat(
    room: RoomState, person: Person, seat_index: int, media: LinkMedia, now: datetime, *, has_socket: bool = True
) -> Outcome:
    """Puts somebody on a seat, `joining` until sound or picture arrives. The number is the change's own."""
    connection = Connection(
        number=room.seq + 1,
        person=person,
        seat_index=seat_index,
        media=media,
        started_at=now,
        microphone=DeviceState.OPEN,
        camera=DeviceState.OPEN if media is LinkMedia.VIDEO else DeviceState.CLOSED,
        has_socket=has_socket,
    )
    connection = settle(room, connection, now)
    return Outcome(room=room.put_connection(connection), connection=connection)


def end_request(
    room: RoomState,
    request: Request,
    state: RequestState,
    now: datetime,
    *,
    operator: Person | None = None,
    cause: VoidCause | None = None,
) -> tuple[RoomState, RequestEnded]:
    """Ends an open request with its outcome."""
    ended = replace(
        request,
        state=state,
        ended_at=now,
        ended_seq=room.seq + 1,
        gone_at=None,
        operator=operator or request.operator,
        cause=cause,
    )
    return room.put_request(ended), RequestEnded(request=ended)


def end_connection(
    room: RoomState, connection: Connection, reason: ConnectionEnd, now: datetime
) -> tuple[RoomState, ConnectionEnded]:
    """Ends a connection; the seat is free."""
    ended = replace(
        connection,
        state=ConnectionState.ENDED,
        ended_at=now,
        ended_seq=room.seq + 1,
        end_reason=reason,
        has_media=False,
        has_socket=False,
        deadline=None,
    )
    return room.put_connection(ended), ConnectionEnded(connection=ended)


def dismiss(room: RoomState, reason: RoomEnd, now: datetime) -> Outcome:
    """Ends the show: requests become void, everybody leaves the seats."""
    moments: list[Moment] = []
    for request in room.requests:
        room, moment = end_request(room, request, RequestState.VOID, now, cause=VoidCause.ROOM_ENDED)
        moments.append(moment)
    for connection in room.connections:
        room, gone = end_connection(room, connection, ConnectionEnd.DISMISSED, now)
        moments.append(gone)
    room = replace(room, status=RoomStatus.ENDED, ended_at=now, end_reason=reason, host_away_until=None)
    return Outcome(room=room, moments=(*moments, Dismissed(reason=reason)))


def socket_up(room: RoomState, user_id: str, now: datetime) -> RoomState:
    """Somebody's line is there: nothing of theirs is in danger for it any more."""
    if user_id == room.host.user_id:
        room = replace(room, host_away_until=None)
    if request := room.request_of(user_id):
        room = room.put_request(replace(request, gone_at=None))
    if connection := room.connection_of(user_id):
        room = room.put_connection(settle(room, replace(connection, has_socket=True), now))
    return room


def socket_lost(room: RoomState, user_id: str, now: datetime) -> RoomState:
    """Somebody's last line is gone: seat and request wait SEAT_GRACE, the live waits HOST_AWAY for its host."""
    if user_id == room.host.user_id and room.status is RoomStatus.LIVE and room.host_away_until is None:
        room = replace(room, host_away_until=now + HOST_AWAY)
    if (request := room.request_of(user_id)) and request.gone_at is None:
        room = room.put_request(replace(request, gone_at=now))
    if connection := room.connection_of(user_id):
        room = room.put_connection(settle(room, replace(connection, has_socket=False), now))
    return room


def all_sockets_lost(room: RoomState, now: datetime) -> RoomState:
    """Every line of the room was cut at once by us: all waits start anew, however long we were away."""
    room = replace(room, host_away_until=None)
    for connection in room.connections:
        room = room.put_connection(replace(connection, deadline=None))
    for request in room.requests:
        room = room.put_request(replace(request, gone_at=None))
    seated = {connection.person.user_id for connection in room.connections}
    waiting = {request.person.user_id for request in room.requests}
    for user_id in {room.host.user_id} | seated | waiting:
        room = socket_lost(room, user_id, now)
    return room


def media(room: RoomState, number: int, *, has_media: bool, now: datetime) -> RoomState:
    """The media of one connection came or went. Reports about ended connections change nothing."""
    connection = room.connection(number)
    if connection is None:  # the report crossed the end of the connection
        return room
    return room.put_connection(settle(room, replace(connection, has_media=has_media), now))


def media_server(room: RoomState, *, is_up: bool, now: datetime) -> RoomState:
    """The media server went or came back, without any of the former media. While it is away no seat is lost for it.

    Whoever has no line keeps a running deadline: a media server that comes and goes must not keep an empty seat.
    """
    room = replace(room, has_media_server=is_up)
    for connection in room.connections:
        deadline = None if connection.has_socket else connection.deadline
        room = room.put_connection(settle(room, replace(connection, has_media=False, deadline=deadline), now))
    return room


def settle(room: RoomState, connection: Connection, now: datetime) -> Connection:
    """State and deadline that follow from socket and media; a running deadline is kept."""
    if connection.has_socket and connection.has_media:
        live_at = connection.live_at or now
        return replace(connection, state=ConnectionState.LIVE, live_at=live_at, deadline=None)
    state = ConnectionState.RECONNECTING if connection.live_at else ConnectionState.JOINING
    is_own_fault = not connection.has_socket or room.has_media_server
    if connection.seat_index == HOST_SEAT or not is_own_fault:
        return replace(connection, state=state, deadline=None)
    return replace(connection, state=state, deadline=connection.deadline or now + SEAT_GRACE)


def tick(room: RoomState, now: datetime) -> Outcome:
    """Carries out all deadlines that have passed, in one change."""
    moments: list[Moment] = []
    for request in room.requests:
        if request.expires_at is not None and request.expires_at <= now:
            room, moment = end_request(room, request, RequestState.TIMEOUT, now)
            moments.append(moment)
        elif request.gone_at is not None and request.gone_at + SEAT_GRACE <= now:
            room, moment = end_request(room, request, RequestState.VOID, now, cause=VoidCause.LEFT)
            moments.append(moment)
    for connection in room.connections:
        if connection.deadline is not None and connection.deadline <= now:
            is_joining = connection.state is ConnectionState.JOINING and connection.has_socket
            reason = ConnectionEnd.MEDIA_FAILED if is_joining else ConnectionEnd.LOST
            room, gone = end_connection(room, connection, reason, now)
            moments.append(gone)
    if room.host_away_until is not None and room.host_away_until <= now:
        dismissed = dismiss(room, RoomEnd.HOST_AWAY, now)
        return replace(dismissed, moments=(*moments, *dismissed.moments))
    return Outcome(room=room, moments=tuple(moments))


def next_deadline(room: RoomState) -> datetime | None:
    """When the next Tick has something to do; None when nothing waits."""
    deadlines = [r.expires_at for r in room.requests]
    deadlines += [r.gone_at + SEAT_GRACE for r in room.requests if r.gone_at]
    deadlines += [x.deadline for x in room.connections]
    deadlines.append(room.host_away_until)
    return min((d for d in deadlines if d is not None), default=None)
