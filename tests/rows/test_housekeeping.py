"""What runs beside the commands: rows about sockets, repair of lost reports, and rows that leave on time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from micconnect import changes, history, presence, retention, running, services, store
from micconnect.domain.internal import MediaGone, MediaServerLost, MediaUp, SocketsLost, SocketUp
from micconnect.domain.room import Person, RoomState
from micconnect.facts import Facts
from micconnect.hub import Forgotten
from micconnect.media.base import Feed
from micconnect.mediagrants import grant_id
from micconnect.models import Connection, LogEntry, Member, Sanction, SeatRequest, Socket
from micconnect.protocol.commands import Apply, BarUser, EndLive, GoLive, RespondToApplication, SetModerator
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia
from tests.conftest import ALICE, BOB, HOST, NOW, after

pytestmark = pytest.mark.django_db


@pytest.fixture
def slug() -> str:
    """A live room with Alice on air and Bob waiting."""
    room = store.create_room(host=HOST.person, options=RoomOptions(title="Show")).slug
    for who, command in (
        (HOST, GoLive()),
        (ALICE, Apply(media=LinkMedia.AUDIO)),
        (HOST, RespondToApplication(request_id="r2", is_accepted=True)),
        (BOB, Apply(media=LinkMedia.AUDIO)),
    ):
        assert services.perform(room, who, command, NOW).error is None  # type: ignore[arg-type]
    return room


# -- sockets as rows --------------------------------------------------------------------------------------------------
def test_sockets_become_rows_in_batches(slug: str) -> None:
    journal = presence._Journal()
    journal.opened("s1", slug, ALICE, "Browser/1", NOW)
    journal.opened("s2", slug, BOB, "x" * 500, NOW)
    journal.closed("s2", after(1), 1001)
    assert Socket.objects.count() == 0
    assert journal.flush() == 3
    journal.closed("s1", after(5), None)
    journal.flush()
    rows = {s.socket_id: s for s in Socket.objects.all()}
    assert (rows["s2"].closed_at, rows["s2"].close_code, len(rows["s2"].agent)) == (after(1), 1001, 160)
    assert (rows["s1"].closed_at, rows["s1"].user_name, rows["s1"].role) == (after(5), "Alice", "audience")
    assert journal.flush() == 0


def test_a_failed_flush_is_made_up_for(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = presence._Journal()
    journal.opened("s1", slug, ALICE, "", NOW)
    with monkeypatch.context() as patch:
        patch.setattr(Socket.objects, "bulk_create", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("away")))
        with pytest.raises(RuntimeError):
            journal.flush()
    journal.closed("s1", after(1), None)
    journal.flush()
    assert Socket.objects.get().closed_at == after(1)


def test_a_flush_that_fails_halfway_loses_no_closing(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = presence._Journal()
    journal.opened("s1", slug, ALICE, "", NOW)
    journal.flush()
    journal.opened("s2", slug, BOB, "", NOW)
    journal.closed("s1", after(1), None)
    with monkeypatch.context() as patch:
        patch.setattr(Socket.objects, "bulk_update", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("away")))
        with pytest.raises(RuntimeError):
            journal.flush()
    assert Socket.objects.count() == 1, "all of a batch or nothing"
    journal.closed("s2", after(2), None)
    journal.flush()
    assert {s.socket_id: s.closed_at for s in Socket.objects.all()} == {"s1": after(1), "s2": after(2)}


def test_sockets_of_a_former_process_are_closed_and_people_are_found_by_open_ones(slug: str) -> None:
    journal = presence._Journal()
    journal.opened("s1", slug, ALICE, "", NOW)
    journal.flush()
    assert presence.find_person(slug, "alice") == ALICE.person and presence.find_person(slug, "bob") is None
    assert presence.close_left_over(after(9)) == 0, "it is this process's"
    Socket.objects.update(process_id="former")
    assert presence.close_left_over(after(9)) == 1
    assert presence.find_person(slug, "alice") is None


def test_only_what_certainly_ended_on_this_machine_is_closed_by_a_sweep(slug: str) -> None:
    journal = presence._Journal()
    owners = {
        "own": presence.PROCESS_ID,
        "dead": f"{presence.HOST_NAME}.{2**22 + 1}.00000000",  # beyond the greatest pid that Linux gives
        "other machine": f"x{presence.HOST_NAME[:11]}.1.00000000",
        "from before": "0123456789abcdef",
    }
    for name in owners:
        journal.opened(name, slug, ALICE, "", NOW)
    journal.flush()
    for name, process_id in owners.items():
        Socket.objects.filter(socket_id=name).update(process_id=process_id)
    assert presence.close_dead(after(9)) == 1
    assert [s.socket_id for s in Socket.objects.filter(closed_at=after(9))] == ["dead"]


def test_a_log_that_gave_its_notices_up_says_so_instead_of_leaving_sockets_behind(slug: str) -> None:
    newest = store.read(slug).seq
    assert len(changes.since(slug, 0)) == newest
    retention.purge(NOW + retention.NOTICES_KEPT + timedelta(microseconds=1))
    with pytest.raises(Forgotten):
        changes.since(slug, newest - 1)
    assert changes.since(slug, newest) == []


def test_the_log_is_read_in_pieces_of_so_many_bytes(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = store.read(slug).seq
    sizes = [len(entry.notices) for entry in LogEntry.objects.order_by("seq")]
    monkeypatch.setattr(changes, "BYTES_MAX", 1)
    assert [c.room.seq for c in changes.since(slug, 0)] == [1], "the next one always"
    assert [t.seq for t in changes.lately(slug, newest, NOW)] == [newest]
    monkeypatch.setattr(changes, "BYTES_MAX", sum(sizes[:2]))
    assert [(c.room.seq, c.size) for c in changes.since(slug, 0)] == [(1, sizes[0]), (2, sizes[1])]


def test_a_history_begins_where_the_log_has_a_gap_or_is_too_old(slug: str) -> None:
    newest = store.read(slug).seq
    assert [t.seq for t in changes.lately(slug, newest, NOW)] == list(range(1, newest + 1))
    LogEntry.objects.filter(seq=1).update(notices=b"")
    assert [t.seq for t in changes.lately(slug, newest, NOW)] == list(range(2, newest + 1))
    assert changes.lately(slug, newest, NOW + history.KEPT_FOR + timedelta(seconds=1)) == []


def test_p9_what_a_show_knew_of_people_leaves_thirty_days_after_its_end(slug: str) -> None:
    assert services.perform(slug, HOST, BarUser(user_id="bob"), NOW).error is None
    assert services.perform(slug, HOST, EndLive(), NOW).error is None
    kinds = (Connection, SeatRequest, Member, Sanction)
    retention.purge(NOW + retention.SHOWS_KEPT)
    assert all(kind.objects.exists() for kind in kinds)
    retention.purge(NOW + retention.SHOWS_KEPT + timedelta(microseconds=1))
    assert not any(kind.objects.exists() for kind in kinds)


# -- repair -----------------------------------------------------------------------------------------------------------
class World:
    """What is so, beside what the room believes: who has a line, whose media arrives."""

    def __init__(self, room: RoomState) -> None:
        self.values = {room.slug: room}
        self.here = {"host", "alice", "bob"}
        self.is_up = True
        self.up: set[str] = set()
        self.live = self.media = self.backend = self.hub = self
        self.rooms = {room.slug: self}
        self.performed: list[Any] = []

    def has_line(self, user_id: str) -> bool:
        return user_id in self.here

    async def snapshot(self, slug: str) -> tuple[Feed, ...]:
        return tuple(Feed(grant_id=g, audio_muted=False, video_muted=False, is_up=True, seat_index=0) for g in self.up)

    async def perform(self, slug: str, actor: Any, command: Any) -> None:
        self.performed.append(command)


def rounds(world: World, count: int) -> list[Any]:
    """What is reported in so many rounds of the clock."""
    facts = Facts(world)  # type: ignore[arg-type]

    async def compare() -> None:
        for _ in range(count):
            await facts.check()

    asyncio.run(compare())
    return world.performed


@pytest.fixture
def world(slug: str) -> World:
    return World(store.read(slug))


def test_where_room_and_world_agree_nothing_is_reported(world: World) -> None:
    assert rounds(world, 5) == []


def test_a_difference_is_reported_after_two_rounds_not_after_one(world: World) -> None:
    world.here = {"host"}
    assert rounds(world, 1) == []
    world.performed.clear()
    assert sorted(rounds(world, 2), key=str) == [SocketsLost(user_id="alice"), SocketsLost(user_id="bob")]


def test_a_lost_report_of_media_is_made_again(world: World) -> None:
    (room,) = world.values.values()
    alice = room.connections[1]
    world.up = {grant_id(room, alice.connection_id)}
    assert rounds(world, 2) == [MediaUp(number=alice.number)]


def test_a_host_who_is_there_is_not_away(slug: str, world: World) -> None:
    assert services.perform(slug, services.CLOCK, SocketsLost(user_id="host"), NOW).error is None
    world.values[slug] = store.read(slug)
    assert rounds(world, 2) == [SocketUp(user_id="host")]


def test_a_lost_report_about_a_helper_is_made_again(slug: str, world: World) -> None:
    command = SetModerator(user_id="mona", is_moderator=True)
    mona = Person(user_id="mona", name="Mona")
    assert services.perform(slug, HOST, command, NOW, find_person=lambda _slug, _user: mona).error is None
    world.values[slug] = store.read(slug)
    assert rounds(world, 2) == [SocketsLost(user_id="mona")]


def test_a_media_server_that_is_away_is_told_before_anything_about_feeds(slug: str, world: World) -> None:
    assert services.perform(slug, services.MEDIA, MediaUp(number=3), NOW).error is None
    world.values[slug] = store.read(slug)
    world.is_up = False
    assert rounds(world, 2) == [MediaServerLost()]
    world.is_up = True
    world.performed.clear()
    assert rounds(world, 2) == [MediaGone(number=3)]


# -- retention --------------------------------------------------------------------------------------------------------
def test_p9_rows_leave_on_time_and_not_before(slug: str) -> None:
    journal = presence._Journal()
    journal.opened("old", slug, ALICE, "", NOW)
    journal.opened("open", slug, BOB, "", NOW)
    journal.flush()
    journal.closed("old", NOW, None)
    journal.flush()
    instant = timedelta(microseconds=1)
    retention.purge(NOW + retention.NOTICES_KEPT)
    assert all(bytes(e.notices) for e in LogEntry.objects.all())
    cursor = retention.purge(NOW + retention.NOTICES_KEPT + instant)
    assert not any(bytes(e.notices) for e in LogEntry.objects.all()) and LogEntry.objects.count() == 4
    assert retention.purge(NOW + retention.SOCKETS_KEPT, cursor) == cursor
    assert Socket.objects.count() == 2
    retention.purge(NOW + retention.SOCKETS_KEPT + instant, cursor)
    assert [s.socket_id for s in Socket.objects.all()] == ["open"]
    retention.purge(NOW + retention.LOG_KEPT, cursor)
    assert LogEntry.objects.count() == 4 and Connection.objects.exists()  # the show goes on still
    retention.purge(NOW + retention.LOG_KEPT + instant, cursor)
    assert LogEntry.objects.count() == 0


def test_p7_one_room_that_cannot_be_read_holds_up_no_other(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = store.create_room(host=HOST.person, options=RoomOptions(title="Broken")).slug
    assert services.perform(broken, HOST, GoLive(), NOW).error is None
    read, perform = store.read, services.perform

    def fails(which: str, *args: Any) -> Any:
        if which == broken:
            raise ValueError("a word that nobody knows")
        return (perform if args else read)(which, *args)

    monkeypatch.setattr(store, "read", fails)
    monkeypatch.setattr(services, "perform", fails)
    assert [room.slug for room in running._read_live()] == [slug]
    before = read(slug).seq
    running._recover()
    assert read(slug).seq == before + 1
