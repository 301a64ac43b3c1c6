"""A page that keeps the client's law over a hub without a server, and random shows for it to follow."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from micconnect import roomhub
from micconnect.domain import rules
from micconnect.domain.internal import Tick
from micconnect.domain.needs import STAFF
from micconnect.domain.notices import notices
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol import queries as q
from micconnect.protocol.callbacks import Lane
from micconnect.protocol.words import Device, LinkMedia, Role
from micconnect.services import CLOCK
from micconnect.wire import Frame
from tests.conftest import HOST, NOW, actor
from tests.unit.house import House

PARTS = {
    "onLiveInfoChanged": "info",
    "onConnectedUsersUpdated": "connectedUsers",
    "onSeatListChanged": "seats",
    "onRoomMetadataChanged": "metadata",
    "onRequestsUpdated": "requests",
    "onSanctionsUpdated": "sanctions",
    "onInviteLinksUpdated": "links",
    "onMyStateUpdated": "me",
}
Heard = tuple[str, int, str]


class Page:
    """One window: three cursors, the parts of the picture, and every moment it heard as (lane, seq, name)."""

    def __init__(self, house: House, who: Actor) -> None:
        self.house, self.who = house, who
        self.farewell = None
        self.shown: dict[str, Any] = {}
        self.cursors: dict[str, int] = {}
        self.moments: list[Heard] = []
        self.gaps = self.resumed = self.snapshots = 0
        self.socket: roomhub.HubSocket | None = None
        self.closed: list[int] = []
        self.loses: Callable[[], bool] = lambda: False

    # -- the wire, as the hub sees it
    def write(self, frame: Frame) -> bool:
        if not self.loses():
            self._hear(msgspec.json.decode(frame.payload))
        return True

    def abort(self) -> None:
        raise AssertionError("nobody is slow here")

    # -- coming and going
    def come(self, room: roomhub.RoomHub, now: datetime) -> None:
        self.socket = roomhub.HubSocket(f"{self.who.user_id}-{random.random()}", self.who, self, self.closed.append)
        room.add(self.socket, self.house.hub.media, now, self.place() if self.cursors else None)

    def cut(self, room: roomhub.RoomHub) -> None:
        assert self.socket
        room.remove(self.socket)
        self.socket = None

    def place(self) -> q.Cursors:
        role = Role(self.shown["role"])
        return q.Cursors(epoch=self.shown["epoch"], user_id=self.who.user_id, role=role, **self.cursors)

    def beat(self, room: roomhub.RoomHub, now: datetime) -> None:
        """A heartbeat: finds out what was missed, and asks for it."""
        assert self.socket
        pong = room.pong(self.socket, None, now)
        told = {"room": pong.room, "me": pong.me} | ({"staff": pong.staff} if self._is_staff() else {})
        if any(self.cursors[lane] < seq for lane, seq in told.items()):
            self.gaps += 1
            room.catch_up(self.socket, self.house.hub.media, now, self.place())
        else:
            self.cursors = {lane: max(seq, pong.seq) for lane, seq in self.cursors.items()}

    # -- the law
    def _is_staff(self) -> bool:
        return self.shown["role"] in ("host", "moderator")

    def _hear(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "snapshot":
                self.shown, self.snapshots = frame, self.snapshots + 1
                self._reach(frame["seq"])
            case "resumed":
                for missed in frame["frames"]:
                    self._take(missed)
                self.resumed += 1
                self._reach(frame["seq"])
            case "batch":
                for one in frame["frames"]:
                    self._take(one, is_live=True)
            case "callbacks":
                self._take(frame, is_live=True)

    def _reach(self, seq: int) -> None:
        self.cursors = dict.fromkeys(("room", "staff", "me"), seq)

    def _take(self, frame: dict[str, Any], *, is_live: bool = False) -> None:
        lane, seq = frame["lane"], frame["seq"]
        if seq is None or seq <= self.cursors[lane]:
            return
        if is_live and frame["after"] > self.cursors[lane]:
            self.gaps += 1
            return  # the next heartbeat asks for it
        if lane == "staff" and not self._is_staff():
            return
        self.cursors[lane] = seq
        was_staff = self._is_staff()
        for callback in frame["callbacks"]:
            if part := PARTS.get(callback["type"]):
                (self.shown[part],) = (value for name, value in callback.items() if name != "type")
            else:
                self.moments.append((lane, seq, callback["type"]))
        granted = self.shown["me"]["isModerator"]
        if granted is not None and self.shown["role"] != "host":
            self.shown["role"] = "moderator" if granted else "audience"
        if self._is_staff() and not was_staff:
            self.cursors["staff"] = seq  # its lists came along on the own lane
        if not self._is_staff():
            self.shown |= {"requests": None, "sanctions": None, "links": None}

    def drawn(self) -> dict[str, Any]:
        """The parts of the picture that numbered frames keep."""
        return {part: self.shown[part] for part in (*PARTS.values(), "role")}


PEOPLE = [actor(name) for name in ("Alice", "Bob", "Carol", "Dora", "Erin", "Finn")]


class Show:
    """Random commands of a host and six people, each allowed one committed to the house."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance, self.now = house, random.Random(seed), NOW
        self.should_hear: dict[str, list[Heard]] = {who.user_id: [] for who in (HOST, *PEOPLE)}

    @property
    def room(self) -> RoomState:
        return self.house.log[-1].room

    def step(self) -> None:
        """One change; commands that the rules refuse are tried again with others."""
        while True:
            self.now += timedelta(seconds=self.chance.random())
            who, command = self._any()
            named = next((p.person for p in PEOPLE if p.user_id == getattr(command, "user_id", "")), None)
            before = self.room
            try:
                outcome = rules.decide(replace(before, invitee=named), who, command, self.now)  # type: ignore[arg-type]
            except Refused:
                continue
            if outcome.room.seq != before.seq:
                break
        told = notices(before, outcome)
        self._note(before, outcome.room, told)
        self.house.commit(roomhub.Change(room=outcome.room, notices=told, at=self.now))

    def _note(self, before: RoomState, after: RoomState, told: list[Any]) -> None:
        """Writes down which moments each person has to hear: the staff's are for those who were staff before, too."""
        for who in (HOST, *PEOPLE):
            is_staff = before.role_of(who) in STAFF and after.role_of(who) in STAFF
            for notice in told:
                is_theirs = notice.lane is Lane.ROOM or notice.user_id == who.user_id
                if is_theirs or (notice.lane is Lane.STAFF and is_staff):
                    names = (str(callback.__struct_config__.tag) for callback in notice.callbacks)
                    heard = [(str(notice.lane), after.seq, name) for name in names if name not in PARTS]
                    self.should_hear[who.user_id] += heard

    def _any(self) -> tuple[Actor, Any]:
        chance = self.chance
        whom = chance.choice(PEOPLE)
        request = next(iter(chance.sample(self.room.requests, min(1, len(self.room.requests)))), None)
        request_id = request.request_id if request else "r0"
        invitee = Actor(person=request.person, role=Role.AUDIENCE) if request else whom
        options: list[tuple[Actor, Any]] = [
            (whom, c.Apply(media=chance.choice(list(LinkMedia)))),
            (whom, c.Apply(media=LinkMedia.AUDIO)),
            (whom, c.CancelApplication()),
            (whom, c.LeaveSeat()),
            (whom, c.SetDevice(device=Device.MICROPHONE, is_open=chance.random() < 0.5)),
            (HOST, c.RespondToApplication(request_id=request_id, is_accepted=chance.random() < 0.7)),
            (HOST, c.Invite(user_id=whom.user_id, media=LinkMedia.AUDIO)),
            (invitee, c.RespondToInvitation(request_id=request_id, is_accepted=chance.random() < 0.7)),
            (HOST, c.DisconnectUser(user_id=whom.user_id)),
            (HOST, c.SetModerator(user_id=whom.user_id, is_moderator=chance.random() < 0.5)),
            (HOST, c.LockSeat(seat_index=chance.randint(1, 9), is_locked=chance.random() < 0.5)),
            (HOST, c.RejectAll()),
            (HOST, c.SetMetadata(entries={"k": str(chance.random())})),
            (HOST, c.BarUser(user_id=whom.user_id)),
            (CLOCK, Tick()),
        ]
        return chance.choice(options)
