"""Whose name can be taken for that of the host or of a helper: everybody hears of it, and it costs little."""

import pytest

from micconnect.domain import views
from micconnect.domain.internal import Renamed
from micconnect.domain.notices import Notice, notices
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.domain.rules import decide
from micconnect.names import looks
from micconnect.protocol import commands as c
from micconnect.protocol.frames import encode_part
from micconnect.protocol.words import Device, LinkMedia, Role
from tests.unit import rooms as r
from tests.unit.test_law import after_hearing, picture

ZOE = Renamed("host", "Zoë")
ALIKE = [
    ("Anna", "Аnnа"),  # Cyrillic А and а
    ("Anna", "ANNA"),
    ("Anna", "An na."),
    ("Anna", "_A-n·n a!"),
    ("Anna", "Anna ✓"),
    ("Anna", "An\u034f\u3164\ufe00\u200dna"),  # as older versions took it
    ("Anna", "𝐀𝐧𝐧𝐚"),
    ("Irina", "lrina"),
    ("IRINA", "irina"),
    ("modern", "rnodern"),
    ("Bob", "B0b"),
    ("O'Neil", "O’Neil"),
    ("Straße", "STRASSE"),
    ("می‌خواهم", "میخواهم"),
    ("陈伟", "陈 伟"),
    ("葛", "葛\U000e0100"),
    ("👑", "👑"),
]
UNLIKE = [("Anna", "Ann"), ("Anna", "Hanna"), ("Anna", "Anne"), ("Müller", "Muller"), ("👑", "🎤"), ("陈伟", "陈玮")]


@pytest.mark.parametrize(("name", "other"), ALIKE)
def test_what_looks_alike(name: str, other: str) -> None:
    assert looks(name) & looks(other)


@pytest.mark.parametrize(("name", "other"), UNLIKE)
def test_what_does_not(name: str, other: str) -> None:
    assert not looks(name) & looks(other)


def named(user_id: str, name: str, role: Role = Role.AUDIENCE) -> Actor:
    return Actor(person=Person(user_id=user_id, name=name), role=role)


FALSE_HOST, FALSE_BOB = named("false", "Hоst."), named("faker", "B0b")


def marks(room: RoomState) -> dict[str, bool]:
    """Who of those on air and of those who ask is marked."""
    on_air = {user.user_id: user.is_lookalike is True for user in views.connected_users(room)}
    return on_air | {request.user.user_id: request.user.is_lookalike is True for request in views.requests(room)}


def test_who_comes_by_the_hosts_name_is_marked_on_the_seat_and_in_the_queue_and_the_host_is_not() -> None:
    room = r.applied(r.seated(r.live_room(), FALSE_HOST), named("other", "HOST"), media=LinkMedia.AUDIO)
    room = r.applied(room, r.ALICE)
    assert marks(room) == {"host": False, "false": True, "other": True, "alice": False}


def test_the_newest_name_of_the_host_counts_and_the_former_one_no_more() -> None:
    room = r.act(r.applied(r.applied(r.live_room(), named("a", "zoë")), named("b", "host")), r.CLOCK, ZOE)
    assert marks(room) == {"host": False, "a": True, "b": False}


def told(room: RoomState, command: c.SetModerator) -> tuple[RoomState, list[Notice]]:
    outcome = decide(r.present(room, r.BOB), r.HOST, command, r.NOW)
    return outcome.room, notices(room, outcome)


def test_who_becomes_or_ends_to_be_a_helper_changes_the_marks_of_others_and_all_of_them_hear_it() -> None:
    seated = r.seated(r.live_room(), FALSE_BOB)
    room = r.applied(seated, named("third", "bob"))
    assert marks(room) == {"host": False, "faker": False, "third": False}
    for is_helper in (True, False):
        after, heard = told(room, c.SetModerator("bob", is_helper))
        assert marks(after) == {"host": False, "faker": is_helper, "third": is_helper}
        for person, is_staff in ((r.HOST.person, True), (FALSE_BOB.person, False), (r.ALICE.person, False)):
            drawn = after_hearing(picture(room, person, is_staff), heard, person, is_staff)
            assert drawn == picture(after, person, is_staff), person.user_id
        room = after


def test_helpers_of_one_name_are_not_marked_but_one_with_the_hosts_name_is() -> None:
    room = r.helped(r.helped(r.live_room(), r.BOB), FALSE_BOB)
    lookalikes = views.Lookalikes(room)
    assert [lookalikes.has(who.person) for who in (r.BOB, FALSE_BOB, r.HOST)] == [False, False, False]
    assert views.Lookalikes(r.helped(room, FALSE_HOST)).has(FALSE_HOST.person)


def test_who_goes_off_air_or_asks_for_a_device_is_marked_too() -> None:
    room = r.seated(r.live_room(), FALSE_HOST)
    room = r.act(room, r.HOST, c.LockDevice("false", device=Device.MICROPHONE, is_locked=True))
    asks = c.AskToSpeak(device=Device.MICROPHONE)
    for command in (asks, c.LeaveSeat()):
        outcome = decide(room, FALSE_HOST, command, r.NOW)
        users = [
            callback.user
            for notice in notices(room, outcome)
            for callback in notice.callbacks
            if hasattr(callback, "user")
        ]
        assert [user.is_lookalike for user in users] == [True]


def test_a_mark_that_is_not_there_takes_no_byte() -> None:
    room = r.seated(r.live_room(), r.ALICE)
    assert b"isLookalike" not in bytes(encode_part(views.connected_users(room)))
    room = r.seated(room, FALSE_HOST)
    assert bytes(encode_part(views.connected_users(room))).count(b'"isLookalike":true') == 1
