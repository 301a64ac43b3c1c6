"""`manage.py rooms`: what it shows, what it does through the door, and with which exit code it says no."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from micconnect import presence, services, store
from micconnect.models import LogEntry, Room, Socket
from micconnect.protocol.commands import Apply, BarUser, GoLive, RespondToApplication, SetMetadata
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia
from tests.conftest import ALICE, BOB, HOST, NOW, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def slug() -> str:
    """A live room with Alice on air and Bob waiting, both long overdue."""
    room = store.create_room(host=HOST.person, options=RoomOptions(title="Quiz"), slug="quiz").slug
    steps: list[tuple[Any, Any]] = [
        (HOST, GoLive()),
        (ALICE, Apply(media=LinkMedia.AUDIO)),
        (HOST, RespondToApplication(request_id="r2", is_accepted=True)),
        (BOB, Apply(media=LinkMedia.AUDIO)),
        (HOST, BarUser(user_id="carl")),
    ]
    for who, command in steps:
        assert services.perform(room, who, command, NOW, find_person=lambda *_: actor("Carl").person).error is None
    return room


def run(*args: str) -> str:
    out = StringIO()
    call_command("rooms", *args, stdout=out)
    return out.getvalue()


def run_json(*args: str) -> Any:
    return json.loads(run(*args, "--json"))


def test_list_shows_the_newest_rooms_and_filters_by_status(slug: str) -> None:
    store.create_room(host=HOST.person, options=RoomOptions(title="Later"), slug="later")
    assert [(r["room"], r["status"]) for r in run_json("list")] == [("later", "idle"), ("quiz", "live")]
    assert [r["title"] for r in run_json("list", "--status", "live")] == ["Quiz"]
    assert run("list", "--status", "live") == "quiz  live   Quiz (Host)\n"
    assert run_json("list", "--status", "ended") == []


def test_show_tells_who_is_on_air_who_waits_and_who_is_barred(slug: str) -> None:
    picture = run_json("show", slug)
    assert picture["info"]["options"]["title"] == "Quiz"
    assert [u["userName"] for u in picture["connectedUsers"]] == ["Host", "Alice"]
    assert [r["user"]["userName"] for r in picture["requests"]] == ["Bob"]
    assert [s["user"]["userName"] for s in picture["sanctions"]] == ["Carl"]
    text = run("show", slug)
    assert "Alice, seat 1, joining" in text and "Bob, application r4" in text and "Carl, mic_bar until lifted" in text


def test_end_is_the_servers_command(slug: str) -> None:
    assert run_json("end", slug) == {"room": "quiz", "seq": 6}
    entry = LogEntry.objects.get(command="endLive")
    assert (entry.actor_role, Room.objects.get().end_reason) == ("server", "server")
    with pytest.raises(CommandError, match="ROOM_ENDED") as error:
        run("end", slug)
    assert error.value.returncode == 1


def test_sweep_carries_out_what_is_overdue_once_and_closes_sockets_of_dead_processes(slug: str) -> None:
    journal = presence._Journal()
    journal.opened("s1", slug, ALICE, "", NOW)
    journal.flush()
    Socket.objects.update(process_id=f"{presence.HOST_NAME}.{2**22 + 1}.00000000")
    assert run_json("sweep") == {"rooms": ["quiz"], "failed": [], "sockets": 1}
    assert LogEntry.objects.get(command="tick").actor_role == "clock"
    room = store.read(slug)
    assert room.requests == () and room.guests() == ()
    assert run("sweep") == "Rooms swept: 0. Socket rows closed: 0.\n"


def test_sweep_goes_through_more_rooms_than_it_takes_at_once(slug: str) -> None:
    for number in range(60):
        other = store.create_room(host=HOST.person, options=RoomOptions(title="Quiz"), slug=f"q{number}").slug
        assert services.perform(other, HOST, GoLive(), NOW).error is None
        assert services.perform(other, ALICE, Apply(media=LinkMedia.AUDIO), NOW).error is None
    assert len(run_json("sweep")["rooms"]) == 61
    assert store.slugs_due(timezone.now()) == []


def test_a_sweep_that_meets_a_busy_database_does_the_rest_and_says_so(
    slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = store.create_room(host=HOST.person, options=RoomOptions(title="Quiz"), slug="other").slug
    assert services.perform(other, HOST, GoLive(), NOW).error is None
    assert services.perform(other, ALICE, Apply(media=LinkMedia.AUDIO), NOW).error is None
    lock = store.lock

    def sometimes(slug: str) -> Any:
        if slug == "quiz":
            raise OperationalError("database is locked")
        return lock(slug)

    monkeypatch.setattr(store, "lock", sometimes)
    out = StringIO()
    with pytest.raises(CommandError, match="quiz") as error:
        call_command("rooms", "sweep", "--json", stdout=out)
    assert error.value.returncode == 1
    assert json.loads(out.getvalue()) == {"rooms": ["other"], "failed": ["quiz"], "sockets": 0}


def test_audit_prints_one_line_per_change_oldest_first(slug: str) -> None:
    assert services.perform(slug, HOST, SetMetadata(entries={"topic": "Brötchen"}), NOW).error is None
    lines = [json.loads(line) for line in run("audit", slug).splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert (lines[1]["command"], lines[1]["user_name"], lines[1]["role"]) == ("apply", "Alice", "audience")
    assert lines[5]["fields"] == {"entries": {"topic": "Brötchen"}} and lines[5]["at"] == NOW.isoformat()
    assert run("audit", slug, "--json") == run("audit", slug)


@pytest.mark.parametrize("deed", ["show", "end", "audit"])
def test_an_unknown_room_is_exit_code_1(slug: str, deed: str) -> None:
    with pytest.raises(CommandError) as error:
        run(deed, "nowhere")
    assert error.value.returncode == 1


@pytest.mark.parametrize("args", [[], ["dance"], ["show"], ["list", "--status", "gone"], ["end", "a", "b"]])
def test_wrong_use_is_exit_code_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import ManagementUtility

    with pytest.raises(SystemExit) as error:
        ManagementUtility(["manage.py", "rooms", *args]).execute()
    assert error.value.code == 2 and "usage" in capsys.readouterr().err
