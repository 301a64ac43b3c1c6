"""The open watches, by room and person: who is let go when there are too many, and when somebody is long away."""

from collections import defaultdict
from collections.abc import Callable, Collection

from msgspec import Struct

from micconnect.domain.room import Actor

GRACE_ROUNDS = 15  # of the clock: a watcher without any socket for so long is let go
PER_PERSON_MAX = 5  # as many as a person may have sockets


class Watch(Struct, frozen=True):
    """One watch as it was opened: for whom, and whether it shows what only the staff may see."""

    watch_id: str
    viewer: Actor
    is_staff: bool


class Watches:
    """The watches of this process."""

    def __init__(self) -> None:
        self._rooms: defaultdict[str, defaultdict[str, list[Watch]]] = defaultdict(lambda: defaultdict(list))
        self._rounds_away: dict[tuple[str, str], int] = {}

    def add(self, slug: str, watch: Watch) -> list[Watch]:
        """Keep a watch; returns the person's oldest ones that are too many now, which are forgotten."""
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
            self._rounds_away.pop((slug, user_id), None)
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
            self._rounds_away.pop((slug, user_id), None)

    def clear(self) -> None:
        """Forget all: the media server has begun anew."""
        self._rooms.clear()
        self._rounds_away.clear()

    def long_away(self, is_here: Callable[[str, str], bool]) -> list[tuple[str, Watch]]:
        """One round of the clock: the watches, with their rooms, of people who had no socket for GRACE_ROUNDS.

        `is_here` says of a room and a user id whether that person has a socket there now.
        """
        gone: list[tuple[str, Watch]] = []
        for slug, people in self._rooms.items():
            for user_id, mine in people.items():
                key = (slug, user_id)
                if is_here(slug, user_id):
                    self._rounds_away.pop(key, None)
                    continue
                self._rounds_away[key] = self._rounds_away.get(key, 0) + 1
                if self._rounds_away[key] >= GRACE_ROUNDS:
                    gone += [(slug, watch) for watch in mine]
        return gone
