"""All that is used of aiortc's and aioice's insides; nothing else in the house touches a name with an underscore.

aiortc has no public way to forward packets undecoded. Its series is pinned, and a test asserts that every name listed
in NAMES still exists, so that an upgrade fails there and not on air.
"""

import time
from typing import Any

import aioice.ice
import aioice.stun
import aiortc.codecs
import aiortc.rtcpeerconnection
from aiortc import RTCPeerConnection
from aiortc.codecs import get_capabilities
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from pylibsrtp import Error as SrtpError

AIORTC_SERIES = "1.16."
NAMES: dict[str, tuple[str, ...]] = {
    "aioice.ice": ("StunProtocol", "get_host_addresses"),
    "aioice.ice.Connection": ("_nominated", "_queue", "build_request", "remote_password", "data_received"),
    "aioice.ice.StunProtocol": ("datagram_received", "request", "local_candidate", "receiver"),
    "aioice.ice.CandidatePair": ("protocol", "remote_addr"),
    "aiortc.codecs": ("CODECS", "get_capabilities"),
    "aiortc.rtcpeerconnection": ("RTCRtpSender", "RTCRtpReceiver"),
    "aiortc.RTCDtlsTransport": (
        "_rx_srtp",
        "_tx_srtp",
        "_register_rtp_sender",
        "_unregister_rtp_sender",
        "_register_rtp_receiver",
        "_unregister_rtp_receiver",
    ),
    "aiortc.RTCIceTransport": ("_connection",),
    "aiortc.RTCRtpSender": (
        "_ssrc",
        "_rtx_ssrc",
        "_stream_id",
        "_track_id",
        "_enabled",
        "_handle_rtcp_packet",
        "setTransport",
        "replaceTrack",
        "send",
        "stop",
        "track",
        "transport",
        "kind",
    ),
    "aiortc.RTCRtpReceiver": (
        "_track",
        "_enabled",
        "_set_rtcp_ssrc",
        "_handle_rtp_packet",
        "_handle_rtcp_packet",
        "_handle_disconnect",
        "setTransport",
        "receive",
        "stop",
        "track",
        "transport",
    ),
}

# What sending can fail with. It is one peer's trouble; raised through, it would end the line of whoever published.
UNSENT = (SrtpError, OSError, RuntimeError, ValueError)
DATAGRAMS_PER_S = 2000
QUEUE_MAX = 512
PROBE_S = 0.5  # aioice waits so long for the answer to one request


class MediaSocket(aioice.ice.StunProtocol):
    """A peer's UDP socket: media passes the STUN parser by, floods are dropped, the last sign of life is kept."""

    heard = 0.0
    _second = 0
    _count = 0

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        now = time.monotonic()
        if int(now) != self._second:
            self._second, self._count = int(now), 0
        self._count += 1
        if self._count > DATAGRAMS_PER_S:
            return
        self.heard = now
        if data and isinstance(data, bytes) and data[0] >= 20:
            if self.receiver._queue.qsize() < QUEUE_MAX:
                self.receiver.data_received(data, self.local_candidate.component)
            return
        super().datagram_received(data, addr)


class Line:
    """The way out to one peer: encrypts and sends at once, without tasks. Does nothing while there is no way."""

    __slots__ = ("_addr", "_dtls", "_nominated", "_pair", "_protect", "_sendto")

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._dtls = dtls
        self._nominated = dtls.transport._connection._nominated
        self._pair: Any = None

    def _bind(self, pair: Any) -> bool:
        session = self._dtls._tx_srtp
        if pair is None or session is None:
            return False
        self._pair = pair
        self._protect = session.protect
        self._sendto = pair.protocol.transport.sendto
        self._addr = pair.remote_addr
        return True

    def rtp(self, packet: bytes) -> bool:
        """Send one RTP packet; False if it could not be sent."""
        pair = self._nominated.get(1)
        if (pair is None or pair is not self._pair) and not self._bind(pair):
            return False
        try:
            self._sendto(self._protect(packet), self._addr)
        except UNSENT:
            return False
        return True

    def rtcp(self, packet: bytes) -> None:
        """Send one RTCP packet, single or compound."""
        pair = self._nominated.get(1)
        if pair is None or self._dtls._tx_srtp is None:
            return
        try:
            pair.protocol.transport.sendto(self._dtls._tx_srtp.protect_rtcp(packet), pair.remote_addr)
        except UNSENT:
            return


def install(sender: type[Any], receiver: type[Any], addresses: list[str]) -> None:
    """Let every peer connection of this process use our sender, receiver and socket, on these addresses only."""
    module: Any = aiortc.rtcpeerconnection
    module.RTCRtpSender = sender
    module.RTCRtpReceiver = receiver
    # Only Opus and VP8 travel, so that whoever sits on a seat fits what was negotiated with the viewers before.
    aiortc.codecs.CODECS["audio"][:] = [c for c in aiortc.codecs.CODECS["audio"] if c.mimeType == "audio/opus"]
    aiortc.codecs.CODECS["audio"][0].parameters = {"minptime": 10, "useinbandfec": 1, "usedtx": 1}
    aiortc.codecs.CODECS["video"][:] = aiortc.codecs.CODECS["video"][:2]
    ice: Any = aioice.ice
    ice.StunProtocol = MediaSocket
    ice.get_host_addresses = lambda use_ipv4, use_ipv6: list(addresses)


def plain_codecs(kind: str) -> list[RTCRtpCodecCapability]:
    """The codec of a kind of media without the one for retransmissions."""
    return [codec for codec in get_capabilities(kind).codecs if codec.name.lower() != "rtx"]


def own_addresses() -> list[str]:
    """The addresses of this machine that others can reach, loopback left out."""
    return [found for found in aioice.ice.get_host_addresses(True, True) if not found.startswith("127.")]


def transport_of(pc: RTCPeerConnection) -> RTCDtlsTransport:
    """The one transport of a bundled peer connection."""
    return pc.getTransceivers()[0].receiver.transport


def last_heard(dtls: RTCDtlsTransport) -> float:
    """When the peer last sent anything at all over the chosen path (time.monotonic); 0 if there is no path."""
    pair = dtls.transport._connection._nominated.get(1)
    return pair.protocol.heard if pair is not None and isinstance(pair.protocol, MediaSocket) else 0.0


async def probe(dtls: RTCDtlsTransport) -> float:
    """Ask the peer for a sign of life over the chosen path. Returns how long it took, PROBE_S without an answer."""
    connection = dtls.transport._connection
    pair = connection._nominated.get(1)
    if pair is None or connection.remote_password is None:
        return PROBE_S
    request = connection.build_request(pair, nominate=False)
    key = connection.remote_password.encode()
    began = time.monotonic()
    try:
        await pair.protocol.request(request, pair.remote_addr, integrity_key=key, retransmissions=0)
    except aioice.stun.TransactionError:
        return PROBE_S
    return min(PROBE_S, time.monotonic() - began)
