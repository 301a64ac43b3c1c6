"""Somebody who watches: one line with fixed slots, negotiated once."""

import asyncio
import functools
from collections.abc import Callable
from typing import cast

from aiortc import RTCSessionDescription
from aiortc.clock import current_ntp_time

from micconnect.media.base import SCREEN_PLACE, KeptWatch, MediaRefused
from micconnect.media.sfu import private
from micconnect.media.sfu.endpoints import Outlet
from micconnect.media.sfu.leg import Leg
from micconnect.media.sfu.peer import Peer, compact
from micconnect.protocol.views import Slot

IDLE_S = 15.0
REPORT_BYTES_MAX = 1100


MOVING = "moving"  # a kind of leg beside "audio" and "video": a picture of no certain seat

Place = tuple[int, str]  # (seat, "audio" or "video") or (number of the moving picture, MOVING)


class Watcher(Peer):
    """One viewer's line. `legs` are there once the line stands; the screen's seat is SCREEN_PLACE."""

    def __init__(
        self,
        kept: KeptWatch,
        seats: int,
        pictures: int | None,
        on_leg: Callable[["Watcher", Place], None],
        on_end: Callable[["Watcher"], None],
    ) -> None:
        """`pictures`: None for one of every seat, else so many moving ones; without any there is no screen either."""
        super().__init__(IDLE_S, on_end)
        self.kept = kept
        self.legs: dict[Place, Leg] = {}
        self._seats = seats
        self._pictures = pictures
        self._on_leg = on_leg
        self._answer = ""
        self._line: private.Line | None = None

    async def open(self) -> tuple[str, tuple[Slot, ...]]:
        """Make the offer: its SDP and what its m-lines carry."""
        places = self._places()
        for place in places:
            self._add_leg(place)
        await self.pc.setLocalDescription(await self.pc.createOffer())
        self.watch_over()
        transceivers = self.pc.getTransceivers()
        mids = {place: transceiver.mid or "" for place, transceiver in zip(places, transceivers, strict=True)}
        return compact(self.pc.localDescription.sdp), self._slots(mids)

    def _places(self) -> list[Place]:
        """What the m-lines carry, in their order."""
        kinds = ("audio", "video") if self._pictures is None else ("audio",)
        places: list[Place] = [(seat, kind) for seat in range(self._seats) for kind in kinds]
        places += [(picture, MOVING) for picture in range(self._pictures or 0)]
        return places if self._pictures == 0 else [*places, (SCREEN_PLACE, "video")]

    def _slots(self, mids: dict[Place, str]) -> tuple[Slot, ...]:
        slots = [
            Slot(seat_index=seat, audio_mid=mids[seat, "audio"], video_mid=mids.get((seat, "video"), ""))
            for seat in range(self._seats)
        ]
        slots += [
            Slot(seat_index=-1, audio_mid="", video_mid=mids[picture, MOVING], picture=picture)
            for picture in range(self._pictures or 0)
        ]
        if (mid := mids.get((SCREEN_PLACE, "video"))) is not None:
            slots.append(Slot(seat_index=self._seats, audio_mid="", video_mid=mid, is_screen=True))
        return tuple(slots)

    def _add_leg(self, place: Place) -> None:
        number, what = place
        kind = "audio" if what == "audio" else "video"
        stream = "screen" if number == SCREEN_PLACE else f"picture-{number}" if what == MOVING else f"seat-{number}"
        transceiver = self.pc.addTransceiver(kind, direction="sendonly")
        # Lost packets are sent again as they were, which every browser takes; that saves a stream per slot.
        transceiver.setCodecPreferences(private.plain_codecs(kind))
        outlet = cast(Outlet, transceiver.sender)  # private.install() put it there
        outlet.name(stream, f"{stream}-{kind}")
        outlet.on_ready = functools.partial(self._leg_ready, place, outlet)

    @property
    def packets(self) -> int:
        """How many packets went out."""
        return sum(leg.packets for leg in self.legs.values())

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

    def _leg_ready(self, place: Place, outlet: Outlet) -> None:
        if self.is_over:
            return
        if self._line is None:
            self._line = private.Line(outlet.transport)
        self.legs[place] = Leg(outlet, self._line)
        self._on_leg(self, place)

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
