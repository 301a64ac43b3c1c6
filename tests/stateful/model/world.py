"""The model's account of what lines, media and the clock do to a room."""

from datetime import datetime
from typing import Any

from tests.stateful.model.people import People
from tests.stateful.model.records import HOST, after

WORLD = (
    "socketUp",
    "renamed",
    "socketsLost",
    "allSocketsLost",
    "mediaUp",
    "mediaGone",
    "screenGone",
    "mediaStalled",
    "screenStalled",
    "mediaServerLost",
    "mediaServerBack",
    "tick",
)


class World(People):
    """What our own parts report."""

    def _socketUp(self, user: str, right: str, command: Any, now: datetime) -> None:
        if command.user_id == HOST:
            self.away_since = self.away = self.carrier = None
        if wish := self.wish_of(command.user_id):
            wish.gone = None
        if sitting := self.sitting_of(command.user_id):
            sitting.socket = True
        if command.user_id in self.helpers():
            self.members[command.user_id].is_here = True

    def _renamed(self, user: str, right: str, command: Any, now: datetime) -> None:
        self.names[command.user_id] = command.name

    def _socketsLost(self, user: str, right: str, command: Any, now: datetime) -> None:
        if command.user_id == HOST and self.status == "live":
            self.away_since = self.away_since or now
        if wish := self.wish_of(command.user_id):
            wish.gone = wish.gone or now
        if sitting := self.sitting_of(command.user_id):
            sitting.socket = False
        if command.user_id in self.helpers():
            self.members[command.user_id].is_here = False

    def _allSocketsLost(self, user: str, right: str, command: Any, now: datetime) -> None:
        self.away_since, self.away = now if self.status == "live" else None, None
        for wish in self.waiting:
            wish.gone = now
        for sitting in self.seats.values():
            sitting.socket, sitting.until = False, None
        for known in self.members.values():
            known.is_here = False

    def _mediaUp(self, user: str, right: str, command: Any, now: datetime) -> None:
        for sitting in self.seats.values():
            sitting.sound = sitting.sound or sitting.feed == command.number

    def _mediaGone(self, user: str, right: str, command: Any, now: datetime) -> None:
        for sitting in self.seats.values():
            if sitting.feed == command.number:
                sitting.sound = False
                sitting.stalled -= {"microphone", "camera"}

    def _mediaStalled(self, user: str, right: str, command: Any, now: datetime) -> None:
        for sitting in self.seats.values():
            if sitting.feed == command.number and sitting.sound:
                kept = sitting.stalled & {"screen"}
                sitting.stalled = kept | {str(device) for device in command.devices if device != "screen"}

    def _screenStalled(self, user: str, right: str, command: Any, now: datetime) -> None:
        for sitting in self.seats.values():
            if sitting.screen_number == command.number:
                sitting.stalled -= {"screen"}
                sitting.stalled |= {"screen"} if command.is_stalled else set()

    def _screenGone(self, user: str, right: str, command: Any, now: datetime) -> None:
        for sitting in self.seats.values():
            if sitting.screen_number == command.number and sitting.devices["screen"] == "open":
                sitting.devices["screen"] = "closed"

    def _mediaServerLost(self, user: str, right: str, command: Any, now: datetime) -> None:
        self.server = False
        for sitting in self.seats.values():
            sitting.sound = False
            sitting.stalled = set()

    def _mediaServerBack(self, user: str, right: str, command: Any, now: datetime) -> None:
        self.server = True
        for sitting in self.seats.values():
            sitting.sound = False
            sitting.stalled = set()
            sitting.until = None if sitting.socket else sitting.until

    def _tick(self, user: str, right: str, command: Any, now: datetime) -> None:
        for wish in list(self.waiting):
            if wish.until and wish.until <= now:
                self._end(wish, "timeout", now)
            elif wish.gone and after(wish.gone, 30) <= now:
                self._end(wish, "void", now, cause="left")
        for ban in [ban for ban in self.sanctions if ban.until and ban.until <= now]:
            self._lift(ban)
        self.links = [link for link in self.links if link.until > now]
        for sitting in self.on_air():
            if sitting.until and sitting.until <= now:
                never_heard = sitting.socket and not sitting.live
                self._off(sitting, "media_failed" if never_heard else "lost", now)
            elif sitting.ends and sitting.ends <= now:
                self._off(sitting, "time_up", now)
                if self.options["is_rotating"] and self.options["seat_mode"] == "apply":
                    self._accept_first(HOST, now, is_by_hand=False)
        if self.away and self.away <= now:
            self._dismiss("helper_away" if self.carrier else "host_away", now)
