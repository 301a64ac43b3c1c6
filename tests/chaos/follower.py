"""A light client that never gives up: cursors, gaps, replays and pauses as the browser's SDK keeps them."""

import asyncio
import contextlib
import itertools
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import msgspec
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from micconnect import auth
from micconnect.domain.room import Actor
from micconnect.protocol.codes import CLOSES
from tests.chaos.picture import STAFF, Message, Picture
from tests.live import WAIT_S, Server

PING_S, DEAD_S = 20.0, 45.0
HELLO_S = 10.0
RETRY_MIN_S, RETRY_MAX_S = 1.0, 30.0
STORM_MIN_S, STORM_MAX_S, RETURNS_PER_S = 1.0, 20.0, 100
TICKET_S = 24 * 3600  # the tests move clocks

logging.getLogger("picows").setLevel(logging.WARNING)  # it tells every cut, and there will be many
_encode = msgspec.json.encode
_decode = msgspec.json.decode


class Follower:
    """One person's client of one room, at any one of `servers` (the list may change at any time).

    `rng` decides pauses and servers. `connection` opens the TCP connection elsewhere, given host and port.
    """

    opened: ClassVar[list["Follower"]] = []
    refs: ClassVar[Iterator[int]] = itertools.count(1)
    faults: ClassVar[list[str]] = []  # frames that broke a client; a test with one has failed

    def __init__(self, servers: Sequence[Server], slug: str, actor: Actor, rng: random.Random | None = None) -> None:
        self.servers, self.slug, self.actor = servers, slug, actor
        self.rng = rng or random.Random(actor.user_id)
        self.picture = Picture()
        self.answered: list[tuple[str, str, Message]] = []  # ref, kind and reply of every command
        self.pings: list[float] = []  # seconds each pong took
        self.closes: list[int] = []  # the code of every close; 1006 for a line that was cut
        self.hints: list[float] = []  # seconds told by goingAway
        self.turned_away = 0  # COME_BACK
        self.hellos: list[float] = []  # loop times
        self.joins: list[float] = []  # loop times of snapshot or replay after a hello
        self.texts = 0
        self.bytes = 0
        self.largest = 0
        self.is_final = False
        self.loses_next = False  # drops the next numbered frame, as no healthy line does: the law must notice
        self.on_frame: Callable[[Message], None] = lambda frame: None
        self._pending: dict[str, tuple[bytes, str, asyncio.Future[Message]]] = {}
        self._pong: tuple[float, asyncio.Future[float]] | None = None
        self._fresh: asyncio.Future[Message] | None = None
        self._is_resuming = False
        self._transport: WSTransport | None = None
        self._is_live = False
        self._news = asyncio.Event()
        self._held_until = 0.0
        self._attempt = 0
        self._told_pause: float | None = None
        self._heard_at = 0.0
        self._close_code = 1006
        self.opened.append(self)
        self._task = asyncio.create_task(self._run())

    # -- from outside
    @property
    def name(self) -> str:
        return self.actor.user_id

    @property
    def is_live(self) -> bool:
        """Whether the client is connected and has been told where the room stands."""
        return self._is_live

    async def live(self, timeout_s: float = WAIT_S) -> "Follower":
        """Waits until the client is in."""
        await self.until(lambda: self._is_live, f"{self.name} to be in", timeout_s)
        return self

    async def until(self, is_so: Callable[[], Any], what: str, timeout_s: float = WAIT_S) -> None:
        """Waits for something that frames make true."""

        async def watch() -> None:
            while not is_so():
                assert not self._task.done(), f"{self.name} ended with {self.closes} before {what}"
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.5)

        try:
            await asyncio.wait_for(watch(), timeout_s)
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what}: {self.picture.cursors} {self.closes[-3:]}") from None

    def ask(self, kind: str, **fields: Any) -> asyncio.Future[Message]:
        """Says a command; the reply comes, over however many lines. Said again with the same ref after each cut."""
        ref = f"c{next(self.refs)}"
        data = _encode({"type": kind, "ref": ref, **fields})
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending[ref] = (data, kind, future)
        if self._is_live:
            self._send(data)
        return future

    async def do(self, kind: str, timeout_s: float = WAIT_S, **fields: Any) -> Message:
        """Like `ask`, for what must succeed; returns the result."""
        reply = await asyncio.wait_for(self.ask(kind, **fields), timeout_s)
        assert reply["error"] is None, reply
        return reply["result"] or {}

    async def ping(self, timeout_s: float = WAIT_S) -> float:
        """Seconds until the pong."""
        if self._pong is None:
            self._say_ping()
        assert self._pong
        return await asyncio.wait_for(asyncio.shield(self._pong[1]), timeout_s)

    async def fresh(self, timeout_s: float = WAIT_S) -> Message:
        """A snapshot as a newcomer would get it, over the same line and without taking it over into the picture."""
        await self.until(lambda: self._is_live and not self._is_resuming and self._fresh is None, "a quiet line")
        self._fresh = asyncio.get_running_loop().create_future()
        cursors = {"epoch": "", "userId": self.name, "role": self.picture.role, "room": 0, "staff": 0, "me": 0}
        self._send(_encode({"type": "resume", "cursors": cursors}))
        try:
            return await asyncio.wait_for(self._fresh, timeout_s)
        finally:
            self._fresh = None

    def cut(self, hold_s: float = 0.0) -> None:
        """Tears the line without a word, and stays away for so long at least."""
        self._held_until = max(self._held_until, _now() + hold_s)
        self._is_live = False
        if self._transport:
            self._transport.underlying_transport.abort()

    async def close(self) -> None:
        """Ends for good."""
        self.is_final = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.cut()
        for _, _, future in self._pending.values():
            future.cancel()

    @classmethod
    async def close_all(cls) -> None:
        await asyncio.gather(*(follower.close() for follower in cls.opened))
        cls.opened.clear()

    # -- the line
    async def _run(self) -> None:
        while True:
            await self._hold()
            await self._line()
            self.closes.append(self._close_code)
            self._news.set()
            _, is_worth_it = CLOSES.get(self._close_code, ("", True))
            if not is_worth_it or self.is_final:
                self.is_final = True
                return
            await asyncio.sleep(self._pause())

    async def _hold(self) -> None:
        if (rest := self._held_until - _now()) > 0:
            await asyncio.sleep(rest)
            await self._hold()  # held anew meanwhile

    def _pause(self) -> float:
        """How long to wait before the next attempt."""
        if self._told_pause is not None:
            pause, self._told_pause = self._told_pause, None
            return pause
        viewers = 0 if self.has_stake else self.picture.state.get("viewerCount", 0)
        window = min(STORM_MAX_S, max(STORM_MIN_S, viewers / RETURNS_PER_S))
        attempt, self._attempt = self._attempt, self._attempt + 1
        if attempt == 0:
            return window * self.rng.random()
        full = min(RETRY_MAX_S, max(window, RETRY_MIN_S * 2.0**attempt))
        return full / 2 + self.rng.random() * full / 2

    @property
    def has_stake(self) -> bool:
        me = self.picture.state.get("me") or {}
        return bool(self.picture.role in STAFF or me.get("connection") or me.get("request"))

    async def _line(self) -> None:
        """One line from the first byte to the last."""
        self._close_code = 1006
        self._heard_at = _now()
        server = self.rng.choice(self.servers)
        transport: WSTransport | None = None
        try:
            transport, _ = await self._connect(server)
            self._transport = transport
            self.hellos.append(_now())
            self._send(self._hello())
            await self._watch(transport)
        except (OSError, WSError, TimeoutError):
            pass  # the next attempt comes
        finally:
            self._is_live = self._is_resuming = False
            self._transport = None
            if transport:
                transport.underlying_transport.abort()
            if self._fresh and not self._fresh.done():
                self._fresh.set_exception(AssertionError("the line was cut before the snapshot"))
            self._pong = None

    async def _connect(self, server: Server) -> tuple[WSTransport, WSListener]:
        url = f"{server.url.replace('http', 'ws', 1)}/ws/rooms/{self.slug}/"
        return await ws_connect(
            lambda: _Listener(self), url, websocket_handshake_timeout=HELLO_S, enable_auto_pong=True
        )

    async def _watch(self, transport: WSTransport) -> None:
        """Until the line ends; a heartbeat, and an end to a line that says nothing."""
        gone = asyncio.ensure_future(transport.wait_disconnected())
        pings_at = _now() + PING_S * (0.5 + self.rng.random() / 2)
        try:
            while not gone.done():
                patience = DEAD_S if self._is_live else HELLO_S
                if _now() - self._heard_at > patience:
                    return
                if self._is_live and _now() >= pings_at:
                    pings_at = _now() + PING_S
                    if self._pong is None:
                        self._say_ping()
                await asyncio.wait({gone}, timeout=min(5.0, max(0.05, pings_at - _now())))
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    def _hello(self) -> bytes:
        ticket = auth.issue_ticket(self.slug, self.actor, TICKET_S)
        return _encode({"type": "hello", "ticket": ticket, "versions": [1], "resume": self.picture.resume()})

    def _say_ping(self) -> None:
        self._pong = (_now(), asyncio.get_running_loop().create_future())
        self._send(_encode({"type": "ping"}))

    def _send(self, data: bytes) -> None:
        if self._transport:
            self._transport.send(WSMsgType.TEXT, data)

    def _say_resume(self) -> None:
        if not self._is_resuming and self._fresh is None:
            self._is_resuming = True
            self._send(_encode({"type": "resume", "cursors": self.picture.resume()}))

    # -- what is heard
    def closed_by_server(self, code: int) -> None:
        self._close_code = code

    def hear(self, data: bytes) -> None:
        """One text frame."""
        self._heard_at = _now()
        self.texts += 1
        self.bytes += len(data)
        self.largest = max(self.largest, len(data))
        frame = _decode(data)
        self.on_frame(frame)
        match frame["type"]:
            case "snapshot" if self._fresh is not None:
                if not self._fresh.done():
                    self._fresh.set_result(frame)
            case "snapshot":
                self.picture.restore(frame)
                self._joined()
            case "resumed":
                self.picture.resumed(frame)
                self._joined()
            case "callbacks" | "batch":
                self._callbacks(frame)
            case "pong":
                self._hear_pong(frame)
            case "goingAway":
                self._told_pause = frame["retryInMs"] / 1000
                self.hints.append(self._told_pause)
            case "reply":
                self._reply(frame)
        self._news.set()

    def _callbacks(self, frame: Message) -> None:
        if self.loses_next and (frame["type"] == "batch" or frame["seq"] is not None):
            self.loses_next = False
            return
        if self._is_resuming:
            return
        if self.picture.hear(frame):
            self._say_resume()

    def _hear_pong(self, frame: Message) -> None:
        if self._pong:
            since, future = self._pong
            self._pong = None
            self.pings.append(_now() - since)
            future.set_result(self.pings[-1])
        if self._is_live and not self._is_resuming and self.picture.pong(frame):
            self._say_resume()

    def _joined(self) -> None:
        self._is_resuming = False
        if self._is_live:
            return
        self._is_live, self._attempt = True, 0
        self.joins.append(_now())
        for data, _, _ in list(self._pending.values()):
            self._send(data)

    def _reply(self, frame: Message) -> None:
        error = frame["error"] or {}
        if frame["ref"] is None:
            if error.get("code") == "COME_BACK":
                self.turned_away += 1
                self._told_pause = error["details"]["retryInMs"] / 1000
            return
        waiting = self._pending.get(frame["ref"])
        if waiting is None:
            return
        del self._pending[frame["ref"]]
        self.answered.append((frame["ref"], waiting[1], frame))
        if not waiting[2].done():
            waiting[2].set_result(frame)


class _Listener(WSListener):
    def __init__(self, follower: Follower) -> None:
        self.follower = follower

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            data = frame.get_payload_as_bytes()
            try:
                self.follower.hear(data)
            except Exception as error:
                Follower.faults.append(f"{self.follower.name}: {error!r} at {data[:2000]!r}")
        elif frame.msg_type == WSMsgType.CLOSE:
            self.follower.closed_by_server(int.from_bytes(frame.get_payload_as_bytes()[:2], "big") or 1005)
            transport.disconnect()


def _now() -> float:
    return asyncio.get_running_loop().time()
