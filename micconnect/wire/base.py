"""What a line to one browser is to the rest of the program, and the frame that is written to it."""

import struct
from collections.abc import Callable
from functools import cached_property
from typing import Protocol

UNSENT_MAX = 256 * 1024  # bytes that may wait in our process for one socket
CLOSING_S = 10  # how long a closing socket may take its time


class Frame:
    """One outgoing text message, framed at most once for all its receivers."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    @cached_property
    def framed(self) -> bytes:
        """The payload as an unmasked, final RFC 6455 text frame."""
        size = len(self.payload)
        if size < 126:
            return bytes((0x81, size)) + self.payload
        if size < 1 << 16:
            return struct.pack("!BBH", 0x81, 126, size) + self.payload
        return struct.pack("!BBQ", 0x81, 127, size) + self.payload

    @cached_property
    def text(self) -> str:
        return self.payload.decode()


Farewell = Callable[[], Frame | None]


class Wire(Protocol):
    """The writing end of one accepted socket. Use it on the event loop's thread only."""

    farewell: Farewell | None
    """Gives the last frame, if there is one; asked when the server stops, where the server says so (uvicorn)."""

    def write(self, frame: Frame) -> bool:
        """Sends or queues the whole frame without waiting. False: the socket is closed, or was cut for being slow."""

    async def close(self, code: int) -> None:
        """Says goodbye with a close frame; harmless when the line is gone. May wait until a slow reader has read."""

    def abort(self) -> None:
        """Drops the line at once, without a close frame (it would queue behind the backlog)."""
