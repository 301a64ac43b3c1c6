"""One WebSocket to one of the two APIs of Janus: requests are matched with their replies, the rest is news."""

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from micconnect.media.base import MediaUnavailable
from micconnect.media.janus.messages import JanusError, Reply, decode_reply, encode

logger = logging.getLogger(__name__)

OPEN_S = 3.0
CALL_S = 10.0
MESSAGE_MAX_BYTES = 8 * 1024 * 1024

API = ("janus-protocol", "apisecret")
ADMIN = ("janus-admin-protocol", "admin_secret")


class NotRunning(MediaUnavailable):
    """Nobody listens there."""


class Wire:
    """A line to Janus until it breaks; `lost` is set then, and every request that waits fails."""

    def __init__(self, socket: ClientConnection, secret: dict[str, str], on_news: Callable[[Reply], None]) -> None:
        self.lost = asyncio.Event()
        self._socket = socket
        self._secret = secret
        self._on_news = on_news
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._waiting: dict[str, tuple[asyncio.Future[Reply], bool]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls, url: str, api: tuple[str, str], secret: str, on_news: Callable[[Reply], None] = lambda news: None
    ) -> "Wire":
        """Connect to `url` for one of API and ADMIN. Raises MediaUnavailable."""
        protocol, field = api
        try:
            socket = await connect(
                url,
                subprotocols=[Subprotocol(protocol)],
                compression=None,
                proxy=None,
                open_timeout=OPEN_S,
                close_timeout=1,
                ping_interval=None,
                max_size=MESSAGE_MAX_BYTES,
            )
        except ConnectionRefusedError as error:
            raise NotRunning(f"no Janus runs at {url}") from error
        except (OSError, WebSocketException, TimeoutError) as error:
            raise MediaUnavailable(f"Janus cannot be reached at {url}: {error}") from error
        return cls(socket, {field: secret} if secret else {}, on_news)

    async def ask(self, request: str, *, is_ack_enough: bool = False, limit_s: float = CALL_S, **fields: Any) -> Reply:
        """One request and its reply. Raises JanusError if it is refused, MediaUnavailable if no reply comes.

        `is_ack_enough`: nothing follows the first sign that the request has come.
        """
        if self.lost.is_set():
            raise MediaUnavailable("the line to Janus is lost")
        transaction = f"{self._prefix}{next(self._numbers)}"
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = (reply, is_ack_enough)
        text = encode({"janus": request, "transaction": transaction, **self._secret, **fields})
        try:
            async with asyncio.timeout(limit_s):
                await self._socket.send(text)
                found = await reply
        except (TimeoutError, WebSocketException) as error:
            raise MediaUnavailable("Janus does not answer") from error
        finally:
            del self._waiting[transaction]
        if found.error is not None:
            raise JanusError(found.error.code, found.error.reason)
        return found

    async def close(self) -> None:
        """Break the line."""
        self._lose()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()

    def _lose(self) -> None:
        self.lost.set()
        for reply, _ in self._waiting.values():
            if not reply.done():
                reply.set_exception(MediaUnavailable("the line to Janus is lost"))

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                self._hear(decode_reply(text))
        except (WebSocketException, OSError, msgspec.DecodeError) as error:
            logger.info("the line to Janus broke: %s", error)
        finally:
            self._lose()

    def _hear(self, reply: Reply) -> None:
        waiting, is_ack_enough = self._waiting.get(reply.transaction, (None, False))
        if reply.janus == "ack" and not is_ack_enough:
            return
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)
        elif reply.janus != "ack":
            self._on_news(reply)
