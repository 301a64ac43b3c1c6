"""One order to Janus fails or is lost in the middle of several: what was wanted comes true all the same."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from micconnect.media.base import MediaUnavailable
from micconnect.media.janus.backend import JanusBackend
from micconnect.media.janus.node import Node
from micconnect.protocol.words import Device
from tests.media.janus_server import JanusServer, backend_of
from tests.media.peers import LightPublisher, LightWatcher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def started(*servers: JanusServer, **options: Any) -> JanusBackend:
    backend = backend_of(*servers, **options)
    assert isinstance(backend, JanusBackend)
    await backend.start()
    return backend


@pytest_asyncio.fixture(loop_scope="module")
async def running(janus: JanusServer) -> AsyncIterator[JanusBackend]:
    backend = await started(janus)
    yield backend
    await backend.stop()


class Mishap:
    """Happens to the next message or order of that kind; `is_done` tells whether Janus gets it all the same."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, request: str, *, is_done: bool = False) -> None:
        self.request, self.is_done, self.times = request, is_done, 0
        self.message, self.order = Node.message, Node.order
        monkeypatch.setattr(Node, "message", self._instead_of(self.message, lambda args: args[1]["request"]))
        monkeypatch.setattr(Node, "order", self._instead_of(self.order, lambda args: args[0]))

    def _instead_of(self, real: Any, request_of: Callable[[tuple[Any, ...]], str]) -> Any:
        async def instead(node: Node, *args: Any, **fields: Any) -> Any:
            if request_of(args) != self.request or self.times:
                return await real(node, *args, **fields)
            self.times += 1
            if self.is_done:
                await real(node, *args, **fields)
            raise MediaUnavailable("the answer did not come")

        return instead


def shows(watcher: LightWatcher, mark: int, seat: int = 1) -> bool:
    return [packet.payload[-1] for packet in watcher.got[seat, "video"]][-1:] == [mark]


async def silent(watcher: LightWatcher) -> None:
    end = time.monotonic() + 20
    while not await watcher.silence(1, "audio"):
        assert time.monotonic() < end, "the sound goes on"


async def shown(watcher: LightWatcher, mark: int, seat: int = 1) -> None:
    await until(functools.partial(shows, watcher, mark, seat), f"{mark:x} on seat {seat}")


