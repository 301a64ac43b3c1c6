"""Waiting without devices, and the way from the host's yes to being heard: muted, counted in, or not now after all."""

import time

from tests.browser.people import Stagehand

DARK = "() => micMedia.capture.stream === null"
CLOSED = "name => micRoom.state.connectedUsers.some(u => u.userName === name && u.microphone === 'closed')"


def test_whoever_waits_captures_nothing_and_is_counted_in(house: Stagehand) -> None:
    host, slug = house.host()
    viewer = house.viewer(slug, "Vera")
    alice = house.viewer(slug, "Alice")
    house.ask(alice, "video", is_straight=False)
    alice.waits_for(DARK)
    alice.sees("waiting-devices", "Your devices are off")
    assert alice.page.title().startswith("You are next")
    bob = house.viewer(slug, "Bob")
    bob.click("join")
    house.check_devices(bob, "audio")
    bob.at("keep-ready").check()
    bob.click("ask")
    bob.sees("waiting-devices", "stay ready")
    assert bob.page.evaluate("micMedia.capture.stream !== null") and "next" not in bob.page.title()

    asked = alice.captures()
    host.row("Alice", "queue-row").get_by_test_id("accept").click()
    alice.sees("count-in", "Everybody will hear and see you in")
    assert alice.page.title().startswith("You are being called")
    assert alice.captures() == asked + 1 and alice.unpressed() == 0
    bob.waits_for("() => document.title.startsWith('You are next')")
    assert viewer.received(1, "videoBytes") == 0, "nothing leaves the server before the counting is over"
    alice.waits_for(
        "name => micRoom.state.connectedUsers.some(u => u.userName === name && u.microphone === 'open')", "Alice"
    )
    viewer.gets(1, "framesDecoded")
    viewer.gets(1, "audioBytes")
    alice.no_longer_sees("count-in")
    assert alice.page.title().startswith("● ON AIR")

    # the one who changed their mind is heard by nobody and leaves the seat
    host.row("Bob", "queue-row").get_by_test_id("accept").click()
    bob.sees("count-in")
    bob.click("not-now")
    bob.sees("join")
    bob.waits_for(DARK)
    assert viewer.received(2, "audioBytes") == 0


def test_whoever_starts_muted_is_seen_and_heard_only_by_the_own_hand(house: Stagehand) -> None:
    host, slug = house.host()
    viewer = house.viewer(slug, "Vera")
    guest = house.viewer(slug, "Mute")
    guest.click("join")
    house.check_devices(guest, "video")
    guest.at("start-muted").check()
    guest.at("straight-in").check()
    guest.click("ask")
    guest.sees("waiting")
    seat = house.accept(host, guest)
    viewer.gets(seat, "framesDecoded")
    viewer.waits_for(CLOSED, "Mute")
    time.sleep(1)
    assert viewer.received(seat, "audioBytes") == 0
    guest.click("toggle-mic")
    viewer.gets(seat, "audioBytes")


def test_a_device_that_cannot_be_had_when_called_is_said_and_nobody_is_counted_in(house: Stagehand) -> None:
    host, slug = house.host()
    guest = house.viewer(slug, "Bare")
    house.ask(guest, "audio", is_straight=False)
    guest.waits_for(DARK)
    guest.page.evaluate(
        """() => {
          const { mediaDevices } = navigator;
          const ask = mediaDevices.getUserMedia;
          mediaDevices.getUserMedia = async () => {
            mediaDevices.getUserMedia = ask;
            throw new DOMException("", "NotAllowedError");
          };
        }"""
    )
    host.row("Bare", "queue-row").get_by_test_id("accept").click()
    guest.sees("device-error", "does not let this page use your microphone")
    guest.sees("count-in", "once your devices are there")
    guest.page.get_by_role("button", name="Try again").click()
    guest.sees("count-in", "in 3 s")
    guest.click("go-now")
    seat = host.seat_of("Bare")
    host.gets(seat, "audioBytes")
