"""One room in one process: its sockets, the newest picture, and what each lane is told.

All of it lives on the event loop's thread. A frame is encoded once for all its receivers and nobody is awaited. The
lanes of the staff and of single people are written at once. So is the room's when the room is quiet; while it is busy,
what gathers within a tick goes out as one frame.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from msgspec import Raw, Struct
from msgspec.structs import replace

from micconnect.domain import merging, views
from micconnect.domain.needs import STAFF
from micconnect.domain.notices import Notice
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.history import History, Told, condensed
from micconnect.protocol.callbacks import Callback, Lane, OnKickedOutOfRoom, OnRoomUserCountChanged
from micconnect.protocol.codes import CloseCode
from micconnect.protocol.frames import Batch, Callbacks, Pong, Resumed, Snapshot, encode, encode_part
from micconnect.protocol.queries import Cursors
from micconnect.protocol.views import MediaInfo, UserInfo
from micconnect.protocol.words import WIRE_VERSION, Role
from micconnect.wire import Frame, Wire

SOCKETS_PER_PERSON_MAX = 5
VIEWERS_LISTED_MAX = 200
TICK_MAX_S = 0.1
TICK_PER_SOCKET_S = (
    0.0001  # ten times what a write costs: fan-out takes a tenth of the loop, however fast a room changes
)
TICK_MIN_S = 0.005  # rooms of less than fifty sockets never wait
REPLAY_MAX_BYTES = 64 * 1024  # a snapshot is smaller than a longer one


class Change(Struct, frozen=True):
    """One committed change: the room after it, and who is told what."""

    room: RoomState
    notices: list[Notice]
    at: datetime
    size: int = 0  # of the notices as they stand in the log, in bytes


class TooManySockets(Exception):
    """The person has SOCKETS_PER_PERSON_MAX sockets in this room already."""


class HubSocket:
    """One socket that has said hello. `close(code)` is given by the consumer."""

    __slots__ = ("actor", "close", "socket_id", "wire")

    def __init__(self, socket_id: str, actor: Actor, wire: Wire, close: Callable[[int], None]) -> None:
        self.socket_id, self.actor, self.wire, self.close = socket_id, actor, wire, close


class _Shared:
    """What every picture of one value of the room has in common, encoded once."""

    def __init__(self, room: RoomState) -> None:
        self.room = room
        self.picture = views.Picture(room)
        self.info = encode_part(views.live_info(room))
        self.connected_users = encode_part(views.connected_users(room))
        self.seats = encode_part(views.seat_list(room))
        self.metadata = encode_part(dict(room.metadata))
        self.replays: dict[int, Raw | None] = {}  # for viewers to whom nothing was said alone, by the room's cursor
        self._staff: tuple[Raw, Raw, Raw] | None = None

    @property
    def staff(self) -> tuple[Raw, Raw, Raw]:
        """Requests, sanctions and links."""
        if self._staff is None:
            parts = views.requests(self.room), views.sanctions(self.room), views.links(self.room)
            self._staff = cast(tuple[Raw, Raw, Raw], tuple(map(encode_part, parts)))
        return self._staff


class RoomHub:
    """The sockets of one room in this process, and the room's newest value."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.room: RoomState | None = None
        self.sockets: dict[str, HubSocket] = {}
        self.people: dict[str, dict[str, HubSocket]] = {}
        self.staff: dict[str, HubSocket] = {}
        self.elsewhere = 0  # people in other processes
        self.told_count = -1
        self.loading = asyncio.Lock()
        self.is_following = self.must_follow = False
        self.history = History(0)
        self._shared: _Shared | None = None
        self._waiting: list[Callbacks] = []
        self._timer: asyncio.TimerHandle | None = None
        self._quiet_at = 0.0
        self._room_told = 0  # the newest numbered frame of the room's lane that was written

    def load(self, room: RoomState, past: Iterable[Told] = ()) -> None:
        """Takes the first value, and what was told before it."""
        self.history = History(room.seq, past)
        self._room_told = self.history.last(Lane.ROOM)
        self.see(room)

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
    def add(self, socket: HubSocket, media: MediaInfo, now: datetime, cursors: Cursors | None = None) -> None:
        """Joins the socket and writes what it has missed, or its snapshot, in one step of the loop: no gap, no double.

        A window has one socket: one that it had before is dead, or soon will be. Raises TooManySockets.
        """
        mine = self.people.setdefault(socket.actor.user_id, {})
        for other in mine.values():  # the newest name counts in every window
            other.actor = replace(other.actor, person=socket.actor.person)
        window = socket.actor.window
        older = [other for other in mine.values() if window and other.actor.window == window]
        alike = [other for other in mine.values() if other.actor.role is socket.actor.role]
        if len(set(alike) - set(older)) >= SOCKETS_PER_PERSON_MAX:
            if not mine:
                del self.people[socket.actor.user_id]
            raise TooManySockets
        mine[socket.socket_id] = self.sockets[socket.socket_id] = socket
        self._place(socket, self._common().room)
        self.catch_up(socket, media, now, cursors)
        self._close(older, CloseCode.TAKEN_OVER)
        self._close(self._former(socket.actor), CloseCode.LOGIN)

    def _former(self, actor: Actor) -> list[HubSocket]:
        """Windows that were let in as the guest before the log-in, also of one of whom the room holds nothing."""
        proven_at = actor.proven_at
        former = self._sockets_of(actor.was) if actor.was and proven_at else []
        return [s for s in former if s.actor.proven_at and proven_at and s.actor.proven_at < proven_at]

    def has_new_name(self, person: Person) -> bool:
        """Whether the room knows this person by another name."""
        known = self._common().picture.person(person.user_id)
        return known is not None and known.name != person.name

    def _close(self, sockets: list[HubSocket], code: int) -> None:
        for socket in sockets:
            self.remove(socket)
            socket.close(code)

    def remove(self, socket: HubSocket) -> None:
        """Takes the socket out; harmless when it is out already."""
        self.sockets.pop(socket.socket_id, None)
        self.staff.pop(socket.socket_id, None)
        mine = self.people.get(socket.actor.user_id, {})
        mine.pop(socket.socket_id, None)
        if not mine:
            self.people.pop(socket.actor.user_id, None)

    def close_all(self, code: int) -> None:
        self._close(list(self.sockets.values()), code)

    def has_line(self, user_id: str) -> bool:
        """Whether the person has a socket here that keeps the seat (for the host: one of the studio)."""
        mine = self.people.get(user_id, {}).values()
        if self.room is not None and user_id == self.room.host.user_id:
            return any(s.actor.role is Role.HOST for s in mine)
        return bool(mine)

    def viewers(self, prefix: str) -> tuple[UserInfo, ...]:
        """Up to VIEWERS_LISTED_MAX people of this process, newest first, whose name begins with `prefix`."""
        found: list[UserInfo] = []
        lookalikes = views.Lookalikes(self._common().room)
        for sockets in reversed(self.people.values()):
            person = next(iter(sockets.values())).actor.person
            if person.name.casefold().startswith(prefix.casefold()):
                found.append(views.user_info(person, lookalikes))
                if len(found) == VIEWERS_LISTED_MAX:
                    break
        return tuple(found)

    # -- what one socket is told
    def catch_up(self, socket: HubSocket, media: MediaInfo, now: datetime, cursors: Cursors | None) -> None:
        """Writes what was missed since `cursors` if the history knows it, else the whole picture."""
        if self.viewer_count != self.told_count:
            self.told_count = -1  # this one hears another number than all: the next sample is news, whatever it says
        missed = self._missed(socket.actor, cursors) if cursors else None
        if missed is None:
            socket.wire.write(Frame(encode(self.snapshot(socket.actor, media, now))))
            return
        room = self._common().room
        resumed = Resumed(
            seq=room.seq,
            epoch=room.epoch,
            server_time=now,
            viewer_count=self.viewer_count,
            media=media,
            frames=cast(Any, missed),
        )
        socket.wire.write(Frame(encode(resumed)))

    def _missed(self, actor: Actor, cursors: Cursors) -> Raw | None:
        """The frames of `resumed`, encoded; None when a snapshot must answer."""
        common = self._common()
        role = common.room.role_of(actor)
        if (cursors.epoch, cursors.user_id, cursors.role) != (common.room.epoch, actor.user_id, role):
            return None
        history = self.history
        is_plain = role not in STAFF and history.last(Lane.ME, actor.user_id) <= cursors.me
        is_like_others = is_plain and all(history.floor <= seq <= history.newest for seq in (cursors.room, cursors.me))
        if is_like_others and cursors.room in common.replays:
            return common.replays[cursors.room]
        frames = history.missed(cursors, actor.user_id, is_staff=role in STAFF)
        missed = None if frames is None else encode_part(tuple(frames))
        if missed is not None and len(bytes(missed)) > REPLAY_MAX_BYTES:
            missed = None
        if is_like_others:
            common.replays[cursors.room] = missed
        return missed

    def snapshot(self, actor: Actor, media: MediaInfo, now: datetime) -> Snapshot:
        """The whole picture for one person. What all have in common is encoded already."""
        common = self._common()
        room = common.room
        role = room.role_of(actor)
        requests, sanctions, links = common.staff if role in STAFF else (None, None, None)
        parts: Any = {
            "info": common.info,
            "connected_users": common.connected_users,
            "seats": common.seats,
            "metadata": common.metadata,
            "requests": requests,
            "sanctions": sanctions,
            "links": links,
        }
        return Snapshot(
            version=WIRE_VERSION,
            seq=room.seq,
            epoch=room.epoch,
            server_time=now,
            viewer_count=self.viewer_count,
            media=media,
            role=role,
            me=common.picture.my_state(common.picture.person(actor.user_id) or actor.person),
            **parts,
        )

    def pong(self, socket: HubSocket, ref: str | None, now: datetime) -> Pong:
        """Up to where each lane was written to this socket."""
        waiting = next((frame.seq for frame in self._waiting if frame.seq is not None), None)
        return Pong(
            ref=ref,
            server_time=now,
            seq=self._common().room.seq if waiting is None else waiting - 1,
            room=self._room_told,
            staff=self.history.last(Lane.STAFF) if socket.socket_id in self.staff else 0,
            me=self.history.last(Lane.ME, socket.actor.user_id),
        )

    @property
    def viewer_count(self) -> int:
        """People in the room, in all processes."""
        return len(self.people) + self.elsewhere

    def _common(self) -> _Shared:
        if self.room is None:
            raise RuntimeError(f"room {self.slug} is not loaded")
        if self._shared is None or self._shared.room is not self.room:
            self._shared = _Shared(self.room)
        return self._shared

    # -- what all are told
    def tell(self, change: Change) -> None:
        """Takes the change as the newest picture and sends each lane's frame to its sockets.

        Whoever becomes a helper by it hears the staff's lane from the next change on: its lists come on the own lane.
        Whoever is told to be banned is out afterwards, and a guest who has logged in comes back by the account.
        """
        helpers = self.staff.copy()
        is_known = self.room is not None and self.room.members is change.room.members
        self.see(change.room)
        frames = self.history.add(Told(seq=change.room.seq, at=change.at, notices=change.notices, size=change.size))
        for notice, frame in zip(change.notices, frames, strict=True):
            match notice.lane:
                case Lane.ROOM:
                    self._send(frame)
                case Lane.STAFF:
                    self._write([socket for key, socket in self.staff.items() if key in helpers], frame)
                case Lane.ME:
                    self._write(self._sockets_of(notice.user_id), frame)
            if any(isinstance(callback, OnKickedOutOfRoom) for callback in notice.callbacks):
                self._close(self._sockets_of(notice.user_id), CloseCode.REMOVED)
        if not is_known:
            guests = [member.person.user_id for member in change.room.members if member.became]
            former = [socket for user_id in guests for socket in self._sockets_of(user_id)]
            self._close([s for s in former if merging.is_stale(change.room, s.actor)], CloseCode.LOGIN)

    def tell_all(self, callback: Callback, at: datetime) -> None:
        """A sampled state, which belongs to no change."""
        self._send(Callbacks(lane=Lane.ROOM, seq=None, server_time=at, callbacks=cast(Any, (callback,))))

    def tell_count(self, at: datetime) -> None:
        """The number of people, if it is another than the one told last."""
        if self.viewer_count != self.told_count:
            self.told_count = self.viewer_count
            self.tell_all(OnRoomUserCountChanged(count=self.told_count), at)

    def _sockets_of(self, user_id: str) -> list[HubSocket]:
        return list(self.people.get(user_id, {}).values())

    def _send(self, frame: Callbacks) -> None:
        """To everybody: at once in a quiet room, with the next tick in a busy one."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._timer is None and now >= self._quiet_at:
            self._write_all((frame,), now)
            return
        self._waiting.append(frame)
        if self._timer is None:
            self._timer = loop.call_at(self._quiet_at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        gathered, self._waiting = self._waiting, []
        self._write_all(tuple(condensed(gathered)), asyncio.get_running_loop().time())

    def _write_all(self, frames: tuple[Callbacks, ...], now: float) -> None:
        tick = min(TICK_MAX_S, len(self.sockets) * TICK_PER_SOCKET_S)
        self._quiet_at = now + tick if tick >= TICK_MIN_S else now
        self._room_told = next((frame.seq for frame in reversed(frames) if frame.seq is not None), self._room_told)
        self._write(list(self.sockets.values()), frames[0] if len(frames) == 1 else Batch(frames=frames))

    def _write(self, receivers: list[HubSocket], message: Callbacks | Batch) -> None:
        if not receivers:
            return
        frame = Frame(encode(message))
        slow = [socket for socket in receivers if not socket.wire.write(frame)]
        self._close(slow, CloseCode.SLOW)  # out of the hub at once: a page that hears nothing must know it


def _granted(room: RoomState | None) -> set[tuple[str, bool]]:
    """Whose role the host has set, and to what."""
    members = room.members if room else ()
    return {(m.person.user_id, m.is_moderator) for m in members if m.is_moderator is not None}
