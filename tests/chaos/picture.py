"""What one client has heard: states, cursors and moments, kept by the same rules as in the browser's `room.js`."""

from typing import Any

STATES = {
    "onLiveInfoChanged": "info",
    "onConnectedUsersUpdated": "connectedUsers",
    "onSeatListChanged": "seats",
    "onRoomMetadataChanged": "metadata",
    "onRequestsUpdated": "requests",
    "onSanctionsUpdated": "sanctions",
    "onInviteLinksUpdated": "links",
    "onMyStateUpdated": "me",
    "onRoomUserCountChanged": "viewerCount",
    "onMediaServerChanged": "media",
    "onUserVoiceVolumeChanged": "volumes",
    "onUserNetworkQualityChanged": "qualities",
}
LISTS = ("info", "connectedUsers", "seats", "metadata", "requests", "sanctions", "links", "me", "viewerCount", "media")
STAFF_ONLY = ("requests", "sanctions", "links")
STAFF = ("host", "moderator")
LANES = ("room", "staff", "me")
Message = dict[str, Any]
MomentKey = tuple[str, int, int]  # lane, seq, and which of the frame's moments


class Picture:
    """The state and the cursors of one client. Every method takes a frame as it came.

    `moments` holds each moment once, by lane and seq; `twice` those that would have been told a second time. `holes`
    says where a snapshot took the place of frames: moments there are lost, by contract.
    """

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.role = ""
        self.epoch = ""
        self.cursors: dict[str, int] = dict.fromkeys(LANES, 0)
        self.moments: dict[MomentKey, str] = {}
        self.twice: list[MomentKey] = []
        self.holes: list[tuple[dict[str, int], int]] = []
        self.was_staff_throughout = True
        self.first_seq = 0
        self.true_seq = 0  # up to here the picture was found true
        self.counts = dict.fromkeys(("snapshots", "replays", "gaps", "batches"), 0)

    def resume(self) -> Message | None:
        """The cursors for `hello` or `resume`; None before the first snapshot."""
        if not self.epoch:
            return None
        user_id = self.state["me"]["user"]["userId"]
        return {"epoch": self.epoch, "userId": user_id, "role": self.role, **self.cursors}

    def restore(self, snapshot: Message) -> None:
        self.counts["snapshots"] += 1
        if self.epoch:
            self.holes.append((dict(self.cursors), snapshot["seq"]))
        else:
            self.first_seq = snapshot["seq"]
        self.epoch = snapshot["epoch"]
        self.state = {name: snapshot[name] for name in LISTS} | {"volumes": {}, "qualities": {}}
        self._become(role_of(snapshot["role"], snapshot["me"]))
        self._know(snapshot["seq"])

    def resumed(self, frame: Message) -> None:
        self.counts["replays"] += 1
        self.state |= {"volumes": {}, "qualities": {}, "viewerCount": frame["viewerCount"], "media": frame["media"]}
        assert frame["epoch"] == self.epoch, "a replay from another epoch"
        for part in frame["frames"]:
            if part["seq"] is None or part["seq"] > self.cursors[part["lane"]]:
                self._apply(part)
        self._know(frame["seq"])

    def hear(self, frame: Message) -> bool:
        """Takes `callbacks` or `batch`; True when something is missing in between."""
        if frame["type"] == "batch":
            self.counts["batches"] += 1
            return any(self.hear(part) for part in frame["frames"])
        lane, seq = frame["lane"], frame["seq"]
        if seq is not None:
            if seq <= self.cursors[lane]:
                return False
            if (frame["after"] or 0) > self.cursors[lane]:
                self.counts["gaps"] += 1
                return True
        self._apply(frame)
        return False

    def pong(self, frame: Message) -> bool:
        """True when a lane has come farther than was heard. Else all is known up to the pong's `seq`."""
        lanes = LANES if self.role in STAFF else ("room", "me")
        if any(frame[lane] > self.cursors[lane] for lane in lanes):
            self.counts["gaps"] += 1
            return True
        self.cursors = {lane: max(seq, frame["seq"]) for lane, seq in self.cursors.items()}
        return False

    def _apply(self, frame: Message) -> None:
        lane, seq = frame["lane"], frame["seq"]
        was_staff = self.role in STAFF
        moments = 0
        for callback in frame["callbacks"]:
            name = STATES.get(callback["type"])
            if name:
                self.state[name] = callback["count" if name == "viewerCount" else name]
                continue
            if seq is None:  # a sample, which is told again and again
                continue
            self._note((lane, seq, moments), callback["type"])
            moments += 1
        if seq is not None:
            self.cursors[lane] = seq
        self._become(role_of(self.role, self.state["me"]))
        if not was_staff and self.role in STAFF and lane == "me":
            self.cursors["staff"] = seq

    def _know(self, seq: int) -> None:
        for lane in LANES:
            self.cursors[lane] = seq

    def _note(self, key: MomentKey, kind: str) -> None:
        if key in self.moments:
            self.twice.append(key)
        self.moments[key] = kind

    def _become(self, role: str) -> None:
        self.role = role
        if role not in STAFF:
            self.was_staff_throughout = False
            self.state |= dict.fromkeys(STAFF_ONLY)

    def differs(self, snapshot: Message) -> dict[str, tuple[Any, Any]]:
        """The parts in which a fresh snapshot says something else: (heard, true)."""
        true = {name: snapshot[name] for name in LISTS} | {"role": role_of(snapshot["role"], snapshot["me"])}
        heard = self.state | {"role": self.role}
        return {name: (heard[name], value) for name, value in true.items() if heard[name] != value}


def role_of(role: str, me: Message) -> str:
    """What somebody is now, who was `role` before."""
    if role == "audience" and me["isModerator"] is True:
        return "moderator"
    return "audience" if role == "moderator" and me["isModerator"] is False else role
