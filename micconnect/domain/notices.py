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
from micconnect.protocol.words import ConnectionEnd, RequestKind, RequestState, SanctionKind


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
    ConnectionEnd.TIME_UP: (Lane.ME, Lane.ROOM),
    ConnectionEnd.TERMINATED: (Lane.ME,),
    ConnectionEnd.RETURNED: (Lane.ME,),
    ConnectionEnd.REPLACED: (Lane.ME,),
    ConnectionEnd.SEAT_LOCKED: (Lane.ME,),
    ConnectionEnd.BARRED: (Lane.ME,),
    ConnectionEnd.BANNED: (Lane.ME,),
    ConnectionEnd.DISMISSED: (),  # onRoomDismissed says it to everybody
}

ON_SANCTION: dict[SanctionKind, type[cb.OnBarredFromMic | cb.OnKickedOutOfRoom]] = {
    SanctionKind.MIC_BAR: cb.OnBarredFromMic,
    SanctionKind.ROOM_BAN: cb.OnKickedOutOfRoom,
}

Lanes = defaultdict[tuple[Lane, str], list[AnyCallback]]


def notices(before: RoomState, outcome: o.Outcome) -> list[Notice]:
    """The callbacks of one change: per lane first its states, then its moments. Nothing when nothing changed."""
    lanes: Lanes = defaultdict(list)
    _states(before, outcome.room, lanes)
    for moment in outcome.moments:
        _moment(moment, outcome.room, lanes)
    return [Notice(lane, user_id, tuple(callbacks)) for (lane, user_id), callbacks in lanes.items()]


def _states(before: RoomState, after: RoomState, lanes: Lanes) -> None:
    everybody, staff = lanes[Lane.ROOM, ""], lanes[Lane.STAFF, ""]
    info, users, seats = views.live_info(after), views.connected_users(after), views.seat_list(after)
    if info != views.live_info(before):
        everybody.append(cb.OnLiveInfoChanged(info=info))
    if users != views.connected_users(before):
        everybody.append(cb.OnConnectedUsersUpdated(connected_users=users))
    if seats != views.seat_list(before):
        everybody.append(cb.OnSeatListChanged(seats=seats))
    if after.metadata != before.metadata:
        everybody.append(cb.OnRoomMetadataChanged(metadata=dict(after.metadata)))
    if (requests := views.requests(after)) != views.requests(before):
        staff.append(cb.OnRequestsUpdated(requests=requests))
    if after.sanctions != before.sanctions:
        staff.append(cb.OnSanctionsUpdated(sanctions=views.sanctions(after)))
    if after.links != before.links:
        staff.append(cb.OnInviteLinksUpdated(links=views.links(after)))
    _own_states(before, after, lanes)
    for lane in ((Lane.ROOM, ""), (Lane.STAFF, "")):
        if not lanes[lane]:
            del lanes[lane]


def _own_states(before: RoomState, after: RoomState, lanes: Lanes) -> None:
    old, new = views.Picture(before), views.Picture(after)
    for user_id in sorted(views.touched(before, after)):
        person = new.person(user_id) or old.person(user_id)
        if person is None or new.parts(user_id) == old.parts(user_id):
            continue
        me = new.my_state(person)
        if me != old.my_state(old.person(user_id) or person):
            lanes[Lane.ME, user_id].append(cb.OnMyStateUpdated(me=me))
    helpers = {person.user_id for person in before.moderators()}
    for person in after.moderators():
        if person.user_id not in helpers:  # what the staff knew before
            lanes[Lane.ME, person.user_id] += [
                cb.OnRequestsUpdated(requests=views.requests(after)),
                cb.OnSanctionsUpdated(sanctions=views.sanctions(after)),
                cb.OnInviteLinksUpdated(links=views.links(after)),
            ]


def _moment(moment: o.Moment, room: RoomState, lanes: Lanes) -> None:
    match moment:
        case o.RequestMade() | o.RequestEnded():
            request = moment.request
            for lane, callback in ON_REQUEST[request.kind, request.state]:
                to = request.person.user_id if lane is Lane.ME else ""
                lanes[lane, to].append(callback(request=views.request_info(room, request)))
        case o.ConnectionEnded():
            _connection_ended(moment, room, lanes)
        case o.DeviceLockChanged():
            callback_type = cb.OnLocalDeviceClosedByAdmin if moment.is_locked else cb.OnLocalDeviceOpenedByAdmin
            lanes[Lane.ME, moment.person.user_id].append(
                callback_type(device=moment.device, operator=views.user_info(moment.operator))
            )
        case o.DeviceAsked():
            lanes[Lane.ME, moment.connection.person.user_id].append(
                cb.OnDeviceAsked(device=moment.device, operator=views.user_info(moment.operator))
            )
        case o.DeviceRequested():
            lanes[Lane.STAFF, ""].append(
                cb.OnDeviceRequested(
                    user=views.user_info(moment.connection.person, views.Lookalikes(room)), device=moment.device
                )
            )
        case o.SanctionMade():
            told = ON_SANCTION[moment.sanction.kind](sanction=views.sanction_info(moment.sanction))
            lanes[Lane.ME, moment.sanction.person.user_id].append(told)
        case o.SanctionEnded():
            over = cb.OnSanctionLifted(sanction=views.sanction_info(moment.sanction))
            lanes[Lane.ME, moment.sanction.person.user_id].append(over)
        case o.Dismissed():
            lanes[Lane.ROOM, ""].append(cb.OnRoomDismissed(room_id=room.slug, reason=moment.reason))
        case _:
            assert_never(moment)


def _connection_ended(moment: o.ConnectionEnded, room: RoomState, lanes: Lanes) -> None:
    connection = moment.connection
    end_reason = connection.end_reason or ConnectionEnd.LOST
    for lane in ON_CONNECTION_END[end_reason]:
        if lane is Lane.ME:
            told = cb.OnUserConnectionTerminated(last_connection=views.last_connection(connection))
            lanes[lane, connection.person.user_id].append(told)
        else:
            user = views.user_info(connection.person, views.Lookalikes(room))
            lanes[lane, ""].append(
                cb.OnUserConnectionExited(user=user, seat_index=connection.seat_index, end_reason=end_reason)
            )
