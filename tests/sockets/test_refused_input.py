"""Whatever strangers send gets its status or close code, and leaves one line in the log at most, no traceback."""

import asyncio
import base64
import os
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.live import PASSWORD, WAIT_S, Client, Server, Visitor, wait_until

pytestmark = pytest.mark.parametrize("server", ["serve"], indirect=True, scope="session")


def asks(server: Server, data: bytes) -> int:
    """Sends it over a line of its own; the status of the first answer."""
    with socket.create_connection(("127.0.0.1", server.port), WAIT_S) as line:
        line.sendall(data)
        told = line.recv(1 << 16)
        return int(told.split(b" ", 2)[1]) if told else 0


def request(first: str, *headers: str, body: bytes = b"", host: str = "localhost") -> bytes:
    lines = [f"{first} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


FORM = "Content-Type: application/x-www-form-urlencoded"
PARTS = "Content-Type: multipart/form-data; boundary=x"
NULS = r"\000" * 9
KEY = f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"
SOCKET = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", KEY)
TICKET = "POST /live/none/ticket/"
COOKIE = "Cookie: csrftoken=" + "x" * 32  # so that the form itself is looked at
LOGIN = "POST /accounts/login/"
MANY = b"&".join(b"a%d=1" % number for number in range(2000))
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'


def handshake(first: str, *headers: str) -> bytes:
    return request(first, *headers).replace(b"Connection: close", b"Connection: Upgrade")


# fmt: off
REFUSED = {
    "an unknown host": (request("GET /", host="evil.example"), 400),
    "no host at all": (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "a host that is none": (request("GET /", host="a b\\"), 400),
    "too many fields": (request(LOGIN, COOKIE, FORM, body=MANY), 400),
    "too many fields in parts": (request(LOGIN, COOKIE, PARTS, body=PART[:-7] * 2000 + PART[-7:]), 400),
    "parts without a border": (request(LOGIN, COOKIE, "Content-Type: multipart/form-data", body=b"x"), 400),
    "parts that are none": (request(LOGIN, COOKIE, PARTS, body=b"nothing of the kind"), 403),
    "a border that is none": (request(LOGIN, COOKIE, PARTS + "\xff", body=PART), 400),
    "a charset for bytes": (request(LOGIN, COOKIE, PARTS + "; charset=hex", body=PART), 415),
    "a charset that always fails": (request(LOGIN, FORM + "; charset=undefined", body=b"a=1"), 415),
    "a form of 1 MiB": (request(LOGIN, COOKIE, FORM, body=b"a=" + b"x" * (1 << 20)), 403),
    "a form of 4 MiB": (request(LOGIN, COOKIE, FORM, body=b"a=" + b"x" * ((4 << 20) - 2)), 403),
    "a form of 4 MiB and 1": (request(LOGIN, FORM, body=b"a=" + b"x" * ((4 << 20) - 1)), 413),
    "a head of 70 kB": (request("GET /", "X-A: " + "y" * 70_000), 431),
    "bad cookies": (request("GET /", 'Cookie: sessionid="\\000\\377";;=;a;\xff=\xfe; mic_guest=:::'), 200),
    "a session of NULs": (request("GET /studio/", f'Cookie: sessionid="{NULS}"'), 302),
    "a forged guest": (request(TICKET, "Cookie: mic_guest=g:\\xff:forged:x"), 403),
    "a malformed query": (request("GET /?a=%zz&%00&=&&;%ff=%fe"), 200),
    "a query of 2000 fields": (request("GET /accounts/login/?" + "&".join(f"a{n}=1" for n in range(2000))), 400),
    "NUL in a path": (request("GET /live/%00/"), 404),
    "lines in a path": (request("GET /%0d%0aSet-Cookie:x"), 404),
    "no UTF-8 in a path": (request("GET /live/%ff%fe/"), 404),
    "letters in a path": (b"GET /\xff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400),
    "ways out of the folder": (request("GET /static/../../manage.py"), 404),
    "NUL in a static file": (request("GET /static/%00"), 404),
    "a bad range": (request("GET /static/micconnect/favicon.svg", "Range: bytes=9-1,x"), 200),
    "a bad date": (request("GET /static/micconnect/favicon.svg", "If-Modified-Since: \xff"), 200),
    "a way that is not taken": (request("DELETE /"), 403),
    "a way for scripts": (request("GET /name/"), 405),
    "a way that is none": (request("BREW /"), 400),
    "all of the server": (request("OPTIONS *"), 404),
    "a tunnel": (request("CONNECT evil.example:443"), 400),
    "an origin that is none": (request(LOGIN, FORM, "Origin: http://[", body=b"a=1"), 403),
    "another origin": (request(LOGIN, FORM, "Origin: http://evil.example", body=b"a=1"), 403),
    "no token": (request(LOGIN, FORM, body=b"username=a&password=b"), 403),
    "a bad next": (request("GET /accounts/login/?next=http://["), 200),
    "no JSON": (request("POST /name/", "Content-Type: application/json", body=b"\xff{"), 403),
    "a word that is not ASCII": (request("GET /metrics", "Authorization: Bearer \xff", "Via: x"), 401),
    "a header only": (request("HEAD /livez"), 200),
    "a socket that is nowhere": (handshake("GET /ws/none", *SOCKET), 404),
    "a socket at a page": (handshake("GET /", *SOCKET), 404),
    "a socket with NUL": (handshake("GET /ws/rooms/%00/", *SOCKET), 404),
    "a socket without a key": (handshake("GET /ws/rooms/x/", *SOCKET[:2]), 400),
    "an old socket": (handshake("GET /ws/rooms/x/", SOCKET[0], "Sec-WebSocket-Version: 7", KEY), 400),
    "a socket with 9 kB": (handshake("GET /ws/rooms/x/", *SOCKET, "Cookie: " + "y" * 9000), 431),
    "a post that is a socket": (handshake("POST /ws/rooms/x/", *SOCKET), 405),
}
# fmt: on


def lines(server: Server) -> list[str]:
    """The lines of the log, once those of what was asked before are there."""
    mark = f"/mark-{time.monotonic_ns()}"
    asks(server, request(f"GET {mark}"))
    wait_until(lambda: any(mark in line for line in server.output), "the log")
    return [line for line in server.output if "/mark-" not in line]


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
def test_refused_input_gets_its_status_and_one_line_at_most(server: Server, data: bytes, status: int) -> None:
    before = len(lines(server))
    assert asks(server, data) == status
    said = lines(server)[before:]
    assert len(said) <= 1, said
    assert not any("Traceback" in line for line in said)
    assert all(re.fullmatch(r"[\x20-\x7e]*\n", line) for line in said), "nothing of a stranger's stands there raw"


@pytest.mark.parametrize(
    "frame", [b"\x81\x81\0\0\0\0\xff", b"\x01\x81\0\0\0\0\xe2\x80\x81\0\0\0\0x", b"\x83\x80\0\0\0\0"]
)
async def test_a_frame_that_is_none_closes_and_leaves_no_traceback(server: Server, slug: str, frame: bytes) -> None:
    before = len(lines(server))
    client = await Client.bare(server, slug)
    client.socket.transport.write(frame)
    assert await client.closed() in (1002, 1007)
    assert not [line for line in lines(server)[before:] if "Traceback" in line]


async def test_a_page_of_another_origin_hears_4003_and_the_log_says_what_was_compared(
    server: Server, slug: str
) -> None:
    await asyncio.sleep(1.1)  # a line about another one may have been written just now
    before = len(lines(server))
    client = await Client.bare(server, slug, origin=f"http://evil.example:{server.port}")
    assert await client.closed() == 4003
    wait_until(lambda: len(lines(server)) > before, "the line of the log")
    (line,) = lines(server)[before:]
    assert f"http://evil.example:{server.port}" in line and f"http://127.0.0.1:{server.port}" in line
    await asyncio.sleep(1.1)  # the next line about another one may be written


def test_the_reason_why_a_form_was_not_taken_is_the_true_one(server: Server) -> None:
    visitor = Visitor(server)
    assert "NO_COOKIE" in visitor._open(_form(server, {}))[1]
    visitor.get("/accounts/login/")
    assert "OUT_OF_DATE" in visitor._open(_form(server, {}))[1]
    assert "FORBIDDEN_ORIGIN" in visitor._open(_form(server, {"Origin": "http://evil.example"}))[1]


def _form(server: Server, headers: dict[str, str]):  # type: ignore[no-untyped-def]
    from urllib.request import Request

    return Request(server.url + "/accounts/login/", b"username=a", headers)


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """Somebody else writes to the database, and does not end."""
    line = sqlite3.connect(server.data / "db.sqlite3", isolation_level=None)
    line.execute("BEGIN IMMEDIATE")
    yield
    line.execute("ROLLBACK")
    line.close()


def test_logging_in_while_the_database_is_locked_asks_to_try_again(server: Server) -> None:
    name = f"Lou{time.monotonic_ns()}"
    Visitor(server).sign_up(name)
    visitor = Visitor(server)
    before = len(lines(server))
    with locked(server):
        for path, fields in {
            "/accounts/login/": {"username": name, "password": PASSWORD},
            "/accounts/signup/": {"username": f"{name}x", "password1": PASSWORD, "password2": PASSWORD},
        }.items():
            status, page = visitor.post(path, **fields)
            assert status == 503 and "try again" in page.lower(), page
            assert visitor.get("/livez")[0] == 200
    said = lines(server)[before:]
    assert all("the database is busy or away" in line for line in said), said  # the clock of the rooms says so as well
