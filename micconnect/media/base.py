"""The plug between the room and any media server: what is asked, what is reported, how the two are kept alike."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from micconnect.protocol.views import Slot
from micconnect.protocol.words import Device


class MediaUnavailable(Exception):
    """The media server is away for the moment; the same call may succeed later."""


class MediaRefused(Exception):
    """The grant or the SDP was refused. The text says why and may be shown to the person; repeating does not help."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class SeatGrant(Struct, frozen=True):
    """Leave to send media for one time on air. `grant_id` is never used again; a seat without video never sends any."""

    grant_id: str
    room_id: str
    user_id: str
    seat_index: int
    has_video: bool
    audio_muted: bool
    video_muted: bool


class WatchOffer(Struct, frozen=True):
    """The server's offer to one viewer. Its SDP stays as it is while people come and go on the seats of `slots`."""

    watch_id: str
    sdp: str
    slots: tuple[Slot, ...]


class Feed(Struct, frozen=True):
    """One grant that has a line to the media server, and what the server forwards of it now.

    `is_up`: its media have arrived, muted or not. It is what FeedUp and FeedGone have told so far, hence whoever
    missed one of them finds the truth here; a line that replaces an older one goes on as the older one was.
    """

    grant_id: str
    audio_muted: bool
    video_muted: bool
    is_up: bool


class FeedUp(Struct, frozen=True, tag=True):
    """The first packet of a grant's media has arrived, muted or not."""

    room_id: str
    grant_id: str


class FeedGone(Struct, frozen=True, tag=True):
    """A grant's line has ended without our doing: closed, failed, or silent for too long."""

    room_id: str
    grant_id: str


class BackendUp(Struct, frozen=True, tag=True):
    """The media server is ready and empty; all who are on air have to publish, all who watch have to watch anew."""

    generation: int


class BackendDown(Struct, frozen=True, tag=True):
    """The media server is away; nothing is heard until the next BackendUp."""


MediaEvent = FeedUp | FeedGone | BackendUp | BackendDown


class MediaBackend(Protocol):
    """A media server. Every method raises MediaUnavailable while it is away, but `cut` and the closing ones.

    Those succeed then, because a server that is away forwards nothing and comes back empty.
    """

    family: Literal["sdp"]

    @property
    def generation(self) -> int:
        """Grows with each start of the media server, also across restarts of this process."""
        ...

    @property
    def is_up(self) -> bool:
        """Whether calls can succeed now."""
        ...

    async def start(self) -> None:
        """Begin to serve. Returns when the server is up, or after a few seconds while it is still being tried."""
        ...

    async def stop(self) -> None:
        """End it all; iterators of `events` end too."""
        ...

    async def open_publish(self, grant: SeatGrant, offer_sdp: str) -> str:
        """Let the grant send: returns the answer. Raises MediaRefused.

        A later call replaces the line of an earlier one, never the other way round: the earlier one is refused if it
        is slower.
        """
        ...

    async def open_watch(self, room_id: str, viewer_id: str, seats: int) -> WatchOffer:
        """Offer one viewer the seats 0 to seats - 1. A viewer's own media never comes back to them."""
        ...

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The viewer's answer to the offer. Raises MediaRefused, also for a watch that is over."""
        ...

    async def close_watch(self, watch_id: str) -> None:
        """End a watch. Repeating does nothing."""
        ...

    async def set_muted(self, room_id: str, grant_id: str, device: Device, is_muted: bool) -> None:
        """Forward a device of a grant or not; in force when it returns. A grant without a line is no error."""
        ...

    async def cut(self, room_id: str, grant_id: str) -> None:
        """After this no media of the grant reaches anyone, and the grant can never publish again. Repeating is fine."""
        ...

    async def close_room(self, room_id: str) -> None:
        """Cut everybody in the room and end all its watches. Repeating does nothing."""
        ...

    async def snapshot(self, room_id: str) -> tuple[Feed, ...]:
        """The grants that have a line now, in no promised order."""
        ...

    def events(self) -> AsyncIterator[MediaEvent]:
        """What happens from this call on, beginning with BackendUp if the server is up already."""
        ...


async def reconcile(backend: MediaBackend, room_id: str, grants: Sequence[SeatGrant]) -> None:
    """Make the feeds of a room match its grants: cut strangers, then mute, then unmute.

    Repeating changes nothing more. A failing call leaves the rest for the next time.
    """
    wanted = {grant.grant_id: grant for grant in grants}
    feeds = await backend.snapshot(room_id)
    for feed in feeds:
        if feed.grant_id not in wanted:
            await backend.cut(room_id, feed.grant_id)
    changes: list[tuple[str, Device, bool]] = []
    for feed in feeds:
        grant = wanted.get(feed.grant_id)
        if grant is None:
            continue
        if feed.audio_muted != grant.audio_muted:
            changes.append((feed.grant_id, Device.MICROPHONE, grant.audio_muted))
        if feed.video_muted != grant.video_muted:
            changes.append((feed.grant_id, Device.CAMERA, grant.video_muted))
    # Silence first: if a call fails half-way, too little is heard rather than too much.
    for grant_id, device, is_muted in sorted(changes, key=lambda change: not change[2]):
        await backend.set_muted(room_id, grant_id, device, is_muted)
