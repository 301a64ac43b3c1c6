"""The audience asks, the staff answers: applications, one by one or all at once."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain import needs, waits
from micconnect.domain.changes_of_options import may_wait
from micconnect.domain.outcome import Moment, Outcome, Refused, RequestMade, Rules
from micconnect.domain.queue import accept, accept_many, accept_next, wished_seat
from micconnect.domain.room import Actor, Person, Request, RoomState
from micconnect.domain.transitions import end_request
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import (
    ANY_SEAT,
    PENDING_MAX,
    Entry,
    LinkMedia,
    RejectReason,
    RequestKind,
    RequestState,
    Role,
    SeatMode,
)

UNDO = timedelta(seconds=60)


def apply(room: RoomState, actor: Actor, command: c.Apply, now: datetime) -> Outcome:
    """The audience asks for a seat, once at a time, if the room takes requests from this person now."""
    needs.need_live(room)
    needs.need(actor.role in (Role.AUDIENCE, Role.MODERATOR), ErrorCode.FORBIDDEN)
    needs.need_not_barred(room, actor.user_id, now)
    needs.need_free_person(room, actor.user_id)
    needs.need_named(room, actor)
    need_mode(room, SeatMode.APPLY)
    need_eligible(room, actor, command.media, now)
    if (ready_at := room.known(actor.person).can_apply_at) and ready_at > now:
        raise Refused(ErrorCode.COOL_DOWN, {"until": ready_at.isoformat()})
    if command.seat_index != ANY_SEAT:
        needs.need_unlocked(room, command.seat_index)
    needs.need(len(room.requests) < PENDING_MAX, ErrorCode.QUEUE_FULL)
    return add_application(
        room,
        actor.person,
        command.media,
        now,
        window=actor.window,
        entry=command.entry,
        note=command.note,
        seat_index=command.seat_index,
        extra_info=command.extra_info,
        timeout_s=command.timeout_s,
        has_account=actor.has_account or actor.role is Role.MODERATOR,
        former=waits.lapsed(room, actor.user_id, now),
    )


def need_mode(room: RoomState, mode: SeatMode) -> None:
    """The seat mode that the verb belongs to, and no pause."""
    if room.options.seat_mode is not mode:
        raise Refused(ErrorCode.SEAT_MODE, {"mode": room.options.seat_mode.value})
    needs.need(not room.options.is_paused, ErrorCode.REQUESTS_PAUSED)


def need_eligible(room: RoomState, actor: Actor, media: LinkMedia, now: datetime) -> None:
    """Who may ask, by the room's options. Helpers always may."""
    needs.need(media is LinkMedia.AUDIO or not room.is_audio_only, ErrorCode.AUDIO_ONLY)
    if actor.role is Role.MODERATOR:
        return
    needs.need(actor.has_account or not room.options.needs_login, ErrorCode.LOGIN_REQUIRED)
    need_turns(room, actor)
    stayed_at = (actor.since or now) + timedelta(seconds=room.options.min_stay_s)
    if stayed_at > now:
        raise Refused(ErrorCode.TOO_EARLY, {"until": stayed_at.isoformat()})


def need_turns(room: RoomState, actor: Actor) -> None:
    """Not as often on a seat as the room allows, however that came about. Helpers always may."""
    most = room.options.max_turns
    if most and actor.role is not Role.MODERATOR and room.known(actor.person).turns >= most:
        raise Refused(ErrorCode.TURNS_USED, {"limit": most})


def add_application(
    room: RoomState,
    person: Person,
    media: LinkMedia,
    now: datetime,
    *,
    window: str,
    timeout_s: int | None,
    entry: Entry = Entry.OPEN,
    note: str = "",
    seat_index: int = ANY_SEAT,
    extra_info: str = "",
    gone_at: datetime | None = None,
    has_account: bool = True,
    former: Request | None = None,
) -> Outcome:
    """A new application at the end of the queue; with `former` at the place that one had."""
    number = room.last_number + 1
    member = room.known(person)
    request = Request(
        number=number,
        kind=RequestKind.APPLICATION,
        person=person,
        media=media,
        note=note,
        seat_index=seat_index,
        extra_info=extra_info,
        window=window,
        entry=entry,
        has_account=has_account,
        rank=former.rank if former else number,
        front=former.front if former else 0,
        is_held=member.is_held,
        gone_at=gone_at,
        refusals=member.refusals,
        created_at=now,
        expires_at=waits.expiry(room, RequestKind.APPLICATION, timeout_s, now),
        timeout_s=timeout_s,
    )
    room = waits.run(replace(room, last_number=number).put_request(request), now)
    request = room.find_request(request.request_id) or request  # its wait may run by now
    return Outcome(room=room, moments=(RequestMade(request=request),), request=request)


def cancel_application(room: RoomState, actor: Actor, command: c.CancelApplication, now: datetime) -> Outcome:
    """The applicant withdraws."""
    own = room.request_of(actor.user_id)
    if own is None or own.kind is not RequestKind.APPLICATION:
        own = room.last_request_of(actor.user_id)
    request = needs.open_request(room, own.request_id if own else "", RequestKind.APPLICATION, now)
    room, moment = end_request(room, request, RequestState.CANCELLED, now)
    return Outcome(room=room, moments=(moment,), request=moment.request)


