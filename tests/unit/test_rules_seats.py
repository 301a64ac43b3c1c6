"""On, between and off the seats."""

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.outcome import ConnectionEnded, RequestEnded, RequestMade
from micconnect.domain.room import Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import (
    PENDING_MAX,
    Device,
    DeviceState,
    LinkMedia,
    MovePolicy,
    RemovalReason,
    SeatMode,
)
from tests.unit import rooms as r

MICROPHONE = Device.MICROPHONE
ON_AIR = r.seated(r.live_room(), r.BOB)
PAIR = r.seated(ON_AIR, r.CAROL)


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
    assert outcome.room.free_seats()[0] == 1


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
        (r.HOST, c.AskToOpen("alice", MICROPHONE)),
        (r.HOST, c.SetTimeLimit("alice", 60)),
    ],
)
def test_who_is_on_no_seat(who: Actor, command: c.Command) -> None:
    assert r.code(r.live_room(), who, command) is ErrorCode.NOT_ON_SEAT  # type: ignore[arg-type]


def test_leaving_without_any_stake_changes_nothing() -> None:
    room = r.live_room()
    outcome = r.decided(room, r.ALICE, c.Leave())
    assert outcome.room == room and outcome.moments == ()


# -- sitting down without asking --------------------------------------------------------------------------------------
def test_where_seats_are_free_the_audience_sits_down() -> None:
    room = r.live_room(seat_mode=SeatMode.FREE)
    outcome = r.decided(room, r.ALICE, c.TakeSeat(LinkMedia.AUDIO, 4))
    alice = r.connection_of(outcome.room, r.ALICE)
    assert (alice.seat_index, alice.media, alice.microphone) == (4, LinkMedia.AUDIO, DeviceState.OPEN)
    assert outcome.connection == alice and outcome.moments == ()
    assert r.connection_of(r.act(outcome.room, r.BOB, c.TakeSeat()), r.BOB).seat_index == 1


@pytest.mark.parametrize("mode", SeatMode)
def test_who_gets_onto_a_seat_in_which_mode(mode: SeatMode) -> None:
    room = r.live_room(seat_mode=mode)
    asking, sitting = c.Apply(LinkMedia.VIDEO), c.TakeSeat()
    if mode is SeatMode.APPLY:
        assert r.request_of(r.act(room, r.ALICE, asking), r.ALICE)
    else:
        refused = r.refused(room, r.ALICE, asking)
        assert (refused.code, refused.details) == (ErrorCode.SEAT_MODE, {"mode": mode.value})
    if mode is SeatMode.FREE:
        assert r.connection_of(r.act(room, r.ALICE, sitting), r.ALICE)
    else:
        refused = r.refused(room, r.ALICE, sitting)
        assert (refused.code, refused.details) == (ErrorCode.SEAT_MODE, {"mode": mode.value})
    if mode is SeatMode.CLOSED:
        assert r.code(r.present(room, r.ALICE), r.HOST, c.Invite("alice")) is ErrorCode.SEAT_MODE
    else:
        assert r.request_of(r.invited(room, r.ALICE), r.ALICE)
    assert r.connection_of(r.act(room, r.MONA, sitting), r.MONA), "helpers sit down always"
    assert r.connection_of(r.placed(room, r.BOB), r.BOB), "and the staff seats somebody always"


