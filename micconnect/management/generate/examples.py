"""Frames for the protocol's text: real structs, so that no example can be one that the server would not write."""

from datetime import UTC, datetime, timedelta
from typing import Any

from micconnect.protocol import callbacks as cb
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.frames import Callbacks, Reply, Resumed, Snapshot
from micconnect.protocol.views import (
    ConnectedUser,
    LiveInfo,
    MediaInfo,
    MyState,
    RequestInfo,
    RoomOptions,
    SeatInfo,
    UserInfo,
    error_info,
)
from micconnect.protocol.words import (
    WIRE_VERSION,
    ConnectionState,
    DeviceState,
    LinkMedia,
    RequestKind,
    RequestState,
    Role,
    RoomStatus,
)

NOW = datetime(2026, 11, 22, 20, 15, tzinfo=UTC)
HOST = UserInfo(user_id="u1", user_name="Hannah")
ALICE = UserInfo(user_id="u7", user_name="Alice")
MEDIA = MediaInfo(family="sdp", generation=1, is_up=True)

HELLO: dict[str, Any] = {"type": "hello", "ticket": "eyJyb29tIjoi…", "versions": [WIRE_VERSION]}
APPLY: dict[str, Any] = {"type": "apply", "ref": "a1", "media": "audio", "note": "I have a question about the bass"}

INFO = LiveInfo(
    room_id="demo",
    status=RoomStatus.LIVE,
    host=HOST,
    options=RoomOptions(title="Friday night session", seat_count=3),
    seat_count=3,
    live_since=NOW - timedelta(minutes=5),
)
ON_AIR = ConnectedUser(
    user_id=HOST.user_id,
    user_name=HOST.user_name,
    seat_index=0,
    connection_id="c1",
    media=LinkMedia.VIDEO,
    state=ConnectionState.LIVE,
    microphone=DeviceState.OPEN,
    camera=DeviceState.OPEN,
    since=NOW - timedelta(minutes=5),
)
SNAPSHOT = Snapshot(
    version=WIRE_VERSION,
    seq=3,
    epoch="k3v9",
    server_time=NOW,
    info=INFO,
    connected_users=(ON_AIR,),
    seats=(SeatInfo(seat_index=0, user_id=HOST.user_id), *(SeatInfo(seat_index=index) for index in (1, 2, 3))),
    metadata={"topic": "bass"},
    viewer_count=1204,
    media=MEDIA,
    role=Role.AUDIENCE,
    me=MyState(user=ALICE),
)
REQUEST = RequestInfo(
    request_id="r12",
    kind=RequestKind.APPLICATION,
    user=ALICE,
    media=LinkMedia.AUDIO,
    state=RequestState.PENDING,
    created_at=NOW,
    note=APPLY["note"],
    expires_at=NOW + timedelta(seconds=60),
)
REFUSAL = Reply(ref="a1", seq=3, error=error_info(ErrorCode.ROOM_NOT_LIVE))
HEARD = Callbacks(
    lane=cb.Lane.STAFF,
    seq=4,
    after=2,
    server_time=NOW,
    callbacks=(cb.OnRequestsUpdated(requests=(REQUEST,)), cb.OnUserConnectionRequest(request=REQUEST)),
)
MISSED = Resumed(
    seq=6,
    epoch=SNAPSHOT.epoch,
    server_time=NOW,
    viewer_count=1203,
    media=MEDIA,
    frames=(
        Callbacks(
            lane=cb.Lane.ROOM,
            seq=5,
            server_time=NOW,
            callbacks=(cb.OnRoomMetadataChanged(metadata={"topic": "drums"}),),
        ),
    ),
)
