"""What the server understands: every command and query in its frame, and nothing else."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micconnect.protocol import commands as c
from micconnect.protocol import queries as q
from micconnect.protocol import words as w
from micconnect.protocol.frames import BadFrame, Frame, decode

GOLDEN: list[tuple[str, Any]] = [
    ('{"type":"goLive","ref":"1"}', c.GoLive()),
    ('{"type":"goLive","ref":"1","media":"audio"}', c.GoLive(w.LinkMedia.AUDIO)),
    ('{"type":"endLive","ref":"1"}', c.EndLive()),
    ('{"type":"leave","ref":"1"}', c.Leave()),
    ('{"type":"carryOn","ref":"1"}', c.CarryOn()),
    ('{"type":"waitLonger","ref":"1"}', c.WaitLonger()),
    ('{"type":"undoLockAll","ref":"1","device":"microphone","seq":7}', c.UndoLockAll(w.Device.MICROPHONE, 7)),
    ('{"type":"askAllToOpen","ref":"1","device":"camera"}', c.AskAllToOpen(w.Device.CAMERA)),
    ('{"type":"updateRoom","ref":"1","isPaused":true}', c.UpdateRoom(is_paused=True)),
    ('{"type":"updateRoom","ref":"1"}', c.UpdateRoom()),
    (
        '{"type":"updateRoom","ref":"1","title":"Open mic","cover":"/a.png","layout":"601","seatCount":6,'
        '"seatMode":"free","isPaused":false,"isAutoAccepting":true,"queueOrder":"spoke_least","requestTimeoutS":0,'
        '"needsLogin":true,"minStayS":30,"isAudioOnly":true,"timeLimitS":600,"isRotating":true,"hasBackstage":true,'
        '"keepOwnerOnSeat":false,"hostAwayS":300,"isCarriedOn":true,"maxTurns":2}',
        c.UpdateRoom(
            title="Open mic",
            cover="/a.png",
            layout=w.Layout.FLOAT,
            seat_count=6,
            seat_mode=w.SeatMode.FREE,
            is_paused=False,
            is_auto_accepting=True,
            queue_order=w.QueueOrder.SPOKE_LEAST,
            request_timeout_s=0,
            needs_login=True,
            min_stay_s=30,
            is_audio_only=True,
            time_limit_s=600,
            is_rotating=True,
            has_backstage=True,
            keep_owner_on_seat=False,
            host_away_s=300,
            is_carried_on=True,
            max_turns=2,
        ),
    ),
    ('{"type":"setMetadata","ref":"1","entries":{"a":"1","b":null}}', c.SetMetadata({"a": "1", "b": None})),
    ('{"type":"apply","ref":"1","media":"video"}', c.Apply(w.LinkMedia.VIDEO)),
    (
        '{"type":"apply","ref":"1","media":"audio","note":"您好","timeoutS":0,"seatIndex":3,"extraInfo":"{}"}',
        c.Apply(w.LinkMedia.AUDIO, "您好", 0, 3, "{}"),
    ),
    ('{"type":"cancelApplication","ref":"1"}', c.CancelApplication()),
    (
        '{"type":"respondToApplication","ref":"1","requestId":"r7","isAccepted":true}',
        c.RespondToApplication("r7", True),
    ),
    (
        '{"type":"respondToApplication","ref":"1","requestId":"r7","isAccepted":true,"seatIndex":-1}',
        c.RespondToApplication("r7", True, seat_index=-1),
    ),
    (
        '{"type":"respondToApplication","ref":"1","requestId":"r7","isAccepted":false,"reason":"topic","note":"no"}',
        c.RespondToApplication("r7", False, w.RejectReason.TOPIC, "no"),
    ),
    ('{"type":"acceptNext","ref":"1"}', c.AcceptNext()),
    ('{"type":"acceptAll","ref":"1"}', c.AcceptAll()),
    ('{"type":"rejectAll","ref":"1"}', c.RejectAll()),
    ('{"type":"rejectAll","ref":"1","reason":"not_now","note":"later"}', c.RejectAll(w.RejectReason.NOT_NOW, "later")),
    ('{"type":"undoRejectAll","ref":"1","seq":12}', c.UndoRejectAll(12)),
    ('{"type":"moveToFront","ref":"1","requestId":"r7"}', c.MoveToFront("r7")),
    ('{"type":"invite","ref":"1","userId":"u9"}', c.Invite("u9")),
    (
        '{"type":"invite","ref":"1","userId":"u9","media":"audio","timeoutS":5,"seatIndex":2,"note":"come",'
        '"extraInfo":"x"}',
        c.Invite("u9", w.LinkMedia.AUDIO, 5, 2, "come", "x"),
    ),
    ('{"type":"cancelInvitation","ref":"1","requestId":"r7"}', c.CancelInvitation("r7")),
    ('{"type":"respondToInvitation","ref":"1","requestId":"r7","isAccepted":true}', c.RespondToInvitation("r7", True)),
    (
        '{"type":"respondToInvitation","ref":"1","requestId":"r7","isAccepted":true,"media":"audio"}',
        c.RespondToInvitation("r7", True, w.LinkMedia.AUDIO),
    ),
    ('{"type":"createInviteLink","ref":"1"}', c.CreateInviteLink(w.LinkMedia.VIDEO, 1, 24 * 3600)),
    (
        '{"type":"createInviteLink","ref":"1","media":"audio","uses":5,"expiresS":60}',
        c.CreateInviteLink(w.LinkMedia.AUDIO, 5, 60),
    ),
    ('{"type":"revokeInviteLink","ref":"1","linkId":"l4"}', c.RevokeInviteLink("l4")),
    ('{"type":"useInviteLink","ref":"1","token":"t"}', c.UseInviteLink("t")),
    ('{"type":"useInviteLink","ref":"1","token":"t","media":"audio"}', c.UseInviteLink("t", w.LinkMedia.AUDIO)),
    ('{"type":"takeSeat","ref":"1"}', c.TakeSeat(w.LinkMedia.VIDEO, -1)),
    ('{"type":"takeSeat","ref":"1","media":"audio","seatIndex":0}', c.TakeSeat(w.LinkMedia.AUDIO, 0)),
    (
        '{"type":"takeSeat","ref":"1","entry":"closed"}',
        c.TakeSeat(entry=w.Entry.CLOSED),
    ),
    ('{"type":"leaveSeat","ref":"1"}', c.LeaveSeat()),
    ('{"type":"bringHere","ref":"1"}', c.BringHere()),
    ('{"type":"moveSeat","ref":"1","seatIndex":4}', c.MoveSeat(4)),
    (
        '{"type":"moveSeat","ref":"1","seatIndex":4,"userId":"u9","policy":"swap"}',
        c.MoveSeat(4, "u9", w.MovePolicy.SWAP),
    ),
    ('{"type":"placeUser","ref":"1","userId":"u9"}', c.PlaceUser("u9")),
    (
        '{"type":"placeUser","ref":"1","userId":"u9","media":"audio","seatIndex":9}',
        c.PlaceUser("u9", w.LinkMedia.AUDIO, 9),
    ),
    ('{"type":"disconnectUser","ref":"1","userId":"u9"}', c.DisconnectUser("u9")),
    (
        '{"type":"disconnectUser","ref":"1","userId":"u9","reason":"conduct","note":"bye"}',
        c.DisconnectUser("u9", w.RemovalReason.CONDUCT, "bye"),
    ),
    ('{"type":"returnToQueue","ref":"1","userId":"u9","note":"again later"}', c.ReturnToQueue("u9", "again later")),
    ('{"type":"lockSeat","ref":"1","seatIndex":2}', c.LockSeat(2)),
    (
        '{"type":"lockSeat","ref":"1","seatIndex":2,"isLocked":true,"isMicrophoneLocked":false,"isCameraLocked":true}',
        c.LockSeat(2, True, False, True),
    ),
    ('{"type":"setSpotlight","ref":"1","userId":"u9"}', c.SetSpotlight("u9")),
    ('{"type":"setSpotlight","ref":"1","userId":null}', c.SetSpotlight(None)),
    ('{"type":"setTimeLimit","ref":"1","userId":"u9","seconds":10}', c.SetTimeLimit("u9", 10)),
    ('{"type":"setBackstage","ref":"1","userId":"u9","isBackstage":false}', c.SetBackstage("u9", False)),
    ('{"type":"setReady","ref":"1","isReady":true}', c.SetReady(True)),
    ('{"type":"setDevice","ref":"1","device":"screen","isOpen":false}', c.SetDevice(w.Device.SCREEN, False)),
    (
        '{"type":"lockDevice","ref":"1","userId":"u9","device":"microphone","isLocked":true}',
        c.LockDevice("u9", w.Device.MICROPHONE, True),
    ),
    ('{"type":"lockAll","ref":"1","device":"microphone","isLocked":true}', c.LockAll(w.Device.MICROPHONE, True)),
    ('{"type":"askToOpen","ref":"1","userId":"u9","device":"camera"}', c.AskToOpen("u9", w.Device.CAMERA)),
    ('{"type":"askToSpeak","ref":"1","device":"microphone"}', c.AskToSpeak(w.Device.MICROPHONE, True)),
    (
        '{"type":"askToSpeak","ref":"1","device":"microphone","isAsking":false}',
        c.AskToSpeak(w.Device.MICROPHONE, False),
    ),
    ('{"type":"setModerator","ref":"1","userId":"u9","isModerator":true}', c.SetModerator("u9", True)),
    ('{"type":"barUser","ref":"1","userId":"u9"}', c.BarUser("u9")),
    (
        '{"type":"barUser","ref":"1","userId":"u9","seconds":1,"reason":"sound","note":"n"}',
        c.BarUser("u9", 1, w.RemovalReason.SOUND, "n"),
    ),
    (
        '{"type":"banUser","ref":"1","userId":"u9","seconds":3600,"reason":"conduct","note":"n"}',
        c.BanUser("u9", 3600, w.RemovalReason.CONDUCT, "n"),
    ),
    ('{"type":"appealBar","ref":"1","note":"sorry"}', c.AppealBar("sorry")),
    ('{"type":"liftSanction","ref":"1","sanctionId":"x5"}', c.LiftSanction("x5")),
    ('{"type":"hello","ref":"1","ticket":"t","versions":[1]}', q.Hello("t", (1,))),
    (
        '{"type":"hello","ref":"1","ticket":"t","versions":[1],"windowId":"Az09_-"}',
        q.Hello("t", (1,), window_id="Az09_-"),
    ),
    ('{"type":"ping","ref":"1"}', q.Ping()),
    (
        '{"type":"resume","ref":"1","cursors":'
        '{"epoch":"e","userId":"u","role":"audience","room":7,"staff":0,"me":9007199254740991}}',
        q.Resume(q.Cursors("e", "u", w.Role.AUDIENCE, room=7, staff=0, me=(1 << 53) - 1)),
    ),
    ('{"type":"listViewers","ref":"1","prefix":"al"}', q.ListViewers("al")),
    ('{"type":"getSummary","ref":"1"}', q.GetSummary()),
    ('{"type":"listMissed","ref":"1"}', q.ListMissed()),
    ('{"type":"publish","ref":"1","sdp":"v=0"}', q.Publish("v=0")),
    ('{"type":"publish","ref":"1","sdp":"v=0","isScreen":true}', q.Publish("v=0", True)),
    ('{"type":"watch","ref":"1"}', q.Watch()),
    ('{"type":"watch","ref":"1","hasPictures":false}', q.Watch(has_pictures=False)),
    ('{"type":"getIceServers","ref":"1"}', q.GetIceServers()),
    ('{"type":"getMediaHealth","ref":"1"}', q.GetMediaHealth()),
    ('{"type":"reportLine","ref":"1","rttMs":40}', q.ReportLine(40)),
    ('{"type":"answer","ref":"1","watchId":"w","sdp":"v=0"}', q.Answer("w", "v=0")),
]


@pytest.mark.parametrize(("text", "message"), GOLDEN, ids=[text[:60] for text, _ in GOLDEN])
def test_every_message_has_its_frame(text: str, message: Any) -> None:
    assert decode(text) == decode(text.encode()) == Frame("1", message)


def test_the_golden_frames_cover_every_command() -> None:
    said = {type(message) for _, message in GOLDEN}
    assert said >= set(c.COMMAND_TYPES)
    assert said == set(get_args(q.ClientMessage))


def frame(**fields: Any) -> bytes:
    return json.dumps({"ref": "1", **fields}).encode()


@pytest.mark.parametrize("note", ["\\ud800", "\\udfff", "\\ud83d\\ud800", "\\ud800 and more text", "\\u12"])
def test_half_a_surrogate_pair_is_no_text(note: str) -> None:
    with pytest.raises(BadFrame):
        decode('{"type":"apply","ref":"1","media":"video","note":"' + note + '"}')


HOSTILE: list[bytes | str] = [
    b"",
    b" ",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b'[{"type":"ping"}]',
    b"{",
    b'{"type":"ping"',
    b'{"type":"ping"} {}',
    b'{"type":"ping",}',
    b"{'type':'ping'}",
    b'\xef\xbb\xbf{"type":"ping"}',
    b"\xff\xfe\x00",
    b'{"type":"\xc3\x28"}',
    b'{"type":"ping","ref":"\xff"}',
    b'{"type":"apply","ref":"1","media":"video","note":"\xed\xa0\x80"}',
    b'{"type":"apply","ref":"1","media":"video","note":"a\x00b"}',
    '{"type":"apply","ref":"1","media":"video","note":"\ud800"}',
    b'{"type":"apply","ref":"1","media":"video","timeoutS":NaN}',
    b'{"type":"apply","ref":"1","media":"video","timeoutS":Infinity}',
    b'{"type":"apply","ref":"1","media":"video","timeoutS":1e400}',
    b'{"type":"apply","ref":"1","media":"video","timeoutS":' + b"9" * 5000 + b"}",
    b'{"type":"hello","ticket":"t","versions":[' + b"9" * 400 + b"]}",
    b'{"type":"hello","ticket":"t","versions":[' + b"9" * 5000 + b"]}",
    b'{"__proto__":{"type":"ping"}}',
    b'{"type":"ping","__proto__":{}}',
    b'{"type":"ping","constructor":1}',
    b"[" * 200_000,
    b'{"a":' * 200_000,
    b'{"type":"ping","ref":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    b'{"type":"hello","ticket":"t","versions":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    b'{"type":"ping","ref":5,"ref":"1"}',
    b'{"type":"ping","type":"goLive"}',
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_are_refused_with_a_text_that_can_be_sent(data: bytes | str) -> None:
    with pytest.raises(BadFrame) as caught:
        decode(data)
    assert 0 < len(caught.value.text.encode()) <= 800


def test_of_two_fields_with_one_name_the_last_one_counts_as_in_javascript() -> None:
    assert decode('{"type":"leave","ref":"1","ref":"2"}') == Frame("2", c.Leave())
    assert decode('{"type":"leave","type":"leaveSeat","ref":"1"}') == Frame("1", c.LeaveSeat())


@pytest.mark.parametrize("ref", ["{}", '{"ref":null}'])
def test_a_command_needs_a_ref(ref: str) -> None:
    with pytest.raises(BadFrame) as caught:
        decode(json.dumps({"type": "leave", **json.loads(ref)}))
    assert caught.value.ref is None
    assert "`ref`" in caught.value.text


@pytest.mark.parametrize("text", ['{"type":"ping"}', '{"type":"hello","ticket":"t","versions":[1]}'])
def test_a_hello_and_a_ping_need_none(text: str) -> None:
    assert decode(text).ref is None


def test_a_bad_frame_keeps_the_ref_so_that_its_sender_can_be_answered() -> None:
    with pytest.raises(BadFrame) as caught:
        decode(frame(type="apply", ref="mine", media="hologram"))
    assert caught.value.ref == "mine"
    assert "$.media" in caught.value.text


def survives(data: bytes) -> None:
    """Bytes are a frame or a BadFrame, and never anything else."""
    try:
        decode(data)
    except BadFrame as bad:
        bad.text.encode()


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data: bytes) -> None:
    survives(data)


@given(
    data=st.sampled_from([text.encode() for text, _ in GOLDEN]),
    cuts=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 5), st.binary(max_size=5)), min_size=1, max_size=4),
)
def test_damaged_frames_are_survived(data: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    for start, length, new in cuts:
        at = start % (len(data) + 1)
        data = data[:at] + new + data[at + length :]
    survives(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(golden=st.sampled_from([text for text, _ in GOLDEN]), field=st.integers(0, 7), value=json_values)
def test_any_value_in_any_field_is_survived(golden: str, field: int, value: Any) -> None:
    fields = json.loads(golden)
    fields[list(fields)[field % len(fields)]] = value
    survives(json.dumps(fields).encode("utf-8", "surrogatepass"))
