"""Several Janus servers as one: rooms spread over them, and move when one of them goes."""

import asyncio
import contextlib
import functools
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from micconnect.media.base import BackendDown, BackendUp, MediaUnavailable, RoomMoved
from micconnect.media.janus.backend import JanusBackend
from micconnect.media.janus.node import SWITCHED_AT_ONCE
from micconnect.protocol.words import Device
from tests.media.janus_news import News, assert_whole
from tests.media.janus_server import ADDRESS, JanusServer, backend_of
from tests.media.peers import LightPublisher, LightWatcher, grant, peers, peers_on, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[JanusServer, JanusServer]]:
    """Two Janus servers for the whole module."""
    with JanusServer(0) as one, JanusServer(1) as two:
        yield one, two


@pytest.fixture(autouse=True)
def on_their_address() -> Iterator[None]:
    with peers_on(ADDRESS):
        yield


@contextlib.asynccontextmanager
async def started(*servers: JanusServer, **options: Any) -> AsyncIterator[JanusBackend]:
    backend = backend_of(*servers, **options)
    assert isinstance(backend, JanusBackend)
    await backend.start()
    yield backend
    for room in backend._rooms.all():
        await backend.close_room(room.room_id)
    await backend.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def pool(servers: tuple[JanusServer, JanusServer]) -> AsyncIterator[JanusBackend]:
    async with started(*servers) as backend:
        yield backend


def server_of(pool: JanusBackend, room_id: str, servers: tuple[JanusServer, JanusServer]) -> tuple[JanusServer, int]:
    """The server that carries a room, and its number."""
    room = pool._rooms.known(room_id)
    assert room is not None
    number = pool._pool.nodes.index(room.node)
    return servers[number], number


async def test_rooms_are_spread(pool: JanusBackend, servers: tuple[JanusServer, JanusServer]) -> None:
    async with peers() as open_peers:
        for number in range(4):
            open_peers.append(await LightWatcher().watch(pool, f"room-{number}", "bob"))
        figures = await pool.figures()
        assert [(node.is_up, node.rooms, node.watches) for node in figures] == [(True, 2, 2), (True, 2, 2)]
        assert len({node.name for node in figures}) == 2


async def test_when_a_server_goes_its_rooms_move_and_the_others_notice_nothing(
    pool: JanusBackend, servers: tuple[JanusServer, JanusServer]
) -> None:
    async with peers() as open_peers:
        news = News(pool)
        open_peers.append(news)
        for room in ("stays", "goes"):
            watcher = await LightWatcher().watch(pool, room, "bob")
            open_peers += [watcher, await LightPublisher().publish(pool, grant(room, "ann"))]
            await watcher.more(1, "audio")
            if room == "stays":
                staying = watcher
        lost, number = server_of(pool, "goes", servers)
        assert server_of(pool, "stays", servers)[1] != number
        before = pool.generation
        lost.kill()
        await until(lambda: RoomMoved("goes") in news.events, "the news of it")
        assert (await pool.figures())[number].is_up is False
        watcher = await LightWatcher().watch(pool, "goes", "bob")
        open_peers += [watcher, await LightPublisher().publish(pool, grant("goes", "ann"))]
        await watcher.more(1, "video")
        await staying.more(1, "audio")
        assert server_of(pool, "goes", servers) == server_of(pool, "stays", servers)
        lost.start()
        await until(lambda: len(pool._pool.up) == 2, "its return")
        open_peers.append(await LightWatcher().watch(pool, "later", "bob"))
        assert server_of(pool, "later", servers)[1] == number, "the emptier one"
        await watcher.more(1, "video")
        assert pool.generation == before
        moves = [event for event in news.events if isinstance(event, BackendUp | BackendDown | RoomMoved)]
        assert moves[1:] == [RoomMoved("goes")]


async def test_a_server_that_restarts_quickly_has_lost_its_rooms_too(
    pool: JanusBackend, servers: tuple[JanusServer, JanusServer]
) -> None:
    async with peers() as open_peers:
        news = News(pool)
        open_peers += [news, await LightWatcher().watch(pool, "quick", "bob")]
        lost, _ = server_of(pool, "quick", servers)
        lost.kill()
        lost.start()
        await until(lambda: RoomMoved("quick") in news.events, "the news of it")
        assert not [watch for watch in await pool.watches() if watch.room_id == "quick"]
        open_peers.append(await LightWatcher().watch(pool, "quick", "bob"))


