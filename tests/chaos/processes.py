"""Servers under test with what `inject/` adds: a clock that can be moved, a death between commit and word."""

import asyncio
import atexit
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.live import WAIT_S, Server
from tests.stack import Redis, Stack

INJECT = Path(__file__).parent / "inject"


class Injected:
    """The environment of a server under test, and the two files that it watches."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="micconnect-chaos-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self.clock, self.death = folder / "clock", folder / "death"

    @property
    def env(self) -> dict[str, str]:
        paths = filter(None, (str(INJECT), os.environ.get("PYTHONPATH")))
        return {
            "PYTHONPATH": os.pathsep.join(paths),
            "CHAOS_CLOCK": str(self.clock),
            "CHAOS_DEATH": str(self.death),
        }

    def move_clock(self, seconds: float) -> None:
        """From now on the server's clock is wrong by so much."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.clock)  # in one step: the server reads it at any moment


def fresh_database(stack: Stack) -> str:
    """The name of a new empty database of the stack."""
    name = f"chaos{secrets.token_hex(4)}"
    with stack.postgres.connect("postgres") as line:
        line.execute(f"CREATE DATABASE {name}".encode())
    return name


def database_url(stack: Stack, name: str, port: int | None = None) -> str:
    """How a server reaches one of the stack's databases, perhaps by way of a relay's port."""
    return stack.postgres.url_at(port or stack.postgres.port).rpartition("/")[0] + f"/{name}"


@asynccontextmanager
async def cluster(stack: Stack, *envs: dict[str, str]) -> AsyncIterator[list[Server]]:
    """So many servers that share a new database and a Redis of their own, each with some more environment."""
    name = await asyncio.to_thread(fresh_database, stack)
    redis = await asyncio.to_thread(Redis)
    shared = {"MIC_DATABASE_URL": database_url(stack, name), "MIC_REDIS_URL": redis.url}
    try:
        async with serving(*(shared | env for env in envs)) as servers:
            yield servers
    finally:
        await asyncio.to_thread(redis.remove)


@asynccontextmanager
async def serving(*envs: dict[str, str]) -> AsyncIterator[list[Server]]:
    """So many servers, each with its own environment, for as long as the test needs them."""
    servers = [Server("serve", **env) for env in envs]
    try:
        for server in servers:
            await asyncio.to_thread(server.start)
        yield servers
    finally:
        for server in servers:
            await asyncio.to_thread(server.stop)


async def restart(server: Server, end: Callable[[Server], None]) -> None:
    """Ends the process as `end` does and starts it again at the same port, beside the loop."""
    await asyncio.to_thread(end, server)
    await asyncio.to_thread(server.start)


def wait_for_end(server: Server) -> None:
    """Until the process has ended by itself."""
    server.process.wait(WAIT_S)
    server.drain.join(WAIT_S)


def terminate(server: Server) -> int:
    """SIGTERM, as service managers send it; returns the exit code."""
    server.process.send_signal(signal.SIGTERM)
    wait_for_end(server)
    return int(server.process.returncode)


def rss_kib(pid: int) -> int:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def descriptors(pid: int) -> int:
    """Open files and sockets of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
