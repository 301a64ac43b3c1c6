"""The embedded backend: keeps the forwarder's process alive and talks to it over its standard input and output."""

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

import msgspec

from micconnect.media.base import (
    BackendDown,
    BackendUp,
    Feed,
    FeedGone,
    FeedStalled,
    FeedStats,
    FeedUp,
    KeptWatch,
    MediaEvent,
    MediaRefused,
    MediaUnavailable,
    NodeFigures,
    SeatGrant,
    WatchOffer,
)
from micconnect.media.child import Child
from micconnect.media.events import EventFan
from micconnect.media.sdp import filter_publish_offer, filter_watch_answer
from micconnect.media.sfu import messages as m
from micconnect.media.tombstones import Tombstones
from micconnect.protocol.words import Device

logger = logging.getLogger(__name__)

CALL_S = 20.0
URGENT_S = 5.0
PING_EVERY_S = 3.0
PING_S = 10.0
PATIENCE_S = 15.0  # a forwarder that hears nothing from us for so long hangs up on everybody and ends
START_S = 10.0
BACKOFF_S = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
STEADY_S = 10.0


class EmbeddedBackend:
    """A MediaBackend on this machine, in a process of its own. Calls may come from any thread and loop."""

    family: Literal["sdp"] = "sdp"

    def __init__(self, address: str | None, video_kbps: int = 600, audio_kbps: int = 64) -> None:
        """`address`: the one of this machine to serve media on, None for all it has. Caps per person in kbit/s."""
        self._arguments = ["--video-kbps", str(video_kbps), "--audio-kbps", str(audio_kbps)]
        self._arguments += ["--patience-s", str(PATIENCE_S)]
        if address is not None:
            self._arguments += ["--address", address]
        self._generation = 0
        self._child: Child | None = None
        self._ready = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._ref = 0
        self._orders = itertools.count(1)
        self._pending: dict[int, asyncio.Future[m.Done]] = {}
        self._cut = Tombstones()
        self._events = EventFan()

    @property
    def generation(self) -> int:
        """Grows with each start of the forwarder, also over restarts of this process."""
        return self._generation

    @property
    def is_up(self) -> bool:
        """Whether the forwarder takes calls."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The forwarder's process id, None while there is none."""
        return self._child.pid if self._child is not None else None

    def events(self) -> AsyncIterator[MediaEvent]:
        """What happens from this call on, beginning with BackendUp if the forwarder is up already."""
        return self._events.subscribe(BackendUp(self._generation) if self.is_up else None)

    # -- life ----------------------------------------------------------------------------------------------------------

    async def start(self, above: int = 0) -> None:
        """Start the forwarder and keep it running. Returns when it is up, or after 10 s while it is still tried.

        Its generations are greater than `above`.
        """
        if self._keeper is not None:
            return
        self._generation = max(self._generation, above)
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._keeper = asyncio.create_task(self._keep())
        try:
            async with asyncio.timeout(START_S):
                await self._ready.wait()
        except TimeoutError:
            logger.error("the media forwarder does not start; it is tried again in the background")

    async def stop(self) -> None:
        """End the forwarder; iterators of events end too."""
        if self._keeper is None:
            return
        self._keeper.cancel()
        with suppress(asyncio.CancelledError):
            await self._keeper
        self._keeper = None
        self._events.close()

    async def _keep(self) -> None:
        failures = 0
        while True:
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
            began = time.monotonic()
            await self._run_once()
            failures = 1 if time.monotonic() - began > STEADY_S else failures + 1

    async def _run_once(self) -> None:
        """One life of the forwarder. Returns when it has ended."""
        try:
            child = await Child.start(self._arguments)
        except OSError as error:
            logger.error("the media forwarder cannot be started: %s", error)
            return
        self._child = child
        pinger = asyncio.create_task(self._ping())
        try:
            while line := await child.read():
                self._hear(m.decode_output.decode(line))
            logger.warning("the media forwarder has ended")
        except (ValueError, msgspec.DecodeError) as error:
            child.kill()  # whoever is cut from now on must not be heard through it
            logger.error("the media forwarder spoke nonsense and is restarted: %s", error)
        finally:
            pinger.cancel()
            self._down()
            await child.reap()
            self._child = None

    def _hear(self, output: m.Output) -> None:
        match output:
            case m.Ready():
                self._generation = max(self._generation + 1, int(time.time()))
                self._ready.set()
                self._events.publish(BackendUp(self._generation))
            case FeedUp() | FeedGone() | FeedStalled():
                self._events.publish(output)
            case _:
                self._settle(output)

    def _settle(self, reply: m.Reply) -> None:
        waiting = self._pending.pop(reply.ref, None)
        if waiting is None or waiting.done():
            return
        match reply:
            case m.Done():
                waiting.set_result(reply)
            case m.Refused(_, text):
                waiting.set_exception(MediaRefused(text))
            case m.Failed(_, text):
                waiting.set_exception(MediaUnavailable(text))

    def _down(self) -> None:
        if self._ready.is_set():
            self._ready.clear()
            self._events.publish(BackendDown())
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(MediaUnavailable("the media forwarder has ended"))
        self._pending.clear()

    async def _ping(self) -> None:
        """A forwarder that does not answer is killed: silence for all is better than being heard without leave.

        What is asked here never queues there. Calls that do may take long for reasons that are nobody's fault, or an
        outsider's; they do not judge.
        """
        await self._ready.wait()
        while True:
            await asyncio.sleep(PING_EVERY_S)
            with suppress(MediaUnavailable):
                await self._ask(lambda ref: m.Snapshot(ref, ""), PING_S, or_kill=True)

    # -- calls ---------------------------------------------------------------------------------------------------------

    async def _call(
        self, make: Callable[[int], m.AnyRequest], limit_s: float | None = None, *, or_kill: bool = False
    ) -> m.Done:
        """Ask on the loop that owns the pipes, whichever loop the caller is on. `limit_s`: CALL_S if not given."""
        loop = self._loop
        if loop is None:
            raise MediaUnavailable("the media backend was not started")
        asking = self._ask(make, CALL_S if limit_s is None else limit_s, or_kill=or_kill)
        if loop is asyncio.get_running_loop():
            return await asking
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asking, loop))

    async def _ask(self, make: Callable[[int], m.AnyRequest], limit_s: float, *, or_kill: bool) -> m.Done:
        """Send one request and wait for its reply. Raises MediaUnavailable if none comes in time.

        `or_kill`: the forwarder is killed then, because it must not go on without having obeyed.
        """
        child = self._child
        if not self.is_up or child is None:
            raise MediaUnavailable("the media forwarder is away")
        self._ref += 1
        ref = self._ref
        reply: asyncio.Future[m.Done] = asyncio.get_running_loop().create_future()
        self._pending[ref] = reply
        child.send(m.to_line(make(ref)))
        try:
            await asyncio.wait({reply}, timeout=limit_s)
            if not reply.done():
                if not or_kill:
                    raise MediaUnavailable("the media forwarder is too busy")
                logger.error("the media forwarder does not answer and is restarted")
                child.kill()
            return await reply
        finally:
            self._pending.pop(ref, None)

    async def open_publish(self, grant: SeatGrant, offer_sdp: str) -> str:
        """Let the grant send: returns the answer. Of several calls for a grant the last one made holds the line.

        Raises MediaRefused, MediaUnavailable.
        """
        order = next(self._orders)
        clean = filter_publish_offer(offer_sdp, grant)
        self._check_not_cut(grant)
        done = await self._call(lambda ref: m.Publish(ref, grant, clean, order))
        # A cut that came meanwhile has ended the line already; the answer to it is worth nothing.
        self._check_not_cut(grant)
        return done.sdp

    def _check_not_cut(self, grant: SeatGrant) -> None:
        if grant.grant_id in self._cut:
            raise MediaRefused("This time on air is over.")

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
        """Offer a viewer the seats 0 to seats - 1 and the shared screen. Raises MediaRefused, MediaUnavailable.

        `pictures`: None for one of every seat, else so many moving ones; with 0 only sound.
        """
        done = await self._call(lambda ref: m.Watch(ref, room_id, viewer_id, seats, is_staff, pictures, note, window))
        if done.offer is None:
            raise MediaUnavailable("the media forwarder made no offer")
        return done.offer

    async def show(self, room_id: str, seats: Sequence[int]) -> None:
        """Show these seats in the moving pictures; in force when this returns. Raises MediaUnavailable."""
        await self._call(lambda ref: m.Show(ref, room_id, tuple(seats)), URGENT_S)

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The viewer's answer. Raises MediaRefused, MediaUnavailable."""
        clean = filter_watch_answer(sdp)
        await self._call(lambda ref: m.Answer(ref, watch_id, clean))

    async def close_watch(self, watch_id: str) -> None:
        """End a watch; repeating does nothing."""
        with suppress(MediaUnavailable):
            await self._call(lambda ref: m.CloseWatch(ref, watch_id))

    async def set_muted(self, room_id: str, grant_id: str, device: Device, is_muted: bool) -> None:
        """Forward a device or not; in force when this returns. Raises MediaUnavailable."""
        await self._call(lambda ref: m.Mute(ref, room_id, grant_id, device, is_muted), URGENT_S)

    async def set_backstage(self, room_id: str, grant_id: str, is_backstage: bool) -> None:
        """Forward a grant to the staff only or to all; in force when this returns. Raises MediaUnavailable."""
        await self._call(lambda ref: m.Backstage(ref, room_id, grant_id, is_backstage), URGENT_S)

    async def place(self, room_id: str, places: Mapping[str, int]) -> None:
        """Show grants on other seats, all at once; in force when this returns. Raises MediaUnavailable."""
        await self._call(lambda ref: m.Place(ref, room_id, dict(places)), URGENT_S)

    async def cut(self, room_id: str, grant_id: str) -> None:
        """Nobody gets media of the grant after this, ever. A forwarder that does not obey within 5 s is killed."""
        self._cut.add(grant_id)
        with suppress(MediaUnavailable):
            await self._call(lambda ref: m.Cut(ref, room_id, grant_id), URGENT_S, or_kill=True)

    async def close_room(self, room_id: str) -> None:
        """Cut everybody in the room and end its watches; repeating does nothing. Killed like `cut` if not obeyed."""
        with suppress(MediaUnavailable):
            await self._call(lambda ref: m.CloseRoom(ref, room_id), URGENT_S, or_kill=True)

    async def snapshot(self, room_id: str) -> tuple[Feed, ...]:
        """The grants with a line, and what of them is forwarded. Raises MediaUnavailable."""
        return (await self._call(lambda ref: m.Snapshot(ref, room_id))).feeds

    async def measure(self, room_id: str) -> tuple[FeedStats, ...]:
        """How the feeds of a room arrive now. Raises MediaUnavailable."""
        return (await self._call(lambda ref: m.Measure(ref, room_id), URGENT_S)).stats

    async def watches(self) -> tuple[KeptWatch, ...]:
        """The watches that stand now, of all rooms. Raises MediaUnavailable."""
        return (await self._call(m.ListWatches)).watches

    async def rooms(self) -> frozenset[str]:
        """The ids of the rooms of which anything is carried now. Raises MediaUnavailable."""
        return frozenset((await self._call(m.ListRooms)).rooms)

    async def figures(self) -> tuple[NodeFigures, ...]:
        """What the forwarder carries and did since its start. Raises MediaUnavailable."""
        now = await self.details()
        return (
            NodeFigures(
                name="embedded",
                is_up=True,
                rooms=now.rooms,
                feeds=now.feeds,
                watches=now.watches,
                forwarded_packets=now.forwarded,
                cpu_s=now.cpu_s,
            ),
        )

    async def details(self) -> m.Details:
        """All that the forwarder tells of itself. Raises MediaUnavailable."""
        details = (await self._call(m.GetDetails)).details
        if details is None:
            raise MediaUnavailable("the media forwarder gave no details")
        return details
