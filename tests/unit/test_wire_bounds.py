"""What one client may do to a server of ours: so much, so slowly, and for so long."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
import websockets.frames
from websockets.exceptions import ConnectionClosed
from websockets.server import ServerProtocol

from micconnect.protocol.codes import CloseCode
from micconnect.wire import UNSENT_MAX, Frame, http
from micconnect.wire import uvicorn as wire_uvicorn
from tests.unit.uvicorn_house import CLOSE, CONT, PING, PONG, TEXT, UPGRADE, House, Line, Scene, play, sent_frame

__all__ = ["play"]  # the fixture
Play = Callable[[Scene], None]

FLOODS = {
    "pings": sent_frame(PING, b"x" * 125) * 100,
    "pongs": sent_frame(PONG) * 1000,
    "messages": sent_frame(TEXT, b"{}") * 1000,
    "fragments": sent_frame(TEXT, b"{", is_last=False) + sent_frame(CONT, is_last=False) * 100,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_who_floods_is_cut_before_it_costs_anything(play: Play, flood: bytes) -> None:
    async def scene(house: House) -> None:
        async with house.raw() as (wire, line), house.open() as (other, client):
            flooding = asyncio.create_task(line.flood(flood))
            await asyncio.sleep(0)
            assert other.write(Frame(b"hello"))
            assert await client.recv() == "hello"
            assert await flooding < 1_000_000, "what fits into the kernel's buffers"
            assert not wire.write(Frame(b"too late"))
            assert house.messages <= wire_uvicorn.HEARD_BURST

    play(scene)


def test_who_floods_and_reads_is_told_why(play: Play) -> None:
    async def scene(house: House) -> None:
        async with house.open() as (_, client):
            with pytest.raises(ConnectionClosed):
                for _ in range(wire_uvicorn.HEARD_BURST * 2):
                    await (await client.ping())
            assert client.close_code == CloseCode.BAD_FRAMES
        async with house.open() as (_, client):
            with pytest.raises(ConnectionClosed):
                await client.send(["x"] * (wire_uvicorn.FRAGMENTS_MAX + 1))
                await client.recv()
            assert client.close_code == CloseCode.BAD_FRAMES
        async with house.open() as (_, client):
            await client.send(["x"] * (wire_uvicorn.FRAGMENTS_MAX - 1))  # and an empty one that ends the message
            await (await client.ping())
        assert house.messages == 1

    play(scene)


def test_pings_of_who_reads_nothing_are_answered_up_to_the_bound(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_uvicorn, "HEARD_BURST", 1_000_000)

    async def scene(house: House) -> None:
        async with house.raw() as (wire, line):
            unsent = wire._transport.get_write_buffer_size
            most = 0
            with pytest.raises(ConnectionError):
                for _ in range(1000):
                    await line.send(sent_frame(PING, b"x" * 125) * 100)
                    most = max(most, unsent())
                    await asyncio.sleep(0)
            assert most < UNSENT_MAX + 300_000, "the bound, and the answers to what was read at once"

    play(scene)


ENDINGS = {
    "a frame that breaks the rules": b"\xff\xff",
    "a frame that is too large": bytes((0x81, 0xFF)) + (1 << 30).to_bytes(8, "big") + bytes(4),
    "a goodbye": sent_frame(CLOSE),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_nobody_lingers_in_closing(play: Play, monkeypatch: pytest.MonkeyPatch, ending: bytes) -> None:
    monkeypatch.setattr(wire_uvicorn, "CLOSING_S", 0.3)

    async def scene(house: House) -> None:
        async with house.raw() as (wire, line):
            assert wire.write(Frame(b"x" * UNSENT_MAX))
            await line.send(ending)
            await house.still_writes.get()
            protocol = wire._protocol
            assert protocol in house.server.server_state.connections, "unsent bytes wait for the reader"
            await house.until(lambda: protocol not in house.server.server_state.connections)

    play(scene)


def test_who_vanishes_with_bytes_unread_is_cut(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_uvicorn, "CLOSING_S", 0.3)

    async def scene(house: House) -> None:
        house.server.config.ws_ping_interval = house.server.config.ws_ping_timeout = 0.2
        async with house.raw() as (wire, _):
            assert wire.write(Frame(b"x" * UNSENT_MAX))
            await house.still_writes.get()

    play(scene)


def test_of_what_comes_at_once_only_the_first_is_looked_at(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = 0
    parse = ServerProtocol.recv_frame

    def counting(protocol: ServerProtocol, frame: websockets.frames.Frame) -> None:
        nonlocal parsed
        parsed += 1
        parse(protocol, frame)

    monkeypatch.setattr(ServerProtocol, "recv_frame", counting)

    async def scene(house: House) -> None:
        async with house.raw() as (_, line):
            await line.flood(FLOODS["pongs"])

    play(scene)
    assert (
        wire_uvicorn.HEARD_BURST
        < parsed
        <= wire_uvicorn.HEARD_BURST + wire_uvicorn.PIECE_BYTES // len(sent_frame(PONG)) + 1
    )


def test_frames_before_the_handshake_is_done_end_it(play: Play) -> None:
    async def scene(house: House) -> None:
        house.accepts.clear()
        async with house.connect() as line:
            await line.send(UPGRADE + b"\r\n")
            await house.until(lambda: bool(house.server.server_state.tasks))
            await line.send(sent_frame(PING))
            assert await line.rest() == b"", "and no answer to the ping stands before the server's answer"

    play(scene)


# -- before a WebSocket, or without one
DAWDLERS = {
    "who says nothing": b"",
    "who never ends the headers": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n",
    "who never ends the handshake": UPGRADE,
    "who never ends the body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
    "who says nothing more": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
}


@pytest.mark.parametrize("said", DAWDLERS.values(), ids=DAWDLERS)
def test_s13_who_dawdles_is_cut(play: Play, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(http, "REQUEST_S", 0.5)

    async def scene(house: House) -> None:
        async with house.connect() as line:
            await line.send(said)
            drip = asyncio.create_task(dripping(line))
            answer = await line.rest()
            status = b"200" if said.endswith(b"\r\n\r\n") else b"408" if said else b""
            assert answer.startswith(b"HTTP/1.1 " + status) if said else not answer
            drip.cancel()

    async def dripping(line: Line) -> None:
        """A byte now and then, as slow clients do: `\\r\\n` counts as nothing between requests."""
        with contextlib.suppress(ConnectionError):
            while said.endswith(b"\r\n\r\n"):
                await asyncio.sleep(0.05)
                await line.send(b"\r\n")

    play(scene)


TOO_MUCH = {
    "a header without end": (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b"x" * 1000),
    "headers without end": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n" * 100),
    "a path without end": (b"GET /", b"x" * 1000),
    "a body without end": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n", b"x" * 10_000),
    "requests without end": (b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100),
}


@pytest.mark.parametrize(("start", "more"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_who_sends_without_end_is_cut(play: Play, monkeypatch: pytest.MonkeyPatch, start: bytes, more: bytes) -> None:
    monkeypatch.setattr(http, "UNREAD_S", 0.5)  # who asks without end must read the answers

    async def scene(house: House) -> None:
        async with house.connect() as line:
            await line.send(start)
            taken = await line.flood(more)
            assert taken < http.PARTING_MAX + http.BODY_MAX + 1_000_000, "and what fits into the kernel's buffers"

    play(scene)


def test_who_reads_no_answer_is_cut(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "UNREAD_S", 0.3)

    async def scene(house: House) -> None:
        house.page = b"x" * 5_000_000
        connections = house.server.server_state.connections
        async with house.connect() as line:
            await line.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            await house.until(lambda: bool(connections))
            await house.until(lambda: not connections)

    play(scene)


def test_a_websocket_outlives_the_time_of_its_request(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "REQUEST_S", 0.2)

    async def scene(house: House) -> None:
        async with house.open() as (_, client):
            await asyncio.sleep(0.5)
            await (await client.ping())

    play(scene)


def test_who_is_in_time_is_served_again_and_again(play: Play) -> None:
    async def scene(house: House) -> None:
        request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n"
        async with house.connect() as line:
            for _ in range(5):
                await line.send(request + b"\r\n" + b"x" * 40_000)
            await line.send(request + b"Connection: close\r\n\r\n" + b"x" * 40_000)
            assert (await line.rest()).count(b"HTTP/1.1 200 OK") == 6

    play(scene)
