"""Which pages may open sockets: full origins are compared, with scheme and port."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def _parts(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url.lower())
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def is_allowed(scope: Mapping[str, Any]) -> bool:
    """Whether the handshake comes from our own pages or a listed origin.

    A program that is no browser sends no Origin; it cannot be tricked into coming, so it is let in (the ticket
    decides). Our own origin is the Host header's, by which the page itself was asked for.
    """
    headers = [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in scope["headers"]]
    found = [value for name, value in headers if name == "origin"]
    hosts = [value for name, value in headers if name == "host"]
    if not found:
        return True
    if len(found) > 1 or len(hosts) != 1:
        return False
    is_secure = scope.get("scheme") == "wss" or settings.BEHIND_TLS_PROXY
    own = f"{'https' if is_secure else 'http'}://{hosts[0]}"
    try:
        return _parts(found[0]) in {_parts(own), *map(_parts, settings.ORIGINS)}
    except ValueError:  # a port that is no number
        return False
