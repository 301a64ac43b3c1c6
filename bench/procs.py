"""Processes that are measured: started on a free port, watched from outside, stopped by their pid."""

import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
START_S = 60
STOP_S = 15
PYTHON = sys.executable


class Failed(Exception):
    """A program of the bench did not do its part."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def many_files() -> int:
    """Lifts the number of open files to what the system grants, for us and our children; returns it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def cpu_s(pid: int) -> float:
    """utime + stime of a process with all its threads, in nanosecond steps (`/proc` tells only hundredths)."""
    return time.clock_gettime((~pid) << 3 | 2)  # clock_getcpuclockid(3)


def rss_kib(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="micconnect-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Process:
    """A server of the bench on 127.0.0.1. `argv` may name `{port}`. Leave the `with` block to stop it."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.port, self.name = free_port(), " ".join(argv)
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 — closed by __exit__
        self.popen = subprocess.Popen(
            [part.replace("{port}", str(self.port)) for part in argv],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def __enter__(self) -> "Process":
        try:
            self._wait_for_answer()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_for_answer(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.popen.poll() is not None:
                raise Failed(f"{self.name} ended: {self.said()}")
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=5):
                    return
            except HTTPError as answer:  # any answer is one
                answer.close()
                return
            except OSError:
                time.sleep(0.05)
        raise Failed(f"{self.name} does not answer: {self.said()}")

    def said(self) -> str:
        """The end of what the process has printed."""
        self.log.seek(0)
        return self.log.read()[-2000:]

    def cpu_s(self) -> float:
        return cpu_s(self.pid)

    def rss_kib(self) -> int:
        return rss_kib(self.pid)

    def settle(self, most_s: float = 20) -> None:
        """Waits until the process is about idle: what joins leave behind is written, rubbish is collected."""
        end = time.monotonic() + most_s
        quiet = 0
        while time.monotonic() < end and quiet < 3:
            before = self.cpu_s()
            time.sleep(0.3)
            quiet = quiet + 1 if self.cpu_s() - before < 0.03 else 0

    def stop(self) -> None:
        """As Ctrl-C does it; whoever takes too long with thousands of open sockets is killed."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
            try:
                self.popen.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        self.log.close()
