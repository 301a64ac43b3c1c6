"""Light WebRTC peers for the tests: they send packets made by hand and keep what comes; nothing is coded or decoded."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from fractions import Fraction
from typing import Any
from unittest import mock

import aioice.ice
import av
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpsender import RTCEncodedFrame, RTCRtpSender
from aiortc.rtp import RtpPacket

from micconnect.media.base import (
    SCREEN_PLACE,
    FeedGone,
    FeedStalled,
    FeedUp,
    MediaBackend,
    MediaEvent,
    SeatGrant,
    WatchOffer,
)
from micconnect.protocol.words import Device

PATIENCE_S = 20.0
SILENT_DBOV = 127
MOVING = "moving"  # the kind of what comes on a moving picture, whose number stands where else the seat does
_serial = itertools.count(1)


@contextmanager
def peers_on(address: str) -> Iterator[None]:
    """Within it light peers use this address of the machine and nothing else."""
    with mock.patch.object(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: [address]):
        yield


def grant(
    room_id: str, user_id: str, seat: int = 1, video: bool = True, *, window: str = "", **more: bool
) -> SeatGrant:
    """A grant with an id of its own; `more`: audio_muted, video_muted, is_backstage."""
    return SeatGrant(
        grant_id=f"{room_id}.{next(_serial)}",
        room_id=room_id,
        user_id=user_id,
        seat_index=seat,
        has_video=video,
        audio_muted=more.get("audio_muted", False),
        video_muted=more.get("video_muted", False),
        is_backstage=more.get("is_backstage", False),
        window=window,
    )


class PacketTrack(MediaStreamTrack):
    """Yields the same bytes `per_s` times a second. As VP8 an even first byte makes every frame a key frame."""

    def __init__(self, kind: str, data: bytes, per_s: int) -> None:
        super().__init__()
        self.kind = kind
        self.data = data
        self.is_paused = False
        self._per_s = per_s
        self._frames = 0
        self._began = 0.0

    async def recv(self) -> "av.Packet[Any]":
        if not self._began:
            self._began = time.monotonic()
        while True:
            self._frames += 1
            await asyncio.sleep(max(0.0, self._began + self._frames / self._per_s - time.monotonic()))
            if not self.is_paused:
                break
        packet: av.Packet[Any] = av.Packet(self.data)
        packet.pts, packet.time_base = self._frames, Fraction(1, self._per_s)
        return packet


def connection() -> RTCPeerConnection:
    """A peer connection as browsers make it."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


async def until(is_true: Callable[[], Any], what: str = "condition") -> None:
    """Wait for something that must become true."""
    end = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < end, f"waited in vain for: {what}"
        await asyncio.sleep(0.02)


class LightPublisher:
    """Sends 50 sound packets and `fps` pictures a second, filled with `mark`.

    Every sound packet says that it is as loud as `dbov`: 0 is full scale, 127 silence.
    """

    def __init__(
        self, video: bool = True, mark: int = 0x40, picture_bytes: int = 500, fps: int = 20, audio: bool = True
    ) -> None:
        self.pc = connection()
        self.dbov = SILENT_DBOV
        self.tracks = [PacketTrack("audio", bytes([mark]) * 60, 50)] if audio else []
        if video:
            self.tracks.append(PacketTrack("video", bytes([mark]) * picture_bytes, fps))
        for track in self.tracks:
            sender = self.pc.addTrack(track)
            if track.kind == "audio":
                self._tell_level(sender)

    def _tell_level(self, sender: RTCRtpSender) -> None:
        """The sender knows the level of what it codes itself; here it codes nothing."""
        next_frame = sender._next_encoded_frame

        async def with_level(codec: Any) -> RTCEncodedFrame | None:
            frame = await next_frame(codec)
            if frame is not None:
                frame.audio_level = -self.dbov
            return frame

        vars(sender)["_next_encoded_frame"] = with_level

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def publish(self, backend: MediaBackend, seat_grant: SeatGrant) -> "LightPublisher":
        answer = await backend.open_publish(seat_grant, await self.offer())
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await until(lambda: self.pc.connectionState == "connected", "publisher connected")
        return self

    async def close(self) -> None:
        await self.pc.close()


