"""Whom the staff has missed: requests that came to nothing, while something can still be made of them."""

import pytest

from micconnect.domain.internal import SocketsLost
from micconnect.domain.missed import KEPT, missed
from micconnect.domain.room import RoomState
from micconnect.domain.transitions import SEAT_GRACE
from micconnect.protocol import commands as c
from micconnect.protocol.words import SeatMode
from tests.unit import rooms as r

LATER = r.after(100)


def who(room: RoomState, seconds: float = 100) -> list[str]:
    return [request.person.user_id for request in missed(room, r.after(seconds))]


def declined() -> RoomState:
    room = r.invited(r.live_room(), r.ALICE)
    return r.act(room, r.ALICE, r.reply(room, r.ALICE, is_accepted=False))


def unanswered() -> RoomState:
    return r.ticked(r.invited(r.live_room(), r.ALICE, timeout_s=60), r.after(60))


def timed_out() -> RoomState:
    return r.ticked(r.applied(r.live_room(), r.ALICE, timeout_s=60), r.after(60))


def gone() -> RoomState:
    room = r.act(r.applied(r.live_room(), r.ALICE), r.CLOCK, SocketsLost("alice"))
    return r.ticked(room, r.NOW + SEAT_GRACE)


def left() -> RoomState:
    return r.act(r.invited(r.live_room(), r.ALICE), r.ALICE, c.Leave())


def shut_out() -> RoomState:
    return r.act(r.applied(r.live_room(), r.ALICE), r.HOST, c.UpdateRoom(seat_mode=SeatMode.INVITE_ONLY))


WAYS = [declined, unanswered, timed_out, gone, left, shut_out]


@pytest.mark.parametrize("way", WAYS)
def test_what_vanished_unanswered_is_listed_for_fifteen_minutes(way: type[RoomState]) -> None:
    room = way()
    (request,) = missed(room, LATER)
    assert (request.person, request.ended_at is not None) == (r.ALICE.person, True)
    assert request.ended_at and missed(room, request.ended_at + KEPT - r.INSTANT)
    assert not missed(room, request.ended_at + KEPT)


@pytest.mark.parametrize("way", WAYS)
def test_who_sat_since_asks_is_invited_or_may_not_is_not_listed(way: type[RoomState]) -> None:
    room = way()
    placed = r.placed(room, r.ALICE, LATER)
    assert not who(placed) and not who(r.act(placed, r.ALICE, c.LeaveSeat(), LATER))
    assert not who(r.invited(room, r.ALICE, LATER))
    assert not who(r.act(r.present(room, r.ALICE), r.HOST, c.BarUser("alice", 3600), LATER))


def test_what_the_staff_or_the_applicant_did_is_not_missed() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    assert not who(r.act(room, r.HOST, r.answer(room, r.ALICE, is_accepted=False)))
    assert not who(r.act(room, r.ALICE, c.CancelApplication()))
    invited = r.invited(r.live_room(), r.ALICE)
    assert not who(r.act(invited, r.HOST, c.CancelInvitation(r.request_of(invited, r.ALICE).request_id)))
    assert not who(r.act(room, r.HOST, c.EndLive()))


def test_each_person_is_listed_once_by_the_last_end_and_the_newest_comes_first() -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE, timeout_s=10), r.BOB, timeout_s=30)
    room = r.ticked(r.ticked(room, r.after(10)), r.after(30))
    assert who(room) == ["bob", "alice"]
    again = r.ticked(r.applied(room, r.ALICE, r.after(40), timeout_s=10), r.after(50))
    assert who(again) == ["alice", "bob"]
    taken_back = r.act(r.applied(room, r.ALICE, r.after(40)), r.ALICE, c.CancelApplication(), r.after(41))
    assert who(taken_back) == ["bob"]
