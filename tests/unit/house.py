"""A hub without a server: people whose frames are kept, a log in a list, and a few changes of one room."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from micconnect import hub, roomhub
from micconnect.domain import rules
from micconnect.domain.notices import notices
from micconnect.domain.room import Actor, RoomState
from micconnect.history import Told
from micconnect.protocol.commands import (
    Apply,
    Command,
    GoLive,
    RespondToApplication,
    SetModerator,
)
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia
from micconnect.wire import Frame
from tests.conftest import ALICE, HOST, NOW

ROOM = RoomState(slug="r", host=HOST.person, options=RoomOptions(title="Show"), epoch="e")


class Wire:
    """Keeps what is written; after `limit` frames it is a slow reader."""

    def __init__(self, limit: int = 1000) -> None:
        self.frames: list[bytes] = []
        self.limit = limit
        self.farewell = None

    def write(self, frame: Frame) -> bool:
        self.frames.append(frame.payload)
        return len(self.frames) <= self.limit

    def abort(self) -> None:
        pass


class Person:
    def __init__(self, who: Actor, name: str = "", limit: int = 1000) -> None:
        self.wire, self.closed = Wire(limit), list[int]()
        self.socket = roomhub.HubSocket(name or who.user_id, who, self.wire, self.closed.append)

    @property
    def seqs(self) -> list[int]:
        frames = [msgspec.json.decode(f) for f in self.wire.frames]
        return [f["seq"] for f in frames]

    def told(self, name: str) -> list[dict[str, Any]]:
        """The callbacks of that name."""
        frames = [msgspec.json.decode(f) for f in self.wire.frames]
        return [c for f in frames if f["type"] == "callbacks" for c in f["callbacks"] if c["type"] == name]

    @property
    def names(self) -> list[str]:
        frames = [msgspec.json.decode(f) for f in self.wire.frames]
        return [c["type"] for f in frames if f["type"] == "callbacks" for c in f["callbacks"]]


def change(room: RoomState, who: Actor, command: Command, before: RoomState | None = None) -> roomhub.Change:
    outcome = rules.decide(room, who, command, NOW)  # type: ignore[arg-type]
    return roomhub.Change(room=outcome.room, notices=notices(before or room, outcome), at=NOW)


LIVE = change(ROOM, HOST, GoLive())
ASKED = change(LIVE.room, ALICE, Apply(media=LinkMedia.AUDIO))
ACCEPTED = change(ASKED.room, HOST, RespondToApplication(request_id="r2", is_accepted=True))
Read = Callable[[str], Awaitable[RoomState]]


class House:
    """A hub over a log kept in a list."""

    def __init__(self) -> None:
        self.log = [LIVE]
        self.hub = hub.Hub(self.read_room, self.read_changes, self.read_past)
        self.reading = asyncio.Event()
        self.reading.set()

    async def read_room(self, slug: str) -> RoomState:
        room = self.log[-1].room
        await self.reading.wait()
        return room

    async def read_changes(self, slug: str, seq: int) -> list[roomhub.Change]:
        return [c for c in self.log if c.room.seq > seq]

    async def read_past(self, slug: str, seq: int) -> list[Told]:
        return [Told(seq=c.room.seq, at=c.at, notices=c.notices) for c in self.log if c.room.seq <= seq]

    def commit(self, new: roomhub.Change) -> None:
        self.log.append(new)
        self.hub.publish(new)

    async def join(self, person: Person) -> roomhub.RoomHub:
        room = await self.hub.room("r")
        room.add(person.socket, self.hub.media, NOW)
        return room


def promoted(room: RoomState, who: Actor, *, is_moderator: bool = True) -> roomhub.Change:
    present = replace(room, invitee=who.person)
    return change(present, HOST, SetModerator(user_id=who.user_id, is_moderator=is_moderator), before=room)
