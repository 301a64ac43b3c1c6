"""Every limit of the language at its edge: what just fits, and the same with one more."""

import json
from typing import Any

import pytest

from micconnect.protocol import words as w
from micconnect.protocol.frames import BadFrame, decode


def frame(**fields: Any) -> bytes:
    return json.dumps({"ref": "1", **fields}).encode()


def apply(**fields: Any) -> bytes:
    return frame(type="apply", **{"media": "video", **fields})


def invite(**fields: Any) -> bytes:
    return frame(type="invite", **{"userId": "u", **fields})


def hello(**fields: Any) -> bytes:
    return frame(type="hello", **{"ticket": "t", "versions": [1], **fields})


def place(**fields: Any) -> dict[str, Any]:
    return {"epoch": "e", "userId": "u", "role": "audience", "room": 1, "staff": 0, "me": 0, **fields}


def update(**fields: Any) -> bytes:
    return frame(type="updateRoom", **fields)


def metadata(entries: object) -> bytes:
    return frame(type="setMetadata", entries=entries)


def link(**fields: Any) -> bytes:
    return frame(type="createInviteLink", **fields)


def publish(size: int) -> bytes:
    return frame(type="publish", sdp="v" * size)


def cancel(request_id: str) -> bytes:
    return frame(type="cancelInvitation", requestId=request_id)


def ban(**fields: Any) -> bytes:
    return frame(type="banUser", userId="u", **fields)


def limit_s(seconds: int) -> bytes:
    return frame(type="setTimeLimit", userId="u", seconds=seconds)