async def test_the_next_process_finds_the_rooms_of_all_servers(
    pool: JanusBackend, servers: tuple[JanusServer, JanusServer]
) -> None:
    async with peers() as open_peers:
        watchers = {}
        for room in ("one", "two", "three", "four"):
            watchers[room] = await LightWatcher().watch(pool, room, "bob")
            open_peers += [watchers[room], await LightPublisher().publish(pool, grant(room, "ann"))]
        await pool.stop()
        second = backend_of(*servers)
        await second.start()
        try:
            assert second.generation == pool.generation
            assert {watch.room_id for watch in await second.watches()} >= watchers.keys()
            for room, watcher in watchers.items():
                assert len(await second.snapshot(room)) == 1
                await watcher.more(1, "audio", 20)
                await second.close_room(room)
                assert await watcher.silence(1, "audio")
        finally:
            await second.stop()


async def test_when_the_last_server_goes_it_is_down_and_a_new_generation_follows(
    pool: JanusBackend, servers: tuple[JanusServer, JanusServer]
) -> None:
    async with peers() as open_peers:
        news = News(pool)
        open_peers += [news, await LightWatcher().watch(pool, "all", "bob")]
        before = pool.generation
        for server in servers:
            server.kill()
        await until(lambda: BackendDown() in news.events, "the news of it")
        for server in servers:
            server.start()
        await until(lambda: len(pool._pool.up) == 2, "their return")
        assert pool.generation > before
        assert news.events[-1] == BackendUp(pool.generation)
        assert await pool.watches() == ()
        await asyncio.sleep(0)


# -- a room on several servers ----------------------------------------------------------------------------------------
@pytest_asyncio.fixture(loop_scope="module")
async def small(servers: tuple[JanusServer, JanusServer]) -> AsyncIterator[JanusBackend]:
    """One viewer of a room on each server, then they are full."""
    async with started(*servers, watches_per_node=1) as backend:
        yield backend


async def spread(backend: JanusBackend, room: str, opened: list[Any]) -> tuple[LightWatcher, LightWatcher]:
    """Two viewers of a room, on two servers."""
    near = await LightWatcher().watch(backend, room, "bob")
    far = await LightWatcher().watch(backend, room, "bea")
    opened += [near, far]
    assert sorted(node.watches for node in await backend.figures()) == [1, 1]
    return near, far


async def test_viewers_beyond_the_limit_get_all_from_a_second_server(small: JanusBackend) -> None:
    async with peers() as open_peers:
        ann, carl = grant("big", "ann", seat=1), grant("big", "carl", seat=2, is_backstage=True)
        open_peers.append(await LightPublisher(mark=0x10).publish(small, ann))
        near, far = await spread(small, "big", open_peers)
        open_peers.append(await LightPublisher(mark=0x20).publish(small, carl))
        for watcher in (near, far):
            await watcher.more(1, "audio")
            await watcher.more(1, "video")
            assert watcher.count(2, "video") == 0
        await small.set_backstage("big", carl.grant_id, False)
        await small.place("big", {ann.grant_id: 0})
        await far.more(2, "video")
        await far.more(0, "video")
        assert await far.silence(1, "video")
        await small.set_muted("big", ann.grant_id, Device.CAMERA, True)
        assert await far.silence(0, "video")
        await far.more(0, "audio")
        await small.cut("big", ann.grant_id)
        assert await far.silence(0, "audio") and await near.silence(0, "audio")
        third = await LightWatcher().watch(small, "big", "dan")
        open_peers.append(third)
        await third.more(2, "video")
        await small.close_room("big")
        assert await far.silence(2, "video")
        await until(lambda: far.pc.connectionState == "closed", "the viewer there let go")


async def test_one_who_goes_and_comes_again_is_seen_on_the_second_server(small: JanusBackend) -> None:
    async with peers() as open_peers:
        _, far = await spread(small, "comes", open_peers)
        for mark in (0x10, 0x20, 0x30):
            publisher = await LightPublisher(mark=mark).publish(small, grant("comes", "ann"))
            open_peers.append(publisher)
            await far.more(1, "video")
            await until(functools.partial(shows, far, mark), "the one who is there now")
            await publisher.close()
        assert far.pc.connectionState == "connected"


