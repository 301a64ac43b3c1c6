"""One peer connection and its life: from the first SDP until it is closed, failed, silent or no longer wanted."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection

from micconnect.media.sfu import private

logger = logging.getLogger(__name__)

CONNECT_S = 15.0
CLOSE_S = 5.0
TICK_S = 1.0
PROBES_KEPT = 3

_background: set[asyncio.Task[Any]] = set()


def spawn(work: Coroutine[Any, Any, Any]) -> None:
    """Run something to its end without anybody waiting for it."""
    task = asyncio.ensure_future(work)
    _background.add(task)
    task.add_done_callback(_background.discard)


async def _close(pc: RTCPeerConnection) -> None:
    try:
        await asyncio.wait_for(pc.close(), CLOSE_S)
    except Exception as error:
        # A peer can end in any state of negotiation; whatever aiortc trips over then, the forwarder goes on.
        logger.warning("closing a peer connection failed: %r", error)


class Peer:
    """Base of publisher and viewer. Ends itself after `idle_s` without any sign of life from the other side.

    `quiet_ticks`: so many seconds there was none so far.
    """

    def __init__(self, idle_s: float, on_end: Callable[[Any], None]) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.is_over = False
        self._idle_s = idle_s
        self._on_end = on_end
        self._life: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self.quiet_ticks = 0
        self._answered_s: deque[float] = deque(maxlen=PROBES_KEPT)
        self.pc.on("connectionstatechange", self._state_changed)

    def watch_over(self) -> None:
        """Begin to look after the connection; call when the first SDP is out."""
        self._life = asyncio.create_task(self._live())

    def _state_changed(self) -> None:
        if self.pc.connectionState in ("failed", "closed"):
            self.end()

    def end(self) -> None:
        """Stop at once and for good; the connection itself is closed behind the scenes. Repeating does nothing."""
        if self.is_over:
            return
        self.is_over = True
        for task in (self._life, self._probing):
            if task is not None:
                task.cancel()
        self.detach()
        spawn(_close(self.pc))
        self._on_end(self)

    async def _live(self) -> None:
        """Look after the connection; a fault in that ends the connection rather than leave it unwatched."""
        try:
            await self._tick_until_over()
        except Exception:
            logger.exception("a peer connection is given up")
            self.end()

    async def _tick_until_over(self) -> None:
        """Tick once a second until silence or a connection that never comes about ends it.

        Silence is counted in ticks, not in time: if this process itself was stalled, nobody is declared gone for it.
        """
        ticks = 0
        before = 0.0
        while not self.is_over:
            await asyncio.sleep(TICK_S)
            ticks += 1
            if self.pc.connectionState != "connected":
                if ticks * TICK_S >= CONNECT_S:
                    self.end()
                continue
            heard = private.last_heard(private.transport_of(self.pc))
            self.quiet_ticks = self.quiet_ticks + 1 if heard == before else 0
            before = heard
            if self.quiet_ticks * TICK_S >= self._idle_s:
                self.end()
                return
            if self.quiet_ticks:
                self.probe()
            self.tick(time.monotonic())

    def probe(self) -> None:
        """Ask the browser for a sign of life: one that sends nothing by its own will is not gone for that."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._await_answer())

    async def _await_answer(self) -> None:
        self._answered_s.append(await private.probe(private.transport_of(self.pc)))

    @property
    def rtt_s(self) -> float | None:
        """The way to the browser and back in seconds: the shortest of the last probes, None before the first."""
        return min(self._answered_s, default=None)

    def detach(self) -> None:
        """Let go of all that is forwarded from or to this peer. Overridden."""

    def tick(self, now: float) -> None:
        """Once a second while connected. Overridden."""


def compact(sdp: str) -> str:
    """The SDP with one digest of the certificate instead of three; with twenty media lines that halves it."""
    weak = ("a=fingerprint:sha-384", "a=fingerprint:sha-512")
    return "\r\n".join(line for line in sdp.split("\r\n") if not line.startswith(weak))
