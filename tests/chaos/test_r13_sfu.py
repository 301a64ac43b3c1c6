"""R13: the media server is killed, again and again; a guest's media vanish; with Janus, our own process is killed.

Seats stay as they are, media come back by themselves; and through Janus they do not even stop while we are away.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from micconnect.mediachoice import CHOICES, JANUS
from tests.chaos import figures, law
from tests.chaos.follower import Follower
from tests.chaos.mediapage import MediaPage
from tests.chaos.processes import restart, serving
from tests.chaos.show import Show, open_show
from tests.live import Server
from tests.media import janus_server
from tests.media.janus_server import JanusServer
from tests.media.peers import peers_on, until

KILLS = figures.count(2, 20)
AWAY_S = 2.0
KEPT_S = 20.0  # Janus keeps what nobody claims for 30 s (deploy/janus); we need some of it to begin
REST_S = 3.0  # a page may ask the media server once a second, and needs three questions for a new beginning
FREED_S = 120.0  # far beyond the 30 s for which a seat is kept
LOOPBACK = "127.0.0.1"


class Stage:
    """A live room: the host on seat 0 and two guests send, the host and a viewer watch."""

    def __init__(self, kind: str, server: Server, janus: JanusServer | None) -> None:
        self.kind, self.server, self.janus = kind, server, janus
        self.show: Show
        self.host: MediaPage
        self.guests: list[MediaPage]
        self.viewer: MediaPage

    async def open(self) -> None:
        """Everybody on air is heard by everybody else."""
        self.show = await open_show([self.server], audience=4, helpers=0)
        first, second, viewer, _ = self.show.audience
        self.host = MediaPage(self.show.host, sends=True, watches=True)
        for guest in (first, second):
            await self.show.seat(guest)
        self.guests = [MediaPage(first, sends=True), MediaPage(second, sends=True)]
        self.viewer = MediaPage(viewer, watches=True)
        await self.viewer.hears(0, 1, 2, since=time.monotonic())
        await self.host.hears(1, 2, since=time.monotonic())
        await self.until_all_live()

    @property
    def pages(self) -> list[MediaPage]:
        return [self.host, *self.guests, self.viewer]

    def seats(self) -> list[tuple[str, int, str]]:
        """Who is where, as the host hears."""
        users = self.show.host.picture.state["connectedUsers"]
        return sorted((user["userId"], user["seatIndex"], user["connectionId"]) for user in users)

    def states(self) -> dict[str, str]:
        return {user["userId"]: user["state"] for user in self.show.host.picture.state["connectedUsers"]}

    async def until_all_live(self) -> None:
        await self.show.host.until(lambda: set(self.states().values()) == {"live"}, "everybody to be live", FREED_S)

    async def kill_media_server(self) -> None:
        """kill -9. Ours is started again by the process that owns it, Janus by us, as a service manager does."""
        if self.janus is not None:
            await asyncio.to_thread(self.janus.kill)
            await asyncio.to_thread(self.janus.start)
        else:
            os.kill(forwarder_of(self.server), signal.SIGKILL)

    async def close(self) -> None:
        for page in self.pages:
            await page.close()


def forwarder_of(server: Server) -> int:
    """The pid of the embedded forwarder."""
    (pid,) = [p for p in server.children() if b"micconnect.media.sfu" in Path(f"/proc/{p}/cmdline").read_bytes()]
    return pid


async def media_up(follower: Follower, above: int = 0) -> None:
    """Until somebody has heard that the media server is there, of a generation above that."""

    def is_so() -> bool:
        media = follower.picture.state["media"]
        return follower.is_live and bool(media["isUp"]) and media["generation"] > above

    await follower.until(is_so, "the media server to be there", 60)


@asynccontextmanager
async def stage_with(kind: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        janus = stack.enter_context(JanusServer()) if kind == JANUS else None
        stack.enter_context(peers_on(janus.address if janus else LOOPBACK))
        (server,) = await stack.enter_async_context(serving(janus_server.settings_for(janus) if janus else {}))
        stage = Stage(kind, server, janus)
        await stage.open()
        stack.push_async_callback(stage.close)
        yield stage


@pytest.mark.parametrize("kind", CHOICES)
async def test_r13_kills_of_the_media_server_cost_nobody_the_seat(kind: str) -> None:
    async with stage_with(kind) as stage:
        seats, backs = stage.seats(), []
        for _ in range(KILLS):
            generation = stage.show.host.picture.state["media"]["generation"]
            began = time.monotonic()
            await stage.kill_media_server()
            for follower in stage.show.everybody:
                await media_up(follower, above=generation)
            backs.append(await stage.viewer.hears(0, 1, 2, since=began))
            await stage.host.hears(1, 2, since=began)
            await stage.until_all_live()
            assert stage.seats() == seats
            await asyncio.sleep(REST_S)
        await law.true_again(stage.show.everybody)
        figures.note(
            f"r13 media server killed, {kind}",
            kills=KILLS,
            back_p50_s=figures.percentile(backs, 0.5),
            back_p95_s=figures.percentile(backs, 0.95),
        )


@pytest.mark.parametrize("kind", CHOICES)
async def test_r13_a_guest_whose_media_vanish_is_shown_and_then_off_the_seat(kind: str) -> None:
    async with stage_with(kind) as stage:
        guest, other = stage.guests
        name = guest.follower.name
        began = time.monotonic()
        guest.vanish()
        await stage.show.host.until(lambda: stage.states().get(name) == "reconnecting", "it to be shown", FREED_S)
        shown_s = time.monotonic() - began
        await stage.show.host.until(lambda: name not in stage.states(), "the seat to be freed", FREED_S)
        freed_s = time.monotonic() - began
        await stage.viewer.hears(0, 2, since=time.monotonic())
        assert stage.states().keys() == {stage.show.host.name, other.follower.name}
        figures.note(f"r13 media vanished, {kind}", shown_s=shown_s, freed_after_shown_s=freed_s - shown_s)


async def test_r13_through_janus_media_go_on_while_we_are_away_and_all_is_known_again() -> None:
    async with stage_with(JANUS) as stage:
        seats, generation = stage.seats(), stage.show.host.picture.state["media"]["generation"]
        offers = [page.offers for page in stage.pages]
        watching = stage.viewer.watching
        assert watching
        came = watching.came[1, "audio"]

        await asyncio.to_thread(stage.server.kill)
        killed_at, before = time.monotonic(), len(came)
        await asyncio.sleep(AWAY_S)
        assert len(came) - before > AWAY_S * 25, "half of the packets at least, while nobody controls anything"
        await asyncio.to_thread(stage.server.start)
        for follower in stage.show.everybody:
            await media_up(follower)
        await stage.until_all_live()
        await stage.viewer.hears(0, 1, 2, since=time.monotonic())
        assert stage.show.host.picture.state["media"]["generation"] == generation
        assert stage.seats() == seats
        assert [page.offers for page in stage.pages] == offers, "nobody had to negotiate"
        longest_s = longest_silence(stage.viewer, killed_at)

        # the lines are ours again: a lock silences one, a ban ends another, somebody new is heard
        muted = stage.guests[0].follower
        await stage.show.host.do("lockDevice", userId=muted.name, device="microphone", isLocked=True)
        assert await watching.silence(1, "audio")
        await watching.more(2, "audio")
        await stage.show.host.do("banUser", userId=stage.viewer.follower.name)
        await until(lambda: watching.pc.connectionState == "closed", "the watch to end")
        figures.note("r13 control restarted, janus", away_s=AWAY_S, longest_silence_s=longest_s)


async def test_r13_a_control_killed_again_and_again_finds_janus_as_it_is() -> None:
    async with stage_with(JANUS) as stage:
        longest, aways = [], []
        for _ in range(KILLS):
            offers, began = [page.offers for page in stage.pages], time.monotonic()
            await restart(stage.server, Server.kill)
            aways.append(time.monotonic() - began)
            await stage.show.host.until(lambda: stage.show.host.is_live, "the host to be back", 60)
            await stage.until_all_live()
            await stage.viewer.hears(0, 1, 2, since=time.monotonic())
            if aways[-1] < KEPT_S:
                assert [page.offers for page in stage.pages] == offers, f"nobody had to negotiate: {aways}"
                longest.append(longest_silence(stage.viewer, began))
        assert longest, f"we never came back in time: {aways}"
        figures.note(
            "r13 control killed, janus", kills=KILLS, kept=len(longest), away_s=max(aways), silence_s=max(longest)
        )


def longest_silence(page: MediaPage, since: float) -> float:
    """The longest time between two sound packets of seat 1 after a moment, in seconds."""
    assert page.watching
    moments = [since, *(moment for moment in page.watching.came[1, "audio"] if moment > since)]
    return max(b - a for a, b in zip(moments, moments[1:], strict=False))
