"""Room values as the wire shows them."""

from datetime import datetime

from msgspec import UNSET

from micconnect.domain import absence
from micconnect.domain.missed import missed as missed_requests
from micconnect.domain.queue import likely_at
from micconnect.domain.room import Connection, InviteLink, Person, Request, RoomState, Sanction
from micconnect.names import looks
from micconnect.protocol import views as v
from micconnect.protocol.words import ConnectionEnd, Device, RequestKind, SanctionKind


class Lookalikes:
    """Who in a room can be taken for somebody of its staff by the name."""

    def __init__(self, room: RoomState) -> None:
        self.staff = host, helpers = _staff(room)
        self._host_id = room.host.user_id
        self._host = looks(host.name)
        self._helper_ids = frozenset(helper.user_id for helper in helpers)
        self._helpers = frozenset[str]().union(*(looks(helper.name) for helper in helpers))

    def has(self, person: Person) -> bool:
        """Whether the person looks like the host without being it, or like a helper without being of the staff."""
        if person.user_id == self._host_id:
            return False
        own = looks(person.name)
        if not own.isdisjoint(self._host):
            return True
        return person.user_id not in self._helper_ids and not own.isdisjoint(self._helpers)


def _staff(room: RoomState) -> tuple[Person, tuple[Person, ...]]:
    """The host and the helpers."""
    return room.host, room.moderators()


def user_info(person: Person, lookalikes: Lookalikes | None = None) -> v.UserInfo:
    is_lookalike = lookalikes is not None and lookalikes.has(person)
    return v.UserInfo(user_id=person.user_id, user_name=person.name, is_lookalike=is_lookalike or UNSET)


def live_info(room: RoomState) -> v.LiveInfo:
    return v.LiveInfo(
        room_id=room.slug,
        status=room.status,
        host=user_info(room.host),
        options=room.options,
        seat_count=room.seat_count,
        moderators=tuple(map(user_info, room.moderators())),
        spotlight=room.spotlight,
        live_since=room.live_at,
        ended_at=room.ended_at,
        end_reason=room.end_reason,
        host_away_since=room.host_away_since,
        host_away_until=room.host_away_until,
        carried_on_by=user_info(carrier) if (carrier := absence.carrier(room)) else None,
    )


def seat_list(room: RoomState) -> tuple[v.SeatInfo, ...]:
    """The host's seat and the guest seats in use, with their locks."""
    taken = {c.seat_index: c.person.user_id for c in room.connections}
    return tuple(
        v.SeatInfo(
            seat_index=seat.index,
            user_id=taken.get(seat.index, ""),
            is_locked=seat.is_locked,
            is_microphone_locked=seat.is_microphone_locked,
            is_camera_locked=seat.is_camera_locked,
        )
        for seat in room.seats[: room.seat_count + 1]
    )


def connected_user(room: RoomState, connection: Connection, lookalikes: Lookalikes | None = None) -> v.ConnectedUser:
    """Somebody on a seat, with the devices as they count: the seat's locks included."""
    lookalikes = lookalikes or Lookalikes(room)
    return v.ConnectedUser(
        user_id=connection.person.user_id,
        user_name=connection.person.name,
        seat_index=connection.seat_index,
        connection_id=connection.connection_id,
        media=connection.media,
        state=connection.state,
        microphone=room.device_state(connection, Device.MICROPHONE),
        camera=room.device_state(connection, Device.CAMERA),
        screen=room.device_state(connection, Device.SCREEN),
        stalled=connection.stalled,
        shut=connection.shut,
        since=connection.live_at or connection.started_at,
        deadline=connection.deadline,
        is_backstage=connection.is_backstage,
        is_ready=connection.is_ready,
        ends_at=connection.ends_at,
        asks=connection.asks,
        asked=connection.asked,
        is_lookalike=lookalikes.has(connection.person) or UNSET,
    )


def connected_users(room: RoomState) -> tuple[v.ConnectedUser, ...]:
    """Everybody on a seat, by seat."""
    lookalikes = Lookalikes(room)
    return tuple(connected_user(room, c, lookalikes) for c in sorted(room.connections, key=lambda c: c.seat_index))


def request_info(room: RoomState, request: Request, lookalikes: Lookalikes | None = None) -> v.RequestInfo:
    return v.RequestInfo(
        request_id=request.request_id,
        kind=request.kind,
        user=user_info(request.person, lookalikes or Lookalikes(room)),
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
        seat_index=request.seat_index,
        extra_info=request.extra_info,
        refusals=request.refusals,
        spoken_s=room.spoken_s(request.person.user_id),
        locked=room.locked(request.person.user_id),
        limit_s=room.known(request.person).limit_s,
    )


def requests(room: RoomState) -> tuple[v.RequestInfo, ...]:
    """The open requests: applications in the order of the queue, then invitations."""
    invitations = (r for r in room.requests if r.kind is RequestKind.INVITATION)
    lookalikes = Lookalikes(room)
    return tuple(request_info(room, r, lookalikes) for r in (*room.applications(), *invitations))


