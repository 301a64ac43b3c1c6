"""What the model of a room writes down: requests, times on a seat, refusals, and who must hear of an end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOST = "host"
STAFF = {"host", "moderator", "admin", "server"}
OURSELVES = {"clock", "media"}
COOL_DOWN_S = {"cancelled": 10, "rejected": 30}
ENDS = {"host": "host", "admin": "moderator", "server": "server"}


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


@dataclass
class Wish:
    """An application or an invitation of `user`."""

    number: int
    kind: str
    user: str
    media: str
    note: str
    since: datetime
    until: datetime | None
    operator: str | None = None
    state: str = "pending"
    gone: datetime | None = None
    ended: datetime | None = None
    ended_seq: int = 0
    cause: str | None = None
    reason: str | None = None
    answer: str = ""

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
    """Somebody on a seat."""

    number: int
    user: str
    seat: int
    media: str
    since: datetime
    socket: bool = True
    sound: bool = False
    devices: dict[str, str] = field(default_factory=dict)
    live: datetime | None = None
    until: datetime | None = None
    end: str | None = None
    ended: datetime | None = None
    ended_seq: int = 0
    operator: str | None = None
    reason: str | None = None
    note: str = ""

    @property
    def name(self) -> str:
        return f"c{self.number}"

    def state(self) -> str:
        if self.socket and self.sound:
            return "live"
        return "reconnecting" if self.live else "joining"


TELL = {
    ("application", "accepted"): (("me", "onUserConnectionAccepted"), ("staff", "onRequestProcessed")),
    ("application", "rejected"): (("me", "onUserConnectionRejected"), ("staff", "onRequestProcessed")),
    ("application", "cancelled"): (("staff", "onUserConnectionCancelled"),),
    ("application", "timeout"): (("me", "onUserConnectionTimeout"), ("staff", "onUserConnectionTimeout")),
    ("application", "void"): (("me", "onUserConnectionCancelled"), ("staff", "onUserConnectionCancelled")),
    ("invitation", "accepted"): (("staff", "onUserConnectionAccepted"),),
    ("invitation", "rejected"): (("staff", "onUserConnectionRejected"),),
    ("invitation", "cancelled"): (("me", "onUserConnectionCancelled"), ("staff", "onRequestProcessed")),
    ("invitation", "timeout"): (("me", "onUserConnectionTimeout"), ("staff", "onUserConnectionTimeout")),
    ("invitation", "void"): (("me", "onUserConnectionCancelled"), ("staff", "onUserConnectionCancelled")),
}
