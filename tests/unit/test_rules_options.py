"""Options and metadata: what the staff may set when, and that nobody loses a seat by it."""

from typing import Any

import pytest

from micconnect.domain.room import RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LAYOUT_SEATS, METADATA_KEYS_MAX, Layout, LinkMedia, QueueOrder, SeatMode
from tests.unit import rooms as r

OTHERS: dict[str, Any] = {
    "title": "New",
    "cover": "/c.png",
    "layout": Layout.FLOAT,
    "seat_count": 3,
    "seat_mode": SeatMode.CLOSED,
    "is_paused": True,
    "is_auto_accepting": True,
    "queue_order": QueueOrder.SPOKE_LEAST,
    "request_timeout_s": 0,
    "needs_login": True,
    "min_stay_s": 1,
    "max_turns": 1,
    "is_audio_only": True,
    "time_limit_s": 10,
    "is_rotating": True,
    "has_backstage": True,
    "keep_owner_on_seat": False,
    "host_away_s": 30,
    "is_carried_on": True,
}


def sitting_on(count: int, **options: Any) -> RoomState:
    """A live room with so many guests on its first seats."""
    room = r.live_room(**options)
    for number in range(count):
        room = r.seated(room, r.viewer(f"guest{number}"))
    return room


def test_every_option_can_be_set_and_a_command_names_no_other() -> None:
    assert set(OTHERS) == set(RoomOptions.__struct_fields__) == set(c.UpdateRoom.__struct_fields__)


@pytest.mark.parametrize("name", OTHERS)
def test_one_option_is_set_and_all_others_stay(name: str) -> None:
    room = r.live_room()
    after = r.act(room, r.MONA, c.UpdateRoom(**{name: OTHERS[name]}))
    assert after.options == RoomOptions(**{"title": "Show", name: OTHERS[name]}) != room.options
    assert after.connections == room.connections


def test_nothing_given_changes_nothing() -> None:
    room = r.live_room()
    assert r.act(room, r.HOST, c.UpdateRoom()) == room


def test_a_cover_can_be_taken_away() -> None:
    assert r.act(r.live_room(cover="/c.png"), r.HOST, c.UpdateRoom(cover="")).options.cover == ""


# -- seats and layouts ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("layout", Layout)
def test_a_room_has_as_many_seats_as_wished_for_and_as_the_layout_shows(layout: Layout) -> None:
    for wished in (1, 4, 9):
        assert r.idle_room(layout=layout, seat_count=wished).seat_count == min(wished, LAYOUT_SEATS[layout])


@pytest.mark.parametrize("layout", [Layout.GRID, Layout.FLOAT, Layout.FIXED_GRID, Layout.FIXED_FLOAT, Layout.DUAL])
def test_a_layout_is_taken_if_it_shows_all_who_sit_and_refused_with_one_more(layout: Layout) -> None:
    seats = LAYOUT_SEATS[layout]
    assert r.act(sitting_on(seats), r.HOST, c.UpdateRoom(layout=layout)).seat_count == seats
    if seats == 9:
        return
    room = sitting_on(seats + 2)
    refused = r.refused(room, r.HOST, c.UpdateRoom(layout=layout))
    assert (refused.code, refused.details) == (ErrorCode.SEATS_OCCUPIED, {"guests": 2, "seatCount": seats})


def test_fewer_seats_are_refused_while_somebody_sits_beyond() -> None:
    room = r.act(sitting_on(1), r.viewer("guest0"), c.MoveSeat(4))
    assert r.act(room, r.HOST, c.UpdateRoom(seat_count=4)).seat_count == 4
    assert r.code(room, r.HOST, c.UpdateRoom(seat_count=3)) is ErrorCode.SEATS_OCCUPIED
    assert r.code(room, r.HOST, c.UpdateRoom(seat_count=3, title="New")) is ErrorCode.SEATS_OCCUPIED


def test_a_wish_for_a_seat_that_is_gone_gets_another() -> None:
    room = r.applied(r.live_room(), r.ALICE, seat_index=9)
    room = r.act(room, r.HOST, c.UpdateRoom(seat_count=2))
    assert r.connection_of(r.act(room, r.HOST, r.answer(room, r.ALICE)), r.ALICE).seat_index == 1


