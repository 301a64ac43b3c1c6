"""Who may what: the law as it is meant, held against every row of `hears.toml`."""

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.internal import command_name
from micconnect.domain.room import Actor, RoomState
from micconnect.domain.rules import RULES, decide
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, LinkMedia, Role, SeatMode
from tests.unit import rooms as r
from tests.unit.hears import ROLES, table

STAFF = {"host", "moderator", "admin", "server"}
OWNERS = {"host", "admin", "server"}
VIEWERS = {"moderator", "audience"}
EVERYBODY = set(ROLES)
INTERNAL = {command_name(kind) for kind in i.Internal.__subclasses__()}  # type: ignore[arg-type]

# who is not turned away with FORBIDDEN in any situation; the staff's verbs are all that are not named here
MAY: dict[str, set[str]] = {
    "goLive": {"host"},
    "endLive": OWNERS,
    "setModerator": OWNERS,
    "apply": VIEWERS,
    "useInviteLink": VIEWERS,
    "takeSeat": VIEWERS | {"host"},
    "leave": EVERYBODY - {"host"},
    "cancelApplication": EVERYBODY,
    "respondToInvitation": EVERYBODY,
    "appealBar": EVERYBODY,
    "leaveSeat": EVERYBODY,
    "bringHere": EVERYBODY,
    "moveSeat": EVERYBODY,
    "setDevice": EVERYBODY,
    "setReady": EVERYBODY - {"host"},
    "askToSpeak": EVERYBODY - {"host"},
    **dict.fromkeys(INTERNAL, {"clock", "media"}),
}
BEFORE_RIGHTS = ("ROOM_NOT_LIVE", "ROOM_ENDED", "BANNED")  # said to anybody, and gives nothing away


@pytest.mark.parametrize("verb", [command_name(kind) for kind in RULES])  # type: ignore[arg-type]
def test_who_may(verb: str) -> None:
    rows = [(role, outcome) for (named, _, role), outcome in table().items() if named == verb and role in ROLES]
    allowed = {role for role, outcome in rows if outcome not in ("FORBIDDEN", *BEFORE_RIGHTS)}
    assert allowed == MAY.get(verb, STAFF)


def test_every_verb_has_its_rule() -> None:
    assert set(RULES) == {*c.COMMAND_TYPES, *i.Internal.__subclasses__()}


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


HOST_WATCHING = r.viewer("host")
UNSEATED = r.act(r.live_room(keep_owner_on_seat=False), r.HOST, c.CreateInviteLink())


@pytest.mark.parametrize(
    ("room", "who", "command"),
    [
        (UNSEATED, HOST_WATCHING, c.Apply(LinkMedia.VIDEO)),
        (r.with_options(UNSEATED, seat_mode=SeatMode.FREE), HOST_WATCHING, c.TakeSeat()),
        (r.present(UNSEATED, r.HOST), r.MONA, c.Invite("host")),
        (r.present(UNSEATED, r.HOST), r.MONA, c.PlaceUser("host")),
        (UNSEATED, replace(HOST_WATCHING, link=UNSEATED.links[0].number), c.UseInviteLink("t")),
    ],
)
def test_the_host_sits_on_no_guests_seat(room: RoomState, who: Actor, command: c.Command) -> None:
    assert r.code(room, who, command) is ErrorCode.FORBIDDEN  # type: ignore[arg-type]


# -- helpers ----------------------------------------------------------------------------------------------------------
def test_a_helper_by_the_host_is_one_in_every_window() -> None:
    room = r.helped(r.live_room(), r.ALICE)
    for ticket in (Role.AUDIENCE, Role.MODERATOR):
        assert r.act(room, r.actor("alice", ticket), c.UpdateRoom(is_paused=True)).options.is_paused


def test_a_helper_whose_right_was_ended_is_none_whatever_the_ticket_says() -> None:
    room = r.act(r.present(r.live_room(), r.MONA), r.HOST, c.SetModerator("mona", False))
    assert r.code(room, r.MONA, c.UpdateRoom(is_paused=True)) is ErrorCode.FORBIDDEN
    assert room.role_of(r.MONA) is Role.AUDIENCE


def test_what_the_host_grants_makes_nobody_host_or_admin_or_less() -> None:
    room = r.helped(r.live_room(), r.actor("ada", Role.ADMIN))
    room = r.act(r.present(room, r.MALLORY), r.HOST, c.SetModerator("mallory", False))
    assert room.role_of(r.ADA) is Role.ADMIN
    assert room.role_of(r.MALLORY) is Role.HOST
    assert r.code(room, r.MALLORY, c.UpdateRoom(is_paused=True)) is ErrorCode.FORBIDDEN


def test_a_verb_without_a_rule_is_a_bug_and_not_a_refusal() -> None:
    class Forgotten(c.Command, frozen=True, tag="forgotten"):
        pass

    with pytest.raises(KeyError):
        decide(r.live_room(), r.CLOCK, Forgotten(), r.NOW)  # type: ignore[arg-type]
