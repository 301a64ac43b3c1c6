"""Applications and invitations: how they are made, how they end, and what is refused."""

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.outcome import Refused, RequestEnded, RequestMade
from micconnect.domain.room import ENDED_KEPT, Actor, RoomState
from micconnect.domain.rules import decide
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import PENDING_MAX, LinkMedia, RejectReason, RequestKind, RequestState, VoidCause
from tests.unit import rooms as r


def crowded(count: int) -> RoomState:
    """A live room with so many open requests, every second one an invitation."""
    room = r.live_room()
    for number in range(count):
        make = r.invited if number % 2 else r.applied
        room = make(room, r.viewer(f"viewer{number}"))
    return room


# -- making ----------------------------------------------------------------------------------------------------------
def test_an_application_waits_with_all_that_was_said() -> None:
    room = r.live_room()
    outcome = r.decided(room, r.ALICE, c.Apply(LinkMedia.AUDIO, "a song", 30, 4, "{}"))
    request = r.request_of(outcome.room, r.ALICE)
    assert (request.seat_index, request.extra_info) == (4, "{}")
    assert outcome.request == request and outcome.moments == (RequestMade(request=request),)
    assert (request.kind, request.state, request.media, request.note) == ("application", "pending", "audio", "a song")
    assert (request.created_at, request.expires_at) == (r.NOW, r.after(30))
    assert request.number == request.rank == outcome.room.last_number == room.last_number + 1
    assert request.request_id == f"r{request.number}"


def test_an_invitation_names_who_invited() -> None:
    room = r.invited(r.live_room(), r.ALICE, by=r.MONA, media=LinkMedia.AUDIO)
    request = r.request_of(room, r.ALICE)
    assert (request.kind, request.operator, request.media) == (RequestKind.INVITATION, r.MONA.person, LinkMedia.AUDIO)
    assert room.invitee is None


@pytest.mark.parametrize(
    ("room_wait_s", "own_wait_s", "ends_after_s"),
    [(60, None, 60), (5, None, 5), (0, None, None), (60, 0, None), (60, 5, 5), (60, 600, 600), (0, 5, 5)],
)
def test_how_long_a_request_waits(room_wait_s: int, own_wait_s: int | None, ends_after_s: int | None) -> None:
    room = r.live_room(request_timeout_s=room_wait_s)
    expected = None if ends_after_s is None else r.after(ends_after_s)
    for made in (r.applied(room, r.ALICE, timeout_s=own_wait_s), r.invited(room, r.ALICE, timeout_s=own_wait_s)):
        assert r.request_of(made, r.ALICE).expires_at == expected


@pytest.mark.parametrize("make", [r.applied, r.invited], ids=["application", "invitation"])
def test_asking_again_shows_the_open_request(make: type[RoomState]) -> None:
    room = make(r.live_room(), r.ALICE)
    for who, command in ((r.ALICE, c.Apply(LinkMedia.AUDIO)), (r.HOST, c.Invite("alice"))):
        again = r.refused(room, who, command)
        assert again.code is ErrorCode.ALREADY_PENDING
        assert again.request == r.request_of(room, r.ALICE)


def test_who_sits_needs_no_request() -> None:
    room = r.seated(r.live_room(), r.BOB)
    assert r.code(room, r.BOB, c.Apply(LinkMedia.VIDEO)) is ErrorCode.ALREADY_ON_SEAT
    assert r.code(room, r.MONA, c.Invite("bob")) is ErrorCode.ALREADY_ON_SEAT
    assert r.code(room, r.MONA, c.Invite("host")) is ErrorCode.ALREADY_ON_SEAT


@pytest.mark.parametrize("present", [None, r.BOB.person], ids=["nobody", "somebody else"])
def test_only_who_is_in_the_room_is_invited(present: None) -> None:
    room = replace(r.live_room(), invitee=present)
    assert r.code(room, r.HOST, c.Invite("alice")) is ErrorCode.NO_SUCH_USER


@pytest.mark.parametrize(("who", "command"), [(r.ALICE, c.Apply(LinkMedia.VIDEO)), (r.HOST, c.Invite("alice"))])
def test_there_are_requests_only_while_the_room_is_live(who: Actor, command: c.Apply | c.Invite) -> None:
    assert r.code(r.idle_room(), who, command) is ErrorCode.ROOM_NOT_LIVE
    ended = r.act(r.live_room(), r.HOST, c.EndLive())
    assert r.code(ended, who, command) is ErrorCode.ROOM_ENDED


