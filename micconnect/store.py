"""Rows <-> values. Nobody else translates; only `services.perform` saves."""

from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from micconnect.domain.room import ENDED_KEPT, Connection, Person, Request, RoomState
from micconnect.domain.transitions import next_deadline
from micconnect.models import Connection as ConnectionRow
from micconnect.models import Room, Seat, SeatRequest
from micconnect.protocol import words as w

CACHED_ROOMS = 512


class NoRoom(Exception):
    """There is no room with this slug."""


class _Cache:
    """The newest value of each room, valid while its row still has the same `seq`: saves four reads per command."""

    def __init__(self) -> None:
        self._values: dict[str, RoomState] = {}
        self._lock = Lock()

    def get(self, row: Room) -> RoomState | None:
        value = self._values.get(row.slug)
        return value if value and (value.epoch, value.seq) == (row.epoch, row.seq) else None

    def put(self, value: RoomState) -> None:
        with self._lock:
            self._values.pop(value.slug, None)
            self._values[value.slug] = value
            while len(self._values) > CACHED_ROOMS:
                self._values.pop(next(iter(self._values)))

    def drop(self, slug: str) -> None:
        with self._lock:
            self._values.pop(slug, None)


cache = _Cache()


def create_room(
    *,
    host: Person,
    title: str,
    seat_count: int = w.GUESTS_MAX,
    request_timeout_s: int = 60,
    host_account_id: int | None = None,
    slug: str | None = None,
) -> Room:
    """A new idle room with its ten seat rows. Call it inside a transaction."""
    room = Room(
        title=title,
        host_account_id=host_account_id,
        host_id=host.user_id,
        host_name=host.name,
        seat_count=seat_count,
        request_timeout_s=request_timeout_s,
    )
    if slug:
        room.slug = slug
    room.save(force_insert=True)
    Seat.objects.bulk_create(Seat(room=room, seat_index=i) for i in range(w.GUESTS_MAX + 1))
    return room


def lock(slug: str) -> tuple[Room, RoomState]:
    """The room's row, locked until the transaction ends, and its value. Raises NoRoom."""
    try:
        row = Room.objects.select_for_update().get(slug=slug)
    except Room.DoesNotExist:
        raise NoRoom(slug) from None
    return row, cache.get(row) or _read(row)


def read(slug: str) -> RoomState:
    """The room's value as of now, without a lock. Raises NoRoom.

    Rows of two moments cannot mix: the row's `seq` is compared before and after, and the read repeated.
    """
    while True:
        try:
            row = Room.objects.get(slug=slug)
        except Room.DoesNotExist:
            raise NoRoom(slug) from None
        value = cache.get(row) or _read(row)
        if Room.objects.filter(pk=row.pk, seq=row.seq).exists():
            return value


def live_slugs() -> list[str]:
    return list(Room.objects.filter(status=w.RoomStatus.LIVE).values_list("slug", flat=True))


def slugs_due(now: datetime, limit: int = 50) -> list[str]:
    """Rooms with a deadline that has passed, the most overdue first."""
    due = Room.objects.filter(next_deadline__lte=now).order_by("next_deadline")
    return list(due.values_list("slug", flat=True)[:limit])


def seqs(slugs: Iterable[str]) -> dict[str, int]:
    """The newest `seq` of each room."""
    return dict(Room.objects.filter(slug__in=list(slugs)).values_list("slug", "seq"))


def save(row: Room, before: RoomState, after: RoomState) -> None:
    """Writes what differs between the two values. The caller holds the room's lock."""
    for connection in _changed(
        (*before.connections, *before.ended_connections), (*after.connections, *after.ended_connections)
    ):
        fields = _connection_fields(connection)
        is_old = before.connection(connection.number) is not None
        if is_old:
            ConnectionRow.objects.filter(room=row, number=connection.number).update(**fields)
        else:
            ConnectionRow.objects.bulk_create([ConnectionRow(room=row, number=connection.number, **fields)])
    _save_seats(row, before, after)
    open_before = {r.number for r in before.requests}
    for request in _changed((*before.requests, *before.ended_requests), (*after.requests, *after.ended_requests)):
        fields = _request_fields(request)
        if request.number in open_before:
            SeatRequest.objects.filter(room=row, number=request.number).update(**fields)
        else:
            SeatRequest.objects.bulk_create([SeatRequest(room=row, number=request.number, **fields)])
    Room.objects.filter(pk=row.pk).update(**_room_fields(after))


def _save_seats(row: Room, before: RoomState, after: RoomState) -> None:
    old = {c.seat_index: c.person.user_id for c in before.connections}
    new = {c.seat_index: c.person.user_id for c in after.connections}
    freed = [index for index, user_id in old.items() if new.get(index) != user_id]
    if freed:  # first, so that somebody who moves is never on two seats
        Seat.objects.filter(room=row, seat_index__in=freed).update(occupant_id=None)
    for index, user_id in new.items():
        if old.get(index) != user_id:
            taken = Seat.objects.filter(room=row, seat_index=index, occupant_id=None).update(occupant_id=user_id)
            if taken != 1:
                raise AssertionError(f"seat {index} of {row.slug} was not free")


Item = TypeVar("Item", Connection, Request)


