"""Compares what the room shows, in the words of the wire, with what the model knows."""

from typing import Any

from tests.stateful.model import Model
from tests.stateful.records import Sitting, Wish


def name_of(user_id: str) -> str:
    """The name a person has in these tests."""
    return user_id.title()


def compare(core: Any, room: Any, model: Model, people: list[Any]) -> None:
    """Asserts that every view of the room is what the model says."""
    views = core.views
    info = views.live_info(room)
    assert (info.status, info.live_since, info.ended_at, info.end_reason, info.host_away_until) == (
        model.status,
        model.live_since,
        model.ended,
        model.end,
        model.away,
    )
    assert (info.seat_count, info.request_timeout_s) == (model.seat_count, model.wait_s)
    assert [shown_user(u) for u in views.connected_users(room)] == [
        expected_user(s) for _, s in sorted(model.seats.items())
    ]
    assert [shown_request(r) for r in views.requests(room)] == [expected_request(w) for w in model.waiting]
    picture = views.Picture(room)
    for person in people:
        _compare_person(picture.my_state(person), model, person.user_id)
    assert core.transitions.next_deadline(room) == min(model.deadlines(), default=None)
    assert room.has_media_server == model.server


def _compare_person(me: Any, model: Model, user_id: str) -> None:
    wish, sitting = model.wish_of(user_id), model.sitting_of(user_id)
    last_wish, last_sitting = model.last_wish(user_id), model.last_sitting(user_id)
    assert me.user.user_id == user_id and me.user.user_name == name_of(user_id)
    assert (shown_request(me.request) if me.request else None) == (expected_request(wish) if wish else None)
    assert me.place == model.place(user_id)
    assert (shown_user(me.connection) if me.connection else None) == (expected_user(sitting) if sitting else None)
    assert (shown_request(me.last_request) if me.last_request else None) == (
        expected_request(last_wish) if last_wish else None
    )
    assert (shown_end(me.last_connection) if me.last_connection else None) == (
        expected_end(last_sitting) if last_sitting else None
    )
    assert me.can_apply_at == model.free_at(user_id)


def shown_user(user: Any) -> tuple[Any, ...]:
    seen = (user.user_id, user.user_name, user.seat_index, user.connection_id, user.media, user.state)
    return (*seen, user.microphone, user.camera, user.since, user.deadline)


def expected_user(s: Sitting) -> tuple[Any, ...]:
    seen = (s.user, name_of(s.user), s.seat, s.name, s.media, s.state())
    return (*seen, s.devices["microphone"], s.devices["camera"], s.live or s.since, s.until)


def shown_request(r: Any) -> tuple[Any, ...]:
    operator = r.operator.user_id if r.operator else None
    first = (r.request_id, r.kind, r.user.user_id, r.media, r.state, r.created_at, r.expires_at, r.note)
    return (*first, r.is_present, r.ended_at, operator, r.cause, r.reason, r.answer_note)


def expected_request(w: Wish) -> tuple[Any, ...]:
    first = (w.name, w.kind, w.user, w.media, w.state, w.since, w.until, w.note)
    return (*first, w.gone is None, w.ended, w.operator, w.cause, w.reason, w.answer)


def shown_end(last: Any) -> tuple[Any, ...]:
    operator = last.operator.user_id if last.operator else None
    return (last.seat_index, last.end_reason, last.ended_at, operator, last.reason, last.note)


def expected_end(s: Sitting) -> tuple[Any, ...]:
    return (s.seat, s.end, s.ended, s.operator, s.reason, s.note)
