"""What leaves the database on time: rows about sockets, the log, and within the log what only the moment needed."""

from datetime import datetime, timedelta

from micconnect.models import LogEntry, Socket

NOTICES_KEPT = timedelta(minutes=10)  # other processes tell their sockets from them, within seconds
SOCKETS_KEPT = timedelta(days=30)
LOG_KEPT = timedelta(days=180)
AT_ONCE = 500  # rows per statement, so that nobody waits long for the database


def purge(now: datetime, after_id: int = 0) -> int:
    """Deletes what is too old, some rows of each kind at a time.

    `after_id` is what the last call returned: entries up to it have given up their notices already.
    """
    old = LogEntry.objects.filter(id__gt=after_id, at__lt=now - NOTICES_KEPT).order_by("id")
    emptied = list(old.values_list("id", flat=True)[:AT_ONCE])
    LogEntry.objects.filter(id__in=emptied).update(notices=b"")
    for rows in (
        Socket.objects.filter(closed_at__lt=now - SOCKETS_KEPT),
        LogEntry.objects.filter(at__lt=now - LOG_KEPT),
    ):
        too_old = list(rows.order_by("id").values_list("pk", flat=True)[:AT_ONCE])
        rows.model._default_manager.filter(pk__in=too_old).delete()
    return emptied[-1] if emptied else after_id
