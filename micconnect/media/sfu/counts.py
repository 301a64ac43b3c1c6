"""The bookkeeping of one incoming RTP stream: what is missing, what is reported back, what exceeds the allowance."""

from collections import deque

SEQ_MASK = 0xFFFF
SEQ_HALF = 0x8000
TS_MASK = 0xFFFFFFFF


class Allowance:
    """A token bucket in bytes. Time is in seconds of any steady clock."""

    __slots__ = ("_burst", "_last", "_rate", "_tokens")

    def __init__(self, rate: float, burst_s: float = 1.0) -> None:
        """`rate` in bytes per second, full at first with what `burst_s` seconds earn."""
        self._rate = rate
        self._burst = rate * burst_s
        self._tokens = self._burst
        self._last: float | None = None

    def take(self, amount: int, now: float) -> bool:
        """Whether `amount` is within the allowance; it is only spent if it is."""
        if self._last is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._last) * self._rate)
        self._last = now
        if amount > self._tokens:
            return False
        self._tokens -= amount
        return True


class Losses:
    """Which sequence numbers of a stream did not arrive, among the latest REACH ones.

    The work for one packet is bounded by REACH whatever numbers a peer invents: a greater jump starts afresh.
    """

    REACH = 128

    def __init__(self) -> None:
        self._top: int | None = None
        self.missing: set[int] = set()

    def note(self, seq: int) -> bool:
        """Note an arrival; True if it shows new losses, so that `missing` should be asked for."""
        if self._top is None:
            self._top = seq
            return False
        ahead = (seq - self._top) & SEQ_MASK
        if ahead == 0 or ahead >= SEQ_HALF:
            self.missing.discard(seq)
            return False
        self._top = seq
        if ahead > self.REACH:
            self.missing.clear()
            return False
        if self.missing:
            self.missing = {old for old in self.missing if (seq - old) & SEQ_MASK <= self.REACH}
        self.missing.update((seq - back) & SEQ_MASK for back in range(1, ahead))
        return ahead > 1


class Tally:
    """What a receiver report says about one stream (RFC 3550, appendix A).

    `expected` and `lost`: packets between the last two reports.
    """

    def __init__(self, clock_rate: int) -> None:
        self.expected = self.lost = 0
        self._rate = clock_rate
        self._base = 0
        self._cycles = 0
        self._top = 0
        self._received = 0
        self._transit: int | None = None
        self._jitter = 0.0
        self._prior_expected = 0
        self._prior_received = 0

    def note(self, seq: int, timestamp: int, arrival_s: float) -> None:
        """Note an arrival at `arrival_s` of a steady clock."""
        if self._received == 0:
            self._base = self._top = seq
        self._received += 1
        ahead = (seq - self._top) & SEQ_MASK
        if 0 < ahead < SEQ_HALF:
            if seq < self._top:
                self._cycles += 1
            self._top = seq
        transit = (int(arrival_s * self._rate) - timestamp) & TS_MASK
        if self._transit is not None:
            apart = (transit - self._transit) & TS_MASK
            self._jitter += (min(apart, TS_MASK + 1 - apart) - self._jitter) / 16
        self._transit = transit

    def report(self) -> tuple[int, int, int, int]:
        """Fraction lost since the last report (of 256), packets lost in all, highest number, jitter in clock ticks."""
        expected = (self._cycles << 16) + self._top - self._base + 1 if self._received else 0
        lost = max(-0x800000, min(0x7FFFFF, expected - self._received))
        span = expected - self._prior_expected
        gap = span - (self._received - self._prior_received)
        self.expected, self.lost = max(0, span), max(0, gap)
        self._prior_expected, self._prior_received = expected, self._received
        fraction = min(255, (gap << 8) // span) if span > 0 and gap > 0 else 0
        highest = ((self._cycles & SEQ_MASK) << 16) | self._top
        return fraction, lost, highest, int(self._jitter) & TS_MASK


class LossRate:
    """The part of the packets that did not come, steady also while few come.

    Who is silent sends two or three packets a second (Opus DTX): one lost of those is no third of a line. Then the
    last windows count together, and as if at least ENOUGH packets had been sent.
    """

    ENOUGH = 50
    WINDOWS = 10
    FEW = 10

    def __init__(self) -> None:
        self._windows: deque[tuple[int, int]] = deque(maxlen=self.WINDOWS)
        self._empty = 0

    def note(self, expected: int, lost: int, *, is_empty: bool) -> float:
        """One window: how many packets should have come and how many did not. Returns the rate, 0 to 1.

        `is_empty`: nothing came at all, which says that all is lost; among few packets that takes a second window.
        """
        if is_empty:
            self._empty += 1
            is_sparse = bool(self._windows) and self._windows[-1][0] <= self.FEW
            if self._empty > is_sparse:
                self._windows.clear()
                return 1.0
        else:
            self._empty = 0
            self._windows.append((expected, lost))
        among = missing = 0
        for window in reversed(self._windows):
            among += window[0]
            missing += window[1]
            if among >= self.ENOUGH:
                break
        return min(1.0, missing / max(among, self.ENOUGH))
