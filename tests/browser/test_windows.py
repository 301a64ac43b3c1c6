"""Two windows of one person: the one that asked is on air, the other one watches, untouched, and disturbs nothing."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.people import Person, Stagehand
from tests.live import Server

STEADY_S = 3.0  # two windows that fight cut each other off about once a second


@pytest.fixture(scope="module")
def stage(server: Server, browser: Browser) -> Iterator[tuple[Stagehand, Person, str]]:
    """One live room for all ways onto a seat, with its host in the studio."""
    stagehand = Stagehand(server, browser)
    host, slug = stagehand.host("Hosted")
    yield stagehand, host, slug
    stagehand.close()


Stage = tuple[Stagehand, Person, str]


def options(host: Person, **options: object) -> None:
    host.page.evaluate("options => micRoom.updateRoom(options)", options)


def watches_only(window: Person) -> None:
    """The window says that the seat is another one's, sends nothing and has asked for no device."""
    window.sees("elsewhere")
    window.sees("bring-here")
    assert window.captures() == 0
    assert window.page.evaluate("micMedia.publish === null && micMedia.capture.stream === null")
    assert "ON AIR" not in window.page.title()


def goes_on(window: Person, watcher: Person, seat: int) -> None:
    """What the window on air sends is the same connection for a while, and arrives."""
    window.waits_for("() => micMedia.publish?.isUp")
    window.page.evaluate("globalThis.sending = micMedia.publish.pc")
    end = time.monotonic() + STEADY_S
    while time.monotonic() < end:
        assert window.page.evaluate("micMedia.publish?.pc === sending && sending.connectionState === 'connected'")
        time.sleep(0.2)
    watcher.gets(seat, "audioBytes")


# -- every way onto a seat --------------------------------------------------------------------------------------------
def by_accept(host: Person, first: Person, house: Stagehand) -> None:
    house.ask(first, "video")
    host.row(first.name, "queue-row").get_by_test_id("accept").click()


def by_accept_next(host: Person, first: Person, house: Stagehand) -> None:
    house.ask(first, "audio")
    host.page.evaluate("micRoom.acceptNext()")


def by_auto_accept(host: Person, first: Person, house: Stagehand) -> None:
    options(host, isAutoAccepting=True)
    first.click("join")
    house.check_devices(first, "audio")
    first.click("ask")


def by_free_seat(host: Person, first: Person, house: Stagehand) -> None:
    options(host, seatMode="free")
    first.click("take-seat")
    house.check_devices(first, "video")
    first.click("sit")


def by_invitation(host: Person, first: Person, house: Stagehand) -> None:
    user_id = first.page.evaluate("micRoom.state.me.user.userId")
    host.page.evaluate("userId => micRoom.invite({userId, media: 'video'})", user_id)
    first.click("accept-invitation")
    first.sees("device-ready")
    first.click("confirm-invitation")


def by_link(host: Person, first: Person, house: Stagehand) -> None:
    host.page.evaluate("micRoom.createInviteLink({uses: 1})")
    host.waits_for("() => micRoom.state.links.length > 0")
    link_id = host.page.evaluate("micRoom.state.links.at(-1).linkId")
    answer = host.page.request.get(f"{house.server.url}/live/{first.page.url.split('/')[4]}/invites/{link_id}/")
    first.page.evaluate("url => { location.hash = new URL(url).hash }", answer.json()["url"])
    first.click("use-link")
    house.check_devices(first, "video")
    first.click("sit")


WAYS = [by_accept, by_accept_next, by_auto_accept, by_free_seat, by_invitation, by_link]


