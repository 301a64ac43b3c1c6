"""What one hostile client may do to a serving process: nothing that others would notice."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from micconnect.protocol.codes import CloseCode, ErrorCode
from tests.conftest import ALICE, MALLORY, actor
from tests.live import WAIT_S, Client, Server
from tests.sockets.raw import CLOSE, PING, TEXT, Gone, RawSocket

pytestmark = pytest.mark.parametrize("server", ["serve"], indirect=True, scope="session")

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
FLOOD = (bytes((0x80 | PING, 0x80 | 125)) + bytes(4) + b"x" * 125) * 400
FRAGMENTS = b"\x01\x80" + bytes(4) + (b"\x00\x80" + bytes(4)) * 10_000  # of one message that never ends


def resident_bytes(server: Server) -> int:
    """How much memory the serving process takes."""
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * PAGE_BYTES


async def stranger(server: Server, slug: str) -> RawSocket:
    """A WebSocket that says no hello and reads nothing."""
    raw = RawSocket()
    await raw.loop.sock_connect(raw.socket, ("127.0.0.1", server.port))
    key = base64.b64encode(os.urandom(16)).decode()
    await raw.loop.sock_sendall(
        raw.socket,
        f"GET /ws/rooms/{slug}/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
    )
    await raw.loop.sock_recv(raw.socket, 12)  # "HTTP/1.1 101": from here on frames may be sent
    return raw


async def flood(raw: RawSocket, data: bytes) -> None:
    """Says the same until the server has cut the line."""
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                await raw.loop.sock_sendall(raw.socket, data)
    except ConnectionError:
        raw.drop()


@pytest.fixture
async def other(server: Server, slug: str) -> AsyncIterator[Client]:
    yield await Client.open(server, slug, ALICE)


@pytest.mark.parametrize("data", [FLOOD, FRAGMENTS], ids=["pings", "fragments"])
async def test_s10_floods_below_the_language_cost_no_memory_and_others_feel_nothing(
    server: Server, slug: str, other: Client, data: bytes
) -> None:
    await asyncio.gather(*[flood(await stranger(server, slug), data) for _ in range(20)])  # what is taken once and kept
    before = resident_bytes(server)
    strangers = [await stranger(server, slug) for _ in range(25)]
    people = [await RawSocket.open(server, slug, actor(f"Mallory{n}")) for n in range(25)]
    flooding = asyncio.gather(*[flood(raw, data) for raw in (*strangers, *people)])
    while not flooding.done():
        assert (await other.ask("ping"))["type"] == "pong"
        await asyncio.sleep(0.1)
    await flooding
    assert resident_bytes(server) - before < 10_000_000
    assert not [line for line in server.output if "Traceback" in line], server.output


async def test_who_asks_for_media_and_is_gone_in_the_same_moment_leaves_nothing_half_begun(
    server: Server, slug: str
) -> None:
    raw = await RawSocket.open(server, slug, MALLORY)
    assert (await raw.message())["type"] == "snapshot"
    asked = [f'{{"type":"{kind}","ref":"{kind}"}}'.encode() for kind in ("watch", "getIceServers")]
    frames = b"".join(bytes((0x80 | TEXT, 0x80 | len(text))) + bytes(4) + text for text in asked)
    await raw.loop.sock_sendall(raw.socket, frames + bytes((0x80 | CLOSE, 0x82)) + bytes(4) + b"\x03\xe8")
    with pytest.raises(Gone):
        while True:
            await raw.frame()
    raw.drop()
    other = await Client.open(server, slug, ALICE)  # a warning comes when the garbage is collected: soon, by the count
    await other.ask("ping")
    assert not [line for line in server.output if "never awaited" in line], server.output


async def test_s10_who_pings_too_often_is_told_why(server: Server, slug: str) -> None:
    client = await Client.open(server, slug, MALLORY)
    pings = [await client.socket.ping() for _ in range(300)]
    assert await client.closed() == CloseCode.BAD_FRAMES
    assert len(pings) == 300


async def test_one_network_has_one_count_and_only_trusted_proxies_name_addresses(server: Server) -> None:
    own = Server(
        "serve", MIC_SOCKETS_PER_ADDRESS="2", MIC_BEHIND_TLS_PROXY="on", MIC_TRUSTED_PROXIES="127.0.0.1,10.0.0.0/8"
    ).start()
    try:
        # the proxy at 10.0.0.7 stands before the one here; what stands left of both is the visitor's own claim
        for chain in ("127.0.0.1, 2001:db8::1, 10.0.0.7", "192.0.2.1, 2001:db8::2"):
            client = await Client.bare(own, "any", additional_headers=forwarded(chain))
            assert (await client.ask("ping"))["type"] == "pong"
        third = await Client.bare(own, "any", additional_headers=forwarded("2001:db8::3"))
        assert (await third.frame("reply"))["error"]["code"] == ErrorCode.TOO_MANY_SOCKETS
        for _ in range(3):  # a proxy of ours that asks for itself
            client = await Client.bare(own, "any", additional_headers=forwarded("10.0.0.7"))
            assert (await client.ask("ping"))["type"] == "pong"
    finally:
        await Client.close_all()
        own.stop()


def forwarded(chain: str) -> dict[str, str]:
    return {"X-Forwarded-For": chain, "X-Forwarded-Proto": "https"}
