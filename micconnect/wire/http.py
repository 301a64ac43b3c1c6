"""uvicorn's HTTP protocol with bounds on what a client may do before a WebSocket, or without one.

Rules of RFC 9112 that the bounds keep to: requests that come together are answered in their order (9.3.2); whoever is
refused gets a status with words after the answers that are still due, and the line then ends in a way that lets them be
read (9.6).
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

REQUEST_S = 15  # for a whole request, counted from the connection or from the end of the former answer
UNREAD_S = 60  # how long a client may take to read the 64 KiB that wait for it
HEAD_MAX = 64 * 1024  # bytes of the request line and all headers, or of what follows a body in chunks
BODY_MAX = 4 * 1024 * 1024  # bytes; our forms take kilobytes
PIECE_BYTES = 4096  # parsed at once: who asks many things in one breath has no more of them waiting here
PARTING_S = 5  # how long who was refused has to stop sending and to read why …
PARTING_MAX = 2 * BODY_MAX  # … and how many bytes are taken and forgotten meanwhile

WORDS = {
    400: "This is no HTTP request that can be understood.",
    408: f"The request did not come in whole within {REQUEST_S} seconds.",
    413: f"The body of a request may have {BODY_MAX} bytes at most.",
    431: f"The head of a request may have {HEAD_MAX} bytes at most.",
}


class _Flow(FlowControl):
    """Reading that stays paused while it is held, whatever uvicorn wants."""

    is_held = False

    def resume_reading(self) -> None:
        if not self.is_held:
            super().resume_reading()

    def hold(self) -> None:
        self.is_held = True
        self.pause_reading()


class _Refused(Exception):
    """Ends the parser's work from within a callback."""


