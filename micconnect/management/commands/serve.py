"""`manage.py serve`: pages, sockets, clock and embedded media in one command, in one process or several."""

import contextlib
import resource
import signal
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from micconnect.protocol.words import FRAME_MAX_BYTES

BACKLOG = 4096  # a join storm must not wait for SYN retransmits
WORKER_ANSWERS_WITHIN_S = 15  # else it counts as dead, and is started anew
PING_EVERY_S, PONG_WITHIN_S = 20, 20  # a dead line is noticed after 40 seconds at most


class Command(BaseCommand):
    help = "Serve MicConnect: pages, sockets, the clock and embedded media, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000, help="port (default 8000)")
        parser.add_argument(
            "--workers", type=int, default=settings.WORKERS, help="processes (default MIC_WORKERS, else 1)"
        )
        parser.add_argument("--no-static", action="store_true", help="do not collect static files first")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["port"] <= 65535:
            raise CommandError("--port takes 0 to 65535.", returncode=2)
        workers = options["workers"]
        if workers < 1:
            raise CommandError("--workers takes 1 or more.", returncode=2)
        if workers > 1 and not settings.REDIS_URL:
            raise CommandError("Several processes hear of each other through Redis: set MIC_REDIS_URL.", returncode=2)
        _check_database()
        if not settings.DEBUG and not options["no_static"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        _allow_many_sockets()
        listener = _listen(options["host"], options["port"])
        port = listener.getsockname()[1]
        shown = f"[{options['host']}]" if ":" in options["host"] else options["host"]
        self.stdout.write(f"MicConnect listens on http://{shown}:{port}{settings.URL_PREFIX}/ (Ctrl-C stops it)")
        self.stdout.flush()
        config = uvicorn.Config(
            "livestream.asgi:application",
            http="micconnect.wire:HttpProtocol",
            ws="micconnect.wire:UvicornProtocol",
            ws_max_size=FRAME_MAX_BYTES,
            ws_per_message_deflate=False,  # four times the CPU and three times the memory per socket
            ws_ping_interval=PING_EVERY_S,
            ws_ping_timeout=PONG_WITHIN_S,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # livestream/front.py reads them, for every server
            timeout_graceful_shutdown=5,
            workers=workers,
            timeout_worker_healthcheck=WORKER_ANSWERS_WITHIN_S,
        )
        signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn, done with it, raises it again: that is no failure
        if workers > 1:
            _supervise(config, listener)
            return
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn has shut down by then and raises it again
            uvicorn.Server(config).run(sockets=[listener])


def _check_database() -> None:
    """Raises CommandError when the database cannot be used, or is not up to date."""
    try:
        plan = MigrationExecutor(connection)
        is_old = bool(plan.migration_plan(plan.loader.graph.leaf_nodes()))
    except OperationalError as error:
        raise CommandError(f"The database cannot be used: {error}") from None
    if is_old:
        raise CommandError("The database is not up to date. Run: manage.py migrate")
    connection.close()


def _supervise(config: uvicorn.Config, listener: socket.socket) -> None:
    """Runs the workers until told to stop; one that dies is started anew. Raises CommandError if one cannot start."""
    connection.close_pool()  # type: ignore[attr-defined]  # the checks saw that it is PostgreSQL; workers have their own
    supervisor = Multiprocess(config, sockets=[listener])
    supervisor.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in supervisor.processes):
        raise CommandError("A worker could not start; the lines above say why.")


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
