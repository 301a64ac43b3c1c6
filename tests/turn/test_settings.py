"""Settings of relays that cannot work are told at start, and what scripts/coturn writes is for its owner alone."""

import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from micconnect import checks
from tests.live import ROOT
from tests.turn.server import SECRET

GOOD = [
    "turn:turn.example.org",
    "turn:turn.example.org:3478?transport=udp",
    "turn:203.0.113.7:3478?transport=tcp",
    "turn:[2001:db8::7]:3478",
    "turns:turn.example.org:443?transport=tcp",
]
BAD = [
    "turn.example.org:3478",
    "turn://turn.example.org:3478",
    "stun:turn.example.org",
    "turn:turn.example.org:port",
    "turn:turn.example.org:0",
    "turn:turn.example.org:65536",
    "turn:turn.example.org?transport=sctp",
    "turn:anna:secret@turn.example.org",
    "turn:2001:db8::7",
    "https://turn.example.org",
    "",
]


@pytest.mark.parametrize(
    ("urls", "secret", "relay_only", "found"),
    [
        ([], "", False, []),
        (GOOD, SECRET, True, []),
        (BAD, SECRET, False, ["micconnect.E010"] * len(BAD)),
        (GOOD, "", False, ["micconnect.E011"]),
        (GOOD, "guess me", False, ["micconnect.E011"]),
        ([], SECRET, True, ["micconnect.E012"]),
    ],
)
def test_relays_that_cannot_work_are_told_at_start(
    monkeypatch: pytest.MonkeyPatch, urls: list[str], secret: str, relay_only: bool, found: list[str]
) -> None:
    monkeypatch.setattr(settings, "TURN_URLS", urls)
    monkeypatch.setattr(settings, "TURN_SECRET", secret)
    monkeypatch.setattr(settings, "TURN_RELAY_ONLY", relay_only)
    assert [message.id for message in checks.relays(None)] == found


def write_config(folder: Path, *arguments: str, **env: str) -> list[str]:
    """What scripts/coturn writes, line by line, without comments."""
    command = ["scripts/coturn", "--dir", str(folder), "--write", *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | env, check=True, capture_output=True, timeout=60)
    lines = (folder / "turnserver.conf").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def settings_of(folder: Path) -> dict[str, str]:
    """The lines that scripts/coturn writes for MicConnect."""
    return dict(line.split("=", 1) for line in (folder / "settings.env").read_text().splitlines())


def test_the_configuration_is_filled_in_for_its_owner_alone(tmp_path: Path) -> None:
    addresses = ["--listen", "203.0.113.7", "--listen", "2001:db8::7", "--sfu", "203.0.113.8", "--sfu", "2001:db8::8"]
    lines = write_config(tmp_path, *addresses, MIC_TURN_SECRET=SECRET)
    assert {"listening-ip=203.0.113.7", "listening-ip=2001:db8::7", "relay-ip=2001:db8::7"} <= set(lines)
    assert [line for line in lines if line.startswith("allowed-peer-ip")] == [
        "allowed-peer-ip=203.0.113.8",
        "allowed-peer-ip=2001:db8::8",
    ]
    assert f"static-auth-secret={SECRET}" in lines and "allow-loopback-peers" not in lines
    assert not [line for line in lines if "@" in line], "every word was filled in"
    urls = [f"turn:{name}:3478?transport={by}" for name in ("203.0.113.7", "[2001:db8::7]") for by in ("udp", "tcp")]
    assert settings_of(tmp_path) == {"MIC_TURN_URLS": ",".join(urls), "MIC_TURN_SECRET": SECRET}
    assert all(map(checks.is_turn_url, urls))
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600] * 2


def test_browsers_may_reach_it_by_another_name(tmp_path: Path) -> None:
    write_config(tmp_path, "--listen", "10.0.0.5", "--public", "turn.example.org", "--port", "443")
    assert settings_of(tmp_path)["MIC_TURN_URLS"].split(",")[0] == "turn:turn.example.org:443?transport=udp"


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    first, again = (write_config(tmp_path, MIC_TURN_SECRET="") for _ in range(2))
    secret = settings_of(tmp_path)["MIC_TURN_SECRET"]
    assert first == again and f"static-auth-secret={secret}" in first and len(secret) >= 32
    assert "allow-loopback-peers" in first and "allowed-peer-ip=127.0.0.1" in first, "for a try on one machine"


@pytest.mark.parametrize(
    "arguments", [["--sfu", "example.org"], ["--port", "x"], ["--public", "a b"], ["--listen"], ["--turn"], ["--dir"]]
)
def test_what_makes_no_sense_is_not_written(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        write_config(tmp_path, *arguments)
    with pytest.raises(subprocess.CalledProcessError):
        write_config(tmp_path, MIC_TURN_SECRET="two\nlines")
    assert list(tmp_path.iterdir()) == []
