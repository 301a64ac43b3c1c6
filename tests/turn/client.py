"""A TURN client that says one request at a time and tells the relay's answer, also what no browser would ask."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

from aioice import stun
from aioice.stun import Class, Message, Method

from micconnect.protocol.views import IceServers
from tests.live import WAIT_S

UDP = 17 << 24
IPV6 = 2 << 24
FAMILY = "REQUESTED-ADDRESS-FAMILY"  # RFC 8656; aioice does not know it
stun.ATTRIBUTES_BY_NAME[FAMILY] = (0x0017, FAMILY, stun.pack_unsigned, stun.unpack_unsigned)


class TurnClient(asyncio.DatagramProtocol):
    """One 5-tuple to a relay, as the person whom `ice` names."""

    def __init__(self, ice: IceServers | None) -> None:
        self.ice = ice
        self.answers: dict[bytes, asyncio.Future[Message]] = {}
        self.nonce = b""
        self.realm = ""
        self.channels = itertools.count(0x4000)
        self.transport: asyncio.DatagramTransport

    @classmethod
    @asynccontextmanager
    async def open(cls, address: str, port: int, ice: IceServers | None) -> AsyncIterator["TurnClient"]:
        """Opens the 5-tuple; at the end it gives back what it was given."""
        loop = asyncio.get_running_loop()
        transport, client = await loop.create_datagram_endpoint(lambda: cls(ice), remote_addr=(address, port))
        try:
            yield client
            if client.nonce and client.ice:
                await client.refresh(lifetime_s=0)
        finally:
            transport.close()

    async def allocate(self, **more: Any) -> int:
        """0 for an allocation, else the error code. `more`: further attributes."""
        wanted = {"REQUESTED-TRANSPORT": UDP, **more}
        code = await self._ask(Method.ALLOCATE, wanted)
        if code == 401 and self.ice:  # the answer to everybody's first request: with which nonce to sign
            code = await self._ask(Method.ALLOCATE, wanted)
        return code

    async def allocate_ipv6(self) -> int:
        """As `allocate`, for a relayed end that speaks IPv6."""
        return await self.allocate(**{FAMILY: IPV6})

    async def refresh(self, *, lifetime_s: int = 600) -> int:
        """Keeps the allocation, or gives it back with 0; answered like `allocate`."""
        return await self._ask(Method.REFRESH, {"LIFETIME": lifetime_s})

    async def permit(self, peer: str) -> int:
        """Asks for leave to send to an address and to hear it; nothing is sent there."""
        return await self._ask(Method.CREATE_PERMISSION, {"XOR-PEER-ADDRESS": (peer, 0)})

    async def bind(self, peer: str, port: int = 9) -> int:
        """Asks for a channel to an address; nothing is sent there."""
        attributes = {"CHANNEL-NUMBER": next(self.channels), "XOR-PEER-ADDRESS": (str(ip_address(peer)), port)}
        return await self._ask(Method.CHANNEL_BIND, attributes)

    async def binding(self) -> Message | None:
        """A plain STUN question without credentials; None when nobody answers it."""
        try:
            return await self._send(Message(Method.BINDING, Class.REQUEST), patience_s=1)
        except TimeoutError:
            return None

    async def _ask(self, method: Method, attributes: dict[str, Any]) -> int:
        """0 for success, else the error code; a new nonce is taken over, and the question said again."""
        for _ in range(2):
            request = Message(method, Class.REQUEST, attributes=dict(attributes))
            if self.nonce and self.ice:
                request.attributes |= {"USERNAME": self.ice.username, "REALM": self.realm, "NONCE": self.nonce}
                key = f"{self.ice.username}:{self.realm}:{self.ice.credential}"
                request.add_message_integrity(hashlib.md5(key.encode()).digest())  # noqa: S324
            answer = await self._send(request)
            self.nonce = answer.attributes.get("NONCE", self.nonce)
            self.realm = answer.attributes.get("REALM", self.realm)
            if answer.error_code != 438:
                break
        assert answer.message_class in (Class.RESPONSE, Class.ERROR)
        return answer.error_code or 0

    async def _send(self, request: Message, patience_s: float = WAIT_S) -> Message:
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.answers[request.transaction_id] = answer
        async with asyncio.timeout(patience_s):
            while True:  # UDP may lose it
                self.transport.sendto(bytes(request))
                done, _ = await asyncio.wait([answer], timeout=1)
                if done:
                    return answer.result()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        message = stun.parse_message(data)
        waiting = self.answers.pop(message.transaction_id, None)
        if waiting and not waiting.done():
            waiting.set_result(message)


async def eventually(ask: Callable[[], Awaitable[int]], code: int) -> bool:
    """Asks until the relay answers with that code; False when it never does."""
    for _ in range(WAIT_S * 5):
        if await ask() == code:
            return True
        await asyncio.sleep(0.2)
    return False
