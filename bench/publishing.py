"""The publisher's socket of the Python servers: an ASGI application around the one that is measured."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Tell = Callable[[str], Awaitable[str | None]]


def with_publisher(measured: Application, tell: Tell) -> Application:
    """Hands what is said at /publish to `tell`; text that it returns goes back. All else is `measured`'s."""

    async def publish(receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
            elif answer := await tell(str(message["text"])):
                await send({"type": "websocket.send", "text": answer})

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == "/publish":
            await publish(receive, send)
        else:
            await measured(scope, receive, send)

    return application


async def plain_pages(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers every page with nothing, so that whoever starts the server knows that it runs."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})
