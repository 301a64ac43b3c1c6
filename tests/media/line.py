"""A person's socket in the place of a media server: light peers publish and watch through a whole MicConnect server."""

from micconnect.media.base import WatchOffer
from micconnect.protocol.views import Slot
from tests.live import Client
from tests.media.peers import grant

ANYTHING = grant("room", "anybody")  # over a socket the room itself knows the grant


class Line:
    """As much of a MediaBackend as the light peers need. `offers` counts the SDP that came for watching."""

    def __init__(self, client: Client, *, is_screen: bool = False) -> None:
        self.client, self.is_screen = client, is_screen
        self.offers = 0

    async def open_publish(self, seat: object, offer_sdp: str) -> str:
        """Publish on the own seat, or the own screen."""
        return str((await self.client.do("publish", sdp=offer_sdp, isScreen=self.is_screen))["sdp"])

    async def open_watch(self, *_: object, **__: object) -> WatchOffer:
        """Watch the room as the person may."""
        told = await self.client.do("watch")
        self.offers += 1
        slots = tuple(
            Slot(s["seatIndex"], s["audioMid"], s["videoMid"], s["isScreen"], s.get("picture")) for s in told["slots"]
        )
        return WatchOffer(told["watchId"], told["sdp"], slots, tuple(told.get("pictures") or ()))

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The answer to `open_watch`."""
        await self.client.do("answer", watchId=watch_id, sdp=sdp)
