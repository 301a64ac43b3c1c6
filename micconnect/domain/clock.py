"""Deadlines: when the next one is, and what happens when they have passed."""

from datetime import datetime

from msgspec.structs import replace

from micconnect.domain import absence
from micconnect.domain import internal as i
from micconnect.domain.outcome import Moment, Outcome, Rules, SanctionEnded
from micconnect.domain.queue import accept_next
from micconnect.domain.room import Actor, Connection, RoomState
from micconnect.domain.transitions import SEAT_GRACE, dismiss, end_connection, end_request
from micconnect.protocol.words import ConnectionEnd, ConnectionState, RequestState, SeatMode, VoidCause


def tick(room: RoomState, actor: Actor, command: i.Tick, now: datetime) -> Outcome:
    """Carries out all deadlines that have passed, in one change."""
    moments: list[Moment] = []
    room = _requests(room, now, moments)
    room = _sanctions(room, now, moments)
    room = replace(room, links=tuple(link for link in room.links if link.expires_at > now))
    room = _connections(room, now, moments)
    if absence.is_over(room, now):
        dismissed = dismiss(room, absence.reason(room), now)
        return replace(dismissed, moments=(*moments, *dismissed.moments))
    return Outcome(room=room, moments=tuple(moments))


def _requests(room: RoomState, now: datetime, moments: list[Moment]) -> RoomState:
    for request in room.requests:
        if request.expires_at is not None and request.expires_at <= now:
            room, moment = end_request(room, request, RequestState.TIMEOUT, now)
            moments.append(moment)
        elif request.gone_at is not None and request.gone_at + SEAT_GRACE <= now:
            room, moment = end_request(room, request, RequestState.VOID, now, cause=VoidCause.LEFT)
            moments.append(moment)
    return room


def _sanctions(room: RoomState, now: datetime, moments: list[Moment]) -> RoomState:
    for sanction in room.sanctions:
        if sanction.until is not None and sanction.until <= now:
            room = room.drop_sanction(sanction)
            moments.append(SanctionEnded(sanction=sanction))
    return room


def _connections(room: RoomState, now: datetime, moments: list[Moment]) -> RoomState:
    for connection in room.connections:
        reason = _end_reason(connection, now)
        if reason is None:
            continue
        room, gone = end_connection(room, connection, reason, now)
        moments.append(gone)
        is_rotated = reason is ConnectionEnd.TIME_UP and room.options.is_rotating and _may_ask(room)
        if is_rotated and (following := accept_next(room, room.host, now, with_held=False)):
            room = following.room
            moments += following.moments
    return room


def _may_ask(room: RoomState) -> bool:
    """Where nobody may ask for a seat (any more), the room gives none away by itself."""
    return room.options.seat_mode is SeatMode.APPLY


def _end_reason(connection: Connection, now: datetime) -> ConnectionEnd | None:
    if connection.deadline is not None and connection.deadline <= now:
        is_joining = connection.state is ConnectionState.JOINING and connection.has_socket
        return ConnectionEnd.MEDIA_FAILED if is_joining else ConnectionEnd.LOST
    if connection.ends_at is not None and connection.ends_at <= now:
        return ConnectionEnd.TIME_UP
    return None


def next_deadline(room: RoomState) -> datetime | None:
    """When the next Tick has something to do; None when nothing waits."""
    deadlines = [r.expires_at for r in room.requests]
    deadlines += [r.gone_at + SEAT_GRACE for r in room.requests if r.gone_at]
    deadlines += [x.deadline for x in room.connections]
    deadlines += [x.ends_at for x in room.connections]
    deadlines += [s.until for s in room.sanctions]
    deadlines += [link.expires_at for link in room.links]
    deadlines.append(room.host_away_until)
    return min((d for d in deadlines if d is not None), default=None)


RULES: Rules = {i.Tick: tick}
