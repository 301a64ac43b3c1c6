"""A real server process and the people who come to it: by HTTP with cookies, by WebSocket with a ticket."""

import asyncio
import atexit
import functools
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from micconnect import auth
from micconnect.domain.room import Actor
from micconnect.protocol.words import Role

ROOT = Path(__file__).resolve().parent.parent
WAIT_S = 90  # how long anything may take on a busy machine before it counts as missing
PASSWORD = "correct horse battery staple"
# any ASGI server that knows nothing of us
PLAIN_UVICORN = [
    *("-m", "uvicorn", "livestream.asgi:application", "--log-level", "warning"),
    *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
]


class Server:
    """A MicConnect server of its own, with its own data folder (the tests' secret key, so that tickets are valid)."""

    def __init__(self, kind: str = "serve", **env: str) -> None:
        self.kind = kind
        self.data = Path(tempfile.mkdtemp(prefix="micconnect-server-"))
        self.env = os.environ | {
            "MIC_DATA_DIR": str(self.data),
            "MIC_SECRET_KEY": _secret_key(),
            "MIC_MEDIA_ADDRESS": "127.0.0.1",
            "MIC_MEDIA_PICTURES": "10",  # a picture of every seat, unless a test wants fewer
            "PYTHONUNBUFFERED": "1",
            **env,
        }
        self.output: list[str] = []
        self.port = 0

    def manage(self, *args: str) -> str:
        """Runs a management command against the server's database; returns what it printed."""
        command = [sys.executable, "manage.py", *args]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, check=True, capture_output=True, text=True, timeout=120
        ).stdout

    def prepare(self) -> None:
        """The folder as the first start leaves it: tables, and static files under hashed names. Once is enough."""
        if (self.data / "static").exists():
            return
        template = _template()
        if "MIC_DATABASE_URL" in self.env:
            self.manage("migrate", "--verbosity", "0")
        else:
            shutil.copy(template / "db.sqlite3", self.data)
        shutil.copytree(template / "static", self.data / "static", copy_function=os.link)

    def start(self) -> "Server":
        self.prepare()
        port = self.port or free_port()
        command = {
            "serve": ["manage.py", "serve", "--no-static", "--port", str(port)],
            "runserver": ["manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
            "asgi": [*PLAIN_UVICORN, "--port", str(port)],
        }[self.kind]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_listen_to_ctrl_c,
        )
        self.drain = threading.Thread(target=self._drain, daemon=True)
        self.drain.start()
        self.port = port
        wait_until(self._answers, f"the server to answer: {self.output}")
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """As Ctrl-C does it; the process and all its children must go."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(WAIT_S)
        self.drain.join(WAIT_S)

    def kill(self) -> None:
        """kill -9 of the server process alone."""
        self.process.kill()
        self.process.wait(WAIT_S)
        self.drain.join(WAIT_S)

    def children(self) -> list[int]:
        """The pids of the server's child processes. Raises FileNotFoundError when the server itself is gone."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        while True:  # a thread that ends while it is read hands its children to another one: the list starts anew
            try:
                return [int(pid) for task in list(tasks.iterdir()) for pid in (task / "children").read_text().split()]
            except OSError:
                tasks.stat()

    def _drain(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.output.append(line)

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {''.join(self.output)}")
        try:
            return Visitor(self).get("/livez")[0] == 200
        except OSError:
            return False


@functools.cache
def _template() -> Path:
    """A data folder with an empty database and the static files, from which all servers of this run begin.

    To migrate and to collect takes a new server fifteen seconds of a processor, and a run starts a hundred of them.
    """
    made = Server()
    atexit.register(shutil.rmtree, made.data, ignore_errors=True)
    made.env.pop("MIC_DATABASE_URL", None)
    made.manage("migrate", "--verbosity", "0")
    made.manage("collectstatic", "--noinput", "--verbosity", "0")
    return made.data


def _listen_to_ctrl_c() -> None:
    """Whoever runs the tests in the background may have SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _secret_key() -> str:
    from django.conf import settings

    return settings.SECRET_KEY


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_done: Callable[[], bool], what: str) -> None:
    """Polls until `is_done()`; fails after WAIT_S, which is far beyond what anything takes."""
    end = time.monotonic() + WAIT_S
    while not is_done():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


class Visitor:
    """A browser without a screen: cookies, forms with their CSRF token, no scripts."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> tuple[int, str]:
        return self._open(Request(self.server.url + path))

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        headers = {"Referer": self.server.url + path, "X-CSRFToken": self._csrf()}
        return self._open(Request(self.server.url + path, urlencode(fields).encode(), headers))

    def _csrf(self) -> str:
        token = next((c.value for c in self.jar if c.name == "csrftoken"), None)
        if token is None:
            self.get("/accounts/login/")
            token = next(c.value for c in self.jar if c.name == "csrftoken")
        return token or ""

    def _open(self, request: Request) -> tuple[int, str]:
        from urllib.error import HTTPError

        try:
            with self.opener.open(request, timeout=WAIT_S) as response:
                self.url = response.url
                return response.status, response.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def sign_up(self, name: str) -> "Visitor":
        status, page = self.post("/accounts/signup/", username=name, password1=PASSWORD, password2=PASSWORD)
        assert status == 200, page
        return self

    def named(self, name: str) -> "Visitor":
        """A guest who has chosen a name."""
        status, page = self.post("/name/", name=name)
        assert status == 200, page
        return self

    def new_room(self, title: str = "Open mic night", **fields: str) -> str:
        """Makes a room as a host does, in the studio; returns its slug."""
        status, page = self.post("/studio/", title=title, **fields)
        assert status == 200, page
        found = re.search(r"/live/([^/]+)/studio/", self.url)
        assert found, self.url
        return found.group(1)

    def ticket(self, slug: str, role: Role = Role.AUDIENCE) -> tuple[int, dict[str, Any]]:
        status, body = self.post(f"/live/{slug}/ticket/" + ("?as=host" if role is Role.HOST else ""))
        return status, msgspec.json.decode(body)


class Client:
    """One WebSocket that has said hello. Frames are kept in the order of arrival."""

    opened: ClassVar[list["Client"]] = []
    refs: ClassVar[Iterator[int]] = itertools.count(1)  # of all, because a ref of the same person is never used twice

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self.replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.news = asyncio.Event()
        self.reader = asyncio.create_task(self._read())
        self.close_code: int | None = None
        self.opened.append(self)

    @classmethod
    async def close_all(cls) -> None:
        """Closes whatever a test has left open."""
        for client in cls.opened:
            await client.close()
        cls.opened.clear()

    @classmethod
    async def open(cls, server: Server, slug: str, ticket: str | Actor, window: str = "", **options: Any) -> "Client":
        """Connects, says hello (as one of the person's windows) and waits for the snapshot."""
        client = await cls.bare(server, slug, **options)
        if isinstance(ticket, Actor):
            ticket = auth.issue_ticket(slug, ticket)
        await client.send_raw({"type": "hello", "ticket": ticket, "versions": [1], "windowId": window})
        await client.frame("snapshot")
        return client

    @classmethod
    async def bare(cls, server: Server, slug: str, **options: Any) -> "Client":
        """Connects and says nothing."""
        url = f"ws://127.0.0.1:{server.port}/ws/rooms/{slug}/"
        return cls(await connect(url, compression=None, open_timeout=WAIT_S, max_size=None, **options))

    async def send_raw(self, message: dict[str, Any] | str | bytes) -> None:
        await self.socket.send(msgspec.json.encode(message).decode() if isinstance(message, dict) else message)

    async def ask(self, kind: str, *, ref: str | None = None, **fields: Any) -> dict[str, Any]:
        """Sends a frame and returns its reply."""
        ref = ref or f"t{next(self.refs)}"
        self.replies[ref] = asyncio.get_running_loop().create_future()
        await self.send_raw({"type": kind, "ref": ref, **fields})
        return await asyncio.wait_for(self.replies[ref], WAIT_S)

    async def do(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Like `ask`, for what must succeed; returns the result."""
        reply = await self.ask(kind, **fields)
        assert reply["error"] is None, reply
        return reply["result"] or {}

    async def refused(self, kind: str, **fields: Any) -> str:
        """Like `ask`, for what must be refused; returns the code."""
        reply = await self.ask(kind, **fields)
        assert reply["error"] is not None, reply
        return str(reply["error"]["code"])

    @property
    def callbacks(self) -> list[dict[str, Any]]:
        return [c for f in self.frames if f["type"] == "callbacks" for c in f["callbacks"]]

    async def callback(self, kind: str, is_it: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The newest callback of that name that fits, as soon as there is one."""
        return await self._wait(lambda: [c for c in self.callbacks if c["type"] == kind and is_it(c)], kind)

    async def frame(self, kind: str) -> dict[str, Any]:
        return await self._wait(lambda: [f for f in self.frames if f["type"] == kind], kind)

    async def closed(self) -> int:
        """The close code, as soon as the server has closed."""
        await asyncio.wait_for(self.reader, WAIT_S)
        assert self.close_code is not None
        return self.close_code

    async def close(self) -> None:
        await self.socket.close()
        await self.reader

    async def _wait(self, find: Callable[[], list[dict[str, Any]]], what: str) -> dict[str, Any]:
        async def found() -> dict[str, Any]:
            while not (hits := find()):
                assert not self.reader.done(), f"closed with {self.close_code} before {what}: {self.frames[-3:]}"
                self.news.clear()
                await self.news.wait()
            return hits[-1]

        try:
            return await asyncio.wait_for(found(), WAIT_S)
        except TimeoutError:
            raise AssertionError(f"no {what} in {self.frames}") from None

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                frame = msgspec.json.decode(data)
                self.frames += frame["frames"] if frame["type"] == "batch" else [frame]
                is_answer = frame["type"] in ("reply", "pong")
                if is_answer and (waiting := self.replies.get(frame["ref"])) and not waiting.done():
                    waiting.set_result(frame)
                self.news.set()
        except ConnectionClosed:
            pass
        self.close_code = self.socket.close_code
        for waiting in self.replies.values():
            if not waiting.done():
                waiting.set_exception(AssertionError(f"closed with {self.close_code}"))
                waiting.exception()
        self.news.set()
