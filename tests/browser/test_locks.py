"""A lock goes along with the person: seen in the queue by the host, on the page by the guest, and lifted in either."""

from pathlib import Path

from tests.browser.people import Person, Stagehand

SILENT = "() => micMedia.deviceState('microphone') === 'locked'"


def look(person: Person, folder: Path, name: str) -> None:
    """Leaves a picture of the page beside the test's other files."""
    person.page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_a_locked_microphone_is_not_opened_by_leaving_and_the_host_sees_it_in_the_queue(
    house: Stagehand, tmp_path: Path
) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice", "audio")
    viewer = house.viewer(slug, "Vera")
    viewer.gets(seat, "audioBytes")
    host.row("Alice").get_by_test_id("lock-mic").click()
    viewer.gets_nothing(seat, "audioBytes")
    alice.click("leave-seat")
    alice.sees("locked", "The host has locked your microphone.")
    house.ask(alice, "audio")
    alice.sees("locked", "locked your microphone")
    row = host.row("Alice", "queue-row")
    row.get_by_test_id("lock-badge").filter(has_text="Microphone locked").wait_for()
    look(host, tmp_path, "queue")
    look(alice, tmp_path, "waiting")
    again = house.accept(host, alice)
    alice.page.locator("[data-testid=toggle-mic][data-state=locked]").wait_for()
    alice.waits_for(SILENT)
    viewer.gets_nothing(again, "audioBytes")
    alice.click("leave-seat")
    house.ask(alice, "audio")
    row.get_by_test_id("lift-microphone-lock").click()
    row.get_by_test_id("lock-badge").wait_for(state="hidden")
    alice.no_longer_sees("locked")
    host.chooses("Alice", "set-camera-lock", "queue-row")
    row.get_by_test_id("lock-badge").filter(has_text="Camera locked").wait_for()
    alice.sees("locked", "locked your camera")
    viewer.gets(house.accept(host, alice), "audioBytes")
