"""What the media tests share: peers that stay on one address of this machine, and a running backend of each kind.

A test that asks for `backend` runs on every kind. A module has one server of each; tests keep apart by their room ids.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from micconnect.media.base import MediaBackend
from micconnect.media.embedded import EmbeddedBackend
from micconnect.mediachoice import CHOICES, JANUS
from micconnect.protocol.words import Role
from tests.live import Client, Server, Visitor
from tests.media import janus_server
from tests.media.janus_server import JanusServer
from tests.media.peers import peers, peers_on
from tests.media.show import Show

LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module", params=CHOICES)
def media_kind(request: pytest.FixtureRequest) -> str:
    """The kind of media server: whoever asks for it runs once with each."""
    return str(request.param)


@pytest.fixture(autouse=True)
def one_address_only(request: pytest.FixtureRequest) -> Iterator[None]:
    """The peers of the tests use the address on which the media server serves, and nothing else."""
    names = request.fixturenames
    is_janus = "janus" in names or ("media_kind" in names and request.getfixturevalue("media_kind") == JANUS)
    with peers_on(janus_server.ADDRESS if is_janus else LOOPBACK):
        yield


@pytest.fixture(scope="module")
def janus() -> Iterator[JanusServer]:
    """One Janus for a whole module."""
    with JanusServer() as running:
        yield running


@asynccontextmanager
async def started(backend: MediaBackend) -> AsyncIterator[Any]:
    """The backend, up within."""
    await backend.start()
    try:
        yield backend
    finally:
        await backend.stop()


@pytest.fixture
def new_backend(request: pytest.FixtureRequest, media_kind: str) -> MediaBackend:
    """A backend of each kind that the test starts and stops itself."""
    return _make(request, media_kind)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend(request: pytest.FixtureRequest, media_kind: str) -> AsyncIterator[MediaBackend]:
    """A running backend of each kind."""
    async with started(_make(request, media_kind)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forwarder() -> AsyncIterator[EmbeddedBackend]:
    """The embedded backend alone, for what only it has."""
    async with started(EmbeddedBackend(LOOPBACK)) as running:
        yield running


def _make(request: pytest.FixtureRequest, kind: str) -> MediaBackend:
    if kind == JANUS:
        return janus_server.backend_of(request.getfixturevalue("janus"))
    return EmbeddedBackend(LOOPBACK)


# -- a whole server ---------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, media_kind: str) -> Iterator[Server]:
    """A MicConnect server with a media server of each kind."""
    env = janus_server.settings_for(request.getfixturevalue("janus")) if media_kind == JANUS else {}
    running = Server(**env, **getattr(request.module, "SERVER_ENV", {})).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def host_visitor(server: Server) -> Visitor:
    """Hannah, who makes rooms."""
    return Visitor(server).sign_up("Hannah")


@pytest.fixture
def sending() -> dict[str, Any]:
    """How people in a show send; a module may say otherwise."""
    return {}


@pytest_asyncio.fixture
async def show(server: Server, host_visitor: Visitor, sending: dict[str, Any]) -> AsyncIterator[Show]:
    """A room of the test's own, with people on air."""
    try:
        async with peers() as opened:
            show = Show(server, host_visitor.new_room(), opened, **sending)
            _, body = host_visitor.ticket(show.slug, Role.HOST)
            await show.begin(await Client.open(server, show.slug, body["ticket"]))
            yield show
    finally:
        await Client.close_all()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """What Janus said stands beside a failure."""
    report = yield
    server = getattr(item, "funcargs", {}).get("janus")
    if report.failed and isinstance(server, JanusServer):
        report.sections.append((f"log of {server.name}", server.tail()))
    return report
