"""Rows and values: what was saved is what is read, people may change places, and every rule stands twice."""

import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from msgspec.structs import replace

from micconnect import services, store
from micconnect.domain.internal import MediaUp, Tick
from micconnect.domain.room import HOST_SEAT, Actor, RoomState
from micconnect.models import Connection, InviteLink, LogEntry, Member, Room, Sanction, Seat, SeatRequest
from micconnect.protocol import commands as c
from micconnect.protocol import words as w
from micconnect.protocol.frames import Reply
from micconnect.protocol.views import RoomOptions
from tests.conftest import ALICE, BOB, HOST, NOW, actor, after

pytestmark = pytest.mark.django_db

OPTIONS = RoomOptions(
    title="Überraschung",
    cover="/covers/1.png",
    layout=w.Layout.FLOAT,
    seat_count=5,
    seat_mode=w.SeatMode.FREE,
    is_paused=True,
    is_auto_accepting=True,
    queue_order=w.QueueOrder.SPOKE_LEAST,
    request_timeout_s=0,
    needs_login=True,
    min_stay_s=30,
    max_turns=3,
    is_audio_only=True,
    time_limit_s=600,
    is_rotating=True,
    has_backstage=True,
    keep_owner_on_seat=False,
    host_away_s=300,
    is_carried_on=False,
    is_arriving_muted=True,
    may_unmute=False,
    allows_unnamed=True,
)


@pytest.fixture(autouse=True)
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, RoomState]:
    """The newest value of each room that was saved."""
    values: dict[str, RoomState] = {}
    save = store.save

    def save_and_keep(row: Room, before: RoomState, after: RoomState, now: datetime) -> None:
        save(row, before, after, now)
        values[after.slug] = after

    monkeypatch.setattr(store, "save", save_and_keep)
    monkeypatch.setattr(sys.modules[__name__], "SAVED", values)
    return values


SAVED: dict[str, RoomState] = {}


def do(slug: str, who: Actor, command: Any, at: float = 0) -> Reply:
    """What must succeed, with everybody present; afterwards the rows say what the value said."""
    find = {a.user_id: a.person for a in (ALICE, BOB, *(actor(f"G{n}") for n in range(10)))}
    reply = services.perform(slug, who, command, after(at), find_person=lambda _, user_id: find.get(user_id))
    assert reply.error is None, reply
    check(slug)
    return reply


def check(slug: str) -> RoomState:
    """Compares the value that was saved with the one that the rows give."""
    store.cache.drop(slug)
    read = store.read(slug)
    assert read == SAVED[slug]
    return read


@pytest.fixture
def slug() -> str:
    """A live room with G1 to G4 on the seats of their numbers."""
    room = store.create_room(host=HOST.person, options=RoomOptions(title="Show")).slug
    do(room, HOST, c.GoLive())
    for number in range(1, 5):
        do(room, HOST, c.PlaceUser(user_id=f"g{number}"))
    return room


def sitting(slug: str) -> dict[int, str]:
    """Who sits where, by the rows of the seats; the rows of the connections must say the same."""
    by_seat = dict(
        Seat.objects.filter(occupant_id__isnull=False, seat_index__gt=0).values_list("seat_index", "occupant_id")
    )
    on_air = Connection.objects.exclude(state="ended").filter(seat_index__gt=0)
    assert dict(on_air.values_list("seat_index", "user_id")) == by_seat
    return {index: str(user_id) for index, user_id in by_seat.items()}


# -- what was saved is what is read -----------------------------------------------------------------------------------
def test_every_option_has_a_column_of_its_name_and_comes_back() -> None:
    assert all(getattr(OPTIONS, f) != getattr(RoomOptions(title=""), f) for f in RoomOptions.__struct_fields__)
    slug = store.create_room(host=HOST.person, options=OPTIONS, slug="own-name").slug
    assert store.read(slug).options == OPTIONS
    do(slug, HOST, c.UpdateRoom(title="Other", is_paused=False))
    assert store.read(slug).options == replace(OPTIONS, title="Other", is_paused=False)


