"""Room values as the wire shows them."""

from datetime import datetime

from micconnect.domain.room import Connection, Person, Request, RoomState
from micconnect.domain.rules import can_apply_at
from micconnect.protocol import views as v
from micconnect.protocol.words import ConnectionEnd, RequestKind


def user_info(person: Person) -> v.UserInfo:
    return v.UserInfo(user_id=person.user_id, user_name=person.name)


def live_info(room: RoomState) -> v.LiveInfo:
    return v.LiveInfo(
        room_id=room.slug,
        title=room.title,
        status=room.status,
        host=user_info(room.host),
        seat_count=room.seat_count,
        request_timeout_s=room.request_timeout_s,
        live_since=room.live_at,
        ended_at=room.ended_at,
        end_reason=room.end_reason,
        host_away_until=room.host_away_until,
    )


def connected_user(connection: Connection) -> v.ConnectedUser:
    return v.ConnectedUser(
        user_id=connection.person.user_id,
        user_name=connection.person.name,
        seat_index=connection.seat_index,
        connection_id=connection.connection_id,
        media=connection.media,
        state=connection.state,
        microphone=connection.microphone,
        camera=connection.camera,
        since=connection.live_at or connection.started_at,
        deadline=connection.deadline,
    )


def connected_users(room: RoomState) -> tuple[v.ConnectedUser, ...]:
    """Everybody on a seat, by seat."""
    return tuple(connected_user(c) for c in sorted(room.connections, key=lambda c: c.seat_index))


def request_info(request: Request) -> v.RequestInfo:
    return v.RequestInfo(
        request_id=request.request_id,
        kind=request.kind,
        user=user_info(request.person),
        media=request.media,
        state=request.state,
        created_at=request.created_at,
        is_present=request.gone_at is None,
        note=request.note,
        expires_at=request.expires_at,
        ended_at=request.ended_at,
        operator=user_info(request.operator) if request.operator else None,
        cause=request.cause,
        reason=request.reason,
        answer_note=request.answer_note,
    )


def requests(room: RoomState) -> tuple[v.RequestInfo, ...]:
    """The open requests, in the order of the queue."""
    return tuple(request_info(r) for r in room.requests)


def last_connection(connection: Connection) -> v.LastConnection:
    """How a time on air ended. Only an ended connection has such a view."""
    return v.LastConnection(
        seat_index=connection.seat_index,
        end_reason=connection.end_reason or ConnectionEnd.LOST,
        ended_at=connection.ended_at or connection.started_at,
        operator=user_info(connection.operator) if connection.operator else None,
        reason=connection.reason,
        note=connection.note,
    )


class Picture:
    """One room, indexed by person, so that the own state of many people costs little."""

    def __init__(self, room: RoomState) -> None:
        self.room = room
        self.requests = {r.person.user_id: r for r in room.requests}
        self.places = {r.person.user_id: place for place, r in enumerate(room.applications(), start=1)}
        self.connections = {c.person.user_id: c for c in room.connections}
        self.last_requests = {r.person.user_id: r for r in room.ended_requests}
        self.last_connections = {c.person.user_id: c for c in room.ended_connections}

    def people(self) -> set[str]:
        """All whom the room knows something of."""
        return {*self.requests, *self.connections, *self.last_requests, *self.last_connections}

    def parts(self, user_id: str) -> tuple[object, ...]:
        """What the own state of a person is made of; equal parts mean an equal state."""
        return (
            self.requests.get(user_id),
            self.places.get(user_id),
            self.connections.get(user_id),
            self.last_requests.get(user_id),
            self.last_connections.get(user_id),
        )

    def my_state(self, person: Person) -> v.MyState:
        user_id = person.user_id
        request = self.requests.get(user_id)
        connection = self.connections.get(user_id)
        last_request = self.last_requests.get(user_id)
        last = self.last_connections.get(user_id)
        return v.MyState(
            user=user_info(person),
            request=request_info(request) if request else None,
            place=self.places.get(user_id),
            connection=connected_user(connection) if connection else None,
            last_request=request_info(last_request) if last_request else None,
            last_connection=last_connection(last) if last else None,
            can_apply_at=self._can_apply_at(user_id, last_request),
        )

    def _can_apply_at(self, user_id: str, last_request: Request | None) -> datetime | None:
        if last_request is None or last_request.kind is not RequestKind.APPLICATION:
            return None
        return can_apply_at(self.room, user_id)

    def person(self, user_id: str) -> Person:
        """The name of somebody in `people()`, as of the newest thing known."""
        if item := self.connections.get(user_id) or self.requests.get(user_id):
            return item.person
        ended = (self.last_connections.get(user_id), self.last_requests.get(user_id))
        return max((item for item in ended if item), key=lambda item: item.ended_seq).person