def missed(room: RoomState, now: datetime) -> tuple[v.RequestInfo, ...]:
    """Those whose request came to nothing lately, newest first."""
    lookalikes = Lookalikes(room)
    return tuple(request_info(room, r, lookalikes) for r in missed_requests(room, now))


def sanction_info(sanction: Sanction) -> v.SanctionInfo:
    return v.SanctionInfo(
        sanction_id=sanction.sanction_id,
        kind=sanction.kind,
        user=user_info(sanction.person),
        operator=user_info(sanction.operator),
        created_at=sanction.created_at,
        until=sanction.until,
        reason=sanction.reason,
        note=sanction.note,
        appeal=sanction.appeal,
    )


def sanctions(room: RoomState) -> tuple[v.SanctionInfo, ...]:
    return tuple(map(sanction_info, room.sanctions))


def link_info(link: InviteLink) -> v.InviteLinkInfo:
    return v.InviteLinkInfo(
        link_id=link.link_id,
        media=link.media,
        uses_left=link.uses_left,
        expires_at=link.expires_at,
        operator=user_info(link.operator),
    )


def links(room: RoomState) -> tuple[v.InviteLinkInfo, ...]:
    return tuple(map(link_info, room.links))


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
        self.lookalikes = Lookalikes(room)
        self.requests = {r.person.user_id: r for r in room.requests}
        self.places = {r.person.user_id: place for place, r in enumerate(room.applications(), start=1)}
        self.connections = {c.person.user_id: c for c in room.connections}
        self.last_requests = {r.person.user_id: r for r in room.ended_requests}
        self.last_connections = {c.person.user_id: c for c in room.ended_connections}
        self.members = {m.person.user_id: m for m in room.members}
        self.bars = {s.person.user_id: s for s in room.sanctions if s.kind is SanctionKind.MIC_BAR}

    def parts(self, user_id: str) -> tuple[object, ...]:
        """What the own state of a person is made of; equal parts mean an equal state."""
        connection = self.connections.get(user_id)
        place = self.places.get(user_id)
        return (
            self.lookalikes.staff,
            self.person(user_id),
            self.requests.get(user_id),
            place,
            likely_at(self.room, place) if place else None,
            connection,
            (self.room.seats[connection.seat_index], self.room.options.may_unmute) if connection else None,
            self.last_requests.get(user_id),
            self.last_connections.get(user_id),
            self.members.get(user_id),
            self.bars.get(user_id),
        )

    def my_state(self, person: Person) -> v.MyState:
        user_id = person.user_id
        request = self.requests.get(user_id)
        place = self.places.get(user_id)
        connection = self.connections.get(user_id)
        last_request = self.last_requests.get(user_id)
        last = self.last_connections.get(user_id)
        member = self.members.get(user_id)
        bar = self.bars.get(user_id)
        return v.MyState(
            user=user_info(person),
            request=request_info(self.room, request, self.lookalikes) if request else None,
            place=place,
            connection=connected_user(self.room, connection, self.lookalikes) if connection else None,
            last_request=request_info(self.room, last_request, self.lookalikes) if last_request else None,
            last_connection=last_connection(last) if last else None,
            can_apply_at=member.can_apply_at if member else None,
            likely_at=likely_at(self.room, place) if place else None,
            is_moderator=member.is_moderator if member else None,
            bar=sanction_info(bar) if bar else None,
            locked=member.locked() if member else (),
            window=connection.window if connection else request.window if request else None,
        )

    def person(self, user_id: str) -> Person | None:
        """Somebody by the name that the room knows; None for somebody of whom nothing is known."""
        if user_id == self.room.host.user_id:
            return self.room.host
        if item := self.connections.get(user_id) or self.requests.get(user_id):
            return item.person
        ended = [item for item in (self.last_connections.get(user_id), self.last_requests.get(user_id)) if item]
        if ended:
            return max(ended, key=lambda item: item.ended_seq).person
        known = self.members.get(user_id) or self.bars.get(user_id)
        return known.person if known else None


def touched(before: RoomState, after: RoomState) -> set[str]:
    """All whose own state may differ between two values of a room: whose things changed, and who waits in the queue.

    Values are immutable, so the same object is the same thing; what the room forgets counts as changed too.
    """
    found: set[str] = {after.host.user_id} if after.host != before.host else set()
    for old, new in (
        (before.requests, after.requests),
        (before.connections, after.connections),
        (before.ended_requests, after.ended_requests),
        (before.ended_connections, after.ended_connections),
        (before.members, after.members),
        (before.sanctions, after.sanctions),
    ):
        if old is not new:
            same = set(map(id, old)) & set(map(id, new))
            found |= {item.person.user_id for item in (*old, *new) if id(item) not in same}
    if _staff(before) != _staff(after):  # others look alike now
        found |= {c.person.user_id for c in after.connections}
        found |= {r.person.user_id for r in (*after.requests, *after.ended_requests)}
    if (before.seats, before.options.may_unmute) != (after.seats, after.options.may_unmute):
        found |= {c.person.user_id for c in after.connections}
    return found | {r.person.user_id for r in after.requests}
