"""Browsers that pause, refuse or lack something: what can goes on, and what cannot is said in words."""

import pytest
from playwright.sync_api import Route

from tests.browser.people import Person, Stagehand

PAUSED = """() => {
  globalThis.opened = [];
  const play = HTMLMediaElement.prototype.play;
  globalThis.mayPlay = true;
  HTMLMediaElement.prototype.play = function () {
    if (!opened.includes(this)) opened.push(this);
    const refusal = new DOMException('no', 'NotAllowedError');
    return globalThis.mayPlay ? play.call(this) : Promise.reject(refusal);
  };
}"""
SOUNDS = "() => opened.filter(e => e instanceof HTMLAudioElement && e.srcObject)"
PLAY_ON = f"() => ({SOUNDS})().length > 0 && ({SOUNDS})().every(e => !e.paused)"
THROWS = """(() => {
  for (const name of ['sessionStorage', 'localStorage'])
    Object.defineProperty(globalThis, name, { get() { throw new DOMException('no', 'SecurityError'); } });
})()"""
NO_COOKIES = """(() => {
  Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => undefined });
  Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false });
})()"""


def listener(house: Stagehand, slug: str, script: str) -> Person:
    viewer = house.person("Vera")
    viewer.page.add_init_script(script)
    viewer.page.goto(f"{house.server.url}/live/{slug}/")
    return viewer


def test_sound_and_pictures_that_the_system_paused_play_on_or_ask_for_a_touch(house: Stagehand) -> None:
    _, slug = house.host()
    viewer = listener(house, slug, f"({PAUSED})()")
    viewer.waits_for(PLAY_ON)
    viewer.shows(0)
    viewer.page.evaluate(f"() => ({SOUNDS})().forEach(e => e.pause())")
    viewer.waits_for(PLAY_ON)
    viewer.page.evaluate("() => document.querySelectorAll('video').forEach(v => v.pause())")
    viewer.shows(0)
    viewer.page.evaluate(f"() => {{ globalThis.mayPlay = false; ({SOUNDS})().forEach(e => e.pause()); }}")
    viewer.sees("tap-for-sound")
    viewer.page.evaluate("() => { globalThis.mayPlay = true; }")
    viewer.click("tap-for-sound")
    viewer.waits_for(PLAY_ON)
    viewer.no_longer_sees("tap-for-sound")


@pytest.mark.parametrize(
    ("missing", "words"), [("RTCPeerConnection", "WebRTC is missing"), ("WebSocket", "WebSocket is missing")]
)
def test_a_browser_that_lacks_what_a_live_needs_is_told_so(house: Stagehand, missing: str, words: str) -> None:
    _, slug = house.host()
    viewer = listener(house, slug, f"delete globalThis.{missing}")
    viewer.sees("status", words)


def test_a_browser_that_refuses_site_data_shows_the_live_all_the_same(house: Stagehand) -> None:
    _, slug = house.host()
    viewer = listener(house, slug, THROWS)
    viewer.gets(0, "audioBytes")
    viewer.at("sound-only").set_checked(True, force=True)
    viewer.waits_for("() => !micMedia.hasPictures")


def test_a_browser_that_keeps_no_cookies_is_told_what_to_do(house: Stagehand) -> None:
    _, slug = house.host()
    viewer = house.person("Vera")
    viewer.page.add_init_script(NO_COOKIES)

    def forget(route: Route) -> None:
        viewer.context.clear_cookies()
        route.continue_()

    viewer.context.route("**/ticket/", forget)
    viewer.page.goto(f"{house.server.url}/live/{slug}/")
    viewer.sees("status", "Allow cookies for it")
    viewer.errors.clear()  # the browser's own line about the refusal


def test_a_room_renamed_in_mid_show_is_renamed_in_every_tab(house: Stagehand) -> None:
    host, slug = house.host()
    guest, _ = house.on_air(host, slug, "Alice", "audio")
    viewer = house.viewer(slug, "Vera")
    host.page.evaluate("micRoom.updateRoom({title: 'Bread and roses'})")
    viewer.waits_for("() => document.title === '\\u2068Bread and roses\\u2069 – MicConnect'")
    guest.waits_for("() => document.title === '● ON AIR – \\u2068Bread and roses\\u2069 – MicConnect'")
    host.waits_for("() => document.title === '● ON AIR – Studio: \\u2068Bread and roses\\u2069 – MicConnect'")
    assert viewer.page.locator("h1").inner_text() == "Bread and roses"
