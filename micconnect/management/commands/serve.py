"""`manage.py serve`: pages, sockets, clock and embedded media in one command."""

import contextlib
import resource
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from micconnect.protocol.words import FRAME_MAX_BYTES

BACKLOG = 4096  # a join storm must not wait for SYN retransmits
PING_EVERY_S, PONG_WITHIN_S = 20, 25  # a dead line is noticed after 45 seconds at most


class Command(BaseCommand):
    help = "Serve MicConnect: pages, sockets, the clock and embedded media, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000, help="port (default 8000)")
        parser.add_argument("--no-static", action="store_true", help="do not collect static files first")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["port"] <= 65535:
            raise CommandError("--port takes 0 to 65535.", returncode=2)
        plan = MigrationExecutor(connection)
        if plan.migration_plan(plan.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date. Run: manage.py migrate")
        connection.close()
        if not settings.DEBUG and not options["no_static"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        _allow_many_sockets()
        listener = _listen(options["host"], options["port"])
        port = listener.getsockname()[1]
        shown = f"[{options['host']}]" if ":" in options["host"] else options["host"]
        self.stdout.write(f"MicConnect listens on http://{shown}:{port}/ (Ctrl-C stops it)")
        self.stdout.flush()
        config = uvicorn.Config(
            "livestream.asgi:application",
            ws="micconnect.wire:UvicornProtocol",
            ws_max_size=FRAME_MAX_BYTES,
            ws_per_message_deflate=False,  # four times the CPU and three times the memory per socket
            ws_ping_interval=PING_EVERY_S,
            ws_ping_timeout=PONG_WITHIN_S,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=settings.BEHIND_TLS_PROXY,
            timeout_graceful_shutdown=5,
        )
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn has shut down by then and raises it again
            uvicorn.Server(config).run(sockets=[listener])


def _allow_many_sockets() -> None:
    """Lifts the number of open files to what the system grants; the usual 1,024 is less than one audience."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CommandError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CommandError(f"Cannot listen on {host} port {port}: {error}. Choose another with --port.") from None
    listener.listen(BACKLOG)
    return listener
