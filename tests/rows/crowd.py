"""A crowd: people, helpers, clocks and a media server, who say what they like to one room, all at once.

Each of them draws from a seed of their own and looks at the newest picture of the room, as late as a page has it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from django.db import close_old_connections, connections
from msgspec.structs import replace

from micconnect import hub
from micconnect.domain import internal as i
from micconnect.domain.lines import OWN
from micconnect.domain.room import Actor, RoomState
from micconnect.domain.transitions import feed_of
from micconnect.protocol import commands as c
from micconnect.protocol import words as w
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import RequestKind, Role
from tests.conftest import NOW
from tests.rows.histories import STRANGER, History
from tests.rows.racing import HOST, person

AUDIENCE = [f"A{n}" for n in range(30)]
CROWD: list[Actor] = [
    *(person(name) for name in (*AUDIENCE, *AUDIENCE[:5])),  # five of them have two windows open
    *(person(name, Role.MODERATOR) for name in ("Mona", "Max", "Moe", "Mia", "Mats", "Mira")),
    HOST,
    HOST,
    person("Ada", Role.ADMIN),
    person("Server", Role.SERVER),
    person("Clock", Role.CLOCK),
    person("Clock", Role.CLOCK),
    person("Media", Role.MEDIA),
    person("Media", Role.MEDIA),
    person("Media", Role.MEDIA),
]
STEP_S, LATE_S = 0.2, 3.0  # a command is that much later than the one before, and reaches the room up to so late

Thing = TypeVar("Thing")


class Pick:
    """Random things, mostly of those that are in the room's picture."""

    def __init__(self, rng: Random, room: RoomState, history: History) -> None:
        self.rng, self.room, self.history = rng, room, history

    def one(self, *things: Thing) -> Thing:
        return self.rng.choice(things)

    def yes(self) -> bool:
        return self.rng.random() < 0.5

    def maybe(self) -> bool | None:
        return self.one(None, True, False)

    def user(self) -> str:
        known = [x.person.user_id for x in self.room.connections] + [r.person.user_id for r in self.room.requests]
        if known and self.rng.random() < 0.8:
            return self.one(*known)
        return self.one(*(name.lower() for name in AUDIENCE), "mona", "host", STRANGER)

    def request(self, kind: RequestKind) -> str:
        known = [r for r in self.room.requests if r.kind is kind]
        if not known or self.rng.random() < 0.1:
            known = [*self.room.ended_requests[-5:]]
        return self.one(*known).request_id if known else "r999999"

    def number(self, items: tuple[Any, ...]) -> int:
        return self.one(*items).number if items else 999999

    def feed(self) -> int:
        return self.one(*map(feed_of, self.room.connections), 999999)

    def screen(self) -> int:
        return self.one(*(x.screen_number for x in self.room.connections), 999999)

    def seat(self) -> int:
        return self.rng.randint(0, w.GUESTS_MAX)

    def wanted(self) -> int:
        return self.one(w.ANY_SEAT, w.ANY_SEAT, self.rng.randint(1, w.GUESTS_MAX))

    def media(self) -> w.LinkMedia:
        return self.rng.choice(list(w.LinkMedia))

    def device(self) -> w.Device:
        return self.rng.choice(list(w.Device))

    def option(self) -> c.UpdateRoom:
        """One option, mostly as it is in a new room."""
        name, usual, *others = self.one(*OPTIONS)
        return c.UpdateRoom(**{name: self.one(*others) if self.rng.random() < 0.3 else usual})


OPTIONS: list[tuple[Any, ...]] = [
    ("title", "Open mic night", "Late show"),
    ("cover", "", "/cover.png"),
    ("layout", w.Layout.GRID, *w.Layout),
    ("seat_count", 9, *range(1, 10)),
    ("seat_mode", w.SeatMode.APPLY, *w.SeatMode),
    ("is_paused", False, True),
    ("is_auto_accepting", False, True),
    ("queue_order", w.QueueOrder.ARRIVAL, w.QueueOrder.SPOKE_LEAST),
    ("request_timeout_s", 60, 0, 5),
    ("needs_login", False, True),
    ("min_stay_s", 0, 5),
    ("max_turns", 0, 3),
    ("is_audio_only", False, True),
    ("time_limit_s", 0, 10, 30),
    ("is_rotating", False, True),
    ("has_backstage", False, True),
    ("keep_owner_on_seat", True, False),
    ("host_away_s", 120, 30),
    ("is_carried_on", True, False),
    ("is_arriving_muted", False, True),
    ("may_unmute", True, False),
    ("allows_unnamed", False, True),
]

