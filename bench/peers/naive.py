"""The usual Channels way: a consumer per socket, `group_send`, the layer in memory.

    python -m bench.peers.naive PORT daphne|uvicorn

daphne is the server of Channels' own tutorial, uvicorn the one that ours runs on.
"""

import sys
from typing import Any

import uvicorn
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter
from daphne.cli import CommandLineInterface  # type: ignore[import-untyped]
from django.conf import settings

from bench.publishing import plain_pages, with_publisher

if not settings.configured:  # daphne imports this module a second time, by its name
    settings.configure(
        CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
        DATABASES={},
    )
GROUP = "room"


class Viewer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def room_event(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


async def tell(text: str) -> None:
    layer = get_channel_layer()
    assert layer
    await layer.group_send(GROUP, {"type": "room.event", "text": text})


router: Any = ProtocolTypeRouter({"websocket": Viewer.as_asgi(), "http": plain_pages})
application = with_publisher(router, tell)


def on_daphne(port: str) -> None:
    endpoint = f"tcp:{port}:interface=127.0.0.1:backlog=4096"
    CommandLineInterface().run(["-e", endpoint, "-v", "0", "bench.peers.naive:application"])


def on_uvicorn(port: str) -> None:
    uvicorn.run(
        application,
        port=int(port),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        backlog=4096,
        lifespan="off",
        log_level="warning",
    )


if __name__ == "__main__":
    {"daphne": on_daphne, "uvicorn": on_uvicorn}[sys.argv[2]](sys.argv[1])
