"""uvicorn: a protocol class that makes its transport known, and the writing end that uses it."""

import asyncio
import contextlib
from typing import Any, cast

import websockets.frames
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from micconnect.protocol.codes import CloseCode
from micconnect.wire.base import CLOSING_S, UNSENT_MAX, Farewell, Frame

SCOPE_KEY = "micconnect.transport"


class UvicornProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with its transport made known to the application, so that frames need no ASGI detour.

    It tells its wire whenever a write may not simply go on, so that the wire need not ask before each.
    """

    wire: "UvicornWire | None" = None
    _close_sent = False

    @property
    def close_sent(self) -> bool:
        """Whether a close frame was written, after which nothing may follow; uvicorn sets it in many places."""
        return self._close_sent

    @close_sent.setter
    def close_sent(self, is_sent: bool) -> None:
        self._close_sent = is_sent
        self._hold(is_held=is_sent)

    def _hold(self, *, is_held: bool = True) -> None:
        if self.wire:
            self.wire.is_held = is_held

    async def run_asgi(self) -> None:
        self.wire = cast(dict[str, Any], self.scope)[SCOPE_KEY] = UvicornWire(self)
        await super().run_asgi()
        self._hold()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._hold()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._hold(is_held=self.transport.is_closing() or self.close_sent)

    def eof_received(self) -> None:
        self._hold()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hold()
        super().connection_lost(exc)

    def handle_close(self, event: websockets.frames.Frame) -> None:
        """A client that says goodbye but reads nothing would hold its unsent bytes for ever."""
        self._hold()
        super().handle_close(event)
        self.loop.call_later(CLOSING_S, self.transport.abort)

    def shutdown(self) -> None:
        """Says that the server goes away, so that pages come back by themselves; uvicorn's own code means less."""
        if self.transport.is_closing():
            self.transport.abort()
            return
        if self.handshake_complete and not self.close_sent:
            if self.wire and self.wire.farewell and (frame := self.wire.farewell()):
                self.wire.write(frame)
            self.conn.send_close(CloseCode.GOING_AWAY)
            self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.GOING_AWAY})
        super().shutdown()


class UvicornWire:
    """Writes ready frames to uvicorn's transport, which hands them to the kernel at once while nothing waits.

    In a fan-out every object that is touched is a cache miss, and those are most of what a delivery costs beyond the
    kernel's write: so the way without hold-ups looks at one flag. Writing to the file descriptor ourselves measured
    no faster, and `os.write` hands the interpreter's lock to other threads at each socket.
    """

    __slots__ = ("_protocol", "_transport", "farewell", "is_held")

    def __init__(self, protocol: WebSocketsSansIOProtocol) -> None:
        self._protocol = protocol
        self._transport: asyncio.Transport = protocol.transport
        self.is_held = False
        """Closing, or with so much unsent that the bound must be asked for."""
        self.farewell: Farewell | None = None

    def write(self, frame: Frame) -> bool:
        if self.is_held and not self._may_go_on():
            return False
        self._transport.write(frame.framed)
        return True

    def _may_go_on(self) -> bool:
        if self._transport.is_closing() or self._protocol.close_sent:
            return False
        if self._transport.get_write_buffer_size() > UNSENT_MAX:
            self.abort()
            return False
        return True

    async def close(self, code: int) -> None:
        with contextlib.suppress(Exception):  # a line that was cut already
            await self._protocol.send({"type": "websocket.close", "code": code, "reason": None})

    def abort(self) -> None:
        self.is_held = True
        self._transport.abort()
