"""Servers for the chaos tests; whatever is left open is closed."""

from collections.abc import AsyncIterator, Iterator

import aioice.ice
import pytest
import pytest_asyncio

from tests.chaos.follower import Follower
from tests.live import Server
from tests.stack import Stack


@pytest_asyncio.fixture(autouse=True)
async def nobody_is_left() -> AsyncIterator[None]:
    yield
    await Follower.close_all()
    faults = list(Follower.faults)
    Follower.faults.clear()
    assert not faults, f"{len(faults)} frames broke a client: {faults[:3]}"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One process on SQLite, for tests that leave it as it was."""
    running = Server("serve").start()
    yield running
    running.stop()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """One process on SQLite that the test may stop, kill and harm."""
    running = Server("serve").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One PostgreSQL and one Redis for all tests."""
    both = Stack()
    yield both
    both.close()


@pytest.fixture(scope="session")
def pair(stack: Stack) -> list[Server]:
    """Two processes at the stack, for tests that leave them as they were."""
    return [stack.server() for _ in range(2)]


@pytest.fixture
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Media peers use 127.0.0.1 and nothing else."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
