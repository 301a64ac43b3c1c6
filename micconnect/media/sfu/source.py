"""One published track: counts what arrives, keeps it within its allowance and hands it to the legs."""

import time
from collections.abc import Callable
from typing import NamedTuple

from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRtpfbPacket,
    RtpPacket,
    pack_remb_fci,
)

from micconnect.media.measures import OVERSHOOT, loudness
from micconnect.media.sfu.counts import TS_MASK, Allowance, Losses, Tally
from micconnect.media.sfu.leg import CLOCK_RATES, HISTORY, Leg
from micconnect.media.sfu.private import Line

KEY_INTERVAL_S = 0.5
STREAMS_MAX = 8
HEADER_BYTES = 12
SILENCE_DBOV = 127

Kept = tuple[int, int, int, bytes]


def starts_key_frame(payload: bytes) -> bool:
    """Whether a VP8 payload is the first of a key frame (RFC 7741)."""
    if len(payload) < 2 or payload[0] & 0x17 != 0x10:
        return False
    at = 1
    if payload[0] & 0x80:
        flags = payload[1]
        at = 2
        if flags & 0x80:
            at += 2 if len(payload) > 2 and payload[2] & 0x80 else 1
        at += bool(flags & 0x40) + bool(flags & 0x30)
    return at < len(payload) and payload[at] & 0x01 == 0


class Window(NamedTuple):
    """What came between two ticks: packets that should have come and did not, bytes, loudness (0 to 100)."""

    expected: int
    lost: int
    octets: int
    level: int


class PeerClock:
    """How a publisher's clock lies to ours. Sound and picture share it, so that they stay together at the viewers."""

    def __init__(self) -> None:
        self.offset_s: float | None = None

    def note(self, sent_s: float, now: float) -> None:
        """A report that left at `sent_s` of their clock came at `now` of ours. The first one settles it."""
        if self.offset_s is None:
            self.offset_s = now - sent_s


