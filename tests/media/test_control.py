"""What media control makes of rooms: grants, leave to publish and to watch, what is compared and reported."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from msgspec.structs import replace

from micconnect.domain.internal import MediaGone, MediaStalled, MediaUp, ScreenGone, ScreenStalled
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Member, RoomState, Sanction
from micconnect.facts import Facts
from micconnect.media.base import (
    SCREEN_PLACE,
    Feed,
    FeedGone,
    FeedStalled,
    FeedUp,
)
from micconnect.media.watches import PER_PERSON_MAX
from micconnect.mediagrants import grant_id, grants, report_of
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import Device, DeviceState, LinkMedia, RemovalReason, Role, SanctionKind
from tests.media.control import ANN, BOB, HOST, MONA, OPEN, World, actor, live_room, on_seat
from tests.media.test_sdp import PICTURE, SOUND, sdp

HOSTS = on_seat(1, HOST, 0)
ANNS = on_seat(2, ANN, 1)


def ban(who: Any, **more: Any) -> tuple[Sanction, ...]:
    kind = SanctionKind.ROOM_BAN
    fields = {"until": None, "reason": RemovalReason.OTHER, "created_at": timezone.now(), **more}
    return (Sanction(number=9, kind=kind, person=who.person, operator=HOST.person, **fields),)


# -- grants -----------------------------------------------------------------------------------------------------------
def test_everybody_on_a_seat_has_a_grant_as_the_room_says() -> None:
    quiet = replace(ANNS, camera=DeviceState.CLOSED, is_backstage=True, media=LinkMedia.AUDIO)
    host, ann = grants(live_room(HOSTS, quiet))
    assert (host.grant_id, host.user_id, host.seat_index) == ("show.e.c1", "host", 0)
    assert (host.has_video, host.audio_muted, host.video_muted, host.is_backstage) == (True, False, False, False)
    assert (ann.grant_id, ann.user_id, ann.seat_index) == ("show.e.c2", "ann", 1)
    assert (ann.has_video, ann.audio_muted, ann.video_muted, ann.is_backstage) == (False, False, True, True)


def test_the_lock_of_a_seat_mutes_whoever_sits_there() -> None:
    room = live_room(HOSTS, ANNS)
    room = room.put_seat(replace(room.seats[1], is_microphone_locked=True))
    assert [(g.audio_muted, g.video_muted) for g in grants(room)] == [(False, False), (True, False)]
    room = room.put_seat(replace(room.seats[1], is_microphone_locked=False, is_camera_locked=True))
    assert [(g.audio_muted, g.video_muted) for g in grants(room)] == [(False, False), (False, True)]


@pytest.mark.parametrize(("state", "count"), [(OPEN, 1), (DeviceState.CLOSED, 0), (DeviceState.LOCKED, 0)])
def test_a_screen_has_a_grant_of_its_own_while_it_is_open(state: DeviceState, count: int) -> None:
    sharing = replace(ANNS, screen=state, screen_number=7, is_backstage=True, media=LinkMedia.AUDIO)
    screens = [grant for grant in grants(live_room(HOSTS, sharing)) if grant.is_screen]
    assert len(screens) == count
    for screen in screens:
        assert (screen.grant_id, screen.user_id, screen.seat_index) == ("show.e.s7", "ann", SCREEN_PLACE)
        assert (screen.has_video, screen.video_muted, screen.audio_muted) == (True, False, True)
        assert screen.is_backstage, "as its owner"


def test_feeds_are_reported_by_their_kind() -> None:
    seat, screen = "a.show.e.c12", "a.show.e.s12"
    assert report_of(FeedUp("a.show", seat)) == MediaUp(number=12)
    assert report_of(FeedGone("a.show", seat)) == MediaGone(number=12)
    assert report_of(FeedUp("a.show", screen)) is None
    assert report_of(FeedGone("a.show", screen)) == ScreenGone(number=12)
    camera = (Device.CAMERA,)
    assert report_of(FeedStalled("a.show", seat, camera)) == MediaStalled(number=12, devices=camera)
    assert report_of(FeedStalled("a.show", seat, ())) == MediaStalled(number=12)
    assert report_of(FeedStalled("a.show", screen, camera)) == ScreenStalled(number=12, is_stalled=True)
    assert report_of(FeedStalled("a.show", screen, ())) == ScreenStalled(number=12, is_stalled=False)


# -- publishing -------------------------------------------------------------------------------------------------------
async def refusal(world: World, who: Any, offer: str = "", **more: bool) -> ErrorCode:
    with pytest.raises(Refused) as caught:
        await world.control.publish(world.room, who, offer or sdp(SOUND, PICTURE), **more)
    return caught.value.code


async def test_only_who_is_on_a_seat_publishes_and_seat_zero_is_the_hosts() -> None:
    world = World(live_room(HOSTS, ANNS))
    assert await refusal(world, BOB) is ErrorCode.NOT_ON_SEAT
    assert await refusal(world, actor("host", Role.MODERATOR)) is ErrorCode.FORBIDDEN
    assert await world.control.publish(world.room, HOST, sdp(SOUND, PICTURE)) == "answer"
    assert await world.control.publish(world.room, ANN, sdp(SOUND)) == "answer"
    assert [grant.grant_id for _, grant in world.books.asked] == ["show.e.c1", "show.e.c2"]


async def test_a_screen_is_published_when_it_is_open_and_with_a_picture_only() -> None:
    world = World(live_room(HOSTS, replace(ANNS, screen=OPEN, screen_number=7)))
    assert await refusal(world, HOST, sdp(PICTURE), is_screen=True) is ErrorCode.BAD_SDP
    assert await refusal(world, ANN, is_screen=True) is ErrorCode.BAD_SDP
    assert await world.control.publish(world.room, ANN, sdp(PICTURE), is_screen=True) == "answer"
    ((_, grant),) = world.books.asked
    assert grant.is_screen and grant.grant_id == "show.e.s7"
    world.room = live_room(HOSTS, replace(ANNS, screen=DeviceState.LOCKED, screen_number=7))
    assert await refusal(world, ANN, sdp(PICTURE), is_screen=True) is ErrorCode.DEVICE_LOCKED


# -- watching ---------------------------------------------------------------------------------------------------------
def mona(is_moderator: bool | None, who: Any = MONA) -> tuple[Member, ...]:
    return (Member(person=who.person, is_moderator=is_moderator),)


@pytest.mark.parametrize(
    ("who", "room", "is_staff"),
    [
        (HOST, live_room(), True),
        (actor("host"), live_room(), True),
        (actor("other", Role.HOST), live_room(), False),
        (ANN, live_room(), False),
        (ANN, live_room(members=mona(True, ANN)), True),
        (MONA, live_room(), True),
        (MONA, live_room(members=mona(False)), False),
    ],
)
async def test_the_staff_is_shown_the_backstage(who: Any, room: RoomState, is_staff: bool) -> None:
    world = World(room)
    offer = await world.control.watch(room, who, None)
    assert world.books.watched == {offer.watch_id: (who.user_id, 4, is_staff)}


async def test_who_is_banned_does_not_watch_and_whose_ban_is_over_does() -> None:
    world = World(live_room(sanctions=ban(BOB)))
    with pytest.raises(Refused) as caught:
        await world.control.watch(world.room, BOB, None)
    assert caught.value.code is ErrorCode.BANNED and world.books.asked == []
    over = live_room(sanctions=ban(BOB, until=timezone.now() - timedelta(seconds=1)))
    assert await world.control.watch(over, BOB, None)


async def test_a_watch_replaces_the_former_one_and_of_too_many_the_oldest_ends() -> None:
    world = World(live_room())
    first = await world.control.watch(world.room, BOB, None)
    second = await world.control.watch(world.room, BOB, first.watch_id)
    assert list(world.books.watched) == [second.watch_id]
    for _ in range(PER_PERSON_MAX - 1):
        await world.control.watch(world.room, BOB, None)
    assert len(world.books.watched) == PER_PERSON_MAX and second.watch_id in world.books.watched
    await world.control.watch(world.room, BOB, None)
    assert len(world.books.watched) == PER_PERSON_MAX and second.watch_id not in world.books.watched


async def test_a_ban_and_the_end_of_being_a_helper_end_watches_at_once() -> None:
    world = World(live_room())
    for who in (HOST, ANN, BOB, MONA):
        await world.control.watch(world.room, who, None)
    world.become(sanctions=ban(BOB))
    await world.settle()
    assert {viewer for viewer, _, _ in world.books.watched.values()} == {"host", "ann", "mona"}
    world.become(members=mona(False))
    await world.settle()
    assert {viewer for viewer, _, _ in world.books.watched.values()} == {"host", "ann"}
    await world.control.watch(world.room, MONA, None)
    await world.settle()
    assert ("mona", 4, False) in world.books.watched.values()


async def test_a_helper_who_ceases_to_be_one_while_the_offer_is_on_its_way_keeps_no_watch() -> None:
    world = World(live_room())
    world.books.gate.clear()
    opening = asyncio.create_task(world.control.watch(world.room, MONA, None))
    await world.settle()
    world.become(members=mona(False))
    await world.settle()
    world.books.gate.set()
    await opening
    await world.settle()
    assert world.books.watched == {}


async def test_watches_of_people_without_any_socket_end_after_the_grace_and_not_before(settings: Any) -> None:
    settings.WATCH_KEPT_S = 10
    world = World(live_room())
    await world.control.watch(world.room, ANN, None)
    await world.control.watch(world.room, BOB, None)
    world.here(ANN)
    await world.round()
    await world.round(after_s=9.9)
    assert len(world.books.watched) == 2
    world.here(ANN, BOB)
    await world.round()
    world.here(ANN)
    await world.round()
    await world.round(after_s=9.9)
    assert len(world.books.watched) == 2
    await world.round(after_s=0.1)
    assert {viewer for viewer, _, _ in world.books.watched.values()} == {"ann"}


async def test_who_leaves_by_the_last_window_keeps_no_watch_and_by_another_only_that_of_the_other() -> None:
    world = World(live_room())
    first, second = [await world.control.watch(world.room, BOB, None) for _ in range(2)]
    world.here(BOB)
    world.control.leave(world.slug, "bob", second.watch_id)
    await world.settle()
    await world.round()
    assert list(world.books.watched) == [first.watch_id]
    world.here()
    world.control.leave(world.slug, "bob", None)  # the watch was opened by an earlier socket of this window
    await world.round()
    assert world.books.watched == {}


async def test_who_comes_in_again_after_leaving_is_away_like_everybody_else(settings: Any) -> None:
    settings.WATCH_KEPT_S = 10
    world = World(live_room())
    await world.control.watch(world.room, BOB, None)
    world.control.leave(world.slug, "bob", None)
    await world.control.watch(world.room, BOB, None)
    await world.round()
    assert len(world.books.watched) == 2
    await world.round(after_s=10)
    assert world.books.watched == {}


async def test_a_large_room_shows_plain_viewers_moving_pictures_and_others_everybody(settings: Any) -> None:
    settings.MEDIA_PICTURES = 4
    small, large = live_room(HOSTS, ANNS), live_room(HOSTS, ANNS, options=RoomOptions(title="Show", seat_count=4))
    for room, bobs in ((small, None), (large, 4)):
        world = World(room)
        for who in (HOST, ANN, BOB, MONA):
            await world.control.watch(room, who, None)
        assert world.books.pictures == {"host": None, "ann": None, "bob": bobs, "mona": None}
        await world.control.watch(room, BOB, None, has_pictures=False)
        assert world.books.pictures["bob"] == 0


# -- what changes -----------------------------------------------------------------------------------------------------
async def test_moves_and_the_backstage_reach_the_media_server_with_the_change() -> None:
    world = World(live_room(HOSTS, ANNS))
    world.books.feeds = (
        Feed("show.e.c1", audio_muted=False, video_muted=False, is_up=True, seat_index=0),
        Feed("show.e.c2", audio_muted=False, video_muted=False, is_up=True, seat_index=1),
    )
    world.become(connections=(HOSTS, replace(ANNS, seat_index=3, is_backstage=True)))
    await world.settle()
    assert world.books.asked == [("backstage", "show.e.c2", True), ("place", {"show.e.c2": 3})]


# -- lost reports -----------------------------------------------------------------------------------------------------
async def test_a_screen_without_a_feed_is_reported_after_two_rounds_not_after_one() -> None:
    sharing = replace(ANNS, screen=OPEN, screen_number=7, has_media=True)
    world = World(live_room(replace(HOSTS, has_media=True), sharing, options=RoomOptions(title="Show")))
    facts = Facts(world)  # type: ignore[arg-type]
    seats = tuple(
        Feed(grant_id(world.room, name), audio_muted=False, video_muted=False, is_up=True, seat_index=0)
        for name in ("c1", "c2")
    )
    screen = Feed("show.e.s7", audio_muted=True, video_muted=False, is_up=False, seat_index=SCREEN_PLACE)
    world.books.feeds = (*seats, screen)
    for _ in range(3):
        await facts.check()
    assert world.performed == []
    world.books.feeds = seats
    await facts.check()
    assert world.performed == []
    await facts.check()
    assert world.performed == [ScreenGone(number=7)]


async def test_a_lost_report_about_a_device_that_stopped_is_made_again() -> None:
    sharing = replace(ANNS, screen=OPEN, screen_number=7, has_media=True)
    world = World(live_room(replace(HOSTS, has_media=True), sharing))
    facts = Facts(world)  # type: ignore[arg-type]
    host, ann, screen = (
        Feed(grant_id(world.room, name), audio_muted=False, video_muted=False, is_up=True, seat_index=0)
        for name in ("c1", "c2", "s7")
    )
    camera = (Device.CAMERA,)
    world.books.feeds = (host, replace(ann, stalled=camera), replace(screen, stalled=camera))
    await facts.check()
    assert world.performed == []
    await facts.check()
    assert set(world.performed) == {
        MediaStalled(number=2, devices=camera),
        ScreenStalled(number=7, is_stalled=True),
    }
    world.performed.clear()
    known = replace(sharing, stalled=(Device.CAMERA, Device.SCREEN))
    world.values[world.slug] = live_room(replace(HOSTS, has_media=True), known)
    for _ in range(3):
        await facts.check()
    assert world.performed == [], "the room knows"
    world.books.feeds = (host, ann, screen)
    for _ in range(2):
        await facts.check()
    assert set(world.performed) == {MediaStalled(number=2), ScreenStalled(number=7, is_stalled=False)}


async def test_what_is_closed_by_now_is_not_reported_to_have_stopped() -> None:
    quiet = replace(ANNS, camera=DeviceState.CLOSED, has_media=True)
    world = World(live_room(replace(HOSTS, has_media=True), quiet))
    facts = Facts(world)  # type: ignore[arg-type]
    world.books.feeds = tuple(
        Feed(grant_id(world.room, name), False, False, True, 0, stalled=(Device.CAMERA,) if name == "c2" else ())
        for name in ("c1", "c2")
    )
    for _ in range(3):
        await facts.check()
    assert world.performed == []


async def test_while_the_media_server_is_away_no_screen_is_closed() -> None:
    sharing = replace(ANNS, screen=OPEN, screen_number=7)
    world = World(live_room(HOSTS, sharing, has_media_server=False))
    world.books.is_up = False
    facts = Facts(world)  # type: ignore[arg-type]
    for _ in range(3):
        await facts.check()
    assert world.performed == []
