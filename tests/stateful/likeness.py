"""Compares what the room shows, in the words of the wire, with what the model knows."""

from typing import Any

from tests.stateful.clients import Clients
from tests.stateful.model import Model
from tests.stateful.model.records import HOST, Sitting, Wish


def compare(core: Any, room: Any, clients: Clients, model: Model) -> None:
    """Asserts that what the clients believe, which is what the room shows, is what the model says."""
    info = clients.everybody["info"]
    assert (info.status, info.live_since, info.ended_at, info.end_reason) == (
        model.status,
        model.live_since,
        model.ended,
        model.end,
    )
    carrier = None if model.away else model.carrier
    assert (info.host_away_since, info.host_away_until) == (model.away_since, model.away)
    assert (info.carried_on_by.user_id if info.carried_on_by else None) == carrier
    assert {key: getattr(info.options, key) for key in model.options} == model.options
    assert (info.seat_count, info.spotlight) == (model.seat_count(), model.spotlight)
    assert (info.host.user_id, info.host.user_name) == (HOST, model.name(HOST))
    helpers = [(user, model.name(user)) for user in model.helpers()]
    assert [(user.user_id, user.user_name) for user in info.moderators] == helpers
    assert clients.everybody["metadata"] == model.metadata
    assert [shown_user(u) for u in clients.everybody["users"]] == [
        expected_user(model, s) for _, s in sorted(model.seats.items())
    ]
    _compare_seats(clients.everybody["seats"], model)
    _compare_staff(clients.staff, model)
    for user_id, me in clients.me.items():
        _compare_person(me, model, user_id)
    _compare_kept(core, room, model)


def _compare_seats(seats: Any, model: Model) -> None:
    shown = [(s.seat_index, s.user_id, s.is_locked, s.is_microphone_locked, s.is_camera_locked) for s in seats]
    expected = []
    for index in range(model.seat_count() + 1):
        sitting, locks = model.seats.get(index), model.locks[index]
        is_locked = ("seat" in locks, "microphone" in locks, "camera" in locks)
        expected.append((index, sitting.user if sitting else "", *is_locked))
    assert shown == expected


def _compare_staff(staff: dict[str, Any], model: Model) -> None:
    invitations = [w for w in model.waiting if w.kind == "invitation"]
    expected = [expected_request(model, w) for w in (*model.queue(), *invitations)]
    assert [shown_request(r) for r in staff["requests"]] == expected
    assert [shown_sanction(s) for s in staff["sanctions"]] == [expected_sanction(model, b) for b in model.sanctions]
    links = [(x.link_id, x.media, x.uses_left, x.expires_at, x.operator.user_id) for x in staff["links"]]
    assert links == [(x.name, x.media, x.left, x.until, x.by) for x in model.links]


def _compare_kept(core: Any, room: Any, model: Model) -> None:
    """What the room keeps and no callback shows."""
    assert core.clock.next_deadline(room) == min(model.deadlines(), default=None)
    assert (room.has_media_server, room.last_number) == (model.server, model.last)
    assert {m.person.user_id: _remembered(m) for m in room.members} == {
        user: (k.is_granted, k.spoken_s, k.turns, k.is_here, model.locked(user), k.locked_seq, k.limit_s, k.rest_s)
        + (k.is_behind, k.is_held, k.refusals, k.quiet_until)
        for user, k in model.members.items()
    }
    assert [
        (
            x.has_socket,
            x.has_media,
            x.aired_at,
            x.spoken_s,
            x.limit_s,
            x.asked_at,
            x.screen_number,
            x.window,
            x.feed_number,
        )
        for x in room.connections
    ] == [
        (s.socket, s.sound, s.aired, s.stage_s, s.limit_s, s.asked_at, s.screen_number, s.window, s.brought)
        for s in model.on_air()
    ]
    assert [(r.window, r.entry, r.timeout_s) for r in room.requests] == [
        (w.window, w.entry, w.wait_s) for w in sorted(model.waiting, key=lambda w: w.number)
    ]


def _remembered(m: Any) -> tuple[Any, ...]:
    first = (m.is_moderator, m.spoken_s, m.turns, m.is_here, list(m.locked()), m.locked_seq, m.limit_s, m.left_s)
    return (*first, m.is_backstage, m.is_held, m.refusals, m.can_apply_at)


