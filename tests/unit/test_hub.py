"""Fan-out without a server: who gets which bytes, in which order, and who is cut."""

import asyncio

import pytest
from msgspec.structs import replace

from micconnect import hub, roomhub
from micconnect.domain.internal import PersonBecame
from micconnect.domain.room import Actor, RoomState
from micconnect.liverooms import LiveRooms
from micconnect.protocol.codes import CloseCode
from micconnect.protocol.commands import EndLive
from micconnect.protocol.words import Role
from tests.conftest import ALICE, BOB, HOST, NOW, actor, after
from tests.unit.house import ACCEPTED, ASKED, LIVE, House, Person, change
from tests.unit.rooms import at


async def test_lanes_go_to_those_they_are_for_and_room_frames_are_the_same_bytes() -> None:
    house, host, alice, bob = House(), Person(HOST), Person(ALICE), Person(BOB)
    for person in (host, alice, bob):
        await house.join(person)
    house.commit(ASKED)
    house.commit(ACCEPTED)
    assert "onUserConnectionRequest" in host.names and "onUserConnectionAccepted" not in host.names
    assert "onUserConnectionAccepted" in alice.names
    assert set(bob.names) == {"onConnectedUsersUpdated", "onSeatListChanged"}
    assert bob.wire.frames[-1] in host.wire.frames and bob.wire.frames[-1] in alice.wire.frames


async def test_a_change_during_the_first_read_is_neither_lost_nor_told_twice() -> None:
    house, alice = House(), Person(ALICE)
    house.reading.clear()
    joining = asyncio.create_task(house.join(alice))
    await asyncio.sleep(0)
    house.commit(ASKED)  # committed after the read began, published while nobody has a picture
    house.reading.set()
    await joining
    house.commit(ACCEPTED)
    assert alice.seqs[0] == 2, "the snapshot has it"
    assert set(alice.seqs[1:]) == {3}


async def test_changes_out_of_step_are_taken_from_the_log_in_order() -> None:
    house, alice = House(), Person(ALICE)
    await house.join(alice)
    house.log.append(ASKED)  # by another process: nothing was published here
    house.commit(ACCEPTED)
    await asyncio.sleep(0.01)
    house.hub.publish(ASKED)  # late and known
    assert alice.seqs == sorted(alice.seqs) and set(alice.seqs) == {1, 2, 3}


async def test_a_slow_reader_is_out_and_the_others_get_everything() -> None:
    house, slow, alice = House(), Person(BOB, limit=1), Person(ALICE)
    room = await house.join(slow)
    await house.join(alice)
    house.commit(ASKED)
    house.commit(ACCEPTED)
    assert slow.socket.socket_id not in room.sockets and set(alice.seqs) == {1, 2, 3}
    assert slow.closed == [CloseCode.SLOW], "and it is told, once"


@pytest.mark.parametrize("who", [HOST, ALICE], ids=["the host", "a guest"])
async def test_several_windows_of_somebody_on_the_stage_stay(who: Actor) -> None:
    house = House()
    house.commit(ASKED)
    house.commit(ACCEPTED)
    windows = [Person(at(who, f"w{n}"), f"s{n}") for n in range(roomhub.SOCKETS_PER_PERSON_MAX)]
    for window in windows:
        room = await house.join(window)
    assert all(window.closed == [] for window in windows)
    assert len(room.sockets) == len(windows)


async def test_a_window_that_comes_again_replaces_its_own_dead_socket_and_no_other() -> None:
    house = House()
    people = [Person(at(ALICE, window), f"s{n}") for n, window in enumerate(("w1", "w2", "", "", "w4"))]
    for person in people:
        await house.join(person)
    for number in range(roomhub.SOCKETS_PER_PERSON_MAX):  # a line that breaks often is never one window too many
        room = await house.join(Person(at(ALICE, "w1"), f"again{number}"))
    assert [person.closed for person in people] == [[CloseCode.TAKEN_OVER], [], [], [], []]
    assert set(room.sockets) == {"s1", "s2", "s3", "s4", f"again{number}"}


async def test_five_windows_of_one_person_and_the_sixth() -> None:
    house = House()
    for number in range(roomhub.SOCKETS_PER_PERSON_MAX):
        await house.join(Person(ALICE, f"w{number}"))
    with pytest.raises(roomhub.TooManySockets):
        await house.join(Person(ALICE, "one more"))
    await house.join(Person(BOB))


async def test_counts_are_told_once_per_sample_and_only_when_they_changed() -> None:
    house, host = House(), Person(HOST)
    await house.join(host)
    for number in range(3):
        await house.join(Person(actor(f"V{number}")))
    for _ in range(3):
        house.hub.sample_counts(after(1))
    assert host.names.count("onRoomUserCountChanged") == 1


