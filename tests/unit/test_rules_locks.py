"""Microphones, cameras and screens: whose they are, and who locks them."""

from typing import Any

import pytest

from micconnect.domain import internal as i
from micconnect.domain.outcome import DeviceAsked, DeviceLockChanged, DeviceRequested
from micconnect.domain.room import RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, DeviceState, LinkMedia, MovePolicy
from tests.unit import rooms as r

CAMERA, MICROPHONE, SCREEN = Device.CAMERA, Device.MICROPHONE, Device.SCREEN
ON_AIR = r.seated(r.live_room(), r.BOB)
PAIR = r.seated(ON_AIR, r.CAROL)
LOCK_MICROPHONE = c.LockSeat(1, is_microphone_locked=True)


def states(room: RoomState, who: r.Actor = r.BOB) -> tuple[str, str, str]:
    """Microphone, camera and screen as they count."""
    connection = r.connection_of(room, who)
    microphone, camera, screen = (room.device_state(connection, device) for device in (MICROPHONE, CAMERA, SCREEN))
    return (microphone, camera, screen)


def bob_with(device: Device, state: str) -> RoomState:
    """Bob on a video seat with one device in this state."""
    room = r.seated(r.live_room(), r.BOB)
    if state == "locked":
        return r.act(room, r.HOST, c.LockDevice("bob", device, True))
    return r.act(room, r.BOB, c.SetDevice(device, state == "open"))


OPEN, CLOSE = (c.SetDevice, True), (c.SetDevice, False)
LOCK, UNLOCK = (c.LockDevice, True), (c.LockDevice, False)
DEVICE_MOVES = [
    ("open", OPEN, "open"),
    ("open", CLOSE, "closed"),
    ("open", LOCK, "locked"),
    ("open", UNLOCK, "open"),
    ("closed", OPEN, "open"),
    ("closed", CLOSE, "closed"),
    ("closed", LOCK, "locked"),
    ("closed", UNLOCK, "closed"),
    ("locked", OPEN, "DEVICE_LOCKED"),
    ("locked", CLOSE, "locked"),
    ("locked", LOCK, "locked"),
    ("locked", UNLOCK, "closed"),
]


@pytest.mark.parametrize("device", Device)
@pytest.mark.parametrize(("before", "move", "after"), DEVICE_MOVES)
def test_every_move_of_a_device(device: Device, before: str, move: tuple[type, bool], after: str) -> None:
    room = bob_with(device, before)
    kind, is_on = move
    who = r.BOB if kind is c.SetDevice else r.MONA
    command = c.SetDevice(device, is_on) if kind is c.SetDevice else c.LockDevice("bob", device, is_on)
    if after.isupper():
        assert r.code(room, who, command) is ErrorCode(after)
        return
    outcome = r.decided(room, who, command)
    connection = r.connection_of(outcome.room, r.BOB)
    other = MICROPHONE if device is CAMERA else CAMERA
    assert (outcome.room.device_state(connection, device), connection.device(other)) == (after, "open")
    assert outcome.connection == connection
    assert outcome.room.seq == room.seq + (before != after)
    is_lock_moved = kind is c.LockDevice and before != after
    moment = DeviceLockChanged(person=r.BOB.person, device=device, operator=r.MONA.person, is_locked=after == "locked")
    assert outcome.moments == ((moment,) if is_lock_moved else ())


def test_a_seat_for_sound_never_shows_a_picture() -> None:
    room = r.seated(r.live_room(), r.BOB, media=LinkMedia.AUDIO)
    assert r.connection_of(room, r.BOB).camera is DeviceState.CLOSED
    assert r.code(room, r.BOB, c.SetDevice(CAMERA, True)) is ErrorCode.AUDIO_ONLY
    room = r.act(room, r.HOST, c.LockDevice("bob", CAMERA, True))
    room = r.act(room, r.HOST, c.LockDevice("bob", CAMERA, False))
    assert r.connection_of(room, r.BOB).camera is DeviceState.CLOSED
    assert r.code(room, r.BOB, c.SetDevice(CAMERA, True)) is ErrorCode.AUDIO_ONLY
    room = r.act(r.act(room, r.BOB, c.SetDevice(MICROPHONE, False)), r.BOB, c.SetDevice(MICROPHONE, True))
    assert r.connection_of(room, r.BOB).microphone is DeviceState.OPEN


