"""Hands the events of a backend to whoever listens."""

import asyncio
import weakref

from micconnect.media.base import MediaEvent

WAITING_MAX = 10_000


class Subscription:
    """An asynchronous iterator over events; it ends when the backend stops."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[MediaEvent | None] = asyncio.Queue()

    def put(self, event: MediaEvent | None) -> None:
        """Add an event, None for the end. A listener that has stopped reading loses the oldest ones."""
        if self._queue.qsize() >= WAITING_MAX:
            self._queue.get_nowait()
        self._queue.put_nowait(event)

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> MediaEvent:
        event = await self._queue.get()
        if event is None:
            self._queue.put_nowait(None)
            raise StopAsyncIteration
        return event


class EventFan:
    """Every subscription gets every event from its beginning on; one that nobody holds any more is forgotten."""

    def __init__(self) -> None:
        self._subscriptions: weakref.WeakSet[Subscription] = weakref.WeakSet()

    def subscribe(self, first: MediaEvent | None) -> Subscription:
        """A new subscription, beginning with `first` if there is one."""
        subscription = Subscription()
        if first is not None:
            subscription.put(first)
        self._subscriptions.add(subscription)
        return subscription

    def publish(self, event: MediaEvent) -> None:
        """Tell everybody."""
        for subscription in self._subscriptions:
            subscription.put(event)

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.put(None)
        self._subscriptions.clear()
