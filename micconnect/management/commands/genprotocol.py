"""Writes the files that are generated from the wire language, or says which of them are out of date."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from micconnect.management import generate


class Command(BaseCommand):
    """`manage.py genprotocol [--check]`; exit code 1 when `--check` finds a stale file."""

    help = "Writes static/micconnect/protocol.js, docs/protocol.md and docs/asyncapi.json from the wire language."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if check:
            if stale := generate.stale(settings.BASE_DIR):
                raise CommandError(f"out of date: {', '.join(stale)}. Run: python manage.py genprotocol")
            return
        for name in generate.write(settings.BASE_DIR):
            self.stdout.write(f"wrote {name}")
