"""The line of one grant: a publisher in Janus, what may be heard of it, and how it arrives."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from micconnect.media.base import MediaRefused, MediaUnavailable, SeatGrant
from micconnect.media.flow import Flows
from micconnect.media.janus.marks import LineMark, LineState
from micconnect.media.janus.messages import (
    NO_SUCH_FEED,
    NO_SUCH_ROOM,
    Handle,
    JanusError,
    Reply,
    Stream,
    room_part,
)
from micconnect.media.janus.meter import Meter, Verdict
from micconnect.media.janus.stage import Caps, Stage
from micconnect.media.sdp import with_bandwidth, with_dtx, without_rtx

logger = logging.getLogger(__name__)

CONNECT_TICKS = 15


class Line:
    """One publisher. `feed` is its name in Janus, `mids` its m-lines there by kind of media.

    `is_linked`: its connection stands, so viewers can be switched to it. `has_media`: of a line that was found, whether
    anything had come on it. `is_over`: it counts for nothing any more.
    """

    def __init__(
        self, stage: Stage, mark: LineMark, caps: Caps, state: LineState, on_news: Callable[["Line", Reply], None]
    ) -> None:
        self.stage = stage
        self.mark = mark
        self.state = state
        self.feed = f"{mark.grant.grant_id}/{mark.number}"
        self.handle = 0
        self.streams: dict[str, Stream] = {}
        self.is_linked = self.is_over = self.has_media = False
        self._kbps = caps.screen if mark.grant.is_screen else caps.camera
        self._on_news = on_news
        self._ticks = 0
        self._is_silenced = False
        self._is_in_doubt = False
        self._saving = asyncio.Lock()
        self._turns = {"audio": asyncio.Lock(), "video": asyncio.Lock()}
        self.meter = Meter(mark.grant.grant_id, self._kbps)
        self.flows = Flows(mark.grant, state.stalled)

    @property
    def grant(self) -> SeatGrant:
        return self.mark.grant

    # -- its life ------------------------------------------------------------------------------------------------------

    async def open(self, offer: str) -> str:
        """Join and publish; returns the answer. Raises MediaRefused, MediaUnavailable, JanusError."""
        self.handle = await self.stage.node.attach(self.mark, self._hear)
        body = {
            "request": "joinandconfigure",
            "ptype": "publisher",
            "id": self.feed,
            "display": self.state.write(),
            "bitrate": 1000 * self._kbps["video"],
        }
        refusal = MediaRefused("The offer cannot be answered: it needs Opus sound and VP8 picture.")
        try:
            reply, answer = await self.stage.join(self.handle, body, ("offer", with_dtx(without_rtx(offer))))
        except JanusError as error:
            raise refusal from error
        if not answer or any(stream.disabled for stream in reply.streams):
            raise refusal
        self.streams = {stream.type: stream for stream in reply.streams}
        return with_bandwidth(answer, self._kbps)

    def adopt(self, handle: Handle) -> bool:
        """Go on with a publisher that was there; False if it is none."""
        streams = {stream.type: stream for stream in handle.plugin_specific.streams if not stream.disabled}
        if handle.plugin_specific.type != "publisher" or not streams:
            return False
        self.handle, self.streams = handle.handle_id, streams
        self.is_linked = handle.webrtc.dtls.ready
        self.has_media = any(medium.stats.come.packets for medium in handle.webrtc.media.values())
        self.stage.node.adopt(self.handle, self._hear)
        return True

    async def close(self) -> None:
        """Leave Janus. No error if it is away."""
        self.is_over = True
        if self.handle:
            with contextlib.suppress(MediaUnavailable):
                await self.stage.node.detach(self.handle)

    def _hear(self, news: Reply) -> None:
        part = room_part(news)
        if part.videoroom == "talking" and part.average_dbov:
            self.meter.note_talking(part.average_dbov)
        if not self.is_over:
            self._on_news(self, news)

    async def listen(self) -> None:
        """Between two ticks: how loud it is. Raises MediaUnavailable, JanusError."""
        if self.is_linked and "audio" in self.streams and not self.is_muted("audio"):
            info = await self.stage.node.info(self.handle, is_full=False)
            self.meter.listen(info.plugin_specific.streams)

    async def tick(self, now: float) -> Verdict:
        """Once a second: how it arrives. Raises MediaUnavailable, JanusError."""
        self._ticks += 1
        if self._is_in_doubt:
            await self.apply()
        if not self.is_linked:
            return Verdict.VANISHED if self._ticks >= CONNECT_TICKS else Verdict.FINE
        info = await self.stage.node.info(self.handle)
        verdict = self.meter.take(info, now, is_muted=self.state.audio_muted)
        if self.state.is_up and self.meter.came is not None:
            muted = {"audio": self.state.audio_muted, "video": self.state.video_muted}
            self.flows.take(self.meter.came, [kind for kind, is_muted in muted.items() if is_muted])
        # Of a screen on which nothing moves, or that is not up yet, nothing need come.
        may_be_quiet = self.grant.is_screen or not self.state.is_up
        return Verdict.FINE if verdict is Verdict.VANISHED and may_be_quiet else verdict

    # -- what is heard of it -------------------------------------------------------------------------------------------

    def is_muted(self, kind: str) -> bool:
        """Whether nothing of a kind of media goes out."""
        return self._is_silenced or (self.state.audio_muted if kind == "audio" else self.state.video_muted)

    async def set_muted(self, kind: str, is_muted: bool) -> None:
        """In force when it returns. Raises MediaUnavailable, JanusError."""
        if kind == "audio":
            self.state.audio_muted = is_muted
        else:
            self.state.video_muted = is_muted
        await self._carry_out(kind)

    async def apply(self) -> None:
        """Mute as the state says, and note it in Janus. Raises MediaUnavailable, JanusError."""
        await self._carry_out(*self.streams)

    async def silence(self) -> None:
        """Nothing of it reaches anyone any more; a line that cannot be silenced ends. Raises MediaUnavailable."""
        self._is_silenced = True
        await asyncio.gather(*map(self._moderate, self.streams))

    async def save(self) -> None:
        """Note the state in Janus. Raises MediaUnavailable."""
        # With all who join a note waits in one queue; a silence must not wait for it.
        async with self._saving:
            with contextlib.suppress(JanusError):  # it has just ended there
                await self.stage.node.message(self.handle, {"request": "configure", "display": self.state.write()})

    async def _carry_out(self, *kinds: str) -> None:
        """Make Janus do what the state says. What was stopped in the middle is done with the next change or tick."""
        if self._is_in_doubt:
            kinds = tuple(self.streams)
        self._is_in_doubt = False
        try:
            await asyncio.gather(self.save(), *(self._moderate(kind) for kind in kinds if self.is_muted(kind)))
            await asyncio.gather(*(self._moderate(kind) for kind in kinds if not self.is_muted(kind)))
        except BaseException:
            self._is_in_doubt = True
            raise

    async def _moderate(self, kind: str) -> None:
        """One order after another: those under way together may overtake each other."""
        async with self._turns[kind]:
            await self._order_moderate(kind)

    async def _order_moderate(self, kind: str) -> None:
        if (stream := self.streams.get(kind)) is None:
            return
        stage, is_muted = self.stage, self.is_muted(kind)
        order = {"room": stage.name, "secret": stage.secret, "id": self.feed, "mid": stream.mid, "mute": is_muted}
        try:
            await stage.node.order("moderate", **order)
        except JanusError as error:
            if error.code in (NO_SUCH_ROOM, NO_SUCH_FEED):
                return  # it has ended there
            if not is_muted:
                raise
            logger.error("Janus does not silence a line, so it is ended: %s", error)
            await stage.node.detach(self.handle)
            self._hear(Reply("detached"))
