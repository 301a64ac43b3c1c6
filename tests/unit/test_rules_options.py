"""Options and metadata: what the staff may set when, and that nobody loses a seat by it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from msgspec.structs import replace

from micconnect.domain.internal import SocketsLost
from micconnect.domain.outcome import RequestEnded
from micconnect.domain.room import RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import (
    LAYOUT_SEATS,
    METADATA_KEYS_MAX,
    ConnectionState,
    Device,
    DeviceState,
    Layout,
    LinkMedia,
    QueueOrder,
    SeatMode,
    VoidCause,
)
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
    "is_carried_on": False,
    "is_arriving_muted": True,
    "may_unmute": False,
    "allows_unnamed": True,
}


def sitting_on(count: int, **options: Any) -> RoomState:
    """A live room with so many guests on its first seats."""
    room = r.live_room(**options)
    for number in range(count):
        room = r.seated(room, r.viewer(f"guest{number}"))
    return room


def test_every_option_can_be_set_and_a_command_names_no_other() -> None:
    assert set(OTHERS) == set(RoomOptions.__struct_fields__) == set(c.UpdateRoom.__struct_fields__)


def test_the_table_of_changes_in_mid_show_has_every_option_and_every_seat_mode_that_can_be_chosen() -> None:
    rows = (Path(settings.BASE_DIR) / "docs/options.md").read_text().splitlines()
    named = set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in rows if row.startswith("| `"))))
    assert named == {*RoomOptions.__struct_encode_fields__, *SeatMode}
    assert {row.count("|") for row in rows if row.startswith("|")} == {6}, "each row says it of everybody"


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


def test_who_sits_by_picture_goes_on_by_sound_at_once_and_the_host_stays_seen() -> None:
    guest = r.viewer("guest0")
    room = r.act(sitting_on(1), guest, c.SetDevice(Device.SCREEN, is_open=True))
    room = r.act(room, r.HOST, c.AskToOpen("guest0", Device.CAMERA))
    room = r.act(room, r.HOST, c.UpdateRoom(is_audio_only=True))
    sitting = r.connection_of(room, guest)
    assert (sitting.media, sitting.camera, sitting.screen) == (LinkMedia.AUDIO, DeviceState.CLOSED, DeviceState.CLOSED)
    assert (sitting.microphone, sitting.state) == (DeviceState.OPEN, ConnectionState.LIVE)
    assert r.code(room, guest, c.SetDevice(Device.CAMERA, is_open=True)) is ErrorCode.AUDIO_ONLY
    assert r.connection_of(room, r.HOST).camera is DeviceState.OPEN
    for before in (room, r.seated(r.live_room(), r.BOB, media=LinkMedia.AUDIO)):  # who comes by sound notices nothing
        told = r.decided(before, r.HOST, c.UpdateRoom(title="New", is_audio_only=True))
        assert told.room.connections == before.connections
    again = r.act(room, r.HOST, c.UpdateRoom(is_audio_only=False))
    assert r.connection_of(again, guest).media is LinkMedia.AUDIO


def test_nobody_is_asked_for_a_picture_that_the_room_no_longer_shows() -> None:
    guest = r.viewer("guest0")
    room = r.act(sitting_on(1), r.HOST, c.LockDevice("guest0", Device.CAMERA, is_locked=True))
    asking = r.act(room, guest, c.AskToSpeak(Device.CAMERA))
    closed = r.act(sitting_on(1), guest, c.SetDevice(Device.CAMERA, is_open=False))
    asked = r.act(closed, r.HOST, c.AskToOpen("guest0", Device.CAMERA))
    for before in (asking, asked):
        sitting = r.connection_of(r.act(before, r.HOST, c.UpdateRoom(is_audio_only=True)), guest)
        assert (sitting.asks, sitting.asked, sitting.shut) == (None, None, ())


# -- those who wait while the room changes ----------------------------------------------------------------------------
def ended(room: RoomState) -> list[tuple[str, str | None]]:
    """Whose requests ended, and by which cause if nobody answered."""
    return [(request.person.user_id, request.cause) for request in room.ended_requests]


def test_where_seats_become_free_to_take_the_queue_sits_down_first_and_in_order() -> None:
    room = sitting_on(1, seat_count=2)
    for who in (r.ALICE, r.BOB):
        room = r.applied(room, who)
    room = r.act(room, r.HOST, c.UpdateRoom(seat_mode=SeatMode.FREE))
    assert room.connection_of("alice") and not room.connection_of("bob")
    assert r.code(room, r.CAROL, c.TakeSeat()) is ErrorCode.SEATS_FULL
    room = r.act(room, r.viewer("guest0"), c.LeaveSeat())
    assert room.connection_of("bob"), "whoever waited comes before others can sit down"
    assert r.code(room, r.CAROL, c.TakeSeat()) is ErrorCode.SEATS_FULL


def test_who_is_away_holds_up_nobody_where_seats_are_free_to_take() -> None:
    room = r.act(r.applied(r.live_room(seat_count=1), r.ALICE), r.CLOCK, SocketsLost("alice"))
    room = r.act(room, r.HOST, c.UpdateRoom(seat_mode=SeatMode.FREE))
    assert r.act(room, r.BOB, c.TakeSeat()).connection_of("bob")


@pytest.mark.parametrize("mode", [SeatMode.INVITE_ONLY, SeatMode.CLOSED])
def test_nobody_waits_on_where_nobody_can_ask_any_more(mode: SeatMode) -> None:
    room = r.applied(r.live_room(), r.ALICE)
    outcome = r.decided(room, r.HOST, c.UpdateRoom(seat_mode=mode))
    assert ended(outcome.room) == [("alice", VoidCause.ROOM_CHANGED)] and not outcome.room.requests
    assert [moment.request.person for moment in outcome.moments if isinstance(moment, RequestEnded)] == [r.ALICE.person]


def test_an_invitation_and_a_turn_that_was_promised_stand_until_the_room_is_closed() -> None:
    room = r.act(r.seated(r.live_room(), r.BOB), r.HOST, c.ReturnToQueue("bob"))
    room = r.invited(room, r.CAROL)
    room = r.act(room, r.HOST, c.UpdateRoom(seat_mode=SeatMode.INVITE_ONLY, needs_login=True))
    assert [request.person.user_id for request in room.requests] == ["bob", "carol"]
    closed = r.act(room, r.HOST, c.UpdateRoom(seat_mode=SeatMode.CLOSED))
    assert ended(closed)[-2:] == [("bob", VoidCause.ROOM_CHANGED), ("carol", VoidCause.ROOM_CHANGED)]


def test_where_an_account_is_needed_those_without_wait_no_longer_and_helpers_do() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    room = r.applied(r.applied(room, replace(r.BOB, has_account=True)), r.MONA)
    room = r.act(room, r.HOST, c.UpdateRoom(needs_login=True))
    assert [request.person.user_id for request in room.requests] == ["bob", "mona"]
    assert ended(room) == [("alice", VoidCause.ROOM_CHANGED)]


def test_a_queue_that_was_sent_away_does_not_come_back_into_a_room_that_has_none() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE), r.HOST, c.RejectAll())
    seq = room.seq
    room = r.act(room, r.HOST, c.UpdateRoom(seat_mode=SeatMode.CLOSED))
    assert not r.act(room, r.HOST, c.UndoRejectAll(seq)).requests


@pytest.mark.parametrize("name", ["is_paused", "min_stay_s", "max_turns", "time_limit_s", "has_backstage"])
def test_other_options_end_nobodys_wait(name: str) -> None:
    room = r.invited(r.applied(r.live_room(), r.ALICE), r.BOB)
    after = r.act(room, r.HOST, c.UpdateRoom(**{name: OTHERS[name]}))
    assert len(after.requests) == 2 and not after.ended_requests


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
