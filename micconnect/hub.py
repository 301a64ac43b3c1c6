"""Fan-out: one `RoomHub` per room and process holds the sockets and the newest picture, and tells every change once.

All of it lives on the event loop's thread; `publish` is the one entry from other threads. Changes made by other
processes are read from the log (`follow`), so a missed message can delay a page but never leave it wrong.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec import Struct

from micconnect.domain import views
from micconnect.domain.needs import STAFF
from micconnect.domain.notices import Notice
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.protocol.callbacks import (
    Callback,
    Lane,
    OnKickedOutOfRoom,
    OnMediaServerChanged,
    OnRoomUserCountChanged,
)
from micconnect.protocol.codes import CloseCode
from micconnect.protocol.frames import Callbacks, Snapshot, encode
from micconnect.protocol.views import MediaInfo, UserInfo
from micconnect.protocol.words import WIRE_VERSION, Role
from micconnect.wire import Frame, Wire

logger = logging.getLogger(__name__)

SOCKETS_PER_PERSON_MAX = 5
VIEWERS_LISTED_MAX = 200


class Change(Struct, frozen=True):
    """One committed change: the room after it, and who is told what."""

    room: RoomState
    notices: list[Notice]
    at: datetime


class Forgotten(Exception):
    """The log no longer tells what each socket should have heard."""


class TooManySockets(Exception):
    """The person has SOCKETS_PER_PERSON_MAX sockets in this room already."""


class HubSocket:
    """One socket that has said hello. `close(code)` is given by the consumer."""

    def __init__(self, socket_id: str, actor: Actor, wire: Wire, close: Callable[[int], None]) -> None:
        self.socket_id, self.actor, self.wire, self.close = socket_id, actor, wire, close

    def write(self, frame: Frame) -> bool:
        return self.wire.write(frame)


class RoomHub:
    """The sockets of one room in this process, and the room's newest value."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.room: RoomState | None = None
        self.sockets: dict[str, HubSocket] = {}
        self.people: dict[str, dict[str, HubSocket]] = {}
        self.staff: dict[str, HubSocket] = {}
        self.told_count = -1
        self.loading = asyncio.Lock()
        self._picture: views.Picture | None = None

    def see(self, room: RoomState) -> None:
        """Takes a value as the newest picture. The sockets of new and former helpers gain and lose the staff's lane."""
        before, self.room = self.room, room
        if before is None or before.members is not room.members:
            for user_id, _ in _granted(before) ^ _granted(room):
                for socket in self.people.get(user_id, {}).values():
                    self._place(socket, room)

    def _place(self, socket: HubSocket, room: RoomState) -> None:
        if room.role_of(socket.actor) in STAFF:
            self.staff[socket.socket_id] = socket
        else:
            self.staff.pop(socket.socket_id, None)

    # -- sockets
    def add(self, socket: HubSocket, media: MediaInfo, now: datetime) -> None:
        """Joins the socket and writes its snapshot, in one step of the loop: no gap and no double.

        Somebody on the stage has one socket: the newest takes over, the older ones are told. Raises TooManySockets.
        """
        person = socket.actor.person
        mine = self.people.setdefault(person.user_id, {})
        older = [other for other in mine.values() if self._is_rival(socket, other)]
        alike = [other for other in mine.values() if other.actor.role is socket.actor.role]
        if len(alike) - len(older) >= SOCKETS_PER_PERSON_MAX:
            raise TooManySockets
        mine[socket.socket_id] = self.sockets[socket.socket_id] = socket
        self._place(socket, self._picture_of().room)
        socket.write(Frame(encode(self.snapshot(socket.actor, media, now))))
        for other in older:
            self.remove(other)
            other.close(CloseCode.TAKEN_OVER)

    def _is_rival(self, socket: HubSocket, other: HubSocket) -> bool:
        if socket.actor.role is not other.actor.role:
            return False
        is_on_stage = self.room is not None and self.room.connection_of(socket.actor.user_id) is not None
        return socket.actor.role is Role.HOST or is_on_stage

    def remove(self, socket: HubSocket) -> None:
        """Takes the socket out; harmless when it is out already."""
        self.sockets.pop(socket.socket_id, None)
        self.staff.pop(socket.socket_id, None)
        mine = self.people.get(socket.actor.user_id, {})
        mine.pop(socket.socket_id, None)
        if not mine:
            self.people.pop(socket.actor.user_id, None)

    def has_line(self, user_id: str) -> bool:
        """Whether the person has a socket that keeps the seat (for the host: one of the studio)."""
        mine = self.people.get(user_id, {}).values()
        if self.room is not None and user_id == self.room.host.user_id:
            return any(s.actor.role is Role.HOST for s in mine)
        return bool(mine)

    def viewers(self, prefix: str) -> tuple[UserInfo, ...]:
        """Up to VIEWERS_LISTED_MAX people in the room, newest first, whose name begins with `prefix`."""
        found: list[UserInfo] = []
        for sockets in reversed(self.people.values()):
            person = next(iter(sockets.values())).actor.person
            if person.name.casefold().startswith(prefix.casefold()):
                found.append(views.user_info(person))
                if len(found) == VIEWERS_LISTED_MAX:
                    break
        return tuple(found)

    # -- what they see
    def snapshot(self, actor: Actor, media: MediaInfo, now: datetime) -> Snapshot:
        """The whole picture for one person."""
        picture = self._picture_of()
        room = picture.room
        role = room.role_of(actor)
        is_staff = role in STAFF
        return Snapshot(
            version=WIRE_VERSION,
            seq=room.seq,
            epoch=room.epoch,
            server_time=now,
            info=views.live_info(room),
            connected_users=views.connected_users(room),
            seats=views.seat_list(room),
            metadata=dict(room.metadata),
            viewer_count=len(self.people),
            media=media,
            role=role,
            me=picture.my_state(actor.person),
            requests=views.requests(room) if is_staff else None,
            sanctions=views.sanctions(room) if is_staff else None,
            links=views.links(room) if is_staff else None,
        )

    def _picture_of(self) -> views.Picture:
        if self.room is None:
            raise RuntimeError(f"room {self.slug} is not loaded")
        if self._picture is None or self._picture.room is not self.room:
            self._picture = views.Picture(self.room)
        return self._picture

    def tell(self, change: Change) -> None:
        """Takes the change as the newest picture and writes each lane's frame to its sockets.

        Whoever is told to be banned is out afterwards.
        """
        self.see(change.room)
        self.tell_notices(change.notices, change.room.seq, change.at)
        for notice in change.notices:
            if any(isinstance(callback, OnKickedOutOfRoom) for callback in notice.callbacks):
                for socket in self._receivers(notice):
                    self.remove(socket)
                    socket.close(CloseCode.REMOVED)

    def close_all(self, code: int) -> None:
        for socket in list(self.sockets.values()):
            self.remove(socket)
            socket.close(code)

    def tell_notices(self, notices: list[Notice], seq: int | None, at: datetime) -> None:
        for notice in notices:
            receivers = self._receivers(notice)
            if receivers:
                message = Callbacks(lane=notice.lane, seq=seq, server_time=at, callbacks=notice.callbacks)
                self._write(receivers, Frame(encode(message)))

    def tell_all(self, callback: Callback, at: datetime) -> None:
        """A sampled state, which belongs to no change."""
        self.tell_notices([Notice(Lane.ROOM, "", (callback,))], None, at)  # type: ignore[arg-type]

    def _receivers(self, notice: Notice) -> list[HubSocket]:
        if notice.lane is Lane.ME:
            return list(self.people.get(notice.user_id, {}).values())
        if notice.lane is Lane.STAFF:
            return list(self.staff.values())
        return list(self.sockets.values())

    def _write(self, receivers: list[HubSocket], frame: Frame) -> None:
        slow = [socket for socket in receivers if not socket.write(frame)]
        for socket in slow:  # out of the hub at once, and closed: a page that hears nothing must know it
            self.remove(socket)
            socket.close(CloseCode.SLOW)


