"""How often somebody may speak or come in: token buckets for sockets, people and arrivals, and sockets per address."""

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings

from micconnect import proxies
from micconnect.wire import TokenBucket

logger = logging.getLogger(__name__)


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


PROMISE_MAX_S = 60  # nobody is sent away for longer


class Arrivals:
    """Lets people in at a rate at which those inside feel nothing. `clock` returns seconds and never goes back.

    Who finds no room draws a number with a time. From then on a place is kept for this person, and newcomers get only
    what is left beyond the kept ones, so nobody gains by not waiting. A place that is not taken is given up after the
    time in which the bucket would overflow.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bucket = TokenBucket(rate, burst, clock)
        self._kept_for_s = burst / rate
        self._places: OrderedDict[str, float] = OrderedDict()  # who comes back, and when

    def pause(self, who: str) -> float:
        """0 for who may come in now; else the seconds after which to come back, PROMISE_MAX_S at most.

        Asking too early gives the same place again.
        """
        now = self._clock()
        while self._places and next(iter(self._places.values())) + self._kept_for_s < now:
            self._places.popitem(last=False)
        due = self._places.get(who, 0.0)
        if due > now:
            return due - now
        kept = 0 if due else len(self._places)  # a kept place is not kept from whom it is for
        if self._bucket.take(leaving=kept):
            self._places.pop(who, None)
            return 0.0
        pause = self._bucket.seconds_until(kept + 1)
        if pause > PROMISE_MAX_S:
            return PROMISE_MAX_S
        if not due:
            self._places[who] = now + pause
        return pause


ARRIVALS_PER_S, ARRIVALS_BURST = 500, 2000
arrivals = Arrivals(ARRIVALS_PER_S, ARRIVALS_BURST)


class Addresses:
    """Counts the sockets of each address: an IPv4 address, or the /64 of an IPv6 one, which is one customer's.

    Not counted are the trusted proxies, which stand for others, and this machine itself.
    """

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._has_warned = False

    def enter(self, address: str) -> bool:
        """Counts one more; False when the address has as many as it may (`SOCKETS_PER_ADDRESS`, 0: any number)."""
        key = self._key(address)
        if not key:
            return True
        if self._open[key] >= settings.SOCKETS_PER_ADDRESS:
            self._warn(key)
            return False
        self._open[key] += 1
        return True

    def leave(self, address: str) -> None:
        """One that entered has gone."""
        key = self._key(address)
        if self._open[key] <= 1:
            del self._open[key]
        else:
            self._open[key] -= 1

    def _key(self, address: str) -> str:
        """Under what it is counted; empty: not at all."""
        if not settings.SOCKETS_PER_ADDRESS or not address:  # a Unix socket has no address
            return ""
        try:
            ip = ip_address(address)
        except ValueError:  # what a proxy passed on unread
            return "unknown"
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if ip.is_loopback or proxies.is_trusted(address):
            return ""
        return str(ip) if ip.version == 4 else str(ip_network((int(ip) >> 64 << 64, 64)))

    def _warn(self, key: str) -> None:
        if not self._has_warned and (key == "unknown" or ip_network(key).is_private):
            self._has_warned = True
            logger.warning(
                "%s has MIC_SOCKETS_PER_ADDRESS sockets, more are refused; a proxy belongs in MIC_TRUSTED_PROXIES", key
            )


addresses = Addresses()


COMMANDS_PER_S, COMMANDS_BURST = 2, 30
applications = KeyedBuckets(APPLIES / APPLIES_PER_S, APPLIES)
# what the audience and guests change is told to everybody; the staff answers for what it does
changes = KeyedBuckets(COMMANDS_PER_S, COMMANDS_BURST)
# who was cut asks once; a replay for somebody of the staff costs milliseconds
resumes = KeyedBuckets(rate=0.2, burst=5)
# offers and answers cost the media server milliseconds each; a page needs three when it opens
media_queries = KeyedBuckets(rate=1, burst=12)
