"""What leaving and coming back does to each restriction: the table of `docs/restrictions.md`, line by line."""

from collections.abc import Callable
from datetime import datetime

import pytest
from msgspec.structs import replace

from micconnect.domain import views
from micconnect.domain.outcome import DeviceLockChanged
from micconnect.domain.room import ENDED_KEPT, Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, DeviceState, LinkMedia, SeatMode
from tests.unit import rooms as r
from tests.unit.ways import (
    BOB_RENAMED,
    BY_ONESELF,
    GIVEN,
    OFF,
    ON,
    STAY,
    Way,
    asks_and_is_accepted,
    by_way,
    is_accepted_by_the_room,
    is_invited,
    is_next,
    is_one_of_all,
    linked,
    lost,
    sits_down,
    sits_down_renamed,
    takes_over_by_rotation,
)

CAMERA, MICROPHONE, SCREEN = Device.CAMERA, Device.MICROPHONE, Device.SCREEN
BY_DEVICE = pytest.mark.parametrize("device", Device)
ON_AIR = r.seated(r.live_room(), r.BOB)


def locked(room: RoomState, device: Device = MICROPHONE, who: str = "bob") -> RoomState:
    return r.act(room, r.HOST, c.LockDevice(who, device, True))


def assert_locked(room: RoomState, device: Device, now: datetime) -> None:
    """As everybody sees it, and to the owner's hand; lifting leaves it closed and then the owner opens it."""
    assert room.device_state(r.connection_of(room, r.BOB), device) is DeviceState.LOCKED
    bob = replace(r.BOB, window=r.connection_of(room, r.BOB).window)
    assert r.code(room, bob, c.SetDevice(device, True), now) is ErrorCode.DEVICE_LOCKED
    lifted = r.act(room, r.MONA, c.LockDevice("bob", device, False), now)
    assert lifted.device_state(r.connection_of(lifted, r.BOB), device) is DeviceState.CLOSED
    opened = r.act(lifted, bob, c.SetDevice(device, True), now)
    assert opened.device_state(r.connection_of(opened, r.BOB), device) is DeviceState.OPEN


# -- locks ------------------------------------------------------------------------------------------------------------
@by_way(ON, "on")
@by_way(OFF, "off")
def test_a_lock_is_not_shed_by_any_way_off_a_seat_and_onto_one(off: Way, on: Way) -> None:
    for device in (MICROPHONE, CAMERA):
        room = off(locked(ON_AIR, device), r.NOW)
        assert room.connection_of("bob") is None
        back = on(room, r.after(100))
        assert_locked(back, device, r.after(200))


@by_way(ON, "on")
def test_a_lock_of_the_screen_is_not_shed_either(on: Way) -> None:
    room = r.act(locked(ON_AIR, SCREEN), r.BOB, c.LeaveSeat())
    assert_locked(on(room, r.after(100)), SCREEN, r.after(200))


@BY_DEVICE
@by_way(STAY, "way")
def test_a_lock_is_not_shed_on_the_seat(way: Way, device: Device) -> None:
    assert_locked(way(locked(ON_AIR, device), r.after(5)), device, r.after(50))


@by_way(ON, "on")
def test_who_was_locked_with_all_stays_locked_and_who_comes_later_is_free(on: Way) -> None:
    room = r.act(r.seated(ON_AIR, r.CAROL), r.HOST, c.LockAll(MICROPHONE, True))
    room = r.act(room, r.BOB, c.LeaveSeat())
    assert_locked(on(room, r.after(100)), MICROPHONE, r.after(200))
    later = r.seated(room, r.DORA)
    assert later.device_state(r.connection_of(later, r.DORA), MICROPHONE) is DeviceState.OPEN
    lifted = r.act(room, r.HOST, c.LockAll(MICROPHONE, False))
    assert (lifted.locked("bob"), lifted.locked("carol")) == ((MICROPHONE,), ()), "those on a seat are meant"


