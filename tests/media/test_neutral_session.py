"""The page's own media session in a real browser, with a media server behind it and a room that the test plays."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest_asyncio
from playwright.async_api import Page, Route

from micconnect.media.base import SCREEN_PLACE, FeedGone, MediaBackend
from tests.media.conftest import started
from tests.media.pages import browser
from tests.media.peers import grant, until

STATIC = Path(__file__).resolve().parents[2] / "static"

PLAY = """async (connection) => {
  const { MicMedia } = await import('/static/micconnect/media/session.js');
  const room = new EventTarget();
  room.told = [];
  room.isHere = connection !== null;
  room.set = (parts) => { room.state = {...room.state, ...parts}; room.dispatchEvent(new Event('change')); };
  room.publish = (sdp, {isScreen}) => pyPublish(sdp, isScreen);
  room.watch = async () => JSON.parse(await pyWatch(room.state.role));
  room.answer = (watchId, sdp) => pyAnswer(watchId, sdp);
  room.setDevice = async ({device, isOpen}) => {
    room.told.push(`${device} ${isOpen}`);
    room.set({me: {connection: {...room.state.me.connection, [device]: isOpen ? 'open' : 'closed'}}});
  };
  window.room = room;
  window.media = new MicMedia(room);
  room.set({status: {phase: 'open'}, info: {status: 'live', seatCount: 2}, role: 'audience',
            media: {generation: 1, isUp: true}, me: {connection}});
}"""

SHOWN = """async () => {
  const video = document.createElement('video');
  video.muted = video.autoplay = true;
  video.srcObject = media.watch?.streams.get('screen')?.video;
  document.body.append(video);
  return (await media.stats()).screen?.framesDecoded ?? 0;
}"""


class Stage:
    """A media server, a page that shares its screen and a page that watches."""

    def __init__(self, backend: MediaBackend, owner: Page, viewer: Page) -> None:
        self.backend, self.owner, self.viewer = backend, owner, viewer
        self.screen = grant("session", "owner", seat=SCREEN_PLACE)
        self.watches: list[str] = []

    async def play(self, page: Page, viewer_id: str, connection: dict[str, str] | None) -> None:
        """Connects a page's session with the forwarder and begins."""

        async def publish(sdp: str, is_screen: bool) -> str:
            assert is_screen
            return await self.backend.open_publish(self.screen, sdp)

        async def watch(role: str) -> str:
            offer = await self.backend.open_watch("session", viewer_id, 3, is_staff=role == "moderator")
            self.watches.append(offer.watch_id)
            told = {"sdp": offer.sdp, "watchId": offer.watch_id, "slots": offer.slots, "pictures": offer.pictures}
            return msgspec.json.encode(told).decode()

        await page.expose_function("pyPublish", publish)
        await page.expose_function("pyWatch", watch)
        await page.expose_function("pyAnswer", self.backend.answer)
        await page.evaluate(PLAY, connection)

    async def shown(self) -> None:
        """Wait until more of the screen is decoded at the viewer."""
        frames = []
        for _ in range(200):
            frames.append(await self.viewer.evaluate(SHOWN))
            if frames[-1] > min(frames) + 3:
                return
            await self.viewer.wait_for_timeout(100)
        raise AssertionError(f"waited in vain for the screen: {frames[-5:]}")


async def serve(route: Route) -> None:
    """A page with something that moves, and our modules."""
    path = route.request.url.partition("/static/")[2]
    if path:
        await route.fulfill(body=(STATIC / path).read_bytes(), content_type="text/javascript")
    else:
        move = "<script>setInterval(() => { document.title = document.body.textContent = Date.now(); }, 50);</script>"
        await route.fulfill(body=f"<!doctype html><body></body>{move}", content_type="text/html")


@pytest_asyncio.fixture
async def stage(new_backend: MediaBackend) -> AsyncIterator[Stage]:
    async with started(new_backend) as backend, browser() as context:
        await context.route("**/*", serve)
        pages = [await context.new_page() for _ in range(2)]
        for page in pages:
            await page.goto("http://127.0.0.1/")
        stage = Stage(backend, *pages)
        await stage.play(stage.viewer, "viewer", None)
        connection = {"connectionId": "c1", "microphone": "open", "camera": "open", "screen": "closed"}
        await stage.play(stage.owner, "owner", connection)
        yield stage


async def gone(events: AsyncIterator[Any], grant_id: str) -> None:
    while await anext(events) != FeedGone("session", grant_id):
        pass


async def test_a_screen_is_shared_seen_and_ended_by_the_browsers_own_button(stage: Stage) -> None:
    events = stage.backend.events()
    await stage.owner.evaluate("media.openScreen()")
    assert await stage.owner.evaluate("room.told") == ["screen true"]
    await stage.shown()
    await stage.owner.evaluate("media.screen.stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    await gone(events, stage.screen.grant_id)
    assert await stage.owner.evaluate("room.told") == ["screen true", "screen false"]
    # Sharing once more is a new opening, for which the room gives a new grant.
    stage.screen = grant("session", "owner", seat=SCREEN_PLACE)
    await stage.owner.evaluate("media.openScreen()")
    await stage.shown()
    await stage.owner.evaluate("media.closeScreen()")
    await gone(events, stage.screen.grant_id)


async def test_a_watch_that_the_server_ends_is_made_anew_as_is_one_of_another_role(stage: Stage) -> None:
    await stage.owner.evaluate("media.openScreen()")
    await stage.shown()
    mine = stage.watches[0]
    await stage.backend.close_watch(mine)
    await until(lambda: len(stage.watches) == 3, "another watch")
    await stage.shown()
    await stage.backend.set_backstage("session", stage.screen.grant_id, True)
    await stage.viewer.evaluate("room.set({role: 'moderator'})")
    await stage.shown()
    assert len(stage.watches) == 4
