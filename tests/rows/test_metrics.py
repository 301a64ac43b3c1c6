"""What probes and Prometheus are told, and who is told."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from micconnect import busmessages as m
from micconnect import health, meters, metrics, services, store, views
from micconnect.media.base import NodeFigures
from micconnect.models import Room, ServingProcess, Socket
from micconnect.presence import PROCESS_ID
from micconnect.protocol.commands import Apply, GoLive
from micconnect.protocol.views import MediaInfo, RoomOptions
from micconnect.protocol.words import LinkMedia, Quality
from tests.conftest import ALICE, HOST, NOW

pytestmark = pytest.mark.django_db
UP = MediaInfo(family="sdp", generation=7, is_up=True)
AWAY = MediaInfo(family="sdp", generation=7, is_up=False)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """All samples of an answer, by name and labels."""
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def told(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((f"micconnect_{name}", frozenset(labels.items())))


def read(**headers: str) -> str:
    answer = Client(headers=headers).get("/metrics")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain")
    return answer.content.decode()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the process finds; None before a test says otherwise."""
    found: dict[str, Any] = {"condition": None, "media": None}

    async def condition() -> health.Condition | None:
        return found["condition"]

    monkeypatch.setattr(metrics, "condition", condition)
    monkeypatch.setattr(views.health, "media", lambda: found["media"])
    yield found


# -- who may read -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.9.9.9", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),  # a trusted proxy
        ("::ffff:10.1.2.3", {}, 200),
        ("192.0.2.7", {}, 401),
        ("2001:db8::1", {}, 401),
        ("", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 401),
        ("10.1.2.3", {"Forwarded": "for=127.0.0.1"}, 401),
        ("192.0.2.7", {"Authorization": "Bearer s3cret"}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7", "Authorization": "Bearer s3cret"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer s3cre"}, 401),
        ("192.0.2.7", {"Authorization": "s3cret"}, 401),
        ("192.0.2.7", {"Authorization": "Bearer "}, 401),
    ],
)
def test_metrics_are_for_this_machine_trusted_proxies_and_who_has_the_token(
    settings: Any, address: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = "s3cret"
    settings.TRUSTED_PROXIES = ["127.0.0.1", "::1", "10.1.2.0/24"]
    answer = Client(headers=headers).get("/metrics", REMOTE_ADDR=address)
    assert answer.status_code == status
    assert (b"process_cpu_seconds_total" in answer.content) == (status == 200)
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize("header", ["Bearer ", "Bearer", "Bearer None"])
def test_without_a_token_in_the_settings_no_token_opens(settings: Any, header: str) -> None:
    settings.METRICS_TOKEN = ""
    answer = Client(headers={"Authorization": header}).get("/metrics", REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 401


# -- what they read ---------------------------------------------------------------------------------------------------
def test_a_whole_condition_in_metrics(now: dict[str, Any]) -> None:
    nodes = (
        NodeFigures(name="a", is_up=True, rooms=2, feeds=3, watches=40, forwarded_packets=12345, cpu_s=1.5),
        NodeFigures(name="b", is_up=False, rooms=0, feeds=0, watches=0),
    )
    figures = m.MediaFigures(nodes=nodes, qualities={Quality.GOOD: 2, Quality.BAD: 1})
    counts = health.Counts(rooms_live=2, sockets=50, people=44)
    now["condition"] = health.Condition(media=UP, counts=counts, figures=figures)
    found = samples(read())
    assert [told(found, name) for name in ("database_up", "rooms_live", "sockets", "people")] == [1, 2, 50, 44]
    assert [told(found, name) for name in ("media_up", "media_generation")] == [1, 7]
    assert [told(found, "seats", quality=quality) for quality in ("good", "poor", "bad")] == [2, 0, 1]
    per_node = ("up", "rooms", "feeds", "watches", "forwarded_packets_total", "cpu_seconds_total")
    assert [told(found, f"media_node_{name}", node="a") for name in per_node] == [1, 2, 3, 40, 12345, 1.5]
    assert [told(found, f"media_node_{name}", node="b") for name in per_node] == [0, 0, 0, 0, None, None]


def test_what_is_not_known_is_left_out(now: dict[str, Any]) -> None:
    now["condition"] = health.Condition(media=AWAY, counts=None, figures=None)
    text = read()
    found = samples(text)
    assert told(found, "database_up") == told(found, "media_up") == 0
    assert not [name for name in ("rooms_live", "people", "seats", "media_node") if f"micconnect_{name}" in text]
    now["condition"] = None
    assert "process_resident_memory_bytes" in (text := read()) and "micconnect_database_up" not in text


def test_commands_are_counted_by_outcome_and_name_nobody(room_slug: str, now: dict[str, Any]) -> None:
    before = samples(read())
    steps: list[tuple[Any, Any]] = [(HOST, GoLive()), (ALICE, Apply(media=LinkMedia.AUDIO))]
    for who, command in [*steps, steps[0]]:
        meters.count_command(command, services.perform(room_slug, who, command, NOW))
    meters.count_cuts(2)
    text = read()
    after = samples(text)

    def grown(name: str, **labels: str) -> float:
        return (told(after, name, worker=PROCESS_ID, **labels) or 0) - (
            told(before, name, worker=PROCESS_ID, **labels) or 0
        )

    assert grown("commands_total", command="goLive", outcome="done") == 1
    assert grown("commands_total", command="goLive", outcome="ALREADY_LIVE") == 1
    assert grown("commands_total", command="apply", outcome="done") == 1
    assert grown("media_cuts_total") == 2
    assert not [word for word in (room_slug, ALICE.user_id, HOST.user_id, "Open mic") if f'"{word}"' in text]
    assert "_created" not in text


def test_sockets_and_people_of_other_processes_that_live_are_added(room_slug: str) -> None:
    services.perform(room_slug, HOST, GoLive(), NOW)
    store.create_room(host=HOST.person, options=RoomOptions(title="Idle"))
    room = Room.objects.get(slug=room_slug)
    for process_id in ("living", PROCESS_ID):
        ServingProcess.objects.create(process_id=process_id, started_at=NOW)
    rows = [
        ("living", "ann", None),
        ("living", "ann", None),
        ("living", "bob", None),
        ("living", "carl", NOW),
        ("dead", "dora", None),
        (PROCESS_ID, "eve", None),
    ]
    for number, (process_id, user_id, closed_at) in enumerate(rows):
        person = {"user_id": user_id, "user_name": user_id, "role": "audience", "closed_at": closed_at}
        Socket.objects.create(socket_id=str(number), process_id=process_id, room=room, opened_at=NOW, **person)
    assert health._counts(10, 8) == health.Counts(rooms_live=1, sockets=13, people=10)


# -- probes -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("server", "media", "word", "status"),
    [
        ("embedded", UP, "ok", 200),
        ("embedded", AWAY, "restarting", 200),
        ("janus", UP, "ok", 200),
        ("janus", AWAY, "away", 200),
    ],
)
def test_a_process_is_ready_with_or_without_sound_and_says_which(
    settings: Any, client: Client, now: dict[str, Any], server: str, media: MediaInfo, word: str, status: int
) -> None:
    settings.MEDIA, now["media"] = server, media
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (status, {"database": "ok", "media": word})


def test_a_process_without_sockets_speaks_of_no_media(client: Client) -> None:
    assert client.get("/readyz").json() == {"database": "ok"}
    assert health.on_air("room", HOST) is None