class LightWatcher:
    """Keeps what comes on each slot: `got[seat, kind]` is the list of packets; the screen's seat is SCREEN_PLACE.

    `came` has the moments at which they came, in seconds of time.monotonic().
    """

    def __init__(self) -> None:
        self.pc = connection()
        self.got: dict[tuple[int, str], list[RtpPacket]] = {}
        self.came: dict[tuple[int, str], list[float]] = {}
        self.offer: WatchOffer | None = None

    async def watch(
        self,
        backend: MediaBackend,
        room_id: str,
        viewer_id: str,
        seats: int = 3,
        is_staff: bool = False,
        pictures: int | None = None,
        window: str = "",
    ) -> "LightWatcher":
        self.offer = await backend.open_watch(
            room_id, viewer_id, seats, is_staff=is_staff, pictures=pictures, window=window
        )
        places = self._places(self.offer)
        await self.pc.setRemoteDescription(RTCSessionDescription(self.offer.sdp, "offer"))
        for transceiver in self.pc.getTransceivers():
            place = places[transceiver.mid or ""]
            packets, times = self.got.setdefault(place, []), self.came.setdefault(place, [])
            vars(transceiver.receiver)["_handle_rtp_packet"] = self._keeper(packets, times)
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        await backend.answer(self.offer.watch_id, self.pc.localDescription.sdp)
        await until(lambda: self.pc.connectionState == "connected", "watcher connected")
        return self

    @staticmethod
    def _places(offer: WatchOffer) -> dict[str, tuple[int, str]]:
        """What the m-lines carry, by mid."""
        places: dict[str, tuple[int, str]] = {}
        for slot in offer.slots:
            if slot.picture is not None:
                places[slot.video_mid] = (slot.picture, MOVING)
            else:
                seat = SCREEN_PLACE if slot.is_screen else slot.seat_index
                places |= {slot.audio_mid: (seat, "audio"), slot.video_mid: (seat, "video")}
        return places

    @staticmethod
    def _keeper(packets: list[RtpPacket], times: list[float]) -> Callable[..., Any]:
        async def keep(packet: RtpPacket, arrival_time_ms: int) -> None:
            packets.append(packet)
            times.append(time.monotonic())

        return keep

    def count(self, seat: int, kind: str) -> int:
        return len(self.got[seat, kind])

    async def more(self, seat: int, kind: str, at_least: int = 5) -> None:
        """Wait until so many more packets have come on a slot."""
        before = self.count(seat, kind)
        await until(lambda: self.count(seat, kind) >= before + at_least, f"{kind} on seat {seat}")

    async def silence(self, seat: int, kind: str, for_s: float = 0.4) -> bool:
        """Whether nothing comes on a slot, after what is already under way has landed."""
        await asyncio.sleep(0.1)
        before = self.count(seat, kind)
        await asyncio.sleep(for_s)
        return self.count(seat, kind) == before

    def last_came(self, seat: int, since: float = 0.0) -> float:
        """When the last packet of a seat came, of sound or picture; `since` when none came after that moment."""
        return max([since, *(times[-1] for (place, _), times in self.came.items() if place == seat and times)])

    async def close(self) -> None:
        await self.pc.close()


class Heard:
    """The events of one room."""

    def __init__(self, backend: MediaBackend, room_id: str) -> None:
        self.events: list[FeedUp | FeedGone] = []
        self.stalls: list[FeedStalled] = []
        self._room_id = room_id
        self._task = asyncio.create_task(self._listen(backend.events()))

    async def _listen(self, events: AsyncIterator[MediaEvent]) -> None:
        async for event in events:
            if isinstance(event, FeedUp | FeedGone) and event.room_id == self._room_id:
                self.events.append(event)
            if isinstance(event, FeedStalled) and event.room_id == self._room_id:
                self.stalls.append(event)

    @property
    def stalled(self) -> tuple[Device, ...] | None:
        """What was told last to be open and to bring nothing; None if nothing was told of that."""
        return self.stalls[-1].devices if self.stalls else None

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def peers() -> AsyncIterator[list[Any]]:
    """A list; whatever peers are put there are closed in the end."""
    opened: list[Any] = []
    try:
        yield opened
    finally:
        for peer in opened:
            await peer.close()
