"""Several windows of one person at a whole server: one has the seat, and nobody is closed for the others."""

from typing import Any

import pytest

from micconnect.protocol.words import WINDOW_MAX, Role
from tests.conftest import actor
from tests.live import Client, Server, Visitor

OFFER = "v=0\r\n"  # no offer that any media server takes: what is refused before it is looked at shows by the code


async def on_air(server: Server, host_visitor: Visitor, slug: str) -> tuple[Client, Client]:
    """The host in the studio, and Alice on air in her window `desk`."""
    host = await Client.open(server, slug, host_visitor.ticket(slug, Role.HOST)[1]["ticket"], "studio")
    await host.do("goLive")
    alice = await Client.open(server, slug, actor("Alice"), "desk")
    await alice.do("apply", media="video")
    await host.do("acceptNext")
    return host, alice


async def test_another_window_is_refused_with_a_word_until_it_brings_the_seat(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host, desk = await on_air(server, host_visitor, slug)
    mobile = await Client.open(server, slug, actor("Alice"), "mobile")
    assert mobile.frames[0]["me"]["window"] == "desk"
    reply = await mobile.ask("publish", sdp=OFFER)
    assert (reply["error"]["code"], reply["error"]["temporary"]) == ("OTHER_WINDOW", False)
    assert "bringHere" in reply["error"]["message"]
    assert await mobile.refused("publish", sdp=OFFER, isScreen=True) == "OTHER_WINDOW"
    assert await mobile.refused("setDevice", device="camera", isOpen=True) == "OTHER_WINDOW"
    assert await desk.refused("publish", sdp=OFFER) == "BAD_SDP"
    await mobile.do("bringHere")
    assert await desk.refused("publish", sdp=OFFER) == "OTHER_WINDOW"
    assert await mobile.refused("publish", sdp=OFFER) == "BAD_SDP"
    told = [c for c in (*host.callbacks, *desk.callbacks) if "mobile" in str(c)]
    assert {c["type"] for c in told} == {"onMyStateUpdated"} and not [c for c in host.callbacks if "mobile" in str(c)]


async def test_windows_of_the_host_stand_side_by_side_and_the_one_of_the_audience_never_publishes(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host, _ = await on_air(server, host_visitor, slug)
    studio = await Client.open(server, slug, host_visitor.ticket(slug, Role.HOST)[1]["ticket"], "studio2")
    watching = await Client.open(server, slug, host_visitor.ticket(slug)[1]["ticket"], "watching")
    assert await studio.refused("publish", sdp=OFFER) == "OTHER_WINDOW"
    assert await watching.refused("publish", sdp=OFFER) == "FORBIDDEN"
    assert await watching.refused("bringHere") == "FORBIDDEN"
    await studio.do("bringHere")
    assert await host.refused("publish", sdp=OFFER) == "OTHER_WINDOW"
    assert [client.close_code for client in (host, studio, watching)] == [None] * 3


async def test_a_window_that_was_cut_and_comes_back_changes_nothing_for_the_one_on_air(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host, desk = await on_air(server, host_visitor, slug)
    idle = await Client.open(server, slug, actor("Alice"), "idle")
    seq = (await host.ask("setReady", isReady=True))["seq"]
    for _ in range(3):
        idle.socket.transport.abort()
        idle = await Client.open(server, slug, actor("Alice"), "idle")
    assert idle.frames[0]["me"]["window"] == "desk" and desk.close_code is None
    assert await desk.refused("publish", sdp=OFFER) == "BAD_SDP"
    assert (await host.ask("setReady", isReady=True))["seq"] == seq, "not a word to the room"


async def test_a_window_that_comes_again_before_its_old_socket_is_missed_keeps_one(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    _, desk = await on_air(server, host_visitor, slug)
    again = await Client.open(server, slug, actor("Alice"), "desk")
    assert await desk.closed() == 4010
    assert await again.refused("publish", sdp=OFFER) == "BAD_SDP", "the seat is its own still"


@pytest.mark.parametrize("window", ["x" * (WINDOW_MAX + 1), "a b", "ä", "a\n", "<b>", 7, None])
async def test_a_window_is_named_by_a_few_plain_letters(server: Server, slug: str, window: Any) -> None:
    client = await Client.bare(server, slug)
    await client.send_raw({"type": "hello", "ticket": "t", "versions": [1], "windowId": window})
    assert (await client.frame("reply"))["error"]["code"] == "BAD_FRAME"


async def test_the_longest_name_of_a_window(server: Server, host_visitor: Visitor, slug: str) -> None:
    name = "Az09_-" + "x" * (WINDOW_MAX - 6)
    host = await Client.open(server, slug, host_visitor.ticket(slug, Role.HOST)[1]["ticket"], name)
    await host.do("goLive")
    assert (await host.callback("onMyStateUpdated"))["me"]["window"] == name
