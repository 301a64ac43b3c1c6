"""Keeps a crowd that asks for pages from taking all threads and connections from those who are in a room."""

import asyncio
from typing import Any

RETRY_AFTER_S = 3
UNCOUNTED = {"/livez"}  # asks nobody; a server that is full is not dead


class TooMany(Exception):
    """So many wait that the next one is told to come back."""


class Crowd:
    """An ASGI application in front of `pages`: so many requests `at_once`, so many `waiting`, then 503.

    A request counts from the moment it has come in whole until its answer begins: slow lines hold no place.
    """

    def __init__(self, pages: Any, at_once: int, waiting: int) -> None:
        self._pages = pages
        self._places = asyncio.Semaphore(at_once)
        self._waiting_max = waiting
        self._waiting = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].removeprefix(scope.get("root_path", "")) in UNCOUNTED:
            await self._pages(scope, receive, send)
            return
        visit = _Visit(self, receive, send)
        try:
            await self._pages(scope, visit.receive, visit.send)
        except TooMany:
            await _refuse(send)
        finally:
            visit.leave()

    async def enter(self) -> None:
        """Waits for a place. Raises TooMany."""
        if self._waiting >= self._waiting_max:
            raise TooMany
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        self._places.release()


class _Visit:
    """One request: takes the place when its body is there, gives it back when the answer begins."""

    def __init__(self, crowd: Crowd, receive: Any, send: Any) -> None:
        self._crowd, self._receive, self._send = crowd, receive, send
        self._is_in = False

    async def receive(self) -> Any:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False) and not self._is_in:
            await self._crowd.enter()
            self._is_in = True
        return message

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.leave()
        await self._send(message)

    def leave(self) -> None:
        if self._is_in:
            self._is_in = False
            self._crowd.leave()


async def _refuse(send: Any) -> None:
    headers = [(b"retry-after", b"%d" % RETRY_AFTER_S), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"Many people are asking just now. Please try again soon.\n"})
