"""Devices that are open and bring nothing: who is told, until when, and what is none of it."""

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain import views
from micconnect.domain.room import RoomState
from micconnect.domain.transitions import stall
from micconnect.protocol import commands as c
from micconnect.protocol.words import Device, DeviceState
from tests.unit import rooms as r

MICROPHONE, CAMERA, SCREEN = Device.MICROPHONE, Device.CAMERA, Device.SCREEN
ON_AIR = r.seated(r.live_room(), r.BOB)
BOBS = r.connection_of(ON_AIR, r.BOB).number


def stalled(room: RoomState) -> tuple[Device, ...]:
    """What everybody hears that brings nothing of Bob."""
    return next(user.stalled for user in views.connected_users(room) if user.user_id == "bob")


def stops(room: RoomState, *devices: Device) -> RoomState:
    return r.act(room, r.MEDIA, i.MediaStalled(BOBS, devices))


def test_what_brings_nothing_is_told_and_told_again_when_it_flows() -> None:
    assert stalled(ON_AIR) == ()
    camera = stops(ON_AIR, CAMERA)
    assert stalled(camera) == (CAMERA,)
    bob = r.connection_of(camera, r.BOB)
    assert (bob.camera, bob.state) == (DeviceState.OPEN, "live"), "it is still open, and Bob still on air"
    assert stops(camera, CAMERA) == camera, "said twice"
    assert stalled(stops(camera, CAMERA, MICROPHONE)) == (MICROPHONE, CAMERA)
    assert stalled(stops(camera, MICROPHONE)) == (MICROPHONE,), "the whole list counts"
    assert stalled(stops(camera)) == ()


def test_a_late_report_tells_nothing() -> None:
    assert r.act(ON_AIR, r.MEDIA, i.MediaStalled(999, (CAMERA,))) == ON_AIR
    gone = r.act(ON_AIR, r.MEDIA, i.MediaGone(BOBS))
    assert stops(gone, CAMERA) == gone, "who brings nothing at all is reconnecting"
    left = r.act(ON_AIR, r.BOB, c.LeaveSeat())
    assert stops(left, CAMERA) == left


def test_a_closed_device_need_not_bring_anything() -> None:
    closed = r.act(ON_AIR, r.BOB, c.SetDevice(CAMERA, False))
    assert stops(closed, CAMERA) == closed
    locked = r.act(ON_AIR, r.HOST, c.LockDevice("bob", CAMERA, True))
    assert stops(locked, CAMERA) == locked


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (r.BOB, c.SetDevice(CAMERA, False)),
        (r.HOST, c.LockDevice("bob", CAMERA, True)),
        (r.HOST, c.LockSeat(1, is_camera_locked=True)),
        (r.MEDIA, i.MediaGone(BOBS)),
        (r.MEDIA, i.MediaServerLost()),
        (r.MEDIA, i.MediaServerBack()),
    ],
)
def test_what_is_closed_or_gone_as_a_whole_stalls_no_more(who: r.Actor, command: r.AnyCommand) -> None:
    assert stalled(r.act(stops(ON_AIR, CAMERA), who, command)) == ()


def test_one_that_is_opened_anew_has_its_time_to_bring_something() -> None:
    room = stops(ON_AIR, CAMERA, MICROPHONE)
    assert r.act(room, r.BOB, c.SetDevice(CAMERA, True)) == room, "it was open"
    again = r.act(r.act(room, r.BOB, c.SetDevice(CAMERA, False)), r.BOB, c.SetDevice(CAMERA, True))
    assert stalled(again) == (MICROPHONE,)


def test_who_leaves_takes_nothing_along() -> None:
    room = r.act(stops(ON_AIR, CAMERA), r.BOB, c.LeaveSeat())
    assert room.ended_connections[-1].stalled == ()


# -- screens ----------------------------------------------------------------------------------------------------------
SHARING = r.act(ON_AIR, r.BOB, c.SetDevice(SCREEN, True))
NUMBER = r.connection_of(SHARING, r.BOB).screen_number


def test_a_screen_stalls_by_itself() -> None:
    still = r.act(SHARING, r.MEDIA, i.ScreenStalled(NUMBER, True))
    assert stalled(still) == (SCREEN,)
    assert stalled(stops(still, CAMERA)) == (CAMERA, SCREEN)
    assert stalled(stops(still)) == (SCREEN,), "nothing is said of the screen here"
    assert stalled(r.act(still, r.MEDIA, i.ScreenStalled(NUMBER, False))) == ()
    assert stalled(r.act(still, r.MEDIA, i.MediaGone(BOBS))) == (SCREEN,), "it has a line of its own"
    assert stalled(r.act(still, r.MEDIA, i.ScreenGone(NUMBER))) == ()


def test_an_earlier_screen_tells_nothing_of_this_one() -> None:
    assert r.act(SHARING, r.MEDIA, i.ScreenStalled(NUMBER - 1, True)) == SHARING
    closed = r.act(SHARING, r.BOB, c.SetDevice(SCREEN, False))
    assert r.act(closed, r.MEDIA, i.ScreenStalled(NUMBER, True)) == closed


def test_of_some_devices_nothing_is_said() -> None:
    bob = replace(r.connection_of(SHARING, r.BOB), stalled=(CAMERA, SCREEN))
    assert stall(bob, (MICROPHONE,), (MICROPHONE, CAMERA)).stalled == (MICROPHONE, SCREEN)
    assert stall(bob, (), tuple(Device)).stalled == ()
