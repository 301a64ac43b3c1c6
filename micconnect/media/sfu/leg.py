"""One outgoing stream: a seat's sound or picture at one viewer, continuous whoever sits on the seat."""

import secrets
from struct import Struct
from typing import TYPE_CHECKING, Any

from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from micconnect.media.sfu.counts import SEQ_HALF, SEQ_MASK, TS_MASK, Allowance
from micconnect.media.sfu.endpoints import Outlet
from micconnect.media.sfu.private import Line

if TYPE_CHECKING:
    from micconnect.media.sfu.source import Source

HISTORY = 512
RESENDS_PER_S = 300
CLOCK_RATES = {"audio": 48000, "video": 90000}

_header = Struct("!BBHLL")


class Leg:
    """Rewrites numbers and times of its present source so that the viewer sees one stream without a seam."""

    __slots__ = (
        "_fresh",
        "_line",
        "_needs_key",
        "_octets",
        "_outlet",
        "_packets",
        "_payload_type",
        "_rate",
        "_reported",
        "_resends",
        "_seq_shift",
        "_span",
        "_ssrc",
        "_top",
        "_ts_shift",
        "_out_seq",
        "_out_ts",
        "_sent_at",
        "source",
    )

    def __init__(self, outlet: Outlet, line: Line) -> None:
        self.source: Source | None = None
        self._outlet = outlet
        self._line = line
        self._payload_type = outlet.payload_type
        self._ssrc = outlet.ssrc
        self._rate = CLOCK_RATES[outlet.kind]
        self._needs_key = outlet.kind == "video"
        self._fresh = True
        # The lower half only: a number that wraps within the first packets confuses some SRTP receivers.
        self._out_seq = secrets.randbelow(SEQ_HALF)
        self._out_ts = secrets.randbits(32)
        self._sent_at: float | None = None
        self._seq_shift = self._ts_shift = 0
        self._top = self._span = 0
        self._packets = self._octets = self._reported = 0
        self._resends = Allowance(RESENDS_PER_S)
        outlet.on_rtcp = self._on_rtcp

    def attach(self, source: "Source | None") -> None:
        """Carry this source from now on, or nothing."""
        if source is self.source:
            return
        if self.source is not None:
            self.source.legs.discard(self)
        self.source = source
        if source is not None:
            self.restart()
            source.legs.add(self)
            source.ask_key()

    def restart(self) -> None:
        """The next packet begins anew, a picture with a key frame: older packets of the source stay behind."""
        self._fresh = True

    def push(self, seq: int, ts: int, marker: int, payload: bytes, is_key: bool, now: float) -> None:
        """Send one packet of the source. `marker` is 0x80 or 0, `now` in seconds of a steady clock."""
        if self._fresh:
            if self._needs_key and not is_key:
                if self.source is not None:
                    self.source.ask_key()
                return
            self._begin(seq, ts, now)
        ahead = (seq - self._top) & SEQ_MASK
        if ahead < SEQ_HALF:
            self._top = seq
            if self._span < HISTORY:
                self._span = min(HISTORY, self._span + ahead)
            self._out_seq = (seq + self._seq_shift) & SEQ_MASK
            self._out_ts = (ts + self._ts_shift) & TS_MASK
            self._sent_at = now
        elif SEQ_MASK + 1 - ahead > self._span:
            return
        self._send(seq, ts, marker, payload)

    def _begin(self, seq: int, ts: int, now: float) -> None:
        """Join the source's numbers to those last sent; the time that passed is kept in the timestamps."""
        passed = 1 if self._sent_at is None else max(1, int((now - self._sent_at) * self._rate))
        self._seq_shift = (self._out_seq + 1 - seq) & SEQ_MASK
        self._ts_shift = (self._out_ts + passed - ts) & TS_MASK
        self._top, self._span = seq, 0
        self._fresh = False

    def _send(self, seq: int, ts: int, marker: int, payload: bytes) -> None:
        packet = _header.pack(
            0x80,
            marker | self._payload_type,
            (seq + self._seq_shift) & SEQ_MASK,
            (ts + self._ts_shift) & TS_MASK,
            self._ssrc,
        )
        if self._line.rtp(packet + payload):
            self._packets += 1
            self._octets += len(payload)

    def _on_rtcp(self, packet: Any) -> None:
        """The viewer asks for a key frame or for lost packets."""
        source = self.source
        if source is None:
            return
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            source.ask_key()
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK and not self._fresh:
            for lost in packet.lost:
                self._resend(source, (lost - self._seq_shift) & SEQ_MASK)

    def _resend(self, source: "Source", seq: int) -> None:
        kept = source.history.get(seq % HISTORY)
        if kept is None or kept[0] != seq or (self._top - seq) & SEQ_MASK > self._span:
            return
        if self._resends.take(1, source.clock()):
            self._send(*kept)

    @property
    def packets(self) -> int:
        """How many packets went out."""
        return self._packets

    def report(self, now: float, ntp_now: int) -> bytes:
        """A sender report with the stream's name, or nothing if nothing was sent since the last one.

        `now` in seconds of the steady clock, `ntp_now` the same moment as a 64-bit NTP time.
        """
        if self._packets == self._reported or self._sent_at is None or self.source is None:
            return b""
        self._reported = self._packets
        at_source = self.source.timestamp_at(now)
        if at_source is not None and not self._fresh:
            timestamp = at_source + self._ts_shift
        else:
            timestamp = self._out_ts + int((now - self._sent_at) * self._rate)
        info = RtcpSenderInfo(ntp_now, timestamp & TS_MASK, self._packets & TS_MASK, self._octets & TS_MASK)
        name = RtcpSourceInfo(ssrc=self._ssrc, items=[(1, self._outlet.cname.encode())])
        return bytes(RtcpSrPacket(ssrc=self._ssrc, sender_info=info)) + bytes(RtcpSdesPacket(chunks=[name]))
