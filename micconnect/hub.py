"""Fan-out: the rooms of this process, each with its sockets, told of every change once.

All of it lives on the event loop's thread; `publish` is the one entry from other threads. Changes made by other
processes come over the bus or are read from the log (`follow`), so a missed message can delay a page but never leave
it wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from micconnect.domain.needs import STAFF
from micconnect.domain.room import Person, RoomState
from micconnect.errands import Errands
from micconnect.history import Told
from micconnect.protocol.callbacks import Callback, OnMediaServerChanged
from micconnect.protocol.codes import CloseCode
from micconnect.protocol.frames import GoingAway, encode
from micconnect.protocol.views import MediaInfo
from micconnect.roomhub import Change, HubSocket, RoomHub
from micconnect.wire import Frame

RETURN_SPREAD_S = 0.02  # a pause for each socket of a server that stops: fifty come back in a second
RETURN_WITHIN_S = 25  # whatever their number
RETURN_SOON_MS = 1000  # for the staff and those with a seat or a request


class Forgotten(Exception):
    """The log no longer tells what each socket should have heard."""


ReadRoom = Callable[[str], Awaitable[RoomState]]
ReadChanges = Callable[[str, int], Awaitable[list[Change]]]
ReadPast = Callable[[str, int], Awaitable[list[Told]]]
Listener = Callable[[Change], None]


async def _no_past(slug: str, seq: int) -> list[Told]:
    return []


class Hub:
    """All rooms of this process.

    `read_room` and `read_changes` fetch from the database, off the loop, and so does `read_past`: what was told lately
    up to a `seq`. `on_commit` is called with each change that this process made, for those who tell other processes.
    """

    def __init__(self, read_room: ReadRoom, read_changes: ReadChanges, read_past: ReadPast = _no_past) -> None:
        self.loop = asyncio.get_running_loop()
        self.rooms: dict[str, RoomHub] = {}
        self.media = MediaInfo(family="sdp", generation=0, is_up=False)
        self.elsewhere: dict[str, int] = {}  # people in other processes, by slug
        self.on_commit: Listener | None = None
        self.listeners: list[Listener] = []
        self._read_room, self._read_changes, self._read_past = read_room, read_changes, read_past
        self._errands = Errands("following the log failed")
        self._leaving = 0
        self._leaving_of = 0

    async def room(self, slug: str) -> RoomHub:
        """The room's hub with its value loaded. Raises what `read_room` raises for an unknown room."""
        while True:
            hub = self.rooms.setdefault(slug, RoomHub(slug))
            try:
                if hub.room is None:
                    await self._load(hub)
            except BaseException:
                if not hub.sockets and self.rooms.get(slug) is hub:
                    del self.rooms[slug]
                raise
            if self.rooms.get(slug) is hub:
                return hub
            # while we waited the last one left and took the hub along: nobody would tell it anything any more

    async def _load(self, hub: RoomHub) -> None:
        async with hub.loading:
            if hub.room is None:
                room = await self._read_room(hub.slug)
                past = await self._read_past(hub.slug, room.seq)
                hub.elsewhere = self.elsewhere.get(hub.slug, 0)
                hub.load(room, past)
                await self.follow(hub.slug)  # what was committed while the value was being read

    def leave(self, hub: RoomHub, socket: HubSocket) -> None:
        hub.remove(socket)
        if not hub.sockets and self.rooms.get(hub.slug) is hub:
            del self.rooms[hub.slug]

    def publish(self, change: Change) -> None:
        """Tells a change made by this process, on the loop."""
        try:
            self.heard(change)
        finally:
            if self.on_commit is not None:
                self.on_commit(change)

    def heard(self, change: Change) -> None:
        """Tells a change. Out of step with ours: the log is read instead."""
        hub = self.rooms.get(change.room.slug)
        if hub is not None and hub.room is not None:
            if change.room.seq == hub.room.seq + 1:
                hub.tell(change)
            elif change.room.seq > hub.room.seq:
                self._errands.begin(self.follow(change.room.slug))
        for listener in self.listeners:
            listener(change)

    async def follow(self, slug: str) -> None:
        """Tells the sockets of one room all changes that the log has and they have not heard.

        One reading of a room at a time: who asks meanwhile has it read once more, by the one who reads.
        """
        hub = self.rooms.get(slug)
        if hub is None or hub.room is None:
            return
        hub.must_follow = True
        if hub.is_following:
            return
        hub.is_following = True
        try:
            while hub.must_follow and self.rooms.get(slug) is hub:
                hub.must_follow = False
                await self._follow(hub, hub.room.seq)
        finally:
            hub.is_following = False

    async def _follow(self, hub: RoomHub, seq: int) -> None:
        try:
            changes = await self._read_changes(hub.slug, seq)
        except Forgotten:  # we were away for long: everybody comes back and starts from a snapshot
            hub.close_all(CloseCode.GOING_AWAY)
            if self.rooms.get(hub.slug) is hub:  # and not one that was made since
                del self.rooms[hub.slug]
            return
        for change in changes:
            if hub.room is not None and change.room.seq > hub.room.seq:  # unless told by `publish` meanwhile
                hub.tell(change)
                for listener in self.listeners:
                    listener(change)

    def tell_sample(self, slug: str, callback: Callback, at: datetime) -> None:
        """A sampled state for the sockets of one room, if there are any here."""
        if hub := self.rooms.get(slug):
            hub.tell_all(callback, at)

    def set_media(self, media: MediaInfo, at: datetime) -> None:
        """The media server went or came back: everybody in this process hears it."""
        self.media = media
        for hub in self.rooms.values():
            hub.tell_all(OnMediaServerChanged(media=media), at)

    def sample_counts(self, at: datetime) -> None:
        """Tells each room its number of people, if it changed since the last time."""
        for slug, hub in self.rooms.items():
            hub.elsewhere = self.elsewhere.get(slug, 0)
            hub.tell_count(at)

    def farewell(self, room: RoomHub, socket: HubSocket) -> Frame:
        """The last word to a socket of a server that stops: when to come back, so that not all come at once."""
        if not self._leaving:
            self._leaving_of = sum(len(hub.sockets) for hub in self.rooms.values())
        self._leaving += 1
        share = self._leaving / max(self._leaving_of, self._leaving)
        has_stake = room.room is not None and room.room.has_stake(socket.actor.user_id)
        if has_stake or (room.room is not None and room.room.role_of(socket.actor) in STAFF):
            return Frame(encode(GoingAway(retry_in_ms=round(share * RETURN_SOON_MS))))
        within = min(RETURN_WITHIN_S, self._leaving_of * RETURN_SPREAD_S)
        return Frame(encode(GoingAway(retry_in_ms=round(share * within * 1000))))


_current: Hub | None = None


def use(hub: Hub | None) -> None:
    """Makes `hub` the process's hub; None when the process serves no sockets (any more)."""
    global _current
    _current = hub


def publish(change: Change) -> None:
    """Hands a committed change to the process's hub, from any thread. Without one, other processes read the log."""
    if _current is not None and not _current.loop.is_closed():
        _current.loop.call_soon_threadsafe(_current.publish, change)


def is_serving() -> bool:
    """Whether this process holds the sockets."""
    return _current is not None


def find_room(slug: str) -> RoomState | None:
    """The newest value of a room in which somebody is, by the sockets of this process. Safe from any thread."""
    hub = _current.rooms.get(slug) if _current else None
    return hub.room if hub else None


def find_person(slug: str, user_id: str) -> Person | None:
    """Somebody who is in the room now, by the sockets of this process. Safe from any thread: it only reads."""
    hub = _current.rooms.get(slug) if _current else None
    sockets = hub.people.get(user_id) if hub else None
    socket = next(iter(list(sockets.values())), None) if sockets else None
    return socket.actor.person if socket else None
