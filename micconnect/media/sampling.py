"""What is told of measurements: who speaks how loud, and whose line is how good, steady enough not to flicker."""

from collections import deque
from collections.abc import Iterable, Sequence

from micconnect.media.base import FeedStats, SeatGrant
from micconnect.protocol.words import Quality

VOLUME_STEP = 10
SPEAKS_FROM = 20  # of 100: breath and fans are below
SAMPLES_KEPT = 5
POOR_LOSS = 0.03
BAD_LOSS = 0.10
POOR_RTT_MS = 250
BAD_RTT_MS = 450
RELIEF = 0.6  # a line counts as better when it is below this part of the limit, so that it does not flicker around it


class _Line:
    """The last samples of one grant's line, and what they make of it."""

    def __init__(self) -> None:
        self.quality = Quality.GOOD
        self._losses: deque[float] = deque(maxlen=SAMPLES_KEPT)

    def note(self, stats: FeedStats) -> None:
        self._losses.append(stats.loss)
        loss, rtt_ms = sum(self._losses) / len(self._losses), stats.rtt_ms or 0

        def is_over(part: float, max_loss: float, max_rtt_ms: int) -> bool:
            return loss >= part * max_loss or rtt_ms >= part * max_rtt_ms

        was_poor, was_bad = self.quality is not Quality.GOOD, self.quality is Quality.BAD
        if is_over(RELIEF if was_bad else 1, BAD_LOSS, BAD_RTT_MS):
            self.quality = Quality.BAD
        elif is_over(RELIEF if was_poor else 1, POOR_LOSS, POOR_RTT_MS):
            self.quality = Quality.POOR
        else:
            self.quality = Quality.GOOD


class Samples:
    """The samples of one room. `volumes` and `qualities` are as they would be told now, by user id."""

    def __init__(self) -> None:
        self.volumes: dict[str, int] = {}
        self.qualities: dict[str, Quality] = {}
        self._lines: dict[str, _Line] = {}
        self._told_volumes: dict[str, int] = {}
        self._told_qualities: dict[str, Quality] = {}
        self._listeners: set[str] = set()

    def take(self, grants: Iterable[SeatGrant], stats: Sequence[FeedStats]) -> None:
        """One sample of all feeds. Muted and backstage people are not heard speaking; screens have no line here."""
        by_id = {feed.grant_id: feed for feed in stats}
        pairs = [(grant, by_id[grant.grant_id]) for grant in grants if grant.grant_id in by_id and not grant.is_screen]
        self.volumes = {
            grant.user_id: volume
            for grant, feed in pairs
            if not (grant.audio_muted or grant.is_backstage)
            and (volume := _steady(feed.audio_level, self.volumes.get(grant.user_id, 0)))
        }
        self._lines = {grant.grant_id: self._lines.get(grant.grant_id) or _Line() for grant, _ in pairs}
        for grant, feed in pairs:
            self._lines[grant.grant_id].note(feed)
        self.qualities = {grant.user_id: self._lines[grant.grant_id].quality for grant, _ in pairs}

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
