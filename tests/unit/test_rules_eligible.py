"""Who may ask for a seat, and when: options of the room, cool-down, pause, bars; and in which order it is refused."""

import pytest
from msgspec.structs import replace

from micconnect.domain.room import Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import LinkMedia, SeatMode
from tests.unit import rooms as r

ASK, SIT = c.Apply(LinkMedia.AUDIO), c.TakeSeat(LinkMedia.AUDIO)
BY_VERB = pytest.mark.parametrize("verb", [ASK, SIT], ids=["apply", "takeSeat"])


def room_for(verb: c.Apply | c.TakeSeat, **options: object) -> RoomState:
    """A live room in which the audience may use the verb, but for these options."""
    return r.live_room(seat_mode=SeatMode.APPLY if verb is ASK else SeatMode.FREE, **options)


@BY_VERB
def test_an_account_where_one_is_needed(verb: c.Apply | c.TakeSeat) -> None:
    room = room_for(verb, needs_login=True)
    assert r.code(room, r.ALICE, verb) is ErrorCode.LOGIN_REQUIRED
    assert r.act(room, replace(r.ALICE, has_account=True), verb) != room
    assert r.act(room, r.MONA, verb) != room, "helpers are known"


@BY_VERB
def test_a_stay_where_one_is_needed_to_the_instant(verb: c.Apply | c.TakeSeat) -> None:
    room = room_for(verb, min_stay_s=30)
    alice = replace(r.ALICE, since=r.NOW)
    refused = r.refused(room, alice, verb, r.after(30) - r.INSTANT)
    assert (refused.code, refused.details) == (ErrorCode.TOO_EARLY, {"until": r.after(30).isoformat()})
    assert r.act(room, alice, verb, r.after(30)) != room
    assert r.code(room, r.ALICE, verb, r.after(999)) is ErrorCode.TOO_EARLY, "never seen before"
    assert r.act(room, r.MONA, verb) != room


@BY_VERB
def test_as_many_turns_as_the_room_allows_and_one_more(verb: c.Apply | c.TakeSeat) -> None:
    room = room_for(verb, max_turns=2)
    for _ in range(2):
        assert r.act(room, r.BOB, verb) != room
        room = r.act(r.placed(room, r.BOB), r.BOB, c.LeaveSeat())
    refused = r.refused(room, r.BOB, verb)
    assert (refused.code, refused.details) == (ErrorCode.TURNS_USED, {"limit": 2})
    assert r.act(r.with_options(room, max_turns=0), r.BOB, verb) != room
    assert r.act(r.helped(room, r.BOB), r.BOB, verb) != room


def test_every_way_onto_a_guest_seat_is_a_turn_and_the_staff_may_give_another() -> None:
    room = r.act(r.placed(r.live_room(max_turns=1), r.BOB), r.BOB, c.LeaveSeat())
    assert [(m.person.user_id, m.turns) for m in room.members] == [("bob", 1)]
    invited = r.invited(room, r.BOB)
    again = r.act(invited, r.BOB, r.reply(invited, r.BOB))
    assert [m.turns for m in again.members] == [2]


@BY_VERB
def test_nobody_sits_down_or_asks_while_paused_and_helpers_sit_down_always(verb: c.Apply | c.TakeSeat) -> None:
    room = room_for(verb, is_paused=True)
    assert r.code(room, r.ALICE, verb) is ErrorCode.REQUESTS_PAUSED
    assert r.connection_of(r.act(room, r.MONA, SIT), r.MONA)
    assert r.request_of(r.invited(room, r.BOB), r.BOB)


def test_who_waits_already_is_answered_in_a_pause() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE), r.HOST, c.UpdateRoom(is_paused=True))
    assert r.connection_of(r.act(room, r.HOST, r.answer(room, r.ALICE)), r.ALICE)