def test_the_queue_is_full_at_its_limit_and_not_before() -> None:
    room = crowded(PENDING_MAX - 1)
    for full in (r.applied(room, r.ALICE), r.invited(room, r.ALICE)):
        assert len(full.requests) == PENDING_MAX
        assert r.code(full, r.BOB, c.Apply(LinkMedia.VIDEO)) is ErrorCode.QUEUE_FULL
        assert r.code(replace(full, invitee=r.BOB.person), r.HOST, c.Invite("bob")) is ErrorCode.QUEUE_FULL


def test_all_open_requests_that_end_at_once_are_remembered_and_so_are_saved() -> None:
    assert PENDING_MAX <= ENDED_KEPT
    ended = r.act(crowded(PENDING_MAX), r.HOST, c.EndLive())
    assert len(ended.ended_requests) == PENDING_MAX


# -- withdrawing and answering -----------------------------------------------------------------------------------------
def test_an_applicant_withdraws() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    outcome = r.decided(room, r.ALICE, c.CancelApplication(), r.after(3))
    (ended,) = outcome.room.ended_requests
    assert outcome.moments == (RequestEnded(request=ended),) and outcome.request == ended
    assert (ended.state, ended.ended_at, ended.operator) == (RequestState.CANCELLED, r.after(3), None)
    assert outcome.room.requests == () and ended.ended_seq == outcome.room.seq


def test_the_staff_withdraws_an_invitation() -> None:
    room = r.invited(r.live_room(), r.ALICE)
    outcome = r.decided(room, r.MONA, c.CancelInvitation(r.request_of(room, r.ALICE).request_id))
    (ended,) = outcome.room.ended_requests
    assert (ended.state, ended.operator) == (RequestState.CANCELLED, r.MONA.person)


def test_an_application_is_accepted_as_it_was_made() -> None:
    room = r.applied(r.live_room(), r.ALICE, media=LinkMedia.AUDIO)
    outcome = r.decided(room, r.MONA, r.answer(room, r.ALICE))
    (ended,) = outcome.room.ended_requests
    connection = r.connection_of(outcome.room, r.ALICE)
    assert (ended.state, ended.operator) == (RequestState.ACCEPTED, r.MONA.person)
    assert (connection.seat_index, connection.media, connection.state) == (1, LinkMedia.AUDIO, "joining")
    assert outcome.request == ended and outcome.connection == connection
    assert outcome.moments == (RequestEnded(request=ended),)


def test_an_application_is_rejected_with_a_reason() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    command = r.answer(room, r.ALICE, is_accepted=False, reason=RejectReason.TOPIC, note="later")
    (ended,) = r.act(room, r.HOST, command).ended_requests
    assert (ended.state, ended.operator, ended.reason, ended.answer_note) == (
        RequestState.REJECTED,
        r.HOST.person,
        RejectReason.TOPIC,
        "later",
    )


@pytest.mark.parametrize(
    ("asked", "own", "seated"),
    [
        ("video", None, "video"),
        ("video", "video", "video"),
        ("video", "audio", "audio"),
        ("audio", None, "audio"),
        ("audio", "audio", "audio"),
        ("audio", "video", "audio"),
    ],
)
def test_an_invitation_is_answered_with_as_much_or_less(asked: str, own: str | None, seated: str) -> None:
    room = r.invited(r.live_room(), r.ALICE, media=LinkMedia(asked))
    outcome = r.decided(room, r.ALICE, r.reply(room, r.ALICE, media=LinkMedia(own) if own else None))
    connection = r.connection_of(outcome.room, r.ALICE)
    assert connection.media == seated
    assert outcome.request and outcome.request.media == seated
    assert outcome.request.operator == r.HOST.person


def test_an_invitation_is_declined() -> None:
    room = r.invited(r.live_room(), r.ALICE)
    outcome = r.decided(room, r.ALICE, r.reply(room, r.ALICE, is_accepted=False))
    (ended,) = outcome.room.ended_requests
    assert (ended.state, ended.operator) == (RequestState.REJECTED, r.HOST.person)
    assert outcome.room.connection_of("alice") is None


