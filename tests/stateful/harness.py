"""One room under test: gives each command to the room and to the model, and holds all laws against the result."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import LinkMedia, Role
from tests.stateful.clients import Clients
from tests.stateful.core import REAL, Core
from tests.stateful.driver import STRANGERS, Driver
from tests.stateful.laws import Ends, check_room, check_step
from tests.stateful.likeness import compare, name_of
from tests.stateful.model import Model
from tests.stateful.records import HOST, No, Wish

AUDIENCE = tuple(f"alice{n}" for n in range(1, 12))
PEOPLE = (*AUDIENCE, "mona")  # the twelve who may want a seat; Mona is a moderator
EVERYBODY = (*PEOPLE, HOST, "mallory")
ROLES = {HOST: Role.HOST, "mona": Role.MODERATOR, "mallory": Role.HOST}  # Mallory is the host of another room
STAFF = (HOST, "mona", "ada", "server")
ROLES |= {"ada": Role.ADMIN, "server": Role.SERVER, "clock": Role.CLOCK, "media": Role.MEDIA}
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Harness(RuleBasedStateMachine):
    """One room and twelve people who want to be on air."""

    core: ClassVar[Core] = REAL
    kept: ClassVar[tuple[int, ...]] = (100,)  # how many ends the driver's room remembers
    pending_max: ClassVar[tuple[int, ...]] = (100,)

    def make_driver(self, room: Any) -> Driver:
        """A driver that holds this (idle) room. What it reads first counts: the epoch may be its own."""
        raise NotImplementedError

    def limit(self, kept: int, pending_max: int) -> None:
        """Sets the limits drawn for this run, where they are not the only ones."""

    @initialize(
        seat_count=st.sampled_from([1, 2, 3, 4, 9]) | st.integers(1, 9),
        wait_s=st.sampled_from([0, 5, 60]),
        media=st.sampled_from(LinkMedia),
        is_open=st.sampled_from([True] * 9 + [False]),
        guests=st.sampled_from([0, 0, 1, 3, 9]),
        kept=st.integers(0, 1),
        pending_max=st.integers(0, 1),
    )
    def open(
        self, seat_count: int, wait_s: int, media: LinkMedia, is_open: bool, guests: int, kept: int, pending_max: int
    ) -> None:
        self.now, self.steps = START, 0
        kept_now = self.kept[kept % len(self.kept)]
        pending_now = self.pending_max[pending_max % len(self.pending_max)]
        self.limit(kept_now, pending_now)
        core, host = self.core, self.person(HOST)
        room = core.room.RoomState(
            slug="r", title="Show", host=host, seat_count=seat_count, request_timeout_s=wait_s, epoch="e1"
        )
        self.driver = self.make_driver(room)
        self.model = Model(seat_count, wait_s, kept=kept_now, pending_max=pending_now, strangers=STRANGERS)
        self.people = [self.person(user) for user in EVERYBODY]
        self.clients = Clients(core, self.driver.read(), self.people)
        self.ends = Ends()
        if is_open:
            self.do(HOST, c.GoLive(media=media))
            for pick in range(min(guests, seat_count)):
                self._seat(PEOPLE[pick], media, is_heard=True)
        self.steps = 0

    # -- one step
    def person(self, user: str) -> Any:
        return self.core.room.Person(user_id=user, name=name_of(user))

    def do(self, user: str, command: Any, role: Role | None = None) -> bool:
        """Gives a command to the room and to the model and holds every law against the result; False: refused."""
        self.steps += 1
        role = role or ROLES.get(user, Role.AUDIENCE)
        actor = self.core.room.Actor(person=self.person(user), role=role)
        before = self.driver.read()
        expected = self._expect(user, role, command)
        try:
            outcome = self.driver.perform(actor, command, self.now)
        except self.core.outcome.Refused as refused:
            assert self.driver.read() == before, "a refusal changed the room"
            self._check_refused(refused, expected)
            return False
        assert expected is None, f"{command} should have been refused: {expected}"
        self._check_outcome(before, outcome, command)
        return True

    def _expect(self, user: str, role: Role, command: Any) -> No | None:
        try:
            self.model.perform(user, str(role), command, self.now)
        except No as no:
            return no
        return None

    def _check_refused(self, refused: Any, expected: No | None) -> None:
        assert expected is not None, f"refused with {refused.code}"
        assert refused.code == expected.code
        assert (refused.request.request_id if refused.request else None) == expected.request
        if expected.details.get("by"):
            expected.details["by"] = name_of(str(expected.details["by"]))
        assert refused.details == expected.details

    def _check_outcome(self, before: Any, outcome: Any, command: Any) -> None:
        after = self.driver.read()
        assert after == outcome.room, "read(save(room)) is another room"
        self.model.seq = after.seq
        heard = self.clients.hear(self.core.notices.notices(before, outcome), after.seq, self.now)
        assert heard == Counter(self.model.news), "not everybody concerned heard of it"
        assert after.seq > before.seq or not heard, "moments without a change"
        self.clients.check(after)
        check_step(before, after, command, self.now)
        check_room(after)
        self.ends.check(after)
        compare(self.core, after, self.model, self.people)
        request_id, connection_id = self.model.reply
        assert (outcome.request.request_id if outcome.request else None) == request_id
        assert (outcome.connection.connection_id if outcome.connection else None) == connection_id
        assert outcome.connection is None or outcome.connection in after.connections
        assert outcome.request is None or outcome.request in (*after.requests, *after.ended_requests)

    def _wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _seat(self, user: str, media: LinkMedia, *, is_heard: bool) -> None:
        if not self.do(user, c.Apply(media=media)):
            return
        is_seated = self.do(HOST, c.RespondToApplication(self.model.waiting[-1].name, True))
        if is_seated and is_heard:
            self.do("media", i.MediaUp(self._number(user)))

    # -- what is going on
    def _waiting(self, kind: str) -> list[str]:
        return [w.name for w in self.model.waiting if w.kind == kind]

    def _guests(self) -> list[str]:
        return [s.user for _, s in sorted(self.model.seats.items()) if s.seat]

    def _on_air(self) -> list[str]:
        return [s.user for _, s in sorted(self.model.seats.items())]

    def _number(self, user: str) -> int:
        return next(s.number for s in self.model.seats.values() if s.user == user)

    def _free(self) -> list[str]:
        """People with neither seat nor request."""
        return [u for u in PEOPLE if not self.model.sitting_of(u) and not self.model.wish_of(u)]

    def _limited(self) -> list[Wish]:
        """Open requests whose time is still to come."""
        return [w for w in self.model.waiting if w.until and w.until > self.now]

    def _expired(self) -> list[Wish]:
        """Open requests whose time has passed while the clock has not come round."""
        return [w for w in self.model.waiting if w.until and w.until <= self.now]

    def _seat_until(self, user: str) -> datetime:
        return next(s.until for s in self.model.seats.values() if s.user == user and s.until)

    def _stakes(self) -> list[str]:
        return [HOST, *self._guests(), *(w.user for w in self.model.waiting)]


def one_of(items: list[Any], pick: int, otherwise: Any = None) -> Any:
    """One of the things that are there now; `otherwise` when there is none."""
    return items[pick % len(items)] if items else otherwise
