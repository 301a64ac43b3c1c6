"""Pages of a real browser with a fake camera and microphone, as peers of a media server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import BrowserContext, Page, async_playwright

from tests import chromium

FLAGS = [*chromium.FLAGS, "--auto-select-desktop-capture-source=Entire"]

PUBLISH = """async () => {
  const video = {width: 640, height: 360, frameRate: 20};
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video});
  window.pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  for (const track of stream.getTracks()) pc.addTransceiver(track, {direction: 'sendonly', streams: [stream]});
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}"""

SHARE = """async () => {
  const screen = await navigator.mediaDevices.getDisplayMedia({video: {frameRate: {max: 15}}, audio: false});
  window.pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  pc.addTransceiver(screen.getVideoTracks()[0], {direction: 'sendonly', streams: [screen]});
  setInterval(() => document.body.append(`${Date.now()} `), 50);
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}"""

WATCH = """async (sdp) => {
  window.pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  pc.ontrack = (event) => {
    const player = document.createElement(event.track.kind);
    player.muted = player.autoplay = true;
    player.srcObject = new MediaStream([event.track]);
    document.body.append(player);
  };
  await pc.setRemoteDescription({type: 'offer', sdp});
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}"""

RECEIVED = """async () => {
  const got = {};
  for (const s of (await pc.getStats()).values()) {
    if (s.type === 'inbound-rtp') got[s.mid] = {bytes: s.bytesReceived, frames: s.framesDecoded ?? 0};
  }
  return got;
}"""


@asynccontextmanager
async def browser() -> AsyncIterator[BrowserContext]:
    """Chromium with a fake camera and microphone, and a blank page where it counts as secure."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium.path(), args=FLAGS)
        context = await running.new_context()
        await context.route(
            "**/*", lambda route: route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html")
        )
        try:
            yield context
        finally:
            await running.close()


async def blank(context: BrowserContext) -> Page:
    page = await context.new_page()
    await page.goto("http://127.0.0.1/")
    return page


async def eventually(page: Page, is_true: Callable[[Any], bool], what: str) -> dict[str, Any]:
    """The statistics of the page's receiving side once they fit."""
    for _ in range(200):
        stats: dict[str, Any] = await page.evaluate(RECEIVED)
        if is_true(stats):
            return stats
        await page.wait_for_timeout(100)
    raise AssertionError(f"waited in vain for {what}: {stats}")


async def stands_still(page: Page, read: Callable[[Any], int]) -> bool:
    """Whether a figure does not grow for a second, after what is under way has come."""
    await page.wait_for_timeout(500)
    before = read(await page.evaluate(RECEIVED))
    await page.wait_for_timeout(1000)
    return read(await page.evaluate(RECEIVED)) == before


async def grows(page: Page, mid: str, figure: str) -> None:
    before = (await page.evaluate(RECEIVED)).get(mid, {}).get(figure, 0)
    await eventually(page, lambda s: s.get(mid, {}).get(figure, 0) > before + 5, f"{figure} of {mid} to grow")


async def publish(page: Page, open_publish: Callable[[str], Awaitable[str]], script: str = PUBLISH) -> str:
    offer = await page.evaluate(script)
    answer = await open_publish(offer)
    await page.evaluate("sdp => pc.setRemoteDescription({type: 'answer', sdp})", answer)
    return answer
