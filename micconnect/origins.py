"""Which pages may open sockets and send forms: full origins are compared, with scheme and port.

One rule for both. What the browser has asked for, behind whatever proxy, stands in the request by now
(`livestream/front.py`).
"""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from micconnect.seldom import Seldom, shown

logger = logging.getLogger(__name__)
_refused = Seldom(logger, logging.WARNING)
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def _parts(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url.lower())
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def allows(origin: str, scheme: str, host: str) -> bool:
    """Whether a page of `origin` may use the site that it reaches by `scheme` and `host` (with its port).

    Only its own pages and those of MIC_ORIGINS may.
    """
    try:
        return _parts(origin) in {_parts(f"{scheme}://{host}"), *map(_parts, settings.ORIGINS)}
    except ValueError:  # a port that is no number
        return False


def tell_refused(what: str, origin: str, scheme: str, host: str, asked: str) -> None:
    """One line about what was compared, for who has set the proxy up."""
    _refused.tell(
        f"refused {what} of a page of {shown(origin)}: this site is {shown(f'{scheme}://{host}')} here ({asked}). "
        "If that page is yours, see docs/proxies.md"
    )


def is_allowed(scope: Mapping[str, Any]) -> bool:
    """Whether the handshake comes from our own pages or a listed origin; tells the log when not.

    A program that is no browser sends no Origin; it cannot be tricked into coming, so it is let in (the ticket
    decides). Our own origin is the Host header's, by which the page itself was asked for; it must be one of ours, or
    any site could give its own name to this machine's address.
    """
    headers = [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in scope["headers"]]
    found = [value for name, value in headers if name == "origin"]
    hosts = [value for name, value in headers if name == "host"]
    if not found:
        return True
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    if len(found) == len(hosts) == 1 and allows(found[0], scheme, hosts[0]):
        if validate_host(split_domain_port(hosts[0])[0], settings.ALLOWED_HOSTS):
            return True
        asked = f"{scope.get('micconnect.asked', '')}; the host is not in MIC_ALLOWED_HOSTS"
        tell_refused("a socket", found[0], scheme, hosts[0], asked)
        return False
    tell_refused("a socket", ", ".join(found), scheme, ", ".join(hosts), scope.get("micconnect.asked", ""))
    return False
