"""Which serving processes live, and which of them is the keeper.

No clocks are compared, for they may be wrong by an hour: a process is dead when another one has seen its beat stand
still for long enough by its own clock, while the database answered. So an outage of the database kills nobody.
"""

import time
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from msgspec import Struct

from micconnect.models import ServingProcess
from micconnect.presence import PROCESS_ID, is_gone

BEAT_S = 1.0
DEAD_S = 8.0  # of standing still
STEP_MAX_S = 2 * BEAT_S  # the most that one look counts: nobody beats while the database (or this process) is away


class Sight(Struct, frozen=True):
    """What one look at the other processes says. `others`: their number, with the `dead` (process_id, beat as seen)."""

    is_known: bool
    is_keeper: bool
    has_keeper: bool
    others: int
    dead: tuple[tuple[str, int], ...]
    media_generation: int


class Processes:
    """This process among the others. Its methods talk to the database, one after the other."""

    def __init__(self, process_id: str = PROCESS_ID, clock: Callable[[], float] = time.monotonic) -> None:
        self.process_id = process_id
        self._clock = clock
        self._looked_at: float | None = None
        self._still: dict[str, tuple[int, float]] = {}  # beat, and for how many seconds it has stood still

    def enter(self, now: datetime, media_generation: int = 0) -> None:
        """Makes this process known to the others; call it before the first socket comes."""
        ServingProcess.objects.get_or_create(
            process_id=self.process_id, defaults={"started_at": now, "media_generation": media_generation}
        )

    def leave(self) -> None:
        """A clean end: nobody has to wait before taking over."""
        ServingProcess.objects.filter(process_id=self.process_id).delete()

    def beat(self, media_generation: int) -> Sight:
        """Shows that this process lives, then looks at the others."""
        mine = ServingProcess.objects.filter(process_id=self.process_id)
        mine.update(beat=F("beat") + 1, media_generation=media_generation)
        return self.look()

    def look(self) -> Sight:
        """Who lives, as far as it can be told by now."""
        rows = list(ServingProcess.objects.all())
        now = self._clock()
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, STEP_MAX_S)
        self._looked_at = now
        still: dict[str, tuple[int, float]] = {}
        for row in rows:
            beat, seconds = self._still.get(row.process_id, (row.beat, 0.0))
            still[row.process_id] = (row.beat, seconds + passed if beat == row.beat else 0.0)
        self._still = still
        others = [row for row in rows if row.process_id != self.process_id]
        dead = [row for row in others if still[row.process_id][1] >= DEAD_S or is_gone(row.process_id)]
        mine = next((row for row in rows if row.process_id == self.process_id), None)
        return Sight(
            is_known=mine is not None,
            is_keeper=mine is not None and mine.is_keeper,
            has_keeper=any(row.is_keeper for row in others if row not in dead),
            others=len(others),
            dead=tuple((row.process_id, row.beat) for row in dead),
            media_generation=max((row.media_generation for row in rows), default=0),
        )

    def bury(self, sight: Sight) -> None:
        """Removes the processes that are dead, unless one has beaten since."""
        for process_id, beat in sight.dead:
            ServingProcess.objects.filter(process_id=process_id, beat=beat).delete()

    def take_lease(self, sight: Sight) -> bool:
        """Makes this process the keeper, unless there is one that lives. Of several who try one succeeds."""
        if sight.has_keeper:
            return False
        self.bury(sight)
        try:
            with transaction.atomic():
                return ServingProcess.objects.filter(process_id=self.process_id).update(is_keeper=True) == 1
        except IntegrityError:
            return False
