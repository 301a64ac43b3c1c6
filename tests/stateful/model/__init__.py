"""A second, plain account of a room: who sits, who waits, what ended how. It shares no code with the rules.

Times are datetimes, people are ids. Every number is written out again on purpose: the model is a witness.
"""

from datetime import datetime
from typing import Any

from tests.stateful.model.devices import Devices
from tests.stateful.model.inviting import Inviting
from tests.stateful.model.records import HOST, Answer, No, after
from tests.stateful.model.show import Show
from tests.stateful.model.world import WORLD, World

OURSELVES = ("clock", "media")


class Model(Show, Inviting, Devices, World):
    """What a room should be. `perform` takes a command as the room does, and raises No for a refusal."""

    def perform(
        self,
        user: str,
        role: str,
        command: Any,
        now: datetime,
        has_account: bool,
        since: datetime | None,
        window: str,
        is_named: bool,
    ) -> None:
        """Carries the command out, or raises No and leaves everything as it was."""
        self.news, self.answer = [], Answer()
        verb = command.__struct_config__.tag
        right = self._right(user, role)
        if verb in WORLD:
            if right not in OURSELVES:
                raise No("FORBIDDEN")
        elif right not in ("admin", "server") and (ban := self.sanction_of(user, "room_ban", now)):
            raise No("BANNED", until=ban.until_text(), reason=ban.reason)
        self.has_account, self.since, self.window, self.is_named = has_account, since, window, is_named
        self.answer = getattr(self, "_" + verb)(user, right, command, now) or Answer()
        self._serve(now)
        self._lead(now)
        self._wait(now)
        self._settle(now)

    def _right(self, user: str, role: str) -> str:
        """What counts: the host's word goes before the ticket; another room's host has no right here."""
        if role == "host" and user != HOST:
            return "impostor"
        known = self.members.get(user)
        if role in ("audience", "moderator") and known and known.is_granted is not None:
            return "moderator" if known.is_granted else "audience"
        return role

    def _serve(self, now: datetime) -> None:
        """Who is first sits down as long as there are seats, where the room accepts by itself or seats are free."""
        mode = self.options["seat_mode"]
        if self.status == "live" and (mode == "free" or (mode == "apply" and self.options["is_auto_accepting"])):
            while wish := self._accept_first(HOST, now, is_by_hand=False):
                if self.answer.accepted is not None:
                    self.answer.accepted.append(wish.name)
            if self.answer.accepted is not None:
                self.answer.left = len(self.queue())

    def _lead(self, now: datetime) -> None:
        """Without its host the live goes on with a helper who may, or waits."""
        if not self.away_since:
            return
        here = [user for user in self.helpers() if self.members[user].is_here]
        if self.carrier in here:
            self.away = None
        elif here and self.options["is_carried_on"]:
            self.carrier, self.away = here[0], None
        else:
            self.away = self.away or after(now, self.options["host_away_s"])

    def _settle(self, now: datetime) -> None:
        """What follows for everybody on air, whatever has happened."""
        for sitting in self.seats.values():
            for device, state in sitting.devices.items():
                if state == "open" and self.seen(sitting, device) == "locked":
                    sitting.devices[device] = "closed"
                    sitting.shut.add(device)
            sitting.stalled = {device for device in sitting.stalled if sitting.devices[device] == "open"}
            if sitting.asks and self.seen(sitting, sitting.asks) != "locked":
                sitting.asks = None
            if sitting.asked and self.seen(sitting, sitting.asked) != "closed":
                sitting.asked = None
            self._follow(sitting, now)
