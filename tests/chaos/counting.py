"""Counts what a server asks of PostgreSQL by reading along on a relay: no help of the server, nothing left out."""

from collections.abc import Callable

SSL, GSS = 80877103, 80877104  # asked before the start-up message
STATEMENTS = frozenset((ord("Q"), ord("E")))  # simple query, execute


class Statements:
    """How many statements have passed, begin and commit among them."""

    def __init__(self) -> None:
        self.count = 0

    def watch(self) -> Callable[[bytes], None]:
        """A reader of one connection's bytes to the server."""
        buffer = bytearray()
        is_started = False

        def read(data: bytes) -> None:
            nonlocal is_started
            buffer.extend(data)
            while True:
                head = 1 if is_started else 0
                if len(buffer) < head + 4:
                    return
                size = head + int.from_bytes(buffer[head : head + 4], "big")
                if len(buffer) < size:
                    return
                if is_started:
                    self.count += buffer[0] in STATEMENTS
                else:
                    is_started = int.from_bytes(buffer[4:8], "big") not in (SSL, GSS)
                del buffer[:size]

        return read
