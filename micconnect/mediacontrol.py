"""Makes the media server do what the rooms say, and tells the rooms what became of it."""

import asyncio
import contextlib
import logging
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from micconnect import meters, services
from micconnect.domain.internal import AnyCommand, MediaServerBack, MediaServerLost
from micconnect.domain.needs import STAFF
from micconnect.domain.outcome import Refused
from micconnect.domain.room import HOST_SEAT, Actor, Person, RoomState
from micconnect.errands import Errands
from micconnect.media.base import (
    BackendDown,
    BackendUp,
    FeedGone,
    FeedStalled,
    FeedUp,
    KeptWatch,
    MediaBackend,
    MediaRefused,
    MediaUnavailable,
    RoomMoved,
    WatchOffer,
    reconcile,
)
from micconnect.media.sdp import VideoRefused, filter_publish_offer, filter_watch_answer
from micconnect.media.watches import Watch, Watches
from micconnect.mediachoice import make_backend
from micconnect.mediagrants import feed_name, grant_id, grants, is_shown_backstage, pictures_for, report_of, screen_name
from micconnect.mediasampling import Sampler
from micconnect.protocol.callbacks import OnMediaMoved
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import MediaInfo, SeatHealth
from micconnect.protocol.words import Device, DeviceState, Role, SanctionKind
from micconnect.roomhub import Change

if TYPE_CHECKING:
    from micconnect.keeper import Keeper

logger = logging.getLogger(__name__)


