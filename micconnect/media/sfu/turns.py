"""Who negotiates now, who waits, and who is sent away: nobody can pile up work without bound."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Busy(Exception):
    """Too many wait already, or the turn did not come in time; the same request may succeed later."""


class Turns:
    """At most `at_once` are at work, `waiting_max` more wait in the order of their coming, each for `patience_s`."""

    def __init__(self, at_once: int, waiting_max: int, patience_s: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._waiting_max = waiting_max
        self._patience_s = patience_s
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Work inside of this. Raises Busy at once if too many wait, or after the patience has run out."""
        await self._wait()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self) -> None:
        if self._free.locked() and self._waiting >= self._waiting_max:
            raise Busy("Too many people are connecting at this moment.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise Busy("The turn did not come in time.") from None
        finally:
            self._waiting -= 1
