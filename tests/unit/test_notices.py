"""Who hears what of every change: the table `hears.toml`, and what no row may ever say."""

from itertools import product

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain import outcome as o
from micconnect.domain.internal import command_name
from micconnect.domain.notices import ON_CONNECTION_END, ON_REQUEST, ON_SANCTION, notices
from micconnect.domain.outcome import Moment, Refused
from micconnect.domain.room import ENDED_KEPT, RoomState
from micconnect.domain.rules import decide
from micconnect.protocol import callbacks as cb
from micconnect.protocol import commands as c
from micconnect.protocol.callbacks import Lane
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.frames import Callbacks, encode
from micconnect.protocol.words import (
    ConnectionEnd,
    Device,
    RemovalReason,
    RequestKind,
    RequestState,
    Role,
    SanctionKind,
)
from tests.unit import rooms as r
from tests.unit.hears import ROLES, Case, happens, heard, table, tag
from tests.unit.hears_cases import ANSWER, CASES, EXTRA, NOTE, ON_AIR

TABLE = table()
VERBS = {command_name(kind) for kind in (*c.COMMAND_TYPES, *i.Internal.__subclasses__())}  # type: ignore[arg-type]
BY_CASE = pytest.mark.parametrize("case", CASES, ids=[f"{case.verb}: {case.what}" for case in CASES])
PUBLIC = {
    "onLiveInfoChanged",
    "onConnectedUsersUpdated",
    "onSeatListChanged",
    "onRoomMetadataChanged",
    "onUserConnectionExited",
    "onRoomDismissed",
}
SAMPLED = {
    cb.OnRoomUserCountChanged,
    cb.OnUserVoiceVolumeChanged,
    cb.OnUserNetworkQualityChanged,
    cb.OnMediaServerChanged,
    cb.OnPicturesChanged,
    cb.OnMediaMoved,
}
OF_THE_DOOR = {
    ErrorCode.BAD_FRAME,
    ErrorCode.TOO_LARGE,
    ErrorCode.TOO_FAST,
    ErrorCode.HELLO_FIRST,
    ErrorCode.VERSION,
    ErrorCode.BAD_TICKET,
    ErrorCode.NO_ROOM,
    ErrorCode.TOO_MANY_SOCKETS,
    ErrorCode.BAD_SDP,
    ErrorCode.MEDIA_UNAVAILABLE,
    ErrorCode.COME_BACK,
    ErrorCode.TRY_LATER,
    ErrorCode.INTERNAL,
}


# -- the table --------------------------------------------------------------------------------------------------------
@BY_CASE
def test_who_hears_what(case: Case) -> None:
    rows = {role: TABLE.get((case.verb, case.what, role)) for role in case.actors()}
    assert {role: happens(case, who) for role, who in case.actors().items()} == rows


def test_every_verb_is_tried_by_every_role_and_every_row_occurs() -> None:
    tried = [(case.verb, case.what, role) for case in CASES for role in case.actors()]
    assert len(set(tried)) == len(tried), "every situation has a name of its own"
    assert set(TABLE) == set(tried)
    assert {case.verb for case in CASES} == VERBS
    assert {who.role for who in ROLES.values()} == set(Role)


def test_every_refusal_of_the_rules_and_every_callback_has_a_row() -> None:
    codes = {outcome for outcome in TABLE.values() if isinstance(outcome, str)}
    assert codes == set(ErrorCode) - OF_THE_DOOR
    told = {name for row in TABLE.values() if isinstance(row, dict) for types in row.values() for name in types}
    assert told == {command_name(kind) for kind in set(cb.CALLBACK_TYPES) - SAMPLED}  # type: ignore[arg-type]


def test_each_verb_does_something_for_somebody() -> None:
    assert {verb for (verb, _, _), row in TABLE.items() if row and isinstance(row, dict)} == VERBS


def moments() -> list[Moment]:
    """All that happens in any situation."""
    found: list[Moment] = []
    for case in CASES:
        for who in case.actors().values():
            try:
                found += decide(case.room, who, case.command, r.after(case.at_s)).moments
            except Refused:
                continue
    return found


def test_the_tables_of_the_moments_have_a_row_for_everything_and_each_of_them_happens() -> None:
    happened = moments()
    requests = {(m.request.kind, m.request.state) for m in happened if isinstance(m, o.RequestMade | o.RequestEnded)}
    assert requests == set(ON_REQUEST) == set(product(RequestKind, RequestState))
    ends = {m.connection.end_reason for m in happened if isinstance(m, o.ConnectionEnded)}
    assert ends == set(ON_CONNECTION_END) == set(ConnectionEnd)
    assert {m.sanction.kind for m in happened if isinstance(m, o.SanctionMade)} == set(ON_SANCTION) == set(SanctionKind)