class MediaControl:
    """The one user of the media backend, at the keeper."""

    def __init__(self, keeper: "Keeper") -> None:
        self.keeper = keeper
        self.backend: MediaBackend = make_backend()
        self.sampler = Sampler(lambda: self.backend)
        self._dirty: dict[str, asyncio.Event] = {}
        self._errands = Errands("media control failed")
        self._watches = Watches(settings.WATCH_KEPT_S)

    async def start(self) -> None:
        """Begins. A media server that went on without us is found as it is, and nobody hears of it."""
        known = self.keeper.hub.media.generation
        self._say(generation=known, is_up=False)
        self.keeper.hub.listeners.append(self._changed)
        self._errands.begin(self._listen())
        self._errands.begin(self.sampler.keep_sampling(self.keeper.audiences))
        await self.backend.start(above=known)
        if not self.backend.is_up:
            await self._tell_all_rooms(MediaServerLost())

    async def stop(self) -> None:
        await self._errands.stop()
        if self._changed in self.keeper.hub.listeners:
            self.keeper.hub.listeners.remove(self._changed)
        await self.backend.stop()

    # -- what people ask for
    async def publish(self, room: RoomState, actor: Actor, sdp: str, *, is_screen: bool = False) -> str:
        """The answer to a browser's offer for the person's own seat, or for the own shared screen. Raises Refused.

        Only to the window that has the seat, so that two of them never cut each other off.
        """
        connection = room.connection_of(actor.user_id)
        if connection is None:
            raise Refused(ErrorCode.NOT_ON_SEAT)
        if connection.seat_index == HOST_SEAT and room.role_of(actor) is not Role.HOST:
            raise Refused(ErrorCode.FORBIDDEN)
        if connection.window != actor.window:
            raise Refused(ErrorCode.OTHER_WINDOW)
        if is_screen and room.device_state(connection, Device.SCREEN) is DeviceState.LOCKED:
            raise Refused(ErrorCode.DEVICE_LOCKED)
        mine = screen_name(connection.screen_number) if is_screen else feed_name(connection)
        grant = next((g for g in grants(room) if g.grant_id == grant_id(room, mine)), None)
        if grant is None:
            raise Refused(ErrorCode.BAD_SDP, {"part": "Open the screen first (setDevice), then publish it."})
        try:
            with _as_refusals():
                return await self.backend.open_publish(grant, filter_publish_offer(sdp, grant))
        finally:
            self.compare(room.slug)  # devices or the seat itself may have changed while the offer was on its way

    async def watch(
        self, room: RoomState, actor: Actor, former: str | None, *, has_pictures: bool = True
    ) -> WatchOffer:
        """An offer with the sound of each seat, and their pictures and the shared screen if wanted. Raises Refused.

        It replaces `former`, the socket's earlier watch.
        """
        if former:
            await self.unwatch(room.slug, actor.user_id, former)
        if ban := room.sanction(actor.user_id, SanctionKind.ROOM_BAN, timezone.now()):
            until = ban.until.isoformat() if ban.until else None
            raise Refused(ErrorCode.BANNED, {"until": until, "reason": ban.reason.value})
        is_staff = is_shown_backstage(room, actor)
        pictures = pictures_for(room, actor, settings.MEDIA_PICTURES, has_pictures=has_pictures)
        with _as_refusals():
            offer = await self.backend.open_watch(
                room.slug,
                actor.user_id,
                room.seat_count + 1,
                is_staff=is_staff,
                window=actor.window,
                pictures=pictures,
                note=actor.role.value,
            )
        if pictures:
            self.sampler.retell(room.slug)
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

    def leave(self, slug: str, user_id: str, watch_id: str | None) -> None:
        """Somebody left on purpose by a window with this watch: it ends at once.

        What an earlier socket of the window watches ends in the next round, unless the person has another window.
        """
        self._watches.leave(slug, user_id)
        if watch_id:
            self._errands.begin(self.unwatch(slug, user_id, watch_id))

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
                with contextlib.suppress(MediaUnavailable):  # when it comes back, all is compared
                    if room := self.keeper.live.values.get(slug):
                        # Neither waits for the other: both take something away from somebody.
                        changes = reconcile(self.backend, slug, grants(room))
                        _, cut = await asyncio.gather(self._end_watches(room), changes)
                        meters.count_cuts(cut)
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

    async def compare_all(self) -> None:
        """Has every live room compared, and closed what the server carries of others: repairs what a message left.

        Raises MediaUnavailable.
        """
        for slug in {*self.keeper.live.values, *await self.backend.rooms()}:
            self.compare(slug)

    async def check(self) -> None:
        """One round of the clock: nothing that was missed or failed is left as it is."""
        if not self.backend.is_up:
            return
        said = self.keeper.hub.media
        with contextlib.suppress(MediaUnavailable):
            if (said.generation, said.is_up) != (self.backend.generation, True):
                await self._take_up()
            else:
                await self.compare_all()

    def watchers(self, slug: str) -> set[str]:
        """The user ids of those who watch a room."""
        return {watch.viewer.user_id for watch in self._watches.of_room(slug)}

    async def drop_watchers(self, elsewhere: Container[tuple[str, str]] = ()) -> None:
        """One round of the clock: lets go of the watches of people without any socket who left, or are away for long.

        They end MIC_WATCH_KEPT_S after the last socket, plus two rounds; from other processes, and while the database
        is slow, one hears of sockets a round later.

        `elsewhere`: the (slug, user_id) of those who have one at another process.
        """
        rooms = self.keeper.hub.rooms

        def is_here(slug: str, user_id: str) -> bool:
            return (slug in rooms and user_id in rooms[slug].people) or (slug, user_id) in elsewhere

        for slug, watch in self._watches.long_away(is_here):
            await self.unwatch(slug, watch.viewer.user_id, watch.watch_id)

    # -- what is measured
    async def health(self, room: RoomState, actor: Actor) -> tuple[SeatHealth, ...]:
        """For the staff: how the media of everybody on air arrive. Raises Refused."""
        if room.role_of(actor) not in STAFF:
            raise Refused(ErrorCode.FORBIDDEN)
        with _as_refusals():
            return await self.sampler.health(room)

    def report_line(self, room: RoomState, actor: Actor, rtt_ms: int) -> None:
        """Somebody on air says how long the way to the media server and back is. Raises Refused."""
        if room.connection_of(actor.user_id) is None:
            raise Refused(ErrorCode.NOT_ON_SEAT)
        self.sampler.note_rtt(room.slug, actor.user_id, rtt_ms)

    # -- what the media server says
    async def _listen(self) -> None:
        async for event in self.backend.events():
            match event:
                case BackendUp(is_kept=True):
                    self._errands.begin(self.check_again())
                case BackendUp():
                    self._watches.clear()
                    self._say(generation=event.generation, is_up=True)
                    self._errands.begin(self._tell_all_rooms(MediaServerBack()))
                    self.sampler.show_again()
                case BackendDown():
                    self._say(generation=self.keeper.hub.media.generation, is_up=False)
                    self._errands.begin(self._tell_all_rooms(MediaServerLost()))
                case RoomMoved(room_id=slug):
                    self._errands.begin(self._room_moved(slug))
                case FeedUp() | FeedGone() | FeedStalled():
                    if report := report_of(event):
                        self._errands.begin(self._tell_room(event.room_id, report))

    async def check_again(self) -> None:
        """A media server that went on without us is there: take it as it is. What fails is tried again in `check`."""
        with contextlib.suppress(MediaUnavailable):
            await self._take_up()

    async def _take_up(self) -> None:
        """Its watches are ours again; who lost the leave meanwhile is cut; then the rooms hear what they missed.

        Raises MediaUnavailable. Repeating does no harm.
        """
        generation, before = self.backend.generation, self._watches.ids()
        found = {kept.watch_id: kept for kept in await self.backend.watches()}
        if (self.backend.generation, self.backend.is_up) != (generation, True):
            return  # it went while it was asked
        self._watches.forget(before - found.keys())
        for kept in found.values():
            if kept.watch_id not in before:
                await self._take_up_watch(kept)
        self._say(generation=generation, is_up=True)
        await self.compare_all()
        await self.keeper.facts.report_media()

    async def _take_up_watch(self, kept: KeptWatch) -> None:
        try:
            actor = Actor(person=Person(user_id=kept.viewer_id, name=""), role=Role(kept.note))
        except ValueError:  # of another version of ours
            await self.backend.close_watch(kept.watch_id)
            return
        for surplus in self._watches.add(kept.room_id, Watch(kept.watch_id, actor, kept.is_staff)):
            await self.backend.close_watch(surplus.watch_id)

    async def _room_moved(self, slug: str) -> None:
        """All lines of a room are gone at once; seats are kept as when the whole server restarts."""
        self._watches.drop(slug)
        for audience in self.keeper.audiences():
            if audience.slug == slug:
                audience.tell_all(OnMediaMoved(), timezone.now())
        await self._tell_room(slug, MediaServerBack())

    def _say(self, *, generation: int, is_up: bool) -> None:
        has_relay = bool(settings.TURN_URLS)
        media = MediaInfo(family=self.backend.family, generation=generation, is_up=is_up, has_relay=has_relay)
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
