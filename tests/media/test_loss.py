"""Packets that are lost on either side of the forwarder are asked for again and come, in their places."""

from typing import Any

import pylibsrtp
import pytest

from micconnect.media.embedded import EmbeddedBackend
from tests.media.peers import LightPublisher, LightWatcher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

VP8 = 97


class LosingSession:
    """An SRTP session that loses the n-th picture packet before it is looked at."""

    def __init__(self, session: Any, nth: int) -> None:
        self._session = session
        self._left = nth

    def unprotect(self, data: bytes) -> bytes:
        if data[1] & 0x7F == VP8:
            self._left -= 1
            if self._left == 0:
                raise pylibsrtp.Error(1)
        return self._session.unprotect(data)

    def unprotect_rtcp(self, data: bytes) -> bytes:
        return self._session.unprotect_rtcp(data)


def numbers(watcher: LightWatcher) -> list[int]:
    """The sequence numbers of seat 1's picture in order, without wraps (streams begin in the lower half)."""
    return sorted(packet.sequence_number for packet in watcher.got[1, "video"])


def holes(watcher: LightWatcher) -> list[int]:
    got = numbers(watcher)
    return sorted(set(range(got[0], got[-1] + 1)) - set(got)) if got else []


async def test_a_viewer_gets_a_lost_packet_again(backend: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "down", "bob")
        open_peers.append(watcher)
        receiver = next(t.receiver for t in watcher.pc.getTransceivers() if t.mid == watcher.offer.slots[1].video_mid)
        dtls = receiver.transport
        dtls._rx_srtp = LosingSession(dtls._rx_srtp, 10)
        open_peers.append(await LightPublisher().publish(backend, grant("down", "ann")))
        await until(lambda: holes(watcher), "a hole")
        missing = holes(watcher)
        await receiver._send_rtcp_nack(watcher.got[1, "video"][0].ssrc, missing)
        await until(lambda: not holes(watcher), "the hole to be filled")
        assert len(missing) == 1


async def test_the_forwarder_gets_a_lost_packet_again_from_the_publisher(backend: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "up", "bob")
        publisher = await LightPublisher().publish(backend, grant("up", "ann"))
        open_peers += [watcher, publisher]
        await watcher.more(1, "video")
        dtls = publisher.pc.getSenders()[0].transport
        send, lost = dtls._send_rtp, []

        async def losing_send(data: bytes) -> None:
            if data[1] & 0x7F == VP8 and len(lost) < 1:
                lost.append(data)
            else:
                await send(data)

        dtls._send_rtp = losing_send
        await until(lambda: lost, "a loss")
        await watcher.more(1, "video", 10)
        await until(lambda: not holes(watcher), "the hole to be filled")
        order = [packet.sequence_number for packet in watcher.got[1, "video"]]
        assert order != sorted(order), "the lost packet came after its successors"
