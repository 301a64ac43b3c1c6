"""A starting line: threads that begin at the same moment, in one process or as if each were a process of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Lock, local
from typing import Any, TypeVar

import pytest
from django.db import connections, transaction

from micconnect import services, store
from micconnect.domain.room import Actor, Person
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import Role

THREADS = 50

Answer = TypeVar("Answer")


def person(name: str, role: Role = Role.AUDIENCE) -> Actor:
    return Actor(person=Person(user_id=name.lower(), name=name), role=role)


HOST = person("Host", Role.HOST)


def open_room(**options: Any) -> str:
    """An idle room of the host; its slug."""
    with transaction.atomic():
        return store.create_room(host=HOST.person, options=RoomOptions(title="Open mic night", **options)).slug


class StartingLine:
    """Threads that live as long as the test, so that each keeps what a process would remember."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS)
        self._is_reversed = False

    def go(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """Runs the calls (at most THREADS) at the same time, each on its own database connection.

        Who comes to a barrier last often leaves it first, so every other race lines up the other way round.
        """
        barrier = Barrier(len(calls))

        def run(call: Callable[[], Answer]) -> Answer:
            barrier.wait()
            try:
                return call()
            finally:
                connections.close_all()

        way = -1 if self._is_reversed else 1
        self._is_reversed = not self._is_reversed
        return list(self._pool.map(run, calls[::way]))[::way]

    def close(self) -> None:
        self._pool.shutdown()


class _CachePerThread(local):
    """What each of several processes remembers of the rooms: not what the others do."""

    def __init__(self) -> None:
        self._cache = store._Cache()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


class _NoTurn:
    """Processes do not queue for each other's turns."""

    @property
    def lock(self) -> Lock:
        return Lock()


def as_several_processes(patch: pytest.MonkeyPatch) -> None:
    """Each thread becomes a process of its own: only the database holds them apart."""
    patch.setattr(services, "_turn", lambda slug: _NoTurn())
    patch.setattr(store, "cache", _CachePerThread())


@contextmanager
def starting_line() -> Iterator[StartingLine]:
    line = StartingLine()
    try:
        yield line
    finally:
        line.close()
