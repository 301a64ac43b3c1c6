"""How often somebody may speak or come in: token buckets for sockets, people and arrivals, and sockets per address."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings


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


REFUSALS_PER_S, REFUSALS_BURST = 1, 100


def patience_bucket() -> TokenBucket:
    """The frames of one socket that were refused for coming too fast; who uses it up floods us and is closed."""
    return TokenBucket(REFUSALS_PER_S, REFUSALS_BURST)


class Arrivals:
    """Lets people in at a rate at which those inside feel nothing. `clock` returns seconds and never goes back."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self._clock = rate, clock
        self._bucket = TokenBucket(rate, burst, clock)
        self._promised = clock()

    def pause(self) -> float:
        """0 for who may come in now; else the seconds after which to come back.

        The pauses are handed out like numbers at a counter, one place each, so that those who return find room.
        """
        if self._bucket.take():
            return 0.0
        now = self._clock()
        self._promised = max(self._promised, now) + 1 / self.rate
        return self._promised - now


ARRIVALS_PER_S, ARRIVALS_BURST = 500, 2000
arrivals = Arrivals(ARRIVALS_PER_S, ARRIVALS_BURST)


class Addresses:
    """Counts the sockets of each address. This machine itself is not counted: it is a proxy that hides the others."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Counts one more; False when the address has as many as it may (`SOCKETS_PER_ADDRESS`, 0: any number)."""
        if not self._is_counted(address):
            return True
        if self._open[address] >= settings.SOCKETS_PER_ADDRESS:
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """One that entered has gone."""
        if self._open[address] <= 1:
            del self._open[address]
        else:
            self._open[address] -= 1

    @staticmethod
    def _is_counted(address: str) -> bool:
        if not settings.SOCKETS_PER_ADDRESS:
            return False
        try:
            return not ip_address(address).is_loopback
        except ValueError:  # a Unix socket has no address
            return False


addresses = Addresses()


COMMANDS_PER_S, COMMANDS_BURST = 2, 30
applications = KeyedBuckets(APPLIES / APPLIES_PER_S, APPLIES)
# what the audience and guests change is told to everybody; the staff answers for what it does
changes = KeyedBuckets(COMMANDS_PER_S, COMMANDS_BURST)
# offers and answers cost the media server milliseconds each; a page needs three when it opens
media_queries = KeyedBuckets(rate=1, burst=12)
