"""A guest who logs in: the account takes over what the guest had in the room, and nobody sheds anything by it."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain import merging
from micconnect.domain.outcome import ConnectionEnded, RequestEnded, SanctionEnded, SanctionMade
from micconnect.domain.person import Member
from micconnect.domain.room import Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import SANCTIONS_MAX, Device, LinkMedia, SanctionKind
from tests.unit import rooms as r

GUEST, ACCOUNT = r.viewer("g1"), replace(r.viewer("u1"), was="g1", has_account=True)
BECAME = i.PersonBecame("g1", "u1", "U1")
MICROPHONE = Device.MICROPHONE
Act = type[c.BarUser | c.BanUser]
BY_ACT = pytest.mark.parametrize("act", [c.BarUser, c.BanUser])


def became(room: RoomState, seconds: float = 60) -> RoomState:
    return r.act(room, r.CLOCK, BECAME, r.after(seconds))


def sanctioned(room: RoomState, act: Act, who: Actor = GUEST, seconds: int | None = 600) -> RoomState:
    return r.act(r.present(room, who), r.HOST, act(who.user_id, seconds))


def row(room: RoomState, who: Actor = ACCOUNT) -> Member:
    member = room.member(who.user_id)
    assert member is not None
    return member


# -- what is open -----------------------------------------------------------------------------------------------------
def test_an_application_keeps_its_place_and_all_that_was_said() -> None:
    room = r.applied(r.applied(r.live_room(), GUEST, note="hi", timeout_s=0), r.BOB, timeout_s=0)
    old = r.request_of(room, GUEST)
    after = became(room)
    assert [request.person.user_id for request in after.applications()] == ["u1", "bob"]
    assert r.request_of(after, ACCOUNT) == replace(old, person=ACCOUNT.person, has_account=True)
    assert after.ended_requests == () and after.request_of("g1") is None


def test_where_accounts_are_needed_from_now_on_who_has_logged_in_waits_on_and_the_guest_does_not() -> None:
    room = r.applied(r.applied(r.live_room(), GUEST), r.BOB)
    strict = r.act(became(room), r.HOST, c.UpdateRoom(needs_login=True))
    assert [request.person.user_id for request in strict.applications()] == ["u1"]


def test_an_application_whose_sender_was_away_waits_for_the_account() -> None:
    room = r.act(r.applied(r.live_room(), GUEST, timeout_s=0), r.CLOCK, i.SocketsLost("g1"))
    room = r.act(became(room, 20), r.CLOCK, i.SocketUp("u1"), r.after(20))
    assert r.ticked(room, r.after(30)) == room and r.request_of(room, ACCOUNT).gone_at is None


def test_an_invitation_goes_over_and_the_account_accepts_it() -> None:
    room = became(r.invited(r.live_room(), GUEST), 5)
    room = r.act(room, ACCOUNT, r.reply(room, ACCOUNT), r.after(6))
    assert r.connection_of(room, ACCOUNT).seat_index == 1


def test_a_seat_goes_over_with_its_time_its_sound_and_the_spotlight() -> None:
    room = r.seated(r.live_room(time_limit_s=300), GUEST)
    room = r.act(room, r.HOST, c.SetSpotlight("g1"))
    old = r.connection_of(room, GUEST)
    after = became(room)
    assert r.connection_of(after, ACCOUNT) == replace(old, person=ACCOUNT.person)
    assert after.spotlight == "u1" and after.connection_of("g1") is None and after.ended_connections == ()


@pytest.mark.parametrize("own", [r.applied, r.seated, r.invited])
@pytest.mark.parametrize("guests", [r.applied, r.seated, r.invited])
def test_what_the_account_has_open_itself_stays_and_the_guests_ends(own: Any, guests: Any) -> None:
    room = guests(own(r.live_room(), ACCOUNT), GUEST)
    outcome = r.decided(room, r.CLOCK, BECAME, r.after(5))
    after = outcome.room
    assert (after.request_of("u1"), after.connection_of("u1")) == (room.request_of("u1"), room.connection_of("u1"))
    assert after.request_of("g1") is None and after.connection_of("g1") is None
    (moment,) = outcome.moments
    if isinstance(moment, RequestEnded):
        assert (moment.request.person.user_id, moment.request.cause) == ("g1", "left")
    else:
        assert isinstance(moment, ConnectionEnded)
        assert (moment.connection.person.user_id, moment.connection.end_reason) == ("g1", "exited")


@pytest.mark.parametrize("guests", [r.applied, r.seated, r.invited])
def test_a_guest_who_turns_out_to_be_the_host_has_nothing_any_more(guests: Any) -> None:
    room = r.act(guests(r.helped(r.live_room(), GUEST), GUEST), r.HOST, c.LockDevice("g1", MICROPHONE, True))
    room = sanctioned(room, c.BarUser, r.ALICE)
    after = r.act(room, r.CLOCK, i.PersonBecame("g1", "host", "Host"), r.after(5))
    assert after.request_of("g1") is None and after.connection_of("g1") is None
    assert after.moderators() == () and after.member("host") is None
    assert r.connection_of(after, r.HOST) == r.connection_of(room, r.HOST)
    assert r.act(after, r.CLOCK, i.PersonBecame("g1", "host", "Host"), r.after(6)) == after


def test_a_barred_guest_who_is_the_host_bars_nobody() -> None:
    room = r.act(sanctioned(r.live_room(), c.BanUser), r.CLOCK, i.PersonBecame("g1", "host", "Host"))
    assert [s.person.user_id for s in room.sanctions] == ["g1"]


# -- rights -----------------------------------------------------------------------------------------------------------
def test_a_helper_is_one_by_the_account_and_no_longer_as_a_guest() -> None:
    room = r.act(r.helped(r.live_room(), GUEST), GUEST, c.CreateInviteLink(LinkMedia.AUDIO))
    after = became(room)
    assert after.moderators() == (ACCOUNT.person,) and row(after).is_here
    assert [link.operator.user_id for link in after.links] == ["u1"]
    assert row(after, GUEST).is_moderator is None


def test_who_carries_the_show_on_does_so_by_the_account() -> None:
    room = r.act(r.with_options(r.helped(r.live_room(), GUEST), is_carried_on=True), r.CLOCK, i.SocketsLost("host"))
    after = became(room, 10)
    assert after.carrier == ACCOUNT.person and after.host_away_until is None


def test_an_account_whose_rights_the_host_ended_gets_none_by_a_guests() -> None:
    room = r.act(r.helped(r.live_room(), ACCOUNT), r.HOST, c.SetModerator("u1", False))
    room = r.act(r.helped(room, GUEST), GUEST, c.CreateInviteLink(LinkMedia.AUDIO))
    after = became(room)
    assert after.moderators() == () and after.links == ()


# -- restrictions -----------------------------------------------------------------------------------------------------
@BY_ACT
def test_a_bar_and_a_ban_count_for_the_account_and_for_the_guest_still(act: Act) -> None:
    room = sanctioned(r.live_room(), act)
    outcome = r.decided(room, r.CLOCK, BECAME, r.after(5))
    old, copy = outcome.room.sanctions
    assert copy == replace(old, number=outcome.room.last_number, person=ACCOUNT.person)
    assert outcome.moments == (SanctionMade(sanction=copy),)
    code = ErrorCode.BARRED if act is c.BarUser else ErrorCode.BANNED
    for who in (GUEST, ACCOUNT):
        assert r.code(outcome.room, who, c.Apply(LinkMedia.AUDIO), r.after(6)) is code


@BY_ACT
@pytest.mark.parametrize(
    ("guests", "accounts", "stricter"),
    [(60, None, None), (None, 60, None), (60, 600, 600), (600, 60, 600), (60, 60, 60)],
)
def test_the_stricter_of_two_stays(act: Act, guests: int | None, accounts: int | None, stricter: int | None) -> None:
    room = sanctioned(sanctioned(r.live_room(), act, GUEST, guests), act, ACCOUNT, accounts)
    after = became(room, 5)
    (own,) = (s for s in after.sanctions if s.person.user_id == "u1")
    assert own.until == (None if stricter is None else r.after(stricter))


def test_a_ban_takes_everything_open_of_both_and_the_helpers_rights() -> None:
    room = r.applied(r.helped(r.live_room(), GUEST), ACCOUNT, timeout_s=0)
    room = sanctioned(room, c.BanUser)
    outcome = r.decided(room, r.CLOCK, BECAME, r.after(5))
    assert outcome.room.request_of("u1") is None and outcome.room.moderators() == ()
    assert outcome.room.ended_requests[-1].cause == "banned"


@BY_ACT
def test_who_goes_on_air_as_a_guest_and_logs_in_to_a_barred_account_is_off_the_seat(act: Act) -> None:
    room = r.seated(sanctioned(r.live_room(), act, ACCOUNT), GUEST)
    after = became(room, 5)
    assert after.guests() == () and after.ended_connections[-1].end_reason == ENDS[act]


ENDS = {c.BarUser: "barred", c.BanUser: "banned"}


@BY_ACT
@pytest.mark.parametrize("place", [0, 1])
def test_the_staff_lifts_it_once_for_the_person_and_it_does_not_come_back(act: Act, place: int) -> None:
    room = became(sanctioned(r.live_room(), act), 5)
    outcome = r.decided(room, r.HOST, c.LiftSanction(room.sanctions[place].sanction_id), r.after(6))
    assert outcome.moments == tuple(SanctionEnded(sanction=one) for one in room.sanctions)
    assert outcome.room.sanctions == () and became(outcome.room, 7) == outcome.room


def test_in_a_room_full_of_bars_it_goes_over_whole() -> None:
    room = sanctioned(r.barred(r.live_room(), SANCTIONS_MAX - 1), c.BarUser)
    after = became(room, 5)
    assert len(after.sanctions) == SANCTIONS_MAX
    assert after.sanction("u1", SanctionKind.MIC_BAR, r.after(5)) and not after.sanction(
        "g1", SanctionKind.MIC_BAR, r.NOW
    )


def test_a_lock_shuts_the_device_on_the_seat_and_staff_that_lifts_it_has_lifted_it() -> None:
    locked = r.act(r.present(r.live_room(), ACCOUNT), r.HOST, c.LockDevice("u1", MICROPHONE, True))
    room = became(r.seated(locked, GUEST), 5)
    connection = r.connection_of(room, ACCOUNT)
    assert (connection.microphone, connection.shut, room.locked("u1")) == ("closed", (MICROPHONE,), (MICROPHONE,))
    room = r.act(room, r.HOST, c.LockDevice("u1", MICROPHONE, False), r.after(6))
    assert became(room, 7) == room and room.locked("u1") == ()


def test_a_lock_of_the_guest_is_the_accounts_and_stays_the_guests() -> None:
    room = became(r.act(r.seated(r.live_room(), GUEST), r.HOST, c.LockAll(MICROPHONE, True)), 5)
    assert room.locked("u1") == room.locked("g1") == (MICROPHONE,)
    room = r.act(room, r.HOST, c.UndoLockAll(MICROPHONE, row(room).locked_seq), r.after(6))
    assert room.locked("u1") == room.locked("g1") == ()


def test_times_turns_and_refusals_add_up_and_limits_and_holds_stay() -> None:
    room = r.seated(r.live_room(), GUEST)
    room = r.act(room, r.HOST, c.SetTimeLimit("g1", 120))
    room = r.act(room, r.HOST, c.ReturnToQueue("g1"), r.after(40))
    room = r.act(room, r.HOST, r.answer(room, GUEST, is_accepted=False), r.after(41))
    room = room.put_member(Member(person=ACCOUNT.person, spoken_s=5, turns=2, refusals=1, limit_s=90))
    after = row(became(room, 42))
    assert (after.spoken_s, after.turns, after.refusals, after.limit_s) == (45, 3, 2, 90)
    assert after.is_held and after.can_apply_at == r.after(71)
    assert r.code(became(room, 42), ACCOUNT, c.Apply(LinkMedia.AUDIO), r.after(43)) is ErrorCode.COOL_DOWN


def test_who_is_held_is_so_in_the_queue_too() -> None:
    room = r.applied(r.live_room(), GUEST, timeout_s=0)
    room = room.put_member(Member(person=ACCOUNT.person, is_held=True, refusals=2))
    request = r.request_of(became(room), ACCOUNT)
    assert (request.is_held, request.refusals) == (True, 2)


@pytest.mark.parametrize(("room_s", "own_s", "ends_s"), [(0, 90, 90), (60, 90, 60), (120, 90, 90), (120, 0, 120)])
def test_the_time_on_the_stage_ends_by_the_shorter_limit(room_s: int, own_s: int, ends_s: int) -> None:
    room = r.seated(r.live_room(time_limit_s=room_s), GUEST)
    room = room.put_member(Member(person=ACCOUNT.person, limit_s=own_s))
    assert r.connection_of(became(room, 10), ACCOUNT).ends_at == r.after(ends_s)


# -- again and again --------------------------------------------------------------------------------------------------
RICH: dict[str, Callable[[], RoomState]] = {
    "asks": lambda: r.applied(r.live_room(), GUEST, timeout_s=0),
    "on air": lambda: r.seated(r.live_room(), GUEST),
    "helps": lambda: r.helped(r.live_room(), GUEST),
    "barred": lambda: sanctioned(r.live_room(), c.BarUser),
    "locked": lambda: r.act(r.present(r.live_room(), GUEST), r.HOST, c.LockDevice("g1", MICROPHONE, True)),
    "was on air": lambda: r.act(r.seated(r.live_room(), GUEST), GUEST, c.LeaveSeat()),
}


@pytest.mark.parametrize("make", RICH.values(), ids=RICH)
def test_it_happens_once_whichever_windows_say_it(make: Callable[[], RoomState]) -> None:
    room = make()
    assert merging.is_due(room, ACCOUNT, r.after(1))
    after = became(room, 1)
    assert after.seq == room.seq + 1 and not merging.is_due(after, ACCOUNT, r.after(2))
    assert became(after, 2) == after


def test_a_guest_of_whom_the_room_knows_nothing_changes_nothing() -> None:
    room = r.live_room()
    assert not merging.is_due(room, ACCOUNT, r.NOW) and became(room) == room
    assert not merging.is_due(r.applied(room, r.ALICE), r.ALICE, r.NOW), "who was no guest before"


def test_who_logs_out_asks_as_a_guest_and_logs_in_again_is_one_person_again() -> None:
    room = r.act(became(r.seated(r.live_room(), GUEST), 5), ACCOUNT, c.LeaveSeat(), r.after(30))
    room = r.applied(room, replace(GUEST, proven_at=r.after(40)), r.after(41), timeout_s=0)
    after = became(room, 50)
    assert r.request_of(after, ACCOUNT) and after.request_of("g1") is None
    assert row(after).turns == 1, "no turn counts twice"


@BY_ACT
def test_an_account_made_after_another_is_banned_too(act: Act) -> None:
    room = became(sanctioned(r.live_room(), act), 5)
    room = r.act(room, r.CLOCK, i.PersonBecame("g1", "u2", "U2"), r.after(6))
    assert [s.person.user_id for s in room.sanctions] == ["g1", "u1", "u2"]


# -- windows of the time before ---------------------------------------------------------------------------------------
def test_a_window_of_the_time_before_says_nothing_any_more_as_the_guest() -> None:
    room = became(r.applied(r.live_room(), GUEST, timeout_s=0), 5)
    ask = c.Apply(LinkMedia.AUDIO)
    assert r.code(room, replace(GUEST, proven_at=r.NOW), ask, r.after(6)) is ErrorCode.BAD_TICKET
    assert r.request_of(r.act(room, replace(GUEST, proven_at=r.after(6)), ask, r.after(7)), GUEST), "after a log-out"
