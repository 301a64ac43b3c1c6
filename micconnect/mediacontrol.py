"""Makes the media server do what the rooms say, and tells the rooms what became of it."""

import asyncio
import contextlib
import logging
from collections.abc import Collection, Container, Iterator
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils import timezone
from msgspec.structs import replace

from micconnect import services
from micconnect.domain.internal import AnyCommand, MediaGone, MediaServerBack, MediaServerLost, MediaUp, ScreenGone
from micconnect.domain.needs import STAFF
from micconnect.domain.outcome import Refused
from micconnect.domain.room import HOST_SEAT, Actor, RoomState
from micconnect.errands import Errands
from micconnect.media.base import (
    SCREEN_PLACE,
    BackendDown,
    BackendUp,
    FeedGone,
    FeedStats,
    FeedUp,
    MediaBackend,
    MediaRefused,
    MediaUnavailable,
    SeatGrant,
    WatchOffer,
    reconcile,
)
from micconnect.media.embedded import EmbeddedBackend
from micconnect.media.sampling import Samples
from micconnect.media.sdp import VideoRefused, filter_publish_offer, filter_watch_answer
from micconnect.media.watches import Watch, Watches
from micconnect.protocol.callbacks import Callback, OnUserNetworkQualityChanged, OnUserVoiceVolumeChanged
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import MediaInfo
from micconnect.protocol.words import Device, DeviceState, LinkMedia, Role, RoomStatus, SanctionKind
from micconnect.roomhub import Change

if TYPE_CHECKING:
    from datetime import datetime

    from micconnect.keeper import Keeper

logger = logging.getLogger(__name__)

SAMPLE_S = 1.0


def grant_id(room: RoomState, name: str) -> str:
    """Names one time on air, or one opening of a screen, for the media server; never used again.

    `name`: a connection's id, or `screen_name`. Not even a restart uses it again: the epoch is in it.
    """
    return f"{room.slug}.{room.epoch}.{name}"


def screen_name(screen_number: int) -> str:
    """One opening of a shared screen."""
    return f"s{screen_number}"


def grants(room: RoomState) -> list[SeatGrant]:
    """Who should be heard and seen in the room now, and whose screen."""
    found: list[SeatGrant] = []
    for connection in room.connections:
        own = SeatGrant(
            grant_id=grant_id(room, connection.connection_id),
            room_id=room.slug,
            user_id=connection.person.user_id,
            seat_index=connection.seat_index,
            has_video=connection.media is LinkMedia.VIDEO,
            audio_muted=room.device_state(connection, Device.MICROPHONE) is not DeviceState.OPEN,
            video_muted=room.device_state(connection, Device.CAMERA) is not DeviceState.OPEN,
            is_backstage=connection.is_backstage,
        )
        found.append(own)
        if room.device_state(connection, Device.SCREEN) is DeviceState.OPEN:
            found.append(
                replace(
                    own,
                    grant_id=grant_id(room, screen_name(connection.screen_number)),
                    seat_index=SCREEN_PLACE,
                    has_video=True,
                    audio_muted=True,
                    video_muted=False,
                )
            )
    return found


def is_shown_backstage(room: RoomState, actor: Actor) -> bool:
    """Whether somebody who watches sees and hears those behind the stage: the staff, and the host at any door."""
    role = room.role_of(actor)
    return actor.user_id == room.host.user_id or (role in STAFF and role is not Role.HOST)


def report_of(event: FeedUp | FeedGone) -> AnyCommand | None:
    """What the room has to hear of a feed's event, by the kind of grant; a screen that has come is no news."""
    name = event.grant_id.rpartition(".")[2]
    number = int(name[1:])
    if name == screen_name(number):
        return ScreenGone(number=number) if isinstance(event, FeedGone) else None
    return MediaUp(number=number) if isinstance(event, FeedUp) else MediaGone(number=number)


class Audience(Protocol):
    """All who are in one room, as far as they have to hear of volumes and qualities."""

    @property
    def slug(self) -> str: ...

    @property
    def room(self) -> RoomState | None: ...

    @property
    def people(self) -> Collection[str]:
        """User ids."""
        ...

    @property
    def sockets(self) -> Collection[str]:
        """Anything that is new when somebody new is there."""
        ...

    def tell_all(self, callback: Callback, at: "datetime") -> None: ...


