"""Moves of people at their devices, and of the staff at the locks."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from micconnect.domain import internal as i
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, LinkMedia
from tests.stateful.harness import PEOPLE, STRANGERS, Harness, one_of
from tests.stateful.model.records import HOST
from tests.stateful.moves.drawn import devices, flags, picks, staff


class Devices(Harness):
    """Microphones, cameras, screens."""

    @precondition(lambda self: self.on_air())
    @rule(pick=picks, device=devices, is_open=flags)
    def set_device(self, pick: int, device: Device, is_open: bool) -> None:
        self.do(one_of(self.on_air(), pick), c.SetDevice(device, is_open))

    @precondition(lambda self: self.on_air())
    @rule(pick=picks, other=picks, then=st.sampled_from(["closed", "gone", "gone", "old news", "locked", "kept"]))
    def share_a_screen(self, pick: int, other: int, then: str) -> None:
        """One after the other; a report about the first must not touch the second."""
        user, follower = one_of(self.on_air(), pick), one_of(self.on_air(), other)
        self.do(user, c.SetDevice(Device.SCREEN, True))
        sitting = self.model.sitting_of(user)
        number = sitting.screen_number if sitting else 0
        if then in ("closed", "old news"):
            self.do(user, c.SetDevice(Device.SCREEN, False))
        elif then in ("gone", "locked"):
            if then == "locked":
                self.do("mona", c.LockDevice(user, Device.SCREEN, True))
            self.do("media", i.ScreenGone(number))
        self.do(follower, c.SetDevice(Device.SCREEN, True))
        if then == "old news":
            self.do("media", i.ScreenGone(number))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, user=staff | st.just("alice1"), device=devices, is_locked=flags, is_open=st.none() | flags)
    def lock_device(self, pick: int, user: str, device: Device, is_locked: bool, is_open: bool | None) -> None:
        guest = one_of(self.guests(), pick)
        self.do(user, c.LockDevice(guest, device, is_locked))
        if is_open is not None:  # and the guest reaches for it at once
            self.do(guest, c.SetDevice(device, is_open))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, device=devices, staff=staff, tries=st.lists(flags, max_size=3), asks=flags)
    def lock_and_lift(self, pick: int, device: Device, staff: str, tries: list[bool], asks: bool) -> None:
        """And the guest reaches for the device in between."""
        guest = one_of(self.guests(), pick)
        self.do(staff, c.LockDevice(guest, device, True))
        for is_open in tries:
            self.do(guest, c.SetDevice(device, is_open))
        if asks:
            self.do(guest, c.AskToSpeak(device))
        self.do(staff, c.LockDevice(guest, device, False))

    @rule(pick=picks, staff=staff, device=devices, is_locked=st.sampled_from([True, True, False]), is_here=flags)
    def lock_off_the_seat(self, pick: int, staff: str, device: Device, is_locked: bool, is_here: bool) -> None:
        """Somebody who waits, watches, or was here; and now and then a stranger."""
        waiting = [wish.user for wish in self.model.waiting]
        user = one_of([*waiting, *self.free(), *STRANGERS], pick)
        command = c.LockDevice(user, device, is_locked)
        if is_here:
            self.do(staff, command)
        else:
            self.do_absent(staff, user, command)

    @rule(staff=staff, device=devices, is_locked=st.sampled_from([True, True, False]))
    def lock_all(self, staff: str, device: Device, is_locked: bool) -> None:
        self.do(staff, c.LockAll(device, is_locked))

    @rule(
        pick=picks,
        staff=staff,
        device=devices,
        meanwhile=st.sampled_from(["nothing", "locked", "lifted", "asked", "left", "comes", "tries"]),
        way=st.sampled_from(["undone", "undone", "twice", "lifted", "asked"]),
    )
    def lock_all_and_regret(self, pick: int, staff: str, device: Device, meanwhile: str, way: str) -> None:
        """And something happened meanwhile; then those who were open reach for the device."""
        if not self.do(HOST, c.LockAll(device, True)):
            return
        seq, guest = self.model.seq, one_of(self.guests(), pick, PEOPLE[pick])
        match meanwhile:
            case "locked" | "lifted":
                self.do("ada", c.LockDevice(guest, device, False))
                self.do("ada", c.LockDevice(guest, device, meanwhile == "locked"))
            case "asked":
                self.do("mona", c.AskToOpen(guest, device))
            case "left":
                self.do(guest, c.LeaveSeat())
            case "comes":
                self.do(HOST, c.PlaceUser(one_of(self.free(), pick, PEOPLE[pick])))
            case "tries":
                self.do(guest, c.SetDevice(device, bool(pick % 2)))
        match way:
            case "lifted":
                self.do(staff, c.LockAll(device, False))
            case "asked":
                self.do(staff, c.AskAllToOpen(device))
            case _:
                self.do(staff, c.UndoLockAll(device, seq))
        if way == "twice":
            self.do(staff, c.UndoLockAll(device, seq))
        for user in self.guests()[:3]:
            self.do(user, c.SetDevice(device, True))

    @rule(pick=picks, staff=staff, may=flags, arrives=flags, then=st.sampled_from(["sits", "asked", "speaks", "free"]))
    def a_silent_room(self, pick: int, staff: str, may: bool, arrives: bool, then: str) -> None:
        """The room's word about microphones, and somebody who comes or is on air."""
        self.do(HOST, c.UpdateRoom(may_unmute=may, is_arriving_muted=arrives))
        guest = one_of(self.guests(), pick, PEOPLE[pick])
        match then:
            case "sits":
                guest = one_of(self.free(), pick, PEOPLE[pick])
                self.seat(guest, LinkMedia.VIDEO, is_heard=bool(pick % 2))
            case "asked":
                self.do(guest, c.SetDevice(Device.MICROPHONE, False))
                self.do(staff, (c.AskAllToOpen if pick % 3 else c.AskToOpen)(*_asked(guest, pick)))
            case "speaks":
                self.do(guest, c.SetDevice(Device.MICROPHONE, False))
                self.do(guest, c.AskToSpeak(Device.MICROPHONE))
            case _:
                self.do(HOST, c.UpdateRoom(may_unmute=True))
        self.do(guest, c.SetDevice(Device.MICROPHONE, True))
        if pick % 2:
            self.do(HOST, c.UpdateRoom(may_unmute=True, is_arriving_muted=False))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, device=devices, first=st.sampled_from(["open", "locked", "lifted", "asked"]))
    def sound_only(self, pick: int, device: Device, first: str) -> None:
        """The room wants no pictures any more, whatever somebody was about to do with one."""
        guest = one_of(self.guests(), pick)
        self.do(guest, c.SetDevice(device, first != "asked"))
        if first in ("locked", "lifted"):
            self.do("mona", c.LockDevice(guest, device, True))
            self.do(guest, c.AskToSpeak(device))
        if first == "lifted":
            self.do("mona", c.LockDevice(guest, device, False))
        elif first == "asked":
            self.do("mona", c.AskToOpen(guest, device))
        self.do(HOST, c.UpdateRoom(is_audio_only=True))
        self.do(guest, c.SetDevice(device, True))
        self.do(HOST, c.UpdateRoom(is_audio_only=False))

    @precondition(lambda self: self.guests())
    @rule(
        pick=picks,
        staff=staff,
        device=st.sampled_from([Device.MICROPHONE, Device.CAMERA, *Device]),
        first=st.sampled_from([None, "closed", "locked"]),
        then=st.sampled_from([None, "open", "lock", "again", "closed"]),
    )
    def ask_to_open(self, pick: int, staff: str, device: Device, first: str | None, then: str | None) -> None:
        guest = one_of(self.guests(), pick)
        if first == "closed":
            self.do(guest, c.SetDevice(device, False))
        elif first:
            self.do("mona", c.LockDevice(guest, device, True))
        self.do(staff, c.AskToOpen(guest, device))
        match then:
            case "open" | "closed":
                self.do(guest, c.SetDevice(device, then == "open"))
            case "lock":
                self.do("ada", c.LockDevice(guest, device, True))
            case "again":
                self.wait_s(1)
                self.do(staff, c.AskToOpen(guest, device))

    @precondition(lambda self: self.guests())
    @rule(pick=picks, device=devices, other=devices, is_asking=st.sampled_from([True, True, False]), is_locked=flags)
    def ask_to_speak(self, pick: int, device: Device, other: Device, is_asking: bool, is_locked: bool) -> None:
        guest = one_of(self.guests(), pick)
        if is_locked:
            self.do("mona", c.LockDevice(guest, device, True))
            self.do(guest, c.AskToSpeak(device))
        self.do(guest, c.AskToSpeak(other, is_asking))


def _asked(guest: str, pick: int) -> tuple[Any, ...]:
    return (Device.MICROPHONE,) if pick % 3 else (guest, Device.MICROPHONE)
