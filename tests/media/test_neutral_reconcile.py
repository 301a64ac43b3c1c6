"""What the room says and what the media server does are made alike, however often and wherever it is interrupted."""

import asyncio
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from micconnect.media.base import Feed, MediaBackend, MediaUnavailable, SeatGrant, reconcile
from micconnect.protocol.words import Device
from tests.media.peers import LightPublisher, grant, peers

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Interrupted:
    """The backend with its n-th change failing; keeps what was asked of it."""

    def __init__(self, backend: MediaBackend, fail_at: int = 0) -> None:
        self._backend = backend
        self._fail_at = fail_at
        self.asked: list[tuple[object, ...]] = []

    def _ask(self, *what: object) -> None:
        self.asked.append(what)
        if len(self.asked) == self._fail_at:
            raise MediaUnavailable("away")

    async def snapshot(self, room_id: str) -> tuple[Feed, ...]:
        return await self._backend.snapshot(room_id)

    async def cut(self, room_id: str, grant_id: str) -> None:
        self._ask("cut", grant_id)
        await self._backend.cut(room_id, grant_id)

    async def set_backstage(self, room_id: str, grant_id: str, is_backstage: bool) -> None:
        self._ask("backstage", grant_id, is_backstage)
        await self._backend.set_backstage(room_id, grant_id, is_backstage)

    async def place(self, room_id: str, places: Mapping[str, int]) -> None:
        self._ask("place", dict(places))
        await self._backend.place(room_id, places)

    async def set_muted(self, room_id: str, grant_id: str, device: Device, is_muted: bool) -> None:
        self._ask(device, grant_id, is_muted)
        await self._backend.set_muted(room_id, grant_id, device, is_muted)


def changed(seat: SeatGrant, audio_muted: bool, video_muted: bool) -> SeatGrant:
    return replace(seat, audio_muted=audio_muted, video_muted=video_muted)


async def all_up(backend: MediaBackend, room_id: str) -> tuple[Feed, ...]:
    """The feeds of a room once media of all have arrived."""
    for _ in range(1000):
        feeds = await backend.snapshot(room_id)
        if all(feed.is_up for feed in feeds):
            return feeds
        await asyncio.sleep(0.02)
    pytest.fail(f"waited in vain for media: {feeds}")


async def test_strangers_are_cut_then_muted_then_unmuted_and_a_second_time_nothing_happens(
    backend: MediaBackend,
) -> None:
    async with peers() as open_peers:
        stranger = grant("order", "eve", seat=1)
        ann = grant("order", "ann", seat=2, audio_muted=True)
        bob = grant("order", "bob", seat=3)
        for seat in (ann, bob, stranger):
            open_peers.append(await LightPublisher().publish(backend, seat))
        wanted = [changed(ann, False, False), changed(bob, True, True), grant("order", "not-there-yet", seat=4)]
        door = Interrupted(backend)
        await reconcile(door, "order", wanted)
        assert door.asked == [
            ("cut", stranger.grant_id),
            (Device.MICROPHONE, bob.grant_id, True),
            (Device.CAMERA, bob.grant_id, True),
            (Device.MICROPHONE, ann.grant_id, False),
        ]
        assert set(await all_up(backend, "order")) == {
            Feed(ann.grant_id, audio_muted=False, video_muted=False, is_up=True, seat_index=2),
            Feed(bob.grant_id, audio_muted=True, video_muted=True, is_up=True, seat_index=3),
        }
        again = Interrupted(backend)
        await reconcile(again, "order", wanted)
        assert again.asked == []


async def test_whichever_call_fails_the_next_reconciliation_ends_right(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        for fail_at in (1, 2, 3):
            room = f"fails{fail_at}"
            stranger, ann = grant(room, "eve", seat=1), grant(room, "ann", seat=2, video_muted=True)
            for seat in (stranger, ann):
                open_peers.append(await LightPublisher().publish(backend, seat))
            wanted = [changed(ann, True, False)]
            with pytest.raises(MediaUnavailable):
                await reconcile(Interrupted(backend, fail_at), room, wanted)
            await reconcile(backend, room, wanted)
            left = Feed(ann.grant_id, audio_muted=True, video_muted=False, is_up=True, seat_index=2)
            assert await all_up(backend, room) == (left,)


async def test_a_room_without_grants_is_emptied(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        open_peers.append(await LightPublisher().publish(backend, grant("empty", "ann")))
        await reconcile(backend, "empty", [])
        assert await backend.snapshot("empty") == ()


async def test_silence_comes_first_then_all_moves_at_once_then_what_lets_through(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("moves", "ann", seat=1, is_backstage=True)
        bob = grant("moves", "bob", seat=2, audio_muted=True)
        carl = grant("moves", "carl", seat=3)
        for seat in (ann, bob, carl):
            open_peers.append(await LightPublisher().publish(backend, seat))
        wanted = [
            replace(ann, seat_index=2, is_backstage=False),
            replace(bob, seat_index=1, audio_muted=False),
            replace(carl, is_backstage=True),
        ]
        door = Interrupted(backend)
        await reconcile(door, "moves", wanted)
        assert door.asked == [
            ("backstage", carl.grant_id, True),
            ("place", {ann.grant_id: 2, bob.grant_id: 1}),
            (Device.MICROPHONE, bob.grant_id, False),
            ("backstage", ann.grant_id, False),
        ]
        assert {(feed.grant_id, feed.seat_index, feed.is_backstage) for feed in await backend.snapshot("moves")} == {
            (ann.grant_id, 2, False),
            (bob.grant_id, 1, False),
            (carl.grant_id, 3, True),
        }
        again = Interrupted(backend)
        await reconcile(again, "moves", wanted)
        assert again.asked == []


async def test_nobody_is_let_through_on_a_seat_that_is_not_theirs(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("stuck", "ann", seat=1, is_backstage=True, audio_muted=True, video_muted=True)
        open_peers.append(await LightPublisher().publish(backend, ann))
        wanted = [replace(ann, seat_index=2, is_backstage=False, audio_muted=False, video_muted=False)]
        with pytest.raises(MediaUnavailable):
            await reconcile(Interrupted(backend, 1), "stuck", wanted)
        (feed,) = await all_up(backend, "stuck")
        assert feed.seat_index == 1 and feed.is_backstage and feed.audio_muted and feed.video_muted
