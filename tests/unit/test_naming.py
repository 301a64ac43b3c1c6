"""By which name a room knows somebody: the newest that a door has proven, everywhere, whichever window speaks."""

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain import views
from micconnect.domain.naming import known
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.words import LinkMedia, Role
from tests.unit import rooms as r

ASK = c.Apply(LinkMedia.VIDEO)


def named(user_id: str, name: str) -> Actor:
    return Actor(person=Person(user_id=user_id, name=name), role=Role.AUDIENCE)


def names(value: object, user_id: str) -> set[str]:
    """Every name that stands anywhere in a value beside this user id."""
    if isinstance(value, Person):
        return {value.name} if value.user_id == user_id else set()
    fields = getattr(value, "__struct_fields__", None)
    parts = [getattr(value, field) for field in fields] if fields else value if isinstance(value, tuple) else ()
    return set().union(*(names(part, user_id) for part in parts))


def test_whoever_comes_in_under_another_name_in_mid_queue_is_shown_by_it_to_the_staff() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE), r.CLOCK, i.Renamed("alice", "Alicia"))
    assert [request.user.user_name for request in views.requests(room)] == ["Alicia"]


def full_room() -> RoomState:
    """Alice is in every list of it, and did something to others."""
    room = r.helped(r.live_room(), r.ALICE)
    room = r.act(room, r.ALICE, c.CreateInviteLink(LinkMedia.AUDIO, uses=2))
    room = r.act(r.present(room, r.BOB), r.ALICE, c.BarUser("bob", 600))
    room = r.seated(room, r.ALICE)
    room = r.act(room, r.ALICE, c.LeaveSeat())
    return r.applied(room, r.ALICE)


def test_the_new_name_stands_everywhere_and_the_old_one_nowhere() -> None:
    room = full_room()
    assert names(room, "alice") == {"Alice"}
    assert names(r.act(room, r.CLOCK, i.Renamed("alice", "Alicia")), "alice") == {"Alicia"}
    host = r.act(room, r.CLOCK, i.Renamed("host", "Hannah"))
    assert host.host.name == "Hannah" and names(host, "host") == {"Hannah"}


def test_an_older_window_speaks_under_the_name_that_the_room_knows() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE), r.CLOCK, i.Renamed("alice", "Alicia"))
    room = r.act(room, r.ALICE, c.CancelApplication())
    assert names(r.act(room, r.ALICE, ASK, r.after(60)), "alice") == {"Alicia"}
    invited = r.act(r.present(room, r.ALICE), r.HOST, c.Invite("alice"))
    assert names(invited, "alice") == {"Alicia"}


@pytest.mark.parametrize("user_id", ["alice", "bob", "host", "nobody"])
def test_who_is_known_and_by_which_name(user_id: str) -> None:
    person = known(full_room(), user_id)
    assert (person.name if person else None) == (None if user_id == "nobody" else user_id.title())


def test_who_is_remembered_by_what_has_ended_alone_is_known() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE), r.ALICE, c.CancelApplication())
    room = replace(room, members=())
    assert known(room, "alice") == r.ALICE.person
    renamed = r.act(room, r.CLOCK, i.Renamed("alice", "Alicia"))
    assert known(renamed, "alice") == Person(user_id="alice", name="Alicia")


def test_the_name_of_a_stranger_changes_nothing() -> None:
    room = r.live_room()
    assert r.act(room, r.CLOCK, i.Renamed("alice", "Alicia")) == room
