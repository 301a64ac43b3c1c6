"""The log as a source of changes: what processes that did not carry out a command tell their sockets."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from micconnect import store
from micconnect.domain.notices import Notice
from micconnect.history import CHANGES_MAX, KEPT_FOR, Told
from micconnect.hub import Forgotten
from micconnect.models import LogEntry
from micconnect.roomhub import Change

AT_ONCE_MAX = 500

_notices = msgspec.json.Decoder(list[Notice])


def since(slug: str, seq: int) -> list[Change]:
    """The changes of a room after `seq`, oldest first, at most AT_ONCE_MAX.

    Each carries the newest value of the room under its own `seq`: the value of a moment that has passed is known to
    nobody any more, and whoever is told all of them ends at the newest one. Raises Forgotten.
    """
    room = store.read(slug)
    entries = LogEntry.objects.filter(room__slug=slug, seq__gt=seq, seq__lte=room.seq).order_by("seq")
    found = list(entries.only("seq", "notices", "at")[:AT_ONCE_MAX])
    if len(found) < min(room.seq - seq, AT_ONCE_MAX) or not all(entry.notices for entry in found):
        raise Forgotten(slug)
    return [
        Change(room=replace(room, seq=entry.seq), notices=_notices.decode(bytes(entry.notices)), at=entry.at)
        for entry in found
    ]


def lately(slug: str, seq: int, now: datetime) -> list[Told]:
    """What was told up to and with `seq` in the time a history keeps, oldest first and without a gap."""
    entries = LogEntry.objects.filter(room__slug=slug, seq__lte=seq, at__gte=now - KEPT_FOR).order_by("-seq")
    found: list[Told] = []
    for entry in entries.only("seq", "notices", "at")[:CHANGES_MAX]:
        if entry.seq != seq - len(found) or not entry.notices:
            break
        found.append(Told(seq=entry.seq, at=entry.at, notices=_notices.decode(bytes(entry.notices))))
    found.reverse()
    return found
