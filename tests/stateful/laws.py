"""The laws of a room that hold after every step, whatever the step was."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from micconnect.domain.internal import Tick
from micconnect.protocol import commands as c
from micconnect.protocol.words import GUESTS_MAX, Device


def check_room(room: Any) -> None:
    """What is true of every room at every moment."""
    waiting = [r.person.user_id for r in room.requests]
    seated = [x.person.user_id for x in room.connections]
    assert not set(waiting) & set(seated), "both waiting and on a seat"
    assert len(set(waiting)) == len(waiting), "two open requests of one person"
    assert len(set(seated)) == len(seated), "two seats of one person"
    assert room.host.user_id not in waiting, "the host waits"
    assert all(r.state == "pending" and r.ended_at is None for r in room.requests)
    assert room.status == "live" or not (waiting or seated), "a stake in a room that is not live"
    assert room.status != "ended" or not room.links
    is_away = room.host_away_since is not None
    assert room.status == "live" or not is_away, "the host is away from no show"
    assert is_away or (room.host_away_until, room.carrier) == (None, None), "waiting for a host who is here"
    assert not is_away or room.host_away_until or room.carrier, "nobody leads, and nobody is waited for"
    is_open = room.status == "live" and not room.options.is_paused and room.host_away_until is None
    runs = [r for r in room.applications() if r.expires_at and r.timeout_s is None]
    assert not runs or (is_open and len(runs) <= len(room.free_seats())), "a wait runs though no seat could be given"
    _check_seats(room)
    _check_stage(room)
    _check_people(room)
    _check_order(room)


def _check_seats(room: Any) -> None:
    seats = [x.seat_index for x in room.connections]
    guests = [seat for seat in seats if seat != 0]
    assert [seat.index for seat in room.seats] == list(range(GUESTS_MAX + 1)), "not the ten seats"
    assert len(set(seats)) == len(seats), "two people on one seat"
    assert all(0 <= seat <= room.seat_count for seat in seats), "no such seat"
    assert len(guests) <= min(room.seat_count, GUESTS_MAX), "more guests than seats"
    assert not any(room.seats[seat].is_locked for seat in seats), "somebody on a locked seat"
    assert room.seats[0] == type(room.seats[0])(index=0), "the host's seat is locked"
    for connection in room.connections:
        assert (connection.seat_index == 0) == (connection.person == room.host), "seat 0 is the host's"
        assert connection.media == "video" or "open" not in (connection.camera, connection.screen), "picture from audio"
        assert all(connection.device(device) == "closed" for device in connection.shut), "shut and open"
        assert connection.state != "live" or connection.deadline is None, "a deadline though all is well"
        for device in Device:
            is_shut = room.seats[connection.seat_index].locks(device)
            is_locked = device in room.locked(connection.person.user_id)
            assert connection.device(device) != "locked", "a lock that would end with the seat"
            assert not ((is_shut or is_locked) and connection.device(device) == "open"), "open behind a lock"


def _check_stage(room: Any) -> None:
    for connection in room.connections:
        assert not (connection.is_backstage and connection.aired_at), "on the stage and behind it"
        assert connection.is_backstage or connection.state != "live" or connection.aired_at, "heard, but not on stage"
        assert connection.aired_at or connection.ends_at is None, "the time runs behind the stage"
        assert not (connection.is_ready and connection.seat_index == 0)
        asks, asked = connection.asks, connection.asked
        assert asks is None or room.device_state(connection, asks) == "locked", "asks for what is not locked"
        assert asked is None or room.device_state(connection, asked) == "closed", "asked for what cannot be opened"
    assert not any(x.screen == "open" for x in room.ended_connections), "a screen after the end"
    screens = [x for x in room.connections if room.device_state(x, Device.SCREEN) == "open"]
    assert len(screens) <= 1, "two shared screens"
    assert all(x.screen_number for x in screens), "a screen without a number"
    if room.spotlight is not None:
        shown = room.connection_of(room.spotlight)
        assert shown and not shown.is_backstage, "the spotlight is on nobody"


def _check_people(room: Any) -> None:
    assert all(a.person.user_id < b.person.user_id for a, b in pairwise(room.members)), "members out of order"
    assert all(not m.is_here or m.is_moderator for m in room.members), "only of helpers it counts who is there"
    assert not any(m.person == room.host for m in room.members), "the host's own helper"
    kinds = [(s.person.user_id, s.kind) for s in room.sanctions]
    assert len(set(kinds)) == len(kinds), "two bars, or two bans, of one person"
    assert room.host.user_id not in [user for user, _ in kinds], "a sanction against the host"
    assert all(link.uses_left >= 1 for link in room.links), "a link that is used up"
    assert list(room.metadata) == sorted(dict(room.metadata).items()), "metadata out of order"


def _check_order(room: Any) -> None:
    for items in (room.requests, room.connections, room.sanctions, room.links):
        assert all(a.number < b.number for a, b in pairwise(items)), "not in the order of the numbers"
    for items in (room.ended_requests, room.ended_connections):
        assert all((a.ended_seq, a.number) < (b.ended_seq, b.number) for a, b in pairwise(items)), "ends out of order"
        assert all(item.ended_seq <= room.seq and item.ended_at for item in items)
    requests, connections = (*room.requests, *room.ended_requests), (*room.connections, *room.ended_connections)
    numbers = [item.number for item in (*requests, *connections, *room.sanctions, *room.links)]
    numbers += [x.screen_number for x in connections if x.screen_number]
    numbers += [x.feed_number for x in connections if x.feed_number]
    numbers += [r.front for r in room.requests if r.front]
    assert len(set(numbers)) == len(numbers), "one number for two things"
    assert all(0 < number <= room.last_number for number in numbers), "a number that was not given"


def check_step(before: Any, after: Any, command: Any, now: datetime, user: str | None = None) -> None:
    """What is true of every change; `user` gave the command, where that is known."""
    if after.seq == before.seq:
        assert after == before, "changed without a number"
        return
    assert after.seq == before.seq + 1, "a change takes one number"
    assert replace(after, seq=before.seq) != before, "a number without a change"
    assert after.epoch == before.epoch and after.last_number >= before.last_number
    assert before.status != "ended" or after.status == "ended", "an ended room came back"
    for kind in ("mic_bar", "room_ban"):
        users = [r.person.user_id for r in after.requests] + [x.person.user_id for x in after.connections]
        assert not any(after.sanction(user_id, kind, now) for user_id in users), "barred, with a seat or a request"
    late = [r for r in after.ended_requests if r.ended_seq == after.seq and r.state == "timeout"]
    rooms = [r for r in late if r.kind == "application" and r.timeout_s is None]
    assert not rooms or before.free_seats(), "timed out while no seat was free"
    _check_devices(before, after, command, user)
    _check_windows(before, after, command, user)
    _check_locks(before, after, command)
    _check_moves(before, after, command)
    if isinstance(command, Tick):
        overdue = [r.expires_at for r in after.requests] + [x.deadline for x in after.connections]
        overdue += [x.ends_at for x in after.connections] + [s.until for s in after.sanctions]
        overdue += [link.expires_at for link in after.links]
        assert all(t is None or t > now for t in (*overdue, after.host_away_until)), "overdue after a tick"


def _check_devices(before: Any, after: Any, command: Any, user: str | None) -> None:
    """A device opens by its owner's hand, or when the owner sits down; never by a lock, a lift or a move."""
    former = {x.number: x for x in before.connections}
    for connection in after.connections:
        was = former.get(connection.number)
        for device in Device:
            is_open = after.device_state(connection, device) == "open"
            if was is None:
                is_placed = isinstance(command, c.PlaceUser) and connection.person.user_id == command.user_id
                assert not (is_open and (is_placed or device is Device.SCREEN)), "opened by another's hand"
            elif is_open and before.device_state(was, device) != "open":
                assert isinstance(command, c.SetDevice) and command.is_open and command.device is device
                assert user in (None, connection.person.user_id), "opened by another's hand"


