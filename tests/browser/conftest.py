"""Debian's Chromium with a fake camera and microphone, against a server as a user starts it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import chromium
from tests.browser.people import Stagehand
from tests.live import Server

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server("serve").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.path(), args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def house(server: Server, browser: Browser) -> Iterator[Stagehand]:
    """Opens windows for people; after the test none may have logged an error."""
    stagehand = Stagehand(server, browser)
    yield stagehand
    stagehand.close()
