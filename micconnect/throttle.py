"""How often somebody may speak: token buckets for sockets and for people."""

import time
from collections import OrderedDict
from collections.abc import Callable


class TokenBucket:
    """Allows `burst` at once and `rate` per second in the long run. `clock` returns seconds and never goes back."""

    __slots__ = ("_at", "_clock", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self._clock = rate, burst, clock
        self._tokens, self._at = burst, clock()

    def take(self) -> bool:
        """True when one more is allowed now."""
        now = self._clock()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class KeyedBuckets:
    """One bucket per key. Remembers the `size` most recent keys, so that nobody can fill the memory."""

    def __init__(
        self, rate: float, burst: float, size: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._size, self._clock = rate, burst, size, clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str) -> bool:
        """True when one more is allowed for this key now."""
        bucket = self._buckets.pop(key, None) or TokenBucket(self._rate, self._burst, self._clock)
        self._buckets[key] = bucket
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return bucket.take()


FRAMES_PER_S, FRAMES_BURST = 20, 40
APPLIES, APPLIES_PER_S = 5, 10  # five applications in ten seconds


def socket_bucket() -> TokenBucket:
    """The frames of one socket."""
    return TokenBucket(FRAMES_PER_S, FRAMES_BURST)


COMMANDS_PER_S, COMMANDS_BURST = 2, 30
applications = KeyedBuckets(APPLIES / APPLIES_PER_S, APPLIES)
# what the audience and guests change is told to everybody; the staff answers for what it does
changes = KeyedBuckets(COMMANDS_PER_S, COMMANDS_BURST)
# offers and answers cost the media server milliseconds each; a page needs three when it opens
media_queries = KeyedBuckets(rate=1, burst=12)
