"""The plug between the room and any media server: what is asked, what is reported, how the two are kept alike."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from micconnect.protocol.views import Slot
from micconnect.protocol.words import Device

SCREEN_PLACE = -1  # the place of a shared screen; no seat has this number
SCREEN_FACTOR = 2.5  # a screen may take so many times the bitrate of a camera, or small letters cannot be read


class MediaUnavailable(Exception):
    """The media server is away for the moment; the same call may succeed later."""


class MediaRefused(Exception):
    """The grant or the SDP was refused. The text says why and may be shown to the person; repeating does not help."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class SeatGrant(Struct, frozen=True):
    """Leave to send media for one time on air. `grant_id` is never used again; a seat without video never sends any.

    `seat_index`: where the media are shown; it may change while the grant lives. A shared screen is a grant of its own
    with the seat_index SCREEN_PLACE and a picture only. `is_backstage`: only watchers of the staff get it. `window`:
    the one of the person's that sends.
    """

    grant_id: str
    room_id: str
    user_id: str
    seat_index: int
    has_video: bool
    audio_muted: bool
    video_muted: bool
    is_backstage: bool = False
    window: str = ""

    def comes_from(self, viewer_id: str, window: str) -> bool:
        """Whether a viewer in this window sends it, and so must not get it back."""
        return (self.user_id, self.window) == (viewer_id, window)

    @property
    def is_screen(self) -> bool:
        """Whether it is for a shared screen instead of a person's own microphone and camera."""
        return self.seat_index == SCREEN_PLACE


class WatchOffer(Struct, frozen=True):
    """The server's offer to one viewer. Its SDP stays as it is while people come and go on the seats of `slots`.

    `pictures`: the seats that its moving pictures show now, in the order of their slots; -1: that one shows nobody.
    """

    watch_id: str
    sdp: str
    slots: tuple[Slot, ...]
    pictures: tuple[int, ...] = ()


class KeptWatch(Struct, frozen=True):
    """A watch as it stands at the media server; `note` is what the caller of `open_watch` gave along."""

    watch_id: str
    room_id: str
    viewer_id: str
    is_staff: bool
    note: str
    window: str = ""


class Feed(Struct, frozen=True):
    """One grant that has a line to the media server, and what the server forwards of it now.

    `is_up`: its media have arrived, muted or not. It is what FeedUp and FeedGone have told so far, hence whoever
    missed one of them finds the truth here; a line that replaces an older one goes on as the older one was. `stalled`
    is the same of FeedStalled.
    """

    grant_id: str
    audio_muted: bool
    video_muted: bool
    is_up: bool
    seat_index: int
    is_backstage: bool = False
    stalled: tuple[Device, ...] = ()


class FeedStats(Struct, frozen=True):
    """How one feed arrived at the media server in the last second or so.

    `audio_level`: of its loudest moment, 0 silent (or unknown) to 100 full scale, in steps of equal decibels from
    -60 dBov on, and as it arrived, muted or not. `loss`: the part of its packets that did not come, 0 to 1; 1 when
    nothing came at all. `rtt_ms`: the way to the sender and back, None if the server cannot tell.
    """

    grant_id: str
    audio_level: int
    loss: float
    kbps: int
    rtt_ms: int | None


class NodeFigures(Struct, frozen=True):
    """One server process or machine of the backend, for metrics. Counters run since its start; None: it cannot tell."""

    name: str
    is_up: bool
    rooms: int
    feeds: int
    watches: int
    forwarded_packets: int | None = None
    cpu_s: float | None = None


class FeedUp(Struct, frozen=True, tag=True):
    """The first packet of a grant's media has arrived, muted or not."""

    room_id: str
    grant_id: str


class FeedGone(Struct, frozen=True, tag=True):
    """A grant's line has ended without our doing: closed, failed, or silent for too long."""

    room_id: str
    grant_id: str


class FeedStalled(Struct, frozen=True, tag=True):
    """Of these devices of a grant nothing has come for about 3 s, though they are not muted and the line stands.

    Always the whole list: what is not on it flows, or need not. The picture of a screen counts as a CAMERA.
    """

    room_id: str
    grant_id: str
    devices: tuple[Device, ...]


FeedEvent = FeedUp | FeedGone | FeedStalled


class BackendUp(Struct, frozen=True, tag=True):
    """The media server is ready.

    A new `generation`: it is empty; all who are on air have to publish, all who watch have to watch anew. `is_kept`:
    it went on without us under the same generation; `snapshot` and `watches` tell what it carries.
    """

    generation: int
    is_kept: bool = False


class BackendDown(Struct, frozen=True, tag=True):
    """The media server is away; nothing is heard until the next BackendUp."""


