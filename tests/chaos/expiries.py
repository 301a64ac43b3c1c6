"""What passed by itself, as somebody of the staff heard it: whether each did so once, and not before its time."""

from collections import Counter
from datetime import datetime

from tests.chaos.follower import Follower
from tests.chaos.picture import Message


class Witness:
    """Listens to a helper or host who is never cut off, from now on."""

    def __init__(self, follower: Follower) -> None:
        self.timeouts: list[tuple[str, Message]] = []  # the server's time, and the request
        follower.on_frame = self._hear

    def _hear(self, frame: Message) -> None:
        for part in [frame, *frame.get("frames", ())]:
            for callback in part.get("callbacks", ()):
                if part["lane"] == "staff" and callback["type"] == "onUserConnectionTimeout":
                    self.timeouts.append((part["serverTime"], callback["request"]))

    def check(self) -> int:
        """Nothing timed out twice, nothing before its time by the clock of whoever said so. Returns how many did."""
        often = Counter(request["requestId"] for _, request in self.timeouts)
        assert not often - Counter(set(often)), f"timed out more than once: {often - Counter(set(often))}"
        for told_at, request in self.timeouts:
            early = datetime.fromisoformat(request["expiresAt"]) > datetime.fromisoformat(told_at)
            assert not early, f"told at {told_at}, too early: {request}"
        return len(self.timeouts)
