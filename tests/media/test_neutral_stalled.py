"""A device that dies while its line stands: every kind of media server says so, and when it is well again."""

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from micconnect.media.base import SCREEN_PLACE, FeedGone, FeedStalled, FeedUp, MediaBackend
from micconnect.protocol.words import Device
from tests.media.peers import Heard, LightPublisher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MICROPHONE, CAMERA = Device.MICROPHONE, Device.CAMERA
LONG_S = 6.0  # more than a stop takes to be told


def pause(publisher: LightPublisher, *kinds: str) -> None:
    """From now on these kinds bring nothing, and the others do."""
    for track in publisher.tracks:
        track.is_paused = track.kind in kinds


async def told(heard: Heard, devices: Sequence[Device], what: str) -> None:
    """Wait for what was told last."""
    await until(lambda: heard.stalled == tuple(devices), what)


@pytest.mark.parametrize(("kind", "device"), [("video", CAMERA), ("audio", MICROPHONE)])
async def test_a_device_that_stops_is_told_and_told_again_when_it_flows(
    backend: MediaBackend, kind: str, device: Device
) -> None:
    room = f"stop {kind}"
    async with peers() as open_peers:
        heard, ann = Heard(backend, room), grant(room, "ann")
        publisher = LightPublisher()
        open_peers += [heard, publisher]
        await publisher.publish(backend, ann)
        await until(lambda: heard.events == [FeedUp(room, ann.grant_id)], "up")
        await asyncio.sleep(LONG_S)
        assert heard.stalls == [], "all is well"
        pause(publisher, kind)
        await told(heard, [device], f"the {device} told")
        (feed,) = await backend.snapshot(room)
        assert (feed.stalled, feed.is_up) == ((device,), True)
        pause(publisher)
        await told(heard, [], f"the {device} well again")
        (feed,) = await backend.snapshot(room)
        assert feed.stalled == ()
        assert len(heard.stalls) == 2
        assert heard.events == [FeedUp(room, ann.grant_id)], "the line stood all the time"


async def test_a_guest_by_sound_alone_whose_microphone_stops_is_told(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard, ann = Heard(backend, "alone"), grant("alone", "ann", video=False)
        publisher = LightPublisher(video=False)
        open_peers += [heard, publisher]
        await publisher.publish(backend, ann)
        await until(lambda: heard.events, "up")
        pause(publisher, "audio")
        await told(heard, [MICROPHONE], "the microphone told")


async def test_a_screen_that_stands_still_is_told_by_its_own_grant(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard, screen = Heard(backend, "still"), replace(grant("still", "ann"), seat_index=SCREEN_PLACE)
        publisher = LightPublisher(audio=False)
        open_peers += [heard, publisher]
        await publisher.publish(backend, screen)
        await until(lambda: heard.events, "up")
        pause(publisher, "video")
        await told(heard, [CAMERA], "the screen told")
        assert heard.stalls[-1] == FeedStalled("still", screen.grant_id, (CAMERA,))
        pause(publisher)
        await told(heard, [], "it moves again")
        assert FeedGone("still", screen.grant_id) not in heard.events


async def test_a_camera_that_never_begins_is_told(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(backend, "never")
        publisher = LightPublisher()
        open_peers += [heard, publisher]
        pause(publisher, "video")
        await publisher.publish(backend, grant("never", "ann"))
        await told(heard, [CAMERA], "the camera told")


async def test_what_is_closed_is_not_missed_and_has_its_time_when_it_opens(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard, ann = Heard(backend, "closed"), grant("closed", "ann", video_muted=True)
        publisher = LightPublisher()
        open_peers += [heard, publisher]
        await publisher.publish(backend, ann)
        await until(lambda: heard.events, "up")
        pause(publisher, "video")
        await asyncio.sleep(LONG_S)
        assert heard.stalls == []
        await backend.set_muted("closed", ann.grant_id, CAMERA, False)
        await told(heard, [CAMERA], "the camera told")
        await backend.set_muted("closed", ann.grant_id, CAMERA, True)
        await told(heard, [], "it is closed")


async def test_a_line_that_replaces_another_goes_on_with_what_was_told(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard, ann = Heard(backend, "again"), grant("again", "ann")
        first, second = LightPublisher(), LightPublisher()
        open_peers += [heard, first, second]
        await first.publish(backend, ann)
        await until(lambda: heard.events, "up")
        pause(first, "video")
        await told(heard, [CAMERA], "the camera told")
        await second.publish(backend, ann)
        await told(heard, [], "another camera")
        assert len(heard.stalls) == 2
