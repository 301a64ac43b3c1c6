"""The model's account of helpers, bars and bans."""

from datetime import datetime
from typing import Any

from tests.stateful.model.book import OWNERS, STAFF, Book
from tests.stateful.model.records import HOST, Answer, Ban, Known, No, after, need


class People(Book):
    """Who may what."""

    def _need_known(self, user: str) -> None:
        """In the room, or met in it before; the host always is."""
        met = {HOST} | {w.user for w in (*self.waiting, *self.past_wishes)} | set(self.members)
        met |= {s.user for s in (*self.seats.values(), *self.past_sittings)} | {b.user for b in self.sanctions}
        need(user not in self.absent or user in met, "NO_SUCH_USER")

    def _setModerator(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        need(right in OWNERS, "FORBIDDEN")
        need(command.user_id != HOST, "FORBIDDEN")
        self._need_known(command.user_id)
        known = self.members.get(command.user_id) or Known()
        if known.is_granted is command.is_moderator:
            return
        if command.is_moderator and (ban := self.sanction_of(command.user_id, "room_ban", now)):
            raise No("BANNED", until=ban.until_text(), reason=ban.reason)
        if command.is_moderator and len(self.helpers()) >= self.limits.moderators:
            raise No("TOO_MANY", limit=self.limits.moderators)
        known.is_granted = command.is_moderator
        known.is_here = command.is_moderator and command.user_id not in self.absent
        if not command.is_moderator:
            self._drop_links_of(command.user_id)
        self.members[command.user_id] = known

    def _barUser(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        return self._sanction("mic_bar", "barred", user, right, command, now)

    def _banUser(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        answer = self._sanction("room_ban", "banned", user, right, command, now)
        known = self.members.setdefault(command.user_id, Known())
        known.is_granted, known.is_here = False, False
        self._drop_links_of(command.user_id)
        return answer

    def _drop_links_of(self, user: str) -> None:
        self.links = [link for link in self.links if link.by != user]

    def _sanction(self, kind: str, end: str, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        self._need_known(command.user_id)
        self._need_above(user, right, command.user_id)
        others = [b for b in self.sanctions if (b.user, b.kind) != (command.user_id, kind)]
        if len(others) >= self.limits.sanctions:
            raise No("TOO_MANY", limit=self.limits.sanctions)
        until = after(now, command.seconds) if command.seconds else None
        ban = Ban(
            self._number(), kind, command.user_id, user, now, until, reason=str(command.reason), note=command.note
        )
        self.sanctions = [*others, ban]
        self._void(ban.user, end, now, user)
        if sitting := self.sitting_of(ban.user):
            self._off(sitting, end, now, operator=user, reason=ban.reason, note=ban.note)
        told = "onBarredFromMic" if kind == "mic_bar" else "onKickedOutOfRoom"
        self.news.append(("me", ban.user, told, ban.name))
        return Answer(sanction=ban.name)

    def _need_above(self, user: str, right: str, other: str) -> None:
        """Whose matter the bars and bans of somebody are: not their own, and those of helpers the owners'."""
        need(other not in (HOST, user), "FORBIDDEN")
        need(other not in self.helpers() or right in OWNERS, "FORBIDDEN")

    def _liftSanction(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        need(right in STAFF, "FORBIDDEN")
        ban = next((b for b in self.sanctions if b.name == command.sanction_id), None)
        if ban is None:
            raise No("NO_SUCH_SANCTION")
        self._need_above(user, right, ban.user)
        self._lift(ban)
        return Answer(sanction=ban.name)

    def _appealBar(self, user: str, right: str, command: Any, now: datetime) -> Answer:
        bar = self.sanction_of(user, "mic_bar", now)
        if bar is None:
            raise No("NO_SUCH_SANCTION")
        need(not bar.appeal, "ALREADY_APPEALED")
        bar.appeal = command.note
        return Answer(sanction=bar.name)

    def _lift(self, ban: Ban) -> None:
        self.sanctions.remove(ban)
        self.news.append(("me", ban.user, "onSanctionLifted", ban.name))
