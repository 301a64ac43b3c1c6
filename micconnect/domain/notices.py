"""Who hears what: the callbacks that follow from a change, sorted by lane.

States are found by comparing the room before and after, so that no verb can forget one. Moments are told by the
tables of this module, which the tests enumerate.
"""

from collections import defaultdict
from typing import assert_never

from msgspec import Struct

from micconnect.domain import outcome as o
from micconnect.domain import views
from micconnect.domain.room import RoomState
from micconnect.protocol import callbacks as cb
from micconnect.protocol.callbacks import AnyCallback, Lane
from micconnect.protocol.words import ConnectionEnd, DeviceState, RequestKind, RequestState


class Notice(Struct, frozen=True):
    """Callbacks for one lane; `user_id` names the person of a `me` lane and is empty otherwise."""

    lane: Lane
    user_id: str
    callbacks: tuple[AnyCallback, ...]


RequestCallback = type[
    cb.OnUserConnectionRequest
    | cb.OnUserConnectionCancelled
    | cb.OnUserConnectionAccepted
    | cb.OnUserConnectionRejected
    | cb.OnUserConnectionTimeout
    | cb.OnRequestProcessed
]

A, N, S = RequestKind.APPLICATION, RequestKind.INVITATION, RequestState
ON_REQUEST: dict[tuple[RequestKind, RequestState], tuple[tuple[Lane, RequestCallback], ...]] = {
    (A, S.PENDING): ((Lane.STAFF, cb.OnUserConnectionRequest),),
    (A, S.ACCEPTED): ((Lane.ME, cb.OnUserConnectionAccepted), (Lane.STAFF, cb.OnRequestProcessed)),
    (A, S.REJECTED): ((Lane.ME, cb.OnUserConnectionRejected), (Lane.STAFF, cb.OnRequestProcessed)),
    (A, S.CANCELLED): ((Lane.STAFF, cb.OnUserConnectionCancelled),),
    (A, S.TIMEOUT): ((Lane.ME, cb.OnUserConnectionTimeout), (Lane.STAFF, cb.OnUserConnectionTimeout)),
    (A, S.VOID): ((Lane.ME, cb.OnUserConnectionCancelled), (Lane.STAFF, cb.OnUserConnectionCancelled)),
    (N, S.PENDING): ((Lane.ME, cb.OnUserConnectionRequest),),
    (N, S.ACCEPTED): ((Lane.STAFF, cb.OnUserConnectionAccepted),),
    (N, S.REJECTED): ((Lane.STAFF, cb.OnUserConnectionRejected),),
    (N, S.CANCELLED): ((Lane.ME, cb.OnUserConnectionCancelled), (Lane.STAFF, cb.OnRequestProcessed)),
    (N, S.TIMEOUT): ((Lane.ME, cb.OnUserConnectionTimeout), (Lane.STAFF, cb.OnUserConnectionTimeout)),
    (N, S.VOID): ((Lane.ME, cb.OnUserConnectionCancelled), (Lane.STAFF, cb.OnUserConnectionCancelled)),
}

ON_CONNECTION_END: dict[ConnectionEnd, tuple[Lane, ...]] = {
    ConnectionEnd.EXITED: (Lane.ROOM,),
    ConnectionEnd.LOST: (Lane.ROOM,),
    ConnectionEnd.MEDIA_FAILED: (Lane.ROOM,),
    ConnectionEnd.TERMINATED: (Lane.ME,),
    ConnectionEnd.DISMISSED: (),  # onRoomDismissed says it to everybody
}


def notices(before: RoomState, outcome: o.Outcome) -> list[Notice]:
    """The callbacks of one change: per lane first its states, then its moments. Nothing when nothing changed."""
    lanes: defaultdict[tuple[Lane, str], list[AnyCallback]] = defaultdict(list)
    _states(before, outcome.room, lanes)
    for moment in outcome.moments:
        _moment(moment, outcome.room, lanes)
    return [Notice(lane, user_id, tuple(callbacks)) for (lane, user_id), callbacks in lanes.items()]


def _states(before: RoomState, after: RoomState, lanes: defaultdict[tuple[Lane, str], list[AnyCallback]]) -> None:
    info = views.live_info(after)
    if info != views.live_info(before):
        lanes[Lane.ROOM, ""].append(cb.OnLiveInfoChanged(info=info))
    users = views.connected_users(after)
    if users != views.connected_users(before):
        lanes[Lane.ROOM, ""].append(cb.OnConnectedUsersUpdated(connected_users=users))
    if after.requests != before.requests:
        lanes[Lane.STAFF, ""].append(cb.OnRequestsUpdated(requests=views.requests(after)))
    old, new = views.Picture(before), views.Picture(after)
    known = new.people()
    for user_id in sorted(known | old.people()):  # the room forgets old ends, which changes somebody's state too
        if new.parts(user_id) != old.parts(user_id):
            person = (new if user_id in known else old).person(user_id)
            lanes[Lane.ME, user_id].append(cb.OnMyStateUpdated(me=new.my_state(person)))


def _moment(moment: o.Moment, room: RoomState, lanes: defaultdict[tuple[Lane, str], list[AnyCallback]]) -> None:
    match moment:
        case o.RequestMade() | o.RequestEnded():
            request = moment.request
            for lane, callback in ON_REQUEST[request.kind, request.state]:
                to = request.person.user_id if lane is Lane.ME else ""
                lanes[lane, to].append(callback(request=views.request_info(request)))
        case o.ConnectionEnded():
            connection = moment.connection
            for lane in ON_CONNECTION_END[connection.end_reason or ConnectionEnd.LOST]:
                if lane is Lane.ME:
                    told = cb.OnUserConnectionTerminated(last_connection=views.last_connection(connection))
                    lanes[lane, connection.person.user_id].append(told)
                else:
                    lanes[lane, ""].append(
                        cb.OnUserConnectionExited(
                            user=views.user_info(connection.person),
                            seat_index=connection.seat_index,
                            end_reason=connection.end_reason or ConnectionEnd.LOST,
                        )
                    )
        case o.DeviceLockChanged():
            connection = moment.connection
            is_locked = connection.device(moment.device) is DeviceState.LOCKED
            callback_type = cb.OnLocalDeviceClosedByAdmin if is_locked else cb.OnLocalDeviceOpenedByAdmin
            lanes[Lane.ME, connection.person.user_id].append(
                callback_type(device=moment.device, operator=views.user_info(moment.operator))
            )
        case o.Dismissed():
            lanes[Lane.ROOM, ""].append(cb.OnRoomDismissed(room_id=room.slug, reason=moment.reason))
        case _:
            assert_never(moment)