async def test_a_count_that_is_the_old_one_again_is_told_to_who_came_in_between() -> None:
    house, host, bob = House(), Person(HOST), Person(BOB)
    room = await house.join(host)
    house.hub.sample_counts(NOW)
    await house.join(bob)  # hears 2
    house.hub.elsewhere["r"] = -1
    house.hub.sample_counts(NOW)
    assert [c["count"] for c in bob.told("onRoomUserCountChanged")] == [1]
    house.hub.sample_counts(NOW)
    assert len(bob.told("onRoomUserCountChanged")) == 1 and room.viewer_count == 1


async def test_an_empty_room_is_forgotten_and_an_unknown_one_is_not_kept() -> None:
    house, alice = House(), Person(ALICE)
    room = await house.join(alice)
    house.hub.leave(room, alice.socket)
    assert house.hub.rooms == {}

    async def fail(slug: str) -> RoomState:
        raise KeyError(slug)

    broken = hub.Hub(fail, house.read_changes)
    with pytest.raises(KeyError):
        await broken.room("r")
    assert broken.rooms == {}


async def test_viewers_are_listed_newest_first_up_to_the_limit() -> None:
    house = House()
    room = await house.join(Person(HOST))
    for number in range(roomhub.VIEWERS_LISTED_MAX + 1):
        await house.join(Person(actor(f"Viewer{number}")))
    names = [v.user_name for v in room.viewers("view")]
    assert len(names) == roomhub.VIEWERS_LISTED_MAX and names[0] == f"Viewer{roomhub.VIEWERS_LISTED_MAX}"
    assert [v.user_name for v in room.viewers("HOST")] == ["Host"] and room.viewers("x") == ()


async def test_who_enters_while_the_last_one_leaves_is_in_the_room_that_is_told() -> None:
    house, alice, bob = House(), Person(ALICE), Person(BOB)
    following = asyncio.Event()
    read = house.hub._read_changes

    async def slow(slug: str, seq: int) -> list[roomhub.Change]:
        await following.wait()
        return await read(slug, seq)

    house.hub._read_changes = slow
    entering = [asyncio.create_task(house.hub.room("r")) for _ in range(2)]
    await asyncio.sleep(0.01)
    following.set()
    first = await entering[0]
    first.add(alice.socket, house.hub.media, NOW)
    house.hub.leave(first, alice.socket)
    second = await house.hub.room("r")
    second.add(bob.socket, house.hub.media, NOW)
    house.commit(ASKED)
    house.commit(ACCEPTED)
    assert house.hub.rooms["r"] is second and set(bob.seqs) == {1, 3}, "a viewer is told of the seat only"


async def test_one_reading_of_the_log_at_a_time_and_nothing_is_missed() -> None:
    house, alice = House(), Person(ALICE)
    await house.join(alice)
    readings, free = [], asyncio.Event()
    read = house.hub._read_changes

    async def slow(slug: str, seq: int) -> list[roomhub.Change]:
        readings.append(seq)
        found = await read(slug, seq)
        await free.wait()
        return found

    house.hub._read_changes = slow
    house.log.append(ASKED)
    following = [asyncio.create_task(house.hub.follow("r")) for _ in range(20)]
    await asyncio.sleep(0)
    house.log.append(ACCEPTED)  # after the reading began
    following += [asyncio.create_task(house.hub.follow("r")) for _ in range(20)]
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(*following)
    assert readings == [1, 2] and max(alice.seqs) == 3


async def test_thousands_who_come_to_a_room_that_is_being_read_cost_one_reading() -> None:
    house = House()
    readings: list[str] = []
    read_room, read_changes = house.hub._read_room, house.hub._read_changes

    async def counted_room(slug: str) -> RoomState:
        readings.append("room")
        return await read_room(slug)

    async def counted_changes(slug: str, seq: int) -> list[roomhub.Change]:
        readings.append("changes")
        return await read_changes(slug, seq)

    house.hub._read_room, house.hub._read_changes = counted_room, counted_changes
    house.reading.clear()
    coming = [asyncio.create_task(house.join(Person(actor(f"V{n}")))) for n in range(100)]
    await asyncio.sleep(0)
    house.reading.set()
    await asyncio.gather(*coming)
    assert readings == ["room", "changes"]


async def test_a_room_that_is_gone_takes_no_newer_one_along_when_the_log_has_forgotten() -> None:
    house, alice, bob = House(), Person(ALICE), Person(BOB)
    room = await house.join(alice)
    reading = asyncio.Event()

    async def forgotten(slug: str, seq: int) -> list[roomhub.Change]:
        await reading.wait()
        raise hub.Forgotten(slug)

    read, house.hub._read_changes = house.hub._read_changes, forgotten
    following = asyncio.create_task(house.hub.follow("r"))
    await asyncio.sleep(0)
    house.hub.leave(room, alice.socket)
    house.hub._read_changes = read
    newer = await house.join(bob)
    reading.set()
    await following
    assert house.hub.rooms["r"] is newer and bob.closed == []


