"""Credentials for relays: what they are made of, and that a real relay takes them for as long as they shall count."""

import asyncio
import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from micconnect import relays
from tests.turn.client import TurnClient, eventually
from tests.turn.server import SECRET, Coturn


def test_a_credential_is_a_signed_time_and_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TURN_RELAY_ONLY", True)
    now = timezone.now()
    ice = relays.ice_servers("alice@example.org", now)
    end, code = ice.username.split(":")
    assert int(end) == int(now.timestamp()) + 600 and ice.seconds == 600
    assert base64.b64decode(ice.credential) == hmac.digest(SECRET.encode(), ice.username.encode(), hashlib.sha1)
    assert ice.urls == ("turn:127.0.0.1:3478?transport=udp",) and ice.relay_only
    assert len(code) == 20 and "alice" not in code


def test_the_code_is_the_persons_and_nobody_can_compute_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def code(who: str) -> str:
        return relays.ice_servers(who, timezone.now()).username.split(":")[1]

    before = code("alice")
    assert code("alice") == before != code("bob")
    monkeypatch.setattr(settings, "SECRET_KEY", "another key")
    assert code("alice") != before


def test_without_relays_there_is_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TURN_URLS", [])
    monkeypatch.setattr(settings, "TURN_RELAY_ONLY", True)
    ice = relays.ice_servers("alice", timezone.now())
    assert (ice.urls, ice.username, ice.credential, ice.relay_only) == ((), "", "", False)


async def test_all_who_come_at_once_to_a_relay_that_has_just_begun_get_in() -> None:
    async def come(number: int, relay: Coturn) -> int:
        ice = relays.ice_servers(f"person-{number}", timezone.now())
        async with TurnClient.open(relay.address, relay.port, ice) as client:
            return await client.allocate()

    with Coturn() as fresh:
        assert await asyncio.gather(*(come(number, fresh) for number in range(16))) == [0] * 16


async def test_a_line_outlives_its_credential() -> None:
    """So a page needs no new credential for a line that stands, however long the show is."""
    with Coturn("--stale-nonce=1", sfu="192.0.2.10") as relay:
        age = timedelta(seconds=relays.CREDENTIAL_S - 2)
        ice = relays.ice_servers("alice", timezone.now() - age)

        async def newcomer() -> int:
            async with TurnClient.open("127.0.0.1", relay.port, ice) as other:
                return await other.allocate()

        async with TurnClient.open("127.0.0.1", relay.port, ice) as client:
            assert await client.allocate() == 0
            first_nonce = client.nonce
            assert await eventually(newcomer, 401), "nobody begins a line with it any more"
            assert await client.permit("192.0.2.10") == 0
            assert await client.bind("192.0.2.10") == 0
            assert await client.refresh() == 0
            assert client.nonce != first_nonce, "the relay wanted it signed anew"


async def test_the_log_names_no_secrets(relay: Coturn) -> None:
    ice = relays.ice_servers("alice@example.org", timezone.now())
    async with TurnClient.open("127.0.0.1", relay.port, ice) as client:
        assert await client.allocate() == 0
        assert await client.permit("10.0.0.1") == 403
    assert "10.0.0.1 denied" in relay.log
    for secret in (SECRET, ice.credential, "alice@example.org"):
        assert secret not in relay.log