MAKERS: dict[type, Callable[[Pick], i.AnyCommand]] = {
    c.GoLive: lambda p: c.GoLive(media=p.media()),
    c.EndLive: lambda p: c.EndLive(),
    c.Leave: lambda p: c.Leave(),
    c.CarryOn: lambda p: c.CarryOn(),
    c.WaitLonger: lambda p: c.WaitLonger(),
    c.UpdateRoom: Pick.option,
    c.SetMetadata: lambda p: c.SetMetadata(entries={f"k{p.seat()}": p.one(None, "a", "b")}),
    c.Apply: lambda p: c.Apply(media=p.media(), timeout_s=p.one(None, None, 0, 5), seat_index=p.wanted()),
    c.CancelApplication: lambda p: c.CancelApplication(),
    c.RespondToApplication: lambda p: c.RespondToApplication(
        request_id=p.request(RequestKind.APPLICATION), is_accepted=p.rng.random() < 0.8, seat_index=p.one(None, 3)
    ),
    c.AcceptNext: lambda p: c.AcceptNext(),
    c.AcceptAll: lambda p: c.AcceptAll(),
    c.RejectAll: lambda p: c.RejectAll(reason=p.one(None, *w.RejectReason)),
    c.UndoRejectAll: lambda p: c.UndoRejectAll(seq=max([1, *(r.ended_seq for r in p.room.ended_requests[-9:])])),
    c.MoveToFront: lambda p: c.MoveToFront(request_id=p.request(RequestKind.APPLICATION)),
    c.Invite: lambda p: c.Invite(user_id=p.user(), media=p.media(), seat_index=p.wanted()),
    c.CancelInvitation: lambda p: c.CancelInvitation(request_id=p.request(RequestKind.INVITATION)),
    c.RespondToInvitation: lambda p: c.RespondToInvitation(
        request_id=p.request(RequestKind.INVITATION), is_accepted=p.rng.random() < 0.8, media=p.one(None, *w.LinkMedia)
    ),
    c.CreateInviteLink: lambda p: c.CreateInviteLink(uses=p.one(1, 2, 3), expires_s=60),
    c.RevokeInviteLink: lambda p: c.RevokeInviteLink(link_id=f"l{p.number(p.room.links)}"),
    c.UseInviteLink: lambda p: c.UseInviteLink(token=p.history.token(p.number(p.room.links))),
    c.TakeSeat: lambda p: c.TakeSeat(media=p.media(), seat_index=p.wanted()),
    c.LeaveSeat: lambda p: c.LeaveSeat(),
    c.BringHere: lambda p: c.BringHere(),
    c.MoveSeat: lambda p: c.MoveSeat(seat_index=p.seat(), user_id=p.one(None, p.user()), policy=p.one(*w.MovePolicy)),
    c.PlaceUser: lambda p: c.PlaceUser(user_id=p.user(), media=p.media(), seat_index=p.wanted()),
    c.DisconnectUser: lambda p: c.DisconnectUser(user_id=p.user(), reason=p.one(*w.RemovalReason)),
    c.ReturnToQueue: lambda p: c.ReturnToQueue(user_id=p.user()),
    c.LockSeat: lambda p: c.LockSeat(
        seat_index=p.seat(),
        is_locked=p.one(None, False, True),
        is_microphone_locked=p.maybe(),
        is_camera_locked=p.maybe(),
    ),
    c.SetSpotlight: lambda p: c.SetSpotlight(user_id=p.one(None, p.user())),
    c.SetTimeLimit: lambda p: c.SetTimeLimit(user_id=p.user(), seconds=p.one(0, 10)),
    c.SetBackstage: lambda p: c.SetBackstage(user_id=p.user(), is_backstage=p.rng.random() < 0.3),
    c.SetReady: lambda p: c.SetReady(is_ready=p.rng.random() < 0.8),
    c.SetDevice: lambda p: c.SetDevice(device=p.device(), is_open=p.yes()),
    c.LockDevice: lambda p: c.LockDevice(user_id=p.user(), device=p.device(), is_locked=p.yes()),
    c.LockAll: lambda p: c.LockAll(device=p.device(), is_locked=p.yes()),
    c.UndoLockAll: lambda p: c.UndoLockAll(device=p.device(), seq=max([1, *(m.locked_seq for m in p.room.members)])),
    c.AskAllToOpen: lambda p: c.AskAllToOpen(device=p.device()),
    c.AskToOpen: lambda p: c.AskToOpen(user_id=p.user(), device=p.device()),
    c.AskToSpeak: lambda p: c.AskToSpeak(device=p.device(), is_asking=p.rng.random() < 0.8),
    c.SetModerator: lambda p: c.SetModerator(user_id=p.user(), is_moderator=p.yes()),
    c.BarUser: lambda p: c.BarUser(user_id=p.user(), seconds=p.one(None, 5, 10)),
    c.BanUser: lambda p: c.BanUser(user_id=p.user(), seconds=p.one(None, 5, 10)),
    c.AppealBar: lambda p: c.AppealBar(note="It was my cat."),
    c.LiftSanction: lambda p: c.LiftSanction(sanction_id=f"x{p.number(p.room.sanctions)}"),
    i.SocketUp: lambda p: i.SocketUp(user_id=p.user()),
    i.Renamed: lambda p: i.Renamed(user_id=p.user(), name=p.one("Robin", "Sasha")),
    i.PersonBecame: lambda p: i.PersonBecame(old_user_id=p.user(), user_id=p.user(), name="Kim"),
    i.SocketsLost: lambda p: i.SocketsLost(user_id=p.user()),
    i.AllSocketsLost: lambda p: i.AllSocketsLost(),
    i.MediaUp: lambda p: i.MediaUp(number=p.feed()),
    i.MediaGone: lambda p: i.MediaGone(number=p.feed()),
    i.MediaStalled: lambda p: i.MediaStalled(number=p.feed(), devices=p.one((), (w.Device.CAMERA,), OWN)),
    i.ScreenStalled: lambda p: i.ScreenStalled(number=p.screen(), is_stalled=p.yes()),
    i.ScreenGone: lambda p: i.ScreenGone(number=p.screen()),
    i.MediaServerLost: lambda p: i.MediaServerLost(),
    i.MediaServerBack: lambda p: i.MediaServerBack(),
    i.Tick: lambda p: i.Tick(),
}

