"""Makes the media server do what the rooms say, and tells the rooms what became of it."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from micconnect import services, store
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
    MediaEvent,
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
from micconnect.protocol.words import DeviceState, LinkMedia, Role, RoomStatus

if TYPE_CHECKING:
    from micconnect.running import Runtime

logger = logging.getLogger(__name__)

RECONCILE_ROUNDS = 3  # a full comparison every so many rounds of the clock
WATCH_GRACE_ROUNDS = 15  # a watcher without any socket for so long is let go


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
        self._rooms: dict[str, RoomState] = {}  # the live ones, as last heard
        self._dirty: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watches: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._without_socket: dict[tuple[str, str], int] = {}
        self._round = 0

    async def start(self) -> None:
        for slug in await self.runtime.in_thread(store.live_slugs):
            self._rooms[slug] = await self.runtime.in_thread(store.read, slug)
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
        with _as_refusals():
            answer = await self.backend.open_publish(grant, filter_publish_offer(sdp, grant))
        self._mark(room.slug)  # devices or the seat itself may have changed while the offer was on its way
        return answer

    async def watch(self, room: RoomState, actor: Actor, former: str | None) -> WatchOffer:
        """An offer with one slot per seat. It replaces `former`, the socket's earlier watch. Raises Refused."""
        if former:
            await self.unwatch(room.slug, actor, former)
        with _as_refusals():
            offer = await self.backend.open_watch(room.slug, actor.user_id, room.seat_count + 1)
        self._watches[room.slug, actor.user_id].add(offer.watch_id)
        return offer

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The browser's answer to a watch offer. Raises Refused."""
        with _as_refusals():
            await self.backend.answer(watch_id, filter_watch_answer(sdp))

    async def unwatch(self, slug: str, actor: Actor, watch_id: str) -> None:
        self._watches[slug, actor.user_id].discard(watch_id)
        with contextlib.suppress(MediaUnavailable):
            await self.backend.close_watch(watch_id)

    # -- what rooms say
    def _changed(self, change: Change) -> None:
        room = change.room
        if room.status is RoomStatus.LIVE:
            self._rooms[room.slug] = room
            self._mark(room.slug)
            if room.has_media_server and not self.backend.is_up:  # it went live while the media server was away
                self._spawn(self._tell_room(room.slug, MediaServerLost()))
        elif self._rooms.pop(room.slug, None):
            self._mark(room.slug)

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
                    if room := self._rooms.get(slug):
                        await reconcile(self.backend, slug, grants(room))
                    else:
                        await self.backend.close_room(slug)
        finally:
            self._dirty.pop(slug, None)

    async def sweep(self) -> None:
        """One round of the clock: repairs what a lost message left behind, lets go of watchers without a socket."""
        self._round += 1
        if self._round % RECONCILE_ROUNDS == 0:
            for slug in list(self._rooms):
                self._rooms[slug] = await self.runtime.in_thread(store.read, slug)
                if self._rooms[slug].status is not RoomStatus.LIVE:
                    del self._rooms[slug]
                self._mark(slug)
        for key in list(self._watches):
            room_hub = self.runtime.hub.rooms.get(key[0])
            if room_hub and key[1] in room_hub.people:
                self._without_socket.pop(key, None)
                continue
            self._without_socket[key] = self._without_socket.get(key, 0) + 1
            if self._without_socket[key] >= WATCH_GRACE_ROUNDS:
                del self._without_socket[key]
                for watch_id in self._watches.pop(key):
                    with contextlib.suppress(MediaUnavailable):
                        await self.backend.close_watch(watch_id)

    # -- what the media server says
    async def _listen(self) -> None:
        async for event in self.backend.events():
            try:
                await self._heard(event)
            except Exception:
                logger.exception("a media event was not taken: %r", event)

    async def _heard(self, event: MediaEvent) -> None:
        match event:
            case BackendUp():
                self._watches.clear()
                self._say(generation=event.generation, is_up=True)
                await self._tell_all_rooms(MediaServerBack())
            case BackendDown():
                self._say(generation=self.runtime.hub.media.generation, is_up=False)
                await self._tell_all_rooms(MediaServerLost())
            case FeedUp():
                number = connection_number(event.grant_id)
                await self.runtime.perform(event.room_id, services.MEDIA, MediaUp(number=number))
            case FeedGone():
                number = connection_number(event.grant_id)
                await self.runtime.perform(event.room_id, services.MEDIA, MediaGone(number=number))

    def _say(self, *, generation: int, is_up: bool) -> None:
        media = MediaInfo(family=self.backend.family, generation=generation, is_up=is_up)
        self.runtime.hub.set_media(media, timezone.now())

    async def _tell_all_rooms(self, command: AnyCommand) -> None:
        for slug in list(self._rooms):
            await self._tell_room(slug, command)

    async def _tell_room(self, slug: str, command: AnyCommand) -> None:
        await self.runtime.perform(slug, services.MEDIA, command)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


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
