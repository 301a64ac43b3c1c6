"""The show: it begins once and ends once, and everything in it ends with it."""

import pytest

from micconnect.domain.outcome import ConnectionEnded, Dismissed, RequestEnded
from micconnect.domain.room import Actor
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import DeviceState, LinkMedia
from tests.unit import rooms as r


@pytest.mark.parametrize("media", LinkMedia)
def test_going_live_puts_the_host_on_seat_0(media: LinkMedia) -> None:
    outcome = r.decided(r.idle_room(), r.HOST, c.GoLive(media))
    host = r.connection_of(outcome.room, r.HOST)
    assert (outcome.room.status, outcome.room.live_at, outcome.room.seq) == ("live", r.NOW, 1)
    assert (host.seat_index, host.media, host.deadline) == (0, media, None)
    assert host.camera is (DeviceState.OPEN if media is LinkMedia.VIDEO else DeviceState.CLOSED)
    assert outcome.connection == host and outcome.moments == ()


def test_a_room_goes_live_once_and_ends_once() -> None:
    live = r.live_room()
    assert r.code(live, r.HOST, c.GoLive()) is ErrorCode.ALREADY_LIVE
    ended = r.act(live, r.HOST, c.EndLive())
    assert r.code(ended, r.HOST, c.GoLive()) is ErrorCode.ROOM_ENDED
    assert r.code(ended, r.HOST, c.EndLive()) is ErrorCode.ROOM_ENDED


@pytest.mark.parametrize(("who", "reason"), [(r.HOST, "host"), (r.ADA, "moderator"), (r.SERVER, "server")])
def test_ending_the_live_ends_everything(who: Actor, reason: str) -> None:
    room = r.invited(r.applied(r.seated(r.live_room(), r.BOB), r.ALICE), r.CAROL)
    outcome = r.decided(room, who, c.EndLive(), r.after(5))
    after = outcome.room
    assert (after.status, after.end_reason, after.ended_at) == ("ended", reason, r.after(5))
    assert after.requests == () and after.connections == ()
    assert [(q.state, q.cause) for q in after.ended_requests[1:]] == [("void", "room_ended")] * 2
    assert [(x.person.user_id, x.end_reason) for x in after.ended_connections] == [
        ("host", "dismissed"),
        ("bob", "dismissed"),
    ]
    kinds = [type(moment) for moment in outcome.moments]
    assert kinds == [RequestEnded, RequestEnded, ConnectionEnded, ConnectionEnded, Dismissed]


def test_a_room_that_never_went_live_can_be_ended() -> None:
    assert r.act(r.idle_room(), r.ADA, c.EndLive()).status == "ended"


def test_the_end_takes_the_links_and_the_spotlight_and_keeps_the_sanctions() -> None:
    room = r.act(r.seated(r.live_room(), r.BOB), r.HOST, c.CreateInviteLink())
    room = r.act(r.act(room, r.HOST, c.SetSpotlight("bob")), r.HOST, c.SetMetadata({"song": "1"}))
    ended = r.act(r.barred(room, 1), r.HOST, c.EndLive())
    assert (ended.links, ended.spotlight, len(ended.sanctions), ended.metadata) == ((), None, 1, (("song", "1"),))


def test_a_helper_cannot_end_the_show() -> None:
    assert r.code(r.helped(r.live_room(), r.ALICE), r.ALICE, c.EndLive()) is ErrorCode.FORBIDDEN


# -- the host's seat --------------------------------------------------------------------------------------------------
def test_a_host_who_need_not_sit_begins_without_a_seat_and_takes_it_later() -> None:
    room = r.live_room(keep_owner_on_seat=False)
    assert room.connections == () and room.status == "live"
    for wanted in (-1, 0):
        host = r.connection_of(r.act(room, r.HOST, c.TakeSeat(LinkMedia.AUDIO, wanted)), r.HOST)
        assert (host.seat_index, host.media, host.deadline, host.is_backstage) == (0, LinkMedia.AUDIO, None, False)
    assert r.code(room, r.HOST, c.TakeSeat(seat_index=1)) is ErrorCode.NO_SUCH_SEAT


def test_a_host_who_need_not_sit_leaves_the_seat_and_the_show_goes_on() -> None:
    room = r.seated(r.with_options(r.live_room(), keep_owner_on_seat=False), r.BOB)
    room = r.act(room, r.HOST, c.LeaveSeat())
    assert room.status == "live" and [x.person.user_id for x in room.connections] == ["bob"]
    back = r.act(room, r.HOST, c.TakeSeat())
    assert r.code(back, r.HOST, c.TakeSeat()) is ErrorCode.ALREADY_ON_SEAT


def test_the_time_limit_and_the_place_behind_the_stage_are_the_guests() -> None:
    host = r.live_room(time_limit_s=10, has_backstage=True).connections[0]
    assert (host.is_backstage, host.limit_s, host.ends_at) == (False, 0, None)


def test_only_the_host_of_the_room_goes_live() -> None:
    for who in (r.MALLORY, r.viewer("host"), r.MONA, r.ADA, r.SERVER):
        assert r.code(r.idle_room(), who, c.GoLive()) is ErrorCode.FORBIDDEN
