"""Where a room stands: its stage on one server, edges on others when the viewers are many, and all the viewers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container

from micconnect.errands import Errands
from micconnect.media.base import KeptWatch, MediaUnavailable, WatchOffer
from micconnect.media.janus import slots, wiring
from micconnect.media.janus.edge import Edge
from micconnect.media.janus.line import Line
from micconnect.media.janus.marks import RoomNames, WatchMark
from micconnect.media.janus.memory import Memory
from micconnect.media.janus.messages import JanusError
from micconnect.media.janus.node import Node
from micconnect.media.janus.stage import Caps, Stage
from micconnect.media.janus.watcher import Watcher

logger = logging.getLogger(__name__)

EMPTY_TICKS = 30


class Crew:
    """What all rooms share. `spare` finds the best server beside some others, None if there is no further one."""

    def __init__(
        self,
        names: RoomNames,
        caps: Caps,
        memory: Memory,
        watches_per_node: int,
        spare: Callable[[Container[Node]], Node | None],
        errands: Errands,
    ) -> None:
        self.names = names
        self.caps = caps
        self.memory = memory
        self.watches_per_node = watches_per_node
        self.spare = spare
        self._errands = errands

    def later(self, work: Awaitable[None]) -> None:
        """Have it done in the background. If Janus goes away, what stands there is looked through when it returns."""

        async def quietly() -> None:
            try:
                await work
            except MediaUnavailable:
                logger.info("something is left as it is until Janus is back")
            except JanusError as error:
                logger.warning("Janus refused: %s", error)

        self._errands.begin(quietly())


class House:
    """The stages of one room. `on_air` are the lines of the room, the newest last; they are the room's to change."""

    def __init__(self, stage: Stage, on_air: dict[str, Line], crew: Crew, after: Awaitable[object] | None) -> None:
        """`after`: the end of an earlier room of the same name, which this one must not run into."""
        self.stage = stage
        self.edges: dict[Node, Edge] = {}
        self._on_air = on_air
        self._crew = crew
        self._after = after
        self._idle_ticks: dict[Node, int] = {}
        self._leaving: dict[Node, asyncio.Task[None]] = {}

    @property
    def stages(self) -> list[Stage]:
        """The stage and the edges."""
        return [self.stage, *self.edges.values()]

    @property
    def watchers(self) -> list[Watcher]:
        """All viewers."""
        return [watcher for stage in self.stages for watcher in stage.watchers.values()]

    def edge_on(self, node: Node) -> Edge:
        """The edge on that server, a new one if there is none."""
        if node not in self.edges:
            self.edges[node] = Edge(node, self._crew.names, self.stage, self.edges)
        return self.edges[node]

    async def create(self, stage: Stage) -> None:
        """Have the room in that stage's Janus."""
        async with stage.creating:
            if not stage.is_created:
                for end in (self._after, self._leaving.pop(stage.node, None)):
                    if end is not None:
                        await end
                await stage.create(self._crew.caps)

    # -- viewers -------------------------------------------------------------------------------------------------------

    async def watch(self, mark: WatchMark) -> WatchOffer:
        """Open a line for a viewer. Raises MediaUnavailable, JanusError."""
        stage = self._stage_for_one_more()
        watcher = Watcher(stage, mark, self.watcher_ended)
        stage.watchers[mark.watch_id] = watcher
        try:
            if not mark.is_staff and all(
                not line.grant.comes_from(mark.viewer_id, mark.window) for line in self._on_air.values()
            ):
                await stage.node.joins.take()
            await self.create(stage)
            if isinstance(stage, Edge) and await stage.follow(self._on_air.values()):
                self.wire()
            sdp = await watcher.open()
        except BaseException:
            self.watcher_ended(watcher)
            raise
        watcher.want(wiring.plan(self._on_air, self._shown, stage, mark))
        row = slots.slots(mark.seats, mark.pictures)
        return WatchOffer(mark.watch_id, sdp, row, self._shown[: mark.pictures or 0])

    def _stage_for_one_more(self) -> Stage:
        """The first with room for one more, else a new edge, else the emptiest."""
        stages = [stage for stage in self.stages if stage.node.is_up]
        for stage in stages:
            if len(stage.watchers) < self._crew.watches_per_node:
                return stage
        if (node := self._crew.spare({stage.node for stage in self.stages})) is not None:
            return self.edge_on(node)
        return min(stages or [self.stage], key=lambda stage: len(stage.watchers))

    def watcher(self, watch_id: str) -> Watcher | None:
        """The viewer of that id, None if there is none."""
        return next((w for stage in self.stages if (w := stage.watchers.get(watch_id)) is not None), None)

    def kept(self) -> list[KeptWatch]:
        """The watches that stand."""
        return [watcher.mark.kept for watcher in self.watchers]

    def watcher_ended(self, watcher: Watcher) -> None:
        """A viewer is gone, or has to go."""
        if not watcher.is_over:
            watcher.is_over = True
            self._crew.memory.closed.add(watcher.mark.watch_id)
            watcher.stage.watchers.pop(watcher.mark.watch_id, None)
            self._crew.later(watcher.close())

    def tick(self) -> None:
        """Once a second: lets go of viewers who never connect, and of edges that nobody needs any more."""
        for watcher in self.watchers:
            watcher.tick()
        for node, edge in list(self.edges.items()):
            idle = self._idle_ticks.pop(node, 0) + 1
            if not edge.watchers and idle >= EMPTY_TICKS:
                del self.edges[node]
                self._leaving[node] = asyncio.create_task(edge.leave())
            elif not edge.watchers:
                self._idle_ticks[node] = idle
        if any(edge.is_created and edge.is_due(self._on_air.values()) for edge in self.edges.values()):
            self._crew.later(self.spread())

    # -- what they are shown -------------------------------------------------------------------------------------------

    @property
    def _shown(self) -> tuple[int, ...]:
        return self._crew.memory.shown.get(self.stage.room_id, ())

    def link(self, line: Line) -> None:
        """A line stands, so it can be shown, also by the edges."""
        self.stage.linked.add(line.feed)
        self.wire()
        if self.edges:
            self._crew.later(self.spread())

    def unlink(self, line: Line) -> None:
        """A line must not be shown any more."""
        for stage in self.stages:
            stage.linked.discard(line.feed)

    async def spread(self) -> None:
        """Have the edges carry what is on air, and nothing else. Raises MediaUnavailable, JanusError."""
        edges = [edge for edge in self.edges.values() if edge.is_created and edge.node.is_up]
        await asyncio.gather(*(edge.follow(list(self._on_air.values())) for edge in edges))
        self.wire()

    def wire(self) -> None:
        """Tell every viewer what to show."""
        for stage in self.stages:
            wiring.wire(self._on_air, self._shown, stage)

    async def settled(self) -> None:
        """Return when every viewer is shown what is wanted, or will not be soon. Raises MediaUnavailable for those."""
        for outcome in await asyncio.gather(*(watcher.settled() for watcher in self.watchers), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    # -- the end -------------------------------------------------------------------------------------------------------

    def lose_edge(self, node: Node) -> None:
        """What an edge carried is gone; its viewers find that out and come again."""
        if (edge := self.edges.pop(node, None)) is not None:
            edge.forget()
            self._crew.later(edge.sever())

    async def tear_down(self) -> None:
        """Take away all that stands in Janus. No error if it is away."""
        for watcher in self.watchers:
            self.watcher_ended(watcher)
        await asyncio.gather(*(stage.destroy() for stage in self.stages if stage.is_created))
