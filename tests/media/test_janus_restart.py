"""What stands in Janus is taken up again: after a broken line, by the next process, and never what was to end."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from micconnect.media.base import (
    BackendDown,
    BackendUp,
    FeedGone,
    FeedUp,
    KeptWatch,
    MediaRefused,
    MediaUnavailable,
)
from micconnect.media.janus import marks
from micconnect.media.janus.backend import JanusBackend
from micconnect.media.janus.node import PLUGIN
from micconnect.media.janus.wire import ADMIN, API, Wire
from micconnect.protocol.words import Device
from tests.media.janus_doors import Doors, backend_behind
from tests.media.janus_news import News, assert_whole
from tests.media.janus_server import SECRETS, JanusServer, backend_of
from tests.media.peers import MOVING, LightPublisher, LightWatcher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def started(janus: JanusServer) -> JanusBackend:
    backend = backend_of(janus)
    assert isinstance(backend, JanusBackend)
    await backend.start()
    assert backend.is_up
    return backend


@pytest_asyncio.fixture(loop_scope="module")
async def doors(janus: JanusServer) -> AsyncIterator[Doors]:
    there = await Doors(janus).open()
    yield there
    await there.close()


# -- the next process -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_first_stopped", [True, False])
async def test_the_next_process_finds_all_as_it_was_and_nobody_notices(
    janus: JanusServer, is_first_stopped: bool
) -> None:
    async with peers() as open_peers:
        room = f"next{is_first_stopped}"
        first = await started(janus)
        ann, carl = grant(room, "ann", seat=1, audio_muted=True), grant(room, "carl", seat=0, is_backstage=True)
        publishing = await LightPublisher(mark=0x10).publish(first, ann)
        watcher = await LightWatcher().watch(first, room, "bob")
        open_peers += [publishing, watcher, await LightPublisher(mark=0x20).publish(first, carl)]
        await watcher.more(1, "video")
        await first.place(room, {ann.grant_id: 2})
        await watcher.more(2, "video")
        if is_first_stopped:
            await first.stop()

        second = await started(janus)
        news = News(second)
        open_peers.append(news)
        try:
            await until(lambda: news.events, "the news")
            assert news.events == [BackendUp(first.generation, is_kept=True)]
            assert room in await second.rooms()
            watches = [watch for watch in await second.watches() if watch.room_id == room]
            assert watcher.offer is not None
            assert watches == [KeptWatch(watcher.offer.watch_id, room, "bob", is_staff=False, note="")]
            feeds = {feed.grant_id: feed for feed in await second.snapshot(room)}
            assert feeds.keys() == {ann.grant_id, carl.grant_id}
            found = feeds[ann.grant_id]
            assert (found.audio_muted, found.video_muted, found.is_up, found.seat_index) == (True, False, True, 2)
            assert feeds[carl.grant_id].is_backstage
            await watcher.more(2, "video", 20)
            assert_whole(watcher.got[2, "video"])
            assert not watcher.count(0, "video") and not watcher.count(2, "audio")

            await second.set_muted(room, ann.grant_id, Device.MICROPHONE, False)
            await watcher.more(2, "audio")
            await second.set_backstage(room, carl.grant_id, False)
            await watcher.more(0, "video")
            await publishing.close()
            await until(lambda: FeedGone(room, ann.grant_id) in news.events, "gone")
            await second.cut(room, carl.grant_id)
            assert await watcher.silence(0, "video")
        finally:
            await second.close_room(room)
            await second.stop()
            await first.stop()


async def test_a_generation_that_pages_have_left_behind_is_not_taken_up(janus: JanusServer) -> None:
    async with peers() as open_peers:
        first = await started(janus)
        watcher = await LightWatcher().watch(first, "stale", "bob")
        open_peers += [watcher, await LightPublisher().publish(first, grant("stale", "ann"))]
        await watcher.more(1, "video")
        await first.stop()
        second = backend_of(janus)
        await second.start(above=first.generation + 10)
        try:
            assert second.generation > first.generation + 10
            assert await second.watches() == () == await second.snapshot("stale")
            await until(lambda: watcher.pc.connectionState == "closed", "the old watch to end")
        finally:
            await second.stop()


async def test_the_moving_pictures_go_on_as_they_were(janus: JanusServer) -> None:
    async with peers() as open_peers:
        first = await started(janus)
        await first.show("pictures", [2, -1, 1])
        watcher = await LightWatcher().watch(first, "pictures", "bob", seats=4, pictures=3)
        open_peers.append(watcher)
        for seat, mark in ((1, 0x10), (2, 0x20)):
            open_peers.append(await LightPublisher(mark=mark).publish(first, grant("pictures", f"u{seat}", seat=seat)))
        await watcher.more(0, MOVING)
        await watcher.more(2, MOVING)
        await first.stop()
        second = await started(janus)
        try:
            await watcher.more(0, MOVING, 20)
            await watcher.more(2, MOVING)
            assert not watcher.count(1, MOVING)
            assert {packet.payload[-1] for packet in watcher.got[0, MOVING]} == {0x20}
            assert_whole(watcher.got[0, MOVING])
            offer = await second.open_watch("pictures", "bea", 4, is_staff=False, pictures=3)
            assert offer.pictures == (2, -1, 1)
        finally:
            await second.close_room("pictures")
            await second.stop()


@pytest.mark.parametrize("kind", ["a later version", "an unknown mark"])
async def test_what_cannot_be_read_is_ended_rather_than_left_running(
    janus: JanusServer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    async with peers() as open_peers:
        first = await started(janus)
        watcher = await LightWatcher().watch(first, "odd", "bob")
        open_peers += [watcher, await LightPublisher().publish(first, grant("odd", "ann"))]
        await watcher.more(1, "audio")
        await first.stop()
        if kind == "a later version":
            monkeypatch.setattr(marks, "VERSION", marks.VERSION + 1)
        else:
            read = marks.read
            monkeypatch.setattr(marks, "read", lambda text: None if '"watch"' in text else read(text))
        second = await started(janus)
        try:
            assert second.generation > first.generation
            await until(lambda: watcher.pc.connectionState == "closed", "the viewer let go")
        finally:
            await second.stop()


async def test_the_sessions_of_others_are_left_alone(janus: JanusServer) -> None:
    wire = await Wire.open(janus.url, API, SECRETS["MIC_JANUS_API_SECRET"])
    try:
        theirs = (await wire.ask("create")).data
        assert theirs is not None
        for opaque_id in ("theirs", marks.write(marks.ControlMark("somebody else", 1))):
            await wire.ask("attach", session_id=theirs.id, plugin=PLUGIN, opaque_id=opaque_id)
        backend = await started(janus)
        await backend.stop()
        admin = await Wire.open(janus.admin_url, ADMIN, SECRETS["MIC_JANUS_ADMIN_SECRET"])
        assert len((await admin.ask("list_handles", session_id=theirs.id)).handles) == 2
        await admin.close()
    finally:
        await wire.close()


# -- a line that breaks -----------------------------------------------------------------------------------------------
async def test_a_short_break_is_no_news_and_what_was_asked_meanwhile_is_done(doors: Doors) -> None:
    async with peers() as open_peers:
        backend = backend_behind(doors)
        await backend.start()
        try:
            ann, carl = grant("blip", "ann", seat=1), grant("blip", "carl", seat=2)
            leaver = await LightPublisher().publish(backend, ann)
            watcher = await LightWatcher().watch(backend, "blip", "bob")
            other = await LightWatcher().watch(backend, "blip", "bea")
            news = News(backend)
            open_peers += [watcher, other, leaver, await LightPublisher().publish(backend, carl), news]
            await watcher.more(1, "video")
            await watcher.more(2, "video")
            doors.shut()
            await until(lambda: not backend.is_up, "the break")
            await backend.cut("blip", carl.grant_id)
            assert other.offer is not None
            await backend.close_watch(other.offer.watch_id)
            with pytest.raises(MediaUnavailable):
                await backend.set_muted("blip", ann.grant_id, Device.CAMERA, True)
            await leaver.close()
            await asyncio.sleep(0.5)
            await doors.open()
            await until(lambda: backend.is_up, "the return")
            assert await watcher.silence(2, "video")
            assert [watch.viewer_id for watch in await backend.watches()] == ["bob"]
            await until(lambda: FeedGone("blip", ann.grant_id) in news.events, "who left meanwhile")
            assert BackendDown() not in news.events, "but all is looked through once more"
            assert news.events.count(BackendUp(backend.generation, is_kept=True)) >= 1
            again = grant("blip", "ann", seat=1)
            open_peers.append(await LightPublisher().publish(backend, again))
            await watcher.more(1, "video")
            refused = LightPublisher()
            open_peers.append(refused)
            with pytest.raises(MediaRefused, match="over"):
                await backend.open_publish(carl, await refused.offer())
        finally:
            await doors.open()
            await backend.close_room("blip")
            await backend.stop()


async def test_a_long_break_is_told_and_all_is_kept(doors: Doors) -> None:
    async with peers() as open_peers:
        backend = backend_behind(doors)
        await backend.start()
        try:
            news = News(backend)
            watcher = await LightWatcher().watch(backend, "long", "bob")
            ann = grant("long", "ann", video=False)
            open_peers += [news, watcher, await LightPublisher(video=False).publish(backend, ann)]
            await watcher.more(1, "audio")
            doors.shut()
            await until(lambda: BackendDown() in news.events, "the news of it")
            await watcher.more(1, "audio", 20)
            await doors.open()
            await until(lambda: news.events[-1] == BackendUp(backend.generation, is_kept=True), "the return")
            assert news.events.count(BackendDown()) == 1
            assert [feed.grant_id for feed in await backend.snapshot("long")] == [ann.grant_id]
            await watcher.more(1, "audio", 20)
        finally:
            await backend.close_room("long")
            await backend.stop()


# -- a Janus that ends or does not obey -------------------------------------------------------------------------------
async def test_a_janus_that_was_killed_comes_back_empty_as_a_new_generation(janus: JanusServer) -> None:
    async with peers() as open_peers:
        backend = await started(janus)
        try:
            news = News(backend)
            ann = grant("killed", "ann")
            open_peers += [news, await LightPublisher().publish(backend, ann)]
            before = backend.generation
            janus.kill()
            janus.start()
            await until(lambda: isinstance(news.events[-1], BackendUp) and len(news.events) > 2, "the return")
            assert news.events[-1] == BackendUp(backend.generation) and backend.generation > before
            assert BackendDown() in news.events
            assert await backend.snapshot("killed") == ()
            watcher = await LightWatcher().watch(backend, "killed", "bob")
            open_peers += [watcher, await LightPublisher().publish(backend, ann)]
            await watcher.more(1, "video")
        finally:
            await backend.close_room("killed")
            await backend.stop()


async def test_a_janus_that_does_not_obey_a_cut_loses_all_it_carries(janus: JanusServer) -> None:
    async with peers() as open_peers:
        backend = await started(janus)
        try:
            news = News(backend)
            ann = grant("held", "ann")
            watcher = await LightWatcher().watch(backend, "held", "bob")
            open_peers += [news, watcher, await LightPublisher().publish(backend, ann)]
            await watcher.more(1, "audio")
            before = backend.generation
            janus.send(signal.SIGSTOP)
            try:
                await backend.cut("held", ann.grant_id)
                assert not backend.is_up
            finally:
                janus.send(signal.SIGCONT)
            await until(lambda: backend.generation > before and backend.is_up, "a new beginning")
            assert await watcher.silence(1, "audio")
            assert await backend.watches() == ()
        finally:
            await backend.stop()


async def test_a_room_that_janus_has_lost_is_made_anew(janus: JanusServer) -> None:
    async with peers() as open_peers:
        backend = await started(janus)
        try:
            open_peers.append(await LightPublisher().publish(backend, grant("lost", "ann")))
            room = backend._rooms.known("lost")
            assert room is not None
            await room.node.order("destroy", room=room.house.stage.name, secret=room.house.stage.secret)
            with pytest.raises(MediaUnavailable):
                await backend.open_watch("lost", "bob", 2, is_staff=False)
            watcher = await LightWatcher().watch(backend, "lost", "bob")
            open_peers += [watcher, await LightPublisher().publish(backend, grant("lost", "ann"))]
            await watcher.more(1, "video")
        finally:
            await backend.close_room("lost")
            await backend.stop()


async def test_a_line_that_janus_will_not_silence_is_ended(janus: JanusServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with peers() as open_peers:
        backend = await started(janus)
        try:
            news = News(backend)
            ann = grant("odd", "ann")
            watcher = await LightWatcher().watch(backend, "odd", "bob")
            open_peers += [news, watcher, await LightPublisher().publish(backend, ann)]
            await watcher.more(1, "audio")
            room = backend._rooms.known("odd")
            assert room is not None
            monkeypatch.setattr(room.house.stage, "secret", "not the secret")
            await backend.set_muted("odd", ann.grant_id, Device.MICROPHONE, True)
            assert await watcher.silence(1, "audio")
            assert news.events[-2:] == [FeedUp("odd", ann.grant_id), FeedGone("odd", ann.grant_id)]
            monkeypatch.undo()
        finally:
            await backend.close_room("odd")
            await backend.stop()