def test_metadata_comes_back_in_the_order_of_its_keys(slug: str) -> None:
    do(slug, HOST, c.SetMetadata(entries={"b": "2", "a": "é", "B": "", "ä": "x"}))
    do(slug, HOST, c.SetMetadata(entries={"b": None}))
    assert check(slug).metadata == (("B", ""), ("a", "é"), ("ä", "x"))


def test_a_show_with_everything_in_it_is_read_as_it_was_saved(slug: str) -> None:
    do(slug, HOST, c.UpdateRoom(has_backstage=True, time_limit_s=60))
    do(slug, ALICE, c.Apply(media=w.LinkMedia.VIDEO, note="n", seat_index=7, extra_info='{"x":1}'))
    do(slug, HOST, c.Invite(user_id="bob", seat_index=8))
    do(slug, HOST, c.RespondToApplication(request_id=check(slug).requests[0].request_id, is_accepted=True))
    do(slug, HOST, c.LockSeat(seat_index=7, is_microphone_locked=True))
    do(slug, HOST, c.LockSeat(seat_index=9, is_locked=True, is_camera_locked=True))
    do(slug, ALICE, c.SetReady(is_ready=True))
    do(slug, services.MEDIA, MediaUp(number=check(slug).connections[-1].number), at=1)
    do(slug, HOST, c.SetBackstage(user_id="alice", is_backstage=False), at=2)
    do(slug, HOST, c.SetSpotlight(user_id="alice"), at=3)
    do(slug, ALICE, c.AskToSpeak(device=w.Device.MICROPHONE), at=4)
    do(slug, HOST, c.AskToOpen(user_id="g2", device=w.Device.CAMERA), at=4)
    do(slug, ALICE, c.SetDevice(device=w.Device.SCREEN, is_open=True), at=5)
    do(slug, HOST, c.SetModerator(user_id="g1", is_moderator=True), at=6)
    do(slug, HOST, c.SetModerator(user_id="g2", is_moderator=False), at=6)
    do(slug, HOST, c.BarUser(user_id="g3", seconds=60, note="calm"), at=7)
    do(slug, HOST, c.BanUser(user_id="g4"), at=7)
    do(slug, HOST, c.CreateInviteLink(uses=2), at=8)
    room = check(slug)
    assert (room.spotlight, len(room.members), len(room.sanctions), len(room.links)) == ("alice", 5, 2, 1)
    do(slug, services.CLOCK, Tick(), at=70)
    assert [s.kind for s in check(slug).sanctions] == [w.SanctionKind.ROOM_BAN]
    do(slug, HOST, c.EndLive(), at=80)


def test_rejecting_all_and_taking_it_back_leaves_every_end_an_end(slug: str) -> None:
    for number in range(5, 9):
        do(slug, actor(f"G{number}"), c.Apply(media=w.LinkMedia.AUDIO))
    seq = do(slug, HOST, c.RejectAll()).seq
    do(slug, HOST, c.UndoRejectAll(seq=seq))
    assert SeatRequest.objects.filter(state="rejected").count() == 4
    assert [r.person.user_id for r in check(slug).applications()] == ["g5", "g6", "g7", "g8"]


# -- changing places --------------------------------------------------------------------------------------------------
def test_two_guests_swap_their_seats(slug: str) -> None:
    do(slug, HOST, c.MoveSeat(seat_index=2, user_id="g1", policy=w.MovePolicy.SWAP))
    assert sitting(slug) == {1: "g2", 2: "g1", 3: "g3", 4: "g4"}


def test_whoever_is_replaced_leaves_before_the_other_sits_down(slug: str) -> None:
    do(slug, HOST, c.MoveSeat(seat_index=2, user_id="g4", policy=w.MovePolicy.REPLACE))
    assert sitting(slug) == {1: "g1", 2: "g4", 3: "g3"}
    assert Connection.objects.get(user_id="g2").end_reason == "replaced"


