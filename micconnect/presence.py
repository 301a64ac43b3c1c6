"""Rows about sockets: written in batches off the hot path, so that a join costs the database nothing.

Operators look at them, and processes find in them who is at another process.
"""

import hashlib
import os
import secrets
import socket
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet

from micconnect.domain.room import Actor, Person
from micconnect.models import Room, ServingProcess, Socket


def _place() -> str:
    """Names this running system, as far as a process number says something: containers have numbers of their own."""
    marks = (Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid"))
    text = "".join(os.readlink(mark) if mark.is_symlink() else mark.read_text() for mark in marks if mark.exists())
    return hashlib.sha256(text.encode()).hexdigest()[:8]


HOST_NAME = f"{socket.gethostname().replace('.', '-')[:16]}-{_place()}"
PROCESS_ID = f"{HOST_NAME}.{os.getpid()}.{secrets.token_hex(4)}"

Opening = tuple[str, Actor, str, datetime]
Closing = tuple[datetime, int | None]


class _Journal:
    """Openings, closings and the fullest moment of each room since the last flush. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._writing = Lock()  # one flush after the other: a closing must not overtake its opening
        self._opened: dict[str, Opening] = {}
        self._closed: dict[str, Closing] = {}
        self._peaks: dict[str, int] = {}
        self._open: set[str] = set()  # written or not
        self._gathered = self._written = 0  # how many openings and closings there were, and are in rows
        self._in_hand: dict[str, Opening] = {}  # being written just now, so in no row that others see

    def opened(self, socket_id: str, slug: str, actor: Actor, agent: str, at: datetime, viewers: int = 1) -> None:
        """A socket came; `viewers` people are in the room with it."""
        with self._lock:
            self._opened[socket_id] = (slug, actor, agent, at)
            self._open.add(socket_id)
            self._gathered += 1
            self._peaks[slug] = max(viewers, self._peaks.get(slug, 0))

    def closed(self, socket_id: str, at: datetime, code: int | None) -> None:
        """A socket went."""
        with self._lock:
            self._closed[socket_id] = (at, code)
            self._open.discard(socket_id)
            self._gathered += 1

    def flush(self) -> int:
        """Writes what has gathered; returns the number of rows touched. What fails is kept for the next time.

        Of many who wait for their turn, one writes what all of them have brought.
        """
        with self._lock:
            mine = self._gathered
        with self._writing:
            return self._flush() if self._written < mine else 0

    def repair(self, now: datetime) -> None:
        """Makes the rows of this process say which of its sockets are open, whatever others wrote who held it for dead.

        A socket that closes meanwhile waits for its turn to be written, and so has the last word.
        """
        with self._writing:
            self._flush()
            with self._lock:
                is_open = set(self._open)
            mine = Socket.objects.filter(process_id=PROCESS_ID)
            shown = set(mine.filter(closed_at=None).values_list("socket_id", flat=True))
            if shown - is_open:
                mine.filter(socket_id__in=shown - is_open, closed_at=None).update(closed_at=now)
            if is_open - shown:
                reopened = mine.filter(socket_id__in=is_open - shown).exclude(closed_at=None)
                reopened.update(closed_at=None, close_code=None)

    def _flush(self) -> int:
        with self._lock:
            gathered = self._gathered
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
        self._written = gathered
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
    """Marks the sockets of former processes as closed; call it when one process serves alone and starts."""
    return Socket.objects.filter(closed_at=None).exclude(process_id=PROCESS_ID).update(closed_at=now)


def close_orphans(now: datetime) -> set[tuple[str, str]]:
    """Marks the sockets of processes that are no more as closed; returns the (slug, user_id) of those sockets.

    Never those of this process: it lives, even if others hold it for dead.
    """
    living = ServingProcess.objects.values("process_id")
    orphans = Socket.objects.filter(closed_at=None).exclude(process_id=PROCESS_ID).exclude(process_id__in=living)
    found = list(orphans.values_list("pk", "room__slug", "user_id"))
    if found:
        orphans.filter(pk__in=[pk for pk, *_ in found]).update(closed_at=now)  # if they still are orphans
    return {(slug, user_id) for _, slug, user_id in found}


def _elsewhere() -> QuerySet[Socket]:
    """The open sockets of the other living processes."""
    living = ServingProcess.objects.exclude(process_id=PROCESS_ID).values("process_id")
    return Socket.objects.filter(closed_at=None, process_id__in=living)


class Elsewhere(NamedTuple):
    """Who of a room is at other processes: the number of people, and which socket is the newest."""

    people: int
    newest: int


def count_elsewhere(slugs: Collection[str]) -> dict[str, Elsewhere]:
    """By slug, for the rooms that have anybody at other processes."""
    rows = _elsewhere().filter(room__slug__in=slugs).order_by().values_list("room__slug")
    counts = rows.annotate(people=Count("user_id", distinct=True), newest=Max("pk"))
    return {slug: Elsewhere(people, newest) for slug, people, newest in counts}


def lines_elsewhere(people: Mapping[str, Collection[str]]) -> set[tuple[str, str, str]]:
    """(slug, user_id, role) of the open sockets at other processes, for these people (user ids by slug)."""
    user_ids = {user_id for several in people.values() for user_id in several}
    if not user_ids:
        return set()
    rows = _elsewhere().filter(room__slug__in=list(people), user_id__in=user_ids)
    return set(rows.order_by().values_list("room__slug", "user_id", "role"))


def viewers_elsewhere(slug: str, prefix: str, limit: int) -> list[Person]:
    """Up to `limit` people at other processes, newest first, whose name begins with `prefix`."""
    rows = _elsewhere().filter(room__slug=slug, user_name__istartswith=prefix).order_by("-pk")
    people: dict[str, str] = {}
    for user_id, name in rows.values_list("user_id", "user_name")[: 2 * limit]:
        people.setdefault(user_id, name)  # the newest name
    return [Person(user_id=user_id, name=name) for user_id, name in people.items()][:limit]


def find_person(slug: str, user_id: str) -> Person | None:
    """Somebody with an open socket in the room, in whichever process."""
    row = Socket.objects.filter(room__slug=slug, user_id=user_id, closed_at=None).order_by("-pk").first()
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
    dead = [process_id for process_id in owners if is_gone(process_id)]
    return still_open.filter(process_id__in=dead).update(closed_at=now)


def is_gone(process_id: str) -> bool:
    """Whether it can be told from here that a process has ended: it was on this machine, and its pid is gone."""
    name, _, pid = process_id.rpartition(".")[0].rpartition(".")
    if name != HOST_NAME:
        return False
    try:
        os.kill(int(pid), 0)  # asks, and does nothing
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's, so there is one
        return False
    return False
