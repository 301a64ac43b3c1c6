"""The rungs of the ladder: which servers tell the same event to the same audience."""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.house import Host, House
from bench.load import Audience, Publisher, compiled
from bench.procs import PYTHON, Failed, Process

EVENT_BYTES = 600
EVENT_PAUSE_S = 0.11  # longer than our tick, so that each event finds a quiet room and goes out alone
AFTERWORK_S = 0.02


@dataclass(frozen=True)
class Rung:
    """One way to do it. `most` is the largest audience for which a run ends within minutes."""

    name: str
    start: Callable[[House], Process]
    audience: Callable[[House, int, int], Audience]
    is_ours: bool = False
    most: int = 1_000_000


def _plain(_: House, port: int, n: int) -> Audience:
    return Audience(port, "/room", n)


def _socketio(_: House, port: int, n: int) -> Audience:
    return Audience(port, "/socket.io/?EIO=4&transport=websocket", n, hellos=["40"] * n, ready="40{")


def _ours(house: House, port: int, n: int) -> Audience:
    return house.audience(port, n)


def _node(way: str) -> Callable[[House], Process]:
    def start(_: House) -> Process:
        node = shutil.which("node")
        if node is None:
            raise Failed("Node.js is missing (Debian and Ubuntu: sudo apt install nodejs)")
        return Process([node, "bench/peers/ws.mjs", "{port}", way])

    return start


def _python(module: str, *options: str) -> Callable[[House], Process]:
    return lambda _: Process([PYTHON, "-m", f"bench.peers.{module}", "{port}", *options])


FLOOR = Rung("floor", lambda _: Process([compiled("floor"), "{port}"]), _plain)
OURS = Rung("ours", lambda house: house.start("serve"), _ours, is_ours=True)
DAPHNE = Rung("ours-daphne", lambda house: house.start("daphne"), _ours, is_ours=True)
STEPPED = Rung("ours-stepped", lambda house: house.start("stepped"), _ours, is_ours=True)
NAIVE = Rung("naive", _python("naive", "daphne"), _plain, most=4000)
NAIVE_UVICORN = Rung("naive-uvicorn", _python("naive", "uvicorn"), _plain, most=4000)
WS_SHARED = Rung("node-ws-shared", _node("shared"), _plain)
WS_EACH = Rung("node-ws", _node("each"), _plain)
SOCKETIO = Rung("python-socketio", _python("socketio_app"), _socketio, most=4000)
SHORT = (OURS, DAPHNE, NAIVE)
RUNGS = (OURS, DAPHNE, STEPPED, WS_SHARED, WS_EACH, SOCKETIO, NAIVE_UVICORN, NAIVE)


class Stage:
    """A running rung with its audience in place."""

    def __init__(self, server: Process, audience: Audience, publisher: Publisher, n: int) -> None:
        self.server, self.audience, self.publisher, self.n = server, audience, publisher, n
        self.text_bytes = EVENT_BYTES
        self.last_ms: list[float] = []
        self.frames_per_event = 0.0

    def fit(self) -> None:
        """Makes the text so long that what arrives, with everything a server puts around it, has EVENT_BYTES."""
        self.deliver(1)
        self.text_bytes += EVENT_BYTES - self.audience.counted().size // self.n
        self.deliver(1)
        self.last_ms.clear()

    def deliver(self, events: int) -> float:
        """One event after the other, each when all have the one before. Server CPU per delivery, in microseconds."""
        used = 0.0
        self.audience.reset()
        for number in range(1, events + 1):
            self.audience.expect(number * self.n)
            before, begun = self.server.cpu_s(), time.perf_counter()
            self.publisher.event(self.text_bytes)
            try:
                self.audience.wait()
            except Failed as failed:
                raise Failed(f"{failed}; the server said: {self.server.said()}") from None
            self.last_ms.append((time.perf_counter() - begun) * 1000)
            time.sleep(AFTERWORK_S)
            used += self.server.cpu_s() - before
            time.sleep(EVENT_PAUSE_S - AFTERWORK_S)
        counted = self.audience.counted()
        if counted.marks != events * self.n or counted.closed:
            raise Failed(f"{counted.marks} of {events * self.n} deliveries, {counted.closed} sockets closed")
        self.frames_per_event = counted.frames / counted.marks
        return used / (events * self.n) * 1e6


@contextlib.contextmanager
def stage(rung: Rung, house: House, n: int) -> Iterator[Stage]:
    """Starts the rung's server, lets N in, and waits until it is quiet."""
    with contextlib.ExitStack() as open_things:
        server = open_things.enter_context(rung.start(house))
        if rung.is_ours:
            open_things.enter_context(Host(house, server.port))
        audience = open_things.enter_context(rung.audience(house, server.port, n)).come()
        publisher = open_things.enter_context(Publisher(server.port))
        server.settle()
        yield Stage(server, audience, publisher, n)
