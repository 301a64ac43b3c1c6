"""The one event loop that owns the lines to Janus, and the way there from any other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from micconnect.media.base import MediaUnavailable
from micconnect.media.janus.messages import JanusError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class Home:
    """Does things on the loop on which `settle` was called."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def settle(self) -> None:
        """This loop is it."""
        self._loop = asyncio.get_running_loop()

    async def do(self, work: Callable[[], Awaitable[Result]], limit_s: float) -> Result:
        """Do it there; it goes on to its end or its limit even if the caller does not wait for that.

        Raises MediaUnavailable also for what Janus refuses, and before `settle`.
        """
        if self._loop is None:
            raise MediaUnavailable("the media backend was not started")
        bounded = self._bounded(work, limit_s)
        if self._loop is asyncio.get_running_loop():
            return await asyncio.shield(asyncio.ensure_future(bounded))
        return await asyncio.shield(asyncio.wrap_future(asyncio.run_coroutine_threadsafe(bounded, self._loop)))

    @staticmethod
    async def _bounded(work: Callable[[], Awaitable[Result]], limit_s: float) -> Result:
        try:
            async with asyncio.timeout(limit_s):
                return await work()
        except TimeoutError:
            raise MediaUnavailable("Janus is too busy") from None
        except JanusError as error:
            logger.warning("Janus refused: %s", error)
            raise MediaUnavailable(error.text) from error
