"""Helpers, bars and bans: off the seat, barred from the mic, banned from the room are three different things."""

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.outcome import ConnectionEnded, RequestEnded, SanctionEnded, SanctionMade
from micconnect.domain.room import Actor, Member, Person, RoomState, Sanction
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import MODERATORS_MAX, SANCTIONS_MAX, LinkMedia, RemovalReason, Role, SanctionKind
from tests.unit import rooms as r

ASK = c.Apply(LinkMedia.VIDEO)
Act = type[c.BarUser] | type[c.BanUser]
BY_ACT = pytest.mark.parametrize("act", [c.BarUser, c.BanUser])


def only(room: RoomState) -> Sanction:
    (sanction,) = room.sanctions
    return sanction


# -- helpers ----------------------------------------------------------------------------------------------------------
def test_the_host_makes_a_helper_and_ends_it_for_good() -> None:
    room = r.helped(r.live_room(), r.ALICE)
    assert room.moderators() == (r.ALICE.person,) and room.role_of(r.ALICE) is Role.MODERATOR
    ended = r.act(room, r.HOST, c.SetModerator("alice", False))
    assert ended.moderators() == () and ended.members[0].is_moderator is False
    assert ended.role_of(r.actor("alice", Role.MODERATOR)) is Role.AUDIENCE


@pytest.mark.parametrize("is_moderator", [True, False])
def test_a_helper_is_somebody_who_is_there_or_known(is_moderator: bool) -> None:
    command = c.SetModerator("alice", is_moderator)
    assert r.code(r.live_room(), r.HOST, command) is ErrorCode.NO_SUCH_USER
    assert r.code(r.present(r.live_room(), r.BOB), r.HOST, command) is ErrorCode.NO_SUCH_USER
    known = {
        "there": r.present(r.idle_room(), r.ALICE),
        "seated": r.placed(r.live_room(), r.ALICE),
        "was seated": r.act(r.placed(r.live_room(), r.ALICE), r.ALICE, c.LeaveSeat()),
        "asks": r.applied(r.live_room(), r.ALICE),
        "asked": r.act(r.applied(r.live_room(), r.ALICE), r.ALICE, c.CancelApplication()),
        "barred": r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice")),
        "a member": replace(r.idle_room(), members=(Member(person=r.ALICE.person),)),
    }
    for room in known.values():
        after = r.act(room, r.HOST, command)
        member = after.member("alice")
        assert member and (member.is_moderator, member.person) == (is_moderator, r.ALICE.person)
        assert r.act(after, r.HOST, command) == after


def test_whether_a_helper_is_there_is_known_from_the_first_moment() -> None:
    there = r.helped(r.live_room(), r.ALICE)
    assert there.members[0].is_here
    known = r.act(r.applied(r.live_room(), r.ALICE), r.HOST, c.SetModerator("alice", True))
    assert not known.members[0].is_here
    gone = r.act(there, r.CLOCK, i.SocketsLost("alice"))
    assert not gone.members[0].is_here
    assert r.act(gone, r.CLOCK, i.SocketUp("alice")).members == there.members
    demoted = r.act(there, r.HOST, c.SetModerator("alice", False))
    assert not demoted.members[0].is_here
    assert r.act(demoted, r.CLOCK, i.SocketUp("alice")) == demoted


def test_as_many_helpers_as_a_room_may_have_and_one_more() -> None:
    room = r.live_room()
    for number in range(MODERATORS_MAX):
        room = r.helped(room, r.viewer(f"helper{number}"))
    refused = r.refused(r.present(room, r.ALICE), r.HOST, c.SetModerator("alice", True))
    assert (refused.code, refused.details) == (ErrorCode.TOO_MANY, {"limit": MODERATORS_MAX})
    room = r.act(room, r.HOST, c.SetModerator("helper0", False))
    assert len(r.helped(room, r.ALICE).moderators()) == MODERATORS_MAX


