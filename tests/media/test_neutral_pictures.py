"""Watches with moving pictures and with sound only, and what is kept and counted, at every kind of media server."""

import pytest

from micconnect.media.base import SCREEN_PLACE, KeptWatch, MediaBackend, MediaRefused
from micconnect.media.pictures import NOBODY
from tests.media.moving import shows, watching
from tests.media.peers import MOVING, LightPublisher, LightWatcher, grant, peers

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_slots_of_a_watch_with_moving_pictures(backend: MediaBackend) -> None:
    offer = await backend.open_watch("slots", "bob", 10, is_staff=False, pictures=3)
    *seats, first, second, third, screen = offer.slots
    assert [(slot.seat_index, slot.video_mid, slot.picture) for slot in seats] == [(i, "", None) for i in range(10)]
    assert [(slot.seat_index, slot.audio_mid, slot.picture) for slot in (first, second, third)] == [
        (-1, "", 0),
        (-1, "", 1),
        (-1, "", 2),
    ]
    assert (screen.seat_index, screen.is_screen, screen.audio_mid, screen.picture) == (10, True, "", None)
    mids = [mid for slot in offer.slots for mid in (slot.audio_mid, slot.video_mid) if mid]
    assert len(set(mids)) == 14 == len(mids) == offer.sdp.count("m=")
    assert offer.sdp.count("m=audio") == 10 and offer.pictures == ()
    await backend.close_watch(offer.watch_id)


