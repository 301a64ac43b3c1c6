"""The stage and what is behind it: spotlight, readiness, time limits and turns."""

import pytest

from micconnect.domain import internal as i
from micconnect.domain.room import RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import ConnectionEnd, SeatMode
from tests.unit import rooms as r

ON_AIR = r.seated(r.live_room(), r.BOB)
BACKSTAGE = r.seated(r.live_room(has_backstage=True), r.BOB)
READY = r.act(BACKSTAGE, r.BOB, c.SetReady(True))
ON, OFF = c.SetBackstage("bob", False), c.SetBackstage("bob", True)


def bob(room: RoomState) -> r.Connection:
    return r.connection_of(room, r.BOB)


# -- behind the stage -------------------------------------------------------------------------------------------------
def test_where_there_is_a_backstage_every_guest_begins_there() -> None:
    room = r.live_room(has_backstage=True)
    for seated in (r.seated(room, r.BOB), r.placed(room, r.BOB)):
        assert (bob(seated).is_backstage, bob(seated).is_ready, bob(seated).aired_at) == (True, False, None)
    assert r.connection_of(r.act(room, r.MONA, c.TakeSeat()), r.MONA).is_backstage
    assert not r.connection_of(room, r.HOST).is_backstage


def test_a_guest_comes_on_stage_when_ready_and_by_the_staff() -> None:
    assert r.code(BACKSTAGE, r.MONA, ON) is ErrorCode.NOT_READY
    assert r.code(READY, r.BOB, ON) is ErrorCode.FORBIDDEN
    assert r.code(r.act(READY, r.BOB, c.SetReady(False)), r.MONA, ON) is ErrorCode.NOT_READY
    on_stage = r.act(READY, r.MONA, ON, r.after(5))
    assert (bob(on_stage).is_backstage, bob(on_stage).aired_at) == (False, r.after(5))


def test_on_the_stage_there_is_nothing_to_say_about_readiness() -> None:
    assert r.act(ON_AIR, r.BOB, c.SetReady(True)) == ON_AIR
    assert r.code(ON_AIR, r.HOST, c.SetReady(True)) is ErrorCode.FORBIDDEN


def test_a_guest_who_goes_behind_the_stage_checks_the_devices_anew() -> None:
    room = r.act(r.act(READY, r.MONA, ON), r.MONA, OFF, r.after(20))
    assert (bob(room).is_backstage, bob(room).is_ready, bob(room).aired_at) == (True, False, None)
    assert bob(room).spoken_s == 20
    assert r.act(room, r.MONA, OFF) == room
    assert r.act(ON_AIR, r.MONA, ON) == ON_AIR


def test_who_is_brought_on_stage_without_being_heard_is_on_it_with_the_first_sound() -> None:
    room = r.seated(r.live_room(has_backstage=True, time_limit_s=30), r.BOB, is_heard=False)
    room = r.act(r.act(room, r.BOB, c.SetReady(True)), r.MONA, ON, r.after(5))
    assert (bob(room).aired_at, bob(room).ends_at) == (None, None)
    room = r.heard(room, r.BOB, r.after(9))
    assert (bob(room).aired_at, bob(room).ends_at) == (r.after(9), r.after(39))


# -- spotlight --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("user_id", ["bob", "host"])
def test_somebody_on_the_stage_is_shown_large_until_it_ends(user_id: str) -> None:
    room = r.act(ON_AIR, r.MONA, c.SetSpotlight(user_id))
    assert room.spotlight == user_id
    assert r.act(room, r.HOST, c.SetSpotlight(None)).spotlight is None


def test_nobody_behind_the_stage_or_off_the_seats_is_shown_large() -> None:
    assert r.code(BACKSTAGE, r.HOST, c.SetSpotlight("bob")) is ErrorCode.NOT_READY
    assert r.code(ON_AIR, r.HOST, c.SetSpotlight("alice")) is ErrorCode.NOT_ON_SEAT


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (r.BOB, c.LeaveSeat()),
        (r.BOB, c.Leave()),
        (r.HOST, c.DisconnectUser("bob")),
        (r.HOST, OFF),
        (r.HOST, c.LockSeat(1, is_locked=True)),
        (r.HOST, c.BanUser("bob")),
    ],
)
def test_the_spotlight_ends_with_the_time_on_stage(who: r.Actor, command: c.Command) -> None:
    room = r.act(ON_AIR, r.HOST, c.SetSpotlight("bob"))
    assert r.act(room, who, command).spotlight is None  # type: ignore[arg-type]
    other = r.act(ON_AIR, r.HOST, c.SetSpotlight("host"))
    assert r.act(other, who, command).spotlight == "host"  # type: ignore[arg-type]


def test_the_spotlight_stays_with_who_moves_or_loses_the_line() -> None:
    room = r.act(ON_AIR, r.HOST, c.SetSpotlight("bob"))
    assert r.act(room, r.BOB, c.MoveSeat(4)).spotlight == "bob"
    assert r.act(room, r.CLOCK, i.SocketsLost("bob")).spotlight == "bob"


# -- the time on air --------------------------------------------------------------------------------------------------
def limited(*, is_heard: bool = True) -> RoomState:
    return r.seated(r.live_room(time_limit_s=30), r.BOB, is_heard=is_heard)


def end_of_bob(room: RoomState, seconds: float) -> ConnectionEnd | None:
    after = r.ticked(room, r.after(seconds))
    return None if after.connection_of("bob") else after.ended_connections[-1].end_reason


