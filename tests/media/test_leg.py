"""One outgoing stream: continuous over every change of its source, silent about the past, modest in what it asks."""

from collections.abc import AsyncIterator
from struct import unpack

import aiortc
import pytest_asyncio
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
)

from micconnect.media.sfu.endpoints import Outlet
from micconnect.media.sfu.leg import RESENDS_PER_S, Leg
from micconnect.media.sfu.source import KEY_INTERVAL_S, PeerClock, Source

KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"
NTP = 1 << 32


class Tape:
    """A line that keeps what is sent on it."""

    def __init__(self) -> None:
        self.packets: list[tuple[int, int, bytes]] = []
        self.feedback: list[object] = []

    def rtp(self, packet: bytes) -> bool:
        _, _, seq, ts, _ = unpack("!BBHLL", packet[:12])
        self.packets.append((seq, ts, packet[12:]))
        return True

    def rtcp(self, packet: bytes) -> None:
        self.feedback += RtcpPacket.parse(packet)


class Bench:
    """A source and a leg at a clock of their own."""

    def __init__(self, transport: aiortc.RTCDtlsTransport, kind: str = "video") -> None:
        self.now = 1000.0
        self.peer_clock = PeerClock()
        self.sent, self.asked = Tape(), Tape()
        self.source = self.new_source(kind)
        self.outlet = Outlet(kind, transport)
        self.outlet.payload_type, self.outlet.cname = 97, "name"
        self.leg = Leg(self.outlet, self.sent)
        self.leg.attach(self.source)

    def new_source(self, kind: str) -> Source:
        source = Source(kind, 100_000, lambda: None, 1, self.peer_clock)
        source.clock = lambda: self.now
        source.line = self.asked
        return source

    def come(self, seq: int, ts: int = 0, payload: bytes = DELTA, source: Source | None = None, ssrc: int = 7) -> None:
        packet = RtpPacket(payload_type=97, sequence_number=seq, timestamp=ts, ssrc=ssrc, payload=payload)
        (source or self.source).packet(packet, 0)

    def nack(self, *seqs: int) -> None:
        packet = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=self.outlet.ssrc)
        packet.lost = list(seqs)
        assert self.outlet.on_rtcp is not None
        self.outlet.on_rtcp(packet)

    def payloads(self) -> list[bytes]:
        return [payload for _, _, payload in self.sent.packets]


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    pc = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    yield Bench(pc.addTransceiver("video").receiver.transport)
    await pc.close()


async def test_a_picture_begins_with_a_key_frame_and_asks_for_one(bench: Bench) -> None:
    bench.come(10)
    bench.come(11)
    assert bench.sent.packets == []
    assert [packet.fmt for packet in bench.asked.feedback if isinstance(packet, RtcpPsfbPacket)] == [RTCP_PSFB_PLI]
    bench.come(12, payload=KEY)
    bench.come(13)
    assert bench.payloads() == [KEY, DELTA]


async def test_key_frames_are_asked_for_once_per_interval(bench: Bench) -> None:
    bench.come(10)
    for _ in range(5):
        bench.source.ask_key()
    bench.now += KEY_INTERVAL_S - 0.01
    bench.source.ask_key()
    assert len(bench.asked.feedback) == 1
    bench.now += 0.02
    bench.source.ask_key()
    assert len(bench.asked.feedback) == 2


async def test_holes_and_late_packets_keep_their_places(bench: Bench) -> None:
    bench.come(65534, payload=KEY)
    bench.come(65535)
    bench.come(1)
    bench.come(0)
    first = bench.sent.packets[0][0]
    assert [(seq - first) & 0xFFFF for seq, _, _ in bench.sent.packets] == [0, 1, 3, 2]


async def test_packets_from_before_the_beginning_stay_behind(bench: Bench) -> None:
    bench.come(100)
    bench.come(101, payload=KEY)
    bench.come(99)
    bench.come(100)
    bench.come(102)
    assert len(bench.sent.packets) == 2