@by_way(ON, "on")
def test_somebody_off_the_seat_is_locked_and_free_again_before_coming_on(on: Way) -> None:
    waits = r.act(ON_AIR, r.BOB, c.LeaveSeat())
    outcome = r.decided(waits, r.MONA, c.LockDevice("bob", CAMERA, True))
    assert outcome.connection is None and outcome.moments == (
        DeviceLockChanged(person=r.BOB.person, device=CAMERA, operator=r.MONA.person, is_locked=True),
    )
    assert r.decided(outcome.room, r.HOST, c.LockDevice("bob", CAMERA, True)).room == outcome.room
    assert_locked(on(outcome.room, r.after(100)), CAMERA, r.after(200))
    lifted = r.decided(outcome.room, r.MONA, c.LockDevice("bob", CAMERA, False))
    assert [m.is_locked for m in lifted.moments if isinstance(m, DeviceLockChanged)] == [False]
    back = on(lifted.room, r.after(100))
    assert back.device_state(r.connection_of(back, r.BOB), CAMERA) is not DeviceState.LOCKED


def test_who_is_in_the_room_or_known_to_it_is_locked_and_a_stranger_and_the_host_are_not() -> None:
    lock = c.LockDevice("alice", MICROPHONE, True)
    for room in (
        r.present(r.idle_room(), r.ALICE),
        r.present(r.live_room(), r.ALICE),
        r.applied(r.live_room(), r.ALICE),
    ):
        assert r.act(room, r.MONA, lock).locked("alice") == (MICROPHONE,)
    assert r.code(r.live_room(), r.HOST, lock) is ErrorCode.NO_SUCH_USER
    assert r.code(r.ended_room(), r.HOST, lock) is ErrorCode.ROOM_ENDED
    assert r.code(r.idle_room(), r.MONA, c.LockDevice("host", CAMERA, True)) is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("make", [r.applied, r.invited], ids=["application", "invitation"])
def test_staff_and_person_see_the_locks_before_the_seat(make: Callable[..., RoomState]) -> None:
    room = make(r.act(locked(locked(ON_AIR, SCREEN)), r.BOB, c.LeaveSeat()), r.BOB)
    (shown,) = views.requests(room)
    me = views.Picture(room).my_state(r.BOB.person)
    assert shown.locked == me.locked == (MICROPHONE, SCREEN) and me.request == shown
    lifted = r.act(room, r.HOST, c.LockDevice("bob", MICROPHONE, False))
    assert views.requests(lifted)[0].locked == views.Picture(lifted).my_state(r.BOB.person).locked == (SCREEN,)
    assert views.Picture(room).my_state(r.ALICE.person).locked == ()


# -- the time limit of one person -------------------------------------------------------------------------------------
def limited(seconds: int = 60) -> RoomState:
    return r.act(ON_AIR, r.HOST, c.SetTimeLimit("bob", seconds))


def left_after(seconds: float, room: RoomState) -> RoomState:
    return r.act(room, r.BOB, c.LeaveSeat(), r.after(seconds))


def limit_of(room: RoomState) -> int:
    return r.connection_of(room, r.BOB).limit_s


@by_way(BY_ONESELF, "on")
def test_who_comes_back_by_themselves_goes_on_with_the_time_that_was_left(on: Way) -> None:
    assert limit_of(on(left_after(20, limited()), r.after(100))) == 40
    assert limit_of(on(left_after(50, limited()), r.after(100))) == 10
    assert limit_of(on(left_after(59, limited()), r.after(100))) == 10, "the shortest limit there is"
    again = left_after(110, on(left_after(20, limited()), r.after(100)))
    assert limit_of(on(again, r.after(200))) == 40, "not on the stage yet, nothing was used"


@by_way(GIVEN, "on")
def test_a_turn_given_by_the_staff_has_the_persons_whole_limit(on: Way) -> None:
    assert limit_of(on(left_after(20, limited()), r.after(100))) == 60


@by_way(ON, "on")
def test_a_limit_stays_when_its_time_was_up_and_until_it_is_lifted(on: Way) -> None:
    up = r.ticked(limited(), r.after(60))
    assert up.connection_of("bob") is None and limit_of(on(up, r.after(100))) == 60
    lifted = left_after(1, r.act(limited(), r.HOST, c.SetTimeLimit("bob", 0)))
    assert limit_of(on(lifted, r.after(100))) == 0


