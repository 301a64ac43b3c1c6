"""The laws of a room that hold after every step, whatever the step was."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from micconnect.domain.internal import Tick
from micconnect.protocol.words import GUESTS_MAX


def check_room(room: Any) -> None:
    """What is true of every room at every moment."""
    waiting = [r.person.user_id for r in room.requests]
    seated = [c.person.user_id for c in room.connections]
    seats = [c.seat_index for c in room.connections]
    guests = [seat for seat in seats if seat != 0]
    assert not set(waiting) & set(seated), "both waiting and on a seat"
    assert len(set(waiting)) == len(waiting), "two open requests of one person"
    assert len(set(seated)) == len(seated), "two seats of one person"
    assert len(set(seats)) == len(seats), "two people on one seat"
    assert all(0 <= seat <= room.seat_count for seat in seats), "no such seat"
    assert len(guests) <= min(room.seat_count, GUESTS_MAX), "more guests than seats"
    for connection in room.connections:
        assert (connection.seat_index == 0) == (connection.person == room.host), "seat 0 is the host's"
        assert connection.media == "video" or connection.camera != "open", "picture from a seat for sound only"
        assert connection.state != "live" or connection.deadline is None, "a deadline though all is well"
    assert all(r.state == "pending" and r.ended_at is None for r in room.requests)
    assert room.status == "live" or not (waiting or seated), "a stake in a room that is not live"
    assert room.status != "ended" or room.host_away_until is None
    _check_order(room)


def _check_order(room: Any) -> None:
    for items in (room.requests, room.connections):
        assert all(a.number < b.number for a, b in pairwise(items)), "not in the order of the numbers"
    for items in (room.ended_requests, room.ended_connections):
        assert all((a.ended_seq, a.number) < (b.ended_seq, b.number) for a, b in pairwise(items)), "ends out of order"
        assert all(item.ended_seq <= room.seq and item.ended_at for item in items)
    for still_open, ended in (
        (room.requests, room.ended_requests),
        (room.connections, room.ended_connections),
    ):
        assert not {i.number for i in still_open} & {i.number for i in ended}, "open and ended at once"


def check_step(before: Any, after: Any, command: Any, now: datetime) -> None:
    """What is true of every change."""
    if after.seq == before.seq:
        assert after == before, "changed without a number"
    else:
        assert after.seq == before.seq + 1, "a change takes one number"
        assert replace(after, seq=before.seq) != before, "a number without a change"
    assert after.epoch == before.epoch
    assert before.status != "ended" or after.status == "ended", "an ended room came back"
    former = {c.number: c for c in before.connections}
    for connection in after.connections:
        was = former.get(connection.number, connection)
        for device in ("microphone", "camera"):
            was_locked = getattr(was, device) == "locked"
            assert not (was_locked and getattr(connection, device) == "open"), "a lifted lock opened a device"
        assert connection.seat_index == was.seat_index, "moved to another seat"
    if isinstance(command, Tick):
        overdue = [r.expires_at for r in after.requests] + [c.deadline for c in after.connections]
        assert all(t is None or t > now for t in (*overdue, after.host_away_until)), "overdue after a tick"


class Ends:
    """Remembers how everything ended: once, and for good."""

    def __init__(self) -> None:
        self._ended: dict[tuple[str, int], Any] = {}
        self._numbers: set[tuple[str, int]] = set()

    def check(self, room: Any) -> None:
        for kind, still_open, ended in (
            ("request", room.requests, room.ended_requests),
            ("connection", room.connections, room.ended_connections),
        ):
            for item in still_open:
                assert (kind, item.number) not in self._ended, "came back after its end"
            for item in ended:
                assert self._ended.setdefault((kind, item.number), item) == item, "ended a second time"
