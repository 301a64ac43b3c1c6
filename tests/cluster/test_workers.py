"""`serve` with several workers: one address, one supervisor, and none of them left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import ROOT, WAIT_S, Client, Server, Visitor, wait_until
from tests.stack import Stack

WORKERS = 2


@pytest.fixture
def stack() -> Iterator[Stack]:
    running = Stack()
    yield running
    running.close()


def pids(stack: Stack) -> set[int]:
    rows = stack.postgres.rows("SELECT process_id FROM micconnect_servingprocess")
    return {int(process_id.split(".")[-2]) for (process_id,) in rows}


def family(pid: int) -> set[int]:
    """The process's children, theirs, and so on."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found |= {child} | family(child)
    return found


def are_gone(processes: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in processes)


async def test_workers_share_an_address_and_one_that_dies_is_started_anew(stack: Stack) -> None:
    server = stack.server(MIC_WORKERS=str(WORKERS))
    wait_until(lambda: len(pids(stack)) == WORKERS, "both workers")
    visitor = Visitor(server).sign_up("Hannah")
    slug = visitor.new_room()
    host = await Client.open(server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    guests = [await Client.open(server, slug, actor(f"Guest{n}")) for n in range(12)]
    await host.callback("onRoomUserCountChanged", lambda c: c["count"] == 13)
    await host.do("setMetadata", entries={"topic": "all hear"})
    for guest in guests:
        await guest.callback("onRoomMetadataChanged")

    workers = pids(stack)
    os.kill(min(workers), signal.SIGKILL)
    wait_until(lambda: len(pids(stack) - {min(workers)}) == WORKERS, "another worker in its place")
    again = await Client.open(server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await again.do("setMetadata", entries={"topic": "goes on"})
    await Client.close_all()

    processes = family(server.process.pid)
    assert len(processes) > WORKERS
    server.process.terminate()
    assert server.process.wait(WAIT_S) == 0, server.output
    wait_until(lambda: are_gone(processes), "all processes to end")
    assert pids(stack) == set()


async def test_a_worker_that_dies_while_the_database_is_away_takes_no_other_with_it(stack: Stack) -> None:
    server = stack.server(MIC_WORKERS=str(WORKERS))
    wait_until(lambda: len(pids(stack)) == WORKERS, "both workers")
    visitor = Visitor(server).sign_up("Hannah")
    slug = visitor.new_room()
    host = await Client.open(server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    [(owner,)] = stack.postgres.rows("SELECT process_id FROM micconnect_socket WHERE closed_at IS NULL")
    [dying] = pids(stack) - {int(owner.split(".")[-2])}

    def silent() -> int:
        return sum("cannot show that it lives" in line for line in server.output)

    stack.postgres.stop()
    await asyncio.to_thread(wait_until, lambda: silent() == WORKERS, "both workers to notice")
    os.kill(dying, signal.SIGKILL)
    await asyncio.to_thread(wait_until, lambda: silent() == WORKERS + 1, "another worker, without the database")
    assert server.process.poll() is None and host.close_code is None
    stack.postgres.start()
    await asyncio.to_thread(wait_until, lambda: len(pids(stack) - {dying}) == WORKERS, "both workers to be known")
    while (reply := await host.ask("setMetadata", entries={"topic": "goes on"}))["error"]:
        assert reply["error"]["temporary"]
        await asyncio.sleep(0.5)
    assert host.close_code is None
    await Client.close_all()


async def test_workers_end_when_their_supervisor_is_killed(stack: Stack) -> None:
    server = stack.server(MIC_WORKERS=str(WORKERS))
    wait_until(lambda: len(pids(stack)) == WORKERS, "both workers")
    processes = family(server.process.pid)
    server.process.kill()
    server.process.wait(WAIT_S)
    wait_until(lambda: are_gone(processes), "the workers and their media server to end")
    assert pids(stack) == set(), "and cleanly"


def test_workers_without_redis_are_refused_with_a_clear_word() -> None:
    command = [sys.executable, "manage.py", "serve", "--port", "0"]
    env = Server("serve", MIC_WORKERS="2").env
    refused = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert refused.returncode == 1 and "MIC_WORKERS needs MIC_REDIS_URL" in refused.stderr
