"""The log as a source of changes: what processes that did not carry out a command tell their sockets."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.db.models import QuerySet
from msgspec.structs import replace

from micconnect import store
from micconnect.domain.notices import Notice
from micconnect.history import BYTES_MAX, CHANGES_MAX, KEPT_FOR, Told
from micconnect.hub import Forgotten
from micconnect.models import LogEntry
from micconnect.roomhub import Change

AT_ONCE_MAX = 500

_notices = msgspec.json.Decoder(list[Notice])


def since(slug: str, seq: int) -> list[Change]:
    """The changes of a room after `seq`, oldest first, at most AT_ONCE_MAX and BYTES_MAX (but always the next one).

    Each carries the newest value of the room under its own `seq`: the value of a moment that has passed is known to
    nobody any more, and whoever is told all of them ends at the newest one. Raises Forgotten.
    """
    room = store.read(slug)
    entries = LogEntry.objects.filter(room__slug=slug, seq__gt=seq, seq__lte=room.seq).order_by("seq")
    found = list(_read(entries, seq + 1, 1, AT_ONCE_MAX))
    if not found and room.seq > seq:
        raise Forgotten(slug)
    return [Change(room=replace(room, seq=t.seq), notices=t.notices, at=t.at, size=t.size) for t in found]


def lately(slug: str, seq: int, now: datetime) -> list[Told]:
    """What was told up to and with `seq`, as far as a history keeps it, oldest first and without a gap."""
    entries = LogEntry.objects.filter(room__slug=slug, seq__lte=seq, at__gte=now - KEPT_FOR).order_by("-seq")
    return list(_read(entries, seq, -1, CHANGES_MAX))[::-1]


def _read(entries: QuerySet[LogEntry], seq: int, step: int, limit: int) -> Iterator[Told]:
    """The entries from `seq` on, until one is missing or has given up its notices, or there are enough."""
    size = 0
    for entry in entries.only("seq", "notices", "at")[:limit].iterator(chunk_size=20):
        size += len(entry.notices)
        if entry.seq != seq or not entry.notices or (size > BYTES_MAX and size > len(entry.notices)):
            return
        yield Told(seq=entry.seq, at=entry.at, notices=_notices.decode(bytes(entry.notices)), size=len(entry.notices))
        seq += step
