"""Rows full of texts that turn, colour and forge, as older versions took them: what pages, terminals and logs show."""

import io
import json
import logging
import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from micconnect import auth, services, store
from micconnect.domain.room import Actor
from micconnect.logs import LineFormatter
from micconnect.models import Connection, InviteLink, LogEntry, Member, Room, Sanction, SeatRequest, Socket
from micconnect.protocol.commands import (
    Apply,
    BarUser,
    CreateInviteLink,
    GoLive,
    RespondToApplication,
    SetMetadata,
)
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia, Role
from micconnect.text import clean_line
from tests.conftest import ALICE, BOB, NOW, actor
from tests.isolation import MARK, loose_texts

pytestmark = pytest.mark.django_db

EVIL = f"{MARK}\x1b[31m\r\nforged\u2028line\u2029\u202e\x9b2J\u2069!"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
MODELS = (Room, Connection, SeatRequest, Member, Sanction, InviteLink, Socket, LogEntry)


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("Root", first_name=f"{MARK} host")


@pytest.fixture
def slug(root: User) -> str:
    """A live room with everything in it; then every text of its rows is what no door takes any more."""
    host = Actor(person=auth.account_person(root), role=Role.HOST)
    room = store.create_room(
        host=host.person, host_account_id=root.pk, options=RoomOptions(title="Show"), slug="show"
    ).slug
    steps: list[tuple[Actor, Any]] = [
        (host, GoLive()),
        (ALICE, Apply(media=LinkMedia.VIDEO)),
        (host, RespondToApplication(request_id="r2", is_accepted=True)),
        (BOB, Apply(media=LinkMedia.AUDIO, note="note")),
        (host, CreateInviteLink()),
        (host, BarUser(user_id="carl", note="note")),
        (host, SetMetadata({"topic": "x"})),
    ]
    for who, command in steps:
        assert services.perform(room, who, command, NOW, find_person=lambda *_: actor("Carl").person).error is None
    row = Room.objects.get()
    Member.objects.get_or_create(room=row, user_id="carl", defaults={"user_name": "Carl"})
    Socket.objects.create(
        socket_id="s", process_id="p", room=row, user_id="u", user_name="U", role="host", opened_at=NOW
    )
    for model in MODELS:
        texts = {"title", "host_name", "user_name", "operator_name", "actor_name", "note", "agent", "appeal"}
        own = {field.name for field in model._meta.fields} & texts
        model.objects.update(**dict.fromkeys(own, EVIL))  # type: ignore[attr-defined]
    Room.objects.update(metadata={EVIL: EVIL})
    LogEntry.objects.update(fields={"note": EVIL})
    store.cache.drop(room)
    return room