WITHIN = {
    "shortest ref": apply(ref="r"),
    "longest ref": apply(ref="r" * 40),
    "longest note": apply(note="您" * 140),
    "note with line breaks": apply(note="one\ntwo\n"),
    "longest note that grows in normal form": apply(note="\u0958" * 70),
    "no wait": apply(timeoutS=0),
    "shortest wait": apply(timeoutS=5),
    "longest wait": apply(timeoutS=600),
    "the room's wait": apply(timeoutS=None),
    "any seat": apply(seatIndex=-1),
    "last seat": apply(seatIndex=9),
    "longest extra information": apply(extraInfo="x" * 900),
    "longest extra information in Chinese": apply(extraInfo="您" * 300),
    "longest extra information in pictures": invite(extraInfo="👩" * 225),
    "longest user id": invite(userId="u" * 64),
    "invitation without end": invite(timeoutS=0),
    "longest prefix": frame(type="listViewers", prefix="n" * 40),
    "longest sdp": publish(48 * 1024),
    "first request": cancel("r1"),
    "last request": cancel("r" + "9" * 18),
    "first link": frame(type="revokeInviteLink", linkId="l1"),
    "first sanction": frame(type="liftSanction", sanctionId="x1"),
    "eight versions": hello(versions=[1, 2, 3, 4, 5, 6, 7, 65535]),
    "longest ticket": hello(ticket="t" * 2048),
    "longest watch id": frame(type="answer", watchId="w" * 64, sdp="v"),
    "longest token": frame(type="useInviteLink", token="t" * 200),
    "shortest title": update(title="T"),
    "longest title": update(title="题" * 100),
    "no cover": update(cover=""),
    "longest cover": update(cover="https://" + "c" * 492),
    "own cover": update(cover="/media/c.png"),
    "one seat": update(seatCount=1),
    "nine seats": update(seatCount=9),
    "no stay": update(minStayS=0),
    "longest stay": update(minStayS=3600),
    "no time limit": update(timeLimitS=0),
    "shortest time limit": update(timeLimitS=10),
    "longest time limit": update(timeLimitS=4 * 3600),
    "shortest absence of the host": update(hostAwayS=30),
    "longest absence of the host": update(hostAwayS=3600),
    "waits for ever": update(requestTimeoutS=0),
    "every key that fits": metadata({f"k{n}": "v" for n in range(50)}),
    "longest key": metadata({"k" * 50: "v"}),
    "longest key in Chinese": metadata({"键" * 16 + "kk": "v"}),
    "longest value": metadata({"k": "v" * 200}),
    "longest value in Chinese": metadata({"k": "值" * 66 + "vv"}),
    "empty value": metadata({"k": ""}),
    "removal": metadata({"k": None}),
    "one use": link(uses=1),
    "most uses": link(uses=1000),
    "shortest link": link(expiresS=60),
    "longest link": link(expiresS=7 * 24 * 3600),
    "host's seat": frame(type="moveSeat", seatIndex=0),
    "shortest sanction": ban(seconds=1),
    "longest sanction": ban(seconds=366 * 24 * 3600),
    "sanction without end": ban(seconds=None),
    "no limit for one": limit_s(0),
    "shortest limit for one": limit_s(10),
    "longest limit for one": limit_s(4 * 3600),
    "one turn each": update(maxTurns=1),
    "most turns": update(maxTurns=100),
    "any number of turns": update(maxTurns=0),
    "longest appeal": frame(type="appealBar", note="您" * 140),
    "first act": frame(type="undoRejectAll", seq=1),
    "new here": hello(resume=None),
    "here before": hello(resume=place()),
    "furthest cursor": frame(type="resume", cursors=place(room=2**53 - 1)),
    "longest epoch": frame(type="resume", cursors=place(epoch="e" * 64)),
}
BEYOND = {
    "empty ref": apply(ref=""),
    "cursor beyond": frame(type="resume", cursors=place(room=2**53)),
    "negative cursor": hello(resume=place(me=-1)),
    "cursor as text": hello(resume=place(me="1")),
    "cursor of another lane": hello(resume=place(everybody=1)),
    "no such role": hello(resume=place(role="king")),
    "epoch too long": hello(resume=place(epoch="e" * 65)),
    "no cursors": frame(type="resume"),
    "ref too long": apply(ref="r" * 41),
    "ref with NUL": apply(ref="a\0"),
    "note too long": apply(note="n" * 141),
    "note with NUL": apply(note="a\0b"),
    "note that grows in normal form": apply(note="\u0958" * 71),
    "negative wait": apply(timeoutS=-1),
    "wait of 1 s": apply(timeoutS=1),
    "wait of 4 s": apply(timeoutS=4),
    "wait of 601 s": apply(timeoutS=601),
    "wait in halves": apply(timeoutS=5.5),
    "wait as a whole float": apply(timeoutS=5.0),
    "wait as text": apply(timeoutS="5"),
    "wait as a flag": apply(timeoutS=True),
    "seat below any": apply(seatIndex=-2),
    "tenth seat": apply(seatIndex=10),
    "extra information too long": apply(extraInfo="x" * 901),
    "extra information too long in Chinese": apply(extraInfo="您" * 300 + "x"),
    "extra information too long in pictures": invite(extraInfo="👩" * 225 + "x"),
    "extra information with NUL": apply(extraInfo="\0"),
    "invitation of 4 s": invite(timeoutS=4),
    "invitation of 601 s": invite(timeoutS=601),
    "no user": invite(userId=""),
    "user id too long": invite(userId="u" * 65),
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
    "a link's number for a request": cancel("l1"),
    "link with a last newline": frame(type="revokeInviteLink", linkId="l1\n"),
    "link number too long": frame(type="revokeInviteLink", linkId="l" + "9" * 19),
    "sanction with a last newline": frame(type="liftSanction", sanctionId="x1\n"),
    "sanction 0": frame(type="liftSanction", sanctionId="x0"),
    "no version": hello(versions=[]),
    "nine versions": hello(versions=[1] * 9),
    "version 0": hello(versions=[0]),
    "version 65536": hello(versions=[65536]),
    "no ticket": hello(ticket=""),
    "ticket too long": hello(ticket="t" * 2049),
    "watch id too long": frame(type="answer", watchId="w" * 65, sdp="v"),
    "no token": frame(type="useInviteLink", token=""),
    "token too long": frame(type="useInviteLink", token="t" * 201),
    "token with NUL": frame(type="useInviteLink", token="\0"),
    "title too long": update(title="t" * 101),
    "cover too long": update(cover="https://" + "c" * 493),
    "cover with NUL": update(cover="/a\0"),
    "unknown layout": update(layout="602"),
    "no seat": update(seatCount=0),
    "ten seats": update(seatCount=10),
    "negative stay": update(minStayS=-1),
    "stay too long": update(minStayS=3601),
    "time limit of 1 s": update(timeLimitS=1),
    "time limit of 9 s": update(timeLimitS=9),
    "time limit too long": update(timeLimitS=4 * 3600 + 1),
    "the host may be away for 29 s": update(hostAwayS=29),
    "the host may be away for ever": update(hostAwayS=3601),
    "requests wait 4 s": update(requestTimeoutS=4),
    "no entry": metadata({}),
    "one key too many": metadata({f"k{n}": "v" for n in range(51)}),
    "empty key": metadata({"": "v"}),
    "key too long": metadata({"k" * 51: "v"}),
    "key too long in Chinese": metadata({"键" * 17: "v"}),
    "key with NUL": metadata({"\0": "v"}),
    "value too long": metadata({"k": "v" * 201}),
    "value too long in Chinese": metadata({"k": "值" * 67}),
    "value with NUL": metadata({"k": "\0"}),
    "value that is a number": metadata({"k": 1}),
    "entries as a list": metadata([["k", "v"]]),
    "no use": link(uses=0),
    "a use too many": link(uses=1001),
    "link of 59 s": link(expiresS=59),
    "link too long": link(expiresS=7 * 24 * 3600 + 1),
    "below the host's seat": frame(type="moveSeat", seatIndex=-1),
    "sanction of 0 s": ban(seconds=0),
    "sanction too long": ban(seconds=366 * 24 * 3600 + 1),
    "negative limit for one": limit_s(-1),
    "limit for one of 9 s": limit_s(9),
    "limit for one too long": limit_s(4 * 3600 + 1),
    "negative turns": update(maxTurns=-1),
    "a turn too many": update(maxTurns=101),
    "appeal too long": frame(type="appealBar", note="n" * 141),
    "appeal with NUL": frame(type="appealBar", note="a\0"),
    "act 0": frame(type="undoRejectAll", seq=0),
    "a spotlight on nothing said": frame(type="setSpotlight"),
    "unknown media": apply(media="hologram"),
    "unknown device": frame(type="setDevice", device="speaker", isOpen=True),
    "unknown reason": frame(type="respondToApplication", requestId="r1", isAccepted=False, reason="mood"),
    "unknown policy": frame(type="moveSeat", seatIndex=1, policy="push"),
    "flag as a number": frame(type="setDevice", device="camera", isOpen=1),
    "missing field": frame(type="apply"),
    "unknown field": apply(seat=3),
    "snake case": frame(type="setDevice", device="camera", is_open=True),
    "unknown type": frame(type="kick"),
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


def test_a_text_too_long_in_bytes_is_told_by_its_field() -> None:
    with pytest.raises(BadFrame, match="`extraInfo` may hold at most 900 bytes") as caught:
        decode(apply(ref="mine", extraInfo="您" * 301))
    assert caught.value.ref == "mine"


def test_a_wait_too_short_is_told_by_its_field() -> None:
    with pytest.raises(BadFrame, match="`timeLimitS` must be 0 or at least 10"):
        decode(update(timeLimitS=9))


def test_every_layout_says_how_many_guests_it_shows() -> None:
    assert set(w.LAYOUT_SEATS) == set(w.Layout)
    assert all(1 <= seats <= w.GUESTS_MAX for seats in w.LAYOUT_SEATS.values())
    assert w.LAYOUT_SEATS[w.Layout.GRID] == 9 and w.LAYOUT_SEATS[w.Layout.FLOAT] == 6
