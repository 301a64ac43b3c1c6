"""The machine's view of a room it drives, and the plainest one: a value in memory."""

from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from micconnect.protocol.commands import Invite
from tests.stateful.core import Core
from tests.stateful.likeness import name_of


class Driver(Protocol):
    """One room behind some door.

    `perform` fills in the invitee of an Invite: everybody is present but the ids in STRANGERS.
    """

    def perform(self, actor: Any, command: Any, now: datetime) -> Any:
        """The Outcome, or raises the core's Refused."""

    def read(self) -> Any:
        """The RoomState as it is kept now."""


STRANGERS = {"mallory", "nobody"}


class PureDriver:
    """The rules alone."""

    def __init__(self, core: Core, room: Any) -> None:
        self._core, self._room = core, room

    def perform(self, actor: Any, command: Any, now: datetime) -> Any:
        room = self._room
        if isinstance(command, Invite) and command.user_id not in STRANGERS:
            invitee = self._core.room.Person(user_id=command.user_id, name=name_of(command.user_id))
            room = replace(room, invitee=invitee)
        outcome = self._core.rules.decide(room, actor, command, now)
        self._room = outcome.room
        return outcome

    def read(self) -> Any:
        return self._room
