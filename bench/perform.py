"""How many commands a second the door carries out: apply and accept, with all rows, constraints and the log.

One room, one thread, guests taken off again (not counted) so that seats stay free. `python -m bench.perform COMMANDS`
measures the database that MIC_DATABASE_URL names; without it, SQLite.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from typing import Any

from bench.house import house
from bench.procs import PYTHON, ROOT


def measure(slug: str, commands: int) -> dict[str, Any]:
    from django.db import connection
    from django.utils import timezone

    from micconnect import services
    from micconnect.domain.room import Actor, Person
    from micconnect.protocol.commands import Apply, DisconnectUser, GoLive, RespondToApplication
    from micconnect.protocol.words import LinkMedia, Role

    host = Actor(person=Person(user_id="host", name="Hannah"), role=Role.HOST)
    services.perform(slug, host, GoLive(), timezone.now())
    wall = cpu = 0.0
    for number in range(commands // 2):
        guest = Actor(person=Person(user_id=f"a{number}", name=f"Guest {number}"), role=Role.AUDIENCE)
        wall_begun, cpu_begun = time.perf_counter(), time.process_time()
        asked = services.perform(slug, guest, Apply(media=LinkMedia.VIDEO), timezone.now(), ref=f"a{number}")
        assert asked.result and asked.result.request
        answer = RespondToApplication(request_id=asked.result.request.request_id, is_accepted=True)
        accepted = services.perform(slug, host, answer, timezone.now(), ref=f"h{number}")
        wall += time.perf_counter() - wall_begun
        cpu += time.process_time() - cpu_begun
        assert accepted.error is None, accepted
        services.perform(slug, host, DisconnectUser(user_id=guest.user_id), timezone.now())
    return {
        "database": connection.vendor,
        "commands": commands,
        "per_s": round(commands / wall),
        "cpu_ms": round(cpu / commands * 1000, 2),
    }


def commands_per_s(commands: int, url: str = "") -> dict[str, Any]:
    """The same in a process of its own, whose Django has that database."""
    env = {**os.environ, "MIC_DATABASE_URL": url}
    if not url:
        del env["MIC_DATABASE_URL"]
    done = subprocess.run(
        [PYTHON, "-m", "bench.perform", str(commands)], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> None:
    with contextlib.ExitStack() as open_things:
        made = open_things.enter_context(house())
        print(json.dumps(measure(made.slug, int(sys.argv[1]))))


if __name__ == "__main__":
    main()
