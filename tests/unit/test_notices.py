"""Who hears what of every change: the tables, and each verb with its outcome as a table of its own."""

from itertools import product

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain import outcome as o
from micconnect.domain.internal import AnyCommand
from micconnect.domain.notices import ON_CONNECTION_END, ON_REQUEST, notices
from micconnect.domain.room import ENDED_KEPT, Actor, RoomState
from micconnect.protocol import callbacks as cb
from micconnect.protocol import commands as c
from micconnect.protocol.callbacks import Lane
from micconnect.protocol.frames import Callbacks, encode
from micconnect.protocol.words import ConnectionEnd, Device, LinkMedia, RemovalReason, RequestKind, RequestState
from tests.unit import rooms as r

NOTE, ANSWER = "a private note", "between the two of us"
PUBLIC = {"onLiveInfoChanged", "onConnectedUsersUpdated", "onUserConnectionExited", "onRoomDismissed"}

Heard = dict[str, list[str]]


def heard(room: RoomState, who: Actor, command: AnyCommand, now_s: float = 0) -> Heard:
    """Lane (or person) to the types of the callbacks, in their order."""
    outcome = r.decided(room, who, command, r.after(now_s))
    told = notices(replace(room, invitee=None), outcome)
    lanes = {notice.user_id or str(notice.lane): list(map(tag, notice.callbacks)) for notice in told}
    assert len(lanes) == len(told)
    return lanes


def tag(callback: cb.AnyCallback) -> str:
    return str(callback.__struct_config__.tag)


def test_the_tables_have_a_row_for_everything_that_can_happen() -> None:
    assert set(ON_REQUEST) == set(product(RequestKind, RequestState))
    assert set(ON_CONNECTION_END) == set(ConnectionEnd)


# -- rooms in which things happen --------------------------------------------------------------------------------------
LIVE = r.live_room()
ASKED = r.applied(LIVE, r.ALICE, note=NOTE)  # Alice applies
WANTED = r.invited(LIVE, r.ALICE)  # Alice is invited
ON_AIR = r.seated(LIVE, r.BOB)  # Bob sits
LOCKED = r.act(ON_AIR, r.HOST, c.LockDevice("bob", Device.CAMERA, True))
QUEUE = r.applied(r.applied(ASKED, r.CAROL), r.viewer("dora"))  # Alice, Carol, Dora
BOTH = r.applied(r.seated(r.invited(LIVE, r.CAROL), r.BOB), r.ALICE)  # Bob sits, Alice applies, Carol is invited
AWAY = r.act(LIVE, r.CLOCK, i.SocketsLost("host"))
NUMBER = r.connection_of(ON_AIR, r.BOB).number
INFO, SEATS, LIST, ME = "onLiveInfoChanged", "onConnectedUsersUpdated", "onRequestsUpdated", "onMyStateUpdated"
REQUEST, CANCELLED, ACCEPTED = "onUserConnectionRequest", "onUserConnectionCancelled", "onUserConnectionAccepted"
REJECTED, TIMEOUT, PROCESSED = "onUserConnectionRejected", "onUserConnectionTimeout", "onRequestProcessed"
EXITED, TERMINATED, DISMISSED = "onUserConnectionExited", "onUserConnectionTerminated", "onRoomDismissed"
SHUT, LIFTED = "onLocalDeviceClosedByAdmin", "onLocalDeviceOpenedByAdmin"

