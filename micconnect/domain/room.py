"""What a room is: immutable values and small queries on them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from micconnect.protocol.words import (
    ConnectionEnd,
    ConnectionState,
    Device,
    DeviceState,
    LinkMedia,
    RejectReason,
    RemovalReason,
    RequestKind,
    RequestState,
    Role,
    RoomEnd,
    RoomStatus,
    VoidCause,
)

HOST_SEAT = 0
ENDED_KEPT = 100  # how many ended requests and connections a room value remembers; older ones are rows only


class Value(Struct, frozen=True, kw_only=True):
    """Base of all room values."""


class Person(Value, frozen=True):
    user_id: str
    name: str


class Actor(Value, frozen=True):
    """Who gives a command, and with which right. `role` was proven by the door, never claimed by the sender."""

    person: Person
    role: Role

    @property
    def user_id(self) -> str:
        return self.person.user_id


class Request(Value, frozen=True):
    """An application or an invitation; `person` is the one who would sit.

    `number` is unique in its room and gives the order of the queue. `gone_at`: the person's last socket closed then.
    `ended_seq`: the room's seq at the end, the order in which requests ended.
    """

    number: int
    kind: RequestKind
    person: Person
    media: LinkMedia
    created_at: datetime
    expires_at: datetime | None
    state: RequestState = RequestState.PENDING
    note: str = ""
    gone_at: datetime | None = None
    ended_at: datetime | None = None
    ended_seq: int = 0
    operator: Person | None = None
    cause: VoidCause | None = None
    reason: RejectReason | None = None
    answer_note: str = ""

    @property
    def request_id(self) -> str:
        return f"r{self.number}"


class Connection(Value, frozen=True):
    """Somebody on a seat. `deadline`: the seat is freed then unless sound and socket are there.

    `deadline` is None while all is well, for the host always, and while the media server itself is away.
    """

    number: int
    person: Person
    seat_index: int
    media: LinkMedia
    started_at: datetime
    microphone: DeviceState
    camera: DeviceState
    state: ConnectionState = ConnectionState.JOINING
    has_socket: bool = True
    has_media: bool = False
    deadline: datetime | None = None
    live_at: datetime | None = None
    ended_at: datetime | None = None
    ended_seq: int = 0
    end_reason: ConnectionEnd | None = None
    operator: Person | None = None
    reason: RemovalReason | None = None
    note: str = ""

    @property
    def connection_id(self) -> str:
        return f"c{self.number}"

    def device(self, device: Device) -> DeviceState:
        return self.microphone if device is Device.MICROPHONE else self.camera


class RoomState(Value, frozen=True):
    """One room, whole. Tuples are sorted by `number`; the `ended_…` ones by end, newest last, at most ENDED_KEPT.

    `seq` counts the changes of the room; a new request or connection takes the number of its change, so one
    command makes at most one of each. `invitee` is filled in by the door for an invitation: the person, if present.
    """

    slug: str
    title: str
    host: Person
    seat_count: int
    request_timeout_s: int
    epoch: str
    status: RoomStatus = RoomStatus.IDLE
    seq: int = 0
    live_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: RoomEnd | None = None
    host_away_until: datetime | None = None
    has_media_server: bool = True
    connections: tuple[Connection, ...] = ()
    requests: tuple[Request, ...] = ()
    ended_connections: tuple[Connection, ...] = ()
    ended_requests: tuple[Request, ...] = ()
    invitee: Person | None = None

    # -- queries
    def connection_of(self, user_id: str) -> Connection | None:
        return next((c for c in self.connections if c.person.user_id == user_id), None)

    def connection(self, number: int) -> Connection | None:
        return next((c for c in self.connections if c.number == number), None)

    def request_of(self, user_id: str) -> Request | None:
        """The person's one open request, of either kind."""
        return next((r for r in self.requests if r.person.user_id == user_id), None)

    def applications(self) -> tuple[Request, ...]:
        """The queue: open applications in the order in which they were made."""
        return tuple(r for r in self.requests if r.kind is RequestKind.APPLICATION)

    def find_request(self, request_id: str) -> Request | None:
        """The request, open or ended, as far back as the value remembers."""
        return next((r for r in (*self.requests, *self.ended_requests) if r.request_id == request_id), None)

    def last_request_of(self, user_id: str) -> Request | None:
        return next((r for r in reversed(self.ended_requests) if r.person.user_id == user_id), None)

    def free_seat(self) -> int | None:
        """The lowest free guest seat, or None when all are taken."""
        taken = {c.seat_index for c in self.connections}
        return next((i for i in range(1, self.seat_count + 1) if i not in taken), None)

    def has_stake(self, user_id: str) -> bool:
        """Whether the room must know when this person's line goes and comes."""
        return (
            user_id == self.host.user_id
            or self.connection_of(user_id) is not None
            or self.request_of(user_id) is not None
        )

    # -- changes: each returns a new value
    def put_request(self, request: Request) -> "RoomState":
        """With the request added or replaced; an ended one moves to `ended_requests`."""
        rest = tuple(r for r in self.requests if r.number != request.number)
        if request.state is RequestState.PENDING:
            return replace(self, requests=_sorted((*rest, request)))
        return replace(self, requests=rest, ended_requests=_keep(self.ended_requests, request))

    def put_connection(self, connection: Connection) -> "RoomState":
        """With the connection added or replaced; an ended one moves to `ended_connections`."""
        rest = tuple(c for c in self.connections if c.number != connection.number)
        if connection.state is not ConnectionState.ENDED:
            return replace(self, connections=_sorted((*rest, connection)))
        return replace(self, connections=rest, ended_connections=_keep(self.ended_connections, connection))


Item = TypeVar("Item", Request, Connection)


def _sorted(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.number))


def _keep(items: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    """Newest last; those of one change by number, as the rows are read."""
    newest_last = sorted(items + (item,), key=lambda i: (i.ended_seq, i.number))
    return tuple(newest_last[-ENDED_KEPT:])
