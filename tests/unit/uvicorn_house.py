"""A small application behind our uvicorn protocols in this process, and clients that do as little as they like."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from micconnect.wire import Frame, HttpProtocol, UvicornProtocol, UvicornWire, wire_for

WAIT_S = 30


class House:
    """An ASGI application behind uvicorn in this process; it keeps the wire of each socket."""

    def __init__(self) -> None:
        self.wires: asyncio.Queue[UvicornWire] = asyncio.Queue()
        self.still_writes: asyncio.Queue[bool] = asyncio.Queue()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)  # so that floods show soon
        self.messages = 0
        """How many came in, of all sockets."""
        self.accepts = asyncio.Event()
        self.accepts.set()
        self.page = b""  # empty: how long the body was
        self.asked: list[list[tuple[bytes, bytes]]] = []
        """The headers of each request."""
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        options: dict[str, Any] = {"interface": "asgi3", "lifespan": "off", "log_config": None, "ws_max_size": 65536}
        protocols: dict[str, Any] = {"ws": UvicornProtocol, "http": HttpProtocol}
        self.server = uvicorn.Server(uvicorn.Config(self.application, **protocols, **options))

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            size, message = 0, {"more_body": True}
            while message.get("more_body"):
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                size += len(message["body"])
            self.asked.append(scope["headers"])
            await self.may_answer.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": self.page or b"%d" % size})
            return
        await self.accepts.wait()
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        wire = wire_for(scope, send)
        assert isinstance(wire, UvicornWire)
        self.wires.put_nowait(wire)
        while (await receive())["type"] != "websocket.disconnect":
            self.messages += 1
        self.still_writes.put_nowait(wire.write(Frame(b"too late")))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[UvicornWire, ClientConnection]]:
        url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/"
        async with connect(url, compression=None, max_size=None, max_queue=1, close_timeout=1) as client:
            yield await self.wires.get(), client

    @staticmethod
    async def until(is_so: Callable[[], bool]) -> None:
        while not is_so():  # noqa: ASYNC110 — uvicorn's own sets tell nobody when they change
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["Line"]:
        """A TCP connection, over which nothing was said."""
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        line.setblocking(False)
        with line:
            await asyncio.get_running_loop().sock_connect(line, self.listener.getsockname())
            yield Line(line)

    @asynccontextmanager
    async def raw(self) -> AsyncIterator[tuple[UvicornWire, "Line"]]:
        """A WebSocket whose client reads nothing unless told to."""
        async with self.connect() as line:
            await line.send(UPGRADE + b"\r\n")
            yield await self.wires.get(), line


UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
CONT, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10


def sent_frame(opcode: int, payload: bytes = b"", *, is_last: bool = True) -> bytes:
    """As a client masks it, with zeros."""
    return bytes((opcode | 0x80 * is_last, 0x80 | len(payload))) + bytes(4) + payload


class Line:
    """The client's end of a connection."""

    def __init__(self, line: socket.socket) -> None:
        self.socket = line

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def flood(self, data: bytes) -> int:
        """Says the same until the server has cut the line; returns how many bytes the server took."""
        taken = 0
        try:
            while True:
                await self.send(data)
                taken += len(data)
        except ConnectionError:
            return taken

    async def some(self) -> bytes:
        """What the server says next."""
        return await asyncio.get_running_loop().sock_recv(self.socket, 1 << 16)

    async def rest(self) -> bytes:
        """What the server says until it ends the line."""
        data = b""
        with contextlib.suppress(ConnectionError):
            while part := await asyncio.get_running_loop().sock_recv(self.socket, 1 << 16):
                data += part
        return data


Scene = Callable[[House], Awaitable[None]]


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest) -> Callable[[Scene], None]:
    """Plays a scene with a running server, on either loop."""

    async def whole(scene: Scene) -> None:
        house = House()
        async with asyncio.timeout(WAIT_S):
            serving = asyncio.create_task(house.server.serve(sockets=[house.listener]))
            try:
                await scene(house)
            finally:
                house.server.should_exit = True
                house.accepts.set()
                await serving

    return lambda scene: request.param(whole(scene))
