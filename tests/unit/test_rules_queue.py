"""The queue: its order, serving it one by one, all at once or by itself, sending all away, and taking that back."""

import pytest

from micconnect.domain import internal as i
from micconnect.domain.outcome import RequestEnded, RequestMade
from micconnect.domain.queue import likely_at
from micconnect.domain.room import Member, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import PENDING_MAX, LinkMedia, QueueOrder, RejectReason, RequestState
from tests.unit import rooms as r


def queue(*people: r.Actor, **options: object) -> RoomState:
    """A live room in which these ask, one after the other."""
    room = r.live_room(**options)
    for who in people:
        room = r.applied(room, who)
    return room


def names(room: RoomState) -> list[str]:
    return [request.person.user_id for request in room.applications()]


THREE = queue(r.ALICE, r.BOB, r.CAROL)


def front(room: RoomState, who: r.Actor) -> RoomState:
    return r.act(room, r.MONA, c.MoveToFront(r.request_of(room, who).request_id))


# -- the order --------------------------------------------------------------------------------------------------------
def test_first_come_first_served_and_the_latest_moved_to_the_front_before_all() -> None:
    assert names(THREE) == ["alice", "bob", "carol"]
    assert names(front(THREE, r.CAROL)) == ["carol", "alice", "bob"]
    assert names(front(front(THREE, r.CAROL), r.BOB)) == ["bob", "carol", "alice"]
    assert front(THREE, r.ALICE) == THREE


def test_who_spoke_least_is_next_where_the_room_is_fair() -> None:
    room = r.with_options(THREE, queue_order=QueueOrder.SPOKE_LEAST)
    for who, spoken_s in ((r.ALICE, 60), (r.BOB, 20)):
        room = room.put_member(Member(person=who.person, spoken_s=spoken_s))
    assert names(room) == ["carol", "bob", "alice"]
    assert names(r.with_options(room, queue_order=QueueOrder.ARRIVAL)) == ["alice", "bob", "carol"]
    assert names(front(room, r.ALICE)) == ["alice", "carol", "bob"]


def test_only_an_open_application_is_moved() -> None:
    room = r.invited(THREE, r.DORA)
    for number in ("r999", r.request_of(room, r.DORA).request_id):
        assert r.code(room, r.HOST, c.MoveToFront(number)) is ErrorCode.NO_SUCH_REQUEST
    late = c.MoveToFront(r.request_of(room, r.BOB).request_id)
    assert r.code(room, r.HOST, late, r.after(60)) is ErrorCode.ALREADY_HANDLED


# -- the next one -----------------------------------------------------------------------------------------------------
def test_the_next_one_is_accepted() -> None:
    outcome = r.decided(front(THREE, r.BOB), r.MONA, c.AcceptNext())
    bob = r.connection_of(outcome.room, r.BOB)
    (ended,) = outcome.room.ended_requests
    assert (ended.state, ended.operator, bob.seat_index) == (RequestState.ACCEPTED, r.MONA.person, 1)
    assert (outcome.request, outcome.connection) == (ended, bob)
    assert outcome.moments == (RequestEnded(request=ended),)


def test_who_is_away_or_too_late_is_passed_over() -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE, timeout_s=5), r.BOB, timeout_s=0)
    room = r.act(r.applied(room, r.CAROL), r.CLOCK, i.SocketsLost("bob"))
    assert r.connection_of(r.act(room, r.HOST, c.AcceptNext(), r.after(5)), r.CAROL)
    assert r.connection_of(r.act(room, r.HOST, c.AcceptNext(), r.after(5) - r.INSTANT), r.ALICE)
    back = r.act(room, r.CLOCK, i.SocketUp("bob"))
    assert r.connection_of(r.act(back, r.HOST, c.AcceptNext(), r.after(5)), r.BOB)


@pytest.mark.parametrize("command", [c.AcceptNext(), c.AcceptAll()])
def test_nobody_waits_or_no_seat_is_free(command: c.AcceptNext | c.AcceptAll) -> None:
    assert r.code(r.live_room(), r.HOST, command) is ErrorCode.NO_SUCH_REQUEST
    assert r.code(r.ended_room(), r.HOST, command) is ErrorCode.NO_SUCH_REQUEST
    full = r.applied(r.seated(r.live_room(seat_count=1), r.BOB), r.ALICE)
    assert r.code(full, r.HOST, command) is ErrorCode.SEATS_FULL
    only_invited = r.invited(r.live_room(), r.ALICE)
    assert r.code(only_invited, r.HOST, command) is ErrorCode.NO_SUCH_REQUEST


def test_when_all_in_the_queue_are_away_nobody_is_next() -> None:
    room = r.act(queue(r.ALICE), r.CLOCK, i.SocketsLost("alice"))
    assert r.code(room, r.HOST, c.AcceptNext()) is ErrorCode.NO_SUCH_REQUEST
    outcome = r.decided(room, r.HOST, c.AcceptAll())
    assert (outcome.room, outcome.accepted, outcome.left) == (room, (), 1)