def test_nobody_makes_the_host_a_helper_or_a_helper_another() -> None:
    room = r.present(r.live_room(), r.HOST)
    assert r.code(room, r.HOST, c.SetModerator("host", True)) is ErrorCode.FORBIDDEN
    helped = r.helped(r.live_room(), r.ALICE)
    assert r.code(r.present(helped, r.BOB), r.ALICE, c.SetModerator("bob", True)) is ErrorCode.FORBIDDEN


# -- bars and bans ----------------------------------------------------------------------------------------------------
@BY_ACT
def test_a_sanction_frees_the_seat_and_says_why(act: Act) -> None:
    room = r.seated(r.live_room(), r.BOB)
    outcome = r.decided(room, r.MONA, act("bob", 60, RemovalReason.SOUND, "hum"), r.after(5))
    (gone,), sanction = outcome.room.ended_connections, only(outcome.room)
    is_bar = act is c.BarUser
    assert (gone.end_reason, gone.reason, gone.note) == ("barred" if is_bar else "banned", "sound", "hum")
    assert (sanction.kind, sanction.reason, sanction.note) == ("mic_bar" if is_bar else "room_ban", "sound", "hum")
    assert (sanction.created_at, sanction.until, sanction.operator) == (r.after(5), r.after(65), r.MONA.person)
    assert sanction.number == outcome.room.last_number and sanction.sanction_id == f"x{sanction.number}"
    assert outcome.moments == (ConnectionEnded(connection=gone), SanctionMade(sanction=sanction))
    assert outcome.sanction == sanction


@BY_ACT
@pytest.mark.parametrize("make", [r.applied, r.invited], ids=["application", "invitation"])
def test_a_sanction_ends_the_open_request(act: Act, make: type[RoomState]) -> None:
    outcome = r.decided(make(r.live_room(), r.ALICE), r.MONA, act("alice"))
    (ended,) = outcome.room.ended_requests
    assert (ended.state, ended.cause) == ("void", "barred" if act is c.BarUser else "banned")
    assert outcome.moments == (RequestEnded(request=ended), SanctionMade(sanction=only(outcome.room)))


@BY_ACT
def test_a_sanction_holds_to_the_instant(act: Act) -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, act("alice", 60))
    code = ErrorCode.BARRED if act is c.BarUser else ErrorCode.BANNED
    refused = r.refused(room, r.ALICE, ASK, r.after(60) - r.INSTANT)
    assert (refused.code, refused.details) == (code, {"until": r.after(60).isoformat(), "reason": "other"})
    assert r.request_of(r.applied(room, r.ALICE, r.after(60)), r.ALICE), "also before the clock comes round"
    assert r.ticked(room, r.after(60) - r.INSTANT) == room
    over = r.decided(room, r.CLOCK, i.Tick(), r.after(60))
    assert (over.room.sanctions, over.moments) == ((), (SanctionEnded(sanction=only(room)),))


@BY_ACT
def test_a_sanction_without_end_ends_when_it_is_lifted(act: Act) -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, act("alice"))
    refused = r.refused(room, r.ALICE, ASK, r.after(10**8))
    assert refused.details == {"until": None, "reason": "other"}
    outcome = r.decided(room, r.MONA, c.LiftSanction(only(room).sanction_id))
    assert (outcome.room.sanctions, outcome.sanction) == ((), only(room))
    assert outcome.moments == (SanctionEnded(sanction=only(room)),)
    assert r.request_of(r.applied(outcome.room, r.ALICE), r.ALICE)
    assert r.code(outcome.room, r.MONA, c.LiftSanction(only(room).sanction_id)) is ErrorCode.NO_SUCH_SANCTION


@BY_ACT
def test_the_newer_word_counts(act: Act) -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, act("alice", 60))
    outcome = r.decided(room, r.MONA, act("alice", 10, note="shorter"))
    sanction = only(outcome.room)
    assert (sanction.until, sanction.note, sanction.operator) == (r.after(10), "shorter", r.MONA.person)
    assert outcome.moments == (SanctionMade(sanction=sanction),)


