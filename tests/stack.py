"""Several real server processes that share one PostgreSQL and one Redis, each of which a test may stop and start."""

import atexit
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from tests.live import WAIT_S, Server, free_port, wait_until


class Service:
    """A program that serves on `port` of 127.0.0.1 for as long as this object wants; at the latest it ends with us."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"micconnect-{type(self).__name__.lower()}-"))
        self.process: subprocess.Popen[bytes] | None = None
        atexit.register(self.remove)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """As a power cut: nothing is said to anybody."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """The program stands still with all its connections open, until `resume`."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Ends the program and deletes its data. Repeating does nothing."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.remove)

    def _end(self, sign: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.send_signal(signal.SIGCONT)
            self.process.wait(WAIT_S)

    def _log(self) -> str:
        return (self.folder / "log").read_text()[-2000:]


class Redis(Service):
    """A Redis without a disk: whatever it held is gone after a stop. `url` fits MIC_REDIS_URL."""

    def __init__(self) -> None:
        super().__init__()
        self.password = secrets.token_hex(16)  # on a shared machine everybody reaches 127.0.0.1
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """On the same port as before."""
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: sudo apt install redis-server"
        config = f"port {self.port}\nbind 127.0.0.1\nsave ''\nappendonly no\nrequirepass {self.password}\n"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([program, "-"], stdin=subprocess.PIPE, stdout=log, cwd=self.folder)
        assert self.process.stdin
        with self.process.stdin as configuration:
            configuration.write(config.encode())
        wait_until(self._answers, f"Redis: {self._log()}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def ask(self, *words: str) -> bytes:
        """What Redis answers to a command, as it came."""
        with socket.create_connection(("127.0.0.1", self.port), WAIT_S) as line:
            line.sendall(_redis_command("AUTH", self.password) + _redis_command(*words) + _redis_command("QUIT"))
            return b"".join(iter(lambda: line.recv(1 << 16), b"")).removeprefix(b"+OK\r\n").removesuffix(b"+OK\r\n")

    def published(self) -> int:
        """How many messages have been published since the start."""
        calls = [row for row in self.ask("INFO", "commandstats").decode().split() if row.startswith("cmdstat_publish:")]
        return int(calls[0].partition("calls=")[2].partition(",")[0]) if calls else 0

    def _answers(self) -> bool:
        assert self.is_running, self._log()
        try:
            return b"PONG" in self.ask("PING")
        except OSError:
            return False


def _redis_command(*words: str) -> bytes:
    return f"*{len(words)}\r\n".encode() + b"".join(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in words)


class Postgres(Service):
    """An empty database of its own, quick and careless: it forgets when the machine does. `url` fits MIC_DATABASE_URL.

    It survives `kill`, as a PostgreSQL does.
    """

    def __init__(self) -> None:
        super().__init__()
        self.password = secrets.token_hex(16)
        self.url = self.url_at(self.port)
        self.owner: dict[str, Any] = {}
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            user = _first_user("postgres", "nobody")
            self.owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        (self.folder / "password").write_text(self.password)
        if self.owner:
            for path in (self.folder, self.folder / "password"):
                os.chown(path, self.owner["user"], self.owner["group"])
        options = "--username micconnect --pwfile password --auth scram-sha-256 --encoding UTF8 --locale C --no-sync"
        initdb = [_postgres_program("initdb"), "--pgdata", "data", *options.split()]
        subprocess.run(initdb, cwd=self.folder, check=True, capture_output=True, **self.owner)
        self.start()
        with self.connect("postgres") as line:
            line.execute("CREATE DATABASE micconnect")

    def url_at(self, port: int) -> str:
        """The address of the database by way of another port, such as a relay's."""
        return f"postgres://micconnect:{self.password}@127.0.0.1:{port}/micconnect"

    def start(self) -> None:
        """On the same port and with the same rows as before."""
        options = f"-D data -p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_postgres_program("postgres"), *options.split()], cwd=self.folder, stdout=log, stderr=log, **self.owner
            )
        wait_until(self._answers, f"PostgreSQL: {self._log()}")

    def stop(self) -> None:
        """Ends all its connections, then itself."""
        self._end(signal.SIGINT)

    @contextmanager
    def connect(self, database: str = "micconnect") -> Iterator[psycopg.Connection[TupleRow]]:
        """A connection that commits by itself."""
        url = self.url.rpartition("/")[0] + f"/{database}"
        with psycopg.connect(url, autocommit=True, connect_timeout=WAIT_S) as line:
            yield line

    def rows(self, query: str, *values: object) -> list[TupleRow]:
        """The rows of one query."""
        with self.connect() as line:
            return line.execute(query.encode(), values).fetchall()

    def _answers(self) -> bool:
        assert self.is_running, self._log()
        try:
            with self.connect("postgres"):
                return True
        except psycopg.OperationalError:
            return False


def _first_user(*names: str) -> pwd.struct_passwd:
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in names if name in known)


def _postgres_program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    program = shutil.which(name, path=os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")]))
    assert program, "PostgreSQL is missing: sudo apt install postgresql"
    return program


class Stack:
    """A PostgreSQL, a Redis, and servers at them; each server is a `serve` with a data folder of its own."""

    def __init__(self) -> None:
        self.postgres = Postgres()
        self.redis = Redis()
        self.servers: list[Server] = []

    def server(self, **env: str) -> Server:
        """One server more, started. `env` goes before what the stack sets, say to put a relay in between."""
        shared = {"MIC_DATABASE_URL": self.postgres.url, "MIC_REDIS_URL": self.redis.url}
        added = Server("serve", **(shared | env))
        self.servers.append(added)
        return added.start()

    def close(self) -> None:
        """Stops the servers, then what they stand on, which is up again by then."""
        try:
            for service in (self.postgres, self.redis):
                if service.is_running:
                    service.resume()
                else:
                    service.start()
            for server in self.servers:
                server.stop()
                shutil.rmtree(server.data, ignore_errors=True)
        finally:
            self.postgres.remove()
            self.redis.remove()
