"""HTTP as ordinary clients send it: bodies of all sizes in pieces of all sizes, many requests in one breath."""

import asyncio
import re
from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from micconnect.wire import http
from tests.unit.uvicorn_house import UPGRADE, House, Scene, play, sent_frame

__all__ = ["play"]

Play = Callable[[Scene], None]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
KIB = 1024
SIZES = [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, KIB * KIB, http.BODY_MAX - 1, http.BODY_MAX, http.BODY_MAX + 1]


def with_length(size: int, more: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n" % (more, size) + b"x" * size


def in_chunks(size: int, of: int = 7000) -> bytes:
    chunks = (min(of, size - start) for start in range(0, size, of))
    body = b"".join(b"%x\r\n%s\r\n" % (length, b"x" * length) for length in chunks)
    return b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"


async def answers(house: House, data: bytes, cuts: Iterator[int] | None = None) -> list[tuple[int, bytes]]:
    """Sends all of it, in pieces that end at `cuts`, while reading; returns status and body of each answer."""
    async with house.connect() as line:
        reading = asyncio.create_task(line.rest())
        start = 0
        for end in chain(cuts or (), [len(data)]):
            if start < end <= len(data):
                await line.send(data[start:end])
                await asyncio.sleep(0)
                start = end
        return parsed(await reading)


def parsed(told: bytes) -> list[tuple[int, bytes]]:
    """Status and body of answers that stand one behind the other."""
    found = []
    while told:
        head, _, told = told.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        length = re.search(rb"content-length: (\d+)", head)
        if b"chunked" in head:
            size, _, told = told.partition(b"\r\n")
            body, told = told[: int(size, 16)], told[int(size, 16) + len(b"\r\n0\r\n\r\n") :]
        else:
            body, told = (told[: int(length[1])], told[int(length[1]) :]) if length else (b"", told)
        found.append((status, body))
    return found


@pytest.mark.parametrize("make", [with_length, in_chunks])
@pytest.mark.parametrize("size", SIZES)
def test_a_body_comes_through_up_to_the_bound_and_beyond_it_gets_words(
    play: Play, make: Callable[[int], bytes], size: int
) -> None:
    async def scene(house: House) -> None:
        told = await answers(house, make(size) + LAST)
        if size <= http.BODY_MAX:
            assert told == [(200, b"%d" % size), (200, b"0")]
        else:
            ((status, words),) = told
            assert status == 413 and b"4194304" in words

    play(scene)


@pytest.mark.parametrize("make", [with_length, in_chunks])
@pytest.mark.parametrize("piece", [1, 1023, KIB, http.PIECE_BYTES, 64 * KIB])
def test_pieces_of_any_size_make_the_same_request(play: Play, make: Callable[[int], bytes], piece: int) -> None:
    size = 3000 if piece < 10 else 200_000

    async def scene(house: House) -> None:
        data = make(size) + make(size) + LAST
        assert await answers(house, data, iter(range(piece, len(data), piece))) == [
            (200, b"%d" % size),
            (200, b"%d" % size),
            (200, b"0"),
        ]

    play(scene)


@pytest.mark.parametrize("make", [with_length, in_chunks])
def test_a_cut_at_any_place_makes_the_same_two_requests(play: Play, make: Callable[[int], bytes]) -> None:
    data = make(70_000) + GET + LAST
    head = data.index(b"\r\n\r\n")
    places = {*range(1, head + 8), *range(len(data) - len(GET + LAST) - 8, len(data))}

    async def scene(house: House) -> None:
        for place in sorted(places):
            assert [body for _, body in await answers(house, data, iter([place]))] == [b"70000", b"0", b"0"], place

    play(scene)


@pytest.mark.parametrize("count", [1, 2, 9, 10, 57, 100])
def test_what_is_asked_in_one_breath_is_answered_in_order(play: Play, count: int) -> None:
    async def scene(house: House) -> None:
        data = b"".join(with_length(number) for number in range(1, count)) + LAST
        expected = [(200, b"%d" % number) for number in range(1, count)] + [(200, b"0")]
        for cuts in (None, iter(range(7, len(data), 7))):
            assert await answers(house, data, cuts) == expected

    play(scene)


def test_of_thousands_of_requests_at_once_few_are_kept_waiting(play: Play) -> None:
    async def scene(house: House) -> None:
        house.may_answer.clear()
        async with house.connect() as line:
            sending = asyncio.create_task(line.send(GET * 20_000 + LAST))
            await house.until(lambda: bool(house.asked))
            await asyncio.sleep(0.3)
            (protocol,) = house.server.server_state.connections
            assert isinstance(protocol, http.HttpProtocol)
            assert len(protocol.pipeline) <= http.PIECE_BYTES // len(GET) + 1
            assert len(protocol._held) <= 2 * 256 * KIB, "two reads of the kernel's"
            house.may_answer.set()
            reading = asyncio.create_task(line.rest())
            await sending
            assert (await reading).count(b"HTTP/1.1 200 OK") == 20_001

    play(scene)


BAD = {
    "no request": (b"BAD\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", 400),
    "a bad chunk": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\nz\r\n", 400),
    "a large body": (with_length(http.BODY_MAX + 1), 413),
    "a large head": (b"GET / HTTP/1.1\r\nX-A: " + b"y" * http.HEAD_MAX + b"\r\n\r\n", 431),
    "trailers without end": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-A: b\r\n" * 20_000,
        431,
    ),
    "a body for another protocol": (with_length(3, b"Connection: Upgrade\r\nUpgrade: h2c\r\n"), 400),
}


