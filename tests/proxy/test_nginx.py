"""Pages, forms and sockets through a real nginx as people set it up: `Host $host` on an odd port, TLS, a path."""

import re
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPSHandler, Request, build_opener

import msgspec
import pytest
from websockets.asyncio.client import connect

from tests.live import PASSWORD, WAIT_S, Client, Server
from tests.proxy.nginx import Nginx, plain, ready

HOST = "proxy_set_header Host $host;"
HTTP_HOST = "proxy_set_header Host $http_host;"
PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"
FOR = "proxy_set_header X-Forwarded-For $remote_addr;"
PORT = "proxy_set_header X-Forwarded-Port $server_port;"
THEIRS = "proxy_set_header Host $proxy_host; proxy_set_header X-Forwarded-Host $http_host;"

WAYS: dict[str, tuple[str, Callable[[int], Nginx]]] = {
    "Host $host": ("", lambda port: plain(port, HOST)),
    "Host $http_host": ("", lambda port: plain(port, HTTP_HOST)),
    "X-Forwarded-Host": ("", lambda port: plain(port, THEIRS)),
    "TLS, Host $host alone": ("", lambda port: plain(port, HOST, is_tls=True)),
    "TLS, Host $host and scheme": ("", lambda port: plain(port, HOST + PROTO + FOR, is_tls=True)),
    "TLS, Host $host, scheme and port": ("", lambda port: plain(port, HOST + PROTO + PORT + FOR, is_tls=True)),
    "TLS, Host $http_host": ("", lambda port: plain(port, HTTP_HOST + PROTO + FOR, is_tls=True)),
    "TLS, the file of deploy/": ("", ready),
    "/mic/ passed on": ("/mic", lambda port: plain(port, HOST, location="/mic/")),
    "/mic/ taken away": ("/mic", lambda port: plain(port, HOST, location="/mic/", target="/")),
    "TLS, /mic/ taken away": (
        "/mic",
        lambda port: plain(port, HTTP_HOST + PROTO + FOR, location="/mic/", target="/", is_tls=True),
    ),
}


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[str], Server]]:
    """A server for each prefix, which the proxies share."""
    running: dict[str, Server] = {}

    def of(prefix: str) -> Server:
        if prefix not in running:
            running[prefix] = Server("serve", MIC_URL_PREFIX=prefix).start()
        return running[prefix]

    yield of
    for server in running.values():
        server.stop()


class Site:
    """A browser without a screen that comes through the proxy; it sends Origin and Referer as browsers do."""

    def __init__(self, nginx: Nginx, prefix: str) -> None:
        self.nginx, self.home = nginx, f"{nginx.url}{prefix}/"
        self.jar = CookieJar()
        handlers = [HTTPCookieProcessor(self.jar)]
        if nginx.url.startswith("https"):
            handlers.append(HTTPSHandler(context=nginx.trust))  # type: ignore[arg-type]
        self.opener = build_opener(*handlers)
        self.url = self.home

    def get(self, url: str = "") -> str:
        return self._open(Request(urljoin(self.home, url), headers={"Referer": self.url}))

    def post(self, url: str, **fields: str) -> str:
        page = self.get(url)
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
        fields["csrfmiddlewaretoken"] = token[1] if token else self.token
        headers = {"Origin": self.nginx.url, "Referer": self.url}
        return self._open(Request(urljoin(self.home, url), urlencode(fields).encode(), headers))

    def ask(self, url: str, **fields: str) -> Any:
        headers = {"Origin": self.nginx.url, "Referer": self.url, "X-CSRFToken": self.token}
        return msgspec.json.decode(self._open(Request(urljoin(self.home, url), urlencode(fields).encode(), headers)))

    @property
    def token(self) -> str:
        return next(cookie.value or "" for cookie in self.jar if cookie.name.startswith("csrftoken"))

    def _open(self, request: Request) -> str:
        try:
            with self.opener.open(request, timeout=WAIT_S) as response:
                self.url = response.url
                return str(response.read().decode())
        except HTTPError as error:
            with error:
                raise AssertionError(f"{error.code} {request.full_url}: {error.read().decode()[:2000]}") from None


