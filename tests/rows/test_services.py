"""The door over real rows: what is answered is kept, what is refused changes nothing, races have one winner."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connections

from micconnect import hub, services, store
from micconnect.domain.internal import Tick
from micconnect.domain.room import Actor
from micconnect.models import Connection, LogEntry, Room, Seat, SeatRequest
from micconnect.protocol.callbacks import Lane
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.commands import (
    Apply,
    CancelApplication,
    DisconnectUser,
    EndLive,
    GoLive,
    Invite,
    LeaveSeat,
    RespondToApplication,
)
from micconnect.protocol.frames import Reply
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia, Role
from tests.conftest import ALICE, BOB, HOST, MALLORY, NOW, actor, after

pytestmark = pytest.mark.django_db(transaction=True)


def do(slug: str, who: Actor, command: Any, at: float = 0, ref: str = "") -> Reply:
    return services.perform(slug, who, command, after(at), ref=ref)


def ok(reply: Reply) -> Reply:
    assert reply.error is None, reply
    return reply


def code(reply: Reply) -> ErrorCode | None:
    return reply.error.code if reply.error else None


@pytest.fixture
def slug(transactional_db: None) -> str:
    room = store.create_room(host=HOST.person, options=RoomOptions(title="Open mic night")).slug
    ok(do(room, HOST, GoLive()))
    return room


def ask(slug: str, who: Actor, at: float = 0) -> str:
    """Applies; returns the request's id."""
    reply = ok(do(slug, who, Apply(media=LinkMedia.VIDEO), at))
    assert reply.result and reply.result.request
    return reply.result.request.request_id


def accept(slug: str, request_id: str, who: Actor = HOST, at: float = 0) -> Reply:
    return do(slug, who, RespondToApplication(request_id=request_id, is_accepted=True), at)


def together(calls: list[Any]) -> list[Reply]:
    """Runs the calls at the same time, each in a thread with a database connection of its own."""

    def run(call: Any) -> Reply:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_every_change_is_one_log_entry_with_the_next_seq(slug: str) -> None:
    accept(slug, ask(slug, ALICE))
    entries = list(LogEntry.objects.filter(room__slug=slug).order_by("seq"))
    assert [e.seq for e in entries] == [1, 2, 3]
    assert [e.command for e in entries] == ["goLive", "apply", "respondToApplication"]
    assert (entries[1].actor_name, entries[1].actor_role, entries[1].at) == ("Alice", "audience", NOW)
    assert entries[2].fields["isAccepted"] is True


def test_a_refused_command_leaves_rows_and_log_as_they_are(slug: str) -> None:
    before = store.read(slug)
    assert code(do(slug, MALLORY, GoLive())) is ErrorCode.FORBIDDEN
    assert code(do(slug, MALLORY, LeaveSeat())) is ErrorCode.NOT_ON_SEAT
    store.cache.drop(slug)
    assert store.read(slug) == before
    assert LogEntry.objects.count() == 1


def test_an_unknown_room_is_a_code(transactional_db: None) -> None:
    assert code(do("nowhere", ALICE, Apply(media=LinkMedia.AUDIO))) is ErrorCode.NO_ROOM


def test_the_same_ref_gives_the_same_answer_once_per_person(slug: str) -> None:
    first = do(slug, ALICE, Apply(media=LinkMedia.VIDEO), ref="a1")
    assert do(slug, ALICE, Apply(media=LinkMedia.VIDEO), ref="a1") == first
    assert do(slug, BOB, Apply(media=LinkMedia.VIDEO), ref="a1") != first, "refs of two people never meet"
    assert SeatRequest.objects.count() == 2


def test_twenty_times_the_same_command_at_once_is_one_change(slug: str) -> None:
    replies = together([lambda: do(slug, ALICE, Apply(media=LinkMedia.VIDEO), ref="same")] * 20)
    assert len({r.seq for r in replies}) == 1 and all(r.error is None for r in replies)
    assert SeatRequest.objects.count() == 1


def test_twenty_applications_of_one_person_at_once_make_one_request(slug: str) -> None:
    replies = together([lambda: do(slug, ALICE, Apply(media=LinkMedia.VIDEO))] * 20)
    codes = [code(r) for r in replies]
    assert codes.count(None) == 1 and codes.count(ErrorCode.ALREADY_PENDING) == 19
    assert SeatRequest.objects.filter(state="pending").count() == 1


def test_twelve_accepts_at_once_for_nine_seats(slug: str) -> None:
    requests = [ask(slug, actor(f"A{n}")) for n in range(12)]
    replies = together([lambda r=r: accept(slug, r) for r in requests])
    codes = [code(r) for r in replies]
    assert codes.count(None) == 9 and codes.count(ErrorCode.SEATS_FULL) == 3
    guests = Connection.objects.filter(seat_index__gt=0).exclude(state="ended")
    assert sorted(guests.values_list("seat_index", flat=True)) == list(range(1, 10))
    assert SeatRequest.objects.filter(state="pending").count() == 3, "those who found no seat keep their request"
    assert Seat.objects.filter(occupant_id__isnull=False).count() == 10