def test_sitting_down_ends_the_own_open_request() -> None:
    room = r.with_options(r.applied(r.live_room(), r.ALICE), seat_mode=SeatMode.FREE)
    outcome = r.decided(room, r.ALICE, c.TakeSeat())
    (ended,) = outcome.room.ended_requests
    assert (ended.state, ended.cause) == ("void", "seated_otherwise")
    assert outcome.moments == (RequestEnded(request=ended),)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [(1, ErrorCode.SEAT_TAKEN), (2, ErrorCode.SEAT_LOCKED), (3, ErrorCode.NO_SUCH_SEAT), (0, ErrorCode.NO_SUCH_SEAT)],
)
def test_a_seat_that_cannot_be_had(wanted: int, code: ErrorCode) -> None:
    room = r.seated(r.live_room(seat_count=2), r.BOB)
    room = r.with_options(r.act(room, r.HOST, c.LockSeat(2, is_locked=True)), seat_mode=SeatMode.FREE)
    refused = r.refused(room, r.ALICE, c.TakeSeat(seat_index=wanted))
    assert refused.code is code
    assert refused.details == ({"by": "Bob"} if code is ErrorCode.SEAT_TAKEN else {})
    assert r.code(r.present(room, r.ALICE), r.HOST, c.PlaceUser("alice", seat_index=wanted)) is code
    assert r.code(room, r.ALICE, c.TakeSeat()) is ErrorCode.SEATS_FULL


# -- put on a seat ----------------------------------------------------------------------------------------------------
def test_who_is_put_on_a_seat_is_heard_and_seen_by_the_own_doing_only() -> None:
    outcome = r.decided(r.present(r.live_room(), r.ALICE), r.MONA, c.PlaceUser("alice", seat_index=7))
    alice = r.connection_of(outcome.room, r.ALICE)
    assert (alice.seat_index, alice.microphone, alice.camera) == (7, "closed", "closed")
    opened = r.act(outcome.room, r.ALICE, c.SetDevice(MICROPHONE, True))
    assert r.connection_of(opened, r.ALICE).microphone is DeviceState.OPEN


def test_being_put_on_a_seat_ends_the_open_request() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    outcome = r.decided(r.present(room, r.ALICE), r.MONA, c.PlaceUser("alice"))
    (ended,) = outcome.room.ended_requests
    assert (ended.state, ended.cause, ended.operator) == ("void", "seated_otherwise", r.MONA.person)


# -- moving -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("policy", MovePolicy)
def test_a_guest_moves_to_a_free_seat_and_never_to_a_taken_one(policy: MovePolicy) -> None:
    room = r.act(PAIR, r.BOB, c.MoveSeat(9, policy=policy))
    assert r.connection_of(room, r.BOB).seat_index == 9
    for command in (c.MoveSeat(2, policy=policy), c.MoveSeat(2, "bob", policy)):
        refused = r.refused(room, r.BOB, command)
        assert (refused.code, refused.details) == (ErrorCode.SEAT_TAKEN, {"by": "Carol"})


def test_a_helper_on_a_seat_moves_there_as_any_guest() -> None:
    room = r.act(PAIR, r.MONA, c.TakeSeat())
    assert r.code(room, r.MONA, c.MoveSeat(1, policy=MovePolicy.REPLACE)) is ErrorCode.SEAT_TAKEN
    assert r.connection_of(r.act(room, r.MONA, c.MoveSeat(4)), r.MONA).seat_index == 4


@pytest.mark.parametrize("policy", MovePolicy)
def test_the_staff_moves_a_guest_to_a_taken_seat_by_policy(policy: MovePolicy) -> None:
    command = c.MoveSeat(2, "bob", policy)
    if policy is MovePolicy.ABORT:
        assert r.code(PAIR, r.MONA, command) is ErrorCode.SEAT_TAKEN
        return
    outcome = r.decided(PAIR, r.MONA, command)
    assert r.connection_of(outcome.room, r.BOB).seat_index == 2
    assert outcome.connection == r.connection_of(outcome.room, r.BOB)
    if policy is MovePolicy.SWAP:
        assert r.connection_of(outcome.room, r.CAROL).seat_index == 1 and outcome.moments == ()
    else:
        (gone,) = outcome.room.ended_connections
        assert (gone.person.user_id, gone.end_reason, gone.operator) == ("carol", "replaced", r.MONA.person)
        assert outcome.moments == (ConnectionEnded(connection=gone),)


def test_moving_keeps_everything_but_the_seat() -> None:
    before = r.connection_of(ON_AIR, r.BOB)
    assert r.connection_of(r.act(ON_AIR, r.HOST, c.MoveSeat(3, "bob")), r.BOB) == replace(before, seat_index=3)


