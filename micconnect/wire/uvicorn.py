"""uvicorn: a protocol class that makes its transport known, and the writing end that uses it."""

import asyncio
import contextlib
from typing import Any, cast

import websockets.frames
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode as CloseFrameCode

from micconnect.protocol.codes import CloseCode
from micconnect.wire.base import CLOSING_S, UNSENT_MAX, Farewell, Frame
from micconnect.wire.bucket import TokenBucket

SCOPE_KEY = "micconnect.transport"

# Frames of any kind that one socket may send, pings and fragments too: far above what a page sends, whose messages
# have a smaller bucket of their own, and far below what costs anything.
HEARD_PER_S, HEARD_BURST = 40, 256
FRAGMENTS_MAX = 64  # of one message; browsers cut large messages into a few
REASON_S = 1  # how long who sends more has to hear why the line ends
PIECE_BYTES = 4096  # parsed at once: a read may hold tens of thousands of frames, which nobody has counted yet


class UvicornProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with its transport made known to the application, so that frames need no ASGI detour.

    It tells its wire whenever a write may not simply go on, so that the wire need not ask before each. What a client
    sends is bounded here, before anything else sees it: frames per second, fragments per message, unsent answers to
    pings, and the time that closing takes. Who goes beyond is cut.
    """

    wire: "UvicornWire | None" = None
    _close_sent = False
    _is_deaf = False
    _cut_timer: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heard = TokenBucket(HEARD_PER_S, HEARD_BURST, self.loop.time)

    @property
    def close_sent(self) -> bool:
        """Whether a close frame was written, after which nothing may follow; uvicorn sets it in many places."""
        return self._close_sent

    @close_sent.setter
    def close_sent(self, is_sent: bool) -> None:
        self._close_sent = is_sent
        self._hold(is_held=is_sent)
        if is_sent:
            self._cut_soon()

    def _hold(self, *, is_held: bool = True) -> None:
        if self.wire:
            self.wire.is_held = is_held

    def _cut_soon(self) -> None:
        """However the line is closing: a client that reads nothing would hold it and its unsent bytes for ever."""
        if self._cut_timer is None and not self.disconnected:
            self._cut_timer = self.loop.call_later(CLOSING_S, self.transport.abort)

    async def run_asgi(self) -> None:
        self.wire = cast(dict[str, Any], self.scope)[SCOPE_KEY] = UvicornWire(self)
        await super().run_asgi()
        self._hold()
        self._cut_soon()

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
        if self._cut_timer:
            self._cut_timer.cancel()

    # -- what a client sends
    def data_received(self, data: bytes) -> None:
        """In pieces, so that who sends too much is cut before all of it was parsed."""
        for start in range(0, len(data), PIECE_BYTES):
            if self._is_deaf or self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE_BYTES])
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            self._refuse_handshake()

    def _refuse_handshake(self) -> None:
        """A head that HTTP takes and the library of sockets does not, say a cookie of 9 KiB: it has an answer ready."""
        self._is_deaf = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()

    def send_receive_event_to_app(self) -> None:
        """Text that is none ends the line with the code that RFC 6455 has for it."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self._is_deaf = True
                self.conn.fail(CloseFrameCode.INVALID_DATA, "a text that is no UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_events(self) -> None:
        """One by one, so that nothing is done any more for who was cut."""
        events, self.conn.events = self.conn.events, []
        if events and self.handshake_initiated and not (self.handshake_complete and self._heard.take(len(events))):
            self._cut_flooder()
        for event in events:
            if self._is_deaf or self.transport.is_closing():
                return
            self.conn.events = [event]
            super().handle_events()

    def handle_cont(self, event: websockets.frames.Frame) -> None:
        if len(self.frames) >= FRAGMENTS_MAX:
            self._cut_flooder()
        else:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answers, unless so much is unsent already that the client does not read."""
        if self.transport.get_write_buffer_size() > UNSENT_MAX:
            self.transport.abort()
        else:
            super().handle_ping()

    def handle_close(self, event: websockets.frames.Frame) -> None:
        self._hold()
        super().handle_close(event)
        self._cut_soon()

    def _cut_flooder(self) -> None:
        """Says why, where it may still be said, and listens no more.

        The line stays for a moment: closing it with bytes unread would take the reason away from who sent them.
        """
        if not self.handshake_complete or self.transport.get_write_buffer_size():
            self.transport.abort()
            return
        self._is_deaf = True
        self.read_paused = False  # or uvicorn would read on when the application has taken what waits
        self.transport.pause_reading()
        if not self.close_sent:
            self.conn.data_to_send()  # answers to the flood's pings, which nobody waits for
            self.conn.fail(CloseCode.BAD_FRAMES, "too many frames")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.BAD_FRAMES})
        if self.close_timer:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(REASON_S, self.transport.abort)

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