def config(page: str) -> dict[str, Any]:
    found = re.search(r'id="mic-config" type="application/json">(.*?)</script>', page)
    assert found, page
    return msgspec.json.decode(found[1], type=dict[str, Any])


@pytest.mark.parametrize(("prefix", "proxy"), WAYS.values(), ids=WAYS)
async def test_the_walk_works_through_nginx(
    servers: Callable[[str], Server], prefix: str, proxy: Callable[[int], Nginx]
) -> None:
    server = servers(prefix)
    nginx = proxy(server.port)
    try:
        site = Site(nginx, prefix)
        page = site.get()
        for address in re.findall(r'(?:href|src|action)="([^"]+)"', page):
            assert not address.startswith("/") or address.startswith(f"{prefix}/"), address
        sheet = next(a for a in re.findall(r'href="([^"]+)"', page) if a.endswith(".css"))
        assert "{" in site.get(sheet)
        # logging in after signing up, by the address that asks for it
        name = f"Hannah{nginx.port}"
        site.post("accounts/signup/", username=name, password1=PASSWORD, password2=PASSWORD)
        assert site.url == f"{site.home}studio/"
        assert {cookie.path for cookie in site.jar if "session" in cookie.name} == {prefix or "/"}
        studio = site.post("studio/", title="Open mic night")
        there = site.url
        site = Site(nginx, prefix)
        assert 'name="password"' in site.get(urlsplit(there).path), "it asks who that is"
        back = site.url
        studio = site.post(back, username=name, password=PASSWORD, next=urlsplit(there).path)
        assert site.url == there
        # the socket of the page
        known = config(studio)
        host = await opened(nginx, known, site.ask(known["ticketUrl"])["ticket"])
        made = await host.do("goLive", media="audio")
        assert isinstance(made, dict)
        link = (await host.do("createInviteLink"))["link"]
        answer = msgspec.json.decode(site.get(f"{known['audienceUrl']}invites/{link['linkId']}/"))
        assert answer["url"].startswith(f"{site.home}live/{known['roomId']}/#invite=")
        guest = Site(nginx, prefix)
        watching = config(guest.get(known["audienceUrl"]))
        guest.ask(watching["nameUrl"], name="Vera")
        line = await opened(nginx, watching, guest.ask(watching["ticketUrl"])["ticket"])
        await line.do("apply", media="audio")
        await host.callback("onUserConnectionRequest")
        example = config(guest.get(f"examples/room-engine/{known['roomId']}/"))
        assert example["serverPath"] == f"{prefix}/"
        assert not [said for said in server.output if "Traceback" in said]
    finally:
        await Client.close_all()
        nginx.stop()


async def opened(nginx: Nginx, known: dict[str, Any], ticket: str) -> Client:
    """A socket as the page opens it, let in."""
    url = urljoin(nginx.url.replace("http", "ws", 1), known["socketPath"])
    context = {"ssl": nginx.trust} if url.startswith("wss") else {}
    client = Client(await connect(url, compression=None, origin=nginx.url, open_timeout=WAIT_S, **context))  # type: ignore[arg-type]
    await client.send_raw({"type": "hello", "ticket": ticket, "versions": [1]})
    await client.frame("snapshot")
    return client


@pytest.mark.parametrize("headers", [HOST, HTTP_HOST])
async def test_a_page_of_another_site_is_refused_through_nginx_too(
    servers: Callable[[str], Server], headers: str
) -> None:
    server = servers("")
    nginx = plain(server.port, headers)
    try:
        url = f"{nginx.url.replace('http', 'ws', 1)}/ws/rooms/any/"
        client = Client(await connect(url, compression=None, origin="http://evil.example"))  # type: ignore[arg-type]
        assert await client.closed() == 4003
        site = Site(nginx, "")
        site.get("accounts/login/")
        body = urlencode({"username": "a", "csrfmiddlewaretoken": site.token}).encode()
        with pytest.raises(AssertionError, match="403"):
            site._open(Request(f"{site.home}accounts/login/", body, {"Origin": "http://evil.example"}))
    finally:
        await Client.close_all()
        nginx.stop()
