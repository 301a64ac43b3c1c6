"""A token bucket: so many beginnings a second, a short queue, and a plain no for whoever would wait too long."""

import asyncio
import time

from micconnect.media.base import MediaUnavailable

BURST_S = 0.5  # so much of what a second allows may come at once


class Bucket:
    """`take` returns at most `per_s` times a second, after at most `patience_s`."""

    def __init__(self, per_s: float, patience_s: float) -> None:
        self._interval_s = 1 / per_s
        self._patience_s = patience_s
        self._next_at = 0.0

    async def take(self) -> None:
        """Wait for the turn. Raises MediaUnavailable at once if it is too far away."""
        now = time.monotonic()
        mine = max(self._next_at, now - BURST_S)
        if mine - now > self._patience_s:
            raise MediaUnavailable("Too many people are connecting at this moment.")
        self._next_at = mine + self._interval_s
        if mine > now:
            await asyncio.sleep(mine - now)
