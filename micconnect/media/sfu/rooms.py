"""Rooms as the forwarder sees them: who may be heard, who listens, and what runs between the two."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence

from micconnect.media.base import (
    Feed,
    FeedEvent,
    FeedGone,
    FeedStalled,
    FeedStats,
    FeedUp,
    KeptWatch,
    MediaRefused,
    SeatGrant,
    WatchOffer,
)
from micconnect.media.flow import KINDS, Flows
from micconnect.media.sfu.messages import TrackDetails, Watch
from micconnect.media.sfu.publisher import Publisher
from micconnect.media.sfu.source import Source
from micconnect.media.sfu.watcher import MOVING, Place, Watcher
from micconnect.media.tombstones import Tombstones
from micconnect.protocol.words import Device

EARLY_MUTES_MAX = 100
NEWEST_MAX = 1000


class OnAir:
    """One grant with its present line: where it is shown, to whom, and what of it is muted."""

    def __init__(self, publisher: Publisher, muted: dict[str, bool]) -> None:
        self.publisher = publisher
        self.muted = muted
        self.seat = publisher.grant.seat_index
        self.is_backstage = publisher.grant.is_backstage
        self.is_up = False
        self.flows = Flows(publisher.grant)

    @property
    def grant(self) -> SeatGrant:
        return self.publisher.grant


class Room:
    """One room. All methods but the two that negotiate act at once, without waiting for anything."""

    def __init__(self, room_id: str, kbps: dict[str, int], cut: Tombstones, emit: Callable[[FeedEvent], None]) -> None:
        self.room_id = room_id
        self.on_air: dict[str, OnAir] = {}
        self.watchers: dict[str, Watcher] = {}
        self._kbps = kbps
        self._emit = emit
        self._cut = cut
        self._early_mutes: dict[tuple[str, str], bool] = {}
        self._newest: dict[str, int] = {}
        self._shown: tuple[int, ...] = ()
        self._forwarded = 0
        self._is_closed = False
        self.opening = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is lost if the room is forgotten."""
        return not (self.on_air or self.watchers or self.opening or self._shown)

    @property
    def forwarded(self) -> int:
        """How many packets went out to all who watched so far."""
        return self._forwarded + sum(watcher.packets for watcher in self.watchers.values())

    # -- publishing ----------------------------------------------------------------------------------------------------

    async def publish(self, grant: SeatGrant, offer: str, order: int) -> str:
        """Open a line for the grant; an older one ends when the new one is agreed. Raises MediaRefused.

        `order` tells which of several offers for the grant was made later: that one holds the line, however late an
        earlier one is agreed.
        """
        self._check_welcome(grant, order)
        publisher = Publisher(grant, self._kbps, self._media_came, self._ticked, self._publisher_ended)
        answer = await publisher.open(offer)
        try:
            self._check_welcome(grant, order)
        except MediaRefused:
            publisher.end()
            raise
        self._note_newest(grant, order)
        old = self.on_air.pop(grant.grant_id, None)
        entry = OnAir(publisher, self._first_mutes(grant, old))
        if old is not None:
            entry.is_up = old.is_up
            entry.flows = old.flows
            entry.is_backstage = entry.is_backstage or old.is_backstage  # as with mutes
        # The newest line of a seat is the one that is seen, hence the order of insertion counts.
        self.on_air[grant.grant_id] = entry
        for kind, source in publisher.sources.items():
            source.set_muted(entry.muted[kind])
        if old is not None:
            old.publisher.end()
        self._wire_seats({entry.seat} if old is None else {entry.seat, old.seat})
        return answer

    def _check_welcome(self, grant: SeatGrant, order: int) -> None:
        if grant.grant_id in self._cut or self._is_closed:
            raise MediaRefused("This time on air is over.")
        if order < self._newest.get(grant.grant_id, order):
            raise MediaRefused("a newer window has taken over")

    def _note_newest(self, grant: SeatGrant, order: int) -> None:
        # Kept beyond the end of the line: an offer of an older window may still be on its way then.
        self._newest.pop(grant.grant_id, None)
        self._newest[grant.grant_id] = order
        if len(self._newest) > NEWEST_MAX:
            del self._newest[next(iter(self._newest))]

    def _first_mutes(self, grant: SeatGrant, old: OnAir | None) -> dict[str, bool]:
        """A mute that overtook the offer, or is in force already, wins; the next reconciliation lifts what is stale."""
        muted = {"audio": grant.audio_muted, "video": grant.video_muted}
        for kind in muted:
            early = self._early_mutes.pop((grant.grant_id, kind), False)
            muted[kind] = muted[kind] or early or (old is not None and old.muted[kind])
        return muted

    def _media_came(self, publisher: Publisher) -> None:
        entry = self.on_air.get(publisher.grant.grant_id)
        if entry is not None and entry.publisher is publisher and not entry.is_up:
            entry.is_up = True
            self._emit(FeedUp(room_id=self.room_id, grant_id=publisher.grant.grant_id))

    def _ticked(self, publisher: Publisher) -> None:
        """A second of a line has passed: does all of it bring something?"""
        entry = self.on_air.get(publisher.grant.grant_id)
        if entry is None or entry.publisher is not publisher or not entry.is_up:
            return
        muted = [kind for kind, is_muted in entry.muted.items() if is_muted]
        if entry.flows.take(publisher.came, muted, is_line_alive=not publisher.quiet_ticks):
            self._emit(FeedStalled(self.room_id, publisher.grant.grant_id, entry.flows.stalled))

    def _publisher_ended(self, publisher: Publisher) -> None:
        """A line is over. Only the present one of a grant means anything."""
        grant = publisher.grant
        entry = self.on_air.get(grant.grant_id)
        if entry is None or entry.publisher is not publisher:
            return
        del self.on_air[grant.grant_id]
        self._wire_seats({entry.seat})
        self._emit(FeedGone(room_id=self.room_id, grant_id=grant.grant_id))

    def cut(self, grant_id: str) -> None:
        """End the line of a grant; whether it may come back is for the caller to say."""
        entry = self.on_air.pop(grant_id, None)
        if entry is not None:
            entry.publisher.end()
            self._wire_seats({entry.seat})

    def set_muted(self, grant_id: str, device: Device, is_muted: bool) -> None:
        """Forward a device or not; for a grant without a line it is remembered until that comes."""
        kind = KINDS[device]
        entry = self.on_air.get(grant_id)
        if entry is None:
            self._early_mutes[grant_id, kind] = is_muted
            if len(self._early_mutes) > EARLY_MUTES_MAX:
                del self._early_mutes[next(iter(self._early_mutes))]
            return
        entry.muted[kind] = is_muted
        source = entry.publisher.sources.get(kind)
        if source is not None:
            source.set_muted(is_muted)

    def set_backstage(self, grant_id: str, is_backstage: bool) -> None:
        """Forward a grant to the staff only, or to everybody."""
        entry = self.on_air.get(grant_id)
        if entry is not None:
            entry.is_backstage = is_backstage
            self._wire_seats({entry.seat})

    def place(self, places: Mapping[str, int]) -> None:
        """Show grants on other seats; nothing is sent between the first move and the last."""
        changed: set[int] = set()
        for grant_id, seat in places.items():
            entry = self.on_air.get(grant_id)
            if entry is not None:
                changed |= {entry.seat, seat}
                entry.seat = seat
        self._wire_seats(changed)

    def feeds(self) -> tuple[Feed, ...]:
        """What is forwarded now."""
        return tuple(
            Feed(
                grant_id,
                audio_muted=entry.muted["audio"],
                video_muted=entry.muted["video"],
                is_up=entry.is_up,
                seat_index=entry.seat,
                is_backstage=entry.is_backstage,
                stalled=entry.flows.stalled,
            )
            for grant_id, entry in self.on_air.items()
        )

    def stats(self) -> tuple[FeedStats, ...]:
        """How the lines arrive that have been up for a moment."""
        return tuple(entry.publisher.stats for entry in self.on_air.values() if entry.publisher.stats is not None)

    # -- watching ------------------------------------------------------------------------------------------------------

    async def watch(self, request: Watch) -> WatchOffer:
        """Open a line for a viewer; what is backstage comes to the staff only."""
        watch_id = secrets.token_urlsafe(12)
        kept = KeptWatch(watch_id, self.room_id, request.viewer_id, request.is_staff, request.note, request.window)
        watcher = Watcher(kept, request.seats, request.pictures, self._wire_leg, self._watcher_ended)
        self.watchers[watch_id] = watcher
        try:
            sdp, slots = await watcher.open()
        except BaseException:
            watcher.end()
            raise
        return WatchOffer(watch_id, sdp, slots, self._shown[: request.pictures or 0])

    def watches(self) -> list[KeptWatch]:
        """The watches that stand now."""
        return [watcher.kept for watcher in self.watchers.values()]

    def show(self, seats: Sequence[int]) -> None:
        """Show these seats in the moving pictures, the first in the first slot."""
        self._shown = tuple(seats)
        for watcher in self.watchers.values():
            for place in list(watcher.legs):
                if place[1] == MOVING:
                    self._wire_leg(watcher, place)

    def _watcher_ended(self, watcher: Watcher) -> None:
        if self.watchers.pop(watcher.kept.watch_id, None) is not None:
            self._forwarded += watcher.packets

    def _owner(self, seat: int, watcher: Watcher) -> OnAir | None:
        """Whose media a seat shows to a watcher: of several lines on one seat the newest that is for them."""
        for entry in reversed(self.on_air.values()):
            if entry.seat == seat and (watcher.kept.is_staff or not entry.is_backstage):
                return entry
        return None

    def _wire_seats(self, seats: Collection[int]) -> None:
        moving = [index for index, seat in enumerate(self._shown) if seat in seats]
        places = [(seat, kind) for seat in seats for kind in KINDS.values()] + [(index, MOVING) for index in moving]
        for watcher in self.watchers.values():
            for place in places:
                self._wire_leg(watcher, place)

    def _wire_leg(self, watcher: Watcher, place: Place) -> None:
        leg = watcher.legs.get(place)
        if leg is None:
            return
        number, kind = place
        owner: OnAir | None = None
        if kind != MOVING:
            owner = self._owner(number, watcher)
        elif number < len(self._shown) and self._shown[number] >= 0:
            owner, kind = self._owner(self._shown[number], watcher), "video"
        source: Source | None = None
        if owner is not None and not owner.grant.comes_from(watcher.kept.viewer_id, watcher.kept.window):
            source = owner.publisher.sources.get(kind)
        leg.attach(source)

    # -- the end -------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Cut everybody for ever and let every viewer go."""
        self._is_closed = True
        for grant_id in list(self.on_air):
            self._cut.add(grant_id)
            self.cut(grant_id)
        for watcher in list(self.watchers.values()):
            watcher.end()

    def details(self) -> list[TrackDetails]:
        """What the tracks of the room brought."""
        return [
            TrackDetails(grant_id, kind, source.packets, source.octets, source.dropped, source.level)
            for grant_id, entry in self.on_air.items()
            for kind, source in entry.publisher.sources.items()
        ]
