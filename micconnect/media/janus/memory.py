"""What has to be remembered of grants and rooms beyond their lines, and beyond a line to Janus that broke."""

import time
from typing import Any

from micconnect.media.tombstones import Tombstones

EARLY_MUTES_MAX = 1000
NEWEST_MAX = 1000
FLOODS_MAX = 3
OVER = "This time on air is over."
FLOODED = "Your browser sends far more than is allowed."


class Memory:
    """`cut`: the grants that never publish again. `closed`: the watches that are over.

    `shown`: the seats of the moving pictures, by room.
    """

    def __init__(self) -> None:
        self.cut = Tombstones()
        self.closed = Tombstones()
        self.shown: dict[str, tuple[int, ...]] = {}
        self._early_mutes: dict[str, dict[str, bool]] = {}
        self._newest: dict[str, int] = {}
        self._floods: dict[str, int] = {}
        self._number = 0

    def next_number(self) -> int:
        """A number for a line, greater than all before it, also than those of an earlier process."""
        self._number = max(self._number + 1, time.time_ns() // 1000)
        return self._number

    # Offers may overtake each other.
    def note_newest(self, grant_id: str, order: int) -> None:
        """An offer for the grant was agreed. Kept beyond the end of its line: an older one may still be on its way."""
        self._newest.pop(grant_id, None)
        self._newest[grant_id] = order
        _limit(self._newest, NEWEST_MAX)

    def is_overtaken(self, grant_id: str, order: int) -> bool:
        """Whether a later offer for the grant was agreed already."""
        return order < self._newest.get(grant_id, order)

    # Mutes may overtake offers.
    def note_early(self, grant_id: str, kind: str, is_muted: bool) -> None:
        """A mute for a grant that has no line yet."""
        self._early_mutes.setdefault(grant_id, {})[kind] = is_muted
        _limit(self._early_mutes, EARLY_MUTES_MAX)

    def take_early(self, grant_id: str) -> dict[str, bool]:
        """Those mutes by kind of media; asked once."""
        return self._early_mutes.pop(grant_id, {})

    # Janus cannot hold anybody to a bitrate, so who goes on to send too much is sent away.
    def note_flood(self, grant_id: str) -> None:
        """A line of the grant was ended for what it sent; the last time it is for ever."""
        self._floods[grant_id] = self._floods.get(grant_id, 0) + 1
        _limit(self._floods, NEWEST_MAX)
        if self._floods[grant_id] >= FLOODS_MAX:
            self.cut.add(grant_id)

    def why_cut(self, grant_id: str) -> str:
        """Why the grant may not publish, for the person."""
        return FLOODED if self._floods.get(grant_id, 0) >= FLOODS_MAX else OVER


def _limit(entries: dict[str, Any], most: int) -> None:
    if len(entries) > most:
        del entries[next(iter(entries))]
