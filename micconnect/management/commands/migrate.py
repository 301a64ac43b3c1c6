"""`manage.py migrate` without the limits of time that serving has: a large table takes as long as it takes."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for limit in ("lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout"):
                    cursor.execute(f"SET {limit} = 0")
        super().handle(*args, **options)
