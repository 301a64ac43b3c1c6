"""The Janus backend: rooms on one or several Janus servers, behind the plug."""

import itertools
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Literal, TypeVar

from micconnect.media.base import (
    BackendUp,
    Feed,
    FeedStats,
    KeptWatch,
    MediaEvent,
    MediaRefused,
    NodeFigures,
    SeatGrant,
    WatchOffer,
)
from micconnect.media.events import EventFan
from micconnect.media.flow import KINDS
from micconnect.media.janus.home import Home
from micconnect.media.janus.marks import RoomNames, WatchMark
from micconnect.media.janus.node import NodeConfig
from micconnect.media.janus.room import Room
from micconnect.media.janus.rooms import URGENT_S, Rooms
from micconnect.media.janus.stage import Caps
from micconnect.media.sdp import filter_publish_offer, filter_watch_answer
from micconnect.protocol.words import GUESTS_MAX, Device

logger = logging.getLogger(__name__)

CALL_S = 20.0
JOINS_PER_S = 50.0

Result = TypeVar("Result")


class JanusBackend:
    """A MediaBackend on Janus. Calls may come from any thread and loop."""

    family: Literal["sdp"] = "sdp"

    def __init__(
        self,
        nodes: Sequence[NodeConfig],
        room_key: str,
        video_kbps: int = 600,
        audio_kbps: int = 64,
        watches_per_node: int = 300,
        joins_per_s: float = JOINS_PER_S,
    ) -> None:
        """`room_key`: the VideoRoom plugin's admin_key. Caps per person in kbit/s.

        `watches_per_node`: how many viewers of one room one server carries. `joins_per_s`: so many watches are opened
        on one server.
        """
        self._events = EventFan()
        self._rooms = Rooms(
            nodes, RoomNames(room_key), Caps(video_kbps, audio_kbps), self._events, watches_per_node, joins_per_s
        )
        self._memory = self._rooms.memory
        self._pool = self._rooms.pool
        self._orders = itertools.count(1)
        self._home = Home()

    @classmethod
    def from_urls(
        cls,
        *,
        urls: Sequence[str],
        admin_urls: Sequence[str],
        api_secret: str,
        admin_secret: str,
        room_key: str,
        video_kbps: int,
        audio_kbps: int,
        watches_per_node: int,
    ) -> "JanusBackend":
        """A backend on servers with the same secrets; `admin_urls` in the order of `urls`."""
        nodes = [
            NodeConfig(url.partition("://")[2], url, admin_url, api_secret, admin_secret)
            for url, admin_url in zip(urls, admin_urls, strict=True)
        ]
        return cls(nodes, room_key, video_kbps, audio_kbps, watches_per_node)

    @property
    def generation(self) -> int:
        """Grows whenever no server is left that carries anything of before, also over restarts of this process."""
        return self._pool.generation

    @property
    def is_up(self) -> bool:
        """Whether at least one server is there."""
        return bool(self._pool.up)

    def events(self) -> AsyncIterator[MediaEvent]:
        """What happens from this call on, beginning with BackendUp if a server is there already."""
        return self._events.subscribe(BackendUp(self.generation, is_kept=self._pool.is_kept) if self.is_up else None)

    async def start(self, above: int = 0) -> None:
        """Reach the servers and go on with what stands there. New generations are greater than `above`."""
        self._home.settle()
        await self._rooms.start(above)
        if not self.is_up:
            logger.error("no Janus can be reached; they are tried again in the background")

    async def stop(self) -> None:
        """Leave the servers; what they carry goes on for a while, so that the next process may take it up."""
        await self._rooms.stop()
        self._events.close()

    # -- calls ---------------------------------------------------------------------------------------------------------

    async def _here(self, work: Callable[[], Awaitable[Result]], limit_s: float = CALL_S) -> Result:
        """Do it on the loop that owns the lines to Janus. Raises MediaUnavailable if it takes too long."""
        return await self._home.do(work, limit_s)

    async def _in_room(self, room_id: str, act: Callable[[Room], Awaitable[None]]) -> None:
        """Do something in a room, if there is that room, and wait until it is in force."""

        async def find_and_act() -> None:
            if (room := self._rooms.find(room_id)) is not None:
                await act(room)

        await self._here(find_and_act, URGENT_S)

    async def open_publish(self, grant: SeatGrant, offer_sdp: str) -> str:
        """Let the grant send: returns the answer. Of several calls for a grant the last one made holds the line.

        Raises MediaRefused, MediaUnavailable.
        """
        order = next(self._orders)
        clean = filter_publish_offer(offer_sdp, grant)
        return await self._here(partial(self._publish, grant, clean, order))

    async def _publish(self, grant: SeatGrant, offer: str, order: int) -> str:
        self._check_not_cut(grant)
        room = self._rooms.need(grant.room_id)
        room.opening += 1
        try:
            answer = await room.publish(grant, offer, order)
        finally:
            room.opening -= 1
        # A cut that came meanwhile has ended the line already; the answer to it is worth nothing.
        self._check_not_cut(grant)
        return answer

    def _check_not_cut(self, grant: SeatGrant) -> None:
        if grant.grant_id in self._memory.cut:
            raise MediaRefused(self._memory.why_cut(grant.grant_id))

    async def open_watch(
        self,
        room_id: str,
        viewer_id: str,
        seats: int,
        *,
        is_staff: bool,
        window: str = "",
        pictures: int | None = None,
        note: str = "",
    ) -> WatchOffer:
        """Offer a viewer the seats 0 to seats - 1 and the shared screen. Raises MediaRefused, MediaUnavailable."""
        if not 1 <= seats <= GUESTS_MAX + 1:
            raise MediaRefused(f"A room has 1 to {GUESTS_MAX + 1} seats.")
        if pictures is not None and not 0 <= pictures <= GUESTS_MAX + 1:
            raise MediaRefused(f"A watch has 0 to {GUESTS_MAX + 1} moving pictures.")

        async def watch() -> WatchOffer:
            room = self._rooms.need(room_id)
            watch_id = secrets.token_urlsafe(12)
            mark = WatchMark(room.node.name, watch_id, room_id, viewer_id, is_staff, seats, pictures, note, window)
            return await self._watch(room, mark)

        return await self._here(watch)

    async def _watch(self, room: Room, mark: WatchMark) -> WatchOffer:
        room.opening += 1
        try:
            return await room.watch(mark)
        finally:
            room.opening -= 1

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The viewer's answer. Raises MediaRefused, MediaUnavailable."""
        await self._here(partial(self._answer, watch_id, filter_watch_answer(sdp)))

    async def _answer(self, watch_id: str, sdp: str) -> None:
        self._pool.check_up()
        if (watcher := self._rooms.watcher(watch_id)) is None:
            raise MediaRefused("This watch is over; ask for a new one.")
        await watcher.answer(sdp)

    async def close_watch(self, watch_id: str) -> None:
        """End a watch; repeating does nothing."""
        await self._here(partial(self._close_watch, watch_id))

    async def _close_watch(self, watch_id: str) -> None:
        self._memory.closed.add(watch_id)
        for room in self._rooms.all():
            room.end_watch(watch_id)

    async def show(self, room_id: str, seats: Sequence[int]) -> None:
        """Show these seats in the moving pictures from now on. Raises MediaUnavailable."""
        self._memory.shown[room_id] = tuple(seats)
        await self._in_room(room_id, Room.show)

    async def set_muted(self, room_id: str, grant_id: str, device: Device, is_muted: bool) -> None:
        """Forward a device or not; in force when this returns. Raises MediaUnavailable."""
        if (kind := KINDS.get(device)) is None:
            return
        await self._here(partial(self._set_muted, room_id, grant_id, kind, is_muted), URGENT_S)

    async def _set_muted(self, room_id: str, grant_id: str, kind: str, is_muted: bool) -> None:
        if (room := self._rooms.find(room_id)) is not None:
            await room.set_muted(grant_id, kind, is_muted)
        else:
            self._memory.note_early(grant_id, kind, is_muted)

    async def set_backstage(self, room_id: str, grant_id: str, is_backstage: bool) -> None:
        """Forward a grant to the staff only or to all; in force when this returns. Raises MediaUnavailable."""
        await self._in_room(room_id, lambda room: room.set_backstage(grant_id, is_backstage))

    async def place(self, room_id: str, places: Mapping[str, int]) -> None:
        """Show grants on other seats, all at once; in force when this returns. Raises MediaUnavailable."""
        wanted = dict(places)
        await self._in_room(room_id, lambda room: room.place(wanted))

    async def cut(self, room_id: str, grant_id: str) -> None:
        """Nobody gets media of the grant after this, ever. A server that does not obey within 5 s is given up."""
        self._memory.cut.add(grant_id)
        await self._here(partial(self._cut, room_id, grant_id))

    async def _cut(self, room_id: str, grant_id: str) -> None:
        if (room := self._rooms.known(room_id)) is not None:
            await self._rooms.obeyed(room, lambda: room.cut(grant_id))

    async def close_room(self, room_id: str) -> None:
        """Cut everybody in the room and end its watches; repeating does nothing. Given up like `cut` if not obeyed."""
        await self._here(partial(self._close_room, room_id))

    async def _close_room(self, room_id: str) -> None:
        self._memory.shown.pop(room_id, None)
        if (room := self._rooms.known(room_id)) is not None:
            self._rooms.forget(room)
            await self._rooms.obeyed(room, room.close)

    async def snapshot(self, room_id: str) -> tuple[Feed, ...]:
        """The grants with a line, and what of them is forwarded. Raises MediaUnavailable."""
        return await self._here(partial(self._of_room, room_id, Room.feeds))

    async def measure(self, room_id: str) -> tuple[FeedStats, ...]:
        """How the feeds of a room arrive now. Raises MediaUnavailable."""
        return await self._here(partial(self._of_room, room_id, Room.stats))

    async def _of_room(self, room_id: str, what: Callable[[Room], tuple[Result, ...]]) -> tuple[Result, ...]:
        room = self._rooms.find(room_id)
        return what(room) if room is not None else ()

    async def rooms(self) -> frozenset[str]:
        """The ids of the rooms that stand, or are being opened. Raises MediaUnavailable."""
        return await self._here(self._room_ids)

    async def _room_ids(self) -> frozenset[str]:
        self._pool.check_up()
        return frozenset(room.room_id for room in self._rooms.all())

    async def watches(self) -> tuple[KeptWatch, ...]:
        """The watches that stand now, of all rooms. Raises MediaUnavailable."""
        return await self._here(self._watches)

    async def _watches(self) -> tuple[KeptWatch, ...]:
        self._pool.check_up()
        return tuple(kept for room in self._rooms.all() for kept in room.house.kept())

    async def figures(self) -> tuple[NodeFigures, ...]:
        """What each server carries now, also while it is away."""
        return await self._here(self._figures)

    async def _figures(self) -> tuple[NodeFigures, ...]:
        stages = [stage for room in self._rooms.all() for stage in room.house.stages]
        return tuple(
            NodeFigures(
                name=node.name,
                is_up=node.is_up,
                rooms=sum(stage.node is node for stage in stages),
                feeds=sum(len(room.on_air) for room in self._rooms.of(node)),
                watches=sum(len(stage.watchers) for stage in stages if stage.node is node),
            )
            for node in self._pool.nodes
        )
