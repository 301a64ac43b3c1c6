"""One room under test: gives each command to the room and to the model, and holds all laws against the result."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from msgspec.structs import asdict

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import Layout, LinkMedia, QueueOrder, Role, SeatMode
from tests.stateful.clients import Clients
from tests.stateful.core import REAL, Core
from tests.stateful.driver import Driver
from tests.stateful.laws import Ends, check_room, check_step
from tests.stateful.likeness import compare
from tests.stateful.model import Model
from tests.stateful.model.records import HOST, Limits, No, Wish

AUDIENCE = tuple(f"alice{n}" for n in range(1, 12))
PEOPLE = (*AUDIENCE, "mona")  # the twelve who may want a seat; Mona is a moderator by her ticket
EVERYBODY = (*PEOPLE, HOST, "mallory")
STRANGERS = {"mallory", "nobody"}  # Mallory is the host of another room
STAFF = (HOST, "mona", "ada", "server", "helper")  # the last is whoever was made a helper, or ended as one
ROLES = {HOST: Role.HOST, "mona": Role.MODERATOR, "mallory": Role.HOST, "ada": Role.ADMIN, "server": Role.SERVER}
ROLES |= {"clock": Role.CLOCK, "media": Role.MEDIA}
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
WITH_ACCOUNT = set(AUDIENCE[::2])
UNNAMED = {"alice4", "alice9"}  # under names that were made up for them
SINCE = dict.fromkeys(AUDIENCE[:9], START)  # the others were never seen before


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """The usual value in three of four runs."""
    return st.sampled_from([usual] * (3 * len(others)) + list(others))


plain = st.fixed_dictionaries(
    {
        "seat_count": st.sampled_from([1, 2, 3, 4, 9]) | st.integers(1, 9),
        "queue_order": st.sampled_from(QueueOrder),
        "request_timeout_s": st.sampled_from([0, 5, 60]),
        "time_limit_s": mostly(0, 60),
    }
)
fancy = st.fixed_dictionaries(
    {
        "layout": mostly(Layout.GRID, Layout.FLOAT, Layout.LANDSCAPE, Layout.DUAL),
        "seat_count": st.integers(1, 9),
        "seat_mode": mostly(SeatMode.APPLY, SeatMode.FREE, SeatMode.INVITE_ONLY, SeatMode.CLOSED),
        "is_auto_accepting": mostly(False, True),
        "queue_order": st.sampled_from(QueueOrder),
        "request_timeout_s": st.sampled_from([0, 5, 60]),
        "needs_login": mostly(False, True),
        "min_stay_s": mostly(0, 40),
        "max_turns": mostly(0, 1, 2),
        "is_audio_only": mostly(False, True),
        "time_limit_s": mostly(0, 10, 60),
        "is_rotating": st.booleans(),
        "has_backstage": mostly(False, True),
        "keep_owner_on_seat": mostly(True, False),
        "host_away_s": mostly(120, 30),
        "is_carried_on": st.booleans(),
        "is_arriving_muted": mostly(False, True),
        "may_unmute": mostly(True, False),
        "allows_unnamed": mostly(False, True),
    }
)


class Harness(RuleBasedStateMachine):
    """One room and twelve people who want to be on air."""

    core: ClassVar[Core] = REAL
    limits: ClassVar[tuple[Limits, ...]] = (Limits(),)

    def make_driver(self, room: Any) -> Driver:
        """A driver that holds this (idle) room. What it reads first counts: the epoch may be its own."""
        raise NotImplementedError

    def limit(self, limits: Limits) -> None:
        """Sets the limits drawn for this run, where they are not the only ones."""

    @initialize(
        options=plain | plain | fancy,
        media=st.sampled_from(LinkMedia),
        is_open=st.sampled_from([True] * 5 + [False]),
        guests=st.sampled_from([0, 0, 1, 2, 3, 9]),
        limits=st.integers(0, 1),
    )
    def open(self, options: dict[str, Any], media: LinkMedia, is_open: bool, guests: int, limits: int) -> None:
        self.now, self.steps = START, 0
        self.names: dict[str, str] = {}
        self.helper = "mona"
        self.at: dict[str, str] = {}  # in which window somebody is, who has several
        self.rejections: list[int] = []  # the numbers of the changes that sent everybody away
        limited = self.limits[limits % len(self.limits)]
        self.limit(limited)
        room = self.core.room.RoomState(
            slug="r", host=self.person(HOST), options=RoomOptions(title="Show", **options), epoch="e1"
        )
        self.driver = self.make_driver(room)
        self.driver.absent |= STRANGERS
        self.driver.names = self.names
        self.model = Model(asdict(room.options), limited, self.driver.absent)
        self.model.names = self.names
        self.clients = Clients(self.core, self.driver.read(), [self.person(user) for user in EVERYBODY])
        self.ends = Ends()
        if is_open:
            self.do(HOST, c.GoLive(media=media))
            for user in PEOPLE[: min(guests, self.model.seat_count())]:
                self.seat(user, media, is_heard=True)
        self.steps = 0

    # -- one step
    def person(self, user: str) -> Any:
        return self.core.room.Person(user_id=user, name=self.names.get(user, user.title()))

    def do(self, user: str, command: Any, role: Role | None = None) -> bool:
        """Gives a command to the room and to the model and holds every law against the result; False: refused."""
        self.steps += 1
        user = self.helper if user == "helper" else user
        role = role or ROLES.get(user, Role.AUDIENCE)
        account, since = user in WITH_ACCOUNT, SINCE.get(user)
        window = self.at.get(user, "")
        actor = self.core.room.Actor(
            person=self.person(user),
            role=role,
            has_account=account,
            since=since,
            is_named=user not in UNNAMED,
            window=window,
        )
        before = self.driver.read()
        try:
            self.model.perform(user, str(role), command, self.now, account, since, window, user not in UNNAMED)
            expected = None
        except No as no:
            expected = no
        try:
            outcome = self.driver.perform(actor, command, self.now)
        except self.core.outcome.Refused as refused:
            assert self.driver.read() == before, "a refusal changed the room"
            self._check_refused(refused, expected)
            return False
        assert expected is None, f"{command} should have been refused: {expected}"
        self._check_outcome(before, outcome, command, user)
        return True

    def _check_refused(self, refused: Any, expected: No | None) -> None:
        assert expected is not None, f"refused with {refused.code}"
        assert refused.code == expected.code
        assert (refused.request.request_id if refused.request else None) == expected.request
        if expected.details.get("by"):
            expected.details["by"] = self.model.name(str(expected.details["by"]))
        assert refused.details == expected.details

    def _check_outcome(self, before: Any, outcome: Any, command: Any, user: str) -> None:
        after = self.driver.read()
        assert after == outcome.room, "read(save(room)) is another room"
        self.model.seq = after.seq
        told = self.core.notices.notices(before, outcome) if after.seq > before.seq else []  # as the door does
        heard = self.clients.hear(told, after.seq, self.now)
        assert heard == Counter(self.model.news), "not everybody concerned heard of it"
        self.clients.people = [self.person(user) for user in EVERYBODY]
        self.clients.check(after)
        check_step(before, after, command, self.now, user)
        check_room(after)
        self.ends.check(after)
        self.ends.check_told(before, outcome)
        compare(self.core, after, self.clients, self.model)
        self._check_answer(outcome, after)

    def _check_answer(self, outcome: Any, after: Any) -> None:
        """The reply shows the things as they are after the change."""
        answer = self.model.answer
        assert (outcome.request.request_id if outcome.request else None) == answer.request
        assert (outcome.connection.connection_id if outcome.connection else None) == answer.connection
        assert (outcome.link.link_id if outcome.link else None) == answer.link
        assert (outcome.sanction.sanction_id if outcome.sanction else None) == answer.sanction
        accepted = None if outcome.accepted is None else [r.request_id for r in outcome.accepted]
        assert (accepted, outcome.left) == (answer.accepted, answer.left)
        assert outcome.connection is None or outcome.connection in after.connections
        requests = (*after.requests, *after.ended_requests)
        assert all(r in requests for r in (outcome.request, *(outcome.accepted or ())) if r)

    def wait_s(self, seconds: int) -> None:
        """Time goes by, and nobody notices."""
        self.now += timedelta(seconds=seconds)

    def do_absent(self, staff: str, user: str, command: Any) -> None:
        """The command, while the person whom it is about is not there."""
        is_here = user not in self.driver.absent
        self.driver.absent.add(user)
        self.do(staff, command)
        if is_here:
            self.driver.absent.remove(user)

    def seat(self, user: str, media: LinkMedia, *, is_heard: bool) -> None:
        """Somebody sits down, by an invitation where that can be."""
        if self.do(HOST, c.Invite(user, media)):
            is_seated = self.do(user, c.RespondToInvitation(self.model.waiting[-1].name, True))
        else:
            is_seated = self.do(HOST, c.PlaceUser(user, media))
        if is_seated and is_heard:
            self.do("media", i.MediaUp(self.number(user)))

    # -- what is going on
    def waiting(self, kind: str) -> list[str]:
        return [w.name for w in self.model.waiting if w.kind == kind]

    def guests(self) -> list[str]:
        return [s.user for _, s in sorted(self.model.seats.items()) if s.seat]

    def on_air(self) -> list[str]:
        return [s.user for _, s in sorted(self.model.seats.items())]

    def number(self, user: str) -> int:
        """What the media server calls the sound and picture of somebody on a seat."""
        return next(s.feed for s in self.model.seats.values() if s.user == user)

    def free(self) -> list[str]:
        """People with neither seat nor request."""
        return [u for u in PEOPLE if not self.model.sitting_of(u) and not self.model.wish_of(u)]

    def welcome_at(self, user: str) -> datetime | None:
        """When somebody of the audience has watched long enough, as far as it is known since when."""
        return SINCE[user] + timedelta(seconds=self.model.options["min_stay_s"]) if user in SINCE else None

    def limited(self) -> list[Wish]:
        """Open requests whose time is still to come."""
        return [w for w in self.model.waiting if w.until and w.until > self.now]

    def expired(self) -> list[Wish]:
        """Open requests whose time has passed while the clock has not come round."""
        return [w for w in self.model.waiting if w.until and w.until <= self.now]

    def seat_until(self, user: str) -> datetime:
        return next(s.until for s in self.model.seats.values() if s.user == user and s.until)

    def stakes(self) -> list[str]:
        return [HOST, *self.guests(), *(w.user for w in self.model.waiting), *self.model.helpers()]


def one_of(items: list[Any], pick: int, otherwise: Any = None) -> Any:
    """One of the things that are there now; `otherwise` when there is none."""
    return items[pick % len(items)] if items else otherwise
