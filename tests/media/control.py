"""A media control without processes: rooms made by hand, a media server that only keeps books, a hub that listens."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Literal

from msgspec.structs import replace

from micconnect.domain.internal import AnyCommand
from micconnect.domain.room import Actor, Connection, Person, RoomState
from micconnect.facts import Facts
from micconnect.media.base import Feed, FeedStats, KeptWatch, MediaEvent, MediaUnavailable, SeatGrant, WatchOffer
from micconnect.media.events import EventFan
from micconnect.mediacontrol import MediaControl
from micconnect.protocol.callbacks import Callback
from micconnect.protocol.views import MediaInfo, RoomOptions
from micconnect.protocol.words import Device, DeviceState, LinkMedia, Role, RoomStatus
from micconnect.roomhub import Change

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN = DeviceState.OPEN


def actor(name: str, role: Role = Role.AUDIENCE) -> Actor:
    return Actor(person=Person(user_id=name, name=name.title()), role=role)


HOST = actor("host", Role.HOST)
ANN, BOB, MONA = actor("ann"), actor("bob"), actor("mona", Role.MODERATOR)


def on_seat(number: int, who: Actor, seat: int, **more: Any) -> Connection:
    """A connection with both devices open."""
    fields = {"media": LinkMedia.VIDEO, "microphone": OPEN, "camera": OPEN, **more}
    return Connection(number=number, person=who.person, seat_index=seat, started_at=NOW, **fields)


def live_room(*connections: Connection, **more: Any) -> RoomState:
    """A live room; the host is on seat 0 if nobody else is named."""
    fields = {"options": RoomOptions(title="Show", seat_count=3), "epoch": "e", "status": RoomStatus.LIVE, **more}
    people = connections or (on_seat(1, HOST, 0),)
    return RoomState(slug="show", host=HOST.person, connections=people, **fields)


class Books:
    """A media server that forwards nothing and remembers everything."""

    family: Literal["sdp"] = "sdp"
    generation = 1

    def __init__(self) -> None:
        self.is_up = True
        self.is_busy = self.measures_though_busy = False
        self.asked: list[tuple[Any, ...]] = []
        self.watched: dict[str, tuple[str, int, bool]] = {}
        self.lines: dict[str, KeptWatch] = {}
        self.pictures: dict[str, int | None] = {}
        self.fan = EventFan()
        self.carried: frozenset[str] = frozenset()
        self.feeds: tuple[Feed, ...] = ()
        self.stats: tuple[FeedStats, ...] = ()
        self.gate = asyncio.Event()
        self.gate.set()

    async def open_publish(self, grant: SeatGrant, offer_sdp: str) -> str:
        self.asked.append(("publish", grant))
        return "answer"

    async def open_watch(
        self, room_id: str, viewer_id: str, seats: int, *, is_staff: bool, window: str, pictures: int | None, note: str
    ) -> WatchOffer:
        await self.gate.wait()
        watch_id = f"w{len(self.asked)}"
        self.asked.append(("watch", viewer_id))
        self.pictures[viewer_id] = pictures
        self.lines[watch_id] = KeptWatch(watch_id, room_id, viewer_id, is_staff, note, window)
        self.watched[watch_id] = (viewer_id, seats, is_staff)
        return WatchOffer(watch_id=watch_id, sdp="offer", slots=())

    async def close_watch(self, watch_id: str) -> None:
        self.watched.pop(watch_id, None)
        self.lines.pop(watch_id, None)

    async def watches(self) -> tuple[KeptWatch, ...]:
        if self.is_busy:
            raise MediaUnavailable("busy")
        return tuple(self.lines.values())

    async def rooms(self) -> frozenset[str]:
        return self.carried

    async def cut(self, room_id: str, grant_id: str) -> None:
        self.asked.append(("cut", grant_id))

    async def close_room(self, room_id: str) -> None:
        self.asked.append(("close_room", room_id))

    async def set_muted(self, room_id: str, grant_id: str, device: Device, is_muted: bool) -> None:
        self.asked.append(("mute", grant_id, device, is_muted))

    async def show(self, room_id: str, seats: Sequence[int]) -> None:
        self.asked.append(("show", tuple(seats)))
        if self.is_busy:
            raise MediaUnavailable("busy")

    def events(self) -> AsyncIterator[MediaEvent]:
        return self.fan.subscribe(None)

    async def start(self, above: int = 0) -> None:
        self.asked.append(("start", above))

    async def stop(self) -> None:
        self.fan.close()

    async def snapshot(self, room_id: str) -> tuple[Feed, ...]:
        return self.feeds

    async def measure(self, room_id: str) -> tuple[FeedStats, ...]:
        self.asked.append(("measure", room_id))
        if self.is_busy and not self.measures_though_busy:
            raise MediaUnavailable("busy")
        return self.stats

    async def set_backstage(self, room_id: str, grant_id: str, is_backstage: bool) -> None:
        self.asked.append(("backstage", grant_id, is_backstage))

    async def place(self, room_id: str, places: Mapping[str, int]) -> None:
        self.asked.append(("place", dict(places)))

    def kinds(self) -> list[str]:
        """What was asked for, in order."""
        return [what[0] for what in self.asked]


class World:
    """Runtime, hub and room hub in one, as far as media control looks at them."""

    def __init__(self, room: RoomState) -> None:
        self.slug = room.slug
        self.room = room
        self.live = self
        self.values: dict[str, RoomState] = {room.slug: room}
        self.rooms: dict[str, World] = {room.slug: self}
        self.hub = SimpleNamespace(
            rooms=self.rooms, listeners=[], media=MediaInfo(family="sdp", generation=0, is_up=False)
        )
        self.people: dict[str, object] = {}
        self.sockets: dict[str, object] = {}
        self.told: list[Callback] = []
        self.performed: list[AnyCommand] = []
        self.books = Books()
        self.control = MediaControl(self)  # type: ignore[arg-type]
        self.control.backend = self.books  # type: ignore[assignment]
        self.at_s = 0.0
        self.control._watches.clock = lambda: self.at_s
        self.facts = Facts(self)  # type: ignore[arg-type]
        self.media = self.control
        self.said: list[MediaInfo] = []

    def say_media(self, media: MediaInfo) -> None:
        self.hub.media = media
        self.said.append(media)

    def tell_all(self, callback: Callback, at: datetime) -> None:
        self.told.append(callback)

    def audiences(self) -> "list[World]":
        return list(self.rooms.values())

    def has_line(self, user_id: str) -> bool:
        return True

    async def perform(self, slug: str, who: Actor, command: AnyCommand) -> None:
        self.performed.append(command)

    def here(self, *people: Actor) -> None:
        """These have one socket each."""
        self.people = {who.user_id: object() for who in people}
        self.sockets = {f"socket of {who.user_id}": object() for who in people}

    async def round(self, after_s: float = 1.0) -> None:
        """The clock's next round."""
        self.at_s += after_s
        await self.control.drop_watchers()

    def become(self, **changes: Any) -> None:
        """The room changes, and media control hears of it."""
        self.room = self.values[self.slug] = replace(self.room, seq=self.room.seq + 1, **changes)
        self.control._changed(Change(room=self.room, notices=[], at=NOW))

    async def settle(self) -> None:
        """Let every task run as far as it can."""
        for _ in range(50):
            await asyncio.sleep(0)
