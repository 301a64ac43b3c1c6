"""The bounds that a change must keep. Only ratios of figures measured side by side, and memory: no wall times."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

OURS_TO_FLOOR_MAX = 2.0
DAPHNE_TO_FLOOR_MAX = 2.3
NAIVE_TO_OURS_MIN = 20.0
GROWTH_MAX = 1.3
STORM_MAX = 1.5
RSS_KIB_MAX = 35.0


class Check(Struct, frozen=True):
    """One bound and what was measured; `is_met` says whether it was kept."""

    name: str
    measured: float
    bound: str
    is_met: bool


def checks(results: dict[str, Any]) -> list[Check]:
    """All bounds for which `results` (as `scripts/bench --json` prints them) has figures."""
    return [*_fanout(results.get("fanout", [])), *_storm(results.get("storm", {})), *_memory(results)]


def _fanout(rows: list[dict[str, Any]]) -> Iterator[Check]:
    for server, bound in (("ours", OURS_TO_FLOOR_MAX), ("ours-daphne", DAPHNE_TO_FLOOR_MAX)):
        ratios = {row["n"]: row["ratio_to_floor"] for row in rows if row["server"] == server}
        for n, ratio in ratios.items():
            yield _at_most(f"{server} / floor, {n} sockets", ratio, bound)
        if len(ratios) > 1:
            growth = ratios[max(ratios)] / ratios[min(ratios)]
            name = f"{server}: cost at {max(ratios)} / at {min(ratios)} sockets, each beside the floor"
            yield _at_most(name, growth, GROWTH_MAX)
    times = {r["n"]: r["ratio_to_naive"] for r in rows if r["server"] == "ours" and r["ratio_to_naive"] is not None}
    if times:  # the naive way grows with the audience, so the largest audience counts
        n = max(times)
        is_met = times[n] >= NAIVE_TO_OURS_MIN
        yield Check(f"naive / ours, {n} sockets", round(times[n], 2), f">= {NAIVE_TO_OURS_MIN}", is_met)


def _storm(storms: dict[str, Any]) -> Iterator[Check]:
    for n, storm in storms.items():
        yield _at_most(f"storm of {n}: CPU, ours / no tickets", storm["cpu_s_to_no_tickets"], STORM_MAX)
        yield _at_most(f"storm of {n}: sockets that did not get in", storm["ours"]["failed"], 0)


def _memory(results: dict[str, Any]) -> Iterator[Check]:
    if (rss := results.get("rss_kib_per_socket")) is not None:
        yield _at_most("KiB of memory per idle socket", rss, RSS_KIB_MAX)


def _at_most(name: str, measured: float, bound: float) -> Check:
    return Check(name, round(measured, 2), f"<= {bound}", measured <= bound)
