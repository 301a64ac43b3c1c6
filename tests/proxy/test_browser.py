"""The walk in a real browser under a path: host and guest come through nginx, and an example of the facades too."""

from types import SimpleNamespace
from typing import Any, cast

from playwright.sync_api import sync_playwright

from tests import chromium
from tests.browser.people import Stagehand
from tests.live import Server
from tests.proxy.nginx import plain


def test_the_walk_under_a_path_in_a_browser() -> None:
    server = Server("serve", MIC_URL_PREFIX="/mic").start()
    nginx = plain(server.port, "proxy_set_header Host $host;", location="/mic/", target="/")
    site = cast(Any, SimpleNamespace(url=f"{nginx.url}/mic", process=server.process))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
            walk(Stagehand(site, browser), site.url)
            browser.close()
        assert not [line for line in server.output if "Traceback" in line or "refused" in line], server.output
    finally:
        nginx.stop()
        server.stop()


def walk(house: Stagehand, url: str) -> None:
    host, slug = house.host()
    asked: list[str] = []
    guest = house.viewer(slug, "Gina")
    guest.page.on("request", lambda request: asked.append(request.url))
    guest.page.reload()
    guest.waits_for("() => globalThis.micRoom && micRoom.state.info !== null")
    house.ask(guest, "audio")
    assert house.accept(host, guest) == 1
    example = house.person("Emma")
    example.page.goto(f"{url}/examples/room-engine/{slug}/")
    example.waits_for("() => globalThis.micRoom && micRoom.state.info !== null")
    assert asked and not [address for address in asked if not address.startswith((f"{url}/", "data:", "blob:"))]
    house.close()
