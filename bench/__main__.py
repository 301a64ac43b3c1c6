"""scripts/bench: all measurements in one run."""

import argparse
import json
import logging
import os
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import gate, procs, report
from bench.house import House, house

SIZES = (500, 1000, 2000, 4000, 10_000)
SPARE_FILES = 300  # descriptors of a server beside its sockets


def machine() -> dict[str, Any]:
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "")
    return {
        "processor": model.partition(":")[2].strip() or platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


class Run:
    """The parts of one run. Each returns what stands under its name in the results."""

    def __init__(self, made: House, *, is_short: bool) -> None:
        self.house, self.is_short = made, is_short
        self.not_measured: list[str] = []
        self.most = procs.many_files() - SPARE_FILES

    def sizes(self, *wanted: int) -> list[int]:
        """Those for which there are descriptors; the others are named in the results."""
        self.not_measured += [f"{n} sockets: only {self.most} descriptors" for n in wanted if n > self.most]
        return [n for n in wanted if n <= self.most]

    def fanout(self) -> list[dict[str, Any]]:
        from bench import fanout, rungs

        if self.is_short:
            return fanout.ladder(self.house, rungs.SHORT, self.sizes(500, 1000), rounds=3, events=3)
        return fanout.ladder(self.house, rungs.RUNGS, self.sizes(*SIZES), rounds=3, events=6)

    def busy(self) -> dict[str, Any]:
        from bench import fanout

        return fanout.busy(self.house, min(4000, self.most), seconds=10)

    def rss_kib_per_socket(self) -> float:
        from bench import fanout

        return fanout.memory(self.house, min(1000 if self.is_short else 4000, self.most))

    def storm(self) -> dict[str, Any]:
        from bench import storm

        if self.is_short:
            return {"1000": storm.storm(self.house, 1000, rounds=2, ways=("no_tickets", "ours"))}
        return {str(n): storm.storm(self.house, n, rounds=2) for n in self.sizes(2000, 5000)}

    def commands_per_s(self) -> dict[str, Any]:
        from bench import perform
        from tests.stack import Postgres

        commands = 200 if self.is_short else 1200
        result = {"sqlite": perform.commands_per_s(commands)["per_s"]}
        if self.is_short:
            self.not_measured.append("PostgreSQL: not in a short run")
            return result
        postgres = Postgres()
        try:
            return result | {"postgresql": perform.commands_per_s(commands, postgres.url)["per_s"]}
        finally:
            postgres.remove()

    def slow_readers(self) -> dict[str, Any]:
        from bench import slow

        return slow.slow_readers(self.house, seconds=15)

    def slow_query(self) -> dict[str, Any]:
        from bench import slow

        return slow.slow_query(self.house)

    def cluster(self) -> dict[str, Any]:
        from bench import cluster

        return cluster.two_processes(min(2000, self.most))

    def media(self) -> dict[str, Any]:
        from bench import media

        return media.media(is_short=self.is_short)


PARTS = (
    *("fanout", "busy", "rss_kib_per_socket", "storm", "commands_per_s"),
    *("slow_readers", "slow_query", "cluster", "media"),
)
LONG_ONLY = ("busy", "slow_readers", "slow_query", "cluster", "media")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="scripts/bench", description="Measures the fan-out and all that belongs to it.")
    commands = made.add_subparsers(dest="command")
    walk = commands.add_parser("walk", help="time from accept to the first picture, in real browsers (needs Chromium)")
    walk.add_argument("--rounds", type=int, default=10)
    written = commands.add_parser("report", help="writes figures of --json into docs/performance.md, with charts")
    written.add_argument("figures", type=Path)
    made.add_argument("--short", action="store_true", help="under two minutes: small audiences, few events")
    made.add_argument("--gate", action="store_true", help="exit code 1 when a ratio is beyond its bound")
    made.add_argument("--json", action="store_true", help="prints one JSON object")
    made.add_argument("--only", action="append", choices=PARTS, help="this part only; may be repeated")
    return made


def measure(chosen: Sequence[str], *, is_short: bool) -> dict[str, Any]:
    """Runs the parts one after another; what they print on the way goes to stderr."""
    results: dict[str, Any] = {"machine": machine()}
    with house() as made:
        run = Run(made, is_short=is_short)
        for name in chosen:
            print(f"{name} …", file=sys.stderr, flush=True)
            part: Callable[[], Any] = getattr(run, name)
            results[name] = part()
    run.not_measured += [f"{name}: not in a short run" for name in LONG_ONLY if is_short and name not in chosen]
    return results | {"not_measured": run.not_measured}


def main(argv: Sequence[str] | None = None) -> int:
    options = parser().parse_args(argv)
    if options.command == "walk":
        from bench import walk

        return walk.main(options.rounds)
    if options.command == "report":
        report.write_docs(json.loads(options.figures.read_text()))
        return 0
    if shutil.which("cc") is None:
        print("A C compiler is missing. Debian and Ubuntu: sudo apt install gcc libc6-dev", file=sys.stderr)
        return 1
    logging.disable(logging.WARNING)
    chosen = options.only or [part for part in PARTS if not (options.short and part in LONG_ONLY)]
    results = measure(chosen, is_short=options.short)
    kept = gate.checks(results)
    results["gate"] = [{"name": c.name, "measured": c.measured, "bound": c.bound, "is_met": c.is_met} for c in kept]
    print(json.dumps(results) if options.json else report.text(results))
    failed = [check for check in kept if not check.is_met]
    if options.gate:
        for check in failed:
            print(f"Beyond its bound: {check.name} is {check.measured}, must be {check.bound}", file=sys.stderr)
    return 1 if options.gate and failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except procs.Failed as failed:
        print(f"The bench failed: {failed}", file=sys.stderr)
        sys.exit(1)
