"""Who was cut off comes back to the truth: cursors, history, replay or snapshot, ticks; over random shows too."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from micconnect import history, roomhub
from micconnect.domain.room import Actor
from micconnect.history import History, Told, condensed
from micconnect.protocol import callbacks as cb
from micconnect.protocol.callbacks import Lane
from micconnect.protocol.commands import Apply, CancelApplication, SetMetadata
from micconnect.protocol.frames import Callbacks
from micconnect.protocol.queries import Cursors
from micconnect.protocol.words import LinkMedia, Role
from tests.conftest import ALICE, BOB, HOST, NOW, actor, after
from tests.unit.house import ACCEPTED, ASKED, LIVE, House, Person, change, promoted
from tests.unit.pages import PEOPLE, Page, Show


class Clock:
    """The event loop's time, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: self.now)

    async def pass_by(self, seconds: float) -> None:
        self.now += seconds
        for _ in range(3):
            await asyncio.sleep(0)


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def make_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rooms of a few sockets wait for ticks as those of a thousand do."""
    monkeypatch.setattr(roomhub, "TICK_PER_SOCKET_S", 1.0)


def frames_of(person: Person) -> list[dict[str, Any]]:
    return [msgspec.json.decode(frame) for frame in person.wire.frames]


# -- the law over random shows ----------------------------------------------------------------------------------------
CUTS = 1000
SHOWS = 10


@pytest.mark.parametrize("seed", range(SHOWS))
async def test_r06_random_cuts_end_at_the_fresh_snapshot_and_no_moment_comes_twice(
    seed: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_busy(monkeypatch)
    house, chance = House(), random.Random(seed)
    show = Show(house, seed)
    room = await house.hub.room("r")
    # somebody stays, so that the room's history does; the others are cut again and again
    pages = [Page(house, who) for who in (HOST, *PEOPLE, *PEOPLE[:2])]
    for page in pages:
        page.come(room, show.now)
    lost: dict[int, list[tuple[int, int]]] = {id(page): [(0, LIVE.room.seq)] for page in pages}
    for _ in range(CUTS // SHOWS):
        cut = chance.sample(pages[1:], chance.randint(1, 4))
        for page in cut:
            page.cut(room)
        away_s = chance.uniform(0.1, 40)
        end = show.now + timedelta(seconds=away_s)
        while show.now < end:
            show.step()
            await clock.pass_by(chance.choice([0, 0.02, 0.2]))
        for page in cut:
            before, snapshots = min(page.cursors.values()), page.snapshots
            page.come(room, show.now)
            if page.snapshots > snapshots:
                lost[id(page)].append((before, page.cursors["room"]))
        for page in pages:
            if chance.random() < 0.3:
                page.beat(room, show.now)
        if chance.random() < 0.5:
            show.step()
    await clock.pass_by(1)
    for page in pages:
        assert not page.closed, "nobody is closed for another window of the same person"
        fresh = Page(house, page.who)
        fresh.come(room, show.now)
        assert page.drawn() == fresh.drawn(), page.who.user_id
        assert page.gaps == 0, "nothing is lost on a line that holds"
        heard = Counter(page.moments)
        expected = Counter(show.should_hear[page.who.user_id])
        assert not heard - expected, "twice, or not for this person"
        for _, seq, name in expected - heard:
            assert any(start < seq <= until for start, until in lost[id(page)]), (name, seq)
    assert sum(page.resumed for page in pages) > CUTS // SHOWS, "most come back by a replay"


async def test_frames_that_get_lost_on_the_way_are_noticed_and_asked_for(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_busy(monkeypatch)
    house, chance = House(), random.Random(1)
    show = Show(house, 1)
    room = await house.hub.room("r")
    pages = [Page(house, who) for who in (HOST, *PEOPLE)]
    for page in pages:
        page.come(room, show.now)
    for page in pages:
        page.loses = lambda: chance.random() < 0.1
    for _ in range(150):
        show.step()
        await clock.pass_by(chance.choice([0, 0.2]))
    await clock.pass_by(1)
    for page in pages:
        page.loses = lambda: False
        page.beat(room, show.now)
        fresh = Page(house, page.who)
        fresh.come(room, show.now)
        assert page.drawn() == fresh.drawn(), page.who.user_id
        assert len(set(page.moments)) == len(page.moments)
    assert sum(page.gaps for page in pages) > 0


# -- what answers a return --------------------------------------------------------------------------------------------
def cursors(seq: int, role: Role = Role.AUDIENCE, **parts: Any) -> Cursors:
    fields: dict[str, Any] = {"epoch": "e", "user_id": "bob", "role": role, "room": seq, "staff": seq, "me": seq}
    return Cursors(**fields | parts)


async def back(house: House, who: Actor, place: Cursors) -> dict[str, Any]:
    """What somebody hears first who returns with these cursors."""
    person = Person(who, "back")
    room = await house.hub.room("r")
    mine = place if place.user_id == "mallory" else replace(place, user_id=who.user_id)
    room.add(person.socket, house.hub.media, NOW, mine)
    (frame,) = frames_of(person)
    house.hub.leave(room, person.socket)
    return frame


async def test_who_returns_hears_only_what_is_new_and_theirs() -> None:
    house, host = House(), Person(HOST)
    await house.join(host)
    house.commit(ASKED)
    house.commit(ACCEPTED)
    viewer = await back(house, BOB, cursors(1))
    assert (viewer["type"], viewer["seq"], viewer["epoch"], viewer["viewerCount"]) == ("resumed", 3, "e", 2)
    assert [(f["lane"], f["seq"]) for f in viewer["frames"]] == [("room", 3)]
    alice = await back(house, ALICE, cursors(1))
    assert [(f["lane"], f["seq"]) for f in alice["frames"]] == [("room", 3), ("me", 3)]
    assert [c["type"] for c in alice["frames"][1]["callbacks"]] == ["onMyStateUpdated", "onUserConnectionAccepted"]
    staff = await back(house, HOST, cursors(1, Role.HOST))
    lanes = [(f["lane"], f["seq"]) for f in staff["frames"]]
    assert lanes == [("staff", 2), ("room", 3), ("staff", 3)]
    assert (await back(house, HOST, cursors(3, Role.HOST)))["frames"] == []
    part = await back(house, HOST, cursors(3, Role.HOST, staff=2))
    assert [(f["lane"], f["seq"]) for f in part["frames"]] == [("staff", 3)]


@pytest.mark.parametrize(
    "place",
    [
        cursors(1, epoch="another"),
        cursors(4),
        cursors(3, me=4),
        cursors(0),
        cursors(3, room=0),
        cursors(3, me=0),
        cursors(1, Role.MODERATOR),
        cursors(1, user_id="mallory"),
    ],
    ids=[
        "epoch",
        "future",
        "own future",
        "before the history",
        "room before it",
        "own lane before it",
        "role",
        "person",
    ],
)
async def test_what_the_history_cannot_tell_is_answered_by_a_snapshot(place: Cursors) -> None:
    house, host = House(), Person(HOST)
    await house.join(host)
    house.commit(ASKED)
    house.commit(ACCEPTED)
    house.hub.rooms["r"].history.floor = 1
    assert (await back(house, BOB, place))["type"] == "snapshot"
    assert (await back(house, BOB, cursors(1)))["type"] == "resumed"


async def test_who_became_a_helper_while_away_gets_a_snapshot_and_who_stayed_one_a_replay() -> None:
    house, host = House(), Person(HOST)
    await house.join(host)
    house.commit(promoted(LIVE.room, ALICE))
    assert (await back(house, ALICE, cursors(1)))["type"] == "snapshot"
    assert (await back(house, ALICE, cursors(1, Role.MODERATOR)))["type"] == "snapshot"
    assert (await back(house, ALICE, cursors(2, Role.MODERATOR)))["type"] == "resumed"


async def test_a_new_helper_cannot_ask_for_what_the_staff_was_told_before() -> None:
    house, host = House(), Person(HOST)
    await house.join(host)
    house.commit(change(LIVE.room, BOB, Apply(media=LinkMedia.AUDIO, note="private")))
    house.commit(promoted(house.log[-1].room, ALICE))
    cunning = cursors(3, Role.MODERATOR, staff=1)
    assert (await back(house, ALICE, cunning))["type"] == "snapshot"
    assert (await back(house, ALICE, cursors(3, Role.MODERATOR)))["type"] == "resumed"


async def test_who_was_a_helper_only_while_away_sees_nothing_of_the_staffs() -> None:
    house, host = House(), Person(HOST)
    await house.join(host)
    house.commit(promoted(LIVE.room, ALICE))
    house.commit(promoted(house.log[-1].room, ALICE, is_moderator=False))
    frame = await back(house, ALICE, cursors(1))
    assert (frame["type"], frame["requests"]) == ("snapshot", None)


async def test_replays_are_kept_only_for_places_in_the_history() -> None:
    house, host = House(), Person(HOST)
    room = await house.join(host)
    for seq in (1, 2, 1 << 40):
        await back(house, BOB, cursors(1, room=seq))
    assert set(room._common().replays) == {1}


async def test_a_new_process_tells_from_the_log_what_was_told_before_it() -> None:
    house = House()
    house.log += [ASKED, ACCEPTED]
    frame = await back(house, ALICE, cursors(2))
    assert frame["type"] == "resumed" and [f["lane"] for f in frame["frames"]] == ["room", "me"]


async def test_a_replay_larger_than_a_snapshot_is_answered_by_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    house, host = House(), Person(HOST)
    await house.join(host)
    house.commit(ASKED)
    house.commit(ACCEPTED)
    frames = (await back(house, BOB, cursors(1)))["frames"]
    size = len(msgspec.json.encode(frames))
    monkeypatch.setattr(roomhub, "REPLAY_MAX_BYTES", size)
    house.hub.rooms["r"]._shared = None
    assert (await back(house, BOB, cursors(1)))["type"] == "resumed"
    monkeypatch.setattr(roomhub, "REPLAY_MAX_BYTES", size - 1)
    house.hub.rooms["r"]._shared = None
    assert (await back(house, BOB, cursors(1)))["type"] == "snapshot"


# -- the history ------------------------------------------------------------------------------------------------------
def told(seq: int, seconds: float = 0, *names: str) -> Told:
    from micconnect.domain.notices import Notice

    lanes = {"room": (Lane.ROOM, ""), "staff": (Lane.STAFF, ""), "alice": (Lane.ME, "alice"), "bob": (Lane.ME, "bob")}
    state = (cb.OnRoomMetadataChanged(metadata={"seq": str(seq)}),)
    return Told(seq=seq, at=after(seconds), notices=[Notice(*lanes[name], state) for name in names])


def test_each_frame_names_the_one_before_it_in_its_lane() -> None:
    past = History(4)
    frames = [
        past.add(told(5, 0, "room", "alice")),
        past.add(told(6, 0, "bob")),
        past.add(told(7, 0, "room", "alice", "bob")),
    ]
    assert [[(f.lane.value, f.after) for f in some] for some in frames] == [
        [("room", 0), ("me", 0)],
        [("me", 0)],
        [("room", 5), ("me", 5), ("me", 6)],
    ]
    assert (past.floor, past.newest, past.last(Lane.ROOM), past.last(Lane.STAFF)) == (4, 7, 7, 0)


def test_a_history_keeps_a_thousand_changes_and_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CHANGES_MAX", 3)
    past = History(0)
    for seq in range(1, 5):
        past.add(told(seq, seq, "alice" if seq == 1 else "room"))
    assert (past.floor, past.last(Lane.ME, "alice"), past.last(Lane.ROOM)) == (1, 0, 4)
    past.add(told(5, 2 + history.KEPT_FOR.total_seconds(), "staff"))
    assert past.floor == 2, "two minutes old is kept, older is not"
    past.add(told(6, 500, "staff"))
    assert (past.floor, past.last(Lane.ROOM), past.last(Lane.STAFF)) == (5, 0, 6)


def test_a_history_keeps_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BYTES_MAX", 30)
    past = History(0, [replace(told(1, 0, "room"), size=10)])
    past.add(replace(told(2, 0, "room"), size=20))
    assert past.floor == 0
    past.add(replace(told(3, 0, "room"), size=1))
    assert past.floor == 1
    past.add(replace(told(4, 0, "room"), size=31))
    assert (past.floor, past.newest) == (4, 4), "even the newest alone may be too much"
    past.add(replace(told(5, 0, "room"), size=30))
    assert [f.seq for f in past.missed(cursors(4), "bob", is_staff=False) or ()] == [5]


def test_a_history_begins_with_what_the_log_knows() -> None:
    past = History(9, [told(8, 0, "alice"), told(9, 0, "room")])
    assert (past.floor, past.newest, past.last(Lane.ME, "alice")) == (7, 9, 8)
    assert [f.seq for f in past.missed(cursors(7), "alice", is_staff=False) or ()] == [9], "the newest state of a kind"


def test_states_that_are_replaced_are_left_out_and_moments_never() -> None:
    def frame(seq: int | None, before: int | None, *callbacks: Any) -> Callbacks:
        return Callbacks(lane=Lane.ROOM, seq=seq, after=before, server_time=NOW, callbacks=callbacks)

    def state(value: str) -> Any:
        return cb.OnRoomMetadataChanged(metadata={"v": value})

    moment = cb.OnRoomDismissed(room_id="r", reason="server")  # type: ignore[arg-type]
    count = cb.OnRoomUserCountChanged(count=1)
    a, b, c = (state(value) for value in "abc")
    frames = [frame(3, 1, a), frame(None, None, count), frame(5, 3, b, moment), frame(6, 5, c)]
    assert condensed(frames) == [frame(None, None, count), frame(5, 1, moment), frame(6, 5, c)]
    assert condensed([frame(3, 1, a), frame(4, 3, b), frame(6, 4, c)]) == [frame(6, 1, c)]
    assert condensed([]) == []


# -- ticks ------------------------------------------------------------------------------------------------------------
async def test_a_quiet_room_is_told_at_once_and_a_busy_one_once_per_tick(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_busy(monkeypatch)
    house, viewer = House(), Person(BOB)
    await house.join(viewer)
    room = LIVE.room
    for number in range(10):
        told_now = change(room, HOST, SetMetadata(entries={"n": str(number)}))
        room = told_now.room
        house.commit(told_now)
    assert [f["type"] for f in frames_of(viewer)] == ["snapshot", "callbacks"], "the first at once"
    await clock.pass_by(roomhub.TICK_MAX_S)
    last = frames_of(viewer)[2:]
    assert [(f["type"], f["seq"], f["after"]) for f in last] == [("callbacks", 11, 2)], "one state is left of nine"
    house.commit(change(room, HOST, SetMetadata(entries={"n": "x"})))
    assert len(frames_of(viewer)) == 3
    await clock.pass_by(roomhub.TICK_MAX_S)
    await clock.pass_by(roomhub.TICK_MAX_S)
    house.commit(change(house.log[-1].room, HOST, SetMetadata(entries={"n": "y"})))
    assert len(frames_of(viewer)) == 5, "quiet again: at once"


async def test_the_staff_and_the_person_concerned_never_wait(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    make_busy(monkeypatch)
    house, host, alice = House(), Person(HOST), Person(ALICE)
    await house.join(host)
    await house.join(alice)
    house.commit(ASKED)
    house.commit(ACCEPTED)  # the first on the room's lane
    house.commit(change(ACCEPTED.room, HOST, SetMetadata(entries={"n": "1"})))
    assert host.names.count("onUserConnectionRequest") == alice.names.count("onUserConnectionAccepted") == 1
    assert "onRoomMetadataChanged" not in host.names
    await clock.pass_by(roomhub.TICK_MAX_S)
    assert "onRoomMetadataChanged" in host.names


async def test_samples_wait_for_the_same_tick_and_the_newest_counts(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_busy(monkeypatch)
    house, viewer = House(), Person(BOB)
    room = await house.join(viewer)
    for count in (5, 6, 7):
        room.tell_all(cb.OnRoomUserCountChanged(count=count), NOW)
    house.commit(change(LIVE.room, HOST, SetMetadata(entries={"n": "1"})))
    await clock.pass_by(roomhub.TICK_MAX_S)
    first, batch = frames_of(viewer)[1:]
    assert first["callbacks"][0]["count"] == 5
    assert [(f["seq"], f["callbacks"][0].get("count")) for f in batch["frames"]] == [(None, 7), (2, None)]


async def test_who_comes_while_news_waits_hears_it_in_the_snapshot_and_a_pong_counts_what_was_written(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_busy(monkeypatch)
    house = House()
    room = await house.join(Person(HOST))
    room.tell_all(cb.OnRoomUserCountChanged(count=1), NOW)  # from now on the room is busy
    page = Page(house, BOB)
    page.come(room, NOW)
    house.commit(change(LIVE.room, HOST, SetMetadata(entries={"n": "1"})))
    late = Page(house, ALICE)
    late.come(room, NOW)
    assert late.cursors["room"] == 2 and late.shown["metadata"] == {"n": "1"}
    assert page.socket and room.pong(page.socket, None, NOW).seq == 1
    await clock.pass_by(roomhub.TICK_MAX_S)
    assert room.pong(page.socket, None, NOW).seq == room.pong(page.socket, None, NOW).room == 2
    assert page.drawn()["metadata"] == {"n": "1"} and page.gaps == late.gaps == 0


async def test_small_rooms_never_wait() -> None:
    house, viewer = House(), Person(BOB)
    await house.join(viewer)
    room = LIVE.room
    for number in range(5):
        told_now = change(room, HOST, SetMetadata(entries={"n": str(number)}))
        room = told_now.room
        house.commit(told_now)
    assert viewer.seqs == [1, 2, 3, 4, 5, 6]


# -- heartbeats and farewells -----------------------------------------------------------------------------------------
async def test_a_pong_tells_each_lane_as_far_as_it_is_for_this_person() -> None:
    house, host, alice, bob = House(), Person(HOST), Person(ALICE), Person(BOB)
    for person in (host, alice, bob):
        await house.join(person)
    room = house.hub.rooms["r"]
    house.commit(ASKED)
    house.commit(change(ASKED.room, ALICE, CancelApplication()))
    pongs = [room.pong(person.socket, "p", NOW) for person in (host, alice, bob)]
    assert [(p.seq, p.room, p.staff, p.me) for p in pongs] == [(3, 1, 3, 1), (3, 1, 0, 3), (3, 1, 0, 0)]


async def test_those_who_go_with_the_server_are_told_to_come_back_spread_and_those_on_air_first() -> None:
    house, host, alice = House(), Person(HOST), Person(ALICE)
    viewers = [Person(actor(f"V{number}")) for number in range(98)]
    for person in (host, alice, *viewers):
        await house.join(person)
    house.commit(change(LIVE.room, ALICE, Apply(media=LinkMedia.AUDIO)))
    room = house.hub.rooms["r"]

    def pause(person: Person) -> int:
        return int(msgspec.json.decode(house.hub.farewell(room, person.socket).payload)["retryInMs"])

    pauses = [pause(viewer) for viewer in viewers]
    assert pauses == sorted(pauses) and len(set(pauses)) == len(pauses)
    assert pauses[0] > 0 and pauses[-1] <= 100 * 20, "fifty come back in a second"
    assert all(pause(person) <= 1000 for person in (host, alice))
