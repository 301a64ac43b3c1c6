"""How bytes reach one socket: the server's own socket where we know the server, plain ASGI otherwise.

A frame is encoded and framed once and then written to any number of sockets. Nobody is ever awaited: a socket with
more than UNSENT_MAX bytes waiting in our process is cut, and its page comes back with a snapshot. Measured reasons
are in `docs/architecture.md`. What a client may send, and how slowly, is bounded here as well, in `manage.py serve`.
"""

from collections.abc import Mapping
from typing import Any

from micconnect.wire.base import CLOSING_S, UNSENT_MAX, Frame, Wire
from micconnect.wire.bucket import TokenBucket
from micconnect.wire.daphne import DaphneWire, daphne_wire
from micconnect.wire.http import HttpProtocol
from micconnect.wire.stepped import AsgiWire, Send
from micconnect.wire.uvicorn import SCOPE_KEY, UvicornProtocol, UvicornWire

__all__ = [
    "CLOSING_S",
    "UNSENT_MAX",
    "AsgiWire",
    "DaphneWire",
    "Frame",
    "HttpProtocol",
    "TokenBucket",
    "UvicornProtocol",
    "UvicornWire",
    "Wire",
    "wire_for",
]


def wire_for(scope: Mapping[str, Any], send: Send) -> Wire:
    """The best writer for an accepted socket. `send` is the server's own, not one that wraps it."""
    wire: Wire | None = scope.get(SCOPE_KEY)
    return wire or daphne_wire(send) or AsgiWire(send)
