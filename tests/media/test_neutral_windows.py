"""Several windows of one person: the one opened last has the line, and what it took over is still on air."""

import asyncio

import pytest

from micconnect.media.base import FeedUp, MediaBackend
from tests.media.peers import LightPublisher, LightWatcher, grant, peers

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_of_many_windows_at_once_the_last_one_called_for_has_the_line(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("many-windows", "ann")
        watcher = await LightWatcher().watch(backend, "many-windows", "bob")
        windows = [LightPublisher(mark=mark) for mark in (0x10, 0x20, 0x30, 0x40, 0x50)]
        open_peers += [watcher, *windows]
        for window in windows:
            await window.offer()
        *earlier, last = [asyncio.create_task(window.publish(backend, ann)) for window in windows]
        await last
        await watcher.more(1, "audio")
        assert {packet.payload[-1] for packet in watcher.got[1, "audio"][-3:]} == {0x50}
        for window in earlier:
            window.cancel()
        await asyncio.gather(*earlier, return_exceptions=True)
        assert len(await backend.snapshot("many-windows")) == 1


async def test_the_snapshot_says_whether_media_have_arrived(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("facts", "ann", audio_muted=True)
        window = LightPublisher(video=False)
        open_peers.append(window)
        window.tracks[0].is_paused = True
        await window.publish(backend, ann)
        (feed,) = await backend.snapshot("facts")
        assert not feed.is_up
        events = backend.events()
        window.tracks[0].is_paused = False
        while await anext(events) != FeedUp("facts", ann.grant_id):
            pass
        (feed,) = await backend.snapshot("facts")
        assert feed.is_up and feed.audio_muted
        # A window that takes over is the same guest still on air: no event tells of it, and no snapshot either.
        second = LightPublisher(video=False)
        open_peers.append(second)
        second.tracks[0].is_paused = True
        await second.publish(backend, ann)
        (feed,) = await backend.snapshot("facts")
        assert feed.is_up


async def test_only_the_window_that_sends_does_not_get_its_own_media_back(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("echo", "ann", window="w1")
        publisher = LightPublisher(mark=0x10)
        open_peers.append(publisher)
        await publisher.publish(backend, ann)
        own = await LightWatcher().watch(backend, "echo", "ann", window="w1")
        second = await LightWatcher().watch(backend, "echo", "ann", window="w2")
        viewer = await LightWatcher().watch(backend, "echo", "bob", window="w1")
        open_peers += [own, second, viewer]
        for watcher in (second, viewer):
            await watcher.more(1, "audio")
            await watcher.more(1, "video")
        assert own.count(1, "audio") == own.count(1, "video") == 0
