"""Frames, and the writing ends over servers in this process: what is written when, and what no longer is."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from functools import partial

import pytest
from websockets.exceptions import ConnectionClosed

from micconnect.protocol.codes import CloseCode
from micconnect.wire import UNSENT_MAX, AsgiWire, Frame, wire_for
from micconnect.wire.daphne import daphne_wire
from tests.unit.uvicorn_house import House, Scene, play

__all__ = ["play"]  # the fixture


# -- frames -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("size", "header"),
    [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)],
)
def test_frames_are_rfc_6455_text_frames(size: int, header: int) -> None:
    framed = Frame(b"x" * size).framed
    assert framed[0] == 0x81 and len(framed) == header + size
    length = framed[1] if header == 2 else int.from_bytes(framed[2:header], "big")
    assert length == size


# -- any ASGI server --------------------------------------------------------------------------------------------------
async def test_an_asgi_server_that_makes_the_sender_wait_has_its_socket_cut() -> None:
    sent: list[object] = []
    full = asyncio.Event()

    async def send(message: dict[str, object]) -> None:
        if len(sent) == 2:
            await full.wait()
        sent.append(message)

    wire = AsgiWire(send)
    assert [wire.write(Frame(b"{}")) for _ in range(4)] == [True, True, False, False]
    assert len(sent) == 2


async def test_an_asgi_server_whose_socket_is_gone_is_noticed() -> None:
    async def send(message: dict[str, object]) -> None:
        raise RuntimeError("closed")

    wire = AsgiWire(send)
    assert wire.write(Frame(b"{}")) is False
    await wire.close(CloseCode.SLOW)


def test_a_send_of_another_server_gets_the_writer_for_any() -> None:
    async def send(_: object, message: dict[str, object]) -> None: ...

    for of_stranger in (partial(send, object()), partial(send, asyncio.Protocol())):
        assert daphne_wire(of_stranger) is None
        assert isinstance(wire_for({}, of_stranger), AsgiWire)


# -- uvicorn ----------------------------------------------------------------------------------------------------------
def numbered(number: int, size: int) -> Frame:
    return Frame(str(number).encode().rjust(size))


def test_what_waited_comes_before_what_follows(play: Callable[[Scene], None]) -> None:
    async def scene(house: House) -> None:
        async with house.open() as (wire, client):
            unsent = wire._transport.get_write_buffer_size
            sent = times_held = 0
            heard: list[int] = []
            for _ in range(3):  # fills the kernel, a part of a frame waits; the reader comes; and again
                while unsent() == 0:
                    assert wire.write(numbered(sent, 150_000))
                    sent += 1
                times_held += wire.is_held
                assert wire.write(numbered(sent, 100))
                sent += 1
                while unsent() > 0:
                    heard.append(int(await client.recv()))
            assert wire.write(numbered(sent, 100))
            while len(heard) <= sent:
                heard.append(int(await client.recv()))
            assert heard == list(range(sent + 1))
            assert times_held and not wire.is_held

    play(scene)


def test_a_frame_above_the_bound_passes_when_nothing_waits(play: Callable[[Scene], None]) -> None:
    async def scene(house: House) -> None:
        async with house.open() as (wire, client):
            large = b"x" * 4 * UNSENT_MAX
            assert wire.write(Frame(large))
            assert not wire.write(Frame(b"one more")), "so much waits by now that the socket is cut"
            assert not wire.write(Frame(b"and more"))
            with pytest.raises(ConnectionClosed):
                await client.recv()
        async with house.open() as (wire, client):
            assert wire.write(Frame(large))
            assert await client.recv() == large.decode()

    play(scene)


def test_who_reads_nothing_is_cut_at_the_bound(play: Callable[[Scene], None]) -> None:
    async def scene(house: House) -> None:
        async with house.open() as (wire, _):
            unsent = wire._transport.get_write_buffer_size
            most = sent = 0
            while wire.write(numbered(0, 10_000)):
                most, sent = max(most, unsent()), sent + 1
                assert sent < 10_000, "there is no bound"
            assert UNSENT_MAX < most <= UNSENT_MAX + 11_000
            assert wire._transport.is_closing()

    play(scene)


def test_nothing_is_written_to_a_number_that_belongs_to_somebody_else_by_now(play: Callable[[Scene], None]) -> None:
    async def scene(house: House) -> None:
        async with house.open() as (wire, client):
            number = wire._transport.get_extra_info("socket").fileno()
            before = os.fstat(number).st_ino
            wire.abort()
            assert not wire.write(Frame(b"too late"))
            with pytest.raises(ConnectionClosed):
                await client.recv()
            pairs: list[tuple[socket.socket, socket.socket]] = []
            while not pairs or (number not in [end.fileno() for end in pairs[-1]]):
                pairs.append(socket.socketpair())
                assert len(pairs) < 1000, "the number was not given anew"
            assert os.fstat(number).st_ino != before
            assert not wire.write(Frame(b"far too late"))
            for end in pairs[-1]:
                end.setblocking(False)
                with pytest.raises(BlockingIOError):
                    end.recv(1)
            for one, other in pairs:
                one.close()
                other.close()

    play(scene)


def test_nothing_follows_a_close_frame(play: Callable[[Scene], None]) -> None:
    async def scene(house: House) -> None:
        async with house.open() as (wire, client):
            assert wire.write(Frame(b"last"))
            await wire.close(CloseCode.REMOVED)
            assert not wire.write(Frame(b"too late"))
            assert await client.recv() == "last"
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == CloseCode.REMOVED
        async with house.open() as (wire, client):
            await client.close()
            assert not wire.write(Frame(b"too late"))
            await wire.close(CloseCode.REMOVED)
        async with house.open() as (wire, client):
            reset = struct.pack("ii", 1, 0)
            client.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            client.transport.abort()
        assert [await house.still_writes.get() for _ in range(3)] == [False] * 3

    play(scene)


def test_the_farewell_stands_right_before_the_goodbye(play: Callable[[Scene], None]) -> None:
    async def scene(house: House) -> None:
        async with house.open() as (wire, client), house.open() as (_, silent):
            wire.farewell = lambda: Frame(b"come back")
            house.server.should_exit = True
            assert await client.recv() == "come back"
            for one in (client, silent):
                with pytest.raises(ConnectionClosed):
                    await one.recv()
                assert one.close_code == CloseCode.GOING_AWAY

    play(scene)
