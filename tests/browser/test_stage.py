"""The stage and its staff in real windows: seats change, screens, what is behind the stage, links, helpers and bans."""

from tests.browser.people import Person, Stagehand


def settings(host: Person, **options: str | bool) -> None:
    """Changes options in the room settings, by the names of the wire."""
    host.click("settings")
    for option, value in options.items():
        host.sets(option, value)
        host.waits_for(f"value => String(micRoom.state.info.options.{option}) === value", str(value).lower())
    host.click("settings-done")


def waits_for_seat(watcher: Person, name: str, seat: int) -> None:
    watcher.waits_for(
        "([name, seat]) => micRoom.state.connectedUsers.some(u => u.userName === name && u.seatIndex === seat)",
        [name, seat],
    )


def test_two_guests_change_places_and_their_pictures_go_with_them(house: Stagehand) -> None:
    host, slug = house.host()
    alice, _ = house.on_air(host, slug, "Alice")
    house.on_air(host, slug, "Bob")
    viewer = house.viewer(slug, "Vera")
    viewer.gets(1, "framesDecoded")
    viewer.gets(2, "framesDecoded")
    host.chooses("Alice", "move")
    host.at("move-seat").select_option("2")
    host.at("move-policy").select_option("swap")
    host.click("confirm-move")
    waits_for_seat(viewer, "Alice", 2)
    waits_for_seat(viewer, "Bob", 1)
    viewer.gets(1, "framesDecoded")
    viewer.gets(2, "framesDecoded")
    viewer.shows(1)
    # all fake cameras look alike: that seat 2 goes dark shows whose picture is there
    alice.click("toggle-camera")
    viewer.gets_nothing(2, "videoBytes")
    viewer.gets(1, "framesDecoded")


def test_a_guest_behind_the_stage_is_seen_by_the_host_alone_until_brought_on_air(house: Stagehand) -> None:
    host, slug = house.host()
    settings(host, hasBackstage=True)
    viewer = house.viewer(slug, "Vera")
    viewer.gets(0, "framesDecoded")
    alice = house.applicant(slug, "Alice", "video")
    house.accept(host, alice)
    host.gets(1, "framesDecoded")
    host.gets(1, "audioBytes")
    alice.sees("backstage")
    viewer.waits_for("() => micRoom.state.connectedUsers.length === 2")
    assert viewer.at("seat-1").count() == 0
    assert viewer.received(1, "videoBytes") == viewer.received(1, "audioBytes") == 0
    assert host.row("Alice").get_by_test_id("to-stage").is_disabled(), "not before the guest is ready"
    alice.click("ready")
    host.row("Alice").get_by_test_id("to-stage").click()
    viewer.sees("seat-1")
    viewer.gets(1, "framesDecoded")
    viewer.gets(1, "audioBytes")
    alice.no_longer_sees("backstage")


def test_a_shared_screen_is_seen_until_the_host_locks_it(house: Stagehand) -> None:
    host, slug = house.host()
    alice, _ = house.on_air(host, slug, "Alice")
    viewer = house.viewer(slug, "Vera")
    alice.click("toggle-screen")
    viewer.sees("screen", "Alice")
    viewer.gets("screen", "framesDecoded")
    assert viewer.at("screen").get_attribute("data-main") == "true"
    assert host.at("toggle-screen").is_disabled(), "one screen at a time"
    host.chooses("Alice", "lock-screen")
    viewer.no_longer_sees("screen")
    alice.page.locator("[data-testid=toggle-screen][data-state=locked]").wait_for()
    assert alice.page.evaluate("micMedia.screen.stream") is None
    viewer.gets(1, "framesDecoded")


def test_the_lock_of_a_seats_microphone_silences_whoever_sits_there(house: Stagehand) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice", "audio")
    viewer = house.viewer(slug, "Vera")
    viewer.gets(seat, "audioBytes")
    host.chooses("Alice", "lock-seat-mic")
    viewer.gets_nothing(seat, "audioBytes")
    alice.page.locator("[data-testid=toggle-mic][data-state=locked]").wait_for()
    alice.click("ask-to-speak-microphone")
    host.sees("asks", "microphone")
    host.chooses("Alice", "unlock-seat-mic")
    alice.page.locator("[data-testid=toggle-mic][data-state=closed]").wait_for()
    viewer.gets_nothing(seat, "audioBytes")
    host.chooses("Alice", "ask-mic")
    alice.click("open-asked")
    viewer.gets(seat, "audioBytes")


