"""Who leaves the room sees and sends nothing any more, at once: not even what a lost socket would leave for a while."""

import pytest

from micconnect.protocol.codes import CloseCode
from tests.live import Client
from tests.media.peers import until
from tests.media.show import Show

SERVER_ENV = {"MIC_WATCH_KEPT_S": "600"}  # far beyond what anything here waits for


async def people_in(host: Client) -> set[str]:
    return {str(viewer["userId"]) for viewer in (await host.do("listViewers"))["viewers"]}


@pytest.mark.parametrize("name", ["alice", "vera"])
async def test_who_leaves_sees_and_sends_nothing_any_more_until_coming_in_again(show: Show, name: str) -> None:
    client = show.alice if name == "alice" else show.vera
    if name == "alice":
        show.watching = await show.watch(client)
        await show.watching.more(0, "video")
    await client.do("leave")
    await until(lambda: show.watching.pc.connectionState == "closed", "the watch to end")
    assert await client.closed() == CloseCode.LEFT
    assert name not in await people_in(show.host)
    if name == "alice":
        await until(lambda: show.sending.pc.connectionState == "closed", "the sending to end")
    again = await show.come(name.title())
    assert again.frames[0]["me"]["connection"] is None
    await (await show.watch(again)).more(0, "video")


async def test_what_was_opened_before_a_cut_ends_with_the_leaving_too(show: Show) -> None:
    await show.vera.close()
    back = await show.come("Vera")
    await show.watching.more(0, "video")
    await back.do("leave")
    await until(lambda: show.watching.pc.connectionState == "closed", "the watch to end")


async def test_another_window_of_who_leaves_goes_on(show: Show) -> None:
    other = await show.come("Vera")
    elsewhere = await show.watch(other)
    await show.vera.do("leave")
    await until(lambda: show.watching.pc.connectionState == "closed", "the watch to end")
    assert await show.vera.closed() == CloseCode.LEFT
    await elsewhere.more(0, "video")
    assert "vera" in await people_in(show.host)


async def test_the_host_cannot_leave_and_stays(show: Show) -> None:
    assert await show.host.refused("leave") == "FORBIDDEN"
    await show.host_watching.more(1, "video")
