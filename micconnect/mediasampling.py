"""Measures the feeds of live rooms once a second; tells their people who speaks, whose line is poor, who is shown."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils import timezone

from micconnect.domain.room import HOST_SEAT, RoomState
from micconnect.errands import Errands
from micconnect.media.base import FeedStats, MediaBackend, MediaUnavailable, SeatGrant
from micconnect.media.pictures import Pictures
from micconnect.media.sampling import Samples
from micconnect.mediagrants import grants
from micconnect.protocol.callbacks import (
    Callback,
    OnPicturesChanged,
    OnUserNetworkQualityChanged,
    OnUserVoiceVolumeChanged,
)
from micconnect.protocol.views import SeatHealth
from micconnect.protocol.words import RoomStatus

if TYPE_CHECKING:
    from datetime import datetime

SAMPLE_S = 1.0
RETELL_SAMPLES = 5
NOBODY = -1  # in the place of a seat


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


class _Room:
    """What is kept of one room between two samples.

    `told`: the seats that pages believe the moving pictures show. `due`: those that the media server has to be told to
    show. `is_retold`: somebody new may not know them.
    """

    def __init__(self) -> None:
        self.samples = Samples()
        self.pictures = Pictures(settings.MEDIA_PICTURES)
        self.told: tuple[int, ...] = ()
        self.due: tuple[int, ...] | None = None
        self.is_retold = False
        self.quiet_samples = 0
        self.sockets: set[str] = set()


class Sampler:
    """The samples of all live rooms of a media server."""

    def __init__(self, backend: Callable[[], MediaBackend]) -> None:
        self._backend = backend
        self._rooms: dict[str, _Room] = {}
        self._busy: set[str] = set()
        self._errands = Errands("a sample of a room's media failed")

    async def keep_sampling(self, audiences: Callable[[], "list[Audience]"]) -> None:
        """Goes on for ever. A room that takes long holds up no other."""
        try:
            while True:
                await asyncio.sleep(SAMPLE_S)
                present = audiences()
                for slug in self._rooms.keys() - {audience.slug for audience in present}:
                    del self._rooms[slug]
                for audience in present:
                    if audience.slug not in self._busy:
                        self._errands.begin(self._sample_alone(audience))
        finally:
            await self._errands.stop()

    async def _sample_alone(self, audience: Audience) -> None:
        self._busy.add(audience.slug)
        try:
            await self.sample(audience)
        finally:
            self._busy.discard(audience.slug)

    async def sample(self, audience: Audience) -> None:
        """Measures the feeds of one room and tells its audience what changed.

        Nothing is asked for a room in which nobody is on air, or nobody else is there to hear of it.
        """
        room = audience.room
        wanted = grants(room) if room and room.status is RoomStatus.LIVE and self._backend().is_up else []
        stats: tuple[FeedStats, ...] = ()
        if wanted and (len(audience.people) > 1 or any(grant.user_id not in audience.people for grant in wanted)):
            try:
                stats = await self._backend().measure(audience.slug)
            except MediaUnavailable:
                return  # too busy just now; if it is away, the next round knows
        elif audience.slug not in self._rooms:
            return
        kept = self._rooms.setdefault(audience.slug, _Room())
        kept.samples.take(wanted, stats)
        volumes, qualities = kept.samples.news(audience.sockets)
        now = timezone.now()
        if volumes is not None:
            audience.tell_all(OnUserVoiceVolumeChanged(volumes=volumes), now)
        if qualities is not None:
            audience.tell_all(OnUserNetworkQualityChanged(qualities=qualities), now)
        # In a room that has become smaller, watches of before go on with moving pictures until they end.
        if room and (kept.told or room.seat_count + 1 > settings.MEDIA_PICTURES):
            await self._move_pictures(audience, kept, room, wanted)

    async def _move_pictures(self, audience: Audience, kept: _Room, room: RoomState, wanted: list[SeatGrant]) -> None:
        """Which seats those see who do not see all."""
        large = room.connection_of(room.spotlight) if room.spotlight else None
        now_s = asyncio.get_running_loop().time()
        seats = kept.pictures.take(wanted, kept.samples.volumes, large.seat_index if large else HOST_SEAT, now_s)
        if seats is not None:
            kept.due = seats
        kept.quiet_samples += 1
        if kept.due is not None:
            await self._move(audience, kept, kept.due)
        # A page that comes back with its watch unbroken has missed the moves since; the bus may have lost one.
        sockets = set(audience.sockets)
        is_due = kept.is_retold or kept.quiet_samples >= RETELL_SAMPLES or not sockets <= kept.sockets
        if is_due and kept.told and kept.quiet_samples:
            self._tell_pictures(audience, kept, kept.told)
        kept.sockets, kept.is_retold = sockets, False

    async def _move(self, audience: Audience, kept: _Room, due: tuple[int, ...]) -> None:
        """Pages first let go of the pictures that change, so that nobody's face stands under another one's name.

        What the media server does not take is due again with the next sample.
        """
        stays = dict(enumerate(kept.told))
        between = tuple(seat if stays.get(slot) == seat else NOBODY for slot, seat in enumerate(due))
        if between != kept.told and any(seat != NOBODY for seat in kept.told):
            self._tell_pictures(audience, kept, between)
        with contextlib.suppress(MediaUnavailable):
            await self._backend().show(audience.slug, due)
            kept.due = None
            self._tell_pictures(audience, kept, due)

    @staticmethod
    def _tell_pictures(audience: Audience, kept: _Room, seats: tuple[int, ...]) -> None:
        kept.told, kept.quiet_samples = seats, 0
        audience.tell_all(OnPicturesChanged(seats=seats), timezone.now())

    def retell(self, slug: str) -> None:
        """Somebody has begun to watch a room; what they were answered may cross a move of the pictures."""
        if kept := self._rooms.get(slug):
            kept.is_retold = True

    async def health(self, room: RoomState) -> tuple[SeatHealth, ...]:
        """How the media of everybody on air arrive. Raises MediaUnavailable."""
        kept = self._rooms.get(room.slug)
        if kept and (known := kept.samples.health()):
            return known
        samples = Samples()  # nobody else is there, hence nobody has asked
        samples.take(grants(room), await self._backend().measure(room.slug))
        return samples.health()

    def note_rtt(self, slug: str, user_id: str, rtt_ms: int) -> None:
        """What the browser of somebody on air says of its line."""
        if kept := self._rooms.get(slug):
            kept.samples.note_rtt(user_id, rtt_ms)

    def show_again(self) -> None:
        """The media server is new: with the next sample it is told which pictures move."""
        for kept in self._rooms.values():
            if kept.told:
                kept.due = kept.due or kept.told