async def test_another_source_goes_on_where_the_last_one_stopped(bench: Bench) -> None:
    bench.come(500, ts=1_000_000, payload=KEY)
    bench.come(501, ts=1_000_300)
    bench.now += 2
    other = bench.new_source("video")
    bench.leg.attach(other)
    bench.come(502, ts=1_000_600)
    bench.come(60000, ts=5, payload=KEY, source=other, ssrc=8)
    (_, _, _), (seq, ts, _), (next_seq, next_ts, _) = bench.sent.packets
    assert (next_seq - seq) & 0xFFFF == 1
    assert (next_ts - ts) & 0xFFFFFFFF == 2 * 90000


async def test_a_new_stream_number_of_the_same_source_is_a_new_beginning(bench: Bench) -> None:
    bench.come(500, payload=KEY)
    bench.come(9, payload=DELTA, ssrc=8)
    bench.come(10, payload=KEY, ssrc=8)
    (seq, _, _), (next_seq, _, _) = bench.sent.packets
    assert (next_seq - seq) & 0xFFFF == 1


async def test_a_lost_packet_comes_again_as_it_was(bench: Bench) -> None:
    bench.come(1, payload=KEY)
    bench.come(2, ts=300, payload=DELTA + b"2")
    bench.come(3, ts=600)
    lost = bench.sent.packets[1]
    bench.nack(lost[0])
    assert bench.sent.packets[-1] == lost


async def test_what_was_said_before_a_mute_does_not_come_out_after_it(bench: Bench) -> None:
    bench.come(1, payload=KEY)
    bench.come(2)
    old = [seq for seq, _, _ in bench.sent.packets]
    bench.source.set_muted(True)
    bench.nack(*old)
    bench.come(3, payload=b"\x10\x00secret")
    bench.source.set_muted(False)
    bench.nack(*old, (old[-1] + 1) & 0xFFFF)
    bench.come(4, payload=KEY)
    bench.nack(*old)
    assert len(bench.sent.packets) == 3
    assert b"\x10\x00secret" not in bench.payloads()
    assert (bench.sent.packets[-1][0] - old[-1]) & 0xFFFF == 1


async def test_resends_have_an_allowance_and_one_more_is_not_sent(bench: Bench) -> None:
    bench.come(1, payload=KEY)
    seq = bench.sent.packets[0][0]
    bench.nack(*[seq] * (RESENDS_PER_S + 1))
    assert len(bench.sent.packets) == 1 + RESENDS_PER_S
    bench.now += 1
    bench.nack(seq)
    assert len(bench.sent.packets) == 2 + RESENDS_PER_S


async def test_reports_tell_the_publishers_own_time_so_that_lips_fit(bench: Bench) -> None:
    sound = bench.new_source("audio")
    outlet = Outlet("audio", bench.outlet.transport)
    outlet.payload_type, outlet.cname = 96, "name"
    sound_leg = Leg(outlet, Tape())
    sound_leg.attach(sound)
    # Both say: at second 50 of the publisher's clock the stamps were these. The picture's report comes late.
    bench.come(1, ts=90_000, payload=KEY)
    bench.come(1, ts=48_000, payload=b"x", source=sound, ssrc=9)
    sound.sender_report(9, 50 * NTP, 48_000)
    bench.now += 0.25
    bench.source.sender_report(7, 50 * NTP, 90_000)
    bench.now += 0.75
    stamps = {}
    for kind, leg, first in (("video", bench.leg, bench.sent.packets[0][1]), ("audio", sound_leg, None)):
        report = RtcpPacket.parse(leg.report(bench.now, 77 * NTP))[0]
        assert isinstance(report, RtcpSrPacket)
        assert report.sender_info.ntp_timestamp == 77 * NTP
        stamps[kind] = report.sender_info.rtp_timestamp
        if first is not None:
            assert (stamps[kind] - first) & 0xFFFFFFFF == 90_000, "one second after the first picture"
    assert bench.leg.report(bench.now, 78 * NTP) == b"", "nothing was sent since"


async def test_a_peer_that_invents_streams_without_end_is_ended(bench: Bench) -> None:
    for ssrc in range(8):
        bench.come(1, ssrc=ssrc)
    try:
        bench.come(1, ssrc=8)
    except ConnectionError:
        return
    raise AssertionError("the ninth stream was taken")
