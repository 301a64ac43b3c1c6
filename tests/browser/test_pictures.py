"""A room with more seats than pictures: the audience sees the host and who speaks; or only hears them, as they like."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from micconnect.mediachoice import CHOICES, JANUS
from tests.browser.people import Person, Stagehand
from tests.live import Server
from tests.media.janus_server import JanusServer, settings_for

TWO_PICTURES = "2"


@pytest.fixture(scope="module", params=CHOICES)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with two pictures for those who are not on air, with each kind of media server."""
    with ExitStack() as stack:
        media = settings_for(stack.enter_context(JanusServer())) if request.param == JANUS else {}
        running = Server("serve", MIC_MEDIA_PICTURES=TWO_PICTURES, **media).start()
        stack.callback(running.stop)
        yield running


def waits_for_pictures(viewer: Person, *seats: int) -> None:
    """Waits until the viewer's page shows the pictures of these seats, and says of the others that it does not."""
    viewer.waits_for(
        """seats => [...document.querySelectorAll("[data-picture=shown]")]
            .map(tile => Number(tile.dataset.seat)).sort().join() === seats.join()""",
        list(seats),
    )


def video_bytes(viewer: Person) -> int:
    """What all pictures together have brought to the present watch."""
    return sum(
        int(entry["bytesReceived"])
        for entry in viewer.page.evaluate("micMedia.watch.pc.getStats().then(report => [...report.values()])")
        if entry["type"] == "inbound-rtp" and entry["kind"] == "video"
    )


def turns_microphone(person: Person, state: str) -> None:
    person.click("toggle-mic")
    person.waits_for("state => micRoom.state.me.connection.microphone === state", state)


def test_the_audience_sees_the_host_and_who_speaks_and_hears_everybody(house: Stagehand) -> None:
    host, slug = house.host()
    viewer = house.viewer(slug, "Vera")
    viewer.gets(0, "framesDecoded")
    alice, _ = house.on_air(host, slug, "Alice")
    waits_for_pictures(viewer, 0, 1)
    bob, _ = house.on_air(host, slug, "Bob")
    viewer.sees("seat-2")
    viewer.gets(2, "audioBytes")
    turns_microphone(bob, "closed")  # of two who beep alike now one is louder, now the other
    waits_for_pictures(viewer, 0, 1)
    assert viewer.at("seat-2").get_attribute("data-picture") == "elsewhere"
    viewer.shows(0)
    viewer.shows(1)
    # those on air see everybody
    for guest, other in ((alice, 2), (bob, 1)):
        guest.gets(other, "framesDecoded")
        assert guest.page.evaluate("micMedia.watch.isMoving") is False
    peer = viewer.page.evaluate_handle("micMedia.watch.pc")
    turns_microphone(alice, "closed")
    turns_microphone(bob, "open")
    waits_for_pictures(viewer, 0, 2)
    viewer.shows(2)
    viewer.shows(0)
    viewer.gets(2, "audioBytes")
    assert viewer.page.evaluate("peer => micMedia.watch.pc === peer", peer), "pictures move without a new line"
    bob.click("leave-seat")
    waits_for_pictures(viewer, 0, 1)
    viewer.shows(1)


def test_sound_only_brings_no_picture_and_is_remembered(house: Stagehand) -> None:
    host, slug = house.host()
    viewer = house.viewer(slug, "Vera")
    viewer.gets(0, "framesDecoded")
    assert video_bytes(viewer) > 0
    viewer.at("sound-only").check()
    viewer.gets(0, "audioBytes")
    waits_for_pictures(viewer)
    assert viewer.at("seat-0").get_attribute("data-picture") == "off"
    assert viewer.at("seat-0").locator("video").count() == 0
    assert video_bytes(viewer) == 0
    viewer.page.reload()
    viewer.gets(0, "audioBytes")
    assert viewer.at("sound-only").is_checked() and video_bytes(viewer) == 0
    viewer.at("sound-only").uncheck()
    waits_for_pictures(viewer, 0)
    viewer.shows(0)


def test_the_more_people_share_the_stage_the_smaller_each_sends(house: Stagehand) -> None:
    host, slug = house.host()
    alice, _ = house.on_air(host, slug, "Alice")
    width = """() => micMedia.publish.pc.getStats().then(report => [...report.values()]
        .find(entry => entry.type === "outbound-rtp" && entry.kind === "video").frameWidth ?? 0)"""
    scale = "() => micMedia.publish.pc.getSenders()[1].getParameters().encodings[0].scaleResolutionDownBy ?? 1"
    captured = alice.page.evaluate("micMedia.capture.track('camera').getSettings().width")
    assert alice.page.evaluate(scale) == 1
    bob, _ = house.on_air(host, slug, "Bob")
    for person in (host, alice, bob):
        person.waits_for(f"() => ({scale})() === 1.5")
    house.until(lambda: 0 < alice.page.evaluate(width) <= captured / 1.5 + 1, "a smaller picture")
    host.gets(1, "framesDecoded")
    host.page.evaluate("userId => micRoom.setSpotlight({ userId })", host.role_of(alice.name))
    alice.waits_for(f"() => ({scale})() === 1")
    assert bob.page.evaluate(scale) == 1.5