def test_the_host_mutes_the_own_devices() -> None:
    room = r.act(r.live_room(), r.HOST, c.SetDevice(MICROPHONE, False))
    assert r.connection_of(room, r.HOST).microphone is DeviceState.CLOSED


# -- the staff's locks ------------------------------------------------------------------------------------------------
def test_two_helpers_do_not_undo_each_others_locks() -> None:
    room = r.act(ON_AIR, r.HOST, c.LockDevice("bob", MICROPHONE, True))
    room = r.act(room, r.MONA, c.LockDevice("bob", CAMERA, True))
    assert states(room) == ("locked", "locked", "closed")
    room = r.act(room, r.MONA, c.LockDevice("bob", CAMERA, False))
    assert states(room) == ("locked", "closed", "closed")


def test_locking_all_is_locking_each_but_the_host() -> None:
    room = r.act(PAIR, r.BOB, c.SetDevice(MICROPHONE, False))
    room = r.act(room, r.HOST, c.LockDevice("carol", MICROPHONE, True))
    outcome = r.decided(room, r.MONA, c.LockAll(MICROPHONE, True))
    assert [m.person.user_id for m in outcome.moments if isinstance(m, DeviceLockChanged)] == ["bob"]
    assert states(outcome.room)[0] == states(outcome.room, r.CAROL)[0] == "locked"
    assert states(outcome.room, r.HOST)[0] == "open"
    lifted = r.act(outcome.room, r.HOST, c.LockAll(MICROPHONE, False))
    assert states(lifted)[0] == states(lifted, r.CAROL)[0] == "closed"
    assert r.act(lifted, r.HOST, c.LockAll(MICROPHONE, False)) == lifted


# -- the seat's locks -------------------------------------------------------------------------------------------------
def test_a_seats_lock_shuts_the_device_of_whoever_sits_there() -> None:
    outcome = r.decided(ON_AIR, r.MONA, LOCK_MICROPHONE)
    assert states(outcome.room) == ("locked", "open", "closed")
    assert outcome.moments == (
        DeviceLockChanged(person=r.BOB.person, device=MICROPHONE, operator=r.MONA.person, is_locked=True),
    )
    assert r.code(outcome.room, r.BOB, c.SetDevice(MICROPHONE, True)) is ErrorCode.DEVICE_LOCKED
    lifted = r.act(outcome.room, r.HOST, c.LockSeat(1, is_microphone_locked=False))
    assert states(lifted) == ("closed", "open", "closed"), "lifting opens nothing"


def test_a_seats_camera_lock_shuts_the_screen_too() -> None:
    room = r.act(ON_AIR, r.BOB, c.SetDevice(SCREEN, True))
    outcome = r.decided(room, r.HOST, c.LockSeat(1, is_camera_locked=True))
    assert states(outcome.room) == ("open", "locked", "locked")
    assert [m.device for m in outcome.moments if isinstance(m, DeviceLockChanged)] == [CAMERA, SCREEN]
    assert states(r.act(outcome.room, r.HOST, c.LockSeat(1, is_camera_locked=False))) == ("open", "closed", "closed")


def test_a_guest_sits_down_muted_on_a_seat_with_a_locked_microphone() -> None:
    room = r.act(r.live_room(), r.HOST, LOCK_MICROPHONE)
    room = r.seated(room, r.BOB)
    assert states(room) == ("locked", "open", "closed")
    assert states(r.act(room, r.HOST, c.LockSeat(1, is_microphone_locked=False)))[0] == "closed"