class RoomMoved(Struct, frozen=True, tag=True):
    """Whatever carried a room has gone, and something else carries it from now on, without any of its former lines."""

    room_id: str


MediaEvent = FeedEvent | BackendUp | BackendDown | RoomMoved


class MediaBackend(Protocol):
    """A media server. Every method raises MediaUnavailable while it is away, but `cut` and the closing ones.

    Those succeed then: a server that is away is either dead and comes back empty, or, if it went on without us, obeys
    before anybody hears of its return.
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

    async def start(self, above: int = 0) -> None:
        """Begin to serve. Returns when the server is up, or after a few seconds while it is still being tried.

        New generations are greater than `above`.
        """
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

    async def open_watch(
        self,
        room_id: str,
        viewer_id: str,
        seats: int,
        *,
        is_staff: bool,
        window: str = "",
        pictures: int | None = None,
        note: str = "",
    ) -> WatchOffer:
        """Offer one viewer the seats 0 to seats - 1 and, as the last slot, the shared screen (seat_index `seats`).

        The screen's slot has no sound: its `audio_mid` is empty. What a viewer sends never comes back to the window
        that sends it (`window`), and what is backstage reaches only those who are `is_staff`. `pictures`: None for a
        picture of every seat; else the seats' slots have sound only, and so many slots of moving pictures follow them
        (`show`); with 0 of them there is no slot of the screen either. `note` is found again in `watches`.
        """
        ...

    async def show(self, room_id: str, seats: Sequence[int]) -> None:
        """Show these seats in the moving pictures from now on, the first in the first slot; what is too much is not.

        -1: that slot shows nobody, so that the others keep theirs. Watchers need no new SDP for it. Kept for who comes
        later.
        """
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

    async def set_backstage(self, room_id: str, grant_id: str, is_backstage: bool) -> None:
        """Forward a grant to the staff only, or to everybody; in force when it returns. No error without a line."""
        ...

    async def place(self, room_id: str, places: Mapping[str, int]) -> None:
        """Show grants on other seats from now on: seat_index by grant_id, all at once, so that two may change places.

        Watchers need no new SDP for it. A grant without a line is no error.
        """
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

    async def rooms(self) -> frozenset[str]:
        """The ids of the rooms of which anything is carried now, or is being opened. Raises MediaUnavailable."""
        ...

    async def watches(self) -> tuple[KeptWatch, ...]:
        """The watches that stand now, of all rooms."""
        ...

    async def figures(self) -> tuple[NodeFigures, ...]:
        """What serves now and what it carries, for metrics."""
        ...

    async def measure(self, room_id: str) -> tuple[FeedStats, ...]:
        """How the feeds of a room arrive now. Cheap, and asking changes nothing."""
        ...

    def events(self) -> AsyncIterator[MediaEvent]:
        """What happens from this call on, beginning with BackendUp if the server is up already."""
        ...


async def reconcile(backend: MediaBackend, room_id: str, grants: Sequence[SeatGrant]) -> int:
    """Make the feeds of a room match its grants: cut strangers, then silence, then move, then let through.

    Returns how many were cut.

    Repeating changes nothing more. A failing call leaves the rest for the next time: too little is heard rather than
    too much, and nobody is let through on a seat that is not theirs.
    """
    wanted = {grant.grant_id: grant for grant in grants}
    feeds = await backend.snapshot(room_id)
    strangers = [feed for feed in feeds if feed.grant_id not in wanted]
    for feed in strangers:
        await backend.cut(room_id, feed.grant_id)
    pairs = [(feed, wanted[feed.grant_id]) for feed in feeds if feed.grant_id in wanted]
    await _set_shut(backend, room_id, pairs, is_shut=True)
    if places := {feed.grant_id: grant.seat_index for feed, grant in pairs if feed.seat_index != grant.seat_index}:
        await backend.place(room_id, places)
    await _set_shut(backend, room_id, pairs, is_shut=False)
    return len(strangers)


async def _set_shut(
    backend: MediaBackend, room_id: str, pairs: Sequence[tuple[Feed, SeatGrant]], *, is_shut: bool
) -> None:
    """Mute and take behind the stage whom the grants want so, or the opposite. Mutes come first: they are quick."""
    for feed, grant in pairs:
        if grant.audio_muted == is_shut != feed.audio_muted:
            await backend.set_muted(room_id, feed.grant_id, Device.MICROPHONE, is_shut)
        if grant.video_muted == is_shut != feed.video_muted:
            await backend.set_muted(room_id, feed.grant_id, Device.CAMERA, is_shut)
    for feed, grant in pairs:
        if grant.is_backstage == is_shut != feed.is_backstage:
            await backend.set_backstage(room_id, feed.grant_id, is_shut)
