"""The three ways to write to a socket under the same tests: our uvicorn, daphne, and a server that knows nothing of us.

Frames stay whole and in order however slowly somebody reads; who reads nothing is cut and holds up nobody.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from micconnect.protocol.codes import CloseCode
from micconnect.protocol.words import (
    FRAME_MAX_BYTES,
    METADATA_KEY_MAX_BYTES,
    METADATA_KEYS_MAX,
    METADATA_VALUE_MAX_BYTES,
    Role,
)
from tests.conftest import actor
from tests.live import WAIT_S, Client, Server, Visitor
from tests.sockets.raw import PING, PONG, TEXT, Gone, RawSocket

pytestmark = pytest.mark.parametrize("server", ["serve", "runserver", "asgi"], indirect=True, scope="session")

SLOW = actor("Slow")
VALUE = '"' * METADATA_VALUE_MAX_BYTES  # of characters that take two bytes each in JSON
CHANGES = 200


async def fill(host: Client, keys: int) -> int:
    """Makes each change of the room's metadata one large frame for everybody; returns its size in bytes."""
    entries = {f"{n}" + '"' * (METADATA_KEY_MAX_BYTES - 2): VALUE for n in range(10, 10 + keys)}
    for part in (list(entries)[::2], list(entries)[1::2]):
        await host.do("setMetadata", entries=dict.fromkeys(part, VALUE))
    return len(msgspec.json.encode(await host.callback("onRoomMetadataChanged", lambda c: len(c["metadata"]) == keys)))


@pytest.fixture
async def host(server: Server, host_visitor: Visitor, slug: str) -> Client:
    host = await Client.open(server, slug, host_visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    return host


@pytest.fixture
async def slow(server: Server, slug: str, host: Client) -> AsyncIterator[RawSocket]:
    raw = await RawSocket.open(server, slug, SLOW)
    assert (await raw.message())["type"] == "snapshot"
    yield raw
    raw.drop()


async def patiently(host: Client, kind: str, **fields: object) -> dict[str, Any]:
    """Like `do`, but waits as long as the server says that it is too fast."""
    async with asyncio.timeout(WAIT_S):
        while (reply := await host.ask(kind, **fields))["error"]:
            assert reply["error"]["code"] == "TOO_FAST", reply
            await asyncio.sleep(0.1)
    return reply["result"] or {}


async def change(host: Client, number: int) -> None:
    """One frame for everybody, as large as the metadata."""
    await patiently(host, "setMetadata", entries={"n": str(number)})


async def are_here(host: Client) -> set[str]:
    return {viewer["userName"] for viewer in (await patiently(host, "listViewers"))["viewers"]}


def numbers(frames: list[tuple[int, bytes]]) -> list[int]:
    """Which changes the frames tell of."""
    messages = [msgspec.json.decode(payload) for opcode, payload in frames if opcode == TEXT]
    callbacks = [c for message in messages for c in message.get("callbacks", ())]
    return [int(c["metadata"]["n"]) for c in callbacks if c["type"] == "onRoomMetadataChanged" and "n" in c["metadata"]]


def told(client: Client) -> list[int]:
    """The same for a client."""
    metadata = [c["metadata"] for c in client.callbacks if c["type"] == "onRoomMetadataChanged"]
    return [int(entries["n"]) for entries in metadata if "n" in entries]


async def test_s12_no_compression_is_agreed_upon_even_when_offered(slow: RawSocket) -> None:
    assert b"101" in slow.headers.split(b"\r\n")[0]
    assert b"sec-websocket-extensions" not in slow.headers.lower()


async def test_frames_stay_whole_and_in_order_for_who_reads_in_tiny_steps(host: Client, slow: RawSocket) -> None:
    size = await fill(host, METADATA_KEYS_MAX - 1)
    await change(host, -1)
    while numbers([await slow.frame()]) != [-1]:
        pass  # what came before the first that counts
    start = slow.bytes_read
    frames: list[tuple[int, bytes]] = []
    sent = half_sent = 0
    while numbers(frames)[-1:] != [CHANGES - 1]:
        while sent < CHANGES:
            in_server = sent * size - (slow.bytes_read - start) - slow.in_kernel()
            if in_server > 0:  # the kernel took a part of the last one only
                half_sent += 1
                break
            await change(host, sent)
            await slow.send_frame(PING, str(sent).encode())
            await slow.say({"type": "ping", "ref": str(sent)})
            sent += 1
        frames.append(await slow.frame())
    assert half_sent, "the kernel took everything at once, so that nothing was shown"
    assert numbers(frames) == list(range(CHANGES))
    pongs = [int(payload) for opcode, payload in frames if opcode == PONG]
    assert pongs == sorted(set(pongs)) and len(pongs) > CHANGES // 2, "the replies to pings came in between"


async def test_who_reads_nothing_is_cut_and_others_get_every_frame_whole(
    server: Server, slug: str, host: Client, slow: RawSocket
) -> None:
    other = await Client.open(server, slug, actor("Other"))
    assert await fill(host, METADATA_KEYS_MAX - 1) > 1 << 14
    sent = 0
    while "Slow" in await are_here(host):
        assert sent < CHANGES, "the server holds any number of bytes for somebody who reads nothing"
        for _ in range(10):
            await change(host, sent)
            sent += 1
    await change(host, sent)
    await other.callback("onRoomMetadataChanged", lambda c: c["metadata"].get("n") == str(sent))
    assert told(other) == list(range(sent + 1))
    frames = []
    with pytest.raises(Gone) as gone:
        while True:
            frames.append(await slow.frame())
    assert gone.value.code in (CloseCode.SLOW, None)
    assert numbers(frames) == list(range(len(numbers(frames))))


async def test_who_goes_while_all_are_told_disturbs_nobody(server: Server, slug: str, host: Client) -> None:
    other = await Client.open(server, slug, actor("Other"))
    for number in range(20):
        leaving = await Client.open(server, slug, actor(f"Leaving{number}"))
        leaving.socket.transport.abort()
        await change(host, number)
    await other.callback("onRoomMetadataChanged", lambda c: c["metadata"].get("n") == "19")
    assert told(other) == list(range(20))
    assert not [line for line in server.output if "Traceback" in line], server.output


async def test_s09_a_frame_that_is_too_large_closes_with_1009(server: Server, slug: str) -> None:
    client = await Client.open(server, slug, SLOW)
    await client.send_raw('{"type":"ping","ref":"big"' + " " * FRAME_MAX_BYTES + "}")
    assert await client.closed() == CloseCode.TOO_LARGE
