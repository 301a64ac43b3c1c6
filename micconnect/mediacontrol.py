"""Makes the media server do what the rooms say, and tells the rooms what became of it."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from micconnect import services
from micconnect.domain.internal import AnyCommand, MediaGone, MediaServerBack, MediaServerLost, MediaUp
from micconnect.domain.outcome import Refused
from micconnect.domain.room import HOST_SEAT, Actor, RoomState
from micconnect.hub import Change
from micconnect.media.base import (
    BackendDown,
    BackendUp,
    FeedGone,
    FeedUp,
    MediaBackend,
    MediaRefused,
    MediaUnavailable,
    SeatGrant,
    WatchOffer,
    reconcile,
)
from micconnect.media.embedded import EmbeddedBackend
from micconnect.media.sdp import VideoRefused, filter_publish_offer, filter_watch_answer
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import MediaInfo
from micconnect.protocol.words import DeviceState, LinkMedia, Role

if TYPE_CHECKING:
    from micconnect.running import Runtime

logger = logging.getLogger(__name__)

WATCH_GRACE_ROUNDS = 15  # of the clock: a watcher without any socket for so long is let go
WATCHES_PER_PERSON_MAX = 5  # as many as a person may have sockets


def grant_id(room: RoomState, connection_id: str) -> str:
    """Names one time on air for the media server; never used again, not even after a restart."""
    return f"{room.slug}.{room.epoch}.{connection_id}"


def grants(room: RoomState) -> list[SeatGrant]:
    """Who should be heard and seen in the room now."""
    return [
        SeatGrant(
            grant_id=grant_id(room, connection.connection_id),
            room_id=room.slug,
            user_id=connection.person.user_id,
            seat_index=connection.seat_index,
            has_video=connection.media is LinkMedia.VIDEO,
            audio_muted=connection.microphone is not DeviceState.OPEN,
            video_muted=connection.camera is not DeviceState.OPEN,
        )
        for connection in room.connections
    ]


def connection_number(grant: str) -> int:
    """The connection that a grant was made for."""
    return int(grant.rpartition(".c")[2])


class MediaControl:
    """The one user of the media backend in a process."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.backend: MediaBackend = EmbeddedBackend(
            address=settings.MEDIA_ADDRESS or None,
            video_kbps=settings.MEDIA_VIDEO_KBPS,
            audio_kbps=settings.MEDIA_AUDIO_KBPS,
        )
        self._dirty: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watches: defaultdict[tuple[str, str], list[str]] = defaultdict(list)  # of a person, oldest first
        self._rounds_away: dict[tuple[str, str], int] = {}

    async def start(self) -> None:
        await self._tell_all_rooms(MediaServerLost())
        self.runtime.hub.listeners.append(self._changed)
        self._spawn(self._listen())
        await self.backend.start()

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.backend.stop()

    # -- what people ask for
    async def publish(self, room: RoomState, actor: Actor, sdp: str) -> str:
        """The answer to a browser's offer for the person's own seat. Raises Refused."""
        connection = room.connection_of(actor.user_id)
        if connection is None:
            raise Refused(ErrorCode.NOT_ON_SEAT)
        if connection.seat_index == HOST_SEAT and actor.role is not Role.HOST:
            raise Refused(ErrorCode.FORBIDDEN)
        mine = grant_id(room, connection.connection_id)
        grant = next(g for g in grants(room) if g.grant_id == mine)
        try:
            with _as_refusals():
                return await self.backend.open_publish(grant, filter_publish_offer(sdp, grant))
        finally:
            self._mark(room.slug)  # devices or the seat itself may have changed while the offer was on its way

    async def watch(self, room: RoomState, actor: Actor, former: str | None) -> WatchOffer:
        """An offer with one slot per seat. It replaces `former`, the socket's earlier watch. Raises Refused."""
        if former:
            await self.unwatch(room.slug, actor.user_id, former)
        with _as_refusals():
            offer = await self.backend.open_watch(room.slug, actor.user_id, room.seat_count + 1)
        mine = self._watches[room.slug, actor.user_id]
        mine.append(offer.watch_id)
        while len(mine) > WATCHES_PER_PERSON_MAX:
            await self.unwatch(room.slug, actor.user_id, mine[0])
        return offer

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The browser's answer to a watch offer. Raises Refused."""
        with _as_refusals():
            await self.backend.answer(watch_id, filter_watch_answer(sdp))

    async def unwatch(self, slug: str, user_id: str, watch_id: str) -> None:
        """Ends a watch. Repeating does nothing."""
        mine = self._watches.get((slug, user_id), [])
        if watch_id in mine:
            mine.remove(watch_id)
        with contextlib.suppress(MediaUnavailable):
            await self.backend.close_watch(watch_id)

    # -- what rooms say
    def _changed(self, change: Change) -> None:
        self._mark(change.room.slug)

    def _mark(self, slug: str) -> None:
        """Has the room compared soon; many marks while one comparison runs lead to one more."""
        event = self._dirty.get(slug)
        if event is None:
            event = self._dirty[slug] = asyncio.Event()
            self._spawn(self._reconcile(slug, event))
        event.set()

    async def _reconcile(self, slug: str, event: asyncio.Event) -> None:
        try:
            while event.is_set():
                event.clear()
                with contextlib.suppress(MediaUnavailable):  # it is empty when it comes back
                    if room := self.runtime.live.values.get(slug):
                        await reconcile(self.backend, slug, grants(room))
                    else:
                        await self.backend.close_room(slug)
        finally:
            self._dirty.pop(slug, None)

    def compare_all(self) -> None:
        """Has every live room compared: repairs what a lost message left behind."""
        for slug in self.runtime.live.values:
            self._mark(slug)

    async def drop_watchers(self) -> None:
        """One round of the clock: lets go of the watches of people who have had no socket for WATCH_GRACE_ROUNDS."""
        rooms = self.runtime.hub.rooms
        for key in list(self._watches):
            slug, user_id = key
            if slug in rooms and user_id in rooms[slug].people:
                self._rounds_away.pop(key, None)
                continue
            self._rounds_away[key] = self._rounds_away.get(key, 0) + 1
            if self._rounds_away[key] >= WATCH_GRACE_ROUNDS:
                del self._rounds_away[key]
                for watch_id in self._watches.pop(key):
                    await self.unwatch(slug, user_id, watch_id)

    # -- what the media server says
    async def _listen(self) -> None:
        async for event in self.backend.events():
            match event:
                case BackendUp():
                    self._watches.clear()
                    self._rounds_away.clear()
                    self._say(generation=event.generation, is_up=True)
                    self._spawn(self._tell_all_rooms(MediaServerBack()))
                case BackendDown():
                    self._say(generation=self.runtime.hub.media.generation, is_up=False)
                    self._spawn(self._tell_all_rooms(MediaServerLost()))
                case FeedUp():
                    self._spawn(self._tell_room(event.room_id, MediaUp(number=connection_number(event.grant_id))))
                case FeedGone():
                    self._spawn(self._tell_room(event.room_id, MediaGone(number=connection_number(event.grant_id))))

    def _say(self, *, generation: int, is_up: bool) -> None:
        media = MediaInfo(family=self.backend.family, generation=generation, is_up=is_up)
        self.runtime.hub.set_media(media, timezone.now())

    async def _tell_all_rooms(self, command: AnyCommand) -> None:
        await asyncio.gather(*(self._tell_room(slug, command) for slug in self.runtime.live.values))

    async def _tell_room(self, slug: str, command: AnyCommand) -> None:
        """Reports of one room keep their order: tasks begin in the order of events, and the room's turn is a queue."""
        await self.runtime.perform(slug, services.MEDIA, command)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("media control failed", exc_info=error)


@contextlib.contextmanager
def _as_refusals() -> Iterator[None]:
    """Turns the plug's two exceptions into refusals with a code."""
    try:
        yield
    except VideoRefused:
        raise Refused(ErrorCode.AUDIO_ONLY) from None
    except MediaRefused as refused:
        raise Refused(ErrorCode.BAD_SDP, {"part": refused.text[:200]}) from None
    except MediaUnavailable:
        raise Refused(ErrorCode.MEDIA_UNAVAILABLE) from None
