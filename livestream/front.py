"""What stands before pages and sockets: by which address a browser has asked, when proxies are in between.

A proxy changes what the server sees: the visitor's address, the scheme, often the port of the Host header, sometimes
the path. Here all of it is put right once, in the ASGI scope, so that pages, sockets and Django's own checks see the
same.
Only proxies of `MIC_TRUSTED_PROXIES` are believed; docs/proxies.md says what each header does.
"""

import logging
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from micconnect import proxies
from micconnect.seldom import Seldom, shown

logger = logging.getLogger(__name__)
PORTS = {"http": 80, "https": 443}
SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
ASKED = "micconnect.asked"  # in the scope: what has come in, in words for the log
_no_scheme = Seldom(logger, logging.WARNING)


class Front:
    """An ASGI application in front of another one."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = within_prefix(as_asked(scope), settings.URL_PREFIX)
        await self._application(scope, receive, send)


def within_prefix(scope: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The scope with `prefix` at the start of its path, whether or not the proxy has taken it away."""
    if not prefix:
        return scope
    path, raw = scope["path"], scope.get("raw_path") or b""
    if path != prefix and not path.startswith(prefix + "/"):
        path, raw = prefix + path, prefix.encode() + raw
    elif path == prefix:
        path, raw = path + "/", raw + b"/"
    return scope | {"root_path": prefix, "path": path, "raw_path": raw}


def as_asked(scope: dict[str, Any]) -> dict[str, Any]:
    """The scope with scheme, Host header and visitor as the browser and the proxies in front have them."""
    client = (scope.get("client") or ("",))[0]
    headers = _texts(scope)
    hosts = headers.get("host", [])
    told = {name: _last(headers, f"x-forwarded-{name}") for name in ("proto", "host", "port", "for")}
    words = [f"{name}: {shown(value) or 'none'}" for name, value in told.items() if name != "for"]
    asked = f"Host: {shown(', '.join(hosts)) or 'none'}; X-Forwarded-{', -'.join(words)}; from {shown(client)}"
    if not proxies.is_trusted(client):
        return scope | {ASKED: f"{asked}, which is not in MIC_TRUSTED_PROXIES"}
    changed: dict[str, Any] = {ASKED: f"{asked}, a trusted proxy"}
    if visitor := _visitor(", ".join(headers.get("x-forwarded-for", []))):
        changed["client"] = visitor, 0
    scheme = SCHEMES[scope.get("scheme", "http")]
    if told["proto"] in SCHEMES:
        scheme = SCHEMES[told["proto"]]
    elif settings.BEHIND_TLS_PROXY and told["for"]:
        _no_scheme.tell("a proxy tells no X-Forwarded-Proto, without which pages are sent to HTTPS for ever")
    if len(hosts) == 1 and (host := told["host"] or hosts[0]):
        is_silent = not told["proto"] and not settings.BEHIND_TLS_PROXY
        scheme, host = _address(scheme, host, told["port"], _page(headers), _own_port(scope), is_silent=is_silent)
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        changed["headers"] = [(b"host", host.encode("latin-1")), *others]
    is_socket = scope["type"] == "websocket"
    changed["scheme"] = {"http": "ws", "https": "wss"}[scheme] if is_socket else scheme
    return scope | changed


def _address(
    scheme: str, host: str, told_port: str, page: SplitResult | None, own_port: int | None, *, is_silent: bool
) -> tuple[str, str]:
    """Scheme and host as the browser has them.

    nginx's usual `Host $host` drops the port, and many leave the scheme out too. Who asks from a page says both in
    Origin or Referer. That is taken where the proxy has said nothing else: the host's name must be the same; the port
    only where Host has none and no X-Forwarded-Port contradicts; the scheme only from http to https, where no
    X-Forwarded-Proto was sent, and not where Host names the port that we listen on, for then nobody is in between. A
    page on another port of the same host is another origin: browsers that say what kind of request it is
    (Sec-Fetch-Site) are refused then (`_page`); with others the token of the form, or the ticket of the socket, is what
    is left to hold.
    """
    name, port = _split(host)
    if told_port.isdecimal() and not port and int(told_port) != PORTS[scheme]:
        forwarded = f"{name}:{int(told_port)}"
    else:
        forwarded = _without_default(scheme, host)
    if page is None or page.hostname != _split(name)[0].strip("[]").lower():
        return scheme, forwarded
    if is_silent and page.scheme == "https" and port != str(own_port):
        scheme = "https"
    if page.scheme != scheme:
        return scheme, forwarded
    page_port = page.port or PORTS[scheme]
    if port or (own_port == PORTS[scheme] and not told_port):  # nothing was dropped
        return scheme, forwarded
    if told_port.isdecimal() and page_port not in (int(told_port), PORTS[scheme]):
        return scheme, forwarded
    return scheme, _without_default(scheme, f"{name}:{page_port}")


def _page(headers: dict[str, list[str]]) -> SplitResult | None:
    """The address of the page that asks, unless the browser says that it is of another site or origin."""
    if _last(headers, "sec-fetch-site") not in ("", "same-origin"):
        return None
    try:
        page = urlsplit((_last(headers, "origin") or _last(headers, "referer")).lower())
        return page if page.scheme in PORTS and page.hostname and page.port != 0 else None
    except ValueError:
        return None


def _visitor(chain: str) -> str:
    """Who asked the first of our proxies: what stands left of it is the visitor's own claim."""
    addresses = [_split(part.strip())[0].strip("[]") for part in chain.split(",") if part.strip()]
    return next((one for one in reversed(addresses) if not proxies.is_trusted(one)), addresses[0] if addresses else "")


def _split(host: str) -> tuple[str, str]:
    """Name and port (empty without); a bare IPv6 address has no port."""
    name, colon, port = host.rpartition(":")
    is_port = bool(colon) and port.isdecimal() and (":" not in name or name.endswith("]"))
    return (name, port) if is_port else (host, "")


def _without_default(scheme: str, host: str) -> str:
    name, port = _split(host)
    return name if port and int(port) == PORTS[scheme] else host


def _own_port(scope: dict[str, Any]) -> int | None:
    return (scope.get("server") or (None, None))[1]


def _texts(scope: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(bytes(name).decode("latin-1").lower(), []).append(bytes(value).decode("latin-1").strip())
    return found


def _last(headers: dict[str, list[str]], name: str) -> str:
    """The last value: that of the proxy next to us; others were in what it got, and may be the visitor's own."""
    return (headers.get(name) or [""])[-1].rpartition(",")[2].strip()