def _compare_person(me: Any, model: Model, user_id: str) -> None:
    wish, sitting = model.wish_of(user_id), model.sitting_of(user_id)
    last_wish, last_sitting = model.last_wish(user_id), model.last_sitting(user_id)
    assert me.user.user_id == user_id and me.user.user_name == model.name(user_id)
    assert (shown_request(me.request) if me.request else None) == (expected_request(model, wish) if wish else None)
    place = model.place(user_id)
    assert (me.place, me.likely_at) == (place, model.likely(place))
    assert (shown_user(me.connection) if me.connection else None) == (
        expected_user(model, sitting) if sitting else None
    )
    assert (shown_request(me.last_request) if me.last_request else None) == (
        expected_request(model, last_wish) if last_wish else None
    )
    assert (shown_end(me.last_connection) if me.last_connection else None) == (
        expected_end(last_sitting) if last_sitting else None
    )
    assert (me.can_apply_at, list(me.locked)) == (model.free_at(user_id), model.locked(user_id))
    known = model.members.get(user_id)
    assert me.is_moderator == (known.is_granted if known else None)
    assert me.window == (sitting.window if sitting else wish.window if wish else None)
    bar = next((b for b in model.sanctions if (b.user, b.kind) == (user_id, "mic_bar")), None)
    assert (shown_sanction(me.bar) if me.bar else None) == (expected_sanction(model, bar) if bar else None)


def shown_user(user: Any) -> tuple[Any, ...]:
    seen = (user.user_id, user.user_name, user.seat_index, user.connection_id, user.media, user.state)
    devices = (user.microphone, user.camera, user.screen, user.asks, user.asked, set(user.stalled), set(user.shut))
    return (*seen, *devices, user.since, user.deadline, user.ends_at, user.is_backstage, user.is_ready)


def expected_user(model: Model, s: Sitting) -> tuple[Any, ...]:
    seen = (s.user, model.name(s.user), s.seat, s.name, s.media, s.state())
    devices = (*(model.seen(s, device) for device in s.devices), s.asks, s.asked, s.stalled, s.shut)
    return (*seen, *devices, s.live or s.since, s.until, s.ends, s.is_backstage, s.is_ready)


def shown_request(r: Any) -> tuple[Any, ...]:
    operator = (r.operator.user_id, r.operator.user_name) if r.operator else None
    first = (
        r.request_id,
        r.kind,
        r.user.user_id,
        r.user.user_name,
        r.media,
        r.state,
        r.created_at,
        r.expires_at,
        r.note,
    )
    second = (r.seat_index, r.extra_info, r.refusals, r.spoken_s, list(r.locked), r.limit_s)
    return (*first, *second, r.is_present, r.ended_at, operator, r.cause, r.reason, r.answer_note)


def expected_request(model: Model, w: Wish) -> tuple[Any, ...]:
    operator = (w.operator, model.name(w.operator)) if w.operator else None
    first = (w.name, w.kind, w.user, model.name(w.user), w.media, w.state, w.since, w.until, w.note)
    limit_s = model.members[w.user].limit_s if w.user in model.members else 0
    second = (w.seat, w.extra, w.refusals, model.spoken_s(w.user), model.locked(w.user), limit_s)
    return (*first, *second, w.gone is None, w.ended, operator, w.cause, w.reason, w.answer)


def shown_end(last: Any) -> tuple[Any, ...]:
    operator = last.operator.user_id if last.operator else None
    return (last.seat_index, last.end_reason, last.ended_at, operator, last.reason, last.note)


def expected_end(s: Sitting) -> tuple[Any, ...]:
    return (s.seat, s.end, s.ended, s.operator, s.reason, s.note)


def shown_sanction(s: Any) -> tuple[Any, ...]:
    people = (s.user.user_id, s.user.user_name, s.operator.user_id, s.operator.user_name)
    first = (s.sanction_id, s.kind, *people)
    return (*first, s.created_at, s.until, s.reason, s.note, s.appeal)


def expected_sanction(model: Model, b: Any) -> tuple[Any, ...]:
    return (
        b.name,
        b.kind,
        b.user,
        model.name(b.user),
        b.by,
        model.name(b.by),
        b.since,
        b.until,
        b.reason,
        b.note,
        b.appeal,
    )
