"""What a socket refuses, with which code, and when it closes: bad frames, bad tickets, strangers and floods."""

import asyncio

import pytest

from micconnect import auth
from micconnect.protocol.codes import CloseCode, ErrorCode
from micconnect.protocol.words import FRAME_MAX_BYTES, Role
from tests.conftest import MALLORY, actor
from tests.live import Client, Server, Visitor


async def error(client: Client) -> str:
    """The code of the newest reply."""
    return str((await client.frame("reply"))["error"]["code"])


@pytest.mark.parametrize(
    ("ticket", "code", "close"),
    [
        ("forged", ErrorCode.BAD_TICKET, CloseCode.LOGIN),
        (auth.issue_ticket("other-room", MALLORY), ErrorCode.BAD_TICKET, CloseCode.LOGIN),
    ],
)
async def test_a_wrong_ticket_is_refused(server: Server, slug: str, ticket: str, code: str, close: int) -> None:
    client = await Client.bare(server, slug)
    await client.send_raw({"type": "hello", "ticket": ticket, "versions": [1]})
    assert await error(client) == code
    assert await client.closed() == close


async def test_s06_a_host_of_another_room_is_no_host_here(server: Server, slug: str) -> None:
    client = await Client.bare(server, slug)
    forged = actor("Mallory", Role.HOST)
    await client.send_raw({"type": "hello", "ticket": auth.issue_ticket(slug, forged), "versions": [1]})
    assert await error(client) == ErrorCode.FORBIDDEN
    assert await client.closed() == CloseCode.FORBIDDEN


@pytest.mark.parametrize("role", ["admin", "server", "clock", "media"])
async def test_s06_inner_roles_never_come_from_outside(server: Server, slug: str, role: str) -> None:
    client = await Client.bare(server, slug)
    await client.send_raw(
        {"type": "hello", "ticket": auth.issue_ticket(slug, actor("Mallory", Role(role))), "versions": [1]}
    )
    assert await client.closed() == CloseCode.LOGIN


def test_s06_only_the_host_gets_a_host_ticket(server: Server, slug: str) -> None:
    stranger = Visitor(server).sign_up("Mallory")
    status, body = stranger.ticket(slug, Role.HOST)
    assert (status, body["error"]["code"]) == (403, "FORBIDDEN")
    assert stranger.get(f"/live/{slug}/studio/")[0] == 403
    assert stranger.ticket(slug)[1]["role"] == "audience"


async def test_an_unknown_room_and_an_old_version(server: Server, slug: str) -> None:
    client = await Client.bare(server, "no-such-room")
    await client.send_raw({"type": "hello", "ticket": auth.issue_ticket("no-such-room", MALLORY), "versions": [1]})
    assert await client.closed() == CloseCode.NO_ROOM
    client = await Client.bare(server, slug)
    await client.send_raw({"type": "hello", "ticket": auth.issue_ticket(slug, MALLORY), "versions": [99]})
    assert await error(client) == ErrorCode.VERSION
    assert await client.closed() == CloseCode.VERSION


async def test_nothing_is_said_before_hello(server: Server, slug: str) -> None:
    client = await Client.bare(server, slug)
    await client.send_raw({"type": "apply", "ref": "1", "media": "video"})
    assert await error(client) == ErrorCode.HELLO_FIRST
    assert await client.closed() == CloseCode.LOGIN


BAD_FRAMES: list[str | bytes] = [
    "",
    "not json",
    "[]",
    "null",
    '"text"',
    "{}",
    '{"type":"unknown","ref":"1"}',
    '{"type":"apply","ref":"1","media":"smell"}',
    '{"type":"apply","ref":"1","media":"video","role":"host"}',
    '{"type":"apply","media":"video"}',
    '{"type":"apply","ref":"1","media":"video","note":"' + "x" * 141 + '"}',
    '{"type":"tick","ref":"1"}',
    '{"type":"mediaUp","ref":"1","number":1}',
    "[" * 50_000,
    '{"type":"apply","ref":"1","media":"video","timeoutS":1e400}',
    '{"__proto__":{"role":"host"},"type":"leave","ref":"1"}',
    b"\xff\xfe\x00binary",
]


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=range(len(BAD_FRAMES)))
async def test_s14_a_bad_frame_gets_a_coded_answer_and_changes_nothing(
    server: Server, slug: str, frame: str | bytes
) -> None:
    client = await Client.open(server, slug, MALLORY)
    await client.send_raw(frame)
    assert await error(client) == ErrorCode.BAD_FRAME
    assert (await client.ask("ping"))["type"] == "pong", "the socket lives on"


