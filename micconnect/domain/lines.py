"""What the world reports: lines that come and go, media that arrive or stop, the media server itself."""

from datetime import datetime

from msgspec.structs import replace

from micconnect.domain import absence
from micconnect.domain import internal as i
from micconnect.domain.naming import with_name
from micconnect.domain.outcome import Outcome, Rules
from micconnect.domain.room import Actor, Connection, Person, RoomState
from micconnect.domain.transitions import feed_of, settle, stall
from micconnect.protocol.words import Device, DeviceState

OWN = (Device.MICROPHONE, Device.CAMERA)  # what comes on the line of a seat; a screen has one of its own


def socket_up(room: RoomState, actor: Actor, command: i.SocketUp, now: datetime) -> Outcome:
    """Somebody's line is there: nothing of theirs is in danger for it any more."""
    if command.user_id == room.host.user_id:
        room = absence.ends(room)
    if request := room.request_of(command.user_id):
        room = room.put_request(replace(request, gone_at=None))
    if connection := room.connection_of(command.user_id):
        room = room.put_connection(settle(room, replace(connection, has_socket=True), now))
    return Outcome(room=_helper_is(room, command.user_id, is_here=True))


def renamed(room: RoomState, actor: Actor, command: i.Renamed, now: datetime) -> Outcome:
    """The newest name that a door has proven is the person's everywhere in the room. A stranger's is none of its."""
    return Outcome(room=with_name(room, Person(user_id=command.user_id, name=command.name)))


def socket_lost(room: RoomState, actor: Actor, command: i.SocketsLost, now: datetime) -> Outcome:
    """Somebody's last line is gone: seat and request wait SEAT_GRACE, the live waits for its host."""
    return Outcome(room=_lost(room, command.user_id, now))


def _lost(room: RoomState, user_id: str, now: datetime) -> RoomState:
    if user_id == room.host.user_id:
        room = absence.begins(room, now)
    if (request := room.request_of(user_id)) and request.gone_at is None:
        room = room.put_request(replace(request, gone_at=now))
    if connection := room.connection_of(user_id):
        room = room.put_connection(settle(room, replace(connection, has_socket=False), now))
    return _helper_is(room, user_id, is_here=False)


def _helper_is(room: RoomState, user_id: str, *, is_here: bool) -> RoomState:
    """Whether a helper is there matters to a live that is carried on without its host."""
    member = room.member(user_id)
    return room.put_member(replace(member, is_here=is_here)) if member and member.is_moderator else room


def all_sockets_lost(room: RoomState, actor: Actor, command: i.AllSocketsLost, now: datetime) -> Outcome:
    """Every line of the room was cut at once by us: all waits start anew, however long we were away."""
    room = replace(room, host_away_since=None, host_away_until=None)
    for connection in room.connections:
        room = room.put_connection(replace(connection, deadline=None))
    for request in room.requests:
        room = room.put_request(replace(request, gone_at=None))
    seated = {connection.person.user_id for connection in room.connections}
    waiting = {request.person.user_id for request in room.requests}
    helpers = {person.user_id for person in room.moderators()}
    for user_id in {room.host.user_id} | seated | waiting | helpers:
        room = _lost(room, user_id, now)
    return Outcome(room=room)


def media_up(room: RoomState, actor: Actor, command: i.MediaUp, now: datetime) -> Outcome:
    """The media of one connection came."""
    return Outcome(room=_media(room, command.number, has_media=True, now=now))


def media_gone(room: RoomState, actor: Actor, command: i.MediaGone, now: datetime) -> Outcome:
    """The media of one connection went."""
    return Outcome(room=_media(room, command.number, has_media=False, now=now))


def _sender(room: RoomState, feed: int) -> Connection | None:
    """Whose present media the number names."""
    return next((c for c in room.connections if feed_of(c) == feed), None)


def _media(room: RoomState, number: int, *, has_media: bool, now: datetime) -> RoomState:
    connection = _sender(room, number)
    if connection is None:  # the report crossed the end of the connection, or a change of the window
        return room
    if not has_media:  # with the whole of it gone no single device is to blame
        connection = stall(connection, (), OWN)
    return room.put_connection(settle(room, replace(connection, has_media=has_media), now))


def screen_gone(room: RoomState, actor: Actor, command: i.ScreenGone, now: datetime) -> Outcome:
    """A shared screen stopped arriving; a report about an earlier one changes nothing."""
    for connection in room.connections:
        if connection.screen_number == command.number and connection.screen is DeviceState.OPEN:
            room = room.put_connection(connection.with_device(Device.SCREEN, DeviceState.CLOSED))
    return Outcome(room=room)


def media_stalled(room: RoomState, actor: Actor, command: i.MediaStalled, now: datetime) -> Outcome:
    """Which of somebody's microphone and camera are open and bring nothing; late reports change nothing."""
    connection = _sender(room, command.number)
    if connection is not None and connection.has_media:
        room = room.put_connection(stall(connection, command.devices, OWN))
    return Outcome(room=room)


def screen_stalled(room: RoomState, actor: Actor, command: i.ScreenStalled, now: datetime) -> Outcome:
    """Whether anything new comes of a shared screen; a report about an earlier one changes nothing."""
    stalled = (Device.SCREEN,) if command.is_stalled else ()
    for connection in room.connections:
        if connection.screen_number == command.number:
            room = room.put_connection(stall(connection, stalled, (Device.SCREEN,)))
    return Outcome(room=room)


def media_server_lost(room: RoomState, actor: Actor, command: i.MediaServerLost, now: datetime) -> Outcome:
    """The media server went; while it is away no seat is lost for it."""
    return Outcome(room=_media_server(room, is_up=False, now=now))


def media_server_back(room: RoomState, actor: Actor, command: i.MediaServerBack, now: datetime) -> Outcome:
    """The media server came, without any of the former media."""
    return Outcome(room=_media_server(room, is_up=True, now=now))


def _media_server(room: RoomState, *, is_up: bool, now: datetime) -> RoomState:
    """Whoever has no line keeps a running deadline: a server that comes and goes must not keep an empty seat."""
    room = replace(room, has_media_server=is_up)
    for connection in room.connections:
        deadline = None if connection.has_socket else connection.deadline
        connection = replace(connection, has_media=False, stalled=(), deadline=deadline)
        room = room.put_connection(settle(room, connection, now))
    return room


RULES: Rules = {
    i.SocketUp: socket_up,
    i.Renamed: renamed,
    i.SocketsLost: socket_lost,
    i.AllSocketsLost: all_sockets_lost,
    i.MediaUp: media_up,
    i.MediaGone: media_gone,
    i.ScreenGone: screen_gone,
    i.MediaStalled: media_stalled,
    i.ScreenStalled: screen_stalled,
    i.MediaServerLost: media_server_lost,
    i.MediaServerBack: media_server_back,
}
