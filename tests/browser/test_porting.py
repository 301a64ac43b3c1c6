"""A program as people from the seed system wrote it, on a site of their own: only its import and its login are ours."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from micconnect.protocol.words import Role
from tests.browser.people import Person, Stagehand, names
from tests.live import Server, Visitor

PROGRAM = (Path(__file__).parent / "porter" / "program.js").read_bytes()
PAGE = """<!doctype html><title>From there</title>
<script type="importmap">{"imports": {"micconnect/": "MICCONNECT/static/micconnect/"}}</script>
<div id="local"></div><div id="remote"></div>
<button id="live">Go live</button><button id="ask">Ask</button>
<script type="module" src="/program.js"></script>"""


class Site(BaseHTTPRequestHandler):
    """The program's own site, which is another origin than ours."""

    micconnect = ""

    def do_GET(self) -> None:
        is_program = self.path == "/program.js"
        body = PROGRAM if is_program else PAGE.replace("MICCONNECT", self.micconnect).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if is_program else "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test says what failed."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


@pytest.fixture(scope="module")
def server(site: str) -> Iterator[Server]:
    running = Server("serve", MIC_ORIGINS=site).start()
    Site.micconnect = running.url
    yield running
    running.stop()


@dataclass(frozen=True)
class Porter:
    """Opens pages of the program's site."""

    house: Stagehand
    site: str

    def page(self, name: str, slug: str, ticket: Callable[[], str]) -> Person:
        """Somebody with the program, which gets its tickets from `ticket`."""
        person = self.house.person(name)
        person.page.expose_function("ticketFor", lambda _room: ticket())
        server = self.house.server.url.replace("http", "ws")
        person.page.goto(f"{self.site}/?room={slug}&server={server}")
        person.waits_for("() => document.body.dataset.state === 'ready'")
        return person

    def audience(self, name: str, slug: str) -> Person:
        visitor = Visitor(self.house.server).named(name)
        return self.page(name, slug, lambda: visitor.ticket(slug)[1]["ticket"])


@pytest.fixture
def porter(house: Stagehand, site: str) -> Porter:
    return Porter(house, site)


def test_a_program_of_the_seed_system_runs_with_another_import_and_login(house: Stagehand, porter: Porter) -> None:
    owner = Visitor(house.server).sign_up(f"Anna{next(names)}")
    slug = owner.new_room()
    host = porter.page("Anna", slug, lambda: owner.ticket(slug, Role.HOST)[1]["ticket"])
    host.page.click("#live")
    host.waits_for("() => heard('entered').length === 1")
    assert host.page.evaluate("heard('entered')[0].roomName") == "From there"
    plays(host, "#local video")

    bob = porter.audience("Bob", slug)
    bob.page.evaluate("enter()")
    bob.waits_for("() => heard('onUserVideoStateChanged').some(e => e.hasVideo)")
    plays(bob, "#remote video")

    bob.page.click("#ask")
    host.page.get_by_role("button", name="Accept").wait_for()
    assert attempt(bob, "takeSeat", {"seatIndex": -1, "timeout": 60})["code"] == 100102, "a second time"
    assert attempt(bob, "takeSeat", {"seatIndex": 10, "timeout": 60})["code"] == -2344
    host.page.get_by_role("button", name="Accept").click()
    bob.waits_for("() => heard('request').some(e => e.requestCallbackType === 0)")
    plays(bob, "#local video")
    host.waits_for("() => heard('onUserVideoStateChanged').filter(e => e.hasVideo).length > 1")
    plays(host, "#remote video")

    vera = porter.audience("Vera", slug)
    vera.page.evaluate("enter()")
    vera.waits_for("() => heard('onUserAudioStateChanged').filter(e => e.hasAudio).length === 2")
    vera.waits_for("() => document.querySelectorAll('#remote video').length === 2")
    plays(vera, "#remote div:nth-child(1) video")
    plays(vera, "#remote div:nth-child(2) video")

    seats = attempt(vera, "getSeatList")["value"]
    taken = {seat["index"]: seat["userId"] for seat in seats if seat["userId"]}
    bob_id, host_id = taken[1], taken[0]
    assert attempt(vera, "kickUserOffSeatByAdmin", {"seatIndex": -1, "userId": bob_id})["code"] == 100006
    assert attempt(vera, "leaveSeat")["code"] == 100206
    assert attempt(vera, "takeUserOnSeatByAdmin", {"userId": bob_id, "seatIndex": 1, "timeout": 9})["code"] == 100006
    assert attempt(vera, "cancelRequest", {"requestId": "what"})["code"] == -2311
    assert attempt(vera, "setRemoteVideoView", {"userId": bob_id, "streamType": 0, "view": "x"})["code"] == -1001
    refused = attempt(vera, "sendTextMessage", {"textContent": "hello"})
    assert refused["code"] == -2103 and refused["message"].startswith("sendTextMessage is not offered here.")
    assert (
        attempt(host, "moveUserToSeatByAdmin", {"userId": host_id, "targetSeatIndex": 1, "policy": 0})["code"] == 100006
    )

    assert attempt(host, "kickUserOffSeatByAdmin", {"seatIndex": -1, "userId": bob_id}) == {"value": None}
    bob.waits_for("() => heard('onKickedOffSeat').length === 1")
    kicked = bob.page.evaluate("heard('onKickedOffSeat')[0]")
    assert (kicked["seatIndex"], kicked["userInfo"]["userId"]) == (1, host_id)

    assert attempt(bob, "exitRoom") == {"value": None}
    assert attempt(bob, "getSeatList")["code"] == -2101
    bob.page.evaluate("enter()")
    bob.waits_for("() => heard('entered').length === 2")
    plays(bob, "#remote video")

    assert attempt(host, "destroyRoom") == {"value": None}
    vera.waits_for("() => heard('onRoomDismissed').some(e => e.reason === 1)")


def test_a_program_with_a_bad_ticket_is_told_so(house: Stagehand, porter: Porter) -> None:
    slug = Visitor(house.server).sign_up(f"Anna{next(names)}").new_room()
    stranger = porter.page("Stranger", slug, lambda: "no ticket")
    refused = attempt(stranger, "enterRoom", {"roomId": slug, "roomType": 2})
    assert (refused["code"], refused["name"]) == (-1002, "BAD_TICKET")
    assert stranger.page.evaluate("TUIErrorCode.ERR_SDK_NOT_INITIALIZED") == -1002

    def broken() -> str:
        raise ConnectionError("the program's own server is away")

    other = porter.page("Other", slug, broken)
    refused = attempt(other, "enterRoom", {"roomId": slug, "roomType": 2})
    assert (refused["code"], refused["name"]) == (-1002, "TICKET")
    assert "is away" in refused["message"]


def attempt(person: Person, method: str, *given: object) -> dict[str, Any]:
    """Calls the engine; what it gives as `value`, or code, name and message of what it throws."""
    result: dict[str, Any] = person.page.evaluate("([name, given]) => attempt(name, ...given)", [method, list(given)])
    return result


def plays(person: Person, selector: str) -> None:
    """Waits until the picture has played on for a second."""
    clock = f"document.querySelector('{selector}')?.currentTime ?? 0"
    person.house.until(lambda: person.page.evaluate(clock) > 0, f"{person.name}: {selector}")
    before = person.page.evaluate(clock)
    person.house.until(lambda: person.page.evaluate(clock) > before + 1, f"{person.name}: {selector} goes on")
