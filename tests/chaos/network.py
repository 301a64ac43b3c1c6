"""A network namespace for one guest, joined to this machine by a wire of its own that can be pulled. Needs root."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.live import ROOT, WAIT_S, Server, free_port, wait_until

OURS, THEIRS = "198.51.100.1", "198.51.100.2"  # of a range for documentation: no machine has them


class Wire:
    """The wire between the machine (OURS) and the namespace (THEIRS)."""

    def __init__(self) -> None:
        name = secrets.token_hex(3)
        self.space, self.ours, self.theirs = f"chaos{name}", f"mic{name}a", f"mic{name}b"
        _ip("netns", "add", self.space)
        _ip("link", "add", self.ours, "type", "veth", "peer", "name", self.theirs, "netns", self.space)
        _ip("addr", "add", f"{OURS}/30", "dev", self.ours)
        _ip("link", "set", self.ours, "up")
        _ip("-n", self.space, "addr", "add", f"{THEIRS}/30", "dev", self.theirs)
        _ip("-n", self.space, "link", "set", self.theirs, "up")

    def pull(self) -> None:
        """From now on nothing arrives, and neither side is told."""
        _ip("-n", self.space, "link", "set", self.theirs, "down")

    def run(self, *args: str) -> "subprocess.Popen[str]":
        """A Python module inside the namespace, with its output to read."""
        command = ["ip", "netns", "exec", self.space, sys.executable, "-m", *args]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@contextmanager
def wire() -> Iterator[Wire]:
    """A wire that is gone afterwards."""
    if os.getuid() != 0:
        pytest.fail("this test makes a network namespace and needs root")
    made = Wire()
    try:
        yield made
    finally:
        _ip("netns", "del", made.space)
        subprocess.run(["ip", "link", "del", made.ours], capture_output=True)  # with the namespace it may be gone


def _ip(*args: str) -> None:
    subprocess.run(["ip", *args], check=True)


class NearServer(Server):
    """A server at our end of the wire."""

    def __init__(self) -> None:
        super().__init__("serve", MIC_MEDIA_ADDRESS=OURS, MIC_ALLOWED_HOSTS=OURS)
        self.port = free_port()

    def start(self) -> "NearServer":
        self.manage("migrate", "--verbosity", "0")
        command = [sys.executable, "manage.py", "serve", "--host", OURS, "--port", str(self.port)]
        self.log = (self.data / "log").open("w")
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=self.log, stderr=self.log, text=True)
        wait_until(self._answers, f"the server to answer: {self.data / 'log'}")
        return self

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(WAIT_S)
        self.log.close()

    @property
    def url(self) -> str:
        return f"http://{OURS}:{self.port}"
