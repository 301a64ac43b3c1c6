"""Who may what: every verb against every role, as a table."""

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.internal import AnyCommand
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor, RoomState
from micconnect.domain.rules import decide
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, LinkMedia, Role
from tests.unit import rooms as r

ACTORS: dict[str, Actor] = {
    "host": r.HOST,
    "another host": r.MALLORY,
    "moderator": r.MONA,
    "audience": r.viewer("dora"),
    "admin": r.ADA,
    "server": r.SERVER,
    "clock": r.CLOCK,
    "media": r.MEDIA,
}
STAFF = {"host", "moderator", "admin", "server"}
OURSELVES = {"clock", "media"}
EVERYBODY = set(ACTORS)


def show() -> RoomState:
    """Bob sits, Alice applies, Carol is invited, Erin could be."""
    room = r.invited(r.applied(r.seated(r.live_room(), r.BOB), r.ALICE), r.CAROL)
    return replace(room, invitee=r.viewer("erin").person)


ROOM = show()
APPLICATION, INVITATION = r.request_of(ROOM, r.ALICE).request_id, r.request_of(ROOM, r.CAROL).request_id
NUMBER = r.connection_of(ROOM, r.BOB).number

# verb, room, who is not turned away with FORBIDDEN
MATRIX: list[tuple[AnyCommand, RoomState, set[str]]] = [
    (c.GoLive(), r.idle_room(), {"host"}),
    (c.EndLive(), ROOM, {"host", "admin", "server"}),
    (c.Leave(), ROOM, EVERYBODY - {"host"}),
    (c.Apply(LinkMedia.VIDEO), replace(ROOM, connections=ROOM.connections[1:]), {"moderator", "audience"}),
    (c.CancelApplication(), ROOM, EVERYBODY),
    (c.RespondToApplication(APPLICATION, True), ROOM, STAFF),
    (c.RespondToApplication(APPLICATION, False), ROOM, STAFF),
    (c.Invite("erin"), ROOM, STAFF),
    (c.CancelInvitation(INVITATION), ROOM, STAFF),
    (c.RespondToInvitation(INVITATION, True), ROOM, EVERYBODY),
    (c.LeaveSeat(), ROOM, EVERYBODY - {"host"}),
    (c.DisconnectUser("bob"), ROOM, STAFF),
    (c.SetDevice(Device.CAMERA, False), ROOM, EVERYBODY),
    (c.LockDevice("bob", Device.CAMERA, True), ROOM, STAFF),
    (i.SocketUp("bob"), ROOM, OURSELVES),
    (i.SocketsLost("bob"), ROOM, OURSELVES),
    (i.AllSocketsLost(), ROOM, OURSELVES),
    (i.MediaUp(NUMBER), ROOM, OURSELVES),
    (i.MediaGone(NUMBER), ROOM, OURSELVES),
    (i.MediaServerLost(), ROOM, OURSELVES),
    (i.MediaServerBack(), ROOM, OURSELVES),
    (i.Tick(), ROOM, OURSELVES),
]
IDS = [f"{type(command).__name__}-{n}" for n, (command, _, _) in enumerate(MATRIX)]


def test_the_matrix_names_every_verb_and_every_role() -> None:
    assert {type(command) for command, _, _ in MATRIX} >= {*c.COMMAND_TYPES, *i.Internal.__subclasses__()}
    assert {who.role for who in ACTORS.values()} == set(Role)


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize(("command", "room", "allowed"), MATRIX, ids=IDS)
def test_who_may(command: AnyCommand, room: RoomState, allowed: set[str], name: str) -> None:
    try:
        decide(room, ACTORS[name], command, r.NOW)
    except Refused as refused:
        assert (refused.code is ErrorCode.FORBIDDEN) == (name not in allowed)
    else:
        assert name in allowed


@pytest.mark.parametrize("who", [r.HOST, r.viewer("host")], ids=["as host", "as audience"])
def test_the_host_leaves_the_own_seat_only_by_ending_the_live(who: Actor) -> None:
    room = r.live_room()
    assert r.code(room, who, c.LeaveSeat()) is ErrorCode.FORBIDDEN
    for staff in (r.HOST, r.MONA, r.ADA, r.SERVER):
        assert r.code(room, staff, c.DisconnectUser("host")) is ErrorCode.FORBIDDEN
        assert r.code(room, staff, c.LockDevice("host", Device.MICROPHONE, True)) is ErrorCode.FORBIDDEN


def test_a_second_window_of_the_host_without_the_hosts_right_takes_nothing_off_the_air() -> None:
    room = r.live_room()
    assert r.act(room, r.viewer("host"), c.Leave()) == room


def test_a_verb_without_a_rule_is_a_bug_and_not_a_refusal() -> None:
    class Forgotten(c.Command, frozen=True, tag="forgotten"):
        pass

    with pytest.raises(AssertionError):
        decide(ROOM, r.CLOCK, Forgotten(), r.NOW)  # type: ignore[arg-type]