# -- the edge of time --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", RequestKind)
@pytest.mark.parametrize("is_accepted", [True, False])
def test_answered_before_the_deadline_and_not_at_it(kind: RequestKind, is_accepted: bool) -> None:
    is_invitation = kind is RequestKind.INVITATION
    room = (r.invited if is_invitation else r.applied)(r.live_room(), r.ALICE)
    who, say = (r.ALICE, r.reply) if is_invitation else (r.HOST, r.answer)
    command = say(room, r.ALICE, is_accepted=is_accepted)
    assert not r.act(room, who, command, r.after(60) - r.INSTANT).requests
    late = r.refused(room, who, command, r.after(60))
    assert (late.code, late.details) == (ErrorCode.ALREADY_HANDLED, {"outcome": "timeout", "by": None})


@pytest.mark.parametrize("kind", RequestKind)
def test_withdrawn_before_the_deadline_and_not_at_it(kind: RequestKind) -> None:
    is_invitation = kind is RequestKind.INVITATION
    room = (r.invited if is_invitation else r.applied)(r.live_room(), r.ALICE)
    number = r.request_of(room, r.ALICE).request_id
    who, command = (r.HOST, c.CancelInvitation(number)) if is_invitation else (r.ALICE, c.CancelApplication())
    assert not r.act(room, who, command, r.after(60) - r.INSTANT).requests
    late = r.refused(room, who, command, r.after(60))
    assert (late.code, late.details["outcome"]) == (ErrorCode.ALREADY_HANDLED, "timeout")


def test_a_request_without_deadline_is_answered_after_any_time() -> None:
    room = r.applied(r.live_room(), r.ALICE, timeout_s=0)
    assert r.connection_of(r.act(room, r.HOST, r.answer(room, r.ALICE), r.after(10**7)), r.ALICE)


# -- late answers ------------------------------------------------------------------------------------------------------
def application_ends() -> dict[str, tuple[RoomState, str | None]]:
    room = r.applied(r.live_room(), r.ALICE)
    return {
        "accepted": (r.act(room, r.MONA, r.answer(room, r.ALICE)), "Mona"),
        "rejected": (r.act(room, r.HOST, r.answer(room, r.ALICE, is_accepted=False)), "Host"),
        "cancelled": (r.act(room, r.ALICE, c.CancelApplication()), "Alice"),
        "timeout": (r.ticked(room, r.after(60)), None),
        "void": (r.act(room, r.ALICE, c.Leave()), None),
    }


def invitation_ends() -> dict[str, tuple[RoomState, str | None]]:
    room = r.invited(r.live_room(), r.ALICE)
    return {
        "accepted": (r.act(room, r.ALICE, r.reply(room, r.ALICE)), "Alice"),
        "rejected": (r.act(room, r.ALICE, r.reply(room, r.ALICE, is_accepted=False)), "Alice"),
        "cancelled": (r.act(room, r.MONA, c.CancelInvitation(r.request_of(room, r.ALICE).request_id)), "Mona"),
        "timeout": (r.ticked(room, r.after(60)), None),
        "void": (r.act(room, r.ALICE, c.Leave()), None),
    }


ENDS = [e for e in RequestState if e is not RequestState.PENDING]


@pytest.mark.parametrize("outcome", ENDS)
def test_a_late_answer_to_an_application_learns_how_it_ended_and_by_whom(outcome: str) -> None:
    room, by = application_ends()[outcome]
    (ended,) = room.ended_requests
    for who, command in (
        (r.HOST, c.RespondToApplication(ended.request_id, True)),
        (r.HOST, c.RespondToApplication(ended.request_id, False)),
        (r.ALICE, c.CancelApplication()),
    ):
        late = r.refused(room, who, command)
        assert (late.code, late.details, late.request) == (
            ErrorCode.ALREADY_HANDLED,
            {"outcome": outcome, "by": by},
            ended,
        )


@pytest.mark.parametrize("outcome", ENDS)
def test_a_late_answer_to_an_invitation_learns_how_it_ended_and_by_whom(outcome: str) -> None:
    room, by = invitation_ends()[outcome]
    (ended,) = room.ended_requests
    for who, command in (
        (r.HOST, c.CancelInvitation(ended.request_id)),
        (r.ALICE, c.RespondToInvitation(ended.request_id, True)),
    ):
        late = r.refused(room, who, command)
        assert (late.code, late.details) == (ErrorCode.ALREADY_HANDLED, {"outcome": outcome, "by": by})


