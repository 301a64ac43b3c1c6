"""What the server understands: every command, every limit at its edge, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micconnect.protocol import commands as c
from micconnect.protocol.frames import BadFrame, Frame, decode
from micconnect.protocol.words import Device, LinkMedia, RejectReason, RemovalReason

GOLDEN: list[tuple[str, Any]] = [
    ('{"type":"goLive","ref":"1"}', c.GoLive()),
    ('{"type":"goLive","ref":"1","media":"audio"}', c.GoLive(LinkMedia.AUDIO)),
    ('{"type":"endLive","ref":"1"}', c.EndLive()),
    ('{"type":"leave","ref":"1"}', c.Leave()),
    ('{"type":"apply","ref":"1","media":"video"}', c.Apply(LinkMedia.VIDEO)),
    ('{"type":"apply","ref":"1","media":"audio","note":"您好","timeoutS":0}', c.Apply(LinkMedia.AUDIO, "您好", 0)),
    ('{"type":"cancelApplication","ref":"1"}', c.CancelApplication()),
    (
        '{"type":"respondToApplication","ref":"1","requestId":"r7","isAccepted":true}',
        c.RespondToApplication("r7", True),
    ),
    (
        '{"type":"respondToApplication","ref":"1","requestId":"r7","isAccepted":false,"reason":"topic","note":"no"}',
        c.RespondToApplication("r7", False, RejectReason.TOPIC, "no"),
    ),
    ('{"type":"invite","ref":"1","userId":"u9"}', c.Invite("u9")),
    (
        '{"type":"invite","ref":"1","userId":"u9","media":"audio","timeoutS":5}',
        c.Invite("u9", LinkMedia.AUDIO, 5),
    ),
    ('{"type":"cancelInvitation","ref":"1","requestId":"r7"}', c.CancelInvitation("r7")),
    ('{"type":"respondToInvitation","ref":"1","requestId":"r7","isAccepted":true}', c.RespondToInvitation("r7", True)),
    (
        '{"type":"respondToInvitation","ref":"1","requestId":"r7","isAccepted":true,"media":"audio"}',
        c.RespondToInvitation("r7", True, LinkMedia.AUDIO),
    ),
    ('{"type":"leaveSeat","ref":"1"}', c.LeaveSeat()),
    ('{"type":"disconnectUser","ref":"1","userId":"u9"}', c.DisconnectUser("u9")),
    (
        '{"type":"disconnectUser","ref":"1","userId":"u9","reason":"conduct","note":"bye"}',
        c.DisconnectUser("u9", RemovalReason.CONDUCT, "bye"),
    ),
    ('{"type":"setDevice","ref":"1","device":"camera","isOpen":false}', c.SetDevice(Device.CAMERA, False)),
    (
        '{"type":"lockDevice","ref":"1","userId":"u9","device":"microphone","isLocked":true}',
        c.LockDevice("u9", Device.MICROPHONE, True),
    ),
    ('{"type":"hello","ref":"1","ticket":"t","versions":[1]}', c.Hello("t", (1,))),
    ('{"type":"ping","ref":"1"}', c.Ping()),
    ('{"type":"listViewers","ref":"1","prefix":"al"}', c.ListViewers("al")),
    ('{"type":"publish","ref":"1","sdp":"v=0"}', c.Publish("v=0")),
    ('{"type":"watch","ref":"1"}', c.Watch()),
    ('{"type":"answer","ref":"1","watchId":"w","sdp":"v=0"}', c.Answer("w", "v=0")),
]


@pytest.mark.parametrize(("text", "message"), GOLDEN, ids=[text[:60] for text, _ in GOLDEN])
def test_every_message_has_its_frame(text: str, message: Any) -> None:
    assert decode(text) == decode(text.encode()) == Frame("1", message)


def test_the_golden_frames_cover_every_command() -> None:
    assert {type(message) for _, message in GOLDEN} >= set(c.COMMAND_TYPES)


def frame(**fields: Any) -> bytes:
    return json.dumps({"ref": "1", **fields}).encode()


def apply(**fields: Any) -> bytes:
    return frame(type="apply", **{"media": "video", **fields})


def hello(**fields: Any) -> bytes:
    return frame(type="hello", **{"ticket": "t", "versions": [1], **fields})


def publish(size: int) -> bytes:
    return frame(type="publish", sdp="v" * size)


def cancel(request_id: str) -> bytes:
    return frame(type="cancelInvitation", requestId=request_id)


WITHIN = {
    "shortest ref": apply(ref="r"),
    "longest ref": apply(ref="r" * 40),
    "longest note": apply(note="您" * 140),
    "note with line breaks": apply(note="one\ntwo\n"),
    "no wait": apply(timeoutS=0),
    "shortest wait": apply(timeoutS=5),
    "longest wait": apply(timeoutS=600),
    "the room's wait": apply(timeoutS=None),
    "longest user id": frame(type="invite", userId="u" * 64),
    "invitation without end": frame(type="invite", userId="u", timeoutS=0),
    "longest prefix": frame(type="listViewers", prefix="n" * 40),
    "longest sdp": publish(48 * 1024),
    "first request": cancel("r1"),
    "last request": cancel("r" + "9" * 18),
    "eight versions": hello(versions=[1, 2, 3, 4, 5, 6, 7, 65535]),
    "longest ticket": hello(ticket="t" * 2048),
    "longest watch id": frame(type="answer", watchId="w" * 64, sdp="v"),
}
BEYOND = {
    "empty ref": apply(ref=""),
    "ref too long": apply(ref="r" * 41),
    "ref with NUL": apply(ref="a\0"),
    "note too long": apply(note="n" * 141),
    "note with NUL": apply(note="a\0b"),
    "negative wait": apply(timeoutS=-1),
    "wait of 1 s": apply(timeoutS=1),
    "wait of 4 s": apply(timeoutS=4),
    "wait of 601 s": apply(timeoutS=601),
    "wait in halves": apply(timeoutS=5.5),
    "wait as a whole float": apply(timeoutS=5.0),
    "wait as text": apply(timeoutS="5"),
    "wait as a flag": apply(timeoutS=True),
    "invitation of 4 s": frame(type="invite", userId="u", timeoutS=4),
    "invitation of 601 s": frame(type="invite", userId="u", timeoutS=601),
    "no user": frame(type="invite", userId=""),
    "user id too long": frame(type="invite", userId="u" * 65),
    "user id with NUL": frame(type="disconnectUser", userId="\0"),
    "prefix too long": frame(type="listViewers", prefix="n" * 41),
    "prefix with NUL": frame(type="listViewers", prefix="\0"),
    "no sdp": publish(0),
    "sdp too long": publish(48 * 1024 + 1),
    "request 0": cancel("r0"),
    "request with a leading 0": cancel("r01"),
    "request without number": cancel("r"),
    "request number too long": cancel("r" + "9" * 19),
    "request with a last newline": cancel("r1\n"),
    "request with foreign digits": cancel("r\u0661"),
    "no version": hello(versions=[]),
    "nine versions": hello(versions=[1] * 9),
    "version 0": hello(versions=[0]),
    "version 65536": hello(versions=[65536]),
    "no ticket": hello(ticket=""),
    "ticket too long": hello(ticket="t" * 2049),
    "watch id too long": frame(type="answer", watchId="w" * 65, sdp="v"),
    "unknown media": apply(media="hologram"),
    "unknown device": frame(type="setDevice", device="screen", isOpen=True),
    "unknown reason": frame(type="respondToApplication", requestId="r1", isAccepted=False, reason="mood"),
    "flag as a number": frame(type="setDevice", device="camera", isOpen=1),
    "missing field": frame(type="apply"),
    "unknown field": apply(seatIndex=3),
    "snake case": frame(type="setDevice", device="camera", is_open=True),
    "unknown type": frame(type="takeSeat"),
    "a callback": frame(type="onRoomDismissed", roomId="r", reason="host"),
    "a command of ours": frame(type="tick"),
    "no type": frame(),
    "type as a number": frame(type=1),
}


@pytest.mark.parametrize("data", WITHIN.values(), ids=WITHIN.keys())
def test_at_the_limit(data: bytes) -> None:
    assert decode(data).ref


@pytest.mark.parametrize("data", BEYOND.values(), ids=BEYOND.keys())
def test_beyond_the_limit(data: bytes) -> None:
    with pytest.raises(BadFrame):
        decode(data)


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
