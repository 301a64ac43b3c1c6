"""The model's account of the show: begin, end, leaving, options and metadata."""

from datetime import datetime
from typing import Any

from tests.stateful.model.book import OWNERS, STAFF, Book
from tests.stateful.model.records import Answer, No, after, need

ENDS = {"host": "host", "moderator": "moderator", "admin": "moderator", "server": "server"}


class Show(Book):
    """Verbs of the show."""

    def _goLive(self, user: str, right: str, command: Any, now: datetime) -> Answer | None:
        need(right == "host", "FORBIDDEN")
        need(self.status != "live", "ALREADY_LIVE")
        self._need_not_ended()
        self.status, self.live_since = "live", now
        return self._sit(user, 0, command.media, now, self.window) if self.options["keep_owner_on_seat"] else None

    def _endLive(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        need(right in OWNERS or (user == self.carrier and not self.away), "FORBIDDEN")
        self._need_not_ended()
        self._dismiss(ENDS[right], now)

    def _carryOn(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._need_live()
        need(self.away_since, "HOST_HERE")
        need(user in self.helpers() and self.members[user].is_here, "FORBIDDEN")
        self.carrier, self.away = user, None

    def _waitLonger(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._need_live()
        need(self.away, "HOST_HERE")
        self.away = after(now, self.options["host_away_s"])

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
        if self.away:
            self.away = after(self.away, self.options["host_away_s"] - former["host_away_s"])
        if self.options["request_timeout_s"] != former["request_timeout_s"]:
            for wish in self.queue():
                wish.until = None if wish.wait_s is None else wish.until  # a wait that runs begins anew
        for wish in list(self.waiting):
            if not self._has_way(wish):
                self._end(wish, "void", now, cause="room_changed")
        for seat, sitting in self.seats.items():
            if seat and sitting.media == "video" and self.is_audio_only():
                sitting.media = "audio"
                sitting.devices |= {"camera": "closed", "screen": "closed"}
                sitting.shut -= {"camera", "screen"}
                sitting.asks = sitting.asks if sitting.asks == "microphone" else None
                sitting.asked = sitting.asked if sitting.asked == "microphone" else None

    def _setMetadata(self, user: str, right: str, command: Any, now: datetime) -> None:
        need(right in STAFF, "FORBIDDEN")
        self._need_not_ended()
        entries = {**self.metadata, **command.entries}
        entries = {key: value for key, value in entries.items() if value is not None}
        if len(entries) > self.limits.keys:
            raise No("METADATA_FULL", limit=self.limits.keys)
        self.metadata = entries