def test_a_line_that_is_lost_takes_no_limit_along() -> None:
    assert limit_of(sits_down(lost(limited(120), r.after(30)), r.after(100))) == 60


def test_a_turn_ended_by_the_staff_leaves_no_rest() -> None:
    room = r.act(limited(), r.HOST, c.DisconnectUser("bob"), r.after(30))
    assert limit_of(sits_down(room, r.after(100))) == 60


def test_the_rooms_limit_is_of_each_turn_and_the_persons_goes_before_it() -> None:
    room = r.seated(r.live_room(time_limit_s=30), r.BOB)
    assert limit_of(sits_down(left_after(20, room), r.after(100))) == 30
    room = r.act(room, r.HOST, c.SetTimeLimit("bob", 300))
    assert limit_of(asks_and_is_accepted(left_after(20, room), r.after(100))) == 300


def test_the_queue_shows_whose_time_is_limited() -> None:
    room = r.applied(left_after(1, limited()), r.BOB, r.after(9))
    assert [request.limit_s for request in views.requests(r.applied(room, r.ALICE))] == [60, 0]


# -- behind the stage, and held in the queue --------------------------------------------------------------------------
def sent_behind() -> RoomState:
    return r.act(ON_AIR, r.HOST, c.SetBackstage("bob", True))


@by_way(BY_ONESELF, "on")
def test_who_was_sent_behind_the_stage_comes_back_there(on: Way) -> None:
    back = on(left_after(1, sent_behind()), r.after(100))
    assert r.connection_of(back, r.BOB).is_backstage
    brought = r.act(r.act(back, r.BOB, c.SetReady(True)), r.HOST, c.SetBackstage("bob", False))
    assert not r.connection_of(on(left_after(101, brought), r.after(200)), r.BOB).is_backstage


@by_way(GIVEN, "on")
def test_a_turn_given_by_the_staff_begins_where_turns_of_the_room_begin(on: Way) -> None:
    assert not r.connection_of(on(left_after(1, sent_behind()), r.after(100)), r.BOB).is_backstage
    again = left_after(101, on(left_after(1, sent_behind()), r.after(100)))
    assert not r.connection_of(sits_down(again, r.after(200)), r.BOB).is_backstage
    waiting = r.with_options(left_after(1, sent_behind()), has_backstage=True)
    assert r.connection_of(on(waiting, r.after(100)), r.BOB).is_backstage


RETURNED = r.act(ON_AIR, r.HOST, c.ReturnToQueue("bob"))
WITHDRAWN = r.act(RETURNED, r.BOB, c.CancelApplication())


def test_who_was_returned_gets_no_seat_from_the_room_by_asking_anew() -> None:
    waits = is_accepted_by_the_room(WITHDRAWN, r.after(100))
    assert r.request_of(waits, r.BOB).is_held
    assert r.connection_of(r.act(waits, r.HOST, c.AcceptNext(), r.after(101)), r.BOB)
    assert takes_over_by_rotation(WITHDRAWN, r.after(100)).connection_of("bob") is None


@pytest.mark.parametrize("room", [RETURNED, WITHDRAWN], ids=["waiting", "withdrawn"])
def test_who_was_returned_neither_sits_down_nor_follows_a_link(room: RoomState) -> None:
    free = r.with_options(room, seat_mode=SeatMode.FREE)
    assert r.code(free, r.BOB, c.TakeSeat()) is ErrorCode.HELD
    assert r.code(free, BOB_RENAMED, c.TakeSeat()) is ErrorCode.HELD
    with_link, holder = linked(free, r.NOW)
    assert r.code(with_link, holder, c.UseInviteLink("t")) is ErrorCode.HELD
    assert r.connection_of(r.act(r.helped(free, r.BOB), r.BOB, c.TakeSeat()), r.BOB), "helpers always may"
    assert r.connection_of(r.act(r.helped(with_link, r.BOB), holder, c.UseInviteLink("t")), r.BOB)


