"""Moves of those who make helpers, and who bar and ban."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, LinkMedia, RemovalReason, SeatMode
from tests.stateful.clients import SECRET_ANSWER
from tests.stateful.harness import EVERYBODY, PEOPLE, STRANGERS, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import edges, flags, picks, staff

others = st.none() | st.none() | st.sampled_from((*EVERYBODY, "helper", "nobody"))


class People(Harness):
    """Helpers, bars and bans."""

    def _who(self, user: str | None, pick: int) -> str:
        """Somebody with a stake, or anybody."""
        if user == "helper":
            return self.helper
        return user or one_of([*self.stakes()[1:], *PEOPLE[:3]], pick)

    @rule(
        pick=picks, by=st.sampled_from([HOST, HOST, HOST, "ada", "server", "mona", "helper"]), is_on=flags, user=others
    )
    def set_moderator(self, pick: int, by: str, is_on: bool, user: str | None) -> None:
        who = self._who(user, pick)
        if self.do(by, c.SetModerator(who, is_on)) and who != HOST:
            self.helper = who

    @rule(pick=picks, what=st.integers(0, 8))
    def promote_and_demote(self, pick: int, what: int) -> None:
        """A helper has the right in the very next step, and in the very next step has it no more."""
        user = PEOPLE[pick]
        self.do(HOST, c.SetModerator(user, True))
        self.do(user, self._as_staff(what))
        if self.do(HOST, c.SetModerator(user, False)):
            self.helper = user
            assert not self.do(user, self._as_staff(what)), "a helper who is none any more"

    def _as_staff(self, what: int) -> c.Command:
        return (
            c.LockAll(Device.CAMERA, True),
            c.Invite("alice1"),
            c.CreateInviteLink(),
            c.UpdateRoom(is_paused=True),
            c.SetMetadata({"k": "v"}),
            c.LockSeat(1, is_microphone_locked=True),
            c.SetSpotlight(None),
            c.AcceptNext(),
            c.BarUser("alice2", 5),
        )[what]

    @rule(
        pick=picks,
        staff=staff,
        user=others,
        is_ban=flags,
        seconds=st.sampled_from([None, 1, 30, 30]),
        reason=st.sampled_from(RemovalReason),
        is_gone=flags,
    )
    def sanction(
        self,
        pick: int,
        staff: str,
        user: str | None,
        is_ban: bool,
        seconds: int | None,
        reason: RemovalReason,
        is_gone: bool,
    ) -> None:
        """And perhaps of somebody who has just gone away."""
        who = self._who(user, pick)
        command = (c.BanUser if is_ban else c.BarUser)(who, seconds, reason, SECRET_ANSWER)
        if is_gone:
            self.do_absent(staff, who, command)
        else:
            self.do(staff, command)

    @rule(pick=picks, is_ban=flags, what=st.integers(0, 4), edge=st.none() | edges)
    def on_air_although(self, pick: int, is_ban: bool, what: int, edge: timedelta | None) -> None:
        """The barred and the banned try to get on air, or are wanted there, perhaps just when it is over."""
        user = one_of([u for u in self.free() if u != "mona"], pick, PEOPLE[pick])
        if self.do(HOST, (c.BanUser if is_ban else c.BarUser)(user, 20)) and edge is not None:
            self.wait_s(20)
            self.now += edge
        number = self.model.last
        if what == 0 and self.do(HOST, c.CreateInviteLink()):
            number = self.model.links[-1].number
        elif what == 1:
            self.do(HOST, c.UpdateRoom(seat_mode=SeatMode.FREE))
        tries = [
            (user, c.UseInviteLink(str(number))),
            (user, c.TakeSeat(LinkMedia.AUDIO)),
            (user, c.Apply(LinkMedia.AUDIO)),
            (HOST, c.Invite(user)),
            (HOST, c.PlaceUser(user)),
        ]
        self.do(*tries[what])
        self.do(HOST, c.UpdateRoom(seat_mode=SeatMode.APPLY))

    @precondition(lambda self: self.model.sanctions)
    @rule(pick=picks, what=st.integers(0, 10), by=staff, edge=st.none() | edges)
    def defy(self, pick: int, what: int, by: str, edge: timedelta | None) -> None:
        """What the barred and the banned say, and what is said about them, perhaps just when it is over."""
        ban = one_of(self.model.sanctions[::-1], pick)
        if edge is not None and ban.until:
            self.now = max(self.now, ban.until + edge)
        user = ban.user
        tries = [
            (user, c.Leave()),
            (user, c.LockAll(Device.CAMERA, True)),
            (user, c.LiftSanction(ban.name)),
            (by, c.LiftSanction(ban.name)),
            (by, c.BarUser(user, 30)),
            (by, c.BanUser(user)),
            (HOST, c.SetModerator(user, True)),
            ("clock", i.Tick()),
            (user, c.AppealBar(SECRET_ANSWER)),
            (user, c.AppealBar("Please.")),
            ("mona", c.LiftSanction(ban.name)),
        ]
        self.do(*tries[what])
        if tries[what][0] == user and isinstance(tries[what][1], c.AppealBar):
            self.do(user, c.AppealBar("And again."))

    @rule(pick=picks, staff=staff, number=st.integers(1, 40))
    def lift_sanction(self, pick: int, staff: str, number: int) -> None:
        self.do(staff, c.LiftSanction(one_of([ban.name for ban in self.model.sanctions], pick, f"x{number}")))

    @rule(pick=picks)
    def come_and_go(self, pick: int) -> None:
        """Somebody who has no stake goes away, or is there again."""
        absent = sorted(self.driver.absent - STRANGERS)
        if absent and pick % 2:
            self.driver.absent.discard(one_of(absent, pick))
        elif idle := self.free():
            self.driver.absent.add(one_of(idle, pick))
