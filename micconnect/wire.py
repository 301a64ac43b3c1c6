"""How bytes reach one socket: the server's own transport where we know it, plain ASGI otherwise.

A frame is encoded and framed once and then written to any number of sockets. Nobody is ever awaited: a socket with
more than UNSENT_MAX bytes waiting in our process is cut, and its page comes back with a snapshot. Measured reasons
are in `docs/architecture.md`.
"""

import struct
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Any, Protocol, cast

import websockets.frames
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from micconnect.protocol.codes import CloseCode

UNSENT_MAX = 256 * 1024
CLOSING_S = 10  # how long a closing socket may take its time
SCOPE_KEY = "micconnect.transport"

Send = Callable[[dict[str, Any]], Awaitable[None]]


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


class Wire(Protocol):
    """The writing end of one accepted socket. Use it on the event loop's thread only."""

    def write(self, frame: Frame) -> bool:
        """Queues the frame without waiting. False: the socket is closed, or was cut for being too slow."""

    def abort(self) -> None:
        """Drops the line at once, without a close frame (it would queue behind the backlog)."""


class UvicornProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with its transport made known to the application, so that frames need no ASGI detour."""

    async def run_asgi(self) -> None:
        cast(dict[str, Any], self.scope)[SCOPE_KEY] = UvicornWire(self)
        await super().run_asgi()

    def handle_close(self, event: websockets.frames.Frame) -> None:
        """A client that says goodbye but reads nothing would hold its unsent bytes for ever."""
        super().handle_close(event)
        self.loop.call_later(CLOSING_S, self.transport.abort)

    def shutdown(self) -> None:
        """Says that the server goes away, so that pages come back by themselves; uvicorn's own code means less."""
        if self.transport.is_closing():
            self.transport.abort()
            return
        if self.handshake_complete and not self.close_sent:
            self.conn.send_close(CloseCode.GOING_AWAY)
            self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.GOING_AWAY})
        super().shutdown()


class UvicornWire:
    """Writes ready frames straight to uvicorn's transport."""

    def __init__(self, protocol: WebSocketsSansIOProtocol) -> None:
        self._protocol = protocol

    def write(self, frame: Frame) -> bool:
        transport = self._protocol.transport
        if transport.is_closing() or self._protocol.close_sent:
            return False
        if transport.get_write_buffer_size() > UNSENT_MAX:
            transport.abort()
            return False
        transport.write(frame.framed)
        return True

    def abort(self) -> None:
        self._protocol.transport.abort()


class AsgiWire:
    """Any ASGI server, daphne among them: `send` is started and must finish without waiting.

    A server that makes the sender wait has a full buffer: the socket is cut. daphne never makes anybody wait and
    buffers without a bound, which is one reason to use it for development only.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_open = True

    def write(self, frame: Frame) -> bool:
        if not self._is_open:
            return False
        self._is_open = self._step({"type": "websocket.send", "text": frame.text})
        return self._is_open

    def abort(self) -> None:
        if self._is_open:
            self._is_open = False
            self._step({"type": "websocket.close", "code": CloseCode.SLOW})

    def _step(self, message: dict[str, Any]) -> bool:
        """Runs `send` as far as it goes without waiting; True when it went to its end."""
        step = self._send(message).__await__()
        try:
            next(step)
        except StopIteration:
            return True
        except Exception:  # the server says in its own way that the socket is gone
            return False
        step.close()
        return False


def wire_for(scope: Mapping[str, Any], send: Send) -> Wire:
    """The best writer for an accepted socket."""
    wire: Wire | None = scope.get(SCOPE_KEY)
    return wire or AsgiWire(send)
