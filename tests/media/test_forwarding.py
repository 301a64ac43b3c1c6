"""What only the own forwarder promises: its caps to the byte, nothing left behind, patience with who is silent."""

import asyncio

import pytest
from aiortc import RTCSessionDescription

from micconnect.media.base import MediaRefused
from micconnect.media.embedded import EmbeddedBackend
from tests.media.peers import LightPublisher, LightWatcher, grant, peers

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_cap_is_enforced_on_a_sender_that_ignores_it(forwarder: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        ann = grant("cap", "ann")
        watcher = await LightWatcher().watch(forwarder, "cap", "bob")
        flood = LightPublisher(picture_bytes=12_500, fps=30)
        open_peers += [watcher, flood]
        answer = await forwarder.open_publish(ann, await flood.offer())
        assert "b=AS:600" in answer and "b=AS:64" in answer
        await flood.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await watcher.more(1, "video")
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(3)
        took = asyncio.get_running_loop().time() - start
        octets = sum(12 + len(packet.payload) for packet in watcher.got[1, "video"])
        # The allowance is 1.5 times the cap, and what one second earns at the beginning.
        assert octets <= 600_000 / 8 * 1.5 * (took + 2.5)
        tracks = {track.kind: track for track in (await forwarder.details()).tracks if track.grant_id == ann.grant_id}
        assert tracks["video"].dropped > 0
        assert tracks["audio"].dropped == 0
        await watcher.more(1, "audio")


async def test_a_closed_watch_is_over_and_leaves_nothing_behind(forwarder: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        before = await forwarder.details()
        watcher = await LightWatcher().watch(forwarder, "leave", "bob")
        open_peers.append(watcher)
        assert watcher.offer is not None
        await forwarder.close_watch(watcher.offer.watch_id)
        await forwarder.close_watch(watcher.offer.watch_id)
        with pytest.raises(MediaRefused, match="over"):
            await forwarder.answer(watcher.offer.watch_id, watcher.pc.localDescription.sdp)
        unanswered = await forwarder.open_watch("leave", "bob", 2, is_staff=False)
        await forwarder.close_watch(unanswered.watch_id)
        for _ in range(200):
            after = await forwarder.details()
            if after.watches <= before.watches and after.tasks <= before.tasks and after.files <= before.files:
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"left behind: {after}, before: {before}")


async def test_one_who_sends_nothing_for_long_is_not_gone(forwarder: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        ann = grant("still", "ann", video=False)
        publisher = await LightPublisher(video=False).publish(forwarder, ann)
        watcher = await LightWatcher().watch(forwarder, "still", "bob")
        open_peers += [publisher, watcher]
        await watcher.more(1, "audio")
        publisher.tracks[0].is_paused = True
        publisher.pc.getSenders()[0]._send_rtcp = _no_rtcp
        await asyncio.sleep(7)
        assert len(await forwarder.snapshot("still")) == 1
        publisher.tracks[0].is_paused = False
        await watcher.more(1, "audio")


async def _no_rtcp(packets: object) -> None:
    """Stands in for a browser that has nothing to report."""
