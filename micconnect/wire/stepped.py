"""The writing end on any ASGI server: `send` is started and must finish without waiting."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from micconnect.protocol.codes import CloseCode
from micconnect.wire.base import Farewell, Frame

Send = Callable[[dict[str, Any]], Awaitable[None]]


class AsgiWire:
    """A server that makes the sender wait has a full buffer: the socket is cut.

    What a server buffers before it makes anybody wait is its own bound, and ASGI knows no way to drop a line.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_open = True
        self.farewell: Farewell | None = None

    def write(self, frame: Frame) -> bool:
        if not self._is_open:
            return False
        self._is_open = self._step({"type": "websocket.send", "text": frame.text})
        return self._is_open

    async def close(self, code: int) -> None:
        self._is_open = False
        with contextlib.suppress(Exception):  # a line that was cut already; each server says so in its own way
            await self._send({"type": "websocket.close", "code": code})

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
