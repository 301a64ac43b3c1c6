"""All rooms, each on one of the servers, through all that may happen to those."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Sequence

from micconnect.errands import Errands
from micconnect.media.base import MediaEvent, MediaUnavailable, RoomMoved
from micconnect.media.events import EventFan
from micconnect.media.janus.house import Crew
from micconnect.media.janus.marks import RoomNames
from micconnect.media.janus.memory import Memory
from micconnect.media.janus.node import Node, NodeConfig
from micconnect.media.janus.pool import Pool
from micconnect.media.janus.restore import Standing, by_room, detach_all, restore, restore_edge
from micconnect.media.janus.room import Room
from micconnect.media.janus.stage import Caps, Stage, sweep
from micconnect.media.janus.survey import FoundSession
from micconnect.media.janus.watcher import Watcher

logger = logging.getLogger(__name__)

URGENT_S = 5.0
TICK_S = 1.0
EMPTY_TICKS = 30


class Rooms:
    """The rooms by id. `find` and `need` are how to get at them."""

    def __init__(
        self,
        configs: Sequence[NodeConfig],
        names: RoomNames,
        caps: Caps,
        events: EventFan,
        watches_per_node: int,
        joins_per_s: float,
    ) -> None:
        self.pool = Pool(configs, self, joins_per_s, names.installation)
        self.memory = Memory()
        self._names = names
        self._events = events
        self._errands = Errands("the Janus backend failed")
        self._crew = Crew(names, caps, self.memory, watches_per_node, self._spare, self._errands)
        self._rooms: dict[str, Room] = {}
        self._ends: dict[str, asyncio.Task[None]] = {}
        self._idle_ticks: dict[str, int] = {}
        self._ticking: set[Room] = set()

    async def start(self, above: int) -> None:
        """Reach the servers and look after the rooms."""
        self._errands.begin(self._keep_ticking())
        await self.pool.start(above)

    async def stop(self) -> None:
        """Leave them as they are."""
        await self._errands.stop()
        await self.pool.stop()

    # -- which rooms there are -----------------------------------------------------------------------------------------

    def all(self) -> list[Room]:
        """Every room."""
        return list(self._rooms.values())

    def find(self, room_id: str) -> Room | None:
        """The room, None if there is none. Raises MediaUnavailable while its server is away, or all are."""
        self.pool.check_up()
        room = self._rooms.get(room_id)
        if room is None and self.pool.is_settling:
            raise MediaUnavailable("a server that may have this room has not been reached yet")
        if room is not None and not room.node.is_up:
            raise MediaUnavailable("the server of this room is away")
        return room

    def known(self, room_id: str) -> Room | None:
        """The room, None if there is none; also while its server is away."""
        return self._rooms.get(room_id)

    def need(self, room_id: str) -> Room:
        """The room; a new one comes to the server that carries least. Raises MediaUnavailable."""
        return self.find(room_id) or self._add(room_id, min(self.pool.up, key=self._load))

    def watcher(self, watch_id: str) -> Watcher | None:
        """The viewer of that id, None if there is none."""
        return next((w for room in self._rooms.values() if (w := room.house.watcher(watch_id)) is not None), None)

    def of(self, node: Node) -> list[Room]:
        """The rooms whose stage a server has."""
        return [room for room in self._rooms.values() if room.node is node]

    def _load(self, node: Node) -> int:
        stages = [stage for room in self._rooms.values() for stage in room.house.stages if stage.node is node]
        return sum(1 + len(stage.watchers) for stage in stages)

    def _add(self, room_id: str, node: Node) -> Room:
        stage = Stage(node, self._names, room_id)
        room = self._rooms[room_id] = Room(stage, self._crew, self._events.publish, self._ends.get(room_id))
        return room

    def _spare(self, taken: Container[Node]) -> Node | None:
        """For more viewers of a room: the server that carries least, beside those that have it already."""
        return min((node for node in self.pool.up if node not in taken), key=self._load, default=None)

    def forget(self, room: Room) -> None:
        """Take a room away from its server; the next of the same name waits for that."""
        if self._rooms.get(room.room_id) is room:
            del self._rooms[room.room_id]
        end = asyncio.create_task(room.house.tear_down())
        self._ends[room.room_id] = end
        end.add_done_callback(lambda _: self._ended(room.room_id, end))

    def _ended(self, room_id: str, end: asyncio.Task[None]) -> None:
        if self._ends.get(room_id) is end:
            del self._ends[room_id]

    async def obeyed(self, room: Room, order: Callable[[], Awaitable[None]]) -> None:
        """Have an order carried out that must not fail: a server that does not obey in time is given up with all."""
        try:
            async with asyncio.timeout(URGENT_S):
                await order()
        except TimeoutError:
            logger.error("Janus %s does not obey and is given up", room.node.name)
            room.node.condemn()
        except MediaUnavailable:
            logger.info("a server is away; what is left to do there is done when it is back")

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for room in [room for room in self._rooms.values() if room.node.is_up]:
                if room not in self._ticking:  # a slow server holds up nobody else's rooms
                    self._errands.begin(self._tick(room))
                idle = self._idle_ticks.pop(room.room_id, 0) + 1
                if room.is_empty and idle >= EMPTY_TICKS:
                    self.forget(room)
                elif room.is_empty:
                    self._idle_ticks[room.room_id] = idle

    async def _tick(self, room: Room) -> None:
        self._ticking.add(room)
        try:
            await room.tick()
        finally:
            self._ticking.discard(room)

    # -- what happens to servers ---------------------------------------------------------------------------------------

    async def found(self, node: Node, session: FoundSession | None) -> list[MediaEvent]:
        """A server is there, with what stands on it. Returns what that is news of."""
        if session is None:
            await sweep(node, self._names)
            return self._give_up(node)
        events: list[MediaEvent] = []
        mine = [room for room in self._rooms.values() if any(stage.node is node for stage in room.house.stages)]
        standing = {room.room_id: Standing() for room in mine} | by_room(session.handles)
        for room_id, things in standing.items():
            room = self._rooms.get(room_id) or self._find_home(room_id, things, node)
            if room is None:
                await detach_all(node, things)
            elif room.node is node:
                events += await restore(room, things)
            else:
                await restore_edge(room, room.house.edge_on(node), things)
        await sweep(node, self._names, keep=standing.keys())
        return events

    def _find_home(self, room_id: str, things: Standing, node: Node) -> Room | None:
        """A room that only Janus knows of; None if its stage was on a server that is none of ours any more."""
        name = node.name if things.lines else things.watches[0][0].home
        home = next((server for server in self.pool.nodes if server.name == name), None)
        return self._add(room_id, home) if home is not None else None

    def all_lost(self) -> None:
        """Whatever was in any room is gone."""
        for room in self._rooms.values():
            for stage in room.house.stages:
                stage.forget()
        self._rooms.clear()

    def rooms_lost(self, node: Node) -> None:
        """What a lost server carried is given up; pages begin anew on the others."""
        for event in self._give_up(node):
            self.tell(event)

    def _give_up(self, node: Node) -> list[MediaEvent]:
        for room in self._rooms.values():
            room.house.lose_edge(node)
        lost = self.of(node)
        moved: list[MediaEvent] = [RoomMoved(room.room_id) for room in lost if not room.is_empty]
        for room in lost:
            self.forget(room)  # its edges are on servers that live
        return moved

    def tell(self, event: MediaEvent) -> None:
        """Tell everybody."""
        self._events.publish(event)
