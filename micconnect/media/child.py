"""The forwarder's process seen from outside: start it, write and read lines, be sure that it has ended."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from micconnect.media.sfu.messages import LINE_MAX_BYTES

STOP_S = 3.0
MODULE = "micconnect.media.sfu"
ROOT = str(Path(__file__).resolve().parents[2])


class Child:
    """One running forwarder. It ends by itself when its input closes, so it never outlives this process."""

    def __init__(
        self, process: asyncio.subprocess.Process, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader
    ) -> None:
        self._process = process
        self._stdin = stdin
        self._stdout = stdout

    @classmethod
    async def start(cls, arguments: list[str]) -> "Child":
        """Start a forwarder. Raises OSError if the system refuses."""
        path = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH"))))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            MODULE,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_MAX_BYTES,
            env={**os.environ, "PYTHONPATH": path},
        )
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes to the forwarder")
        return cls(process, process.stdin, process.stdout)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def send(self, line: bytes) -> None:
        """Write one line; lost without a word if the process has ended, which `read` will tell."""
        self._stdin.write(line)

    async def read(self) -> bytes:
        """The next line, empty at the end. Raises ValueError for one longer than LINE_MAX_BYTES."""
        return await self._stdout.readline()

    def close_input(self) -> None:
        """Tell it to end."""
        self._stdin.close()

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def reap(self) -> None:
        """Close its input and wait for its end, killing it after STOP_S or when the caller is cancelled."""
        self.close_input()
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets the end of the process.
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
        except asyncio.CancelledError:
            self.kill()
            await self._collect()
            raise
        await self._collect()

    async def _collect(self) -> None:
        await self._process.wait()
        with suppress(ConnectionError):
            await self._stdin.wait_closed()
        # What was still under way is read to its end, so that the pipe is closed and not left to the collector.
        await self._stdout.read()
