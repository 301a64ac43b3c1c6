"""The room's wait for an answer runs only while a seat could be given; whoever lapsed comes again to the old place."""

import pytest

from micconnect.domain import internal as i
from micconnect.domain.room import RoomState
from micconnect.domain.views import Picture
from micconnect.protocol import commands as c
from micconnect.protocol.words import LinkMedia, QueueOrder
from tests.unit import rooms as r


def full(**options: object) -> RoomState:
    """One seat, Bob on it, Alice next."""
    return r.applied(r.seated(r.live_room(**{"seat_count": 1, **options}), r.BOB), r.ALICE)


def test_nobody_times_out_while_all_seats_are_taken() -> None:
    room = full()
    assert r.request_of(room, r.ALICE).expires_at is None
    assert r.ticked(room, r.after(9999)) == room


def test_the_wait_begins_whole_when_a_seat_comes_free_and_ends_with_it() -> None:
    free = r.act(full(), r.BOB, c.LeaveSeat(), r.after(500))
    assert r.request_of(free, r.ALICE).expires_at == r.after(560)
    assert r.ticked(free, r.after(560)).ended_requests[-1].state == "timeout"
    taken = r.placed(free, r.CAROL)
    assert r.request_of(taken, r.ALICE).expires_at is None
    again = r.act(taken, r.CAROL, c.LeaveSeat(), r.after(555))
    assert r.request_of(again, r.ALICE).expires_at == r.after(615)


def test_as_many_waits_run_as_there_are_seats_in_the_order_of_the_queue() -> None:
    room = r.live_room(seat_count=2)
    for who in (r.ALICE, r.CAROL, r.DORA):
        room = r.applied(room, who)
    assert [q.expires_at for q in room.applications()] == [r.after(60), r.after(60), None]
    dora = r.request_of(room, r.DORA).request_id
    moved = r.act(room, r.HOST, c.MoveToFront(dora), r.after(10))
    assert [q.expires_at for q in moved.applications()] == [r.after(70), r.after(60), None]


@pytest.mark.parametrize("what", ["locked", "paused", "away"])
def test_the_wait_stands_while_nobody_could_give_a_seat(what: str) -> None:
    room = r.applied(r.live_room(seat_count=1), r.ALICE)
    stop, go = {
        "locked": ((r.HOST, c.LockSeat(1, is_locked=True)), (r.HOST, c.LockSeat(1, is_locked=False))),
        "paused": ((r.HOST, c.UpdateRoom(is_paused=True)), (r.HOST, c.UpdateRoom(is_paused=False))),
        "away": ((r.CLOCK, i.SocketsLost("host")), (r.CLOCK, i.SocketUp("host"))),
    }[what]
    stopped = r.act(room, *stop, r.after(30))
    assert r.request_of(stopped, r.ALICE).expires_at is None
    assert r.request_of(r.ticked(stopped, r.after(100)), r.ALICE)
    assert r.request_of(r.act(stopped, *go, r.after(110)), r.ALICE).expires_at == r.after(170)


def test_with_a_helper_who_carries_on_the_wait_runs_without_the_host() -> None:
    room = r.applied(r.helped(r.live_room(), r.CAROL), r.ALICE)
    assert r.request_of(r.act(room, r.CLOCK, i.SocketsLost("host"), r.after(5)), r.ALICE).expires_at == r.after(60)


def test_who_is_away_or_held_takes_nobodys_turn_to_wait() -> None:
    room = r.applied(r.applied(r.live_room(seat_count=1), r.ALICE), r.CAROL)
    gone = r.act(room, r.CLOCK, i.SocketsLost("alice"), r.after(20))
    assert [q.expires_at for q in gone.applications()] == [None, r.after(80)]
    held = r.applied(r.act(r.seated(r.live_room(seat_count=1), r.BOB), r.HOST, c.ReturnToQueue("bob")), r.ALICE)
    assert [q.expires_at for q in held.applications()] == [None, r.after(60)]


