"""The show, the seats and the devices."""

import pytest

from micconnect.domain.outcome import ConnectionEnded, DeviceLockChanged, Dismissed, RequestEnded
from micconnect.domain.room import Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, DeviceState, LinkMedia, RemovalReason
from tests.unit import rooms as r

CAMERA, MICROPHONE = Device.CAMERA, Device.MICROPHONE


# -- the show ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("media", LinkMedia)
def test_going_live_puts_the_host_on_seat_0(media: LinkMedia) -> None:
    outcome = r.decided(r.idle_room(), r.HOST, c.GoLive(media))
    host = r.connection_of(outcome.room, r.HOST)
    assert (outcome.room.status, outcome.room.live_at, outcome.room.seq) == ("live", r.NOW, 1)
    assert (host.seat_index, host.media, host.deadline) == (0, media, None)
    assert host.camera is (DeviceState.OPEN if media is LinkMedia.VIDEO else DeviceState.CLOSED)
    assert outcome.connection == host and outcome.moments == ()


def test_a_room_goes_live_once_and_ends_once() -> None:
    live = r.live_room()
    assert r.code(live, r.HOST, c.GoLive()) is ErrorCode.ALREADY_LIVE
    ended = r.act(live, r.HOST, c.EndLive())
    assert r.code(ended, r.HOST, c.GoLive()) is ErrorCode.ROOM_ENDED
    assert r.code(ended, r.HOST, c.EndLive()) is ErrorCode.ROOM_ENDED


@pytest.mark.parametrize(("who", "reason"), [(r.HOST, "host"), (r.ADA, "moderator"), (r.SERVER, "server")])
def test_ending_the_live_ends_everything(who: Actor, reason: str) -> None:
    room = r.invited(r.applied(r.seated(r.live_room(), r.BOB), r.ALICE), r.CAROL)
    outcome = r.decided(room, who, c.EndLive(), r.after(5))
    after = outcome.room
    assert (after.status, after.end_reason, after.ended_at) == ("ended", reason, r.after(5))
    assert after.requests == () and after.connections == ()
    assert [(q.state, q.cause) for q in after.ended_requests[1:]] == [("void", "room_ended")] * 2
    assert [(x.person.user_id, x.end_reason) for x in after.ended_connections] == [
        ("host", "dismissed"),
        ("bob", "dismissed"),
    ]
    kinds = [type(moment) for moment in outcome.moments]
    assert kinds == [RequestEnded, RequestEnded, ConnectionEnded, ConnectionEnded, Dismissed]


def test_a_room_that_never_went_live_can_be_ended() -> None:
    assert r.act(r.idle_room(), r.ADA, c.EndLive()).status == "ended"


# -- seats -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seat_count", [1, 9])
def test_every_seat_is_given_and_none_more(seat_count: int) -> None:
    room = r.live_room(seat_count=seat_count)
    for number in range(1, seat_count + 1):
        guest = r.viewer(f"guest{number}")
        room = r.seated(room, guest)
        assert r.connection_of(room, guest).seat_index == number
    room = r.applied(room, r.ALICE)
    assert r.code(room, r.HOST, r.answer(room, r.ALICE)) is ErrorCode.SEATS_FULL
    freed = r.act(room, r.viewer(f"guest{seat_count}"), c.LeaveSeat())
    assert r.connection_of(r.act(freed, r.HOST, r.answer(freed, r.ALICE)), r.ALICE).seat_index == seat_count


def test_an_invitation_is_kept_when_the_seats_are_full() -> None:
    room = r.seated(r.invited(r.live_room(seat_count=1), r.ALICE), r.BOB)
    assert r.code(room, r.ALICE, r.reply(room, r.ALICE)) is ErrorCode.SEATS_FULL
    freed = r.act(room, r.BOB, c.LeaveSeat())
    assert r.connection_of(r.act(freed, r.ALICE, r.reply(freed, r.ALICE)), r.ALICE).seat_index == 1


def test_a_rejection_needs_no_seat() -> None:
    room = r.applied(r.seated(r.live_room(seat_count=1), r.BOB), r.ALICE)
    assert not r.act(room, r.HOST, r.answer(room, r.ALICE, is_accepted=False)).requests


def test_the_lowest_free_seat_is_given() -> None:
    room = r.live_room()
    for who in (r.ALICE, r.BOB, r.CAROL):
        room = r.seated(room, who)
    room = r.act(room, r.ALICE, c.LeaveSeat())
    room = r.seated(r.act(room, r.BOB, c.LeaveSeat()), r.viewer("dora"))
    assert r.connection_of(room, r.viewer("dora")).seat_index == 1
    assert [x.number for x in room.connections] == sorted(x.number for x in room.connections)


@pytest.mark.parametrize("command", [c.LeaveSeat(), c.Leave()])
def test_a_guest_leaves_the_seat(command: c.LeaveSeat | c.Leave) -> None:
    outcome = r.decided(r.seated(r.live_room(), r.BOB), r.BOB, command, r.after(9))
    (gone,) = outcome.room.ended_connections
    assert (gone.end_reason, gone.ended_at, gone.operator) == ("exited", r.after(9), None)
    assert outcome.moments == (ConnectionEnded(connection=gone),)
    assert outcome.room.free_seat() == 1


def test_the_staff_takes_a_guest_off_and_it_is_no_ban() -> None:
    room = r.seated(r.live_room(), r.BOB)
    outcome = r.decided(room, r.MONA, c.DisconnectUser("bob", RemovalReason.TIME, "thanks"))
    (gone,) = outcome.room.ended_connections
    assert (gone.end_reason, gone.operator, gone.reason, gone.note) == ("terminated", r.MONA.person, "time", "thanks")
    assert outcome.moments == (ConnectionEnded(connection=gone),)
    assert r.request_of(r.applied(outcome.room, r.BOB), r.BOB)


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (r.ALICE, c.LeaveSeat()),
        (r.HOST, c.DisconnectUser("alice")),
        (r.ALICE, c.SetDevice(MICROPHONE, False)),
        (r.HOST, c.LockDevice("alice", MICROPHONE, True)),
    ],
)
def test_who_is_on_no_seat(who: Actor, command: c.Command) -> None:
    assert r.code(r.live_room(), who, command) is ErrorCode.NOT_ON_SEAT  # type: ignore[arg-type]


def test_leaving_without_any_stake_changes_nothing() -> None:
    room = r.live_room()
    outcome = r.decided(room, r.ALICE, c.Leave())
    assert outcome.room == room and outcome.moments == ()


# -- devices -----------------------------------------------------------------------------------------------------------
def bob_with(device: Device, state: str) -> RoomState:
    """Bob on a video seat with one device in this state."""
    room = r.seated(r.live_room(), r.BOB)
    if state == "closed":
        return r.act(room, r.BOB, c.SetDevice(device, False))
    return r.act(room, r.HOST, c.LockDevice("bob", device, True)) if state == "locked" else room


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
    assert (connection.device(device), connection.device(other)) == (after, "open")
    assert outcome.connection == connection
    assert outcome.room.seq == room.seq + (before != after)
    is_lock_moved = kind is c.LockDevice and before != after
    moment = DeviceLockChanged(connection=connection, device=device, operator=r.MONA.person)
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
