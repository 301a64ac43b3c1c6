"""Packets that are lost on either side of the media server are asked for again and come, in their places."""

import re
from collections.abc import Sequence
from typing import Any

import pylibsrtp
import pytest
from aiortc import RTCRtpReceiver
from aiortc.rtp import RTCP_RTPFB_NACK, RtcpReceiverInfo, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket

from micconnect.media.base import MediaBackend
from tests.media.peers import LightPublisher, LightWatcher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


def is_vp8(data: bytes, sdp: str) -> bool:
    """Whether an RTP packet is of a picture, as the SDP numbers them."""
    numbers = {int(number) for number in re.findall(r"^a=rtpmap:(\d+) VP8/", sdp, re.MULTILINE)}
    return (data[1] & 0x7F) in numbers


class LosingSession:
    """An SRTP session that loses the n-th picture packet before it is looked at."""

    def __init__(self, session: Any, nth: int, sdp: str) -> None:
        self._session, self._left, self._sdp = session, nth, sdp

    def unprotect(self, data: bytes) -> bytes:
        if is_vp8(data, self._sdp):
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


class Reports:
    """What a viewer's browser says about one stream, so far as servers need it to send lost packets again."""

    def __init__(self, watcher: LightWatcher, receiver: RTCRtpReceiver) -> None:
        self._packets, self._line = watcher.got[1, "video"], receiver.transport
        self.heard = 0  # the middle of the time stamp in the server's last report
        vars(receiver)["_handle_rtcp_packet"] = self._hear

    async def _hear(self, packet: object) -> None:
        if isinstance(packet, RtcpSrPacket) and self._packets and packet.ssrc == self._packets[-1].ssrc:
            self.heard = (packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF

    async def send(self, missing: Sequence[int] = ()) -> None:
        """A report, from which the server learns how far the way is; and which packets are wanted again."""
        last = self._packets[-1]
        info = RtcpReceiverInfo(last.ssrc, 0, len(missing), last.sequence_number, jitter=0, lsr=self.heard, dlsr=0)
        data = bytes(RtcpRrPacket(ssrc=4711, reports=[info]))
        if missing:
            data += bytes(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=4711, media_ssrc=last.ssrc, lost=list(missing)))
        await self._line._send_rtp(data)


async def test_a_viewer_gets_a_lost_packet_again(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "down", "bob")
        open_peers.append(watcher)
        receiver = next(t.receiver for t in watcher.pc.getTransceivers() if t.mid == watcher.offer.slots[1].video_mid)
        reports = Reports(watcher, receiver)
        open_peers.append(await LightPublisher().publish(backend, grant("down", "ann")))
        await until(lambda: reports.heard, "a report of the server")
        await reports.send()
        await watcher.more(1, "video")
        dtls = receiver.transport
        dtls._rx_srtp = LosingSession(dtls._rx_srtp, 3, watcher.offer.sdp)
        await until(lambda: holes(watcher), "a hole")
        missing = holes(watcher)
        await reports.send(missing)
        await until(lambda: not holes(watcher), "the hole to be filled")
        assert len(missing) == 1


async def test_the_server_gets_a_lost_packet_again_from_the_publisher(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "up", "bob")
        publisher = await LightPublisher().publish(backend, grant("up", "ann"))
        open_peers += [watcher, publisher]
        await watcher.more(1, "video")
        dtls = publisher.pc.getSenders()[0].transport
        send, lost = dtls._send_rtp, []

        async def losing_send(data: bytes) -> None:
            if is_vp8(data, publisher.pc.remoteDescription.sdp) and len(lost) < 1:
                lost.append(data)
            else:
                await send(data)

        dtls._send_rtp = losing_send
        await until(lambda: lost, "a loss")
        await watcher.more(1, "video", 10)
        await until(lambda: not holes(watcher), "the hole to be filled")
        order = [packet.sequence_number for packet in watcher.got[1, "video"]]
        assert order != sorted(order), "the lost packet came after its successors"