def test_the_lock_of_the_seat_and_the_lock_of_the_person_are_two() -> None:
    room = r.act(r.act(ON_AIR, r.HOST, LOCK_MICROPHONE), r.MONA, c.LockDevice("bob", MICROPHONE, True))
    for first, second in (
        (c.LockSeat(1, is_microphone_locked=False), c.LockDevice("bob", MICROPHONE, False)),
        (c.LockDevice("bob", MICROPHONE, False), c.LockSeat(1, is_microphone_locked=False)),
    ):
        half = r.decided(room, r.HOST, first)
        assert states(half.room)[0] == "locked" and half.moments == ()
        free = r.decided(half.room, r.HOST, second)
        assert states(free.room)[0] == "closed"
        assert [m.is_locked for m in free.moments if isinstance(m, DeviceLockChanged)] == [False]


def test_each_lock_of_a_seat_is_set_by_itself() -> None:
    room = r.act(r.live_room(), r.HOST, c.LockSeat(2, is_camera_locked=True))
    room = r.act(room, r.MONA, c.LockSeat(2, is_microphone_locked=True))
    room = r.act(room, r.HOST, c.LockSeat(2, is_locked=True))
    seat = room.seats[2]
    assert (seat.is_locked, seat.is_microphone_locked, seat.is_camera_locked) == (True, True, True)
    seat = r.act(room, r.MONA, c.LockSeat(2, is_camera_locked=False)).seats[2]
    assert (seat.is_locked, seat.is_microphone_locked, seat.is_camera_locked) == (True, True, False)


def test_locking_a_seat_frees_it_first_and_nobody_sits_on_it_again() -> None:
    outcome = r.decided(PAIR, r.MONA, c.LockSeat(1, is_locked=True, is_microphone_locked=True))
    (gone,) = outcome.room.ended_connections
    assert (gone.person.user_id, gone.end_reason, gone.operator) == ("bob", "seat_locked", r.MONA.person)
    assert len(outcome.moments) == 1
    room = r.seated(outcome.room, r.BOB)
    assert r.connection_of(room, r.BOB).seat_index == 3
    assert r.code(room, r.BOB, c.MoveSeat(1)) is ErrorCode.SEAT_LOCKED
    freed = r.act(room, r.HOST, c.LockSeat(1, is_locked=False))
    assert r.connection_of(r.act(freed, r.BOB, c.MoveSeat(1)), r.BOB).seat_index == 1


@pytest.mark.parametrize("seat_index", [0, 4, 9])
def test_only_seats_of_the_room_are_locked(seat_index: int) -> None:
    room = r.live_room(seat_count=3)
    assert r.code(room, r.HOST, c.LockSeat(seat_index, is_locked=True)) is ErrorCode.NO_SUCH_SEAT
    assert r.act(room, r.HOST, c.LockSeat(3, is_locked=True)).seats[3].is_locked


def test_seats_can_be_locked_before_the_show() -> None:
    room = r.act(r.idle_room(), r.HOST, c.LockSeat(1, is_locked=True))
    assert r.act(room, r.HOST, c.GoLive()).free_seats() == [2, 3, 4, 5, 6, 7, 8, 9]


def test_moving_obeys_the_locks_of_the_new_seat_and_opens_nothing_on_the_way_back() -> None:
    room = r.act(ON_AIR, r.HOST, c.LockSeat(2, is_microphone_locked=True))
    moved = r.act(room, r.BOB, c.MoveSeat(2))
    assert states(moved) == ("locked", "open", "closed")
    assert states(r.act(moved, r.BOB, c.MoveSeat(1))) == ("closed", "open", "closed")


def test_changing_places_obeys_both_seats() -> None:
    room = r.act(PAIR, r.HOST, c.LockSeat(1, is_camera_locked=True))
    room = r.act(room, r.HOST, c.MoveSeat(2, "bob", MovePolicy.SWAP))
    assert states(room, r.BOB) == ("open", "closed", "closed")
    assert states(room, r.CAROL) == ("open", "locked", "locked")


