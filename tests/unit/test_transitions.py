"""Lines, media and time: who keeps a seat for how long, and what a tick carries out."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.clock import next_deadline
from micconnect.domain.room import Connection, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.words import ConnectionState, LinkMedia
from tests.unit import rooms as r

LOST_BOB, BOB_BACK = i.SocketsLost("bob"), i.SocketUp("bob")


def bob_on_air() -> RoomState:
    return r.seated(r.live_room(), r.BOB)


def bob(room: RoomState) -> Connection:
    return r.connection_of(room, r.BOB)


def at_bob(kind: type[i.MediaUp] | type[i.MediaGone], room: RoomState, now: datetime = r.NOW) -> RoomState:
    """The media of Bob's connection came or went."""
    return r.act(room, r.MEDIA, kind(number=bob(room).number), now)


def end_of_bob(room: RoomState, now: datetime) -> str | None:
    """How Bob's connection ended by a tick; None when he still sits."""
    after = r.ticked(room, now)
    return None if after.connection_of("bob") else after.ended_connections[-1].end_reason


def check_edge(room: RoomState, edge: datetime, reason: str) -> None:
    """Bob sits until the instant before, and no longer."""
    assert end_of_bob(room, edge - r.INSTANT) is None
    assert end_of_bob(room, edge) == reason


# -- a guest -----------------------------------------------------------------------------------------------------------
def test_sound_makes_a_connection_live() -> None:
    room = r.seated(r.live_room(), r.BOB, is_heard=False)
    assert (bob(room).state, bob(room).deadline, bob(room).live_at) == ("joining", r.after(30), None)
    room = r.heard(room, r.BOB, r.after(2))
    assert (bob(room).state, bob(room).deadline, bob(room).live_at) == ("live", None, r.after(2))


def test_joining_without_ever_being_heard_ends_as_media_failed() -> None:
    check_edge(r.seated(r.live_room(), r.BOB, is_heard=False), r.after(30), "media_failed")


def test_joining_without_a_line_ends_as_lost() -> None:
    room = r.act(r.seated(r.live_room(), r.BOB, is_heard=False), r.CLOCK, LOST_BOB, r.after(10))
    check_edge(room, r.after(30), "lost")


def test_a_lost_line_keeps_the_seat_for_30_s() -> None:
    room = r.act(bob_on_air(), r.CLOCK, LOST_BOB, r.after(5))
    assert bob(room).state == "reconnecting"
    check_edge(room, r.after(35), "lost")


def test_lost_media_keep_the_seat_for_30_s() -> None:
    room = at_bob(i.MediaGone, bob_on_air(), r.after(5))
    assert bob(room).state == "reconnecting"
    check_edge(room, r.after(35), "lost")


def test_a_running_deadline_is_not_prolonged_by_a_second_loss() -> None:
    room = at_bob(i.MediaGone, bob_on_air(), r.after(5))
    room = r.act(room, r.CLOCK, LOST_BOB, r.after(20))
    room = r.act(room, r.CLOCK, BOB_BACK, r.after(34))
    check_edge(room, r.after(35), "lost")


def test_line_and_media_are_both_needed_to_be_safe() -> None:
    room = at_bob(i.MediaGone, r.act(bob_on_air(), r.CLOCK, LOST_BOB))
    with_line, with_media = r.act(room, r.CLOCK, BOB_BACK), at_bob(i.MediaUp, room)
    assert bob(with_line).state == bob(with_media).state == "reconnecting"
    back = at_bob(i.MediaUp, with_line, r.after(9))
    assert (bob(back).state, bob(back).deadline, bob(back).live_at) == ("live", None, r.NOW)


def test_a_new_loss_gets_a_new_grace() -> None:
    room = r.act(r.act(bob_on_air(), r.CLOCK, LOST_BOB), r.CLOCK, BOB_BACK, r.after(29))
    check_edge(r.act(room, r.CLOCK, LOST_BOB, r.after(40)), r.after(70), "lost")


def test_an_absent_applicant_is_accepted_onto_a_seat_that_waits() -> None:
    room = r.act(r.applied(r.live_room(), r.BOB), r.CLOCK, LOST_BOB)
    room = r.act(room, r.HOST, r.answer(room, r.BOB), r.after(10))
    assert not bob(room).has_socket
    check_edge(room, r.after(40), "lost")


@pytest.mark.parametrize("kind", [i.MediaUp, i.MediaGone])
def test_media_of_an_ended_connection_change_nothing(kind: type[i.MediaUp]) -> None:
    room = bob_on_air()
    number = bob(room).number
    room = r.act(room, r.BOB, c.LeaveSeat())
    assert r.act(room, r.MEDIA, kind(number=number)) == room
    assert r.act(room, r.MEDIA, kind(number=999)) == room


@pytest.mark.parametrize("command", [i.SocketUp("nobody"), i.SocketsLost("nobody"), i.SocketUp("bob"), i.Tick()])
def test_news_that_change_nothing_take_no_number(command: i.Internal) -> None:
    room = bob_on_air()
    assert r.act(room, r.CLOCK, command) == room  # type: ignore[arg-type]


