"""The model's book: what is written in it, what can be read from it, and the steps that all verbs share."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.stateful.model.records import (
    DEVICES,
    HOST,
    SHOWN,
    SHUT_BY,
    Answer,
    Ban,
    Known,
    Limits,
    Link,
    No,
    Sitting,
    Wish,
    after,
    need,
)

STAFF = ("host", "moderator", "admin", "server")
OWNERS = ("host", "admin", "server")
COOL_DOWN_S = {"cancelled": 10, "rejected": 30}
TOLD = {
    ("application", "accepted"): (("me", "onUserConnectionAccepted"), ("staff", "onRequestProcessed")),
    ("application", "rejected"): (("me", "onUserConnectionRejected"), ("staff", "onRequestProcessed")),
    ("application", "cancelled"): (("staff", "onUserConnectionCancelled"),),
    ("application", "timeout"): (("me", "onUserConnectionTimeout"), ("staff", "onUserConnectionTimeout")),
    ("application", "void"): (("me", "onUserConnectionCancelled"), ("staff", "onUserConnectionCancelled")),
    ("invitation", "accepted"): (("staff", "onUserConnectionAccepted"),),
    ("invitation", "rejected"): (("staff", "onUserConnectionRejected"),),
    ("invitation", "cancelled"): (("me", "onUserConnectionCancelled"), ("staff", "onRequestProcessed")),
    ("invitation", "timeout"): (("me", "onUserConnectionTimeout"), ("staff", "onUserConnectionTimeout")),
    ("invitation", "void"): (("me", "onUserConnectionCancelled"), ("staff", "onUserConnectionCancelled")),
}
GONE = ("exited", "lost", "media_failed", "time_up")  # everybody hears that a guest went
TAKEN = ("time_up", "terminated", "returned", "replaced", "seat_locked", "barred", "banned")  # the guest is told


class Book:
    """One room as the model has it. `absent`: who is not in the room now; the others are."""

    def __init__(self, options: dict[str, Any], limits: Limits, absent: set[str]) -> None:
        self.options, self.limits, self.absent = options, limits, absent
        self.status, self.live_since, self.ended, self.end = "idle", None, None, None
        self.away_since: datetime | None = None
        self.away: datetime | None = None  # until then the live waits for its host
        self.carrier: str | None = None
        self.server = True
        self.names: dict[str, str] = {}  # of those who came in under another one than at first
        self.seq = 0
        self.last = 0  # the number that was given last
        self.spotlight: str | None = None
        self.metadata: dict[str, str] = {}
        self.locks: dict[int, set[str]] = {seat: set() for seat in range(10)}
        self.members: dict[str, Known] = {}
        self.sanctions: list[Ban] = []
        self.links: list[Link] = []
        self.waiting: list[Wish] = []
        self.seats: dict[int, Sitting] = {}
        self.past_wishes: list[Wish] = []
        self.past_sittings: list[Sitting] = []
        self.news: list[tuple[str, str, str, str]] = []
        self.answer = Answer()
        self.has_account, self.since, self.window, self.is_named = False, None, "", True

    # -- questions
    def name(self, user: str) -> str:
        return self.names.get(user, user.title())

    def seat_count(self) -> int:
        return min(self.options["seat_count"], SHOWN[self.options["layout"]])

    def is_audio_only(self) -> bool:
        return bool(self.options["is_audio_only"]) or self.options["layout"] == "200"

    def wish_of(self, user: str) -> Wish | None:
        return next((w for w in self.waiting if w.user == user), None)

    def sitting_of(self, user: str) -> Sitting | None:
        return next((s for s in self.seats.values() if s.user == user), None)

    def on_air(self) -> list[Sitting]:
        """Everybody on a seat, in the order of sitting down."""
        return sorted(self.seats.values(), key=lambda s: s.number)

    def last_wish(self, user: str) -> Wish | None:
        return next((w for w in reversed(self.past_wishes) if w.user == user), None)

    def last_sitting(self, user: str) -> Sitting | None:
        return next((s for s in reversed(self.past_sittings) if s.user == user), None)

    def spoken_s(self, user: str) -> int:
        return self.members[user].spoken_s if user in self.members else 0

    def helpers(self) -> list[str]:
        return sorted(user for user, known in self.members.items() if known.is_granted)

    def queue(self) -> list[Wish]:
        """First those who were moved to the front, the last one foremost; then by the order that the room has."""
        waiting = sorted((w for w in self.waiting if w.kind == "application"), key=lambda w: w.rank)
        if self.options["queue_order"] == "spoke_least":
            waiting.sort(key=lambda w: self.spoken_s(w.user))
        return sorted(waiting, key=lambda w: -w.front)

    def place(self, user: str) -> int | None:
        queue = [w.user for w in self.queue()]
        return queue.index(user) + 1 if user in queue else None

    def free(self) -> list[int]:
        return [i for i in range(1, self.seat_count() + 1) if i not in self.seats and "seat" not in self.locks[i]]

    def likely(self, place: int | None) -> datetime | None:
        """Plays the queue through: each seat goes to the next one when its time is up, who stays as long as others."""
        stays = [s.stage_s for s in self.past_sittings if s.seat and s.stage_s]
        stay = sum(stays) // len(stays) if stays else None
        ends = [s.ends for s in self.seats.values() if s.seat and s.ends]
        if stay:
            ends += [after(s.aired, stay) for s in self.seats.values() if s.seat and s.aired and not s.ends]
        if self.free() or place is None:
            return None
        for _ in range(place - 1):
            if ends:
                soonest = min(ends)
                ends.remove(soonest)
                ends += [after(soonest, stay)] if stay else []
        return min(ends, default=None)

    def free_at(self, user: str) -> datetime | None:
        """When the cool-down of somebody ends, or ended."""
        return self.members[user].quiet_until if user in self.members else None

    def known(self, user: str) -> Known:
        """The page of a person, which is opened when there is something to write."""
        return self.members.setdefault(user, Known())

    def locked(self, user: str) -> list[str]:
        """What the staff has locked for a person."""
        return [device for device in DEVICES if user in self.members and device in self.members[user].locks]

    def sanction_of(self, user: str, kind: str, now: datetime) -> Ban | None:
        """The one in force."""
        return next(
            (b for b in self.sanctions if (b.user, b.kind) == (user, kind) and (not b.until or now < b.until)), None
        )

    def is_shut(self, sitting: Sitting, device: str) -> bool:
        """Whether the seat keeps the device shut."""
        return SHUT_BY[device] in self.locks[sitting.seat]

    def seen(self, sitting: Sitting, device: str) -> str:
        """The device as everybody sees it."""
        is_locked = self.is_shut(sitting, device) or device in self.locked(sitting.user)
        if device == "microphone" and sitting.seat and not self.options["may_unmute"]:
            has_leave = sitting.asked == device or device in sitting.shut or sitting.devices[device] == "open"
            is_locked = is_locked or not has_leave
        return "locked" if is_locked else sitting.devices[device]

    def deadlines(self) -> Iterator[datetime]:
        for wish in self.waiting:
            yield from (t for t in (wish.until, wish.gone and after(wish.gone, 30)) if t)
        for sitting in self.seats.values():
            yield from (t for t in (sitting.until, sitting.ends) if t)
        yield from (ban.until for ban in self.sanctions if ban.until)
        yield from (link.until for link in self.links)
        if self.away:
            yield self.away

    # -- what verbs ask
    def _need_live(self) -> None:
        self._need_not_ended()
        need(self.status == "live", "ROOM_NOT_LIVE")

    def _need_not_ended(self) -> None:
        need(self.status != "ended", "ROOM_ENDED")

    def _need_not_barred(self, user: str, now: datetime) -> None:
        for kind, code in (("room_ban", "BANNED"), ("mic_bar", "BARRED")):
            if ban := self.sanction_of(user, kind, now):
                raise No(code, until=ban.until_text(), reason=ban.reason)

    def _need_name(self) -> None:
        """Nobody comes on air under a made-up name, unless the room lets them."""
        need(self.is_named or self.options["allows_unnamed"], "NAME_REQUIRED")

    def _has_way(self, wish: Wish) -> bool:
        """Whether such a request can still come to a seat."""
        mode = self.options["seat_mode"]
        if mode == "closed" or wish.kind == "invitation" or wish.is_held:
            return mode != "closed"
        return mode != "invite_only" and (wish.has_account or not self.options["needs_login"])

    def _need_off_air(self, user: str) -> None:
        """The host sits on seat 0 or nowhere."""
        need(self.sitting_of(user) is None, "ALREADY_ON_SEAT")
        need(user != HOST, "FORBIDDEN")

    def _sitting(self, user: str) -> Sitting:
        sitting = self.sitting_of(user)
        if sitting is None:
            raise No("NOT_ON_SEAT")
        return sitting

    def _guest(self, user: str) -> Sitting:
        sitting = self._sitting(user)
        need(sitting.seat != 0, "FORBIDDEN")
        return sitting

    def _need_seat(self, seat: int) -> None:
        need(1 <= seat <= self.seat_count(), "NO_SUCH_SEAT")
        need("seat" not in self.locks[seat], "SEAT_LOCKED")

    def _pick(self, seat: int) -> int:
        """The seat wanted, or any."""
        if seat == -1:
            need(self.free(), "SEATS_FULL")
            return self.free()[0]
        self._need_seat(seat)
        if seat in self.seats:
            raise No("SEAT_TAKEN", by=self.seats[seat].user)
        return seat

    def _media(self, *wishes: str | None) -> str:
        return "audio" if self.is_audio_only() or "audio" in wishes else "video"

    def _mode(self, *modes: str) -> None:
        if self.options["seat_mode"] not in modes:
            raise No("SEAT_MODE", mode=self.options["seat_mode"])

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

    def _until(self, wait_s: int, now: datetime) -> datetime | None:
        return after(now, wait_s) if wait_s > 0 else None

    # -- steps
    def _number(self) -> int:
        self.last += 1
        return self.last

    def _wish(self, wish: Wish) -> Answer:
        """Somebody waits now."""
        self.waiting.append(wish)
        lane = ("staff", "") if wish.kind == "application" else ("me", wish.user)
        self.news.append((*lane, "onUserConnectionRequest", wish.name))
        return Answer(request=wish.name)

    def _wait(self, now: datetime) -> None:
        """The room's wait runs for as many of the queue as there are seats to give."""
        is_on = self.status == "live" and not self.options["is_paused"] and not self.away
        ready = [w.number for w in self.queue() if not w.gone and not w.is_held]
        called = ready[: len(self.free())] if is_on and self.options["request_timeout_s"] else []
        for wish in self.queue():
            if wish.wait_s is None:
                start = wish.until or after(now, self.options["request_timeout_s"])
                wish.until = start if wish.number in called else None

    def _accept(
        self, wish: Wish, media: str, seat: int, now: datetime, operator: str | None, *, is_by_hand: bool = True
    ) -> Answer:
        is_gone, wish.media = wish.gone is not None, media
        self._end(wish, "accepted", now, operator=operator)
        if is_by_hand:
            self._give(wish.user)
        entry = "closed" if wish.is_held else wish.entry
        answer = self._sit(wish.user, seat, media, now, wish.window, entry, socket=not is_gone)
        answer.request = wish.name
        return answer

    def _accept_first(self, operator: str, now: datetime, *, is_by_hand: bool) -> Wish | None:
        """The first who is there gets the seat wished for, or the first free one; None if that cannot be."""
        ready = [w for w in self.queue() if not w.gone and not (w.until and w.until <= now)]
        ready = [w for w in ready if is_by_hand or not w.is_held]
        if not ready or not self.free():
            return None
        wish = ready[0]
        self._accept(wish, self._media(wish.media), self._wished(wish), now, operator, is_by_hand=is_by_hand)
        return ready[0]

    def _wished(self, wish: Wish) -> int:
        """The seat wished for if it is free; else the first, if there is one."""
        need(self.free(), "SEATS_FULL")
        return wish.seat if wish.seat in self.free() else self.free()[0]

    def _end(self, wish: Wish, state: str, now: datetime, operator: str | None = None, **more: Any) -> Answer:
        self.waiting.remove(wish)
        wish.state, wish.ended, wish.ended_seq, wish.gone = state, now, self.seq + 1, None
        wish.operator = operator or wish.operator
        for key, value in more.items():
            setattr(wish, key, value)
        past = sorted([*self.past_wishes, wish], key=lambda w: (w.ended_seq, w.number))
        self.past_wishes = past[-self.limits.kept :]
        for lane, tag in TOLD[wish.kind, state]:
            self.news.append((lane, wish.user if lane == "me" else "", tag, wish.name))
        if wish.kind == "application":
            self._after_asking(wish, now)
        return Answer(request=wish.name)

    def _after_asking(self, wish: Wish, now: datetime) -> None:
        """Who was refused or has withdrawn keeps still for a while, whatever else comes."""
        if wish.state in COOL_DOWN_S:
            self.known(wish.user).quiet_until = after(now, COOL_DOWN_S[wish.state])
        elif wish.user in self.members:
            self.members[wish.user].quiet_until = None
        if wish.state == "rejected":
            self.known(wish.user).refusals += 1

    def _give(self, user: str) -> None:
        """The staff gives a turn, and what hung over from earlier ones is settled."""
        known = self.known(user)
        known.rest_s, known.is_behind, known.is_held = 0, False, False

    def _void(self, user: str, cause: str, now: datetime, operator: str | None = None) -> None:
        if wish := self.wish_of(user):
            self._end(wish, "void", now, operator, cause=cause)

    def _sit(
        self, user: str, seat: int, media: str, now: datetime, window: str, entry: str = "open", *, socket: bool = True
    ) -> Answer:
        devices = dict.fromkeys(DEVICES, "closed")
        is_silent = seat and (self.options["is_arriving_muted"] or not self.options["may_unmute"])
        if entry == "open" and not is_silent:
            devices["microphone"] = "open"
        if entry in ("open", "muted") and media == "video":
            devices["camera"] = "open"
        sitting = Sitting(self._number(), user, seat, str(media), now, socket, devices=devices, window=window)
        if seat:
            known = self.known(user)
            known.turns += 1
            sitting.is_backstage = self.options["has_backstage"] or known.is_behind
            sitting.limit_s = known.rest_s or known.limit_s or self.options["time_limit_s"]
            known.rest_s = 0
        self.seats[seat] = sitting
        return Answer(connection=sitting.name)

    def _follow(self, sitting: Sitting, now: datetime) -> None:
        """From line and sound follow the deadline of a seat and the time on the stage."""
        if sitting.socket and sitting.sound:
            sitting.live, sitting.until = sitting.live or now, None
            if not sitting.is_backstage and not sitting.aired:
                sitting.aired = now
                sitting.ends = after(now, sitting.limit_s) if sitting.limit_s else None
        elif sitting.seat == 0 or (sitting.socket and not self.server):
            sitting.until = None
        elif sitting.until is None:
            sitting.until = after(now, 30)

    def _unair(self, sitting: Sitting, now: datetime) -> None:
        if sitting.aired:
            sitting.stage_s += (now - sitting.aired) // (after(now, 1) - now)
        sitting.aired, sitting.ends = None, None

    def _off(self, sitting: Sitting, end: str, now: datetime, **more: Any) -> None:
        """Somebody is no longer on a seat."""
        del self.seats[sitting.seat]
        if sitting.seat and self.known(sitting.user).limit_s and end in ("exited", "lost", "media_failed"):
            rest_s = (sitting.ends - now) // (after(now, 1) - now) if sitting.ends else sitting.limit_s
            self.known(sitting.user).rest_s = max(10, rest_s)
        self._unair(sitting, now)
        sitting.end, sitting.ended, sitting.ended_seq, sitting.devices["screen"] = end, now, self.seq + 1, "closed"
        sitting.shut = set()
        for key, value in more.items():
            setattr(sitting, key, value)
        past = sorted([*self.past_sittings, sitting], key=lambda s: (s.ended_seq, s.number))
        self.past_sittings = past[-self.limits.kept :]
        if sitting.seat and sitting.stage_s:
            self.known(sitting.user).spoken_s += sitting.stage_s
        if self.spotlight == sitting.user:
            self.spotlight = None
        if end in TAKEN:
            self.news.append(("me", sitting.user, "onUserConnectionTerminated", f"{sitting.seat} {end}"))
        if end in GONE:
            self.news.append(("room", "", "onUserConnectionExited", f"{sitting.seat} {end}"))

    def _dismiss(self, end: str, now: datetime) -> None:
        for wish in list(self.waiting):
            self._end(wish, "void", now, cause="room_ended")
        for sitting in list(self.seats.values()):
            self._off(sitting, "dismissed", now)
        self.status, self.ended, self.end, self.links = "ended", now, end, []
        self.away_since = self.away = self.carrier = None
        self.news.append(("room", "", "onRoomDismissed", end))
