"""By which name a room knows somebody: one at a time, the newest that a door has proven."""

from typing import TypeVar

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
    renamed = {name: tuple(_with_name(item, person) for item in getattr(room, name)) for name in LISTS}
    is_carrier = room.carrier is not None and room.carrier.user_id == person.user_id
    return replace(room, host=host, carrier=person if is_carrier else room.carrier, **renamed)


def _with_name(item: Item, person: Person) -> Item:
    """The very same value unless it names the person otherwise."""
    named = [
        field
        for field in item.__struct_fields__
        if isinstance(found := getattr(item, field), Person) and found.user_id == person.user_id and found != person
    ]
    return replace(item, **dict.fromkeys(named, person)) if named else item
