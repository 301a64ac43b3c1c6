"""A live room at a whole MicConnect server, with light peers on air and watching."""

from typing import Any

from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import Client, Server
from tests.media.line import ANYTHING, Line
from tests.media.peers import LightPublisher, LightWatcher


class Show:
    """A live room: the host and Alice (seat 1) on air with sound and picture, Vera watching.

    `how`: how everybody in it sends, for LightPublisher.
    """

    def __init__(self, server: Server, slug: str, opened: list[Any], **how: Any) -> None:
        self.server, self.slug, self.opened, self.how = server, slug, opened, how

    async def come(self, name: str, role: Role = Role.AUDIENCE, window: str = "") -> Client:
        return await Client.open(self.server, self.slug, actor(name, role), window)

    async def watch(self, client: Client) -> LightWatcher:
        watcher = await LightWatcher().watch(Line(client), self.slug, "", 10)  # type: ignore[arg-type]
        self.opened.append(watcher)
        return watcher

    async def publish(self, client: Client, mark: int, *, is_screen: bool = False) -> LightPublisher:
        publisher = LightPublisher(mark=mark, **(self.how | ({"audio": False} if is_screen else {})))
        self.opened.append(publisher)
        return await publisher.publish(Line(client, is_screen=is_screen), ANYTHING)  # type: ignore[arg-type]

    async def begin(self, host: Client) -> None:
        self.host, self.alice, self.vera = host, await self.come("Alice"), await self.come("Vera")
        await host.do("goLive")
        asked = await self.alice.do("apply", media="video")
        await host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
        await self.publish(host, 0x10)
        self.sending = await self.publish(self.alice, 0x20)
        self.watching, self.host_watching = await self.watch(self.vera), await self.watch(host)
        await self.watching.more(0, "video")
        await self.watching.more(1, "video")
