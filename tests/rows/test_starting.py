"""How a process begins among others, and what it leaves when it does not get far; no media server, no Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from django.conf import settings
from django.db import OperationalError, connections
from msgspec.structs import replace

from micconnect import bus, hub, mediacontrol, presence, store
from micconnect.domain.room import RoomState
from micconnect.keeper import Keeper
from micconnect.models import ServingProcess, Socket
from micconnect.processes import Processes
from micconnect.running import Runtime
from tests.conftest import HOST, NOW
from tests.live import wait_until
from tests.media.control import live_room

pytestmark = pytest.mark.django_db(transaction=True)


class Backend:
    """A media server that is never up. `said`: what was asked of all there have been."""

    family = "sdp"
    is_up = False
    said: list[str]

    def __init__(self, **options: Any) -> None:
        pass

    async def start(self, above: int = 0) -> None:
        self.said.append("start")

    async def stop(self) -> None:
        self.said.append("stop")

    async def events(self) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield None


class Layer:
    """A bus on which nobody else is."""

    async def group_send(self, group: str, message: Any) -> None: ...
    async def group_add(self, group: str, channel: str) -> None: ...
    async def group_discard(self, group: str, channel: str) -> None: ...
    async def flush(self) -> None: ...
    async def receive(self, channel: str) -> Any:
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backend, "said", [], raising=False)
    monkeypatch.setattr(mediacontrol, "make_backend", Backend)
    monkeypatch.setattr(bus, "get_channel_layer", Layer)


@pytest_asyncio.fixture
async def alone() -> AsyncIterator[Runtime]:
    """The one process of an installation."""
    one = Runtime()
    yield one
    await one.stop()


@pytest_asyncio.fixture
async def among_others(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Runtime]:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1")
    one = Runtime()
    yield one
    await one.stop()


async def until(is_true: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, is_true, "it")


async def test_who_came_in_at_a_process_that_started_at_the_same_time_keeps_the_line(
    room_slug: str, among_others: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = Processes("second.1.00000000", lambda: 0.0)
    take_lease = Processes.take_lease

    def take_lease_then_others_come(first: Processes, sight: Any) -> bool:
        taken = take_lease(first, sight)
        second.enter(NOW)
        presence.journal.opened("s1", room_slug, HOST, "", NOW)
        presence.journal.flush()
        presence.journal.closed("s1", NOW, None)  # not ours in truth
        presence.journal._closed.clear()
        Socket.objects.update(process_id=second.process_id)
        return taken

    monkeypatch.setattr(Processes, "take_lease", take_lease_then_others_come)
    await among_others.start()
    keeper = among_others.keeper
    assert keeper
    await keeper._sweep()
    assert await among_others.in_thread(Socket.objects.filter(closed_at=None).count) == 1


async def test_a_process_starts_without_its_database_and_joins_when_that_is_back(
    room_slug: str, among_others: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> Any:
        raise OperationalError("away")

    with monkeypatch.context() as patch:
        patch.setattr(Processes, "look", away)
        await among_others.start()
        with pytest.raises(OperationalError):  # nobody is let in whom the others would not see
            await among_others.hub.room(room_slug)
    await until(lambda: among_others.keeper is not None)
    assert (await among_others.hub.room(room_slug)).room is not None


async def test_the_beat_has_a_lasting_connection_of_its_own(
    among_others: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert among_others.cluster

    def used() -> tuple[int, Any]:
        ServingProcess.objects.count()
        return id(connections["default"].connection), connections["default"].settings_dict["OPTIONS"].get("pool")

    with monkeypatch.context() as patch:
        patch.setitem(connections.settings["default"]["OPTIONS"], "pool", {"max_size": 1})
        first = await among_others.cluster._in_turn(used)
    assert first == await among_others.cluster._in_turn(used) and first[1] is None


async def test_a_start_that_fails_leaves_nothing(alone: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> Any:
        raise OperationalError("away")

    tasks = asyncio.all_tasks()
    monkeypatch.setattr(store, "live_slugs", fail)
    with pytest.raises(OperationalError):
        await alone.start()
    assert not hub.is_serving() and asyncio.all_tasks() == tasks
    with pytest.raises(RuntimeError, match="shutdown"):
        alone.executor.submit(len, "")
    alone.executor = type(alone.executor)(1)  # for the fixture, which stops it once more


async def test_duties_that_are_lost_while_they_begin_are_not_begun(
    alone: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def slow(function: Any, *args: Any) -> Any:
        await gate.wait()
        return []

    with monkeypatch.context() as patch:
        patch.setattr(alone, "in_thread", slow)
        becoming = asyncio.create_task(alone.become_keeper())
        await until(lambda: alone.keeper is not None)
        await alone.step_down()
        gate.set()
        await asyncio.wait([becoming])
    assert becoming.cancelled() and alone.keeper is None
    assert Backend.said == ["stop"] and alone.hub.listeners == []


async def test_the_next_duties_begin_when_the_former_ones_have_ended(
    alone: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    await alone.become_keeper()
    assert alone.keeper
    stop = alone.keeper.stop

    async def slow() -> None:
        await gate.wait()
        await stop()

    monkeypatch.setattr(alone.keeper, "stop", slow)
    stepping = asyncio.create_task(alone.step_down())
    await until(lambda: alone.keeper is None)
    await alone.become_keeper()
    assert Backend.said == ["start"]
    gate.set()
    await stepping
    await alone.become_keeper()
    assert Backend.said == ["start", "stop", "start"]


async def test_a_broken_room_keeps_the_keeper_from_no_other_room(
    alone: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    async def perform(slug: str, *args: Any) -> None:
        told.append(slug)
        assert slug != "broken"

    monkeypatch.setattr(alone, "perform", perform)
    alone.keeper = keeper = Keeper(alone, no_rooms)
    keeper.live.values = {slug: replace(live_room(), slug=slug) for slug in ("broken", "whole")}
    await keeper.media.start()
    assert Backend.said == ["start"] and told == ["broken", "whole"]
    told.clear()
    for _ in range(2):
        await keeper.facts.check()  # the host is missed
    assert sorted(set(told)) == ["broken", "whole"]
    told.clear()
    await keeper.facts.report_lost({("broken", "host"), ("whole", "host")}, ())
    assert told == ["broken", "whole"]


async def no_rooms() -> list[RoomState]:
    return []
