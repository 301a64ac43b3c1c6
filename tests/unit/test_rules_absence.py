"""The host is away: how long the live waits, and who carries on."""

from typing import Any

import pytest

from micconnect.domain import internal as i
from micconnect.domain import views
from micconnect.domain.clock import next_deadline
from micconnect.domain.room import Actor, RoomState
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


def helped(**options: Any) -> RoomState:
    """Alice is a helper and there."""
    return r.helped(r.live_room(**options), r.ALICE)


def test_a_helper_who_is_there_carries_on_where_the_room_allows_it() -> None:
    carried = away(helped(), 5)
    info = views.live_info(carried)
    assert (info.host_away_since, info.host_away_until) == (r.after(5), None)
    assert info.carried_on_by and info.carried_on_by.user_id == "alice"
    assert r.ticked(carried, r.after(9999)) == carried
    back = r.act(carried, r.CLOCK, BACK, r.after(9999))
    info = views.live_info(back)
    assert (info.host_away_since, info.host_away_until, info.carried_on_by) == (None, None, None)


def test_the_live_waits_anew_when_who_carried_on_goes_and_then_ends_for_that_reason() -> None:
    gone = r.act(away(helped()), r.CLOCK, i.SocketsLost("alice"), r.after(200))
    assert (gone.host_away_until, views.live_info(gone).carried_on_by) == (r.after(320), None)
    assert r.ticked(gone, r.after(320)).end_reason == "helper_away"
    back = r.act(gone, r.CLOCK, i.SocketUp("alice"), r.after(319))
    assert r.ticked(back, r.after(320)).status == "live"


def test_another_helper_takes_over_and_who_carries_on_stays_so_beside_others() -> None:
    carried = away(r.helped(helped(), r.BOB))
    assert carried.carrier == r.ALICE.person
    taken = r.act(carried, r.CLOCK, i.SocketsLost("alice"), r.after(9))
    assert (taken.carrier, taken.host_away_until) == (r.BOB.person, None)
    assert r.act(taken, r.CLOCK, i.SocketUp("alice"), r.after(10)).carrier == r.BOB.person


def test_where_the_room_does_not_say_so_a_helper_carries_on_by_own_word_and_again_when_back() -> None:
    waiting = away(helped(is_carried_on=False))
    assert waiting.host_away_until == r.after(120)
    carried = r.act(waiting, r.ALICE, c.CarryOn(), r.after(100))
    assert r.ticked(carried, r.after(120)).status == "live"
    gone = r.act(carried, r.CLOCK, i.SocketsLost("alice"), r.after(130))
    back = r.act(gone, r.CLOCK, i.SocketUp("alice"), r.after(140))
    assert (back.carrier, back.host_away_until) == (r.ALICE.person, None)
    returned = r.act(back, r.CLOCK, BACK, r.after(150))
    assert away(returned, 160).host_away_until == r.after(280), "the word was for that absence"


def test_only_a_helper_whom_the_host_named_and_who_is_there_carries_on() -> None:
    room = away(helped(is_carried_on=False))
    for who in (r.HOST, r.MONA, r.ADA, r.SERVER, r.BOB):
        assert r.code(room, who, c.CarryOn()) is ErrorCode.FORBIDDEN
    gone = r.act(room, r.CLOCK, i.SocketsLost("alice"))
    assert r.code(gone, r.ALICE, c.CarryOn()) is ErrorCode.FORBIDDEN


def test_there_is_nothing_to_carry_on_or_to_wait_for_while_the_host_is_here() -> None:
    for command in (c.CarryOn(), c.WaitLonger()):
        assert r.code(helped(), r.ALICE, command) is ErrorCode.HOST_HERE
    assert r.code(away(helped()), r.ALICE, c.WaitLonger()) is ErrorCode.HOST_HERE


@pytest.mark.parametrize("who", [r.ALICE, r.ADA, r.SERVER])
def test_the_staff_lets_the_live_wait_longer(who: Actor) -> None:
    room = r.act(away(helped(is_carried_on=False)), who, c.WaitLonger(), r.after(119))
    assert room.host_away_until == r.after(239)
    assert r.code(room, r.BOB, c.WaitLonger()) is ErrorCode.FORBIDDEN


@pytest.mark.parametrize(("seconds", "until"), [(300, 300), (30, 30), (120, 120)])
def test_another_wait_of_the_room_moves_the_one_that_runs(seconds: int, until: int) -> None:
    room = r.act(away(r.live_room()), r.MONA, c.UpdateRoom(host_away_s=seconds), r.after(10))
    assert room.host_away_until == r.after(until)


def test_of_the_helpers_only_who_carries_on_may_end_the_live() -> None:
    carried = away(r.helped(helped(), r.BOB))
    assert r.code(carried, r.BOB, c.EndLive()) is ErrorCode.FORBIDDEN
    assert r.act(carried, r.ALICE, c.EndLive()).end_reason == "moderator"
    assert r.code(r.act(carried, r.CLOCK, BACK), r.ALICE, c.EndLive()) is ErrorCode.FORBIDDEN
    assert r.code(r.act(carried, r.CLOCK, i.SocketsLost("alice")), r.ALICE, c.EndLive()) is ErrorCode.FORBIDDEN


@pytest.mark.parametrize(
    "room",
    [
        r.live_room(),
        helped(is_carried_on=False),
        r.act(helped(), r.HOST, c.SetModerator("alice", False)),
        r.act(helped(), r.HOST, c.BanUser("alice")),
        r.act(helped(), r.CLOCK, i.SocketsLost("alice")),
        r.seated(r.live_room(), r.BOB),
    ],
    ids=["nobody", "not allowed", "ended", "banned", "away", "a guest is no helper"],
)
def test_nobody_else_carries_on(room: RoomState) -> None:
    assert r.ticked(away(room), r.after(120)).end_reason == "host_away"


def test_a_helper_named_or_come_back_during_the_absence_carries_on_at_once() -> None:
    room = away(r.live_room())
    named = r.act(r.present(room, r.ALICE), r.ADA, c.SetModerator("alice", True), r.after(60))
    assert (named.carrier, named.host_away_until) == (r.ALICE.person, None)
    ended = r.act(named, r.ADA, c.SetModerator("alice", False), r.after(70))
    assert ended.host_away_until == r.after(190)


def test_when_all_lines_are_cut_by_us_helpers_have_to_come_back_as_everybody() -> None:
    room = r.act(helped(), r.CLOCK, i.AllSocketsLost())
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