@by_way(GIVEN, "on")
def test_the_next_turn_from_the_staff_ends_the_hold(on: Way) -> None:
    given = on(WITHDRAWN, r.after(100))
    assert r.connection_of(sits_down(left_after(101, given), r.after(200)), r.BOB)


# -- quota ------------------------------------------------------------------------------------------------------------
def test_a_link_gives_no_turn_beyond_those_of_the_room() -> None:
    room = left_after(1, r.seated(r.live_room(max_turns=1), r.BOB))
    room, holder = linked(room, r.NOW)
    refused = r.refused(room, holder, c.UseInviteLink("t"))
    assert (refused.code, refused.details) == (ErrorCode.TURNS_USED, {"limit": 1})
    more = r.with_options(room, max_turns=2)
    assert r.connection_of(r.act(more, holder, c.UseInviteLink("t")), r.BOB)
    assert r.connection_of(r.act(r.helped(room, r.BOB), holder, c.UseInviteLink("t")), r.BOB)
    assert r.connection_of(is_invited(room, r.NOW), r.BOB), "the staff gives another one by name"


@by_way(OFF, "off")
def test_a_turn_counts_however_it_ended(off: Way) -> None:
    room = off(r.seated(r.live_room(max_turns=1), r.BOB), r.NOW)
    free = r.with_options(room, seat_mode=SeatMode.FREE)
    assert r.code(room, r.BOB, c.Apply(LinkMedia.AUDIO), r.after(100)) is ErrorCode.TURNS_USED
    assert r.code(free, BOB_RENAMED, c.TakeSeat(), r.after(100)) is ErrorCode.TURNS_USED


# -- cool-down --------------------------------------------------------------------------------------------------------
ASK = c.Apply(LinkMedia.AUDIO)
ASKED = r.applied(r.live_room(), r.BOB)
REJECTED = r.act(ASKED, r.HOST, r.answer(ASKED, r.BOB, is_accepted=False))


def declined(room: RoomState, now: datetime) -> RoomState:
    room = r.invited(room, r.BOB, now)
    return r.act(room, r.BOB, r.reply(room, r.BOB, is_accepted=False), now)


def sat_meanwhile(room: RoomState, now: datetime) -> RoomState:
    room = r.act(sits_down(room, now), r.BOB, c.LeaveSeat(), now)
    return r.with_options(room, seat_mode=SeatMode.APPLY)


def many_others_ended(room: RoomState, now: datetime) -> RoomState:
    """As many as make the room forget when Bob's request ended."""
    for number in range(ENDED_KEPT):
        who = r.viewer(f"viewer{number}")
        room = r.act(r.applied(room, who, now), who, c.CancelApplication(), now)
    assert room.last_request_of("bob") is None
    return room


BETWEEN: dict[str, Way] = {
    "nothing": lambda room, now: room,
    "leaves": lambda room, now: r.act(room, r.BOB, c.Leave(), now),
    "declines an invitation": declined,
    "sits meanwhile": sat_meanwhile,
    "many others ended": many_others_ended,
}


@by_way(BETWEEN, "between")
def test_a_cool_down_lasts_whatever_happens_meanwhile(between: Way) -> None:
    room = between(REJECTED, r.after(1))
    for who in (r.BOB, BOB_RENAMED):
        early = r.refused(room, who, ASK, r.after(30) - r.INSTANT)
        assert (early.code, early.details) == (ErrorCode.COOL_DOWN, {"until": r.after(30).isoformat()})
    assert views.Picture(room).my_state(r.BOB.person).can_apply_at == r.after(30)
    asked = r.act(room, r.BOB, ASK, r.after(30))
    assert r.request_of(asked, r.BOB).refusals == 1, "nor is the refusal forgotten"


def test_giving_up_a_request_by_leaving_is_withdrawing_it() -> None:
    room = r.act(ASKED, r.BOB, c.Leave(), r.after(1))
    assert r.code(room, r.BOB, ASK, r.after(11) - r.INSTANT) is ErrorCode.COOL_DOWN
    assert r.request_of(r.act(room, r.BOB, ASK, r.after(11)), r.BOB)
    invited = r.act(r.invited(r.live_room(), r.BOB), r.BOB, c.Leave())
    assert r.request_of(r.act(invited, r.BOB, ASK), r.BOB), "who was asked has asked for nothing"


