"""What lines, media and time do."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, LinkMedia
from tests.stateful.harness import PEOPLE, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import LATE, devices, edges, flags, picks


class World(Harness):
    """Nobody's doing."""

    @rule(pick=picks, by=st.sampled_from(["clock", "media"]), what=st.sampled_from(["up", "lost", "lost", "all lost"]))
    def socket(self, pick: int, by: str, what: str) -> None:
        user = one_of(self.stakes(), pick)
        match what:
            case "up":
                self.do(by, i.SocketUp(user))
            case "lost":
                self.do(by, i.SocketsLost(user))
            case _:
                self.do(by, i.AllSocketsLost())

    @rule(pick=picks, name=st.sampled_from(["Robin", "Sasha", "Robin"]))
    def another_name(self, pick: int, name: str) -> None:
        """Somebody with a stake comes in under another name, or the same once more; two may have the same one."""
        self.do("clock", i.Renamed(one_of(self.stakes(), pick), name))

    @rule(pick=picks, seconds=st.integers(1, 29), edge=edges)
    def lost_and_lost_again(self, pick: int, seconds: int, edge: timedelta) -> None:
        """A second report starts no second wait."""
        user = one_of(self.stakes()[1:], pick, HOST)
        self.do("clock", i.SocketsLost(user))
        self.wait_s(seconds)
        self.do("clock", i.SocketsLost(user))
        self.now += timedelta(seconds=30 - seconds) + edge
        self.do("clock", i.Tick())

    @precondition(lambda self: any(not s.socket for s in self.model.seats.values()) or self.model.away)
    @rule()
    def everybody_is_back(self) -> None:
        for user in dict.fromkeys(self.stakes()):
            self.do("clock", i.SocketUp(user))

    @precondition(lambda self: self.on_air())
    @rule(pick=picks, is_up=flags)
    def media(self, pick: int, is_up: bool) -> None:
        number = self.number(one_of(self.on_air(), pick))
        self.do("media", i.MediaUp(number) if is_up else i.MediaGone(number))

    @precondition(lambda self: self.on_air())
    @rule(
        pick=picks,
        stalled=st.lists(devices, max_size=2, unique=True),
        then=st.sampled_from(["kept", "closed", "locked", "gone", "lost", "open", "left", "flows"]),
    )
    def devices_stall(self, pick: int, stalled: list[Device], then: str) -> None:
        """And then something happens to what brings nothing."""
        user = one_of(self.on_air(), pick)
        number = self.number(user)
        self.do("media", i.MediaUp(number))
        self.do("media", i.MediaStalled(number, tuple(stalled)))
        for device in stalled:
            match then:
                case "closed":
                    self.do(user, c.SetDevice(device, False))
                    self.do(user, c.SetDevice(device, True))
                case "locked":
                    self.do("mona", c.LockDevice(user, device, True))
                case "open":
                    self.do(user, c.SetDevice(device, True))
        match then:
            case "gone":
                self.do("media", i.MediaGone(number))
                self.do("media", i.MediaStalled(number, tuple(stalled)))  # it comes late
            case "lost":
                self.do("media", i.MediaServerLost())
                self.do("media", i.MediaServerBack())
            case "left":
                self.do(user, c.LeaveSeat())
            case "flows":
                self.do("media", i.MediaStalled(number))

    @precondition(lambda self: self.on_air())
    @rule(
        pick=picks, is_stalled=flags, before=st.integers(0, 1), then=st.sampled_from(["kept", "closed", "gone", "up"])
    )
    def a_screen_stalls(self, pick: int, is_stalled: bool, before: int, then: str) -> None:
        """Or an earlier one is said to do so."""
        user = one_of(self.on_air(), pick)
        self.do(user, c.SetDevice(Device.SCREEN, True))
        sitting = self.model.sitting_of(user)
        number = sitting.screen_number - before if sitting else 0
        self.do("media", i.ScreenStalled(number, True))
        self.do("media", i.ScreenStalled(number, is_stalled))
        match then:
            case "closed":
                self.do(user, c.SetDevice(Device.SCREEN, False))
            case "gone":
                self.do("media", i.ScreenGone(number))
            case "up":
                self.do("media", i.MediaGone(self.number(user)))

    @precondition(lambda self: any(not s.sound for s in self.model.seats.values()))
    @rule()
    def everybody_is_heard(self) -> None:
        for sitting in self.model.on_air():
            self.do("media", i.MediaUp(sitting.feed))

    @rule(is_up=flags, seconds=st.integers(0, 40))
    def media_server(self, is_up: bool, seconds: int) -> None:
        self.do("media", i.MediaServerBack() if is_up else i.MediaServerLost())
        self.wait_s(seconds)

    @rule(pick=picks, seconds=st.integers(1, 29))
    def media_server_flaps(self, pick: int, seconds: int) -> None:
        """Away and back, while somebody has no line."""
        self.do("clock", i.SocketsLost(one_of(self.stakes(), pick)))
        self.wait_s(seconds)
        self.do("media", i.MediaServerLost())
        self.do("media", i.MediaServerBack())

    @precondition(lambda self: self.steps >= LATE)
    @rule(seconds=st.integers(100, 200))
    def everything_falls_due(self, seconds: int) -> None:
        self.do("clock", i.AllSocketsLost())
        self.wait_s(seconds)
        self.do("clock", i.Tick())

    @precondition(lambda self: self.model.status == "live")
    @rule(
        pick=picks,
        helper=st.sampled_from(["here", "here", "gone", "none"]),
        is_allowed=flags,
        then=st.sampled_from(["waits", "carries on", "leaves", "comes back", "longer", "sooner", "ends"]),
        edge=edges,
    )
    def the_host_is_away(self, pick: int, helper: str, is_allowed: bool, then: str, edge: timedelta) -> None:
        """And a helper carries on, by the room's word or the own one, and goes; else the live waits, and ends."""
        user = PEOPLE[pick]
        self.do(HOST, c.UpdateRoom(is_carried_on=is_allowed))
        if helper != "none" and self.do(HOST, c.SetModerator(user, True)):
            self.do("clock", i.SocketUp(user) if helper == "here" else i.SocketsLost(user))
        self.do("clock", i.SocketsLost(HOST))
        self.wait_s(pick)
        match then:
            case "carries on":
                self.do(user, c.CarryOn())
            case "leaves" | "comes back":
                self.do(user, c.CarryOn())
                self.do("clock", i.SocketsLost(user))
                self.wait_s(pick)
                if then == "comes back":
                    self.do("clock", i.SocketUp(user))
            case "longer":
                self.do(user if pick % 2 else "ada", c.WaitLonger())
            case "sooner":
                self.do("ada", c.UpdateRoom(host_away_s=(30, 120)[pick % 2]))
            case "ends" if self.steps >= LATE:
                self.do(user, c.EndLive())
        if self.model.away and (self.steps >= LATE or edge < timedelta(0)):
            self.now = max(self.now, self.model.away + edge)
            self.do("clock", i.Tick())
        self.do("clock", i.SocketUp(HOST))

    @rule(pick=picks, who=st.sampled_from(["helper", "host", "ada", "alice1"]), is_longer=flags)
    def lead_without_need(self, pick: int, who: str, is_longer: bool) -> None:
        """Whoever carries on or waits for a host who may well be there."""
        self.do(who, c.WaitLonger() if is_longer else c.CarryOn())

    @rule(pick=picks, edge=edges, is_rotating=flags, first=st.sampled_from(["asks", "asks", "returns", "nobody"]))
    def time_is_up(self, pick: int, edge: timedelta, is_rotating: bool, first: str) -> None:
        """And the first of the queue follows, where it is so agreed; a seat that is lost is another matter."""
        self.do(HOST, c.UpdateRoom(is_rotating=is_rotating))
        if not self.guests():
            self.do(HOST, c.PlaceUser(one_of(self.free(), pick, PEOPLE[pick])))
        if not self.guests():
            return
        guest = one_of(self.guests(), pick)
        if first == "asks":
            self.do(one_of(self.free(), pick, PEOPLE[pick]), c.Apply(LinkMedia.AUDIO, timeout_s=0))
        elif first == "returns" and len(self.guests()) > 1:
            self.do("mona", c.ReturnToQueue(one_of(self.guests(), pick + 1)))
        self.do("media", i.MediaUp(self.number(guest)))
        self.do(HOST, c.SetTimeLimit(guest, 10))
        if pick % 4:
            self.wait_s(10)
        else:
            self.do("clock", i.SocketsLost(guest))
            self.do(HOST, c.SetTimeLimit(guest, 0))
            self.wait_s(30)
        self.now += edge
        self.do("clock", i.Tick())

    @rule(seconds=st.integers(0, 200), is_heard=flags)
    def wait(self, seconds: int, is_heard: bool) -> None:
        self.wait_s(seconds)
        if is_heard:
            self.do("clock", i.Tick())

    @precondition(lambda self: self.guests())
    @rule(pick=picks, edge=edges)
    def lose_a_guest(self, pick: int, edge: timedelta) -> None:
        guest = one_of(self.guests(), pick)
        self.do("clock", i.SocketsLost(guest))
        self.now = max(self.now, self.seat_until(guest) + edge)
        self.do("clock", i.Tick())

    @rule(edge=edges, is_heard=flags)
    def wait_for_deadline(self, edge: timedelta, is_heard: bool) -> None:
        deadline = min(self.model.deadlines(), default=self.now)
        self.now = max(self.now, deadline + edge)
        if is_heard:
            self.do("clock", i.Tick())