# -- one screen -------------------------------------------------------------------------------------------------------
def test_one_screen_at_a_time_is_shared() -> None:
    room = r.act(PAIR, r.BOB, c.SetDevice(SCREEN, True))
    taken = r.refused(room, r.CAROL, c.SetDevice(SCREEN, True))
    assert (taken.code, taken.details) == (ErrorCode.SCREEN_TAKEN, {"by": "Bob"})
    assert r.act(room, r.BOB, c.SetDevice(SCREEN, True)) == room
    room = r.act(room, r.BOB, c.SetDevice(SCREEN, False))
    assert states(r.act(room, r.CAROL, c.SetDevice(SCREEN, True)), r.CAROL)[2] == "open"


def test_a_shared_screen_ends_with_its_owners_seat() -> None:
    room = r.act(r.act(PAIR, r.BOB, c.SetDevice(SCREEN, True)), r.BOB, c.LeaveSeat())
    assert room.ended_connections[-1].screen is DeviceState.CLOSED
    assert states(r.act(room, r.CAROL, c.SetDevice(SCREEN, True)), r.CAROL)[2] == "open"


def test_each_sharing_of_a_screen_has_a_number_of_its_own() -> None:
    first = r.act(PAIR, r.BOB, c.SetDevice(SCREEN, True))
    number = r.connection_of(first, r.BOB).screen_number
    assert number == first.last_number == PAIR.last_number + 1
    second = r.act(r.act(first, r.BOB, c.SetDevice(SCREEN, False)), r.BOB, c.SetDevice(SCREEN, True))
    assert r.connection_of(second, r.BOB).screen_number > number
    assert r.act(second, r.MEDIA, i.ScreenGone(number)) == second, "a report about the earlier one"
    gone = r.act(second, r.MEDIA, i.ScreenGone(r.connection_of(second, r.BOB).screen_number))
    assert states(gone)[2] == "closed"
    assert r.act(gone, r.MEDIA, i.ScreenGone(r.connection_of(gone, r.BOB).screen_number)) == gone


def test_a_lifted_lock_of_a_screen_is_not_a_screen_that_stopped() -> None:
    room = r.act(r.act(PAIR, r.BOB, c.SetDevice(SCREEN, True)), r.HOST, c.LockDevice("bob", SCREEN, True))
    number = r.connection_of(room, r.BOB).screen_number
    assert r.act(room, r.MEDIA, i.ScreenGone(number)) == room


def test_who_came_by_sound_only_shares_no_screen() -> None:
    room = r.seated(r.live_room(), r.BOB, media=LinkMedia.AUDIO)
    assert r.code(room, r.BOB, c.SetDevice(SCREEN, True)) is ErrorCode.AUDIO_ONLY


# -- asking -----------------------------------------------------------------------------------------------------------
def test_the_staff_lifts_its_lock_and_asks_and_only_the_guest_opens() -> None:
    locked = r.act(ON_AIR, r.HOST, c.LockDevice("bob", CAMERA, True))
    outcome = r.decided(locked, r.MONA, c.AskToOpen("bob", CAMERA), r.after(3))
    bob = r.connection_of(outcome.room, r.BOB)
    assert (bob.camera, bob.asked, bob.asked_at) == (DeviceState.CLOSED, CAMERA, r.after(3))
    assert outcome.moments[1:] == (DeviceAsked(connection=bob, device=CAMERA, operator=r.MONA.person),)
    opened = r.connection_of(r.act(outcome.room, r.BOB, c.SetDevice(CAMERA, True)), r.BOB)
    assert (opened.camera, opened.asked) == (DeviceState.OPEN, None)


