"""A second, plain account of a room: who sits, who waits, what ended how. It shares no code with the rules.

Times are datetimes, people are ids. Every number is written out again on purpose: the model is a witness.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.stateful.records import COOL_DOWN_S, ENDS, HOST, OURSELVES, STAFF, TELL, No, Sitting, Wish, after, need


class Model:
    """What a room should be. `perform` takes a command as the room does, and raises No for a refusal."""

    def __init__(self, seat_count: int, wait_s: int, *, kept: int, pending_max: int, strangers: set[str]) -> None:
        self.seat_count, self.wait_s, self.kept, self.pending_max = seat_count, wait_s, kept, pending_max
        self.strangers = strangers
        self.status, self.live_since, self.ended, self.end = "idle", None, None, None
        self.away: datetime | None = None
        self.server = True
        self.seq = 0
        self.waiting: list[Wish] = []
        self.seats: dict[int, Sitting] = {}
        self.past_wishes: list[Wish] = []
        self.past_sittings: list[Sitting] = []
        self.news: list[tuple[str, str, str, str]] = []
        self.reply: tuple[str | None, str | None] = (None, None)

    # -- questions
    def wish_of(self, user: str) -> Wish | None:
        return next((w for w in self.waiting if w.user == user), None)

    def sitting_of(self, user: str) -> Sitting | None:
        return next((s for s in self.seats.values() if s.user == user), None)

    def last_wish(self, user: str) -> Wish | None:
        return next((w for w in reversed(self.past_wishes) if w.user == user), None)

    def last_sitting(self, user: str) -> Sitting | None:
        return next((s for s in reversed(self.past_sittings) if s.user == user), None)

    def place(self, user: str) -> int | None:
        queue = [w.user for w in self.waiting if w.kind == "application"]
        return queue.index(user) + 1 if user in queue else None

    def free_at(self, user: str) -> datetime | None:
        """When the cool-down of somebody ends, or ended."""
        last = self.last_wish(user)
        if last and last.ended and last.kind == "application" and last.state in COOL_DOWN_S:
            return after(last.ended, COOL_DOWN_S[last.state])
        return None

    def deadlines(self) -> Iterator[datetime]:
        for wish in self.waiting:
            yield from (t for t in (wish.until, wish.gone and after(wish.gone, 30)) if t)
        yield from (s.until for s in self.seats.values() if s.until)
        if self.away:
            yield self.away

    # -- commands
    def perform(self, user: str, role: str, command: Any, now: datetime) -> None:
        """Carries the command out, or raises No and leaves everything as it was."""
        self.news, self.reply = [], (None, None)
        right = "impostor" if role == "host" and user != HOST else role
        getattr(self, "_" + command.__struct_config__.tag)(user, right, command, now)
        for sitting in self.seats.values():
            self._settle(sitting, now)

    def _settle(self, sitting: Sitting, now: datetime) -> None:
        if sitting.socket and sitting.sound:
            sitting.live, sitting.until = sitting.live or now, None
        elif sitting.seat == 0 or (sitting.socket and not self.server):
            sitting.until = None
        elif sitting.until is None:
            sitting.until = after(now, 30)

    def _goLive(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right == "host", "FORBIDDEN")
        need(self.status != "live", "ALREADY_LIVE")
        need(self.status != "ended", "ROOM_ENDED")
        self.status, self.live_since = "live", now
        self._sit(user, 0, command.media, now)

    def _endLive(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in ENDS, "FORBIDDEN")
        need(self.status != "ended", "ROOM_ENDED")
        self._dismiss(ENDS[right], now)

    def _leave(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right != "host", "FORBIDDEN")
        if wish := self.wish_of(user):
            self._end(wish, "void", now, cause="left")
        sitting = self.sitting_of(user)
        if sitting and sitting.seat:
            self._off(sitting, "exited", now)
        self.reply = (None, None)

    def _apply(self, user: str, right: str, command: Any, now: datetime) -> None:
        self._on_air()
        need(right in ("audience", "moderator"), "FORBIDDEN")
        self._can_wish(user)
        free_at = self.free_at(user)
        if free_at and now < free_at:
            raise No("COOL_DOWN", until=free_at.isoformat())
        self._wish("application", user, command, now, note=command.note)

    def _cancelApplication(self, user: str, right: str, command: Any, now: datetime) -> None:
        wish = self.wish_of(user)
        if wish is None or wish.kind == "invitation":
            wish = self.last_wish(user)
        self._end(self._open(wish, "application", now), "cancelled", now)

    def _respondToApplication(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        wish = self._open(self._find(command.request_id), "application", now)
        if command.is_accepted:
            self._accept(wish, wish.media, now, operator=user)
        else:
            self._end(wish, "rejected", now, operator=user, reason=command.reason, answer=command.note)

    def _invite(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._on_air()
        self._can_wish(command.user_id)
        need(command.user_id not in self.strangers, "NO_SUCH_USER")
        self._wish("invitation", command.user_id, command, now, operator=user)

    def _cancelInvitation(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._end(self._open(self._find(command.request_id), "invitation", now), "cancelled", now, operator=user)

    def _respondToInvitation(self, user: str, right: str, command: Any, now: datetime) -> None:
        found = self._find(command.request_id)
        need(found and found.user == user, "NO_SUCH_REQUEST")
        wish = self._open(found, "invitation", now)
        if command.is_accepted:
            is_sound_only = "audio" in (wish.media, command.media)
            self._accept(wish, "audio" if is_sound_only else "video", now)
        else:
            self._end(wish, "rejected", now)

    def _leaveSeat(self, user: str, right: str, command: Any, now: datetime) -> None:
        self._off(self._guest(user), "exited", now)

    def _disconnectUser(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        guest = self._guest(command.user_id)
        self._off(guest, "terminated", now, operator=user, reason=command.reason, note=command.note)

    def _setDevice(self, user: str, right: str, command: Any, now: datetime) -> None:
        sitting = self.sitting_of(user)
        need(sitting, "NOT_ON_SEAT")
        assert sitting
        if command.is_open:
            need(command.device == "microphone" or sitting.media == "video", "AUDIO_ONLY")
            need(sitting.devices[command.device] != "locked", "DEVICE_LOCKED")
            sitting.devices[command.device] = "open"
        elif sitting.devices[command.device] == "open":
            sitting.devices[command.device] = "closed"
        self.reply = (None, sitting.name)

    def _lockDevice(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        guest = self._guest(command.user_id)
        self.reply = (None, guest.name)
        if (guest.devices[command.device] == "locked") != command.is_locked:
            guest.devices[command.device] = "locked" if command.is_locked else "closed"
            tag = "onLocalDeviceClosedByAdmin" if command.is_locked else "onLocalDeviceOpenedByAdmin"
            self.news.append(("me", guest.user, tag, f"{command.device} by {user}"))

    def _socketUp(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        if command.user_id == HOST:
            self.away = None
        if wish := self.wish_of(command.user_id):
            wish.gone = None
        if sitting := self.sitting_of(command.user_id):
            sitting.socket = True

    def _socketsLost(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        if command.user_id == HOST and self.status == "live":
            self.away = self.away or after(now, 120)
        if wish := self.wish_of(command.user_id):
            wish.gone = wish.gone or now
        if sitting := self.sitting_of(command.user_id):
            sitting.socket = False

    def _allSocketsLost(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        self.away = after(now, 120) if self.status == "live" else None
        for wish in self.waiting:
            wish.gone = now
        for sitting in self.seats.values():
            sitting.socket, sitting.until = False, None

    def _mediaUp(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        for sitting in self.seats.values():
            sitting.sound = sitting.sound or sitting.number == command.number

    def _mediaGone(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        for sitting in self.seats.values():
            sitting.sound = sitting.sound and sitting.number != command.number

    def _mediaServerLost(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        self.server = False
        for sitting in self.seats.values():
            sitting.sound = False

    def _mediaServerBack(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        self.server = True
        for sitting in self.seats.values():
            sitting.sound = False
            sitting.until = None if sitting.socket else sitting.until

    def _tick(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OURSELVES, "FORBIDDEN")
        for wish in list(self.waiting):
            if wish.until and wish.until <= now:
                self._end(wish, "timeout", now)
            elif wish.gone and after(wish.gone, 30) <= now:
                self._end(wish, "void", now, cause="left")
        for sitting in list(self.seats.values()):
            if sitting.until and sitting.until <= now:
                never_heard = sitting.socket and not sitting.live
                self._off(sitting, "media_failed" if never_heard else "lost", now)
        if self.away and self.away <= now:
            self._dismiss("host_away", now)
        self.reply = (None, None)

    # -- steps
    def _on_air(self) -> None:
        need(self.status != "ended", "ROOM_ENDED")
        need(self.status == "live", "ROOM_NOT_LIVE")

    def _can_wish(self, user: str) -> None:
        need(self.sitting_of(user) is None, "ALREADY_ON_SEAT")
        if wish := self.wish_of(user):
            raise No("ALREADY_PENDING", request=wish.name)

    def _guest(self, user: str) -> Sitting:
        sitting = self.sitting_of(user)
        need(sitting, "NOT_ON_SEAT")
        assert sitting
        need(sitting.seat != 0, "FORBIDDEN")
        return sitting

    def _find(self, name: str) -> Wish | None:
        return next((w for w in (*self.waiting, *self.past_wishes) if w.name == name), None)

    def _open(self, wish: Wish | None, kind: str, now: datetime) -> Wish:
        if wish is None or wish.kind != kind:
            raise No("NO_SUCH_REQUEST")
        if wish.state != "pending":
            raise No("ALREADY_HANDLED", request=wish.name, outcome=wish.state, by=wish.by())
        if wish.until and now >= wish.until:
            raise No("ALREADY_HANDLED", request=wish.name, outcome="timeout", by=None)
        return wish

    def _wish(self, kind: str, user: str, command: Any, now: datetime, **more: Any) -> None:
        need(len(self.waiting) < self.pending_max, "QUEUE_FULL")
        wait_s = self.wait_s if command.timeout_s is None else command.timeout_s
        until = after(now, wait_s) if wait_s > 0 else None
        note = more.pop("note", "")
        wish = Wish(self.seq + 1, kind, user, str(command.media), note, now, until, **more)
        self.waiting.append(wish)
        to_staff = kind == "application"
        self.news.append(
            ("staff" if to_staff else "me", "" if to_staff else user, "onUserConnectionRequest", wish.name)
        )
        self.reply = (wish.name, None)

    def _accept(self, wish: Wish, media: str, now: datetime, operator: str | None = None) -> None:
        free = [i for i in range(1, self.seat_count + 1) if i not in self.seats]
        need(free, "SEATS_FULL")
        is_gone, wish.media = wish.gone is not None, media
        self._end(wish, "accepted", now, operator=operator)
        self._sit(wish.user, free[0], media, now, socket=not is_gone)
        self.reply = (wish.name, self.seats[free[0]].name)

    def _end(self, wish: Wish, state: str, now: datetime, operator: str | None = None, **more: Any) -> None:
        self.waiting.remove(wish)
        wish.state, wish.ended, wish.ended_seq, wish.gone = state, now, self.seq + 1, None
        wish.operator = operator or wish.operator
        for key, value in more.items():
            setattr(wish, key, value)
        self.past_wishes = sorted([*self.past_wishes, wish], key=lambda w: (w.ended_seq, w.number))[-self.kept :]
        for lane, tag in TELL[wish.kind, state]:
            self.news.append((lane, wish.user if lane == "me" else "", tag, wish.name))
        self.reply = (wish.name, None)

    def _sit(self, user: str, seat: int, media: str, now: datetime, *, socket: bool = True) -> None:
        devices = {"microphone": "open", "camera": "open" if media == "video" else "closed"}
        self.seats[seat] = Sitting(self.seq + 1, user, seat, str(media), now, socket, devices=devices)
        self.reply = (None, self.seats[seat].name)

    def _off(self, sitting: Sitting, end: str, now: datetime, **more: Any) -> None:
        del self.seats[sitting.seat]
        sitting.end, sitting.ended, sitting.ended_seq = end, now, self.seq + 1
        for key, value in more.items():
            setattr(sitting, key, value)
        gone = sorted([*self.past_sittings, sitting], key=lambda s: (s.ended_seq, s.number))
        self.past_sittings = gone[-self.kept :]
        if end == "terminated":
            self.news.append(("me", sitting.user, "onUserConnectionTerminated", str(sitting.seat)))
        elif end != "dismissed":
            self.news.append(("room", "", "onUserConnectionExited", str(sitting.seat)))
        self.reply = (None, None)

    def _dismiss(self, end: str, now: datetime) -> None:
        for wish in list(self.waiting):
            self._end(wish, "void", now, cause="room_ended")
        for sitting in list(self.seats.values()):
            self._off(sitting, "dismissed", now)
        self.status, self.ended, self.end, self.away = "ended", now, end, None
        self.news.append(("room", "", "onRoomDismissed", end))
        self.reply = (None, None)
