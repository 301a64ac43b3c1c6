"""Janus for the tests and the bench: the one that is installed, with the config of deploy/janus, ports of its own."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType

from micconnect.media.janus.backend import JanusBackend

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_S = 30.0
# where Janus serves media within scripts/in-namespace: an interface that is not loopback has it
ADDRESS = "127.0.0.2"
# a range for each server, counted over all of this process, so that no two of them share a port
_MEDIA_PORTS_EACH = 3000
_FIRST_MEDIA_PORT = 20000
SECRETS = {
    "MIC_JANUS_API_SECRET": "secret-of-the-api",
    "MIC_JANUS_ADMIN_SECRET": "secret-of-the-admin",
    "MIC_JANUS_ROOM_KEY": "key-of-the-rooms",
}


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class JanusServer:
    """One Janus that can be started, killed, stopped for a while and started again on the same ports.

    Several at once differ by `number`, which gives each its own media ports.
    """

    def __init__(self, number: int = 0, address: str = ADDRESS) -> None:
        self.name = f"janus-{number}"
        self.port, self.admin_port = free_port(), free_port()
        self.address = address
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self.log = self.folder / "log"
        first = _FIRST_MEDIA_PORT + number * _MEDIA_PORTS_EACH
        self._media_ports = f"{first}-{first + _MEDIA_PORTS_EACH - 1}"
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def admin_url(self) -> str:
        """Where its admin API is."""
        return f"ws://127.0.0.1:{self.admin_port}"

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self._process is not None, f"{self.name} does not run"
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the process lives, held or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> "JanusServer":
        """Start it, and wait until both APIs take connections."""
        assert not self.is_running()
        options = ["--dir", str(self.folder), "--name", self.name, "--address", self.address]
        options += ["--port", str(self.port), "--admin-port", str(self.admin_port)]
        options += ["--media-ports", self._media_ports, "--", "--debug-level=4"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", str(ROOT / "scripts/janus"), *options],  # it never outlives us
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **SECRETS},
                start_new_session=True,  # a Ctrl-C on the tests is for them
            )
        end = time.monotonic() + PATIENCE_S
        while not (_is_taken(self.port) and _is_taken(self.admin_port)):
            assert self.is_running(), f"{self.name} ended at its start:\n{self.tail()}"
            assert time.monotonic() < end, f"{self.name} does not answer:\n{self.tail()}"
            time.sleep(0.05)
        return self

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, e.g. SIGSTOP to hold it and SIGCONT to let it go on."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order; repeating does nothing."""
        if self.is_running():
            self.send(signal.SIGCONT)
            self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None, f"{self.name} does not run"
        self._process.send_signal(number)
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def close(self) -> None:
        """Stop it and throw its folder away; at the latest it happens with our own end. Repeating does nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    def tail(self, lines: int = 60) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def __enter__(self) -> "JanusServer":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(f"--- the log of {self.name}\n{self.tail()}")
        self.close()


def settings_for(*servers: JanusServer) -> dict[str, str]:
    """The settings of a MicConnect whose media go through these servers."""
    return {
        "MIC_MEDIA": "janus",
        "MIC_JANUS_URLS": ",".join(server.url for server in servers),
        "MIC_JANUS_ADMIN_URLS": ",".join(server.admin_url for server in servers),
        **SECRETS,
    }


def backend_of(*servers: JanusServer, **more: int) -> JanusBackend:
    """A backend over these servers, not started; `more`: video_kbps, audio_kbps, watches_per_node."""
    return JanusBackend.from_urls(
        urls=[server.url for server in servers],
        admin_urls=[server.admin_url for server in servers],
        api_secret=SECRETS["MIC_JANUS_API_SECRET"],
        admin_secret=SECRETS["MIC_JANUS_ADMIN_SECRET"],
        room_key=SECRETS["MIC_JANUS_ROOM_KEY"],
        **{"video_kbps": 600, "audio_kbps": 64, "watches_per_node": 300, **more},
    )


def _is_taken(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
