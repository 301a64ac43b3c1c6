"""The laws of a room over real rows and the real door: what the rules promise survives every save and read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings

from micconnect import services, store
from micconnect.domain.outcome import Outcome, Refused
from micconnect.domain.room import Person
from micconnect.domain.rules import decide
from micconnect.protocol.codes import ErrorCode
from tests.stateful.driver import STRANGERS
from tests.stateful.likeness import name_of
from tests.stateful.machine import RoomMachine
from tests.stateful.profiles import machine_settings


class RowsDriver:
    """One room in the database, driven through `services.perform`; every read comes from the rows."""

    def __init__(self, room: Any) -> None:
        with transaction.atomic():
            row = store.create_room(
                host=room.host, title=room.title, seat_count=room.seat_count, request_timeout_s=room.request_timeout_s
            )
        self.slug = row.slug

    def perform(self, actor: Any, command: Any, now: datetime) -> Outcome:
        outcomes: list[Outcome] = []

        def decide_and_keep(*args: Any) -> Outcome:
            outcomes.append(decide(*args))
            return outcomes[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(services, "decide", decide_and_keep)
            reply = services.perform(self.slug, actor, command, now, find_person=_present)
        if reply.error:
            request = reply.result.request if reply.result else None
            raise Refused(ErrorCode(reply.error.code), dict(reply.error.details), request=request)
        return outcomes[0]

    def read(self) -> Any:
        store.cache.drop(self.slug)
        return store.read(self.slug)


def _present(slug: str, user_id: str) -> Person | None:
    return None if user_id in STRANGERS else Person(user_id=user_id, name=name_of(user_id))


class RowsMachine(RoomMachine):
    def make_driver(self, room: Any) -> RowsDriver:
        return RowsDriver(room)


TestRows = RowsMachine.TestCase
TestRows.settings = settings(machine_settings(), max_examples=max(10, machine_settings().max_examples // 6))


@pytest.fixture(autouse=True)
def _rows(db: None) -> Iterator[None]:
    yield