async def test_s14_after_five_bad_frames_the_socket_is_closed(server: Server, slug: str) -> None:
    client = await Client.open(server, slug, MALLORY)
    for _ in range(4):
        await client.send_raw("?")
    assert (await client.ask("ping"))["type"] == "pong", "four are forgiven"
    await client.send_raw("?")
    assert await client.closed() == CloseCode.BAD_FRAMES


async def test_s09_the_largest_frame_passes_and_one_byte_more_closes(server: Server, slug: str) -> None:
    def padded(size: int) -> str:
        frame = '{"type":"ping","ref":"big"'
        return frame + " " * (size - len(frame) - 1) + "}"

    client = await Client.open(server, slug, MALLORY)
    await client.send_raw(padded(FRAME_MAX_BYTES))
    assert (await client.frame("pong"))["ref"] == "big"
    await client.send_raw(padded(FRAME_MAX_BYTES + 1))
    assert await client.closed() == CloseCode.TOO_LARGE


async def test_the_audience_changes_the_room_only_so_often_and_the_staff_as_it_must(
    server: Server, host_visitor: Visitor
) -> None:
    slug = host_visitor.new_room()
    host = await Client.open(server, slug, host_visitor.ticket(slug, Role.HOST)[1]["ticket"])
    viewer = await Client.open(server, slug, actor("Alice"))
    await host.do("goLive")
    await host.do("updateRoom", seatMode="free")
    codes = set()
    for _ in range(20):  # burst 30, then two a second
        codes |= {((await viewer.ask(kind, **fields))["error"] or {}).get("code") for kind, fields in COMING_AND_GOING}
    assert codes >= {None, ErrorCode.TOO_FAST} and codes <= {None, ErrorCode.TOO_FAST, ErrorCode.NOT_ON_SEAT}
    for n in range(35):
        await host.do("setMetadata", entries={"n": str(n)})


COMING_AND_GOING: list[tuple[str, dict[str, str]]] = [("takeSeat", {"media": "audio"}), ("leaveSeat", {})]


async def test_floods_are_told_to_slow_down_and_others_feel_nothing(server: Server, slug: str) -> None:
    flooder, other = await Client.open(server, slug, MALLORY), await Client.open(server, slug, actor("Alice"))
    for n in range(120):
        await flooder.send_raw({"type": "ping", "ref": f"f{n}"})
    answers = await flooder._wait(lambda: [f for f in flooder.frames if f.get("ref") == "f119"], "the last answer")
    assert answers["error"]["code"] == ErrorCode.TOO_FAST if answers["type"] == "reply" else answers["type"] == "pong"
    kinds = [f["type"] for f in flooder.frames if f["type"] in ("pong", "reply")]
    assert len(kinds) == 120 and "reply" in kinds
    assert kinds[:39] == ["pong"] * 39, "a burst of forty is allowed; hello was the first"
    assert (await other.ask("ping"))["type"] == "pong"


async def test_six_windows_of_one_person_are_one_too_many(server: Server, slug: str) -> None:
    for _ in range(5):
        await Client.open(server, slug, MALLORY)
    sixth = await Client.bare(server, slug)
    await sixth.send_raw({"type": "hello", "ticket": auth.issue_ticket(slug, MALLORY), "versions": [1]})
    assert await error(sixth) == ErrorCode.TOO_MANY_SOCKETS
    assert await sixth.closed() == CloseCode.FULL


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "null", "http://127.0.0.1.evil"],
)
async def test_s01_pages_of_other_origins_are_closed(server: Server, slug: str, origin: str) -> None:
    client = await Client.bare(server, slug, origin=origin.format(port=server.port))
    assert await client.closed() == CloseCode.FORBIDDEN


async def test_s01_our_own_page_may_connect(server: Server, slug: str) -> None:
    await Client.open(server, slug, MALLORY, origin=f"HTTP://127.0.0.1:{server.port}")


async def test_s11_who_says_goodbye_and_reads_nothing_is_dropped_and_the_server_stops_cleanly() -> None:
    server = Server("serve").start()
    try:
        slug = Visitor(server).sign_up("Hannah").new_room()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        writer.write(
            f"GET /ws/rooms/{slug}/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        mask = b"\x00\x00\x00\x00"
        bad = b'{"type":"?","ref":"1"}'
        for _ in range(4):
            writer.write(bytes((0x81, 0x80 | len(bad))) + mask + bad)
        writer.write(bytes((0x88, 0x80)) + mask)
        await writer.drain()
        other = await Client.open(server, slug, MALLORY)
        await asyncio.to_thread(server.stop)
        assert await other.closed() == CloseCode.GOING_AWAY
        assert server.process.returncode == 0, server.output
        assert not [line for line in server.output if "Traceback" in line], server.output
        writer.close()
    finally:
        server.stop()