def printed(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


# -- terminals
@pytest.mark.parametrize("deed", ["list", "show", "audit"])
@pytest.mark.parametrize("is_json", [False, True], ids=["text", "json"])
def test_no_text_of_strangers_controls_the_terminal_or_forges_a_line(slug: str, deed: str, is_json: bool) -> None:
    room = [] if deed == "list" else [slug]
    text = printed("rooms", deed, *room, *(["--json"] if is_json else []))
    assert MARK in text and "\\u001b[31m" in text and "\\u202e" in text
    assert not RAW.search(text)
    assert not [line for line in text.splitlines() if line.startswith(("forged", "line"))]
    if is_json or deed == "audit":
        found = [found for line in text.splitlines() for found in walk(json.loads(line))]
        assert EVIL in found, "programs read what was written"


def walk(value: Any) -> list[str]:
    """All texts in a JSON value."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in walk(part)]
    if isinstance(value, list):
        return [text for part in value for text in walk(part)]
    return [value] if isinstance(value, str) else []


def test_tickets_carry_clean_names(slug: str) -> None:
    assert json.loads(printed("ticket", slug, "--user", "B\u202eo\u200bb", "--json"))["user_id"] == "xBob"
    host = json.loads(printed("ticket", slug, "--user", "x", "--role", "host", "--json"))
    assert auth.read_ticket(slug, host["ticket"]).person.name == clean_line(EVIL, "NFKC"), "also the one in an old row"


# -- logs
def test_a_record_of_the_log_is_one_line_whatever_is_in_it(caplog: Any) -> None:
    shown = io.StringIO()
    handler = logging.StreamHandler(shown)
    handler.setFormatter(LineFormatter("{levelname} {name}: {message}", style="{"))
    logger = logging.getLogger("strangers")
    logger.addHandler(handler)
    try:
        logger.warning("refused: %s", EVIL)
        try:
            raise ValueError(EVIL)
        except ValueError:
            logger.exception("failed")
    finally:
        logger.removeHandler(handler)
    lines = shown.getvalue().split("\n")
    assert lines[0].startswith("WARNING strangers: refused: ") and lines[1].startswith("ERROR strangers: failed")
    assert not RAW.search(shown.getvalue())


def test_the_server_logs_by_that_formatter(settings: Any) -> None:
    formatters = settings.LOGGING["formatters"]
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"line"}
    assert formatters["line"]["()"] == "micconnect.logs.LineFormatter"


# -- pages
@pytest.fixture
def client_of_root(root: User) -> Client:
    client = Client()
    client.force_login(root)
    return client


def admin_pages() -> list[str]:
    pages = [reverse(f"admin:micconnect_{model.__name__.lower()}_changelist") for model in MODELS]
    for model in MODELS:
        for row in model.objects.all():  # type: ignore[attr-defined]
            pages.append(reverse(f"admin:micconnect_{model.__name__.lower()}_change", args=[row.pk]))
    return pages


def test_the_admin_keeps_the_text_of_strangers_to_itself(client_of_root: Client, slug: str) -> None:
    for url in admin_pages():
        seen, found = loose_texts(client_of_root.get(url).content.decode())
        assert not found, url
        assert seen, f"{url} shows none, so proves nothing"


@pytest.mark.parametrize("confirmed", ["", "yes"], ids=["asked", "refused"])
def test_so_do_its_questions_and_what_it_says_of_them(client_of_root: Client, slug: str, confirmed: str) -> None:
    url = reverse("admin:micconnect_connection_changelist")
    host = Connection.objects.get(seat_index=0)
    data = {"action": "ban_from_room", "_selected_action": [host.pk], "confirmed": confirmed}
    html = client_of_root.post(url, data, follow=True).content.decode()
    assert ("Ban these people" in html) is not bool(confirmed)
    seen, found = loose_texts(html)
    assert seen and not found


@pytest.mark.parametrize("name", ["home", "studio-home", "audience", "studio", "example"])
def test_so_do_the_pages_of_the_site(client_of_root: Client, slug: str, name: str) -> None:
    Room.objects.update(title=f"{MARK}!", host_name=f"{MARK}?")
    store.cache.drop(slug)
    needs = {"audience": {"slug": slug}, "studio": {"slug": slug}, "example": {"slug": slug, "facade": "co-guest"}}
    response = client_of_root.get(reverse(name, kwargs=needs.get(name)))
    assert response.status_code == 200
    seen, found = loose_texts(response.content.decode())
    assert seen and not found


# -- doors that make no command
def test_a_room_needs_a_title_that_can_be_seen(client_of_root: Client) -> None:
    for title in ("\u3164", "\u2800 \u200b", "\u2028", "\u0301"):
        page = client_of_root.post(reverse("studio-home"), {"title": title}).content.decode()
        assert 'class="field-error"' in page and not Room.objects.exists()
    client_of_root.post(reverse("studio-home"), {"title": "Q\u202eu\u3164iz \u200d👨\u200d👩\u200d👧"})
    assert Room.objects.get().title == "Quiz 👨\u200d👩\u200d👧"


def test_sign_up_compares_the_name_as_it_will_be(client: Client) -> None:
    User.objects.create_user("bob")
    fields = {"username": "Bob\u3164", "password1": "c0rrect horse", "password2": "c0rrect horse"}
    page = client.post(reverse("signup"), fields).content.decode()
    assert "already exists" in page and User.objects.count() == 1


def test_names_of_accounts_cookies_and_tickets_are_clean(slug: str, client: Client) -> None:
    user = User.objects.create_user("plain", first_name="\u3164", last_name="\u202e")
    assert auth.account_person(user).name == "plain"
    user.first_name = "👨\u200d👩\u200d👧\u200d👦" * 6
    assert auth.account_person(user).name == "👨\u200d👩\u200d👧\u200d👦" * 5
    old = Actor(person=actor("Ho\u3164st").person, role=Role.AUDIENCE)
    assert auth.read_ticket(slug, auth.issue_ticket(slug, old)).person.name == "Host"
    assert auth.read_ticket(slug, auth.issue_ticket(slug, actor("\u3164"))).person.name == "Guest"