def test_what_ended_too_long_ago_is_unknown() -> None:
    room = r.live_room()
    for number in range(ENDED_KEPT + 1):
        who = r.viewer(f"viewer{number}")
        room = r.act(r.applied(room, who), who, c.CancelApplication())
    assert len(room.ended_requests) == ENDED_KEPT
    assert r.code(room, r.viewer("viewer0"), c.CancelApplication()) is ErrorCode.NO_SUCH_REQUEST
    assert r.code(room, r.viewer("viewer1"), c.CancelApplication()) is ErrorCode.ALREADY_HANDLED


# -- wrong ids ---------------------------------------------------------------------------------------------------------
def test_no_such_request() -> None:
    room = r.invited(r.applied(r.live_room(), r.ALICE), r.BOB)
    application, invitation = (r.request_of(room, who).request_id for who in (r.ALICE, r.BOB))
    for who, command in (
        (r.HOST, c.RespondToApplication("r999", True)),
        (r.HOST, c.RespondToApplication(invitation, True)),
        (r.HOST, c.CancelInvitation("r999")),
        (r.HOST, c.CancelInvitation(application)),
        (r.ALICE, c.RespondToInvitation("r999", True)),
        (r.ALICE, c.RespondToInvitation(application, True)),
        (r.BOB, c.CancelApplication()),
        (r.CAROL, c.CancelApplication()),
    ):
        assert r.code(room, who, command) is ErrorCode.NO_SUCH_REQUEST


def test_somebody_elses_invitation_looks_like_none() -> None:
    room = r.invited(r.live_room(), r.ALICE)
    number = r.request_of(room, r.ALICE).request_id
    ended = r.act(room, r.ALICE, r.reply(room, r.ALICE))
    for state in (room, ended):
        foreign, unknown = (r.refused(state, r.BOB, c.RespondToInvitation(n, True)) for n in (number, "r999"))
        assert (foreign.code, foreign.details, foreign.request) == (unknown.code, unknown.details, unknown.request)
        assert foreign.code is ErrorCode.NO_SUCH_REQUEST


# -- cool-down ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("outcome", "pause_s"), [("cancelled", 10), ("rejected", 30), ("void", 10)])
def test_the_cool_down_to_the_instant(outcome: str, pause_s: int) -> None:
    room, _ = application_ends()[outcome]
    assert room.known(r.ALICE.person).can_apply_at == r.after(pause_s)
    early = r.refused(room, r.ALICE, c.Apply(LinkMedia.VIDEO), r.after(pause_s) - r.INSTANT)
    assert (early.code, early.details) == (ErrorCode.COOL_DOWN, {"until": r.after(pause_s).isoformat()})
    assert r.request_of(r.applied(room, r.ALICE, r.after(pause_s)), r.ALICE)


@pytest.mark.parametrize("cause", ["timeout", "lost"])
def test_no_cool_down_for_what_nobody_decided(cause: str) -> None:
    room, _ = application_ends()["timeout"]
    if cause == "lost":
        waiting = r.act(r.applied(r.live_room(), r.ALICE), r.CLOCK, i.SocketsLost("alice"))
        room = r.ticked(waiting, r.after(30))
    assert room.known(r.ALICE.person).can_apply_at is None
    assert r.request_of(r.applied(room, r.ALICE, r.after(60)), r.ALICE)


@pytest.mark.parametrize("outcome", ["rejected", "cancelled", "timeout"])
def test_no_cool_down_after_an_invitation(outcome: str) -> None:
    room, _ = invitation_ends()[outcome]
    assert r.request_of(r.applied(room, r.ALICE), r.ALICE)


def test_the_staff_may_invite_during_a_cool_down() -> None:
    room, _ = application_ends()["rejected"]
    assert r.request_of(r.invited(room, r.ALICE), r.ALICE)


# -- leaving -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [r.applied, r.invited], ids=["application", "invitation"])
def test_leaving_the_room_voids_the_open_request(make: type[RoomState]) -> None:
    outcome = r.decided(make(r.live_room(), r.ALICE), r.ALICE, c.Leave())
    (ended,) = outcome.room.ended_requests
    assert (ended.state, ended.cause) == (RequestState.VOID, VoidCause.LEFT)
    assert outcome.moments == (RequestEnded(request=ended),)


def test_a_refusal_tells_its_code_and_leaves_the_room_alone() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    copy = replace(room)
    with pytest.raises(Refused, match="ALREADY_PENDING"):
        decide(room, r.ALICE, c.Apply(LinkMedia.VIDEO), r.NOW)
    assert room == copy