def refusing_room(who: Actor) -> dict[ErrorCode, RoomState]:
    """What can stand against an application of Alice, each put into the room before the next is added."""
    room = r.with_options(r.live_room(), min_stay_s=9, needs_login=True, is_audio_only=True, is_paused=True)
    room = r.with_options(room, seat_mode=SeatMode.CLOSED)
    pending = r.invited(r.with_options(room, seat_mode=SeatMode.APPLY), who)
    seated = r.placed(pending, who)
    return {ErrorCode.SEAT_MODE: room, ErrorCode.ALREADY_PENDING: pending, ErrorCode.ALREADY_ON_SEAT: seated}


def test_refusals_come_in_their_order_the_person_before_the_mode_before_the_wish() -> None:
    for code, room in refusing_room(r.ALICE).items():
        assert r.code(room, r.ALICE, c.Apply(LinkMedia.VIDEO)) is code
    room = refusing_room(r.ALICE)[ErrorCode.SEAT_MODE]
    steps: list[tuple[dict[str, object], ErrorCode]] = [
        ({"seat_mode": SeatMode.APPLY}, ErrorCode.REQUESTS_PAUSED),
        ({"is_paused": False}, ErrorCode.AUDIO_ONLY),
        ({"is_audio_only": False}, ErrorCode.LOGIN_REQUIRED),
        ({"needs_login": False}, ErrorCode.TOO_EARLY),
    ]
    for options, code in steps:
        room = r.with_options(room, **options)
        assert r.code(room, r.ALICE, c.Apply(LinkMedia.VIDEO)) is code
    room = r.with_options(room, min_stay_s=0)
    cooling = r.act(r.applied(room, r.ALICE), r.ALICE, c.CancelApplication())
    assert r.code(cooling, r.ALICE, c.Apply(LinkMedia.VIDEO, seat_index=0)) is ErrorCode.COOL_DOWN
    assert r.code(room, r.ALICE, c.Apply(LinkMedia.VIDEO, seat_index=0)) is ErrorCode.NO_SUCH_SEAT


def test_a_bar_goes_before_the_seat_and_a_ban_before_the_bar() -> None:
    room = r.act(r.placed(r.live_room(), r.BOB), r.HOST, c.BarUser("bob"))
    assert r.code(room, r.BOB, ASK) is ErrorCode.BARRED
    room = r.act(room, r.HOST, c.BanUser("bob"))
    assert r.code(room, r.BOB, ASK) is ErrorCode.BANNED


@pytest.mark.parametrize(("wanted", "code"), [(3, ErrorCode.SEAT_LOCKED), (5, ErrorCode.NO_SUCH_SEAT)])
def test_a_wish_for_a_seat_that_cannot_be_had_is_refused_at_once(wanted: int, code: ErrorCode) -> None:
    room = r.act(r.live_room(seat_count=4), r.HOST, c.LockSeat(3, is_locked=True))
    assert r.code(room, r.ALICE, c.Apply(LinkMedia.VIDEO, seat_index=wanted)) is code
    assert r.code(r.present(room, r.ALICE), r.HOST, c.Invite("alice", seat_index=wanted)) is code


def test_a_wish_for_a_seat_that_is_taken_just_now_may_wait() -> None:
    room = r.applied(r.seated(r.live_room(), r.BOB), r.ALICE, seat_index=1)
    freed = r.act(room, r.BOB, c.LeaveSeat())
    assert r.connection_of(r.act(freed, r.HOST, r.answer(freed, r.ALICE)), r.ALICE).seat_index == 1
    assert r.connection_of(r.act(room, r.HOST, r.answer(room, r.ALICE)), r.ALICE).seat_index == 2


def test_the_staff_overrides_the_wish_for_a_seat() -> None:
    room = r.applied(r.live_room(), r.ALICE, seat_index=3)
    for given, seat_index in ((None, 3), (-1, 1), (7, 7)):
        accepted = r.act(room, r.HOST, r.answer(room, r.ALICE, seat_index=given))
        assert r.connection_of(accepted, r.ALICE).seat_index == seat_index
