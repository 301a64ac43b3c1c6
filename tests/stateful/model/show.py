"""The model's account of the show: begin, end, leaving, options and metadata."""

from datetime import datetime
from typing import Any

from tests.stateful.model.book import OWNERS, STAFF, Book
from tests.stateful.model.records import Answer, No, after, need

ENDS = {"host": "host", "admin": "moderator", "server": "server"}


class Show(Book):
    """Verbs of the show."""

    def _goLive(self, user: str, right: str, command: Any, now: datetime) -> Answer | None:
        need(right == "host", "FORBIDDEN")
        need(self.status != "live", "ALREADY_LIVE")
        self._need_not_ended()
        self.status, self.live_since = "live", now
        return self._sit(user, 0, command.media, now, self.window) if self.options["keep_owner_on_seat"] else None

    def _endLive(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in OWNERS, "FORBIDDEN")
        self._need_not_ended()
        self._dismiss(ENDS[right], now)

    def _leave(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right != "host", "FORBIDDEN")
        wish = self.wish_of(user)
        self._void(user, "left", now)
        if wish and wish.kind == "application":
            self.known(user).quiet_until = after(now, 10)
        sitting = self.sitting_of(user)
        if sitting and sitting.seat:
            self._off(sitting, "exited", now)

    def _updateRoom(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        former = self.options
        given = {key: getattr(command, key) for key in former if getattr(command, key) is not None}
        self.options = former | given
        has_turned = (former["layout"] == "200") != (self.options["layout"] == "200")
        outside = [seat for seat in self.seats if seat > self.seat_count()]
        seat_count = self.seat_count()
        try:
            need(not (has_turned and self.status == "live"), "LAYOUT_FROZEN")
            if outside:
                raise No("SEATS_OCCUPIED", guests=len(outside), seatCount=seat_count)
        except No:
            self.options = former
            raise

    def _setMetadata(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        entries = {**self.metadata, **command.entries}
        entries = {key: value for key, value in entries.items() if value is not None}
        if len(entries) > self.limits.keys:
            raise No("METADATA_FULL", limit=self.limits.keys)
        self.metadata = entries
