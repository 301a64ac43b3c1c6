"""Who hears what of every verb: how a situation is tried by everybody, and how `hears.toml` is read."""

import tomllib
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from micconnect.domain.internal import AnyCommand, command_name
from micconnect.domain.notices import notices
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor, RoomState
from micconnect.domain.rules import decide
from micconnect.protocol import callbacks as cb
from tests.unit import rooms as r

ROLES: dict[str, Actor] = {
    "host": r.HOST,
    "another_host": r.MALLORY,
    "moderator": r.MONA,
    "audience": r.DORA,
    "admin": r.ADA,
    "server": r.SERVER,
    "clock": r.CLOCK,
    "media": r.MEDIA,
}
Heard = dict[str, list[str]]


class Case(Struct, frozen=True):
    """One command in one situation. `link`: number of the invite link whose token comes along.

    `window`: in which window of theirs everybody tries it; `is_named`: under names of their own.
    """

    what: str
    room: RoomState
    command: AnyCommand
    concerned: Actor = r.BOB
    at_s: float = 0
    link: int | None = None
    window: str = ""
    is_named: bool = True

    @property
    def verb(self) -> str:
        return command_name(self.command)

    def actors(self) -> dict[str, Actor]:
        """Everybody who tries it, by role."""
        everybody = ROLES | {"concerned": self.concerned}
        parts = {"link": self.link, "since": r.NOW, "window": self.window, "is_named": self.is_named}
        return {role: replace(who, **parts) for role, who in everybody.items()}


def tag(callback: cb.AnyCallback) -> str:
    return str(callback.__struct_config__.tag)


def heard(room: RoomState, who: Actor, command: AnyCommand, now_s: float = 0) -> Heard:
    """Lane to the types of its callbacks, in their order; a person's lane by user id, the actor's own as `me`."""
    outcome = decide(room, who, command, r.after(now_s))
    told = notices(replace(room, invitee=None), outcome)
    lanes = {n.user_id or str(n.lane): [tag(callback) for callback in n.callbacks] for n in told}
    assert len(lanes) == len(told), "one notice for each lane"
    return {"me" if lane == who.user_id else lane: types for lane, types in lanes.items()}


def happens(case: Case, who: Actor) -> Heard | str:
    """What is heard, or the code of the refusal."""
    try:
        return heard(case.room, who, case.command, case.at_s)
    except Refused as refused:
        return refused.code.value


def table() -> dict[tuple[str, str, str], Heard | str]:
    """The rows of `hears.toml` by verb, situation and role. A row may name several roles."""
    rows: dict[tuple[str, str, str], Heard | str] = {}
    text = (Path(__file__).parent / "hears.toml").read_text(encoding="utf-8")
    for verb, situations in tomllib.loads(text).items():
        for what, outcomes in situations.items():
            for roles, outcome in outcomes.items():
                for role in roles.split():
                    assert (verb, what, role) not in rows, "one row for each"
                    rows[verb, what, role] = outcome
    return rows