class MediaControl:
    """The one user of the media backend, at the keeper."""

    def __init__(self, keeper: "Keeper") -> None:
        self.keeper = keeper
        self.backend: MediaBackend = EmbeddedBackend(
            address=settings.MEDIA_ADDRESS or None,
            video_kbps=settings.MEDIA_VIDEO_KBPS,
            audio_kbps=settings.MEDIA_AUDIO_KBPS,
        )
        self._dirty: dict[str, asyncio.Event] = {}
        self._errands = Errands("media control failed")
        self._watches = Watches()
        self._samples: dict[str, Samples] = {}

    async def start(self) -> None:
        self._say(generation=self.keeper.hub.media.generation, is_up=False)
        await self._tell_all_rooms(MediaServerLost())
        self.keeper.hub.listeners.append(self._changed)
        self._errands.begin(self._listen())
        self._errands.begin(self._keep_sampling())
        await self.backend.start()

    async def stop(self) -> None:
        await self._errands.stop()
        if self._changed in self.keeper.hub.listeners:
            self.keeper.hub.listeners.remove(self._changed)
        await self.backend.stop()

    # -- what people ask for
    async def publish(self, room: RoomState, actor: Actor, sdp: str, *, is_screen: bool = False) -> str:
        """The answer to a browser's offer for the person's own seat, or for the own shared screen. Raises Refused."""
        connection = room.connection_of(actor.user_id)
        if connection is None:
            raise Refused(ErrorCode.NOT_ON_SEAT)
        if connection.seat_index == HOST_SEAT and room.role_of(actor) is not Role.HOST:
            raise Refused(ErrorCode.FORBIDDEN)
        if is_screen and room.device_state(connection, Device.SCREEN) is DeviceState.LOCKED:
            raise Refused(ErrorCode.DEVICE_LOCKED)
        mine = screen_name(connection.screen_number) if is_screen else connection.connection_id
        grant = next((g for g in grants(room) if g.grant_id == grant_id(room, mine)), None)
        if grant is None:
            raise Refused(ErrorCode.BAD_SDP, {"part": "Open the screen first (setDevice), then publish it."})
        try:
            with _as_refusals():
                return await self.backend.open_publish(grant, filter_publish_offer(sdp, grant))
        finally:
            self.compare(room.slug)  # devices or the seat itself may have changed while the offer was on its way

    async def watch(self, room: RoomState, actor: Actor, former: str | None) -> WatchOffer:
        """An offer with one slot per seat and one for the shared screen. Raises Refused.

        It replaces `former`, the socket's earlier watch.
        """
        if former:
            await self.unwatch(room.slug, actor.user_id, former)
        if ban := room.sanction(actor.user_id, SanctionKind.ROOM_BAN, timezone.now()):
            until = ban.until.isoformat() if ban.until else None
            raise Refused(ErrorCode.BANNED, {"until": until, "reason": ban.reason.value})
        is_staff = is_shown_backstage(room, actor)
        with _as_refusals():
            offer = await self.backend.open_watch(room.slug, actor.user_id, room.seat_count + 1, is_staff=is_staff)
        for surplus in self._watches.add(room.slug, Watch(offer.watch_id, actor, is_staff)):
            await self.unwatch(room.slug, actor.user_id, surplus.watch_id)
        self.compare(room.slug)  # who may watch what may have changed while the offer was on its way
        return offer

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The browser's answer to a watch offer. Raises Refused."""
        with _as_refusals():
            await self.backend.answer(watch_id, filter_watch_answer(sdp))

    async def unwatch(self, slug: str, user_id: str, watch_id: str) -> None:
        """Ends a watch. Repeating does nothing."""
        self._watches.remove(slug, user_id, watch_id)
        with contextlib.suppress(MediaUnavailable):
            await self.backend.close_watch(watch_id)

    # -- what rooms say
    def _changed(self, change: Change) -> None:
        self.compare(change.room.slug)

    def compare(self, slug: str) -> None:
        """Has the room compared soon; many marks while one comparison runs lead to one more."""
        event = self._dirty.get(slug)
        if event is None:
            event = self._dirty[slug] = asyncio.Event()
            self._errands.begin(self._reconcile(slug, event))
        event.set()

    async def _reconcile(self, slug: str, event: asyncio.Event) -> None:
        try:
            while event.is_set():
                event.clear()
                with contextlib.suppress(MediaUnavailable):  # it is empty when it comes back
                    if room := self.keeper.live.values.get(slug):
                        # Neither waits for the other: both take something away from somebody.
                        await asyncio.gather(self._end_watches(room), reconcile(self.backend, slug, grants(room)))
                    else:
                        await self.backend.close_room(slug)
        finally:
            self._dirty.pop(slug, None)

    async def _end_watches(self, room: RoomState) -> None:
        """Ends the watches of who is banned, and those that show the backstage to who is no longer of the staff.

        The page of the latter watches anew, as everybody.
        """
        now = timezone.now()
        ended = [
            watch
            for watch in self._watches.of_room(room.slug)
            if room.is_banned(watch.viewer.user_id, now)
            or (watch.is_staff and not is_shown_backstage(room, watch.viewer))
        ]
        await asyncio.gather(*(self.unwatch(room.slug, w.viewer.user_id, w.watch_id) for w in ended))

    def compare_all(self) -> None:
        """Has every live room compared: repairs what a lost message left behind."""
        for slug in self.keeper.live.values:
            self.compare(slug)

    def watchers(self, slug: str) -> set[str]:
        """The user ids of those who watch a room."""
        return {watch.viewer.user_id for watch in self._watches.of_room(slug)}

    async def drop_watchers(self, elsewhere: Container[tuple[str, str]] = ()) -> None:
        """One round of the clock: lets go of the watches of people who have been without any socket for long.

        `elsewhere`: the (slug, user_id) of those who have one at another process.
        """
        rooms = self.keeper.hub.rooms

        def is_here(slug: str, user_id: str) -> bool:
            return (slug in rooms and user_id in rooms[slug].people) or (slug, user_id) in elsewhere

        for slug, watch in self._watches.long_away(is_here):
            await self.unwatch(slug, watch.viewer.user_id, watch.watch_id)

    # -- what is measured
    async def _keep_sampling(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            audiences = self.keeper.audiences()
            for slug in self._samples.keys() - {audience.slug for audience in audiences}:
                del self._samples[slug]
            outcomes = await asyncio.gather(*map(self.sample, audiences), return_exceptions=True)
            for error in outcomes:
                if isinstance(error, Exception):
                    logger.error("a sample of a room's media failed", exc_info=error)

    async def sample(self, audience: Audience) -> None:
        """Measures the feeds of one room and tells its audience what changed in volumes and qualities.

        Nothing is asked for a room in which nobody is on air, or nobody else is there to hear of it.
        """
        room = audience.room
        stats: tuple[FeedStats, ...] = ()
        wanted = grants(room) if room and room.status is RoomStatus.LIVE and self.backend.is_up else []
        if wanted and (len(audience.people) > 1 or any(grant.user_id not in audience.people for grant in wanted)):
            try:
                stats = await self.backend.measure(audience.slug)
            except MediaUnavailable:
                return  # too busy just now; if it is away, the next round knows
        elif audience.slug not in self._samples:
            return
        samples = self._samples.setdefault(audience.slug, Samples())
        samples.take(wanted, stats)
        volumes, qualities = samples.news(audience.sockets)
        if volumes is not None:
            audience.tell_all(OnUserVoiceVolumeChanged(volumes=volumes), timezone.now())
        if qualities is not None:
            audience.tell_all(OnUserNetworkQualityChanged(qualities=qualities), timezone.now())

    # -- what the media server says
    async def _listen(self) -> None:
        async for event in self.backend.events():
            match event:
                case BackendUp():
                    self._watches.clear()
                    # a former keeper's clock may have been ahead of ours
                    self._say(generation=max(event.generation, self.keeper.hub.media.generation + 1), is_up=True)
                    self._errands.begin(self._tell_all_rooms(MediaServerBack()))
                case BackendDown():
                    self._say(generation=self.keeper.hub.media.generation, is_up=False)
                    self._errands.begin(self._tell_all_rooms(MediaServerLost()))
                case FeedUp() | FeedGone():
                    if report := report_of(event):
                        self._errands.begin(self._tell_room(event.room_id, report))

    def _say(self, *, generation: int, is_up: bool) -> None:
        media = MediaInfo(family=self.backend.family, generation=generation, is_up=is_up)
        self.keeper.say_media(media)

    async def _tell_all_rooms(self, command: AnyCommand) -> None:
        """A room that cannot be told is no reason to leave the others without sound."""
        slugs = list(self.keeper.live.values)
        outcomes = await asyncio.gather(*(self._tell_room(slug, command) for slug in slugs), return_exceptions=True)
        for slug, outcome in zip(slugs, outcomes, strict=True):
            if isinstance(outcome, Exception):
                logger.error("room %s could not take %s", slug, type(command).__name__, exc_info=outcome)

    async def _tell_room(self, slug: str, command: AnyCommand) -> None:
        """Reports of one room keep their order: tasks begin in the order of events, and the room's turn is a queue."""
        await self.keeper.perform(slug, services.MEDIA, command)


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
