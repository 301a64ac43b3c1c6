"""How fast the walk is for those who watch, in real browsers on one machine.

For each round a viewer asks (by picture), the host accepts, a third window waits for the first decoded frame; then
the host takes the guest off, and the third window says when the last packet of the guest came in. Prints one JSON
object with the medians in milliseconds.
"""

import json
import statistics
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from bench.house import house

if TYPE_CHECKING:  # they import models, which need Django to be set up
    from tests.browser.people import Person, Stagehand

FIRST_FRAME = """async ([seat, before]) => {
  for (;;) {
    const stats = await micMedia.stats();
    if ((stats[seat]?.framesDecoded ?? 0) > before) return Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}"""
LAST_PACKET = """async (seat) => {
  const { audioMid, videoMid } = micMedia.watch.slots.find(({ seatIndex }) => seatIndex === seat);
  const streams = [...(await micMedia.watch.pc.getStats()).values()].filter(({ type }) => type === "inbound-rtp");
  const mine = streams.filter(({ mid }) => mid === audioMid || mid === videoMid);
  return Math.max(...mine.map(({ lastPacketReceivedTimestamp }) => lastPacketReceivedTimestamp ?? 0));
}"""
CLICK = "element => { element.click(); return Date.now(); }"


def one_round(stage: "Stagehand", host: "Person", slug: str, viewer: "Person", name: str) -> tuple[float, float]:
    """(accept to first frame, click to last packet), in ms."""
    guest = stage.applicant(slug, name, "video")
    before = viewer.received(1, "framesDecoded")
    accept = host.at("queue-row").filter(has_text=name).get_by_test_id("accept")
    clicked = accept.evaluate(CLICK)
    first = viewer.page.evaluate(FIRST_FRAME, [1, before])
    viewer.gets(1, "audioBytes")
    host.at("seat-row").filter(has_text=name).get_by_test_id("take-off").click()
    host.at("take-off-reason").select_option("time")
    cut = host.at("confirm-take-off").evaluate(CLICK)
    guest.sees("message")
    viewer.gets_nothing(1, "videoBytes")
    last = viewer.page.evaluate(LAST_PACKET, 1)
    guest.context.close()
    stage.people.remove(guest)
    return first - clicked, max(0.0, last - cut)


def main(rounds: int) -> int:
    """Prints one JSON object; returns the exit code."""
    with house():
        print(json.dumps(measure(rounds)))
    return 0


def measure(rounds: int) -> dict[str, Any]:
    from tests import chromium
    from tests.browser.people import Stagehand
    from tests.live import Server

    server = Server("serve").start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
            stage = Stagehand(server, browser)
            host, slug = stage.host()
            viewer = stage.viewer(slug, "Vera")
            viewer.gets(0, "framesDecoded")
            times = [one_round(stage, host, slug, viewer, f"Guest{number}") for number in range(rounds)]
            stage.close()
            browser.close()
    finally:
        server.stop()
    firsts, lasts = zip(*times, strict=True)
    return {
        "rounds": rounds,
        "first_picture_ms": {"median": round(statistics.median(firsts)), "worst": round(max(firsts))},
        "last_packet_ms": {"median": round(statistics.median(lasts)), "worst": round(max(lasts))},
    }
