"""R02: fifty clients, random commands, the full history recorded and held against the rules afterwards.

`HYPOTHESIS_PROFILE=long` takes twenty seeds and says more with each.
"""

import os
from collections.abc import Iterator
from typing import get_args

import pytest

from micconnect import hub, presence, services
from micconnect.domain.internal import AnyCommand, MediaUp
from micconnect.protocol.commands import EndLive, GoLive, LeaveSeat, TakeSeat
from micconnect.protocol.words import RequestState, SeatMode
from tests.conftest import NOW, after
from tests.rows.crowd import CROWD, MAKERS, Crowd
from tests.rows.histories import History, first_seen, fresh
from tests.rows.racing import HOST, THREADS, as_several_processes, open_room, person, starting_line

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS, WORDS = {"default": (2, 12), "long": (20, 60)}[os.environ.get("HYPOTHESIS_PROFILE", "default")]


@pytest.fixture(params=["one process", "several processes"])
def processes(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "several processes":
            as_several_processes(patch)
        yield


def test_the_crowd_knows_every_command() -> None:
    assert set(MAKERS) == set(get_args(AnyCommand))
    assert len(CROWD) == THREADS


@pytest.mark.parametrize("seed", range(SEEDS))
def test_r02_every_history_is_one_that_a_single_room_could_have(
    processes: None, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(open_room())
    assert history.perform(HOST, GoLive(), NOW).error is None
    crowd = Crowd(history, seed, WORDS)
    monkeypatch.setattr(hub, "publish", crowd.hear)
    monkeypatch.setattr(presence, "first_seen", first_seen)
    with starting_line() as line:
        line.go(*(lambda place=place: crowd.talk(place) for place in range(len(CROWD))))
    history.perform(HOST, EndLive(), after(24 * 3600))
    room = history.check()
    assert room.requests == () and room.connections == ()
    assert RequestState.PENDING not in {request.state for request in room.ended_requests}


def test_a_command_that_reaches_the_room_late_takes_no_time_off(transactional_db: None) -> None:
    history = History(open_room(seat_mode=SeatMode.FREE))
    guest = person("Alice")
    history.perform(HOST, GoLive(), NOW)
    history.perform(guest, TakeSeat(), NOW)
    seated = fresh(history.slug).connection_of("alice")
    assert seated
    history.perform(services.MEDIA, MediaUp(number=seated.number), after(10))
    assert history.perform(guest, LeaveSeat(), after(5)).error is None, "said before, carried out after"
    assert history.check().ended_connections[-1].spoken_s == 0
