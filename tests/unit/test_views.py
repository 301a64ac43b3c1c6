"""Room values as the wire shows them."""

import pytest

from micconnect.domain import views
from micconnect.domain.internal import Renamed, SocketsLost, command_fields, command_name
from micconnect.domain.room import Person
from micconnect.protocol import commands as c
from micconnect.protocol.words import Layout, LinkMedia, RejectReason, RemovalReason
from tests.unit import rooms as r


def test_the_room() -> None:
    info = views.live_info(r.live_room(seat_count=3, request_timeout_s=5))
    assert (info.room_id, info.options.title, info.status, info.host.user_name) == ("show", "Show", "live", "Host")
    assert (info.seat_count, info.options.request_timeout_s, info.live_since) == (3, 5, r.NOW)


def test_everybody_sees_who_helps_who_is_shown_large_and_how_many_seats_there_are() -> None:
    room = r.helped(r.live_room(layout=Layout.FLOAT), r.ALICE)
    info = views.live_info(r.act(room, r.HOST, c.SetSpotlight("host")))
    assert ([x.user_id for x in info.moderators], info.spotlight) == (["alice"], "host")
    assert (info.options.seat_count, info.seat_count) == (9, 6)


def test_the_list_of_seats_shows_locks_and_who_sits_where() -> None:
    room = r.act(r.seated(r.live_room(seat_count=3), r.BOB), r.HOST, c.LockSeat(2, is_locked=True))
    room = r.act(r.act(room, r.HOST, c.LockSeat(1, is_camera_locked=True)), r.HOST, c.LockSeat(3, False, True))
    assert [
        (s.seat_index, s.user_id, s.is_locked, s.is_microphone_locked, s.is_camera_locked)
        for s in views.seat_list(room)
    ] == [
        (0, "host", False, False, False),
        (1, "bob", False, False, True),
        (2, "", True, False, False),
        (3, "", False, True, False),
    ]
    shown = views.connected_users(room)[1]
    assert (shown.microphone, shown.camera, shown.screen) == ("open", "locked", "locked")


def test_what_the_staff_sees_of_somebody_in_the_queue() -> None:
    room = r.act(r.seated(r.live_room(), r.BOB), r.BOB, c.LeaveSeat(), r.after(40))
    room = r.applied(room, r.BOB, r.after(40))
    room = r.act(room, r.HOST, r.answer(room, r.BOB, is_accepted=False), r.after(41))
    (request,) = views.requests(r.applied(room, r.BOB, r.after(80), seat_index=3, extra_info="{}"))
    assert (request.refusals, request.spoken_s, request.seat_index, request.extra_info) == (1, 40, 3, "{}")


def test_the_state_of_somebody_barred_and_of_a_helper() -> None:
    room = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice", 60))
    bar = views.Picture(room).my_state(r.ALICE.person).bar
    assert bar and (bar.kind, bar.until, bar.operator.user_name) == ("mic_bar", r.after(60), "Host")
    banned = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BanUser("alice", 60))
    assert views.Picture(banned).my_state(r.ALICE.person).bar is None
    helped = r.helped(room, r.BOB)
    ended = r.act(helped, r.HOST, c.SetModerator("bob", False))
    rights = [views.Picture(x).my_state(r.BOB.person).is_moderator for x in (room, helped, ended)]
    assert rights == [None, True, False]


def test_an_applicant_sees_when_a_seat_may_come() -> None:
    room = r.applied(r.seated(r.live_room(seat_count=1, time_limit_s=30), r.BOB), r.ALICE)
    assert views.Picture(room).my_state(r.ALICE.person).likely_at == r.after(30)
    assert views.Picture(room).my_state(r.BOB.person).likely_at is None


def test_a_link_is_shown_without_its_secret() -> None:
    (link,) = views.links(r.act(r.live_room(), r.MONA, c.CreateInviteLink(LinkMedia.AUDIO, 3, 60)))
    assert (link.media, link.uses_left, link.expires_at, link.operator.user_name) == ("audio", 3, r.after(60), "Mona")
    assert set(link.__struct_fields__) == {"link_id", "media", "uses_left", "expires_at", "operator"}


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
    assert [request.user.user_id for request in views.requests(room)] == ["alice", "carol", "bob"]
    picture = views.Picture(room)
    places = {who.user_id: picture.my_state(who.person).place for who in (r.ALICE, r.BOB, r.CAROL, r.HOST)}
    assert places == {"alice": 1, "bob": None, "carol": 2, "host": None}
    room = r.act(room, r.ALICE, c.CancelApplication())
    assert views.Picture(room).my_state(r.CAROL.person).place == 1


def test_an_absent_applicant_is_shown_as_absent() -> None:
    room = r.act(r.applied(r.live_room(), r.ALICE, note="hi"), r.CLOCK, SocketsLost("alice"))
    (request,) = views.requests(room)
    assert (request.is_present, request.note, request.expires_at) == (False, "hi", None)


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
    room = r.act(r.seated(r.live_room(), r.BOB), r.CLOCK, Renamed("bob", "Bobby"))
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
    command = c.RespondToInvitation("r7", True)
    assert command_name(command) == "respondToInvitation"
    assert command_fields(command) == {"requestId": "r7", "isAccepted": True, "media": None, "entry": "open"}
    assert command_fields(c.UseInviteLink("a secret", LinkMedia.AUDIO)) == {"media": "audio", "entry": "open"}, (
        "no secrets"
    )


def test_somebody_of_whom_only_a_right_or_a_bar_is_known_has_a_name_too() -> None:
    helped = r.helped(r.live_room(), r.ALICE)
    assert views.Picture(helped).person("alice").name == "Alice"
    barred = r.act(r.present(r.live_room(), r.ALICE), r.HOST, c.BarUser("alice"))
    assert views.Picture(barred).person("alice").name == "Alice"


def test_whom_the_staff_has_missed_newest_first() -> None:
    room = r.applied(r.applied(r.live_room(), r.ALICE, timeout_s=10), r.BOB, timeout_s=20)
    room = r.ticked(r.ticked(room, r.after(10)), r.after(20))
    assert [(q.user.user_id, q.state) for q in views.missed(room, r.after(30))] == [
        ("bob", "timeout"),
        ("alice", "timeout"),
    ]
