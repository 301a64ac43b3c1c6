"""A real browser with a fake camera publishes, another page watches: sound and picture flow and stop on command."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import BrowserContext, Page, async_playwright

from micconnect.media.base import SCREEN_PLACE
from micconnect.media.embedded import EmbeddedBackend
from micconnect.protocol.words import Device
from tests import chromium
from tests.media.peers import grant

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--auto-select-desktop-capture-source=Entire",
]

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
  window.streams = new Set();
  pc.ontrack = (event) => {
    streams.add(event.streams[0].id);
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
        stats = await page.evaluate(RECEIVED)
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


async def speaks(backend: EmbeddedBackend, page: Page) -> None:
    """Wait until the fake microphone's beep and a good line are measured."""
    for _ in range(200):
        (stats,) = await backend.measure("web") or (None,)
        if stats is not None and stats.audio_level > 20 and stats.kbps > 50 and stats.rtt_ms is not None:
            assert stats.loss < 0.5
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"waited in vain for a measured voice: {stats}")


async def publish(page: Page, open_publish: Callable[[str], Awaitable[str]], script: str = PUBLISH) -> str:
    offer = await page.evaluate(script)
    answer = await open_publish(offer)
    await page.evaluate("sdp => pc.setRemoteDescription({type: 'answer', sdp})", answer)
    return answer


async def test_chromium_publishes_and_watches_and_mutes_take_effect() -> None:
    backend = EmbeddedBackend("127.0.0.1")
    await backend.start()
    try:
        async with browser() as context:
            host, viewer = await blank(context), await blank(context)
            offer = await backend.open_watch("web", "viewer", 10, is_staff=False)
            await backend.answer(offer.watch_id, await viewer.evaluate(WATCH, offer.sdp))
            assert sorted(await viewer.evaluate("[...streams]")) == ["screen", *(f"seat-{i}" for i in range(10))]
            seat = grant("web", "host", seat=3)
            await publish(host, lambda sdp: backend.open_publish(seat, sdp))
            audio, video = offer.slots[3].audio_mid, offer.slots[3].video_mid

            await grows(viewer, video, "frames")
            await grows(viewer, audio, "bytes")
            levels = {t.kind: t.level for t in (await backend.figures()).tracks}
            assert levels["audio"] is not None and 0 <= levels["audio"] <= 127
            await speaks(backend, host)

            await backend.set_muted("web", seat.grant_id, Device.CAMERA, True)
            assert await stands_still(viewer, lambda s: s[video]["bytes"])
            await grows(viewer, audio, "bytes")
            await backend.set_muted("web", seat.grant_id, Device.CAMERA, False)
            await grows(viewer, video, "frames")
            await backend.set_muted("web", seat.grant_id, Device.MICROPHONE, True)
            assert await stands_still(viewer, lambda s: s[audio]["bytes"])

            await backend.cut("web", seat.grant_id)
            assert await stands_still(viewer, lambda s: s[video]["bytes"] + s[audio]["bytes"])
            # The next one on the same seat appears in the same slot, without any SDP for the viewer.
            guest = await blank(context)
            await publish(guest, lambda sdp: backend.open_publish(grant("web", "guest", seat=3), sdp))
            await grows(viewer, video, "frames")
            await grows(viewer, audio, "bytes")
    finally:
        await backend.stop()


async def test_chromium_shares_a_screen_and_notices_that_its_watch_was_ended() -> None:
    backend = EmbeddedBackend("127.0.0.1")
    await backend.start()
    try:
        async with browser() as context:
            owner, viewer = await blank(context), await blank(context)
            offer = await backend.open_watch("web", "viewer", 2, is_staff=True)
            await backend.answer(offer.watch_id, await viewer.evaluate(WATCH, offer.sdp))
            screen = grant("web", "owner", seat=SCREEN_PLACE, is_backstage=True)
            await publish(owner, lambda sdp: backend.open_publish(screen, sdp), SHARE)
            await grows(viewer, offer.slots[-1].video_mid, "frames")
            await backend.close_watch(offer.watch_id)
            # What static/micconnect/media/peer.js goes by.
            await viewer.wait_for_function("pc.getTransceivers()[0].receiver.transport.state === 'closed'")
    finally:
        await backend.stop()
