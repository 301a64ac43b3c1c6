"""Somebody who watches: one line with a fixed slot for each seat, negotiated once."""

import asyncio
import functools
from collections.abc import Callable
from typing import cast

from aiortc import RTCSessionDescription
from aiortc.clock import current_ntp_time

from micconnect.media.base import SCREEN_PLACE, MediaRefused, WatchOffer
from micconnect.media.sfu import private
from micconnect.media.sfu.endpoints import Outlet
from micconnect.media.sfu.leg import Leg
from micconnect.media.sfu.peer import Peer, compact
from micconnect.protocol.views import Slot

IDLE_S = 15.0
REPORT_BYTES_MAX = 1100


class Watcher(Peer):
    """One viewer's line. `legs` by (seat, kind), there once the line stands; the screen's seat is SCREEN_PLACE."""

    def __init__(
        self,
        watch_id: str,
        viewer_id: str,
        seats: int,
        is_staff: bool,
        on_leg: Callable[["Watcher", int, str], None],
        on_end: Callable[["Watcher"], None],
    ) -> None:
        super().__init__(IDLE_S, on_end)
        self.watch_id = watch_id
        self.viewer_id = viewer_id
        self.is_staff = is_staff
        self.legs: dict[tuple[int, str], Leg] = {}
        self._seats = seats
        self._on_leg = on_leg
        self._answer = ""
        self._line: private.Line | None = None

    async def open(self) -> WatchOffer:
        """Make the offer."""
        for seat in range(self._seats):
            for kind in ("audio", "video"):
                self._add_leg(seat, kind, f"seat-{seat}")
        self._add_leg(SCREEN_PLACE, "video", "screen")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        self.watch_over()
        mids = [transceiver.mid or "" for transceiver in self.pc.getTransceivers()]
        slots = [Slot(seat_index=i, audio_mid=mids[2 * i], video_mid=mids[2 * i + 1]) for i in range(self._seats)]
        slots.append(Slot(seat_index=self._seats, audio_mid="", video_mid=mids[-1], is_screen=True))
        return WatchOffer(watch_id=self.watch_id, sdp=compact(self.pc.localDescription.sdp), slots=tuple(slots))

    def _add_leg(self, seat: int, kind: str, stream: str) -> None:
        transceiver = self.pc.addTransceiver(kind, direction="sendonly")
        # Lost packets are sent again as they were, which every browser takes; that saves a stream per slot.
        transceiver.setCodecPreferences(private.plain_codecs(kind))
        outlet = cast(Outlet, transceiver.sender)  # private.install() put it there
        outlet.name(stream, f"{stream}-{kind}")
        outlet.on_ready = functools.partial(self._leg_ready, seat, kind, outlet)

    async def answer(self, sdp: str) -> None:
        """Take the viewer's answer; the same one again changes nothing. Raises MediaRefused, which ends the watch."""
        if sdp == self._answer:
            return
        self._answer = sdp
        try:
            await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # As with offers: anything the parser trips over is a refusal, not a fault of ours.
            self.end()
            raise MediaRefused("The answer does not fit the offer.") from error

    def _leg_ready(self, seat: int, kind: str, outlet: Outlet) -> None:
        if self.is_over:
            return
        if self._line is None:
            self._line = private.Line(outlet.transport)
        self.legs[seat, kind] = Leg(outlet, self._line)
        self._on_leg(self, seat, kind)

    def detach(self) -> None:
        """Nothing is sent any more."""
        for leg in self.legs.values():
            leg.attach(None)

    def tick(self, now: float) -> None:
        """Send the sender reports of the streams that flow, several in a packet."""
        if self._line is None:
            return
        ntp_now = current_ntp_time()
        compound = b""
        for leg in self.legs.values():
            compound += leg.report(now, ntp_now)
            if len(compound) > REPORT_BYTES_MAX:
                self._line.rtcp(compound)
                compound = b""
        if compound:
            self._line.rtcp(compound)
