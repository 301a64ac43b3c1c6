"""The judge is judged: a client that lost, doubled or invented something is found out."""

from typing import Any
from unittest.mock import Mock

import pytest

from tests.chaos import law
from tests.chaos.counting import Statements
from tests.chaos.oracle import Entry
from tests.chaos.picture import Picture

SNAPSHOT: dict[str, Any] = {
    "seq": 4, "epoch": "e", "role": "audience", "info": {}, "connectedUsers": [], "seats": [], "metadata": {},
    "requests": None, "sanctions": None, "links": None, "me": {"isModerator": None}, "viewerCount": 1, "media": {},
}  # fmt: skip
METADATA = {"type": "onRoomMetadataChanged", "metadata": {"k": "v"}}
MOMENT = {"type": "onRoomDismissed"}


def frame(seq: int | None, after: int | None, *callbacks: dict[str, Any], lane: str = "room") -> dict[str, Any]:
    return {"type": "callbacks", "lane": lane, "seq": seq, "after": after, "callbacks": list(callbacks)}


@pytest.fixture
def picture() -> Picture:
    made = Picture()
    made.restore(SNAPSHOT)
    return made


def test_a_known_frame_is_dropped_and_a_gap_is_noticed(picture: Picture) -> None:
    assert not picture.hear(frame(4, 0, METADATA)) and picture.state["metadata"] == {}
    assert picture.hear(frame(6, 5, METADATA)) and picture.cursors["room"] == 4
    assert not picture.hear(frame(6, 4, METADATA)) and picture.cursors["room"] == 6
    assert picture.pong({"seq": 8, "room": 7, "staff": 0, "me": 0})
    assert not picture.pong({"seq": 8, "room": 6, "staff": 7, "me": 0}) and picture.cursors["me"] == 8


def test_a_picture_that_is_not_true_differs(picture: Picture) -> None:
    assert not picture.differs(SNAPSHOT)
    assert picture.differs(SNAPSHOT | {"metadata": {"k": "v"}}) == {"metadata": ({}, {"k": "v"})}
    assert "role" in picture.differs(SNAPSHOT | {"me": {"isModerator": True}})


def test_a_moment_that_was_never_heard_or_heard_twice_is_found(picture: Picture) -> None:
    follower = Mock(picture=picture)
    follower.name = "alice"
    notices = [{"lane": "room", "user_id": "", "callbacks": [METADATA, MOMENT]}]
    log = [Entry(6, "host", "endLive", "c1", 0.0, {}, notices)]
    picture.true_seq = 6
    with pytest.raises(AssertionError, match="never heard"):
        law.no_moment_lost([follower], log)
    picture.hear(frame(6, 4, METADATA, MOMENT))
    assert law.no_moment_lost([follower], log) == 1
    law.no_moment_twice([follower])
    picture.cursors["room"] = 4
    picture.hear(frame(6, 4, METADATA, MOMENT))
    with pytest.raises(AssertionError, match="twice"):
        law.no_moment_twice([follower])


def test_a_moment_is_lost_by_contract_where_a_snapshot_took_its_place(picture: Picture) -> None:
    follower = Mock(picture=picture)
    follower.name = "alice"
    log = [Entry(6, "host", "endLive", "c1", 0.0, {}, [{"lane": "room", "user_id": "", "callbacks": [MOMENT]}])]
    picture.restore(SNAPSHOT | {"seq": 7})
    picture.true_seq = 7
    assert law.no_moment_lost([follower], log) == 1


def test_an_answer_that_the_log_does_not_have_is_found() -> None:
    reply = {"type": "reply", "ref": "c1", "error": None, "seq": 1}
    follower = Mock(answered=[("c1", "apply", reply)])
    follower.name = "alice"
    assert law.no_answer_lost([follower], [Entry(1, "alice", "apply", "c1", 0.0, reply, [])]) == 1
    with pytest.raises(AssertionError, match="not in the log"):
        law.no_answer_lost([follower], [])
    with pytest.raises(AssertionError, match="but the log has"):
        law.no_answer_lost([follower], [Entry(1, "alice", "apply", "c1", 0.0, reply | {"seq": 2}, [])])


def test_statements_are_counted_however_the_bytes_are_cut() -> None:
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    hello = message(b"", (80877103).to_bytes(4, "big")) + message(b"", b"\0\3\0\0user\0x\0\0")
    data = hello + message(b"Q", b"BEGIN\0") + message(b"P", b"x") + message(b"B", b"QE") + message(b"E", b"\0") * 2
    for size in (1, 3, len(data)):
        statements = Statements()
        read = statements.watch()
        for start in range(0, len(data), size):
            read(data[start : start + size])
        assert statements.count == 3