@pytest.mark.parametrize("turn", [1, 3])
def test_a_whole_row_moves_on_in_one_change(slug: str, turn: int) -> None:
    row, before = Room.objects.get(slug=slug), store.read(slug)
    moved = before
    for guest in before.guests():
        moved = moved.put_connection(replace(guest, seat_index=(guest.seat_index + turn - 1) % 4 + 1))
    with transaction.atomic():
        store.save(row, before, replace(moved, seq=before.seq + 1), NOW)
    assert sitting(slug) == {(n + turn - 1) % 4 + 1: f"g{n}" for n in range(1, 5)}


def test_the_same_person_leaves_and_comes_back_in_one_change(slug: str) -> None:
    do(slug, HOST, c.ReturnToQueue(user_id="g1"))
    do(slug, HOST, c.AcceptNext())
    assert sitting(slug)[1] == "g1" and Connection.objects.filter(user_id="g1").count() == 2


# -- sanctions, links, members ----------------------------------------------------------------------------------------
def test_a_sanction_that_is_lifted_or_replaced_is_kept_with_its_end(slug: str) -> None:
    first = do(slug, HOST, c.BarUser(user_id="alice", seconds=60), at=1).result
    second = do(slug, HOST, c.BarUser(user_id="alice"), at=2).result
    assert first and first.sanction and second and second.sanction
    do(slug, ALICE, c.AppealBar(note="It was the dog."), at=3)
    assert Sanction.objects.get(ended_at=None).appeal == "It was the dog."
    do(slug, HOST, c.LiftSanction(sanction_id=second.sanction.sanction_id), at=4)
    rows = Sanction.objects.order_by("number")
    assert [(f"x{s.number}", s.ended_at) for s in rows] == [
        (first.sanction.sanction_id, after(2)),
        (second.sanction.sanction_id, after(4)),
    ]


def test_a_link_that_is_used_up_or_withdrawn_is_kept_with_its_end(slug: str) -> None:
    links = [do(slug, HOST, c.CreateInviteLink(uses=n), at=n).result for n in (1, 2)]
    ids = [r.link.link_id for r in links if r and r.link]
    do(slug, replace(ALICE, link=int(ids[0][1:])), c.UseInviteLink(token=token(slug, ids[0])), at=5)
    do(slug, BOB, c.UseInviteLink(token=token(slug, ids[1])), at=6)
    assert list(InviteLink.objects.order_by("number").values_list("uses_left", "ended_at")) == [
        (0, after(5)),
        (1, None),
    ]
    do(slug, HOST, c.RevokeInviteLink(link_id=ids[1]), at=7)
    assert InviteLink.objects.get(number=int(ids[1][1:])).ended_at == after(7)


def token(slug: str, link_id: str) -> str:
    from micconnect import invitelinks

    return invitelinks.make_token(slug, int(link_id[1:]))


def test_what_a_room_knows_of_people_is_read_sorted_as_the_value_sorts_it(slug: str) -> None:
    """Databases sort text by rules of their own; here are ids that PostgreSQL and SQLite order differently."""
    row, before = Room.objects.get(slug=slug), store.read(slug)
    grown = before
    for user_id in ("Z", "a", "_", "é", "B"):
        person = actor(user_id).person
        grown = grown.put_member(replace(before.members[0], person=replace(person, user_id=user_id)))
    grown = replace(grown, seq=before.seq + 1)
    with transaction.atomic():
        store.save(row, before, grown, NOW)
    store.cache.drop(slug)
    assert store.read(slug) == grown


