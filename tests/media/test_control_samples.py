"""What is measured of live rooms and told: volumes, qualities, moving pictures, health."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from micconnect import mediasampling
from micconnect.domain.outcome import Refused
from micconnect.domain.room import RoomState
from micconnect.media.base import (
    FeedStats,
)
from micconnect.mediasampling import RETELL_SAMPLES
from micconnect.protocol.callbacks import (
    OnPicturesChanged,
    OnUserNetworkQualityChanged,
    OnUserVoiceVolumeChanged,
)
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Quality, RoomStatus
from tests.media.control import ANN, BOB, HOST, MONA, World, actor, live_room, on_seat
from tests.media.peers import until

HOSTS = on_seat(1, HOST, 0)
ANNS = on_seat(2, ANN, 1)


# -- samples ----------------------------------------------------------------------------------------------------------
def stats(number: int, level: int, loss: float = 0.0) -> FeedStats:
    return FeedStats(grant_id=f"show.e.c{number}", audio_level=level, loss=loss, kbps=500, rtt_ms=20)


async def test_volumes_and_qualities_are_told_when_they_change_and_to_who_joins() -> None:
    world = World(live_room(HOSTS, ANNS))
    world.here(HOST, ANN, BOB)
    world.books.stats = (stats(1, 55), stats(2, 0, loss=0.5))
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    volumes = OnUserVoiceVolumeChanged(volumes={"host": 50})
    qualities = OnUserNetworkQualityChanged(qualities={"host": Quality.GOOD, "ann": Quality.BAD})
    assert world.told == [volumes, qualities]
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [volumes, qualities]
    world.here(HOST, ANN, BOB, MONA)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [volumes, qualities] * 2
    assert world.books.kinds() == ["measure"] * 3


@pytest.mark.parametrize(
    ("room", "people"),
    [
        (live_room(HOSTS), [HOST]),
        (live_room(HOSTS, status=RoomStatus.IDLE), [HOST, BOB]),
        (replace(live_room(HOSTS), connections=()), [HOST, BOB]),
    ],
)
async def test_nothing_is_measured_where_nobody_could_hear_of_anybody(room: RoomState, people: list[Any]) -> None:
    world = World(room)
    world.here(*people)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.books.asked == [] and world.told == []


async def test_what_was_told_is_taken_back_when_there_is_nothing_to_measure_any_more() -> None:
    world = World(live_room(HOSTS, ANNS))
    world.here(HOST, BOB)
    world.books.stats = (stats(1, 55),)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    world.told.clear()
    world.books.is_busy = True
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [], "the same as before, as far as anybody knows"
    world.books.is_up = False
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [OnUserVoiceVolumeChanged(volumes={}), OnUserNetworkQualityChanged(qualities={})]


async def test_moving_pictures_are_chosen_shown_and_told_also_to_who_comes_later(settings: Any) -> None:
    settings.MEDIA_PICTURES = 2
    world = World(live_room(HOSTS, ANNS, on_seat(3, BOB, 2)))
    world.here(HOST, ANN, BOB, MONA)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.books.asked == [("measure", "show"), ("show", (0, 1))]
    assert world.told == [OnPicturesChanged(seats=(0, 1))]
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert len(world.told) == 1, "nothing new"
    await world.control.watch(world.room, actor("vera"), None)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [OnPicturesChanged(seats=(0, 1))] * 2
    world.here(HOST, ANN, BOB, MONA, actor("vera"))
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [OnPicturesChanged(seats=(0, 1))] * 3, "whoever comes back has missed the moves since"
    world.books.asked.clear()
    world.control.sampler.show_again()
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert ("show", (0, 1)) in world.books.asked


async def test_a_picture_that_moves_is_nobodys_until_the_media_server_shows_it(settings: Any) -> None:
    settings.MEDIA_PICTURES = 2
    world = World(live_room(HOSTS, ANNS, on_seat(3, BOB, 2)))
    world.here(HOST, ANN, BOB, MONA)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    world.told.clear()
    world.room = replace(world.room, spotlight="bob")
    world.books.measures_though_busy = world.books.is_busy = True
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [OnPicturesChanged(seats=(0, -1))]
    world.books.is_busy = False
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told == [OnPicturesChanged(seats=(0, -1)), OnPicturesChanged(seats=(0, 2))]
    for _ in range(RETELL_SAMPLES - 1):
        await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert len(world.told) == 2
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert world.told[2:] == [OnPicturesChanged(seats=(0, 2))], "the bus may have lost it"


# -- health -----------------------------------------------------------------------------------------------------------
async def test_the_staff_may_ask_how_media_arrive_also_where_nobody_else_is() -> None:
    world = World(live_room(HOSTS))
    world.books.stats = (stats(1, 55),)
    (seat,) = await world.control.health(world.room, HOST)
    assert (seat.user_id, seat.seat_index, seat.kbps, seat.rtt_ms, seat.audio_level) == ("host", 0, 500, 20, 55)
    with pytest.raises(Refused) as caught:
        await world.control.health(world.room, BOB)
    assert caught.value.code is ErrorCode.FORBIDDEN


async def test_only_who_is_on_air_reports_a_line() -> None:
    world = World(live_room(HOSTS, ANNS))
    world.here(HOST, ANN, BOB)
    world.books.stats = (replace(stats(2, 55), rtt_ms=None),)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    world.control.report_line(world.room, ANN, 70)
    await world.control.sampler.sample(world)  # type: ignore[arg-type]
    assert [seat.rtt_ms for seat in await world.control.health(world.room, HOST)] == [70]
    with pytest.raises(Refused) as caught:
        world.control.report_line(world.room, BOB, 70)
    assert caught.value.code is ErrorCode.NOT_ON_SEAT


async def test_rooms_are_sampled_again_and_again_and_one_that_fails_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mediasampling, "SAMPLE_S", 0.001)
    world = World(live_room(HOSTS, ANNS))
    world.here(HOST, BOB)
    world.books.stats = (stats(1, 55),)
    world.rooms["broken"] = SimpleNamespace(slug="broken")  # type: ignore[assignment]
    sampling = asyncio.create_task(world.control.sampler.keep_sampling(world.audiences))
    await until(lambda: world.books.kinds().count("measure") >= 2, "two rounds")
    assert OnUserVoiceVolumeChanged(volumes={"host": 50}) in world.told
    assert "a sample of a room's media failed" in caplog.text
    world.rooms.clear()
    await until(lambda: not world.control.sampler._rooms, "rooms that are gone to be forgotten")
    sampling.cancel()
    await asyncio.wait({sampling})
