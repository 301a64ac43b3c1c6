"""What may happen in a room: `decide` takes a room, an actor, a command and the time, and answers or refuses."""

from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.outcome import DeviceLockChanged, Moment, Outcome, Refused, RequestMade
from micconnect.domain.room import HOST_SEAT, Actor, Connection, Person, Request, RoomState
from micconnect.domain.transitions import (
    all_sockets_lost,
    dismiss,
    end_connection,
    end_request,
    media,
    media_server,
    seat,
    socket_lost,
    socket_up,
    tick,
)
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import (
    PENDING_MAX,
    ConnectionEnd,
    Device,
    DeviceState,
    LinkMedia,
    RequestKind,
    RequestState,
    Role,
    RoomEnd,
    RoomStatus,
    VoidCause,
)

COOL_DOWN = {RequestState.CANCELLED: timedelta(seconds=10), RequestState.REJECTED: timedelta(seconds=30)}

STAFF = frozenset({Role.HOST, Role.MODERATOR, Role.ADMIN, Role.SERVER})
MAY_END = {
    Role.HOST: RoomEnd.HOST,
    Role.ADMIN: RoomEnd.MODERATOR,
    Role.SERVER: RoomEnd.SERVER,
}
OURSELVES = frozenset({Role.CLOCK, Role.MEDIA})


def decide(room: RoomState, actor: Actor, command: i.AnyCommand, now: datetime) -> Outcome:
    """What the command makes of the room.

    Returns an Outcome whose room has `seq` + 1, or the very same room when nothing changed.
    Raises Refused with a code; the room then stays as it is.
    """
    outcome = _dispatch(room, actor, command, now)
    changed = replace(outcome.room, invitee=None, seq=room.seq)
    if changed == replace(room, invitee=None):
        return replace(outcome, room=changed)
    return replace(outcome, room=replace(changed, seq=room.seq + 1))


def _dispatch(room: RoomState, actor: Actor, command: i.AnyCommand, now: datetime) -> Outcome:
    match command:
        case c.GoLive():
            return _go_live(room, actor, command, now)
        case c.EndLive():
            return _end_live(room, actor, now)
        case c.Leave():
            return _leave(room, actor, now)
        case c.Apply():
            return _apply(room, actor, command, now)
        case c.CancelApplication():
            return _cancel_application(room, actor, now)
        case c.RespondToApplication():
            return _respond_to_application(room, actor, command, now)
        case c.Invite():
            return _invite(room, actor, command, now)
        case c.CancelInvitation():
            return _cancel_invitation(room, actor, command, now)
        case c.RespondToInvitation():
            return _respond_to_invitation(room, actor, command, now)
        case c.LeaveSeat():
            return _leave_seat(room, actor, now)
        case c.DisconnectUser():
            return _disconnect_user(room, actor, command, now)
        case c.SetDevice():
            return _set_device(room, actor, command)
        case c.LockDevice():
            return _lock_device(room, actor, command)
    _need(actor.role in OURSELVES, ErrorCode.FORBIDDEN)
    match command:
        case i.SocketUp():
            return Outcome(room=socket_up(room, command.user_id, now))
        case i.SocketsLost():
            return Outcome(room=socket_lost(room, command.user_id, now))
        case i.AllSocketsLost():
            return Outcome(room=all_sockets_lost(room, now))
        case i.MediaUp():
            return Outcome(room=media(room, command.number, has_media=True, now=now))
        case i.MediaGone():
            return Outcome(room=media(room, command.number, has_media=False, now=now))
        case i.MediaServerLost():
            return Outcome(room=media_server(room, is_up=False, now=now))
        case i.MediaServerBack():
            return Outcome(room=media_server(room, is_up=True, now=now))
        case i.Tick():
            return tick(room, now)
        case _:
            assert_never(command)


# -- the show ---------------------------------------------------------------------------------------------------------
def _go_live(room: RoomState, actor: Actor, command: c.GoLive, now: datetime) -> Outcome:
    _need(_is_host(room, actor), ErrorCode.FORBIDDEN)
    _need(room.status is not RoomStatus.LIVE, ErrorCode.ALREADY_LIVE)
    _need(room.status is not RoomStatus.ENDED, ErrorCode.ROOM_ENDED)
    room = replace(room, status=RoomStatus.LIVE, live_at=now)
    return seat(room, actor.person, HOST_SEAT, command.media, now)


def _end_live(room: RoomState, actor: Actor, now: datetime) -> Outcome:
    _need(_is_staff(room, actor) and actor.role in MAY_END, ErrorCode.FORBIDDEN)
    _need(room.status is not RoomStatus.ENDED, ErrorCode.ROOM_ENDED)
    return dismiss(room, MAY_END[actor.role], now)


def _leave(room: RoomState, actor: Actor, now: datetime) -> Outcome:
    _need(not _is_host(room, actor), ErrorCode.FORBIDDEN)
    moments: list[Moment] = []
    if request := room.request_of(actor.user_id):
        room, moment = end_request(room, request, RequestState.VOID, now, cause=VoidCause.LEFT)
        moments.append(moment)
    if (connection := room.connection_of(actor.user_id)) and connection.seat_index != HOST_SEAT:
        room, gone = end_connection(room, connection, ConnectionEnd.EXITED, now)
        moments.append(gone)
    return Outcome(room=room, moments=tuple(moments))


