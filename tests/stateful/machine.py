"""The room machine: chains of commands, drawn from what is going on in the room, against the model and the laws.

It runs over any Driver: subclass RoomMachine, give `make_driver`, and use its `.TestCase`.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, LinkMedia, RejectReason, RemovalReason, Role
from tests.stateful.clients import SECRET, SECRET_ANSWER
from tests.stateful.harness import EVERYBODY, PEOPLE, STAFF, Harness, one_of
from tests.stateful.records import HOST

INSTANT = timedelta(microseconds=1)
LATE = 30  # the show is not ended before this step, or most runs would be short

picks = st.integers(0, 11)
medias = st.sampled_from(LinkMedia)
devices = st.sampled_from(Device)
waits = st.sampled_from([None, None, 0, 5, 60])
flags = st.booleans()
edges = st.sampled_from([-INSTANT, timedelta(0), INSTANT])


class RoomMachine(Harness):
    """Everything that twelve people, the staff, the lines, the media server and time can do to a room."""

    # -- the audience asks
    @rule(pick=picks, media=medias, wait_s=waits, user=st.none() | st.sampled_from(PEOPLE))
    def apply(self, pick: int, media: LinkMedia, wait_s: int | None, user: str | None) -> None:
        user = user or one_of(self._free(), pick, PEOPLE[pick])
        self.do(user, c.Apply(media=media, note=SECRET, timeout_s=wait_s))

    @rule(pick=picks, user=st.none() | st.sampled_from(PEOPLE))
    def cancel_application(self, pick: int, user: str | None) -> None:
        waiting = [w.user for w in self.model.waiting if w.kind == "application"]
        self.do(user or one_of(waiting, pick, PEOPLE[pick]), c.CancelApplication())

    @precondition(lambda self: self._waiting("application"))
    @rule(pick=picks, staff=st.sampled_from(STAFF))
    def accept(self, pick: int, staff: str) -> None:
        self.do(staff, c.RespondToApplication(one_of(self._waiting("application"), pick), True))

    @precondition(lambda self: self._waiting("application"))
    @rule(pick=picks, staff=st.sampled_from(STAFF), reason=st.none() | st.sampled_from(RejectReason))
    def reject(self, pick: int, staff: str, reason: RejectReason | None) -> None:
        request_id = one_of(self._waiting("application"), pick)
        self.do(staff, c.RespondToApplication(request_id, False, reason, SECRET_ANSWER))

    @rule(pick=picks, staff=st.sampled_from(STAFF), is_invited=flags)
    def ask_with_a_stake(self, pick: int, staff: str, is_invited: bool) -> None:
        """Somebody on a seat, or with an open request, wants one more, or is wanted once more."""
        user = one_of(self._stakes(), pick)
        if is_invited:
            self.do(staff, c.Invite(user))
        else:
            self.do(user, c.Apply(LinkMedia.AUDIO), Role.AUDIENCE)

    @rule(pick=picks, media=medias, is_heard=flags)
    def seat_somebody(self, pick: int, media: LinkMedia, is_heard: bool) -> None:
        """Two or three steps at once, so that rooms fill."""
        self._seat(one_of(self._free(), pick, PEOPLE[pick]), media, is_heard=is_heard)

    @rule(pick=picks, count=st.integers(1, 6), is_invited=flags)
    def crowd(self, pick: int, count: int, is_invited: bool) -> None:
        """Many at once, and nobody answers yet."""
        for _ in range(count):
            user = one_of(self._free(), pick, PEOPLE[pick])
            self.do(*((HOST, c.Invite(user)) if is_invited else (user, c.Apply(LinkMedia.VIDEO))))

    @rule(pick=picks, wait_s=waits)
    def apply_and_vanish(self, pick: int, wait_s: int | None) -> None:
        user = one_of(self._free(), pick, PEOPLE[pick])
        self.do(user, c.Apply(LinkMedia.VIDEO, SECRET, wait_s))
        self.do("clock", i.SocketsLost(user))

    # -- the host asks
    @rule(
        pick=picks,
        staff=st.sampled_from(STAFF),
        media=medias,
        wait_s=waits,
        user=st.none() | st.sampled_from((*EVERYBODY, "nobody")),
    )
    def invite(self, pick: int, staff: str, media: LinkMedia, wait_s: int | None, user: str | None) -> None:
        user = user or one_of(self._free(), pick, PEOPLE[pick])
        self.do(staff, c.Invite(user_id=user, media=media, timeout_s=wait_s))

    @precondition(lambda self: self._waiting("invitation"))
    @rule(pick=picks, is_accepted=flags, media=st.none() | medias)
    def answer_invitation(self, pick: int, is_accepted: bool, media: LinkMedia | None) -> None:
        wish = one_of([w for w in self.model.waiting if w.kind == "invitation"], pick)
        self.do(wish.user, c.RespondToInvitation(wish.name, is_accepted, media))

    @rule(
        pick=picks,
        media=medias,
        own=st.none() | medias,
        is_accepted=st.sampled_from([True, True, False]),
        other=st.sampled_from([None, None, None, "mona", "alice1", "mallory"]),
        goes_on=flags,
    )
    def invite_and_answer(
        self, pick: int, media: LinkMedia, own: LinkMedia | None, is_accepted: bool, other: str | None, goes_on: bool
    ) -> None:
        """An invitation and its answer at once, also by somebody whom it was not for, and then an application."""
        user = one_of(self._free(), pick, PEOPLE[pick])
        if self.do("mona", c.Invite(user, media)):
            self.do(other or user, c.RespondToInvitation(self.model.waiting[-1].name, is_accepted, own))
            if goes_on:
                self.do(user, c.Apply(LinkMedia.VIDEO), Role.AUDIENCE)

    @precondition(lambda self: self._waiting("invitation"))
    @rule(pick=picks, staff=st.sampled_from(STAFF))
    def cancel_invitation(self, pick: int, staff: str) -> None:
        self.do(staff, c.CancelInvitation(one_of(self._waiting("invitation"), pick)))

    # -- too late, or not one's own
    @precondition(lambda self: self.model.past_wishes)
    @rule(pick=picks, is_accepted=flags, verb=st.integers(0, 3))
    def answer_late(self, pick: int, is_accepted: bool, verb: int) -> None:
        wish = one_of(self.model.past_wishes[::-1], pick)
        self._answer(wish, wish.user, HOST, verb, is_accepted)

    @precondition(lambda self: self._expired())
    @rule(pick=picks, is_accepted=flags, verb=st.integers(0, 3))
    def answer_expired(self, pick: int, is_accepted: bool, verb: int) -> None:
        """The time has passed, and the clock has not come round."""
        wish = one_of(self._expired(), pick)
        self._answer(wish, wish.user, "mona", verb, is_accepted)

    @precondition(lambda self: self._limited())
    @rule(pick=picks, edge=edges, is_accepted=flags)
    def answer_at_the_edge(self, pick: int, edge: timedelta, is_accepted: bool) -> None:
        """An instant before the time has passed, just then, or just after."""
        wish = one_of(self._limited(), pick)
        self.now = wish.until + edge
        self._answer(wish, wish.user, HOST, 2 if wish.kind == "invitation" else 0, is_accepted)

    @precondition(lambda self: self.model.waiting)
    @rule(pick=picks, user=st.sampled_from(EVERYBODY), is_accepted=flags, verb=st.integers(0, 3))
    def answer_for_others(self, pick: int, user: str, is_accepted: bool, verb: int) -> None:
        self._answer(one_of(self.model.waiting, pick), user, user, verb, is_accepted)

    def _answer(self, wish: Any, user: str, staff: str, verb: int, is_accepted: bool) -> None:
        match verb:
            case 0:
                self.do(staff, c.RespondToApplication(wish.name, is_accepted))
            case 1:
                self.do(staff, c.CancelInvitation(wish.name))
            case 2:
                self.do(user, c.RespondToInvitation(wish.name, is_accepted))
            case _:
                self.do(user, c.CancelApplication())

    # -- on and off the seat
    @precondition(lambda self: self._guests())
    @rule(pick=picks, is_quitting=flags)
    def leave_seat(self, pick: int, is_quitting: bool) -> None:
        self.do(one_of(self._guests(), pick), c.Leave() if is_quitting else c.LeaveSeat())

    @rule(pick=picks)
    def leave(self, pick: int) -> None:
        self.do(one_of(self._stakes(), pick), c.Leave())

    @precondition(lambda self: self._guests())
    @rule(pick=picks, staff=st.sampled_from(STAFF), reason=st.sampled_from(RemovalReason))
    def disconnect(self, pick: int, staff: str, reason: RemovalReason) -> None:
        self.do(staff, c.DisconnectUser(one_of(self._guests(), pick), reason, SECRET_ANSWER))

    @precondition(lambda self: self._on_air())
    @rule(pick=picks, device=devices, is_open=flags)
    def set_device(self, pick: int, device: Device, is_open: bool) -> None:
        self.do(one_of(self._on_air(), pick), c.SetDevice(device, is_open))

    @precondition(lambda self: self._guests())
    @rule(pick=picks, staff=st.sampled_from(STAFF), device=devices, is_locked=flags, is_open=st.none() | flags)
    def lock_device(self, pick: int, staff: str, device: Device, is_locked: bool, is_open: bool | None) -> None:
        guest = one_of(self._guests(), pick)
        self.do(staff, c.LockDevice(guest, device, is_locked))
        if is_open is not None:  # and the guest reaches for it at once
            self.do(guest, c.SetDevice(device, is_open))

    @precondition(lambda self: self._guests())
    @rule(pick=picks, device=devices, staff=st.sampled_from(STAFF), tries=st.lists(flags, max_size=3))
    def lock_and_lift(self, pick: int, device: Device, staff: str, tries: list[bool]) -> None:
        """And the guest reaches for the device in between."""
        guest = one_of(self._guests(), pick)
        self.do(staff, c.LockDevice(guest, device, True))
        for is_open in tries:
            self.do(guest, c.SetDevice(device, is_open))
        self.do(staff, c.LockDevice(guest, device, False))

    @rule(user=st.sampled_from((*STAFF, "mallory")), what=st.integers(0, 4))
    def touch_the_host(self, user: str, what: int) -> None:
        tries = [
            c.GoLive(LinkMedia.AUDIO),
            c.DisconnectUser(HOST),
            c.LockDevice(HOST, Device.CAMERA, True),
            c.Invite(HOST),
            c.Apply(LinkMedia.VIDEO),
        ]
        self.do(user, tries[what])

    @rule(what=st.integers(0, 3))
    def quit_as_host(self, what: int) -> None:
        """By a window with the host's right, or by one without it."""
        self.do(HOST, c.Leave() if what % 2 else c.LeaveSeat(), Role.HOST if what < 2 else Role.AUDIENCE)

    # -- anybody tries anything
    @rule(
        user=st.sampled_from((*EVERYBODY, *STAFF, "clock", "media")),
        other=st.sampled_from((*EVERYBODY, "nobody")),
        number=st.integers(1, 60),
        what=st.integers(0, 15),
        is_on=flags,
    )
    def try_anything(self, user: str, other: str, number: int, what: int, is_on: bool) -> None:
        tries: list[Any] = [
            c.GoLive(),
            c.Apply(LinkMedia.VIDEO),
            c.CancelApplication(),
            c.RespondToApplication(f"r{number}", is_on),
            c.Invite(other),
            c.CancelInvitation(f"r{number}"),
            c.RespondToInvitation(f"r{number}", is_on),
            c.LeaveSeat(),
            c.DisconnectUser(other),
            c.SetDevice(Device.CAMERA, is_on),
            c.LockDevice(other, Device.MICROPHONE, is_on),
            i.SocketsLost(other),
            i.MediaUp(number),
            i.Tick(),
            c.EndLive(),
            i.MediaServerLost(),
        ]
        command = tries[what]
        if self.steps < LATE and isinstance(command, c.EndLive) and user in (HOST, "ada", "server"):
            return
        self.do(user, command)

    @precondition(lambda self: self.steps >= LATE)
    @rule(user=st.sampled_from((HOST, "ada", "server", "mona", "mallory")), pick=picks)
    def end_live(self, user: str, pick: int) -> None:
        """And somebody has not heard of it."""
        self.do(user, c.EndLive())
        self.do(HOST, [c.GoLive(), c.EndLive(), c.Invite(PEOPLE[pick]), c.Leave()][pick % 4])

    # -- lines, media, time
    @rule(pick=picks, by=st.sampled_from(["clock", "media"]), what=st.sampled_from(["up", "lost", "lost", "all lost"]))
    def socket(self, pick: int, by: str, what: str) -> None:
        user = one_of(self._stakes(), pick)
        match what:
            case "up":
                self.do(by, i.SocketUp(user))
            case "lost":
                self.do(by, i.SocketsLost(user))
            case _:
                self.do(by, i.AllSocketsLost())

    @precondition(lambda self: any(not s.socket for s in self.model.seats.values()) or self.model.away)
    @rule()
    def everybody_is_back(self) -> None:
        for user in self._stakes():
            self.do("clock", i.SocketUp(user))

    @precondition(lambda self: self._on_air())
    @rule(pick=picks, is_up=flags)
    def media(self, pick: int, is_up: bool) -> None:
        number = self._number(one_of(self._on_air(), pick))
        self.do("media", i.MediaUp(number) if is_up else i.MediaGone(number))

    @rule(is_up=flags, seconds=st.integers(0, 40))
    def media_server(self, is_up: bool, seconds: int) -> None:
        self.do("media", i.MediaServerBack() if is_up else i.MediaServerLost())
        self._wait(seconds)

    @rule(pick=picks, seconds=st.integers(1, 29))
    def media_server_flaps(self, pick: int, seconds: int) -> None:
        """Away and back, while somebody has no line."""
        self.do("clock", i.SocketsLost(one_of(self._stakes(), pick)))
        self._wait(seconds)
        self.do("media", i.MediaServerLost())
        self.do("media", i.MediaServerBack())

    @precondition(lambda self: self.steps >= LATE)
    @rule(seconds=st.integers(100, 200))
    def everything_falls_due(self, seconds: int) -> None:
        self.do("clock", i.AllSocketsLost())
        self._wait(seconds)
        self.do("clock", i.Tick())

    @rule(seconds=st.integers(0, 200), is_heard=flags)
    def wait(self, seconds: int, is_heard: bool) -> None:
        self._wait(seconds)
        if is_heard:
            self.do("clock", i.Tick())

    @precondition(lambda self: self._guests())
    @rule(pick=picks, edge=edges)
    def lose_a_guest(self, pick: int, edge: timedelta) -> None:
        guest = one_of(self._guests(), pick)
        self.do("clock", i.SocketsLost(guest))
        self.now = max(self.now, self._seat_until(guest) + edge)
        self.do("clock", i.Tick())

    @rule(edge=edges, is_heard=flags)
    def wait_for_deadline(self, edge: timedelta, is_heard: bool) -> None:
        deadline = min(self.model.deadlines(), default=self.now)
        self.now = max(self.now, deadline + edge)
        if is_heard:
            self.do("clock", i.Tick())

    @rule(pick=picks, edge=st.sampled_from([-INSTANT, timedelta(0)]))
    def apply_after_cool_down(self, pick: int, edge: timedelta) -> None:
        cooling = [u for u in self._free() if (free_at := self.model.free_at(u)) and free_at > self.now]
        if cooling:
            user = one_of(cooling, pick)
            self.now = max(self.now, self.model.free_at(user) + edge)  # type: ignore[operator]
            self.do(user, c.Apply(LinkMedia.VIDEO))
