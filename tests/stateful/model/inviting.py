"""The model's account of invitations and of invite links."""

from datetime import datetime
from typing import Any

from tests.stateful.model.asking import WATCHERS, Asking
from tests.stateful.model.book import STAFF
from tests.stateful.model.records import Answer, Link, No, Wish, after, need

OPEN_MODES = ("apply", "free", "invite_only")


class Inviting(Asking):
    """The staff asks."""

    def _invite(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        self._need_live()
        self._need_not_barred(command.user_id, now)
        self._need_off_air(command.user_id)
        if wish := self.wish_of(command.user_id):
            raise No("ALREADY_PENDING", request=wish.name)
        need(command.user_id not in self.absent, "NO_SUCH_USER")
        self._mode(*OPEN_MODES)
        if command.seat_index != -1:
            self._need_seat(command.seat_index)
        need(len(self.waiting) < self.limits.pending, "QUEUE_FULL")
        number = self._number()
        wait_s = self.options["request_timeout_s"] if command.timeout_s is None else command.timeout_s
        return self._wish(
            Wish(
                number,
                "invitation",
                command.user_id,
                self._media(command.media),
                now,
                self._until(wait_s, now),
                wait_s=command.timeout_s,
                rank=number,
                note=command.note,
                extra=command.extra_info,
                seat=command.seat_index,
                operator=user,
            )
        )

    def _cancelInvitation(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        return self._end(self._open(self._find(command.request_id), "invitation", now), "cancelled", now, user)

    def _respondToInvitation(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        found = self._find(command.request_id)
        need(found and found.user == user, "NO_SUCH_REQUEST")
        wish = self._open(found, "invitation", now)
        if not command.is_accepted:
            return self._end(wish, "rejected", now)
        self._need_name()
        need(self.free(), "SEATS_FULL")
        wish.window, wish.entry = self.window, str(command.entry)
        return self._accept(wish, self._media(wish.media, command.media), self._wished(wish), now, None)

    def _createInviteLink(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        unexpired = [link for link in self.links if link.until > now]
        if len(unexpired) >= self.limits.links:
            raise No("TOO_MANY", limit=self.limits.links)
        link = Link(self._number(), str(command.media), command.uses, after(now, command.expires_s), user)
        self.links = [*unexpired, link]
        return Answer(link=link.name)

    def _revokeInviteLink(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        link = next((link for link in self.links if link.name == command.link_id), None)
        if link is None:
            raise No("NO_SUCH_LINK")
        self.links.remove(link)
        return Answer(link=link.name)

    def _useInviteLink(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        self._need_live()
        need(right in WATCHERS, "FORBIDDEN")
        self._need_not_barred(user, now)
        self._need_off_air(user)
        link = next((link for link in self.links if str(link.number) == command.token and now < link.until), None)
        if link is None:
            raise No("NO_SUCH_LINK")
        self._need_name()
        self._mode(*OPEN_MODES)
        self._need_turns(user, right)
        self._need_not_held(user, right)
        seat = self._pick(-1)
        self._void(user, "seated_otherwise", now)
        link.left -= 1
        self.links = [link for link in self.links if link.left]
        return self._sit(user, seat, self._media(link.media, command.media), now, self.window, command.entry)
