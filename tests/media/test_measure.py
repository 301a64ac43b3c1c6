"""What the forwarder measures of a line: loudness, losses, bitrate and the way there and back."""

import asyncio

import pytest
from aiortc.rtp import RtpPacket

from micconnect.media.base import FeedStats
from micconnect.media.embedded import EmbeddedBackend
from micconnect.media.sfu.source import PeerClock, Source, Window, loudness
from tests.media.peers import LightPublisher, grant, peers

on_module_loop = pytest.mark.asyncio(loop_scope="module")


class Heard:
    """A sound source to which packets come by hand."""

    def __init__(self) -> None:
        self.source = Source("audio", 100_000, lambda: None, 1, PeerClock())

    def come(self, *seqs: int, dbov: int | None = None, ssrc: int = 7) -> None:
        for seq in seqs:
            packet = RtpPacket(payload_type=96, sequence_number=seq, ssrc=ssrc, payload=bytes(88))
            if dbov is not None:
                packet.extensions.audio_level = (True, dbov)
            self.source.packet(packet, 0)

    def window(self) -> Window:
        """What came since the last call, as a tick asks for it."""
        self.source.receiver_info()
        return self.source.close_window()


def test_loudness_runs_from_sixty_decibels_below_to_full_scale() -> None:
    assert [loudness(dbov) for dbov in (127, 61, 60, 59, 30, 0)] == [0, 0, 0, 2, 50, 100]


def test_the_loudest_packet_of_a_window_counts_and_is_forgotten_with_it() -> None:
    heard = Heard()
    heard.come(1, dbov=50)
    heard.come(2, dbov=30)
    heard.come(3, dbov=127)
    assert heard.window().level == 50
    heard.come(4, dbov=120)
    assert heard.window().level == 0
    assert heard.window() == Window(expected=0, lost=0, octets=0, level=0), "the packets have stopped"


def test_a_sender_that_tells_no_level_counts_as_silent() -> None:
    heard = Heard()
    heard.come(1, 2, 3)
    assert heard.window() == Window(expected=3, lost=0, octets=300, level=0)


def test_losses_are_those_of_the_window_and_late_packets_make_up_for_them() -> None:
    heard = Heard()
    heard.come(1, 2, 5, 6)
    assert heard.window()[:2] == (6, 2)
    heard.come(7, 4, 8)
    assert heard.window()[:2] == (2, 0)
    heard.come(9, 11)
    assert heard.window()[:2] == (3, 1)


def test_a_new_stream_number_is_no_loss() -> None:
    heard = Heard()
    heard.come(1, 2)
    heard.come(60_000, 60_001, ssrc=8)
    assert heard.window()[:2] == (2, 0)


async def measured(backend: EmbeddedBackend, room: str, is_true, what: str) -> FeedStats:
    """The figures of the one feed of a room, once they fit."""
    found: list[FeedStats] = []
    for _ in range(200):
        found = list(await backend.measure(room))
        if found and is_true(found[0]):
            return found[0]
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}: {found}")


@on_module_loop
async def test_a_good_line_is_measured_as_one(backend: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        ann = grant("fine", "ann")
        assert await backend.measure("fine") == ()
        open_peers.append(await LightPublisher().publish(backend, ann))
        # 50 packets of 72 bytes and 20 of some 515 a second
        stats = await measured(backend, "fine", lambda s: s.rtt_ms is not None and s.kbps > 60, "figures")
        assert stats.grant_id == ann.grant_id
        assert stats.loss == 0 and stats.audio_level == 0
        assert stats.rtt_ms is not None and stats.rtt_ms < 500
        await backend.cut("fine", ann.grant_id)
        assert await backend.measure("fine") == ()


@on_module_loop
async def test_what_is_lost_on_the_way_and_a_line_that_falls_silent_are_seen(backend: EmbeddedBackend) -> None:
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