# -- audience asks ----------------------------------------------------------------------------------------------------
def _apply(room: RoomState, actor: Actor, command: c.Apply, now: datetime) -> Outcome:
    _need_live(room)
    _need(actor.role in (Role.AUDIENCE, Role.MODERATOR), ErrorCode.FORBIDDEN)
    _need(room.connection_of(actor.user_id) is None, ErrorCode.ALREADY_ON_SEAT)
    if request := room.request_of(actor.user_id):
        raise Refused(ErrorCode.ALREADY_PENDING, request=request)
    if (ready_at := can_apply_at(room, actor.user_id)) and ready_at > now:
        raise Refused(ErrorCode.COOL_DOWN, {"until": ready_at.isoformat()})
    _need(len(room.requests) < PENDING_MAX, ErrorCode.QUEUE_FULL)
    return _add_request(
        room,
        Request(
            number=room.seq + 1,
            kind=RequestKind.APPLICATION,
            person=actor.person,
            media=command.media,
            note=command.note,
            created_at=now,
            expires_at=_expiry(room, command.timeout_s, now),
        ),
    )


def can_apply_at(room: RoomState, user_id: str) -> datetime | None:
    """When a cool-down after a cancelled or rejected application ends (or ended); None without one."""
    last = room.last_request_of(user_id)
    if last is None or last.ended_at is None or last.kind is not RequestKind.APPLICATION:
        return None
    pause = COOL_DOWN.get(last.state)
    return last.ended_at + pause if pause else None


def _cancel_application(room: RoomState, actor: Actor, now: datetime) -> Outcome:
    own = room.request_of(actor.user_id)
    if own is None or own.kind is not RequestKind.APPLICATION:
        own = room.last_request_of(actor.user_id)
    request = _open_request(room, own.request_id if own else "", RequestKind.APPLICATION, now)
    room, moment = end_request(room, request, RequestState.CANCELLED, now)
    return Outcome(room=room, moments=(moment,), request=moment.request)


def _respond_to_application(room: RoomState, actor: Actor, command: c.RespondToApplication, now: datetime) -> Outcome:
    _need(_is_staff(room, actor), ErrorCode.FORBIDDEN)
    request = _open_request(room, command.request_id, RequestKind.APPLICATION, now)
    if command.is_accepted:
        return _accept(room, request, request.media, actor.person, now)
    room, moment = end_request(
        room,
        replace(request, reason=command.reason, answer_note=command.note),
        RequestState.REJECTED,
        now,
        operator=actor.person,
    )
    return Outcome(room=room, moments=(moment,), request=moment.request)


# -- host asks --------------------------------------------------------------------------------------------------------
def _invite(room: RoomState, actor: Actor, command: c.Invite, now: datetime) -> Outcome:
    _need(_is_staff(room, actor), ErrorCode.FORBIDDEN)
    _need_live(room)
    _need(room.connection_of(command.user_id) is None, ErrorCode.ALREADY_ON_SEAT)
    if request := room.request_of(command.user_id):
        raise Refused(ErrorCode.ALREADY_PENDING, request=request)
    if room.invitee is None or room.invitee.user_id != command.user_id:
        raise Refused(ErrorCode.NO_SUCH_USER)
    _need(len(room.requests) < PENDING_MAX, ErrorCode.QUEUE_FULL)
    return _add_request(
        room,
        Request(
            number=room.seq + 1,
            kind=RequestKind.INVITATION,
            person=room.invitee,
            media=command.media,
            operator=actor.person,
            created_at=now,
            expires_at=_expiry(room, command.timeout_s, now),
        ),
    )


def _cancel_invitation(room: RoomState, actor: Actor, command: c.CancelInvitation, now: datetime) -> Outcome:
    _need(_is_staff(room, actor), ErrorCode.FORBIDDEN)
    request = _open_request(room, command.request_id, RequestKind.INVITATION, now)
    room, moment = end_request(room, request, RequestState.CANCELLED, now, operator=actor.person)
    return Outcome(room=room, moments=(moment,), request=moment.request)


def _respond_to_invitation(room: RoomState, actor: Actor, command: c.RespondToInvitation, now: datetime) -> Outcome:
    known = room.find_request(command.request_id)
    # somebody else's invitation and none at all look alike, so that numbers cannot be probed
    _need(known is not None and known.person.user_id == actor.user_id, ErrorCode.NO_SUCH_REQUEST)
    request = _open_request(room, command.request_id, RequestKind.INVITATION, now)
    if command.is_accepted:
        wanted = command.media or request.media
        media = LinkMedia.VIDEO if {wanted, request.media} == {LinkMedia.VIDEO} else LinkMedia.AUDIO
        return _accept(room, request, media, request.operator, now)
    room, moment = end_request(room, request, RequestState.REJECTED, now, operator=request.operator)
    return Outcome(room=room, moments=(moment,), request=moment.request)


