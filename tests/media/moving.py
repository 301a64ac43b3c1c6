"""Watches with moving pictures, as tests of several backends look at them."""

from micconnect.media.base import MediaBackend
from tests.media.peers import MOVING, LightWatcher, until


async def watching(
    backend: MediaBackend, room_id: str, viewer_id: str, pictures: int, is_staff: bool = False
) -> LightWatcher:
    """Somebody who watches four seats with so many moving pictures."""
    return await LightWatcher().watch(backend, room_id, viewer_id, 4, is_staff, pictures)


async def shows(watcher: LightWatcher, picture: int, mark: int) -> None:
    """Wait until a moving picture carries what `mark` sends, and a little of it."""
    packets = watcher.got[picture, MOVING]
    await until(lambda: packets and packets[-1].payload.endswith(bytes([mark])), f"{mark} in picture {picture}")
    await watcher.more(picture, MOVING)
    assert packets[-1].payload.endswith(bytes([mark]))