class Source:
    """What one m-line of a publisher brings. `legs` is who gets it; a muted source gives nothing to anyone."""

    def __init__(
        self, kind: str, kbps: int, on_media: Callable[[], None], rtcp_ssrc: int, peer_clock: PeerClock
    ) -> None:
        self.kind = kind
        self.legs: set[Leg] = set()
        self.history: dict[int, Kept] = {}
        self.is_muted = False
        self.level: int | None = None
        self.packets = self.octets = self.dropped = 0
        self.clock = time.monotonic
        self.line: Line | None = None
        self._rate = CLOCK_RATES[kind]
        self._kbps = kbps
        self._allowance = Allowance(kbps * 1000 / 8 * OVERSHOOT)
        self._on_media: Callable[[], None] | None = on_media
        self._rtcp_ssrc = rtcp_ssrc
        self._peer_clock = peer_clock
        self._rtx: set[int] = set()
        self._ssrcs: set[int] = set()
        self._ssrc: int | None = None
        self._losses = Losses()
        self._tally = Tally(self._rate)
        self._estimator = RemoteBitrateEstimator() if kind == "video" else None
        self._asked_at = 0.0
        self._clock_pair: tuple[float, int] | None = None
        self._lsr: tuple[int, float] | None = None
        self._loudest = SILENCE_DBOV
        self._octets_before = 0

    def start(self, codecs: list[RTCRtpCodecParameters]) -> None:
        """The negotiated codecs: the one for media and, perhaps, the one for retransmissions."""
        self._rtx = {codec.payloadType for codec in codecs if codec.name.lower() == "rtx" and codec.payloadType}

    # -- arriving ------------------------------------------------------------------------------------------------------

    def packet(self, packet: RtpPacket, arrival_ms: int) -> None:
        """One packet has come. Raises ConnectionError for a peer that invents streams without end."""
        now = self.clock()
        if packet.ssrc not in self._ssrcs:
            if len(self._ssrcs) >= STREAMS_MAX:
                raise ConnectionError("too many streams in one m-line")
            self._ssrcs.add(packet.ssrc)
        if self._on_media is not None:
            self._on_media()
            self._on_media = None
        payload = packet.payload
        size = HEADER_BYTES + len(payload)
        self.packets += 1
        self.octets += size
        if self._estimator is not None and packet.extensions.abs_send_time is not None:
            self._estimate(self._estimator, packet.extensions.abs_send_time, packet.ssrc, arrival_ms, size)
        if packet.payload_type in self._rtx:
            if len(payload) < 2 or self._ssrc is None:
                return
            seq, payload = int.from_bytes(payload[:2], "big"), payload[2:]
        else:
            seq = packet.sequence_number
            if packet.ssrc != self._ssrc:
                self._adopt(packet.ssrc)
            self._tally.note(seq, packet.timestamp, now)
            if packet.extensions.audio_level is not None:
                self.level = level = packet.extensions.audio_level[1]
                if level < self._loudest:
                    self._loudest = level
        if self.kind == "video" and self._losses.note(seq):
            self._ask_again()
        if self._allowance.take(size, now):
            self._fan(seq, packet.timestamp, packet.marker << 7, payload, now)
        else:
            self.dropped += 1

    def _adopt(self, ssrc: int) -> None:
        """The publisher's stream has a new number: its sequence has nothing to do with the old one's."""
        self._ssrc = ssrc
        self._losses, self._tally = Losses(), Tally(self._rate)
        self._clock_pair = self._lsr = None
        self._restart_legs()

    def _fan(self, seq: int, ts: int, marker: int, payload: bytes, now: float) -> None:
        if self.is_muted:
            return
        is_key = False
        if self.kind == "video":
            self.history[seq % HISTORY] = (seq, ts, marker, payload)
            is_key = starts_key_frame(payload)
        for leg in self.legs:
            leg.push(seq, ts, marker, payload, is_key, now)

    def sender_report(self, ssrc: int, ntp_timestamp: int, rtp_timestamp: int) -> None:
        """The publisher's own clock against its timestamps."""
        if ssrc != self._ssrc:
            return
        now, sent_s = self.clock(), ntp_timestamp / (1 << 32)
        self._lsr = ((ntp_timestamp >> 16) & TS_MASK, now)
        self._clock_pair = (sent_s, rtp_timestamp)
        self._peer_clock.note(sent_s, now)

    # -- who hears it --------------------------------------------------------------------------------------------------

    def set_muted(self, is_muted: bool) -> None:
        """In force at once; nothing of before comes out afterwards, not even on request."""
        if is_muted == self.is_muted:
            return
        self.is_muted = is_muted
        self._restart_legs()
        if not is_muted:
            self.ask_key()

    def _restart_legs(self) -> None:
        self.history.clear()
        for leg in self.legs:
            leg.restart()

    def timestamp_at(self, now: float) -> int | None:
        """The stream's RTP timestamp at a moment of the steady clock, None before the first sender report."""
        offset_s = self._peer_clock.offset_s
        if self._clock_pair is None or offset_s is None:
            return None
        sent_s, timestamp = self._clock_pair
        return timestamp + int((now - offset_s - sent_s) * self._rate)

    # -- towards the publisher -----------------------------------------------------------------------------------------

    def ask_key(self) -> None:
        """Ask for a key frame, at most every KEY_INTERVAL_S; legs that wait ask again with every packet."""
        now = self.clock()
        if self.kind != "video" or self._ssrc is None or self.is_muted or now - self._asked_at < KEY_INTERVAL_S:
            return
        self._asked_at = now
        self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self._rtcp_ssrc, media_ssrc=self._ssrc))

    def _ask_again(self) -> None:
        """Ask for the packets that are missing."""
        packet = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=self._rtcp_ssrc, media_ssrc=self._ssrc or 0)
        packet.lost = sorted(self._losses.missing)
        self._send(packet)

    def _estimate(
        self, estimator: RemoteBitrateEstimator, send_time: int, ssrc: int, arrival_ms: int, size: int
    ) -> None:
        """Tell the sender what its path seems to carry, never more than the cap."""
        found = estimator.add(arrival_ms, send_time, size, ssrc)
        if found is not None:
            fci = pack_remb_fci(min(found[0], self._kbps * 1000), found[1])
            self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self._rtcp_ssrc, media_ssrc=0, fci=fci))

    def receiver_info(self) -> RtcpReceiverInfo | None:
        """This stream's part of a receiver report, None before its first packet."""
        if self._ssrc is None:
            return None
        lsr, dlsr = 0, 0
        if self._lsr is not None:
            lsr, dlsr = self._lsr[0], int((self.clock() - self._lsr[1]) * 65536) & TS_MASK
        fraction, lost, highest, jitter = self._tally.report()
        return RtcpReceiverInfo(self._ssrc, fraction, lost, highest, jitter, lsr, dlsr)

    def close_window(self) -> Window:
        """What came since the last call; call it after `receiver_info`, which counts the losses."""
        octets, loudest = self.octets - self._octets_before, self._loudest
        self._octets_before, self._loudest = self.octets, SILENCE_DBOV
        return Window(self._tally.expected, self._tally.lost, octets, loudness(loudest))

    def _send(self, packet: RtcpPsfbPacket | RtcpRtpfbPacket) -> None:
        if self.line is not None:
            self.line.rtcp(bytes(packet))