async def test_a_watch_of_sound_only_has_no_picture_at_all(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        await backend.show("sound", [1])
        open_peers.append(await LightPublisher().publish(backend, grant("sound", "ann")))
        watcher = await watching(backend, "sound", "bob", 0)
        open_peers.append(watcher)
        assert watcher.offer is not None
        assert "m=video" not in watcher.offer.sdp and watcher.offer.pictures == ()
        assert [(slot.is_screen, slot.video_mid) for slot in watcher.offer.slots] == [(False, "")] * 4
        await watcher.more(1, "audio")
        await backend.show("sound", [])


async def test_pictures_move_without_a_new_offer_and_the_sound_stays(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await watching(backend, "move", "bob", 2)
        open_peers.append(watcher)
        for seat in (0, 1, 2):
            publisher = LightPublisher(mark=0x10 * (seat + 1))
            open_peers.append(await publisher.publish(backend, grant("move", f"p{seat}", seat=seat)))
        await backend.show("move", [0, 1])
        await shows(watcher, 0, 0x10)
        await shows(watcher, 1, 0x20)
        await backend.show("move", [0, 2, 1])  # what is too much is not shown
        await shows(watcher, 1, 0x30)
        await shows(watcher, 0, 0x10)
        await backend.show("move", [NOBODY, 0])
        await shows(watcher, 1, 0x10)
        assert await watcher.silence(0, MOVING)
        for seat in (0, 1, 2):
            await watcher.more(seat, "audio")
        late = await watching(backend, "move", "eve", 1)
        open_peers.append(late)
        assert late.offer is not None and late.offer.pictures == (NOBODY,)
        await backend.show("move", [2, 0])
        await shows(late, 0, 0x30)


async def test_what_is_shown_follows_who_comes_and_is_never_the_viewer_or_the_backstage(
    backend: MediaBackend,
) -> None:
    async with peers() as open_peers:
        await backend.show("comes", [1, 2, 3])
        watcher = await watching(backend, "comes", "bob", 3)
        staff = await watching(backend, "comes", "sam", 3, is_staff=True)
        open_peers += [watcher, staff]
        own = await LightPublisher(mark=0x10).publish(backend, grant("comes", "bob", seat=1))
        behind = await LightPublisher(mark=0x20).publish(backend, grant("comes", "carl", seat=2, is_backstage=True))
        dora = grant("comes", "dora", seat=3)
        seen = await LightPublisher(mark=0x30).publish(backend, dora)
        open_peers += [own, behind, seen]
        for picture, mark in ((0, 0x10), (1, 0x20), (2, 0x30)):
            await shows(staff, picture, mark)
        await shows(watcher, 2, 0x30)
        assert not watcher.got[0, MOVING] and not watcher.got[1, MOVING]
        await backend.place("comes", {dora.grant_id: 0})
        assert await watcher.silence(2, MOVING)
        await backend.place("comes", {dora.grant_id: 2})
        await shows(watcher, 1, 0x30)
        await backend.cut("comes", dora.grant_id)
        assert await watcher.silence(1, MOVING)


async def test_no_slot_ever_shows_the_screen_instead_of_nobody(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        await backend.show("screen", [NOBODY, SCREEN_PLACE])
        watcher = await watching(backend, "screen", "bob", 2)
        open_peers.append(watcher)
        screen = grant("screen", "ann", seat=SCREEN_PLACE, audio_muted=True)
        open_peers.append(await LightPublisher(audio=False).publish(backend, screen))
        await watcher.more(SCREEN_PLACE, "video")
        assert not watcher.got[0, MOVING] and not watcher.got[1, MOVING]


@pytest.mark.parametrize("pictures", [-1, 11])
async def test_so_many_moving_pictures_there_are_not(backend: MediaBackend, pictures: int) -> None:
    with pytest.raises(MediaRefused, match="0 to 10"):
        await backend.open_watch("many", "bob", 3, is_staff=False, pictures=pictures)


async def test_watches_are_known_with_their_notes_until_they_end(backend: MediaBackend) -> None:
    one = await backend.open_watch("one", "bob", 2, is_staff=False, note="audience")
    two = await backend.open_watch("two", "sam", 2, is_staff=True, pictures=0, note="moderator")
    mine = {"one", "two"}
    assert {watch for watch in await backend.watches() if watch.room_id in mine} == {
        KeptWatch(one.watch_id, "one", "bob", False, "audience"),
        KeptWatch(two.watch_id, "two", "sam", True, "moderator"),
    }
    await backend.close_watch(one.watch_id)
    await backend.close_room("two")
    assert not [watch for watch in await backend.watches() if watch.room_id in mine]


async def test_what_is_shown_outlives_an_empty_room_but_not_its_end(backend: MediaBackend) -> None:
    await backend.show("empty", [3])
    offer = await backend.open_watch("empty", "bob", 4, is_staff=False, pictures=2)
    assert offer.pictures == (3,)
    await backend.close_watch(offer.watch_id)
    await backend.close_room("empty")
    offer = await backend.open_watch("empty", "bob", 4, is_staff=False, pictures=2)
    assert offer.pictures == ()
    await backend.close_watch(offer.watch_id)


async def test_rooms_are_those_of_which_anything_is_carried(backend: MediaBackend) -> None:
    assert "carried" not in await backend.rooms()
    offer = await backend.open_watch("carried", "bob", 2, is_staff=False)
    assert "carried" in await backend.rooms()
    await backend.close_watch(offer.watch_id)
    await backend.close_room("carried")
    assert "carried" not in await backend.rooms()


async def test_figures_count_rooms_feeds_and_watches(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        (before,) = await backend.figures()
        watcher = await LightWatcher().watch(backend, "count", "bob")
        open_peers += [watcher, await LightPublisher().publish(backend, grant("count", "ann"))]
        await watcher.more(1, "audio")
        (during,) = await backend.figures()
        assert during.name and during.is_up
        assert (during.rooms, during.feeds, during.watches) == (before.rooms + 1, before.feeds + 1, before.watches + 1)
        await backend.close_room("count")
        (after,) = await backend.figures()
        assert (after.feeds, after.watches) == (before.feeds, before.watches)


@pytest.mark.asyncio(loop_scope="function")
async def test_generations_are_above_the_known_one(new_backend: MediaBackend) -> None:
    ahead = 2**40
    await new_backend.start(above=ahead)
    try:
        assert new_backend.generation == ahead + 1
    finally:
        await new_backend.stop()