def test_the_guest_is_asked_anew_each_time() -> None:
    room = r.act(ON_AIR, r.BOB, c.SetDevice(CAMERA, False))
    once = r.act(room, r.HOST, c.AskToOpen("bob", CAMERA))
    again = r.decided(once, r.HOST, c.AskToOpen("bob", CAMERA), r.after(9))
    assert len(again.moments) == 1 and again.room.seq == once.seq + 1
    other = r.act(again.room, r.BOB, c.SetDevice(MICROPHONE, False))
    opened = r.act(other, r.BOB, c.SetDevice(MICROPHONE, True))
    assert r.connection_of(opened, r.BOB).asked is CAMERA, "the other device was not asked for"


@pytest.mark.parametrize("lock", [c.LockDevice("bob", CAMERA, True), c.LockSeat(1, is_camera_locked=True)])
def test_a_lock_takes_the_question_back(lock: c.LockDevice | c.LockSeat) -> None:
    room = r.act(r.act(ON_AIR, r.BOB, c.SetDevice(CAMERA, False)), r.HOST, c.AskToOpen("bob", CAMERA))
    assert r.connection_of(r.act(room, r.MONA, lock), r.BOB).asked is None
    kept = r.act(room, r.MONA, c.LockDevice("bob", MICROPHONE, True))
    assert r.connection_of(kept, r.BOB).asked is CAMERA


def test_the_seats_lock_is_not_lifted_by_asking() -> None:
    room = r.act(r.act(ON_AIR, r.HOST, LOCK_MICROPHONE), r.MONA, c.LockDevice("bob", MICROPHONE, True))
    refused = r.refused(room, r.HOST, c.AskToOpen("bob", MICROPHONE))
    assert (refused.code, refused.details) == (ErrorCode.DEVICE_LOCKED, {"device": "microphone"})


def test_a_guest_asks_once_for_a_lock_to_be_lifted() -> None:
    locked = r.act(ON_AIR, r.HOST, c.LockDevice("bob", MICROPHONE, True))
    outcome = r.decided(locked, r.BOB, c.AskToSpeak(MICROPHONE))
    bob = r.connection_of(outcome.room, r.BOB)
    assert bob.asks is MICROPHONE and outcome.moments == (DeviceRequested(connection=bob, device=MICROPHONE),)
    assert r.decided(outcome.room, r.BOB, c.AskToSpeak(MICROPHONE)).moments == ()
    back = r.act(outcome.room, r.BOB, c.AskToSpeak(MICROPHONE, False))
    assert r.connection_of(back, r.BOB).asks is None
    kept = r.act(outcome.room, r.BOB, c.AskToSpeak(CAMERA, False))
    assert r.connection_of(kept, r.BOB).asks is MICROPHONE


@pytest.mark.parametrize(
    ("lock", "lift"),
    [
        (c.LockDevice("bob", MICROPHONE, True), c.LockDevice("bob", MICROPHONE, False)),
        (c.LockDevice("bob", MICROPHONE, True), c.AskToOpen("bob", MICROPHONE)),
        (LOCK_MICROPHONE, c.LockSeat(1, is_microphone_locked=False)),
        (LOCK_MICROPHONE, c.MoveSeat(2, "bob")),
    ],
)
def test_what_was_asked_for_is_done_when_the_lock_is_gone(lock: c.Command, lift: c.Command) -> None:
    room = r.act(r.act(ON_AIR, r.HOST, lock), r.BOB, c.AskToSpeak(MICROPHONE))  # type: ignore[arg-type]
    assert r.connection_of(room, r.BOB).asks is MICROPHONE
    lifted = r.act(room, r.HOST, lift)  # type: ignore[arg-type]
    assert r.connection_of(lifted, r.BOB).asks is None
    assert states(lifted)[0] == "closed"


def test_a_question_stands_while_one_of_two_locks_does() -> None:
    room = r.act(r.act(ON_AIR, r.HOST, LOCK_MICROPHONE), r.MONA, c.LockDevice("bob", MICROPHONE, True))
    room = r.act(room, r.BOB, c.AskToSpeak(MICROPHONE))
    half = r.act(room, r.MONA, c.LockDevice("bob", MICROPHONE, False))
    assert r.connection_of(half, r.BOB).asks is MICROPHONE
    free = r.act(half, r.MONA, c.LockSeat(1, is_microphone_locked=False))
    assert r.connection_of(free, r.BOB).asks is None


