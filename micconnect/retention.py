"""What leaves the database on time: rows about sockets, the log, and within the log what only the moment needed."""

from datetime import datetime, timedelta

from django.db.models import Model

from micconnect.models import Connection, InviteLink, LogEntry, Member, Room, Sanction, SeatRequest, Socket

NOTICES_KEPT = timedelta(minutes=10)  # other processes tell their sockets from them, within seconds
SOCKETS_KEPT = timedelta(days=30)
SHOWS_KEPT = timedelta(days=30)  # who asked, sat and was barred in a show, counted from its end
LOG_KEPT = timedelta(days=180)
AT_ONCE = 500  # rows per statement, so that nobody waits long for the database


def purge(now: datetime, after_id: int = 0) -> int:
    """Deletes what is too old, some rows of each kind at a time.

    `after_id` is what the last call returned: entries up to it have given up their notices already; it stands
    still when there are no more.
    """
    old = LogEntry.objects.filter(id__gt=after_id, at__lt=now - NOTICES_KEPT).order_by("id")
    passed = list(old.values_list("id", flat=True)[:AT_ONCE])
    LogEntry.objects.filter(id__in=passed).exclude(notices=b"").update(notices=b"")
    # rows come in the order of time: only the first ones can be too old, so no table is read through
    sockets = Socket.objects.order_by("id").values_list("id", "closed_at")[:AT_ONCE]
    gone = [pk for pk, closed_at in sockets if closed_at and closed_at < now - SOCKETS_KEPT]
    Socket.objects.filter(id__in=gone).delete()
    entries = LogEntry.objects.order_by("id").values_list("id", "at")[:AT_ONCE]
    LogEntry.objects.filter(id__in=[pk for pk, at in entries if at < now - LOG_KEPT]).delete()
    for kind in (Connection, SeatRequest, Member, Sanction, InviteLink):
        _purge_shows(kind, now - SHOWS_KEPT)
    return passed[-1] if passed else after_id


def _purge_shows(kind: type[Model], before: datetime) -> None:
    ended = Room.objects.filter(ended_at__lt=before)
    left = kind._default_manager.filter(room__in=ended).order_by().values_list("pk", flat=True)[:AT_ONCE]
    kind._default_manager.filter(pk__in=list(left)).delete()
