"""Model clients: what somebody who only ever hears callbacks believes about the room."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from micconnect.protocol import callbacks as cb
from micconnect.protocol.frames import Callbacks, encode

PUBLIC = (cb.OnLiveInfoChanged, cb.OnConnectedUsersUpdated, cb.OnUserConnectionExited, cb.OnRoomDismissed)
SECRET = "for the staff only"
SECRET_ANSWER = "between the two of us"


class Clients:
    """One client per lane. They start from a snapshot and never look at the room again."""

    def __init__(self, core: Any, room: Any, people: Iterable[Any]) -> None:
        self.core, self.people = core, list(people)
        self.info, self.users, self.requests, self.me = self._fresh(room)

    def _fresh(self, room: Any) -> tuple[Any, Any, Any, dict[str, Any]]:
        views = self.core.views
        picture = views.Picture(room)
        me = {person.user_id: picture.my_state(person) for person in self.people}
        return views.live_info(room), views.connected_users(room), views.requests(room), me

    def check(self, room: Any) -> None:
        """The law: old state + events = fresh snapshot."""
        info, users, requests, me = self._fresh(room)
        assert self.info == info, "the room's lane missed the room"
        assert self.users == users, "the room's lane missed the seats"
        assert self.requests == requests, "the staff missed the queue"
        assert self.me == me, "somebody missed the own state"

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
        return moments

    def _take(self, notice: Any, state: Any) -> None:
        match state:
            case cb.OnLiveInfoChanged():
                assert notice.lane == "room" and state.info != self.info, "told without a change"
                self.info = state.info
            case cb.OnConnectedUsersUpdated():
                assert notice.lane == "room" and state.connected_users != self.users, "told without a change"
                self.users = state.connected_users
            case cb.OnRequestsUpdated():
                assert notice.lane == "staff", "the queue is for the staff"
                self.requests = state.requests
            case cb.OnMyStateUpdated():
                assert notice.lane == "me" and state.me.user.user_id == notice.user_id, "somebody else's state"
                self.me[notice.user_id] = state.me
            case _:
                raise AssertionError(f"an unexpected state: {state}")

    def _check_private(self, notice: Any, seq: int, now: datetime) -> None:
        if notice.lane == "room":
            assert all(isinstance(callback, PUBLIC) for callback in notice.callbacks), "too much for everybody"
        frame = encode(Callbacks(lane=notice.lane, seq=seq, server_time=now, callbacks=notice.callbacks))
        if notice.lane == "room":
            assert SECRET.encode() not in frame and SECRET_ANSWER.encode() not in frame, "a note for everybody to read"


def subject(moment: Any) -> str:
    """What a moment is about, as the model writes it down."""
    match moment:
        case cb.OnUserConnectionTerminated():
            return str(moment.last_connection.seat_index)
        case cb.OnUserConnectionExited():
            return str(moment.seat_index)
        case cb.OnLocalDeviceClosedByAdmin() | cb.OnLocalDeviceOpenedByAdmin():
            return f"{moment.device} by {moment.operator.user_id}"
        case cb.OnRoomDismissed():
            return str(moment.reason)
        case _:
            return str(moment.request.request_id)
