"""What a delivery costs: closed loop on every rung, and ours under two hundred events a second."""

import contextlib
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from bench.house import Host, House
from bench.load import Publisher
from bench.rungs import FLOOR, NAIVE, OURS, Rung, Stage, stage

EVENTS_PER_S = 200


def ladder(house: House, rungs: Sequence[Rung], sizes: Sequence[int], rounds: int, events: int) -> list[dict[str, Any]]:
    """One row per rung and size. The floor is measured anew beside each rung, turn by turn: what disturbs one of them
    disturbs both. The ratios are medians of the turns.
    """
    rows = []
    for n in sizes:
        with stage(FLOOR, house, n) as floor:
            floor.fit()
            floors: list[float] = []
            for rung in (r for r in rungs if n <= r.most):
                row = _beside(floor, rung, house, n, rounds, events)
                floors.append(row["us_floor"])
                rows.append(row)
                print(f"  {rung.name} n={n}: {row['us_per_delivery']} µs", file=sys.stderr, flush=True)
            rows.append(_row(FLOOR, n, statistics.median(floors), [1.0], floor))
    naive = {row["n"]: row["us_per_delivery"] for row in rows if row["server"] == NAIVE.name}
    for row in rows:
        row["ratio_to_naive"] = round(naive[row["n"]] / row["us_per_delivery"], 1) if row["n"] in naive else None
    return rows


def _beside(floor: Stage, rung: Rung, house: House, n: int, rounds: int, events: int) -> dict[str, Any]:
    few = events if n * events <= rung.most else 1
    with stage(rung, house, n) as measured:
        measured.fit()
        pairs = [(floor.deliver(events), measured.deliver(few)) for _ in range(rounds)]
        row = _row(rung, n, statistics.median(us for _, us in pairs), [us / low for low, us in pairs], measured)
        return row | {"us_floor": round(statistics.median(low for low, _ in pairs), 2)}


def _row(rung: Rung, n: int, us: float, ratios: list[float], measured: Stage) -> dict[str, Any]:
    return {
        "server": rung.name,
        "n": n,
        "us_per_delivery": round(us, 2),
        "us_floor": round(us, 2),
        "ratio_to_floor": round(statistics.median(ratios), 2),
        "last_ms": round(statistics.median(measured.last_ms), 1),
    }


def busy(house: House, n: int, seconds: float) -> dict[str, Any]:
    """Ours with EVENTS_PER_S events a second, not waiting for anybody: what gathers in a tick shares a frame."""
    result: dict[str, Any] = {"n": n, "events_per_s": EVENTS_PER_S}
    with stage(OURS, house, n) as measured:
        measured.fit()
        for name, prefix in (("moments", ""), ("states", "state ")):
            measured.audience.reset()
            before = measured.server.cpu_s()
            sent, took = pour(measured.publisher, measured.text_bytes, seconds, prefix)
            measured.server.settle()
            used = measured.server.cpu_s() - before
            counted = measured.audience.counted()
            result[name] = {
                "us_per_event_and_socket": round(used / (sent * n) * 1e6, 3),
                "core_share": round(used / took, 2),
                "events_heard_per_socket": round(counted.marks / n, 1),
                "events_sent": sent,
                "frames_per_socket": round(counted.frames / n, 1),
                "p50_ms": round(counted.p50_us / 1000, 1),
                "p99_ms": round(counted.p99_us / 1000, 1),
            }
    return result


def pour(publisher: Publisher, size: int, seconds: float, prefix: str = "") -> tuple[int, float]:
    """Sends EVENTS_PER_S events of `size` bytes a second. How many, and how long it took."""
    begun = time.perf_counter()
    total = round(EVENTS_PER_S * seconds)
    for number in range(total):
        publisher.event(size, prefix)
        time.sleep(max(0.0, begun + (number + 1) / EVENTS_PER_S - time.perf_counter()))
    return total, time.perf_counter() - begun


def memory(house: House, n: int) -> float:
    """KiB of resident memory per idle socket: N more beside a first hundred, which pay for what is loaded late."""
    with contextlib.ExitStack() as open_things:
        server = open_things.enter_context(house.start("serve"))
        open_things.enter_context(Host(house, server.port))
        open_things.enter_context(house.audience(server.port, 100)).come()
        server.settle()
        before = server.rss_kib()
        open_things.enter_context(house.audience(server.port, n)).come()
        server.settle()
        return round((server.rss_kib() - before) / n, 1)
