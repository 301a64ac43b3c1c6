"""The host is away: how long the live waits, and who carries on."""

import pytest

from micconnect.domain import internal as i
from micconnect.domain.clock import next_deadline
from micconnect.domain.room import RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import LinkMedia
from tests.unit import rooms as r

LOST, BACK = i.SocketsLost("host"), i.SocketUp("host")


def away(room: RoomState, seconds: float = 0) -> RoomState:
    return r.act(room, r.CLOCK, LOST, r.after(seconds))


@pytest.mark.parametrize("seconds", [30, 120, 3600])
def test_the_live_waits_for_its_host_as_long_as_the_room_says(seconds: int) -> None:
    room = away(r.live_room(host_away_s=seconds))
    assert room.host_away_until == r.after(seconds)
    assert r.ticked(room, r.after(seconds) - r.INSTANT) == room
    assert r.ticked(room, r.after(seconds)).end_reason == "host_away"


def test_a_host_off_the_seat_is_missed_as_well() -> None:
    room = away(r.live_room(keep_owner_on_seat=False))
    assert r.ticked(room, r.after(120)).end_reason == "host_away"


def test_while_the_host_is_away_helpers_answer_the_queue() -> None:
    room = away(r.applied(r.live_room(), r.ALICE, timeout_s=0))
    assert r.connection_of(r.act(room, r.MONA, r.answer(room, r.ALICE)), r.ALICE)


def test_a_helper_who_is_there_carries_on_where_the_room_allows_it() -> None:
    room = away(r.helped(r.live_room(is_carried_on=True), r.ALICE))
    carried = r.ticked(room, r.after(120))
    assert (carried.status, carried.host_away_until) == ("live", r.after(240))
    gone = r.act(carried, r.CLOCK, i.SocketsLost("alice"), r.after(200))
    assert r.ticked(gone, r.after(240)).end_reason == "host_away"
    back = r.act(gone, r.CLOCK, i.SocketUp("alice"), r.after(239))
    assert r.ticked(back, r.after(240)).host_away_until == r.after(360)
    assert r.act(carried, r.CLOCK, BACK, r.after(130)).host_away_until is None


@pytest.mark.parametrize(
    "room",
    [
        r.live_room(is_carried_on=True),
        r.helped(r.live_room(), r.ALICE),
        r.act(r.helped(r.live_room(is_carried_on=True), r.ALICE), r.HOST, c.SetModerator("alice", False)),
        r.act(r.helped(r.live_room(is_carried_on=True), r.ALICE), r.HOST, c.BanUser("alice")),
        r.act(r.helped(r.live_room(is_carried_on=True), r.ALICE), r.CLOCK, i.SocketsLost("alice")),
        r.seated(r.live_room(is_carried_on=True), r.BOB),
    ],
    ids=["nobody", "not allowed", "ended", "banned", "away", "a guest is no helper"],
)
def test_nobody_else_carries_on(room: RoomState) -> None:
    assert r.ticked(away(room), r.after(120)).end_reason == "host_away"


def test_when_all_lines_are_cut_by_us_helpers_have_to_come_back_as_everybody() -> None:
    room = r.act(r.helped(r.live_room(is_carried_on=True), r.ALICE), r.CLOCK, i.AllSocketsLost())
    assert not room.members[0].is_here and room.host_away_until == r.after(120)
    assert r.ticked(room, r.after(120)).end_reason == "host_away"
    back = r.act(room, r.CLOCK, i.SocketUp("alice"), r.after(9))
    assert r.ticked(back, r.after(120)).status == "live"


def test_a_helpers_line_matters_to_the_room_and_a_former_helpers_does_not() -> None:
    room = r.helped(r.live_room(), r.ALICE)
    assert room.has_stake("alice") and not room.has_stake("bob")
    assert not r.act(room, r.HOST, c.SetModerator("alice", False)).has_stake("alice")


# -- what a tick is needed for ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("room", "after_s"),
    [
        (r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice", 7)), 7),
        (r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BanUser("alice")), None),
        (r.act(r.live_room(), r.HOST, c.CreateInviteLink(LinkMedia.AUDIO, 1, 60)), 60),
        (r.seated(r.live_room(time_limit_s=10), r.BOB), 10),
        (r.seated(r.live_room(), r.BOB, is_heard=False), 30),
        (r.applied(r.live_room(), r.ALICE), 60),
        (away(r.live_room()), 120),
    ],
)
def test_when_the_next_tick_has_something_to_do(room: RoomState, after_s: int | None) -> None:
    assert next_deadline(room) == (None if after_s is None else r.after(after_s))
    if after_s is None:
        return
    assert r.ticked(room, r.after(after_s) - r.INSTANT) == room
    assert r.ticked(room, r.after(after_s)) != room


def test_the_last_tick_of_a_show_also_seats_nobody() -> None:
    room = r.applied(r.seated(r.live_room(seat_count=1, time_limit_s=120), r.BOB), r.ALICE, timeout_s=0)
    room = away(r.with_options(room, is_rotating=True, is_auto_accepting=True))
    ended = r.ticked(room, r.after(120))
    assert (ended.connections, ended.requests, ended.status) == ((), (), "ended")
    assert r.code(ended, r.ALICE, c.Apply(LinkMedia.VIDEO), r.after(120)) is ErrorCode.ROOM_ENDED