def _changed(before: tuple[Item, ...], after: tuple[Item, ...]) -> list[Item]:
    """Items of `after` that are new or other than before. Identity is enough: values are immutable."""
    known = {id(item) for item in before}
    old = {item.number: item for item in before}
    return [item for item in after if id(item) not in known and old.get(item.number) != item]


# -- rows to values ---------------------------------------------------------------------------------------------------
def _read(row: Room) -> RoomState:
    connections = ConnectionRow.objects.filter(room=row)
    requests = SeatRequest.objects.filter(room=row)
    ended = w.ConnectionState.ENDED
    pending = w.RequestState.PENDING
    value = RoomState(
        slug=row.slug,
        title=row.title,
        host=Person(user_id=row.host_id, name=row.host_name),
        seat_count=row.seat_count,
        request_timeout_s=row.request_timeout_s,
        epoch=row.epoch,
        status=w.RoomStatus(row.status),
        seq=row.seq,
        live_at=row.live_at,
        ended_at=row.ended_at,
        end_reason=w.RoomEnd(row.end_reason) if row.end_reason else None,
        host_away_until=row.host_away_until,
        has_media_server=row.has_media_server,
        connections=tuple(map(_connection, connections.exclude(state=ended).order_by("number"))),
        requests=tuple(map(_request, requests.filter(state=pending).order_by("number"))),
        ended_connections=_latest(map(_connection, _ended_last(connections.filter(state=ended)))),
        ended_requests=_latest(map(_request, _ended_last(requests.exclude(state=pending)))),
    )
    cache.put(value)
    return value


def _ended_last(rows: Any) -> Any:
    return rows.order_by("-ended_seq", "-number")[:ENDED_KEPT]


def _latest(newest_first: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(reversed(list(newest_first)))


def _person(user_id: str, name: str) -> Person | None:
    return Person(user_id=user_id, name=name) if user_id else None


def _connection(row: ConnectionRow) -> Connection:
    return Connection(
        number=row.number,
        person=Person(user_id=row.user_id, name=row.user_name),
        seat_index=row.seat_index,
        media=w.LinkMedia(row.media),
        state=w.ConnectionState(row.state),
        microphone=w.DeviceState(row.microphone),
        camera=w.DeviceState(row.camera),
        has_socket=row.has_socket,
        has_media=row.has_media,
        started_at=row.started_at,
        live_at=row.live_at,
        deadline=row.deadline,
        ended_at=row.ended_at,
        ended_seq=row.ended_seq,
        end_reason=w.ConnectionEnd(row.end_reason) if row.end_reason else None,
        operator=_person(row.operator_id, row.operator_name),
        reason=w.RemovalReason(row.reason) if row.reason else None,
        note=row.note,
    )


def _request(row: SeatRequest) -> Request:
    return Request(
        number=row.number,
        kind=w.RequestKind(row.kind),
        person=Person(user_id=row.user_id, name=row.user_name),
        media=w.LinkMedia(row.media),
        state=w.RequestState(row.state),
        note=row.note,
        created_at=row.created_at,
        expires_at=row.expires_at,
        gone_at=row.gone_at,
        ended_at=row.ended_at,
        ended_seq=row.ended_seq,
        operator=_person(row.operator_id, row.operator_name),
        cause=w.VoidCause(row.cause) if row.cause else None,
        reason=w.RejectReason(row.reason) if row.reason else None,
        answer_note=row.answer_note,
    )


# -- values to rows ---------------------------------------------------------------------------------------------------
def _room_fields(room: RoomState) -> dict[str, Any]:
    return {
        "status": room.status,
        "seq": room.seq,
        "live_at": room.live_at,
        "ended_at": room.ended_at,
        "end_reason": room.end_reason or "",
        "host_away_until": room.host_away_until,
        "has_media_server": room.has_media_server,
        "next_deadline": next_deadline(room),
    }


def _person_fields(person: Person | None) -> dict[str, str]:
    return {
        "operator_id": person.user_id if person else "",
        "operator_name": person.name if person else "",
    }


def _connection_fields(connection: Connection) -> dict[str, Any]:
    return {
        "user_id": connection.person.user_id,
        "user_name": connection.person.name,
        "seat_index": connection.seat_index,
        "media": connection.media,
        "state": connection.state,
        "microphone": connection.microphone,
        "camera": connection.camera,
        "has_socket": connection.has_socket,
        "has_media": connection.has_media,
        "started_at": connection.started_at,
        "live_at": connection.live_at,
        "deadline": connection.deadline,
        "ended_at": connection.ended_at,
        "ended_seq": connection.ended_seq,
        "end_reason": connection.end_reason or "",
        "reason": connection.reason or "",
        "note": connection.note,
        **_person_fields(connection.operator),
    }


def _request_fields(request: Request) -> dict[str, Any]:
    return {
        "kind": request.kind,
        "user_id": request.person.user_id,
        "user_name": request.person.name,
        "media": request.media,
        "state": request.state,
        "note": request.note,
        "created_at": request.created_at,
        "expires_at": request.expires_at,
        "gone_at": request.gone_at,
        "ended_at": request.ended_at,
        "ended_seq": request.ended_seq,
        "cause": request.cause or "",
        "reason": request.reason or "",
        "answer_note": request.answer_note,
        **_person_fields(request.operator),
    }
