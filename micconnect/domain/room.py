"""What a room is: immutable values and small queries on them."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from micconnect.domain.person import Member as Member  # people belong to a room: who takes its values from here
from micconnect.domain.person import Person as Person  # finds theirs here too
from micconnect.domain.person import Value as Value
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import (
    ANY_SEAT,
    GUESTS_MAX,
    LAYOUT_SEATS,
    ConnectionEnd,
    ConnectionState,
    Device,
    DeviceState,
    Entry,
    Layout,
    LinkMedia,
    QueueOrder,
    RejectReason,
    RemovalReason,
    RequestKind,
    RequestState,
    Role,
    RoomEnd,
    RoomStatus,
    SanctionKind,
    VoidCause,
)

HOST_SEAT = 0
ENDED_KEPT = 100  # how many ended requests and connections a room value remembers; older ones are rows only


class Actor(Value, frozen=True):
    """Who gives a command, and with which right. All of it was proven by the door, never claimed by the sender.

    `since`: first seen in the room, looked up where a rule needs it. `link`: number of the invite link whose token
    came along. `is_named`: the name was chosen, not made up for a stranger. `window`: which of the person's windows
    says so, by its own word; empty for those who have none. `was`: user id of the guest
    who logged in to this account in the same browser; empty for none. `proven_at`: when the join ticket was made, None
    where it does not say.
    """

    person: Person
    role: Role
    has_account: bool = False
    since: datetime | None = None
    link: int | None = None
    is_named: bool = True
    window: str = ""
    was: str = ""
    proven_at: datetime | None = None

    @property
    def user_id(self) -> str:
        return self.person.user_id


class Request(Value, frozen=True):
    """An application or an invitation; `person` is the one who would sit.

    `number` is unique in its room. `rank` gives the order of the queue, unless `front` (moved there, latest first)
    or the time spoken says otherwise. `is_held`: only a person may accept it, not the room by itself. `gone_at`: the
    person's last socket closed then. `ended_seq`: the room's seq then. `window` asked; `entry` is open at first.
    `has_account`: for rooms that need one; helpers are taken for having it, as is whom the staff put there.
    `timeout_s`: the wait for an answer that the sender named, 0 for ever; None: the room's, of which `expires_at` is
    None while it does not run.
    """

    number: int
    kind: RequestKind
    person: Person
    media: LinkMedia
    created_at: datetime
    expires_at: datetime | None
    timeout_s: int | None = None
    state: RequestState = RequestState.PENDING
    note: str = ""
    seat_index: int = ANY_SEAT
    extra_info: str = ""
    rank: int = 0
    front: int = 0
    is_held: bool = False
    refusals: int = 0
    gone_at: datetime | None = None
    ended_at: datetime | None = None
    ended_seq: int = 0
    operator: Person | None = None
    cause: VoidCause | None = None
    reason: RejectReason | None = None
    answer_note: str = ""
    window: str = ""
    entry: Entry = Entry.OPEN
    has_account: bool = True

    @property
    def request_id(self) -> str:
        return f"r{self.number}"


class Connection(Value, frozen=True):
    """Somebody on a seat. `deadline`: the seat is freed then unless sound and socket are there.

    `deadline` is None while all is well, for the host always, and while the media server itself is away.
    `microphone`, `camera`, `screen` are as the person has them, open or closed: locks stand in the room's `seats` and
    `members`, and `RoomState.device_state` knows both. `stalled`: of the open ones those that bring nothing.
    `shut`: those that were open when a lock shut them, so that their owner is told when it is lifted.
    `screen_number` is fresh for each opening of the screen. `aired_at`: on the stage since, None before and behind
    it; `spoken_s`: seconds on the stage before `aired_at`. `limit_s` and `ends_at`: the time on the stage.
    `window`: the one of the person's that may publish. `feed_number`: 0, or fresh since the seat was brought there.
    """

    number: int
    person: Person
    seat_index: int
    media: LinkMedia
    started_at: datetime
    microphone: DeviceState
    camera: DeviceState
    screen: DeviceState = DeviceState.CLOSED
    stalled: tuple[Device, ...] = ()
    shut: tuple[Device, ...] = ()
    screen_number: int = 0
    state: ConnectionState = ConnectionState.JOINING
    has_socket: bool = True
    has_media: bool = False
    is_backstage: bool = False
    is_ready: bool = False
    deadline: datetime | None = None
    live_at: datetime | None = None
    aired_at: datetime | None = None
    spoken_s: int = 0
    limit_s: int = 0
    ends_at: datetime | None = None
    asks: Device | None = None
    asked: Device | None = None
    asked_at: datetime | None = None
    ended_at: datetime | None = None
    ended_seq: int = 0
    end_reason: ConnectionEnd | None = None
    operator: Person | None = None
    reason: RemovalReason | None = None
    note: str = ""
    window: str = ""
    feed_number: int = 0

    @property
    def connection_id(self) -> str:
        return f"c{self.number}"

    def device(self, device: Device) -> DeviceState:
        """The device as its owner has it, whatever is locked."""
        state: DeviceState = getattr(self, device.value)
        return state

    def with_device(self, device: Device, state: DeviceState) -> "Connection":
        """With the device in that state; whether it brings anything in a new one is not known yet."""
        if self.device(device) is state:
            return self
        return replace(self, **{device.value: state, "stalled": tuple(d for d in self.stalled if d is not device)})


class Seat(Value, frozen=True):
    """The locks of a numbered place; they stay when people come and go."""

    index: int
    is_locked: bool = False
    is_microphone_locked: bool = False
    is_camera_locked: bool = False

    def locks(self, device: Device) -> bool:
        """Whether the seat keeps a device shut; a shared screen is picture, as the camera is."""
        return self.is_microphone_locked if device is Device.MICROPHONE else self.is_camera_locked


class Sanction(Value, frozen=True):
    """A bar from the mic or a ban from the room, in force."""

    number: int
    kind: SanctionKind
    person: Person
    operator: Person
    created_at: datetime
    until: datetime | None
    reason: RemovalReason
    note: str = ""
    appeal: str = ""

    @property
    def sanction_id(self) -> str:
        return f"x{self.number}"


class InviteLink(Value, frozen=True):
    """A link that can still be used."""

    number: int
    media: LinkMedia
    uses_left: int
    created_at: datetime
    expires_at: datetime
    operator: Person

    @property
    def link_id(self) -> str:
        return f"l{self.number}"


SEATS = tuple(Seat(index=i) for i in range(GUESTS_MAX + 1))


class RoomState(Value, frozen=True):
    """One room, whole. Tuples are sorted by `number`; the `ended_…` ones by end, newest last, at most ENDED_KEPT.

    `seq` counts the changes of the room; `last_number` the things in it, so that no two requests, connections, links
    or sanctions share a number. `seats` holds all ten, by index; `members` is sorted by user id, `metadata` by key.
    `spotlight` is a user id. `host_away_since`: the host's line is cut; either `host_away_until` says how long the live
    waits, or `carrier` (once named, until the host is back) carries it on.
    `invitee` is filled in by the door for commands about somebody: the person, if present.
    """

    slug: str
    host: Person
    options: RoomOptions
    epoch: str
    status: RoomStatus = RoomStatus.IDLE
    seq: int = 0
    last_number: int = 0
    live_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: RoomEnd | None = None
    host_away_since: datetime | None = None
    host_away_until: datetime | None = None
    carrier: Person | None = None
    has_media_server: bool = True
    spotlight: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    seats: tuple[Seat, ...] = SEATS
    members: tuple[Member, ...] = ()
    sanctions: tuple[Sanction, ...] = ()
    links: tuple[InviteLink, ...] = ()
    connections: tuple[Connection, ...] = ()
    requests: tuple[Request, ...] = ()
    ended_connections: tuple[Connection, ...] = ()
    ended_requests: tuple[Request, ...] = ()
    invitee: Person | None = None

    # -- queries
    @property
    def seat_count(self) -> int:
        """Guest seats in use: what is wished for, as far as the layout can show it."""
        return min(self.options.seat_count, LAYOUT_SEATS[self.options.layout])

    @property
    def is_audio_only(self) -> bool:
        """Whether guests come by sound only; in the landscape layout there is no room for their pictures."""
        return self.options.is_audio_only or self.options.layout is Layout.LANDSCAPE

    def role_of(self, actor: Actor) -> Role:
        """The role that counts: what the host granted or ended goes before what the ticket says."""
        member = self.member(actor.user_id)
        if actor.role not in (Role.AUDIENCE, Role.MODERATOR) or member is None or member.is_moderator is None:
            return actor.role
        return Role.MODERATOR if member.is_moderator else Role.AUDIENCE

    def member(self, user_id: str) -> Member | None:
        place = bisect_left(self.members, user_id, key=_user_id)
        found = self.members[place : place + 1]
        return found[0] if found and _user_id(found[0]) == user_id else None

    def known(self, person: Person) -> Member:
        """What is remembered of the person, be it nothing yet."""
        return self.member(person.user_id) or Member(person=person)

    def moderators(self) -> tuple[Person, ...]:
        """Those whom the host made helpers."""
        return tuple(m.person for m in self.members if m.is_moderator)

    def sanction(self, user_id: str, kind: SanctionKind, now: datetime) -> Sanction | None:
        """The person's sanction of a kind that is in force."""
        for sanction in self.sanctions:
            if (sanction.person.user_id, sanction.kind) == (user_id, kind):
                return sanction if sanction.until is None or sanction.until > now else None
        return None

    def is_banned(self, user_id: str, now: datetime) -> bool:
        return self.sanction(user_id, SanctionKind.ROOM_BAN, now) is not None

    def connection_of(self, user_id: str) -> Connection | None:
        return next((c for c in self.connections if c.person.user_id == user_id), None)

    def connection(self, number: int) -> Connection | None:
        return next((c for c in self.connections if c.number == number), None)

    def occupant(self, seat_index: int) -> Connection | None:
        return next((c for c in self.connections if c.seat_index == seat_index), None)

    def guests(self) -> tuple[Connection, ...]:
        """Everybody on a seat but the host, by number."""
        return tuple(c for c in self.connections if c.seat_index != HOST_SEAT)

    def locked(self, user_id: str) -> tuple[Device, ...]:
        """The devices that the staff has locked for a person, on the seat or off it."""
        member = self.member(user_id)
        return member.locked() if member else ()

    def device_state(self, connection: Connection, device: Device) -> DeviceState:
        """A device as it counts: shut while the seat, the staff or the room locks it, else as its owner has it."""
        is_locked = self.seats[connection.seat_index].locks(device) or device in self.locked(connection.person.user_id)
        is_locked = is_locked or (device is Device.MICROPHONE and self._keeps_silent(connection))
        return DeviceState.LOCKED if is_locked else connection.device(device)

    def _keeps_silent(self, connection: Connection) -> bool:
        """Whether the room's word keeps a guest from opening a closed microphone that nobody gave leave for."""
        if self.options.may_unmute or connection.seat_index == HOST_SEAT:
            return False
        has_leave = connection.asked is Device.MICROPHONE or Device.MICROPHONE in connection.shut
        return connection.microphone is DeviceState.CLOSED and not has_leave

    def request_of(self, user_id: str) -> Request | None:
        """The person's one open request, of either kind."""
        return next((r for r in self.requests if r.person.user_id == user_id), None)

    def spoken_s(self, user_id: str) -> int:
        """Seconds on the stage before, in this show."""
        member = self.member(user_id)
        return member.spoken_s if member else 0

    def applications(self) -> tuple[Request, ...]:
        """The queue: open applications in the order in which they will be served."""
        is_fair = self.options.queue_order is QueueOrder.SPOKE_LEAST

        def place(request: Request) -> tuple[int, int, int]:
            return (-request.front, self.spoken_s(request.person.user_id) if is_fair else 0, request.rank)

        return tuple(sorted((r for r in self.requests if r.kind is RequestKind.APPLICATION), key=place))

    def find_request(self, request_id: str) -> Request | None:
        """The request, open or ended, as far back as the value remembers."""
        return next((r for r in (*self.requests, *self.ended_requests) if r.request_id == request_id), None)

    def last_request_of(self, user_id: str) -> Request | None:
        return next((r for r in reversed(self.ended_requests) if r.person.user_id == user_id), None)

    def free_seats(self) -> list[int]:
        """The guest seats that are neither taken nor locked, lowest first."""
        taken = {c.seat_index for c in self.connections}
        return [i for i in range(1, self.seat_count + 1) if i not in taken and not self.seats[i].is_locked]

    def has_stake(self, user_id: str) -> bool:
        """Whether the room must know when this person's line goes and comes."""
        member = self.member(user_id)
        return (
            user_id == self.host.user_id
            or self.connection_of(user_id) is not None
            or self.request_of(user_id) is not None
            or (member is not None and member.is_moderator is True)
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

    def put_seat(self, seat: Seat) -> "RoomState":
        return replace(self, seats=(*self.seats[: seat.index], seat, *self.seats[seat.index + 1 :]))

    def put_member(self, member: Member) -> "RoomState":
        """With the member added or replaced; the same room when nothing differs."""
        known = self.member(_user_id(member))
        if known == member:
            return self
        place = bisect_left(self.members, _user_id(member), key=_user_id)
        is_known = known is not None
        return replace(self, members=(*self.members[:place], member, *self.members[place + is_known :]))

    def put_sanction(self, sanction: Sanction) -> "RoomState":
        """With the sanction added or replaced."""
        return replace(self, sanctions=_sorted((*self.drop_sanction(sanction).sanctions, sanction)))

    def drop_sanction(self, sanction: Sanction) -> "RoomState":
        return replace(self, sanctions=tuple(s for s in self.sanctions if s.number != sanction.number))

    def put_link(self, link: InviteLink) -> "RoomState":
        """With the link added or replaced."""
        rest = tuple(x for x in self.links if x.number != link.number)
        return replace(self, links=_sorted((*rest, link)))

    def drop_link(self, link: InviteLink) -> "RoomState":
        return replace(self, links=tuple(x for x in self.links if x.number != link.number))


def _user_id(member: Member) -> str:
    return member.person.user_id


Numbered = TypeVar("Numbered", Request, Connection, Sanction, InviteLink)
Item = TypeVar("Item", Request, Connection)


def _sorted(items: Iterable[Numbered]) -> tuple[Numbered, ...]:
    return tuple(sorted(items, key=lambda item: item.number))


def _keep(items: tuple[Item, ...], item: Item) -> tuple[Item, ...]:
    """Newest last; those of one change by number, as the rows are read."""
    newest_last = sorted(items + (item,), key=lambda i: (i.ended_seq, i.number))
    return tuple(newest_last[-ENDED_KEPT:])
