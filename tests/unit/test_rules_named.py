"""Nobody goes on air under a name that was made up for them, unless the room allows it."""

import pytest
from msgspec.structs import replace

from micconnect.domain.room import RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, DeviceState, LinkMedia, Role, SeatMode
from tests.unit import rooms as r

NAMELESS = replace(r.ALICE, is_named=False)
HELPER = replace(NAMELESS, role=Role.MODERATOR)


def ways(room: RoomState) -> dict[str, tuple[RoomState, r.Actor, r.AnyCommand]]:
    """Every way in which a person goes on air by an own word: a room, who says it, and what."""
    invited = r.invited(room, NAMELESS)
    linked = r.act(room, r.HOST, c.CreateInviteLink())
    follower = replace(NAMELESS, link=linked.links[-1].number)
    placed = r.placed(room, NAMELESS)
    placed = placed.put_connection(replace(r.connection_of(placed, NAMELESS), window=NAMELESS.window))
    return {
        "apply": (room, NAMELESS, c.Apply(LinkMedia.AUDIO)),
        "sit": (r.with_options(room, seat_mode=SeatMode.FREE), NAMELESS, c.TakeSeat(LinkMedia.AUDIO)),
        "sit as a helper": (room, HELPER, c.TakeSeat(LinkMedia.AUDIO)),
        "accept": (invited, NAMELESS, r.reply(invited, NAMELESS)),
        "follow a link": (linked, follower, c.UseInviteLink("proven by the door", LinkMedia.AUDIO)),
        "speak where one was placed": (placed, NAMELESS, c.SetDevice(Device.MICROPHONE, True)),
        "show oneself there": (placed, NAMELESS, c.SetDevice(Device.CAMERA, True)),
    }


@pytest.mark.parametrize("way", ways(r.live_room()))
def test_a_made_up_name_goes_on_air_only_where_the_room_allows_it(way: str) -> None:
    room, who, command = ways(r.live_room())[way]
    assert r.code(room, who, command) is ErrorCode.NAME_REQUIRED
    assert r.act(room, replace(who, is_named=True), command) != room
    room, who, command = ways(r.live_room(allows_unnamed=True))[way]
    assert r.act(room, who, command) != room


def test_who_has_no_name_may_decline_be_placed_and_close_devices() -> None:
    invited = r.invited(r.live_room(), NAMELESS)
    assert r.act(invited, NAMELESS, r.reply(invited, NAMELESS, is_accepted=False)).requests == ()
    placed = r.placed(r.live_room(), NAMELESS)
    seated = r.connection_of(placed, NAMELESS)
    assert (seated.microphone, seated.camera) == (DeviceState.CLOSED, DeviceState.CLOSED)
    r.act(placed, NAMELESS, c.SetDevice(Device.MICROPHONE, False))