@pytest.mark.parametrize(("seats", "wanted"), [(9, 0), (3, 4)])
def test_nobody_moves_where_no_guests_seat_is(seats: int, wanted: int) -> None:
    room = r.seated(r.live_room(seat_count=seats), r.BOB)
    for who, command in ((r.BOB, c.MoveSeat(wanted)), (r.HOST, c.MoveSeat(wanted, "bob", MovePolicy.SWAP))):
        assert r.code(room, who, command) is ErrorCode.NO_SUCH_SEAT


def test_the_host_is_not_moved_by_anybody() -> None:
    for who in (r.HOST, r.MONA, r.ADA):
        assert r.code(PAIR, who, c.MoveSeat(2, "host", MovePolicy.SWAP)) is ErrorCode.FORBIDDEN


# -- back to the queue ------------------------------------------------------------------------------------------------
def returned(room: RoomState) -> RoomState:
    return r.act(room, r.MONA, c.ReturnToQueue("bob", "after the song"))


def test_a_guest_waits_for_another_turn_at_the_end_of_the_queue_without_a_time_out() -> None:
    outcome = r.decided(r.applied(ON_AIR, r.ALICE), r.MONA, c.ReturnToQueue("bob", "after the song"), r.after(9))
    (gone,) = outcome.room.ended_connections
    request = r.request_of(outcome.room, r.BOB)
    assert (gone.end_reason, gone.note, gone.operator) == ("returned", "after the song", r.MONA.person)
    assert (request.kind, request.media, request.expires_at) == ("application", LinkMedia.VIDEO, None)
    assert [x.person.user_id for x in outcome.room.applications()] == ["alice", "bob"]
    assert outcome.moments == (ConnectionEnded(connection=gone), RequestMade(request=request))
    assert outcome.request == request


def test_who_was_returned_is_not_seated_again_by_the_room_itself() -> None:
    room = returned(r.with_options(ON_AIR, is_auto_accepting=True))
    assert r.request_of(room, r.BOB).is_held
    room = r.applied(room, r.ALICE)
    assert r.connection_of(room, r.ALICE) and r.request_of(room, r.BOB)
    connection = r.connection_of(r.act(room, r.HOST, c.AcceptNext()), r.BOB)
    assert (connection.microphone, connection.camera) == (DeviceState.CLOSED, DeviceState.CLOSED)


def test_the_room_gives_no_seat_away_by_itself_where_nobody_may_ask() -> None:
    room = r.applied(r.applied(r.live_room(seat_count=1), r.ALICE), r.BOB)
    closed = r.act(room, r.HOST, c.UpdateRoom(seat_mode=SeatMode.CLOSED, is_auto_accepting=True))
    assert r.connection_of(closed, r.HOST) and len(closed.connections) == 1
    paused = r.act(room, r.HOST, c.UpdateRoom(is_paused=True, is_auto_accepting=True))
    assert r.connection_of(paused, r.ALICE), "a pause concerns new applications only"


def test_who_was_returned_in_absence_waits_no_longer_than_any_absent_applicant() -> None:
    away = r.act(ON_AIR, r.CLOCK, i.SocketsLost("bob"), r.after(5))
    room = r.act(away, r.MONA, c.ReturnToQueue("bob"), r.after(10))
    assert r.request_of(room, r.BOB).gone_at == r.after(10)
    assert r.ticked(room, r.after(40) - r.INSTANT) == room
    assert r.ticked(room, r.after(40)).ended_requests[-1].cause == "left"


def test_a_guest_is_returned_into_the_last_place_of_the_queue_and_not_beyond() -> None:
    room = ON_AIR
    for number in range(PENDING_MAX - 1):
        room = r.applied(room, r.viewer(f"viewer{number}"))
    assert len(returned(room).requests) == PENDING_MAX
    full = r.applied(room, r.ALICE)
    assert r.code(full, r.MONA, c.ReturnToQueue("bob")) is ErrorCode.QUEUE_FULL
    assert r.connection_of(full, r.BOB)
