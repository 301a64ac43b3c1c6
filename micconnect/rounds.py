"""Steps that are begun again and again, each by itself: a slow one delays no other, and a broken one stops nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from micconnect.outages import AWAY, log

logger = logging.getLogger(__name__)

Step = Callable[[], Awaitable[None]]


class Rounds:
    """The steps that are under way."""

    def __init__(self) -> None:
        self._running: dict[Step, asyncio.Task[None]] = {}

    def begin(self, *steps: Step) -> None:
        """Begins each step, unless it still runs since an earlier round. What fails is logged."""
        for step in steps:
            if step not in self._running:
                self._running[step] = asyncio.create_task(self._carry_out(step))

    async def stop(self) -> None:
        """Ends the steps that run."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._running.clear()

    async def _carry_out(self, step: Step) -> None:
        try:
            await step()
        except AWAY as error:
            log.tell(f"so the clock's {_name(step)} failed", error)
        except Exception:
            logger.exception("the clock's %s failed", _name(step))
        finally:
            self._running.pop(step, None)


def _name(step: Step) -> str:
    return getattr(step, "__name__", "step").strip("_")