def test_accept_against_cancel_has_one_winner_and_the_loser_hears_who(slug: str) -> None:
    for n in range(10):
        who = actor(f"A{n}")
        request_id = ask(slug, who)
        cancelled, accepted = together(
            [lambda w=who: do(slug, w, CancelApplication()), lambda r=request_id: accept(slug, r)]
        )
        assert {code(cancelled), code(accepted)} == {None, ErrorCode.ALREADY_HANDLED}
        if cancelled.error:
            assert cancelled.error.details == {"outcome": "accepted", "by": "Host"}
            ok(do(slug, HOST, DisconnectUser(user_id=who.user_id)))
        else:
            assert accepted.error and accepted.error.details["outcome"] == "cancelled"


def test_two_moderators_answer_at_once(slug: str) -> None:
    mods = [actor("Mona", Role.MODERATOR), actor("Max", Role.MODERATOR)]
    request_id = ask(slug, ALICE)
    replies = together([lambda m=m: accept(slug, request_id, m) for m in mods])
    codes = [code(r) for r in replies]
    assert codes.count(None) == 1 and codes.count(ErrorCode.ALREADY_HANDLED) == 1
    loser = next(r for r in replies if r.error)
    winner = mods[codes.index(None)]
    assert loser.error and loser.error.details["by"] == winner.person.name


def test_expiry_fires_once_however_many_clocks_tick(slug: str) -> None:
    ask(slug, ALICE)
    assert store.slugs_due(after(59)) == []
    assert store.slugs_due(after(60)) == [slug]
    together([lambda: do(slug, services.CLOCK, Tick(), at=60)] * 8)
    assert SeatRequest.objects.get().state == "timeout"
    assert LogEntry.objects.filter(command="tick").count() == 1
    assert store.slugs_due(after(3600)) == []


def test_a_stranger_cannot_answer_and_a_forged_role_is_none(slug: str) -> None:
    request_id = ask(slug, ALICE)
    assert code(accept(slug, request_id, MALLORY)) is ErrorCode.FORBIDDEN
    forged = Actor(person=MALLORY.person, role=Role.HOST)  # a host, but of another room
    assert code(accept(slug, request_id, forged)) is ErrorCode.FORBIDDEN


def test_only_people_in_the_room_can_be_invited(slug: str) -> None:
    assert code(do(slug, HOST, Invite(user_id="alice"))) is ErrorCode.NO_SUCH_USER
    reply = services.perform(slug, HOST, Invite(user_id="alice"), NOW, find_person=lambda *_: ALICE.person)
    assert reply.error is None


def test_what_is_told_is_told_after_the_commit_and_in_order(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[hub.Change] = []

    def publish(change: hub.Change) -> None:
        with ThreadPoolExecutor(1) as other:  # another connection sees it already
            assert other.submit(_seq_elsewhere, slug).result() >= change.room.seq
        told.append(change)

    monkeypatch.setattr(hub, "publish", publish)
    together([lambda n=n: do(slug, actor(f"A{n}"), Apply(media=LinkMedia.VIDEO)) for n in range(8)])
    assert [c.room.seq for c in told] == list(range(2, 10))
    assert {n.lane for c in told for n in c.notices} == {Lane.STAFF, Lane.ME}


def _seq_elsewhere(slug: str) -> int:
    try:
        return Room.objects.get(slug=slug).seq
    finally:
        connections.close_all()


# -- the n-th call fails ----------------------------------------------------------------------------------------------
@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes the n-th statement of the next command fail as a busy database does."""

    def arm(nth: int) -> None:
        count = 0

        def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth:
                raise OperationalError("database is locked")
            return run(sql, params, many, context)

        stack.enter_context(connections["default"].execute_wrapper(execute))

    from contextlib import ExitStack

    with ExitStack() as stack:
        arm.disarm = stack.close  # type: ignore[attr-defined]
        yield arm


def test_whichever_statement_fails_nothing_is_half_done(slug: str, failing: Any) -> None:
    request_id = ask(slug, ALICE)
    before = store.read(slug)
    told: list[Any] = []
    seen = set()
    for nth in range(1, 30):
        failing(nth)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hub, "publish", told.append)
            reply = accept(slug, request_id)
        failing.disarm()
        seen.add(code(reply))
        if reply.error is None:
            break
        assert code(reply) is ErrorCode.TRY_LATER and reply.error.temporary and told == []
        store.cache.drop(slug)
        assert store.read(slug) == before
    assert seen == {ErrorCode.TRY_LATER, None} and nth > 5 and len(told) == 1


def test_ending_the_live_ends_everything_with_a_reason(slug: str) -> None:
    accept(slug, ask(slug, ALICE))
    ask(slug, BOB)
    ok(do(slug, HOST, EndLive(), at=10))
    assert set(Connection.objects.values_list("end_reason", flat=True)) == {"dismissed"}
    assert set(SeatRequest.objects.values_list("state", flat=True)) == {"accepted", "void"}
    assert Seat.objects.filter(occupant_id__isnull=False).count() == 0
    assert Room.objects.get().end_reason == "host"
    for command in (GoLive(), EndLive()):
        assert code(do(slug, HOST, command)) is ErrorCode.ROOM_ENDED
