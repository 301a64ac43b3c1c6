"""The management commands: what they print, and that they say no with the right exit code."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from micconnect import auth, services
from micconnect.models import Room
from micconnect.protocol.commands import EndLive
from micconnect.protocol.words import Role
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def demo(*args: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run("demo", "--json", *args))
    return answer


def test_demo_makes_one_room_and_logins_that_work() -> None:
    first = demo("--base-url", "http://x.example:8001/")
    assert first["host_url"] == f"http://x.example:8001/live/{first['room']}/studio/"
    assert demo()["room"] == first["room"] and demo()["host_login"] == first["host_login"]
    host, admin = first["host_login"], first["admin_login"]
    assert authenticate(**host) and host["password"] != admin["password"]
    operator = authenticate(**admin)
    assert operator and operator.is_superuser and not getattr(authenticate(**host), "is_staff", True)
    assert first["audience_url"] in run("demo", "--base-url", "http://x.example:8001")
    assert demo("--new")["room"] != first["room"]


def test_demo_makes_a_new_room_when_the_last_one_has_ended() -> None:
    first = demo()
    row = Room.objects.get(slug=first["room"])
    host = auth.Actor(person=auth.Person(user_id=row.host_id, name=row.host_name), role=Role.HOST)
    assert services.perform(row.slug, host, EndLive(), NOW).error is None
    assert demo()["room"] != first["room"]


def test_ticket_is_for_the_person_and_role_asked_for() -> None:
    slug = demo()["room"]
    answer = json.loads(run("ticket", slug, "--user", "Zoë", "--role", "moderator", "--json"))
    actor = auth.read_ticket(slug, answer["ticket"])
    assert (actor.person.name, actor.role) == ("Zoë", Role.MODERATOR)
    host = auth.read_ticket(slug, run("ticket", slug, "--user", "x", "--role", "host").strip())
    assert host.user_id == Room.objects.get().host_id


def test_a_ticket_may_be_of_somebody_with_an_account() -> None:
    slug = demo()["room"]
    for flags in ([], ["--account"]):
        actor = auth.read_ticket(slug, run("ticket", slug, "--user", "Zoë", *flags).strip())
        assert actor.has_account is bool(flags)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["nowhere", "--user", "Zoë"], 1),
        (["{slug}", "--user", "\u200b"], 2),
        (["{slug}", "--user", "Zoë", "--ttl", "0"], 2),
        (["{slug}", "--user", "Zoë", "--ttl", "86401"], 2),
    ],
)
def test_ticket_says_no(args: list[str], code: int) -> None:
    slug = demo()["room"]
    with pytest.raises(CommandError) as error:
        run("ticket", *(a.format(slug=slug) for a in args))
    assert error.value.returncode == code
