"""Rows <-> values. Nobody else translates; only `services.perform` saves."""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from threading import Lock
from typing import Any, TypeVar

from django.db.models import Model

from micconnect.columns import Columns
from micconnect.domain.clock import next_deadline
from micconnect.domain.room import (
    ENDED_KEPT,
    Connection,
    InviteLink,
    Member,
    Person,
    Request,
    RoomState,
    Sanction,
    Seat,
)
from micconnect.models import Connection as ConnectionRow
from micconnect.models import InviteLink as InviteLinkRow
from micconnect.models import Member as MemberRow
from micconnect.models import Room, SeatRequest
from micconnect.models import Sanction as SanctionRow
from micconnect.models import Seat as SeatRow
from micconnect.protocol import words as w
from micconnect.protocol.views import RoomOptions

CACHED_ROOMS = 512

CONNECTION, REQUEST = Columns(Connection), Columns(Request)
MEMBER, SANCTION, LINK = Columns(Member), Columns(Sanction), Columns(InviteLink)
OPTIONS = Columns(RoomOptions)
LOCKS = ("is_locked", "is_microphone_locked", "is_camera_locked")


class NoRoom(Exception):
    """There is no room with this slug."""


class _Cache:
    """The newest value of each room, valid while its row still has the same `seq`: saves eight reads per command."""

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
    *, host: Person, options: RoomOptions, host_account_id: int | None = None, slug: str | None = None
) -> Room:
    """A new idle room with its ten seat rows. Call it inside a transaction."""
    room = Room(host_account_id=host_account_id, host_id=host.user_id, host_name=host.name, **OPTIONS.write(options))
    if slug:
        room.slug = slug
    room.save(force_insert=True)
    SeatRow.objects.bulk_create(SeatRow(room=room, seat_index=i) for i in range(w.GUESTS_MAX + 1))
    return room


def lock(slug: str) -> tuple[Room, RoomState]:
    """The room's row (its number and names), locked until the transaction ends, and its value. Raises NoRoom."""
    try:
        row = Room.objects.select_for_update().only("slug", "epoch", "seq").get(slug=slug)
    except Room.DoesNotExist:
        raise NoRoom(slug) from None
    return row, cache.get(row) or _read(Room.objects.get(pk=row.pk))


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


# -- values to rows ---------------------------------------------------------------------------------------------------
def save(row: Room, before: RoomState, after: RoomState, now: datetime) -> None:
    """Writes what differs between the two values, at the time of the change. The caller holds the room's lock."""
    _save_connections(row, before, after)
    _save_seats(row, before, after)
    requests = _changed((*before.requests, *before.ended_requests), (*after.requests, *after.ended_requests))
    _put(SeatRequest, REQUEST, row, requests)
    if after.members is not before.members:
        known = {id(member) for member in before.members}
        _put(MemberRow, MEMBER, row, [m for m in after.members if id(m) not in known], key="user_id")
    if after.sanctions is not before.sanctions:
        _end(SanctionRow, row, before.sanctions, after.sanctions, now)  # first: one of a kind is in force
        _put(SanctionRow, SANCTION, row, _changed(before.sanctions, after.sanctions))
    if after.links is not before.links:
        _end(InviteLinkRow, row, before.links, after.links, now)
        _put(InviteLinkRow, LINK, row, _changed(before.links, after.links))
    Room.objects.filter(pk=row.pk).update(**_room_fields(before, after))


def spend(row: Room, link: InviteLink) -> None:
    """Remembers that an invite link has ended because it was used up."""
    InviteLinkRow.objects.filter(room=row, number=link.number).update(uses_left=0)


def _save_connections(row: Room, before: RoomState, after: RoomState) -> None:
    """Ends come first, and whoever moves leaves the old seat before anybody takes a new one: a swap passes through."""
    changed = _changed((*before.connections, *before.ended_connections), (*after.connections, *after.ended_connections))
    seats = {c.number: c.seat_index for c in before.connections}
    movers = [c.number for c in changed if c.seat_index != seats.get(c.number, c.seat_index)]
    if movers:
        ConnectionRow.objects.filter(room=row, number__in=movers).update(seat_index=None)
    _put(ConnectionRow, CONNECTION, row, [c for c in changed if c.ended_at])
    _put(ConnectionRow, CONNECTION, row, [c for c in changed if not c.ended_at])


def _save_seats(row: Room, before: RoomState, after: RoomState) -> None:
    old = {c.seat_index: c.person.user_id for c in before.connections}
    new = {c.seat_index: c.person.user_id for c in after.connections}
    freed = [index for index, user_id in old.items() if new.get(index) != user_id]
    if freed:  # first, so that somebody who moves is never on two seats
        SeatRow.objects.filter(room=row, seat_index__in=freed).update(occupant_id=None)
    for index, user_id in new.items():
        if old.get(index) != user_id:
            taken = SeatRow.objects.filter(room=row, seat_index=index, occupant_id=None).update(occupant_id=user_id)
            if taken != 1:
                raise AssertionError(f"seat {index} of {row.slug} was not free")
    for was, seat in zip(before.seats, after.seats, strict=True):
        if was != seat:
            locks = {name: getattr(seat, name) for name in LOCKS}
            SeatRow.objects.filter(room=row, seat_index=seat.index).update(**locks)


