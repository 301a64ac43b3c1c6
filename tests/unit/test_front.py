"""By which address a browser has asked, as told by proxies that are believed, and by those that are not."""

from typing import Any

import pytest

from livestream.front import as_asked, within_prefix
from micconnect import origins

BROWSER, PROXY, STRANGER = "192.0.2.7", "127.0.0.1", "192.0.2.99"


def seen(client: str = PROXY, scheme: str = "ws", port: int = 8000, **headers: str) -> tuple[str, str, str]:
    """Scheme, host and visitor as the application gets them."""
    scope = as_asked(asked(client, scheme, port, **headers))
    return scope["scheme"], dict(scope["headers"])[b"host"].decode(), scope["client"][0]


def asked(client: str = PROXY, scheme: str = "ws", port: int = 8000, **headers: str) -> dict[str, Any]:
    lines = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    kind = "websocket" if scheme.startswith("ws") else "http"
    return {"type": kind, "scheme": scheme, "client": (client, 1), "server": ("127.0.0.1", port), "headers": lines}


def test_a_proxy_that_tells_all_is_believed_and_a_stranger_is_not() -> None:
    told = {
        "host": "127.0.0.1:8000",
        "x_forwarded_host": "live.example:8443",
        "x_forwarded_proto": "https",
        "x_forwarded_for": BROWSER,
    }
    assert seen(**told) == ("wss", "live.example:8443", BROWSER)
    assert seen(scheme="http", **told) == ("https", "live.example:8443", BROWSER)
    assert seen(STRANGER, **told) == ("ws", "127.0.0.1:8000", STRANGER)


@pytest.mark.parametrize(
    ("chain", "visitor"),
    [
        ("192.0.2.1, 192.0.2.7", BROWSER),
        ("192.0.2.1, 192.0.2.7, 127.0.0.1", BROWSER),
        ("127.0.0.1", PROXY),
        ("[2001:db8::1]:99", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("192.0.2.7:4711", BROWSER),
        ("", PROXY),
    ],
)
def test_the_visitor_is_who_asked_the_first_of_our_proxies(chain: str, visitor: str) -> None:
    assert seen(host="x", x_forwarded_for=chain)[2] == visitor


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        # nginx's `Host $host`, on port 8443 and with the scheme told
        ({"origin": "https://live.example:8443"}, "live.example:8443"),
        ({"referer": "https://live.example:8443/live/x/"}, "live.example:8443"),
        ({"origin": "https://live.example"}, "live.example"),
        ({"origin": "https://live.example:8443", "sec_fetch_site": "same-origin"}, "live.example:8443"),
        ({"origin": "https://live.example:8443", "sec_fetch_site": "same-site"}, "live.example"),
        ({"origin": "https://other.example:8443"}, "live.example"),
        ({"origin": "http://live.example:8443"}, "live.example"),
        ({"origin": "https://live.example.evil:8443"}, "live.example"),
        ({"origin": "https://live.example:0"}, "live.example"),
        ({"origin": "https://live.example:port"}, "live.example"),
        ({"origin": "null"}, "live.example"),
        ({}, "live.example"),
        # the port is told: nothing is guessed
        ({"x_forwarded_port": "8443"}, "live.example:8443"),
        ({"x_forwarded_port": "8443", "origin": "https://live.example:9000"}, "live.example:8443"),
        ({"x_forwarded_port": "8443", "origin": "https://live.example"}, "live.example"),
        ({"x_forwarded_port": "443"}, "live.example"),
        ({"x_forwarded_port": "x"}, "live.example"),
        ({"host": "live.example:8443", "origin": "https://live.example:9000"}, "live.example:8443"),
        ({"host": "live.example:443"}, "live.example"),
        ({"host": "[::1]", "origin": "https://[::1]:8443"}, "[::1]:8443"),
    ],
)
def test_a_port_that_the_proxy_dropped_is_taken_from_the_page(headers: dict[str, str], host: str) -> None:
    assert seen(**{"host": "live.example", "x_forwarded_proto": "https"} | headers)[:2] == ("wss", host)


def test_who_asks_directly_has_dropped_nothing() -> None:
    for client, port in ((STRANGER, 8000), (PROXY, 80)):
        assert seen(client, port=port, host="localhost", origin="http://localhost:3000")[:2] == ("ws", "localhost")


def test_a_scheme_is_taken_from_the_page_only_where_none_was_told(settings: Any) -> None:
    page = {"host": "live.example", "origin": "https://live.example:8443"}
    assert seen(**page)[:2] == ("wss", "live.example:8443")
    assert seen(x_forwarded_proto="http", **page)[:2] == ("ws", "live.example")
    settings.BEHIND_TLS_PROXY = True
    assert seen(**page)[:2] == ("ws", "live.example")


def test_two_hosts_stay_two() -> None:
    scope = asked(host="a") | {"headers": [(b"host", b"a"), (b"host", b"b")]}
    assert [value for name, value in as_asked(scope)["headers"] if name == b"host"] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("path", "seen_path"),
    [
        ("/mic/live/x/", "/mic/live/x/"),
        ("/live/x/", "/mic/live/x/"),
        ("/", "/mic/"),
        ("/mic", "/mic/"),
        ("/microphone", "/mic/microphone"),
    ],
)
def test_the_path_is_the_same_whether_the_proxy_takes_the_prefix_away_or_not(path: str, seen_path: str) -> None:
    scope = within_prefix({"path": path, "raw_path": path.encode()}, "/mic")
    assert (scope["root_path"], scope["path"], scope["raw_path"]) == ("/mic", seen_path, seen_path.encode())
    assert within_prefix({"path": path}, "") == {"path": path}


def test_what_was_compared_is_told_once_a_second_in_one_line(
    settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS = ["live.example"]
    monkeypatch.setattr("micconnect.seldom.time.monotonic", lambda: 1e9)
    scope = as_asked(asked(host="live.example", origin="https://evil.example\x85x", x_forwarded_proto="https"))
    assert [origins.is_allowed(scope) for _ in range(3)] == [False] * 3
    (line,) = [record.getMessage() for record in caplog.records]
    assert "https://evil.example\\x85x" in line and "this site is https://live.example here" in line
    assert "Host: live.example; X-Forwarded-proto: https" in line and "docs/proxies.md" in line


def test_a_host_that_is_none_of_ours_opens_no_sockets(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["live.example"]
    scope = as_asked(asked(STRANGER, host="rebound.example", origin="http://rebound.example"))
    assert not origins.is_allowed(scope)
    assert origins.is_allowed(as_asked(asked(STRANGER, host="live.example", origin="http://live.example")))