WHO_HEARS: dict[str, tuple[RoomState, Actor, AnyCommand, float, Heard]] = {
    "live": (r.idle_room(), r.HOST, c.GoLive(), 0, {"room": [INFO, SEATS], "host": [ME]}),
    "applied": (LIVE, r.ALICE, c.Apply(LinkMedia.AUDIO, NOTE), 0, {"staff": [LIST, REQUEST], "alice": [ME]}),
    "cancelled": (ASKED, r.ALICE, c.CancelApplication(), 0, {"staff": [LIST, CANCELLED], "alice": [ME]}),
    "accepted": (
        ASKED,
        r.HOST,
        r.answer(ASKED, r.ALICE),
        0,
        {"room": [SEATS], "staff": [LIST, PROCESSED], "alice": [ME, ACCEPTED]},
    ),
    "rejected": (
        ASKED,
        r.MONA,
        r.answer(ASKED, r.ALICE, is_accepted=False, note=ANSWER),
        0,
        {"staff": [LIST, PROCESSED], "alice": [ME, REJECTED]},
    ),
    "rejected: those behind move up": (
        QUEUE,
        r.MONA,
        r.answer(QUEUE, r.CAROL, is_accepted=False),
        0,
        {"staff": [LIST, PROCESSED], "carol": [ME, REJECTED], "dora": [ME]},
    ),
    "application timed out": (ASKED, r.CLOCK, i.Tick(), 60, {"staff": [LIST, TIMEOUT], "alice": [ME, TIMEOUT]}),
    "applicant left": (ASKED, r.ALICE, c.Leave(), 0, {"staff": [LIST, CANCELLED], "alice": [ME, CANCELLED]}),
    "applicant absent": (ASKED, r.CLOCK, i.SocketsLost("alice"), 0, {"staff": [LIST], "alice": [ME]}),
    "invited": (
        replace(LIVE, invitee=r.ALICE.person),
        r.MONA,
        c.Invite("alice"),
        0,
        {"staff": [LIST], "alice": [ME, REQUEST]},
    ),
    "invitation accepted": (
        WANTED,
        r.ALICE,
        r.reply(WANTED, r.ALICE),
        0,
        {"room": [SEATS], "staff": [LIST, ACCEPTED], "alice": [ME]},
    ),
    "invitation declined": (
        WANTED,
        r.ALICE,
        r.reply(WANTED, r.ALICE, is_accepted=False),
        0,
        {"staff": [LIST, REJECTED], "alice": [ME]},
    ),
    "invitation withdrawn": (
        WANTED,
        r.MONA,
        c.CancelInvitation(r.request_of(WANTED, r.ALICE).request_id),
        0,
        {"staff": [LIST, PROCESSED], "alice": [ME, CANCELLED]},
    ),
    "invitation timed out": (WANTED, r.CLOCK, i.Tick(), 60, {"staff": [LIST, TIMEOUT], "alice": [ME, TIMEOUT]}),
    "invitee left": (WANTED, r.ALICE, c.Leave(), 0, {"staff": [LIST, CANCELLED], "alice": [ME, CANCELLED]}),
    "seat left": (ON_AIR, r.BOB, c.LeaveSeat(), 0, {"room": [SEATS, EXITED], "bob": [ME]}),
    "room left": (ON_AIR, r.BOB, c.Leave(), 0, {"room": [SEATS, EXITED], "bob": [ME]}),
    "taken off": (
        ON_AIR,
        r.MONA,
        c.DisconnectUser("bob", RemovalReason.CONDUCT, ANSWER),
        0,
        {"room": [SEATS], "bob": [ME, TERMINATED]},
    ),
    "device closed": (ON_AIR, r.BOB, c.SetDevice(Device.CAMERA, False), 0, {"room": [SEATS], "bob": [ME]}),
    "device locked": (
        ON_AIR,
        r.HOST,
        c.LockDevice("bob", Device.CAMERA, True),
        0,
        {"room": [SEATS], "bob": [ME, SHUT]},
    ),
    "lock lifted": (
        LOCKED,
        r.HOST,
        c.LockDevice("bob", Device.CAMERA, False),
        0,
        {"room": [SEATS], "bob": [ME, LIFTED]},
    ),
    "line lost": (ON_AIR, r.CLOCK, i.SocketsLost("bob"), 0, {"room": [SEATS], "bob": [ME]}),
    "media gone": (ON_AIR, r.MEDIA, i.MediaGone(NUMBER), 0, {"room": [SEATS], "bob": [ME]}),
    "guest lost": (
        r.act(ON_AIR, r.CLOCK, i.SocketsLost("bob")),
        r.CLOCK,
        i.Tick(),
        30,
        {"room": [SEATS, EXITED], "bob": [ME]},
    ),
    "guest never heard": (
        r.seated(LIVE, r.BOB, is_heard=False),
        r.CLOCK,
        i.Tick(),
        30,
        {"room": [SEATS, EXITED], "bob": [ME]},
    ),
    "host away": (LIVE, r.CLOCK, i.SocketsLost("host"), 0, {"room": [INFO, SEATS], "host": [ME]}),
    "host back": (AWAY, r.CLOCK, i.SocketUp("host"), 9, {"room": [INFO, SEATS], "host": [ME]}),
    "host away for too long": (AWAY, r.CLOCK, i.Tick(), 120, {"room": [INFO, SEATS, DISMISSED], "host": [ME]}),
    "media server away": (LIVE, r.MEDIA, i.MediaServerLost(), 0, {"room": [SEATS], "host": [ME]}),
    "live ended": (
        BOTH,
        r.HOST,
        c.EndLive(),
        0,
        {
            "room": [INFO, SEATS, DISMISSED],
            "staff": [LIST, CANCELLED, CANCELLED],
            "alice": [ME, CANCELLED],
            "carol": [ME, CANCELLED],
            "bob": [ME],
            "host": [ME],
        },
    ),
}
CASES = pytest.mark.parametrize(
    ("room", "who", "command", "now_s", "expected"), WHO_HEARS.values(), ids=list(WHO_HEARS)
)


