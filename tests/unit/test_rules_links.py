"""Invitation links: uses, time, and what they do not do."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from micconnect.domain.room import Actor, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import INVITE_LINKS_MAX, LinkMedia, SeatMode
from tests.unit import rooms as r

USE = c.UseInviteLink("a token")


def linked(room: RoomState, **fields: object) -> RoomState:
    return r.act(room, r.MONA, c.CreateInviteLink(**{"expires_s": 60, **fields}))  # type: ignore[arg-type]


def holding(room: RoomState, who: Actor) -> Actor:
    """`who`, with the token of the room's newest link."""
    return replace(who, link=room.links[-1].number)


def used(room: RoomState, who: Actor, now: datetime = r.NOW, media: LinkMedia | None = None) -> RoomState:
    return r.act(room, holding(room, who), c.UseInviteLink("a token", media), now)


def test_a_link_says_who_made_it_for_how_many_and_until_when() -> None:
    room = linked(r.idle_room(), media=LinkMedia.AUDIO, uses=3)
    (link,) = room.links
    assert (link.media, link.uses_left, link.operator) == (LinkMedia.AUDIO, 3, r.MONA.person)
    assert (link.created_at, link.expires_at) == (r.NOW, r.after(60))
    assert link.number == room.last_number and link.link_id == f"l{link.number}"


def test_a_link_seats_as_often_as_it_says_and_not_once_more() -> None:
    room = linked(r.live_room(), uses=2)
    alice, bob, carol = (holding(room, who) for who in (r.ALICE, r.BOB, r.CAROL))
    room = r.act(room, alice, USE)
    assert (r.connection_of(room, r.ALICE).microphone, room.links[0].uses_left) == ("open", 1)
    room = r.act(room, bob, USE)
    assert r.connection_of(room, r.BOB) and room.links == ()
    assert r.code(room, carol, USE) is ErrorCode.NO_SUCH_LINK


def test_a_link_works_until_its_time_and_not_at_it() -> None:
    room = linked(r.live_room())
    assert r.connection_of(used(room, r.ALICE, r.after(60) - r.INSTANT), r.ALICE)
    assert r.code(room, holding(room, r.ALICE), USE, r.after(60)) is ErrorCode.NO_SUCH_LINK
    assert r.ticked(room, r.after(60) - r.INSTANT) == room
    assert r.ticked(room, r.after(60)).links == ()


def test_a_link_that_was_withdrawn_seats_nobody_and_who_sits_stays() -> None:
    room = used(linked(r.live_room(), uses=5), r.BOB)
    alice = holding(room, r.ALICE)
    outcome = r.decided(room, r.HOST, c.RevokeInviteLink(room.links[0].link_id))
    assert outcome.link == room.links[0] and outcome.room.links == ()
    assert r.connection_of(outcome.room, r.BOB)
    assert r.code(outcome.room, alice, USE) is ErrorCode.NO_SUCH_LINK
    assert r.code(outcome.room, r.HOST, c.RevokeInviteLink(room.links[0].link_id)) is ErrorCode.NO_SUCH_LINK


@pytest.mark.parametrize("link", [None, 0, 999])
def test_who_holds_no_token_of_this_room_has_no_link(link: int | None) -> None:
    room = linked(r.live_room())
    assert r.code(room, replace(r.ALICE, link=link), USE) is ErrorCode.NO_SUCH_LINK


def test_with_all_seats_taken_nothing_is_used_up() -> None:
    room = linked(r.seated(r.live_room(seat_count=1), r.BOB))
    alice = holding(room, r.ALICE)
    assert r.code(room, alice, USE) is ErrorCode.SEATS_FULL
    freed = r.act(room, r.BOB, c.LeaveSeat())
    assert r.connection_of(r.act(freed, alice, USE), r.ALICE)


@pytest.mark.parametrize(
    ("offered", "own", "seated"),
    [("video", None, "video"), ("video", "audio", "audio"), ("audio", None, "audio"), ("audio", "video", "audio")],
)
def test_one_comes_with_as_much_as_the_link_offers_or_less(offered: str, own: str | None, seated: str) -> None:
    room = linked(r.live_room(), media=LinkMedia(offered))
    room = used(room, r.ALICE, media=LinkMedia(own) if own else None)
    assert r.connection_of(room, r.ALICE).media == seated


def test_whom_the_staff_vouched_for_needs_nothing_else() -> None:
    options = {"needs_login": True, "min_stay_s": 60, "is_paused": True, "seat_mode": SeatMode.INVITE_ONLY}
    assert r.connection_of(used(linked(r.live_room(**options)), r.ALICE), r.ALICE)


def test_a_link_opens_no_closed_seats_and_lifts_no_bar() -> None:
    room = linked(r.live_room(), uses=9)
    alice = holding(room, r.ALICE)
    closed = r.with_options(room, seat_mode=SeatMode.CLOSED)
    assert r.code(closed, alice, USE) is ErrorCode.SEAT_MODE
    barred = r.act(r.present(room, r.ALICE), r.HOST, c.BarUser("alice"))
    assert r.code(barred, alice, USE) is ErrorCode.BARRED
    assert r.code(r.placed(room, r.ALICE), alice, USE) is ErrorCode.ALREADY_ON_SEAT


def test_a_link_ends_the_own_open_request() -> None:
    room = used(r.applied(linked(r.live_room()), r.ALICE), r.ALICE)
    assert (room.requests, room.ended_requests[0].cause) == ((), "seated_otherwise")


def test_nobody_is_seated_by_a_link_before_or_after_the_show() -> None:
    room = linked(r.idle_room())
    assert r.code(room, holding(room, r.ALICE), USE) is ErrorCode.ROOM_NOT_LIVE
    live = r.act(room, r.HOST, c.GoLive())
    assert r.connection_of(used(live, r.ALICE), r.ALICE)
    ended = r.act(live, r.HOST, c.EndLive())
    assert r.code(ended, holding(live, r.ALICE), USE) is ErrorCode.ROOM_ENDED
    assert r.code(ended, r.HOST, c.CreateInviteLink()) is ErrorCode.ROOM_ENDED


def test_as_many_links_as_a_room_may_have_and_one_more() -> None:
    room = r.idle_room()
    for _ in range(INVITE_LINKS_MAX):
        room = linked(room)
    refused = r.refused(room, r.HOST, c.CreateInviteLink(), r.after(60) - r.INSTANT)
    assert (refused.code, refused.details) == (ErrorCode.TOO_MANY, {"limit": INVITE_LINKS_MAX})
    assert len(r.act(room, r.HOST, c.CreateInviteLink(), r.after(60)).links) == 1, "no clock runs before the show"


def test_links_go_with_the_right_to_make_them() -> None:
    helper = r.viewer("erin")
    room = replace(r.live_room(), invitee=helper.person)
    room = r.act(room, r.HOST, c.SetModerator("erin", True))
    room = r.act(r.act(room, helper, c.CreateInviteLink()), r.HOST, c.CreateInviteLink())
    for command in (c.SetModerator("erin", False), c.BanUser("erin")):
        (left,) = r.act(room, r.HOST, command).links
        assert left.operator == r.HOST.person
