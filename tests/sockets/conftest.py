"""The servers of the socket tests: the one for production and the one of `runserver`, under the same tests."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.live import Client, Server, Visitor


@pytest.fixture(scope="session", params=["serve", "runserver"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    running = Server(request.param).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def host_visitor(server: Server) -> Visitor:
    return Visitor(server).sign_up("Hannah")


@pytest.fixture
def slug(host_visitor: Visitor) -> str:
    """A new idle room of the host."""
    return host_visitor.new_room()


@pytest.fixture(autouse=True)
async def no_socket_is_left() -> AsyncIterator[None]:
    yield
    await Client.close_all()
