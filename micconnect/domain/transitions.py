"""The moves that need no permission: taking and leaving seats, and the ends of requests, connections and the show."""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain.outcome import ConnectionEnded, Dismissed, Moment, Outcome, RequestEnded
from micconnect.domain.room import HOST_SEAT, Connection, Person, Request, RoomState
from micconnect.protocol.words import (
    TIME_LIMIT_MIN_S,
    ConnectionEnd,
    ConnectionState,
    Device,
    DeviceState,
    Entry,
    LinkMedia,
    RequestKind,
    RequestState,
    RoomEnd,
    RoomStatus,
    VoidCause,
)

SEAT_GRACE = timedelta(seconds=30)
COOL_DOWN = {RequestState.CANCELLED: timedelta(seconds=10), RequestState.REJECTED: timedelta(seconds=30)}
OWN_GOING = (ConnectionEnd.EXITED, ConnectionEnd.LOST, ConnectionEnd.MEDIA_FAILED)


def seat(
    room: RoomState,
    person: Person,
    seat_index: int,
    media: LinkMedia,
    now: datetime,
    *,
    window: str,
    entry: Entry = Entry.OPEN,
    has_socket: bool = True,
    is_given: bool = False,
) -> Outcome:
    """Puts somebody on a seat, `joining` until sound or picture arrives.

    The devices begin as `entry` says, unless the seat or the staff locks them: nobody is heard by another's doing.
    `window` is the one that may publish; nobody's if it is empty, until one of them says `bringHere`. `is_given`: a
    person of the staff gives this turn, which begins whole and where every turn does. Who comes back by themselves
    goes on with the time that was left to them, and behind the stage if they were sent there.
    """
    is_guest = seat_index != HOST_SEAT
    member = room.known(person)
    if is_given:
        member = replace(member, left_s=0, is_backstage=False, is_held=False)
    has_camera = entry is not Entry.CLOSED and media is LinkMedia.VIDEO
    is_muted = is_guest and (room.options.is_arriving_muted or not room.options.may_unmute)
    connection = Connection(
        number=room.last_number + 1,
        person=person,
        seat_index=seat_index,
        media=media,
        started_at=now,
        microphone=DeviceState.OPEN if entry is Entry.OPEN and not is_muted else DeviceState.CLOSED,
        camera=DeviceState.OPEN if has_camera else DeviceState.CLOSED,
        has_socket=has_socket,
        is_backstage=is_guest and (room.options.has_backstage or member.is_backstage),
        limit_s=(member.left_s or member.limit_s or room.options.time_limit_s) if is_guest else 0,
        window=window,
    )
    connection = settle(room, obey_locks(room, connection), now)
    room = replace(room, last_number=connection.number).put_connection(connection)
    if is_guest:
        room = room.put_member(replace(member, turns=member.turns + 1, left_s=0))
    return Outcome(room=room, connection=connection)


def obey_locks(room: RoomState, connection: Connection) -> Connection:
    """With every device closed that the seat or the staff locks, so that it stays closed when the lock is lifted.

    Nobody asks for a lock to be lifted that is gone, nor is asked to open what is locked.
    """
    for device in Device:
        is_locked = room.device_state(connection, device) is DeviceState.LOCKED
        if is_locked and connection.device(device) is DeviceState.OPEN:
            shut = (*connection.shut, device)
            connection = replace(connection.with_device(device, DeviceState.CLOSED), shut=shut)
        if connection.asks is device and not is_locked:
            connection = replace(connection, asks=None)
        if connection.asked is device and is_locked:
            connection = replace(connection, asked=None)
    return connection


def feed_of(connection: Connection) -> int:
    """Names what the window on air sends: reports about what another one sent before mean nothing any more."""
    return connection.feed_number or connection.number


def stall(connection: Connection, stalled: Container[Device], among: Iterable[Device]) -> Connection:
    """With those of `among` bringing nothing that are `stalled` and open; what is closed need not bring anything."""
    silent = {d for d in among if d in stalled and connection.device(d) is DeviceState.OPEN}
    kept = set(connection.stalled).difference(among)
    return replace(connection, stalled=tuple(d for d in Device if d in kept | silent))


def settle(room: RoomState, connection: Connection, now: datetime) -> Connection:
    """State, deadline and time on the stage as they follow from socket and media; a running deadline is kept."""
    if connection.has_socket and connection.has_media:
        live_at = connection.live_at or now
        return _air(replace(connection, state=ConnectionState.LIVE, live_at=live_at, deadline=None), now)
    state = ConnectionState.RECONNECTING if connection.live_at else ConnectionState.JOINING
    is_own_fault = not connection.has_socket or room.has_media_server
    if connection.seat_index == HOST_SEAT or not is_own_fault:
        return replace(connection, state=state, deadline=None)
    return replace(connection, state=state, deadline=connection.deadline or now + SEAT_GRACE)


