"""Negotiations: how many at once, how many wait, who is sent away, and that viewers never stand before guests."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from micconnect.media.base import MediaUnavailable
from micconnect.media.embedded import CALL_S, EmbeddedBackend
from micconnect.media.sfu import messages as m
from micconnect.media.sfu.forwarder import NEGOTIATIONS_AT_ONCE, WAITING_MAX, WAITING_S, Forwarder
from micconnect.media.sfu.rooms import Room
from micconnect.media.sfu.turns import Busy, Turns
from tests.media.peers import LightPublisher, LightWatcher, grant, peers

OVERFLOW = 60


async def hold(turns: Turns, until_set: asyncio.Event, log: list[int], number: int) -> None:
    async with turns.turn():
        log.append(number)
        await until_set.wait()


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_so_many_work_so_many_wait_in_order_and_one_more_is_sent_away() -> None:
    turns, gate = Turns(at_once=2, waiting_max=3, patience_s=5), asyncio.Event()
    log: list[int] = []
    held = [asyncio.create_task(hold(turns, gate, log, i)) for i in range(5)]
    await settle()
    assert log == [0, 1]
    with pytest.raises(Busy, match="Too many"):
        await hold(turns, gate, log, 5)
    gate.set()
    await asyncio.gather(*held)
    await hold(turns, gate, log, 6)
    assert log == [0, 1, 2, 3, 4, 6]


async def test_patience_ends_and_gives_its_place_free() -> None:
    turns, gate = Turns(at_once=1, waiting_max=1, patience_s=0.01), asyncio.Event()
    log: list[int] = []
    held = asyncio.create_task(hold(turns, gate, log, 0))
    await settle()
    for number in (1, 2):
        with pytest.raises(Busy, match="in time"):
            await hold(turns, gate, log, number)
    gate.set()
    await held
    await hold(turns, gate, log, 3)
    assert log == [0, 3]


async def test_one_who_leaves_the_queue_or_fails_at_work_gives_the_place_free() -> None:
    turns, gate = Turns(at_once=1, waiting_max=1, patience_s=60), asyncio.Event()
    log: list[int] = []
    held = asyncio.create_task(hold(turns, gate, log, 0))
    leaver = asyncio.create_task(hold(turns, gate, log, 1))
    await settle()
    leaver.cancel()
    await asyncio.wait({leaver})
    next_one = asyncio.create_task(hold(turns, gate, log, 2))
    await settle()
    held.cancel()
    await settle()
    assert log == [0, 2]
    gate.set()
    await next_one


def test_what_the_web_process_has_given_up_on_is_not_begun() -> None:
    assert WAITING_S < CALL_S


class Stuck:
    """Negotiations with viewers that do not come to an end until told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = asyncio.Event()
        monkeypatch.setattr(Room, "watch", self._watch)
        monkeypatch.setattr(Room, "publish", self._publish)

    async def _watch(self, request: m.Watch) -> None:
        await self.gate.wait()

    async def _publish(self, *_: object) -> str:
        return "answer"


async def test_viewers_fill_their_own_queue_and_neither_guests_nor_pings_stand_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stuck = Stuck(monkeypatch)
    forwarder = Forwarder({"audio": 64, "video": 600}, lambda event: None)
    watching = [
        asyncio.ensure_future(forwarder.carry_out(m.Watch(ref, "room", "bob", 1, False, None, "")))
        for ref in range(NEGOTIATIONS_AT_ONCE + WAITING_MAX)
    ]
    await settle()
    assert not any(watch.done() for watch in watching)
    with pytest.raises(Busy):
        await forwarder.carry_out(m.Watch(900, "room", "bob", 1, False, None, ""))
    with pytest.raises(Busy):
        await forwarder.carry_out(m.Answer(901, "w", "v=0"))
    assert forwarder.carry_out(m.Snapshot(902, "")) == m.Done(902)
    assert await forwarder.carry_out(m.Publish(903, grant("room", "ann"), "v=0", 1)) == m.Done(903, sdp="answer")
    stuck.gate.set()
    await asyncio.gather(*watching)


async def test_a_storm_of_viewers_costs_some_of_them_a_retry_and_nobody_else_anything() -> None:
    backend = EmbeddedBackend("127.0.0.1")
    await backend.start()
    try:
        async with peers() as open_peers, AsyncExitStack() as stack:
            pid = backend.pid
            watcher = await LightWatcher().watch(backend, "calm", "bob")
            publisher = await LightPublisher().publish(backend, grant("calm", "ann"))
            open_peers += [watcher, publisher]
            count = NEGOTIATIONS_AT_ONCE + WAITING_MAX + OVERFLOW
            storm = asyncio.gather(
                *(backend.open_watch("storm", f"v{i}", 1, is_staff=False) for i in range(count)), return_exceptions=True
            )
            stack.push_async_callback(backend.close_room, "storm")
            await asyncio.sleep(0)
            guest = grant("calm", "carl", seat=2)
            open_peers.append(await LightPublisher().publish(backend, guest))
            await watcher.more(2, "audio")
            outcomes = await storm
            failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
            assert all(isinstance(outcome, MediaUnavailable) for outcome in failed)
            assert 1 <= len(failed) <= OVERFLOW
            await backend.cut("calm", guest.grant_id)
            assert await watcher.silence(2, "audio")
            assert backend.pid == pid
    finally:
        await backend.stop()
