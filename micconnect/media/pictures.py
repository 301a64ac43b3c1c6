"""Which seats are shown to those who get fewer pictures than there are seats: chosen so that nobody flickers."""

from collections.abc import Iterable, Mapping

from micconnect.media.base import SeatGrant

NOBODY = -1  # in place of a seat: this slot shows nothing
HOST_PLACE = 0
AHEAD_S = 1.5  # so long somebody has to be ahead of who is shown: a cough moves nothing
STAY_S = 4.0  # so long somebody is shown at least
MARGIN = 10  # of 100: so much louder is ahead
MEMORY_S = 2.0  # loudness is smoothed over about so long: a voice goes on through its pauses


class Pictures:
    """The choice for one room, made anew about once a second.

    First the host and whoever is shown large, at once; then those who speak, slowly; then anybody, lowest seat first.
    A seat keeps its slot as long as it is shown.
    """

    def __init__(self, count: int) -> None:
        """`count`: how many slots there are, 1 or more."""
        self._slots = [NOBODY] * count
        self._shown_since: dict[int, float] = {}
        self._ahead_since: dict[int, float] = {}
        self._loudness: dict[int, float] = {}
        self._taken_at: float | None = None
        self._told: tuple[int, ...] | None = None

    def take(
        self, grants: Iterable[SeatGrant], volumes: Mapping[str, int], large_seat: int, now_s: float
    ) -> tuple[int, ...] | None:
        """The seats to show, in the order of the slots, NOBODY for an empty one before others; None for no change.

        `volumes`: 0 to 100 by user id, of those who speak. `large_seat`: who is shown large, the host's seat if
        nobody is. `now_s`: of a steady clock.
        """
        seats = {
            grant.seat_index: volumes.get(grant.user_id, 0)
            for grant in grants
            if grant.has_video and not (grant.video_muted or grant.is_backstage or grant.is_screen)
        }
        self._listen(seats, now_s)
        for slot, seat in enumerate(self._slots):
            if seat not in seats:
                self._slots[slot] = NOBODY
        wanted = [seat for seat in dict.fromkeys((HOST_PLACE, large_seat)) if seat in seats][: len(self._slots)]
        for seat in wanted:
            if seat not in self._slots:
                self._put(seat, self._least(self._free(wanted)), now_s)
        self._fill(seats, now_s)
        self._let_speakers_in(seats, wanted, now_s)
        return self._news()

    def _listen(self, seats: Mapping[int, int], now_s: float) -> None:
        """Who has been how loud lately."""
        passed_s = 0.0 if self._taken_at is None else max(0.0, now_s - self._taken_at)
        self._taken_at = now_s
        share = min(1.0, passed_s / MEMORY_S)
        self._loudness = {
            seat: before + (volume - before) * share
            for seat, volume in seats.items()
            for before in (self._loudness.get(seat, volume),)
        }

    def _put(self, seat: int, slot: int, now_s: float) -> None:
        """Show a seat; whoever was in the slot has to wait again for being ahead."""
        self._shown_since.pop(self._slots[slot], None)
        self._ahead_since.pop(seat, None)
        self._slots[slot] = seat
        self._shown_since[seat] = now_s

    def _least(self, slots: Iterable[int]) -> int:
        """The slot that can be spared first: an empty one, else of the most silent, of these of the highest seat."""
        return min(slots, key=lambda slot: (self._loudness.get(self._slots[slot], -1.0), -self._slots[slot], slot))

    def _free(self, wanted: list[int]) -> list[int]:
        """The slots that do not show anybody of `wanted`."""
        return [slot for slot, seat in enumerate(self._slots) if seat not in wanted]

    def _fill(self, seats: Iterable[int], now_s: float) -> None:
        """Nothing is left empty while somebody has a picture: the loudest first, then the lowest seat."""
        waiting = sorted(set(seats) - set(self._slots), key=lambda seat: (-self._loudness[seat], seat))
        empty = [slot for slot, seat in enumerate(self._slots) if seat == NOBODY]
        for seat, slot in zip(waiting, empty, strict=False):
            self._put(seat, slot, now_s)

    def _let_speakers_in(self, seats: Mapping[int, int], wanted: list[int], now_s: float) -> None:
        """Whoever has been louder for a while than the most silent one that is shown, and still speaks, comes in."""
        slots = [slot for slot in self._free(wanted) if self._slots[slot] != NOBODY]
        if not slots:
            return
        least = self._loudness[self._slots[self._least(slots)]]
        waiting = sorted(set(self._loudness) - set(self._slots), key=lambda seat: (-self._loudness[seat], seat))
        ahead = [seat for seat in waiting if self._loudness[seat] >= least + MARGIN]
        self._ahead_since = {seat: self._ahead_since.get(seat, now_s) for seat in ahead}
        for seat in ahead:
            done = [slot for slot in slots if now_s - self._shown_since[self._slots[slot]] >= STAY_S]
            if not (done and seats[seat]) or now_s - self._ahead_since[seat] < AHEAD_S:
                continue
            slot = self._least(done)
            if self._loudness[seat] >= self._loudness[self._slots[slot]] + MARGIN:
                self._put(seat, slot, now_s)

    def _news(self) -> tuple[int, ...] | None:
        """What is to be told, None if it has been."""
        count = max((slot + 1 for slot, seat in enumerate(self._slots) if seat != NOBODY), default=0)
        shown = tuple(self._slots[:count])
        if shown == self._told:
            return None
        self._told = shown
        return shown
