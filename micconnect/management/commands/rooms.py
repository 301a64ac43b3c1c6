"""`manage.py rooms`: looks at rooms, ends one, catches up on deadlines, and prints what happened in one."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from msgspec import to_builtins

from micconnect import presence, services, store
from micconnect.domain import views
from micconnect.domain.internal import Tick
from micconnect.domain.room import HOST_SEAT
from micconnect.management.output import as_json
from micconnect.models import LogEntry, Room
from micconnect.protocol.commands import EndLive
from micconnect.protocol.words import RoomStatus
from micconnect.text import escaped

LISTED_MAX = 200


class Command(BaseCommand):
    help = "Rooms: list, show, end, sweep (carry out what is overdue) and audit (the log of one room)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        listing = deeds.add_parser("list", help=f"the newest rooms, at most {LISTED_MAX}")
        listing.add_argument("--status", choices=[status.value for status in RoomStatus])
        show = deeds.add_parser("show", help="one room: its options, who is on air, who waits, who is barred")
        end = deeds.add_parser("end", help="end the live of one room, for good")
        sweep = deeds.add_parser("sweep", help="carry out overdue deadlines; close socket rows of dead processes")
        audit = deeds.add_parser("audit", help="every change of one room as JSON lines, oldest first")
        for deed in (show, end, audit):
            deed.add_argument("room", help="the room's id, as in its address")
        for deed in (listing, show, end, sweep, audit):
            deed.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["deed"]:
            case "list":
                self._list(options["status"], is_json=options["json"])
            case "show":
                self._show(options["room"], is_json=options["json"])
            case "end":
                self._end(options["room"], is_json=options["json"])
            case "sweep":
                self._sweep(timezone.now(), is_json=options["json"])
            case "audit":
                self._audit(options["room"])

    def _list(self, status: str | None, *, is_json: bool) -> None:
        rooms = Room.objects.filter(status=status) if status else Room.objects.all()
        found = [
            {
                "room": room.slug,
                "title": room.title,
                "status": room.status,
                "host": room.host_name,
                "live_at": _time(room.live_at),
                "ended_at": _time(room.ended_at),
            }
            for room in rooms.order_by("-created_at")[:LISTED_MAX]
        ]
        if is_json:
            self.stdout.write(as_json(found))
            return
        for line in found:
            self.stdout.write(
                f"{line['room']}  {line['status']:5}  {escaped(str(line['title']))} ({escaped(str(line['host']))})"
            )

    def _show(self, slug: str, *, is_json: bool) -> None:
        room = _found(slug)
        picture = {
            "info": to_builtins(views.live_info(room)),
            "connectedUsers": to_builtins(views.connected_users(room)),
            "requests": to_builtins(views.requests(room)),
            "seats": to_builtins(views.seat_list(room)),
            "metadata": dict(room.metadata),
            "sanctions": to_builtins(views.sanctions(room)),
            "links": to_builtins(views.links(room)),
        }
        if is_json:
            self.stdout.write(as_json(picture))
            return
        self.stdout.write(
            f"{room.slug}  {room.status.value}  {escaped(room.options.title)} ({escaped(room.host.name)})"
        )
        for connection in room.connections:
            seat = "host" if connection.seat_index == HOST_SEAT else f"seat {connection.seat_index}"
            self.stdout.write(f"  on air   {escaped(connection.person.name)}, {seat}, {connection.state.value}")
        for request in room.requests:
            self.stdout.write(f"  waiting  {escaped(request.person.name)}, {request.kind.value} {request.request_id}")
        for sanction in room.sanctions:
            until = _time(sanction.until) or "lifted"
            self.stdout.write(f"  barred   {escaped(sanction.person.name)}, {sanction.kind.value} until {until}")

    def _end(self, slug: str, *, is_json: bool) -> None:
        reply = services.perform(slug, services.SERVER, EndLive(), timezone.now())
        if reply.error:
            raise CommandError(f"{reply.error.code}: {reply.error.message}")
        self.stdout.write(as_json({"room": slug, "seq": reply.seq}) if is_json else f"{slug} has ended.")

    def _sweep(self, now: datetime, *, is_json: bool) -> None:
        """Each room has one try; what fails is told, and the others are done all the same."""
        done: list[str] = []
        failed: list[str] = []
        while due := [s for s in store.slugs_due(now, limit=50 + len(failed)) if s not in {*done, *failed}]:
            for slug in due:
                reply = services.perform(slug, services.CLOCK, Tick(), now)
                (failed if reply.error else done).append(slug)
        count = presence.close_dead(now)
        answer = {"rooms": done, "failed": failed, "sockets": count}
        text = f"Rooms swept: {len(done)}. Socket rows closed: {count}."
        self.stdout.write(as_json(answer) if is_json else text)
        if failed:
            raise CommandError(f"The database was busy for: {', '.join(failed)}. Try again.")

    def _audit(self, slug: str) -> None:
        _found(slug)
        entries = LogEntry.objects.filter(room__slug=slug).order_by("seq").defer("reply", "notices")
        for entry in entries.iterator():
            line = {
                "seq": entry.seq,
                "at": _time(entry.at),
                "command": entry.command,
                "fields": entry.fields,
                "role": entry.actor_role,
                "user_id": entry.actor_id,
                "user_name": entry.actor_name,
            }
            self.stdout.write(as_json(line))


def _found(slug: str) -> Any:
    """The room's value. Raises CommandError."""
    try:
        return store.read(slug)
    except store.NoRoom:
        raise CommandError(f"There is no room {slug}.") from None


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
