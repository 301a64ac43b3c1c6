"""A socket: frames in, frames out. Decodes, throttles, asks the door, answers; decides nothing itself."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from functools import partial
from math import ceil
from typing import Any, assert_never, cast

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.utils import timezone
from msgspec.structs import replace

from micconnect import auth, meters, origins, presence, roomhub, store, summary, throttle
from micconnect.domain import merging, views
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor
from micconnect.mediaqueries import MediaQueries
from micconnect.outages import AWAY, log
from micconnect.protocol.codes import CloseCode, ErrorCode
from micconnect.protocol.commands import Apply, Command, Leave, WireCommand
from micconnect.protocol.frames import BadFrame, Pong, Reply, decode, encode
from micconnect.protocol.frames import Frame as ClientFrame
from micconnect.protocol.queries import (
    Answer,
    Cursors,
    GetIceServers,
    GetMediaHealth,
    GetSummary,
    Hello,
    ListMissed,
    ListViewers,
    Ping,
    Publish,
    ReportLine,
    Resume,
    Watch,
)
from micconnect.protocol.views import Result, error_info
from micconnect.protocol.words import FRAME_MAX_BYTES, WIRE_VERSION, Role, SanctionKind
from micconnect.running import Runtime, runtime
from micconnect.text import clean_line
from micconnect.wire import CLOSING_S, Frame, Wire, wire_for

logger = logging.getLogger(__name__)

HELLO_S = 10
BAD_FRAMES_MAX = 5
MEDIA_QUERIES_MAX = 4  # waiting at once for one socket

Details = dict[str, str | int | None]
Work = Callable[[], Awaitable[Result]]


class RoomConsumer(AsyncConsumer):
    """One browser tab's line to one room."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.socket_id = secrets.token_hex(8)
        self.bucket = throttle.socket_bucket()
        self.patience = throttle.patience_bucket()
        self.address = ""  # while it is counted
        self.bad_frames = 0
        self.socket: roomhub.HubSocket | None = None
        self.room: roomhub.RoomHub | None = None
        self.close_code: int | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.media_tasks: set[asyncio.Task[None]] = set()
        self.line_tasks: set[asyncio.Task[None]] = set()
        self.media: MediaQueries
        self.hello_timer: asyncio.TimerHandle | None = None
        self.wire: Wire
        self.runtime: Runtime

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One task per socket, not three: nothing but the socket itself is ever waited for."""
        self.scope, self.base_send = scope, send
        with contextlib.suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' database hop per message: it would let one slow query hold up every socket."""
        match message["type"]:
            case "websocket.receive":
                await self.receive_frame(message)
            case "websocket.connect":
                await self.connect()
            case "websocket.disconnect":
                await self.disconnect(message.get("code"))
                raise StopConsumer

    # -- the life of a socket
    async def connect(self) -> None:
        self.slug: str = self.handshake["url_route"]["kwargs"]["slug"]
        await self.send({"type": "websocket.accept"})
        self.wire = wire_for(self.handshake, cast(Any, self.base_send))
        if not origins.is_allowed(self.handshake):
            await self.close(CloseCode.FORBIDDEN)
            return
        self.runtime = await runtime()
        self.media = MediaQueries(self.runtime.media)
        address = self.handshake.get("client") or ("",)
        if not throttle.addresses.enter(address[0]):
            await self._turn_away(ErrorCode.TOO_MANY_SOCKETS, CloseCode.FULL, {"per": "address"})
            return
        self.address = address[0]
        self.hello_timer = asyncio.get_running_loop().call_later(HELLO_S, self.close_soon, CloseCode.LOGIN)

    async def disconnect(self, code: int | None) -> None:
        if self.hello_timer:
            self.hello_timer.cancel()
        throttle.addresses.leave(self.address)
        for task in [*self.tasks, *self.media_tasks, *self.line_tasks]:
            task.cancel()
        if self.socket is None or self.room is None:
            return
        self.runtime.hub.leave(self.room, self.socket)
        presence.journal.closed(self.socket_id, timezone.now(), self.close_code or code)
        actor = self.socket.actor
        if self._has_stake() and not self.room.has_line(actor.user_id):
            await self.runtime.went(self.room, actor)

    async def close(self, code: int) -> None:
        """Sends a close frame; what arrives after it is ignored."""
        if self.close_code is None:
            self.close_code = code
            for task in list(self.media_tasks):  # what is still asked for here would only be in the way elsewhere
                task.cancel()
            asyncio.get_running_loop().call_later(CLOSING_S, self.wire.abort)  # nobody may linger in closing
            await self.wire.close(code)

    def close_soon(self, code: int) -> None:
        """`close` for callers on the loop that cannot wait."""
        self._spawn(self.close(code), self.tasks)

    # -- frames
    async def receive_frame(self, message: dict[str, Any]) -> None:
        if self.close_code is not None:
            return
        data: str | bytes = message.get("text") or message.get("bytes") or b""
        if len(data) > FRAME_MAX_BYTES:
            self.refuse(None, ErrorCode.TOO_LARGE)  # uvicorn has closed by itself before
            await self.close(CloseCode.TOO_LARGE)
            return
        try:
            frame = decode(data)
        except BadFrame as bad:
            await self._bad_frame(bad)
            return
        if not self.bucket.take():
            self.refuse(frame.ref, ErrorCode.TOO_FAST)
            if not self.patience.take():
                await self.close(CloseCode.BAD_FRAMES)
            return
        try:
            await self._take(frame)
        except Exception:
            logger.exception("a %s frame failed in %s", type(frame.message).__name__, self.slug)
            self.refuse(frame.ref, ErrorCode.INTERNAL)
            if self.socket is None:  # not let in: the page shall try again, not wait
                await self.close(CloseCode.FULL)

    async def _bad_frame(self, bad: BadFrame) -> None:
        self.bad_frames += 1
        self.refuse(bad.ref, ErrorCode.BAD_FRAME, {"field": bad.text})
        if self.bad_frames >= BAD_FRAMES_MAX:
            await self.close(CloseCode.BAD_FRAMES)

    async def _take(self, frame: ClientFrame) -> None:
        match frame.message:
            case Hello():
                await self._hello(frame.message)
            case Ping():
                self._pong(frame.ref)
            case _ if self.socket is None:
                self.refuse(frame.ref, ErrorCode.HELLO_FIRST)
                await self.close(CloseCode.LOGIN)
            case Resume():
                self._resume(frame.message.cursors, self.socket)
            case _ if self.room is None:
                self.refuse(frame.ref, ErrorCode.HELLO_FIRST)
            case Publish() | Watch() | Answer() as asked:
                negotiate = partial(self.media.negotiate, self.room, self.socket.actor, asked)
                self._ask_media(frame, negotiate, self.media_tasks)
            case ListViewers() | GetSummary() | ListMissed() | GetMediaHealth() if not self._is_staff():
                self.refuse(frame.ref, ErrorCode.FORBIDDEN)
            case ListViewers():
                await self._list_viewers(frame, clean_line(frame.message.prefix, "NFKC"))
            case ListMissed():
                self._list_missed(frame)
            case GetSummary():
                await self._get_summary(frame)
            case GetIceServers() | GetMediaHealth() | ReportLine() as asked:
                look = partial(self.media.look, self.room, self.socket.actor, asked)
                self._ask_media(frame, look, self.line_tasks)
            case Command():
                await self._command(frame, frame.message, self.socket.actor)
            case _:
                assert_never(frame.message)

    async def _hello(self, hello: Hello) -> None:
        """Lets the person in: the ticket is proven without the database, the picture comes from the hub."""
        if self.socket is not None:
            self.refuse(None, ErrorCode.BAD_FRAME, {"field": "hello was said already"})
            return
        if WIRE_VERSION not in hello.versions:
            await self._turn_away(ErrorCode.VERSION, CloseCode.VERSION)
            return
        try:
            actor = auth.read_ticket(self.slug, hello.ticket)
            room = await self.runtime.hub.room(self.slug)
            if room.room and merging.is_due(room.room, actor, timezone.now()):
                room = await self.runtime.became(self.slug, actor)
        except auth.BadTicket:
            await self._turn_away(ErrorCode.BAD_TICKET, CloseCode.LOGIN)
            return
        except store.NoRoom:
            await self._turn_away(ErrorCode.NO_ROOM, CloseCode.NO_ROOM)
            return
        except AWAY as error:
            log.tell(f"so room {self.slug} could not be read", error)
            await self._turn_away(ErrorCode.TRY_LATER, CloseCode.FULL)
            return
        actor = replace(actor, window=hello.window_id)
        socket = roomhub.HubSocket(self.socket_id, actor, self.wire, self.close_soon)
        now = timezone.now()
        if self.close_code is not None:  # closed while the room was being read
            self.runtime.hub.leave(room, socket)  # so that a room without anybody is not kept
            return
        try:
            refusal = self._join(room, socket, now, self._cursors(actor, hello.resume))
        except BaseException:
            self.runtime.hub.leave(room, socket)
            raise
        if refusal:
            self.runtime.hub.leave(room, socket)
            await self._turn_away(*refusal)
            return
        self.socket, self.room = socket, room
        self.wire.farewell = lambda: self.runtime.hub.farewell(room, socket)
        if self.hello_timer:
            self.hello_timer.cancel()
        presence.journal.opened(self.socket_id, self.slug, actor, self._agent(), now, room.viewer_count)
        if room.has_new_name(actor.person):
            await self.runtime.renamed(room, actor.person)
        if self._has_stake() and room.has_line(actor.user_id):
            await self.runtime.came(room, actor)

    def _join(
        self, room: roomhub.RoomHub, socket: roomhub.HubSocket, now: datetime, cursors: Cursors | None
    ) -> tuple[ErrorCode, int, Details] | None:
        """Adds the socket to the room; else says with which code and close code it is refused."""
        actor = socket.actor
        if actor.role is Role.HOST and room.room and actor.user_id != room.room.host.user_id:
            return ErrorCode.FORBIDDEN, CloseCode.FORBIDDEN, {}
        if room.room and merging.is_stale(room.room, actor):
            return ErrorCode.BAD_TICKET, CloseCode.LOGIN, {}
        if ban := room.room and room.room.sanction(actor.user_id, SanctionKind.ROOM_BAN, now):
            until = ban.until.isoformat() if ban.until else None
            return ErrorCode.BANNED, CloseCode.REMOVED, {"until": until, "reason": ban.reason.value}
        is_expected = actor.role is not Role.AUDIENCE or (room.room and room.room.has_stake(actor.user_id))
        if not is_expected and (pause := throttle.arrivals.pause(f"{self.slug} {actor.user_id}")):
            return ErrorCode.COME_BACK, CloseCode.FULL, {"retryInMs": ceil(pause * 1000)}
        try:
            room.add(socket, self.runtime.hub.media, now, cursors)
        except roomhub.TooManySockets:
            return ErrorCode.TOO_MANY_SOCKETS, CloseCode.FULL, {}
        return None

    def _cursors(self, actor: Actor, cursors: Cursors | None) -> Cursors | None:
        """What somebody wants told since; None for who asks too often, and gets a snapshot, which is cheap."""
        return cursors if cursors and throttle.resumes.take(f"{self.slug} {actor.user_id}") else None

    def _resume(self, cursors: Cursors, socket: roomhub.HubSocket) -> None:
        if self.room is not None:
            wanted = self._cursors(socket.actor, cursors)
            self.room.catch_up(socket, self.runtime.hub.media, timezone.now(), wanted)

    def _pong(self, ref: str | None) -> None:
        now = timezone.now()
        if self.room is None or self.socket is None:
            pong = Pong(ref=ref, server_time=now, seq=0, room=0, staff=0, me=0)
        else:
            pong = self.room.pong(self.socket, ref, now)
        self.wire.write(Frame(encode(pong)))

    async def _turn_away(self, code: ErrorCode, close_code: int, details: Details | None = None) -> None:
        self.refuse(None, code, details)
        await self.close(close_code)

    async def _command(self, frame: ClientFrame, command: WireCommand, actor: Actor) -> None:
        key = f"{self.slug} {actor.user_id}"
        is_allowed = self._is_staff() or throttle.changes.take(key)
        if not is_allowed or (isinstance(command, Apply) and not throttle.applications.take(key)):
            self.refuse(frame.ref, ErrorCode.TOO_FAST)
            return
        reply = await self.runtime.perform(self.slug, actor, command, ref=frame.ref or "")
        meters.count_command(command, reply)
        self.reply(reply)
        if isinstance(command, Leave) and reply.error is None:
            await self._go()

    async def _go(self) -> None:
        """Out of the room by this window; whoever wants to come in again opens another socket."""
        if self.room is not None and self.socket is not None:
            self.room.remove(self.socket)  # at once: who has left has no line here any more
            self.media.leave(self.room, self.socket.actor)
        await self.close(CloseCode.LEFT)

    async def _list_viewers(self, frame: ClientFrame, prefix: str) -> None:
        viewers = await self.runtime.viewers(self.room, prefix) if self.room else ()
        self.answer(frame, Result(viewers=viewers))

    def _list_missed(self, frame: ClientFrame) -> None:
        room = self.room.room if self.room else None
        self.answer(frame, Result(missed=views.missed(room, timezone.now()) if room else ()))

    async def _get_summary(self, frame: ClientFrame) -> None:
        try:
            figures = await self.runtime.in_thread(summary.summary, self.slug, timezone.now())
        except AWAY as error:
            log.tell(f"so the figures of room {self.slug} could not be read", error)
            self.refuse(frame.ref, ErrorCode.TRY_LATER)
            return
        self.answer(frame, Result(summary=figures))

    def _ask_media(self, frame: ClientFrame, work: Work, tasks: set[asyncio.Task[None]]) -> None:
        """The media server takes its time, so its answers do not hold up the socket's commands.

        The work begins in its task: a socket may close before that, and then nothing has been begun in vain.
        """
        if len(tasks) < MEDIA_QUERIES_MAX:
            self._spawn(self._tell(frame, work), tasks)
        else:
            self.refuse(frame.ref, ErrorCode.TOO_FAST)

    async def _tell(self, frame: ClientFrame, work: Work) -> None:
        try:
            result = await work()
        except Refused as refused:
            self.refuse(frame.ref, refused.code, refused.details)
        except Exception:
            logger.exception("a %s query failed in %s", type(frame.message).__name__, self.slug)
            self.refuse(frame.ref, ErrorCode.INTERNAL)
        else:
            self.answer(frame, result)

    # -- small things
    @property
    def handshake(self) -> Mapping[str, Any]:
        """The ASGI scope, whose keys are the server's and the router's."""
        return cast(Mapping[str, Any], self.scope)

    def reply(self, reply: Reply) -> None:
        self.wire.write(Frame(encode(reply)))

    def answer(self, frame: ClientFrame, result: Result) -> None:
        self.reply(Reply(ref=frame.ref, seq=self._seq(), result=result))

    def refuse(self, ref: str | None, code: ErrorCode, details: Details | None = None) -> None:
        self.reply(Reply(ref=ref, seq=self._seq(), error=error_info(code, details)))

    def _seq(self) -> int:
        return self.room.room.seq if self.room and self.room.room else 0

    def _is_staff(self) -> bool:
        """By the newest picture: helpers come and go."""
        return self.room is not None and self.socket_id in self.room.staff

    def _has_stake(self) -> bool:
        return bool(
            self.socket and self.room and self.room.room and self.room.room.has_stake(self.socket.actor.user_id)
        )

    def _agent(self) -> str:
        headers = dict(self.handshake.get("headers", ()))
        return clean_line(bytes(headers.get(b"user-agent", b"")).decode("latin-1"))

    def _spawn(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
