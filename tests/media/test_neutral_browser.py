"""A real browser with a fake camera publishes, another page watches: sound and picture flow and stop on command."""

from playwright.async_api import Page

from micconnect.media.base import SCREEN_PLACE, MediaBackend
from micconnect.protocol.words import Device
from tests.media.conftest import started
from tests.media.pages import SHARE, WATCH, blank, browser, grows, publish, stands_still
from tests.media.peers import grant


async def speaks(backend: MediaBackend, page: Page) -> None:
    """Wait until the fake microphone's beep and a good line are measured."""
    stats = None
    for _ in range(600):
        (stats,) = await backend.measure("web") or (None,)
        if stats is not None and stats.audio_level > 20 and stats.kbps > 20:
            assert stats.loss < 0.5
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"waited in vain for a measured voice: {stats}")


async def test_chromium_publishes_and_watches_and_mutes_take_effect(new_backend: MediaBackend) -> None:
    async with started(new_backend) as backend, browser() as context:
        host, viewer = await blank(context), await blank(context)
        offer = await backend.open_watch("web", "viewer", 10, is_staff=False)
        await backend.answer(offer.watch_id, await viewer.evaluate(WATCH, offer.sdp))
        seat = grant("web", "host", seat=3)
        await publish(host, lambda sdp: backend.open_publish(seat, sdp))
        audio, video = offer.slots[3].audio_mid, offer.slots[3].video_mid

        await grows(viewer, video, "frames")
        await grows(viewer, audio, "bytes")
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


async def test_chromium_shares_a_screen_and_notices_that_its_watch_was_ended(new_backend: MediaBackend) -> None:
    async with started(new_backend) as backend, browser() as context:
        owner, viewer = await blank(context), await blank(context)
        offer = await backend.open_watch("screens", "viewer", 2, is_staff=True)
        await backend.answer(offer.watch_id, await viewer.evaluate(WATCH, offer.sdp))
        screen = grant("screens", "owner", seat=SCREEN_PLACE, is_backstage=True)
        await publish(owner, lambda sdp: backend.open_publish(screen, sdp), SHARE)
        await grows(viewer, offer.slots[-1].video_mid, "frames")
        await backend.close_watch(offer.watch_id)
        # What static/micconnect/media/peer.js goes by.
        await viewer.wait_for_function("pc.getTransceivers()[0].receiver.transport.state === 'closed'")
