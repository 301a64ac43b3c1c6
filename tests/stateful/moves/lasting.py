"""Moves of those who would shed what the staff decided about them: off the seat, or out of the queue, and back."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, LinkMedia, SeatMode
from tests.stateful.harness import PEOPLE, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import devices, flags, picks

OFF = ("seat", "room", "off", "returned", "withdrawn", "barred", "lost", "time")
ON = ("sits", "link", "room", "placed", "invited", "next", "answer")


class Lasting(Harness):
    """Leaving and coming back."""

    @precondition(lambda self: self.guests())
    @rule(
        pick=picks,
        what=st.sampled_from(["lock", "lock", "limit", "stage", "nothing"]),
        device=devices,
        off=st.sampled_from(OFF),
        on=st.sampled_from(ON),
        seconds=st.integers(0, 70),
        again=st.none() | st.sampled_from(ON),
    )
    def off_and_on(
        self, pick: int, what: str, device: Device, off: str, on: str, seconds: int, again: str | None
    ) -> None:
        """A guest gets a restriction, goes, comes back, reaches for the device; and goes and comes once more."""
        guest = one_of(self.guests(), pick)
        if what == "lock":
            self.do("mona", c.LockDevice(guest, device, True))
        elif what == "limit":
            self.do("mona", c.SetTimeLimit(guest, (10, 60, 60)[pick % 3]))
            self.do("media", i.MediaUp(self.number(guest)))
        elif what == "stage":
            self.do("mona", c.SetBackstage(guest, True))
        self.wait_s(seconds)
        for way in (on, again):
            if way and self.model.sitting_of(guest):
                self._go(guest, off)
                self._come_back(guest, way)
                self.do(guest, c.SetDevice(device, True))

    def _go(self, guest: str, off: str) -> None:
        match off:
            case "seat":
                self.do(guest, c.LeaveSeat())
            case "room":
                self.do(guest, c.Leave())
            case "off":
                self.do(HOST, c.DisconnectUser(guest))
            case "returned" | "withdrawn":
                self.do(HOST, c.ReturnToQueue(guest))
                if off == "withdrawn":
                    self.do(guest, c.CancelApplication())
                    self.wait_s(10)
            case "barred":
                self.do(HOST, c.BarUser(guest, 1))
                self.wait_s(1)
            case "lost":
                self.do("media", i.MediaGone(self.number(guest)))
                self.wait_s(30)
            case _:
                self.wait_s(60)
        self.do("clock", i.Tick())

    def _come_back(self, guest: str, on: str) -> None:
        """Onto a seat, if the room lets it happen."""
        mode = SeatMode.FREE if on == "sits" else SeatMode.APPLY
        self.do(HOST, c.UpdateRoom(seat_mode=mode, is_auto_accepting=on == "room", is_paused=False))
        match on:
            case "sits":
                self.do(guest, c.TakeSeat(LinkMedia.AUDIO))
            case "link":
                if self.do(HOST, c.CreateInviteLink()):
                    self.do(guest, c.UseInviteLink(str(self.model.links[-1].number)))
            case "placed":
                self.do(HOST, c.PlaceUser(guest))
            case "invited":
                self.seat(guest, LinkMedia.VIDEO, is_heard=True)
            case _:
                self.do(guest, c.Apply(LinkMedia.AUDIO))
                if wish := self.model.wish_of(guest):
                    self.do(HOST, c.AcceptNext() if on == "next" else c.RespondToApplication(wish.name, True))

    @rule(pick=picks, is_leaving=flags, is_refused=flags, is_invited=flags, seconds=st.integers(0, 31))
    def ask_and_ask_again(self, pick: int, is_leaving: bool, is_refused: bool, is_invited: bool, seconds: int) -> None:
        """Somebody whose request ended asks anew, perhaps having been asked meanwhile."""
        user = one_of(self.free(), pick, PEOPLE[pick])
        if self.do(user, c.Apply(LinkMedia.AUDIO)) and (wish := self.model.wish_of(user)):
            if is_refused:
                self.do(HOST, c.RespondToApplication(wish.name, False))
            else:
                self.do(user, c.Leave() if is_leaving else c.CancelApplication())
        if is_invited and self.do(HOST, c.Invite(user)) and (wish := self.model.wish_of(user)):
            self.do(user, c.RespondToInvitation(wish.name, False))
        self.wait_s(seconds)
        self.do(user, c.Apply(LinkMedia.AUDIO))