# -- the media server --------------------------------------------------------------------------------------------------
def test_while_the_media_server_is_away_nobody_loses_a_seat_for_it() -> None:
    room = r.act(r.seated(bob_on_air(), r.CAROL, is_heard=False), r.MEDIA, i.MediaServerLost(), r.after(20))
    assert next_deadline(room) is None
    assert r.ticked(room, r.after(10**6)) == room
    assert bob(room).state == "reconnecting"


def test_when_it_is_back_everybody_has_30_s_to_publish() -> None:
    room = r.act(r.act(bob_on_air(), r.MEDIA, i.MediaServerLost()), r.MEDIA, i.MediaServerBack(), r.after(500))
    assert not bob(room).has_media
    check_edge(room, r.after(530), "lost")


def test_it_may_be_back_without_ever_having_been_missed() -> None:
    room = r.act(bob_on_air(), r.MEDIA, i.MediaServerBack(), r.after(7))
    check_edge(room, r.after(37), "lost")


def test_its_absence_saves_no_seat_without_a_line() -> None:
    room = r.act(bob_on_air(), r.MEDIA, i.MediaServerLost())
    check_edge(r.act(room, r.CLOCK, LOST_BOB, r.after(10)), r.after(40), "lost")


def test_its_coming_and_going_prolongs_no_seat_without_a_line() -> None:
    room = r.act(bob_on_air(), r.CLOCK, LOST_BOB)
    for seconds in (10, 15, 20, 25):
        room = r.act(room, r.MEDIA, i.MediaServerLost(), r.after(seconds))
        room = r.act(room, r.MEDIA, i.MediaServerBack(), r.after(seconds + 1))
    check_edge(room, r.after(30), "lost")


# -- requests ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [r.applied, r.invited], ids=["application", "invitation"])
def test_a_request_times_out(make: type[RoomState]) -> None:
    room = make(r.live_room(), r.ALICE)
    assert r.ticked(room, r.after(60) - r.INSTANT) == room
    (ended,) = r.ticked(room, r.after(60)).ended_requests
    assert (ended.state, ended.ended_at, ended.cause) == ("timeout", r.after(60), None)


def test_who_is_away_for_30_s_has_left() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE, timeout_s=0), r.CLOCK, i.SocketsLost("alice"), r.after(100))
    room = r.act(room, r.CLOCK, i.SocketsLost("alice"), r.after(120))  # said twice, counted once
    assert r.ticked(room, r.after(130) - r.INSTANT) == room
    (ended,) = r.ticked(room, r.after(130)).ended_requests
    assert (ended.state, ended.cause, ended.gone_at) == ("void", "left", None)


def test_who_comes_back_keeps_the_place() -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE), r.BOB)
    room = r.act(room, r.CLOCK, i.SocketsLost("alice"))
    room = r.act(room, r.CLOCK, i.SocketUp("alice"), r.after(29))
    assert [q.person.user_id for q in r.ticked(room, r.after(59)).requests] == ["alice", "bob"]


def test_a_request_that_is_both_late_and_left_has_timed_out() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE, timeout_s=60), r.CLOCK, i.SocketsLost("alice"))
    assert r.ticked(room, r.after(60)).ended_requests[0].state == "timeout"


# -- the host ----------------------------------------------------------------------------------------------------------
def test_a_host_who_is_away_for_120_s_ends_the_live() -> None:
    room = r.act(r.applied(bob_on_air(), r.ALICE, timeout_s=0), r.CLOCK, i.SocketsLost("host"), r.after(1))
    assert room.host_away_until == r.after(121)
    assert (r.connection_of(room, r.HOST).state, r.connection_of(room, r.HOST).deadline) == ("reconnecting", None)
    assert r.ticked(room, r.after(121) - r.INSTANT) == room
    ended = r.ticked(room, r.after(121))
    assert (ended.status, ended.end_reason, ended.host_away_until) == ("ended", "host_away", None)
    assert ended.ended_requests[-1].cause == "room_ended"


def test_a_host_who_comes_back_finds_everything_as_it_was() -> None:
    room = bob_on_air()
    away = r.act(room, r.CLOCK, i.SocketsLost("host"))
    assert r.act(away, r.CLOCK, i.SocketsLost("host"), r.after(60)) == away
    back = r.act(away, r.CLOCK, i.SocketUp("host"), r.after(119))
    assert replace(back, seq=room.seq) == room


@pytest.mark.parametrize("room", [r.idle_room(), r.act(r.live_room(), r.HOST, c.EndLive())], ids=["idle", "ended"])
def test_no_host_is_missed_off_air(room: RoomState) -> None:
    assert r.act(room, r.CLOCK, i.SocketsLost("host")) == room


def test_the_hosts_seat_never_has_a_deadline() -> None:
    room = r.act(r.idle_room(), r.HOST, c.GoLive())
    number = room.connections[0].number
    steps = (i.MediaUp(number), i.MediaGone(number), i.SocketsLost("host"), i.MediaServerLost(), i.MediaServerBack())
    for command in (*steps, i.AllSocketsLost(), i.SocketUp("host")):
        room = r.act(room, r.CLOCK, command)
        assert room.connections[0].deadline is None


