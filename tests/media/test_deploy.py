"""What scripts/janus makes of deploy/janus: a Janus that nobody uses who does not know its secrets."""

import asyncio
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect

from tests.media.janus_server import ADDRESS, ROOT, SECRETS, JanusServer, free_port

TEMPLATES = ROOT / "deploy/janus"
API, ADMIN = SECRETS["MIC_JANUS_API_SECRET"], SECRETS["MIC_JANUS_ADMIN_SECRET"]


class Line:
    """A WebSocket to one of the two APIs."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def ask(self, **message: Any) -> dict[str, Any]:
        """The answer to a request."""
        await self._socket.send(msgspec.json.encode({"transaction": "t", **message}).decode())
        answer: dict[str, Any] = msgspec.json.decode(await self._socket.recv())
        return answer

    async def ask_room(self, session_id: int, handle_id: int, **body: Any) -> dict[str, Any]:
        """What the video room answers."""
        where = {"session_id": session_id, "handle_id": handle_id, "apisecret": API}
        answer = await self.ask(janus="message", body=body, **where)
        data: dict[str, Any] = answer["plugindata"]["data"]
        return data


async def test_who_does_not_know_the_secrets_is_refused(janus: JanusServer) -> None:
    async with connect(janus.url, subprotocols=["janus-protocol"]) as socket:  # type: ignore[list-item]
        line = Line(socket)
        for more in ({}, {"apisecret": ADMIN}):
            assert (await line.ask(janus="create", **more))["error"]["code"] == 403
        session = (await line.ask(janus="create", apisecret=API))["data"]["id"]
        attach = {"janus": "attach", "plugin": "janus.plugin.videoroom", "session_id": session, "apisecret": API}
        handle = (await line.ask(**attach))["data"]["id"]
        refused = await line.ask_room(session, handle, request="create", room="mine")
        assert "admin_key" in refused["error"]
        other = await line.ask_room(session, handle, request="create", room="mine", admin_key=API)
        assert "error" in other
        key = SECRETS["MIC_JANUS_ROOM_KEY"]
        made = await line.ask_room(session, handle, request="create", room="mine", admin_key=key, secret="s")
        assert made["videoroom"] == "created"
        elsewhere = {"publisher_id": "p", "host": "127.0.0.1", "port": 5000, "remote_id": "r", "secret": "s"}
        for request in ("publish_remotely", "rtp_forward"):
            refused = await line.ask_room(session, handle, request=request, room="mine", **elsewhere)
            assert "admin_key" in refused["error"], request
        assert (await line.ask_room(session, handle, request="destroy", room="mine", secret="s"))["room"] == "mine"
    async with connect(janus.admin_url, subprotocols=["janus-admin-protocol"]) as socket:  # type: ignore[list-item]
        line = Line(socket)
        for more in ({}, {"admin_secret": API}):
            assert (await line.ask(janus="list_sessions", **more))["error"]["code"] == 403
        assert "sessions" in await line.ask(janus="list_sessions", admin_secret=ADMIN)


async def test_its_apis_are_on_the_one_address_only(janus: JanusServer) -> None:
    for port in (janus.port, janus.admin_port):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(ADDRESS, port)


def test_every_place_of_the_config_is_filled_and_nobody_else_reads_it(janus: JanusServer) -> None:
    made = [janus.folder / "settings.env", *(janus.folder / template.name for template in TEMPLATES.iterdir())]
    for file in made:
        assert not re.search(r"@[A-Z_]+@", file.read_text()), file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert f'api_secret = "{API}"' in (janus.folder / "janus.jcfg").read_text()
    settings = dict(line.split("=", 1) for line in made[0].read_text().splitlines())
    assert settings == {
        "MIC_MEDIA": "janus",
        "MIC_JANUS_URLS": janus.url,
        "MIC_JANUS_ADMIN_URLS": janus.admin_url,
        **SECRETS,
    }


def run(*options: str, **env: str) -> subprocess.CompletedProcess[str]:
    """scripts/janus with a Janus that only says its version and ends, and without secrets from outside."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MIC_")}
    argv = [str(ROOT / "scripts/janus"), *options, "--", "--help"]
    return subprocess.run(argv, env=clean | env, capture_output=True, text=True, timeout=60)


def test_secrets_are_made_once_and_differ_everywhere(tmp_path: Path) -> None:
    def secrets(name: str) -> set[str]:
        done = run("--address", ADDRESS, "--port", str(free_port()), "--dir", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        lines = (tmp_path / name / "settings.env").read_text().splitlines()
        return {
            line.split("=", 1)[1] for line in lines if re.match("MIC_JANUS_(API_SECRET|ADMIN_SECRET|ROOM_KEY)", line)
        }

    here = secrets("here")
    assert len(here) == 3 and all(len(secret) == 32 for secret in here)
    assert secrets("here") == here
    assert not secrets("there") & here


def test_behind_a_translated_address_browsers_get_the_public_one(tmp_path: Path) -> None:
    assert run("--address", ADDRESS, "--public", "203.0.113.7", "--dir", str(tmp_path)).returncode == 0
    config = (tmp_path / "janus.jcfg").read_text()
    assert 'nat_1_1_mapping = "203.0.113.7"' in config and "ice_lite = false" in config


def test_what_would_break_the_config_is_refused(tmp_path: Path) -> None:
    done = run("--address", ADDRESS, "--dir", str(tmp_path), MIC_JANUS_API_SECRET='a"; admin_secret = "b')
    assert done.returncode == 1 and "letters" in done.stderr
    for wrong in (["--port", "many"], ["--address", "a b"], ["--nothing"]):
        assert run(*wrong).returncode == 2
