"""The walk that matters: ask, accept, seen and heard by a third window, taken off, silent at once."""

import os
import signal

from tests.browser.people import Stagehand
from tests.live import Server


def test_r18_the_whole_walk(house: Stagehand) -> None:
    host, slug = house.host()
    viewer = house.viewer(slug, "Vera")
    viewer.gets(0, "framesDecoded")
    viewer.gets(0, "audioBytes")

    alice = house.applicant(slug, "Alice", "video", note="about bread")
    bob = house.applicant(slug, "Bob", "audio")
    assert "about bread" in host.sees("queue-row", "Alice").inner_text()
    assert bob.sees("place").get_attribute("data-place") == "2"

    # nothing is lost on the host's refresh: the queue is the server's
    host.page.reload()
    rows = host.at("queue-row")
    rows.nth(1).wait_for()
    assert ["Alice" in rows.nth(0).inner_text(), "Bob" in rows.nth(1).inner_text()] == [True, True]

    seat_a = house.accept(host, alice)
    seat_b = house.accept(host, bob)
    assert (seat_a, seat_b) == (1, 2)
    for watcher in (viewer, host):
        watcher.gets(seat_a, "framesDecoded")
        watcher.gets(seat_a, "audioBytes")
        watcher.gets(seat_b, "audioBytes")
        watcher.shows(seat_a)
        watcher.shows(0)
    alice.gets(seat_b, "audioBytes")
    bob.gets(seat_a, "framesDecoded")
    bob.gets(0, "audioBytes")
    assert viewer.received(seat_b, "videoBytes") == 0, "an audio guest has no picture"
    assert bob.page.evaluate("micMedia.capture.stream.getVideoTracks().length") == 0
    assert alice.received(seat_a, "audioBytes") == 0, "nobody hears the own voice"

    # own mute, seen by everybody and in force at the media server
    bob.click("toggle-mic")
    viewer.page.locator(f"[data-testid=seat-{seat_b}][data-microphone=closed]").wait_for()
    viewer.gets_nothing(seat_b, "audioBytes")
    viewer.gets(seat_a, "audioBytes")
    bob.click("toggle-mic")
    viewer.gets(seat_b, "audioBytes")
    alice.click("toggle-camera")
    viewer.gets_nothing(seat_a, "videoBytes")
    alice.click("toggle-camera")
    viewer.gets(seat_a, "framesDecoded")

    # muted by the host: locked, and lifting the lock opens nothing
    row = host.at("seat-row").filter(has_text="Bob")
    row.get_by_test_id("lock-mic").click()
    viewer.gets_nothing(seat_b, "audioBytes")
    bob.page.locator("[data-testid=toggle-mic]:disabled, [data-testid=toggle-mic][aria-disabled=true]").wait_for()
    row.get_by_test_id("unlock-mic").click()
    viewer.page.locator(f"[data-testid=seat-{seat_b}][data-microphone=closed]").wait_for()
    viewer.gets_nothing(seat_b, "audioBytes")
    bob.click("toggle-mic")
    viewer.gets(seat_b, "audioBytes")

    # taken off: silent for everybody, told why, still in the room
    host.at("seat-row").filter(has_text="Alice").get_by_test_id("take-off").click()
    host.at("take-off-reason").select_option("time")
    host.click("confirm-take-off")
    viewer.gets_nothing(seat_a, "videoBytes")
    viewer.gets_nothing(seat_a, "audioBytes")
    assert host.name in alice.sees("message").inner_text()
    alice.sees("join")

    # leaves by himself
    bob.click("leave-seat")
    bob.sees("join")
    viewer.gets_nothing(seat_b, "audioBytes")
    viewer.gets(0, "framesDecoded")

    host.click("end-live")
    host.click("confirm-end")
    host.sees("summary")
    viewer.sees("message", "ended")
    viewer.gets_nothing(0, "videoBytes")


def test_the_guests_page_reloads_and_is_on_air_again(house: Stagehand) -> None:
    host, slug = house.host()
    alice = house.applicant(slug, "Alice", "video")
    seat = house.accept(host, alice)
    host.gets(seat, "framesDecoded")
    alice.page.reload()
    alice.sees("on-air")
    assert host.seat_of("Alice") == seat
    host.gets(seat, "framesDecoded")
    host.gets(seat, "audioBytes")
    alice.gets(0, "framesDecoded")


def test_a_request_is_rejected_with_a_reason_and_another_one_times_out(house: Stagehand) -> None:
    host, slug = house.host()
    alice = house.applicant(slug, "Alice", "audio")
    host.at("queue-row").filter(has_text="Alice").get_by_test_id("reject").click()
    host.at("reject-reason").select_option("not_now")
    host.click("confirm-reject")
    alice.sees("message")
    assert alice.at("join").is_disabled(), "the cool-down runs"
    bob = house.applicant(slug, "Bob", "audio")
    bob.click("cancel-request")
    bob.sees("join")
    host.waits_for("() => micRoom.state.requests.length === 0")


def test_an_invitation_is_accepted_with_sound_only(house: Stagehand) -> None:
    host, slug = house.host()
    bob = house.viewer(slug, "Bob")
    row = host.at("invite-row").first
    row.wait_for()
    row.get_by_test_id("invite").first.click()
    bob.click("accept-invitation")
    assert bob.captures() == 0, "first the name, as for whoever asks"
    house.check_devices(bob, "audio")
    bob.click("confirm-invitation")
    bob.sees("on-air")
    host.waits_for("() => micRoom.state.connectedUsers.some(u => u.seatIndex === 1 && u.state === 'live')")
    assert host.seat_of("Bob") == 1
    host.gets(1, "audioBytes")
    assert host.received(1, "videoBytes") == 0


def test_r13_the_media_process_is_killed_and_everything_heals(house: Stagehand, server: Server) -> None:
    host, slug = house.host()
    viewer = house.viewer(slug, "Vera")
    alice = house.applicant(slug, "Alice", "video")
    seat = house.accept(host, alice)
    viewer.gets(seat, "framesDecoded")
    generation = host.page.evaluate("micRoom.state.media.generation")
    (forwarder,) = server.children()
    os.kill(forwarder, signal.SIGKILL)
    for person in (host, viewer, alice):
        person.waits_for("before => micRoom.state.media.isUp && micRoom.state.media.generation > before", generation)
    assert viewer.seat_of("Alice") == seat, "nobody lost the seat"
    for what in ("framesDecoded", "audioBytes"):
        viewer.gets(seat, what)
        viewer.gets(0, what)
        host.gets(seat, what)
