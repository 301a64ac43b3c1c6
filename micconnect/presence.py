"""Rows about sockets, for operators: written in batches off the hot path, so that a join costs the database nothing."""

import secrets
from datetime import datetime
from threading import Lock

from django.db import transaction

from micconnect.domain.room import Actor, Person
from micconnect.models import Room, Socket

PROCESS_ID = secrets.token_hex(8)


class _Journal:
    """Openings and closings since the last flush. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._opened: dict[str, tuple[str, Actor, str, datetime]] = {}
        self._closed: dict[str, tuple[datetime, int | None]] = {}

    def opened(self, socket_id: str, slug: str, actor: Actor, agent: str, at: datetime) -> None:
        with self._lock:
            self._opened[socket_id] = (slug, actor, agent, at)

    def closed(self, socket_id: str, at: datetime, code: int | None) -> None:
        with self._lock:
            self._closed[socket_id] = (at, code)

    def flush(self) -> int:
        """Writes what has gathered; returns the number of rows touched. What fails is kept for the next time."""
        with self._lock:
            opened, self._opened = self._opened, {}
            closed, self._closed = self._closed, {}
        try:
            with transaction.atomic():  # half of it done would lose the closings of the other half
                self._write_opened(opened, closed)
                self._write_closed({key: end for key, end in closed.items() if key not in opened})
        except BaseException:
            with self._lock:
                self._opened = opened | self._opened
                self._closed = closed | self._closed
            raise
        return len(opened) + len(closed)

    def _write_opened(
        self,
        opened: dict[str, tuple[str, Actor, str, datetime]],
        closed: dict[str, tuple[datetime, int | None]],
    ) -> None:
        rooms = dict(Room.objects.filter(slug__in={slug for slug, *_ in opened.values()}).values_list("slug", "pk"))
        rows = []
        for socket_id, (slug, actor, agent, at) in opened.items():
            if slug not in rooms:
                continue
            closed_at, code = closed.get(socket_id, (None, None))
            rows.append(
                Socket(
                    socket_id=socket_id,
                    process_id=PROCESS_ID,
                    room_id=rooms[slug],
                    user_id=actor.user_id,
                    user_name=actor.person.name,
                    role=actor.role,
                    agent=agent[:160],
                    opened_at=at,
                    closed_at=closed_at,
                    close_code=code,
                )
            )
        Socket.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)

    def _write_closed(self, closed: dict[str, tuple[datetime, int | None]]) -> None:
        rows = {row.socket_id: row for row in Socket.objects.filter(socket_id__in=list(closed))}
        for socket_id, row in rows.items():
            row.closed_at, row.close_code = closed[socket_id]
        Socket.objects.bulk_update(rows.values(), ["closed_at", "close_code"], batch_size=200)


journal = _Journal()


def close_left_over(now: datetime) -> int:
    """Marks the sockets of former processes as closed; call it when this process is the only one and starts."""
    return Socket.objects.filter(closed_at=None).exclude(process_id=PROCESS_ID).update(closed_at=now)


def find_person(slug: str, user_id: str) -> Person | None:
    """Somebody with an open socket in the room, in whichever process."""
    row = Socket.objects.filter(room__slug=slug, user_id=user_id, closed_at=None).first()
    return Person(user_id=row.user_id, name=row.user_name) if row else None