@pytest.mark.parametrize("wait_s", [5, 600])
def test_a_wait_that_the_sender_named_runs_as_named(wait_s: int) -> None:
    room = r.applied(r.seated(r.live_room(seat_count=1), r.BOB), r.ALICE, timeout_s=wait_s)
    assert r.request_of(room, r.ALICE).expires_at == r.after(wait_s)
    assert r.ticked(room, r.after(wait_s)).ended_requests[-1].state == "timeout"


@pytest.mark.parametrize("is_allowed", [True, False])
def test_an_invitation_waits_for_the_invited_whatever_the_seats_are(is_allowed: bool) -> None:
    room = r.invited(r.seated(r.live_room(seat_count=1 if is_allowed else 9), r.BOB), r.ALICE)
    assert r.request_of(room, r.ALICE).expires_at == r.after(60)


def test_another_wait_of_the_room_begins_anew_for_those_who_wait_by_it() -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE), r.CAROL, timeout_s=9)
    longer = r.act(room, r.HOST, c.UpdateRoom(request_timeout_s=600), r.after(8))
    assert [q.expires_at for q in longer.applications()] == [r.after(608), r.after(9)]
    endless = r.act(longer, r.HOST, c.UpdateRoom(request_timeout_s=0), r.after(8))
    assert [q.expires_at for q in endless.applications()] == [None, r.after(9)]


@pytest.mark.parametrize(("seconds", "place"), [(0, 1), (119, 1), (120, 2)])
def test_who_lapsed_and_asks_again_within_two_minutes_has_the_old_place(seconds: int, place: int) -> None:
    room = r.applied(r.applied(r.live_room(seat_count=1), r.ALICE), r.CAROL, timeout_s=0)
    lapsed = r.ticked(room, r.after(60))
    asked = r.applied(lapsed, r.ALICE, r.after(60 + seconds))
    assert Picture(asked).places["alice"] == place


@pytest.mark.parametrize("way", ["rejected", "withdrawn", "left"])
def test_who_was_answered_or_went_begins_at_the_end(way: str) -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE), r.CAROL, timeout_s=0)
    who, command = {
        "rejected": (r.HOST, r.answer(room, r.ALICE, is_accepted=False)),
        "withdrawn": (r.ALICE, c.CancelApplication()),
        "left": (r.ALICE, c.Leave()),
    }[way]
    ended = r.act(room, who, command)
    assert Picture(r.applied(ended, r.ALICE, r.after(31))).places["alice"] == 2


def test_after_a_restart_nobody_has_timed_out_while_the_host_could_not_answer() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    cut = r.act(room, r.CLOCK, i.AllSocketsLost(), r.after(3600))
    back = r.act(r.act(cut, r.CLOCK, i.SocketUp("host"), r.after(3601)), r.CLOCK, i.SocketUp("alice"), r.after(3602))
    assert r.request_of(r.ticked(back, r.after(3603)), r.ALICE).expires_at == r.after(3662)


@pytest.mark.parametrize("order", QueueOrder)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_with_time_limits_and_rotation_a_seat_comes_at_the_moment_that_was_told(order: QueueOrder, count: int) -> None:
    """Exactly for who is next; behind, the stays so far are the guess, which here are all alike."""
    room = r.live_room(seat_count=1, time_limit_s=60, is_rotating=True, queue_order=order)
    room = r.ticked(r.seated(room, r.BOB), r.after(60))
    room = r.heard(r.placed(room, r.ERIN), r.ERIN)
    waiting = [r.viewer(f"viewer{number}") for number in range(count)]
    for who in waiting:
        room = r.act(room, who, c.Apply(LinkMedia.AUDIO), r.after(60))
    last = waiting[-1].user_id
    promised = Picture(room).my_state(waiting[-1].person).likely_at
    assert promised is not None
    for _ in range(count):
        (guest,) = room.guests()
        assert guest.ends_at is not None
        room = r.ticked(room, guest.ends_at)
        (guest,) = room.guests()
        assert guest.started_at <= promised
        room = r.act(room, r.MEDIA, i.MediaUp(guest.number), guest.started_at)
    (guest,) = room.guests()
    assert (guest.person.user_id, guest.started_at) == (last, promised)
