"""Somebody on air who says nothing sends almost nothing, and stays on air with a good line all the same."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from micconnect.mediachoice import CHOICES, JANUS
from tests.browser.people import Person, Stagehand
from tests.live import Server
from tests.media.janus_server import JanusServer, settings_for

LISTEN_S = 8  # longer than a line may be silent without any sign of life
FEW_PER_S = 10  # sound that is coded as a whole comes fifty times a second


@pytest.fixture(scope="module", params=CHOICES)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with each kind of media server."""
    with ExitStack() as stack:
        media = settings_for(stack.enter_context(JanusServer())) if request.param == JANUS else {}
        running = Server("serve", **media).start()
        stack.callback(running.stop)
        yield running


def sent(person: Person) -> int:
    """How many sound packets the person's window has sent."""
    report = person.page.evaluate("micMedia.publish.pc.getStats().then(report => [...report.values()])")
    return sum(int(e["packetsSent"]) for e in report if e["type"] == "outbound-rtp" and e["kind"] == "audio")


def test_a_muted_guest_sends_little_and_stays_on_air_with_a_good_line(house: Stagehand) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice", "audio")
    user_id = host.role_of("Alice")
    host.waits_for("userId => (micRoom.state.volumes[userId] ?? 0) > 0", user_id)
    alice.click("toggle-mic")
    host.waits_for("userId => !(userId in micRoom.state.volumes)", user_id)
    time.sleep(1)  # what was said last is still coded
    began, before = time.monotonic(), sent(alice)
    line = alice.page.evaluate_handle("micMedia.publish.pc")
    qualities = set()
    while time.monotonic() < began + LISTEN_S:
        qualities.add(host.page.evaluate("userId => micRoom.state.qualities[userId]", user_id))
        time.sleep(0.5)
    assert 0 < sent(alice) - before < FEW_PER_S * (time.monotonic() - began)
    assert qualities == {"good"}
    assert host.at(f"seat-{seat}").get_attribute("data-state") == "live"
    alice.click("toggle-mic")
    host.waits_for("userId => (micRoom.state.volumes[userId] ?? 0) > 0", user_id)
    assert alice.page.evaluate("line => micMedia.publish.pc === line", line), "the line has never been made anew"
