"""What disturbs a room: viewers who stop reading, and a slow query."""

import contextlib
import threading
import time
from typing import Any

from bench.fanout import pour
from bench.house import Host, House
from bench.load import Publisher
from bench.procs import Process

SLOW_EVENT_BYTES = 2000
SMALL_BUFFER = 4096  # a phone that stopped reading takes nothing more
QUIET_EVENTS = 20


class _Peak:
    """The largest resident memory of a process, looked at twenty times a second until told to stop."""

    def __init__(self, server: Process) -> None:
        self.server, self.kib, self._is_over = server, server.rss_kib(), threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._is_over.wait(0.05):
            self.kib = max(self.kib, self.server.rss_kib())

    def stop(self) -> int:
        self._is_over.set()
        self._thread.join()
        return self.kib


def slow_readers(house: House, seconds: float, stalled: int = 50, healthy: int = 20) -> dict[str, Any]:
    """`stalled` viewers read nothing while EVENTS_PER_S events a second of 2 kB come; how are the others?"""
    with contextlib.ExitStack() as open_things:
        server = open_things.enter_context(house.start("serve"))
        open_things.enter_context(Host(house, server.port))
        dead = house.audience(server.port, stalled, receive_buffer=SMALL_BUFFER)
        open_things.enter_context(dead).come()
        well = open_things.enter_context(house.audience(server.port, healthy)).come()
        publisher = open_things.enter_context(Publisher(server.port))
        server.settle()
        dead.stall()
        well.reset()
        before, peak = server.rss_kib(), _Peak(server)
        sent, _ = pour(publisher, SLOW_EVENT_BYTES, seconds)
        time.sleep(1)
        highest = peak.stop()
        counted = well.counted()
        owed = sent * stalled * SLOW_EVENT_BYTES
    return {
        "stalled": stalled,
        "healthy": healthy,
        "events": sent,
        "owed_mib": round(owed / 2**20),
        "rss_growth_mib": round((highest - before) / 1024, 1),
        "healthy_share": round(counted.marks / (sent * healthy), 4),
        "healthy_closed": counted.closed,
        "healthy_max_ms": round(counted.max_us / 1000, 1),
    }


def slow_query(house: House, n: int = 50) -> dict[str, Any]:
    """A query of one second in one thread of the database, and events meanwhile: how much later do they arrive?"""
    with contextlib.ExitStack() as open_things:
        server = open_things.enter_context(house.start("serve"))
        open_things.enter_context(Host(house, server.port))
        audience = open_things.enter_context(house.audience(server.port, n)).come()
        publisher = open_things.enter_context(Publisher(server.port))
        blocker = open_things.enter_context(Publisher(server.port))
        server.settle()
        worst = {}
        for name in ("quiet", "blocked"):
            audience.reset()
            if name == "blocked":
                blocker.send("block")
                time.sleep(0.1)
            for _ in range(QUIET_EVENTS):
                publisher.event(600)
                time.sleep(0.8 / QUIET_EVENTS)
            time.sleep(0.2)
            worst[name] = audience.counted().max_us / 1000
        blocker.answer()
    return {
        "n": n,
        "quiet_max_ms": round(worst["quiet"], 1),
        "blocked_max_ms": round(worst["blocked"], 1),
        "delay_ms": round(max(0.0, worst["blocked"] - worst["quiet"]), 1),
    }
