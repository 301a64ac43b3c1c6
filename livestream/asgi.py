"""The ASGI application: pages through Django, sockets through our consumer."""

import os
from typing import Any, cast

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestream.settings")
pages = get_asgi_application()  # loads the apps; what imports models comes after it

from django.conf import settings  # noqa: E402

from livestream.crowd import Crowd  # noqa: E402
from livestream.front import Front  # noqa: E402
from micconnect.consumers import RoomConsumer  # noqa: E402
from micconnect.running import lifespan  # noqa: E402


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    """A handshake for an address that is none: 404 where the server can say it, else its own refusal."""
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"There is no socket at this address.\n"})
    else:
        await send({"type": "websocket.close", "code": 1000})


routes = ProtocolTypeRouter(
    {
        "http": Crowd(pages, settings.PAGES_AT_ONCE, settings.PAGES_WAITING_MAX),
        "websocket": URLRouter(
            [path("ws/rooms/<slug:slug>/", cast(Any, RoomConsumer.as_asgi())), re_path("", cast(Any, no_such_socket))]
        ),
        "lifespan": lifespan,
    }
)
application = Front(routes)