def test_what_the_staff_decided_about_a_person_stands_in_rows_until_it_is_lifted(slug: str) -> None:
    g1, g2 = actor("G1"), actor("G2")
    for device in w.Device:
        do(slug, HOST, c.LockDevice(user_id="g1", device=device, is_locked=True))
    do(slug, HOST, c.SetTimeLimit(user_id="g1", seconds=90))
    do(slug, HOST, c.SetBackstage(user_id="g1", is_backstage=True))
    do(slug, g1, c.LeaveSeat(), at=5)
    do(slug, HOST, c.LockDevice(user_id="alice", device=w.Device.CAMERA, is_locked=True), at=6)
    do(slug, HOST, c.ReturnToQueue(user_id="g2"), at=7)
    do(slug, HOST, c.RejectAll(), at=8)
    known = {m.user_id: m for m in Member.objects.all()}
    first, second = known["g1"], known["g2"]
    assert first.is_microphone_locked and first.is_camera_locked and first.is_screen_locked and first.is_backstage
    assert (first.limit_s, first.left_s, known["alice"].is_camera_locked) == (90, 90, True)
    assert (second.is_held, second.refusals, second.can_apply_at) == (True, 1, after(38))
    do(slug, HOST, c.UpdateRoom(seat_mode=w.SeatMode.FREE), at=9)
    do(slug, g1, c.TakeSeat(), at=10)
    room = check(slug)
    (back,) = [guest for guest in room.guests() if guest.person.user_id == "g1"]
    assert {room.device_state(back, device) for device in w.Device} == {w.DeviceState.LOCKED}
    assert (back.limit_s, back.is_backstage) == (90, True)
    assert services.perform(slug, g2, c.TakeSeat(), after(60)).error is not None
    do(slug, HOST, c.LockDevice(user_id="g1", device=w.Device.MICROPHONE, is_locked=False), at=61)
    assert check(slug).locked("g1") == (w.Device.CAMERA, w.Device.SCREEN)


# -- the rules a second time ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Room, {"layout": "9"}),
        (Room, {"seat_mode": ""}),
        (Room, {"queue_order": "random"}),
        (Room, {"seat_count": 0}),
        (Room, {"seat_count": w.GUESTS_MAX + 1}),
        (Room, {"request_timeout_s": w.TIMEOUT_MIN_S - 1}),
        (Room, {"request_timeout_s": w.TIMEOUT_MAX_S + 1}),
        (Room, {"time_limit_s": w.TIME_LIMIT_MIN_S - 1}),
        (Room, {"time_limit_s": w.TIME_LIMIT_MAX_S + 1}),
        (Room, {"min_stay_s": w.STAY_MAX_S + 1}),
        (Room, {"max_turns": w.TURNS_MAX + 1}),
        (Room, {"host_away_s": w.HOST_AWAY_MIN_S - 1}),
        (Room, {"host_away_s": w.HOST_AWAY_MAX_S + 1}),
        (Room, {"status": "ended"}),
        (Connection, {"seat_index": w.GUESTS_MAX + 1}),
        (Connection, {"seat_index": 3}),
        (Connection, {"screen": "on"}),
        (Connection, {"screen": "open"}),
        (Connection, {"asks": "trumpet"}),
        (Connection, {"media": "audio", "camera": "open"}),
        (Connection, {"media": "audio", "screen": "open"}),
        (Connection, {"limit_s": 9}),
        (Connection, {"microphone": "locked"}),
        (Connection, {"state": "ended"}),
        (Connection, {"state": "ended", "ended_at": NOW}),
        (Connection, {"state": "ended", "ended_at": NOW, "end_reason": "exited", "deadline": NOW}),
        (Seat, {"occupant_id": "g1"}),
        (SeatRequest, {"seat_index": -2}),
        (SeatRequest, {"seat_index": w.GUESTS_MAX + 1}),
        (SeatRequest, {"state": "void", "ended_at": NOW}),
        (SeatRequest, {"cause": "left"}),
        (SeatRequest, {"kind": "wish"}),
        (SeatRequest, {"user_id": "alice"}),
        (Member, {"user_id": "g1"}),
        (Member, {"limit_s": w.TIME_LIMIT_MIN_S - 1}),
        (Member, {"left_s": w.TIME_LIMIT_MAX_S + 1}),
        (Sanction, {"kind": "frown"}),
        (Sanction, {"reason": ""}),
        (Sanction, {"until": NOW}),
        (Sanction, {"user_id": "x", "kind": "mic_bar"}),
        (InviteLink, {"uses_left": w.LINK_USES_MAX + 1}),
        (InviteLink, {"media": "smell"}),
        (InviteLink, {"expires_at": NOW}),
        (InviteLink, {"number": 1}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value),
)
def test_the_database_refuses_what_no_rule_would_make(slug: str, model: Any, fields: dict[str, Any]) -> None:
    """All rows of the table get the value, so that a range, a list of words or a uniqueness must stop it."""
    for who in (ALICE, BOB):
        do(slug, who, c.Apply(media=w.LinkMedia.VIDEO))
        do(slug, HOST, c.BarUser(user_id=f"g{8 + (who is BOB)}"))
        do(slug, HOST, c.CreateInviteLink())
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**fields)


