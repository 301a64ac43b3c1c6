"""Our real application in a server of the bench: python -m bench.ours serve|daphne|stepped PORT SLUG [serve's options].

Sockets of rooms meet the real consumer, hub and wire, with tickets and rows. Only what happens in the room is the
bench's: no other server of the comparison has a database behind an event, so ours gets its events at /publish too,
and hands each to the hub as a committed change that nobody committed. First word of what is said there:

    evt-…           one change with one moment in the room's lane
    state evt-…     one change with one state (a later one replaces it)
    block           runs one query of a second in the threads of the database; says `blocked` when it is over

A ticket may be a bare name (see `believe_names`), and `/bare/` is a socket without our consumer: one frame in, one
frame of a snapshot's size out.
"""

import os
import sys
import time
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from msgspec.structs import replace

from bench.house import UNPROVEN
from bench.publishing import Application, Receive, Scope, Send, with_publisher

BLOCK_S = 1.0
BARE_ANSWER = '{"type":"snapshot","padding":"' + "x" * 1500 + '"}'


def blocking_query() -> None:
    """A query that is slow without using the processor, which is the bench's only here."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_sleep(%s)", [BLOCK_S])
        else:
            raw: Any = connection.connection
            raw.create_function("pause", 1, time.sleep)
            cursor.execute("SELECT pause(%s)", [BLOCK_S])


def with_bare_socket(application: Application) -> Application:
    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope["path"] != "/bare/":
            await application(scope, receive, send)
            return
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
            else:
                await send({"type": "websocket.send", "text": BARE_ANSWER})

    return bare


def believe_names() -> None:
    """Lets in whoever says a name without a ticket, so that the price of tickets shows. Tickets are read as ever."""
    from micconnect import auth
    from micconnect.domain.room import Actor, Person
    from micconnect.protocol.words import Role

    proven: Any = auth.read_ticket

    def read(slug: str, ticket: str) -> Actor:
        if ticket.startswith(UNPROVEN):
            name = ticket.removeprefix(UNPROVEN)
            return Actor(person=Person(user_id=name, name=name), role=Role.AUDIENCE)
        actor: Actor = proven(slug, ticket)
        return actor

    auth.read_ticket = read


def measured(slug: str, real: Application) -> Application:
    """The real application with the bench's two doors."""
    from micconnect.domain.notices import Notice
    from micconnect.protocol.callbacks import AnyCallback, Lane, OnRoomMetadataChanged, OnUserConnectionExited
    from micconnect.protocol.views import UserInfo
    from micconnect.protocol.words import ConnectionEnd
    from micconnect.roomhub import Change
    from micconnect.running import runtime

    async def tell(text: str) -> str | None:
        living = await runtime()
        if text == "block":
            await living.in_thread(blocking_query)
            return "blocked"
        room = (await living.hub.room(slug)).room
        assert room
        callback: AnyCallback
        if text.startswith("state "):
            callback = OnRoomMetadataChanged(metadata={"event": text})
        else:
            user = UserInfo(user_id="bench", user_name=text)
            callback = OnUserConnectionExited(user=user, seat_index=1, end_reason=ConnectionEnd.EXITED)
        notice = Notice(Lane.ROOM, "", (callback,))
        living.hub.publish(Change(room=replace(room, seq=room.seq + 1), notices=[notice], at=timezone.now()))
        return None

    return with_publisher(with_bare_socket(real), tell)


def main() -> None:
    kind, port, slug, *options = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestream.settings")
    from livestream import asgi

    place: Any = asgi  # every server imports the application by its name
    believe_names()
    place.application = measured(slug, place.application)
    if kind == "serve":
        call_command("serve", "--port", port, "--no-static", *options)
    elif kind == "daphne":
        from daphne.cli import CommandLineInterface  # type: ignore[import-untyped]

        endpoint = f"tcp:{port}:interface=127.0.0.1:backlog=4096"  # its own 50 would make a storm wait for seconds
        CommandLineInterface().run(["-e", endpoint, "--no-server-name", "-v", "0", "livestream.asgi:application"])
    else:
        import uvicorn

        uvicorn.run(
            "livestream.asgi:application",
            port=int(port),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            backlog=4096,
            log_level="warning",
            access_log=False,
        )


if __name__ == "__main__":
    main()
