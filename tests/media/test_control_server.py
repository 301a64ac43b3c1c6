"""What media control makes of a media server that comes, goes, went on without us, or moved a room."""

from msgspec.structs import replace

from micconnect.domain.internal import MediaGone, MediaServerBack, MediaServerLost, MediaUp
from micconnect.domain.room import Member
from micconnect.media.base import (
    BackendDown,
    BackendUp,
    Feed,
    KeptWatch,
    RoomMoved,
)
from micconnect.protocol.callbacks import (
    OnMediaMoved,
)
from tests.media.control import ANN, BOB, HOST, MONA, World, live_room, on_seat

HOSTS = on_seat(1, HOST, 0)
ANNS = on_seat(2, ANN, 1)


def mona(is_moderator: bool) -> tuple[Member, ...]:
    return (Member(person=MONA.person, is_moderator=is_moderator),)


# -- the media server comes and goes ----------------------------------------------------------------------------------
async def begun(world: World) -> World:
    """As a process begins: the server is as it was left."""
    await world.control.start()
    await world.settle()
    return world


async def test_a_new_media_server_tells_every_room_and_forgets_who_watched() -> None:
    world = await begun(World(live_room(HOSTS, ANNS)))
    await world.control.watch(world.room, BOB, None)
    world.books.fan.publish(BackendUp(7))
    await world.settle()
    assert world.performed == [MediaServerBack()] and world.control.watchers("show") == set()
    assert (world.said[-1].generation, world.said[-1].is_up) == (7, True)
    await world.control.stop()


async def test_a_media_server_that_went_on_without_us_is_taken_as_it_is() -> None:
    room = live_room(replace(HOSTS, has_media=True), ANNS, on_seat(3, BOB, 2, has_media=True), members=mona(True))
    world = await begun(World(room))
    world.books.lines = {
        "w1": KeptWatch("w1", "show", "vera", False, "audience"),
        "w2": KeptWatch("w2", "show", "mona", True, "audience"),
    }
    world.books.feeds = tuple(
        Feed(f"show.e.c{number}", audio_muted=False, video_muted=False, is_up=True, seat_index=number - 1)
        for number in (1, 2)
    )
    world.books.generation = 7
    world.books.fan.publish(BackendUp(7, is_kept=True))
    await world.settle()
    assert world.performed == [MediaUp(number=2), MediaGone(number=3)], "only what was missed"
    assert (world.said[-1].generation, world.said[-1].is_up) == (7, True)
    assert world.control.watchers("show") == {"vera", "mona"}
    world.become(members=mona(False))
    await world.settle()
    assert world.control.watchers("show") == {"vera"}, "who is no helper any more no longer sees the backstage"
    await world.control.stop()


async def test_a_taking_up_that_fails_is_tried_again_with_the_next_round() -> None:
    world = await begun(World(live_room(HOSTS)))
    world.books.is_busy = True
    world.books.fan.publish(BackendUp(1, is_kept=True))
    await world.settle()
    assert not world.said[-1].is_up
    world.books.is_busy = False
    world.books.lines = {
        "w1": KeptWatch("w1", "show", "vera", False, "audience"),
        "w2": KeptWatch("w2", "show", "otto", False, "a role of another version"),
    }
    await world.control.check()
    assert world.said[-1].is_up and world.control.watchers("show") == {"vera"}
    assert list(world.books.lines) == ["w1"], "whoever cannot be judged does not watch on"
    await world.control.stop()


async def test_what_the_media_server_carries_of_no_live_room_is_closed() -> None:
    """Its end was told while nobody was there to hear of it."""
    world = await begun(World(live_room(HOSTS)))
    world.books.fan.publish(BackendUp(1))
    await world.settle()
    world.books.carried = frozenset({"show", "long-over"})
    await world.control.check()
    await world.settle()
    assert [asked for asked in world.books.asked if asked[0] == "close_room"] == [("close_room", "long-over")]
    await world.control.stop()


async def test_what_was_kept_and_is_gone_again_is_not_said() -> None:
    world = await begun(World(live_room(HOSTS)))
    world.books.is_up = False
    world.books.fan.publish(BackendUp(1, is_kept=True))
    world.books.fan.publish(BackendDown())
    await world.settle()
    assert not world.said[-1].is_up
    await world.control.stop()


async def test_a_room_that_moves_keeps_its_seats_and_its_people_begin_anew() -> None:
    world = await begun(World(live_room(HOSTS, ANNS)))
    await world.control.watch(world.room, BOB, None)
    world.books.fan.publish(RoomMoved("show"))
    await world.settle()
    assert world.performed == [MediaServerBack()] and world.control.watchers("show") == set()
    assert world.told == [OnMediaMoved()]
    await world.control.stop()


async def test_a_media_server_that_does_not_come_up_is_told_to_the_rooms() -> None:
    world = World(live_room(HOSTS))
    world.books.is_up = False
    await begun(world)
    assert world.performed == [MediaServerLost()] and not world.said[-1].is_up
    await world.control.stop()
