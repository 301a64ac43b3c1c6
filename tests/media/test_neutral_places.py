"""Who is shown where and to whom: seats that change, the backstage, the shared screen, all without new SDP."""

import pytest
from aiortc import RTCSessionDescription
from aiortc.rtp import RtpPacket

from micconnect.media.base import SCREEN_FACTOR, SCREEN_PLACE, FeedGone, FeedUp, MediaBackend, MediaRefused
from tests.media.peers import Heard, LightPublisher, LightWatcher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


def shows(watcher: LightWatcher, seat: int, mark: int) -> bool:
    """Whether the newest packets of both kinds on a slot are of the publisher with this mark."""
    return all(watcher.got[seat, kind][-1:] and watcher.got[seat, kind][-1].payload[-1] == mark for kind in KINDS)


KINDS = ("audio", "video")


def assert_seamless(packets: list[RtpPacket]) -> None:
    """One stream, without holes and with time going on: a decoder notices nothing but a key frame."""
    assert len({packet.ssrc for packet in packets}) == 1
    for before, after in zip(packets, packets[1:], strict=False):
        assert (after.sequence_number - before.sequence_number) & 0xFFFF == 1
        assert 0 <= (after.timestamp - before.timestamp) & 0xFFFFFFFF < 60 * 90000


async def test_a_guest_who_moves_appears_on_the_new_seat_and_leaves_the_old_one(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "move", "bob")
        ann = grant("move", "ann", seat=1)
        open_peers += [watcher, await LightPublisher().publish(backend, ann)]
        await watcher.more(1, "video")
        await backend.place("move", {ann.grant_id: 2, "not there": 1})
        (feed,) = await backend.snapshot("move")
        assert feed.seat_index == 2
        await watcher.more(2, "video")
        await watcher.more(2, "audio")
        assert await watcher.silence(1, "video") and await watcher.silence(1, "audio")
        newcomer = await LightWatcher().watch(backend, "move", "carl")
        open_peers.append(newcomer)
        await newcomer.more(2, "video")
        assert newcomer.count(1, "video") == 0


@pytest.mark.parametrize("at_once", [True, False])
async def test_two_who_change_places_are_each_on_the_others_seat(backend: MediaBackend, at_once: bool) -> None:
    async with peers() as open_peers:
        room = f"swap{at_once}"
        watcher = await LightWatcher().watch(backend, room, "bob")
        ann, carl = grant(room, "ann", seat=1), grant(room, "carl", seat=2)
        open_peers += [
            watcher,
            await LightPublisher(mark=0x10).publish(backend, ann),
            await LightPublisher(mark=0x20).publish(backend, carl),
        ]
        await until(lambda: shows(watcher, 1, 0x10) and shows(watcher, 2, 0x20), "both on their seats")
        if at_once:
            await backend.place(room, {ann.grant_id: 2, carl.grant_id: 1})
        else:
            await backend.place(room, {ann.grant_id: 2})
            await backend.place(room, {carl.grant_id: 1})
        await until(lambda: shows(watcher, 1, 0x20) and shows(watcher, 2, 0x10), "both changed")
        for seat in (1, 2):
            for kind in KINDS:
                assert_seamless(watcher.got[seat, kind])


async def test_a_line_that_replaces_another_goes_where_its_grant_says(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "reload", "bob")
        ann = grant("reload", "ann", seat=1)
        open_peers += [watcher, await LightPublisher(mark=0x10).publish(backend, ann)]
        await watcher.more(1, "video")
        await backend.place("reload", {ann.grant_id: 2})
        open_peers.append(await LightPublisher(mark=0x20).publish(backend, ann))
        await until(lambda: shows(watcher, 1, 0x20), "the new line on the seat of its grant")
        assert await watcher.silence(2, "video")