def test_an_invitation_link_leads_onto_a_seat_once(house: Stagehand) -> None:
    host, slug = house.host()
    host.click("links")
    host.click("make-link")
    url = host.sees("link-url").input_value()
    host.page.keyboard.press("Escape")
    alice = house.person("Alice")
    alice.page.goto(url)
    alice.click("use-link")
    house.check_devices(alice, "video")
    assert "invite" not in alice.page.url
    alice.click("sit")
    alice.sees("on-air")
    host.gets(host.seat_of("Alice"), "framesDecoded")
    host.waits_for("() => micRoom.state.links.length === 0")
    bob = house.person("Bob")
    bob.page.goto(url)
    bob.sees("link-end", "used up")
    bob.sees("join")
    assert bob.at("use-link").count() == 0 and bob.captures() == 0, "nothing is asked for in vain"


def test_a_viewer_made_a_helper_accepts_somebody(house: Stagehand) -> None:
    host, slug = house.host()
    helper = house.viewer(slug, "Vera")
    host.chooses("Guest", "promote", "invite-row")
    helper.sees("helper-badge")
    alice = house.applicant(slug, "Alice", "audio")
    seat = house.accept(helper, alice)
    host.gets(seat, "audioBytes")
    host.click("people")
    host.click("end-helper")
    helper.no_longer_sees("queue")
    assert helper.page.evaluate("micRoom.state.requests") is None


def test_a_ban_closes_the_page_with_its_words(house: Stagehand) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice")
    host.chooses("Alice", "ban")
    assert host.at("sanction-reason").input_value() == "other", "who says nothing blames nobody"
    host.at("sanction-reason").select_option("conduct")
    host.at("sanction-note").fill("No shouting")
    host.click("confirm-sanction")
    text = alice.sees("banned").inner_text()
    assert host.name in text and "until" in text and "No shouting" in text
    host.gets_nothing(seat, "audioBytes")
    alice.page.reload()
    alice.sees("banned")
    host.click("people")
    host.row("Alice", "sanction-row").get_by_test_id("lift").click()
    host.waits_for("() => micRoom.state.sanctions.length === 0")
    alice.page.reload()
    alice.sees("join")


def test_a_setting_that_is_refused_goes_back_and_says_why(house: Stagehand) -> None:
    host, slug = house.host()
    house.on_air(host, slug, "Alice", "audio")
    house.on_air(host, slug, "Bob", "audio")
    host.click("settings")
    host.sets("seatCount", "1")
    host.sees("error", "1 guest would lose the seat")
    assert host.at("set-seatCount").input_value() == "9"
    host.page.locator("label", has=host.at("layout-200")).click()
    host.sees("error", "landscape")
    assert host.at("layout-600").is_checked()
    assert host.page.evaluate("micRoom.state.info.options.seatCount") == 9


def test_everybody_is_turned_down_at_once_and_waits_again(house: Stagehand) -> None:
    host, slug = house.host()
    alice = house.applicant(slug, "Alice", "audio")
    bob = house.applicant(slug, "Bob", "audio")
    host.click("reject-all")
    host.click("confirm-reject-all")
    alice.sees("message")
    host.click("undo")
    assert alice.sees("place").get_attribute("data-place") == "1"
    assert bob.sees("place").get_attribute("data-place") == "2"
    settings(host, seatCount="1")
    host.click("accept-all")
    host.sees("toast", "1 seated, 1 still waits")


def test_a_seat_that_is_free_to_take_and_a_pause(house: Stagehand) -> None:
    host, slug = house.host()
    settings(host, seatMode="free")
    alice = house.viewer(slug, "Alice")
    alice.click("take-seat")
    house.check_devices(alice, "audio")
    alice.at("seat-wish").select_option("4")
    alice.click("sit")
    assert host.seat_of("Alice") == 4
    viewer = house.viewer(slug, "Vera")
    host.at("pause").check()
    viewer.page.locator("[data-testid=door][data-door=paused]").wait_for()


def test_somebody_put_on_a_seat_is_heard_after_opening_the_microphone_and_may_go_back_to_the_queue(
    house: Stagehand,
) -> None:
    host, slug = house.host()
    guest = house.viewer(slug, "Guest")
    host.chooses("Guest", "place-user", "invite-row")
    host.click("confirm-place")
    guest.click("choose-name")
    assert guest.at("retake").count() == guest.at("toggle-mic").count() == 0, "nobody is heard without a name"
    guest.at("name").fill("Placed guest")
    guest.click("save-name")
    guest.click("retake")
    host.waits_for("() => micRoom.state.connectedUsers[1]?.state === 'live'")
    host.gets_nothing(1, "audioBytes")
    guest.click("toggle-mic")
    host.gets(1, "audioBytes")
    host.chooses("Guest", "limit")
    host.click("confirm-limit")
    guest.sees("time-left", "left")
    host.chooses("Guest", "lift-limit")
    guest.no_longer_sees("time-left")
    host.chooses("Guest", "to-queue")
    host.click("confirm-to-queue")
    guest.sees("waiting")
    guest.sees("message", "back into the queue")
    host.gets_nothing(1, "audioBytes")