async def test_a_feed_stays_on_the_second_server_until_its_viewers_are_switched_away(small: JanusBackend) -> None:
    async with peers() as open_peers:
        _, far = await spread(small, "held", open_peers)
        ann = grant("held", "ann", seat=1)
        open_peers.append(await LightPublisher(mark=0x10).publish(small, ann))
        await far.more(1, "video")
        room = small._rooms.known("held")
        assert room is not None
        house, (feed,) = room.house, (line.feed for line in room.on_air.values())
        (edge,) = house.edges.values()
        async with contextlib.AsyncExitStack() as held_up:
            for _ in range(SWITCHED_AT_ONCE):
                await held_up.enter_async_context(edge.node.switching)
            await small.cut("held", ann.grant_id)
            assert await far.silence(1, "video"), "a cut waits for nobody"
            await house.spread()
            there = await edge.node.order("listparticipants", room=edge.name, secret=edge.secret)
            assert feed in [person.id for person in there.participants]
        await house.settled()
        await house.spread()
        there = await edge.node.order("listparticipants", room=edge.name, secret=edge.secret)
        assert not [person.id for person in there.participants if person.is_remote]
        assert far.pc.connectionState == "connected"


def shows(watcher: LightWatcher, mark: int) -> bool:
    return watcher.got[1, "video"][-1].payload[-1] == mark


async def test_the_next_process_finds_a_room_on_both_servers(
    small: JanusBackend, servers: tuple[JanusServer, JanusServer]
) -> None:
    async with peers() as open_peers:
        near, far = await spread(small, "both", open_peers)
        ann = grant("both", "ann")
        open_peers.append(await LightPublisher().publish(small, ann))
        await far.more(1, "video")
        await small.stop()
        second = backend_of(*servers, watches_per_node=1)
        await second.start()
        try:
            watches = await second.watches()
            assert sorted(watch.viewer_id for watch in watches if watch.room_id == "both") == ["bea", "bob"]
            for watcher in (near, far):
                await watcher.more(1, "audio", 20)
                assert_whole(watcher.got[1, "audio"])
            await second.cut("both", ann.grant_id)
            assert await far.silence(1, "audio")
            open_peers.append(await LightPublisher().publish(second, grant("both", "carl")))
            await far.more(1, "video")
        finally:
            await second.close_room("both")
            await second.stop()


async def test_when_the_second_server_goes_the_others_notice_nothing(
    small: JanusBackend, servers: tuple[JanusServer, JanusServer]
) -> None:
    async with peers() as open_peers:
        near, far = await spread(small, "edge", open_peers)
        news = News(small)
        open_peers += [news, await LightPublisher().publish(small, grant("edge", "ann"))]
        await far.more(1, "video")
        origin, _ = server_of(small, "edge", servers)
        lost = servers[1 - servers.index(origin)]
        lost.kill()
        for _ in range(200):
            if len(await small.watches()) == 1:
                break
            await asyncio.sleep(0.05)
        assert [watch.viewer_id for watch in await small.watches()] == ["bob"]
        await near.more(1, "video", 20)
        lost.start()
        await until(lambda: len(small._pool.up) == 2, "its return")
        again = await LightWatcher().watch(small, "edge", "bea")
        open_peers.append(again)
        await again.more(1, "video")
        assert not [event for event in news.events if isinstance(event, RoomMoved | BackendDown)]


async def test_rooms_of_a_server_that_is_slow_to_answer_are_not_made_anew_elsewhere(
    pool: JanusBackend, servers: tuple[JanusServer, JanusServer]
) -> None:
    async with peers() as open_peers:
        for room in ("here", "there"):
            watcher = await LightWatcher().watch(pool, room, "bob")
            open_peers += [watcher, await LightPublisher().publish(pool, grant(room, "ann"))]
        slow, _ = server_of(pool, "there", servers)
        await pool.stop()
        second = backend_of(*servers)
        slow.send(signal.SIGSTOP)
        try:
            await second.start()
            assert second.is_up and await second.rooms() == {"here"}
            with pytest.raises(MediaUnavailable, match="may have this room"):
                await second.open_watch("there", "bea", 2, is_staff=False)
            with pytest.raises(MediaUnavailable, match="may have this room"):
                await second.snapshot("there")
        finally:
            slow.send(signal.SIGCONT)
        try:
            await until(lambda: len(second._rooms.all()) == 2 and len(second._rooms.pool.up) == 2, "both found")
            assert len(await second.snapshot("there")) == 1
            await watcher.more(1, "audio", 20)
            for room in ("here", "there"):
                await second.close_room(room)
        finally:
            await second.stop()
