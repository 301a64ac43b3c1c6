"""Sound and picture with the media server at one process and the people at another."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.cluster.conftest import Cluster, Show
from tests.live import Client
from tests.media.line import ANYTHING, Line
from tests.media.peers import LightPublisher, LightWatcher, peers, until


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[list[Any]]:
    async with peers() as opened:
        yield opened


async def watch(client: Client, slug: str, opened: list[Any]) -> LightWatcher:
    watcher = await LightWatcher().watch(Line(client), slug, "", 10)  # type: ignore[arg-type]
    opened.append(watcher)
    return watcher


async def publish(client: Client, mark: int, opened: list[Any]) -> LightPublisher:
    publisher = LightPublisher(mark=mark)
    opened.append(publisher)
    return await publisher.publish(Line(client), ANYTHING)  # type: ignore[arg-type]


async def test_who_is_at_another_process_is_seen_everywhere_and_cut_at_once(
    cluster: Cluster, show: Show, opened: list[Any]
) -> None:
    far, near = cluster.other, cluster.keeper
    await publish(show.host, 0x10, opened)
    alice = await show.on_air(far, "Alice", media="video")
    await publish(alice, 0x20, opened)
    viewers = [await show.come(at, name) for at, name in ((far, "Vera"), (near, "Nora"))]
    watching = [await watch(viewer, show.slug, opened) for viewer in viewers]
    for watcher in watching:
        await watcher.more(0, "video")
        await watcher.more(1, "video")
    await show.seen("Alice", "live")
    for viewer in (*viewers, show.host):
        await viewer.callback("onUserNetworkQualityChanged", lambda c: "alice" in c["qualities"])
    await show.host.do("disconnectUser", userId="alice")
    for watcher in watching:
        assert await watcher.silence(1, "video") and await watcher.silence(1, "audio")
        await watcher.more(0, "video")
    await show.host.do("banUser", userId="vera")
    await until(lambda: watching[0].pc.connectionState == "closed", "the watch of who is banned to end")


async def test_who_leaves_at_another_process_than_the_media_servers_sees_nothing_any_more(
    cluster: Cluster, show: Show, opened: list[Any]
) -> None:
    await publish(show.host, 0x10, opened)
    vera = await show.come(cluster.other, "Vera")
    watcher = await watch(vera, show.slug, opened)
    await watcher.more(0, "video")
    await vera.do("leave")
    await until(lambda: watcher.pc.connectionState == "closed", "the watch of who left to end")


async def test_what_is_refused_at_the_keeper_is_refused_with_the_same_words(cluster: Cluster, show: Show) -> None:
    bob = await show.come(cluster.other, "Bob")
    assert await bob.refused("publish", sdp="v=0\r\n") == "NOT_ON_SEAT"
    carol = await show.on_air(cluster.other, "Carol")
    reply = await carol.ask("publish", sdp="v=0\r\n")
    assert reply["error"]["code"] == "BAD_SDP" and reply["error"]["details"]["part"]


async def test_after_the_keeper_is_killed_everybody_is_heard_again(
    cluster: Cluster, show: Show, opened: list[Any]
) -> None:
    dying, living = cluster.keeper, cluster.other
    vera = await show.come(living, "Vera")
    await publish(show.host, 0x10, opened)
    await (await watch(vera, show.slug, opened)).more(0, "video")
    generation = show.host.frames[0]["media"]["generation"]
    forwarders = dying.children()
    dying.kill()
    await vera.callback("onMediaServerChanged", lambda c: c["media"]["isUp"] and c["media"]["generation"] > generation)
    await publish(show.host, 0x30, opened)
    again = await watch(vera, show.slug, opened)
    await again.more(0, "video")
    assert again.got[0, "video"][-1].payload[-1] == 0x30
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in forwarders), "the old media server to end")
    assert len(living.children()) == 1
