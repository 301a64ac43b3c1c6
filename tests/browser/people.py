"""People with a browser window each: what they click, and what their window receives."""

import itertools
import time
from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from tests.live import PASSWORD, Server

PATIENCE_MS = 90_000  # far beyond what anything takes on a busy machine
QUIET_S = 1.0  # no packet for so long means that nothing flows: sound comes fifty times a second
names = itertools.count(1)
# counts the questions for devices, and those that no press in this page came before
COUNT_CAPTURES = """
globalThis.captures = globalThis.unpressed = 0;
const players = new Set();
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  players.add(this);
  return play.call(this);
};
globalThis.heard = () => [...players].filter((p) => p instanceof HTMLAudioElement && p.srcObject && !p.paused).length;
let isPressed = false;
for (const press of ["click", "keydown", "change"]) addEventListener(press, () => (isPressed = true), true);
const devices = globalThis.navigator.mediaDevices;
for (const name of devices ? ["getUserMedia", "getDisplayMedia"] : []) {
  const ask = devices[name].bind(devices);
  devices[name] = (...wanted) => {
    captures++;
    if (!isPressed) unpressed++;
    return ask(...wanted);
  };
}
"""


class Person:
    """One window with cookies of its own."""

    def __init__(self, house: "Stagehand", name: str, context: BrowserContext | None = None) -> None:
        self.house, self.name = house, name
        self.context = context or house.browser.new_context(viewport={"width": 1280, "height": 800})
        self.page: Page = self.context.new_page()
        self.page.add_init_script(COUNT_CAPTURES)
        self.page.set_default_timeout(PATIENCE_MS)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        # a refused socket while the server is away is the browser's own line, and expected there
        if message.type == "error" and "WebSocket" not in message.text and "net::ERR" not in message.text:
            self.errors.append(message.text)

    def second_window(self, *, is_other_browser: bool = False) -> "Person":
        """The same person, at the same address, in one more window, or in another browser (say, on the phone)."""
        context = (
            self.house.browser.new_context(storage_state=self.context.storage_state()) if is_other_browser else None
        )
        other = Person(self.house, self.name, context or self.context)
        self.house.people.append(other)
        other.page.goto(self.page.url)
        other.waits_for("() => globalThis.micRoom && micRoom.state.status.phase === 'open'")
        return other

    def captures(self) -> int:
        """How often this page asked the browser for devices since it was loaded."""
        return int(self.page.evaluate("captures"))

    def unpressed(self) -> int:
        """How often it did so before anybody pressed anything in it."""
        return int(self.page.evaluate("unpressed"))

    # -- clicking
    def at(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def click(self, testid: str) -> None:
        self.at(testid).click()

    def sees(self, testid: str, text: str = "") -> Locator:
        """Waits until it is visible (and says `text`)."""
        found = self.at(testid).filter(has_text=text).first
        found.wait_for(state="visible")
        return found

    def no_longer_sees(self, testid: str) -> None:
        self.at(testid).first.wait_for(state="hidden")

    def waits_for(self, function: str, argument: object = None) -> None:
        """Polls a JavaScript function in the page; Playwright's own waiting needs eval, which our policy forbids."""
        self.house.until(lambda: bool(self.page.evaluate(function, argument)), f"{self.name}: {function}")

    def row(self, name: str, testid: str = "seat-row") -> Locator:
        """The staff's row about somebody: `seat-row`, `queue-row`, `invite-row`…"""
        return self.at(testid).filter(has_text=name)

    def chooses(self, name: str, action: str, testid: str = "seat-row") -> None:
        """Opens the menu of a row and presses one of its buttons; the menu folds again by itself."""
        row = self.row(name, testid)
        row.get_by_test_id("more").click()
        row.get_by_test_id(action).click()

    def sets(self, option: str, value: str | bool) -> None:
        """Changes an option in the open room settings: a switch by True or False, a list by its value."""
        control = self.at(f"set-{option}")
        if isinstance(value, bool):
            control.set_checked(value)
        else:
            control.select_option(value)

    # -- what the room and the media server say, as the page has it
    def role_of(self, name: str) -> str:
        """The user id of somebody on the stage."""
        users = self.page.evaluate("micRoom.state.connectedUsers")
        return next(str(u["userId"]) for u in users if u["userName"] == name)

    def seat_of(self, name: str) -> int:
        """Waits until the person is on air; returns the seat."""
        self.waits_for(
            "name => micRoom.state.connectedUsers.some(u => u.userName === name && u.state === 'live')", name
        )
        users = self.page.evaluate("micRoom.state.connectedUsers")
        return next(int(u["seatIndex"]) for u in users if u["userName"] == name)

    def received(self, seat: int | str, what: str) -> int:
        """Counter of one seat's stream here, or of the "screen": `audioBytes`, `videoBytes` or `framesDecoded`."""
        stats = self.page.evaluate("micMedia.stats()")
        return int((stats.get(str(seat)) or {}).get(what) or 0)

    def gets(self, seat: int | str, what: str) -> None:
        """Waits until the counter has grown twice: the stream flows."""
        for _ in range(2):
            self._grows(seat, what)

    def _grows(self, seat: int | str, what: str) -> None:
        before = self.received(seat, what)
        self.house.until(lambda: self.received(seat, what) > before, f"{self.name}: {what} of {seat}")

    def shows(self, seat: int) -> None:
        """Waits until the seat's picture has played on for two seconds without starting over."""
        clock = f"document.querySelector('[data-testid=seat-{seat}] video')?.currentTime ?? 0"
        self.house.until(lambda: self.page.evaluate(clock) > 0, f"{self.name}: a picture on {seat}")
        before = self.page.evaluate(clock)
        self.house.until(lambda: self.page.evaluate(clock) > before + 2, f"{self.name}: the picture of {seat} goes on")

    def gets_nothing(self, seat: int | str, what: str) -> None:
        """Waits until the counter stands still for QUIET_S."""

        def stands_still() -> bool:
            before = self.received(seat, what)
            time.sleep(QUIET_S)
            return self.received(seat, what) == before

        self.house.until(stands_still, f"{self.name}: no more {what} of {seat}")


class Stagehand:
    """Opens windows and rooms for a test."""

    def __init__(self, server: Server, browser: Browser) -> None:
        self.server, self.browser = server, browser
        self.people: list[Person] = []

    def person(self, name: str) -> Person:
        self.people.append(Person(self, name))
        return self.people[-1]

    def host(self, name: str = "Hannah") -> tuple[Person, str]:
        """Somebody signs up, makes a room and goes live in it, all by clicking. Returns the room's slug too."""
        host, slug = self.studio(name)
        host.click("go-live")
        host.seat_of(host.name)
        return host, slug

    def studio(self, name: str = "Hannah") -> tuple[Person, str]:
        """Somebody signs up and makes a room, which is not live yet. Returns the room's slug too."""
        host = self.person(f"{name}{next(names)}")
        page = host.page
        page.goto(f"{self.server.url}/accounts/signup/")
        page.fill("input[name=username]", host.name)
        page.fill("input[name=password1]", PASSWORD)
        page.fill("input[name=password2]", PASSWORD)
        page.locator("main form button[type=submit]").click()
        page.wait_for_url("**/studio/")
        page.fill("input[name=title]", "Open mic night")
        host.click("create-room")
        page.wait_for_url("**/live/*/studio/")
        return host, page.url.split("/")[-3]

    def viewer(self, slug: str, name: str) -> Person:
        """Opens the audience page and waits for the picture of the room."""
        viewer = self.person(name)
        viewer.page.goto(f"{self.server.url}/live/{slug}/")
        viewer.waits_for("() => globalThis.micRoom && micRoom.state.info !== null")
        return viewer

    def applicant(self, slug: str, name: str, media: str, note: str = "") -> Person:
        """A viewer who asks to come on air, by sound or by picture, and waits."""
        guest = self.viewer(slug, name)
        self.ask(guest, media, note)
        return guest

    def name(self, guest: Person) -> None:
        """The person has a name for all windows of this browser."""
        guest.page.evaluate(
            """async name => {
              const { csrfToken, nameUrl } = JSON.parse(document.getElementById("mic-config").textContent);
              const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken };
              await fetch(nameUrl, { method: "POST", headers, body: JSON.stringify({ name }) });
            }""",
            guest.name,
        )
        guest.page.reload()
        guest.waits_for("() => globalThis.micRoom && micRoom.state.info !== null")

    def check_devices(self, guest: Person, media: str) -> None:
        """Gives the name when it is asked for, chooses what to share, and waits until the devices work."""
        asked = guest.page.locator("[data-testid=name], [data-testid=choose-audio]").first
        asked.wait_for()
        if guest.at("name").count():
            guest.at("name").fill(guest.name)
            guest.click("save-name")
        guest.click(f"choose-{media}")
        guest.sees("device-ready")

    def ask(self, guest: Person, media: str, note: str = "", *, is_straight: bool = True) -> None:
        """Asks for a seat; by default to be let straight in, without counting in."""
        guest.click("join")
        self.check_devices(guest, media)
        guest.at("straight-in").set_checked(is_straight)
        if note:
            guest.at("note").fill(note)
        guest.click("ask")
        guest.sees("waiting")

    def on_air(self, host: Person, slug: str, name: str, media: str = "video") -> tuple[Person, int]:
        """A guest who asked and was accepted; with the seat."""
        guest = self.applicant(slug, name, media)
        return guest, self.accept(host, guest)

    def accept(self, host: Person, guest: Person) -> int:
        """The host accepts; returns the guest's seat once the guest is on air."""
        host.at("queue-row").filter(has_text=guest.name).get_by_test_id("accept").click()
        return host.seat_of(guest.name)

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_MS / 1000
        while not is_so():
            assert time.monotonic() < end, f"waited in vain for {what}"
            time.sleep(0.1)

    def close(self) -> None:
        errors = {person.name: person.errors for person in self.people if person.errors}
        for context in {person.context for person in self.people}:
            context.close()
        assert not errors, errors
