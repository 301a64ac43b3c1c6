"""R08: a guest's network vanishes without a word: shown as reconnecting, then off the seat, then out of the room."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from micconnect import auth
from tests.chaos import figures, law
from tests.chaos.network import THEIRS, NearServer, Wire, wire
from tests.chaos.show import Show, open_show
from tests.conftest import actor

ALICE = actor("Alice")
PATIENCE_S = 120.0


@pytest.fixture
def pulled() -> Iterator[tuple[Wire, NearServer]]:
    with wire() as made:
        server = NearServer()
        server.start()
        yield made, server
        server.stop()


def guest_of(show: Show) -> Any:
    return next((u for u in show.host.picture.state["connectedUsers"] if u["userId"] == ALICE.user_id), None)


async def test_r08_a_vanished_guest_is_shown_then_unseated_then_gone(pulled: tuple[Wire, NearServer]) -> None:
    made, server = pulled
    show = await open_show([server], audience=3, helpers=0)
    host, loop = show.host, asyncio.get_running_loop()
    url = f"{server.url.replace('http', 'ws', 1)}/ws/rooms/{show.slug}/"
    ticket = auth.issue_ticket(show.slug, ALICE)
    guest = await asyncio.to_thread(made.run, "tests.chaos.guest", THEIRS, url, ticket)
    try:
        await host.until(lambda: host.picture.state["requests"], "Alice to ask")
        request = host.picture.state["requests"][0]["requestId"]
        await host.do("respondToApplication", requestId=request, isAccepted=True)
        await host.until(lambda: guest_of(show)["state"] == "live", "Alice to be on air")
        await host.until(lambda: host.picture.state["viewerCount"] == len(show.everybody) + 1, "Alice to be counted")

        made.pull()
        begin = loop.time()
        await host.until(lambda: guest_of(show)["state"] == "reconnecting", "Alice to be shown", PATIENCE_S)
        shown_s = loop.time() - begin
        await host.until(lambda: guest_of(show) is None, "the seat to be freed", PATIENCE_S)
        freed_s = loop.time() - begin
        await host.until(
            lambda: host.picture.state["viewerCount"] == len(show.everybody), "her socket to go", PATIENCE_S
        )
        gone_s = loop.time() - begin
    finally:
        guest.kill()
        guest.communicate()
    assert "onUserConnectionExited" in host.picture.moments.values()
    await law.true_again(show.everybody)
    figures.note("r08", shown_s=shown_s, freed_after_shown_s=freed_s - shown_s, gone_s=gone_s)
