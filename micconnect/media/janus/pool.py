"""Several Janus servers as one: which of them are there, under which generation, and what that means to the rooms."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Protocol

from micconnect.errands import Errands
from micconnect.media.base import BackendDown, BackendUp, MediaEvent, MediaUnavailable
from micconnect.media.janus.bucket import Bucket
from micconnect.media.janus.node import Node, NodeConfig
from micconnect.media.janus.survey import FoundSession

logger = logging.getLogger(__name__)

AGREE_S = 3.0
JOIN_PATIENCE_S = 3.0
UNSEEN_S = 10.0  # so long a server that has not been reached yet may have rooms
PATIENCE_S = 2.0  # a server that is away for less than this is no news


class PoolOwner(Protocol):
    """Who has the rooms."""

    async def found(self, node: Node, session: FoundSession | None) -> list[MediaEvent]:
        """A server is back: with what stands there, or None for nothing. Returns what that is news of."""
        ...

    def all_lost(self) -> None:
        """Whatever was in any room is gone."""
        ...

    def rooms_lost(self, node: Node) -> None:
        """What this server carries is given up, and others are there to carry it."""
        ...

    def tell(self, event: MediaEvent) -> None:
        """Tell everybody."""
        ...


class Pool:
    """The servers. `generation` is one for all of them: it ends when none is left of those that knew it.

    `is_kept`: whether the last BackendUp was about a generation that had been there before.
    """

    def __init__(self, configs: Sequence[NodeConfig], owner: PoolOwner, joins_per_s: float, installation: str) -> None:
        self.nodes = [Node(config, self, Bucket(joins_per_s, JOIN_PATIENCE_S), installation) for config in configs]
        self.generation = 0
        self._owner = owner
        self._above = 0
        self._errands = Errands("the pool of Janus servers failed")
        self._arrived: dict[Node, int] = {}
        self._news: dict[Node, list[MediaEvent]] = {}
        self._left_at: dict[Node, float] = {}
        self.is_kept = False
        self._began_at = 0.0
        self._is_told_up = False
        self._told_generation = 0

    @property
    def up(self) -> list[Node]:
        """The servers that are there."""
        return [node for node in self.nodes if node.is_up]

    async def start(self, above: int) -> None:
        """Reach them. Returns when each was tried once, or after a few seconds."""
        self._above = above
        self._began_at = time.monotonic()
        for node in self.nodes:
            node.start()
        self._errands.begin(self._give_up_the_unseen())
        tried = [asyncio.create_task(node.tried.wait()) for node in self.nodes]
        await asyncio.wait(tried, timeout=2 * AGREE_S)
        for task in tried:
            task.cancel()

    async def stop(self) -> None:
        """Leave them; what they carry goes on for a while."""
        await asyncio.gather(*(node.stop() for node in self.nodes))
        await self._errands.stop()

    # -- servers come and go -------------------------------------------------------------------------------------------

    async def node_came(self, node: Node, found: list[FoundSession]) -> None:
        """Go on with what stands there if it is of our generation; end what is not."""
        self._arrived[node] = max((session.generation for session in found), default=0)
        node.reached.set()
        if not self.generation:
            await self._agree()
        kept = next((session for session in found if session.generation == self.generation), None)
        for session in found:
            if session is not kept:
                await node.end_session(session.session_id)
        if kept is not None:
            node.carry_on(kept)
        else:
            if not self.up and self._told_generation == self.generation:
                self._begin_generation()
            await node.begin(self.generation)
        self._news[node] = await self._owner.found(node, kept)

    async def _agree(self) -> None:
        """Settle the first generation: the newest that any server knows, or a new one if it is too old."""
        others = [asyncio.create_task(other.reached.wait()) for other in self.nodes]
        await asyncio.wait(others, timeout=AGREE_S)
        for task in others:
            task.cancel()
        newest = max(self._arrived.values())
        if not self.generation:
            self.is_kept = newest >= max(self._above, 1)
            self.generation = newest if self.is_kept else self._next_generation()

    def _next_generation(self) -> int:
        return max(self._above + 1, self.generation + 1, int(time.time()))

    def _begin_generation(self) -> None:
        """The last server that knew the old one has lost it."""
        self.is_kept = False
        self._owner.all_lost()
        self.generation = self._next_generation()
        self._tell_down()

    def node_ready(self, node: Node) -> None:
        """Say what is news of it."""
        self._left_at.pop(node, None)
        if not self._is_told_up:
            # The others get the same time to come back that this one has needed less of.
            self._left_at = dict.fromkeys(self._left_at, time.monotonic())
            self._errands.begin(self._await_return())
        # Said again for each that comes back, however soon: what was asked meanwhile has to be looked through.
        if not self._is_told_up or self._arrived[node] == self.generation:
            self._is_told_up = True
            self.is_kept = self.is_kept or self._told_generation == self.generation
            self._told_generation = self.generation
            self._owner.tell(BackendUp(self.generation, is_kept=self.is_kept))
        for event in self._news.pop(node, []):
            self._owner.tell(event)
        self._give_up_the_lost()

    def node_left(self, node: Node) -> None:
        """Wait a moment whether it comes again."""
        self._left_at[node] = time.monotonic()
        self._errands.begin(self._await_return())

    async def _await_return(self) -> None:
        await asyncio.sleep(PATIENCE_S + 0.05)
        if self.up:
            self._give_up_the_lost()
        elif time.monotonic() - max(self._left_at.values(), default=0.0) >= PATIENCE_S:
            self._tell_down()

    def _tell_down(self) -> None:
        if self._is_told_up:
            self._is_told_up = False
            self._owner.tell(BackendDown())

    def _give_up_the_lost(self) -> None:
        """Servers that are away for long while others are there: what they carried is for the others now."""
        for node, left_at in list(self._left_at.items()):
            if time.monotonic() - left_at >= PATIENCE_S:
                del self._left_at[node]
                node.condemn()
                self._owner.rooms_lost(node)

    async def _give_up_the_unseen(self) -> None:
        await asyncio.sleep(UNSEEN_S)
        for node in self.nodes:
            if node not in self._arrived:
                self._owner.rooms_lost(node)

    @property
    def is_settling(self) -> bool:
        """Whether a server may carry rooms that we do not know of yet."""
        is_early = time.monotonic() - self._began_at < UNSEEN_S
        return is_early and any(not node.is_known for node in self.nodes)

    def check_up(self) -> None:
        """Raises MediaUnavailable if no server is there."""
        if not self.up:
            raise MediaUnavailable("no Janus can be reached")