# -- all at once -------------------------------------------------------------------------------------------------------
def test_when_all_lines_are_cut_by_us_all_waits_start_anew() -> None:
    room = r.applied(bob_on_air(), r.ALICE, timeout_s=0)
    for user_id in ("host", "bob", "alice"):
        room = r.act(room, r.CLOCK, i.SocketsLost(user_id))
    room = r.act(room, r.CLOCK, i.AllSocketsLost(), r.after(25))
    assert (room.host_away_until, bob(room).deadline) == (r.after(145), r.after(55))
    assert r.request_of(room, r.ALICE).gone_at == r.after(25)
    assert r.ticked(room, r.after(55) - r.INSTANT) == room


def test_one_tick_does_everything_that_is_due_in_one_change() -> None:
    room = r.seated(bob_on_air(), r.CAROL, is_heard=False)
    room = r.invited(r.applied(r.applied(room, r.ALICE), r.viewer("dora"), timeout_s=0), r.viewer("erin"))
    room = r.act(room, r.CLOCK, i.SocketsLost("dora"))
    room = r.act(room, r.CLOCK, LOST_BOB)
    outcome = r.decided(room, r.CLOCK, i.Tick(), r.after(60))
    after = outcome.room
    assert after.seq == room.seq + 1 and len(outcome.moments) == 5
    ended_requests = {q.person.user_id: q.state for q in after.ended_requests[2:]}
    assert ended_requests == {"alice": "timeout", "dora": "void", "erin": "timeout"}
    ended = {x.person.user_id: x.end_reason for x in after.ended_connections}
    assert ended == {"bob": "lost", "carol": "media_failed"}
    assert next_deadline(after) is None


def test_the_tick_that_ends_the_show_also_tells_what_was_due_before() -> None:
    room = r.act(r.applied(bob_on_air(), r.ALICE, timeout_s=60), r.CLOCK, i.AllSocketsLost())
    outcome = r.decided(room, r.CLOCK, i.Tick(), r.after(200))
    assert outcome.room.ended_requests[-1].state == "timeout"
    assert {x.person.user_id: x.end_reason for x in outcome.room.ended_connections} == {
        "bob": "lost",
        "host": "dismissed",
    }
    assert len(outcome.moments) == 4


# -- the next deadline -------------------------------------------------------------------------------------------------
def test_nothing_waits_in_a_quiet_room() -> None:
    assert next_deadline(r.idle_room()) is None
    assert next_deadline(r.live_room()) is None


@st.composite
def rooms_in_motion(draw: st.DrawFn) -> tuple[RoomState, datetime]:
    """A live room after a handful of joins, losses and limits at different moments; and the last moment."""
    room, now = r.live_room(seat_count=3, time_limit_s=draw(st.sampled_from([0, 10])), is_rotating=True), r.NOW
    names = ("host", "alice", "bob", "carol")
    for _ in range(draw(st.integers(1, 10))):
        now += timedelta(seconds=draw(st.integers(0, 20)), microseconds=draw(st.integers(0, 2)))
        who = r.viewer(draw(st.sampled_from(names[1:])))
        is_free = not room.connection_of(who.user_id) and not room.request_of(who.user_id)
        move = draw(st.integers(0, 6))
        if move == 0 and is_free:
            wait_s = draw(st.sampled_from([0, 5, 60]))
            room = draw(st.sampled_from([r.applied, r.invited]))(room, who, now, timeout_s=wait_s)
        elif move == 1 and is_free:
            room = r.seated(room, who, now, is_heard=draw(st.booleans()), media=LinkMedia.AUDIO)
        elif move == 2:
            room = r.act(room, r.CLOCK, i.SocketsLost(draw(st.sampled_from(names))), now)
        elif move == 3 and room.connections:
            number = draw(st.sampled_from(room.connections)).number
            room = r.act(room, r.MEDIA, i.MediaGone(number), now)
        elif move == 4:
            room = r.act(room, r.MEDIA, draw(st.sampled_from([i.MediaServerLost(), i.MediaServerBack()])), now)
        elif move == 5:
            act = draw(st.sampled_from([c.BanUser, c.BarUser]))
            room = r.act(r.present(room, r.DORA), r.HOST, act("dora", draw(st.sampled_from([None, 1, 20]))), now)
        elif move == 6:
            room = r.act(room, r.HOST, c.CreateInviteLink(expires_s=60), now)
    return room, now


@given(rooms_in_motion())
def test_a_tick_before_the_next_deadline_does_nothing_and_one_at_it_does_something(
    case: tuple[RoomState, datetime],
) -> None:
    room, now = case
    deadline = next_deadline(room)
    if deadline is None:
        assert r.ticked(room, now + timedelta(days=1000)) == room
        return
    assert r.ticked(room, deadline - r.INSTANT) == room
    after = r.ticked(room, deadline)
    assert after.seq == room.seq + 1
    following = next_deadline(after)
    assert following is None or following > deadline
    assert all(x.state is not ConnectionState.ENDED for x in after.connections)
