"""`manage.py demo`: a room to try, with a host and an operator whose logins are random for each installation."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from django.urls import reverse

from micconnect import auth, store
from micconnect.management.output import as_json
from micconnect.models import Room
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import RoomStatus

HOST, OPERATOR = "demo-host", "demo-admin"


class Command(BaseCommand):
    help = "Make (or find) the demo room and print its links and logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--base-url", default="http://localhost:8000", help="how browsers reach this server")
        parser.add_argument("--new", action="store_true", help="make a new room even when there is one")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            logins = {name: _login(name) for name in (HOST, OPERATOR)}
            host = get_user_model().objects.get(username=HOST)
            get_user_model().objects.filter(username=OPERATOR).update(is_staff=True, is_superuser=True)
            room = _room(host, is_new=options["new"])
        base = options["base_url"].rstrip("/").removesuffix(settings.URL_PREFIX)  # which each address below has
        answer = {
            "room": room.slug,
            "host_url": base + reverse("studio", kwargs={"slug": room.slug}),
            "audience_url": base + reverse("audience", kwargs={"slug": room.slug}),
            "admin_url": base + reverse("admin:index"),
            "host_login": {"username": HOST, "password": logins[HOST]},
            "admin_login": {"username": OPERATOR, "password": logins[OPERATOR]},
        }
        self.stdout.write(as_json(answer) if options["json"] else _text(answer))


def _login(username: str) -> str:
    """The demo account's password, made once and kept beside the database, readable by its owner only."""
    users = get_user_model().objects
    account, is_new = users.get_or_create(username=username)
    user = users.select_for_update().get(pk=account.pk)  # one password for whoever starts it twice at once
    path = settings.DATA_DIR / f"{username}.password"
    if path.exists() and not is_new and user.check_password(path.read_text().strip()):
        return str(path.read_text().strip())
    password = secrets.token_urlsafe(12)
    path.touch(mode=0o600)
    path.write_text(password)
    user.set_password(password)
    user.save()
    return password


def _room(host: Any, *, is_new: bool) -> Room:
    """The newest demo room that has not ended, or a new one."""
    person = auth.account_person(host)
    mine = Room.objects.filter(host_id=person.user_id).exclude(status=RoomStatus.ENDED)
    room = None if is_new else mine.order_by("-created_at").first()
    return room or store.create_room(host=person, host_account_id=host.pk, options=RoomOptions(title="Open mic night"))


def _text(answer: dict[str, Any]) -> str:
    host, admin = answer["host_login"], answer["admin_login"]
    return (
        f"Host      {answer['host_url']}\n          login {host['username']}  password {host['password']}\n"
        f"Audience  {answer['audience_url']}\n          no login: open it in other windows\n"
        f"Admin     {answer['admin_url']}\n          login {admin['username']}  password {admin['password']}"
    )