def test_a_seat_given_meanwhile_ends_the_cool_down_with_the_request() -> None:
    room = r.act(r.applied(REJECTED, r.BOB, r.after(30)), r.HOST, c.AcceptAll(), r.after(31))
    assert r.request_of(r.act(left_after(32, room), r.BOB, ASK, r.after(33)), r.BOB)


# -- bars and bans ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sanction", "code"),
    [(c.BarUser("bob", 600), ErrorCode.BARRED), (c.BanUser("bob", 600), ErrorCode.BANNED)],
    ids=["bar", "ban"],
)
@by_way(OFF, "off")
def test_a_sanction_stops_every_way_onto_a_seat(off: Way, sanction: c.BarUser | c.BanUser, code: ErrorCode) -> None:
    room = off(ON_AIR, r.NOW)
    room, holder = linked(r.act(room, r.HOST, sanction), r.NOW)
    room = r.act(room, r.BOB, c.Leave()) if code is ErrorCode.BARRED else room
    free = r.with_options(room, seat_mode=SeatMode.FREE)
    tries: list[tuple[RoomState, Actor, c.WireCommand]] = [
        (room, r.BOB, ASK),
        (room, BOB_RENAMED, ASK),
        (free, r.BOB, c.TakeSeat()),
        (free, BOB_RENAMED, c.TakeSeat()),
        (room, holder, c.UseInviteLink("t")),
        (r.present(room, r.BOB), r.HOST, c.PlaceUser("bob")),
        (r.present(room, r.BOB), r.HOST, c.Invite("bob")),
    ]
    for before, who, command in tries:
        assert r.code(before, who, command, r.after(600) - r.INSTANT) is code


# -- what is of the place, of the room or of one turn -----------------------------------------------------------------
def test_the_lock_of_a_seat_is_the_places() -> None:
    room = r.act(ON_AIR, r.HOST, c.LockSeat(1, is_microphone_locked=True))
    moved = r.act(room, r.BOB, c.MoveSeat(2))
    assert moved.device_state(r.connection_of(moved, r.BOB), MICROPHONE) is DeviceState.CLOSED
    back = sits_down(left_after(1, room), r.after(100))
    assert back.device_state(r.connection_of(back, r.BOB), MICROPHONE) is DeviceState.LOCKED


@by_way(ON, "on")
def test_sound_only_is_the_rooms_option_on_every_way(on: Way) -> None:
    room = r.with_options(left_after(1, ON_AIR), is_audio_only=True)
    ways_that_ask = (sits_down, sits_down_renamed, asks_and_is_accepted, is_next, is_one_of_all)
    if on in (*ways_that_ask, is_accepted_by_the_room, takes_over_by_rotation):
        with pytest.raises(Exception, match="AUDIO_ONLY"):
            on(room, r.after(100))
    else:
        assert r.connection_of(on(room, r.after(100)), r.BOB).media is LinkMedia.AUDIO


def test_the_form_of_one_turn_is_not_a_restriction_of_the_person() -> None:
    room = left_after(1, r.placed(r.live_room(), r.BOB, media=LinkMedia.AUDIO))
    assert r.connection_of(asks_and_is_accepted(room, r.after(9)), r.BOB).media is LinkMedia.VIDEO


@by_way(ON, "on")
def test_a_helper_stays_one(on: Way) -> None:
    room = left_after(1, r.helped(ON_AIR, r.BOB))
    assert on(room, r.after(100)).moderators() == (r.BOB.person,)
    ended = r.act(room, r.HOST, c.SetModerator("bob", False))
    assert on(ended, r.after(100)).moderators() == ()


def test_the_time_spoken_adds_up() -> None:
    room = r.heard(sits_down(left_after(20, ON_AIR), r.after(100)), r.BOB, r.after(100))
    assert left_after(130, room).spoken_s("bob") == 50