Item = TypeVar("Item", Connection, Request, Member, Sanction, InviteLink)
Numbered = TypeVar("Numbered", Connection, Request, Sanction, InviteLink)


def _put(model: type[Model], columns: Columns[Item], row: Room, items: list[Item], key: str = "number") -> None:
    """Writes new and changed values, in their order; `key` names them within the room."""
    if items:
        model._default_manager.bulk_create(
            [model(room=row, **columns.write(item)) for item in items],
            update_conflicts=True,
            unique_fields=["room", key],
            update_fields=[name for name in columns.names if name != key],
        )


def _end(
    model: type[Model], row: Room, before: tuple[Numbered, ...], after: tuple[Numbered, ...], now: datetime
) -> None:
    """What the room no longer holds has ended now."""
    kept = {item.number for item in after}
    gone = [item.number for item in before if item.number not in kept]
    if gone:
        model._default_manager.filter(room=row, number__in=gone).update(ended_at=now)


def _changed(before: tuple[Numbered, ...], after: tuple[Numbered, ...]) -> list[Numbered]:
    """Items of `after` that are new or other than before. Identity is enough: values are immutable."""
    known = {id(item) for item in before}
    old = {item.number: item for item in before}
    return [item for item in after if id(item) not in known and old.get(item.number) != item]


def _room_fields(before: RoomState, after: RoomState) -> dict[str, Any]:
    fields = {
        "status": after.status,
        "seq": after.seq,
        "last_number": after.last_number,
        "live_at": after.live_at,
        "ended_at": after.ended_at,
        "end_reason": after.end_reason or "",
        "host_away_since": after.host_away_since,
        "host_away_until": after.host_away_until,
        "carrier_id": after.carrier.user_id if after.carrier else "",
        "carrier_name": after.carrier.name if after.carrier else "",
        "has_media_server": after.has_media_server,
        "spotlight": after.spotlight or "",
        "next_deadline": next_deadline(after),
    }
    if after.metadata != before.metadata:
        fields["metadata"] = dict(after.metadata)
    if after.host != before.host:
        fields["host_name"] = after.host.name
    if after.options != before.options:
        fields |= OPTIONS.write(after.options)
    return fields


# -- rows to values ---------------------------------------------------------------------------------------------------
def _read(row: Room) -> RoomState:
    connections = ConnectionRow.objects.filter(room=row)
    requests = SeatRequest.objects.filter(room=row)
    sanctions = SanctionRow.objects.filter(room=row, ended_at=None)
    links = InviteLinkRow.objects.filter(room=row, ended_at=None)
    ended = w.ConnectionState.ENDED
    pending = w.RequestState.PENDING
    value = RoomState(
        slug=row.slug,
        host=Person(user_id=row.host_id, name=row.host_name),
        options=OPTIONS.read(row),
        epoch=row.epoch,
        status=w.RoomStatus(row.status),
        seq=row.seq,
        last_number=row.last_number,
        live_at=row.live_at,
        ended_at=row.ended_at,
        end_reason=w.RoomEnd(row.end_reason) if row.end_reason else None,
        host_away_since=row.host_away_since,
        host_away_until=row.host_away_until,
        carrier=Person(user_id=row.carrier_id, name=row.carrier_name) if row.carrier_id else None,
        has_media_server=row.has_media_server,
        spotlight=row.spotlight or None,
        metadata=tuple(sorted(row.metadata.items())),
        seats=tuple(map(_seat, SeatRow.objects.filter(room=row).order_by("seat_index"))),
        # sorted here, because databases sort text in ways of their own
        members=tuple(sorted(map(MEMBER.read, MemberRow.objects.filter(room=row)), key=attrgetter("person.user_id"))),
        sanctions=tuple(map(SANCTION.read, sanctions.order_by("number"))),
        links=tuple(map(LINK.read, links.order_by("number"))),
        connections=tuple(map(CONNECTION.read, connections.exclude(state=ended).order_by("number"))),
        requests=tuple(map(REQUEST.read, requests.filter(state=pending).order_by("number"))),
        ended_connections=_latest(map(CONNECTION.read, _ended_last(connections.filter(state=ended)))),
        ended_requests=_latest(map(REQUEST.read, _ended_last(requests.exclude(state=pending)))),
    )
    cache.put(value)
    return value


def _seat(row: SeatRow) -> Seat:
    return Seat(index=row.seat_index, **{name: getattr(row, name) for name in LOCKS})


def _ended_last(rows: Any) -> Any:
    return rows.order_by("-ended_seq", "-number")[:ENDED_KEPT]


def _latest(newest_first: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(reversed(list(newest_first)))