# -- backstage --------------------------------------------------------------------------------------------------------
async def test_only_the_staff_gets_what_is_backstage(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        staff = await LightWatcher().watch(backend, "behind", "host", is_staff=True)
        viewer = await LightWatcher().watch(backend, "behind", "bob")
        ann = grant("behind", "ann", is_backstage=True)
        open_peers += [staff, viewer, await LightPublisher().publish(backend, ann)]
        for kind in KINDS:
            await staff.more(1, kind)
            assert viewer.count(1, kind) == 0
        await backend.set_backstage("behind", ann.grant_id, False)
        for kind in KINDS:
            await viewer.more(1, kind)
        await backend.set_backstage("behind", ann.grant_id, True)
        await backend.set_backstage("behind", "not there", True)
        for kind in KINDS:
            assert await viewer.silence(1, kind)
            await staff.more(1, kind)
            assert_seamless(staff.got[1, kind])


async def test_somebody_backstage_hides_nobody_who_is_on_the_same_seat(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        viewer = await LightWatcher().watch(backend, "shadow", "bob")
        on_stage, behind = grant("shadow", "ann"), grant("shadow", "carl", is_backstage=True)
        open_peers += [viewer, await LightPublisher(mark=0x10).publish(backend, on_stage)]
        await viewer.more(1, "audio")
        open_peers.append(await LightPublisher(mark=0x20).publish(backend, behind))
        await viewer.more(1, "audio", 10)
        assert {packet.payload[-1] for packet in viewer.got[1, "audio"]} == {0x10}


async def test_going_backstage_overtakes_a_line_that_is_being_replaced(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        viewer = await LightWatcher().watch(backend, "again", "bob")
        ann = grant("again", "ann")
        open_peers += [viewer, await LightPublisher().publish(backend, ann)]
        await backend.set_backstage("again", ann.grant_id, True)
        # This offer was made with the grant as it was before.
        open_peers.append(await LightPublisher().publish(backend, ann))
        (feed,) = await backend.snapshot("again")
        assert feed.is_backstage
        assert await viewer.silence(1, "audio")


# -- the shared screen ------------------------------------------------------------------------------------------------
async def test_a_screen_has_a_slot_of_its_own_beside_its_owners_seat(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(backend, "screen")
        watcher = await LightWatcher().watch(backend, "screen", "bob", seats=1)
        owner = await LightWatcher().watch(backend, "screen", "ann", seats=1)
        seat, screen = grant("screen", "ann", seat=0), grant("screen", "ann", seat=SCREEN_PLACE)
        sharing = LightPublisher(audio=False, mark=0x20)
        open_peers += [heard, watcher, owner, await LightPublisher(mark=0x10).publish(backend, seat), sharing]
        await sharing.publish(backend, screen)
        await watcher.more(SCREEN_PLACE, "video")
        await until(lambda: shows(watcher, 0, 0x10), "the owner's seat")
        assert {packet.payload[-1] for packet in watcher.got[SCREEN_PLACE, "video"]} == {0x20}
        assert owner.count(SCREEN_PLACE, "video") == 0, "own media do not come back"
        await sharing.close()
        await until(lambda: FeedGone("screen", screen.grant_id) in heard.events, "the screen gone")
        assert FeedUp("screen", screen.grant_id) in heard.events
        assert [feed.grant_id for feed in await backend.snapshot("screen")] == [seat.grant_id]
        await watcher.more(0, "video")


async def test_a_screen_brings_no_sound_and_may_be_sharper_than_a_camera(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        with_sound, sharing = LightPublisher(), LightPublisher(audio=False)
        open_peers += [with_sound, sharing]
        screen = grant("sharp", "ann", seat=SCREEN_PLACE)
        with pytest.raises(MediaRefused, match="only the picture"):
            await backend.open_publish(screen, await with_sound.offer())
        answer = await backend.open_publish(screen, await sharing.offer())
        assert f"b=AS:{int(600 * SCREEN_FACTOR)}" in answer
        await sharing.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))


async def test_a_screen_behind_the_stage_is_the_staffs_and_a_cut_ends_it_for_ever(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        staff = await LightWatcher().watch(backend, "private", "host", is_staff=True)
        viewer = await LightWatcher().watch(backend, "private", "bob")
        screen = grant("private", "ann", seat=SCREEN_PLACE, is_backstage=True)
        open_peers += [staff, viewer, await LightPublisher(audio=False).publish(backend, screen)]
        await staff.more(SCREEN_PLACE, "video")
        assert viewer.count(SCREEN_PLACE, "video") == 0
        await backend.cut("private", screen.grant_id)
        assert await staff.silence(SCREEN_PLACE, "video")
        again = LightPublisher(audio=False)
        open_peers.append(again)
        with pytest.raises(MediaRefused, match="over"):
            await backend.open_publish(screen, await again.offer())
