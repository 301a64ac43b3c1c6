"""What every kind of media server measures of a line: loudness, losses, bitrate and the way there and back."""

import asyncio
from collections.abc import Callable

import pytest

from micconnect.media.base import FeedStats, MediaBackend
from tests.media.peers import LightPublisher, grant, peers

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def measured(backend: MediaBackend, room: str, is_true: Callable[[FeedStats], bool], what: str) -> FeedStats:
    """The figures of the one feed of a room, once they fit."""
    found: list[FeedStats] = []
    for _ in range(200):
        found = list(await backend.measure(room))
        if found and is_true(found[0]):
            return found[0]
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}: {found}")


async def test_a_good_line_is_measured_as_one(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("fine", "ann")
        assert await backend.measure("fine") == ()
        open_peers.append(await LightPublisher().publish(backend, ann))
        # 50 packets of 72 bytes and 20 of some 515 a second
        stats = await measured(backend, "fine", lambda s: 60 < s.kbps < 250 and s.loss == 0, "figures")
        assert stats.grant_id == ann.grant_id
        assert stats.audio_level == 0
        assert stats.rtt_ms is None or stats.rtt_ms < 500
        await backend.cut("fine", ann.grant_id)
        assert await backend.measure("fine") == ()


async def test_the_level_is_that_of_what_arrives(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        publisher = LightPublisher(video=False)
        open_peers.append(publisher)
        publisher.dbov = 30
        await publisher.publish(backend, grant("loud", "ann", video=False))
        await measured(backend, "loud", lambda s: s.audio_level == 50, "half the scale")
        publisher.dbov = 15
        await measured(backend, "loud", lambda s: s.audio_level == 75, "louder")
        publisher.dbov = 127
        await measured(backend, "loud", lambda s: s.audio_level == 0, "silence")


async def test_what_is_lost_on_the_way_and_a_line_that_falls_silent_are_seen(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        publisher = await LightPublisher(video=False).publish(backend, grant("lossy", "ann", video=False))
        open_peers.append(publisher)
        dtls = publisher.pc.getSenders()[0].transport
        send, count = dtls._send_rtp, 0

        async def losing_send(data: bytes) -> None:
            nonlocal count
            count += 1
            if count % 4:
                await send(data)

        dtls._send_rtp = losing_send
        await measured(backend, "lossy", lambda s: 0.15 < s.loss < 0.35, "a quarter of the packets lost")
        publisher.tracks[0].is_paused = True
        stats = await measured(backend, "lossy", lambda s: s.loss == 1.0, "silence")
        assert stats.kbps == 0
        publisher.tracks[0].is_paused = False
        dtls._send_rtp = send
        await measured(backend, "lossy", lambda s: s.loss == 0 and s.kbps > 0, "a line that is well again")
