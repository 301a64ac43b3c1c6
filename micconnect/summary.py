"""One show in figures, from its rows: also long after the end, and whatever the room's value still remembers."""

from collections import Counter
from datetime import datetime

from django.db.models import Count

from micconnect.models import Connection, Room, SeatRequest
from micconnect.protocol.views import LiveSummary, OnAirTime, UserInfo
from micconnect.protocol.words import RequestState


def summary(slug: str, now: datetime) -> LiveSummary:
    """The figures of a room as of now; who is on the stage still is counted up to now.

    `on_air`: longest first, with the host. Raises Room.DoesNotExist.
    """
    room = Room.objects.get(slug=slug)
    duration_s = int(((room.ended_at or now) - room.live_at).total_seconds()) if room.live_at else 0
    ended = SeatRequest.objects.filter(room=room).exclude(state=RequestState.PENDING).order_by()
    counts = ended.values_list("kind", "state").annotate(count=Count("id")).order_by("kind", "state")
    return LiveSummary(
        room_id=room.slug,
        duration_s=duration_s,
        peak_viewers=room.peak_viewers,
        on_air=_on_air(room, now),
        requests={f"{kind}.{state}": count for kind, state, count in counts},
    )


def _on_air(room: Room, now: datetime) -> tuple[OnAirTime, ...]:
    names: dict[str, str] = {}
    seconds: Counter[str] = Counter()
    times: Counter[str] = Counter()
    rows = Connection.objects.filter(room=room).order_by("number")
    for user_id, name, spoken_s, aired_at in rows.values_list("user_id", "user_name", "spoken_s", "aired_at"):
        spent_s = spoken_s + (max(0, int((now - aired_at).total_seconds())) if aired_at else 0)
        if spent_s or aired_at:
            names[user_id] = name
            seconds[user_id] += spent_s
            times[user_id] += 1
    return tuple(
        OnAirTime(user=UserInfo(user_id=user_id, user_name=names[user_id]), seconds=spent_s, times=times[user_id])
        for user_id, spent_s in seconds.most_common()
    )