# -- silence ----------------------------------------------------------------------------------------------------------
async def test_a_silence_does_not_wait_for_what_others_do_to_janus(
    running: JanusBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, message = asyncio.Event(), Node.message

    async def slow(node: Node, handle: int, body: dict[str, Any], *more: Any) -> Any:
        if body["request"] == "configure":
            await gate.wait()
        return await message(node, handle, body, *more)

    async with peers() as opened:
        ann = grant("queue", "ann")
        opened.append(await LightPublisher(mark=0x10).publish(running, ann))
        watcher = await LightWatcher().watch(running, "queue", "bob")
        opened.append(watcher)
        await watcher.more(1, "audio")
        await watcher.more(1, "video")
        monkeypatch.setattr(Node, "message", slow)
        muting = asyncio.create_task(running.set_muted("queue", ann.grant_id, Device.MICROPHONE, True))
        assert await watcher.silence(1, "audio")
        assert not muting.done(), "it is not noted yet"
        await running.cut("queue", ann.grant_id)
        assert await watcher.silence(1, "video")
        assert running.is_up, "nobody else has lost anything"
        gate.set()
        await muting


@pytest.mark.parametrize("is_muted", [True, False])
async def test_an_order_that_was_lost_is_given_again(
    running: JanusBackend, monkeypatch: pytest.MonkeyPatch, is_muted: bool
) -> None:
    async with peers() as opened:
        room = f"lost{is_muted}"
        ann = grant(room, "ann", audio_muted=not is_muted)
        opened.append(await LightPublisher(mark=0x10).publish(running, ann))
        watcher = await LightWatcher().watch(running, room, "bob")
        opened.append(watcher)
        await watcher.more(1, "video")
        mishap = Mishap(monkeypatch, "moderate")
        with pytest.raises(MediaUnavailable):
            await running.set_muted(room, ann.grant_id, Device.MICROPHONE, is_muted)
        assert mishap.times == 1
        if is_muted:
            await silent(watcher)
        else:
            await watcher.more(1, "audio")
        await running.close_room(room)


async def test_another_order_does_not_make_a_lost_one_forgotten(
    running: JanusBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with peers() as opened:
        ann = grant("two", "ann")
        opened.append(await LightPublisher(mark=0x10).publish(running, ann))
        watcher = await LightWatcher().watch(running, "two", "bob")
        opened.append(watcher)
        await watcher.more(1, "audio")
        await watcher.more(1, "video")
        Mishap(monkeypatch, "moderate")
        with pytest.raises(MediaUnavailable):
            await running.set_muted("two", ann.grant_id, Device.MICROPHONE, True)
        await running.set_muted("two", ann.grant_id, Device.CAMERA, True)
        assert await watcher.silence(1, "video") and await watcher.silence(1, "audio")
        await running.close_room("two")


# -- viewers ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lost", ["start", "switch"])
async def test_a_viewer_whose_switch_failed_half_way_sees_who_comes_next(
    running: JanusBackend, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    async with peers() as opened:
        room = f"half-{lost}"
        first = await LightPublisher(mark=0x10).publish(running, grant(room, "ann"))
        watcher = await LightWatcher().watch(running, room, "bob")
        opened += [first, watcher]
        await shown(watcher, 0x10)
        mishap = Mishap(monkeypatch, lost)
        await first.close()  # while it is shown, so Janus offers anew
        await until(lambda: mishap.times, "the mishap")
        opened.append(await LightPublisher(mark=0x20).publish(running, grant(room, "carl")))
        await shown(watcher, 0x20)
        assert watcher.pc.connectionState == "connected"
        await running.close_room(room)


async def test_a_switch_whose_answer_was_lost_is_known_to_be_in_doubt(
    running: JanusBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with peers() as opened:
        ann, carl = grant("doubt", "ann", seat=1), grant("doubt", "carl", seat=2)
        opened.append(await LightPublisher(mark=0x10).publish(running, ann))
        opened.append(await LightPublisher(mark=0x20).publish(running, carl))
        watcher = await LightWatcher().watch(running, "doubt", "bob")
        opened.append(watcher)
        await shown(watcher, 0x10, 1)
        await shown(watcher, 0x20, 2)
        mishap = Mishap(monkeypatch, "switch", is_done=True)
        with pytest.raises(MediaUnavailable):
            await running.place("doubt", {ann.grant_id: 2, carl.grant_id: 1})
        assert mishap.times == 1
        await running.place("doubt", {ann.grant_id: 1, carl.grant_id: 2})  # as the books had it all the time
        for packets in watcher.got.values():
            packets.clear()
        await shown(watcher, 0x10, 1)
        await shown(watcher, 0x20, 2)
        await running.close_room("doubt")


async def test_a_viewer_who_was_being_switched_when_the_keeper_died_is_taken_up(
    janus: JanusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with peers() as opened:
        dying = await started(janus)
        first = await LightPublisher(mark=0x10).publish(dying, grant("heir", "ann"))
        watcher = await LightWatcher().watch(dying, "heir", "bob")
        opened += [first, watcher]
        await shown(watcher, 0x10)
        mishap = Mishap(monkeypatch, "start")
        await first.close()
        await until(lambda: mishap.times, "the mishap")
        await dying.stop()
        heir = await started(janus)
        try:
            opened.append(await LightPublisher(mark=0x20).publish(heir, grant("heir", "carl")))
            await shown(watcher, 0x20)
            assert watcher.pc.connectionState == "connected"
        finally:
            await heir.close_room("heir")
            await heir.stop()


# -- further servers --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lost", ["add_remote_publisher", "rtp_forward"])
async def test_a_feed_that_came_to_a_further_server_by_half_is_brought_again(
    janus: JanusServer, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    with JanusServer(1) as further:
        backend = await started(janus, further, watches_per_node=1)
        try:
            async with peers() as opened:
                watchers = []
                for name in ("bob", "eve"):
                    watchers.append(await LightWatcher().watch(backend, "by-half", name))
                    opened.append(watchers[-1])
                mishap = Mishap(monkeypatch, lost, is_done=True)
                opened.append(await LightPublisher(mark=0x10).publish(backend, grant("by-half", "ann")))
                for watcher in watchers:
                    await shown(watcher, 0x10)
                assert mishap.times == 1
                await backend.close_room("by-half")
        finally:
            await backend.stop()


async def test_nothing_of_a_room_goes_on_running_on_a_further_server(janus: JanusServer) -> None:
    with JanusServer(1) as further:
        backend = await started(janus, further, watches_per_node=1)
        tasks = [Path(f"/proc/{server.pid}/task") for server in (janus, further)]

        def remote() -> int:
            """Threads that take what another server sends."""
            names = [(task / "comm").read_text() for folder in tasks for task in folder.iterdir()]
            return sum("remote" in name for name in names)

        try:
            async with peers() as opened:
                opened.append(await LightPublisher(mark=0x10).publish(backend, grant("ended", "ann")))
                for name in ("bob", "eve"):
                    opened.append(await LightWatcher().watch(backend, "ended", name))
                    await shown(opened[-1], 0x10)
                assert remote() == 1
                await backend.close_room("ended")
                await until(lambda: remote() == 0, "the end of the thread")
        finally:
            await backend.stop()