Taste = dict[type, float]
IDLE: Taste = {c.Apply: 6, c.TakeSeat: 1, c.UseInviteLink: 2, c.AppealBar: 2, c.Leave: 0.2}
WAITING: Taste = {c.CancelApplication: 1, c.Apply: 1, c.UseInviteLink: 1, c.AppealBar: 1, c.Leave: 0.2}
INVITED: Taste = {c.RespondToInvitation: 8, c.Apply: 1, c.UseInviteLink: 1, c.Leave: 0.2}
SEATED: Taste = {
    c.SetReady: 4,
    c.SetDevice: 6,
    c.AskToSpeak: 3,
    c.MoveSeat: 2,
    c.LeaveSeat: 1,
    c.BringHere: 1,
    c.Leave: 0.2,
}
STAFF: Taste = {
    c.RespondToApplication: 9, c.Invite: 4, c.SetBackstage: 3, c.LiftSanction: 3, c.UpdateRoom: 2, c.AcceptNext: 2,
    c.MoveSeat: 2, c.DisconnectUser: 2, c.LockSeat: 2, c.LockDevice: 2, c.SetMetadata: 1, c.AcceptAll: 1,
    c.RejectAll: 0.5, c.UndoRejectAll: 1, c.MoveToFront: 1, c.CancelInvitation: 1, c.CreateInviteLink: 1,
    c.RevokeInviteLink: 0.5, c.PlaceUser: 1, c.ReturnToQueue: 1, c.SetSpotlight: 1, c.SetTimeLimit: 1, c.LockAll: 0.5,
    c.AskToOpen: 1, c.SetModerator: 1, c.BarUser: 0.5, c.BanUser: 0.5, c.UndoLockAll: 0.5, c.AskAllToOpen: 0.5,
    c.CarryOn: 1, c.WaitLonger: 1,
}  # fmt: skip
TASTES: dict[Role, Taste] = {
    Role.MODERATOR: STAFF | {c.Apply: 1, c.TakeSeat: 1},
    Role.HOST: STAFF | {c.GoLive: 1, c.TakeSeat: 1, c.LeaveSeat: 1, c.SetDevice: 1, i.SocketUp: 1},
    Role.ADMIN: STAFF,
    Role.SERVER: STAFF,
    Role.CLOCK: {i.Tick: 5, i.SocketUp: 4, i.Renamed: 1, i.PersonBecame: 1, i.SocketsLost: 2, i.AllSocketsLost: 0.1},
    Role.MEDIA: {
        i.MediaUp: 9,
        i.MediaGone: 2,
        i.ScreenGone: 1,
        i.MediaStalled: 3,
        i.ScreenStalled: 1,
        i.MediaServerLost: 0.2,
        i.MediaServerBack: 0.5,
    },
}

