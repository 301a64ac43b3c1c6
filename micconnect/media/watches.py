"""The open watches, by room and person: who is let go when there are too many, and when somebody is long away."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection

from msgspec import Struct

from micconnect.domain.room import Actor

PER_PERSON_MAX = 5  # as many as a person may have sockets


class Watch(Struct, frozen=True):
    """One watch as it was opened: for whom, and whether it shows what only the staff may see."""

    watch_id: str
    viewer: Actor
    is_staff: bool


class Watches:
    """The watches of this process. Those of somebody without any socket are kept for `kept_s` seconds of `clock`."""

    def __init__(self, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._kept_s = kept_s
        self._rooms: defaultdict[str, defaultdict[str, list[Watch]]] = defaultdict(lambda: defaultdict(list))
        self._away_since: dict[tuple[str, str], float] = {}
        self._left: set[tuple[str, str]] = set()

    def add(self, slug: str, watch: Watch) -> list[Watch]:
        """Keep a watch; returns the person's oldest ones that are too many now, which are forgotten."""
        self._left.discard((slug, watch.viewer.user_id))
        mine = self._rooms[slug][watch.viewer.user_id]
        mine.append(watch)
        surplus = mine[:-PER_PERSON_MAX]
        del mine[:-PER_PERSON_MAX]
        return surplus

    def of_room(self, slug: str) -> list[Watch]:
        """All of a room."""
        return [watch for mine in self._rooms.get(slug, {}).values() for watch in mine]

    def remove(self, slug: str, user_id: str, watch_id: str) -> None:
        """Forget one. Repeating does nothing."""
        people = self._rooms.get(slug)
        if people is None:
            return
        people[user_id] = [watch for watch in people[user_id] if watch.watch_id != watch_id]
        if not people[user_id]:
            del people[user_id]
            self._forget_absence(slug, user_id)
        if not people:
            del self._rooms[slug]

    def ids(self) -> set[str]:
        """Of all watches."""
        return {watch.watch_id for people in self._rooms.values() for mine in people.values() for watch in mine}

    def forget(self, watch_ids: Collection[str]) -> None:
        """Forget those that are no more."""
        for slug, people in list(self._rooms.items()):
            for user_id, mine in list(people.items()):
                for watch in mine:
                    if watch.watch_id in watch_ids:
                        self.remove(slug, user_id, watch.watch_id)

    def drop(self, slug: str) -> None:
        """Forget all of a room: whatever carried it is gone."""
        for user_id in self._rooms.pop(slug, {}):
            self._forget_absence(slug, user_id)

    def _forget_absence(self, slug: str, user_id: str) -> None:
        self._away_since.pop((slug, user_id), None)
        self._left.discard((slug, user_id))

    def clear(self) -> None:
        """Forget all: the media server has begun anew."""
        self._rooms.clear()
        self._away_since.clear()
        self._left.clear()

    def leave(self, slug: str, user_id: str) -> None:
        """Somebody left on purpose: should this have been the last window, nothing is kept until they watch again."""
        if user_id in self._rooms.get(slug, {}):
            self._left.add((slug, user_id))

    def long_away(self, is_here: Callable[[str, str], bool]) -> list[tuple[str, Watch]]:
        """One round of the clock: the watches, with their rooms, of people who are away for `kept_s` or have left.

        `is_here` says of a room and a user id whether that person has a socket there now.
        """
        gone: list[tuple[str, Watch]] = []
        now = self.clock()
        for slug, people in self._rooms.items():
            for user_id, mine in people.items():
                key = (slug, user_id)
                if is_here(slug, user_id):
                    self._away_since.pop(key, None)
                elif key in self._left or now - self._away_since.setdefault(key, now) >= self._kept_s:
                    gone += [(slug, watch) for watch in mine]
        return gone
