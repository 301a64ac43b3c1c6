"""A database that is away: what commands answer, and how little is written about it."""

import logging
import time
from typing import Any

import pytest
from django.db import Error, InterfaceError, InternalError, OperationalError

from micconnect import outages, services, store
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.commands import GoLive
from tests.conftest import HOST, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The log of outages as at the start, with a clock that stands still until it is moved."""
    fresh = outages._Log()
    monkeypatch.setattr(services, "log", fresh)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    return fresh


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_whatever_says_that_the_database_is_away_means_try_later(
    room_slug: str, monkeypatch: pytest.MonkeyPatch, error: type[Error]
) -> None:
    def away(slug: str) -> Any:
        raise error("the connection is closed")

    monkeypatch.setattr(store, "lock", away)
    reply = services.perform(room_slug, HOST, GoLive(), NOW)
    assert reply.error and reply.error.code == ErrorCode.TRY_LATER


def test_many_who_ask_in_vain_make_one_line_a_second(
    room_slug: str, monkeypatch: pytest.MonkeyPatch, log: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def away(slug: str) -> Any:
        raise OperationalError("server closed the connection\n\tunexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(store, "lock", away)
        for second in (100.0, 101.5):
            monkeypatch.setattr(time, "monotonic", lambda second=second: second)
            for _ in range(20):
                services.perform(room_slug, HOST, GoLive(), NOW)
    lines = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [line.getMessage().count("(and 19 more)") for line in lines] == [0, 1]
    assert not any(line.exc_info or "\n" in line.getMessage() for line in lines)