@CASES
def test_who_hears_what(room: RoomState, who: Actor, command: AnyCommand, now_s: float, expected: Heard) -> None:
    assert heard(room, who, command, now_s) == expected


@CASES
def test_nothing_private_is_for_everybody(
    room: RoomState, who: Actor, command: AnyCommand, now_s: float, expected: Heard
) -> None:
    outcome = r.decided(room, who, command, r.after(now_s))
    for notice in notices(replace(room, invitee=None), outcome):
        frame = Callbacks(lane=notice.lane, seq=1, server_time=r.NOW, callbacks=notice.callbacks)
        text = encode(frame).decode()
        if notice.lane is Lane.ROOM:
            assert {tag(callback) for callback in notice.callbacks} <= PUBLIC
            assert NOTE not in text and ANSWER not in text and "conduct" not in text
        if notice.lane is Lane.ME:
            others = {"alice", "bob", "carol", "dora"} - {notice.user_id}
            assert not any(f'"userId":"{other}"' in text for other in others)


def test_every_verb_has_a_row() -> None:
    verbs = {type(command) for _, _, command, _, _ in WHO_HEARS.values()}
    assert verbs >= set(c.COMMAND_TYPES)


NO_CHANGE: list[tuple[RoomState, Actor, AnyCommand]] = [
    (LIVE, r.ALICE, c.Leave()),
    (ON_AIR, r.BOB, c.SetDevice(Device.CAMERA, True)),
    (LOCKED, r.BOB, c.SetDevice(Device.CAMERA, False)),
    (LOCKED, r.HOST, c.LockDevice("bob", Device.CAMERA, True)),
    (ON_AIR, r.HOST, c.LockDevice("bob", Device.CAMERA, False)),
    (ON_AIR, r.MEDIA, i.MediaUp(NUMBER)),
    (ON_AIR, r.CLOCK, i.SocketUp("bob")),
    (QUEUE, r.CLOCK, i.Tick()),
    (r.act(LIVE, r.HOST, c.EndLive()), r.CLOCK, i.AllSocketsLost()),
]


@pytest.mark.parametrize(("room", "who", "command"), NO_CHANGE)
def test_what_changes_nothing_is_not_talked_of(room: RoomState, who: Actor, command: AnyCommand) -> None:
    assert heard(room, who, command) == {}


def test_whose_last_end_the_room_forgets_hears_of_it() -> None:
    room = r.act(r.applied(LIVE, r.ALICE), r.ALICE, c.CancelApplication())
    for number in range(ENDED_KEPT - 1):
        who = r.viewer(f"viewer{number}")
        room = r.act(r.applied(room, who), who, c.CancelApplication())
    room = r.applied(room, r.BOB)
    outcome = r.decided(room, r.BOB, c.CancelApplication())
    (told,) = [notice for notice in notices(room, outcome) if notice.user_id == "alice"]
    (state,) = told.callbacks
    assert isinstance(state, cb.OnMyStateUpdated)
    assert (state.me.last_request, state.me.can_apply_at, state.me.user.user_name) == (None, None, "Alice")


def test_a_moment_says_what_it_is_about() -> None:
    locked = notices(ON_AIR, r.decided(ON_AIR, r.MONA, c.LockDevice("bob", Device.MICROPHONE, True)))
    (shut,) = [x for notice in locked for x in notice.callbacks if isinstance(x, cb.OnLocalDeviceClosedByAdmin)]
    assert (shut.device, shut.operator.user_name) == (Device.MICROPHONE, "Mona")
    command = c.DisconnectUser("bob", RemovalReason.CONDUCT, ANSWER)
    removed = notices(ON_AIR, r.decided(ON_AIR, r.MONA, command))
    (off,) = [x for notice in removed for x in notice.callbacks if isinstance(x, cb.OnUserConnectionTerminated)]
    last = off.last_connection
    assert (last.reason, last.note, last.operator and last.operator.user_name) == ("conduct", ANSWER, "Mona")


def test_a_moment_without_a_row_is_a_bug_and_not_silence() -> None:
    with pytest.raises(AssertionError):
        notices(LIVE, o.Outcome(room=ASKED, moments=("something else",)))  # type: ignore[arg-type]