def test_nothing_is_asked_of_or_by_somebody_who_is_gone() -> None:
    room = r.act(r.act(ON_AIR, r.HOST, c.LockDevice("bob", MICROPHONE, True)), r.BOB, c.AskToSpeak(MICROPHONE))
    room = r.act(r.act(room, r.BOB, c.SetDevice(CAMERA, False)), r.HOST, c.AskToOpen("bob", CAMERA))
    gone = r.act(room, r.BOB, c.LeaveSeat()).ended_connections[-1]
    assert (gone.asks, gone.asked) == (None, None)


# -- all at once, and back --------------------------------------------------------------------------------------------
def muted(**options: Any) -> tuple[RoomState, int]:
    """Bob was on when all were muted, Carol was not; with the number of the change."""
    room = r.seated(r.seated(r.live_room(**options), r.BOB), r.CAROL)
    room = r.act(room, r.CAROL, c.SetDevice(MICROPHONE, False))
    room = r.act(room, r.HOST, c.LockAll(MICROPHONE, True))
    return room, room.seq


def test_what_was_muted_at_once_is_given_back_and_who_was_on_is_remembered() -> None:
    room, seq = muted()
    assert [g.shut for g in room.guests()] == [(MICROPHONE,), ()]
    undone = r.decided(room, r.MONA, c.UndoLockAll(MICROPHONE, seq))
    assert [m.person.user_id for m in undone.moments if isinstance(m, DeviceLockChanged)] == ["bob", "carol"]
    assert [(g.microphone, g.shut) for g in undone.room.guests()] == [("closed", (MICROPHONE,)), ("closed", ())]
    spoken = r.act(undone.room, r.BOB, c.SetDevice(MICROPHONE, True))
    assert r.connection_of(spoken, r.BOB).shut == ()
    assert r.connection_of(r.act(undone.room, r.BOB, c.SetDevice(MICROPHONE, False)), r.BOB).shut == ()


def test_taking_back_leaves_what_was_locked_before_and_since() -> None:
    room = r.seated(r.seated(r.seated(r.live_room(), r.BOB), r.CAROL), r.DORA)
    room = r.act(room, r.HOST, c.LockDevice("bob", MICROPHONE, True))
    room = r.act(room, r.HOST, c.LockAll(MICROPHONE, True))
    seq = room.seq
    for is_locked in (False, True):
        room = r.act(room, r.MONA, c.LockDevice("carol", MICROPHONE, is_locked))
    undone = r.act(room, r.HOST, c.UndoLockAll(MICROPHONE, seq))
    assert [undone.locked(user) for user in ("bob", "carol", "dora")] == [(MICROPHONE,), (MICROPHONE,), ()]
    for again in (seq, 1):
        assert r.code(undone, r.HOST, c.UndoLockAll(MICROPHONE, again)) is ErrorCode.NOTHING_TO_UNDO
    assert r.code(room, r.HOST, c.UndoLockAll(CAMERA, seq)) is ErrorCode.NOTHING_TO_UNDO


def test_who_left_meanwhile_is_unlocked_too() -> None:
    room, seq = muted()
    room = r.act(room, r.BOB, c.LeaveSeat())
    assert r.act(room, r.HOST, c.UndoLockAll(MICROPHONE, seq)).locked("bob") == ()


def test_all_are_asked_at_once_but_for_those_who_could_not_open() -> None:
    room, _ = muted()
    room = r.act(r.seated(room, r.DORA), r.HOST, c.LockSeat(3, is_microphone_locked=True))
    room = r.seated(room, r.ERIN)
    asked = r.decided(room, r.MONA, c.AskAllToOpen(MICROPHONE))
    told = [m.connection.person.user_id for m in asked.moments if isinstance(m, DeviceAsked)]
    assert told == ["bob", "carol"], "Dora's seat locks it, Erin is on"
    assert [g.asked for g in asked.room.guests()] == [MICROPHONE, MICROPHONE, None, None]
    assert r.code(room, r.HOST, c.AskAllToOpen(Device.SCREEN)) is ErrorCode.FORBIDDEN