async def test_a_change_that_cannot_be_told_here_is_told_to_other_processes() -> None:
    house, alice, told = House(), Person(ALICE), list[roomhub.Change]()
    await house.join(alice)

    def broken(change: roomhub.Change) -> None:
        raise RuntimeError("a listener")

    house.hub.listeners.append(broken)
    house.hub.on_commit = told.append
    with pytest.raises(RuntimeError):
        house.hub.publish(ASKED)
    assert told == [ASKED]


async def test_when_the_log_has_forgotten_everybody_comes_back_to_a_snapshot() -> None:
    house, alice, bob = House(), Person(ALICE), Person(BOB)

    async def forgotten(slug: str, seq: int) -> list[roomhub.Change]:
        raise hub.Forgotten(slug)

    for person in (alice, bob):
        await house.join(person)
    house.hub._read_changes = forgotten
    await house.hub.follow("r")
    assert alice.closed == bob.closed == [CloseCode.GOING_AWAY]
    assert "r" not in house.hub.rooms


async def test_five_audience_windows_do_not_keep_the_host_from_the_studio() -> None:
    house = House()
    watching = Actor(person=HOST.person, role=Role.AUDIENCE)
    for number in range(roomhub.SOCKETS_PER_PERSON_MAX):
        await house.join(Person(watching, f"w{number}"))
    room = await house.join(Person(HOST, "studio"))
    assert room.has_line(HOST.user_id)


# -- the live rooms of a process --------------------------------------------------------------------------------------
async def test_live_rooms_never_go_back_to_an_older_value() -> None:
    answers: list[list[RoomState]] = []

    async def read() -> list[RoomState]:
        return answers.pop(0)

    rooms = LiveRooms(read)
    rooms.heard(ACCEPTED)
    rooms.heard(ASKED)  # told late
    answers.append([ASKED.room])  # and a read that began early
    await rooms.refresh()
    assert rooms.values["r"] is ACCEPTED.room
    ended = change(ACCEPTED.room, HOST, EndLive())
    rooms.heard(ended)
    answers.append([ACCEPTED.room])
    await rooms.refresh()
    assert rooms.values == {}, "what has ended stays ended"


async def test_live_rooms_that_ended_elsewhere_are_forgotten_but_not_those_that_just_began() -> None:
    rooms: LiveRooms

    async def read() -> list[RoomState]:
        rooms.heard(LIVE)  # goes live while the list is being read
        return []

    rooms = LiveRooms(read)
    await rooms.refresh()
    assert "r" in rooms.values


async def test_live_rooms_forget_what_is_live_no_more() -> None:
    async def read() -> list[RoomState]:
        return []

    rooms = LiveRooms(read)
    rooms.heard(LIVE)
    await rooms.refresh()
    assert rooms.values == {}


@pytest.mark.parametrize("is_missed", [False, True], ids=["told", "read from the log"])
async def test_windows_that_still_name_a_guest_who_has_logged_in_are_asked_to_come_by_the_account(
    is_missed: bool,
) -> None:
    house, stale, own, bob = House(), Person(replace(ALICE, proven_at=after(-9))), Person(actor("U1")), Person(BOB)
    for person in (stale, own, bob):
        room = await house.join(person)
    house.commit(ASKED)
    became = change(ASKED.room, actor("Clock", Role.CLOCK), PersonBecame("alice", "u1", "U1"))
    if is_missed:
        house.log.append(became)  # by another process
        await house.hub.follow("r")
    else:
        house.commit(became)
    assert (stale.closed, own.closed, bob.closed) == ([CloseCode.LOGIN], [], [])
    assert not room.has_line("alice")
    later = Person(replace(ALICE, proven_at=after(9)), "after the log-out")
    await house.join(later)
    house.commit(change(became.room, HOST, EndLive()))
    assert later.closed == [] and own.told("onMyStateUpdated")[0]["me"]["place"] == 1


async def test_windows_of_a_guest_who_only_watched_come_back_by_the_account_too() -> None:
    house, bob = House(), Person(BOB)
    before, after_logout = (Person(replace(ALICE, proven_at=after(at)), f"at {at}") for at in (0, 9))
    for person in (before, after_logout, bob):
        await house.join(person)
    await house.join(Person(replace(actor("U1"), was="alice", proven_at=after(5))))
    assert (before.closed, after_logout.closed, bob.closed) == ([CloseCode.LOGIN], [], [])
