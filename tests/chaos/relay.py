"""A TCP relay between two parties, which can be slow, stand still, or tear everything, for sockets and databases."""

import asyncio
import contextlib
from collections.abc import Callable

from tests.live import free_port

CHUNK = 1 << 16
Seen = Callable[[bytes], None]


class Relay:
    """Passes bytes between its own `port` and `target` of 127.0.0.1, on the loop of the test.

    `latency_s` delays each piece on its way to the target. `freeze` lets nothing pass but keeps connections open;
    `cut` tears them all and refuses new ones, until `mend`. `watch` makes what sees the bytes to the target of one
    connection.
    """

    def __init__(self, target: int, watch: Callable[[], Seen] = lambda: lambda data: None) -> None:
        self.target, self.watch = target, watch
        self.port = free_port()
        self.latency_s = 0.0
        self._is_cut = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> "Relay":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=1024)
        return self

    def freeze(self) -> None:
        self._flows.clear()

    async def cut(self) -> None:
        """Tears all connections; who comes now is refused, as by a machine on which nobody listens."""
        self._is_cut = True
        if self._server:
            self._server.close()
            self._server = None
        for line in list(self._lines):
            line.transport.abort()

    async def mend(self) -> None:
        """All is well again."""
        self.latency_s = 0.0
        self._flows.set()
        if self._is_cut:
            self._is_cut = False
            await self.start()

    async def close(self) -> None:
        await self.cut()
        self._flows.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._lines.add(writer)
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            self._lines.discard(writer)
            return
        self._lines.add(there_writer)
        to_target = asyncio.create_task(self._pass(reader, there_writer, self.watch(), is_slow=True))
        back = asyncio.create_task(self._pass(there_reader, writer, lambda data: None, is_slow=False))
        await asyncio.wait({to_target, back}, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, there_writer):
            self._lines.discard(end)
            end.transport.abort()
        for direction in (to_target, back):
            direction.cancel()
        await asyncio.gather(to_target, back, return_exceptions=True)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Seen, *, is_slow: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if is_slow and self.latency_s:
                    await asyncio.sleep(self.latency_s)
                await self._flows.wait()
                seen(data)
                writer.write(data)
                await writer.drain()
