"""A data folder with a live room in it, shared by this process and the servers that it measures one after another."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from websockets.sync.client import ClientConnection, connect

from bench.load import IN_FLIGHT, Audience
from bench.procs import PYTHON, Process, folder

TICKET_TTL_S = 3600
UNPROVEN = "unproven:"
SNAPSHOT = '"type":"snapshot"'


class House:
    """One room, as rows; `start` gives it a server, `Host` its host, `audience` its viewers."""

    def __init__(self, data: Path, env: dict[str, str]) -> None:
        from micconnect import store
        from micconnect.domain.room import Person
        from micconnect.protocol.views import RoomOptions

        self.data, self.env = data, env
        self.host = Person(user_id="host", name="Hannah")
        self.slug = store.create_room(host=self.host, options=RoomOptions(title="Bench")).slug

    def start(self, kind: str = "serve", **env: str) -> Process:
        """A server of the room: `serve`, `daphne` or `stepped`."""
        return Process([PYTHON, "-m", "bench.ours", kind, "{port}", self.slug], self.env | env)

    @property
    def path(self) -> str:
        return f"/ws/rooms/{self.slug}/"

    def hello(self, user_id: str, role: str = "audience", *, is_proven: bool = True) -> str:
        """A first frame, with a ticket or with a bare name that `bench.ours` believes."""
        from micconnect import auth
        from micconnect.domain.room import Actor, Person
        from micconnect.protocol.words import Role

        actor = Actor(person=Person(user_id=user_id, name=user_id.title()), role=Role(role))
        ticket = auth.issue_ticket(self.slug, actor, ttl_s=TICKET_TTL_S) if is_proven else f"{UNPROVEN}{user_id}"
        return json.dumps({"type": "hello", "ticket": ticket, "versions": [1]})

    def audience(
        self, port: int, n: int, *, in_flight: int = IN_FLIGHT, receive_buffer: int = 0, is_proven: bool = True
    ) -> Audience:
        """N viewers, each somebody else than all before."""
        tag = secrets.token_hex(3)
        hellos = [self.hello(f"v{tag}{number}", is_proven=is_proven) for number in range(n)]
        return Audience(
            port,
            self.path,
            n,
            hellos=hellos,
            ready=SNAPSHOT,
            in_flight=in_flight,
            receive_buffer=receive_buffer,
        )


class Host:
    """The host's socket: the room is live as long as it is there."""

    def __init__(self, house: House, port: int) -> None:
        self.socket: ClientConnection = connect(
            f"ws://127.0.0.1:{port}{house.path}", compression=None, proxy=None, max_size=None
        )
        self.socket.send(house.hello(house.host.user_id, "host"))
        self.socket.recv(timeout=30)
        self.do("goLive")

    def do(self, kind: str) -> None:
        """Sends a command and waits for its reply; a room that is live already is no error here."""
        ref = secrets.token_hex(8)
        self.socket.send(json.dumps({"type": kind, "ref": ref}))
        while json.loads(self.socket.recv(timeout=30)).get("ref") != ref:
            pass

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.socket.close()


@contextlib.contextmanager
def house(**env: str) -> Iterator[House]:
    """A new folder with a migrated database. Django is set up here once per process, so one house per process."""
    with folder() as data:
        ours = {
            "DJANGO_SETTINGS_MODULE": "livestream.settings",
            "MIC_DATA_DIR": str(data),
            "MIC_SECRET_KEY": secrets.token_urlsafe(40),
            "MIC_MEDIA_ADDRESS": "127.0.0.1",
            "MIC_LOG_LEVEL": "WARNING",
            **env,
        }
        os.environ |= ours
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        made = House(data, ours)
        connections.close_all()
        yield made
