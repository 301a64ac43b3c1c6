"""Model clients: what somebody who only ever hears callbacks believes about the room."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from micconnect.protocol import callbacks as cb
from micconnect.protocol.frames import Callbacks, encode

PUBLIC = (
    cb.OnLiveInfoChanged,
    cb.OnConnectedUsersUpdated,
    cb.OnSeatListChanged,
    cb.OnRoomMetadataChanged,
    cb.OnUserConnectionExited,
    cb.OnRoomDismissed,
)
FOR_ALL = {cb.OnLiveInfoChanged: "info", cb.OnConnectedUsersUpdated: "users", cb.OnSeatListChanged: "seats"}
FOR_ALL |= {cb.OnRoomMetadataChanged: "metadata"}
FOR_STAFF = {cb.OnRequestsUpdated: "requests", cb.OnSanctionsUpdated: "sanctions", cb.OnInviteLinksUpdated: "links"}
FIELDS = FOR_ALL | FOR_STAFF
SECRET = "for the staff only"
SECRET_ANSWER = "between the two of us"


class Clients:
    """One client per lane. They start from a snapshot and never look at the room again."""

    def __init__(self, core: Any, room: Any, people: Iterable[Any]) -> None:
        self.core, self.people = core, list(people)
        self.everybody, self.staff, self.me = self._fresh(room)
        self.helpers: dict[str, dict[str, Any]] = {}  # what those know whom the host made helpers

    def _fresh(self, room: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        v = self.core.views
        picture = v.Picture(room)
        me = {p.user_id: picture.my_state(picture.person(p.user_id) or p) for p in self.people}
        everybody = {"info": v.live_info(room), "users": v.connected_users(room), "seats": v.seat_list(room)}
        staff = {"requests": v.requests(room), "sanctions": v.sanctions(room), "links": v.links(room)}
        return everybody | {"metadata": dict(room.metadata)}, staff, me

    def check(self, room: Any) -> None:
        """The law: old state + events = fresh snapshot."""
        everybody, staff, me = self._fresh(room)
        assert self.everybody == everybody, "the room's lane missed something"
        assert self.staff == staff, "the staff missed something"
        assert self.me == me, "somebody missed the own state"
        assert set(self.helpers) == {user.user_id for user in self.everybody["info"].moderators}, "a helper unknown"
        assert all(known == staff for known in self.helpers.values()), "a helper does not know what the staff knows"
        self._check_places()

    def _check_places(self) -> None:
        """Who waits at which place is the same for the staff and for those who wait."""
        queue = [r.user.user_id for r in self.staff["requests"] if r.kind == "application"]
        assert {user: self.me[user].place for user in queue} == {user: n for n, user in enumerate(queue, start=1)}
        assert all((me.place is not None) == (user in queue) for user, me in self.me.items()), "a place for nobody"
        likely = [self.me[user].likely_at for user in queue]
        known = [at for at in likely if at is not None]
        assert known == sorted(known), "those behind come first"

    def hear(self, notices: list[Any], seq: int, now: datetime) -> Counter[tuple[str, str, str, str]]:
        """Takes the states in; returns the moments heard as (lane, person, type, subject)."""
        moments: Counter[tuple[str, str, str, str]] = Counter()
        assert len({(n.lane, n.user_id) for n in notices}) == len(notices), "two notices for one lane"
        for notice in notices:
            assert notice.callbacks, "an empty notice"
            assert (notice.lane == "me") == bool(notice.user_id)
            self._check_private(notice, seq, now)
            for callback in notice.callbacks:
                if isinstance(callback, cb.State):
                    self._take(notice, callback)
                else:
                    tag = str(callback.__struct_config__.tag)
                    moments[str(notice.lane), notice.user_id, tag, subject(callback)] += 1
            kinds = [isinstance(callback, cb.State) for callback in notice.callbacks]
            assert kinds == sorted(kinds, reverse=True), "a moment before a state"
        helpers = {user.user_id for user in self.everybody["info"].moderators}
        self.helpers = {user: known for user, known in self.helpers.items() if user in helpers}
        return moments

    def _take(self, notice: Any, state: Any) -> None:
        if isinstance(state, cb.OnMyStateUpdated):
            assert notice.lane == "me" and state.me.user.user_id == notice.user_id, "somebody else's state"
            assert state.me != self.me[notice.user_id], "told without a change"
            self.me[notice.user_id] = state.me
            return
        name = FIELDS[type(state)]
        value = getattr(state, state.__struct_fields__[0])
        if type(state) in FOR_ALL:
            assert notice.lane == "room" and value != self.everybody[name], "told without a change"
            self.everybody[name] = value
        elif notice.lane == "me":  # somebody becomes a helper
            self.helpers.setdefault(notice.user_id, {})[name] = value
        else:
            assert notice.lane == "staff" and value != self.staff[name], "told without a change, or to all"
            for known in (self.staff, *self.helpers.values()):
                known[name] = value

    def _check_private(self, notice: Any, seq: int, now: datetime) -> None:
        if notice.lane == "room":
            assert all(isinstance(callback, PUBLIC) for callback in notice.callbacks), "too much for everybody"
            frame = encode(Callbacks(lane=notice.lane, seq=seq, server_time=now, callbacks=notice.callbacks))
            assert SECRET.encode() not in frame and SECRET_ANSWER.encode() not in frame, "a note for everybody to read"


def subject(moment: Any) -> str:
    """What a moment is about, as the model writes it down."""
    match moment:
        case cb.OnUserConnectionTerminated():
            return f"{moment.last_connection.seat_index} {moment.last_connection.end_reason}"
        case cb.OnUserConnectionExited():
            return f"{moment.seat_index} {moment.end_reason}"
        case cb.OnLocalDeviceClosedByAdmin() | cb.OnLocalDeviceOpenedByAdmin() | cb.OnDeviceAsked():
            return f"{moment.device} by {moment.operator.user_id}"
        case cb.OnDeviceRequested():
            return f"{moment.device} of {moment.user.user_id}"
        case cb.OnBarredFromMic() | cb.OnKickedOutOfRoom() | cb.OnSanctionLifted():
            return str(moment.sanction.sanction_id)
        case cb.OnRoomDismissed():
            return str(moment.reason)
        case _:
            return str(moment.request.request_id)
