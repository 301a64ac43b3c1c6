"""The seed system's own example on each facade's page: B asks A, A answers, all see the list, A takes B off."""

from dataclasses import dataclass

import pytest

from tests.browser.people import Person, Stagehand, names
from tests.live import Visitor


@dataclass(frozen=True)
class Names:
    """What one facade calls the events of the walk."""

    asked: str
    accepted: str
    changed: str
    removed: str
    withdrawn: str
    ended: str


FACADES = {
    "live-core-view": Names(
        asked="onUserConnectionRequest",
        accepted="onUserConnectionAccepted",
        changed="onConnectedUsersUpdated",
        removed="onUserConnectionTerminated",
        withdrawn="onUserConnectionCancelled",
        ended="onRoomDismissed",
    ),
    "room-engine": Names(
        asked="onRequestReceived",
        accepted="kRequestAccepted",
        changed="onSeatListChanged",
        removed="onKickedOffSeat",
        withdrawn="onRequestCancelled",
        ended="onRoomDismissed",
    ),
    "co-guest": Names(
        asked="onGuestApplicationReceived",
        accepted="onGuestApplicationResponded",
        changed="connected",
        removed="onKickedOffSeat",
        withdrawn="onGuestApplicationCancelled",
        ended="connected",  # these stores know no end of the live; the list of those on air empties
    ),
}


@pytest.mark.parametrize("facade", FACADES)
def test_the_seed_systems_own_example(facade: str, house: Stagehand) -> None:
    told = FACADES[facade]
    anchor, slug = live_host(house, facade)
    bob, vera = viewer(house, facade, slug, "Bob"), viewer(house, facade, slug, "Vera")
    for watcher in (bob, vera):
        watcher.gets(0, "framesDecoded")
        watcher.gets(0, "audioBytes")
        plays(watcher, 0)

    bob.click("ask-video")
    hears(anchor, told.asked)
    count = len(events(vera, told.changed))
    anchor.at("requests").get_by_role("button", name="Accept").click()
    hears(bob, told.accepted)
    house.until(lambda: len(events(vera, told.changed)) > count, "the list of those on air to change")
    for watcher in (anchor, vera):
        watcher.gets(1, "framesDecoded")
        watcher.gets(1, "audioBytes")
        plays(watcher, 1)

    anchor.at("on-air").get_by_role("button", name="Take off").click()
    hears(bob, told.removed)
    vera.gets_nothing(1, "audioBytes")
    assert bob.page.evaluate("micMedia.capture.stream") is None, "the devices go dark with the seat"
    for watcher in (anchor, bob, vera):
        watcher.waits_for("() => micRoom.state.connectedUsers.length === 1")

    bob.click("ask-audio")
    anchor.at("requests").get_by_role("button", name="Accept").wait_for()
    bob.click("cancel")
    hears(anchor, told.withdrawn)
    anchor.at("requests").get_by_role("button", name="Accept").wait_for(state="detached")

    count = len(events(anchor, told.ended))
    anchor.click("stop")
    for person in (anchor, vera):
        person.waits_for("() => micRoom.state.info.status === 'ended'")
        hears(person, told.ended)
    house.until(lambda: len(events(anchor, told.ended)) > count, "the host to hear of the end")
    for person in (anchor, bob, vera):
        assert person.at("error").inner_text() == "", person.name


def test_a_refusal_is_shown_with_the_seed_systems_number(house: Stagehand) -> None:
    anchor, slug = live_host(house, "room-engine")
    bob = viewer(house, "room-engine", slug, "Bob")
    bob.click("leave-seat")
    bob.sees("error", "100206 NOT_ON_SEAT")
    anchor.click("stop")


def test_only_the_host_opens_the_hosts_page(house: Stagehand) -> None:
    _, slug = live_host(house, "live-core-view")
    stranger = house.person("Stranger")
    url = f"{house.server.url}/examples/live-core-view/{slug}/"
    answer = stranger.page.request.get(f"{url}?role=host")
    assert answer.status == 403
    assert stranger.page.request.get(url).status == 200
    assert stranger.page.request.get(url.replace("live-core-view", "other")).status == 404
    assert stranger.page.request.get(url.replace(slug, "nowhere")).status == 404


def live_host(house: Stagehand, facade: str) -> tuple[Person, str]:
    """Somebody with an account and a room opens the facade's page as the host and goes live there."""
    visitor = Visitor(house.server).sign_up(f"Anna{next(names)}")
    slug = visitor.new_room()
    host = house.person("Anna")
    cookies = [(cookie.name, cookie.value or "") for cookie in visitor.jar]
    host.context.add_cookies([{"name": name, "value": value, "url": house.server.url} for name, value in cookies])
    host.page.goto(f"{house.server.url}/examples/{facade}/{slug}/?role=host")
    host.click("start")
    host.waits_for("() => globalThis.micRoom?.state.connectedUsers[0]?.state === 'live'")
    return host, slug


def viewer(house: Stagehand, facade: str, slug: str, name: str) -> Person:
    """Somebody of the audience opens the facade's page."""
    person = house.person(name)
    person.page.goto(f"{house.server.url}/examples/{facade}/{slug}/")
    person.at("name").fill(name)
    with person.page.expect_navigation():
        person.click("save-name")
    person.waits_for("() => globalThis.micRoom?.state.info?.status === 'live'")
    return person


def events(person: Person, name: str) -> list[str]:
    """The lines of that event on the page."""
    return person.at("events").locator(f"[data-event={name}]").all_inner_texts()


def hears(person: Person, name: str) -> None:
    """Waits until the page tells of the event."""
    person.at("events").locator(f"[data-event={name}]").first.wait_for()


def plays(person: Person, place: int) -> None:
    """Waits until the so many'th picture on the page has played on for a second."""
    clock = f"document.querySelectorAll('.mic-box video')[{place}]?.currentTime ?? 0"
    person.house.until(lambda: person.page.evaluate(clock) > 0, f"{person.name}: picture {place}")
    before = person.page.evaluate(clock)
    person.house.until(lambda: person.page.evaluate(clock) > before + 1, f"{person.name}: picture {place} goes on")
