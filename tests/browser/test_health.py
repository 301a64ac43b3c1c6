"""What people see of lines: the staff figures of each, and a guest a calm word when the own one is weak."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import WebSocket

from tests.browser.lossy import LossyWay
from tests.browser.people import Stagehand


def test_the_host_reads_figures_of_each_guest_while_the_guests_page_reports_its_line(house: Stagehand) -> None:
    host, slug = house.host()
    guest = house.viewer(slug, "Gina")
    reports: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda data: reports.append(str(data)) if '"reportLine"' in str(data) else None)

    guest.page.on("websocket", listen)
    guest.page.reload()
    house.ask(guest, "video")
    house.accept(host, guest)
    facts = host.row("Gina").get_by_test_id("line-facts")
    house.until(lambda: facts.count() == 1 and "kbit/s" in facts.inner_text(), "figures in the guest's row")
    house.until(lambda: int(facts.inner_text().split(" kbit/s")[0].split()[-1]) > 50, "a picture's bitrate")
    house.until(lambda: "% lost" in facts.inner_text() and " ms" in facts.inner_text(), "loss and the way")
    assert facts.get_attribute("data-quality") == "good"
    house.until(lambda: guest.at("on-air").count() == 1 and len(reports) >= 2, "two reports of the guest's page")
    assert not guest.at("weak-line").count() and not guest.at("line-facts").count()


@pytest.fixture
def way() -> Iterator[LossyWay]:
    way = LossyWay()
    yield way
    way.close()


def test_a_guest_with_a_weak_line_is_told_what_helps_until_it_is_good_again(house: Stagehand, way: LossyWay) -> None:
    host, slug = house.host()
    guest = house.applicant(slug, "Gina", "video")
    way.detour(guest)
    host.row("Gina", "queue-row").get_by_test_id("accept").click()
    way.arrive(guest)
    seat = host.seat_of("Gina")
    host.gets(seat, "framesDecoded")
    assert not guest.at("weak-line").count()

    way.every = 6  # one of six is lost
    guest.sees("weak-line", "Move closer to your router")
    said = guest.page.locator("#polite")
    house.until(lambda: "eak network" in said.inner_text(), "a word for who does not see it")
    facts = host.row("Gina").get_by_test_id("line-facts")
    house.until(lambda: facts.get_attribute("data-quality") == "bad", "the staff to see the same")
    assert not host.at("weak-line").count(), "it concerns the guest alone"

    guest.click("weak-camera-off")
    host.waits_for("seat => document.querySelector(`[data-testid=seat-${seat}]`).dataset.camera === 'closed'", seat)
    guest.at("weak-camera-off").wait_for(state="hidden")
    guest.sees("weak-line")

    way.every = 0
    guest.no_longer_sees("weak-line")
    house.until(lambda: "good again" in said.inner_text(), "the end, said too")
    house.until(lambda: facts.get_attribute("data-quality") == "good", "the staff to see that")
