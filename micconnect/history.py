"""What a room has told lately, so that whoever was cut off for a moment is told what was missed, and no more.

The log in the database keeps it too: a new process fills its history from there. What is older is answered by a
snapshot, which is always right; only moments (toasts) are lost then.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from micconnect.domain.notices import Notice
from micconnect.protocol.callbacks import AnyCallback, Lane, OnRequestsUpdated, State
from micconnect.protocol.frames import Callbacks
from micconnect.protocol.queries import Cursors

CHANGES_MAX = 1000
BYTES_MAX = 4 * 1024 * 1024  # as they stand in the log; a usual change has five thousand
KEPT_FOR = timedelta(minutes=2)


class Told(Struct, frozen=True):
    """What one change told: its number, its time, the callbacks of each lane, and their size in bytes."""

    seq: int
    at: datetime
    notices: list[Notice]
    size: int = 0


class History:
    """The last changes of one room, without a gap: all above `floor` and up to the newest."""

    def __init__(self, seq: int, past: Iterable[Told] = ()) -> None:
        self._told: deque[Told] = deque()
        self._last: dict[tuple[Lane, str], int] = {}
        self._granted: dict[str, int] = {}  # from where on somebody hears the staff's lane
        self._size = 0
        self.floor = self.newest = seq
        for told in past:
            if not self._told:
                self.floor = told.seq - 1
            self._note(told)

    def add(self, told: Told) -> list[Callbacks]:
        """Notes the next change; returns its frames, each of which says which one came before it in its lane."""
        frames = [
            Callbacks(
                lane=notice.lane,
                seq=told.seq,
                after=self.last(notice.lane, notice.user_id),
                server_time=told.at,
                callbacks=notice.callbacks,
            )
            for notice in told.notices
        ]
        self._note(told)
        while len(self._told) > CHANGES_MAX or self._size > BYTES_MAX or self._told[0].at < told.at - KEPT_FOR:
            self._forget(self._told.popleft())
            if not self._told:
                break
        return frames

    def last(self, lane: Lane, user_id: str = "") -> int:
        """The number of a lane's newest frame; 0 when there was none lately."""
        return self._last.get((lane, user_id), 0)

    def missed(self, cursors: Cursors, user_id: str, *, is_staff: bool) -> list[Callbacks] | None:
        """What a person has not heard, oldest first; None when that cannot be told and a snapshot must answer."""
        reached = {Lane.ROOM: cursors.room, Lane.ME: cursors.me} | ({Lane.STAFF: cursors.staff} if is_staff else {})
        if min(reached.values()) < self.floor or max(reached.values()) > self.newest:
            return None
        granted = self._granted.get(user_id, 0)
        if granted > cursors.me or (is_staff and granted > cursors.staff):
            return None  # became a helper: what the staff was told before, or is told no more, is not for these eyes
        frames = []
        for told, notice in self._since(min(reached.values())):
            is_mine = notice.lane in reached and told.seq > reached[notice.lane] and notice.user_id in ("", user_id)
            if not is_mine:
                continue
            frames.append(Callbacks(lane=notice.lane, seq=told.seq, server_time=told.at, callbacks=notice.callbacks))
        return condensed(frames)

    def _since(self, seq: int) -> Iterator[tuple[Told, Notice]]:
        """Numbers have no gaps, so the place of a change is known."""
        for index in range(max(0, len(self._told) - (self.newest - seq)), len(self._told)):
            told = self._told[index]
            for notice in told.notices:
                yield told, notice

    def _note(self, told: Told) -> None:
        self._told.append(told)
        self._size += told.size
        self.newest = told.seq
        for notice in told.notices:
            self._last[notice.lane, notice.user_id] = told.seq
            if notice.lane is Lane.ME and any(isinstance(c, OnRequestsUpdated) for c in notice.callbacks):
                self._granted[notice.user_id] = told.seq

    def _forget(self, told: Told) -> None:
        self.floor = told.seq
        self._size -= told.size
        for notice in told.notices:
            if self._granted.get(notice.user_id) == told.seq:
                del self._granted[notice.user_id]
            if self._last.get((notice.lane, notice.user_id)) == told.seq:
                del self._last[notice.lane, notice.user_id]


def condensed(frames: list[Callbacks]) -> list[Callbacks]:
    """The same news in fewer bytes: states that a later frame replaces are left out, and frames that hold nothing then.

    Each frame that stays says as its `after` what the first of those left out before it said.
    """
    seen: set[type[AnyCallback]] = set()
    kept: list[Callbacks] = []
    later: int | None = None  # where the next numbered frame stands
    for frame in reversed(frames):
        callbacks = tuple(c for c in frame.callbacks if not (isinstance(c, State) and type(c) in seen))
        seen |= {type(c) for c in callbacks}
        if callbacks:
            later = later if frame.seq is None else len(kept)
            kept.append(replace(frame, callbacks=callbacks))
        elif frame.seq is not None and later is not None:
            kept[later] = replace(kept[later], after=frame.after)
    kept.reverse()
    return kept
