"""What a command leads to: a new room and the moments on the way, or a refusal."""

from micconnect.domain.room import Connection, Person, Request, RoomState, Value
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
    """The staff locked a device or lifted the lock; the connection shows which."""

    connection: Connection
    device: Device
    operator: Person


class Dismissed(_Moment, frozen=True):
    reason: RoomEnd


Moment = RequestMade | RequestEnded | ConnectionEnded | DeviceLockChanged | Dismissed


class Outcome(Value, frozen=True):
    """The room after the command, the moments, and what the reply should show."""

    room: RoomState
    moments: tuple[Moment, ...] = ()
    request: Request | None = None
    connection: Connection | None = None


class Refused(Exception):
    """The command is not allowed now; nothing has changed."""

    def __init__(
        self, code: ErrorCode, details: dict[str, str | int | None] | None = None, *, request: Request | None = None
    ) -> None:
        super().__init__(code.value)
        self.code, self.details, self.request = code, details or {}, request
