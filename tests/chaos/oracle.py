"""What the database says, asked by a process of its own: the log of a room, and rows that should not be there."""

from typing import Any

import msgspec
from msgspec import Struct

from tests.live import Server

READ_LOG = """
import json
from micconnect.models import LogEntry
for e in LogEntry.objects.filter(room__slug="{slug}").order_by("seq"):
    reply, notices = bytes(e.reply).decode(), bytes(e.notices).decode() or "[]"
    print("%%" + json.dumps([e.seq, e.actor_id, e.command, e.ref, e.at.timestamp()]) + "\\t" + reply + "\\t" + notices)
"""
OVERDUE = """
from datetime import timedelta
from django.utils import timezone
from micconnect.models import Connection, Room, SeatRequest
late = timezone.now() - timedelta(seconds={slack_s})
rooms = Room.objects.filter(next_deadline__lte=late).count()
requests = SeatRequest.objects.filter(state="pending", expires_at__lte=late).count()
print("%%", rooms + requests + Connection.objects.filter(ended_at=None, deadline__lte=late).count())
"""


class Entry(Struct, frozen=True):
    """One change: its number, who and what made it, the answer, and the callbacks by lane."""

    seq: int
    actor_id: str
    command: str
    ref: str | None
    at: float
    reply: dict[str, Any]
    notices: list[dict[str, Any]]


def read_log(server: Server, slug: str) -> list[Entry]:
    """The whole log of a room, oldest first, as the server's database has it."""
    entries = []
    for line in server.manage("shell", "-c", READ_LOG.format(slug=slug)).splitlines():
        if line.startswith("%%"):
            head, reply, notices = line[2:].split("\t")
            seq, actor_id, command, ref, at = msgspec.json.decode(head)
            told = msgspec.json.decode(notices)
            entries.append(Entry(seq, actor_id, command, ref, at, msgspec.json.decode(reply), told))
    return entries


def overdue(server: Server, slack_s: float) -> int:
    """How many rows wait for a moment that passed more than `slack_s` seconds ago, by the server's clock."""
    return int(server.manage("shell", "-c", OVERDUE.format(slack_s=slack_s)).rpartition("%%")[2])
