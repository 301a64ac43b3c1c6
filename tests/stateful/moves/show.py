"""Moves about the show: its options, its metadata, its end; and anybody tries anything."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, Layout, LinkMedia, MovePolicy, QueueOrder, SeatMode
from tests.stateful.harness import EVERYBODY, PEOPLE, STAFF, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import LATE, flags, medias, picks, staff

changes = st.fixed_dictionaries(
    {},
    optional={
        "layout": st.sampled_from(Layout),
        "seat_count": st.integers(1, 9),
        "seat_mode": st.sampled_from(SeatMode),
        "is_paused": flags,
        "is_auto_accepting": flags,
        "queue_order": st.sampled_from(QueueOrder),
        "request_timeout_s": st.sampled_from([0, 5, 60]),
        "needs_login": flags,
        "min_stay_s": st.sampled_from([0, 0, 300]),
        "max_turns": st.sampled_from([0, 1, 2]),
        "is_audio_only": flags,
        "time_limit_s": st.sampled_from([0, 10, 60]),
        "is_rotating": flags,
        "has_backstage": flags,
        "keep_owner_on_seat": flags,
        "host_away_s": st.sampled_from([30, 120]),
        "is_carried_on": flags,
        "is_arriving_muted": flags,
        "may_unmute": flags,
        "allows_unnamed": flags,
        "title": st.sampled_from(["Show", "Another show"]),
        "cover": st.sampled_from(["", "/cover.png"]),
    },
)


class Show(Harness):
    """The show."""

    @rule(user=staff | st.sampled_from(["alice1", "mallory"]), given=changes)
    def update_room(self, user: str, given: dict[str, Any]) -> None:
        self.do(user, c.UpdateRoom(**given))

    @rule(seat_mode=st.sampled_from(SeatMode), is_paused=st.sampled_from([False, False, True]), pick=picks)
    def another_mode(self, seat_mode: SeatMode, is_paused: bool, pick: int) -> None:
        """And somebody asks, and somebody sits down."""
        self.do(HOST, c.UpdateRoom(seat_mode=seat_mode, is_paused=is_paused))
        self.do(one_of(self.free(), pick, PEOPLE[pick]), c.Apply(LinkMedia.AUDIO))
        self.do(one_of([*self.free(), *(w.user for w in self.model.waiting)], pick + 1), c.TakeSeat(LinkMedia.AUDIO))
        self.do("ada", c.Invite(one_of(self.free(), pick, PEOPLE[pick])))
        self.do(HOST, c.UpdateRoom(seat_mode=SeatMode.APPLY, is_paused=False))

    @rule(
        pick=picks,
        change=st.sampled_from(["free", "closed", "invite_only", "login", "names"]),
        is_held=flags,
        is_back=flags,
    )
    def change_while_they_wait(self, pick: int, change: str, is_held: bool, is_back: bool) -> None:
        """Some wait, one is invited, one was returned, a helper asks as well; and the room becomes another one."""
        people = [u for u in self.free() if u not in self.driver.absent]
        for user in (*people[:2], "mona", *people[-2:]):
            self.do(user, c.Apply(LinkMedia.AUDIO))
        self.do(HOST, c.Invite(one_of(self.free(), pick, PEOPLE[pick])))
        if is_held and self.guests():
            self.do(HOST, c.ReturnToQueue(one_of(self.guests(), pick)))
        seq = self.model.seq if is_back and self.do(HOST, c.RejectAll()) else 0
        match change:
            case "login":
                self.do(HOST, c.UpdateRoom(needs_login=True))
            case "names":
                self.do(HOST, c.UpdateRoom(allows_unnamed=bool(pick % 2)))
            case _:
                self.do(HOST, c.UpdateRoom(seat_mode=SeatMode(change)))
        if seq:
            self.do(HOST, c.UndoRejectAll(seq))
        self.do(one_of(self.free(), pick, PEOPLE[pick]), c.TakeSeat(LinkMedia.AUDIO))
        self.do(HOST, c.UpdateRoom(seat_mode=SeatMode.APPLY, needs_login=False))

    @rule(pick=picks, is_auto=flags)
    def accept_by_itself(self, pick: int, is_auto: bool) -> None:
        """And somebody is first, and a seat comes free."""
        self.do(HOST, c.UpdateRoom(is_auto_accepting=is_auto))
        self.do(one_of(self.free(), pick, PEOPLE[pick]), c.Apply(LinkMedia.AUDIO))
        if guests := self.guests():
            leaving = c.ReturnToQueue if pick % 2 else c.DisconnectUser
            self.do("mona", leaving(one_of(guests, pick)))
        self.do(HOST, c.UpdateRoom(is_auto_accepting=pick > 9))

    @rule(pick=picks, option=st.sampled_from(["max_turns", "needs_login", "min_stay_s", "is_audio_only"]), media=medias)
    def be_choosy(self, pick: int, option: str, media: LinkMedia) -> None:
        """Not everybody may ask, for a while."""
        value = {"max_turns": 1 + pick % 2, "min_stay_s": 300}.get(option, True)
        self.do(HOST, c.UpdateRoom(**{option: value}))
        for n in range(2):
            self.do(one_of(self.free(), pick + n, "mona"), c.Apply(media))
        self.do(HOST, c.UpdateRoom(max_turns=0, needs_login=False, min_stay_s=0, is_audio_only=False))

    @precondition(lambda self: self.guests())
    @rule(less=st.integers(0, 2), layout=st.none() | st.sampled_from(Layout))
    def shrink(self, less: int, layout: Layout | None) -> None:
        """To as many seats as are needed, or fewer."""
        highest = max(self.model.seats)
        self.do(HOST, c.UpdateRoom(seat_count=max(1, highest - less), layout=layout))

    @rule(
        staff=staff,
        entries=st.dictionaries(st.sampled_from("abcdef"), st.none() | st.sampled_from(["", "1", "2"]), min_size=1),
    )
    def set_metadata(self, staff: str, entries: dict[str, str | None]) -> None:
        self.do(staff, c.SetMetadata(entries))

    @precondition(lambda self: self.model.status == "idle")
    @rule(media=st.sampled_from(LinkMedia), user=st.sampled_from([HOST, HOST, HOST, "mona", "mallory"]))
    def go_live(self, media: LinkMedia, user: str) -> None:
        self.do(user, c.GoLive(media))

    @precondition(lambda self: self.steps >= LATE)
    @rule(
        user=st.sampled_from((HOST, "ada", "server", "mona", "helper", "mallory")), pick=picks, what=st.integers(0, 11)
    )
    def end_live(self, user: str, pick: int, what: int) -> None:
        """And somebody has not heard of it."""
        self.do(user, c.EndLive())
        tries = [
            c.GoLive(),
            c.EndLive(),
            c.Invite(PEOPLE[pick]),
            c.Leave(),
            c.UpdateRoom(is_paused=True),
            c.SetMetadata({"a": "3"}),
            c.LockSeat(1, True),
            c.CreateInviteLink(),
            c.BarUser(PEOPLE[pick]),
            c.PlaceUser(PEOPLE[pick]),
            c.TakeSeat(),
            c.UndoRejectAll(one_of(self.rejections[::-1], 0, 1)),
        ]
        self.do(HOST, tries[what])

    # -- anybody tries anything
    @rule(
        user=st.sampled_from((*EVERYBODY, *STAFF, "clock", "media")),
        other=st.sampled_from((*EVERYBODY, "nobody")),
        number=st.integers(1, 60),
        what=st.integers(0, 48),
        is_on=flags,
    )
    def try_anything(self, user: str, other: str, number: int, what: int, is_on: bool) -> None:
        command = self._anything(other, number, is_on)[what]
        if isinstance(command, i.Renamed) and other not in self.stakes():  # doors tell of people whom the room knows
            return
        is_end = isinstance(command, c.EndLive) and user in (HOST, "ada", "server")
        if self.steps >= LATE or not is_end:
            self.do(user, command)

    def _anything(self, other: str, number: int, is_on: bool) -> list[Any]:
        seat = number % 11
        return [
            c.GoLive(),
            c.EndLive(),
            c.UpdateRoom(is_audio_only=is_on),
            c.SetMetadata({"a": None}),
            c.Apply(LinkMedia.VIDEO),
            c.CancelApplication(),
            c.RespondToApplication(f"r{number}", is_on),
            c.AcceptNext(),
            c.AcceptAll(),
            c.RejectAll(),
            c.UndoRejectAll(number),
            c.MoveToFront(f"r{number}"),
            c.Invite(other),
            c.CancelInvitation(f"r{number}"),
            c.RespondToInvitation(f"r{number}", is_on),
            c.CreateInviteLink(),
            c.RevokeInviteLink(f"l{number}"),
            c.UseInviteLink(str(number)),
            c.TakeSeat(LinkMedia.AUDIO),
            c.LeaveSeat(),
            c.MoveSeat(seat, other, MovePolicy.SWAP),
            c.PlaceUser(other),
            c.DisconnectUser(other),
            c.ReturnToQueue(other),
            c.LockSeat(seat, is_on),
            c.SetSpotlight(other),
            c.SetTimeLimit(other, 10),
            c.SetBackstage(other, is_on),
            c.SetReady(is_on),
            c.SetDevice(Device.CAMERA, is_on),
            c.LockDevice(other, Device.MICROPHONE, is_on),
            c.LockAll(Device.MICROPHONE, is_on),
            c.AskToOpen(other, Device.MICROPHONE),
            c.AskToSpeak(Device.MICROPHONE, is_on),
            c.SetModerator(other, is_on),
            c.BarUser(other, 5),
            c.BanUser(other, 5),
            c.LiftSanction(f"x{number}"),
            c.AppealBar("please"),
            c.MoveSeat(seat),
            i.SocketUp(other),
            i.Renamed(other, "Nobody"),
            i.SocketsLost(other),
            i.AllSocketsLost(),
            i.MediaUp(number),
            i.MediaGone(number),
            i.ScreenGone(number),
            i.MediaServerLost(),
            i.MediaServerBack(),
            i.Tick(),
        ]
