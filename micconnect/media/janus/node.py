"""One Janus: the lines to its two APIs, our session there, and the way back to it when a line broke."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from micconnect.errands import Errands
from micconnect.media.base import MediaUnavailable
from micconnect.media.janus import marks
from micconnect.media.janus.bucket import Bucket
from micconnect.media.janus.messages import (
    NO_SUCH_HANDLE,
    NO_SUCH_SESSION,
    Handle,
    JanusError,
    Reply,
    RoomReply,
    room_part,
)
from micconnect.media.janus.survey import FoundSession, end_session, handle_info, survey
from micconnect.media.janus.wire import ADMIN, API, NotRunning, Wire

logger = logging.getLogger(__name__)

PLUGIN = "janus.plugin.videoroom"
KEEPALIVE_S = 3.0
KEEPALIVE_LIMIT_S = 8.0
BACKOFF_S = (0.0, 0.1, 0.2, 0.5, 1.0)
SWITCHED_AT_ONCE = 16  # of all viewers, so that orders in between do not wait long

OnNews = Callable[[Reply], None]


class NodeConfig(Struct, frozen=True):
    """Where one Janus is: the WebSocket addresses of its API and its admin API, and their secrets."""

    name: str
    url: str
    admin_url: str
    api_secret: str = ""
    admin_secret: str = ""


class NodeOwner(Protocol):
    """Who says what a Janus that has been reached carries on with."""

    async def node_came(self, node: "Node", found: list[FoundSession]) -> None:
        """Choose: `node.carry_on` with one of the sessions, or `node.begin`. It counts as up when this returns."""
        ...

    def node_ready(self, node: "Node") -> None:
        """It is up."""
        ...

    def node_left(self, node: "Node") -> None:
        """It cannot be reached any more; it may come again."""
        ...


class Node:
    """All that asks raises MediaUnavailable while Janus is away, and JanusError for what it refuses.

    `is_known`: it has been up, or does not run at all, so that nothing can stand there that we do not know of.
    `tried` is set when the first attempt to be there has ended, well or not; `reached` when it has at least been found
    out what stands there.
    """

    def __init__(self, config: NodeConfig, owner: NodeOwner, joins: Bucket, installation: str) -> None:
        """`joins`: how often viewers may join. `installation`: tells our sessions from others' there."""
        self.config = config
        self.joins = joins
        self._installation = installation
        self.is_up = False
        self.is_known = False
        self.tried, self.reached = asyncio.Event(), asyncio.Event()
        self.switching = asyncio.Semaphore(SWITCHED_AT_ONCE)
        self._owner = owner
        self._api: Wire | None = None
        self._admin: Wire | None = None
        self._session_id = 0
        self._control = 0
        self._listeners: dict[int, OnNews] = {}
        self._early: dict[int, list[Reply]] = {}
        self._condemned: set[int] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._strays = Errands("a stray handle in Janus is left behind")

    @property
    def name(self) -> str:
        """What the others call it."""
        return self.config.name

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Reach Janus, and reach it again whenever a line breaks. `tried` is set after the first attempt."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Leave. What runs in Janus goes on for a while, so that the next one may claim it."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._strays.stop()

    def condemn(self) -> None:
        """Janus has not obeyed: nothing of this session may live on. Until it is reached again it counts as away."""
        self._condemned.add(self._session_id)
        self._leave()
        for wire in (self._api, self._admin):
            if wire is not None:
                wire.lost.set()

    async def _keep(self) -> None:
        failures = 0
        while True:
            await asyncio.sleep(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)])
            try:
                await self._be_there()
                failures = 0
            except (MediaUnavailable, JanusError) as error:
                self.is_known = self.is_known or isinstance(error, NotRunning)
                if not failures:
                    logger.warning("Janus %s: %s", self.name, error)
                failures += 1
            except Exception:
                # Whatever an odd Janus makes us trip over: the others are served on, and this one is tried again.
                logger.exception("Janus %s is given up for the moment", self.name)
                failures += 1
            finally:
                await self._close()
                self.tried.set()
                self.reached.set()

    async def _be_there(self) -> None:
        """One time with Janus. Returns when a line is lost."""
        config = self.config
        self._admin = await Wire.open(config.admin_url, ADMIN, config.admin_secret)
        self._api = await Wire.open(config.url, API, config.api_secret, self._hear)
        found = await survey(self._api, self._admin, self._installation, self._condemned)
        self._condemned.clear()
        await self._owner.node_came(self, found)
        self.is_up = self.is_known = True
        self._early.clear()
        self._owner.node_ready(self)
        self.tried.set()
        pulse = asyncio.create_task(self._pulse(self._api, self._admin))
        lost = [asyncio.create_task(wire.lost.wait()) for wire in (self._api, self._admin)]
        try:
            await asyncio.wait([pulse, *lost], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pulse, *lost):
                task.cancel()

    async def _pulse(self, api: Wire, admin: Wire) -> None:
        """Returns when Janus does not answer any more."""
        with contextlib.suppress(MediaUnavailable, JanusError):
            while True:
                await asyncio.sleep(KEEPALIVE_S)
                await asyncio.gather(
                    api.ask("keepalive", session_id=self._session_id, is_ack_enough=True, limit_s=KEEPALIVE_LIMIT_S),
                    admin.ask("ping", limit_s=KEEPALIVE_LIMIT_S),
                )

    async def _close(self) -> None:
        self._leave()
        wires, self._api, self._admin = (self._api, self._admin), None, None
        self._listeners.clear()
        self._early.clear()
        for wire in wires:
            if wire is not None:
                await wire.close()

    def _leave(self) -> None:
        if self.is_up:
            self.is_up = False
            self._owner.node_left(self)

    # -- the session ---------------------------------------------------------------------------------------------------

    async def end_session(self, session_id: int) -> None:
        """End a session with all that it carries. No error if there is none."""
        await end_session(self._wire(self._api), session_id)

    def carry_on(self, session: FoundSession) -> None:
        """Go on with a session that was there."""
        self._session_id, self._control = session.session_id, session.control

    async def begin(self, generation: int) -> None:
        """Begin an empty session."""
        self._session_id = _number(await self._wire(self._api).ask("create"))
        self._control = await self.attach(marks.ControlMark(self._installation, generation), lambda news: None)

    # -- what is asked -------------------------------------------------------------------------------------------------

    async def attach(self, mark: marks.Mark, on_news: OnNews) -> int:
        """A new handle, with whom to tell its news."""
        opaque_id = marks.write(mark)
        wire = self._wire(self._api)
        reply = await wire.ask("attach", session_id=self._session_id, plugin=PLUGIN, opaque_id=opaque_id)
        self._listeners[_number(reply)] = on_news
        return _number(reply)

    def adopt(self, handle: int, on_news: OnNews) -> None:
        """Listen to a handle that was there, also to what it has said since it was found."""
        self._listeners[handle] = on_news
        for news in self._early.pop(handle, ()):
            on_news(news)

    async def detach(self, handle: int) -> None:
        """End a handle with all that it carries. No error if there is none."""
        self._listeners.pop(handle, None)
        try:
            await self._wire(self._api).ask("detach", session_id=self._session_id, handle_id=handle)
        except JanusError as error:
            if error.code not in (NO_SUCH_SESSION, NO_SUCH_HANDLE):
                raise

    async def message(
        self, handle: int, body: dict[str, Any], jsep: tuple[str, str] | None = None
    ) -> tuple[RoomReply, str]:
        """Speak to the VideoRoom through a handle: its reply and, if there is one, its SDP. `jsep`: type and SDP."""
        fields: dict[str, Any] = {"session_id": self._session_id, "handle_id": handle, "body": body}
        if jsep is not None:
            # The browser's addresses are learnt from its packets, hence there is nothing to trickle.
            fields["jsep"] = {"type": jsep[0], "sdp": jsep[1], "trickle": False}
        reply = await self._wire(self._api).ask("message", **fields)
        part = room_part(reply)
        if part.error_code is not None:
            raise JanusError(part.error_code, part.error)
        return part, reply.jsep.sdp if reply.jsep is not None else ""

    async def order(self, request: str, **fields: Any) -> RoomReply:
        """An order about a room, in force when it returns."""
        return (await self.message(self._control, {"request": request, **fields}))[0]

    async def info(self, handle: int, *, is_full: bool = True) -> Handle:
        """All about a handle of ours, or only what the VideoRoom knows of it."""
        return await handle_info(self._wire(self._admin), self._session_id, handle, is_full=is_full)

    async def _let_go(self, handle: int) -> None:
        with contextlib.suppress(MediaUnavailable, JanusError):
            await self.detach(handle)

    def _wire(self, wire: Wire | None) -> Wire:
        if wire is None:
            raise MediaUnavailable(f"Janus {self.name} is away")
        return wire

    def _hear(self, news: Reply) -> None:
        if (listener := self._listeners.get(news.sender)) is not None:
            listener(news)
        elif news.janus == "success" and news.data is not None:
            # An attached handle that nobody waits for any more.
            self._strays.begin(self._let_go(news.data.id))
        elif not self.is_up:
            self._early.setdefault(news.sender, []).append(news)
        elif news.janus == "timeout":
            logger.warning("Janus %s has ended our session", self.name)
            self.condemn()


def _number(reply: Reply) -> int:
    return reply.data.id if reply.data is not None else 0
