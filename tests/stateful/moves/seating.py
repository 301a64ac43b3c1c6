"""Moves on, between and off the seats, with their locks, the stage and what is behind it."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, Entry, LinkMedia, MovePolicy, RemovalReason, Role, SeatMode
from tests.stateful.clients import SECRET_ANSWER
from tests.stateful.harness import EVERYBODY, PEOPLE, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import devices, edges, entries, flags, medias, picks, seats, staff, windows

locks = st.sampled_from([None, None, True, True, False])


class Seating(Harness):
    """Seats."""

    @rule(
        pick=picks,
        media=medias,
        seat=seats,
        user=st.none() | st.sampled_from((*EVERYBODY, "mona", "helper")),
        entry=entries,
    )
    def take_seat(self, pick: int, media: LinkMedia, seat: int, user: str | None, entry: Entry) -> None:
        waiting = [w.user for w in self.model.waiting]
        self.do(user or one_of([*self.free(), *waiting], pick, PEOPLE[pick]), c.TakeSeat(media, seat, entry))

    @precondition(lambda self: self.on_air())
    @rule(pick=picks, window=windows, first=st.sampled_from([None, "screen", "reach", "lost"]), then=flags, late=flags)
    def bring_here(self, pick: int, window: str, first: str | None, then: bool, late: bool) -> None:
        """Another window wants the seat, perhaps after it tried without; the former one is reported once more."""
        user = one_of(self.on_air(), pick)
        former = self.number(user)
        if first == "screen":
            self.do(user, c.SetDevice(Device.SCREEN, True))
        elif first == "lost":
            self.do("media", i.MediaGone(former))
            self.wait_s(pick)
        self.at[user] = window
        if first == "reach":
            self.do(user, c.SetDevice(Device.MICROPHONE, then))
        self.do(user, c.BringHere())
        if late:
            self.do("media", i.MediaUp(former) if then else i.MediaGone(former))
        if then:
            self.do("media", i.MediaUp(self.number(user)))
            self.do(user, c.SetDevice(Device.CAMERA, late))

    @rule(pick=picks)
    def bring_here_from_afar(self, pick: int) -> None:
        """The host at the door of the audience, and somebody on no seat."""
        self.do(HOST, c.BringHere(), Role.AUDIENCE)
        self.do(one_of(self.free(), pick, PEOPLE[pick]), c.BringHere())

    @precondition(lambda self: self.guests())
    @rule(pick=picks, is_quitting=flags)
    def leave_seat(self, pick: int, is_quitting: bool) -> None:
        self.do(one_of(self.guests(), pick), c.Leave() if is_quitting else c.LeaveSeat())

    @rule(pick=picks)
    def leave(self, pick: int) -> None:
        self.do(one_of(self.stakes(), pick), c.Leave())

    @precondition(lambda self: self.guests())
    @rule(
        pick=picks,
        by=st.none() | staff | st.just(HOST),
        seat=st.integers(0, 9),
        policy=st.sampled_from(MovePolicy),
        where=st.sampled_from(["any", "taken", "taken", "locked", "shut"]),
    )
    def move_seat(self, pick: int, by: str | None, seat: int, policy: MovePolicy, where: str) -> None:
        """To any seat, or where somebody sits, or past a lock; by the staff, or by a guest, who may name another."""
        guest = one_of(self.guests(), pick)
        own = self.model.sitting_of(guest).seat  # type: ignore[union-attr]
        if where == "taken":
            if len(self.guests()) == 1:
                self.do(HOST, c.PlaceUser(one_of(self.free(), pick, PEOPLE[pick])))
            seat = one_of(sorted(s for s in self.model.seats if s not in (0, own)), pick + seat, seat)
        elif where != "any":
            seat = one_of(self.model.free(), pick, seat)
            self.do(HOST, c.LockSeat(seat, *((True, None) if where == "locked" else (None, True))))
        if by:
            self.do(by, c.MoveSeat(seat, guest, policy))
        else:
            named = one_of([None, guest, *self.guests()], seat) if pick % 3 == 0 else None
            self.do(guest, c.MoveSeat(seat, named, policy))

    @rule(
        pick=picks,
        staff=staff,
        media=medias,
        seat=seats,
        user=st.none() | st.none() | st.sampled_from((*EVERYBODY, "nobody")),
        is_waiting=flags,
    )
    def place_user(
        self, pick: int, staff: str, media: LinkMedia, seat: int, user: str | None, is_waiting: bool
    ) -> None:
        waiting = [w.user for w in self.model.waiting] if is_waiting else []
        who = user or one_of(waiting or self.free(), pick, PEOPLE[pick])
        if pick % 4:
            self.do(staff, c.PlaceUser(who, media, seat))
        else:
            self.do_absent(staff, who, c.PlaceUser(who, media, seat))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, staff=staff, reason=st.sampled_from(RemovalReason))
    def disconnect(self, pick: int, staff: str, reason: RemovalReason) -> None:
        self.do(staff, c.DisconnectUser(one_of(self.guests(), pick), reason, SECRET_ANSWER))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, staff=staff, is_gone=flags, then=st.sampled_from([None, None, "next", "tick"]), window=windows)
    def return_to_queue(self, pick: int, staff: str, is_gone: bool, then: str | None, window: str) -> None:
        guest = one_of(self.guests(), pick)
        if window:
            self.at[guest] = window
            self.do(guest, c.BringHere())
        if is_gone:
            self.do("clock", i.SocketsLost(guest))
        self.do(staff, c.ReturnToQueue(guest, SECRET_ANSWER))
        if then == "next":
            self.do("mona", c.AcceptNext())
        elif then:
            self.wait_s(29 + pick % 3)
            self.do("clock", i.Tick())

    # -- locks of seats
    @rule(pick=picks, staff=staff, seat=st.integers(0, 9), is_locked=locks, sound=locks, picture=locks)
    def lock_seat(
        self, pick: int, staff: str, seat: int, is_locked: bool | None, sound: bool | None, picture: bool | None
    ) -> None:
        """One that is free, as a rule, and then somebody wants to sit there."""
        seat = one_of(self.model.free(), pick, seat) if pick % 3 else seat
        self.do(staff, c.LockSeat(seat, is_locked, sound, picture))
        who = one_of(self.free(), pick, PEOPLE[pick])
        self.do(HOST, c.PlaceUser(who, seat_index=-1 if pick % 2 else max(seat, 1)))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, device=devices, own=flags, tries=st.lists(st.integers(0, 5), max_size=3), is_own=flags)
    def lock_under_a_guest(self, pick: int, device: Device, own: bool, tries: list[int], is_own: bool) -> None:
        """The lock of the seat and that of the person, one over the other, and the guest reaches for the device."""
        guest = one_of(self.guests(), pick)
        seat = self.model.sitting_of(guest).seat  # type: ignore[union-attr]
        if own:
            self.do("mona", c.LockDevice(guest, device, True))
        is_sound = device is Device.MICROPHONE
        self.do(HOST, c.LockSeat(seat, None, *((True, None) if is_sound else (None, True))))
        for what in tries:
            self._reach(guest, device, what)
        self.do("ada", c.LockSeat(seat, None, *((False, None) if is_sound else (None, False))))
        if is_own:
            self.do("mona", c.LockDevice(guest, device, False))

    def _reach(self, guest: str, device: Device, what: int) -> None:
        tries = [
            (guest, c.SetDevice(device, True)),
            (guest, c.SetDevice(device, False)),
            (guest, c.AskToSpeak(device)),
            (HOST, c.AskToOpen(guest, device)),
            (HOST, c.LockDevice(guest, device, False)),
            (HOST, c.LockDevice(guest, device, True)),
        ]
        self.do(*tries[what])

    # -- the stage
    @rule(pick=picks, staff=staff, user=st.sampled_from([None, "on air", "on air", "anybody"]))
    def set_spotlight(self, pick: int, staff: str, user: str | None) -> None:
        on_air = self.on_air() if user == "on air" else list(PEOPLE)
        self.do(staff, c.SetSpotlight(user and one_of(on_air, pick, HOST)))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, staff=staff, seconds=st.sampled_from([0, 10, 60]), edge=st.none() | edges)
    def set_time_limit(self, pick: int, staff: str, seconds: int, edge: timedelta | None) -> None:
        """And perhaps the time is up."""
        guest = one_of(self.guests(), pick)
        self.do(staff, c.SetTimeLimit(guest, seconds))
        sitting = self.model.sitting_of(guest)
        if edge is not None and sitting and sitting.ends:
            self.now = max(self.now, sitting.ends + edge)
            self.do("clock", i.Tick())

    @precondition(lambda self: self.guests())
    @rule(pick=picks, staff=staff, is_backstage=flags, seconds=st.integers(0, 20))
    def set_backstage(self, pick: int, staff: str, is_backstage: bool, seconds: int) -> None:
        self.do(staff, c.SetBackstage(one_of(self.guests(), pick), is_backstage))
        self.wait_s(seconds)

    @precondition(lambda self: self.on_air())
    @rule(pick=picks, is_ready=st.sampled_from([True, True, False]), is_shown=flags)
    def set_ready(self, pick: int, is_ready: bool, is_shown: bool) -> None:
        """And the staff brings the guest on the stage."""
        backstage = [s.user for s in self.model.on_air() if s.is_backstage]
        user = one_of(backstage or self.on_air(), pick)
        self.do(user, c.SetReady(is_ready))
        if is_shown:
            self.do(HOST, c.SetBackstage(user, False))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, seconds=st.integers(0, 20), spotlight=flags)
    def behind_and_back(self, pick: int, seconds: int, spotlight: bool) -> None:
        """Off the stage and on it again: the time there goes on where it was."""
        guest = one_of(self.guests(), pick)
        if spotlight:
            self.do("mona", c.SetSpotlight(guest))
        self.wait_s(seconds)
        self.do(HOST, c.SetBackstage(guest, True))
        self.wait_s(3)
        self.do(guest, c.SetReady(True))
        self.do(HOST, c.SetBackstage(guest, False))

    # -- the host's own seat
    @rule(user=st.sampled_from((*("host", "mona", "ada", "server", "helper"), "mallory")), what=st.integers(0, 13))
    def touch_the_host(self, user: str, what: int) -> None:
        tries = [
            c.GoLive(LinkMedia.AUDIO),
            c.DisconnectUser(HOST),
            c.LockDevice(HOST, Device.CAMERA, True),
            c.Invite(HOST),
            c.Apply(LinkMedia.VIDEO),
            c.MoveSeat(1, HOST, MovePolicy.REPLACE),
            c.PlaceUser(HOST),
            c.ReturnToQueue(HOST),
            c.LockSeat(0, True),
            c.SetTimeLimit(HOST, 10),
            c.SetBackstage(HOST, True),
            c.AskToOpen(HOST, Device.MICROPHONE),
            c.BarUser(HOST),
            c.SetModerator(HOST, True),
        ]
        self.do(user, tries[what])

    @precondition(lambda self: self.model.status == "live")
    @rule(what=st.integers(0, 6), seat=seats)
    def host_off_the_seat(self, what: int, seat: int) -> None:
        """Where the host's seat is not kept, the host may leave it, and sits nowhere else."""
        self.do(HOST, c.UpdateRoom(keep_owner_on_seat=False, seat_mode=SeatMode.FREE if what == 0 else None))
        self.do(HOST, c.LeaveSeat())
        if what == 1 and self.do("mona", c.CreateInviteLink()):
            self.do(HOST, c.UseInviteLink(str(self.model.links[-1].number)), Role.AUDIENCE)
        tries = [
            (HOST, c.TakeSeat(LinkMedia.AUDIO, seat)),
            (HOST, c.SetReady(True)),
            (HOST, c.Apply(LinkMedia.AUDIO)),
            ("mona", c.Invite(HOST)),
            ("mona", c.PlaceUser(HOST)),
            (HOST, c.SetDevice(Device.SCREEN, True)),
            ("clock", i.SocketsLost(HOST)),
        ]
        user, command = tries[what]
        self.do(user, command, Role.AUDIENCE if user == HOST else None)
        self.do(HOST, c.TakeSeat(LinkMedia.VIDEO, seat))
        self.do(HOST, c.UpdateRoom(keep_owner_on_seat=True, seat_mode=SeatMode.APPLY))
        self.do(HOST, c.TakeSeat())

    @rule(what=st.integers(0, 9), has_right=flags, seat=seats)
    def act_as_host(self, what: int, has_right: bool, seat: int) -> None:
        """By a window with the host's right, or by one without it."""
        tries = [
            c.Leave(),
            c.LeaveSeat(),
            c.TakeSeat(LinkMedia.AUDIO, seat),
            c.Apply(LinkMedia.AUDIO),
            c.UseInviteLink(str(one_of([link.number for link in self.model.links], what, 1))),
            c.MoveSeat(max(seat, 0)),
            c.SetReady(True),
            c.AskToSpeak(Device.MICROPHONE),
            c.SetDevice(Device.SCREEN, True),
            c.TakeSeat(LinkMedia.VIDEO),
        ]
        self.do(HOST, tries[what], Role.HOST if has_right else Role.AUDIENCE)
