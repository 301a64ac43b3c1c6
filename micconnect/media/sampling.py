"""What is told of measurements: who speaks how loud, whose line is how good, and the figures behind it for the staff.

Steady enough not to flicker.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from micconnect.media.base import FeedStats, SeatGrant
from micconnect.protocol.views import SeatHealth
from micconnect.protocol.words import Quality

VOLUME_STEP = 10
SPEAKS_FROM = 20  # of 100: breath and fans are below
SAMPLES_KEPT = 5
POOR_LOSS = 0.03
BAD_LOSS = 0.10
POOR_RTT_MS = 250
BAD_RTT_MS = 450
RELIEF = 0.6  # a line counts as better when it is below this part of the limit, so that it does not flicker around it
QUIET_KBPS = 4  # who is silent or muted sends a few packets a second (Opus DTX): one lost of three tells nothing
QUIET_SAMPLES = 15  # in a row: what was known of losses is too old by then
DEAD_SAMPLES = 3  # in a row without any packet: a pause in the pauses of DTX, or a hiccup, is shorter
REPORT_S = 15.0  # what a page says of its own line counts for so long; it repeats it every 5 s


class _Line:
    """The last samples of one grant's line, and what they make of it. `loss`: of the last few that can tell."""

    def __init__(self) -> None:
        self.quality = Quality.GOOD
        self.loss = 0.0
        self._losses: deque[float] = deque(maxlen=SAMPLES_KEPT)
        self._quiet = self._dead = 0

    def note(self, stats: FeedStats) -> None:
        self.loss = self._weigh(stats)
        rtt_ms = stats.rtt_ms or 0

        def is_over(part: float, max_loss: float, max_rtt_ms: int) -> bool:
            return self.loss >= part * max_loss or rtt_ms >= part * max_rtt_ms

        was_poor, was_bad = self.quality is not Quality.GOOD, self.quality is Quality.BAD
        if is_over(RELIEF if was_bad else 1, BAD_LOSS, BAD_RTT_MS):
            self.quality = Quality.BAD
        elif is_over(RELIEF if was_poor else 1, POOR_LOSS, POOR_RTT_MS):
            self.quality = Quality.POOR
        else:
            self.quality = Quality.GOOD

    def _weigh(self, stats: FeedStats) -> float:
        """The loss with this sample. Samples of too few packets keep what was known before, but not for ever."""
        if stats.loss >= 1:
            self._dead += 1
        else:
            self._dead = 0
            self._quiet = self._quiet + 1 if stats.kbps < QUIET_KBPS else 0
            if not self._quiet:
                self._losses.append(stats.loss)
            elif self._quiet >= QUIET_SAMPLES:
                self._losses.clear()
        if self._dead >= DEAD_SAMPLES:
            return 1.0
        return sum(self._losses) / len(self._losses) if self._losses else 0.0


class Samples:
    """The samples of one room. `volumes` and `qualities` are as they would be told now, by user id.

    `clock` returns seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.volumes: dict[str, int] = {}
        self.qualities: dict[str, Quality] = {}
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._pairs: list[tuple[SeatGrant, FeedStats]] = []
        self._reports: dict[str, tuple[int, float]] = {}  # (rtt_ms, until when it counts), by user id
        self._told_volumes: dict[str, int] = {}
        self._told_qualities: dict[str, Quality] = {}
        self._listeners: set[str] = set()

    def take(self, grants: Iterable[SeatGrant], stats: Sequence[FeedStats]) -> None:
        """One sample of all feeds. Muted and backstage people are not heard speaking; screens have health alone."""
        by_id, now = {feed.grant_id: feed for feed in stats}, self._clock()
        self._reports = {user_id: report for user_id, report in self._reports.items() if now < report[1]}
        self._pairs = [
            (grant, self._with_report(grant, by_id[grant.grant_id])) for grant in grants if grant.grant_id in by_id
        ]
        people = [(grant, feed) for grant, feed in self._pairs if not grant.is_screen]
        self.volumes = {
            grant.user_id: volume
            for grant, feed in people
            if not (grant.audio_muted or grant.is_backstage)
            and (volume := _steady(feed.audio_level, self.volumes.get(grant.user_id, 0)))
        }
        self._lines = {grant.grant_id: self._lines.get(grant.grant_id) or _Line() for grant, _ in self._pairs}
        for grant, feed in self._pairs:
            self._lines[grant.grant_id].note(feed)
        self.qualities = {grant.user_id: self._lines[grant.grant_id].quality for grant, _ in people}

    def _with_report(self, grant: SeatGrant, feed: FeedStats) -> FeedStats:
        """The feed with what its sender's page says of the line, if the media server cannot tell."""
        if feed.rtt_ms is not None or grant.user_id not in self._reports:
            return feed
        return replace(feed, rtt_ms=self._reports[grant.user_id][0])

    def note_rtt(self, user_id: str, rtt_ms: int) -> None:
        """What somebody's page says of the way to the media server and back. It counts for REPORT_S."""
        self._reports[user_id] = (rtt_ms, self._clock() + REPORT_S)

    def health(self) -> tuple[SeatHealth, ...]:
        """The last sample in figures, in the order of the seats, each with its screen after it.

        Who is muted is not heard here either. A screen has the seat of its owner.
        """
        seats = {grant.user_id: grant.seat_index for grant, _ in self._pairs if not grant.is_screen}
        found = [
            SeatHealth(
                user_id=grant.user_id,
                seat_index=seats.get(grant.user_id, grant.seat_index),
                is_screen=grant.is_screen,
                kbps=feed.kbps,
                loss=round(self._lines[grant.grant_id].loss, 3),
                rtt_ms=feed.rtt_ms,
                audio_level=0 if grant.audio_muted else feed.audio_level,
                quality=self._lines[grant.grant_id].quality,
            )
            for grant, feed in self._pairs
        ]
        return tuple(sorted(found, key=lambda seat: (seat.seat_index, seat.is_screen)))

    def news(self, listeners: Iterable[str]) -> tuple[dict[str, int] | None, dict[str, Quality] | None]:
        """The volumes and the qualities that have to be told to the listeners (ids of sockets), None for no change.

        Somebody who has joined since knows of nothing yet: then whatever is not empty is told again.
        """
        present = set(listeners)
        has_newcomer = not present <= self._listeners
        self._listeners = present
        volumes = self.volumes if self.volumes != self._told_volumes or (has_newcomer and self.volumes) else None
        qualities = (
            self.qualities if self.qualities != self._told_qualities or (has_newcomer and self.qualities) else None
        )
        self._told_volumes, self._told_qualities = self.volumes, self.qualities
        return volumes, qualities


def _steady(level: int, former: int) -> int:
    """The level in steps of VOLUME_STEP, the former one while it is less than a step away, 0 for who does not speak."""
    if level < SPEAKS_FROM:
        return 0
    if former and abs(level - former) < VOLUME_STEP:
        return former
    return level // VOLUME_STEP * VOLUME_STEP
