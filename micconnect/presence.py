"""Rows about sockets, for operators: written in batches off the hot path, so that a join costs the database nothing."""

import os
import secrets
import socket
from datetime import datetime
from pathlib import Path
from threading import Lock

from django.db import transaction
from django.db.models import Min

from micconnect.domain.room import Actor, Person
from micconnect.models import Room, Socket

HOST_NAME = socket.gethostname()[:12]
PROCESS_ID = f"{HOST_NAME}.{os.getpid()}.{secrets.token_hex(4)}"

Opening = tuple[str, Actor, str, datetime]
Closing = tuple[datetime, int | None]


class _Journal:
    """Openings, closings and the fullest moment of each room since the last flush. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._opened: dict[str, Opening] = {}
        self._closed: dict[str, Closing] = {}
        self._peaks: dict[str, int] = {}
        self._in_hand: dict[str, Opening] = {}  # being written just now, so in no row that others see

    def opened(self, socket_id: str, slug: str, actor: Actor, agent: str, at: datetime, viewers: int = 1) -> None:
        """A socket came; `viewers` people are in the room with it."""
        with self._lock:
            self._opened[socket_id] = (slug, actor, agent, at)
            self._peaks[slug] = max(viewers, self._peaks.get(slug, 0))

    def closed(self, socket_id: str, at: datetime, code: int | None) -> None:
        """A socket went."""
        with self._lock:
            self._closed[socket_id] = (at, code)

    def flush(self) -> int:
        """Writes what has gathered; returns the number of rows touched. What fails is kept for the next time."""
        with self._lock:
            opened, self._opened = self._opened, {}
            closed, self._closed = self._closed, {}
            peaks, self._peaks = self._peaks, {}
            self._in_hand = opened
        try:
            with transaction.atomic():  # half of it done would lose the closings of the other half
                self._write_opened(opened, closed)
                self._write_closed({key: end for key, end in closed.items() if key not in opened})
                for slug, viewers in peaks.items():
                    Room.objects.filter(slug=slug, peak_viewers__lt=viewers).update(peak_viewers=viewers)
        except BaseException:
            with self._lock:
                self._opened = opened | self._opened
                self._closed = closed | self._closed
                for slug, viewers in peaks.items():
                    self._peaks[slug] = max(viewers, self._peaks.get(slug, 0))
            raise
        finally:
            self._in_hand = {}
        return len(opened) + len(closed)

    def first_opened(self, slug: str, user_id: str) -> datetime | None:
        """Since when the person has been in the room, as far as it stands in no row yet."""
        with self._lock:
            unwritten = [*self._opened.values(), *self._in_hand.values()]
        return min((at for room, actor, _, at in unwritten if (room, actor.user_id) == (slug, user_id)), default=None)

    def _write_opened(self, opened: dict[str, Opening], closed: dict[str, Closing]) -> None:
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

    def _write_closed(self, closed: dict[str, Closing]) -> None:
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


def last_seen(slug: str, user_id: str) -> Person | None:
    """Somebody who is or was in the room, by the newest row; rows come some seconds after the sockets."""
    row = Socket.objects.filter(room__slug=slug, user_id=user_id).order_by("-opened_at").first()
    return Person(user_id=row.user_id, name=row.user_name) if row else None


def first_seen(slug: str, user_id: str) -> datetime | None:
    """When the person first came into the room; None for somebody who never did."""
    written: datetime | None = Socket.objects.filter(room__slug=slug, user_id=user_id).aggregate(at=Min("opened_at"))[
        "at"
    ]
    unwritten = journal.first_opened(slug, user_id)
    return min((at for at in (written, unwritten) if at), default=None)


def close_dead(now: datetime) -> int:
    """Marks the sockets of processes that ran on this machine and do so no more as closed; returns how many."""
    still_open = Socket.objects.filter(closed_at=None)
    owners = still_open.order_by().values_list("process_id", flat=True).distinct()
    dead = [process_id for process_id in owners if _is_dead(process_id)]
    return still_open.filter(process_id__in=dead).update(closed_at=now)


def _is_dead(process_id: str) -> bool:
    """Whether it can be told from here that a process has ended: it was on this machine, and its pid is gone."""
    name, _, pid = process_id.rpartition(".")[0].rpartition(".")
    return name == HOST_NAME and not Path(f"/proc/{pid}").exists()
