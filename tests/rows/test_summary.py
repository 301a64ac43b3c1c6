"""One show in figures: who was on air for how long, how requests ended, how many watched."""

from typing import Any

import pytest

from micconnect import presence, services, store
from micconnect.domain.internal import MediaUp, Tick
from micconnect.domain.room import Actor
from micconnect.models import Connection
from micconnect.protocol import commands as c
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia
from micconnect.summary import summary
from tests.conftest import ALICE, BOB, HOST, actor, after

pytestmark = pytest.mark.django_db


@pytest.fixture
def slug() -> str:
    return store.create_room(host=HOST.person, options=RoomOptions(title="Show")).slug


def do(slug: str, who: Actor, command: Any, at: float) -> None:
    reply = services.perform(slug, who, command, after(at), find_person=lambda *_: ALICE.person)
    assert reply.error is None, reply


def heard(slug: str, who: Actor, at: float) -> None:
    """The person's sound arrives."""
    number = Connection.objects.exclude(state="ended").get(user_id=who.user_id).number
    do(slug, services.MEDIA, MediaUp(number=number), at)


def asked(slug: str, who: Actor, at: float) -> str:
    do(slug, who, c.Apply(media=LinkMedia.AUDIO), at)
    return store.read(slug).requests[-1].request_id


def on_air(slug: str, at: float) -> list[tuple[str, int, int]]:
    return [(x.user.user_name, x.seconds, x.times) for x in summary(slug, after(at)).on_air]


def test_a_room_that_was_never_live_has_empty_figures(slug: str) -> None:
    empty = summary(slug, after(5))
    assert (empty.duration_s, empty.peak_viewers, empty.on_air, empty.requests) == (0, 0, (), {})


def test_times_on_the_stage_add_up_and_a_running_one_counts_up_to_now(slug: str) -> None:
    do(slug, HOST, c.GoLive(), 0)
    heard(slug, HOST, 1)
    for start in (10, 100):
        do(slug, HOST, c.RespondToApplication(request_id=asked(slug, ALICE, start), is_accepted=True), start)
        heard(slug, ALICE, start + 5)
        if start == 10:
            do(slug, ALICE, c.LeaveSeat(), 45)
    assert on_air(slug, 110) == [("Host", 109, 1), ("Alice", 35, 2)]
    do(slug, HOST, c.EndLive(), 120)
    assert on_air(slug, 9999) == [("Host", 119, 1), ("Alice", 45, 2)]
    assert summary(slug, after(9999)).duration_s == 120


def test_who_was_never_heard_was_not_on_air(slug: str) -> None:
    do(slug, HOST, c.GoLive(), 0)
    do(slug, HOST, c.PlaceUser(user_id="alice"), 1)
    do(slug, services.CLOCK, Tick(), 60)
    assert Connection.objects.get(user_id="alice").end_reason == "media_failed"
    assert on_air(slug, 70) == []


def test_requests_are_counted_by_kind_and_end_and_open_ones_are_none_yet(slug: str) -> None:
    do(slug, HOST, c.GoLive(), 0)
    do(slug, HOST, c.RespondToApplication(request_id=asked(slug, BOB, 1), is_accepted=True), 2)
    for number in range(3):
        asked(slug, actor(f"G{number}"), 3)
    do(slug, HOST, c.RejectAll(), 4)
    do(slug, HOST, c.Invite(user_id="alice"), 5)
    do(slug, services.CLOCK, Tick(), 70)
    asked(slug, actor("Late"), 80)
    assert summary(slug, after(90)).requests == {
        "application.accepted": 1,
        "application.rejected": 3,
        "invitation.timeout": 1,
    }


def test_the_fullest_moment_is_kept_and_never_lowered(slug: str) -> None:
    journal = presence._Journal()
    for number, viewers in enumerate((1, 2, 7, 3)):
        journal.opened(f"s{number}", slug, actor(f"V{number}"), "", after(number), viewers)
    journal.flush()
    assert summary(slug, after(9)).peak_viewers == 7
    journal.opened("later", slug, ALICE, "", after(9), 4)
    journal.flush()
    assert summary(slug, after(9)).peak_viewers == 7
    journal.opened("most", slug, BOB, "", after(9), 8)
    journal.flush()
    assert summary(slug, after(9)).peak_viewers == 8
    assert store.read(slug).seq == 0, "a figure is no change of the room"


def test_a_flush_that_fails_forgets_no_peak(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = presence._Journal()
    journal.opened("s1", slug, ALICE, "", after(0), 5)
    with monkeypatch.context() as patch:
        patch.setattr(journal, "_write_closed", lambda *_: (_ for _ in ()).throw(RuntimeError("away")))
        with pytest.raises(RuntimeError):
            journal.flush()
    assert summary(slug, after(1)).peak_viewers == 0
    journal.flush()
    assert summary(slug, after(1)).peak_viewers == 5