MEANT_FOR: dict[type, Callable[[RoomState], object]] = {
    c.Apply: lambda room: room.options.seat_mode is w.SeatMode.APPLY,
    c.TakeSeat: lambda room: room.options.seat_mode is w.SeatMode.FREE,
    **dict.fromkeys((c.UseInviteLink, c.RevokeInviteLink), lambda room: room.links),
    **dict.fromkeys((c.LiftSanction, c.AppealBar), lambda room: room.sanctions),
    **dict.fromkeys((c.RespondToApplication, c.AcceptNext, c.MoveToFront), lambda room: room.applications()),
    **dict.fromkeys(
        (c.DisconnectUser, c.MoveSeat, c.LockDevice, c.AskToOpen, c.SetSpotlight, c.SetTimeLimit, c.ReturnToQueue),
        RoomState.guests,
    ),
    **dict.fromkeys((c.CarryOn, c.WaitLonger), lambda room: room.host_away_since),
    **dict.fromkeys((c.SetBackstage, c.SetReady), lambda room: room.options.has_backstage),
    i.MediaServerBack: lambda room: not room.has_media_server,
}
"""When a command may do something; it is said otherwise too, but seldom."""


class Crowd:
    """Everybody's next words, by seed, and what they see of the room meanwhile."""

    def __init__(self, history: History, seed: int, words: int) -> None:
        self.history, self.seed, self.words = history, seed, words
        self.room = history.start
        self._step = count()

    def hear(self, change: hub.Change) -> None:
        """The newest picture counts, whichever comes last."""
        if change.room.seq > self.room.seq:
            self.room = change.room

    def talk(self, place: int) -> None:
        """All that the one at this place of the CROWD says, one after the other."""
        rng, actor = Random(f"{self.seed} {place}"), CROWD[place]
        try:
            for _ in range(self.words):
                self._say(rng, actor)
        finally:
            connections.close_all()

    def _say(self, rng: Random, actor: Actor) -> None:
        taste = self._taste(actor) if rng.random() < 0.95 else dict.fromkeys(MAKERS, 1.0)
        weights = [much if MEANT_FOR.get(kind, bool)(self.room) else much / 20 for kind, much in taste.items()]
        [kind] = rng.choices(list(taste), weights)
        command = MAKERS[kind](Pick(rng, self.room, self.history))
        if isinstance(command, c.EndLive):  # a show that is over has little to say
            command = i.Tick()
        if rng.random() < 0.3:
            actor = replace(actor, window="another")
        now = NOW + timedelta(seconds=STEP_S * next(self._step) - LATE_S * rng.random())
        self._perform(actor, command, now, is_repeated=rng.random() < 0.05)

    def _taste(self, actor: Actor) -> Taste:
        """What somebody who sees the room would like to say."""
        if self.room.role_of(actor) is not Role.AUDIENCE:
            return TASTES.get(actor.role, STAFF)
        if self.room.connection_of(actor.user_id):
            return SEATED
        request = self.room.request_of(actor.user_id)
        if request is None:
            return IDLE
        return INVITED if request.kind is RequestKind.INVITATION else WAITING

    def _perform(self, actor: Actor, command: i.AnyCommand, now: datetime, *, is_repeated: bool) -> None:
        """Gives the command to the door, again while that is too busy; some do not hear the answer and repeat it."""
        reply = self.history.perform(actor, command, now)
        close_old_connections()
        ref = reply.ref or ""
        while (reply.error and reply.error.code is ErrorCode.TRY_LATER) or is_repeated:
            is_repeated = False
            reply = self.history.perform(actor, command, now + timedelta(seconds=1), ref)
            close_old_connections()
