"""The laws of a room over real rows and the real door: what the rules promise survives every save and read.

Ten short runs, or 500 of 50 steps with `HYPOTHESIS_PROFILE=long`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from msgspec.structs import replace

from micconnect import invitelinks, presence, services, store
from micconnect.domain.outcome import Outcome, Refused
from micconnect.domain.room import Person
from micconnect.domain.rules import decide
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.commands import UseInviteLink
from micconnect.protocol.frames import Reply
from tests.stateful.harness import SINCE
from tests.stateful.machine import RoomMachine
from tests.stateful.profiles import is_long, machine_settings


class RowsDriver:
    """One room in the database, driven through `services.perform`; every read comes from the rows."""

    def __init__(self, room: Any) -> None:
        self.absent: set[str] = set()
        self.names: dict[str, str] = {}
        with transaction.atomic():
            self.slug = store.create_room(host=room.host, options=room.options).slug

    def perform(self, actor: Any, command: Any, now: datetime) -> Outcome:
        outcomes: list[Outcome] = []

        def decide_and_keep(*args: Any) -> Outcome:
            outcomes.append(decide(*args))
            return outcomes[-1]

        if isinstance(command, UseInviteLink):
            command = replace(command, token=invitelinks.make_token(self.slug, int(command.token)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(services, "decide", decide_and_keep)
            patch.setattr(presence, "first_seen", lambda slug, user_id: SINCE.get(user_id))
            reply = services.perform(self.slug, actor, command, now, find_person=self._find_person)
        if reply.error:
            request = reply.result.request if reply.result else None
            raise Refused(ErrorCode(reply.error.code), dict(reply.error.details), request=request)
        _check_reply(reply, outcomes[0])
        return outcomes[0]

    def read(self) -> Any:
        store.cache.drop(self.slug)
        return store.read(self.slug)

    def _find_person(self, slug: str, user_id: str) -> Person | None:
        name = self.names.get(user_id, user_id.title())
        return None if user_id in self.absent else Person(user_id=user_id, name=name)


def _check_reply(reply: Reply, outcome: Outcome) -> None:
    """The door passes on what the rules gave it to answer, whole."""
    result = reply.result
    assert reply.seq == outcome.room.seq
    for name, key in (("request", "request_id"), ("connection", "connection_id"), ("link", "link_id")):
        given, shown = getattr(outcome, name), result and getattr(result, name)
        assert (getattr(given, key) if given else None) == (getattr(shown, key) if shown else None)
    shown_sanction = result.sanction if result else None
    assert (outcome.sanction.sanction_id if outcome.sanction else None) == (
        shown_sanction.sanction_id if shown_sanction else None
    )
    accepted = tuple(r.request_id for r in outcome.accepted or ())
    assert accepted == tuple(r.request_id for r in (result and result.accepted) or ())
    assert outcome.left == (result.left if result else None)


class RowsMachine(RoomMachine):
    def make_driver(self, room: Any) -> RowsDriver:
        return RowsDriver(room)


TestRows = RowsMachine.TestCase
TestRows.settings = machine_settings() if is_long() else settings(machine_settings(), max_examples=10)


@pytest.fixture(autouse=True)
def _rows(db: None) -> Iterator[None]:
    yield
