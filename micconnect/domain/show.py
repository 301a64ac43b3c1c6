"""The show itself: begin, end, leave, options and metadata."""

from datetime import datetime

from msgspec.structs import replace

from micconnect.domain import absence, changes_of_options, needs, waits
from micconnect.domain.outcome import Moment, Outcome, Refused, Rules
from micconnect.domain.room import HOST_SEAT, Actor, RoomState
from micconnect.domain.transitions import COOL_DOWN, dismiss, end_connection, obey_locks, pause, seat, void_request
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import (
    METADATA_KEYS_MAX,
    ConnectionEnd,
    Layout,
    RequestKind,
    RequestState,
    Role,
    RoomEnd,
    RoomStatus,
    VoidCause,
)
from micconnect.text import is_picture_address

ENDS = {
    Role.HOST: RoomEnd.HOST,
    Role.MODERATOR: RoomEnd.MODERATOR,
    Role.ADMIN: RoomEnd.MODERATOR,
    Role.SERVER: RoomEnd.SERVER,
}


def go_live(room: RoomState, actor: Actor, command: c.GoLive, now: datetime) -> Outcome:
    """The host opens the show."""
    needs.need(needs.is_host(room, actor), ErrorCode.FORBIDDEN)
    needs.need(room.status is not RoomStatus.LIVE, ErrorCode.ALREADY_LIVE)
    needs.need_not_ended(room)
    room = replace(room, status=RoomStatus.LIVE, live_at=now)
    if not room.options.keep_owner_on_seat:
        return Outcome(room=room)
    return seat(room, actor.person, HOST_SEAT, command.media, now, window=actor.window)


def end_live(room: RoomState, actor: Actor, command: c.EndLive, now: datetime) -> Outcome:
    """The host, an admin or the company's server ends it; of the helpers only who carries it on without the host."""
    needs.need_staff(room, actor)
    carrier = absence.carrier(room)
    is_carrier = carrier is not None and carrier.user_id == actor.user_id
    needs.need(actor.role in needs.OWNERS or is_carrier, ErrorCode.FORBIDDEN)
    needs.need_not_ended(room)
    return dismiss(room, ENDS[actor.role], now)


def leave(room: RoomState, actor: Actor, command: c.Leave, now: datetime) -> Outcome:
    """A viewer goes: seat and request are given up. The host's seat stays the host's.

    Giving up an application by leaving is withdrawing it: the same pause follows.
    """
    needs.need(not needs.is_host(room, actor), ErrorCode.FORBIDDEN)
    moments: list[Moment]
    request = room.request_of(actor.user_id)
    room, moments = void_request(room, actor.user_id, VoidCause.LEFT, now)
    if request and request.kind is RequestKind.APPLICATION:
        room = pause(room, request.person, COOL_DOWN[RequestState.CANCELLED], now)
    if (connection := room.connection_of(actor.user_id)) and connection.seat_index != HOST_SEAT:
        room, gone = end_connection(room, connection, ConnectionEnd.EXITED, now)
        moments.append(gone)
    return Outcome(room=room, moments=tuple(moments))


def update_room(room: RoomState, actor: Actor, command: c.UpdateRoom, now: datetime) -> Outcome:
    """The staff changes options, which others may feel. Refused when somebody sits on a seat that would be gone."""
    needs.need_staff(room, actor)
    needs.need_not_ended(room)
    given = {name: getattr(command, name) for name in RoomOptions.__struct_fields__}
    needs.need(command.title != "", ErrorCode.BLANK_TEXT)
    needs.need(is_picture_address(command.cover or ""), ErrorCode.BAD_COVER)
    options = replace(room.options, **{name: value for name, value in given.items() if value is not None})
    is_turned = (options.layout is Layout.LANDSCAPE) != (room.options.layout is Layout.LANDSCAPE)
    needs.need(not is_turned or room.status is not RoomStatus.LIVE, ErrorCode.LAYOUT_FROZEN)
    is_wait_other = options.request_timeout_s != room.options.request_timeout_s
    room = absence.wait_changed(room, options.host_away_s - room.options.host_away_s)
    room = replace(room, options=options)
    outside = sum(guest.seat_index > room.seat_count for guest in room.guests())
    if outside:
        raise Refused(ErrorCode.SEATS_OCCUPIED, {"guests": outside, "seatCount": room.seat_count})
    for guest in room.guests():  # who may open what can be another matter now
        room = room.put_connection(obey_locks(room, guest))
    room, moments = changes_of_options.follow(waits.begin_anew(room) if is_wait_other else room, now)
    return Outcome(room=room, moments=tuple(moments))


def set_metadata(room: RoomState, actor: Actor, command: c.SetMetadata, now: datetime) -> Outcome:
    """The staff sets or removes entries that the room only keeps and shows."""
    needs.need_staff(room, actor)
    needs.need_not_ended(room)
    needs.need("" not in command.entries, ErrorCode.BLANK_TEXT)
    entries = dict(room.metadata) | {key: value for key, value in command.entries.items() if value is not None}
    for key, value in command.entries.items():
        if value is None:
            entries.pop(key, None)
    if len(entries) > METADATA_KEYS_MAX:
        raise Refused(ErrorCode.METADATA_FULL, {"limit": METADATA_KEYS_MAX})
    return Outcome(room=replace(room, metadata=tuple(sorted(entries.items()))))


RULES: Rules = {
    c.GoLive: go_live,
    c.EndLive: end_live,
    c.Leave: leave,
    c.UpdateRoom: update_room,
    c.SetMetadata: set_metadata,
}
