"""A join storm: everybody at once.

Three times, each at a fresh server of the same kind: with tickets; with the names only, which nobody proves
(`no_tickets`: all else is the real thing); and at a bare socket that answers one frame to one frame, with no room
behind it.
"""

import statistics
from collections.abc import Sequence
from typing import Any

from bench.house import SNAPSHOT, House
from bench.load import Audience
from bench.procs import Process

WAYS = ("bare", "no_tickets", "ours")


def storm(house: House, n: int, rounds: int, ways: Sequence[str] = WAYS) -> dict[str, Any]:
    """The ways (ours last) turn by turn. Ratios are medians of the turns, of ours to each other way."""
    turns = [{way: _one(house, n, way) for way in ways} for _ in range(rounds)]
    result: dict[str, Any] = {"n": n}
    for way in ways:
        figures = turns[0][way]
        result[way] = {key: round(statistics.median(turn[way][key] for turn in turns), 3) for key in figures}
    for key in ("wall_s", "cpu_s"):
        for other in ways[:-1]:
            ratios = [turn["ours"][key] / turn[other][key] for turn in turns]
            result[f"{key}_to_{other}"] = round(statistics.median(ratios), 2)
    return result


def _one(house: House, n: int, way: str) -> dict[str, float]:
    with house.start("serve") as server:
        # what is loaded with the first sockets is no part of the storm
        with _crowd(house, server, 50, way) as first:
            first.come()
        server.settle()
        before = server.cpu_s()
        with _crowd(house, server, n, way) as audience:
            audience.start()
            arrived = audience.arrive()
            at_once = server.cpu_s() - before
            server.settle()
            used = server.cpu_s() - before
    return {
        "wall_s": arrived.wall_us / 1e6,
        "cpu_s": used,
        "cpu_until_in_s": at_once,
        "per_cpu_s": arrived.sockets / used,
        "p50_s": arrived.p50_us / 1e6,
        "p99_s": arrived.p99_us / 1e6,
        "asked_to_come_back": arrived.comebacks,
        "failed": arrived.failed,
    }


def _crowd(house: House, server: Process, n: int, way: str) -> Audience:
    if way == "bare":
        hello = house.hello("viewer")
        return Audience(server.port, "/bare/", n, hellos=[hello] * n, ready=SNAPSHOT, in_flight=0)
    return house.audience(server.port, n, in_flight=0, is_proven=way == "ours")
