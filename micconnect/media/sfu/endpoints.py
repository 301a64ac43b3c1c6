"""What stands in the place of aiortc's sender and receiver: no encoder, no decoder, no task of their own."""

import secrets
import uuid
from collections.abc import Callable
from typing import Any, Protocol

from aiortc import MediaStreamTrack
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters, RTCRtpSendParameters
from aiortc.rtp import RtcpSrPacket, RtpPacket
from aiortc.stats import RTCStatsReport


class PacketSink(Protocol):
    """Who takes what a receiver gets."""

    def start(self, codecs: list[RTCRtpCodecParameters]) -> None: ...
    def packet(self, packet: RtpPacket, arrival_ms: int) -> None: ...
    def sender_report(self, ssrc: int, ntp_timestamp: int, rtp_timestamp: int) -> None: ...


class Intake:
    """Receives one m-line for its sink; without a sink everything is dropped."""

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        self.kind = kind
        self.transport = transport
        self.sink: PacketSink | None = None
        self.rtcp_ssrc = 0
        self._enabled = True
        self._track: MediaStreamTrack | None = None

    @property
    def track(self) -> MediaStreamTrack | None:
        """aiortc makes a track for every receiver; nobody reads it."""
        return self._track

    def setTransport(self, transport: RTCDtlsTransport) -> None:
        """Called when bundling moves the m-line to another transport."""
        self.transport = transport

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Called once the line stands: packets may come."""
        if self.sink is not None:
            self.sink.start(parameters.codecs)
            self.transport._register_rtp_receiver(self, parameters)

    async def stop(self) -> None:
        """Called when the connection closes."""
        self.sink = None
        self.transport._unregister_rtp_receiver(self)

    def _handle_disconnect(self) -> None:
        self.sink = None

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self.rtcp_ssrc = ssrc

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if self.sink is not None:
            self.sink.packet(packet, arrival_time_ms)

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if self.sink is not None and isinstance(packet, RtcpSrPacket):
            self.sink.sender_report(packet.ssrc, packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)

    async def getStats(self) -> RTCStatsReport:
        """Nothing is counted here; the sink counts."""
        return RTCStatsReport()


class Outlet:
    """Holds one m-line's identity towards a viewer; the packets themselves are written by a leg."""

    def __init__(self, track_or_kind: MediaStreamTrack | str, transport: RTCDtlsTransport) -> None:
        self.kind = track_or_kind if isinstance(track_or_kind, str) else track_or_kind.kind
        self.transport = transport
        self.track: MediaStreamTrack | None = None
        self.cname = ""
        self.payload_type = 0
        self.on_ready: Callable[[], None] | None = None
        self.on_rtcp: Callable[[Any], None] | None = None
        self._enabled = True
        self._ssrc = secrets.randbits(32)
        self._rtx_ssrc = secrets.randbits(32)
        self._stream_id = self._track_id = str(uuid.uuid4())

    @property
    def ssrc(self) -> int:
        """The stream's number in every packet to the viewer."""
        return self._ssrc

    def name(self, stream_id: str, track_id: str) -> None:
        """The names that the viewer's browser gives the stream and the track. Call before the offer is made."""
        self._stream_id, self._track_id = stream_id, track_id

    def setTransport(self, transport: RTCDtlsTransport) -> None:
        """Called when bundling moves the m-line to another transport."""
        self.transport = transport

    def replaceTrack(self, track: MediaStreamTrack | None) -> None:
        """There are no tracks here."""

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Called once the line stands: packets may go out."""
        if self.payload_type or self.on_ready is None:
            return
        self.payload_type = parameters.codecs[0].payloadType or 0
        self.cname = parameters.rtcp.cname or ""
        self.transport._register_rtp_sender(self, parameters)
        self.on_ready()

    async def stop(self) -> None:
        """Called when the connection closes."""
        self.on_ready = self.on_rtcp = None
        self.transport._unregister_rtp_sender(self)

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        if self.on_rtcp is not None:
            self.on_rtcp(packet)

    async def getStats(self) -> RTCStatsReport:
        """Nothing is counted here; the leg counts."""
        return RTCStatsReport()
