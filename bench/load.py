"""The audience and the publisher of a measurement: thousands of sockets of a small C program, and one that speaks.

The audience is written in C so that it takes as little as possible from the cores that the server shares with it.
"""

import atexit
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

from bench.procs import Failed

HERE = Path(__file__).resolve().parent
PATIENCE_S = 60
IN_FLIGHT = 100
REQUEST = (
    "GET /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@cache
def compiled(name: str) -> str:
    """Compiles `bench/c/NAME.c` with the system's compiler, once per run; returns the program's path."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Failed("a C compiler is missing (Debian and Ubuntu: sudo apt install gcc libc6-dev)")
    made = tempfile.mkdtemp(prefix="micconnect-bench-c-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    program = f"{made}/{name}"
    subprocess.run([compiler, "-O2", "-o", program, HERE / "c" / f"{name}.c"], check=True)
    return program


class Arrived(msgspec.Struct, frozen=True):
    """How the audience came in. Times in microseconds from the first try to being in."""

    sockets: int
    wall_us: int
    p50_us: int
    p99_us: int
    comebacks: int
    failed: int


class Counted(msgspec.Struct, frozen=True):
    """What the audience got since `reset`: marks are events, several of which may share one frame."""

    marks: int
    frames: int
    size: int
    closed: int
    p50_us: int
    p99_us: int
    max_us: int


class Audience:
    """N sockets to one path of one server. `hellos` are their first frames, one each (or none)."""

    def __init__(
        self,
        port: int,
        path: str,
        n: int,
        *,
        hellos: Sequence[str] = (),
        ready: str = "",
        in_flight: int = IN_FLIGHT,
        receive_buffer: int = 0,
    ) -> None:
        self.n = n
        with tempfile.NamedTemporaryFile("w", suffix=".hellos") as file:
            file.write("".join(f"{hello}\n" for hello in hellos))
            file.flush()
            options = [file.name if hellos else "-", ready or "-", str(in_flight), str(receive_buffer)]
            self.process = subprocess.Popen(
                [compiled("load"), str(port), path, str(n), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._ask("reset")  # answered only after the file was read

    def __enter__(self) -> "Audience":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def start(self) -> None:
        """Begins to connect."""
        self._tell("go")

    def arrive(self) -> Arrived:
        """Waits until everybody is in (or lost)."""
        return Arrived(*map(int, self._hear("ready")))

    def come(self) -> "Audience":
        """Lets all in; raises Failed unless all get in."""
        self.start()
        arrived = self.arrive()
        if arrived.failed:
            raise Failed(f"{arrived.failed} of {self.n} sockets did not get in")
        return self

    def reset(self) -> None:
        self._ask("reset")

    def expect(self, marks: int) -> None:
        """`wait` will return as soon as `marks` were counted since the last `reset`."""
        self._ask(f"expect {marks}")

    def wait(self) -> None:
        self._hear("done")

    def stall(self) -> None:
        """From now on nobody reads."""
        self._ask("stall")

    def counted(self) -> Counted:
        return Counted(*map(int, self._ask("stats")[1:]))

    def _tell(self, command: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def _ask(self, command: str) -> list[str]:
        self._tell(command)
        return self._line()

    def _hear(self, word: str) -> list[str]:
        first, *rest = self._line()
        if first != word:
            raise Failed(f"the audience said {first} instead of {word}")
        return rest

    def _line(self) -> list[str]:
        assert self.process.stdout
        late = threading.Timer(PATIENCE_S, self.process.kill)
        late.start()
        try:
            words = self.process.stdout.readline().split()
        finally:
            late.cancel()
        if not words:
            raise Failed("the audience fell silent")
        return words


class Publisher:
    """The one socket whose messages every server relays to its audience. Plain bytes: the floor knows no handshake."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")
        self.socket.sendall(REQUEST.encode())
        if b" 101 " not in self.reader.readline():
            raise Failed("no socket at /publish")
        while self.reader.readline().strip():
            pass

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, *_: object) -> None:
        self.reader.close()
        self.socket.close()

    def event(self, size: int, prefix: str = "") -> None:
        """Sends an event of `size` bytes that says when it was sent."""
        self.send(f"{prefix}evt-{time.monotonic_ns()}-".ljust(size, "x"))

    def send(self, text: str) -> None:
        payload = text.encode()
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
        self.socket.sendall(b"\x81" + length + bytes(4) + payload)  # masked with zeros

    def answer(self) -> str:
        """The next short text that the server says to the publisher."""
        while True:
            opcode, size = self.reader.read(2)
            payload = self.reader.read(size)
            if opcode == 0x81:
                return payload.decode()
