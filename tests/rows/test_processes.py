"""Who counts as dead, who is the keeper, and what the rows of sockets tell one process about the others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import CheckMessage
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from micconnect import checks, presence
from micconnect.models import ServingProcess, Socket
from micconnect.processes import BEAT_S, DEAD_S, Processes
from micconnect.protocol.words import Role
from tests.conftest import ALICE, BOB, HOST, NOW, actor, after
from tests.live import wait_until

pytestmark = pytest.mark.django_db


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Pair:
    """Two processes on two machines, each with a clock of its own."""

    def __init__(self) -> None:
        self.clocks = {name: Clock() for name in "ab"}
        self.a, self.b = (Processes(f"machine-{name}.1.00000000", self.clocks[name]) for name in "ab")
        for process in (self.a, self.b):
            process.enter(NOW)

    def pass_(self, seconds: float) -> None:
        for clock in self.clocks.values():
            clock.now += seconds


@pytest.fixture
def pair() -> Pair:
    return Pair()


def ids(sight: Any) -> list[str]:
    return [process_id for process_id, _ in sight.dead]


def test_a_process_that_beats_is_never_dead(pair: Pair) -> None:
    for _ in range(30):
        pair.pass_(BEAT_S)
        assert pair.a.beat(0).dead == () and pair.b.beat(0).dead == ()


def test_a_process_that_stands_still_is_dead_after_the_time_and_not_before(pair: Pair) -> None:
    pair.a.beat(0)
    for _ in range(int(DEAD_S / BEAT_S) - 1):
        pair.pass_(BEAT_S)
        assert pair.a.beat(0).dead == ()
    pair.pass_(BEAT_S)
    assert ids(pair.a.beat(0)) == [pair.b.process_id]


def test_an_outage_of_the_database_or_a_sleep_of_the_observer_makes_nobody_dead(pair: Pair) -> None:
    pair.a.beat(0)
    pair.pass_(3600)  # nothing was read, so nothing is known
    assert pair.a.beat(0).dead == ()
    pair.b.beat(0)
    pair.pass_(BEAT_S)
    assert pair.a.beat(0).dead == ()


def test_a_process_of_this_machine_whose_number_is_gone_is_dead_at_once(pair: Pair) -> None:
    gone = Processes(f"{presence.HOST_NAME}.{2**22 + 1}.00000000")
    gone.enter(NOW)
    assert ids(pair.a.look()) == [gone.process_id]


def test_one_of_all_is_the_keeper_and_the_database_says_so_too(pair: Pair) -> None:
    first, second = pair.a.look(), pair.b.look()  # neither sees a keeper
    assert pair.a.take_lease(first) and not pair.b.take_lease(second)
    assert pair.a.look().is_keeper and not pair.b.look().is_keeper and pair.b.look().has_keeper
    with pytest.raises(IntegrityError), transaction.atomic():
        ServingProcess.objects.update(is_keeper=True)


def look_until_dead(observer: Processes, pair: Pair) -> Any:
    sight = observer.beat(0)
    while not sight.dead:
        pair.pass_(BEAT_S)
        sight = observer.beat(0)
    return sight


def test_when_the_keeper_is_dead_another_one_takes_over_and_the_former_learns_of_it(pair: Pair) -> None:
    assert pair.a.take_lease(pair.a.look())
    sight = look_until_dead(pair.b, pair)
    assert not sight.has_keeper and pair.b.take_lease(sight)
    assert pair.b.look().is_keeper
    awake = pair.a.beat(0)
    assert not awake.is_known and not awake.is_keeper
    pair.a.enter(NOW)
    assert pair.a.beat(0).has_keeper


def test_a_keeper_that_beats_in_the_last_moment_stays_it(pair: Pair) -> None:
    assert pair.a.take_lease(pair.a.look())
    sight = look_until_dead(pair.b, pair)
    pair.a.beat(0)
    assert not pair.b.take_lease(sight) and pair.a.look().is_keeper and not pair.b.look().is_keeper


def test_after_a_clean_end_nobody_has_to_wait(pair: Pair) -> None:
    assert pair.a.take_lease(pair.a.look())
    pair.a.leave()
    sight = pair.b.look()
    assert (sight.others, sight.has_keeper) == (0, False) and pair.b.take_lease(sight)


def test_the_generation_of_media_outlives_its_keeper(pair: Pair) -> None:
    pair.a.beat(7000)
    assert pair.b.beat(0).media_generation == 7000


# -- rows of sockets --------------------------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(room_slug: str) -> Callable[..., None]:
    """Opens sockets at another process."""
    ServingProcess.objects.create(process_id="other.1.0", started_at=NOW)

    def come(*people: Any, process_id: str = "other.1.0") -> None:
        journal = presence._Journal()
        keys = [f"{process_id} {who.user_id} {number}"[-32:] for number, who in enumerate(people)]
        for key, who in zip(keys, people, strict=True):
            journal.opened(key, room_slug, who, "", NOW)
        journal.flush()
        Socket.objects.filter(socket_id__in=keys).update(process_id=process_id)

    return come


def test_people_of_other_living_processes_are_found_and_nobody_else(
    room_slug: str, elsewhere: Callable[..., None]
) -> None:
    assert presence.count_elsewhere([room_slug]) == {}
    elsewhere(HOST, ALICE, ALICE)
    elsewhere(BOB, process_id=presence.PROCESS_ID)  # ours
    elsewhere(BOB, process_id="dead.1.0")  # of a process that is no more
    counts = presence.count_elsewhere([room_slug])
    assert counts[room_slug].people == 2
    lines = presence.lines_elsewhere({room_slug: {"host", "alice", "bob"}})
    assert lines == {(room_slug, "host", Role.HOST), (room_slug, "alice", Role.AUDIENCE)}
    assert presence.lines_elsewhere({room_slug: set()}) == set()
    assert presence.viewers_elsewhere(room_slug, "aL", 10) == [ALICE.person]
    assert len(presence.viewers_elsewhere(room_slug, "", 1)) == 1
    elsewhere(BOB)
    assert presence.count_elsewhere([room_slug])[room_slug].newest > counts[room_slug].newest


def test_sockets_of_processes_that_are_no_more_are_closed(room_slug: str, elsewhere: Callable[..., None]) -> None:
    elsewhere(ALICE)
    elsewhere(BOB, process_id="dead.1.0")
    elsewhere(HOST, process_id=presence.PROCESS_ID)  # we live, whatever the others say
    assert presence.close_orphans(after(9)) == {(room_slug, "bob")}
    assert presence.close_orphans(after(9)) == set()
    assert Socket.objects.get(user_id="bob").closed_at == after(9)


def test_a_process_that_comes_back_while_its_sockets_are_closed_keeps_them(
    room_slug: str, elsewhere: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(BOB, process_id="back.1.0")
    update = QuerySet.update

    def late(rows: Any, **fields: Any) -> int:
        monkeypatch.undo()
        ServingProcess.objects.create(process_id="back.1.0", started_at=NOW)  # between the reading and the writing
        return update(rows, **fields)

    monkeypatch.setattr(QuerySet, "update", late)
    presence.close_orphans(after(9))
    assert Socket.objects.get().closed_at is None


def test_rows_are_repaired_to_what_is_open_here(room_slug: str, elsewhere: Callable[..., None]) -> None:
    elsewhere(HOST)
    journal = presence._Journal()
    for number, who in enumerate((ALICE, BOB)):
        journal.opened(f"s{number}", room_slug, who, "", NOW)
    journal.flush()
    Socket.objects.filter(process_id=presence.PROCESS_ID).update(closed_at=after(9))  # held for dead
    journal.closed("s1", after(5), 1005)
    journal.flush()
    Socket.objects.filter(socket_id="s1").update(closed_at=None)  # and by a wrong belief open again
    journal.repair(after(10))
    ends = dict(Socket.objects.values_list("socket_id", "closed_at"))
    assert ends == {"other.1.0 host 0": None, "s0": None, "s1": after(10)}


def test_a_socket_that_closes_while_rows_are_repaired_ends_closed(
    room_slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = presence._Journal()
    journal.opened("s0", room_slug, ALICE, "", NOW)
    journal.flush()
    Socket.objects.update(closed_at=after(9))
    update = QuerySet.update

    def late(rows: Any, **fields: Any) -> int:
        monkeypatch.undo()
        journal.closed("s0", after(11), 1005)
        return update(rows, **fields)

    monkeypatch.setattr(QuerySet, "update", late)
    journal.repair(after(10))
    journal.flush()
    assert Socket.objects.get().closed_at == after(11)


@pytest.mark.django_db(transaction=True)
def test_many_who_wait_for_their_rows_are_served_by_one_writing(
    room_slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = presence._Journal()
    write, gate = journal._write_opened, Event()
    writings: list[int] = []

    def slow(opened: Any, closed: Any) -> None:
        writings.append(len(opened))
        assert gate.wait(30)
        write(opened, closed)

    def come(number: int) -> None:
        journal.opened(f"s{number}", room_slug, actor(f"Person{number}"), "", NOW)
        try:
            journal.flush()
        finally:
            connection.close()

    monkeypatch.setattr(journal, "_write_opened", slow)
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(come, 0)
        wait_until(lambda: writings == [1], "the first one to write")
        others = [threads.submit(come, number) for number in range(1, 6)]
        wait_until(lambda: journal._gathered == 6, "the others to wait")
        gate.set()
        for one in (first, *others):
            one.result()
    assert writings == [1, 5] and Socket.objects.count() == 6


def test_a_process_of_this_machine_is_asked_for_without_a_proc_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert not presence.is_gone(presence.PROCESS_ID)
    assert not presence.is_gone(f"{presence.HOST_NAME}.1.00000000"), "it is another user's"
    assert presence.is_gone(f"{presence.HOST_NAME}.{2**22 + 1}.00000000")


# -- wrong mixes ------------------------------------------------------------------------------------------------------
GOOD: dict[str, Any] = {
    "REDIS_URL": "redis://127.0.0.1",
    "HAS_OWN_SECRET_KEY": True,
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "CHANNEL_LAYERS": {"default": {"BACKEND": checks.BUS}},
}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"REDIS_URL": "", "CHANNEL_LAYERS": {}}, []),
        ({"REDIS_URL": "", "CHANNEL_LAYERS": {}, "WORKERS": 2}, ["micconnect.E004"]),
        ({"REDIS_URL": ""}, ["micconnect.E007"]),
        ({"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}, ["micconnect.E005"]),
        ({"HAS_OWN_SECRET_KEY": False}, ["micconnect.E006"]),
        ({"CHANNEL_LAYERS": {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}}, ["micconnect.E007"]),
        ({"CHANNEL_LAYERS": {**GOOD["CHANNEL_LAYERS"], "more": {"BACKEND": checks.BUS}}}, ["micconnect.E007"]),
    ],
)
def test_wrong_mixes_of_settings_are_refused(monkeypatch: Any, changes: dict[str, Any], found: list[str]) -> None:
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setattr(settings, name, value)
    messages: list[CheckMessage] = checks.many_processes(None)
    assert [message.id for message in messages] == found
    assert all(message.is_serious() for message in messages)
