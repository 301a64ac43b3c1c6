"""How many pages are answered at once, and what the others are told; no Django."""

import asyncio
from typing import Any

from livestream.crowd import Crowd


class Visitor:
    """One request. Its page answers when `may_answer` is set, and its last byte is read when `may_end` is."""

    def __init__(self, path: str = "/", *parts: bool) -> None:
        self.scope = {"type": "http", "path": path}
        self.parts = [*parts, False]
        self.may_answer, self.may_end, self.may_send = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.may_send.set()
        self.is_asked = False
        self.status = 0

    async def receive(self) -> Any:
        await self.may_send.wait()
        return {"type": "http.request", "body": b"", "more_body": self.parts.pop(0)}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])
        else:
            await self.may_end.wait()


async def pages(scope: Any, receive: Any, send: Any) -> None:
    visitor: Visitor = receive.__self__._receive.__self__ if hasattr(receive.__self__, "_receive") else receive.__self__
    while (await receive())["more_body"]:
        pass
    visitor.is_asked = True
    await visitor.may_answer.wait()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def come(crowd: Crowd, *visitors: Visitor) -> None:
    for visitor in visitors:
        asyncio.ensure_future(crowd(visitor.scope, visitor.receive, visitor.send))
    await settle()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_so_many_at_once_so_many_waiting_and_the_rest_come_back() -> None:
    crowd = Crowd(pages, at_once=2, waiting=3)
    visitors = [Visitor() for _ in range(7)]
    await come(crowd, *visitors)
    assert [v.is_asked for v in visitors] == [True] * 2 + [False] * 5
    assert [v.status for v in visitors] == [0] * 5 + [503] * 2 and visitors[-1].headers[b"retry-after"] == b"3"
    alive = Visitor("/livez")
    await come(crowd, alive)
    assert alive.is_asked
    visitors[0].may_answer.set()
    await settle()
    assert visitors[0].status == 200 and visitors[2].is_asked, "whoever reads slowly holds no place"
    for visitor in visitors:
        visitor.may_answer.set()
    await settle()
    assert [v.status for v in visitors[:5]] == [200] * 5
    late = Visitor()
    await come(crowd, late)
    assert late.is_asked


async def test_a_request_that_comes_in_slowly_holds_no_place() -> None:
    crowd = Crowd(pages, at_once=1, waiting=1)
    slow = Visitor("/", True)
    slow.may_send.clear()
    await come(crowd, slow)
    quick = Visitor()
    await come(crowd, quick)
    assert quick.is_asked
    slow.may_send.set()
    await settle()
    assert not slow.is_asked
    quick.may_answer.set()
    await settle()
    assert slow.is_asked


async def test_a_page_that_fails_gives_its_place_back() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise RuntimeError("broken")

    crowd = Crowd(broken, at_once=1, waiting=1)
    for _ in range(3):
        visitor = Visitor()
        failed = await asyncio.gather(crowd(visitor.scope, visitor.receive, visitor.send), return_exceptions=True)
        assert isinstance(failed[0], RuntimeError)
