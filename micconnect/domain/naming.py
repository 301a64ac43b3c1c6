"""By which name a room knows somebody: one at a time, the newest that a door has proven."""

from collections.abc import Container
from typing import Any, TypeVar

from msgspec.structs import replace

from micconnect.domain.room import Person, RoomState, Value

LISTS = ("members", "sanctions", "links", "connections", "requests", "ended_connections", "ended_requests")
Item = TypeVar("Item", bound=Value)


def known(room: RoomState, user_id: str) -> Person | None:
    """Somebody of whom the room holds anything; None for a stranger."""
    if user_id == room.host.user_id:
        return room.host
    if present := room.connection_of(user_id) or room.request_of(user_id):
        return present.person
    if member := room.member(user_id):
        return member.person
    past = [sanction.person for sanction in room.sanctions]
    past += [request.person for request in reversed(room.ended_requests)]
    past += [connection.person for connection in reversed(room.ended_connections)]
    return next((person for person in past if person.user_id == user_id), None)


def with_name(room: RoomState, person: Person) -> RoomState:
    """The room with this name wherever the person stands, also as the one who did something."""
    host = person if room.host.user_id == person.user_id else room.host
    renamed = {name: tuple(_with(item, person.user_id, person) for item in getattr(room, name)) for name in LISTS}
    return replace(room, host=host, carrier=_instead(room.carrier, person.user_id, person), **renamed)


def handed_over(room: RoomState, user_id: str, person: Person, kept: Container[int]) -> RoomState:
    """The room with this person wherever the one of `user_id` stands, but for the numbers `kept`.

    Not so among the members, who are remembered, and in what has ended: it ended as somebody's.
    """

    def items(name: str) -> tuple[Any, ...]:
        return tuple(x if x.number in kept else _with(x, user_id, person) for x in getattr(room, name))

    lists = {name: items(name) for name in ("sanctions", "links", "connections", "requests")}
    spotlight = person.user_id if room.spotlight == user_id else room.spotlight
    return replace(room, carrier=_instead(room.carrier, user_id, person), spotlight=spotlight, **lists)


def _instead(found: Person | None, user_id: str, person: Person) -> Person | None:
    return person if found is not None and found.user_id == user_id else found


def _with(item: Item, user_id: str, person: Person) -> Item:
    """The very same value unless it names the one of `user_id` otherwise."""
    named = [
        field
        for field in item.__struct_fields__
        if isinstance(found := getattr(item, field), Person) and found.user_id == user_id and found != person
    ]
    return replace(item, **dict.fromkeys(named, person)) if named else item
