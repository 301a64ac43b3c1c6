"""The bus between serving processes: Redis' publish and subscribe, by the pub/sub layer of channels-redis.

Whoever says something never waits and never fails: a Redis that is away delays what others hear until they read the
log. What is heard is not trusted to be complete for the same reason.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer
from cryptography.fernet import InvalidToken
from msgspec import DecodeError

from micconnect import busmessages as m

logger = logging.getLogger(__name__)

WAITING_MAX = 1000  # messages on the way to Redis; then what passes is refused
KEPT_MAX = 5000  # and then everything is lost
PAUSE_S = 1.0  # after a failure; what is said meanwhile is lost
JOIN_S = 0.5  # how long anybody waits for a subscription before going on without
STOP_S = 3.0
ECHO_S = 2.0  # between two messages to oneself
DEAF_S = 10.0  # without hearing anything, not even oneself

ALL = "all"
KEEPER = "keeper"


def room_group(slug: str) -> str:
    """Where a room's changes are told."""
    return f"room.{slug}"


def process_group(process_id: str) -> str:
    """Where one process alone is told something."""
    return f"process.{process_id}"


class Bus:
    """One process's end of the bus. Used on one event loop; `hear` is called there with what others say."""

    def __init__(self, process_id: str, hear: Callable[[m.AnyMessage], None]) -> None:
        self.process_id = process_id
        self._hear = hear
        self._dialect = m.dialect()
        self._layer: Any = get_channel_layer()
        self._waiting: deque[tuple[str, m.AnyMessage]] = deque()
        self._has_waiting = asyncio.Event()
        self._wanted: dict[str, asyncio.Event] = {}
        self._joined: set[str] = set()
        self._has_news = asyncio.Event()
        self._is_away = False
        self._heard_at = 0.0
        self._receiver: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins to hear and to speak; returns at once, also while Redis is away."""
        self._want(ALL)
        self._want(process_group(self.process_id))
        self._receive()  # first, because the layer adds to groups only what somebody receives
        self._tasks = [
            asyncio.create_task(self._keep_joined(), name="bus groups"),
            asyncio.create_task(self._keep_sending(), name="bus sender"),
            asyncio.create_task(self._keep_hearing(), name="bus echo"),
        ]

    async def stop(self) -> None:
        """Leaves no task and no connection."""
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(STOP_S):
                await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._hang_up()

    # -- speaking
    def say(self, group: str, message: m.AnyMessage) -> bool:
        """Tells the other processes of a group. False: it was refused, because too much waits to be said.

        What was not refused may be lost nevertheless, as when Redis is away.
        """
        if len(self._waiting) >= WAITING_MAX and isinstance(message, m.PASSING):
            return False
        if len(self._waiting) >= KEPT_MAX:
            self._waiting.clear()
            self._failed("more is said than Redis takes")
        self._waiting.append((group, message))
        self._has_waiting.set()
        return True

    async def _keep_sending(self) -> None:
        while True:
            await self._has_waiting.wait()
            self._has_waiting.clear()
            try:
                while self._waiting:
                    group, message = self._waiting.popleft()
                    await self._layer.group_send(self._name(group), {"data": m.encode(message)})
                    self._worked()
            except Exception as error:
                self._failed(error)
                await asyncio.sleep(PAUSE_S)
                self._waiting.clear()

    def _failed(self, error: object) -> None:
        if not self._is_away:
            self._is_away = True
            logger.error("the bus is away, other processes are told by the log: %s", error)

    def _worked(self) -> None:
        if self._is_away:
            self._is_away = False
            logger.warning("the bus is back")

    # -- hearing
    async def join(self, group: str) -> None:
        """Hears what is said to the group from now on. Returns soon, also while Redis is away."""
        joined = self._want(group)
        if not joined.is_set() and not self._is_away:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(JOIN_S):
                    await joined.wait()

    def leave(self, group: str) -> None:
        """Hears it no more. Repeating does nothing."""
        if self._wanted.pop(group, None):
            self._has_news.set()

    @property
    def groups(self) -> set[str]:
        """What this process listens to, or wants to."""
        return set(self._wanted)

    def _want(self, group: str) -> asyncio.Event:
        joined = self._wanted.get(group)
        if joined is None:
            joined = self._wanted[group] = asyncio.Event()
            self._has_news.set()
        return joined

    async def _keep_joined(self) -> None:
        """One change of subscriptions after the other; what fails is tried again."""
        while True:
            self._has_news.clear()
            try:
                for group in [group for group in self._wanted if group not in self._joined]:
                    await self._layer.group_add(self._name(group), self._own_channel)
                    self._joined.add(group)
                for group in self._joined - self._wanted.keys():
                    await self._layer.group_discard(self._name(group), self._own_channel)
                    self._joined.discard(group)
            except Exception as error:
                self._failed(error)
                await asyncio.sleep(PAUSE_S)
                continue
            for group in self._joined & self._wanted.keys():
                self._wanted[group].set()
            await self._has_news.wait()

    def _receive(self) -> None:
        self._heard_at = time.monotonic()
        self._receiver = asyncio.create_task(self._keep_receiving(), name="bus receiver")

    async def _keep_hearing(self) -> None:
        """Speaks to itself and begins anew when it does not hear it: the layer's own receiver may have ended."""
        while True:
            await asyncio.sleep(ECHO_S)
            self.say(process_group(self.process_id), m.Echo(origin=self.process_id))
            if self._is_away:
                self._heard_at = time.monotonic()  # those who lost Redis subscribe again by themselves
            elif time.monotonic() - self._heard_at > DEAF_S:
                logger.warning("the bus is silent, so it is joined anew")
                await self._hang_up()
                self._joined.clear()
                self._receive()
                self._has_news.set()

    async def _hang_up(self) -> None:
        if self._receiver:
            self._receiver.cancel()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(STOP_S):
                if self._receiver:
                    await asyncio.gather(self._receiver, return_exceptions=True)
                await self._layer.flush()

    async def _keep_receiving(self) -> None:
        while True:
            try:
                data = (await self._layer.receive(self._own_channel))["data"]
            except InvalidToken:
                logger.error("the bus carried something that no process with our secret key has said")
                continue
            except Exception as error:  # the first subscription; later ones are renewed by the layer itself
                self._failed(error)
                await asyncio.sleep(PAUSE_S)
                continue
            self._heard_at = time.monotonic()
            try:
                message = m.decode(data)
                if message.origin != self.process_id:
                    self._hear(message)
            except DecodeError as error:
                logger.error("the bus carried something that nobody understands: %s", error)
            except Exception:
                logger.exception("what another process said could not be taken in")

    @property
    def _own_channel(self) -> str:
        return f"{self._dialect}.of.{self.process_id}"

    def _name(self, group: str) -> str:
        return f"{self._dialect}.{group}"