def test_the_time_on_air_begins_with_the_first_sound_and_ends_to_the_instant() -> None:
    assert bob(limited(is_heard=False)).ends_at is None
    room = r.heard(limited(is_heard=False), r.BOB, r.after(9))
    assert bob(room).ends_at == r.after(39)
    assert r.ticked(room, r.after(39) - r.INSTANT) == room
    assert end_of_bob(room, 39) is ConnectionEnd.TIME_UP


def test_the_time_on_air_runs_through_gaps() -> None:
    room = r.act(limited(), r.CLOCK, i.SocketsLost("bob"), r.after(5))
    room = r.act(room, r.CLOCK, i.SocketUp("bob"), r.after(25))
    assert bob(room).ends_at == r.after(30)


def test_who_is_lost_and_late_at_once_is_lost() -> None:
    room = r.act(limited(), r.CLOCK, i.SocketsLost("bob"))
    assert end_of_bob(room, 30) is ConnectionEnd.LOST


def test_behind_the_stage_no_time_runs_and_the_next_time_begins_anew() -> None:
    room = r.act(limited(), r.HOST, OFF, r.after(20))
    assert bob(room).ends_at is None and r.ticked(room, r.after(9999)) == room
    room = r.act(r.act(room, r.BOB, c.SetReady(True)), r.HOST, ON, r.after(100))
    assert bob(room).ends_at == r.after(130)
    assert r.act(room, r.BOB, c.LeaveSeat(), r.after(105)).spoken_s("bob") == 25


@pytest.mark.parametrize(("seconds", "ends_after_s"), [(10, 15), (60, 65), (0, None)])
def test_the_staff_sets_the_time_that_is_left(seconds: int, ends_after_s: int | None) -> None:
    room = r.act(limited(), r.MONA, c.SetTimeLimit("bob", seconds), r.after(5))
    assert bob(room).ends_at == (None if ends_after_s is None else r.after(ends_after_s))


def test_a_limit_set_before_the_first_sound_runs_from_it() -> None:
    room = r.act(limited(is_heard=False), r.MONA, c.SetTimeLimit("bob", 10))
    assert bob(room).ends_at is None
    assert bob(r.heard(room, r.BOB, r.after(7))).ends_at == r.after(17)


def test_another_limit_of_the_room_is_for_those_who_come() -> None:
    room = r.act(limited(), r.HOST, c.UpdateRoom(time_limit_s=60))
    assert bob(room).ends_at == r.after(30)
    assert r.connection_of(r.seated(room, r.CAROL), r.CAROL).ends_at == r.after(60)


def test_seconds_on_the_stage_are_added_up_for_the_show() -> None:
    room = r.act(ON_AIR, r.BOB, c.LeaveSeat(), r.after(40))
    room = r.act(r.seated(room, r.BOB, r.after(50)), r.BOB, c.LeaveSeat(), r.after(60.9))
    assert room.spoken_s("bob") == 50
    assert room.spoken_s("alice") == 0
    never = r.act(r.seated(r.live_room(), r.BOB, is_heard=False), r.BOB, c.LeaveSeat(), r.after(40))
    assert never.spoken_s("bob") == 0
    ended = r.act(r.live_room(), r.HOST, c.EndLive(), r.after(40))
    assert ended.spoken_s("host") == 0, "the host's time is no guest's turn"


# -- turns ------------------------------------------------------------------------------------------------------------
def rotating(**options: object) -> RoomState:
    """Bob on the only seat for 30 s; Alice waits without end."""
    room = r.live_room(**{"seat_count": 1, "time_limit_s": 30, "is_rotating": True, **options})
    return r.applied(r.seated(room, r.BOB), r.ALICE, timeout_s=0)


def test_when_the_time_is_up_the_first_of_the_queue_follows() -> None:
    outcome = r.decided(rotating(), r.CLOCK, i.Tick(), r.after(30))
    assert r.connection_of(outcome.room, r.ALICE).seat_index == 1
    assert outcome.room.ended_connections[-1].end_reason == "time_up"
    assert outcome.room.ended_requests[-1].operator == r.HOST.person


def test_nobody_follows_where_nobody_may_ask_any_more() -> None:
    closed = r.with_options(rotating(), seat_mode=SeatMode.INVITE_ONLY)
    room = r.ticked(closed, r.after(30))
    assert room.free_seats() == [1] and r.request_of(room, r.ALICE)


def test_without_rotation_the_seat_stays_free() -> None:
    room = r.ticked(rotating(is_rotating=False), r.after(30))
    assert room.free_seats() == [1] and r.request_of(room, r.ALICE)


def test_nobody_follows_who_is_away_or_waits_for_a_person_to_answer() -> None:
    away = r.act(rotating(), r.CLOCK, i.SocketsLost("alice"), r.after(10))
    assert r.ticked(away, r.after(30)).free_seats() == [1]
    held = r.live_room(seat_count=2, time_limit_s=30, is_rotating=True)
    held = r.act(r.seated(r.seated(held, r.BOB), r.ALICE), r.HOST, c.ReturnToQueue("alice"))
    after = r.ticked(held, r.after(30))
    assert after.connection_of("bob") is None and r.request_of(after, r.ALICE)


def test_a_lost_guest_is_no_turn() -> None:
    room = r.act(rotating(time_limit_s=0), r.CLOCK, i.SocketsLost("bob"))
    assert r.ticked(room, r.after(30)).free_seats() == [1]
