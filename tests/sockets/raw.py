"""A browser that reads when and as little as a test wants: frames are parsed by hand, so that a broken one shows."""

import asyncio
import base64
import os
import socket
import struct
from pathlib import Path
from typing import Any

import msgspec

from micconnect import auth
from micconnect.domain.room import Actor
from tests.live import WAIT_S, Server

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
WINDOW_BYTES = 4096  # of the receiving side, so that little fits between the two programs


class Gone(Exception):
    """The server has closed the line; `code` is that of its close frame, None when the line was dropped."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class RawSocket:
    """One WebSocket that reads only when asked to. Raises Gone from its reading methods when the server closes."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
        self.socket.setblocking(False)
        self.bytes_read = 0
        self.headers = b""

    @classmethod
    async def open(cls, server: Server, slug: str, who: Actor) -> "RawSocket":
        """Connects, offering compression as browsers do, and says hello; reads no frame yet."""
        raw = cls()
        await raw.loop.sock_connect(raw.socket, ("127.0.0.1", server.port))
        key = base64.b64encode(os.urandom(16)).decode()
        await raw._send(
            f"GET /ws/rooms/{slug}/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n".encode()
        )
        while not raw.headers.endswith(b"\r\n\r\n"):
            raw.headers += await raw._read(1)
        raw.bytes_read = 0
        await raw.say({"type": "hello", "ticket": auth.issue_ticket(slug, who), "versions": [1]})
        return raw

    async def say(self, message: dict[str, Any]) -> None:
        await self.send_frame(TEXT, msgspec.json.encode(message))

    async def send_frame(self, opcode: int, payload: bytes) -> None:
        """One final masked frame; the mask is zero, so the payload stands as it is."""
        size = len(payload)
        length = bytes((0x80 | size,)) if size < 126 else struct.pack("!BH", 0xFE, size)
        await self._send(bytes((0x80 | opcode,)) + length + bytes(4) + payload)

    async def frame(self) -> tuple[int, bytes]:
        """The next frame as (opcode, payload). Fails when it is anything but one whole, plain frame of a server."""
        head, size = await self._read(2)
        assert head & 0x80 and not head & 0x70, f"no final, uncompressed frame: {head:#x}"
        assert head & 0x0F in (TEXT, CLOSE, PING, PONG), f"no opcode of ours: {head:#x}"
        if size == 126:
            (size,) = struct.unpack("!H", await self._read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._read(8))
        payload = await self._read(size)
        if head & 0x0F == CLOSE:
            raise Gone(int.from_bytes(payload[:2], "big"))
        return head & 0x0F, payload

    async def message(self) -> dict[str, Any]:
        """The next message, past control frames."""
        while True:
            opcode, payload = await self.frame()
            if opcode == TEXT:
                return msgspec.json.decode(payload, type=dict[str, Any])

    def in_kernel(self) -> int:
        """How many bytes are on their way from the server's program to ours."""
        ours, theirs = (name[1] for name in (self.socket.getsockname(), self.socket.getpeername()))
        bytes_waiting = 0
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, _, queues, *_ = line.split()
            ports = int(local.split(":")[1], 16), int(remote.split(":")[1], 16)
            sending, received = (int(size, 16) for size in queues.split(":"))
            bytes_waiting += sending if ports == (theirs, ours) else received if ports == (ours, theirs) else 0
        return bytes_waiting

    def drop(self) -> None:
        self.socket.close()

    async def _send(self, data: bytes) -> None:
        await asyncio.wait_for(self.loop.sock_sendall(self.socket, data), WAIT_S)

    async def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            try:
                part = await asyncio.wait_for(self.loop.sock_recv(self.socket, min(700, size - len(data))), WAIT_S)
            except ConnectionError:
                part = b""
            if not part:
                raise Gone(None)
            data += part
            self.bytes_read += len(part)
        return data
