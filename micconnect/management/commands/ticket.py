"""`manage.py ticket`: a join ticket for scripts and load tests."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from micconnect import auth
from micconnect.domain.room import Actor, Person
from micconnect.management.output import as_json
from micconnect.models import Room
from micconnect.names import BadName, clean_name
from micconnect.protocol.words import Role

TTL_MAX_S = 24 * 3600


class Command(BaseCommand):
    help = "Print a join ticket for a room."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room", help="the room's id, as in its address")
        parser.add_argument("--user", required=True, help="name of the person; the host's ticket is the host's own")
        parser.add_argument("--role", default=Role.AUDIENCE, choices=[role.value for role in auth.TICKET_ROLES])
        parser.add_argument("--account", action="store_true", help="as somebody who is signed in")
        parser.add_argument("--ttl", type=int, default=auth.TICKET_TTL_S, help="seconds it is good for")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        room = Room.objects.filter(slug=options["room"]).first()
        if room is None:
            raise CommandError(f"There is no room {options['room']}.")
        if not 1 <= options["ttl"] <= TTL_MAX_S:
            raise CommandError(f"--ttl takes 1 to {TTL_MAX_S} seconds.", returncode=2)
        try:
            name = clean_name(options["user"])
        except BadName as error:
            raise CommandError(str(error), returncode=2) from None
        role = Role(options["role"])
        person = Person(user_id=f"x{name}"[:64], name=name)
        if role is Role.HOST:
            person = Person(user_id=room.host_id, name=room.host_name)
        actor = Actor(person=person, role=role, has_account=options["account"])
        ticket = auth.issue_ticket(room.slug, actor, options["ttl"])
        answer = {"room": room.slug, "user_id": person.user_id, "role": role, "ticket": ticket}
        self.stdout.write(as_json(answer) if options["json"] else ticket)
