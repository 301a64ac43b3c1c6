"""What runs beside the pages in a serving process: the hub, the clock, the media backend, and the bridge to threads.

`manage.py serve` starts it through ASGI's lifespan; a server without lifespan (daphne in `runserver`) at the first
socket. Deadlines are rows: the clock only wakes up for them, so a restart forgets nothing.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from micconnect import changes, hub, presence, retention, services, store
from micconnect.domain.internal import AllSocketsLost, AnyCommand, Tick
from micconnect.domain.room import Actor, RoomState
from micconnect.facts import Facts
from micconnect.liverooms import LiveRooms
from micconnect.mediacontrol import MediaControl
from micconnect.protocol.frames import Reply

logger = logging.getLogger(__name__)

CLOCK_S = 1.0  # a round: deadlines, counts, the log of other processes
COMPARE_ROUNDS = 3  # rounds between two comparisons of the rooms with sockets and media
PURGE_ROUNDS = 10
PURGES_MAX = 20  # in a row
P = ParamSpec("P")
T = TypeVar("T")


class Runtime:
    """The living parts of one serving process. Made and used on one event loop."""

    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(settings.DATABASE_THREADS, thread_name_prefix="db")
        self.hub = hub.Hub(read_room=self._read_room, read_changes=self._read_changes)
        self.live = LiveRooms(partial(self.in_thread, _read_live))
        self.media = MediaControl(self)
        self.facts = Facts(self)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: list[asyncio.Task[None]] = []
        self._expiring: dict[str, asyncio.Task[None]] = {}
        self._purged = 0

    async def start(self) -> None:
        hub.use(self.hub)
        await self.in_thread(presence.close_left_over, timezone.now())
        await self.in_thread(_recover)
        await self.live.refresh()
        self.hub.listeners.append(self.live.heard)
        await self.media.start()
        self._tasks = [asyncio.create_task(self._clock(), name="clock")]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._expiring.values(), return_exceptions=True)
        await self.media.stop()
        hub.use(None)
        with contextlib.suppress(Exception):
            await self.in_thread(presence.journal.flush)
        await self.in_thread(close_old_connections)
        self.executor.shutdown(wait=True)

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The bridge from the loop to the database: runs `function` in a pool as large as the database likes."""
        job = partial(_with_fresh_connections, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self.executor, job)

    async def _read_room(self, slug: str) -> RoomState:
        return await self.in_thread(store.read, slug)

    async def _read_changes(self, slug: str, seq: int) -> list[hub.Change]:
        return await self.in_thread(changes.since, slug, seq)

    async def perform(self, slug: str, actor: Actor, command: AnyCommand, ref: str = "") -> Reply:
        """`services.perform` off the loop. Commands of one room wait here, so that they never fill the pool."""
        turn = self._turns.get(slug)
        if turn is None:
            turn = self._turns[slug] = asyncio.Lock()
        async with turn:
            return await self.in_thread(services.perform, slug, actor, command, timezone.now(), ref=ref)

    # -- the clock
    async def _clock(self) -> None:
        """One round every CLOCK_S. A step that fails is logged, and neither stops the others nor the next round."""
        for number in itertools.count():
            await asyncio.sleep(CLOCK_S)
            steps = [self._expire, self._follow, self._flush, self.media.drop_watchers]
            if number % COMPARE_ROUNDS == 0:
                steps.append(self._compare)
            if number % PURGE_ROUNDS == 0:
                steps.append(self._purge)
            results = await asyncio.gather(*(step() for step in steps), return_exceptions=True)
            for step, result in zip(steps, results, strict=True):
                if isinstance(result, Exception):
                    logger.error("the clock's %s failed", step.__name__, exc_info=result)
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

    async def _follow(self) -> None:
        newest = await self.in_thread(store.seqs, list(self.hub.rooms))
        for slug, seq in newest.items():
            room_hub = self.hub.rooms.get(slug)
            if room_hub and room_hub.room and room_hub.room.seq < seq:
                try:
                    await self.hub.follow(slug)
                except Exception:
                    logger.exception("the changes of room %s could not be told", slug)

    async def _flush(self) -> None:
        await self.in_thread(presence.journal.flush)

    async def _compare(self) -> None:
        await self.live.refresh()
        self.media.compare_all()
        await self.facts.check()

    async def _purge(self) -> None:
        for _ in range(PURGES_MAX):
            before = self._purged
            self._purged = await self.in_thread(retention.purge, timezone.now(), before)
            if self._purged == before:
                return


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


async def lifespan(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """ASGI lifespan: the clock and the media server live as long as the server."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await runtime()
            except Exception as error:
                logger.exception("start failed")
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await shut_down()
            await send({"type": "lifespan.shutdown.complete"})
            return