def _air(connection: Connection, now: datetime) -> Connection:
    """The time on the stage begins with the first sound or picture that everybody gets, and runs through gaps."""
    if connection.is_backstage or connection.aired_at:
        return connection
    ends_at = now + timedelta(seconds=connection.limit_s) if connection.limit_s else None
    return replace(connection, aired_at=now, ends_at=ends_at)


def unair(connection: Connection, now: datetime) -> Connection:
    """Off the stage: the time there is added up, the limit begins anew with the next time."""
    if connection.aired_at is None:
        return connection
    seconds = max(0, int((now - connection.aired_at).total_seconds()))  # a command may reach the room late
    spoken_s = connection.spoken_s + seconds
    return replace(connection, spoken_s=spoken_s, aired_at=None, ends_at=None)


def end_request(
    room: RoomState,
    request: Request,
    state: RequestState,
    now: datetime,
    *,
    operator: Person | None = None,
    cause: VoidCause | None = None,
) -> tuple[RoomState, RequestEnded]:
    """Ends an open request with its outcome. After some an applicant has to pause before asking again."""
    ended = replace(
        request,
        state=state,
        ended_at=now,
        ended_seq=room.seq + 1,
        gone_at=None,
        operator=operator or request.operator,
        cause=cause,
    )
    room = room.put_request(ended)
    if ended.kind is RequestKind.APPLICATION:
        room = pause(room, ended.person, COOL_DOWN.get(state), now)
        if state is RequestState.REJECTED:
            member = room.known(ended.person)
            room = room.put_member(replace(member, refusals=member.refusals + 1))
    return room, RequestEnded(request=ended)


def pause(room: RoomState, person: Person, cool_down: timedelta | None, now: datetime) -> RoomState:
    """No application of this person before the cool-down is over; None: at any time."""
    can_apply_at = now + cool_down if cool_down else None
    if can_apply_at is None and room.member(person.user_id) is None:
        return room
    return room.put_member(replace(room.known(person), can_apply_at=can_apply_at))


def end_connection(
    room: RoomState,
    connection: Connection,
    reason: ConnectionEnd,
    now: datetime,
    *,
    operator: Person | None = None,
) -> tuple[RoomState, ConnectionEnded]:
    """Ends a connection: the seat is free, and a guest's time on the stage is remembered."""
    ended = replace(
        unair(connection, now),
        state=ConnectionState.ENDED,
        screen=DeviceState.CLOSED,
        ended_at=now,
        ended_seq=room.seq + 1,
        end_reason=reason,
        operator=operator or connection.operator,
        has_media=False,
        has_socket=False,
        stalled=(),
        shut=(),
        deadline=None,
        asks=None,
        asked=None,
    )
    user_id = ended.person.user_id
    room = room.put_connection(ended)
    if ended.seat_index != HOST_SEAT:
        member = room.known(ended.person)
        left_s = _left_s(connection, now) if member.limit_s and reason in OWN_GOING else 0
        room = room.put_member(replace(member, spoken_s=member.spoken_s + ended.spoken_s, left_s=left_s))
    if room.spotlight == user_id:
        room = replace(room, spotlight=None)
    return room, ConnectionEnded(connection=ended)


def _left_s(connection: Connection, now: datetime) -> int:
    """The time that a guest who goes leaves unused, and at least the shortest limit there is."""
    left = connection.ends_at - now if connection.ends_at else timedelta(seconds=connection.limit_s)
    return max(int(left.total_seconds()), TIME_LIMIT_MIN_S)


def void_request(
    room: RoomState, user_id: str, cause: VoidCause, now: datetime, *, operator: Person | None = None
) -> tuple[RoomState, list[Moment]]:
    """Ends the person's open request, if there is one, unanswered."""
    request = room.request_of(user_id)
    if request is None:
        return room, []
    room, moment = end_request(room, request, RequestState.VOID, now, operator=operator, cause=cause)
    return room, [moment]


def dismiss(room: RoomState, reason: RoomEnd, now: datetime) -> Outcome:
    """Ends the show: requests become void, everybody leaves the seats, links lead nowhere any more."""
    moments: list[Moment] = []
    for request in room.requests:
        room, moment = end_request(room, request, RequestState.VOID, now, cause=VoidCause.ROOM_ENDED)
        moments.append(moment)
    for connection in room.connections:
        room, gone = end_connection(room, connection, ConnectionEnd.DISMISSED, now)
        moments.append(gone)
    room = replace(room, status=RoomStatus.ENDED, ended_at=now, end_reason=reason, links=())
    room = replace(room, host_away_since=None, host_away_until=None, carrier=None)
    return Outcome(room=room, moments=(*moments, Dismissed(reason=reason)))
