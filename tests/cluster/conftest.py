"""Two real servers with one PostgreSQL and one Redis, and a live show whose people come in at either of them."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from micconnect.domain.room import Actor, Person
from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import Client, Server, Visitor, wait_until
from tests.stack import Stack


class Cluster(Stack):
    """A stack with two servers. `keeper` is the one that owns the media server, `other` the other one."""

    def __init__(self, **env: str) -> None:
        super().__init__()
        self.server(**env)
        self.server(**env)
        self.host_visitor = Visitor(self.servers[0]).sign_up("Hannah")

    def processes(self) -> list[tuple[int, bool]]:
        """(pid, is_keeper) of the processes that the database knows, the oldest first."""
        rows = self.postgres.rows("SELECT process_id, is_keeper FROM micconnect_servingprocess ORDER BY id")
        return [(int(process_id.split(".")[-2]), is_keeper) for process_id, is_keeper in rows]

    def server_of(self, *, is_keeper: bool) -> Server:
        def found() -> list[Server]:
            pids = [pid for pid, keeps in self.processes() if keeps == is_keeper]
            return [s for s in self.servers if s.process.poll() is None and s.process.pid in pids]

        wait_until(lambda: len(found()) == 1, f"one server with is_keeper={is_keeper}")
        return found()[0]

    @property
    def keeper(self) -> Server:
        return self.server_of(is_keeper=True)

    @property
    def other(self) -> Server:
        return self.server_of(is_keeper=False)

    def lines(self, slug: str) -> list[tuple[str, int]]:
        """(user_id, pid) of the open sockets of a room, as the rows have them."""
        rows = self.postgres.rows(
            "SELECT s.user_id, s.process_id FROM micconnect_socket s JOIN micconnect_room r ON r.id = s.room_id"
            " WHERE r.slug = %s AND s.closed_at IS NULL ORDER BY s.id",
            slug,
        )
        return [(user_id, int(process_id.split(".")[-2])) for user_id, process_id in rows]

    def log(self, slug: str, command: str) -> int:
        """How many changes of that kind the room's log has."""
        query = "SELECT count(*) FROM micconnect_logentry l JOIN micconnect_room r ON r.id = l.room_id"
        return int(self.postgres.rows(f"{query} WHERE r.slug = %s AND l.command = %s", slug, command)[0][0])

    def heal(self) -> None:
        """After a test: both servers run and hear each other, with one keeper and its media server."""
        if not self.redis.is_running:
            self.redis.start()
        for server in self.servers:
            if server.process.poll() is not None:
                server.start()
        pids = {server.process.pid for server in self.servers}
        wait_until(
            lambda: {pid for pid, _ in self.processes()} == pids and sum(k for _, k in self.processes()) == 1,
            "both servers with one keeper",
        )
        visitors = [Visitor(server) for server in self.servers]
        wait_until(lambda: all('"media": "ok"' in v.get("/readyz")[1] for v in visitors), "the media server")
        # known to the other one only by the bus
        wait_until(lambda: all("media_node_up" in v.get("/metrics")[1] for v in visitors), "the bus between them")


@pytest.fixture(scope="session")
def shared_cluster() -> Iterator[Cluster]:
    running = Cluster()
    yield running
    running.close()


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    shared_cluster.heal()
    return shared_cluster


class Show:
    """A live room with its host at one server."""

    def __init__(self, cluster: Cluster, at: Server) -> None:
        self.cluster, self.host_at = cluster, at
        self.slug = cluster.host_visitor.new_room()
        self.host_ticket = str(cluster.host_visitor.ticket(self.slug, Role.HOST)[1]["ticket"])

    async def begin(self) -> "Show":
        self.host = await Client.open(self.host_at, self.slug, self.host_ticket)
        me = self.host.frames[0]["me"]["user"]
        self.host_actor = Actor(person=Person(user_id=me["userId"], name=me["userName"]), role=Role.HOST)
        await self.host.do("goLive")
        return self

    async def come(self, at: Server, name: str, window: str = "") -> Client:
        return await Client.open(at, self.slug, actor(name), window)

    async def on_air(self, at: Server, name: str, media: str = "audio") -> Client:
        """Somebody who comes in at a server and takes a seat."""
        client = await self.come(at, name)
        asked = await client.do("apply", media=media)
        await self.host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
        await client.callback("onMyStateUpdated", lambda c: c["me"]["connection"] is not None)
        return client

    async def seen(self, name: str, state: str) -> None:
        """Waits until the host sees the connection of that person in that state."""
        await self.host.callback(
            "onConnectedUsersUpdated",
            lambda c: any(u["userId"] == name.lower() and u["state"] == state for u in c["connectedUsers"]),
        )


@pytest_asyncio.fixture
async def show(cluster: Cluster) -> AsyncIterator[Show]:
    """The host is at the process that is not the keeper, so that everything has the long way."""
    try:
        yield await Show(cluster, cluster.other).begin()
    finally:
        await Client.close_all()
