"""What the model of a room writes down: requests, times on a seat, sanctions, links, and refusals."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOST = "host"
DEVICES = ("microphone", "camera", "screen")
SHUT_BY = {"microphone": "microphone", "camera": "camera", "screen": "camera"}  # which lock of a seat shuts what
SHOWN = {"dual": 1, "200": 3, "600": 9, "601": 6, "800": 9, "801": 6}  # how many guests a layout can show


def after(moment: datetime, seconds: int) -> datetime:
    return moment + timedelta(seconds=seconds)


class No(Exception):
    """The expected refusal."""

    def __init__(self, code: str, request: str | None = None, **details: object) -> None:
        super().__init__(code)
        self.code, self.request, self.details = code, request, details


def need(is_met: object, code: str) -> None:
    if not is_met:
        raise No(code)


@dataclass(frozen=True)
class Limits:
    """How many of its things a room may hold or remember."""

    kept: int = 100
    pending: int = 100
    links: int = 20
    sanctions: int = 500
    moderators: int = 20
    keys: int = 50


@dataclass
class Answer:
    """What the reply names besides success, by id."""

    request: str | None = None
    connection: str | None = None
    link: str | None = None
    sanction: str | None = None
    accepted: list[str] | None = None
    left: int | None = None


@dataclass
class Wish:
    """An application or an invitation of `user`."""

    number: int
    kind: str
    user: str
    media: str
    since: datetime
    until: datetime | None
    rank: int
    note: str = ""
    extra: str = ""
    seat: int = -1
    front: int = 0
    is_held: bool = False
    refusals: int = 0
    operator: str | None = None
    state: str = "pending"
    gone: datetime | None = None
    ended: datetime | None = None
    ended_seq: int = 0
    cause: str | None = None
    reason: str | None = None
    answer: str = ""
    window: str = ""
    entry: str = "open"
    wait_s: int | None = None
    has_account: bool = True

    @property
    def name(self) -> str:
        return f"r{self.number}"

    def by(self) -> str | None:
        """Who ended it."""
        return {
            ("application", "accepted"): self.operator,
            ("application", "rejected"): self.operator,
            ("application", "cancelled"): self.user,
            ("invitation", "accepted"): self.user,
            ("invitation", "rejected"): self.user,
            ("invitation", "cancelled"): self.operator,
        }.get((self.kind, self.state))


@dataclass
class Sitting:
    """Somebody on a seat. `aired`: on the stage since; `stage_s`: how long before; `ends`: until when."""

    number: int
    user: str
    seat: int
    media: str
    since: datetime
    socket: bool = True
    sound: bool = False
    devices: dict[str, str] = field(default_factory=dict)
    stalled: set[str] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)
    live: datetime | None = None
    until: datetime | None = None
    is_backstage: bool = False
    is_ready: bool = False
    aired: datetime | None = None
    stage_s: int = 0
    limit_s: int = 0
    ends: datetime | None = None
    asks: str | None = None
    asked: str | None = None
    asked_at: datetime | None = None
    screen_number: int = 0
    end: str | None = None
    ended: datetime | None = None
    ended_seq: int = 0
    operator: str | None = None
    reason: str | None = None
    note: str = ""
    window: str = ""
    brought: int = 0

    @property
    def name(self) -> str:
        return f"c{self.number}"

    @property
    def feed(self) -> int:
        return self.brought or self.number

    def state(self) -> str:
        if self.socket and self.sound:
            return "live"
        return "reconnecting" if self.live else "joining"


@dataclass
class Known:
    """What is remembered of a person. `is_granted`: made a helper (True) or ended by the host (False).

    `locks`: devices, the last one set by the change `locked_seq`. `limit_s`: of each turn; `rest_s`: of the one that
    was broken off. `is_behind`: sent there; `is_held`: returned to the queue. `quiet_until`: no asking before.
    """

    is_granted: bool | None = None
    spoken_s: int = 0
    turns: int = 0
    is_here: bool = False
    locks: set[str] = field(default_factory=set)
    locked_seq: int = 0
    limit_s: int = 0
    rest_s: int = 0
    is_behind: bool = False
    is_held: bool = False
    refusals: int = 0
    quiet_until: datetime | None = None


@dataclass
class Ban:
    """A bar from the mic or a ban from the room."""

    number: int
    kind: str
    user: str
    by: str
    since: datetime
    until: datetime | None
    reason: str
    note: str
    appeal: str = ""

    @property
    def name(self) -> str:
        return f"x{self.number}"

    def until_text(self) -> str | None:
        return self.until.isoformat() if self.until else None


@dataclass
class Link:
    """An address that seats whoever follows it."""

    number: int
    media: str
    left: int
    until: datetime
    by: str

    @property
    def name(self) -> str:
        return f"l{self.number}"
