"""Guests come, move, change places and go: every viewer sees the right person at once, and none negotiates anew.

With CHAOS=full before 100 viewers, to whom few pictures are sent: peers in Python could not read more.
"""

import asyncio
from typing import Any

import pytest

from tests.chaos.figures import IS_FULL
from tests.live import Client
from tests.media.line import Line
from tests.media.peers import LightWatcher, until
from tests.media.show import Show

VIEWERS = 100 if IS_FULL else 20
AT_ONCE = 10


@pytest.fixture
def sending() -> dict[str, Any]:
    return {"fps": 4, "audio": False} if IS_FULL else {}


class Viewer:
    """Somebody who watches over one line for as long as the test lasts."""

    def __init__(self, client: Client) -> None:
        self.client, self.line, self.watcher = client, Line(client), LightWatcher()

    async def come(self, show: Show) -> "Viewer":
        show.opened.append(self.watcher)
        await self.watcher.watch(self.line, show.slug, "", 10)  # type: ignore[arg-type]
        return self

    def sees(self, **marks: int) -> bool:
        """Whether the newest picture of seats `s1=…` is of the publisher with that mark."""
        seats = {int(name[1:]): mark for name, mark in marks.items()}
        return all((p := self.watcher.got[seat, "video"]) and p[-1].payload[-1] == m for seat, m in seats.items())


async def test_no_change_on_the_seats_makes_a_viewer_negotiate(show: Show) -> None:
    viewers = [Viewer(await show.come(f"Watcher{n}")) for n in range(VIEWERS)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def come(viewer: Viewer) -> None:
        async with turns:
            await viewer.come(show)

    await asyncio.gather(*map(come, viewers))
    descriptions = [viewer.watcher.pc.remoteDescription.sdp for viewer in viewers]

    async def all_see(**marks: int) -> None:
        await until(lambda: all(viewer.sees(**marks) for viewer in viewers), f"all to see {marks}")

    async def guest(name: str, mark: int) -> Client:
        client = await show.come(name)
        asked = await client.do("apply", media="video")
        await show.host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
        await show.publish(client, mark)
        return client

    await all_see(s0=0x10, s1=0x20)
    bob = await guest("Bob", 0x30)
    await all_see(s1=0x20, s2=0x30)
    await show.host.do("moveSeat", userId="bob", seatIndex=1, policy="swap")
    await all_see(s1=0x30, s2=0x20)
    await show.host.do("moveSeat", userId="bob", seatIndex=4)
    await all_see(s4=0x30, s2=0x20)
    await bob.do("leaveSeat")
    await guest("Carla", 0x40)
    await all_see(s1=0x40, s2=0x20)

    assert [viewer.line.offers for viewer in viewers] == [1] * VIEWERS
    assert [viewer.watcher.pc.remoteDescription.sdp for viewer in viewers] == descriptions
    assert all(viewer.watcher.pc.connectionState == "connected" for viewer in viewers)
    told = [callback for viewer in viewers for callback in viewer.client.callbacks]
    assert not [callback for callback in told if callback["type"] in ("onMediaServerChanged", "onMediaMoved")]