def test_a_seat_index_is_missing_only_while_people_move(slug: str) -> None:
    assert not Connection.objects.filter(seat_index=None).exists()
    assert Connection.objects.get(seat_index=HOST_SEAT).user_id == HOST.user_id


def test_save_refuses_a_seat_that_somebody_holds_in_the_rows(slug: str) -> None:
    row, before = Room.objects.get(slug=slug), store.read(slug)
    Seat.objects.filter(seat_index=5).update(occupant_id="ghost")
    moved = before.put_connection(replace(before.guests()[0], seat_index=5))
    with pytest.raises(AssertionError, match="was not free"), transaction.atomic():
        store.save(row, before, moved, NOW)


# -- reading costs ----------------------------------------------------------------------------------------------------
def test_a_command_reads_members_sanctions_and_links_only_when_the_value_is_unknown(
    slug: str, django_assert_num_queries: Any
) -> None:
    do(slug, HOST, c.SetMetadata(entries={"a": "1"}))
    with django_assert_num_queries(5):  # savepoint and its release, the room's row twice, the log
        services.perform(slug, HOST, c.SetMetadata(entries={"a": "2"}), NOW)
    store.cache.drop(slug)
    with django_assert_num_queries(8 + 2):  # eight tables, and the room's row before and after
        store.read(slug)


# -- rooms from before ------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_rooms_from_before_the_growth_go_on() -> None:
    executor = MigrationExecutor(connection)
    try:
        executor.migrate([("micconnect", "0001_initial")])
        _old_room(executor.loader.project_state([("micconnect", "0001_initial")]).apps)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] == "micconnect"])
    room = store.read("old")
    assert room.options == RoomOptions(title="Old", seat_count=3, request_timeout_s=30, is_carried_on=False)
    assert (room.last_number, room.metadata, len(room.seats)) == (7, (), 10)
    assert [(m.person.user_id, m.spoken_s, m.turns) for m in room.members] == [("alice", 90, 1), ("bob", 0, 1)]
    assert [(c.person.user_id, c.aired_at) for c in room.connections] == [("bob", after(95))]
    assert [r.rank for r in room.requests] == [7]
    do("old", HOST, c.AcceptAll(), at=100)
    assert [(x.person.user_id, x.number) for x in store.read("old").guests()] == [("bob", 5), ("g7", 8)]


def _old_room(apps: Any) -> None:
    """Alice was on air for 90 seconds, Bob is, somebody asks to be."""
    room_type, connection_type, seat_type, request_type = (
        apps.get_model("micconnect", name) for name in ("Room", "Connection", "Seat", "SeatRequest")
    )
    room = room_type.objects.create(
        slug="old", title="Old", host_id="host", host_name="Host", status="live", seat_count=3,
        request_timeout_s=30, seq=7, live_at=NOW, epoch="e",
    )  # fmt: skip
    seat_type.objects.bulk_create(
        seat_type(room=room, seat_index=i, occupant_id="bob" if i == 1 else None) for i in range(10)
    )
    common = {"room": room, "seat_index": 1, "media": "audio", "microphone": "open", "camera": "closed"}
    connection_type.objects.create(
        number=3, user_id="alice", user_name="Alice", state="ended", started_at=NOW, live_at=after(1),
        ended_at=after(91), ended_seq=4, end_reason="exited", **common,
    )  # fmt: skip
    connection_type.objects.create(
        number=5, user_id="bob", user_name="Bob", state="live", started_at=after(92), live_at=after(95), **common
    )
    request_type.objects.create(
        room=room, number=7, kind="application", user_id="g7", user_name="G7", media="audio", created_at=after(96),
        expires_at=after(96) + timedelta(days=1),
    )  # fmt: skip
    assert not LogEntry.objects.exists()
