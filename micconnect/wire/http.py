"""uvicorn's HTTP protocol with bounds on what a client may do before a WebSocket, or without one."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_S = 15  # for a whole request, counted from the connection or from the end of the former answer
UNREAD_S = 60  # how long a client may take to read the 64 KiB that wait for it
HEAD_MAX = 64 * 1024  # bytes of the request line and all headers
BODY_MAX = 4 * 1024 * 1024  # bytes; our forms take kilobytes
PIPELINED_MAX = 8  # requests that wait for the answer to a former one; browsers send none


class HttpProtocol(HttpToolsProtocol):
    """uvicorn has no time limit for a request and no bound on headers; here a line that dawdles is cut.

    A client that keeps asking in time is served: how often an address may ask is for a proxy in front.
    """

    _request_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None
    _is_in_head = True
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timers()
        super().connection_lost(exc)

    # -- what a client sends
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:
            self._size += len(data)
            if self._size > HEAD_MAX:
                self.transport.abort()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._size = False, 0
        if len(self.pipeline) >= PIPELINED_MAX:
            raise ValueError("too many requests at once")  # which makes it a bad request, and ends the line
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > BODY_MAX:
            raise ValueError("too large a body")
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_in_head, self._size = True, 0
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_timers()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.pipeline:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(msg)
        self._wait()

    def handle_websocket_upgrade(self) -> None:
        """From here on the limits are the socket's own."""
        self._stop_timers()
        super().handle_websocket_upgrade()

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
        self.transport.close()
        self._request_timer = self.loop.call_later(UNREAD_S, self.transport.abort)

    def _stop_timers(self) -> None:
        for timer in (self._request_timer, self._unread_timer):
            if timer:
                timer.cancel()
        self._request_timer = self._unread_timer = None
