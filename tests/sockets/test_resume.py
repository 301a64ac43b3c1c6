"""Cuts, returns and farewells over real sockets, with the server for production and the one of `runserver`."""

from typing import Any

import msgspec
import pytest

from micconnect import auth
from micconnect.domain.room import Actor
from micconnect.protocol.codes import CloseCode, ErrorCode
from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import Client, Server, Visitor

ALICE = actor("Alice")


async def live(server: Server, visitor: Visitor, slug: str) -> Client:
    host = await Client.open(server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    return host


async def returning(server: Server, slug: str, who: Actor, cursors: dict[str, Any]) -> dict[str, Any]:
    """The first frame for somebody who comes back with these cursors."""
    client = await Client.bare(server, slug)
    ticket = auth.issue_ticket(slug, who)
    await client.send_raw({"type": "hello", "ticket": ticket, "versions": [1], "resume": cursors})
    await client._wait(lambda: client.frames[:1], "the first frame")
    await client.close()
    return client.frames[0]


def place(picture: dict[str, Any], role: str = "audience") -> dict[str, Any]:
    seq = picture["seq"]
    return {
        "epoch": picture["epoch"],
        "userId": picture["me"]["user"]["userId"],
        "role": role,
        "room": seq,
        "staff": seq,
        "me": seq,
    }


async def test_who_was_cut_hears_what_was_missed_and_nothing_twice(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    alice = await Client.open(server, slug, ALICE)
    cursors = place(await alice.frame("snapshot"))
    alice.socket.transport.abort()
    await alice.reader
    await host.do("setMetadata", entries={"a": "1"})
    await host.do("setMetadata", entries={"a": "2"})
    frame = await returning(server, slug, ALICE, cursors)
    assert frame["type"] == "resumed"
    assert [(f["lane"], [c["metadata"] for c in f["callbacks"]]) for f in frame["frames"]] == [("room", [{"a": "2"}])]
    assert (await returning(server, slug, ALICE, cursors | {"epoch": "another"}))["type"] == "snapshot"
    assert (await returning(server, slug, ALICE, cursors | {"role": "moderator"}))["type"] == "snapshot"


async def test_the_queue_of_the_staff_is_replayed_to_the_staff_only(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    alice = await Client.open(server, slug, ALICE)
    before = await Client.open(server, slug, actor("Bob"))
    cursors = place(await before.frame("snapshot"))
    await alice.do("apply", media="audio", note="secret")
    viewer = await returning(server, slug, actor("Bob"), cursors)
    assert viewer["type"] == "resumed" and b"secret" not in msgspec.json.encode(viewer)
    asking = await returning(server, slug, actor("Bob"), cursors | {"role": "host"})
    assert asking["type"] == "snapshot" and asking["requests"] is None, "whoever says to be staff is not"
    ticket = host_visitor.ticket(slug, Role.HOST)[1]["ticket"]
    await host.close()
    studio = await Client.bare(server, slug)
    resume = cursors | {"role": "host", "userId": (await host.frame("snapshot"))["me"]["user"]["userId"]}
    await studio.send_raw({"type": "hello", "ticket": ticket, "versions": [1], "resume": resume})
    heard = (await studio.frame("resumed"))["frames"]
    assert "onUserConnectionRequest" in [c["type"] for f in heard if f["lane"] == "staff" for c in f["callbacks"]]


async def test_a_gap_is_asked_for_on_the_open_socket(server: Server, host_visitor: Visitor, slug: str) -> None:
    host = await live(server, host_visitor, slug)
    alice = await Client.open(server, slug, ALICE)
    cursors = place(await alice.frame("snapshot"))
    await host.do("setMetadata", entries={"a": "1"})
    pong = await alice.ask("ping")
    assert pong["room"] == pong["seq"] == cursors["room"] + 1 and pong["staff"] == 0
    await alice.send_raw({"type": "resume", "cursors": cursors})
    assert [f["seq"] for f in (await alice.frame("resumed"))["frames"]] == [pong["seq"]]
    await alice.send_raw({"type": "resume", "cursors": cursors | {"epoch": "x"}})
    await alice._wait(lambda: [f for f in alice.frames if f["type"] == "snapshot"][1:], "a second snapshot")


async def test_resume_before_hello_is_refused(server: Server, slug: str) -> None:
    client = await Client.bare(server, slug)
    cursors = {"epoch": "e", "userId": "u", "role": "audience", "room": 0, "staff": 0, "me": 0}
    await client.send_raw({"type": "resume", "cursors": cursors})
    assert (await client.frame("reply"))["error"]["code"] == ErrorCode.HELLO_FIRST
    assert await client.closed() == CloseCode.LOGIN


async def test_s10_who_goes_on_flooding_is_closed_and_others_feel_nothing(server: Server, slug: str) -> None:
    flooder, other = await Client.open(server, slug, actor("Mallory")), await Client.open(server, slug, ALICE)
    for n in range(300):
        await flooder.send_raw({"type": "ping", "ref": f"f{n}"})
    assert await flooder.closed() == CloseCode.BAD_FRAMES
    assert (await other.ask("ping"))["type"] == "pong"


@pytest.mark.parametrize("forwarded", ["192.0.2.7", "2001:db8::7"])
async def test_one_address_has_so_many_sockets_and_another_is_let_in(forwarded: str) -> None:
    own = Server("serve", MIC_SOCKETS_PER_ADDRESS="2", MIC_BEHIND_TLS_PROXY="on").start()
    try:
        headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
        clients = [await Client.bare(own, "any", additional_headers=headers) for _ in range(2)]
        third = await Client.bare(own, "any", additional_headers=headers)
        error = (await third.frame("reply"))["error"]
        assert (error["code"], error["details"]) == (ErrorCode.TOO_MANY_SOCKETS, {"per": "address"})
        assert await third.closed() == CloseCode.FULL
        other = await Client.bare(own, "any", additional_headers=headers | {"X-Forwarded-For": "192.0.2.8"})
        assert (await other.ask("ping"))["type"] == "pong"
        await clients[0].close()
        again = await Client.bare(own, "any", additional_headers=headers)
        assert (await again.ask("ping"))["type"] == "pong"
        await Client.close_all()
    finally:
        own.stop()


async def test_r15_a_server_that_stops_says_when_to_come_back() -> None:
    own = Server("serve").start()
    visitor = Visitor(own).sign_up("Hannah")
    slug = visitor.new_room()
    host = await live(own, visitor, slug)
    viewers = [await Client.open(own, slug, actor(f"V{number}")) for number in range(20)]
    own.stop()
    pauses = []
    for client in (host, *viewers):
        pauses.append((await client.frame("goingAway"))["retryInMs"])
        assert await client.closed() == CloseCode.GOING_AWAY
    assert pauses[0] <= 1000 and max(pauses[1:]) <= 21 * 20 and len(set(pauses)) == 21