def test_a_seat_beyond_the_layout_keeps_its_lock_until_it_is_back() -> None:
    room = r.act(r.live_room(), r.HOST, c.LockSeat(9, is_locked=True))
    room = r.act(room, r.HOST, c.UpdateRoom(seat_count=2))
    assert r.code(room, r.HOST, c.LockSeat(9, is_locked=False)) is ErrorCode.NO_SUCH_SEAT
    assert r.act(room, r.HOST, c.UpdateRoom(seat_count=9)).free_seats() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_portrait_and_landscape_are_chosen_before_the_show() -> None:
    turned = r.act(r.idle_room(), r.HOST, c.UpdateRoom(layout=Layout.LANDSCAPE))
    assert turned.seat_count == 3
    live = r.act(turned, r.HOST, c.GoLive())
    for room, layout in ((live, Layout.GRID), (r.live_room(), Layout.LANDSCAPE)):
        assert r.code(room, r.HOST, c.UpdateRoom(layout=layout)) is ErrorCode.LAYOUT_FROZEN
    assert r.act(live, r.HOST, c.UpdateRoom(layout=Layout.LANDSCAPE, title="New")).options.title == "New"


# -- sound only -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("options", [{"is_audio_only": True}, {"layout": Layout.LANDSCAPE}])
def test_a_room_for_sound_only_seats_nobody_by_picture(options: dict[str, Any]) -> None:
    room = r.live_room(**options)
    assert r.code(room, r.ALICE, c.Apply(LinkMedia.VIDEO)) is ErrorCode.AUDIO_ONLY
    assert r.code(room, r.MONA, c.Apply(LinkMedia.VIDEO)) is ErrorCode.AUDIO_ONLY
    assert r.code(room, r.MONA, c.TakeSeat(LinkMedia.VIDEO)) is ErrorCode.AUDIO_ONLY
    assert r.request_of(r.invited(room, r.ALICE), r.ALICE).media is LinkMedia.AUDIO
    assert r.connection_of(r.placed(room, r.BOB), r.BOB).media is LinkMedia.AUDIO
    assert r.connection_of(room, r.HOST).media is LinkMedia.VIDEO


def test_who_asked_by_picture_before_is_seated_by_sound() -> None:
    room = r.invited(r.applied(r.live_room(), r.ALICE), r.BOB)
    room = r.act(room, r.HOST, c.UpdateRoom(is_audio_only=True))
    room = r.act(r.act(room, r.HOST, r.answer(room, r.ALICE)), r.BOB, r.reply(room, r.BOB))
    assert {r.connection_of(room, who).media for who in (r.ALICE, r.BOB)} == {LinkMedia.AUDIO}
    assert room.ended_requests[0].media is LinkMedia.AUDIO


def test_who_sits_by_picture_already_stays_so() -> None:
    room = r.act(sitting_on(1), r.HOST, c.UpdateRoom(is_audio_only=True))
    assert r.connection_of(room, r.viewer("guest0")).media is LinkMedia.VIDEO


# -- metadata ---------------------------------------------------------------------------------------------------------
def test_metadata_are_set_changed_and_removed_and_sorted_by_key() -> None:
    room = r.act(r.idle_room(), r.HOST, c.SetMetadata({"b": "1", "a": ""}))
    room = r.act(room, r.MONA, c.SetMetadata({"b": "2", "c": "3"}))
    assert room.metadata == (("a", ""), ("b", "2"), ("c", "3"))
    assert r.act(room, r.SERVER, c.SetMetadata({"a": None, "c": None, "d": "4"})).metadata == (("b", "2"), ("d", "4"))


def test_two_helpers_set_different_keys_without_harm() -> None:
    room = r.act(r.live_room(), r.MONA, c.SetMetadata({"mona": "1"}))
    assert dict(r.act(room, r.ADA, c.SetMetadata({"ada": "2"})).metadata) == {"mona": "1", "ada": "2"}


def test_the_last_key_that_fits_and_one_more() -> None:
    room = r.act(r.live_room(), r.HOST, c.SetMetadata({f"k{n}": "v" for n in range(METADATA_KEYS_MAX - 1)}))
    full = r.act(room, r.HOST, c.SetMetadata({"last": "v"}))
    refused = r.refused(full, r.HOST, c.SetMetadata({"more": "v"}))
    assert (refused.code, refused.details) == (ErrorCode.METADATA_FULL, {"limit": METADATA_KEYS_MAX})
    assert dict(r.act(full, r.HOST, c.SetMetadata({"last": "new"})).metadata)["last"] == "new"
    assert dict(r.act(full, r.HOST, c.SetMetadata({"last": None, "more": "v"})).metadata)["more"] == "v"