@pytest.mark.parametrize(("bad", "status"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("before", [0, 1, 9])
def test_what_is_refused_is_so_after_the_answers_that_are_due(
    play: Play, bad: bytes, status: int, before: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(house: House) -> None:
        told = await answers(house, GET * before + bad)
        assert [code for code, _ in told] == [200] * before + [status] and told[-1][1].endswith(b".\n")

    play(scene)
    (line,) = [record for record in caplog.records if record.levelname != "INFO"]
    assert not line.exc_info


@pytest.mark.parametrize("extra", [0, 1])
def test_a_head_passes_up_to_the_bound(play: Play, extra: int) -> None:
    start = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: "
    data = start + b"y" * (http.HEAD_MAX + extra - len(start) - 4) + b"\r\n\r\n"

    async def scene(house: House) -> None:
        assert [code for code, _ in await answers(house, GET + data)] == [200, 431 if extra else 200]

    play(scene)


def test_who_asks_first_whether_to_send_is_told(play: Play) -> None:
    async def scene(house: House) -> None:
        async with house.connect() as line:
            await line.send(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            assert await line.some() == b"HTTP/1.1 100 Continue\r\n\r\n"
            await line.send(b"xyz" + LAST)
            assert parsed(await line.rest()) == [(200, b"3"), (200, b"0")]
        async with house.connect() as line:
            await line.send(
                b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                % (http.BODY_MAX + 1)
            )
            assert parsed(await line.rest())[0][0] == 413

    play(scene)


def test_other_ways_to_ask(play: Play) -> None:
    async def scene(house: House) -> None:
        head = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
        assert [code for code, _ in await answers(house, head + LAST)] == [200, 200]
        for first in (
            b"OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET http://x/y HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\r\n" + GET,
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
        ):
            assert await answers(house, first + GET + LAST) == [(200, b"0")] * 3, first
        assert await answers(house, b"GET / HTTP/1.0\r\n\r\n") == [(200, b"0")]

    play(scene)


def test_what_follows_a_body_is_no_header(play: Play) -> None:
    async def scene(house: House) -> None:
        data = in_chunks(1)[:-2] + b"X-Forwarded-For: 192.0.2.1\r\n\r\n"
        assert await answers(house, data + LAST) == [(200, b"1"), (200, b"0")]
        assert b"x-forwarded-for" not in dict(house.asked[0])

    play(scene)


def test_a_websocket_waits_for_the_answers_before_it(play: Play) -> None:
    async def scene(house: House) -> None:
        async with house.connect() as line:
            await line.send(GET * 3 + UPGRADE + b"\r\n")
            told = b""
            while b" 101 " not in told:
                told += await line.some()
            assert told.count(b"HTTP/1.1 200 OK") == 3 and told.index(b" 101 ") > told.rindex(b" 200 OK")

    play(scene)


def test_a_text_that_is_no_text_ends_the_line_with_the_code_for_it(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(house: House) -> None:
        for frames in (sent_frame(1, b"\xff"), sent_frame(1, b"\xe2", is_last=False) + sent_frame(0, b"x")):
            async with house.raw() as (_, line):
                await line.send(frames)
                assert (1007).to_bytes(2, "big") in await line.rest()
        async with house.raw() as (_, line):
            await line.send(sent_frame(1, b"\xe2", is_last=False) + sent_frame(0, b"\x82\xac"))
            await house.until(lambda: house.messages == 1)

    play(scene)
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("header", [b"X-A: " + b"y" * 9000 + b"\r\n", b"X-A: y\r\n" * 200], ids=["long", "many"])
def test_a_handshake_with_too_much_is_refused_with_words(play: Play, header: bytes) -> None:
    async def scene(house: House) -> None:
        async with house.connect() as line:
            await line.send(UPGRADE + header + b"\r\n")
            assert (await line.rest()).startswith(b"HTTP/1.1 431 ")

    play(scene)


def test_who_is_refused_may_read_why_while_sending_on(play: Play) -> None:
    async def scene(house: House) -> None:
        async with house.connect() as line:
            reading: asyncio.Task[bytes] = asyncio.create_task(line.rest())
            await line.send(with_length(http.BODY_MAX + http.BODY_MAX // 2))
            assert parsed(await reading)[0][0] == 413

    play(scene)