def _granted(room: RoomState | None) -> set[tuple[str, bool]]:
    """Whose role the host has set, and to what."""
    members = room.members if room else ()
    return {(m.person.user_id, m.is_moderator) for m in members if m.is_moderator is not None}


ReadRoom = Callable[[str], Awaitable[RoomState]]
ReadChanges = Callable[[str, int], Awaitable[list[Change]]]
Listener = Callable[[Change], None]


class Hub:
    """All rooms of this process. `read_room` and `read_changes` fetch from the database, off the loop."""

    def __init__(self, read_room: ReadRoom, read_changes: ReadChanges) -> None:
        self.loop = asyncio.get_running_loop()
        self.rooms: dict[str, RoomHub] = {}
        self.media = MediaInfo(family="sdp", generation=0, is_up=False)
        self.listeners: list[Listener] = []
        self._read_room, self._read_changes = read_room, read_changes
        self._tasks: set[asyncio.Task[None]] = set()

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
                if hub.room is None:
                    hub.see(room)
        await self.follow(hub.slug)  # what was committed while the value was being read

    def leave(self, hub: RoomHub, socket: HubSocket) -> None:
        hub.remove(socket)
        if not hub.sockets and self.rooms.get(hub.slug) is hub:
            del self.rooms[hub.slug]

    def publish(self, change: Change) -> None:
        """Tells a change made by this process, on the loop. Out of step with ours: the log is read instead."""
        hub = self.rooms.get(change.room.slug)
        if hub is not None and hub.room is not None:
            if change.room.seq == hub.room.seq + 1:
                hub.tell(change)
            elif change.room.seq > hub.room.seq:
                self._spawn(self.follow(change.room.slug))
        for listener in self.listeners:
            listener(change)

    async def follow(self, slug: str) -> None:
        """Tells the sockets of one room all changes that the log has and they have not heard."""
        hub = self.rooms.get(slug)
        if hub is None or hub.room is None:
            return
        try:
            changes = await self._read_changes(slug, hub.room.seq)
        except Forgotten:  # we were away for long: everybody comes back and starts from a snapshot
            hub.close_all(CloseCode.GOING_AWAY)
            self.rooms.pop(slug, None)
            return
        for change in changes:
            if change.room.seq > hub.room.seq:  # unless told by `publish` meanwhile
                hub.tell(change)
                for listener in self.listeners:
                    listener(change)

    def set_media(self, media: MediaInfo, at: datetime) -> None:
        """The media server went or came back: everybody in this process hears it."""
        self.media = media
        for hub in self.rooms.values():
            hub.tell_all(OnMediaServerChanged(media=media), at)

    def sample_counts(self, at: datetime) -> None:
        """Tells each room its number of people, if it changed since the last time."""
        for hub in self.rooms.values():
            if len(hub.people) != hub.told_count:
                hub.told_count = len(hub.people)
                hub.tell_all(OnRoomUserCountChanged(count=hub.told_count), at)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("following the log failed", exc_info=error)


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


def find_person(slug: str, user_id: str) -> Person | None:
    """Somebody who is in the room now, by the sockets of this process. Safe from any thread: it only reads."""
    hub = _current.rooms.get(slug) if _current else None
    sockets = hub.people.get(user_id) if hub else None
    socket = next(iter(list(sockets.values())), None) if sockets else None
    return socket.actor.person if socket else None
