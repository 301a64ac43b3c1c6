"""A guest with sound, as a program that stays until killed: `python -m tests.chaos.guest ADDRESS URL TICKET`."""

import asyncio
import sys
from typing import Any

import aioice.ice
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from tests.media.peers import LightPublisher, grant


class Guest:
    """Says one thing after the other, and waits for each reply."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.refs = 0

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        self.refs += 1
        await self.line.send(msgspec.json.encode({"type": kind, "ref": f"g{self.refs}", **fields}).decode())
        return await self.hear(lambda frame: frame.get("ref") == f"g{self.refs}")

    async def hear(self, is_it: Any) -> dict[str, Any]:
        async for data in self.line:
            frame: dict[str, Any] = msgspec.json.decode(data)
            if is_it(frame):
                return frame
        raise ConnectionError("the line ended")

    async def open_publish(self, seat: object, offer_sdp: str) -> str:
        return str((await self.ask("publish", sdp=offer_sdp, isScreen=False))["result"]["sdp"])


async def main(address: str, url: str, ticket: str) -> None:
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]
    async with connect(url, compression=None) as line:
        guest = Guest(line)
        await line.send(msgspec.json.encode({"type": "hello", "ticket": ticket, "versions": [1]}).decode())
        await guest.hear(lambda frame: frame["type"] == "snapshot")
        await guest.ask("apply", media="audio", timeoutS=0)
        await guest.hear(lambda f: f["type"] == "callbacks" and "onUserConnectionAccepted" in str(f))
        await LightPublisher(video=False).publish(guest, grant("room", "anybody"))  # type: ignore[arg-type]
        print("on air", flush=True)
        await guest.hear(lambda frame: False)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
