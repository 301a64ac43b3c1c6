"""A real coturn with the configuration of deploy/, started by scripts/coturn."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from tests.live import ROOT, WAIT_S, free_port, wait_until

SECRET = "the-word-that-both-know"


class Coturn:
    """One relay; `sfu` is what it relays to, `listen` its own addresses. `options` are those of turnserver."""

    def __init__(self, *options: str, sfu: str = "127.0.0.1", listen: tuple[str, ...] = ("127.0.0.1",)) -> None:
        self.address, self.port = listen[0], free_port()
        self.dir = Path(tempfile.mkdtemp(prefix="micconnect-coturn-"))
        named = [f"--sfu={sfu}", *(f"--listen={address}" for address in listen), f"--port={self.port}"]
        arguments = [part for option in named for part in option.split("=", 1)]
        self.command = ["scripts/coturn", *arguments, "--dir", str(self.dir), "--", *options]
        self.lines: list[str] = []

    def start(self) -> "Coturn":
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | {"MIC_TURN_SECRET": SECRET},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        wait_until(self._is_up, "coturn")
        return self

    def __enter__(self) -> "Coturn":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.dir)

    def stop(self) -> None:
        """Ends it; `start` brings it back on the same port."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)

    @property
    def log(self) -> str:
        return "".join(self.lines)

    def env(self, *transports: str, relay_only: bool = False) -> dict[str, str]:
        """The settings of a MicConnect server that uses it; `transports`: udp and tcp unless named."""
        urls = [f"turn:{self.address}:{self.port}?transport={by}" for by in transports or ("udp", "tcp")]
        return {
            "MIC_TURN_URLS": ",".join(urls),
            "MIC_TURN_SECRET": SECRET,
            "MIC_TURN_RELAY_ONLY": "on" if relay_only else "off",
        }

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.log
        return "Total General servers" in self.log

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.lines.append(line)
