"""python-socketio in its recommended form: an AsyncServer and one emit to everybody. Serves 127.0.0.1 at argv[1]."""

import sys
from typing import Any

import socketio  # type: ignore[import-untyped]
import uvicorn

from bench.publishing import plain_pages, with_publisher

server: Any = socketio.AsyncServer(async_mode="asgi", ping_interval=3600, cors_allowed_origins=[])
application: Any = socketio.ASGIApp(server, other_asgi_app=plain_pages)


async def tell(text: str) -> None:
    await server.emit("event", text)


if __name__ == "__main__":
    uvicorn.run(
        with_publisher(application, tell),
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        backlog=4096,
        lifespan="off",
        log_level="warning",
    )
