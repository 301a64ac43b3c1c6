"""What a guest's page says and asks around the show: full rooms, microphones that were shut, the way out, a ban."""

from collections.abc import Iterator

import pytest

from tests.browser.people import Person, Stagehand


@pytest.fixture
def show(house: Stagehand) -> Iterator[tuple[Person, str]]:
    """A show with one place."""
    host, slug = house.host()
    host.page.evaluate("micRoom.updateRoom({seatCount: 1})")
    yield host, slug


def test_who_waits_in_a_full_room_reads_why_and_microphones_that_were_shut_are_opened_by_their_owners(
    house: Stagehand, show: tuple[Person, str]
) -> None:
    host, slug = show
    alice, seat = house.on_air(host, slug, "Alice", "audio")
    bob = house.applicant(slug, "Bob", "audio")
    waiting = bob.sees("hold", "All places are taken. You keep your place.")
    assert bob.at("waiting").locator(".ring").count() == 0, "nothing is counted down"
    host.page.evaluate("micRoom.lockAll({device: 'microphone', isLocked: true})")
    alice.page.locator("[data-testid=toggle-mic][data-state=locked]").wait_for()
    host.gets_nothing(seat, "audioBytes")
    host.page.evaluate("micRoom.lockAll({device: 'microphone', isLocked: false})")
    alice.sees("open-again", "You may speak again.")
    host.gets_nothing(seat, "audioBytes")
    alice.click("reopen-microphone")
    host.gets(seat, "audioBytes")
    alice.no_longer_sees("open-again")
    alice.click("leave-seat")
    waiting.wait_for(state="hidden")
    bob.page.locator("[data-testid=waiting] .ring-left").wait_for()


def test_nobody_goes_by_one_press_too_many(house: Stagehand, show: tuple[Person, str]) -> None:
    host, slug = show
    alice, seat = house.on_air(host, slug, "Alice", "audio")
    asked: list[str] = []
    for person in (host, alice):
        person.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        person.page.reload()
        person.waits_for("() => globalThis.micRoom && micRoom.state.me?.connection?.state === 'live'")
    assert asked == ["beforeunload", "beforeunload"]
    host.page.evaluate("micRoom.updateRoom({seatMode: 'invite_only'})")
    alice.waits_for("() => micRoom.state.info.options.seatMode === 'invite_only'")
    alice.click("leave-seat")
    alice.click("stay-on-seat")
    alice.no_longer_sees("confirm-leave-seat")
    assert host.seat_of("Alice") == seat
    alice.click("leave-seat")
    alice.click("confirm-leave-seat")
    alice.page.locator("[data-testid=door][data-door=invite_only]").wait_for()


def test_a_page_that_was_banned_for_a_while_comes_back_by_itself(house: Stagehand, show: tuple[Person, str]) -> None:
    host, slug = show
    vera = house.viewer(slug, "Vera")
    user_id = vera.page.evaluate("micRoom.state.me.user.userId")
    host.page.evaluate("userId => micRoom.banUser({userId, seconds: 4})", user_id)
    vera.sees("banned", "comes back then")
    vera.sees("join")


def test_where_names_are_optional_somebody_may_ask_without_one(house: Stagehand, show: tuple[Person, str]) -> None:
    host, slug = show
    host.page.evaluate("micRoom.updateRoom({allowsUnnamed: true})")
    vera = house.viewer(slug, "Vera")
    vera.waits_for("() => micRoom.state.info.options.allowsUnnamed")
    vera.click("join")
    vera.click("stay-unnamed")
    vera.click("choose-audio")
    vera.sees("device-ready")
    vera.click("ask")
    host.sees("queue-row", "Guest")
