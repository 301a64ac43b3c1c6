"""A serving process among others: what it tells them, what it hears, and how one of them becomes the keeper."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from micconnect import bus, presence, store
from micconnect import busmessages as m
from micconnect.errands import Errands
from micconnect.outages import AWAY
from micconnect.processes import BEAT_S, Processes, Sight
from micconnect.protocol.views import MediaInfo
from micconnect.roomhub import Change

if TYPE_CHECKING:
    from micconnect.running import Runtime

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

BEGIN_S = 15.0  # how long a start waits for the duties of the keeper
LEFT_ROUNDS = 10  # of the clock: a room without sockets here is heard for so long


class Cluster:
    """One process's place among the others. `bus` and the database are its only ways to them."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.processes = Processes()
        self.bus = bus.Bus(self.processes.process_id, self._hear)
        self.is_known = False  # to the others; what was known once is made known again by itself
        # of its own, because commands that wait for the database must not look like death
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="beat", initializer=_use_own_connection)
        self._unused: dict[str, int] = {}
        self._turn = asyncio.Lock()
        self._is_silent = False
        self._beating: asyncio.Task[None] | None = None
        self._errands = Errands("what another process said could not be followed")

    async def start(self) -> None:
        """Joins the others, and takes up the duties of the keeper if there is none.

        While the database is away it goes on without: this process then joins as soon as that is back.
        """
        self.bus.start()
        self.runtime.hub.on_commit = self._tell
        await self._beat()
        self._beating = asyncio.create_task(self._keep_beating(), name="beat")
        if begun := self._errands.running:
            await asyncio.wait(begun, timeout=BEGIN_S)

    async def rest(self) -> None:
        """Takes up no duty any more; call it before giving up the ones there are."""
        if self._beating:
            self._beating.cancel()
            await asyncio.wait({self._beating})
        await self._errands.stop()

    async def stop(self) -> None:
        """A clean end: the others need not wait. Call `rest` before."""
        self.runtime.hub.on_commit = None
        try:
            await self._in_turn(self.processes.leave)
        except AWAY as error:
            logger.error("the end of this process could not be written: %s", error)
        await self._in_turn(connections.close_all)
        self._executor.shutdown(wait=True)
        await self.bus.stop()

    # -- who lives, and who is the keeper
    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self._beat()

    async def _beat(self) -> None:
        async with self._turn:
            try:
                await self._stand(await self._in_turn(self.processes.beat, self.runtime.hub.media.generation))
            except AWAY as error:
                if not self._is_silent:
                    logger.error("this process cannot show that it lives: %s", error)
                self._is_silent = True
            except Exception:
                logger.exception("a look at the other processes failed")
            else:
                self._is_silent = False

    async def _stand(self, sight: Sight) -> None:
        """Draws the conclusions: takes up the duties of the keeper, or gives them up, while the beat goes on."""
        if not sight.is_known:
            await self._in_turn(self.processes.enter, timezone.now(), self.runtime.hub.media.generation)
            if self.is_known:
                logger.warning("the others held this process for dead")
                await self._in_turn(presence.journal.repair, timezone.now())
        self.is_known = True
        keeps = self.runtime.keeper is not None
        if keeps and not sight.is_keeper:
            logger.warning("another process is the keeper now")
            self._errands.begin(self.runtime.step_down())
        elif sight.is_keeper and not keeps:
            self._errands.begin(self.runtime.become_keeper(sight.media_generation))
        elif sight.is_keeper and sight.dead:
            logger.warning("dead processes: %s", ", ".join(process_id for process_id, _ in sight.dead))
            await self._in_turn(self.processes.bury, sight)
        elif not sight.is_keeper and not sight.has_keeper and await self._in_turn(self.processes.take_lease, sight):
            logger.warning("this process is the keeper now")
            self._errands.begin(self.runtime.become_keeper(sight.media_generation))

    async def _in_turn(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.runtime.in_threads_of(self._executor, function, *args, **kwargs)

    # -- what is told
    def _tell(self, change: Change) -> None:
        self._say(change.room.slug, m.Changed(origin=self.bus.process_id, change=change))

    def _say(self, slug: str, message: m.AnyMessage) -> None:
        self.bus.say(bus.room_group(slug), message)

    # -- what is heard
    async def hear_room(self, slug: str) -> None:
        """From now on the room's changes are heard."""
        await self.bus.join(bus.room_group(slug))

    def forget(self) -> None:
        """One round of the clock: rooms that nobody here needs any more are heard no more."""
        keeper, rooms_here = self.runtime.keeper, self.runtime.hub.rooms
        needed = {bus.room_group(slug) for slug in (*rooms_here, *(keeper.live.values if keeper else ()))}
        rooms = {group for group in self.bus.groups if group.startswith(bus.room_group(""))}
        self._unused = {group: self._unused.get(group, 0) + 1 for group in rooms - needed}
        for group, rounds in self._unused.items():
            if rounds > LEFT_ROUNDS:
                self.bus.leave(group)

    def _hear(self, message: m.AnyMessage) -> None:
        hub, keeper = self.runtime.hub, self.runtime.keeper
        match message:
            case m.Changed(change=change):
                store.cache.put(change.room)
                hub.heard(change)
            case m.Grown(slug=slug):
                self._errands.begin(self.runtime.follow(slug))
            case m.Sampled(slug=slug, callback=callback, at=at):
                hub.tell_sample(slug, callback, at)
            case m.MediaSaid(media=media) if keeper is None or self._is_overruled(media):
                if keeper:  # somebody took the lease, even if the database cannot tell us just now
                    self._errands.begin(self.runtime.step_down())
                if media != hub.media and media.generation >= hub.media.generation:
                    hub.set_media(media, timezone.now())
            case m.MediaAsked() if keeper:
                keeper.asked(message)
            case m.Left() if keeper:
                keeper.media.leave(message.slug, message.user_id, message.watch_id)
            case m.MediaAnswered():
                self.runtime.media.heard(message)

    def _is_overruled(self, media: MediaInfo) -> bool:
        """Another keeper speaks. Two may be of one mind about the media server: then who shows no life goes."""
        return media.generation > self.runtime.hub.media.generation or self._is_silent


def _use_own_connection() -> None:
    """Gives the thread a lasting connection outside the pool: who takes the pool up cannot hold up the beat."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    options = {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"}
    own.settings_dict = {**own.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": None}
    connections[DEFAULT_DB_ALIAS] = own
