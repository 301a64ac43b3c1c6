"""daphne, the server of `runserver`: the writing end on Twisted's transport.

Twisted takes each write through its reactor, which costs four times the write itself, and buffers without a bound. So
frames go to the socket itself while Twisted holds nothing, and the line is cut at our own bound. This reads parts
that Twisted, autobahn and daphne do not promise: `daphne_wire` looks at all of them first.

It is for development: pings, fragments and slow requests are not bounded here as they are at uvicorn.
"""

import contextlib
import sys
from functools import partial
from typing import Any

from micconnect.wire.base import UNSENT_MAX, Farewell, Frame
from micconnect.wire.stepped import Send

TRANSPORT_PARTS = {
    "socket": object,
    "dataBuffer": bytes,
    "offset": int,
    "_tempDataBuffer": list,
    "_tempDataLen": int,
    "disconnecting": int,
    "abortConnection": object,
}


def daphne_wire(send: Send) -> "DaphneWire | None":
    """The writer behind daphne's `send`; None when that is another server's, or a daphne with other insides, or TLS."""
    protocol = send.args[0] if isinstance(send, partial) and send.args else None
    transport = getattr(protocol, "transport", None)
    tcp = sys.modules.get("twisted.internet.tcp")
    if tcp is None or type(transport) is not tcp.Server or transport.TLS:
        return None
    if not all(isinstance(getattr(transport, name, None), kind) for name, kind in TRANSPORT_PARTS.items()):
        return None
    if not all(hasattr(protocol, name) for name in ("STATE_OPEN", "state", "send_queue", "sendData", "sendCloseFrame")):
        return None
    return DaphneWire(protocol, transport)


class DaphneWire:
    """Writes ready frames to the socket itself while Twisted holds no unsent bytes, else behind those."""

    __slots__ = ("_is_cut", "_open", "_protocol", "_send", "_transport", "farewell")

    def __init__(self, protocol: Any, transport: Any) -> None:
        self._protocol, self._transport = protocol, transport
        self._open: int = protocol.STATE_OPEN
        self._send = transport.socket.send  # of the socket object, which knows when it is closed
        self._is_cut = False
        self.farewell: Farewell | None = None

    def write(self, frame: Frame) -> bool:
        protocol, transport = self._protocol, self._transport
        if self._is_cut or protocol.state != self._open or transport.disconnecting:
            return False
        data: bytes | memoryview = frame.framed
        if not (transport._tempDataBuffer or transport.dataBuffer or protocol.send_queue):
            try:
                sent = self._send(data)
            except BlockingIOError:
                sent = 0
            except OSError:  # the other end is gone
                self.abort()
                return False
            if sent == len(data):
                return True
            data = data[sent:]
        elif len(transport.dataBuffer) - transport.offset + transport._tempDataLen > UNSENT_MAX:
            self.abort()
            return False
        protocol.sendData(data)
        return True

    async def close(self, code: int) -> None:
        """Past `websocket.close`, whose library refuses the codes 1001 and 1009."""
        with contextlib.suppress(Exception):  # a line that was cut already
            self._protocol.sendCloseFrame(code)

    def abort(self) -> None:
        self._is_cut = True
        self._transport.abortConnection()