# -- on and off the seat ----------------------------------------------------------------------------------------------
def _accept(room: RoomState, request: Request, media: LinkMedia, operator: Person | None, now: datetime) -> Outcome:
    seat_index = room.free_seat()
    if seat_index is None:
        raise Refused(ErrorCode.SEATS_FULL)
    room, moment = end_request(room, replace(request, media=media), RequestState.ACCEPTED, now, operator=operator)
    seated = seat(room, request.person, seat_index, media, now, has_socket=request.gone_at is None)
    return replace(seated, moments=(moment,), request=moment.request)


def _leave_seat(room: RoomState, actor: Actor, now: datetime) -> Outcome:
    connection = _guest(room, actor.user_id)
    room, moment = end_connection(room, connection, ConnectionEnd.EXITED, now)
    return Outcome(room=room, moments=(moment,))


def _disconnect_user(room: RoomState, actor: Actor, command: c.DisconnectUser, now: datetime) -> Outcome:
    _need(_is_staff(room, actor), ErrorCode.FORBIDDEN)
    connection = replace(_guest(room, command.user_id), operator=actor.person, reason=command.reason, note=command.note)
    room, moment = end_connection(room, connection, ConnectionEnd.TERMINATED, now)
    return Outcome(room=room, moments=(moment,))


def _guest(room: RoomState, user_id: str) -> Connection:
    """The person's connection on a guest seat; the host's own seat is left only by ending the live."""
    connection = room.connection_of(user_id)
    if connection is None:
        raise Refused(ErrorCode.NOT_ON_SEAT)
    _need(connection.seat_index != HOST_SEAT, ErrorCode.FORBIDDEN)
    return connection


# -- devices ----------------------------------------------------------------------------------------------------------
def _set_device(room: RoomState, actor: Actor, command: c.SetDevice) -> Outcome:
    connection = room.connection_of(actor.user_id)
    if connection is None:
        raise Refused(ErrorCode.NOT_ON_SEAT)
    if command.is_open:
        is_sound = command.device is Device.MICROPHONE
        _need(is_sound or connection.media is LinkMedia.VIDEO, ErrorCode.AUDIO_ONLY)
        _need(connection.device(command.device) is not DeviceState.LOCKED, ErrorCode.DEVICE_LOCKED)
        connection = _with_device(connection, command.device, DeviceState.OPEN)
    elif connection.device(command.device) is DeviceState.OPEN:
        connection = _with_device(connection, command.device, DeviceState.CLOSED)
    return Outcome(room=room.put_connection(connection), connection=connection)


def _lock_device(room: RoomState, actor: Actor, command: c.LockDevice) -> Outcome:
    _need(_is_staff(room, actor), ErrorCode.FORBIDDEN)
    connection = _guest(room, command.user_id)
    is_locked = connection.device(command.device) is DeviceState.LOCKED
    if is_locked == command.is_locked:
        return Outcome(room=room, connection=connection)
    state = DeviceState.LOCKED if command.is_locked else DeviceState.CLOSED
    connection = _with_device(connection, command.device, state)
    moment = DeviceLockChanged(connection=connection, device=command.device, operator=actor.person)
    return Outcome(room=room.put_connection(connection), moments=(moment,), connection=connection)


def _with_device(connection: Connection, device: Device, state: DeviceState) -> Connection:
    if device is Device.MICROPHONE:
        return replace(connection, microphone=state)
    return replace(connection, camera=state)


# -- shared by the verbs ----------------------------------------------------------------------------------------------
def _need(is_met: bool, code: ErrorCode) -> None:
    if not is_met:
        raise Refused(code)


def _need_live(room: RoomState) -> None:
    _need(room.status is not RoomStatus.ENDED, ErrorCode.ROOM_ENDED)
    _need(room.status is RoomStatus.LIVE, ErrorCode.ROOM_NOT_LIVE)


def _is_host(room: RoomState, actor: Actor) -> bool:
    return actor.role is Role.HOST and actor.user_id == room.host.user_id


def _is_staff(room: RoomState, actor: Actor) -> bool:
    return actor.role in STAFF and (actor.role is not Role.HOST or _is_host(room, actor))


def _open_request(room: RoomState, request_id: str, kind: RequestKind, now: datetime) -> Request:
    request = room.find_request(request_id)
    if request is None or request.kind is not kind:
        raise Refused(ErrorCode.NO_SUCH_REQUEST)
    if request.state is not RequestState.PENDING:
        raise _handled(request)
    if request.expires_at is not None and request.expires_at <= now:  # the clock has not come round yet
        raise _handled(replace(request, state=RequestState.TIMEOUT))
    return request


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


def _expiry(room: RoomState, timeout_s: int | None, now: datetime) -> datetime | None:
    wait_s = room.request_timeout_s if timeout_s is None else timeout_s
    return now + timedelta(seconds=wait_s) if wait_s else None


def _add_request(room: RoomState, request: Request) -> Outcome:
    return Outcome(room=room.put_request(request), moments=(RequestMade(request=request),), request=request)