# -- what no row may say ----------------------------------------------------------------------------------------------
@BY_CASE
def test_nothing_private_is_for_everybody(case: Case) -> None:
    for who in case.actors().values():
        try:
            outcome = decide(case.room, who, case.command, r.after(case.at_s))
        except Refused:
            continue
        for notice in notices(replace(case.room, invitee=None), outcome):
            frame = Callbacks(lane=notice.lane, seq=1, server_time=r.NOW, callbacks=notice.callbacks)
            text = encode(frame).decode()
            assert (notice.lane is Lane.ME) == bool(notice.user_id)
            if notice.lane is Lane.ROOM:
                assert {tag(callback) for callback in notice.callbacks} <= PUBLIC
                assert not any(secret in text for secret in (NOTE, ANSWER, EXTRA, "conduct"))
            if notice.lane is Lane.ME and not outcome.room.moderators():
                others = {"alice", "bob", "carol", "dora", "erin"} - {notice.user_id, who.user_id}
                assert not any(f'"userId":"{other}"' in text for other in others)


@BY_CASE
def test_in_every_lane_states_come_before_moments_and_each_state_once(case: Case) -> None:
    for who in case.actors().values():
        outcome = happens(case, who)
        for types in outcome.values() if isinstance(outcome, dict) else ():
            kinds = [is_state(name) for name in types]
            assert kinds == sorted(kinds, reverse=True)
            states = [name for name in types if is_state(name)]
            assert len(set(states)) == len(states)


def is_state(name: str) -> bool:
    return issubclass(getattr(cb, name[0].upper() + name[1:]), cb.State)


@BY_CASE
def test_a_number_of_a_change_is_used_if_and_only_if_something_changed(case: Case) -> None:
    before = replace(case.room, invitee=None)
    for who in case.actors().values():
        try:
            after = decide(case.room, who, case.command, r.after(case.at_s)).room
        except Refused:
            continue
        assert after.seq == before.seq + (replace(after, seq=before.seq) != before)
        assert after.invitee is None


# -- single words -----------------------------------------------------------------------------------------------------
def test_whose_last_end_the_room_forgets_hears_of_it() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE), r.ALICE, c.CancelApplication())
    for number in range(ENDED_KEPT - 1):
        who = r.viewer(f"viewer{number}")
        room = r.act(r.applied(room, who), who, c.CancelApplication())
    room = r.applied(room, r.BOB)
    outcome = r.decided(room, r.BOB, c.CancelApplication())
    (told,) = [notice for notice in notices(room, outcome) if notice.user_id == "alice"]
    (state,) = told.callbacks
    assert isinstance(state, cb.OnMyStateUpdated)
    assert (state.me.last_request, state.me.user.user_name) == (None, "Alice")
    assert state.me.can_apply_at == r.after(10), "the cool-down is not forgotten with it"


def callbacks(room: RoomState, who: r.Actor, command: i.AnyCommand) -> list[cb.AnyCallback]:
    return [
        x for notice in notices(replace(room, invitee=None), r.decided(room, who, command)) for x in notice.callbacks
    ]


def test_a_moment_says_what_it_is_about() -> None:
    (shut,) = [
        x
        for x in callbacks(ON_AIR, r.MONA, c.LockDevice("bob", Device.MICROPHONE, True))
        if isinstance(x, cb.OnLocalDeviceClosedByAdmin)
    ]
    assert (shut.device, shut.operator.user_name) == (Device.MICROPHONE, "Mona")
    command = c.DisconnectUser("bob", RemovalReason.CONDUCT, ANSWER)
    (off,) = [x for x in callbacks(ON_AIR, r.MONA, command) if isinstance(x, cb.OnUserConnectionTerminated)]
    last = off.last_connection
    assert (last.reason, last.note, last.operator and last.operator.user_name) == ("conduct", ANSWER, "Mona")
    (out,) = [
        x for x in callbacks(ON_AIR, r.MONA, c.BanUser("bob", 60, note=ANSWER)) if isinstance(x, cb.OnKickedOutOfRoom)
    ]
    assert (out.sanction.until, out.sanction.note, out.sanction.operator.user_name) == (r.after(60), ANSWER, "Mona")


def test_a_new_helper_learns_what_the_staff_knows() -> None:
    room = r.act(r.invited(r.applied(r.live_room(), r.BOB), r.CAROL), r.HOST, c.CreateInviteLink())
    room = r.barred(room, 1)
    told = callbacks(r.present(room, r.ALICE), r.HOST, c.SetModerator("alice", True))
    (requests,) = [x.requests for x in told if isinstance(x, cb.OnRequestsUpdated)]
    (sanctions,) = [x.sanctions for x in told if isinstance(x, cb.OnSanctionsUpdated)]
    (links,) = [x.links for x in told if isinstance(x, cb.OnInviteLinksUpdated)]
    assert ([x.user.user_id for x in requests], len(sanctions), len(links)) == (["bob", "carol"], 1, 1)


def test_nobody_hears_of_a_helpers_line() -> None:
    room = r.helped(r.live_room(), r.ALICE)
    assert heard(room, r.CLOCK, i.SocketsLost("alice")) == {}
    assert r.act(room, r.CLOCK, i.SocketsLost("alice")).seq == room.seq + 1


def test_a_moment_without_a_row_is_a_bug_and_not_silence() -> None:
    room = r.live_room()
    with pytest.raises(AssertionError):
        notices(room, o.Outcome(room=room, moments=("something else",)))  # type: ignore[arg-type]
