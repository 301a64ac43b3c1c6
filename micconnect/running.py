"""What runs beside the pages in a serving process: the hub, the clock, the keeper's duties, and the bridge to threads.

`manage.py serve` starts it through ASGI's lifespan; a server without lifespan (daphne in `runserver`) at the first
socket. Deadlines are rows: the clock only wakes up for them, so a restart forgets nothing.
"""

import asyncio
import contextlib
import gc
import itertools
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.utils import timezone
from msgspec.structs import replace

from micconnect import bus, changes, hub, presence, services, store
from micconnect.cluster import Cluster
from micconnect.domain import views
from micconnect.domain.internal import AllSocketsLost, AnyCommand, PersonBecame, Renamed, SocketsLost, SocketUp, Tick
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.history import Told
from micconnect.keeper import Keeper
from micconnect.mediarelay import MediaRelay
from micconnect.outages import AWAY, log
from micconnect.protocol.frames import Reply
from micconnect.protocol.views import UserInfo
from micconnect.protocol.words import Role
from micconnect.roomhub import VIEWERS_LISTED_MAX, Change, RoomHub
from micconnect.rounds import Rounds

logger = logging.getLogger(__name__)

CLOCK_S = 1.0  # a round: deadlines, counts, the log of other processes
REPAIR_ROUNDS = 10
P = ParamSpec("P")
T = TypeVar("T")