@pytest.mark.parametrize("is_other_browser", [False, True], ids=["two tabs", "two browsers"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_window_that_only_watches_takes_nothing(
    stage: Stage, way: Callable[..., None], is_other_browser: bool
) -> None:
    house, host, slug = stage
    options(host, seatMode="apply", isAutoAccepting=False)
    first = house.viewer(slug, f"Guest{time.monotonic_ns() % 10**6}")
    house.name(first)
    second = first.second_window(is_other_browser=is_other_browser)
    try:
        way(host, first, house)
        first.sees("on-air")
        seat = host.seat_of(first.name)
        watches_only(second)
        goes_on(first, host, seat)
        watches_only(second)
        second.gets(seat, "audioBytes")
        assert first.unpressed() == second.unpressed() == 0
        first.click("leave-seat")
        second.sees("join") if way is not by_free_seat else second.sees("take-seat")
        assert second.captures() == 0
    finally:
        for window in {first.context, second.context}:
            window.close()


def test_placed_by_the_staff_no_window_takes_anything_until_one_is_pressed(stage: Stage) -> None:
    house, host, slug = stage
    options(host, seatMode="apply", isAutoAccepting=False)
    first = house.viewer(slug, "Placed")
    house.name(first)
    second = first.second_window()
    user_id = first.page.evaluate("micRoom.state.me.user.userId")
    host.page.evaluate("userId => micRoom.placeUser({userId, media: 'video'})", user_id)
    for window in (first, second):
        window.sees("retake")
        assert window.captures() == 0 and "ON AIR" not in window.page.title()
    second.click("retake")
    seat = host.seat_of("Placed")
    watches_only(first)
    second.click("toggle-mic")
    goes_on(second, host, seat)
    second.click("leave-seat")
    first.sees("join")
    assert first.captures() == 0


# -- over, away and back ----------------------------------------------------------------------------------------------
def test_bring_here_moves_the_seat_and_the_former_window_goes_dark(stage: Stage) -> None:
    house, host, slug = stage
    options(host, seatMode="apply", isAutoAccepting=False)
    first, seat = house.on_air(host, slug, "Mover")
    asked = first.captures()
    second = first.second_window()
    second.click("bring-here")
    second.sees("on-air")
    second.waits_for("() => micMedia.publish?.isUp")
    first.sees("elsewhere")
    first.waits_for("() => micMedia.capture.stream === null && micMedia.publish === null")
    goes_on(second, host, seat)
    assert first.captures() == asked and second.captures() == 1
    # the other window serves: it closes the microphone, and offers no way to open it from there
    first.click("toggle-mic")
    second.page.locator("[data-testid=toggle-mic][data-state=closed]").wait_for()
    first.no_longer_sees("toggle-mic")
    first.click("bring-here")
    second.sees("elsewhere")
    first.waits_for("() => micMedia.publish?.isUp")
    first.click("leave-seat")
    second.sees("join")


def test_an_idle_window_whose_socket_breaks_and_comes_back_disturbs_nothing(stage: Stage) -> None:
    house, host, slug = stage
    options(host, seatMode="apply", isAutoAccepting=False)
    first, seat = house.on_air(host, slug, "Idler")
    second = first.second_window()
    watches_only(second)
    for _ in range(2):
        second.page.evaluate("micRoom.reconnect()")
        second.waits_for("() => micRoom.state.status.phase === 'open'")
        assert first.page.evaluate("micRoom.state.status.phase") == "open"
    goes_on(first, host, seat)
    watches_only(second)
    first.click("leave-seat")
    second.sees("join")


def test_a_reload_keeps_the_seat_and_a_copy_of_the_tab_does_not_get_it(stage: Stage) -> None:
    house, host, slug = stage
    options(host, seatMode="apply", isAutoAccepting=False)
    first, seat = house.on_air(host, slug, "Loader")
    # as "Duplicate tab" and window.open do it: with a copy of all that lies in the tab's storage
    with first.context.expect_page() as opened:
        first.page.evaluate("window.open(location.href)")
    opened.value.close()
    kept = first.page.evaluate("JSON.stringify(sessionStorage)")
    assert "micconnect.window" not in kept
    first.page.reload()
    first.sees("on-air")
    host.seat_of("Loader")
    goes_on(first, host, seat)
    assert first.captures() == 1, "a reload of the window on air takes again what it had"
    copied = first.second_window()
    watches_only(copied)
    copied.page.reload()
    copied.waits_for("() => globalThis.micRoom && micRoom.state.status.phase === 'open'")
    watches_only(copied)
    goes_on(first, host, seat)
    first.click("leave-seat")
    copied.sees("join")


def test_a_window_that_was_reloaded_while_waiting_is_asked_before_it_takes_anything(stage: Stage) -> None:
    house, host, slug = stage
    options(host, seatMode="apply", isAutoAccepting=False)
    guest = house.applicant(slug, "Patient", "audio")
    guest.page.reload()
    guest.sees("waiting")
    host.row("Patient", "queue-row").get_by_test_id("accept").click()
    guest.sees("retake")
    assert guest.captures() == 0
    guest.click("retake")
    host.seat_of("Patient")
    assert guest.unpressed() == 0
    guest.click("leave-seat")
    guest.sees("join")


def test_when_the_window_that_asked_is_gone_the_other_one_offers_to_take_the_seat(stage: Stage) -> None:
    house, host, slug = stage
    options(host, seatMode="apply", isAutoAccepting=False)
    first = house.applicant(slug, "Gone", "audio")
    second = first.second_window()
    second.sees("waiting", "another window")
    first.page.close()
    host.row("Gone", "queue-row").get_by_test_id("accept").click()
    watches_only(second)
    second.sees("elsewhere", "Your seat is kept for")
    second.click("bring-here")
    host.seat_of("Gone")
    second.click("leave-seat")
    second.sees("join")


# -- the host ---------------------------------------------------------------------------------------------------------
def test_the_host_at_the_door_of_the_audience_sees_the_show_and_sends_and_sounds_nothing(stage: Stage) -> None:
    house, host, slug = stage
    tab = Person(house, host.name, host.context)
    house.people.append(tab)
    tab.page.goto(f"{house.server.url}/live/{slug}/")
    tab.sees("own-room")
    tab.gets(0, "framesDecoded")
    tab.shows(0)
    assert tab.captures() == 0 and "ON AIR" not in tab.page.title()
    assert tab.page.locator("[data-testid=leave-seat], [data-testid=leave-room], [data-testid=toggle-mic]").count() == 0
    assert tab.page.evaluate("micMedia.publish === null")
    assert tab.page.evaluate("document.querySelector('.stage').dataset.onAir") == "false"
    assert sounds(tab) == 0, "silent against echo"
    tab.click("sound-here")
    house.until(lambda: sounds(tab) == 1, "the host's own sound")
    tab.click("sound-here")
    house.until(lambda: sounds(tab) == 0, "silence again")
    goes_on(host, tab, 0)
    assert tab.captures() == 0
    tab.page.close()


def test_two_studios_stand_side_by_side_and_the_seat_goes_from_one_to_the_other(stage: Stage) -> None:
    house, host, _ = stage
    desk = host.second_window()
    desk.sees("elsewhere")
    desk.shows(0)
    assert desk.captures() == 0 and sounds(desk) == 0 and "ON AIR" not in desk.page.title()
    desk.click("settings")
    desk.page.get_by_role("button", name="Close").click()
    goes_on(host, desk, 0)
    desk.click("bring-here")
    desk.waits_for("() => micMedia.publish?.isUp")
    host.sees("bring-here")
    host.waits_for("() => micMedia.capture.stream === null")
    goes_on(desk, host, 0)
    host.click("bring-here")
    desk.sees("bring-here")
    goes_on(host, desk, 0)
    desk.page.close()


def sounds(window: Person) -> int:
    """How many people sound in the window."""
    return int(window.page.evaluate("heard()"))
