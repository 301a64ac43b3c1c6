"""What the media tests share: peers that stay on the loopback address, and a running backend."""

from collections.abc import AsyncIterator, Iterator

import aioice.ice
import pytest
import pytest_asyncio

from micconnect.media.embedded import EmbeddedBackend


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """The peers of the tests use 127.0.0.1 and nothing else."""
    patch = pytest.MonkeyPatch()
    patch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    yield
    patch.undo()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[EmbeddedBackend]:
    """One forwarder for a whole module; tests keep apart by their room ids."""
    running = EmbeddedBackend("127.0.0.1", video_kbps=600, audio_kbps=64)
    await running.start()
    yield running
    await running.stop()
