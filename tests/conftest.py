"""People and rooms that most tests share: a host, Alice of the audience, Bob on a seat, Mallory of another room."""

from datetime import UTC, datetime, timedelta

import pytest

from micconnect.domain.room import Actor, Person
from micconnect.protocol.words import Role

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """A moment of the tests, counted from NOW."""
    return NOW + timedelta(seconds=seconds)


def actor(name: str, role: Role = Role.AUDIENCE) -> Actor:
    return Actor(person=Person(user_id=name.lower(), name=name), role=role)


HOST = actor("Host", Role.HOST)
ALICE = actor("Alice")
BOB = actor("Bob")
MALLORY = actor("Mallory")


@pytest.fixture
def room_slug(db: None) -> str:
    """An idle room of the host, as rows."""
    from micconnect import store
    from micconnect.protocol.views import RoomOptions

    return store.create_room(host=HOST.person, options=RoomOptions(title="Open mic night")).slug
