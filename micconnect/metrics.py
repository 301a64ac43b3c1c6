"""What Prometheus reads: the condition of the rooms and the media server, and what this process has counted.

No label names a person or a room. `worker` is the process that answered, so that several behind one port stay apart.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from micconnect import meters, proxies
from micconnect.health import Condition, condition
from micconnect.media.base import NodeFigures
from micconnect.protocol.words import Quality

CONTENT_TYPE = CONTENT_TYPE_LATEST
NODE_GAUGES = (  # field of NodeFigures, name, meaning
    ("is_up", "up", "1 while this media node takes calls."),
    ("rooms", "rooms", "Rooms that this media node carries."),
    ("feeds", "feeds", "People and screens on air that send to this media node."),
    ("watches", "watches", "Viewers that this media node sends to."),
)
NODE_COUNTERS = (
    ("forwarded_packets", "forwarded_packets", "Packets that this media node has sent to viewers."),
    ("cpu_s", "cpu_seconds", "Processor time that this media node has used."),
)
PASSED_ON = (
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Real-IP",
    "Forwarded",
    "Via",
)


def may_read(request: HttpRequest) -> bool:
    """Whoever has the token, and programs on this machine and the proxies'; not what a proxy passes on from others."""
    token = settings.METRICS_TOKEN
    if token and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        return True
    if any(name in request.headers for name in PASSED_ON):
        return False
    try:
        ip = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a Unix socket: a proxy is at its other end
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or proxies.is_trusted(str(ip))


async def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(meters.commands)
    registry.register(meters.cuts)
    registry.register(_Now(await condition()))
    return generate_latest(registry)


class _Now(Collector):
    """One condition, as metrics. What is not known is left out rather than told as zero."""

    def __init__(self, now: Condition | None) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        now = self._now
        if now is None:
            return
        yield _gauge("database_up", "1 while the database answers.", now.counts is not None)
        if counts := now.counts:
            yield _gauge("rooms_live", "Rooms that are live.", counts.rooms_live)
            yield _gauge("sockets", "Open sockets, of all processes.", counts.sockets)
            yield _gauge("people", "People in rooms, of all processes.", counts.people)
        yield _gauge("media_up", "1 while the media server takes calls.", now.media.is_up)
        yield _gauge("media_generation", "Grows when the media server begins anew, empty.", now.media.generation)
        if now.figures is not None:
            yield from self._nodes(now.figures.nodes)
            text = "People on air, by the quality of their lines."
            seats = GaugeMetricFamily("micconnect_seats", text, None, ["quality"])
            for quality in Quality:
                seats.add_metric([quality.value], now.figures.qualities.get(quality, 0))
            yield seats

    @staticmethod
    def _nodes(nodes: tuple[NodeFigures, ...]) -> Iterator[Metric]:
        for field, name, text in NODE_GAUGES:
            gauge = GaugeMetricFamily(f"micconnect_media_node_{name}", text, None, ["node"])
            for node in nodes:
                gauge.add_metric([node.name], float(getattr(node, field)))
            yield gauge
        for field, name, text in NODE_COUNTERS:
            counter = CounterMetricFamily(f"micconnect_media_node_{name}", text, None, ["node"])
            for node in nodes:
                if (value := getattr(node, field)) is not None:
                    counter.add_metric([node.name], float(value))
            yield counter


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"micconnect_{name}", text, value)