# -- all of them ------------------------------------------------------------------------------------------------------
def test_all_are_accepted_until_no_seat_is_free_and_the_report_says_who() -> None:
    room = front(queue(r.ALICE, r.BOB, r.CAROL, seat_count=2), r.CAROL)
    outcome = r.decided(room, r.MONA, c.AcceptAll())
    assert outcome.accepted is not None
    assert [(q.person.user_id, q.state) for q in outcome.accepted] == [("carol", "accepted"), ("alice", "accepted")]
    assert (outcome.left, names(outcome.room)) == (1, ["bob"])
    assert outcome.room.seq == room.seq + 1


def test_all_are_rejected_with_one_reason() -> None:
    room = r.invited(THREE, r.DORA)
    outcome = r.decided(room, r.MONA, c.RejectAll(RejectReason.NOT_NOW, "tomorrow"))
    assert [(q.state, q.reason, q.answer_note, q.operator) for q in outcome.room.ended_requests] == [
        ("rejected", "not_now", "tomorrow", r.MONA.person)
    ] * 3
    assert (outcome.accepted, outcome.left) == ((), 0)
    assert r.request_of(outcome.room, r.DORA), "invitations are not the queue's"


def test_what_has_timed_out_is_not_rejected_any_more() -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE, timeout_s=5), r.BOB)
    outcome = r.decided(room, r.HOST, c.RejectAll(), r.after(5))
    assert [q.person.user_id for q in outcome.room.ended_requests] == ["bob"]
    assert outcome.left == 1
    assert r.ticked(outcome.room, r.after(5)).ended_requests[-1].state == "timeout"
    assert r.code(outcome.room, r.HOST, c.RejectAll(), r.after(5)) is ErrorCode.NO_SUCH_REQUEST


# -- taken back -------------------------------------------------------------------------------------------------------
REJECTED = r.act(front(THREE, r.CAROL), r.HOST, c.RejectAll())
UNDO = c.UndoRejectAll(REJECTED.seq)


def test_within_a_minute_all_are_back_at_their_places_as_new_requests() -> None:
    outcome = r.decided(REJECTED, r.MONA, UNDO, r.after(60) - r.INSTANT)
    assert names(outcome.room) == ["carol", "alice", "bob"]
    assert (outcome.accepted, outcome.left) == ((), 3)
    assert outcome.room.ended_requests == REJECTED.ended_requests, "an end stays an end"
    assert {m.request.number for m in outcome.moments if isinstance(m, RequestMade)} == {
        q.number for q in outcome.room.requests
    }
    assert {q.expires_at for q in outcome.room.requests} == {r.after(120) - r.INSTANT}
    assert {q.refusals for q in outcome.room.requests} == {1}


@pytest.mark.parametrize("now", [r.after(60), r.after(60) + r.INSTANT])
def test_after_a_minute_it_is_done(now: object) -> None:
    assert r.code(REJECTED, r.MONA, UNDO, now) is ErrorCode.NO_SUCH_REQUEST  # type: ignore[arg-type]


def test_what_was_said_comes_back_with_them() -> None:
    room = r.applied(r.live_room(), r.ALICE, media=LinkMedia.AUDIO, note="a song", seat_index=3, extra_info="x")
    room = r.act(room, r.HOST, c.RejectAll(RejectReason.TOPIC, "no"))
    request = r.request_of(r.act(room, r.HOST, c.UndoRejectAll(room.seq)), r.ALICE)
    assert (request.media, request.note, request.seat_index, request.extra_info) == ("audio", "a song", 3, "x")
    assert (request.reason, request.answer_note, request.operator) == (None, "", None)


def test_twice_is_once() -> None:
    room = r.act(REJECTED, r.HOST, UNDO)
    again = r.decided(room, r.MONA, UNDO)
    assert (again.room, again.moments, again.left) == (room, (), 3)


@pytest.mark.parametrize("seq", [REJECTED.seq - 1, REJECTED.seq + 1, 10**9])
def test_only_the_act_that_rejected_is_taken_back(seq: int) -> None:
    assert r.code(REJECTED, r.HOST, c.UndoRejectAll(seq)) is ErrorCode.NO_SUCH_REQUEST


def test_who_went_on_in_between_is_left_alone() -> None:
    room = r.invited(r.placed(REJECTED, r.ALICE), r.BOB)
    assert names(r.act(room, r.HOST, UNDO)) == ["carol"]
    barred = r.act(room, r.HOST, c.BarUser("carol"))
    assert r.decided(barred, r.HOST, UNDO).room == barred


def test_who_asked_again_since_and_took_it_back_does_not_wait_again() -> None:
    room = r.applied(REJECTED, r.ALICE, r.after(30))
    room = r.act(room, r.ALICE, c.CancelApplication(), r.after(31))
    assert names(r.act(room, r.HOST, UNDO, r.after(32))) == ["carol", "bob"]