class Runtime:
    """The living parts of one serving process. Made and used on one event loop."""

    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="db")
        self.hub = hub.Hub(read_room=self._read_room, read_changes=self._read_changes, read_past=self._read_past)
        self.cluster = Cluster(self) if settings.REDIS_URL else None
        self.keeper: Keeper | None = None
        self.media = MediaRelay(self.bus, lambda: self.keeper.media if self.keeper else None)
        self.elsewhere: dict[str, presence.Elsewhere] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._duties = asyncio.Lock()  # a former keeper here must have ended before the next one begins
        self._rounds = Rounds()
        self._tasks: list[asyncio.Task[None]] = []
        self._expiring: dict[str, asyncio.Task[None]] = {}

    @property
    def bus(self) -> bus.Bus | None:
        """The way to the other processes, if there may be any."""
        return self.cluster.bus if self.cluster else None

    async def start(self) -> None:
        """Begins to serve. Among others this succeeds also while the database is away. What fails leaves nothing."""
        hub.use(self.hub)
        try:
            await self._take_up()
        except BaseException:
            await self.stop()
            raise
        self._tasks = [asyncio.create_task(self._clock(), name="clock")]

    async def _take_up(self) -> None:
        """Looks at what was left from before. Among others the keeper does it, with the sockets of all processes."""
        if self.cluster:
            await self.cluster.start()
        else:
            await self.in_thread(presence.close_left_over, timezone.now())
            await self.in_thread(_recover)
            await self.become_keeper()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._expiring.values(), return_exceptions=True)
        await self._rounds.stop()
        if self.cluster:
            await self.cluster.rest()
        await self.step_down()
        hub.use(None)
        with contextlib.suppress(Exception):
            await self.in_thread(presence.journal.flush)
        if self.cluster:
            await self.cluster.stop()
        await self.in_thread(close_old_connections)
        self.executor.shutdown(wait=True)

    async def become_keeper(self, media_generation: int = 0) -> None:
        """Takes up the keeper's duties. `media_generation`: the newest that any process knew of.

        Does nothing while a former keeper here is still ending: the next look at the others tries again.
        """
        if self.keeper or self._duties.locked():
            return
        if media_generation > self.hub.media.generation:
            self.hub.set_media(replace(self.hub.media, generation=media_generation, is_up=False), timezone.now())
        self.keeper = keeper = Keeper(self, partial(self.in_thread, _read_live))
        try:
            await keeper.start()
        except BaseException:  # half a keeper is none; the next look at the others tries again
            if self.keeper is keeper:
                await self.step_down()
            raise

    async def step_down(self) -> None:
        """Gives the keeper's duties up, also those that are just being taken up; does nothing without them."""
        if self.keeper:
            keeper, self.keeper = self.keeper, None
            async with self._duties:
                await keeper.stop()

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The bridge from the loop to the database: runs `function` in a pool as large as the database likes."""
        return await self.in_threads_of(self.executor, function, *args, **kwargs)

    async def in_threads_of(self, executor: Executor, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`in_thread` with other threads than those that commands wait for."""
        job = partial(_with_fresh_connections, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(executor, job)

    async def _read_room(self, slug: str) -> RoomState:
        if self.cluster:
            if not self.cluster.is_known:
                raise OperationalError("this process has not been able to join the others yet")
            await self.cluster.hear_room(slug)  # before the reading, so that nothing is missed in between
            await self._count_elsewhere({slug})
        return await self.in_thread(store.read, slug)

    async def _read_changes(self, slug: str, seq: int) -> list[Change]:
        return await self.in_thread(changes.since, slug, seq)

    async def _read_past(self, slug: str, seq: int) -> list[Told]:
        return await self.in_thread(changes.lately, slug, seq, timezone.now())

    async def perform(self, slug: str, actor: Actor, command: AnyCommand, ref: str = "") -> Reply:
        """`services.perform` off the loop. Commands of one room wait here, so that they never fill the pool."""
        turn = self._turns.get(slug)
        if turn is None:
            turn = self._turns[slug] = asyncio.Lock()
        async with turn:
            job = partial(services.perform, ref=ref, find_person=self._find_person)
            return await self.in_thread(job, slug, actor, command, timezone.now())

    def _find_person(self, slug: str, user_id: str) -> Person | None:
        """Our sockets know who is here; the rows, which come a moment later, who is at another process."""
        here = hub.find_person(slug, user_id)
        return presence.find_person(slug, user_id) if here is None and self.cluster else here

    # -- people who come and go
    async def came(self, room: RoomHub, actor: Actor) -> None:
        """A socket of somebody with a stake in the room is open: it keeps seat and request."""
        if self.cluster:
            with _without_database():
                await self.in_thread(presence.journal.flush)
        await self.perform(room.slug, services.CLOCK, SocketUp(user_id=actor.user_id))

    async def renamed(self, room: RoomHub, person: Person) -> None:
        """Somebody whom the room knows has come in under another name."""
        await self.perform(room.slug, services.CLOCK, Renamed(user_id=person.user_id, name=person.name))

    async def became(self, slug: str, actor: Actor) -> RoomHub:
        """A guest has come back by an account, which takes over; the room as it is then. Raises OperationalError."""
        handed_over = PersonBecame(old_user_id=actor.was, user_id=actor.user_id, name=actor.person.name)
        reply = await self.perform(slug, services.CLOCK, handed_over)
        if reply.error:
            raise OperationalError(reply.error.message)
        room = await self.hub.room(slug)
        if room.room and room.room.seq < reply.seq:  # told by nobody yet
            await self.follow(slug)
        return room

    async def went(self, room: RoomHub, actor: Actor) -> None:
        """The last socket here of somebody with a stake in the room is closed; others may be open elsewhere."""
        with _without_database():
            if self.cluster:
                await self.in_thread(presence.journal.flush)
            if await self._has_line_elsewhere(room, actor):
                return
            await self.perform(room.slug, services.CLOCK, SocketsLost(user_id=actor.user_id))
            if await self._has_line_elsewhere(room, actor):  # it came while we were asking
                await self.perform(room.slug, services.CLOCK, SocketUp(user_id=actor.user_id))

    async def _has_line_elsewhere(self, room: RoomHub, actor: Actor) -> bool:
        if self.cluster is None:
            return False
        lines = await self.in_thread(presence.lines_elsewhere, {room.slug: {actor.user_id}})
        is_host = room.room is not None and room.room.host.user_id == actor.user_id
        return any(role == Role.HOST for *_, role in lines) if is_host else bool(lines)

    async def viewers(self, room: RoomHub, prefix: str) -> tuple[UserInfo, ...]:
        """Up to VIEWERS_LISTED_MAX people in the room, those here first, whose name begins with `prefix`."""
        found = {viewer.user_id: viewer for viewer in room.viewers(prefix)}
        if self.cluster:
            others = await self.in_thread(presence.viewers_elsewhere, room.slug, prefix, VIEWERS_LISTED_MAX)
            lookalikes = views.Lookalikes(room.room) if room.room else None
            found = {person.user_id: views.user_info(person, lookalikes) for person in others} | found
            found = {user_id: found[user_id] for user_id in reversed(found)}
        return tuple(found.values())[:VIEWERS_LISTED_MAX]

    # -- the clock
    async def _clock(self) -> None:
        """One round every CLOCK_S."""
        for number in itertools.count():
            await asyncio.sleep(CLOCK_S)
            self._rounds.begin(self._count, self._expire, self._follow_all, self._flush)
            if self.cluster:
                self.cluster.forget()
                self._rounds.begin(self._count_all_elsewhere)
                if number % REPAIR_ROUNDS == 0:
                    self._rounds.begin(self._repair)
            if self.keeper:
                self.keeper.begin_round(number)

    async def _count(self) -> None:
        """Tells how many are here."""
        self.hub.sample_counts(timezone.now())

    async def _expire(self) -> None:
        """Begins the deadlines of every room that is due; a room that is slow or broken delays no other."""
        for slug in await self.in_thread(store.slugs_due, timezone.now()):
            if slug not in self._expiring:
                self._expiring[slug] = asyncio.create_task(self._tick(slug))

    async def _tick(self, slug: str) -> None:
        try:
            await self.perform(slug, services.CLOCK, Tick())
        except Exception:
            logger.exception("the deadlines of room %s could not be carried out", slug)
        finally:
            del self._expiring[slug]

    async def _follow_all(self) -> None:
        """Tells what was missed, because another process made it and the bus did not bring it."""
        keeper = self.keeper
        newest = await self.in_thread(store.seqs, {*self.hub.rooms, *(keeper.live.values if keeper else ())})
        for slug, seq in newest.items():
            room_hub = self.hub.rooms.get(slug)
            if room_hub and room_hub.room and room_hub.room.seq < seq:
                await self.follow(slug)
        if keeper:
            await keeper.follow(newest)

    async def follow(self, slug: str) -> None:
        """Tells the sockets of a room what the log has and they have not heard."""
        try:
            await self.hub.follow(slug)
        except Exception:
            logger.exception("the changes of room %s could not be told", slug)

    async def _flush(self) -> None:
        await self.in_thread(presence.journal.flush)

    async def _repair(self) -> None:
        """Others may have closed the rows of our sockets, or opened them, while they held this process for dead."""
        await self.in_thread(presence.journal.repair, timezone.now())

    async def _count_all_elsewhere(self) -> None:
        slugs = {*self.hub.rooms, *(self.keeper.live.values if self.keeper else ())}
        for slug in self.elsewhere.keys() - slugs:
            del self.elsewhere[slug]
            self.hub.elsewhere.pop(slug, None)
        await self._count_elsewhere(slugs)

    async def _count_elsewhere(self, slugs: set[str]) -> None:
        counts = await self.in_thread(presence.count_elsewhere, slugs)
        for slug in slugs:
            self.elsewhere[slug] = counts.get(slug, presence.Elsewhere(0, 0))
            self.hub.elsewhere[slug] = self.elsewhere[slug].people


@contextlib.contextmanager
def _without_database() -> Iterator[None]:
    """What the rows of sockets would have told is found when the keeper compares facts."""
    try:
        yield
    except AWAY as error:
        log.tell("so the rows of sockets could not be asked", error)


def _with_fresh_connections(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Gives broken or pooled database connections back around the work of a thread."""
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()


@contextlib.contextmanager
def _one_room(slug: str) -> Iterator[None]:
    """A room that cannot be read or changed holds up no other. Left out, it is silent: nobody can say who may speak."""
    try:
        yield
    except (OperationalError, store.NoRoom):
        raise
    except Exception:
        logger.exception("room %s was left out", slug)


def _read_live() -> list[RoomState]:
    rooms = []
    for slug in store.live_slugs():
        with contextlib.suppress(store.NoRoom), _one_room(slug):  # deleted a moment ago
            rooms.append(store.read(slug))
    return rooms


def _recover() -> None:
    """After a start no socket is left: everybody on air gets the full grace to come back."""
    now: datetime = timezone.now()
    for slug in store.live_slugs():
        with _one_room(slug):
            services.perform(slug, services.CLOCK, AllSocketsLost(), now)


_runtime: Runtime | None = None
_starting: asyncio.Lock | None = None


async def runtime() -> Runtime:
    """The process's runtime, started on first use."""
    global _runtime, _starting
    if _runtime is None:
        _starting = _starting or asyncio.Lock()
        async with _starting:
            if _runtime is None:
                starting = Runtime()
                await starting.start()
                _runtime = starting
    return _runtime


async def shut_down() -> None:
    """Stops the runtime, if one is running."""
    global _runtime, _starting
    if _runtime is not None:
        stopping, _runtime, _starting = _runtime, None, None
        await stopping.stop()


def _end_with_supervisor() -> None:
    """One of several workers stops when the process that started it is gone: nobody else would tell it."""
    supervisor = multiprocessing.parent_process()
    if supervisor is None:
        return
    loop, sentinel = asyncio.get_running_loop(), supervisor.sentinel

    def end() -> None:
        loop.remove_reader(sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(sentinel, end)


def _settle() -> None:
    """What is there after the start stays: the garbage collector need not look at it again for each socket that comes.

    A quarter of what a join storm costs otherwise goes into looking through Django's modules.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def lifespan(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """ASGI lifespan: the clock and the media server live as long as the server."""
    _end_with_supervisor()
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await runtime()
            except Exception as error:
                logger.exception("start failed")
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            _settle()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await shut_down()
            await send({"type": "lifespan.shutdown.complete"})
            return
