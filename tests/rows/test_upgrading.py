"""Rooms of an earlier version, live while the tables change."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from micconnect import store
from micconnect.models import Connection
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, DeviceState
from micconnect.services import perform
from tests.conftest import HOST, NOW, actor, after

BEFORE = [("micconnect", "0003_processes")]


@pytest.mark.django_db(transaction=True)
def test_locks_of_those_on_a_seat_become_the_persons_own() -> None:
    executor = MigrationExecutor(connection)
    try:
        executor.migrate(BEFORE)
        _room_before(executor.loader.project_state(BEFORE).apps)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] == "micconnect"])
    room = store.read("old")
    assert {m.person.user_id: (m.locked(), m.is_held, m.refusals, m.turns) for m in room.members} == {
        "bob": ((Device.MICROPHONE, Device.CAMERA), False, 0, 2),
        "carol": ((), True, 1, 0),
        "dora": ((), False, 2, 0),
    }
    (bob,) = room.guests()
    assert [room.device_state(bob, device) for device in Device] == ["locked", "locked", "closed"]
    assert not Connection.objects.filter(microphone=DeviceState.LOCKED).exists()
    assert [(r.person.user_id, r.timeout_s) for r in room.applications()] == [("carol", 0)], (
        "Carol waits without an end"
    )
    lift = c.LockDevice("bob", Device.MICROPHONE, False)
    assert perform("old", HOST, lift, after(9)).error is None
    assert perform("old", actor("Bob"), c.SetDevice(Device.MICROPHONE, True), after(9)).error is None


def _room_before(apps: Any) -> None:
    """Bob sits with two locks and sat with one, Carol was rejected, then returned to the queue; Dora rejected twice."""
    room_type, connection_type, seat_type, request_type, member_type = (
        apps.get_model("micconnect", name) for name in ("Room", "Connection", "Seat", "SeatRequest", "Member")
    )
    room = room_type.objects.create(
        slug="old", title="Old", host_id="host", host_name="Host", status="live", seq=9, last_number=9, live_at=NOW,
        epoch="e",
    )  # fmt: skip
    seat_type.objects.bulk_create(
        seat_type(room=room, seat_index=i, occupant_id="bob" if i == 1 else None) for i in range(10)
    )
    member_type.objects.create(room=room, user_id="bob", user_name="Bob", turns=2)
    bob = {"room": room, "user_id": "bob", "user_name": "Bob", "seat_index": 1, "media": "video", "started_at": NOW}
    connection_type.objects.create(
        number=1, microphone="open", camera="closed", screen="locked", state="ended", ended_at=NOW, ended_seq=2,
        end_reason="exited", **bob,
    )  # fmt: skip
    connection_type.objects.create(number=2, microphone="locked", camera="locked", state="live", **bob)
    ended = {"state": "rejected", "ended_at": NOW, "ended_seq": 3, "reason": "other"}
    for number, name, fields in (
        (3, "Carol", ended),
        (4, "Dora", ended),
        (5, "Dora", ended),
        (6, "Carol", {"is_held": True}),
    ):
        request_type.objects.create(
            room=room, number=number, rank=number, kind="application", user_id=name.lower(), user_name=name,
            media="audio", created_at=NOW, **fields,
        )  # fmt: skip