def test_an_undo_gives_each_the_own_wait_anew() -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE, timeout_s=0), r.BOB, timeout_s=5)
    rejected = r.act(room, r.HOST, c.RejectAll(), r.after(3))
    again = r.act(rejected, r.HOST, c.UndoRejectAll(rejected.seq), r.after(20))
    assert [r.request_of(again, who).expires_at for who in (r.ALICE, r.BOB)] == [None, r.after(25)]


def test_an_undo_fills_the_queue_up_to_its_limit() -> None:
    room = REJECTED
    for number in range(PENDING_MAX - 2):
        room = r.applied(room, r.viewer(f"viewer{number}"))
    outcome = r.decided(room, r.HOST, UNDO)
    assert (len(outcome.moments), outcome.left) == (2, PENDING_MAX)


# -- by itself --------------------------------------------------------------------------------------------------------
def test_where_seats_are_served_at_once_an_applicant_sits_at_once_and_the_reply_says_so() -> None:
    room = r.live_room(is_auto_accepting=True, seat_count=1)
    outcome = r.decided(room, r.ALICE, c.Apply(LinkMedia.VIDEO))
    assert outcome.request and outcome.request.state is RequestState.ACCEPTED
    assert outcome.request.operator == r.HOST.person
    assert [type(m) for m in outcome.moments] == [RequestMade, RequestEnded]
    assert outcome.room.seq == room.seq + 1
    waiting = r.decided(outcome.room, r.BOB, c.Apply(LinkMedia.VIDEO))
    assert waiting.request and waiting.request.state is RequestState.PENDING
    assert r.connection_of(r.act(waiting.room, r.ALICE, c.LeaveSeat()), r.BOB)


@pytest.mark.parametrize(
    "command",
    [c.UpdateRoom(seat_count=3), c.LockSeat(2, is_locked=False), c.DisconnectUser("bob"), c.BarUser("bob")],
)
def test_whatever_frees_a_seat_lets_the_queue_move_up(command: c.Command) -> None:
    room = r.act(r.seated(r.live_room(seat_count=2), r.BOB), r.HOST, c.LockSeat(2, is_locked=True))
    room = r.with_options(r.applied(room, r.ALICE), is_auto_accepting=True)
    assert r.connection_of(r.act(room, r.HOST, command), r.ALICE)  # type: ignore[arg-type]


def test_a_bulk_answer_reports_those_whom_the_room_seated_by_itself_too() -> None:
    room = r.with_options(REJECTED, is_auto_accepting=True, seat_count=2)
    outcome = r.decided(room, r.HOST, UNDO)
    assert outcome.accepted is not None
    assert ([q.person.user_id for q in outcome.accepted], outcome.left) == (["carol", "alice"], 1)


def test_the_room_serves_nobody_after_its_end() -> None:
    room = r.with_options(THREE, is_auto_accepting=True)
    assert r.act(room, r.HOST, c.EndLive()).connections == ()


# -- when it may be somebody's turn -----------------------------------------------------------------------------------
def sitting(*limits: int, stays: tuple[int, ...] = ()) -> RoomState:
    """All seats taken by guests with these limits from NOW on; before, others stayed so long."""
    room = r.live_room(seat_count=len(limits))
    for number, stay in enumerate(stays):
        former = r.viewer(f"former{number}")
        room = r.act(r.seated(room, former, r.after(-stay)), former, c.LeaveSeat())
    for number, limit_s in enumerate(limits):
        guest = r.viewer(f"guest{number}")
        room = r.seated(room, guest)
        room = r.act(room, r.HOST, c.SetTimeLimit(guest.user_id, limit_s)) if limit_s else room
    return room


@pytest.mark.parametrize(
    ("room", "place", "after_s"),
    [
        (sitting(30, 20), 1, 20),
        (sitting(30, 20), 2, 30),
        (sitting(30, 20), 3, None),  # nobody knows how long those two will stay
        (sitting(30, 20), 4, None),
        (sitting(0, 0), 1, None),
        (sitting(0, 30), 1, 30),
        (sitting(0, 30), 2, None),
        (sitting(0, stays=(40, 60)), 1, 50),
        (sitting(0, stays=(40, 60)), 2, 100),
        (sitting(10, 0, stays=(40,)), 2, 40),
        (sitting(10, 0, stays=(40,)), 3, 50),
        (sitting(10, 0, stays=(40,)), 5, 90),
    ],
)
def test_when_a_seat_may_come(room: RoomState, place: int, after_s: int | None) -> None:
    assert likely_at(room, place) == (None if after_s is None else r.after(after_s))


def test_while_a_seat_is_free_the_answer_is_the_staffs() -> None:
    assert likely_at(r.act(sitting(30, 20), r.viewer("guest0"), c.LeaveSeat()), 1) is None


def test_who_is_not_heard_yet_is_no_help_to_guess_by() -> None:
    room = r.act(sitting(0, stays=(40,)), r.viewer("guest0"), c.LeaveSeat())
    room = r.seated(room, r.BOB, is_heard=False)
    assert likely_at(room, 1) is None
    assert likely_at(r.heard(room, r.BOB), 1) == r.after(40)
