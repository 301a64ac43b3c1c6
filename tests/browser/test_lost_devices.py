"""A camera or microphone that dies in mid-show: everybody sees it, its owner hears why and takes another one."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from micconnect.mediachoice import CHOICES, JANUS
from tests.browser.people import Person, Stagehand
from tests.live import Server
from tests.media.janus_server import JanusServer, settings_for

LONG_MS = 10_000  # a line on which nothing comes is given up sooner

# What a page sees when a device is unplugged: its track ends. Stopping it by script alone fires nothing.
UNPLUG = """device => {
    const track = micMedia.capture.track(device);
    track.stop();
    track.dispatchEvent(new Event("ended"));
}"""
# What nobody says: the line stands, the camera is open, and no picture is sent any more.
SEND = """async isSending => {
    const sender = micMedia.publish.pc.getSenders().find(({ track }) => track?.kind === "video");
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) encoding.active = isSending;
    await sender.setParameters(parameters);
}"""


@pytest.fixture(scope="module", params=CHOICES)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with each kind of media server."""
    with ExitStack() as stack:
        media = settings_for(stack.enter_context(JanusServer())) if request.param == JANUS else {}
        running = Server("serve", **media).start()
        stack.callback(running.stop)
        yield running


def tile_is(viewer: Person, seat: int, **data: str) -> None:
    """Waits until the tile of a seat says all this."""
    viewer.waits_for(
        """([seat, data]) => {
            const tile = document.querySelector(`[data-testid=seat-${seat}]`);
            return Object.entries(data).every(([name, value]) => tile?.dataset[name] === value);
        }""",
        [seat, data],
    )


def test_a_camera_that_is_unplugged_leaves_no_frozen_face_and_another_one_takes_its_place(house: Stagehand) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice")
    viewer = house.viewer(slug, "Vera")
    viewer.shows(seat)
    line = alice.page.evaluate_handle("micMedia.publish")
    label = alice.page.evaluate("micMedia.capture.track('camera').label")
    alice.page.evaluate(UNPLUG, "camera")
    tile_is(viewer, seat, camera="closed", picture="none", microphone="open")
    assert viewer.at(f"seat-{seat}").locator("video").count() == 0
    host.waits_for("() => micRoom.state.connectedUsers.some(({ camera }) => camera === 'closed')")
    assert host.row("Alice").get_attribute("data-camera") == "closed"
    alice.sees("device-trouble", label)
    viewer.gets(seat, "audioBytes")
    alice.click("replace-camera")
    tile_is(viewer, seat, camera="open", picture="shown")
    viewer.shows(seat)
    alice.no_longer_sees("device-trouble")
    assert alice.page.evaluate("line => micMedia.publish === line", line), "the line stood all the time"


def test_a_microphone_that_is_gone_is_off_for_everybody_and_costs_no_seat(house: Stagehand) -> None:
    host, slug = house.host()
    bob, seat = house.on_air(host, slug, "Bob", "audio")
    viewer = house.viewer(slug, "Vera")
    viewer.gets(seat, "audioBytes")
    bob.page.evaluate(UNPLUG, "microphone")
    tile_is(viewer, seat, microphone="closed", state="live")
    bob.sees("device-trouble")
    viewer.page.wait_for_timeout(LONG_MS)
    tile_is(viewer, seat, microphone="closed", state="live")
    bob.click("replace-microphone")
    tile_is(viewer, seat, microphone="open", state="live")
    viewer.gets(seat, "audioBytes")


def test_a_picture_that_stops_without_a_word_turns_into_the_avatar_and_comes_back(house: Stagehand) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice")
    viewer = house.viewer(slug, "Vera")
    viewer.shows(seat)
    alice.page.evaluate(SEND, False)
    tile_is(viewer, seat, picture="stopped", stalled="camera", camera="open", state="live")
    host.row("Alice").filter(has_text="camera stopped").wait_for()
    host.row("Alice").get_by_test_id("line-facts").filter(has_text="camera stopped").wait_for()
    assert "good line" not in host.row("Alice").inner_text()
    assert alice.sees("device-trouble").get_attribute("data-trouble") == "stalled"
    alice.page.evaluate(SEND, True)
    tile_is(viewer, seat, picture="shown", stalled="")
    viewer.shows(seat)
    alice.no_longer_sees("device-trouble")


def test_a_viewer_whose_own_line_brings_no_picture_sees_the_avatar_and_nobody_else_does(house: Stagehand) -> None:
    host, slug = house.host()
    viewer, other = house.viewer(slug, "Vera"), house.viewer(slug, "Otto")
    viewer.shows(0)
    other.shows(0)
    viewer.page.evaluate("micMedia.watch.streams.get(0).video.getTracks()[0].stop()")
    tile_is(viewer, 0, picture="stopped", stalled="", camera="open")
    tile_is(other, 0, picture="shown", stalled="")


def test_what_the_system_holds_back_comes_back_by_itself_but_not_against_the_staff(house: Stagehand) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice")
    mute = """isMuted => {
        const track = micMedia.capture.track("microphone");
        Object.defineProperty(track, "muted", { value: isMuted, configurable: true });
        track.dispatchEvent(new Event(isMuted ? "mute" : "unmute"));
    }"""
    alice.page.evaluate(mute, True)
    tile_is(host, seat, microphone="closed")
    assert alice.sees("device-trouble").get_attribute("data-trouble") == "paused"
    alice.page.evaluate(mute, False)
    tile_is(host, seat, microphone="open")
    alice.page.evaluate(mute, True)
    tile_is(host, seat, microphone="closed")
    for state in ("locked", "closed"):
        host.row("Alice").locator("[data-testid=lock-mic],[data-testid=unlock-mic]").click()
        tile_is(host, seat, microphone=state)
    alice.page.evaluate(mute, False)
    alice.no_longer_sees("device-trouble")
    alice.page.wait_for_timeout(2000)
    tile_is(host, seat, microphone="closed")
