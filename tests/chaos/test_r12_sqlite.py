"""R12: SQLite is held by another process, its disk is full, it may not be written: a clear code and no half write."""

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.chaos import figures, law, oracle
from tests.chaos.show import Show, open_show
from tests.live import ROOT, WAIT_S, Server

NO_ROOM_BYTES = 4096  # nothing behind the first page of any file may be written


def database(server: Server) -> Path:
    return server.data / "db.sqlite3"


async def check_sound(server: Server, show: Show) -> None:
    """Nothing is half written, nothing answered is missing, and all see what is so."""
    with closing(sqlite3.connect(database(server))) as line:
        assert line.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    await law.true_again(show.everybody)
    log = await asyncio.to_thread(oracle.read_log, server, show.slug)
    assert law.no_answer_lost(show.everybody, log)
    law.no_moment_lost(show.everybody, log)
    law.no_moment_twice(show.everybody)
    assert not [f.closes for f in show.everybody if f.closes], "sockets were closed"


async def refused(show: Show) -> float:
    """A command is refused as TRY_LATER, while heartbeats go on; returns the seconds it took."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    command = show.host.ask("setMetadata", entries={"refused": "x"})
    assert max([await viewer.ping() for viewer in show.audience]) < WAIT_S
    reply = await asyncio.wait_for(command, 60)
    assert reply["error"] and reply["error"]["code"] == "TRY_LATER", reply
    assert show.host.picture.state["metadata"].get("refused") is None
    return loop.time() - begin


async def test_r12_a_busy_database_is_waited_for_and_then_refused(server: Server) -> None:
    show = await open_show([server], audience=5, helpers=0)
    with closing(sqlite3.connect(database(server), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        command = show.host.ask("setMetadata", entries={"waits": "x"})
        await asyncio.sleep(1)
        assert not command.done()
        other.execute("COMMIT")
        assert (await asyncio.wait_for(command, 60))["error"] is None
        other.execute("BEGIN IMMEDIATE")
        refused_s = await refused(show)
        other.execute("ROLLBACK")
    await show.host.do("setMetadata", entries={"goes on": "x"})
    await check_sound(server, show)
    figures.note("r12 busy", refused_s=refused_s)


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """The process may make no file longer than a page, which is what a full disk says to SQLite."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (NO_ROOM_BYTES, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


async def test_r12_a_full_disk_refuses_and_leaves_nothing_half(server: Server) -> None:
    show = await open_show([server], audience=5, helpers=0)
    await show.host.do("setMetadata", entries={"before": "x"})
    with full_disk(server.process.pid):
        times = [await refused(show) for _ in range(3)]
    await show.host.do("setMetadata", entries={"goes on": "x"})
    await check_sound(server, show)
    figures.note("r12 full", refused_s=max(times))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder on a file system that may not be written, also not by root."""
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


async def test_r12_a_database_that_may_not_be_written_is_said_at_the_start(own_server: Server, tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.fail("this test mounts a folder read-only and needs root")
    server = own_server
    show = await open_show([server], audience=2, helpers=0)
    await show.host.do("setMetadata", entries={"before": "x"})
    for follower in show.everybody:
        await follower.close()
    await asyncio.to_thread(server.stop)
    before = await asyncio.to_thread(oracle.read_log, server, show.slug)
    env = server.env | {"MIC_DATABASE_URL": f"sqlite:///{database(server)}", "MIC_DATA_DIR": str(tmp_path)}
    with read_only(server.data):
        serve = [sys.executable, "manage.py", "serve", "--port", str(server.port)]
        ended = await asyncio.to_thread(
            subprocess.run, serve, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
        )
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    assert "database" in said and "Traceback" not in said, said
    assert await asyncio.to_thread(oracle.read_log, server, show.slug) == before
    await asyncio.to_thread(server.start)
    again = await show.come(show.host.actor).live()
    assert again.picture.state["metadata"]["before"] == "x"
    await again.do("setMetadata", entries={"goes on": "x"})
    figures.note("r12 read-only", said=said.strip().splitlines()[-1])
