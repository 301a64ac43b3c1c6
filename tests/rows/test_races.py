"""Races: many at once, one winner, and the losers hear why. Each in one process, and as if in several.

After every race the whole history is replayed through the rules, and all laws of a room are held against each state.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from micconnect import services
from micconnect.domain.internal import Tick
from micconnect.domain.room import Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.frames import Reply
from micconnect.protocol.views import RequestInfo
from micconnect.protocol.words import Device, DeviceState, LinkMedia, MovePolicy, Role, SeatMode
from tests.conftest import after
from tests.rows.histories import History
from tests.rows.racing import HOST, THREADS, StartingLine, as_several_processes, open_room, person, starting_line

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10
ALICE, BOB, CAROL = person("Alice"), person("Bob"), person("Carol")
MONA, MAX = person("Mona", Role.MODERATOR), person("Max", Role.MODERATOR)


@pytest.fixture(params=["one process", "several processes"])
def line(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[StartingLine]:
    with pytest.MonkeyPatch.context() as patch, starting_line() as line:
        if request.param == "several processes":
            as_several_processes(patch)
        yield line


class Race:
    """A live room with its history, and a clock that goes on from round to round."""

    def __init__(self, line: StartingLine, **options: Any) -> None:
        self.line, self.at = line, 0.0
        self.history = History(open_room(**options))
        self.ok(HOST, c.GoLive())

    def call(self, who: Actor, command: Any, at: float = 0) -> Callable[[], Reply]:
        """A call for the starting line; `at` seconds after now."""
        now = after(self.at + at)
        return lambda: self.history.perform(who, command, now)

    def do(self, who: Actor, command: Any) -> Reply:
        return self.call(who, command)()

    def ok(self, who: Actor, command: Any) -> Reply:
        reply = self.do(who, command)
        assert reply.error is None, reply
        return reply

    def go(self, *calls: Callable[[], Reply]) -> list[Reply]:
        return self.line.go(*calls)

    def wait(self, seconds: float = 60) -> None:
        self.at += seconds

    def ask(self, who: Actor) -> RequestInfo:
        return request_of(self.ok(who, c.Apply(media=LinkMedia.VIDEO)))

    def sit(self, who: Actor, seat_index: int) -> None:
        self.ok(HOST, answer(self.ask(who), seat_index=seat_index))

    def end(self) -> RoomState:
        """The room after the race; all laws hold."""
        return self.history.check()


def request_of(reply: Reply) -> RequestInfo:
    assert reply.result and reply.result.request
    return reply.result.request


def code(reply: Reply) -> ErrorCode | None:
    return reply.error.code if reply.error else None


def details(reply: Reply) -> dict[str, Any]:
    assert reply.error
    return reply.error.details


def answer(request: RequestInfo, is_accepted: bool = True, **fields: Any) -> c.RespondToApplication:
    return c.RespondToApplication(request_id=request.request_id, is_accepted=is_accepted, **fields)


def one_wins(replies: list[Reply], loser: ErrorCode) -> tuple[int, Reply]:
    """One call was carried out, all others were refused with this code. The winner's place, and a loser's answer."""
    codes = [code(reply) for reply in replies]
    assert codes.count(None) == 1 and codes.count(loser) == len(codes) - 1, codes
    return codes.index(None), next(reply for reply in replies if reply.error)


def seats(room: RoomState) -> dict[str, int]:
    return {connection.person.user_id: connection.seat_index for connection in room.guests()}


# -- many for one thing -----------------------------------------------------------------------------------------------
def test_fifty_accepts_for_one_seat(line: StartingLine) -> None:
    race = Race(line, seat_count=1, request_timeout_s=0)
    requests = {f"a{n}": race.ask(person(f"A{n}")) for n in range(THREADS)}
    for _ in range(ROUNDS // 3):
        winner, _ = one_wins(
            race.go(*(race.call(HOST, answer(request)) for request in requests.values())), ErrorCode.SEATS_FULL
        )
        user_id = list(requests)[winner]
        race.ok(HOST, c.DisconnectUser(user_id=user_id))
        requests[user_id] = race.ask(person(user_id.title()))
    assert len(race.end().requests) == THREADS, "those who found no seat keep their request"


def test_fifty_people_sit_down_on_nine_seats(line: StartingLine) -> None:
    race = Race(line, seat_mode=SeatMode.FREE)
    replies = race.go(*(race.call(person(f"A{n}"), c.TakeSeat()) for n in range(THREADS)))
    codes = [code(reply) for reply in replies]
    assert codes.count(None) == 9 and codes.count(ErrorCode.SEATS_FULL) == THREADS - 9
    assert sorted(seats(race.end()).values()) == list(range(1, 10))


def test_the_last_use_of_an_invite_link(line: StartingLine) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        reply = race.ok(HOST, c.CreateInviteLink())
        assert reply.result and reply.result.link
        use = c.UseInviteLink(token=race.history.token(int(reply.result.link.link_id[1:])))
        people = [person(f"A{n}"), person(f"B{n}")]
        winner, _ = one_wins(race.go(*(race.call(who, use) for who in people)), ErrorCode.NO_SUCH_LINK)
        race.ok(people[winner], c.LeaveSeat())
    assert race.end().links == ()


def test_two_screens_at_once(line: StartingLine) -> None:
    race = Race(line)
    race.sit(ALICE, 1)
    race.sit(BOB, 2)
    share, stop = (c.SetDevice(device=Device.SCREEN, is_open=is_open) for is_open in (True, False))
    for _ in range(ROUNDS):
        winner, loser = one_wins(race.go(race.call(ALICE, share), race.call(BOB, share)), ErrorCode.SCREEN_TAKEN)
        who = (ALICE, BOB)[winner]
        assert details(loser) == {"by": who.person.name}
        race.ok(who, stop)
    assert {connection.screen for connection in race.end().connections} == {DeviceState.CLOSED}


# -- one request, two ends --------------------------------------------------------------------------------------------
def test_accept_against_cancel(line: StartingLine) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        who = person(f"A{n}")
        request = race.ask(who)
        accepted, cancelled = race.go(race.call(HOST, answer(request)), race.call(who, c.CancelApplication()))
        one_wins([accepted, cancelled], ErrorCode.ALREADY_HANDLED)
        if accepted.error:
            assert details(accepted) == {"outcome": "cancelled", "by": who.person.name}
        else:
            assert details(cancelled) == {"outcome": "accepted", "by": "Host"}
            race.ok(HOST, c.DisconnectUser(user_id=who.user_id))
    race.end()


def test_accept_against_the_time_out(line: StartingLine) -> None:
    race = Race(line, request_timeout_s=60)
    for n in range(ROUNDS):
        who = person(f"A{n}")
        request = race.ask(who)
        accepted, ticked, _ = race.go(
            race.call(HOST, answer(request), at=59.9),
            race.call(services.CLOCK, Tick(), at=60),
            race.call(services.CLOCK, Tick(), at=60),
        )
        assert ticked.error is None
        race.wait()
        if accepted.error:
            assert code(accepted) is ErrorCode.ALREADY_HANDLED
            assert details(accepted) == {"outcome": "timeout", "by": None}
        else:
            race.ok(HOST, c.DisconnectUser(user_id=who.user_id))
    room = race.end()
    assert len(room.ended_requests) == ROUNDS and room.requests == ()


@pytest.mark.parametrize("rival", ["leave", "ban"])
def test_accept_against_the_end_of_the_person(line: StartingLine, rival: str) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        who = person(f"A{n}")
        request = race.ask(who)
        gone = race.call(who, c.Leave()) if rival == "leave" else race.call(MONA, c.BanUser(user_id=who.user_id))
        accepted, went = race.go(race.call(HOST, answer(request)), gone)
        assert went.error is None
        if accepted.error:
            assert code(accepted) is ErrorCode.ALREADY_HANDLED
            assert details(accepted) == {"outcome": "void", "by": None}
    assert seats(race.end()) == {}, "whichever was first, nobody who is gone sits"


def test_two_moderators_answer_one_request(line: StartingLine) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        who = person(f"A{n}")
        request = race.ask(who)
        replies = race.go(race.call(MONA, answer(request)), race.call(MAX, answer(request, is_accepted=False)))
        winner, loser = one_wins(replies, ErrorCode.ALREADY_HANDLED)
        outcome = ("accepted", "rejected")[winner]
        assert details(loser) == {"outcome": outcome, "by": ("Mona", "Max")[winner]}
        assert request_of(loser).state == outcome, "the loser sees the request as it ended"
        if outcome == "accepted":
            race.ok(HOST, c.DisconnectUser(user_id=who.user_id))
    race.end()


def test_two_accept_all_seat_everybody_once(line: StartingLine) -> None:
    race = Race(line, seat_count=3)
    people = [person(f"A{n}") for n in range(5)]
    for who in people:
        race.ask(who)
    replies = race.go(race.call(MONA, c.AcceptAll()), race.call(MAX, c.AcceptAll()))
    winner, _ = one_wins(replies, ErrorCode.SEATS_FULL)
    result = replies[winner].result
    assert result and result.accepted is not None
    assert ([r.user.user_id for r in result.accepted], result.left) == (["a0", "a1", "a2"], 2)
    assert seats(race.end()) == {"a0": 1, "a1": 2, "a2": 3}


def test_invite_and_apply_cross(line: StartingLine) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        who = person(f"A{n}")
        replies = race.go(
            race.call(who, c.Apply(media=LinkMedia.VIDEO)), race.call(HOST, c.Invite(user_id=who.user_id))
        )
        winner, loser = one_wins(replies, ErrorCode.ALREADY_PENDING)
        assert request_of(loser) == request_of(replies[winner]), "the other hears of the one that is open"
    assert len(race.end().requests) == ROUNDS


def test_two_tabs_of_one_person_apply(line: StartingLine) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        tab = race.call(person(f"A{n}"), c.Apply(media=LinkMedia.VIDEO))
        replies = race.go(tab, tab)
        winner, loser = one_wins(replies, ErrorCode.ALREADY_PENDING)
        assert request_of(loser) == request_of(replies[winner])
    assert len(race.end().requests) == ROUNDS


def test_two_tabs_of_one_person_answer_an_invitation(line: StartingLine) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        who = person(f"A{n}")
        request = request_of(race.ok(HOST, c.Invite(user_id=who.user_id)))
        answers = [c.RespondToInvitation(request_id=request.request_id, is_accepted=yes) for yes in (True, False)]
        replies = race.go(*(race.call(who, command) for command in answers))
        winner, loser = one_wins(replies, ErrorCode.ALREADY_HANDLED)
        assert details(loser) == {"outcome": ("accepted", "rejected")[winner], "by": who.person.name}
        if winner == 0:
            race.ok(HOST, c.DisconnectUser(user_id=who.user_id))
    race.end()


# -- seats ------------------------------------------------------------------------------------------------------------
def test_two_helpers_wish_the_same_swap_and_get_it_once(line: StartingLine) -> None:
    race = Race(line)
    race.sit(ALICE, 1)
    race.sit(BOB, 2)
    now = {"alice": 1, "bob": 2}
    for _ in range(ROUNDS):
        now = {"alice": now["bob"], "bob": now["alice"]}
        moves = [c.MoveSeat(user_id=who, seat_index=seat, policy=MovePolicy.SWAP) for who, seat in now.items()]
        replies = race.go(race.call(MONA, moves[0]), race.call(MAX, moves[1]))
        assert [code(reply) for reply in replies] == [None, None]
        assert len({reply.seq for reply in replies}) == 1, "the second had nothing left to change"
    assert seats(race.end()) == now


def test_swaps_that_cross_lose_nobody(line: StartingLine) -> None:
    race = Race(line, seat_count=3)
    people = ("alice", "bob", "carol")
    for index, who in enumerate((ALICE, BOB, CAROL), start=1):
        race.sit(who, index)
    for n in range(ROUNDS):
        movers = (people[n % 3], people[(n + 1) % 3], people[(n + 2) % 3])
        moves = [c.MoveSeat(user_id=who, seat_index=i % 3 + 1, policy=MovePolicy.SWAP) for i, who in enumerate(movers)]
        replies = race.go(*(race.call(by, move) for by, move in zip((HOST, MONA, MAX), moves, strict=True)))
        assert [code(reply) for reply in replies] == [None] * 3
    assert sorted(seats(race.end()).values()) == [1, 2, 3]


def test_one_free_seat_and_two_who_move_there(line: StartingLine) -> None:
    race = Race(line, seat_count=3)
    race.sit(ALICE, 1)
    race.sit(BOB, 2)
    for _ in range(ROUNDS):
        replies = race.go(*(race.call(who, c.MoveSeat(seat_index=3)) for who in (ALICE, BOB)))
        winner, loser = one_wins(replies, ErrorCode.SEAT_TAKEN)
        assert details(loser) == {"by": ("Alice", "Bob")[winner]}
        race.ok((ALICE, BOB)[winner], c.MoveSeat(seat_index=winner + 1))
    race.end()


def test_a_seat_is_locked_while_somebody_sits_down(line: StartingLine) -> None:
    race = Race(line, seat_mode=SeatMode.FREE, request_timeout_s=0)
    for _ in range(ROUNDS):
        sat, locked = race.go(
            race.call(ALICE, c.TakeSeat(seat_index=4)), race.call(MONA, c.LockSeat(seat_index=4, is_locked=True))
        )
        assert locked.error is None and code(sat) in (None, ErrorCode.SEAT_LOCKED)
        race.ok(MONA, c.LockSeat(seat_index=4, is_locked=False))
    room = race.end()
    assert seats(room) == {}, "who sat down first was freed by the lock"
    assert {connection.end_reason for connection in room.ended_connections} <= {"seat_locked"}


def test_two_helpers_set_different_locks_of_one_seat_and_both_stand(line: StartingLine) -> None:
    race = Race(line)
    race.sit(ALICE, 1)
    for n in range(ROUNDS):
        is_locked = n % 2 == 0
        race.go(
            race.call(MONA, c.LockSeat(seat_index=1, is_microphone_locked=is_locked)),
            race.call(MAX, c.LockSeat(seat_index=1, is_camera_locked=is_locked)),
        )
        seat = race.end().seats[1]
        assert (seat.is_microphone_locked, seat.is_camera_locked) == (is_locked, is_locked)


# -- rights -----------------------------------------------------------------------------------------------------------
def test_a_helper_is_dismissed_while_giving_a_command(line: StartingLine) -> None:
    race = Race(line)
    nina = person("Nina")
    for _ in range(ROUNDS):
        race.ok(HOST, c.SetModerator(user_id="nina", is_moderator=True))
        reply, demoted = race.go(
            race.call(nina, c.UpdateRoom(is_paused=True)),
            race.call(HOST, c.SetModerator(user_id="nina", is_moderator=False)),
        )
        assert demoted.error is None and code(reply) in (None, ErrorCode.FORBIDDEN)
        assert reply.error or reply.seq < demoted.seq, "obeyed after the end of the right"
        assert code(race.do(nina, c.UpdateRoom(is_paused=False))) is ErrorCode.FORBIDDEN
        race.ok(HOST, c.UpdateRoom(is_paused=False))
    race.end()


def test_one_command_said_many_times_at_once_is_one_change(line: StartingLine) -> None:
    race = Race(line)
    for n in range(ROUNDS):
        who, now = person(f"A{n}"), after(0)

        def again(who: Actor = who, now: Any = now, ref: str = f"same{n}") -> Reply:
            return race.history.perform(who, c.Apply(media=LinkMedia.VIDEO), now, ref)

        replies = race.go(*[again] * 5)
        assert replies == [replies[0]] * 5 and replies[0].error is None
    assert len(race.end().requests) == ROUNDS
