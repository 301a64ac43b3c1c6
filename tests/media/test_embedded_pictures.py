"""Watches with moving pictures and with sound only, and what is kept of watches, at the embedded forwarder."""

import itertools

import pytest

from micconnect.media.embedded import EmbeddedBackend
from tests.media.moving import shows, watching
from tests.media.peers import MOVING, LightPublisher, LightWatcher, grant, peers

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_one_stream_without_a_seam_whoever_it_shows(forwarder: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        watcher = await watching(forwarder, "seam", "bob", 1)
        open_peers.append(watcher)
        for seat in (0, 1):
            publisher = LightPublisher(mark=0x10 * (seat + 1))
            open_peers.append(await publisher.publish(forwarder, grant("seam", f"p{seat}", seat=seat)))
        for seat in (0, 1, 0):
            await forwarder.show("seam", [seat])
            await shows(watcher, 0, 0x10 * (seat + 1))
        packets = watcher.got[0, MOVING]
        assert len({packet.ssrc for packet in packets}) == 1
        numbers = [packet.sequence_number for packet in packets]
        assert {(after - before) & 0xFFFF for before, after in itertools.pairwise(numbers)} == {1}


async def test_figures_count_what_went_out_also_after_the_end_of_a_room(forwarder: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        for room in await forwarder.rooms():  # what an earlier test left may end at any moment
            await forwarder.close_room(room)
        (before,) = await forwarder.figures()
        watcher = await LightWatcher().watch(forwarder, "count", "bob")
        open_peers += [watcher, await LightPublisher().publish(forwarder, grant("count", "ann"))]
        await watcher.more(1, "audio", 20)
        (during,) = await forwarder.figures()
        assert during.name == "embedded" and during.is_up
        assert (during.rooms, during.feeds, during.watches) == (before.rooms + 1, before.feeds + 1, before.watches + 1)
        assert during.forwarded_packets is not None and before.forwarded_packets is not None
        assert during.forwarded_packets >= before.forwarded_packets + 20
        assert during.cpu_s is not None and before.cpu_s is not None and during.cpu_s > before.cpu_s
        await forwarder.close_room("count")
        (after,) = await forwarder.figures()
        assert after.forwarded_packets is not None and after.forwarded_packets >= during.forwarded_packets
        assert after.feeds == before.feeds
