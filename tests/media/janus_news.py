"""Everything that a backend tells, kept in order."""

import asyncio
from collections.abc import AsyncIterator

from aiortc.rtp import RtpPacket

from micconnect.media.base import MediaBackend, MediaEvent


def assert_whole(packets: list[RtpPacket]) -> None:
    """Nothing is missing among what came on a slot, so nobody has noticed anything."""
    numbers = [packet.sequence_number for packet in packets]
    assert {(after - before) & 0xFFFF for before, after in zip(numbers, numbers[1:], strict=False)} == {1}


class News:
    """`events`: all that a backend has told since this was made."""

    def __init__(self, backend: MediaBackend) -> None:
        self.events: list[MediaEvent] = []
        self._task = asyncio.create_task(self._listen(backend.events()))

    async def _listen(self, events: AsyncIterator[MediaEvent]) -> None:
        async for event in events:
            self.events.append(event)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
