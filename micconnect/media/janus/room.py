"""A room: who is on air, who may hear and see whom, and what of it stands in Janus."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping

from micconnect.media.base import (
    Feed,
    FeedEvent,
    FeedGone,
    FeedStalled,
    FeedStats,
    FeedUp,
    MediaRefused,
    MediaUnavailable,
    SeatGrant,
    WatchOffer,
)
from micconnect.media.janus.house import Crew, House
from micconnect.media.janus.line import Line
from micconnect.media.janus.marks import LineMark, LineState, WatchMark
from micconnect.media.janus.messages import JanusError, Reply
from micconnect.media.janus.meter import Verdict
from micconnect.media.janus.node import Node
from micconnect.media.janus.stage import Stage

Emit = Callable[[FeedEvent], None]

LOOKS = 3  # at how loud everybody is, before each sample
LOOK_S = 0.23


class Room:
    """One room. Who is on air is known here at once; Janus follows, and methods return when it has.

    All raise MediaUnavailable when Janus goes away meanwhile.
    """

    def __init__(self, stage: Stage, crew: Crew, emit: Emit, after: Awaitable[object] | None = None) -> None:
        """`after` as with House."""
        self.on_air: dict[str, Line] = {}
        self.opening = 0
        self.crew = crew
        self.house = House(stage, self.on_air, crew, after)
        self._memory = crew.memory
        self._emit = emit
        self.is_closed = False

    @property
    def room_id(self) -> str:
        return self.house.stage.room_id

    @property
    def node(self) -> Node:
        """The server that has the stage."""
        return self.house.stage.node

    @property
    def is_empty(self) -> bool:
        """Whether nothing is lost if the room is forgotten."""
        return not (self.on_air or self.house.watchers or self.opening)

    # -- publishing ----------------------------------------------------------------------------------------------------

    async def publish(self, grant: SeatGrant, offer: str, order: int) -> str:
        """Open a line for the grant; an older one ends when the new one is agreed. Raises MediaRefused.

        `order` tells which of several offers for the grant was made later: that one holds the line, however late an
        earlier one is agreed.
        """
        self._check_welcome(grant, order)
        await self.house.create(self.house.stage)
        state = LineState(grant.seat_index, grant.is_backstage, grant.audio_muted, grant.video_muted)
        mark = LineMark(self._memory.next_number(), grant)
        line = Line(self.house.stage, mark, self.crew.caps, state, self.line_news)
        try:
            answer = await line.open(offer)
            self._check_welcome(grant, order)
        except BaseException:
            self.crew.later(line.close())
            raise
        self._memory.note_newest(grant.grant_id, order)
        old = self.on_air.pop(grant.grant_id, None)
        self._inherit(line, old)
        # The newest line of a seat is the one that is seen, hence the order of insertion counts.
        self.on_air[grant.grant_id] = line
        if old is not None:
            self.crew.later(self._end(old))
        await line.apply()
        return answer

    def _check_welcome(self, grant: SeatGrant, order: int) -> None:
        if self.is_closed or grant.grant_id in self._memory.cut:
            raise MediaRefused(self._memory.why_cut(grant.grant_id))
        if self._memory.is_overtaken(grant.grant_id, order):
            raise MediaRefused("a newer window has taken over")

    def _inherit(self, line: Line, old: Line | None) -> None:
        """A mute that overtook the offer, or is in force already, wins; the next reconciliation lifts what is stale."""
        state, early = line.state, self._memory.take_early(line.grant.grant_id)
        state.audio_muted |= early.get("audio", False)
        state.video_muted |= early.get("video", False)
        if old is not None:
            state.audio_muted |= old.state.audio_muted
            state.video_muted |= old.state.video_muted
            state.is_backstage |= old.state.is_backstage
            state.is_up, state.stalled, line.flows = old.state.is_up, old.state.stalled, old.flows

    def line_news(self, line: Line, news: Reply) -> None:
        """Janus says something about a line."""
        match news.janus:
            case "webrtcup":
                line.is_linked = True
                if not line.is_over:
                    self.house.link(line)
            case "media" if news.receiving:
                self._media_came(line)
            case "hangup" | "detached":
                self.line_ended(line)

    def _media_came(self, line: Line) -> None:
        if self.on_air.get(line.grant.grant_id) is line and not line.state.is_up:
            line.state.is_up = True
            self._emit(FeedUp(room_id=self.room_id, grant_id=line.grant.grant_id))
            self.crew.later(line.save())

    def line_ended(self, line: Line) -> None:
        """A line is over. Only the present one of a grant means anything."""
        if self.on_air.get(line.grant.grant_id) is line:
            del self.on_air[line.grant.grant_id]
            self._emit(FeedGone(room_id=self.room_id, grant_id=line.grant.grant_id))
        self.crew.later(self._end(line))

    async def _end(self, line: Line) -> None:
        """Let a line go that is no longer on air: silence first, and no viewer notices that it ends."""
        line.is_over = True
        self.house.unlink(line)
        await line.silence()
        self.crew.later(self._put_away(line))

    async def _put_away(self, line: Line) -> None:
        self.house.wire()
        try:
            await self.house.settled()
            await self.house.spread()
        finally:
            await line.close()

    async def cut(self, grant_id: str) -> None:
        """End the line of a grant; whether it may come back is for the caller to say."""
        if (line := self.on_air.pop(grant_id, None)) is not None:
            await self._end(line)

    async def set_muted(self, grant_id: str, kind: str, is_muted: bool) -> None:
        """Forward a device or not; for a grant without a line it is remembered until that comes."""
        if (line := self.on_air.get(grant_id)) is not None:
            await line.set_muted(kind, is_muted)
        else:
            self._memory.note_early(grant_id, kind, is_muted)

    async def set_backstage(self, grant_id: str, is_backstage: bool) -> None:
        """Forward a grant to the staff only, or to everybody."""
        if (line := self.on_air.get(grant_id)) is not None:
            line.state.is_backstage = is_backstage
            self.house.wire()
            await asyncio.gather(line.save(), self.house.settled())

    async def place(self, places: Mapping[str, int]) -> None:
        """Show grants on other seats, all at once."""
        moved = {line: seat for grant_id, seat in places.items() if (line := self.on_air.get(grant_id)) is not None}
        for line, seat in moved.items():
            line.state.seat = seat
        self.house.wire()
        await asyncio.gather(self.house.settled(), *(line.save() for line in moved))

    def feeds(self) -> tuple[Feed, ...]:
        """What is forwarded now."""
        return tuple(
            Feed(
                grant_id,
                audio_muted=line.state.audio_muted,
                video_muted=line.state.video_muted,
                is_up=line.state.is_up,
                seat_index=line.state.seat,
                is_backstage=line.state.is_backstage,
                stalled=line.state.stalled,
            )
            for grant_id, line in self.on_air.items()
        )

    # -- watching ------------------------------------------------------------------------------------------------------

    async def watch(self, mark: WatchMark) -> WatchOffer:
        """Open a line for a viewer; what is backstage comes to the staff only."""
        self._check_open()
        offer = await self.house.watch(mark)
        try:
            self._check_open()
        except MediaUnavailable:
            self.end_watch(mark.watch_id)
            raise
        return offer

    def _check_open(self) -> None:
        if self.is_closed:
            raise MediaUnavailable("the room has just ended")

    def end_watch(self, watch_id: str) -> None:
        """Let a viewer go. Repeating does nothing."""
        if (watcher := self.house.watcher(watch_id)) is not None:
            self.house.watcher_ended(watcher)

    async def show(self) -> None:
        """Show the seats in the moving pictures that are to be shown now."""
        self.house.wire()
        await self.house.settled()

    # -- once a second -------------------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Look after lines and viewers; takes most of a second."""
        self.house.tick()
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_S)
            await asyncio.gather(*map(self._listen, list(self.on_air.values())))
        await asyncio.gather(*map(self._tick_line, list(self.on_air.values())))

    @staticmethod
    async def _listen(line: Line) -> None:
        with contextlib.suppress(MediaUnavailable, JanusError):
            await line.listen()

    async def _tick_line(self, line: Line) -> None:
        try:
            verdict = await line.tick(time.monotonic())
        except (MediaUnavailable, JanusError):
            return  # it is ending, or Janus is away: both are found out elsewhere
        if self.on_air.get(line.grant.grant_id) is not line:
            return
        if line.flows.stalled != line.state.stalled:
            line.state.stalled = line.flows.stalled
            self._emit(FeedStalled(self.room_id, line.grant.grant_id, line.state.stalled))
            self.crew.later(line.save())
        if verdict is Verdict.FINE:
            return
        if verdict is Verdict.FLOODS:
            self._memory.note_flood(line.grant.grant_id)
        self.line_ended(line)

    def stats(self) -> tuple[FeedStats, ...]:
        """How the lines arrive that have been up for a moment."""
        return tuple(line.meter.stats for line in self.on_air.values() if line.meter.stats is not None)

    # -- the end -------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Cut everybody for ever and let every viewer go."""
        self.is_closed = True
        lines = list(self.on_air.values())
        self.on_air.clear()
        for line in lines:
            self._memory.cut.add(line.grant.grant_id)
            self.crew.later(self._put_away(line))
        await asyncio.gather(*(line.silence() for line in lines))
