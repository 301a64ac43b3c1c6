"""Several processes before one Janus: the keeper dies, another one takes up what runs there, and nobody hears of it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.cluster.conftest import Cluster, Show
from tests.live import Client
from tests.media import janus_server
from tests.media.janus_server import JanusServer
from tests.media.line import ANYTHING, Line
from tests.media.peers import LightPublisher, LightWatcher, peers, peers_on, until


@pytest.fixture(scope="module")
def janus_cluster() -> Iterator[Cluster]:
    with JanusServer() as janus:
        running = Cluster(**janus_server.settings_for(janus))
        running.heal()
        yield running
        running.close()


@pytest_asyncio.fixture
async def janus_show(janus_cluster: Cluster) -> AsyncIterator[Show]:
    try:
        with peers_on(janus_server.ADDRESS):
            yield await Show(janus_cluster, janus_cluster.other).begin()
    finally:
        await Client.close_all()


async def test_r13_a_new_keeper_takes_up_what_runs_in_janus(janus_cluster: Cluster, janus_show: Show) -> None:
    show, dying, living = janus_show, janus_cluster.keeper, janus_cluster.other
    vera, line = await show.come(living, "Vera"), Line(show.host)
    async with peers() as opened:
        opened.append(await LightPublisher(mark=0x10).publish(line, ANYTHING))  # type: ignore[arg-type]
        watcher = await LightWatcher().watch(Line(vera), show.slug, "", 10)  # type: ignore[arg-type]
        opened.append(watcher)
        await watcher.more(0, "video")
        await vera.callback("onConnectedUsersUpdated", lambda c: c["connectedUsers"][0]["state"] == "live")
        heard = len(vera.callbacks)
        generation = vera.frames[0]["media"]["generation"]
        dying.kill()
        await until(lambda: janus_cluster.keeper is living, "another keeper")
        back = await vera.callback("onMediaServerChanged", lambda c: c["media"]["isUp"])
        assert back["media"]["generation"] == generation, "pages have nothing to do"
        await watcher.more(0, "audio")
        numbers = [packet.sequence_number for packet in watcher.got[0, "audio"]]
        steps = {(after - before) & 0xFFFF for before, after in zip(numbers, numbers[1:], strict=False)}
        assert steps == {1}, "no packet was lost and no stream began anew"
        # the new keeper commands what it found
        await show.host.do("setDevice", device="microphone", isOpen=False)
        assert await watcher.silence(0, "audio")
        await watcher.more(0, "video")
        lists = [c["connectedUsers"] for c in vera.callbacks[heard:] if c["type"] == "onConnectedUsersUpdated"]
        assert {user["state"] for users in lists for user in users} == {"live"}, "nobody's line was in doubt"