def _check_windows(before: Any, after: Any, command: Any, user: str | None) -> None:
    """A seat goes to another window by its owner's word there, and then nothing of the former one counts."""
    former = {x.number: x for x in before.connections}
    for connection in after.connections:
        was = former.get(connection.number)
        if was is not None and (was.window, was.feed_number) != (connection.window, connection.feed_number):
            assert isinstance(command, c.BringHere) and user in (None, connection.person.user_id)
            assert was.window != connection.window and was.feed_number != connection.feed_number
            assert not connection.has_media and connection.screen != "open", "sent by no window"


def _check_locks(before: Any, after: Any, command: Any) -> None:
    """A lock of a person is set and lifted by the staff's word about locks, and by nothing else there is."""
    people = {m.person.user_id for m in (*before.members, *after.members)}
    changed = {user for user in people if before.locked(user) != after.locked(user)}
    about_locks = c.LockDevice | c.LockAll | c.UndoLockAll | c.AskToOpen | c.AskAllToOpen
    assert not changed or isinstance(command, about_locks), "a lock was shed"


def _check_moves(before: Any, after: Any, command: Any) -> None:
    former = {x.number: x.seat_index for x in before.connections}
    places = {x.number: x.seat_index for x in after.connections}
    moved = [number for number, seat in places.items() if former.get(number, seat) != seat]
    assert not moved or isinstance(command, c.MoveSeat), "moved to another seat"
    assert not isinstance(command, c.UpdateRoom) or former.keys() <= places.keys(), "an option took a guest off"
    if isinstance(command, c.MoveSeat):
        assert len(former) - len(places) <= (1 if command.policy == "replace" else 0), "a move took somebody off"


def nameless(item: Any) -> dict[str, Any]:
    """The parts of a value, with people by their ids: whoever is renamed is so in what has ended, too."""
    parts = {name: getattr(item, name) for name in item.__struct_fields__}
    return {name: part.user_id if hasattr(part, "user_id") else part for name, part in parts.items()}


class Ends:
    """Remembers how everything ended: once, and for good."""

    def __init__(self) -> None:
        self._ended: dict[tuple[str, int], Any] = {}
        self._told: set[int] = set()

    def check(self, room: Any) -> None:
        for kind, still_open, ended in (
            ("request", room.requests, room.ended_requests),
            ("connection", room.connections, room.ended_connections),
        ):
            for item in still_open:
                assert (kind, item.number) not in self._ended, "came back after its end"
            for item in ended:
                end = nameless(item)
                assert self._ended.setdefault((kind, item.number), end) == end, "ended a second time"

    def check_told(self, before: Any, outcome: Any) -> None:
        """Each request ends once, by one moment, in the change that takes it from the open ones."""
        open_now = {r.number for r in outcome.room.requests}
        ended = {m.request.number for m in outcome.moments if type(m).__name__ == "RequestEnded"}
        made = {m.request.number for m in outcome.moments if type(m).__name__ == "RequestMade"}
        gone = ({r.number for r in before.requests} | made) - open_now
        assert ended == gone, "an end without a word, or a word without an end"
        assert not ended & self._told, "ended a second time"
        self._told |= ended
