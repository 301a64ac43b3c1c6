"""The model's account of the seats, their locks, the stage and what is behind it."""

from datetime import datetime
from typing import Any

from tests.stateful.model.asking import WATCHERS, Asking
from tests.stateful.model.book import STAFF
from tests.stateful.model.records import DEVICES, Answer, No, after, need


class Seating(Asking):
    """On, between and off the seats."""

    def _takeSeat(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        self._need_live()
        if right == "host":
            need(command.seat_index in (-1, 0), "NO_SUCH_SEAT")
            need(self.sitting_of(user) is None, "ALREADY_ON_SEAT")
            return self._sit(user, 0, command.media, now, self.window, command.entry)
        need(right in WATCHERS, "FORBIDDEN")
        self._need_not_barred(user, now)
        self._need_off_air(user)
        self._need_name()
        if right == "audience":
            self._mode("free")
            need(not self.options["is_paused"], "REQUESTS_PAUSED")
            self._need_not_held(user, right)
        self._need_welcome(user, right, command.media, now)
        seat = self._pick(command.seat_index)
        self._void(user, "seated_otherwise", now)
        return self._sit(user, seat, command.media, now, self.window, command.entry)

    def _leaveSeat(self, user: str, right: str, command: Any, now: datetime) -> None:
        sitting = self._sitting(user)
        need(sitting.seat or not self.options["keep_owner_on_seat"], "FORBIDDEN")
        self._off(sitting, "exited", now)

    def _bringHere(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        sitting = self._sitting(user)
        need(sitting.seat or right == "host", "FORBIDDEN")
        if sitting.window != self.window:
            sitting.window, sitting.brought, sitting.sound = self.window, self._number(), False
            sitting.stalled = set()
            if sitting.devices["screen"] == "open":
                sitting.devices["screen"] = "closed"
        return Answer(connection=sitting.name)

    def _moveSeat(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        who = command.user_id or user
        need(who == user or right in STAFF, "FORBIDDEN")
        mover = self._guest(who)
        if mover.seat != command.seat_index:
            self._need_seat(command.seat_index)
            other = self.seats.get(command.seat_index)
            if other and (who == user or command.policy == "abort"):
                raise No("SEAT_TAKEN", by=other.user)
            if other and command.policy == "replace":
                self._off(other, "replaced", now, operator=user)
            former, mover.seat = mover.seat, command.seat_index
            self.seats.pop(former)
            self.seats[mover.seat] = mover
            if other and command.policy == "swap":
                other.seat, self.seats[former] = former, other
        return Answer(connection=mover.name)

    def _placeUser(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        self._need_live()
        self._need_not_barred(command.user_id, now)
        self._need_off_air(command.user_id)
        need(command.user_id not in self.absent, "NO_SUCH_USER")
        seat = self._pick(command.seat_index)
        self._void(command.user_id, "seated_otherwise", now, user)
        self._give(command.user_id)
        return self._sit(command.user_id, seat, self._media(command.media), now, "", "closed")

    def _disconnectUser(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        guest = self._guest(command.user_id)
        self._off(guest, "terminated", now, operator=user, reason=command.reason, note=command.note)

    def _returnToQueue(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        guest = self._guest(command.user_id)
        need(len(self.waiting) < self.limits.pending, "QUEUE_FULL")
        self._off(guest, "returned", now, operator=user, note=command.note)
        self.known(guest.user).is_held = True
        gone = None if guest.socket else now
        return self._ask(guest.user, guest.media, now, 0, gone=gone, window=guest.window)

    def _lockSeat(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        need(1 <= command.seat_index <= self.seat_count(), "NO_SUCH_SEAT")
        sitting = self.seats.get(command.seat_index)
        before = {device: self.seen(sitting, device) for device in DEVICES} if sitting else {}
        locks = self.locks[command.seat_index]
        for lock in ("seat", "microphone", "camera"):
            wanted = command.is_locked if lock == "seat" else getattr(command, f"is_{lock}_locked")
            if wanted is not None:
                (locks.add if wanted else locks.discard)(lock)
        if sitting and "seat" in locks:
            self._off(sitting, "seat_locked", now, operator=user)
        elif sitting:
            for device, was in before.items():
                self._lock_told(sitting.user, device, was, self.seen(sitting, device), user)

    def _lock_told(self, user: str, device: str, was: str, seen: str, by: str) -> None:
        """A guest hears when a device is locked, and when it is no more."""
        if (was == "locked") != (seen == "locked"):
            tag = "onLocalDeviceClosedByAdmin" if seen == "locked" else "onLocalDeviceOpenedByAdmin"
            self.news.append(("me", user, tag, f"{device} by {by}"))

    def _setSpotlight(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        if command.user_id is not None:
            need(not self._sitting(command.user_id).is_backstage, "NOT_READY")
        self.spotlight = command.user_id

    def _setTimeLimit(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        guest = self._guest(command.user_id)
        guest.limit_s = self.known(guest.user).limit_s = command.seconds
        guest.ends = after(now, command.seconds) if command.seconds and guest.aired else None
        return Answer(connection=guest.name)

    def _setBackstage(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        guest = self._guest(command.user_id)
        is_news = command.is_backstage != guest.is_backstage
        if command.is_backstage and not guest.is_backstage:
            self._unair(guest, now)
            guest.is_ready = False
            self.spotlight = None if self.spotlight == guest.user else self.spotlight
        elif guest.is_backstage and not command.is_backstage:
            need(guest.is_ready, "NOT_READY")
        guest.is_backstage = command.is_backstage
        if is_news:
            self.known(guest.user).is_behind = command.is_backstage
        return Answer(connection=guest.name)

    def _setReady(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        guest = self._guest(user)
        if guest.is_backstage:
            guest.is_ready = command.is_ready
        return Answer(connection=guest.name)
