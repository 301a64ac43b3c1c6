"""Random histories of one show: commands of host, helpers and audience, from several people, over the wire."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.chaos.follower import Follower
from tests.chaos.picture import Message
from tests.chaos.show import Show

Said = tuple[str, dict[str, Any]]
ALWAYS_CHANGE = {
    "setMetadata",
    "apply",
    "respondToApplication",
    "acceptNext",
    "cancelApplication",
    "leaveSeat",
    "invite",
}
"""Commands that change the room whenever they succeed, so that the log must have them."""


class History:
    """Lets random people say random things, `per_s` commands a second, until it is stopped."""

    def __init__(self, show: Show, per_s: float) -> None:
        self.show, self.per_s = show, per_s
        self.rng = show.rng
        self.said = 0
        self._waiting: set[asyncio.Future[Message]] = set()
        self._task = asyncio.create_task(self._run())

    async def stop(self, timeout_s: float = 90) -> None:
        """Says no more, and waits for every answer."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._waiting:
            _, unanswered = await asyncio.wait(set(self._waiting), timeout=timeout_s)
            assert not unanswered, f"{len(unanswered)} commands were never answered"

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(self.per_s))
            is_staff = self.rng.random() < 0.6
            who = self.rng.choice(self.show.staff if is_staff else self.show.audience)
            said = self._staff(who) if is_staff else self._audience(who)
            if said and who.is_live:
                future = who.ask(said[0], **said[1])
                self._waiting.add(future)
                future.add_done_callback(self._waiting.discard)
                self.said += 1

    def _audience(self, who: Follower) -> Said | None:
        me = who.picture.state.get("me") or {}
        request, connection = me.get("request"), me.get("connection")
        if connection:
            device = self.rng.choice(["microphone", "camera"])
            acts: list[Said] = [
                ("leaveSeat", {}),
                ("setDevice", {"device": device, "isOpen": self.rng.random() < 0.5}),
                ("askToSpeak", {"device": "microphone"}),
            ]
            return self.rng.choice(acts)
        if request and request["kind"] == "invitation":
            return "respondToInvitation", {"requestId": request["requestId"], "isAccepted": self.rng.random() < 0.7}
        if request:
            return ("cancelApplication", {}) if self.rng.random() < 0.3 else None
        wait_s = self.rng.choice([0, 5, 10, 60])
        return "apply", {"media": self.rng.choice(["audio", "video"]), "note": f"n{self.said}", "timeoutS": wait_s}

    def _staff(self, who: Follower) -> Said | None:
        acts: list[Callable[[Follower], Said | None]] = [
            lambda _: ("setMetadata", {"entries": {f"k{self.rng.randrange(8)}": f"v{self.rng.random()}"}}),
            lambda _: ("updateRoom", {"title": f"Title {self.rng.random()}"}),
            lambda _: ("acceptNext", {}),
            lambda _: ("rejectAll", {"reason": "other"}) if self.rng.random() < 0.2 else ("acceptNext", {}),
            lambda _: ("createInviteLink", {"uses": 2}),
            self._answer,
            self._invite,
            self._on_guest,
            self._lock_seat,
            self._revoke,
            self._sanction,
            self._helper,
        ]
        return self.rng.choice(acts)(who)

    def _answer(self, who: Follower) -> Said | None:
        waiting = [r for r in who.picture.state.get("requests") or () if r["kind"] == "application"]
        if not waiting:
            return None
        request = self.rng.choice(waiting)["requestId"]
        if self.rng.random() < 0.3:
            return "moveToFront", {"requestId": request}
        return "respondToApplication", {"requestId": request, "isAccepted": self.rng.random() < 0.7}

    def _invite(self, who: Follower) -> Said:
        invitee = self.rng.choice(self.show.audience).name
        return "invite", {"userId": invitee, "media": "audio", "timeoutS": self.rng.choice([5, 10, 60])}

    def _on_guest(self, who: Follower) -> Said | None:
        guests = [u["userId"] for u in who.picture.state.get("connectedUsers") or () if u["seatIndex"] > 0]
        if not guests:
            return None
        guest = self.rng.choice(guests)
        return self.rng.choice(
            [
                ("disconnectUser", {"userId": guest}),
                ("returnToQueue", {"userId": guest}),
                ("setSpotlight", {"userId": guest}),
                ("setTimeLimit", {"userId": guest, "seconds": 10}),
                ("lockDevice", {"userId": guest, "device": "microphone", "isLocked": self.rng.random() < 0.5}),
                ("askToOpen", {"userId": guest, "device": "microphone"}),
                ("moveSeat", {"userId": guest, "seatIndex": self.rng.randint(1, 9), "policy": "exchange"}),
            ]
        )

    def _lock_seat(self, who: Follower) -> Said:
        return "lockSeat", {"seatIndex": self.rng.randint(6, 9), "isMicrophoneLocked": self.rng.random() < 0.5}

    def _revoke(self, who: Follower) -> Said | None:
        links = who.picture.state.get("links") or ()
        return ("revokeInviteLink", {"linkId": self.rng.choice(links)["linkId"]}) if links else None

    def _sanction(self, who: Follower) -> Said | None:
        sanctions = who.picture.state.get("sanctions") or ()
        if sanctions and self.rng.random() < 0.6:
            return "liftSanction", {"sanctionId": self.rng.choice(sanctions)["sanctionId"]}
        return "barUser", {"userId": self.rng.choice(self.show.audience).name, "seconds": 60}

    def _helper(self, who: Follower) -> Said | None:
        if who is not self.show.host:
            return None
        chosen = self.rng.choice(self.show.audience[:3]).name
        return "setModerator", {"userId": chosen, "isModerator": self.rng.random() < 0.5}
