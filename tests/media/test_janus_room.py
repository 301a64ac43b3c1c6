"""What only Janus needs looking after: feeds that end while they are shown, floods, vanished senders, idle lines."""

import asyncio
import functools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiortc import RTCSessionDescription

from micconnect.media.base import SCREEN_PLACE, FeedGone, FeedUp, MediaRefused, MediaUnavailable
from micconnect.media.janus.backend import JanusBackend
from micconnect.protocol.words import Device
from tests.media.janus_doors import Doors
from tests.media.janus_server import SECRETS, JanusServer, backend_of
from tests.media.peers import MOVING, Heard, LightPublisher, LightWatcher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(janus: JanusServer) -> AsyncIterator[JanusBackend]:
    backend = backend_of(janus)
    assert isinstance(backend, JanusBackend)
    await backend.start()
    yield backend
    await backend.stop()


async def test_a_viewer_notices_nothing_when_feeds_end_under_it(running: JanusBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(running, "ends", "bob")
        open_peers.append(watcher)
        for mark in (0x10, 0x20, 0x30):
            sitting = await LightPublisher(mark=mark).publish(running, grant("ends", f"user-{mark}"))
            open_peers.append(sitting)
            await until(functools.partial(_shows, watcher, mark), "the one who sits there now")
            await watcher.more(1, "audio")
            await sitting.close()
        assert watcher.pc.connectionState == "connected"
        assert len({packet.ssrc for packet in watcher.got[1, "video"]}) == 1


def _shows(watcher: LightWatcher, mark: int) -> bool:
    return [packet.payload[-1] for packet in watcher.got[1, "video"]][-1:] == [mark]


async def test_the_newest_of_many_changes_wins_for_every_viewer(running: JanusBackend) -> None:
    async with peers() as open_peers:
        watchers = [await LightWatcher().watch(running, "many", f"viewer-{i}", seats=10) for i in range(4)]
        open_peers += watchers
        ann, carl = grant("many", "ann", seat=0), grant("many", "carl", seat=1)
        open_peers.append(await LightPublisher(mark=0x10).publish(running, ann))
        open_peers.append(await LightPublisher(mark=0x20).publish(running, carl))
        places = [{ann.grant_id: step % 10, carl.grant_id: (step + 1) % 10} for step in range(30)]
        places.append({ann.grant_id: 7, carl.grant_id: 3})
        await asyncio.gather(*(running.place("many", wanted) for wanted in places))
        for watcher in watchers:
            await watcher.more(7, "video")
            await watcher.more(3, "video")
            assert watcher.got[7, "video"][-1].payload[-1] == 0x10
            assert watcher.got[3, "video"][-1].payload[-1] == 0x20
        await asyncio.sleep(0.2)  # for what is still under way
        others = [(watcher, seat) for watcher in watchers for seat in set(range(10)) - {3, 7}]
        before = [watcher.count(seat, "video") for watcher, seat in others]
        await asyncio.gather(*(watcher.more(7, "video", 10) for watcher in watchers))
        assert [watcher.count(seat, "video") for watcher, seat in others] == before


async def test_moving_pictures_follow_what_is_shown(running: JanusBackend) -> None:
    async with peers() as open_peers:
        await running.show("moving", [2, -1])
        watcher = await LightWatcher().watch(running, "moving", "bob", seats=4, pictures=2)
        screen = grant("moving", "carl", seat=SCREEN_PLACE)
        open_peers += [
            watcher,
            await LightPublisher(mark=0x10).publish(running, grant("moving", "ann", seat=1)),
            await LightPublisher(mark=0x20).publish(running, grant("moving", "bea", seat=2)),
            await LightPublisher(mark=0x30, audio=False).publish(running, screen),
        ]
        assert watcher.offer is not None and watcher.offer.pictures == (2, -1)
        for seat in (1, 2):
            await watcher.more(seat, "audio")
        await watcher.more(SCREEN_PLACE, "video")
        await until(lambda: _shown(watcher, 0) == 0x20, "the one who is shown")
        assert not watcher.count(1, MOVING)
        await running.show("moving", [1, 2])
        await until(lambda: (_shown(watcher, 0), _shown(watcher, 1)) == (0x10, 0x20), "both")
        await running.show("moving", [1])
        assert await watcher.silence(1, MOVING)
        sound_only = await running.open_watch("moving", "dan", 4, is_staff=False, pictures=0)
        assert len(sound_only.slots) == 4 == sound_only.sdp.count("m=audio") and "m=video" not in sound_only.sdp


def _shown(watcher: LightWatcher, picture: int) -> int | None:
    packets = watcher.got[picture, MOVING]
    return packets[-1].payload[-1] if packets else None


async def test_a_mute_that_comes_while_the_line_is_made_is_in_force(running: JanusBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(running, "lock", "bob")
        open_peers.append(watcher)
        for turn in range(8):
            ann, publisher = grant("lock", f"ann-{turn}"), LightPublisher(video=False)
            open_peers.append(publisher)
            publishing = asyncio.create_task(publisher.publish(running, ann))
            for _ in range(1000):
                if ann.grant_id in {feed.grant_id for feed in await running.snapshot("lock")}:
                    break
            orders = [running.set_muted("lock", ann.grant_id, Device.MICROPHONE, is_on) for is_on in (True, False) * 10]
            await asyncio.gather(*orders, running.set_muted("lock", ann.grant_id, Device.MICROPHONE, True))
            await publishing
            assert await watcher.silence(1, "audio")
            await running.set_muted("lock", ann.grant_id, Device.MICROPHONE, False)
            await watcher.more(1, "audio")
            await running.cut("lock", ann.grant_id)


async def test_who_floods_is_ended_and_the_third_time_for_ever(running: JanusBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(running, "flood")
        ann, carl = grant("flood", "ann", seat=1), grant("flood", "carl", seat=2)
        open_peers += [heard, await LightPublisher(picture_bytes=2500, fps=30).publish(running, carl)]
        for time in range(1, 4):
            flood = LightPublisher(picture_bytes=10_000, fps=30)
            open_peers.append(await flood.publish(running, ann))
            await until(functools.partial(_is_ended, heard, ann.grant_id, time), "the end of it")
            await flood.pc.close()
        last = LightPublisher()
        open_peers.append(last)
        with pytest.raises(MediaRefused, match="far more than is allowed"):
            await running.open_publish(ann, await last.offer())
        assert [feed.grant_id for feed in await running.snapshot("flood")] == [carl.grant_id], "600 kbit/s are allowed"


def _is_ended(heard: Heard, grant_id: str, times: int) -> bool:
    return heard.events.count(FeedGone("flood", grant_id)) == times


async def test_a_publisher_of_whom_nothing_comes_any_more_is_gone(running: JanusBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(running, "quiet")
        ann, muted = grant("quiet", "ann"), grant("quiet", "carl", audio_muted=True, video_muted=True)
        screen = grant("quiet", "bea", seat=SCREEN_PLACE)
        publisher = await LightPublisher().publish(running, ann)
        still = await LightPublisher(audio=False).publish(running, screen)
        open_peers += [heard, publisher, still, await LightPublisher().publish(running, muted)]
        await until(lambda: {FeedUp("quiet", g.grant_id) for g in (ann, screen)} <= set(heard.events), "up")
        for track in (*still.tracks, *publisher.tracks):
            track.is_paused = True
        await until(lambda: FeedGone("quiet", ann.grant_id) in heard.events, "gone")
        await asyncio.sleep(2)
        left = {feed.grant_id for feed in await running.snapshot("quiet")}
        assert left == {muted.grant_id, screen.grant_id}, "on a screen there may be nothing new for long"


async def test_lines_that_never_connect_are_forgotten(running: JanusBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(running, "never")
        ann, publisher = grant("never", "ann"), LightPublisher()
        open_peers += [heard, publisher]
        await running.open_publish(ann, await publisher.offer())
        offer = await running.open_watch("never", "bob", 2, is_staff=False)
        await until(lambda: heard.events == [FeedGone("never", ann.grant_id)], "the publisher given up")
        for _ in range(200):
            if offer.watch_id not in [watch.watch_id for watch in await running.watches()]:
                break
            await asyncio.sleep(0.1)
        with pytest.raises(MediaRefused, match="over"):
            await running.answer(offer.watch_id, publisher.pc.localDescription.sdp.replace("sendrecv", "recvonly"))


async def test_a_room_that_is_reopened_at_once_is_whole(running: JanusBackend) -> None:
    async with peers() as open_peers:
        for _ in range(3):
            watcher = await LightWatcher().watch(running, "again", "bob")
            open_peers += [watcher, await LightPublisher().publish(running, grant("again", "ann"))]
            await watcher.more(1, "audio")
            await running.close_room("again")
            assert await running.snapshot("again") == ()
            assert await watcher.silence(1, "audio")


async def test_nothing_of_rooms_and_lines_is_left_behind_in_janus(running: JanusBackend) -> None:
    node = running._pool.nodes[0]
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(running, "traces", "bob")
        ann = grant("traces", "ann")
        for _ in range(3):
            open_peers.append(await LightPublisher().publish(running, ann))
        open_peers.append(watcher)
        await watcher.more(1, "audio")
        for room in running._rooms.all():
            await running.close_room(room.room_id)

        async def left() -> tuple[int, int]:
            admin, rooms = node._wire(node._admin), await node.order("list", admin_key=SECRETS["MIC_JANUS_ROOM_KEY"])
            handles = (await admin.ask("list_handles", session_id=node._session_id)).handles
            return len(handles), len(rooms.rooms)

        for _ in range(100):
            if await left() == (1, 0):
                return
            await asyncio.sleep(0.05)
        pytest.fail(f"left behind: {await left()}")


async def test_joins_come_at_a_bounded_pace_and_too_many_are_told_so() -> None:
    with JanusServer(1) as other:
        doors = await Doors(other).open()
        backend = JanusBackend([doors.config], SECRETS["MIC_JANUS_ROOM_KEY"], joins_per_s=5)
        await backend.start()
        try:
            joins = [backend.open_watch("storm", f"v{i}", 2, is_staff=False) for i in range(30)]
            outcomes = await asyncio.gather(*joins, return_exceptions=True)
            refused = [outcome for outcome in outcomes if isinstance(outcome, MediaUnavailable)]
            assert 0 < len(refused) < 30, "2 at once and 5 a second for 3 s are let in"
            assert len(await backend.watches()) == 30 - len(refused)
        finally:
            await backend.stop()
            await doors.close()


async def test_a_publisher_whose_answer_is_lost_is_replaced(running: JanusBackend) -> None:
    async with peers() as open_peers:
        ann, lost = grant("lost", "ann"), LightPublisher()
        watcher = await LightWatcher().watch(running, "lost", "bob")
        open_peers += [watcher, lost]
        await running.open_publish(ann, await lost.offer())
        open_peers.append(publisher := LightPublisher())
        answer = await running.open_publish(ann, await publisher.offer())
        assert "rtx" not in answer
        await publisher.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await watcher.more(1, "video")
