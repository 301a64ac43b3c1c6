"""Doors between a backend and Janus that a test can shut: the lines break, Janus itself goes on."""

import asyncio
from contextlib import suppress

from micconnect.media.janus.backend import JanusBackend
from micconnect.media.janus.node import NodeConfig
from tests.media.janus_server import SECRETS, JanusServer


class Door:
    """One port that leads to another one of this machine while it is open."""

    def __init__(self, url: str) -> None:
        self._target = int(url.rpartition(":")[2])
        self._port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where it begins."""
        return f"ws://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """Let pass. Repeating does nothing."""
        if self._server is not None:
            return
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port, reuse_address=True)
        self._port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Break what passes, and refuse whoever comes."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        mine = {writer, far_writer}
        self._writers |= mine
        try:
            await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))
        finally:
            self._writers -= mine

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
            writer.close()


class Doors:
    """The two doors to one Janus."""

    def __init__(self, server: JanusServer) -> None:
        self._name = server.name
        self._doors = Door(server.url), Door(server.admin_url)

    async def open(self) -> "Doors":
        for door in self._doors:
            await door.open()
        return self

    def shut(self) -> None:
        for door in self._doors:
            door.shut()

    async def close(self) -> None:
        self.shut()

    @property
    def config(self) -> NodeConfig:
        """Janus, as it is reached through the doors."""
        api, admin = self._doors
        secrets = SECRETS["MIC_JANUS_API_SECRET"], SECRETS["MIC_JANUS_ADMIN_SECRET"]
        return NodeConfig(self._name, api.url, admin.url, *secrets)


def backend_behind(
    *doors: Doors, room_key: str = SECRETS["MIC_JANUS_ROOM_KEY"], watches_per_node: int = 300
) -> JanusBackend:
    """A backend, not started, whose lines go through the doors."""
    return JanusBackend([door.config for door in doors], room_key, watches_per_node=watches_per_node)
