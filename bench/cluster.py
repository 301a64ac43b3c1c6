"""Two serving processes of one room, with PostgreSQL and Redis between them: what an event costs in all of them.

`two_processes` starts both stores and runs this module in a process of its own, whose Django has that database.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

import redis

from bench.house import Host, house
from bench.load import Audience, Publisher
from bench.procs import PYTHON, ROOT, Failed, Process, many_files
from bench.rungs import AFTERWORK_S, EVENT_BYTES, EVENT_PAUSE_S

WRAPPING_BYTES = 190  # what our frame puts around the text of an event, roughly
WARM_EVENTS = 3


def two_processes(n: int, events: int = 20) -> dict[str, Any]:
    """`n` viewers, half of them at each process; the events come to the first one."""
    from tests.stack import Postgres, Redis

    postgres = Postgres()
    store = Redis()
    try:
        env = os.environ | {"MIC_DATABASE_URL": postgres.url, "MIC_REDIS_URL": store.url}
        command = [PYTHON, "-m", "bench.cluster", str(n), str(events)]
        done = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    finally:
        store.remove()
        postgres.remove()
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure(n: int, events: int) -> dict[str, Any]:
    line = redis.Redis.from_url(os.environ["MIC_REDIS_URL"])
    with contextlib.ExitStack() as open_things:
        made = open_things.enter_context(house())
        servers = [open_things.enter_context(made.start("serve")) for _ in range(2)]
        open_things.enter_context(Host(made, servers[0].port))
        crowds = [open_things.enter_context(made.audience(server.port, n // 2)) for server in servers]
        for crowd in crowds:
            crowd.come()
        publisher = open_things.enter_context(Publisher(servers[0].port))
        for server in servers:
            server.settle()
        for _ in range(WARM_EVENTS):
            _tell(publisher, crowds, servers)
        before = _commands(line)
        took = [_tell(publisher, crowds, servers) for _ in range(events)]
        after = _commands(line)
        used = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    return {
        "n": n,
        "processes": 2,
        "us_per_delivery": round(sum(cpu for cpu, _ in took) / (events * n) * 1e6, 2),
        "last_ms": round(statistics.median(last for _, last in took), 1),
        "redis_publish_per_event": round(used.pop("publish", 0) / events, 2),
        "other_redis_commands_per_event": round((sum(used.values()) - used.pop("info", 0)) / events, 2),
    }


def _tell(publisher: Publisher, crowds: list[Audience], servers: list[Process]) -> tuple[float, float]:
    """One event: CPU of all processes in seconds, and milliseconds until the last viewer of both has it."""
    for crowd in crowds:
        crowd.reset()
        crowd.expect(crowd.n)
    before, begun = sum(server.cpu_s() for server in servers), time.perf_counter()
    publisher.event(EVENT_BYTES - WRAPPING_BYTES)
    try:
        for crowd in crowds:
            crowd.wait()
    except Failed as failed:
        said = " ".join(server.said() for server in servers)
        raise Failed(f"{failed}; the servers said: {said}") from None
    last_ms = (time.perf_counter() - begun) * 1000
    time.sleep(AFTERWORK_S)
    used = sum(server.cpu_s() for server in servers) - before
    time.sleep(EVENT_PAUSE_S - AFTERWORK_S)
    return used, last_ms


def _commands(line: "redis.Redis") -> dict[str, int]:
    """How often each command was called, by its name."""
    stats: Any = line.info("commandstats")
    return {name.removeprefix("cmdstat_"): int(figures["calls"]) for name, figures in stats.items()}


if __name__ == "__main__":
    many_files()
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
