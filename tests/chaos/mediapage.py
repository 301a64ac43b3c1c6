"""A page's sound and picture without a browser: it publishes and watches, and does so anew when it has to."""

import asyncio
import time
from contextlib import suppress
from typing import Any

from micconnect.media.base import WatchOffer
from micconnect.protocol.views import Slot
from tests.chaos.follower import Follower
from tests.media.peers import LightPublisher, LightWatcher, grant

AGAIN_S = 0.3
ANYTHING = grant("room", "anybody")  # the room itself knows the grant
ENDED = ("closed", "failed")


class Refusal(Exception):
    """The server cannot or does not want to, now."""


class MediaPage:
    """Keeps the media of one follower up: one line for sending if it is on air, one for watching if it `watches`.

    Each is made anew with each new generation of the media server, and when it has ended. `offers` counts how often
    the page had to negotiate.
    """

    def __init__(self, follower: Follower, *, sends: bool = False, watches: bool = False, mark: int = 0x40) -> None:
        self.follower = follower
        self.sends, self.watches, self.mark = sends, watches, mark
        self.sending: LightPublisher | None = None
        self.watching: LightWatcher | None = None
        self.offers = 0
        self.failures: list[str] = []
        self._generation = 0
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Ends it all."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._drop()

    async def hears(self, *seats: int, since: float) -> float:
        """Wait until something of each of these seats has come after a moment; returns how many seconds after it."""
        end = time.monotonic() + 120
        while True:
            last = [self.watching.last_came(seat) if self.watching else 0.0 for seat in seats]
            if min(last) > since:
                return time.monotonic() - since
            assert time.monotonic() < end, (
                f"{self.follower.name} hears not all of {seats}: {last}; {self.failures[-3:]}"
            )
            await asyncio.sleep(0.02)

    def vanish(self) -> None:
        """The line for sending dies without a word, as when a phone loses its network; nothing is made anew."""
        self._task.cancel()
        assert self.sending
        for protocol in self.sending.pc.getSenders()[0].transport.transport._connection._protocols:
            protocol.transport.close()

    # -- what a MediaBackend has, for the light peers
    async def open_publish(self, _: object, offer_sdp: str) -> str:
        return str((await self._do("publish", sdp=offer_sdp, isScreen=False))["sdp"])

    async def open_watch(self, *_: object, **__: object) -> WatchOffer:
        told = await self._do("watch")
        slots = tuple(Slot(s["seatIndex"], s["audioMid"], s["videoMid"], s["isScreen"]) for s in told["slots"])
        return WatchOffer(told["watchId"], told["sdp"], slots)

    async def answer(self, watch_id: str, sdp: str) -> None:
        await self._do("answer", watchId=watch_id, sdp=sdp)

    async def _do(self, kind: str, **fields: Any) -> dict[str, Any]:
        self.offers += kind != "answer"
        reply = await self.follower.ask(kind, **fields)
        if reply["error"] is not None:
            raise Refusal(reply["error"]["code"])
        return reply["result"] or {}

    # -- keeping it up
    async def _keep(self) -> None:
        while True:
            await self.follower.until(self._has_to, "the media server", timeout_s=600)
            await self._drop()
            self._generation = self._media["generation"]
            begin = asyncio.create_task(self._begin())
            outdated = asyncio.create_task(self.follower.until(self._is_outdated, "another one", timeout_s=600))
            try:
                await asyncio.wait({begin, outdated}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (begin, outdated):
                    task.cancel()
            _, failure = await asyncio.gather(outdated, begin, return_exceptions=True)
            if isinstance(failure, Refusal | AssertionError):
                self.failures.append(repr(failure))
                self._generation = 0
                await asyncio.sleep(AGAIN_S)

    async def _begin(self) -> None:
        if self.sends:
            self.sending = LightPublisher(video=False, mark=self.mark)
            await self.sending.publish(self, ANYTHING)  # type: ignore[arg-type]
        if self.watches:
            self.watching = LightWatcher()
            await self.watching.watch(self, "", "")  # type: ignore[arg-type]

    @property
    def _media(self) -> dict[str, Any]:
        media: dict[str, Any] = self.follower.picture.state.get("media", {"isUp": False})
        return media

    def _is_outdated(self) -> bool:
        return bool(self._media["isUp"] and self._media["generation"] != self._generation)

    def _has_to(self) -> bool:
        if not (self.follower.is_live and self._media["isUp"]):
            return False
        lines = [line for line in (self.sending, self.watching) if line is not None]
        return self._is_outdated() or any(x.pc.connectionState in ENDED for x in lines)

    async def _drop(self) -> None:
        for line in filter(None, (self.sending, self.watching)):
            # aiortc waits for ever for a closing that somebody has given up
            with suppress(ConnectionError):
                await asyncio.shield(line.close())
        self.sending = self.watching = None
