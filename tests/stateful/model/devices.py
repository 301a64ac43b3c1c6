"""The model's account of microphones, cameras and screens."""

from datetime import datetime
from typing import Any

from tests.stateful.model.book import STAFF
from tests.stateful.model.people import People
from tests.stateful.model.records import HOST, Answer, No, Sitting, need
from tests.stateful.model.seating import Seating


class Devices(Seating, People):
    """What people do to their devices, and the staff to the locks."""

    def _need_openable(self, sitting: Sitting, device: str) -> None:
        need(device == "microphone" or sitting.media == "video", "AUDIO_ONLY")
        if self.seen(sitting, device) == "locked":
            raise No("DEVICE_LOCKED", device=device)

    def _setDevice(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        sitting, device = self._sitting(user), str(command.device)
        is_locked = self.seen(sitting, device) == "locked"
        if command.is_open:
            need(sitting.window == self.window, "OTHER_WINDOW")
            self._need_name()
            self._need_openable(sitting, device)
            if device == "screen" and sitting.devices["screen"] != "open":
                for other in self.on_air():
                    if other.devices["screen"] == "open":
                        raise No("SCREEN_TAKEN", by=other.user)
                sitting.screen_number = self._number()
            sitting.devices[device] = "open"
        elif sitting.devices[device] == "open":
            sitting.devices[device] = "closed"
        if not is_locked:
            sitting.shut.discard(device)
        return Answer(connection=sitting.name)

    def _lockDevice(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        need(command.user_id != HOST, "FORBIDDEN")
        self._need_known(command.user_id)
        self._lock(command.user_id, str(command.device), user, is_locked=command.is_locked)
        sitting = self.sitting_of(command.user_id)
        return Answer(connection=sitting.name if sitting else None)

    def _lockAll(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        for seat, sitting in self.seats.items():
            if seat:
                self._lock(sitting.user, str(command.device), user, is_locked=command.is_locked)

    def _lock(self, who: str, device: str, by: str, *, is_locked: bool) -> None:
        """A lock is written on the person's page; what was open is closed from then on."""
        if (device in self.locked(who)) == is_locked:
            return
        locks, sitting = self.known(who).locks, self.sitting_of(who)
        (locks.add if is_locked else locks.discard)(device)
        if is_locked:
            self.known(who).locked_seq = self.seq + 1
        if sitting and sitting.devices[device] == "open":
            sitting.devices[device] = "closed"
            sitting.shut.add(device)
        if not (sitting and self.is_shut(sitting, device)):
            tag = "onLocalDeviceClosedByAdmin" if is_locked else "onLocalDeviceOpenedByAdmin"
            self.news.append(("me", who, tag, f"{device} by {by}"))

    def _undoLockAll(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        device = str(command.device)
        shut = [who for who, known in self.members.items() if known.locked_seq == command.seq and device in known.locks]
        need(shut, "NOTHING_TO_UNDO")
        for who in shut:
            self._lock(who, device, user, is_locked=False)

    def _askAllToOpen(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        device = str(command.device)
        need(device != "screen", "FORBIDDEN")
        for guest in self.on_air():
            if guest.seat and not self.is_shut(guest, device) and (device == "microphone" or guest.media == "video"):
                self._ask_guest(guest, device, user, now)

    def _askToOpen(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        guest, device = self._guest(command.user_id), str(command.device)
        need(device != "screen", "FORBIDDEN")
        self._ask_guest(guest, device, user, now)
        return Answer(connection=guest.name)

    def _ask_guest(self, guest: Sitting, device: str, user: str, now: datetime) -> None:
        if self.seen(guest, device) != "open":
            need(device == "microphone" or guest.media == "video", "AUDIO_ONLY")
            if self.is_shut(guest, device):  # which is not lifted by asking
                raise No("DEVICE_LOCKED", device=device)
            self._lock(guest.user, device, user, is_locked=False)
            if (guest.asked, guest.asked_at) != (device, now):  # twice in one instant is once
                self.news.append(("me", guest.user, "onDeviceAsked", f"{device} by {user}"))
            guest.asked, guest.asked_at = device, now

    def _askToSpeak(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        guest, device = self._guest(user), str(command.device)
        if not command.is_asking:
            guest.asks = None if guest.asks == device else guest.asks
        elif self.seen(guest, device) == "locked" and guest.asks != device:
            guest.asks = device
            self.news.append(("staff", "", "onDeviceRequested", f"{device} of {user}"))
        return Answer(connection=guest.name)
