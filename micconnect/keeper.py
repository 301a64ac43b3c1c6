"""What only one process does: compare rooms with the world, clean up, and run the media server.

Without a bus the one process is the keeper. Of several processes one is at a time; when it dies another one begins.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.utils import timezone

from micconnect import bus, mediarelay, presence, retention, store
from micconnect import busmessages as m
from micconnect.domain.room import RoomState
from micconnect.errands import Errands
from micconnect.facts import Facts, beliefs
from micconnect.liverooms import LiveRooms
from micconnect.mediacontrol import MediaControl
from micconnect.mediasampling import Audience
from micconnect.protocol.callbacks import AnyCallback, Callback
from micconnect.protocol.views import MediaInfo
from micconnect.protocol.words import RoomStatus
from micconnect.rounds import Rounds

if TYPE_CHECKING:
    from micconnect.running import Runtime

logger = logging.getLogger(__name__)

COMPARE_ROUNDS = 3  # rounds of the clock between two comparisons of the rooms with sockets and media
PURGE_ROUNDS = 10
PURGES_MAX = 20  # in a row


class Everywhere:
    """The audience of one live room in all processes."""

    def __init__(self, runtime: "Runtime", room: RoomState, line: bus.Bus) -> None:
        self.slug, self.room = room.slug, room
        self._hub, self._bus = runtime.hub, line
        here = runtime.hub.rooms.get(room.slug)
        elsewhere = runtime.elsewhere.get(room.slug)
        self.people: set[str] = set(here.people) if here else set()
        self.sockets: set[str] = set(here.sockets) if here else set()
        if elsewhere:
            self.people.add("")  # somebody, who is nobody on air here
            self.sockets.add(f"elsewhere {elsewhere.newest}")

    def tell_all(self, callback: Callback, at: datetime) -> None:
        """A sampled state for everybody."""
        self._hub.tell_sample(self.slug, callback, at)
        message = m.Sampled(origin=self._bus.process_id, slug=self.slug, at=at, callback=cast(AnyCallback, callback))
        self._bus.say(bus.room_group(self.slug), message)


class Keeper:
    """The duties of the keeper, for as long as this process is it."""

    def __init__(self, runtime: "Runtime", read_live: Callable[[], Awaitable[list[RoomState]]]) -> None:
        self.runtime = runtime
        self.hub = runtime.hub
        self.live = LiveRooms(read_live)
        self.media = MediaControl(self)
        self.facts = Facts(self)
        self.perform = runtime.perform
        self._purged = 0
        self._rounds = Rounds()
        self._starting: asyncio.Task[None] | None = None
        self._errands = Errands("a question of another process could not be answered")

    async def start(self) -> None:
        """Begins; returns when the media server is up, or is tried in the background.

        A `stop` meanwhile ends it with asyncio.CancelledError.
        """
        self._starting = asyncio.create_task(self._start())
        await self._starting

    async def _start(self) -> None:
        self.hub.listeners.append(self.live.heard)
        if self.runtime.bus:
            await self.runtime.bus.join(bus.KEEPER)
        await self._refresh()
        await self.media.start()

    async def stop(self) -> None:
        """Ends the duties and the media server with them, also when they are just beginning."""
        if self._starting:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        await self._errands.stop()
        await self._rounds.stop()
        if self.live.heard in self.hub.listeners:
            self.hub.listeners.remove(self.live.heard)
        if self.runtime.bus:
            self.runtime.bus.leave(bus.KEEPER)
        await self.media.stop()

    def begin_round(self, number: int) -> None:
        """Begins what is to be done in a round of the clock."""
        self._rounds.begin(self._drop_watchers)
        if self.runtime.bus:
            self.say_media(self.hub.media)
            self._rounds.begin(self._sweep)
        if number % COMPARE_ROUNDS == 0:
            self._rounds.begin(self._compare)
        if number % PURGE_ROUNDS == 0:
            self._rounds.begin(self._purge)

    # -- rooms
    async def _refresh(self) -> None:
        """Reads the live rooms; their changes are heard from before the reading."""
        await self.live.refresh()
        if line := self.runtime.bus:
            unheard = [slug for slug in self.live.values if bus.room_group(slug) not in line.groups]
            for slug in unheard:
                await line.join(bus.room_group(slug))
            if unheard:
                await self.live.refresh()

    async def follow(self, newest: dict[str, int]) -> None:
        """Reads the live rooms of which something was missed. `newest`: seq by slug."""
        for slug, room in list(self.live.values.items()):
            if room.seq < newest.get(slug, 0):
                await self._read(slug)
                self.media.compare(slug)

    async def _read(self, slug: str) -> RoomState:
        room = await self.runtime.in_thread(store.read, slug)
        self.live.take(room)
        return self.live.values.get(slug, room)

    async def _room_of(self, asker: m.Asker) -> RoomState:
        """The room as new as the asker knows it. From now on its changes are heard, so that a cut holds."""
        if self.runtime.bus:
            await self.runtime.bus.join(bus.room_group(asker.slug))
        room = self.live.values.get(asker.slug)
        return room if room and room.seq >= asker.seq else await self._read(asker.slug)

    # -- media
    def audiences(self) -> list[Audience]:
        """The rooms whose people may have to hear of volumes and qualities."""
        line = self.runtime.bus
        if line is None:
            return list(self.hub.rooms.values())
        live = [room for room in self.live.values.values() if room.status is RoomStatus.LIVE]
        return [Everywhere(self.runtime, room, line) for room in live]

    def say_media(self, media: MediaInfo) -> None:
        """The media server in force, for all processes."""
        if media != self.hub.media:
            self.hub.set_media(media, timezone.now())
        if line := self.runtime.bus:
            line.say(bus.ALL, m.MediaSaid(origin=line.process_id, media=media))

    def asked(self, asked: m.MediaAsked) -> None:
        """Another process asks the media server for one of its people."""
        if line := self.runtime.bus:
            self._errands.begin(self._answer(line, asked))

    async def _answer(self, line: bus.Bus, asked: m.MediaAsked) -> None:
        answer = await mediarelay.answer(self.media, self._room_of, asked, line.process_id)
        line.say(bus.process_group(asked.origin), answer)

    async def _drop_watchers(self) -> None:
        watching = {slug: self.media.watchers(slug) for slug in self.live.values}
        lines = await self._lines_elsewhere(watching)
        await self.media.drop_watchers({(slug, user_id) for slug, user_id, _ in lines})

    # -- facts
    async def _compare(self) -> None:
        await self._refresh()
        await self.media.check()
        await self.facts.check(await self._believed_elsewhere())

    async def _sweep(self) -> None:
        """Closes the sockets of processes that are no more, and says of whom that was the last one."""
        gone = await self.runtime.in_thread(presence.close_orphans, timezone.now())
        if gone:
            await self._refresh()
            await self.facts.report_lost(gone, await self._believed_elsewhere())

    async def _believed_elsewhere(self) -> set[tuple[str, str, str]]:
        return await self._lines_elsewhere({slug: set(beliefs(room)) for slug, room in self.live.values.items()})

    async def _lines_elsewhere(self, people: dict[str, set[str]]) -> set[tuple[str, str, str]]:
        if self.runtime.bus is None:
            return set()
        return await self.runtime.in_thread(presence.lines_elsewhere, people)

    async def _purge(self) -> None:
        for _ in range(PURGES_MAX):
            before = self._purged
            self._purged = await self.runtime.in_thread(retention.purge, timezone.now(), before)
            if self._purged == before:
                return