# -- a room whose guests are silent until asked -----------------------------------------------------------------------
@pytest.mark.parametrize("options", [{"is_arriving_muted": True}, {"may_unmute": False}])
@pytest.mark.parametrize("come", [r.seated, r.placed])
def test_guests_arrive_muted_where_the_room_wants_it_and_the_host_does_not(options: Any, come: Any) -> None:
    room = come(r.live_room(**options), r.BOB)
    assert r.connection_of(room, r.BOB).microphone == "closed"
    assert r.connection_of(room, r.HOST).microphone == "open"


def test_who_arrives_muted_opens_it_where_guests_may() -> None:
    room = r.seated(r.live_room(is_arriving_muted=True), r.BOB)
    assert r.connection_of(r.act(room, r.BOB, c.SetDevice(MICROPHONE, True)), r.BOB).microphone == "open"


def test_guests_who_may_not_unmute_ask_and_open_by_the_staffs_leave_only() -> None:
    room = r.seated(r.live_room(may_unmute=False), r.BOB)
    bob = r.connection_of(room, r.BOB)
    assert room.device_state(bob, MICROPHONE) == "locked"
    assert r.code(room, r.BOB, c.SetDevice(MICROPHONE, True)) is ErrorCode.DEVICE_LOCKED
    room = r.act(room, r.BOB, c.AskToSpeak(MICROPHONE))
    for ask in (c.AskToOpen("bob", MICROPHONE), c.AskAllToOpen(MICROPHONE)):
        asked = r.act(room, r.MONA, ask)
        assert (r.connection_of(asked, r.BOB).asks, r.connection_of(asked, r.BOB).asked) == (None, MICROPHONE)
        spoken = r.act(asked, r.BOB, c.SetDevice(MICROPHONE, True))
        assert r.connection_of(spoken, r.BOB).microphone == "open"
        silent = r.act(spoken, r.BOB, c.SetDevice(MICROPHONE, False))
        assert r.code(silent, r.BOB, c.SetDevice(MICROPHONE, True)) is ErrorCode.DEVICE_LOCKED


def test_whoever_speaks_when_the_room_falls_silent_speaks_on_and_all_may_again_when_it_ends() -> None:
    room = r.seated(r.seated(r.live_room(), r.BOB), r.CAROL)
    room = r.act(room, r.CAROL, c.SetDevice(MICROPHONE, False))
    silent = r.act(room, r.HOST, c.UpdateRoom(may_unmute=False))
    states = [silent.device_state(guest, MICROPHONE) for guest in silent.guests()]
    assert states == ["open", "locked"]
    asking = r.act(silent, r.CAROL, c.AskToSpeak(MICROPHONE))
    free = r.act(asking, r.HOST, c.UpdateRoom(may_unmute=True))
    assert r.connection_of(free, r.CAROL).asks is None
    assert r.connection_of(r.act(free, r.CAROL, c.SetDevice(MICROPHONE, True)), r.CAROL).microphone == "open"


def test_a_mute_that_is_taken_back_gives_leave_in_a_silent_room_too() -> None:
    room = r.seated(r.live_room(), r.BOB)
    room = r.act(room, r.HOST, c.UpdateRoom(may_unmute=False))
    room = r.act(room, r.HOST, c.LockAll(MICROPHONE, True))
    seq = room.seq
    assert r.code(room, r.BOB, c.SetDevice(MICROPHONE, True)) is ErrorCode.DEVICE_LOCKED
    room = r.act(room, r.HOST, c.UndoLockAll(MICROPHONE, seq))
    assert r.connection_of(r.act(room, r.BOB, c.SetDevice(MICROPHONE, True)), r.BOB).microphone == "open"