def test_a_bar_and_a_ban_stand_beside_each_other() -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice", 600))
    room = r.act(room, r.HOST, c.BanUser("alice", 60))
    assert [s.kind for s in room.sanctions] == ["mic_bar", "room_ban"]
    room = r.ticked(room, r.after(60))
    assert r.code(room, r.ALICE, ASK, r.after(60)) is ErrorCode.BARRED
    assert not room.is_banned("alice", r.after(60))


def test_a_barred_person_may_do_all_but_go_on_air() -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice"))
    for command in (ASK, c.TakeSeat(), c.UseInviteLink("t")):
        assert r.code(room, r.ALICE, command) is ErrorCode.BARRED
    there = r.present(room, r.ALICE)
    for asked in (c.Invite("alice"), c.PlaceUser("alice")):
        assert r.code(there, r.HOST, asked) is ErrorCode.BARRED
    assert r.act(room, r.ALICE, c.Leave()) == room


def test_a_barred_helper_helps_on() -> None:
    room = r.act(r.helped(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice"))
    assert r.code(room, r.ALICE, c.TakeSeat()) is ErrorCode.BARRED
    assert r.act(room, r.ALICE, c.UpdateRoom(is_paused=True)).options.is_paused


def test_a_banned_person_has_no_say() -> None:
    room = r.act(r.helped(r.live_room(), r.ALICE), r.HOST, c.BanUser("alice", 60))
    for command in (c.Leave(), ASK, c.UpdateRoom(is_paused=True), c.LiftSanction(only(room).sanction_id)):
        refused = r.refused(room, r.ALICE, command)
        assert (refused.code, refused.details["until"]) == (ErrorCode.BANNED, r.after(60).isoformat())


@pytest.mark.parametrize("is_granted", [True, False])
def test_a_banned_helper_is_none_any_more_also_when_the_ban_is_over(is_granted: bool) -> None:
    helper = r.actor("alice", Role.MODERATOR)
    room = r.helped(r.live_room(), helper) if is_granted else r.present(r.live_room(), helper)
    room = r.act(room, r.HOST, c.BanUser("alice", 60))
    assert room.moderators() == () and not room.members[0].is_here
    assert r.code(room, helper, c.UpdateRoom(is_paused=True), r.after(60)) is ErrorCode.FORBIDDEN
    assert r.code(room, r.HOST, c.SetModerator("alice", True)) is ErrorCode.BANNED
    assert r.act(room, r.HOST, c.SetModerator("alice", True), r.after(60)).moderators() == (helper.person,)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SERVER])
def test_a_helper_cannot_lock_out_those_who_run_the_site(role: Role) -> None:
    admin = r.actor("ada", role)
    room = r.act(r.present(r.live_room(), admin), r.MONA, c.BanUser("ada"))
    assert r.code(room, r.viewer("ada"), ASK) is ErrorCode.BANNED
    assert r.act(room, admin, c.UpdateRoom(is_paused=True)).options.is_paused
    assert r.act(room, admin, c.EndLive()).status == "ended"


@BY_ACT
@pytest.mark.parametrize("who", [r.HOST, r.MONA, r.ADA, r.SERVER])
def test_nobody_sanctions_the_host_or_themselves(act: Act, who: Actor) -> None:
    room = r.live_room()
    assert r.code(r.present(room, r.HOST), who, act("host")) is ErrorCode.FORBIDDEN
    assert r.code(r.present(room, who), who, act(who.user_id)) is ErrorCode.FORBIDDEN


@BY_ACT
def test_a_helper_sanctions_no_other_helper_and_the_host_may(act: Act) -> None:
    room = r.helped(r.helped(r.live_room(), r.ALICE), r.BOB)
    assert r.code(room, r.ALICE, act("bob")) is ErrorCode.FORBIDDEN
    for owner in (r.HOST, r.ADA, r.SERVER):
        assert only(r.act(room, owner, act("bob"))).person == r.BOB.person


