"""`getIceServers`: everybody in a room gets a credential of their own for the relays, the banned get none."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator

import pytest

from micconnect.protocol.codes import CloseCode
from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import Client, Server, Visitor

SECRET = "the-word-that-both-know"
URLS = ["turn:192.0.2.1:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"]


@pytest.fixture(scope="module")
def relayed() -> Iterator[Server]:
    """A server that has relays to offer."""
    running = Server(MIC_TURN_URLS=",".join(URLS), MIC_TURN_SECRET=SECRET, MIC_TURN_RELAY_ONLY="on").start()
    yield running
    running.stop()


async def test_without_relays_nothing_is_offered(server: Server, slug: str) -> None:
    alice = await Client.open(server, slug, actor("Alice"))
    assert not (await alice.frame("snapshot"))["media"]["hasRelay"]
    ice = (await alice.do("getIceServers"))["iceServers"]
    assert ice == {"urls": [], "username": "", "credential": "", "seconds": 0, "relayOnly": False}


async def test_everybody_in_the_room_gets_credentials_of_their_own(relayed: Server) -> None:
    slug = Visitor(relayed).sign_up("Hannah").new_room()
    alice = await Client.open(relayed, slug, actor("Alice"))
    assert (await alice.frame("snapshot"))["media"]["hasRelay"]
    ice = (await alice.do("getIceServers"))["iceServers"]
    proof = hmac.digest(SECRET.encode(), ice["username"].encode(), hashlib.sha1)
    assert base64.b64decode(ice["credential"]) == proof
    assert (ice["urls"], ice["seconds"], ice["relayOnly"]) == (URLS, 600, True)
    end, code = ice["username"].split(":")
    assert 0 < int(end) - time.time() <= 600
    bob = await Client.open(relayed, slug, actor("Bob"))
    other = (await bob.do("getIceServers"))["iceServers"]
    assert code not in other["username"] and other["credential"] != ice["credential"]


async def test_who_asks_again_and_again_waits_and_others_do_not(relayed: Server) -> None:
    slug = Visitor(relayed).sign_up("Hilda").new_room()
    greta, again = [await Client.open(relayed, slug, actor("Greta")) for _ in range(2)]
    replies = [await window.ask("getIceServers") for window in (greta, again) for _ in range(8)]
    refusals = [reply["error"]["code"] for reply in replies if reply["error"]]
    assert refusals == ["TOO_FAST"] * len(refusals) and len(refusals) >= 4, "counted by person, not by window"
    bob = await Client.open(relayed, slug, actor("Bert"))
    await bob.do("getIceServers")


async def test_who_is_banned_or_has_not_said_hello_gets_none(relayed: Server) -> None:
    visitor = Visitor(relayed).sign_up("Heidi")
    slug = visitor.new_room()
    host = await Client.open(relayed, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    mallory = await Client.open(relayed, slug, actor("Mallory"))
    await mallory.do("getIceServers")
    await host.do("banUser", userId="mallory")
    assert await mallory.closed() == CloseCode.REMOVED
    with pytest.raises(AssertionError, match=f"closed with {CloseCode.REMOVED}"):
        await Client.open(relayed, slug, actor("Mallory"))

    stranger = await Client.bare(relayed, slug)
    assert await stranger.refused("getIceServers") == "HELLO_FIRST"
    assert await stranger.closed() == CloseCode.LOGIN
