"""Somebody on a seat: one line on which sound and picture come in."""

import asyncio
from collections.abc import Callable
from typing import cast

from aiortc import RTCSessionDescription
from aiortc.rtp import RtcpRrPacket

from micconnect.media.base import SCREEN_FACTOR, FeedStats, MediaRefused, SeatGrant
from micconnect.media.sdp import with_bandwidth
from micconnect.media.sfu import private
from micconnect.media.sfu.counts import LossRate
from micconnect.media.sfu.endpoints import Intake
from micconnect.media.sfu.peer import TICK_S, Peer, compact
from micconnect.media.sfu.source import PeerClock, Source, Window

IDLE_S = 5.0
PROBE_TICKS = 3


class Publisher(Peer):
    """The line of one grant. `sources` by kind of media; `on_media` is called at the first packet.

    `stats`: how it arrived in the last second, None until one has passed; `came`: of which kinds anything has.
    `on_tick` is called when both are known.
    """

    def __init__(
        self,
        grant: SeatGrant,
        kbps: dict[str, int],
        on_media: Callable[["Publisher"], None],
        on_tick: Callable[["Publisher"], None],
        on_end: Callable[["Publisher"], None],
    ) -> None:
        super().__init__(IDLE_S, on_end)
        self.grant = grant
        self.sources: dict[str, Source] = {}
        self.stats: FeedStats | None = None
        self.came: frozenset[str] = frozenset()
        self._kbps = {**kbps, "video": int(kbps["video"] * SCREEN_FACTOR)} if grant.is_screen else kbps
        self._on_media = on_media
        self._on_tick = on_tick
        self._rtcp_ssrc = 0
        self._ticks = 0
        self._ticked_at: float | None = None
        self._loss_rate = LossRate()

    async def open(self, offer: str) -> str:
        """Take the offer, return the answer. Raises MediaRefused for SDP that cannot be answered."""
        try:
            await self.pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            self._take_tracks()
            await self.pc.setLocalDescription(await self.pc.createAnswer())
        except (asyncio.CancelledError, MediaRefused):
            self.end()
            raise
        except Exception as error:
            # aiortc's parser answers odd SDP with whatever its code trips over; to us it is all one refusal.
            self.end()
            raise MediaRefused("The offer cannot be answered: it needs Opus sound and VP8 picture.") from error
        line = private.Line(private.transport_of(self.pc))
        for source in self.sources.values():
            source.line = line
        self._line = line
        self.watch_over()
        return with_bandwidth(compact(self.pc.localDescription.sdp), self._kbps)

    def _take_tracks(self) -> None:
        clock = PeerClock()
        for transceiver in self.pc.getTransceivers():
            kind = transceiver.kind
            intake = cast(Intake, transceiver.receiver)  # private.install() put it there
            is_allowed = self.grant.has_video if kind == "video" else not self.grant.is_screen
            if kind in self.sources or not is_allowed:
                raise MediaRefused("The offer brings more media than the seat allows.")
            transceiver.direction = "recvonly"
            self._rtcp_ssrc = intake.rtcp_ssrc
            source = Source(kind, self._kbps[kind], self._media_came, intake.rtcp_ssrc, clock)
            intake.sink = self.sources[kind] = source

    def _media_came(self) -> None:
        if not self.is_over:
            self._on_media(self)

    def detach(self) -> None:
        """Nothing that still arrives goes anywhere."""
        for source in self.sources.values():
            source.is_muted = True
            source.history.clear()
            for leg in list(source.legs):
                leg.attach(None)

    def tick(self, now: float) -> None:
        """Tell the sender, and whoever asks for `stats`, how its packets arrive."""
        infos = [info for source in self.sources.values() if (info := source.receiver_info()) is not None]
        if infos:
            self._line.rtcp(bytes(RtcpRrPacket(ssrc=self._rtcp_ssrc, reports=infos)))
        windows = {kind: source.close_window() for kind, source in self.sources.items()}
        # Resent packets do not count: they may come from the last second of a camera.
        self.came = frozenset(kind for kind, window in windows.items() if window.expected)
        if self._ticks % PROBE_TICKS == 0 or len(self.came) < len(windows):
            self.probe()  # also to know whether it is the line that is gone, or what should come on it
        self._ticks += 1
        passed_s = TICK_S if self._ticked_at is None else max(now - self._ticked_at, TICK_S / 2)
        self._ticked_at = now
        self.stats = self._measure(list(windows.values()), passed_s)
        self._on_tick(self)

    def _measure(self, windows: list[Window], passed_s: float) -> FeedStats:
        octets = sum(window.octets for window in windows)
        expected, lost = sum(window.expected for window in windows), sum(window.lost for window in windows)
        return FeedStats(
            grant_id=self.grant.grant_id,
            audio_level=max((window.level for window in windows), default=0),
            loss=round(self._loss_rate.note(expected, lost, is_empty=not octets), 3),
            kbps=round(octets * 8 / 1000 / passed_s),
            rtt_ms=None if self.rtt_s is None else round(self.rtt_s * 1000),
        )
