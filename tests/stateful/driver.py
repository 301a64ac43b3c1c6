"""The machine's view of a room it drives, and the plainest one: a value in memory."""

from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from micconnect.protocol.commands import NAMING, UseInviteLink
from tests.stateful.core import Core


class Driver(Protocol):
    """One room behind some door. The token of a `UseInviteLink` is the link's number."""

    absent: set[str]
    """Who is not in the room; all others are, and can be named by commands about somebody."""
    names: dict[str, str]
    """Of those who came in under another name than at first."""

    def perform(self, actor: Any, command: Any, now: datetime) -> Any:
        """The Outcome, or raises the core's Refused."""

    def read(self) -> Any:
        """The RoomState as it is kept now."""


class PureDriver:
    """The rules alone."""

    def __init__(self, core: Core, room: Any) -> None:
        self.absent: set[str] = set()
        self.names: dict[str, str] = {}
        self._core, self._room = core, room

    def perform(self, actor: Any, command: Any, now: datetime) -> Any:
        room = self._room
        if isinstance(command, NAMING) and command.user_id not in self.absent:
            name = self.names.get(command.user_id, command.user_id.title())
            invitee = self._core.room.Person(user_id=command.user_id, name=name)
            room = replace(room, invitee=invitee)
        if isinstance(command, UseInviteLink):
            actor = replace(actor, link=int(command.token))
        outcome = self._core.rules.decide(room, actor, command, now)
        self._room = outcome.room
        return outcome

    def read(self) -> Any:
        return self._room