def respond_to_application(room: RoomState, actor: Actor, command: c.RespondToApplication, now: datetime) -> Outcome:
    """The staff answers one application. With all seats taken it stays open."""
    needs.need_staff(room, actor)
    request = needs.open_request(room, command.request_id, RequestKind.APPLICATION, now)
    if not command.is_accepted:
        return _reject(room, request, actor.person, command.reason, command.note, now)
    seat_index = wished_seat(room, request)
    if command.seat_index is not None:
        seat_index = needs.pick_seat(room, command.seat_index)
    if seat_index is None:
        raise Refused(ErrorCode.SEATS_FULL)
    media = needs.allowed_media(room, request.media)
    return accept(room, request, media, seat_index, actor.person, now)


def _reject(
    room: RoomState, request: Request, operator: Person, reason: RejectReason | None, note: str, now: datetime
) -> Outcome:
    answered = replace(request, reason=reason, answer_note=note)
    room, moment = end_request(room, answered, RequestState.REJECTED, now, operator=operator)
    return Outcome(room=room, moments=(moment,), request=moment.request)


def accept_first(room: RoomState, actor: Actor, command: c.AcceptNext, now: datetime) -> Outcome:
    """The staff accepts whoever is next."""
    needs.need_staff(room, actor)
    needs.need(bool(room.applications()), ErrorCode.NO_SUCH_REQUEST)
    needs.need(bool(room.free_seats()), ErrorCode.SEATS_FULL)
    outcome = accept_next(room, actor.person, now)
    if outcome is None:  # everybody in the queue has just lost the line
        raise Refused(ErrorCode.NO_SUCH_REQUEST)
    return outcome


def accept_all(room: RoomState, actor: Actor, command: c.AcceptAll, now: datetime) -> Outcome:
    """The staff accepts as many as there are seats; the report says who, and how many are left."""
    needs.need_staff(room, actor)
    needs.need(bool(room.applications()), ErrorCode.NO_SUCH_REQUEST)
    needs.need(bool(room.free_seats()), ErrorCode.SEATS_FULL)
    return accept_many(room, actor.person, now)


def reject_all(room: RoomState, actor: Actor, command: c.RejectAll, now: datetime) -> Outcome:
    """The staff sends everybody in the queue away, which `undo_reject_all` can take back for a minute."""
    needs.need_staff(room, actor)
    waiting = [request for request in room.applications() if not needs.is_expired(request, now)]
    needs.need(bool(waiting), ErrorCode.NO_SUCH_REQUEST)
    moments: list[Moment] = []
    for request in waiting:
        outcome = _reject(room, request, actor.person, command.reason, command.note, now)
        room = outcome.room
        moments += outcome.moments
    return Outcome(room=room, moments=tuple(moments), accepted=(), left=len(room.applications()))


def undo_reject_all(room: RoomState, actor: Actor, command: c.UndoRejectAll, now: datetime) -> Outcome:
    """Those whom one change rejected wait again, each at the former place, as new applications: an end stays an end."""
    needs.need_staff(room, actor)
    needs.need_live(room)
    rejected = [
        r
        for r in room.ended_requests
        if (r.ended_seq, r.state, r.kind) == (command.seq, RequestState.REJECTED, RequestKind.APPLICATION)
        and r.ended_at
        and r.ended_at + UNDO > now
    ]
    needs.need(bool(rejected), ErrorCode.NO_SUCH_REQUEST)
    moments: list[Moment] = []
    for former in rejected:
        if not _can_wait_again(room, former, now):
            continue
        outcome = add_application(
            room,
            former.person,
            former.media,
            now,
            window=former.window,
            entry=former.entry,
            note=former.note,
            seat_index=former.seat_index,
            extra_info=former.extra_info,
            timeout_s=former.timeout_s,
            has_account=former.has_account,
            former=former,
        )
        room = outcome.room
        moments += outcome.moments
    return Outcome(room=room, moments=tuple(moments), accepted=(), left=len(room.applications()))


def _can_wait_again(room: RoomState, former: Request, now: datetime) -> bool:
    """Not for those who waited again since: what ended then is no matter of this undoing."""
    user_id = former.person.user_id
    if len(room.requests) >= PENDING_MAX or room.request_of(user_id) or room.connection_of(user_id):
        return False
    if room.last_request_of(user_id) != former or not may_wait(room, former):
        return False
    try:
        needs.need_not_barred(room, user_id, now)
    except Refused:
        return False
    return True


def move_to_front(room: RoomState, actor: Actor, command: c.MoveToFront, now: datetime) -> Outcome:
    """The staff serves somebody first."""
    needs.need_staff(room, actor)
    request = needs.open_request(room, command.request_id, RequestKind.APPLICATION, now)
    if room.applications()[0] == request:
        return Outcome(room=room, request=request)
    request = replace(request, front=room.last_number + 1)
    room = replace(room, last_number=request.front).put_request(request)
    return Outcome(room=room, request=request)


RULES: Rules = {
    c.Apply: apply,
    c.CancelApplication: cancel_application,
    c.RespondToApplication: respond_to_application,
    c.AcceptNext: accept_first,
    c.AcceptAll: accept_all,
    c.RejectAll: reject_all,
    c.UndoRejectAll: undo_reject_all,
    c.MoveToFront: move_to_front,
}
