"""The live rooms as this process last heard of them: for those who compare a room with the world beside it."""

from collections.abc import Awaitable, Callable

from micconnect.domain.room import RoomState
from micconnect.protocol.words import RoomStatus
from micconnect.roomhub import Change


class LiveRooms:
    """Values by slug, never older than one already known. `read` fetches all live rooms, off the loop."""

    def __init__(self, read: Callable[[], Awaitable[list[RoomState]]]) -> None:
        self._read = read
        self.values: dict[str, RoomState] = {}
        self._ended: dict[str, int] = {}  # seq of the end, so that a read begun before it cannot revive the room

    def heard(self, change: Change) -> None:
        """A change was told in this process, perhaps later than a newer one."""
        self.take(change.room)

    async def refresh(self) -> None:
        """Reads all live rooms; those that are not live any more are forgotten."""
        known = dict(self.values)
        rooms = {room.slug: room for room in await self._read()}
        for room in rooms.values():
            self.take(room)
        for slug, value in known.items():
            if slug not in rooms and self.values.get(slug) is value:  # ended (or deleted) elsewhere
                del self.values[slug]

    def take(self, room: RoomState) -> None:
        """Takes a value, unless a newer one is known."""
        newest = self.values.get(room.slug)
        if room.seq < max(newest.seq if newest else 0, self._ended.get(room.slug, 0)):
            return
        if room.status is RoomStatus.LIVE:
            self.values[room.slug] = room
        elif self.values.pop(room.slug, None):
            self._ended[room.slug] = room.seq
            while len(self._ended) > 1000:
                self._ended.pop(next(iter(self._ended)))
