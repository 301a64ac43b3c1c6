"""All rooms of one forwarder process, and the door through which requests reach them."""

import asyncio
import os
import resource
from collections.abc import Awaitable, Callable

from micconnect.media.base import FeedEvent, MediaRefused
from micconnect.media.sfu import messages as m
from micconnect.media.sfu.rooms import Room
from micconnect.media.sfu.turns import Turns
from micconnect.media.sfu.watcher import Watcher
from micconnect.media.tombstones import Tombstones
from micconnect.protocol.words import GUESTS_MAX

# Negotiating costs tens of milliseconds of CPU; few at a time keep the line free for cuts and mutes.
NEGOTIATIONS_AT_ONCE = 4
WAITING_MAX = 100
# Less than the web process waits for a reply: what it has given up on is not begun any more.
WAITING_S = 15.0


class Forwarder:
    """Carries out requests. `carry_out` acts before it returns, except for what has to be negotiated."""

    def __init__(self, kbps: dict[str, int], emit: Callable[[FeedEvent], None]) -> None:
        self._kbps = kbps
        self._emit = emit
        self._rooms: dict[str, Room] = {}
        self._cut = Tombstones()
        self._forwarded = 0  # packets, by rooms that are no more
        # Anybody may come to watch, and many at once; whoever is called to a seat does not queue behind them.
        self._publish_turns = Turns(NEGOTIATIONS_AT_ONCE, WAITING_MAX, WAITING_S)
        self._watch_turns = Turns(NEGOTIATIONS_AT_ONCE, WAITING_MAX, WAITING_S)

    def carry_out(self, request: m.AnyRequest) -> m.Reply | Awaitable[m.Reply]:
        """The reply, or what to wait for to get it. Requests take effect in the order of the calls.

        Raises MediaRefused; what is waited for may raise Busy also.
        """
        match request:
            case m.Publish():
                return self._publish(request)
            case m.Watch():
                return self._watch(request)
            case m.Answer():
                return self._answer(request)
            case m.Snapshot(ref, room_id):
                room = self._rooms.get(room_id)
                return m.Done(ref, feeds=room.feeds() if room is not None else ())
            case m.Measure(ref, room_id):
                room = self._rooms.get(room_id)
                return m.Done(ref, stats=room.stats() if room is not None else ())
            case m.ListWatches(ref):
                return m.Done(ref, watches=tuple(watch for room in self._rooms.values() for watch in room.watches()))
            case m.ListRooms(ref):
                return m.Done(ref, rooms=tuple(room_id for room_id, room in self._rooms.items() if not room.is_empty))
            case m.GetDetails(ref):
                return m.Done(ref, details=self._details())
        self._at_once(request)
        return m.Done(request.ref)

    def _at_once(self, request: m.AtOnce) -> None:
        match request:
            case m.Show(_, room_id, seats):
                self._room(room_id).show(seats)
            case m.Mute(_, room_id, grant_id, device, is_muted):
                if (room := self._rooms.get(room_id)) is not None:
                    room.set_muted(grant_id, device, is_muted)
            case m.Backstage(_, room_id, grant_id, is_backstage):
                if (room := self._rooms.get(room_id)) is not None:
                    room.set_backstage(grant_id, is_backstage)
            case m.Place(_, room_id, places):
                if (room := self._rooms.get(room_id)) is not None:
                    room.place(places)
            case m.Cut(_, room_id, grant_id):
                self._cut.add(grant_id)
                if (room := self._rooms.get(room_id)) is not None:
                    room.cut(grant_id)
            case m.CloseRoom(_, room_id):
                self._close_room(room_id)
            case m.CloseWatch(_, watch_id):
                if (watcher := self._watcher(watch_id)) is not None:
                    watcher.end()

    def _room(self, room_id: str) -> Room:
        room = self._rooms.get(room_id)
        if room is None:
            room = self._rooms[room_id] = Room(room_id, self._kbps, self._cut, self._emit)
        return room

    def _close_room(self, room_id: str) -> None:
        """Cut everybody in the room; what it has forwarded stays counted."""
        room = self._rooms.pop(room_id, None)
        if room is not None:
            room.close()
            self._forwarded += room.forwarded

    def _watcher(self, watch_id: str) -> Watcher | None:
        return next((r.watchers[watch_id] for r in self._rooms.values() if watch_id in r.watchers), None)

    def _publish(self, request: m.Publish) -> Awaitable[m.Reply]:
        # The room has to know at once that somebody comes: mutes and cuts that follow must find it.
        room = self._room(request.grant.room_id)
        room.opening += 1

        async def negotiate() -> m.Reply:
            try:
                if request.grant.grant_id in self._cut:
                    raise MediaRefused("This time on air is over.")
                async with self._publish_turns.turn():
                    return m.Done(request.ref, sdp=await room.publish(request.grant, request.sdp, request.order))
            finally:
                room.opening -= 1

        return negotiate()

    def _watch(self, request: m.Watch) -> Awaitable[m.Reply]:
        if not 1 <= request.seats <= GUESTS_MAX + 1:
            raise MediaRefused(f"A room has 1 to {GUESTS_MAX + 1} seats.")
        if request.pictures is not None and not 0 <= request.pictures <= GUESTS_MAX + 1:
            raise MediaRefused(f"A watch has 0 to {GUESTS_MAX + 1} moving pictures.")
        room = self._room(request.room_id)
        room.opening += 1

        async def negotiate() -> m.Reply:
            try:
                async with self._watch_turns.turn():
                    return m.Done(request.ref, offer=await room.watch(request))
            finally:
                room.opening -= 1

        return negotiate()

    async def _answer(self, request: m.Answer) -> m.Reply:
        async with self._watch_turns.turn():
            watcher = self._watcher(request.watch_id)
            if watcher is None:
                raise MediaRefused("This watch is over; ask for a new one.")
            await watcher.answer(request.sdp)
        return m.Done(request.ref)

    def sweep(self) -> None:
        """Forget rooms in which nothing is left."""
        for room_id in [room_id for room_id, room in self._rooms.items() if room.is_empty]:
            self._close_room(room_id)

    def close(self) -> None:
        """Hang up on everybody."""
        for room_id in list(self._rooms):
            self._close_room(room_id)

    def _details(self) -> m.Details:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        rooms = self._rooms.values()
        return m.Details(
            cpu_s=usage.ru_utime + usage.ru_stime,
            rooms=len(rooms),
            feeds=sum(len(room.on_air) for room in rooms),
            watches=sum(len(room.watchers) for room in rooms),
            tasks=len(asyncio.all_tasks()),
            files=len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
            forwarded=self._forwarded + sum(room.forwarded for room in rooms),
            tracks=tuple(track for room in rooms for track in room.details()),
        )
