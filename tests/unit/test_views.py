"""Room values as the wire shows them."""

import pytest

from micconnect.domain import views
from micconnect.domain.internal import SocketsLost, command_fields, command_name
from micconnect.domain.room import Person
from micconnect.protocol import commands as c
from micconnect.protocol.words import LinkMedia, RejectReason, RemovalReason
from tests.unit import rooms as r


def test_the_room() -> None:
    info = views.live_info(r.live_room(seat_count=3, wait_s=5))
    assert (info.room_id, info.title, info.status, info.host.user_name) == ("show", "Show", "live", "Host")
    assert (info.seat_count, info.request_timeout_s, info.live_since) == (3, 5, r.NOW)


def test_the_seats_in_their_order() -> None:
    room = r.seated(r.seated(r.live_room(), r.ALICE), r.BOB)
    room = r.seated(r.act(room, r.ALICE, c.LeaveSeat()), r.CAROL)
    users = views.connected_users(room)
    assert [(user.seat_index, user.user_id) for user in users] == [(0, "host"), (1, "carol"), (2, "bob")]


def test_since_when_somebody_is_on_air() -> None:
    room = r.seated(r.live_room(), r.BOB, r.after(1), is_heard=False)
    assert views.connected_users(room)[1].since == r.after(1)
    assert views.connected_users(r.heard(room, r.BOB, r.after(4)))[1].since == r.after(4)


def test_the_queue_and_the_places_in_it() -> None:
    room = r.applied(r.invited(r.applied(r.live_room(), r.ALICE), r.BOB), r.CAROL)
    assert [request.user.user_id for request in views.requests(room)] == ["alice", "bob", "carol"]
    picture = views.Picture(room)
    places = {who.user_id: picture.my_state(who.person).place for who in (r.ALICE, r.BOB, r.CAROL, r.HOST)}
    assert places == {"alice": 1, "bob": None, "carol": 2, "host": None}
    room = r.act(room, r.ALICE, c.CancelApplication())
    assert views.Picture(room).my_state(r.CAROL.person).place == 1


def test_an_absent_applicant_is_shown_as_absent() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE, note="hi"), r.CLOCK, SocketsLost("alice"))
    (request,) = views.requests(room)
    assert (request.is_present, request.note, request.expires_at) == (False, "hi", r.after(60))


def test_the_state_of_a_stranger_is_empty() -> None:
    me = views.Picture(r.live_room()).my_state(r.ALICE.person)
    assert (me.request, me.place, me.connection, me.last_request, me.last_connection, me.can_apply_at) == (None,) * 6
    assert me.user.user_name == "Alice"


def test_the_state_of_a_rejected_applicant() -> None:
    room = r.applied(r.live_room(), r.ALICE)
    command = r.answer(room, r.ALICE, is_accepted=False, reason=RejectReason.SOUND, note="too quiet")
    me = views.Picture(r.act(room, r.MONA, command)).my_state(r.ALICE.person)
    last = me.last_request
    assert last and last.operator
    assert (last.state, last.reason, last.answer_note) == ("rejected", "sound", "too quiet")
    assert (last.operator.user_name, me.can_apply_at) == ("Mona", r.after(30))


def test_the_state_of_a_guest_who_was_taken_off() -> None:
    room = r.seated(r.live_room(), r.BOB, media=LinkMedia.AUDIO)
    on_air = views.Picture(room).my_state(r.BOB.person)
    assert on_air.connection and on_air.connection.media == "audio" and on_air.last_request
    room = r.act(room, r.HOST, c.DisconnectUser("bob", RemovalReason.TIME, "thanks"), r.after(7))
    me = views.Picture(room).my_state(r.BOB.person)
    last = me.last_connection
    assert me.connection is None and last and last.operator
    assert (last.seat_index, last.end_reason, last.ended_at) == (1, "terminated", r.after(7))
    assert (last.operator.user_name, last.reason, last.note) == ("Host", "time", "thanks")


def test_a_guest_who_left_was_taken_off_by_nobody() -> None:
    room = r.act(r.seated(r.live_room(), r.BOB), r.BOB, c.LeaveSeat())
    last = views.Picture(room).my_state(r.BOB.person).last_connection
    assert last and last.operator is None


def test_a_declined_invitation_asks_for_no_pause() -> None:
    room = r.invited(r.live_room(), r.ALICE)
    room = r.act(room, r.ALICE, r.reply(room, r.ALICE, is_accepted=False))
    assert views.Picture(room).my_state(r.ALICE.person).can_apply_at is None


@pytest.mark.parametrize("ends", ["request last", "connection last"])
def test_somebody_is_called_by_the_newest_name(ends: str) -> None:
    room = r.seated(r.live_room(), r.BOB)
    renamed = r.BOB.__class__(person=Person(user_id="bob", name="Bobby"), role=r.BOB.role)
    if ends == "request last":
        room = r.applied(r.act(room, r.BOB, c.LeaveSeat()), renamed)
        assert views.Picture(room).person("bob").name == "Bobby"
        room = r.act(room, renamed, c.CancelApplication())
        assert views.Picture(room).person("bob").name == "Bobby"
    else:
        room = r.act(room, r.BOB, c.LeaveSeat())
        room = r.applied(room, renamed, r.after(99))
        room = r.act(room, r.HOST, r.answer(room, renamed), r.after(99))
        assert views.Picture(room).person("bob").name == "Bobby"
        room = r.act(room, renamed, c.LeaveSeat(), r.after(99))
        assert views.Picture(room).person("bob").name == "Bobby"


def test_whose_line_the_room_must_know() -> None:
    room = r.applied(r.seated(r.live_room(), r.BOB), r.ALICE)
    known = {who.user_id: room.has_stake(who.user_id) for who in (r.HOST, r.BOB, r.ALICE, r.CAROL)}
    assert known == {"host": True, "bob": True, "alice": True, "carol": False}


def test_a_command_as_the_log_shows_it() -> None:
    command = c.Apply(LinkMedia.VIDEO, "hi")
    assert command_name(command) == "apply"
    assert command_fields(command) == {"media": "video", "note": "hi", "timeoutS": None}
