"""Tickets, origins and system checks: who is let in, and which installation is refused."""

import time
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import signing
from msgspec.structs import replace

from micconnect import auth, checks, invitelinks, origins
from micconnect.protocol.words import Role
from tests.conftest import ALICE, NOW, actor, after


def test_a_ticket_brings_back_person_and_role() -> None:
    with time_machine.travel(NOW, tick=False):
        ticket = auth.issue_ticket("room", actor("Mona", Role.MODERATOR))
        assert auth.read_ticket("room", ticket) == replace(actor("Mona", Role.MODERATOR), proven_at=NOW)


@pytest.mark.parametrize("seconds", [1, 60])
def test_a_ticket_is_good_for_its_time_and_not_longer(seconds: int) -> None:
    with time_machine.travel(NOW, tick=False):
        ticket = auth.issue_ticket("room", ALICE, ttl_s=seconds)
    with time_machine.travel(after(seconds), tick=False):
        assert auth.read_ticket("room", ticket).person == ALICE.person
    with time_machine.travel(after(seconds + 1), tick=False), pytest.raises(auth.BadTicket):
        auth.read_ticket("room", ticket)


def test_s06_a_ticket_is_bound_to_its_room_and_cannot_be_changed() -> None:
    ticket = auth.issue_ticket("room", ALICE)
    for slug, text in [("other", ticket), ("room", ticket[:-1]), ("room", ticket[1:]), ("room", ""), ("room", "a:b:c")]:
        with pytest.raises(auth.BadTicket):
            auth.read_ticket(slug, text)


@pytest.mark.parametrize("is_named", [True, False])
def test_a_ticket_says_whether_its_person_has_chosen_a_name(is_named: bool) -> None:
    who = replace(ALICE, is_named=is_named)
    assert auth.read_ticket("room", auth.issue_ticket("room", who)).is_named is is_named


@pytest.mark.parametrize("has_account", [True, False])
def test_a_ticket_says_whether_its_person_has_an_account(has_account: bool) -> None:
    who = replace(ALICE, has_account=has_account)
    assert auth.read_ticket("room", auth.issue_ticket("room", who)).has_account is has_account


def test_a_ticket_says_which_guest_its_account_was() -> None:
    assert auth.read_ticket("room", auth.issue_ticket("room", replace(ALICE, was="g1"))).was == "g1"


def test_a_ticket_of_an_older_version_says_less_and_is_good_until_it_ends() -> None:
    claims = {"r": "room", "u": "alice", "n": "Alice", "o": "audience", "a": False, "e": time.time() + 60}
    older = signing.Signer(salt="micconnect.ticket").sign_object(claims)
    assert auth.read_ticket("room", older) == ALICE


def test_the_token_of_an_invite_link_is_good_for_its_room_and_number_only() -> None:
    token = invitelinks.make_token("room", 7)
    assert token == invitelinks.make_token("room", 7) and invitelinks.read_token("room", token) == 7
    assert invitelinks.read_token("other", token) is None
    forged = signing.dumps({"r": "room", "l": 7}, salt="micconnect.ticket")
    for text in (token[:-1], token[1:], "l7", "", "a:b", forged, auth.issue_ticket("room", ALICE)):
        assert invitelinks.read_token("room", text) is None
    longest = invitelinks.make_token("s" * 48, 10**18 - 1)
    assert len(longest) <= 200, "or no frame could carry it"


def scope(origin: str | None, host: str = "live.example:8000", scheme: str = "ws") -> dict[str, Any]:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return {"headers": headers, "scheme": scheme}


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (None, True),  # no browser
        ("http://live.example:8000", True),
        ("HTTP://LIVE.example:8000", True),
        ("https://shop.example", True),  # listed
        ("https://shop.example:443", True),
        ("http://shop.example", False),
        ("https://shop.example:8443", False),
        ("https://live.example:8000", False),  # other scheme
        ("http://live.example", False),  # other port
        ("http://live.example:8000.evil.example", False),
        ("http://evil-live.example:8000", False),
        ("null", False),
        ("", False),
        ("http://live.example:port", False),
    ],
)
def test_s01_full_origins_are_compared(origin: str | None, is_allowed: bool, settings: Any) -> None:
    settings.ORIGINS, settings.ALLOWED_HOSTS = ["https://shop.example"], ["live.example"]
    assert origins.is_allowed(scope(origin)) is is_allowed


def test_s01_two_origins_or_two_hosts_are_none(settings: Any) -> None:
    twice = scope("http://live.example:8000")
    twice["headers"].append((b"origin", b"http://live.example:8000"))
    assert not origins.is_allowed(twice)
    twice = scope("http://live.example:8000")
    twice["headers"].append((b"host", b"evil.example"))
    assert not origins.is_allowed(twice)


def test_s29_an_installation_open_to_any_page_is_refused(settings: Any) -> None:
    assert checks.open_hosts(None) == []
    settings.ALLOWED_HOSTS = ["*"]
    assert [m.id for m in checks.open_hosts(None)] == ["micconnect.E001"]
    settings.ORIGINS = ["shop.example"]
    assert [m.id for m in checks.full_origins(None)] == ["micconnect.E002"]


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIC_MEDIA_ADRESS", "127.0.0.1")
    assert ["MIC_MEDIA_ADRESS" in m.msg for m in checks.unknown_variables(None)] == [True]


def test_sqlite_without_immediate_transactions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setitem(database, "OPTIONS", {"transaction_mode": "IMMEDIATE"})
    assert checks.one_writer(None) == []
    monkeypatch.setitem(database, "OPTIONS", {})
    assert [m.id for m in checks.one_writer(None)] == ["micconnect.E003"]