def test_nobody_lifts_the_own_bar_and_a_helper_no_other_helpers() -> None:
    room = r.act(r.helped(r.helped(r.live_room(), r.ALICE), r.BOB), r.HOST, c.BarUser("alice"))
    lift = c.LiftSanction(only(room).sanction_id)
    for helper in (r.ALICE, r.BOB):
        assert r.code(room, helper, lift) is ErrorCode.FORBIDDEN
    assert r.act(room, r.HOST, lift).sanctions == ()
    plain = r.act(r.present(r.live_room(), r.CAROL), r.HOST, c.BarUser("carol"))
    assert r.act(plain, r.MONA, c.LiftSanction(only(plain).sanction_id)).sanctions == ()


@BY_ACT
def test_as_many_sanctions_as_a_room_may_have_and_one_more(act: Act) -> None:
    room = r.barred(r.live_room(), SANCTIONS_MAX - 1)
    full = r.act(r.present(room, r.ALICE), r.HOST, act("alice"))
    refused = r.refused(r.present(full, r.BOB), r.HOST, act("bob"))
    assert (refused.code, refused.details) == (ErrorCode.TOO_MANY, {"limit": SANCTIONS_MAX})
    assert len(r.act(full, r.HOST, act("alice", 60)).sanctions) == SANCTIONS_MAX


def test_who_is_sanctioned_is_called_by_the_name_that_the_room_knows() -> None:
    renamed = Person(user_id="alice", name="Alicia")
    room = r.live_room()
    assert only(r.act(replace(room, invitee=renamed), r.HOST, c.BarUser("alice"))).person == renamed, "a stranger"
    room = r.applied(room, r.ALICE)
    assert only(r.act(replace(room, invitee=renamed), r.HOST, c.BarUser("alice"))).person == r.ALICE.person
    assert only(r.act(room, r.HOST, c.BarUser("alice"))).person == r.ALICE.person
    assert r.code(r.present(room, r.BOB), r.HOST, c.BarUser("carol")) is ErrorCode.NO_SUCH_USER


def test_a_sanction_outlives_the_show_and_can_be_lifted_then() -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BanUser("alice"))
    ended = r.act(room, r.HOST, c.EndLive())
    assert ended.sanctions == room.sanctions
    assert r.act(ended, r.HOST, c.LiftSanction(only(ended).sanction_id)).sanctions == ()
    assert r.code(r.present(ended, r.BOB), r.HOST, c.BarUser("bob")) is ErrorCode.ROOM_ENDED


# -- a word on it -----------------------------------------------------------------------------------------------------
def test_a_barred_person_has_one_say() -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice", 60))
    outcome = r.decided(room, r.ALICE, c.AppealBar("the hum is gone"))
    assert outcome.sanction == only(outcome.room) == replace(only(room), appeal="the hum is gone")
    assert r.code(outcome.room, r.ALICE, c.AppealBar("please")) is ErrorCode.ALREADY_APPEALED
    anew = r.act(outcome.room, r.HOST, c.BarUser("alice"))
    assert only(anew).appeal == "" and r.act(anew, r.ALICE, c.AppealBar("please"))


def test_only_a_bar_in_force_can_be_appealed() -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice", 60))
    assert r.code(room, r.BOB, c.AppealBar("me too")) is ErrorCode.NO_SUCH_SANCTION
    assert r.code(room, r.ALICE, c.AppealBar("late"), r.after(60)) is ErrorCode.NO_SUCH_SANCTION
    banned = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BanUser("alice"))
    assert r.code(banned, r.ALICE, c.AppealBar("please")) is ErrorCode.BANNED


@pytest.mark.parametrize("kind", SanctionKind)
def test_nobody_else_is_concerned(kind: SanctionKind) -> None:
    act = c.BarUser if kind is SanctionKind.MIC_BAR else c.BanUser
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, act("alice"))
    assert room.sanction("alice", kind, r.NOW) and not room.sanction("bob", kind, r.NOW)
    assert r.request_of(r.applied(room, r.BOB), r.BOB)
