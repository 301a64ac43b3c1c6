"""Work in the background that nobody waits for: it is kept until it ends, and a failure is logged."""

import asyncio
import logging
from collections.abc import Awaitable

logger = logging.getLogger(__name__)


class Errands:
    """The errands of one part. `failure` says what it means when one fails. Used on one event loop."""

    def __init__(self, failure: str) -> None:
        self._failure = failure
        self._running: set[asyncio.Future[None]] = set()

    def begin(self, work: Awaitable[None]) -> None:
        """Begins the work soon. Errands begin in the order in which they were given."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    @property
    def running(self) -> list[asyncio.Future[None]]:
        """What has not ended yet."""
        return list(self._running)

    async def stop(self) -> None:
        """Ends what runs, and waits for its end."""
        while running := self.running:
            await asyncio.sleep(0)  # what never began could not even tidy up after itself
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _done(self, task: asyncio.Future[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error(self._failure, exc_info=error)