class HttpProtocol(HttpToolsProtocol):
    """uvicorn has no time limit for a request, no bound on headers, and mixes up answers and refusals.

    What comes in is parsed in pieces, and not before what came earlier is answered. A client that keeps asking in time
    is served: how often an address may ask is for a proxy in front.
    """

    _request_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None  # the newest that was handed to the application
    _next: Callable[[], None] | None = None  # for when all is answered: a refusal, or a WebSocket
    _is_in_head = True
    _has_begun = False  # something of the next request has come
    _has_cycle = False  # the application has been told of the present request, or will be
    _borders = 0  # beginnings and ends of heads and bodies that the parser has seen
    _head = _body = _between = 0  # bytes of the present request: head, payload, and since the last of the payload
    _status = 400  # what a parser that stops means
    _forgotten = 0  # bytes since the refusal
    _is_deaf = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow: _Flow = _Flow(transport)
        self._held = bytearray()  # came, and waits for its turn
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timers()
        self._held.clear()
        super().connection_lost(exc)

    # -- what a client sends
    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            self._forget(len(data))
            return
        self._has_begun = self._has_begun or bool(data.strip())
        self._held += data
        self._parse()

    def _parse(self) -> None:
        """Piece by piece, for as long as nobody waits for an answer."""
        self._unset_keepalive_if_required()
        while self._held and not self._must_wait() and not self.transport.is_closing():
            piece = bytes(self._held[:PIECE_BYTES])
            del self._held[:PIECE_BYTES]
            self._feed(piece)
        if self._held:
            self.flow.hold()
        elif self.flow.is_held:
            self.flow.is_held = False
            if self.cycle is None or len(self.cycle.body) <= HIGH_WATER_LIMIT:
                self.flow.resume_reading()

    def _must_wait(self) -> bool:
        """Whether a whole request waits for its answer, or the present one for a former one's."""
        return self._is_deaf or self._next is not None or bool(self.pipeline) or (self._is_in_head and self._is_busy())

    def _is_busy(self) -> bool:
        running = self._running
        return bool(self.pipeline) or (running is not None and not (running.response_complete or running.disconnected))

    def _feed(self, piece: bytes) -> None:
        was_in_head, borders = self._is_in_head, self._borders
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._held[:0] = piece[upgrade.args[0] :]
            if self._should_upgrade():
                self._once_answered(self.handle_websocket_upgrade)
            return  # HTTP/2 or the like: who asks for it goes on in HTTP/1.1 when nobody answers that wish
        except httptools.HttpParserError:
            self._refuse(self._status)
            return
        if borders == self._borders:  # all of it belongs to one and the same part of a request
            if was_in_head:
                self._head += len(piece)
            else:
                self._between += len(piece)
            if max(self._head, self._between) > HEAD_MAX:
                self._refuse(431)

    def on_message_begin(self) -> None:
        self._borders += 1
        self._has_begun, self._has_cycle = True, False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_in_head:  # what stands after a body is no header, whatever it is called
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._borders += 1
        self._is_in_head, self._head, self._body, self._between = False, 0, 0, 0
        if self._head_bytes() > HEAD_MAX:
            self._stop(431)
        if self.parser.get_http_version() == "1.1" and sum(name == b"host" for name, _ in self.headers) != 1:
            self._stop(400)
        if any(name == b"content-length" and int(value) > BODY_MAX for name, value in self.headers):
            self._stop(413)
        if self.parser.should_upgrade() and not self._should_upgrade() and self._has_body():
            self._stop(400)  # the parser holds the body for the other protocol: better no answer than one to half of it
        super().on_headers_complete()
        self._has_cycle = True

    def _has_body(self) -> bool:
        names = dict(self.headers)
        return b"transfer-encoding" in names or names.get(b"content-length", b"0") != b"0"

    def _head_bytes(self) -> int:
        """How long the head is, less what it has of blanks that mean nothing."""
        line = len(self.parser.get_method()) + len(self.url) + len("  HTTP/1.1\r\n")
        return line + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers) + len("\r\n")

    def on_body(self, body: bytes) -> None:
        self._borders += 1
        self._between = 0
        self._body += len(body)
        if self._body > BODY_MAX:
            self._stop(413)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._borders += 1
        self._is_in_head, self._has_begun, self._between = True, False, 0
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_timers()
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if not self._is_busy():
            self._wait()
            if self._next is not None:
                self._next()
                return
        if self._held:
            self.loop.call_soon(self._parse)

    # -- refusals
    def _stop(self, status: int) -> None:
        """Ends the parser's work, which then becomes a refusal."""
        self._status = status
        raise _Refused

    def _refuse(self, status: int) -> None:
        """Ends the line with a status and words, after what is still to be answered. Nothing more is listened to."""
        self._is_deaf = True
        self._held.clear()
        if self._has_cycle and not self._is_in_head:
            if self.pipeline and self.pipeline[0][0] is self.cycle:
                self.pipeline.popleft()  # never handed to the application
            elif self.cycle.response_started:  # there is an answer already
                self.cycle.keep_alive = False
                self._once_answered(self._part)
                return
            else:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
        self._once_answered(lambda: self._say(status))

    def _once_answered(self, step: Callable[[], None]) -> None:
        if self._is_busy():
            self._next = step
        else:
            step()

    def _say(self, status: int) -> None:
        words = f"{WORDS.get(status, HTTPStatus(status).phrase)}\n".encode()
        if not self.transport.is_closing():
            self.logger.warning("refused a request from %s: %s %s", self.client, status, HTTPStatus(status).phrase)
            head = STATUS_LINE[status] + b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n" % len(
                words
            )
            self.transport.write(head + b"connection: close\r\n\r\n" + words)
        self._part()

    def _part(self) -> None:
        """Closes our half, and hears the other one out for a moment: a reset would take our words away unread."""
        self._is_deaf = True
        self._held.clear()
        self._stop_timers()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.is_held = False
        self.flow.resume_reading()
        self._request_timer = self.loop.call_later(PARTING_S, self.transport.abort)

    def _forget(self, size: int) -> None:
        self._forgotten += size
        if self._forgotten > PARTING_MAX:
            self.transport.abort()

    def handle_websocket_upgrade(self) -> None:
        """From here on the limits are the socket's own."""
        self._next = None
        self._stop_timers()
        rest = bytes(self._held)
        self._held.clear()
        self.flow.is_held = False
        self.flow.resume_reading()
        super().handle_websocket_upgrade()
        if rest:
            self.transport.get_protocol().data_received(rest)  # type: ignore[attr-defined]

    # -- what a client does not read
    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread_timer = self._unread_timer or self.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread_timer:
            self._unread_timer.cancel()
            self._unread_timer = None

    # -- time
    def _wait(self) -> None:
        if self._request_timer:
            self._request_timer.cancel()
        self._request_timer = self.loop.call_later(REQUEST_S, self._end)

    def _end(self) -> None:
        """Closes; who still reads the former answer may read on for a while."""
        if self._has_begun and not self._is_deaf:
            self._refuse(408)
            return
        self.transport.close()
        self._request_timer = self.loop.call_later(UNREAD_S, self.transport.abort)

    def _stop_timers(self) -> None:
        for timer in (self._request_timer, self._unread_timer):
            if timer:
                timer.cancel()
        self._request_timer = self._unread_timer = None
