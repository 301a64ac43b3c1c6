"""What processes say to each other, without any process: as bytes, and what becomes of it where it is heard."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from msgspec import DecodeError

from micconnect import busmessages as m
from micconnect import store
from micconnect.cluster import Cluster
from micconnect.domain.notices import Notice
from micconnect.protocol.callbacks import Lane, OnRoomMetadataChanged
from micconnect.protocol.views import MediaInfo
from micconnect.roomhub import Change
from tests.conftest import NOW
from tests.unit import rooms as r


def changed(applicants: int, note: str = "") -> m.Changed:
    room = r.live_room()
    for number in range(applicants):
        room = r.applied(room, r.actor(f"Person{number}", r.ALICE.role))
    notices = [Notice(Lane.ROOM, "", (OnRoomMetadataChanged(metadata={"topic": note}),))]
    return m.Changed(origin="here.1.0", change=Change(room=room, notices=notices, at=NOW))


def test_a_change_comes_out_as_it_went_in() -> None:
    for message in (changed(0), changed(60)):
        assert m.decode(m.encode(message)) == message


def test_a_change_that_is_too_large_sends_others_to_the_log() -> None:
    message = changed(1, "x" * m.CHANGE_MAX_BYTES)
    assert m.decode(m.encode(message)) == m.Grown(origin="here.1.0", slug=message.change.room.slug)


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(DecodeError):
        m.decode(b"\x93\xa5Other\x01\x02")
    assert m.dialect() == m.dialect() != ""


class World:
    """Runtime and hub, as far as somebody who hears looks at them."""

    def __init__(self) -> None:
        self.hub = self
        self.rooms: dict[str, Any] = {}
        self.keeper: Any = None
        self.media = MediaInfo(family="sdp", generation=5, is_up=True)
        self.heard_changes: list[Change] = []
        self.followed: list[str] = []

    def heard(self, change: Change) -> None:
        self.heard_changes.append(change)

    async def follow(self, slug: str) -> None:
        self.followed.append(slug)

    def set_media(self, media: MediaInfo, at: datetime) -> None:
        self.media = media

    async def step_down(self) -> None:
        self.keeper = None


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    yield World()


async def hear(world: World, message: m.AnyMessage) -> None:
    Cluster(world)._hear(message)  # type: ignore[arg-type]
    await asyncio.sleep(0.01)


async def test_a_change_is_told_and_known_to_the_next_command(world: World) -> None:
    message = changed(1)
    await hear(world, message)
    assert world.heard_changes == [message.change]
    room = message.change.room
    assert store.cache.get(room) is room  # type: ignore[arg-type]
    await hear(world, m.Grown(origin="x", slug="show"))
    assert world.followed == ["show"]


def said(generation: int, *, is_up: bool = True) -> m.MediaSaid:
    return m.MediaSaid(origin="x", media=MediaInfo(family="sdp", generation=generation, is_up=is_up))


async def test_of_two_media_servers_the_newer_one_is_in_force(world: World) -> None:
    await hear(world, said(4))
    assert world.media.generation == 5
    await hear(world, said(5, is_up=False))
    assert not world.media.is_up
    await hear(world, said(6))
    assert (world.media.generation, world.media.is_up) == (6, True)


async def test_a_keeper_that_hears_of_a_newer_one_steps_back_and_of_an_older_one_does_not(world: World) -> None:
    world.keeper = keeper = object()
    await hear(world, said(5, is_up=False))
    assert world.keeper is keeper and world.media.is_up, "its own word counts"
    await hear(world, said(6))
    assert world.keeper is None and world.media.generation == 6


async def test_of_two_keepers_with_one_media_server_the_one_that_shows_no_life_steps_back(world: World) -> None:
    world.keeper = keeper = object()
    await hear(world, said(5))
    assert world.keeper is keeper
    silent = Cluster(world)  # type: ignore[arg-type]
    silent._is_silent = True  # its beat does not reach the database
    silent._hear(said(5))
    await asyncio.sleep(0)
    assert world.keeper is None
