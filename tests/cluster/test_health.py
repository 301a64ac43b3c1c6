"""How lines are, asked at a process that does not own the media server: by the staff, by pages, by Prometheus."""

import asyncio
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from micconnect import busmessages as m
from micconnect.media.base import NodeFigures
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.queries import GetMediaHealth, ReportLine
from micconnect.protocol.views import SeatHealth
from micconnect.protocol.words import Quality
from tests.cluster.conftest import Cluster, Show
from tests.live import Server, Visitor
from tests.media.line import ANYTHING, Line
from tests.media.peers import LightPublisher, peers, until


def figures(server: Server) -> dict[str, float]:
    """The figures of the whole installation as one process tells them."""
    status, text = Visitor(server).get("/metrics")
    assert status == 200
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return {s.name + s.labels.get("quality", ""): s.value for s in samples if "worker" not in s.labels}


def test_questions_and_figures_come_out_of_the_bus_as_they_went_in() -> None:
    seat = SeatHealth("ann", 1, False, 300, 0.02, None, 40, Quality.GOOD)
    nodes = (NodeFigures("embedded", True, 1, 2, 3, 4, 0.5), NodeFigures("far", False, 0, 0, 0))
    for query in (GetMediaHealth(), ReportLine(rtt_ms=40), m.GetFigures()):
        asked = m.MediaAsked(origin="a", ref=1, query=query)
        assert m.decode(m.encode(asked)) == asked
    for answer in (
        m.MediaAnswered(origin="a", ref=1, health=(seat,)),
        m.MediaAnswered(origin="a", ref=1, figures=m.MediaFigures(nodes=nodes, qualities={Quality.POOR: 2})),
        m.MediaAnswered(origin="a", ref=1, refusal=ErrorCode.FORBIDDEN),
    ):
        assert m.decode(m.encode(answer)) == answer


async def test_lines_are_known_at_every_process(cluster: Cluster, show: Show) -> None:
    async with peers() as opened:
        await _lines_are_known(cluster, show, opened)


async def _lines_are_known(cluster: Cluster, show: Show, opened: list[Any]) -> None:
    far, near = cluster.other, cluster.keeper
    alice = await show.on_air(far, "Alice", media="video")
    bob = await show.come(far, "Bob")
    opened.append(LightPublisher())
    await opened[0].publish(Line(alice), ANYTHING)
    await show.host.callback("onUserNetworkQualityChanged", lambda c: "alice" in c["qualities"])
    (seat,) = (await show.host.do("getMediaHealth"))["health"]
    assert (seat["userId"], seat["seatIndex"]) == ("alice", 1) and seat["kbps"] > 20
    await alice.do("reportLine", rttMs=70)
    assert await bob.refused("reportLine", rttMs=70) == "NOT_ON_SEAT"
    assert await bob.refused("getMediaHealth") == "FORBIDDEN"

    await until(lambda: len(cluster.lines(show.slug)) == 3, "the rows of three sockets")
    for server in (far, near):
        told = await asyncio.to_thread(figures, server)
        assert told["micconnect_media_up"] == told["micconnect_media_node_up"] == 1
        at_least = {"media_node_feeds": 1, "rooms_live": 1, "sockets": 3, "people": 3}  # other shows may be on
        assert not {name: least for name, least in at_least.items() if told[f"micconnect_{name}"] < least}, told
        assert sum(told[f"micconnect_seats{quality.value}"] for quality in Quality) >= 1


async def test_without_the_bus_metrics_tell_what_is_known(cluster: Cluster, show: Show) -> None:
    cluster.redis.kill()
    told = figures(cluster.other)
    assert told["micconnect_database_up"] == 1 and told["micconnect_rooms_live"] >= 1
    assert "micconnect_media_node_up" not in told
