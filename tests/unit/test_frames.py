"""What the server says: frames as bytes, and the closed lists of codes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from micconnect.protocol import callbacks as cb
from micconnect.protocol import views as v
from micconnect.protocol import words as w
from micconnect.protocol.codes import CLOSES, ERRORS, NUMBERS, CloseCode, ErrorCode
from micconnect.protocol.frames import Batch, Callbacks, GoingAway, Pong, Reply, Resumed, Snapshot, encode, encode_part

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
ALICE = v.UserInfo(user_id="alice", user_name="爱丽丝")
HOST = v.UserInfo(user_id="host", user_name="Host")
REQUEST = v.RequestInfo(
    request_id="r3",
    kind=w.RequestKind.APPLICATION,
    user=ALICE,
    media=w.LinkMedia.VIDEO,
    state=w.RequestState.PENDING,
    created_at=NOW,
)
REQUEST_JSON = (
    '{"requestId":"r3","kind":"application","user":{"userId":"alice","userName":"爱丽丝"},'
    '"media":"video","state":"pending","createdAt":"2026-03-01T12:00:00.250000Z","isPresent":true,"note":"","expiresAt":null,'
    '"endedAt":null,"operator":null,"cause":null,"reason":null,"answerNote":"","seatIndex":-1,"extraInfo":"",'
    '"refusals":0,"spokenS":0,"locked":[],"limitS":0}'
)
CONNECTED = v.ConnectedUser(
    user_id="host",
    user_name="Host",
    seat_index=0,
    connection_id="c1",
    media=w.LinkMedia.AUDIO,
    state=w.ConnectionState.LIVE,
    microphone=w.DeviceState.OPEN,
    camera=w.DeviceState.CLOSED,
    since=NOW,
)
CONNECTED_JSON = (
    '{"userId":"host","userName":"Host","seatIndex":0,"connectionId":"c1","media":"audio","state":"live",'
    '"microphone":"open","camera":"closed","since":"2026-03-01T12:00:00.250000Z","deadline":null,'
    '"screen":"closed","stalled":[],"isBackstage":false,"isReady":false,"endsAt":null,"asks":null,"asked":null}'
)
OPTIONS_JSON = (
    '{"title":"Show","cover":"","layout":"600","seatCount":9,"seatMode":"apply","isPaused":false,'
    '"isAutoAccepting":false,"queueOrder":"arrival","requestTimeoutS":60,"needsLogin":false,"minStayS":0,'
    '"maxTurns":0,"isAudioOnly":false,"timeLimitS":0,"isRotating":false,"hasBackstage":false,"keepOwnerOnSeat":true,'
    '"hostAwayS":120,"isCarriedOn":false}'
)
NOTHING = (
    '"connection":null,"accepted":null,"left":null,"link":null,"sanction":null,"summary":null,"viewers":null,"missed":null,'
    '"sdp":null,"watchId":null,"slots":null,"pictures":null,"iceServers":null,"health":null'
)


def test_a_reply() -> None:
    assert encode(Reply(ref="1", seq=4)).decode() == '{"type":"reply","ref":"1","seq":4,"result":null,"error":null}'


def test_a_reply_with_request_and_error() -> None:
    error = v.error_info(ErrorCode.ALREADY_PENDING)
    frame = encode(Reply(ref="1", seq=4, result=v.Result(request=REQUEST), error=error))
    assert frame.decode() == (
        '{"type":"reply","ref":"1","seq":4,"result":{"request":' + REQUEST_JSON + "," + NOTHING + "},"
        '"error":{"code":"ALREADY_PENDING","number":100102,'
        '"message":"There is an open request already; it is in the result.","temporary":false,"details":{}}}'
    )


def test_an_error_with_details() -> None:
    error = v.error_info(ErrorCode.ALREADY_HANDLED, {"outcome": "accepted", "by": None})
    assert encode(Reply(ref=None, seq=0, error=error)).decode() == (
        '{"type":"reply","ref":null,"seq":0,"result":null,"error":{"code":"ALREADY_HANDLED","number":-2311,"message":'
        '"This request was handled already; the details say how and by whom.","temporary":false,'
        '"details":{"outcome":"accepted","by":null}}}'
    )


def test_a_snapshot() -> None:
    info = v.LiveInfo(
        room_id="show", status=w.RoomStatus.LIVE, host=HOST, options=v.RoomOptions(title="Show"), seat_count=9
    )
    snapshot = Snapshot(
        version=w.WIRE_VERSION,
        seq=7,
        epoch="e1",
        server_time=NOW,
        info=info,
        connected_users=(CONNECTED,),
        seats=(v.SeatInfo(seat_index=0, user_id="host"), v.SeatInfo(seat_index=1, is_camera_locked=True)),
        metadata={"topic": "songs"},
        viewer_count=12,
        media=v.MediaInfo(family="sdp", generation=2, is_up=True),
        role=w.Role.AUDIENCE,
        me=v.MyState(user=ALICE, request=REQUEST, place=1),
    )
    assert encode(snapshot).decode() == (
        '{"type":"snapshot","version":1,"seq":7,"epoch":"e1","serverTime":"2026-03-01T12:00:00.250000Z",'
        '"info":{"roomId":"show","status":"live","host":{"userId":"host","userName":"Host"},"options":'
        + OPTIONS_JSON
        + ',"seatCount":9,"moderators":[],"spotlight":null,"liveSince":null,"endedAt":null,"endReason":null,'
        '"hostAwayUntil":null},"connectedUsers":[' + CONNECTED_JSON + '],"seats":['
        '{"seatIndex":0,"userId":"host","isLocked":false,"isMicrophoneLocked":false,"isCameraLocked":false},'
        '{"seatIndex":1,"userId":"","isLocked":false,"isMicrophoneLocked":false,"isCameraLocked":true}],'
        '"metadata":{"topic":"songs"},"viewerCount":12,'
        '"media":{"family":"sdp","generation":2,"isUp":true,"hasRelay":false},"role":"audience",'
        '"me":{"user":{"userId":"alice","userName":"爱丽丝"},"request":' + REQUEST_JSON + ',"place":1,'
        '"connection":null,"lastRequest":null,"lastConnection":null,"canApplyAt":null,'
        '"likelyAt":null,"isModerator":null,"bar":null,"locked":[],"window":null},'
        '"requests":null,"sanctions":null,"links":null}'
    )


def test_callbacks_of_one_change() -> None:
    frame = Callbacks(
        lane=cb.Lane.STAFF,
        seq=8,
        server_time=NOW,
        callbacks=(cb.OnRequestsUpdated(requests=(REQUEST,)), cb.OnUserConnectionRequest(request=REQUEST)),
    )
    assert encode(frame).decode() == (
        '{"type":"callbacks","lane":"staff","seq":8,"serverTime":"2026-03-01T12:00:00.250000Z","callbacks":['
        '{"type":"onRequestsUpdated","requests":[' + REQUEST_JSON + "]},"
        '{"type":"onUserConnectionRequest","request":' + REQUEST_JSON + '}],"after":null}'
    )


def test_a_sampled_state_belongs_to_no_change() -> None:
    frame = Callbacks(lane=cb.Lane.ROOM, seq=None, server_time=NOW, callbacks=(cb.OnRoomUserCountChanged(count=2000),))
    assert encode(frame).decode() == (
        '{"type":"callbacks","lane":"room","seq":null,"serverTime":"2026-03-01T12:00:00.250000Z",'
        '"callbacks":[{"type":"onRoomUserCountChanged","count":2000}],"after":null}'
    )


BAR = v.SanctionInfo(
    sanction_id="x4",
    kind=w.SanctionKind.MIC_BAR,
    user=ALICE,
    operator=HOST,
    created_at=NOW,
    until=None,
    reason=w.RemovalReason.SOUND,
    note="hum",
    appeal="fixed",
)
BAR_JSON = (
    '{"sanctionId":"x4","kind":"mic_bar","user":{"userId":"alice","userName":"爱丽丝"},'
    '"operator":{"userId":"host","userName":"Host"},"createdAt":"2026-03-01T12:00:00.250000Z","until":null,'
    '"reason":"sound","note":"hum","appeal":"fixed"}'
)
LINK = v.InviteLinkInfo(link_id="l5", media=w.LinkMedia.AUDIO, uses_left=2, expires_at=NOW, operator=HOST)
LAST = v.LastConnection(seat_index=3, end_reason=w.ConnectionEnd.TERMINATED, ended_at=NOW, operator=HOST)
CALLBACKS: list[tuple[cb.AnyCallback, str]] = [
    (
        cb.OnUserConnectionTerminated(last_connection=LAST),
        '{"type":"onUserConnectionTerminated","lastConnection":{"seatIndex":3,"endReason":"terminated",'
        '"endedAt":"2026-03-01T12:00:00.250000Z","operator":{"userId":"host","userName":"Host"},'
        '"reason":null,"note":""}}',
    ),
    (
        cb.OnUserConnectionExited(user=ALICE, seat_index=3, end_reason=w.ConnectionEnd.LOST),
        '{"type":"onUserConnectionExited","user":{"userId":"alice","userName":"爱丽丝"},"seatIndex":3,'
        '"endReason":"lost"}',
    ),
    (
        cb.OnLocalDeviceOpenedByAdmin(device=w.Device.CAMERA, operator=HOST),
        '{"type":"onLocalDeviceOpenedByAdmin","device":"camera","operator":{"userId":"host","userName":"Host"},'
        '"policy":"unlockOnly"}',
    ),
    (
        cb.OnLocalDeviceClosedByAdmin(device=w.Device.SCREEN, operator=HOST),
        '{"type":"onLocalDeviceClosedByAdmin","device":"screen","operator":{"userId":"host","userName":"Host"}}',
    ),
    (
        cb.OnDeviceAsked(device=w.Device.MICROPHONE, operator=HOST),
        '{"type":"onDeviceAsked","device":"microphone","operator":{"userId":"host","userName":"Host"}}',
    ),
    (
        cb.OnDeviceRequested(user=ALICE, device=w.Device.MICROPHONE),
        '{"type":"onDeviceRequested","user":{"userId":"alice","userName":"爱丽丝"},"device":"microphone"}',
    ),
    (cb.OnBarredFromMic(sanction=BAR), '{"type":"onBarredFromMic","sanction":' + BAR_JSON + "}"),
    (cb.OnKickedOutOfRoom(sanction=BAR), '{"type":"onKickedOutOfRoom","sanction":' + BAR_JSON + "}"),
    (cb.OnSanctionLifted(sanction=BAR), '{"type":"onSanctionLifted","sanction":' + BAR_JSON + "}"),
    (cb.OnSanctionsUpdated(sanctions=(BAR,)), '{"type":"onSanctionsUpdated","sanctions":[' + BAR_JSON + "]}"),
    (
        cb.OnInviteLinksUpdated(links=(LINK,)),
        '{"type":"onInviteLinksUpdated","links":[{"linkId":"l5","media":"audio","usesLeft":2,'
        '"expiresAt":"2026-03-01T12:00:00.250000Z","operator":{"userId":"host","userName":"Host"}}]}',
    ),
    (cb.OnRoomMetadataChanged(metadata={"歌": "1"}), '{"type":"onRoomMetadataChanged","metadata":{"歌":"1"}}'),
    (
        cb.OnUserVoiceVolumeChanged(volumes={"alice": 42}),
        '{"type":"onUserVoiceVolumeChanged","volumes":{"alice":42}}',
    ),
    (
        cb.OnUserNetworkQualityChanged(qualities={"alice": w.Quality.POOR}),
        '{"type":"onUserNetworkQualityChanged","qualities":{"alice":"poor"}}',
    ),
    (
        cb.OnRoomDismissed(room_id="show", reason=w.RoomEnd.HOST_AWAY),
        '{"type":"onRoomDismissed","roomId":"show","reason":"host_away"}',
    ),
]


@pytest.mark.parametrize(("moment", "text"), CALLBACKS, ids=[type(moment).__name__ for moment, _ in CALLBACKS])
def test_callbacks_in_their_frames(moment: cb.AnyCallback, text: str) -> None:
    frame = encode(Callbacks(lane=cb.Lane.ME, seq=1, after=0, server_time=NOW, callbacks=(moment,))).decode()
    assert frame.endswith('"callbacks":[' + text + '],"after":0}')


SAMPLE = Callbacks(lane=cb.Lane.ROOM, seq=None, server_time=NOW, callbacks=(cb.OnRoomUserCountChanged(count=2),))
SAMPLE_JSON = (
    '{"type":"callbacks","lane":"room","seq":null,"serverTime":"2026-03-01T12:00:00.250000Z",'
    '"callbacks":[{"type":"onRoomUserCountChanged","count":2}],"after":null}'
)


def test_frames_of_a_line_that_is_kept_whole() -> None:
    media = v.MediaInfo(family="sdp", generation=3, is_up=True)
    resumed = Resumed(seq=7, epoch="e", server_time=NOW, viewer_count=2, media=media, frames=(SAMPLE,))
    assert [encode(m).decode() for m in (Batch(frames=(SAMPLE,)), resumed, GoingAway(retry_in_ms=1500))] == [
        '{"type":"batch","frames":[' + SAMPLE_JSON + "]}",
        '{"type":"resumed","seq":7,"epoch":"e","serverTime":"2026-03-01T12:00:00.250000Z","viewerCount":2,'
        '"media":{"family":"sdp","generation":3,"isUp":true,"hasRelay":false},"frames":[' + SAMPLE_JSON + "]}",
        '{"type":"goingAway","retryInMs":1500}',
    ]
    pong = encode(Pong(ref=None, server_time=NOW, seq=7, room=6, staff=0, me=5)).decode()
    assert pong.endswith('"serverTime":"2026-03-01T12:00:00.250000Z","seq":7,"room":6,"staff":0,"me":5}')
    assert pong.startswith('{"type":"pong","ref":null,')


def test_a_part_that_was_encoded_before_is_put_in_as_it_is() -> None:
    frames: Any = encode_part((SAMPLE,))
    assert encode(Batch(frames=frames)) == encode(Batch(frames=(SAMPLE,)))


def test_every_callback_carries_the_name_of_its_type() -> None:
    for callback in cb.CALLBACK_TYPES:
        name = callback.__name__
        assert callback.__struct_config__.tag == name[0].lower() + name[1:]
        assert issubclass(callback, cb.State) != issubclass(callback, cb.Moment)


def test_every_refusal_has_a_text_and_every_text_a_refusal() -> None:
    assert set(ERRORS) == set(NUMBERS) == set(ErrorCode)
    assert all(code.name == code.value for code in ErrorCode)
    for text, temporary in ERRORS.values():
        assert text.endswith(".") and isinstance(temporary, bool)
    assert all(number < 0 or 100_000 <= number < 101_000 for number in NUMBERS.values())


def test_a_person_who_comes_from_the_seed_system_knows_the_numbers_of_the_mic_link() -> None:
    known = {
        ErrorCode.SEAT_LOCKED: 100200,
        ErrorCode.SEAT_TAKEN: 100210,
        ErrorCode.ALREADY_PENDING: 100102,
        ErrorCode.ALREADY_ON_SEAT: 100203,
        ErrorCode.SEATS_FULL: 100205,
        ErrorCode.NOT_ON_SEAT: 100206,
        ErrorCode.NO_SUCH_SEAT: -2344,
        ErrorCode.BANNED: 100016,
    }
    assert {code: v.error_info(code).number for code in known} == known


def test_every_close_code_has_a_text_and_every_text_a_close_code() -> None:
    codes = {value for name, value in vars(CloseCode).items() if name.isupper()}
    assert set(CLOSES) == codes
    assert all(code in (1001, 1009) or 4000 <= code <= 4999 for code in codes)
    assert all(text.endswith(".") and isinstance(is_passing, bool) for text, is_passing in CLOSES.values())
