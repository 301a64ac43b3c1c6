"""The studio when something goes otherwise than planned: no devices, all muted, a window closed, the host gone."""

from tests.browser.people import Person, Stagehand

NO_DEVICES = """() => {
    navigator.mediaDevices.getUserMedia = async () => {
        throw new DOMException("There is none", "NotFoundError");
    };
}"""


def helped(house: Stagehand, host: Person, slug: str, name: str) -> Person:
    """A viewer whom the host makes a helper."""
    helper = house.viewer(slug, name)
    house.name(helper)
    user_id = helper.page.evaluate("micRoom.state.me.user.userId")
    host.page.evaluate("userId => micRoom.setModerator({userId, isModerator: true})", user_id)
    helper.sees("helper-badge")
    return helper


def test_a_host_without_devices_goes_live_without_a_seat_and_guests_come_on_air(house: Stagehand) -> None:
    host, slug = house.studio()
    host.page.evaluate(NO_DEVICES)
    assert host.at("go-live-off-stage").count() == 0
    host.click("go-live")
    host.sees("device-error")
    host.click("go-live-off-stage")
    host.sees("live-status", "Live")
    host.sees("take-seat")
    _, seat = house.on_air(host, slug, "Alice", "audio")
    host.gets(seat, "audioBytes")


def test_muting_all_is_taken_back_and_the_row_remembers_who_was_heard(house: Stagehand) -> None:
    host, slug = house.host()
    alice, seat = house.on_air(host, slug, "Alice", "audio")
    host.gets(seat, "audioBytes")
    host.click("lock-all")
    host.waits_for("() => micRoom.state.connectedUsers.some(u => u.seatIndex > 0 && u.microphone === 'locked')")
    host.sees("seat-row", "was on when muted")
    host.gets_nothing(seat, "audioBytes")
    host.click("undo")
    host.waits_for("() => micRoom.state.connectedUsers.some(u => u.seatIndex > 0 && u.microphone === 'closed')")
    host.click("ask-all")
    alice.waits_for("() => micRoom.state.me.connection.asked === 'microphone'")
    host.at("may-unmute").set_checked(False)
    host.waits_for("() => !micRoom.state.info.options.mayUnmute")


def test_an_invitation_that_is_declined_is_listed_also_after_a_reload_until_it_is_put_away(house: Stagehand) -> None:
    host, slug = house.host()
    vera = house.viewer(slug, "Vera")
    house.name(vera)
    user_id = vera.page.evaluate("micRoom.state.me.user.userId")
    host.page.evaluate("userId => micRoom.invite({userId, media: 'audio'})", user_id)
    vera.click("decline-invitation")
    host.sees("missed-row", "Vera").filter(has_text="declined the invitation").wait_for()
    host.page.reload()
    host.sees("missed-row", "Vera")
    host.click("invite-missed")
    vera.click("decline-invitation")
    host.sees("missed-row", "Vera")
    host.click("clear-missed")
    host.no_longer_sees("missed")
    host.page.reload()
    host.sees("invite-row", "Vera")
    assert host.at("missed").count() == 0


def test_a_studio_beside_one_that_was_closed_says_that_nobody_has_the_show_and_takes_it_back(house: Stagehand) -> None:
    host, slug = house.host()
    viewer = house.viewer(slug, "Vera")
    second = host.second_window()
    second.click("bring-here")
    second.waits_for("() => micMedia.publish?.isUp")
    viewer.gets(0, "audioBytes")
    host.sees("elsewhere", "On air in another window")
    second.page.close()
    host.sees("nobodys", "Nobody has the show now")
    host.click("bring-here")
    viewer.gets(0, "audioBytes")
    host.no_longer_sees("nobodys")


def test_a_helper_goes_on_without_the_host_and_ends_the_live(house: Stagehand) -> None:
    host, slug = house.host()
    host.page.evaluate("micRoom.updateRoom({isCarriedOn: false})")
    helper = helped(house, host, slug, "Helga")
    viewer = house.viewer(slug, "Vera")
    host.page.close()
    helper.sees("absence", "The host's line is gone")
    helper.click("wait-longer")
    helper.click("carry-on")
    helper.sees("absence", "You carry the live on")
    viewer.waits_for("() => micRoom.state.info.carriedOnBy?.userName === 'Helga'")
    helper.click("end-live")
    helper.click("confirm-end")
    viewer.waits_for("() => micRoom.state.info.status === 'ended'")


def test_the_hosts_laptop_dies_a_helper_carries_on_and_the_host_comes_back(house: Stagehand) -> None:
    host, slug = house.host()
    helper = helped(house, host, slug, "Helga")
    viewer = house.viewer(slug, "Vera")
    viewer.gets(0, "audioBytes")
    host.page.close()
    viewer.sees("status", "carries on while the host is away")
    helper.sees("end-live")
    viewer.no_longer_sees("seat-0")
    guest, seat = house.on_air(helper, slug, "Alice", "audio")
    viewer.gets(seat, "audioBytes")
    host = host.second_window()
    host.click("bring-here")
    viewer.sees("seat-0")
    viewer.gets(0, "audioBytes")
    helper.no_longer_sees("end-live")
    host.gets(seat, "audioBytes")
