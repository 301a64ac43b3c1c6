"""What a command leads to: a new room and the moments on the way, or a refusal."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from micconnect.domain.room import Actor, Connection, InviteLink, Person, Request, RoomState, Sanction, Value
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, RoomEnd


class _Moment(Value, frozen=True):
    """Something that happened once; `notices` says who hears of it."""


class RequestMade(_Moment, frozen=True):
    request: Request


class RequestEnded(_Moment, frozen=True):
    request: Request


class ConnectionEnded(_Moment, frozen=True):
    connection: Connection


class DeviceLockChanged(_Moment, frozen=True):
    """The staff locked a person's device (or the seat did) or the last lock of it was lifted."""

    person: Person
    device: Device
    operator: Person
    is_locked: bool


class DeviceAsked(_Moment, frozen=True):
    """The staff asks a guest to open a device."""

    connection: Connection
    device: Device
    operator: Person


class DeviceRequested(_Moment, frozen=True):
    """A guest asks the staff to lift a lock."""

    connection: Connection
    device: Device


class SanctionMade(_Moment, frozen=True):
    sanction: Sanction


class SanctionEnded(_Moment, frozen=True):
    """Lifted, or its time was over."""

    sanction: Sanction


class Dismissed(_Moment, frozen=True):
    reason: RoomEnd


Moment = (
    RequestMade
    | RequestEnded
    | ConnectionEnded
    | DeviceLockChanged
    | DeviceAsked
    | DeviceRequested
    | SanctionMade
    | SanctionEnded
    | Dismissed
)


class Outcome(Value, frozen=True):
    """The room after the command, the moments, and what the reply should show.

    `accepted` and `left` belong to bulk answers: whom they seated, and how many applications still wait. `spent`: an
    invite link of which this was the last use; the reply does not show it.
    """

    room: RoomState
    moments: tuple[Moment, ...] = ()
    request: Request | None = None
    connection: Connection | None = None
    link: InviteLink | None = None
    sanction: Sanction | None = None
    accepted: tuple[Request, ...] | None = None
    left: int | None = None
    spent: InviteLink | None = None


class Refused(Exception):
    """The command is not allowed now; nothing has changed."""

    def __init__(
        self, code: ErrorCode, details: dict[str, str | int | None] | None = None, *, request: Request | None = None
    ) -> None:
        super().__init__(code.value)
        self.code, self.details, self.request = code, details or {}, request


Rule = Callable[[RoomState, Actor, Any, datetime], Outcome]
Rules = dict[type, Rule]
"""By type of command: what becomes of a room, an actor, a command of that type, and the time. Raises Refused."""
