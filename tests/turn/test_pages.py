"""Real pages whose media go through a real relay, by UDP and by TCP, as the settings of the server say."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import chromium
from tests.browser.people import Person, Stagehand
from tests.live import Server
from tests.media.janus_server import JanusServer, settings_for
from tests.turn.server import Coturn
from tests.turn.test_settings import BAD, GOOD

# What a line found: its own candidates, and the one of the way that is used.
WAYS = """async (line) => {
  const report = await micMedia[line].pc.getStats();
  const all = [...report.values()];
  const transport = all.find(({type}) => type === 'transport');
  const pair = report.get(transport?.selectedCandidatePairId);
  const used = pair && report.get(pair.localCandidateId);
  return {
    found: all.filter(({type}) => type === 'local-candidate').map(({candidateType}) => candidateType),
    used: used && {kind: used.candidateType, by: used.relayProtocol ?? used.protocol, bytes: pair.bytesSent},
  };
}"""


# This browser's network lets no UDP through.
STRICT = "--webrtc-ip-handling-policy=disable_non_proxied_udp"


@pytest.fixture(scope="module")
def browsers() -> Iterator[tuple[Browser, Browser]]:
    """One in a usual network, and one in a strict one."""
    with sync_playwright() as playwright:
        running = [
            playwright.chromium.launch(executable_path=chromium.path(), args=[*chromium.FLAGS, *more])
            for more in ([], [STRICT])
        ]
        yield running[0], running[1]
        for one in running:
            one.close()


@pytest.fixture
def relay() -> Iterator[Coturn]:
    with Coturn() as running:
        yield running


MAKE = """(url) => {
  try {
    new RTCPeerConnection({iceServers: [{urls: [url], username: 'a', credential: 'b'}]}).close();
    return true;
  } catch {
    return false;
  }
}"""


def test_a_browser_takes_what_the_settings_take(browsers: tuple[Browser, Browser]) -> None:
    page = browsers[0].new_page()
    assert [url for url in GOOD if not page.evaluate(MAKE, url)] == []
    # the browser would take it, but it is no relay
    assert [url for url in BAD if page.evaluate(MAKE, url)] == ["stun:turn.example.org"]
    page.close()


Open = Callable[..., tuple[Stagehand, Stagehand]]


@pytest.fixture
def open_house(browsers: tuple[Browser, Browser]) -> Iterator[Open]:
    """Starts a server with settings of its own, and opens windows to it; no page may have logged an error.

    The second Stagehand's windows are in a strict network.
    """
    opened: list[Stagehand] = []

    def open_house(**env: str) -> tuple[Stagehand, Stagehand]:
        server = Server(**env).start()
        usual, strict = (Stagehand(server, browser) for browser in browsers)
        opened.extend((usual, strict))
        return usual, strict

    yield open_house
    for house in opened:
        house.close()
    for server in {house.server for house in opened}:
        server.stop()


def ways(person: Person, line: str) -> dict[str, Any]:
    """What a page's `publish` or `watch` found and uses."""
    return dict(person.page.evaluate(WAYS, line))


def assert_media_flow(viewer: Person) -> None:
    viewer.gets(0, "audioBytes")
    viewer.gets(0, "framesDecoded")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_media_go_through_the_relay_alone(open_house: Open, relay: Coturn, transport: str) -> None:
    assert_relayed(open_house, relay, transport)


def test_media_go_through_the_relay_to_a_janus(open_house: Open) -> None:
    # side by side, as on one machine of an operator
    with JanusServer() as janus, Coturn(sfu=janus.address, listen=(janus.address,)) as relay:
        assert_relayed(open_house, relay, "udp", **settings_for(janus))


def assert_relayed(open_house: Open, relay: Coturn, transport: str, **media: str) -> None:
    """A host is seen and heard by a viewer, and neither has any other way than the relay."""
    usual, _ = open_house(**relay.env(transport, relay_only=True), **media)
    host, slug = usual.host()
    viewer = usual.viewer(slug, "Vera")
    assert_media_flow(viewer)
    for person, line in ((host, "publish"), (viewer, "watch")):
        found = ways(person, line)
        assert set(found["found"]) == {"relay"}, "no other way was looked for"
        assert (found["used"]["kind"], found["used"]["by"]) == ("relay", transport)
    assert ways(host, "publish")["used"]["bytes"] > 10_000


def test_all_the_lines_of_a_person_fit_into_what_one_may_hold(open_house: Open, relay: Coturn) -> None:
    usual, _ = open_house(**relay.env(relay_only=True))
    host, slug = usual.host()
    guest, seat = usual.on_air(host, slug, "Gil")
    guest.click("toggle-screen")
    host.gets("screen", "framesDecoded")
    host.gets(seat, "framesDecoded")
    assert_media_flow(guest)


def test_who_can_send_no_udp_goes_through_the_relay_and_others_do_not(open_house: Open, relay: Coturn) -> None:
    usual, strict = open_house(**relay.env())
    host, slug = usual.host()
    viewer = strict.viewer(slug, "Vera")
    assert_media_flow(viewer)
    used = ways(viewer, "watch")["used"]
    assert (used["kind"], used["by"]) == ("relay", "tcp")
    assert ways(host, "publish")["used"]["kind"] in ("host", "prflx")
    guest = strict.applicant(slug, "Gil", "video")
    seat = usual.accept(host, guest)
    host.gets(seat, "framesDecoded")
    assert ways(guest, "publish")["used"]["kind"] == "relay"


def test_without_relays_pages_look_for_none(open_house: Open) -> None:
    usual, strict = open_house()
    _, slug = usual.host()
    viewer, outsider = usual.viewer(slug, "Vera"), strict.viewer(slug, "Otto")
    assert_media_flow(viewer)
    assert viewer.page.evaluate("micRoom.state.media.hasRelay") is False
    assert "relay" not in ways(viewer, "watch")["found"]
    outsider.gets_nothing(0, "audioBytes")
    assert outsider.received(0, "audioBytes") == 0, "a strict network is what the other tests take it for"


def test_media_come_back_with_a_relay_that_was_away(open_house: Open, relay: Coturn) -> None:
    usual, _ = open_house(**relay.env(relay_only=True))
    _, slug = usual.host()
    viewer = usual.viewer(slug, "Vera")
    assert_media_flow(viewer)
    relay.stop()
    viewer.gets_nothing(0, "audioBytes")
    relay.start()
    assert_media_flow(viewer)
