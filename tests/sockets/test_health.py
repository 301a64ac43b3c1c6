"""How lines are, over real sockets: who may ask, what pages report, and what operators read meanwhile."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from micconnect.protocol.words import Quality, Role
from tests.conftest import actor
from tests.live import PASSWORD, Client, Server, Visitor
from tests.media.line import ANYTHING, Line
from tests.media.peers import LightPublisher, peers

ALICE, BOB = actor("Alice"), actor("Bob")


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[list[Any]]:
    async with peers() as opened:
        yield opened


async def publish(client: Client, opened: list[Any]) -> None:
    publisher = LightPublisher()
    opened.append(publisher)
    await publisher.publish(Line(client), ANYTHING)  # type: ignore[arg-type]


async def show(server: Server, visitor: Visitor, slug: str) -> tuple[Client, Client, Client]:
    """The host, live; Alice on air with her picture; Bob, who watches."""
    host = await Client.open(server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    alice, bob = await Client.open(server, slug, ALICE), await Client.open(server, slug, BOB)
    asked = await alice.do("apply", media="video")
    await host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
    return host, alice, bob


async def health_of(host: Client, user_id: str) -> dict[str, Any]:
    """That person's line, as soon as the room has measured it."""
    await host.callback("onUserNetworkQualityChanged", lambda c: user_id in c["qualities"])
    seats = (await host.do("getMediaHealth"))["health"]
    return next(seat for seat in seats if seat["userId"] == user_id)


async def test_the_staff_reads_how_media_arrive_and_others_may_not(
    server: Server, host_visitor: Visitor, slug: str, opened: list[Any]
) -> None:
    host, alice, bob = await show(server, host_visitor, slug)
    assert (await host.do("getMediaHealth"))["health"] == [], "nobody sends yet"
    assert await alice.refused("getMediaHealth") == await bob.refused("getMediaHealth") == "FORBIDDEN"
    await publish(alice, opened)
    seat = await health_of(host, "alice")
    assert (seat["seatIndex"], seat["isScreen"]) == (1, False) and seat["kbps"] > 20
    await host.do("setModerator", userId="bob", isModerator=True)
    assert [s["userId"] for s in (await bob.do("getMediaHealth"))["health"]] == ["alice"]


async def test_people_on_air_report_their_line_and_nobody_else(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host, alice, bob = await show(server, host_visitor, slug)
    await alice.do("reportLine", rttMs=120)
    assert await bob.refused("reportLine", rttMs=120) == "NOT_ON_SEAT"
    assert await alice.refused("reportLine", rttMs=-1) == "BAD_FRAME"
    codes = {(r["error"] or {}).get("code") for r in [await host.ask("reportLine", rttMs=1) for _ in range(15)]}
    assert codes == {None, "TOO_FAST"}, "a page that reports far too often is told so, and stays"


def operator(server: Server, name: str) -> Visitor:
    """Somebody who is logged in and may see the admin's pages."""
    make = f"User.objects.create_superuser({name!r}, password={PASSWORD!r})"
    server.manage("shell", "-v", "0", "-c", f"from django.contrib.auth.models import User; {make}")
    visitor = Visitor(server)
    visitor.post("/accounts/login/", username=name, password=PASSWORD)
    return visitor


async def test_operators_read_metrics_probes_and_the_rooms_page(
    server: Server, host_visitor: Visitor, slug: str, opened: list[Any]
) -> None:
    visitor = operator(server, f"root-{slug}")
    host, alice, _ = await show(server, host_visitor, slug)
    await publish(alice, opened)
    await health_of(host, "alice")

    async def get(path: str) -> tuple[int, str]:
        return await asyncio.to_thread(visitor.get, path)  # Alice goes on sending meanwhile

    assert await get("/readyz") == (200, '{"database": "ok", "media": "ok"}')
    status, text = await get("/metrics")
    assert status == 200
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    told = {s.name + s.labels.get("quality", ""): s.value for s in samples if "worker" not in s.labels}
    assert told["micconnect_media_up"] == told["micconnect_database_up"] == told["micconnect_media_node_up"] == 1
    assert told["micconnect_sockets"] >= 3 and told["micconnect_people"] >= 3 and told["micconnect_rooms_live"] >= 1
    assert told["micconnect_media_node_feeds"] >= 1 and told["process_cpu_seconds_total"] > 0
    assert sum(told[f"micconnect_seats{quality.value}"] for quality in Quality) >= 1
    assert 'command="apply",outcome="done"' in text
    assert not [word for word in (slug, "alice", "Alice", "Hannah") if word in text]

    _, rooms = await get(f"/admin/micconnect/room/?q={slug}")
    number = re.findall(r"/admin/micconnect/room/(\d+)/change/", rooms)[0]
    _, page = await get(f"/admin/micconnect/room/{number}/change/")
    assert re.search(r"<td><bdi>Alice</bdi>", page) and re.search(r"<td>(good|poor|bad)</td>", page)
