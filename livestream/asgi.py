"""The ASGI application: pages through Django, sockets through our consumer."""

import os
from typing import Any, cast

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestream.settings")
pages = get_asgi_application()  # loads the apps; what imports models comes after it

from django.conf import settings  # noqa: E402

from livestream.crowd import Crowd  # noqa: E402
from micconnect.consumers import RoomConsumer  # noqa: E402
from micconnect.running import lifespan  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": Crowd(pages, settings.PAGES_AT_ONCE, settings.PAGES_WAITING_MAX),
        "websocket": URLRouter([path("ws/rooms/<slug:slug>/", cast(Any, RoomConsumer.as_asgi()))]),
        "lifespan": lifespan,
    }
)
