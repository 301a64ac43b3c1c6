"""Random changes in a room on two Janus servers: after each round every viewer is shown just who sits where."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from msgspec.structs import replace

from micconnect.media.base import MediaUnavailable, SeatGrant, reconcile
from micconnect.media.janus.backend import JanusBackend
from tests.media.janus_server import ADDRESS, JanusServer, backend_of
from tests.media.peers import LightPublisher, LightWatcher, grant, peers, peers_on, until

ROUNDS = 12
SEATS = 3
ROOM = "changes"


@pytest_asyncio.fixture
async def backend() -> AsyncIterator[JanusBackend]:
    """Two viewers on each server."""
    with peers_on(ADDRESS), JanusServer(0) as one, JanusServer(1) as two:
        backend = backend_of(one, two, watches_per_node=2)
        assert isinstance(backend, JanusBackend)
        await backend.start()
        yield backend
        await backend.close_room(ROOM)
        await backend.stop()


class Stage:
    """Who is on air, by the mark in their packets, the newest last, and what may happen to them."""

    def __init__(self, backend: JanusBackend, seed: int) -> None:
        self.backend = backend
        self.random = random.Random(seed)
        self.people: dict[int, tuple[SeatGrant, LightPublisher]] = {}
        self.opened: list[LightPublisher | LightWatcher] = []

    async def come(self, mark: int) -> None:
        seat, is_backstage = self.random.randrange(SEATS), self.random.random() < 0.3
        await self._publish(mark, grant(ROOM, f"u{mark}", seat=seat, is_backstage=is_backstage))

    async def _publish(self, mark: int, seat_grant: SeatGrant) -> None:
        publisher = LightPublisher(mark=mark)
        self.opened.append(publisher)
        await publisher.publish(self.backend, seat_grant)
        self.people.pop(mark, None)
        self.people[mark] = seat_grant, publisher

    async def change(self) -> str:
        """One change; those to the grants alone are carried out by the next reconciliation."""
        mark = self.random.choice(list(self.people))
        seat_grant, publisher = self.people[mark]
        match change := self.random.choice(["leaves", "is cut", "another window", "moves", "backstage"]):
            case "leaves":
                await publisher.close()
                await self.come(mark)
            case "is cut":
                await self.backend.cut(ROOM, seat_grant.grant_id)
                await self.come(mark)
            case "another window":
                await self._publish(mark, seat_grant)
            case "moves":
                self.people[mark] = replace(seat_grant, seat_index=self.random.randrange(SEATS)), publisher
            case "backstage":
                self.people[mark] = replace(seat_grant, is_backstage=not seat_grant.is_backstage), publisher
        return f"{mark:#x} {change}"

    async def reconcile(self) -> None:
        """Until it succeeds, as the server does: somebody's line may just have ended."""
        for tries_left in reversed(range(50)):
            try:
                await reconcile(self.backend, ROOM, [seat_grant for seat_grant, _ in self.people.values()])
                return
            except MediaUnavailable:
                assert tries_left
                await asyncio.sleep(0.1)

    def shown(self, seat: int, viewer_id: str, is_staff: bool) -> int | None:
        """The mark of who is shown on a seat: of several the newest that is for this viewer, never themselves."""
        for mark, (seat_grant, _) in reversed(self.people.items()):
            if seat_grant.seat_index == seat and (is_staff or not seat_grant.is_backstage):
                return None if seat_grant.user_id == viewer_id else mark
        return None


@pytest.mark.parametrize("seed", [6, 8])
async def test_after_any_changes_everybody_is_shown_who_sits_there(backend: JanusBackend, seed: int) -> None:
    stage = Stage(backend, seed)
    async with peers() as stage.opened:
        for mark in (0x10, 0x20, 0x30):
            await stage.come(mark)
        viewers = []
        for viewer_id, is_staff in (("u16", False), ("vera", False), ("helper", True), ("walt", False)):
            watcher = await LightWatcher().watch(backend, ROOM, viewer_id, is_staff=is_staff)
            stage.opened.append(watcher)
            viewers.append((watcher, viewer_id, is_staff))
        assert sorted(node.watches for node in await backend.figures()) == [2, 2]
        for _ in range(ROUNDS):
            changes = [await stage.change() for _ in range(stage.random.randrange(1, 4))]
            await stage.reconcile()
            places = itertools.product(viewers, range(SEATS), ("audio", "video"))
            await asyncio.gather(
                *(
                    comes(
                        watcher, seat, kind, stage.shown(seat, *who), f"{who}'s {kind} of seat {seat} after {changes}"
                    )
                    for (watcher, *who), seat, kind in places
                )
            )
            assert {watcher.pc.connectionState for watcher, *_ in viewers} == {"connected"}


async def comes(watcher: LightWatcher, seat: int, kind: str, mark: int | None, what: str) -> None:
    """Wait until just what `mark` sends comes there, or nothing."""
    if mark is None:
        assert await watcher.silence(seat, kind), what
        return
    before = watcher.count(seat, kind)
    packets = watcher.got[seat, kind]
    await until(lambda: len(packets) > before and packets[-1].payload[-1] == mark, what)
