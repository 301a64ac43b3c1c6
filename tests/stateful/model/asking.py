"""The model's account of applications and their answers."""

from datetime import datetime
from typing import Any

from tests.stateful.model.book import STAFF, Book
from tests.stateful.model.records import Answer, Known, No, Wish, after, need

WATCHERS = ("audience", "moderator")


class Asking(Book):
    """The audience asks, the staff answers."""

    def _need_welcome(self, user: str, right: str, media: str, now: datetime) -> None:
        """Whom the options let on air."""
        need(media == "audio" or not self.is_audio_only(), "AUDIO_ONLY")
        if right == "moderator":
            return
        need(self.has_account or not self.options["needs_login"], "LOGIN_REQUIRED")
        self._need_turns(user, right)
        welcome = after(self.since or now, self.options["min_stay_s"])
        if now < welcome:
            raise No("TOO_EARLY", until=welcome.isoformat())

    def _need_turns(self, user: str, right: str) -> None:
        most = self.options["max_turns"]
        if right != "moderator" and most and user in self.members and self.members[user].turns >= most:
            raise No("TURNS_USED", limit=most)

    def _need_not_held(self, user: str, right: str) -> None:
        """Whoever was returned to the queue waits for the staff."""
        need(right == "moderator" or user not in self.members or not self.members[user].is_held, "HELD")

    def _apply(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        self._need_live()
        need(right in WATCHERS, "FORBIDDEN")
        self._need_not_barred(user, now)
        self._need_off_air(user)
        if wish := self.wish_of(user):
            raise No("ALREADY_PENDING", request=wish.name)
        self._need_name()
        self._mode("apply")
        need(not self.options["is_paused"], "REQUESTS_PAUSED")
        self._need_welcome(user, right, command.media, now)
        free_at = self.free_at(user)
        if free_at and now < free_at:
            raise No("COOL_DOWN", until=free_at.isoformat())
        if command.seat_index != -1:
            self._need_seat(command.seat_index)
        need(len(self.waiting) < self.limits.pending, "QUEUE_FULL")
        last = self.last_wish(user)
        more: dict[str, Any] = {"has_account": self.has_account or right == "moderator"}
        is_lapsed = last and (last.kind, last.state) == ("application", "timeout")
        if last and is_lapsed and last.ended and now < after(last.ended, 120):
            more |= {"rank": last.rank, "front": last.front}
        return self._ask(
            user,
            command.media,
            now,
            command.timeout_s,
            note=command.note,
            extra=command.extra_info,
            seat=command.seat_index,
            window=self.window,
            entry=str(command.entry),
            **more,
        )

    def _ask(self, user: str, media: str, now: datetime, wait_s: int | None, **more: Any) -> Answer:
        """Without a named wait it is the room's, which `_wait` looks after."""
        number = self._number()
        known = self.members.get(user) or Known()
        more = {"rank": number, "refusals": known.refusals, "is_held": known.is_held, **more}
        until = self._until(wait_s or 0, now)
        answer = self._wish(Wish(number, "application", user, str(media), now, until, wait_s=wait_s, **more))
        self._wait(now)
        return answer

    def _cancelApplication(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        wish = self.wish_of(user)
        if wish is None or wish.kind == "invitation":
            wish = self.last_wish(user)
        return self._end(self._open(wish, "application", now), "cancelled", now)

    def _respondToApplication(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        wish = self._open(self._find(command.request_id), "application", now)
        if not command.is_accepted:
            return self._end(wish, "rejected", now, user, reason=command.reason, answer=command.note)
        seat = self._wished(wish) if command.seat_index is None else self._pick(command.seat_index)
        return self._accept(wish, self._media(wish.media), seat, now, user)

    def _acceptNext(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        self._need_queue(right)
        need(self.free(), "SEATS_FULL")
        wish = self._accept_first(user, now, is_by_hand=True)
        if wish is None:
            raise No("NO_SUCH_REQUEST")
        sitting = self.sitting_of(wish.user)
        return Answer(request=wish.name, connection=sitting.name if sitting else None)

    def _acceptAll(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        self._need_queue(right)
        need(self.free(), "SEATS_FULL")
        accepted = []
        while wish := self._accept_first(user, now, is_by_hand=True):
            accepted.append(wish.name)
        return Answer(accepted=accepted, left=len(self.queue()))

    def _rejectAll(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        in_time = [w for w in self.queue() if not w.until or now < w.until]
        need(in_time, "NO_SUCH_REQUEST")
        for wish in in_time:
            self._end(wish, "rejected", now, user, reason=command.reason, answer=command.note)
        return Answer(accepted=[], left=len(self.queue()))

    def _need_queue(self, right: str) -> None:
        need(right in STAFF, "FORBIDDEN")
        need(self.queue(), "NO_SUCH_REQUEST")

    def _undoRejectAll(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        self._need_live()
        sent = [w for w in self.past_wishes if w.ended_seq == command.seq and w.kind == "application"]
        sent = [w for w in sent if w.state == "rejected" and w.ended and now < after(w.ended, 60)]
        need(sent, "NO_SUCH_REQUEST")
        for old in sent:
            is_full = len(self.waiting) >= self.limits.pending
            is_busy = self.wish_of(old.user) or self.sitting_of(old.user) or self.last_wish(old.user) is not old
            is_sanctioned = any(self.sanction_of(old.user, kind, now) for kind in ("mic_bar", "room_ban"))
            if self._has_way(old) and not (is_full or is_busy or is_sanctioned):
                kept = ("note", "extra", "seat", "rank", "front", "window", "entry", "has_account")
                same = {key: getattr(old, key) for key in kept}
                self._ask(old.user, old.media, now, old.wait_s, **same)
        return Answer(accepted=[], left=len(self.queue()))

    def _moveToFront(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        wish = self._open(self._find(command.request_id), "application", now)
        if self.queue()[0] is not wish:
            wish.front = self._number()
        return Answer(request=wish.name)
