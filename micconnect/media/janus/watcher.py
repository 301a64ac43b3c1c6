"""One viewer at one Janus: a subscriber whose m-lines are switched from feed to feed without any new SDP."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from micconnect.media.base import MediaRefused, MediaUnavailable
from micconnect.media.janus.marks import WatchMark
from micconnect.media.janus.messages import Handle, JanusError, Reply
from micconnect.media.janus.slots import Source, changes, places
from micconnect.media.sdp import without_rtx

if TYPE_CHECKING:
    from micconnect.media.janus.stage import Stage

logger = logging.getLogger(__name__)

TRIES_MAX = 10
TRY_AGAIN_S = 0.1
CONNECT_TICKS = 20
UNKNOWN: Source = ("", "")


class Watcher:
    """One viewer. `is_over` is set by whoever ends it."""

    def __init__(self, stage: "Stage", mark: WatchMark, on_end: Callable[["Watcher"], None]) -> None:
        self.stage = stage
        self.mark = mark
        self.row = places(mark.seats, mark.pictures)
        self.is_over = False
        self._handle = 0
        self._on_end = on_end
        self._answer = ""
        self._is_answered = self._is_linked = False
        self._now: dict[str, Source] = {}
        self._coming: set[str] = set()
        self._wanted: Mapping[str, Source] = {}
        self._offers = self._replayed = 0
        self._is_left = False
        self._switching: asyncio.Task[None] | None = None
        self._ticks = 0

    # -- its life ------------------------------------------------------------------------------------------------------

    async def open(self) -> str:
        """Join; returns the offer. Raises MediaUnavailable, JanusError."""
        stage = self.stage
        self._handle = await stage.node.attach(self.mark, self._hear)
        sources = [stage.nobody(place.kind) for place in self.row]
        self._now = {str(mid): source for mid, source in enumerate(sources)}
        streams = [{"feed": feed, "mid": mid} for feed, mid in sources]
        body = {"request": "join", "ptype": "subscriber", "streams": streams, "autoupdate": False, "use_msid": True}
        _, offer = await stage.join(self._handle, body)
        return without_rtx(offer)

    def pictures(self) -> list[str]:
        """The feeds in its moving pictures, in their order."""
        return [self._now[str(mid)][0] for mid, place in enumerate(self.row) if place.picture is not None]

    @property
    def carried(self) -> set[str]:
        """The feeds that Janus sends it, or is about to."""
        return {feed for feed, _ in self._now.values()} | self._coming

    def adopt(self, handle: Handle) -> bool:
        """Go on with a subscriber that was there; False if it is not what its mark says."""
        streams = handle.plugin_specific.streams
        if [stream.type for stream in streams] != [place.kind for place in self.row]:
            return False
        self._handle = handle.handle_id
        self._is_linked = any(stream.ready for stream in streams)
        # Who was connected and has not answered was in the middle of a replay.
        self._is_answered = handle.plugin_specific.answered or self._is_linked
        self._offers = int(self._is_answered and not handle.plugin_specific.answered)
        self._now = {stream.mid: (stream.feed_id, stream.feed_mid) for stream in streams}
        self.stage.node.adopt(self._handle, self._hear)
        return True

    async def answer(self, sdp: str) -> None:
        """Take the viewer's answer; another one changes nothing. Raises MediaRefused, which ends the watch."""
        if self._is_answered or sdp == self._answer:
            return
        self._answer = sdp
        try:
            await self.stage.node.message(self._handle, {"request": "start"}, ("answer", sdp))
        except JanusError as error:
            self._on_end(self)
            raise MediaRefused("The answer does not fit the offer.") from error
        except MediaUnavailable:
            self._answer = ""
            raise
        self._is_answered = True
        self.want(self._wanted)

    async def close(self) -> None:
        """Leave Janus. No error if it is away."""
        if self._handle:
            try:
                await self.stage.node.detach(self._handle)
            except MediaUnavailable:
                logger.info("a viewer could not be let go: Janus is away")

    def tick(self) -> None:
        """Once a second: who never connects is let go, and what could not be switched is tried again."""
        self._ticks += 1
        if not self._is_linked and self._ticks >= CONNECT_TICKS:
            self._on_end(self)
        elif self._is_left and self.stage.node.is_up:
            self.want(self._wanted)

    def _hear(self, news: Reply) -> None:
        if news.jsep is not None:
            self._offers += 1
            self.want(self._wanted)
        match news.janus:
            case "webrtcup":
                self._is_linked = True
            case "hangup" | "detached":
                self._on_end(self)

    # -- what it shows -------------------------------------------------------------------------------------------------
    @property
    def _is_due(self) -> bool:
        return self._offers != self._replayed or bool(changes(self._now, self._wanted))

    def want(self, wanted: Mapping[str, Source]) -> None:
        """Show these from now on, by mid. Before the answer nothing flows, so there is nothing to switch."""
        self._wanted = wanted
        if self._switching is None and self._is_answered and self._is_due and not self.is_over:
            self._switching = asyncio.create_task(self._switch())

    async def settled(self) -> None:
        """Return when Janus shows what is wanted. Raises MediaUnavailable if it cannot be told."""
        if self._switching is not None:
            await asyncio.shield(self._switching)
        if self._is_answered and not self.is_over and self._is_due:
            raise MediaUnavailable("a viewer is shown something else for the moment")

    async def _switch(self) -> None:
        """Switch until all is as wanted; what changes meanwhile is one more round, however much it is."""
        failures = 0
        self._is_left = False
        try:
            while not self.is_over and self._is_due:
                try:
                    async with self.stage.node.switching:
                        await self._switch_once(changes(self._now, self._wanted))
                    failures = 0
                except JanusError as error:
                    # Most often a feed that has just ended, of which we hear in a moment.
                    failures += 1
                    if failures >= TRIES_MAX:
                        logger.warning("a viewer cannot be switched and is let go: %s", error)
                        self._on_end(self)
                    await asyncio.sleep(TRY_AGAIN_S)
            self._coming.clear()
        except MediaUnavailable:
            self._is_left = True
            logger.info("a viewer is left as it is until Janus is back")
        finally:
            self._switching = None

    async def _switch_once(self, streams: list[dict[str, str]]) -> None:
        node = self.stage.node
        if streams:
            new = {stream["sub_mid"]: (stream["feed"], stream["mid"]) for stream in streams}
            self._coming |= {feed for feed, _ in new.values()}
            try:
                _, offer = await node.message(self._handle, {"request": "switch", "streams": streams})
            except MediaUnavailable:
                # It may be done all the same, then or later.
                self._coming |= {self._now[mid][0] for mid in new}
                self._now |= dict.fromkeys(new, UNKNOWN)
                raise
            self._now |= new
            self._coming.clear()
            self._offers += bool(offer)
        if (offers := self._offers) != self._replayed:
            # A feed ended while it was shown, so Janus offers anew, with the same streams under the same numbers: the
            # viewer's first answer fits that too, and the viewer does not have to know.
            answer = (await node.info(self._handle)).sdps.remote
            await node.message(self._handle, {"request": "start"}, ("answer", answer))
            self._replayed = offers
