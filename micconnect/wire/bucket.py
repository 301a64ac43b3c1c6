"""A token bucket: so much at once, so much in the long run."""

import time
from collections.abc import Callable


class TokenBucket:
    """Allows `burst` at once and `rate` per second in the long run. `clock` returns seconds and never goes back."""

    __slots__ = ("_at", "_clock", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self._clock = rate, burst, clock
        self._tokens, self._at = burst, clock()

    def take(self, count: float = 1, *, leaving: float = 0) -> bool:
        """True when `count` more are allowed now, with `leaving` still there for others afterwards."""
        self._fill()
        if self._tokens < count + leaving:
            return False
        self._tokens -= count
        return True

    def seconds_until(self, count: float) -> float:
        """How long until there are `count`, when nobody takes any meanwhile."""
        self._fill()
        return max(0.0, (count - self._tokens) / self.rate)

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
