"""Relays for the tests: credentials of ours, and coturns that know the secret."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.turn.server import SECRET, Coturn


@pytest.fixture(autouse=True)
def turn_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TURN_URLS", ["turn:127.0.0.1:3478?transport=udp"])
    monkeypatch.setattr(settings, "TURN_SECRET", SECRET)
    monkeypatch.setattr(settings, "TURN_RELAY_ONLY", False)


@pytest.fixture(scope="module")
def relay() -> Iterator[Coturn]:
    """As an operator runs it: a media server elsewhere (an address for documentation), IPv4 and IPv6."""
    with Coturn(sfu="192.0.2.10", listen=("127.0.0.1", "::1")) as running:
        yield running
