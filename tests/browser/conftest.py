"""Debian's Chromium with a fake camera and microphone, against a server as a user starts it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import chromium
from tests.browser.people import Stagehand
from tests.live import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server("serve").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        yield running
        running.close()


@pytest.fixture
def house(server: Server, browser: Browser) -> Iterator[Stagehand]:
    """Opens windows for people; after the test none may have logged an error."""
    stagehand = Stagehand(server, browser)
    yield stagehand
    stagehand.close()
